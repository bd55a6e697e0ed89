package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"augenmass/bench/cluster"
	"augenmass/internal/demo"
	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
	"augenmass/internal/org"
)

// Bars of S1.
const (
	leastKept    = 0.85 // decisions per CPU second of four nodes, by those of one
	nodeCallers  = 16   // callers of each node, that wait for their answers
	mostTakeover = 5.0  // seconds without an answer after the leader is killed
)

// nodeServer is one node of the model company on a database: args are database,
// folder of the node, master key, and for the first node the address of the
// model.
func nodeServer(ctx context.Context, args []string) (http.Handler, io.Closer, error) {
	key, err := base64.StdEncoding.DecodeString(args[2])
	if err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	close(done)
	s := &company{model: httptest.NewUnstartedServer(nil), stop: func() {}, done: done}
	h, err := s.open(ctx, org.Options{Database: args[0], Dir: args[1], MasterKey: key}, args[3])
	return h, s, err
}

// modelServer is the failure model in a process of its own.
func modelServer(context.Context, []string) (http.Handler, io.Closer, error) {
	h, _, err := millModel()
	return h, io.NopCloser(nil), err
}

// plantOfNodes is a database with nodes of the model company on it.
type plantOfNodes struct {
	pg    *cluster.Cluster
	model *child
	nodes []*child
	tok   tokens
	line  struct {
		sync.Mutex
		*mill.Line
	}
	acked sync.Map // journal index → decision
}

func (p *plantOfNodes) close() (err error) {
	for _, n := range p.nodes {
		if n != nil {
			err = errors.Join(err, n.stop())
		}
	}
	if p.model != nil {
		err = errors.Join(err, p.model.stop())
	}
	return errors.Join(err, p.pg.End())
}

// newPlant starts a database and the model, and no node yet.
func newPlant(ctx context.Context, s settings) (p *plantOfNodes, err error) {
	p = &plantOfNodes{}
	p.line.Line = mill.NewLine(s.seed, mill.Timeline{})
	if p.pg, err = cluster.New(s.dir, cluster.Options{}); err != nil {
		return nil, err
	}
	if p.model, err = startChild(ctx, "model"); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// newNodes starts a database and so many nodes.
func newNodes(ctx context.Context, s settings, n int) (p *plantOfNodes, err error) {
	if p, err = newPlant(ctx, s); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return p, err
	}
	_, name, err := millModel()
	if err != nil {
		return p, err
	}
	for i := range n {
		endpoint := ""
		if i == 0 {
			endpoint = p.model.url
		}
		dir, err := os.MkdirTemp(s.dir, "node-")
		if err != nil {
			return p, err
		}
		c, err := startChild(ctx, "node", p.pg.URL(), dir, base64.StdEncoding.EncodeToString(key), endpoint)
		if err != nil {
			return p, err
		}
		p.nodes = append(p.nodes, c)
	}
	l := &load{bare: http.DefaultClient}
	err = l.get(ctx, p.nodes[0].url+tokensPath, &p.tok)
	p.tok.Model = name // the nodes do not know it
	return p, err
}

// ask sends one part to a node; the answer names decision and journal index.
func (p *plantOfNodes) ask(ctx context.Context, c *http.Client, node string) error {
	p.line.Lock()
	step, _ := p.line.Next()
	p.line.Unlock()
	l := &load{base: node + "/" + demo.Slug, bare: c}
	req, err := l.request(ctx, "/v2/models/"+p.tok.Model+"/infer", p.tok.Line, string(model.EncodeRequest(strconv.FormatInt(step.N, 10), []model.Reading{step.Row.Values()})))
	if err != nil {
		return err
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(res.Header.Get("Augenmass-Index"), 10, 64)
	if err != nil || res.StatusCode >= 300 {
		return fmt.Errorf("status %d: %.200s", res.StatusCode, raw)
	}
	p.acked.Store(index, res.Header.Get("Augenmass-Decision"))
	return nil
}

// press lets callers ask all nodes in turn for a while and returns how many
// answers came, and the first failure.
func (p *plantOfNodes) press(ctx context.Context, d time.Duration, each func(node int, err error)) int64 {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: nodeCallers * len(p.nodes)}}
	var n atomic.Int64
	var callers sync.WaitGroup
	for i := range nodeCallers * len(p.nodes) {
		callers.Go(func() {
			for k := i; ctx.Err() == nil; k++ {
				node := k % len(p.nodes)
				err := p.ask(ctx, c, p.nodes[node].url)
				if ctx.Err() != nil {
					return
				}
				if err == nil {
					n.Add(1)
				}
				each(node, err)
			}
		})
	}
	callers.Wait()
	return n.Load()
}

