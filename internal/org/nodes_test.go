package org_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/pgtest"
)

// newNodes is the works on PostgreSQL; its first node is w.g.
func newNodes(t testing.TB) (w *works, slug string) {
	t.Helper()
	url, schema := pgtest.Schema(t)
	slug, ok := org.SlugOf(schema)
	if !ok {
		t.Fatalf("%q is no organisation's schema", schema)
	}
	return newWorksOn(t, t.TempDir(), url, slug), slug
}

// longest is how long a test waits for what another node does. Nothing is
// measured by it.
const longest = 30 * time.Second

// listener hears what a node hears, after the node has learned it.
type listener struct {
	t       testing.TB
	changes chan store.Change
	told    chan string
}

func listen(t testing.TB, g *org.Org) *listener {
	l := &listener{t, make(chan store.Change, 1000), make(chan string, 1000)}
	g.DB.OnRemote(func(_ context.Context, changes []store.Change) {
		for _, c := range changes {
			l.changes <- c
		}
	})
	g.DB.OnTold(func(_ context.Context, topic, _ string) { l.told <- topic })
	return l
}

// until waits, from one change that the node hears to the next, until holds.
func (l *listener) until(what string, holds func() bool) {
	l.t.Helper()
	late := time.After(longest)
	for !holds() {
		select {
		case <-l.changes:
		case <-late:
			l.t.Fatalf("not heard: %s", what)
		}
	}
}

// eventually waits for what a loop of another node does, such as taking the
// lead.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(longest)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("not within %s: %s", longest, what)
		}
	}
}

// On PostgreSQL the mill runs as it does in a folder, and what was acknowledged
// is there when the only node starts again.
func TestTheMillRunsOnPostgres(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	released := w.ask()
	w.says("0.4")
	waiting := w.ask()
	if released.outcome != "released" || waiting.status != 202 || waiting.review == "" {
		t.Fatalf("%+v %+v", released, waiting)
	}
	size := w.g.Journal.Size()
	w.must(w.g.Oversee.Stop(t.Context(), w.principal("director"), w.mill, "Wir sehen nach."))
	key := w.g.SealKey
	w.must(w.g.Close())

	g := w.open(w.dir, slug)
	if g.Journal.Size() < size || g.SealKey != key || g.Name != "Werk "+slug || !g.Leads() {
		t.Errorf("%d entries of %d, name %q, leads %v", g.Journal.Size(), size, g.Name, g.Leads())
	}
	if c, err := g.Oversee.Case(t.Context(), waiting.review); err != nil || c.State != oversee.Open {
		t.Errorf("the case is %+v: %v", c.State, err)
	}
	if !g.Oversee.Stopped(w.mill) || permitOf(g, w.mill).State != permit.Suspended {
		t.Error("the stop is forgotten")
	}
	w.must(g.Oversee.Resume(t.Context(), w.principal("director"), w.mill, "Wir haben nachgesehen."))
	w.says("0.97")
	if a := w.askOf(g, "wear", w.token); a.outcome != "released" {
		t.Errorf("afterwards: %+v", a)
	}
}

func permitOf(g *org.Org, system string) permit.Permit {
	p, _ := g.Point.Permit(system)
	return p
}

