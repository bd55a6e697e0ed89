package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// Bars of D3.
const (
	liveAccesses  = 1_000
	mostRevokedMs = 50 // p99 on one node
)

// revocation is D3: 1,000 live accesses over 1,000 policies, each of a subject
// of its own; a fact changes, and what is measured is how long until the access
// is ended for its holder, until a new request is denied, and until the end is
// durable in the journal. Meanwhile one caller keeps asking for decisions.
//
// The facts: the posture of one subject (one access ends), and a posture that a
// hundred subjects share (a hundred end).
func revocation(ctx context.Context, s settings) (o outcome, err error) {
	changes := 400
	if s.quick {
		changes = 60
	}
	h, err := newRevoked(s)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, h.journal.Close()) }()
	busy, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { h.load(busy) })
	one, many, durable, denied, err := h.run(ctx, changes)
	stop()
	wg.Wait()
	if err = errors.Join(err, h.failed); err != nil {
		return o, err
	}
	ms := func(name string, v []float64) row {
		slices.Sort(v)
		return row{Case: name, Values: map[string]float64{"p50_ms": quantile(v, 0.5), "p99_ms": quantile(v, 0.99), "max_ms": v[len(v)-1], "measured": float64(len(v))}}
	}
	o.rows = []row{ms("fact to end of one access", one), ms("fact to end of each of 100 accesses", many),
		ms("fact to first denied decision", denied), ms("fact to the end in the journal, durable", durable)}
	o.ratios = map[string]ratio{}
	for _, r := range o.rows[:3] {
		o.bars = append(o.bars, atMost("p99 ms, "+r.Case, r.Values["p99_ms"], mostRevokedMs))
	}
	o.note = fmt.Sprintf("%d live accesses, 1,000 policies, one caller asking all the time (%d decisions meanwhile).", liveAccesses, h.asked.Load())
	return o, nil
}

// revoked is a decision point with live accesses, and a journal for their ends.
type revoked struct {
	w       *decideWork
	point   *decide.Point
	journal *ledger.Journal
	mu      sync.RWMutex // of posture
	posture map[string]string
	trusted *pointTrusted
	ended   chan []decide.Ended
	asked   atomic.Int64
	failed  error
}

func newRevoked(s settings) (*revoked, error) {
	h := &revoked{w: newDecideWork(1_000, 1, s.seed), posture: map[string]string{}, ended: make(chan []decide.Ended, 4096)}
	h.trusted = newPointTrusted(h.w)
	text := h.w.cedarText() + workPolicy{id: "live", action: workScope{op: "==", ref: []workRef{{"Action", "watch"}}}, principal: workScope{op: "in", ref: everyRole()[:1]}}.cedar()
	for _, r := range everyRole()[1:] {
		text += workPolicy{id: "live." + r.id, action: workScope{op: "==", ref: []workRef{{"Action", "watch"}}}, principal: workScope{op: "in", ref: []workRef{r}}}.cedar()
	}
	var err error
	if h.journal, err = ledger.Open(ledger.Options{Dir: filepath.Join(s.dir, "journal"), Origin: "example.com/bench"}); err != nil {
		return nil, err
	}
	h.point, err = decide.New(decide.Options{Policies: []decide.PolicyFile{{Name: "work.cedar", Text: text}}, Schema: workSchema, Trusted: h,
		Now: func() time.Time { return time.Now() }, Rand: rand.NewChaCha8([32]byte{1}), Ended: func(e []decide.Ended) { h.ended <- e }})
	if err != nil {
		return nil, errors.Join(err, h.journal.Close())
	}
	return h, nil
}

func everyRole() (out []workRef) {
	for i := range 10 {
		out = append(out, workRef{"role", fmt.Sprintf("r%d", i)})
	}
	return out
}

// Subject, Resource and Environment are the trusted side: the posture is the
// fact that changes.
func (h *revoked) Subject(ctx context.Context, typ, id string) (map[string]any, error) {
	have, err := h.trusted.Subject(ctx, typ, id)
	if err != nil {
		return nil, err
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := map[string]any{decide.KeyPosture: "ok", decide.KeyDevice: "dev" + id[len(id)-1:]}
	if p, ok := h.posture[id]; ok {
		out[decide.KeyPosture] = p
	}
	for k, v := range have {
		out[k] = v
	}
	return out, nil
}

func (h *revoked) Resource(ctx context.Context, typ, id string) (map[string]any, error) {
	return h.trusted.Resource(ctx, typ, id)
}

func (h *revoked) Environment(context.Context, string) (map[string]any, error) {
	return map[string]any{decide.KeyMFA: true, decide.KeyRisk: 1, decide.KeyPlantKnown: true, decide.KeyPlant: "running", decide.KeyPlantAt: time.Now().Add(-time.Second)}, nil
}

func (h *revoked) set(posture string, ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		h.posture[id] = posture
	}
}

