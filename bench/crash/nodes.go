package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"augenmass/internal/demo"
	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
	"augenmass/internal/org"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve"
	"augenmass/knowledge"
)

// The target "nodes" is the model company on PostgreSQL, served by two nodes
// that share one database. Clients send inferences to both; again and again one
// node is killed and started anew. What is measured beside what is lost: how
// long after the kill the published journal covers a decision that was made
// after it, which is when somebody sequences again.

const (
	nodesCount   = 2
	nodesClients = 4
	takeoverMost = 30 * time.Second // then the run fails; the bar is 5 s
)

// runNode is the child: one node, until it is killed. It says its address, and
// whenever it takes or loses the lead.
func runNode(spec string, out io.Writer) error {
	var s nodeSpec
	if err := json.Unmarshal([]byte(spec), &s); err != nil {
		return err
	}
	g, err := openNode(context.Background(), s)
	if err != nil {
		return err
	}
	srv, err := serve.New(serve.Options{})
	if err != nil {
		return err
	}
	srv.Mount(g)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		leads := false
		for range time.Tick(20 * time.Millisecond) {
			if now := g.Leads(); now != leads {
				leads = now
				_, _ = fmt.Fprintf(out, "leads %v\n", leads) // the parent may be gone; then this process is killed next
			}
		}
	}()
	if _, err := fmt.Fprintf(out, "http://%s/%s\n", l.Addr(), s.Slug); err != nil {
		return err
	}
	return (&http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}).Serve(l)
}

type nodeSpec struct {
	Database, Slug string
	Key            []byte
}

func openNode(ctx context.Context, s nodeSpec) (*org.Org, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	lib, err := packs.Load(tree)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return org.Open(ctx, org.Options{Database: s.Database, MasterKey: s.Key, Slug: s.Slug, Name: demo.Name, Library: lib, Log: log, PlantAge: time.Hour})
}

// node is one child as the parent sees it.
type node struct {
	cmd   *exec.Cmd
	base  atomic.Pointer[string] // nil while it is down
	leads atomic.Bool
	gone  chan struct{}
}

// fleet is the whole run.
type fleet struct {
	spec  nodeSpec
	token string
	nodes [nodesCount]*node

	mu     sync.Mutex
	acked  map[uint64]string
	sooner uint64 // least index acknowledged since the last kill; 0: none yet
	failed int
}

// runNodes kills nodes so many times and says what became of what they
// acknowledged.
func runNodes(ctx context.Context, database string, cycles int, seed uint64) (r result, err error) {
	if database == "" {
		return r, errors.New("the target nodes needs -database postgres://…")
	}
	begin := time.Now()
	rnd := rand.New(rand.NewPCG(seed, 1))
	f := &fleet{acked: map[uint64]string{}, spec: nodeSpec{Database: database, Slug: fmt.Sprintf("crash-%d-%d", seed, os.Getpid()), Key: []byte("thirty-two bytes of no secrecy !")}}
	defer func() { err = errors.Join(err, dropSchema(database, org.Schema(f.spec.Slug))) }()
	ensemble, _, err := model.Embedded()
	if err != nil {
		return r, err
	}
	upstream := httptest.NewServer(model.NewServer(model.ServerOptions{Model: ensemble}).Handler())
	defer upstream.Close()
	if err := f.build(ctx, upstream.URL); err != nil {
		return r, err
	}
	defer f.killAll()
	for i := range f.nodes {
		if f.nodes[i], err = f.start(ctx); err != nil {
			return r, err
		}
	}
	stop := f.load(ctx, seed)
	r = result{Target: "nodes", Seed: seed}
	for r.Cycles < cycles && err == nil {
		var took time.Duration
		var led bool
		took, led, err = f.cycle(ctx, rnd)
		r.Cycles++
		r.TakeoverMS = append(r.TakeoverMS, took.Milliseconds())
		if led {
			r.LeadersKilled++
		}
	}
	stop()
	f.killAll()
	if err != nil {
		return r, err
	}
	r.Acknowledged, r.Refused = len(f.acked), f.failed
	r.Found, r.Lost, err = f.check(ctx)
	r.ElapsedS = time.Since(begin).Seconds()
	return r, err
}

// build sets the company up, with a model server that outlives every node.
func (f *fleet) build(ctx context.Context, model string) error {
	g, err := openNode(ctx, f.spec)
	if err != nil {
		return err
	}
	c, err := demo.Build(ctx, g, demo.Options{Endpoint: model, Window: 1000, Now: time.Now})
	if err == nil {
		f.token = c.Line
		err = g.Plant.Signal(ctx, demo.ZoneMill, "running", time.Now())
	}
	return errors.Join(err, g.Close())
}