func (p *plantOfNodes) signal(ctx context.Context) error {
	for _, n := range p.nodes {
		l := &load{base: n.url + "/" + demo.Slug, bare: http.DefaultClient}
		body := fmt.Sprintf(`{"zone":%q,"state":"running","at":%q}`, demo.ZoneMill, time.Now().UTC().Format(time.RFC3339Nano))
		if status, raw, err := l.post(ctx, "/plant/signals", p.tok.Line, body); err != nil || status != http.StatusNoContent {
			return refusal(status, raw, err)
		}
	}
	return nil
}

// cpu is the CPU time of the nodes and that of the database; that of the
// model, which is not ours, is left out.
func (p *plantOfNodes) cpu() (nodes, database time.Duration, err error) {
	database, err = p.pg.CPU()
	for _, n := range p.nodes {
		if err != nil {
			return 0, 0, err
		}
		var one time.Duration
		one, err = n.cpu()
		nodes += one
	}
	return nodes, database, err
}

// lost looks up every acknowledged decision at its place in the database.
func (p *plantOfNodes) lost(ctx context.Context) (acked, lost int, err error) {
	db, err := sql.Open("pgx", p.pg.URL()+"&search_path=agm_"+demo.Slug)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p.acked.Range(func(index, decision any) bool {
		acked++
		var entry []byte
		if err = db.QueryRowContext(ctx, "SELECT entry FROM journal_entries WHERE idx = $1", index).Scan(&entry); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return false
		}
		var e struct{ ID string }
		if errors.Is(err, sql.ErrNoRows) || json.Unmarshal(entry, &e) != nil || e.ID != decision {
			lost, err = lost+1, nil
		}
		return true
	})
	return acked, lost, err
}

// severalNodes is S1: the model company on PostgreSQL with one, two and four
// nodes, fresh each time; then one of two is killed again and again (bench/crash).
func severalNodes(ctx context.Context, s settings) (o outcome, err error) {
	rounds := 3
	if s.quick {
		rounds = 1
	}
	r := newRounds()
	var lost int
	for round := range rounds {
		for _, n := range shuffled(s.seed, round, []int{1, 2, 4}) {
			gone, err := nodesOnce(ctx, s, r, n)
			if err != nil {
				return o, fmt.Errorf("%d nodes: %w", n, err)
			}
			if lost += gone; n == 2 {
				continue
			}
			if err := keepersOnce(ctx, s, r, n); err != nil {
				return o, fmt.Errorf("%d nodes that decide nothing: %w", n, err)
			}
		}
	}
	killed, err := killNodes(ctx, s)
	if err != nil {
		return o, err
	}
	two, four := r.ratio("decisions_per_cpu_s", "2", "1"), r.ratio("decisions_per_cpu_s", "4", "1")
	keep := r.ratio("decisions_per_cpu_s", "keep 4", "keep 1")
	return outcome{
		rows: []row{r.row("1 node", "1"), r.row("2 nodes", "2"), r.row("4 nodes", "4"), r.row("1 node that decides nothing", "keep 1"), r.row("4 nodes that decide nothing", "keep 4"), r.row("ms of CPU of one decision, the only node", whereOf+"1"),
			r.row("ms of CPU of one decision, a node of two that does not lead", whereOf+"2"), r.row("ms of CPU of one decision, a node of four that does not lead", whereOf+"4"), {"one of two nodes killed", map[string]float64{"kills": float64(killed.Cycles),
				"acknowledged": float64(killed.Acknowledged), "lost": float64(len(killed.Lost)), "longest_takeover_s": killed.takeover()}}},
		ratios: map[string]ratio{"decisions per CPU second, two nodes / one": two, "decisions per CPU second, four nodes / one": four,
			"answers per CPU second, four nodes that decide nothing / one": keep},
		bars: []bar{atLeast("decisions per CPU second, four nodes / one", four.Median, leastKept),
			atMost("acknowledged decisions lost", float64(lost+len(killed.Lost)), 0),
			atMost("takeover of sequencing, s", killed.takeover(), mostTakeover)},
		note: "CPU time of nodes and database server together; the model server is a process of its own and left out. All on one machine: with four nodes five servers and the callers share its processors. " +
			"Nodes that decide nothing only ask the model and keep one entry durably in the database: what four of them cost more than one is the price of crowding the processors and of smaller groups in the database, which no way of deciding can avoid. " +
			"The rows in ms come from the profiler, after the measuring; the only node also feeds the read models, which among several only the leader does. Parts that do the same work on every node show what crowding costs.",
	}, nil
}