// watch is the access of subject i.
func (h *revoked) watch(i int) decide.Request {
	s, a := h.w.subjects[i], h.w.assets[i]
	return decide.Request{Subject: decide.Entity{Type: s.typ, ID: s.id}, Action: decide.Action{Name: "watch"}, Resource: decide.Entity{Type: a.typ, ID: a.id}}
}

// load asks for decisions, and gives way after each as a server does that waits
// for the next request.
func (h *revoked) load(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := h.point.Evaluate(ctx, h.watch(i%liveAccesses)); err != nil {
			h.failed = err
			return
		}
		h.asked.Add(1)
		runtime.Gosched()
	}
}

func (h *revoked) hold(ctx context.Context, i int) (*decide.Grant, error) {
	d, g, err := h.point.Hold(ctx, h.watch(i), decide.Terms{})
	if err == nil && g == nil {
		err = fmt.Errorf("subject %d is denied: %v", i, d.Reasons)
	}
	return g, err
}

// run changes facts and measures in milliseconds. Each holder waits for its own
// end, as a stream does.
func (h *revoked) run(ctx context.Context, changes int) (one, many, durable, denied []float64, err error) {
	held := make([]*decide.Grant, liveAccesses)
	for i := range held {
		if held[i], err = h.hold(ctx, i); err != nil {
			return
		}
	}
	for c := range changes {
		if err = ctx.Err(); err != nil {
			return
		}
		first := c * 7 % liveAccesses
		victims := []int{first}
		facts := []decide.Ref{{Type: h.w.subjects[first].typ, ID: h.w.subjects[first].id}}
		if c%10 == 9 { // a device that a hundred subjects share
			device := h.w.subjects[first].id
			device = device[len(device)-1:]
			victims = victims[:0]
			for i, s := range h.w.subjects {
				if s.id[len(s.id)-1:] == device {
					victims = append(victims, i)
				}
			}
			facts = []decide.Ref{{Type: decide.TypeDevice, ID: "dev" + device}}
		}
		if len(victims) > 1 {
			many, durable, denied, err = h.change(ctx, held, victims, facts, many, durable, denied)
		} else {
			one, durable, denied, err = h.change(ctx, held, victims, facts, one, durable, denied)
		}
		if err != nil {
			return
		}
	}
	return
}

func (h *revoked) change(ctx context.Context, held []*decide.Grant, victims []int, facts []decide.Ref, ends, durable, denied []float64) (_, _, _ []float64, err error) {
	var ids []string
	for _, v := range victims {
		ids = append(ids, h.w.subjects[v].id)
	}
	took := make([]float64, len(victims))
	var began time.Time
	var waiting, ready sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(len(victims))
	for i, v := range victims {
		waiting.Go(func() {
			ready.Done()
			<-begin
			<-held[v].Done()
			took[i] = float64(time.Since(began)) / float64(time.Millisecond)
		})
	}
	ready.Wait()
	began = time.Now()
	close(begin)
	h.set("bad", ids...)
	h.point.FactsChanged(facts...)
	d, err := h.point.Evaluate(ctx, h.watch(victims[0]))
	if err != nil {
		return nil, nil, nil, err
	}
	if d.Allow {
		return nil, nil, nil, errors.New("a request is allowed after its fact changed")
	}
	denied = append(denied, float64(time.Since(began))/float64(time.Millisecond))
	list := <-h.ended
	if len(list) != len(victims) {
		return nil, nil, nil, fmt.Errorf("%d accesses ended, not %d", len(list), len(victims))
	}
	if err := h.keep(ctx, list); err != nil {
		return nil, nil, nil, err
	}
	durable = append(durable, float64(time.Since(began))/float64(time.Millisecond))
	waiting.Wait()
	h.set("ok", ids...)
	for _, v := range victims {
		if held[v], err = h.hold(ctx, v); err != nil {
			return nil, nil, nil, err
		}
	}
	return append(ends, took...), durable, denied, nil
}

// keep journals ends as the organisation does.
func (h *revoked) keep(ctx context.Context, list []decide.Ended) error {
	var entries [][]byte
	for _, e := range list {
		a := e.Decision.Entry(e.Grant.Request)
		event, err := ledger.NewEvent(store.NewID("evt", e.Decision.At, rand.NewChaCha8([32]byte{2})), "/bench/decide", entry.TypeAccessEnded, a.Resource.ID, e.Decision.At,
			entry.AccessEnded{V: entry.Version, Grant: e.Grant.ID, Decision: e.Grant.Decision.ID, Denial: a.Decision, Who: a.Who, Action: a.Action, Resource: a.Resource,
				Reasons: a.Reasons, Permit: a.Permit, Policy: a.Policy})
		if err != nil {
			return err
		}
		raw, err := event.Encode()
		if err != nil {
			return err
		}
		entries = append(entries, raw)
	}
	_, err := h.journal.AppendAll(ctx, entries)
	return err
}