// What one node is told, the other obeys: a withdrawn approval, a stop and its
// end, a revoked token. The second node takes permits over as they stand.
func TestASecondNodeObeys(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	heard := listen(t, b)
	if !w.g.Leads() || b.Leads() {
		t.Fatalf("the first leads: %v, the second: %v", w.g.Leads(), b.Leads())
	}
	for _, g := range []*org.Org{w.g, b} {
		if s := g.RecordState(w.as("")); s.Leads != g.Leads() || s.Schema != org.Schema(slug) || len(s.Troubles()) > 0 || len(s.Names) != 1 || s.Names[0].At.IsZero() {
			t.Errorf("the record: %+v", s)
		}
	}
	ask := func() answered { return w.askOf(b, "wear", w.token) }
	if a := ask(); a.outcome != "released" || permitOf(b, w.mill).Version != permitOf(w.g, w.mill).Version {
		t.Fatalf("before: %+v", a)
	}

	w.must(w.g.Oversee.Stop(t.Context(), w.principal("shift_lead"), w.mill, "Es riecht nach Rauch."))
	off := func() bool { return permitOf(b, w.mill).State == permit.Suspended }
	heard.until("the stop", func() bool { return off() && b.Oversee.Stopped(w.mill) })
	if a := ask(); a.status != 403 {
		t.Errorf("after the stop: %+v", a)
	}
	w.must(b.Oversee.Resume(t.Context(), w.principal("director"), w.mill, "Wir haben nachgesehen."))
	eventually(t, "the first node hears the end of the stop", func() bool { return !w.g.Oversee.Stopped(w.mill) && permitOf(w.g, w.mill).State == permit.Valid })
	if a, first := ask(), w.ask(); a.outcome != "released" || first.outcome != "released" {
		t.Errorf("after its end: %+v %+v", a, first)
	}

	withdraw(w)
	heard.until("the withdrawal", off)
	if a := ask(); a.status != 403 || a.code != permit.LapseWithdrawn {
		t.Errorf("after the withdrawal: %+v", a)
	}
	tokens, err := identity.Tokens().List(w.as("admin"), w.g.DB, store.Query{})
	w.must(err)
	w.must(w.g.Identity.RevokeToken(w.as("admin"), tokens.Items[0].ID))
	heard.until("the token's end", func() bool { return ask().status == 401 })
}

// withdraw takes the safety specialist's approval of the mill back on w.g.
func withdraw(w *works) {
	w.t.Helper()
	d, err := w.g.Approve.Read(w.as("safety"), w.g.DB, w.mill)
	w.must(err)
	for _, o := range d.Approvals {
		if o.Doc.Role == "safety" && o.Doc.WithdrawnAt.IsZero() {
			_, err = w.g.Approve.Withdraw(w.as("safety"), o.ID, o.Revision, "Die Schutzhaube fehlt seit gestern.")
			w.must(err)
			return
		}
	}
	w.t.Fatal("no approval to withdraw")
}