// nodesLong is how long one measurement lasts.
func nodesLong(s settings) time.Duration {
	if s.quick {
		return 4 * time.Second
	}
	return 20 * time.Second
}

// measure warms the nodes and counts what they answer in a while, and the CPU
// time it takes.
func (p *plantOfNodes) measure(ctx context.Context, r *rounds, who string, long time.Duration) error {
	var bad atomic.Pointer[error]
	note := func(_ int, err error) {
		if err != nil {
			bad.CompareAndSwap(nil, &err)
		}
	}
	p.press(ctx, long/5, note) // warm
	nodes, database, err := p.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	answers := p.press(ctx, long, note)
	wall := time.Since(began).Seconds()
	nodesAfter, databaseAfter, err := p.cpu()
	if err != nil {
		return err
	}
	if b := bad.Load(); b != nil {
		return *b
	}
	nodes, database = nodesAfter-nodes, databaseAfter-database
	r.add(who, "decisions_per_s", float64(answers)/wall)
	r.add(who, "decisions_per_cpu_s", float64(answers)/(nodes+database).Seconds())
	r.add(who, "nodes_ms", nodes.Seconds()*1e3/float64(answers))
	r.add(who, "database_ms", database.Seconds()*1e3/float64(answers))
	return nil
}

func nodesOnce(ctx context.Context, s settings, r *rounds, n int) (lost int, err error) {
	p, err := newNodes(ctx, s, n)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.signal(ctx); err != nil {
		return 0, err
	}
	if err := p.measure(ctx, r, strconv.Itoa(n), nodesLong(s)); err != nil {
		return 0, err
	}
	if err := p.where(ctx, s, r, nodesLong(s)/4); err != nil {
		return 0, err
	}
	_, lost, err = p.lost(ctx)
	return lost, err
}

const whereOf = "one decision of the last of "

// where says what one decision of the last node costs, in ms of its CPU time,
// by parts, once the measuring is over. The last of several nodes does not lead.
func (p *plantOfNodes) where(ctx context.Context, s settings, r *rounds, span time.Duration) error {
	last := len(p.nodes) - 1
	var bad atomic.Pointer[error]
	var own atomic.Int64
	took, err := profiled(p.nodes[last], filepath.Join(s.dir, "node.profile"), partsOfNode, func() error {
		p.press(ctx, span, func(node int, err error) {
			switch {
			case err != nil:
				bad.CompareAndSwap(nil, &err)
			case node == last:
				own.Add(1)
			}
		})
		if b := bad.Load(); b != nil {
			return *b
		}
		return nil
	})
	if err != nil {
		return err
	}
	for part, v := range took {
		r.add(whereOf+strconv.Itoa(len(p.nodes)), part, v.Seconds()*1e3/float64(own.Load()))
	}
	return nil
}

// killNodes kills one of two working nodes several times.
func killNodes(ctx context.Context, s settings) (r crashResult, err error) {
	bin, err := crashProgram(ctx, s)
	if err != nil {
		return r, err
	}
	pg, err := cluster.New(s.dir, cluster.Options{})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, pg.End()) }()
	kills := 5
	if s.quick {
		kills = 2
	}
	return crash(ctx, bin, s, "nodes", kills, pg.URL())
}