// start starts a node and waits until it serves.
func (f *fleet) start(ctx context.Context) (*node, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	spec, err := json.Marshal(f.spec)
	if err != nil {
		return nil, err
	}
	n := &node{cmd: exec.CommandContext(ctx, self, string(spec)), gone: make(chan struct{})}
	n.cmd.Env = append(os.Environ(), childOf+"="+"nodes")
	n.cmd.Stderr = os.Stderr
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	serving := make(chan struct{})
	go func() {
		defer close(n.gone)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := lines.Text()
			if says, ok := strings.CutPrefix(line, "leads "); ok {
				n.leads.Store(says == "true")
			} else if n.base.CompareAndSwap(nil, &line) {
				close(serving)
			}
		}
		n.base.Store(nil)
	}()
	select {
	case <-serving:
		return n, nil
	case <-n.gone:
		return nil, fmt.Errorf("a node ended before it served: %w", n.cmd.Wait())
	}
}

func (n *node) kill() {
	if n == nil || n.cmd.ProcessState != nil {
		return
	}
	n.base.Store(nil)
	_ = n.cmd.Process.Kill() // it may be dead already
	<-n.gone
	_ = n.cmd.Wait() // killed, as it should be
}

func (f *fleet) killAll() {
	for _, n := range f.nodes {
		n.kill()
	}
}

// cycle lets the load run, kills one node, waits until what is acknowledged
// afterwards is published, and starts the node anew.
func (f *fleet) cycle(ctx context.Context, rnd *rand.Rand) (took time.Duration, led bool, err error) {
	time.Sleep(time.Duration(500+rnd.Int64N(2000)) * time.Millisecond) // the instant of the kill is the experiment
	i := rnd.IntN(nodesCount)
	led = f.nodes[i].leads.Load()
	f.mu.Lock()
	f.sooner = 0
	f.mu.Unlock()
	f.nodes[i].kill()
	killed := time.Now()
	conn, err := pgx.Connect(ctx, f.spec.Database)
	if err != nil {
		return 0, led, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read with
	for {
		var published int64
		if err := conn.QueryRow(ctx, "SELECT published FROM "+org.Schema(f.spec.Slug)+".journal_head").Scan(&published); err != nil {
			return 0, led, err
		}
		f.mu.Lock()
		covered := f.sooner > 0 && uint64(published) > f.sooner
		f.mu.Unlock()
		took = time.Since(killed)
		if covered {
			break
		}
		if took > takeoverMost {
			return took, led, fmt.Errorf("nobody sequenced for %s", took)
		}
		time.Sleep(5 * time.Millisecond)
	}
	f.nodes[i], err = f.start(ctx)
	return took, led, err
}

// load sends inferences to all nodes until stop is called.
func (f *fleet) load(ctx context.Context, seed uint64) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	for c := range nodesClients {
		clients.Go(func() {
			client := &http.Client{Timeout: 15 * time.Second}
			parts := mill.NewLine(seed+uint64(c), mill.Condensed(1_000_000))
			for n := 0; ctx.Err() == nil; n++ {
				part, _ := parts.Next()
				body := model.EncodeRequest(fmt.Sprintf("teil-%d-%d", c, n), []model.Reading{part.Row.Values()})
				f.ask(ctx, client, f.nodes[(n+c)%nodesCount], body)
			}
		})
	}
	return func() { cancel(); clients.Wait() }
}

// ask sends one inference. An answer with a place in the journal is an
// acknowledgement; everything else promises nothing.
func (f *fleet) ask(ctx context.Context, client *http.Client, n *node, body []byte) {
	base := n.base.Load()
	if base == nil {
		select { // its turn while it is down
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, *base+"/v2/models/fraese-ausfall/infer", strings.NewReader(string(body)))
	if err != nil {
		return // the context ended
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+f.token)
	res, err := client.Do(req)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.failed++
		return
	}
	_, readErr := io.Copy(io.Discard, res.Body)
	_ = res.Body.Close() // read to its end
	index, err := strconv.ParseUint(res.Header.Get("Augenmass-Index"), 10, 64)
	if err != nil || readErr != nil {
		f.failed++
		return
	}
	f.acked[index] = res.Header.Get("Augenmass-Decision")
	if f.sooner == 0 || index < f.sooner {
		f.sooner = index
	}
}

// check opens the company once more and looks for every acknowledged decision
// at the place that its answer named, for entries that are there twice, and
// whether the published tree verifies.
func (f *fleet) check(ctx context.Context) (found uint64, lost []uint64, err error) {
	g, err := openNode(ctx, f.spec)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if _, err := g.Journal.Publish(ctx); err != nil {
		return 0, nil, err
	}
	found = g.Journal.Size()
	seen := map[string]uint64{}
	left := len(f.acked)
	for rec, err := range g.Journal.Entries(ctx, 0, found) {
		if err != nil {
			return found, nil, err
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			return found, nil, err
		}
		if before, twice := seen[e.ID]; twice {
			return found, nil, fmt.Errorf("the entry %s is at %d and at %d", e.ID, before, rec.Index)
		}
		seen[e.ID] = rec.Index
		if f.acked[rec.Index] == e.ID {
			left--
		}
	}
	if left > 0 {
		for index, decision := range f.acked {
			if at, ok := seen[decision]; !ok || at != index {
				lost = append(lost, index)
			}
		}
	}
	_, err = proof.Verify(ctx, g.Journal.TileFS(), g.Journal.VerifierKey())
	return found, lost, err
}

func dropSchema(database, schema string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
	return errors.Join(err, conn.Close(ctx))
}