// A case that one node opened is decided on the other, by one person only, and
// the caller fetches the result from either.
func TestCasesBelongToAllNodes(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	w.says("0.4")
	opened := w.ask()
	c, err := b.Oversee.Decide(t.Context(), w.principal("shift_lead"), oversee.Ruling{Case: opened.review, Verdict: entry.Confirm})
	if err != nil || c.State != oversee.Released {
		t.Fatalf("%+v: %v", c.State, err)
	}
	for _, g := range []*org.Org{w.g, b} {
		r := httptest.NewRequest(http.MethodGet, "/v2/cases/"+opened.review, nil)
		r.Header.Set("Authorization", "Bearer "+w.token)
		rec := httptest.NewRecorder()
		g.Gateway.ServeHTTP(rec, r)
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"failure"`) {
			t.Errorf("the result: %d %s", rec.Code, rec.Body)
		}
	}

	second := w.askOf(b, "wear", w.token)
	var won sync.Map
	var both sync.WaitGroup
	for i, g := range []*org.Org{w.g, b, w.g, b} {
		both.Go(func() {
			_, err := g.Oversee.Decide(t.Context(), w.principal("shift_lead"), oversee.Ruling{Case: second.review, Verdict: entry.Reject, Reason: "Das Werkzeug ist neu."})
			if err == nil {
				won.Store(i, true)
			} else if !problem.Is(err, problem.Conflict) {
				t.Errorf("node of %d: %v", i, err)
			}
		})
	}
	both.Wait()
	n := 0
	won.Range(func(any, any) bool { n++; return true })
	decided := 0
	for _, e := range entriesOf(t, b, entry.TypeDecided) {
		if e.Subject == second.review {
			decided++
		}
	}
	if n != 1 || decided != 1 {
		t.Errorf("%d decided, the journal says %d", n, decided)
	}
}

// A node that has not heard the others for three seconds proves nothing: nobody
// may use a system, whatever its permit said, and a foreign enforcement point
// gets a denial too. It comes back by itself.
func TestANodeThatHearsNothingDenies(t *testing.T) {
	t.Parallel()
	w, _ := newNodes(t)
	if a := w.ask(); a.outcome != "released" {
		t.Fatalf("%+v", a)
	}
	last := w.clock.now()
	hear := w.g.Deafen(func() time.Time { return last })
	w.clock.add(2900 * time.Millisecond)
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("after 2.9 s: %+v", a)
	}
	w.clock.add(200 * time.Millisecond)
	if a := w.ask(); a.status != 403 || a.code != "trusted.failed" {
		t.Errorf("after 3.1 s: %+v", a)
	}
	if s := w.g.RecordState(w.as("")); !s.Unheard || !s.HeardAt.Equal(last) || !slices.Equal(w.g.Troubles(), []org.Trouble{org.Unheard}) {
		t.Errorf("the record: %v %+v", s.Troubles(), s)
	}
	if p, known := w.g.Decider().Permit(w.mill); !known || p.State != permit.Suspended || p.Lapses[0].Code != "node.unheard" || !p.Lapses[0].Say.Complete() {
		t.Errorf("the permit of a result on its way: %+v", p)
	}
	last = w.clock.now().Add(time.Hour)
	if a := w.ask(); a.status != 403 {
		t.Errorf("with the clock set back: %+v", a)
	}
	last = w.clock.now()
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("heard again: %+v", a)
	}
	hear()
}

// A plant signal comes to one node and counts on all of them, also on one that
// starts later.
func TestPlantSignalsReachEveryNode(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	told := listen(t, b)
	w.must(w.g.Plant.Signal(t.Context(), "halle", "running", w.clock.now()))
	for topic := range told.told {
		if topic == "signal" {
			break
		}
	}
	if state, _, known := b.Plant.State("halle"); state != "running" || !known {
		t.Errorf("the second node knows %q", state)
	}
	c := w.open(w.dir, slug)
	eventually(t, "a node that starts later knows the plant", func() bool { s, _, _ := c.Plant.State("halle"); return s == "running" })
}

// A node that dies between its change and the permit leaves a change that it
// never acknowledged. The node that leads compiles it, and all obey.
func TestTheLeaderCompilesWhatADeadNodeCouldNot(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	heard := listen(t, b)
	o, err := org.Stored(w.options(w.dir, slug))
	w.must(err)
	o.Access = identity.Access
	dead, err := store.Open(t.Context(), o) // it changes the register and compiles nothing
	w.must(err)
	defer func() { w.must(dead.Close()) }()
	given, err := w.g.Approve.Approvals.List(w.as(""), dead, store.Query{})
	w.must(err)
	w.must(dead.Write(w.as(""), func(tx *store.Tx) error {
		a := given.Items[0]
		a.Doc.WithdrawnAt, a.Doc.WithdrawnBy, a.Doc.WithdrawnWhy = w.clock.now(), a.Doc.Person, "Die Schutzhaube fehlt."
		_, err := w.g.Approve.Approvals.Update(w.as(""), tx, a.ID, a.Revision, a.Doc)
		return err
	}))
	heard.until("the permit falls", func() bool { return permitOf(b, w.mill).State == permit.Suspended })
	eventually(t, "the leader knows it too", func() bool { return permitOf(w.g, w.mill).State == permit.Suspended })
}

// A case file can be written on any node, and holds what was committed before
// although another node carries it into the journal.
func TestACaseFileOfANodeThatDoesNotLead(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	released := w.ask()
	var built bytes.Buffer
	sum, err := b.WriteCase(w.as("auditor"), casefile.Period{To: w.clock.now().Add(time.Second)}, &built)
	if err != nil || b.Leads() || built.Len() == 0 {
		t.Fatalf("%+v, leads %v: %v", sum, b.Leads(), err)
	}
	if at, err := strconv.ParseUint(released.index, 10, 64); err != nil || sum.Size <= at {
		t.Errorf("the case covers %d entries, the decision is at %s: %v", sum.Size, released.index, err)
	}
	given := 0
	for _, e := range entriesOf(t, b, "augenmass.approval.given") {
		if e.Subject == w.mill {
			given++
		}
	}
	if given != 2 {
		t.Errorf("%d approvals in the journal", given)
	}
}

// When the node that leads is cut off, another takes over: the outbox reaches
// the journal exactly once, and no acknowledged decision is missing.
func TestAnotherNodeTakesTheLead(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	line := newCable(t, w.database)
	direct := w.database
	w.must(w.g.Close())
	w.database = line.url
	w.g = w.opened(w.dir, slug) // leads, over the cable
	lost := w.g
	t.Cleanup(func() {
		if err := lost.Close(); err == nil {
			t.Error("a node without its database closes as if nothing were lost")
		}
	})
	w.database = direct
	b := w.open(w.dir, slug)
	if !w.g.Leads() || b.Leads() {
		t.Fatal("the wrong node leads")
	}
	var acked []answered
	for range 5 {
		acked = append(acked, w.ask(), w.askOf(b, "wear", w.token))
	}
	line.cut()
	if a := w.ask(); a.status < 400 || a.outcome == "released" {
		t.Errorf("a node without its database answers %+v", a)
	}
	// Nobody leads yet, or the other one just began to.
	w.g, b = b, w.g
	other := w.register("Presse", "press")
	w.approve(other)
	eventually(t, "the second node leads", w.g.Leads)
	acked = append(acked, w.ask())
	eventually(t, "the outbox is empty", func() bool {
		var n int
		for _, e := range entriesOf(t, w.g, "augenmass.approval.given") {
			if e.Subject == other {
				n++
			}
		}
		return n == 2
	})
	seen := map[string]int{}
	for r, err := range w.g.Journal.Entries(t.Context(), 0, w.g.Journal.Size()) {
		w.must(err)
		e, err := ledger.Decode(r.Entry)
		w.must(err)
		seen[e.ID]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("entry %s is there %d times", id, n)
		}
	}
	for _, a := range acked {
		if id := decisionAt(t, a.body); seen[id] != 1 {
			t.Errorf("decision %s at %s is there %d times", id, a.index, seen[id])
		}
	}
	eventually(t, "the lost node no longer leads", func() bool { return !b.Leads() })
}

// Two nodes that start on an empty schema at once agree on the organisation's
// keys; one with another master key is told so, and one without any.
func TestWhoMayJoin(t *testing.T) {
	t.Parallel()
	url, schema := pgtest.Schema(t)
	slug, _ := org.SlugOf(schema)
	w := &works{t: t, dir: t.TempDir(), database: url, lib: library(t), clock: &clock{t: time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)}}
	key := []byte("0123456789abcdef0123456789abcdef")
	open := func(f func(*org.Options)) (*org.Org, error) {
		o := w.options("", slug)
		o.MasterKey = key
		f(&o)
		return org.Open(context.Background(), o)
	}
	pgtest.Exec(t, url, "DROP SCHEMA "+schema)
	if _, err := open(func(o *org.Options) { o.MasterKey = nil }); !problem.Is(err, problem.Denied) {
		t.Errorf("a new organisation without a master key: %v", err)
	}
	if slugs, err := org.InDatabase(t.Context(), url); err != nil || strings.Contains(strings.Join(slugs, " "), slug) {
		t.Errorf("it was left behind: %v, %v", slugs, err)
	}
	nodes := make([]*org.Org, 2)
	var both sync.WaitGroup
	for i := range nodes {
		both.Go(func() {
			g, err := open(func(*org.Options) {})
			if err != nil {
				t.Error(err)
				return
			}
			nodes[i] = g
		})
	}
	both.Wait()
	if t.Failed() {
		return
	}
	if nodes[0].SealKey != nodes[1].SealKey || nodes[0].Journal.VerifierKey() != nodes[1].Journal.VerifierKey() {
		t.Error("two nodes made two keys")
	}
	for name, f := range map[string]func(*org.Options){
		"another key": func(o *org.Options) { o.MasterKey = []byte("another master key, another key!") },
		"no key":      func(o *org.Options) { o.MasterKey = nil },
		"no key in its folder": func(o *org.Options) {
			o.MasterKey, o.Dir = nil, t.TempDir()
		},
	} {
		g, err := open(f)
		if !problem.Is(err, problem.Denied) || !problem.From(err).Say.Complete() || !problem.From(err).Hint.Complete() {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			w.must(g.Close())
		}
	}
	for _, g := range nodes {
		w.must(g.Close())
	}
	if slugs, err := org.InDatabase(t.Context(), url); err != nil || !strings.Contains(strings.Join(slugs, " "), slug) {
		t.Errorf("organisations of the database: %v %v", slugs, err)
	}
}
