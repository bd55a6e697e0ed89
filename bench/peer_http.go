package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/record/ledger"
	"augenmass/internal/serve"
)

// Bars of D2.
const (
	leastOverOPAServer = 2   // decisions per second, although OPA keeps nothing
	mostOverNoop       = 2.5 // p50
)

// policiesD2 is how many policies each server holds.
const policiesD2 = 1000

const benchToken = "bench-token"

// serverWork is the work over HTTP: callers say who, what and to which asset;
// the surroundings are what the server's house knows, the same for all.
func serverWork(seed uint64, requests int) *decideWork {
	w := newDecideWork(policiesD2, requests, seed)
	for i := range w.requests {
		r := &w.requests[i]
		r.hour, r.risk, r.posture, r.mfa, r.plant, r.plantKnown = 12, 20, "ok", true, "running", true
		w.want[i] = w.answer(*r)
	}
	return w
}

// authzenServer is this program's AuthZEN API over the work, with a token to be
// checked and each decision in the journal before it is answered. Arguments:
// seed, folder of the journal.
func authzenServer(_ context.Context, args []string) (http.Handler, io.Closer, error) {
	if len(args) != 2 {
		return nil, nil, errors.New("arguments: seed, folder")
	}
	seed, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		return nil, nil, err
	}
	serve.Headroom() // as every server of ours has it
	w := serverWork(seed, 1)
	j, err := ledger.Open(ledger.Options{Dir: args[1], Origin: "example.com/bench"})
	if err != nil {
		return nil, nil, err
	}
	t := newPointTrusted(w)
	t.around = w.requests[0].around()
	began := time.Now()
	now := func() time.Time { return workDay.Add(12*time.Hour + time.Since(began)) }
	p, err := decide.New(decide.Options{Policies: []decide.PolicyFile{{Name: "work.cedar", Text: w.cedarText()}}, Schema: workSchema, Trusted: t, Now: now, Rand: rand.Reader})
	if err != nil {
		return nil, nil, errors.Join(err, j.Close())
	}
	token := sha256.Sum256([]byte(benchToken))
	return decide.AuthZEN(p, decide.AuthZENOptions{
		Authenticate: func(r *http.Request) (string, error) {
			have := sha256.Sum256([]byte(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
			if subtle.ConstantTimeCompare(have[:], token[:]) != 1 {
				return "", errors.New("wrong token")
			}
			return "pep", nil
		},
		Record: decide.Recorder(j, "bench"),
	}), j, nil
}

// served is a server of D2 and how to talk to it.
type served struct {
	name, path string
	body       func(w *decideWork, i int) ([]byte, error)
	// read takes the answer out of a body; a nil one is not compared.
	read func(body []byte) (workAnswer, error)
	c    *child
	raw  [][]byte // whole requests
}

func authzenBody(w *decideWork, i int) ([]byte, error) {
	r := w.requests[i]
	s, a := w.subjects[r.subject], w.assets[r.asset]
	return json.Marshal(map[string]any{"subject": map[string]any{"type": s.typ, "id": s.id}, "action": map[string]any{"name": r.action},
		"resource": map[string]any{"type": a.typ, "id": a.id}})
}

func authzenAnswered(body []byte) (workAnswer, error) {
	var a struct {
		Decision *bool `json:"decision"`
		Context  struct {
			Index   *uint64 `json:"journal_index"`
			Reasons []struct {
				Policy string `json:"policy"`
			} `json:"reasons"`
		} `json:"context"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return workAnswer{}, err
	}
	if a.Decision == nil || a.Context.Index == nil {
		return workAnswer{}, fmt.Errorf("no decision with a place in the journal: %s", body)
	}
	out := workAnswer{allow: *a.Decision}
	for _, r := range a.Context.Reasons {
		if r.Policy != "" {
			out.reasons = append(out.reasons, r.Policy)
		}
	}
	return out, nil
}

// prepare writes every request once, as bytes on the wire.
func (s *served) prepare(w *decideWork) error {
	host := strings.TrimPrefix(s.c.url, "http://")
	for i := range w.requests {
		body, err := s.body(w, i)
		if err != nil {
			return err
		}
		s.raw = append(s.raw, fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			s.path, host, benchToken, len(body), body))
	}
	return nil
}

// line is one connection that is kept.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	body bytes.Buffer
}

func (s *served) dial(ctx context.Context) (*line, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(s.c.url, "http://"))
	if err != nil {
		return nil, err
	}
	return &line{conn: conn, in: bufio.NewReader(conn)}, nil
}

// ask sends a request and returns the body of the answer, which is valid until
// the next.
func (l *line) ask(raw []byte) ([]byte, error) {
	if _, err := l.conn.Write(raw); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return nil, err
	}
	l.body.Reset()
	_, err = l.body.ReadFrom(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", res.StatusCode, l.body.Bytes())
	}
	return l.body.Bytes(), nil
}

// agrees asks every request once and compares answer and reasons.
func (s *served) agrees(ctx context.Context, w *decideWork) (err error) {
	if s.read == nil {
		return nil
	}
	l, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.conn.Close()) }()
	for i, want := range w.want {
		body, err := l.ask(s.raw[i])
		if err != nil {
			return err
		}
		have, err := s.read(body)
		if err != nil {
			return err
		}
		slices.Sort(have.reasons)
		if have.allow != want.allow || fmt.Sprint(have.reasons) != fmt.Sprint(want.reasons) {
			return fmt.Errorf("%s answers request %d with %v, the reference says %v", s.name, i, have, want)
		}
	}
	return nil
}

// load keeps so many connections busy for a while.
func (s *served) load(ctx context.Context, conns int, cell time.Duration, r *rounds) error {
	lines := make([]*line, conns)
	for i := range lines {
		l, err := s.dial(ctx)
		if err != nil {
			return err
		}
		defer l.conn.Close() //nolint:errcheck // everything was read
		lines[i] = l
	}
	before, err := s.c.cpu()
	if err != nil {
		return err
	}
	each, errs := make([][]time.Duration, conns), make([]error, conns)
	var wg sync.WaitGroup
	begin := time.Now()
	for n, l := range lines {
		wg.Go(func() {
			for i := n; time.Since(begin) < cell; i += conns {
				from := time.Now()
				if _, err := l.ask(s.raw[i%len(s.raw)]); err != nil {
					errs[n] = err
					return
				}
				each[n] = append(each[n], time.Since(from))
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	after, err := s.c.cpu()
	if err = errors.Join(append(errs, err)...); err != nil {
		return fmt.Errorf("%s, %s: %w", s.name, connections(conns), err)
	}
	waits := slices.Concat(each...)
	slices.Sort(waits)
	who, us := s.name+", "+connections(conns), func(q float64) float64 { return float64(waits[int(q*float64(len(waits)-1))].Nanoseconds()) / 1e3 }
	r.add(who, "per_s", float64(len(waits))/took.Seconds())
	r.add(who, "p50_us", us(0.5))
	r.add(who, "p99_us", us(0.99))
	r.add(who, "server_cpu_us", float64((after-before).Nanoseconds())/1e3/float64(len(waits)))
	return nil
}

func connections(n int) string {
	if n == 1 {
		return "1 connection"
	}
	return fmt.Sprintf("%d connections", n)
}

// decideOverHTTP (D2) is one decision over loopback HTTP: this program's
// AuthZEN API, which journals each decision durably before it answers, beside
// OPA's server, which keeps nothing, and a handler that does nothing. Two more
// handlers that do nothing show what the promise alone costs: one makes an entry
// durable in a journal, one only flushes. Each server has a process of its own;
// the client, the same for all, shares the machine with them.
func decideOverHTTP(ctx context.Context, s settings) (o outcome, err error) {
	n, cell, requests := 9, 2*time.Second, 4096
	if s.quick {
		n, cell, requests = 3, 300*time.Millisecond, 500
	}
	w := serverWork(s.seed, requests)
	seed := strconv.FormatUint(s.seed, 10)
	all := []*served{
		{name: "augenmass", path: "/access/v1/evaluation", body: authzenBody, read: authzenAnswered},
		{name: "OPA", path: opaPath, body: opaBody, read: opaAnswered},
		{name: "no-op", path: "/access/v1/evaluation", body: authzenBody},
		{name: "no-op with a durable entry", path: "/access/v1/evaluation", body: authzenBody},
		{name: "no-op with a bare flush", path: "/access/v1/evaluation", body: authzenBody},
	}
	in := func(folder string) string { return filepath.Join(s.dir, folder) }
	for i, args := range [][]string{{"authzen", seed, in("journal")}, {"opa", strconv.Itoa(policiesD2), seed}, {"noop"}, {"noop", "journal", in("other")}, {"noop", "bare", in("bare")}} {
		c, err := startChild(ctx, args[0], args[1:]...)
		if err != nil {
			return o, err
		}
		defer func() { err = errors.Join(err, c.stop()) }()
		all[i].c = c
		if err := errors.Join(all[i].prepare(w), all[i].agrees(ctx, w)); err != nil {
			return o, err
		}
	}
	r := newRounds()
	for round := range n {
		for _, conns := range []int{1, 8, 64} {
			for _, one := range shuffled(s.seed, round, all) {
				if err := one.load(ctx, conns, cell, r); err != nil {
					return o, err
				}
			}
		}
		if err := flushRound(ctx, s, r, cell/4); err != nil {
			return o, err
		}
	}
	compareServers(&o, r, all)
	o.rows = append(o.rows, r.row("bare write and flush, 1 caller", "flush"))
	for _, one := range all {
		peak, err := peakMemory(one.c.pid)
		if err != nil {
			return o, err
		}
		o.rows = append(o.rows, row{"peak memory: " + one.name, map[string]float64{"peak_mb": peak}})
	}
	where, err := profileOf(ctx, s, all[0], 64, 5*cell)
	if err != nil {
		return o, err
	}
	o.rows = append(o.rows, where...)
	o.ratios["p50 of one bare flush / no-op, 1 connection"] = r.ratio("p50_us", "flush", "no-op, 1 connection")
	o.note = "Every decision of augenmass is flushed to disk before its answer; OPA's server keeps nothing and logs nothing. " +
		"augenmass is the AuthZEN handler, decision point, token check and journal, without the rest of an organisation. " + whereItGoes(r)
	return o, nil
}

// compareServers adds the rows, ratios and bars of every number of connections.
func compareServers(o *outcome, r *rounds, all []*served) {
	o.ratios = map[string]ratio{}
	for _, conns := range []int{1, 8, 64} {
		at := func(who string) string { return who + ", " + connections(conns) }
		over, wait := r.ratio("per_s", at("augenmass"), at("OPA")), r.ratio("p50_us", at("augenmass"), at("no-op"))
		o.ratios["decisions per second: augenmass / OPA, "+connections(conns)] = over
		o.ratios["p50: augenmass / no-op, "+connections(conns)] = wait
		o.ratios["p50: augenmass / no-op with a durable entry, "+connections(conns)] = r.ratio("p50_us", at("augenmass"), at("no-op with a durable entry"))
		// How far our journal alone would let any decision point come.
		o.ratios["answers per second: no-op with a durable entry / OPA, "+connections(conns)] = r.ratio("per_s", at("no-op with a durable entry"), at("OPA"))
		// How far a flush alone would let any server come.
		o.ratios["answers per second: no-op with a bare flush / OPA, "+connections(conns)] = r.ratio("per_s", at("no-op with a bare flush"), at("OPA"))
		o.ratios["p50: no-op with a bare flush / no-op, "+connections(conns)] = r.ratio("p50_us", at("no-op with a bare flush"), at("no-op"))
		o.ratios["p50: no-op with a durable entry / no-op, "+connections(conns)] = r.ratio("p50_us", at("no-op with a durable entry"), at("no-op"))
		o.ratios["server CPU: OPA / augenmass, "+connections(conns)] = r.ratio("server_cpu_us", at("OPA"), at("augenmass"))
		o.bars = append(o.bars, atLeast("decisions per second: augenmass / OPA, "+connections(conns), over.Median, leastOverOPAServer),
			atMost("p50: augenmass / no-op, "+connections(conns), wait.Median, mostOverNoop))
		for _, one := range all {
			o.rows = append(o.rows, r.row(at(one.name), at(one.name)))
		}
	}
}

// flushRound measures a bare write and flush of one decision's size.
func flushRound(ctx context.Context, s settings, r *rounds, cell time.Duration) error {
	dir, err := os.MkdirTemp(s.dir, "flush-")
	if err != nil {
		return err
	}
	a, err := rawAppend(ctx, dir, 1, cell, s.seed)
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		return err
	}
	slices.Sort(a.waits)
	r.add("flush", "p50_us", float64(a.waits[len(a.waits)/2].Nanoseconds())/1e3)
	r.add("flush", "p99_us", float64(a.waits[len(a.waits)*99/100].Nanoseconds())/1e3)
	r.add("flush", "per_s", float64(len(a.waits))/a.wall.Seconds())
	return nil
}

// whereItGoes says, for a reader of a missed bar, what an answer costs and what
// of it the disk demands.
func whereItGoes(r *rounds) string {
	of := func(who, value string) float64 { return median(slices.Clone(r.seen[measured{who, value}])) }
	ours, noop, durable, bare := "augenmass, ", "no-op, ", "no-op with a durable entry, ", "no-op with a bare flush, "
	out := fmt.Sprintf("One connection: a bare flush alone takes %.0f µs and the no-op %.0f, so p50 cannot fall below %.1f × the no-op, and %.0f answers a second are the most that any durable server could give here; OPA gives %.0f. ",
		of("flush", "p50_us"), of(noop+"1 connection", "p50_us"), 1+of("flush", "p50_us")/of(noop+"1 connection", "p50_us"),
		1e6/(of("flush", "p50_us")+of(noop+"1 connection", "p50_us")), of("OPA, 1 connection", "per_s"))
	out += "The no-op with a bare flush decides nothing and keeps nothing that could be read back; it only answers after its bytes are on the disk, a group of callers per flush. That is the least a server has to do that answers after a flush; a bar that it misses is out of reach here whatever is decided or kept. "
	for _, conns := range []int{1, 8, 64} {
		at := connections(conns)
		out += fmt.Sprintf("At %s it reaches %.2f × OPA's rate and %.1f × the no-op's p50; with the journal's entry instead %.2f and %.1f. ", at,
			of(bare+at, "per_s")/of("OPA, "+at, "per_s"), of(bare+at, "p50_us")/of(noop+at, "p50_us"),
			of(durable+at, "per_s")/of("OPA, "+at, "per_s"), of(durable+at, "p50_us")/of(noop+at, "p50_us"))
	}
	for _, at := range []string{"8 connections", "64 connections"} {
		http, flush, entry, all := of(noop+at, "server_cpu_us"), of(bare+at, "server_cpu_us"), of(durable+at, "server_cpu_us"), of(ours+at, "server_cpu_us")
		out += fmt.Sprintf("At %s an answer of augenmass costs %.0f µs of CPU: HTTP %.0f, a bare flush %.0f, what makes of it a journal %.0f, token, reading, decision and record %.0f. ",
			at, all, http, flush-http, entry-flush, all-entry)
	}
	return out + "The last rows show where the CPU time goes, taken with the profiler at 64 connections."
}
