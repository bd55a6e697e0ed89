package org_test

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/store"
)

// The works run: what the other tests stand on.
func TestTheMillRuns(t *testing.T) {
	w := newWorks(t, "werk")
	if a := w.ask(); a.status != 200 || a.outcome != "released" {
		t.Errorf("%+v", a)
	}
	w.says("0.4")
	if a := w.ask(); a.status != 202 || a.outcome != "escalated" || a.review == "" {
		t.Errorf("%+v", a)
	}
	w.model.Close()
	if a := w.ask(); a.status != 202 || a.outcome != "escalated" {
		t.Errorf("without a model server: %+v", a)
	}
}

// Two organisations of one process share nothing: objects, journal, tokens,
// sessions, payloads, permits.
func TestOrganisationsShareNothing(t *testing.T) {
	a, b := newWorks(t, "eins"), newWorks(t, "zwei")
	if got := a.askOf(b.g, "wear", a.token); got.status != 401 {
		t.Errorf("the other's token: %+v", got)
	}
	s, _, err := a.g.Identity.SignIn(context.Background(), identity.Attempt{Name: "director", Password: password, Address: "127.0.0.1"})
	a.must(err)
	if _, err := b.g.Identity.Authenticate(context.Background(), s.Token); !problem.Is(err, problem.Unsigned) {
		t.Errorf("the other's session: %v", err)
	}
	b.settle()
	size := b.g.Journal.Size()
	a.says("0.2")
	one := a.ask()
	extra := a.register("Presse", "press")
	a.settle()
	if b.g.Journal.Size() != size {
		t.Error("one organisation writes into the other's journal")
	}
	if _, err := b.g.Inventory.Systems.Get(b.as(""), b.g.DB, extra); !problem.Is(err, problem.NotFound) {
		t.Errorf("the other's system: %v", err)
	}
	if _, known := b.g.Point.Permit(a.mill); known {
		t.Error("the other's permit is known")
	}
	if _, err := b.g.Oversee.Case(context.Background(), one.review); !problem.Is(err, problem.NotFound) {
		t.Errorf("the other's case: %v", err)
	}
	ref, err := a.g.Vault.Put(context.Background(), "x", []byte("secret"))
	a.must(err)
	if _, err := b.g.Vault.Get(context.Background(), ref.ID); err == nil {
		t.Error("the other's payload is readable")
	}
	if a.g.SealKey == b.g.SealKey || a.g.Journal.VerifierKey() == b.g.Journal.VerifierKey() {
		t.Error("two organisations have one key")
	}
}

// What was acknowledged is there after a power cut: journal entries, objects,
// permits, cases that wait, and a stop that somebody pressed.
func TestAcknowledgedSurvivesAPowerCut(t *testing.T) {
	w := newWorks(t, "werk")
	released := w.ask()
	w.says("0.2")
	waiting, decided := w.ask(), w.ask()
	_, err := w.g.Oversee.Decide(context.Background(), w.principal("shift_lead"), oversee.Ruling{Case: decided.review, Verdict: entry.Reject, Reason: "Das Werkzeug ist neu."})
	w.must(err)
	other := w.register("Presse", "press")
	w.approve(other)
	w.must(w.g.Oversee.Stop(context.Background(), w.principal("shift_lead"), other, "Es riecht nach Rauch."))
	valid, _ := w.g.Point.Permit(w.mill)
	size := w.g.Journal.Size()

	g := w.open(w.image(), "werk")
	if g.Journal.Size() < size || g.SealKey != w.g.SealKey {
		t.Errorf("the journal has %d entries, %d were acknowledged", g.Journal.Size(), size)
	}
	ctx := context.Background()
	for id, want := range map[string]oversee.State{waiting.review: oversee.Open, decided.review: oversee.Rejected} {
		if c, err := g.Oversee.Case(ctx, id); err != nil || c.State != want {
			t.Errorf("case %s: %+v %v, want %s", id, c.State, err, want)
		}
	}
	if p, ok := g.Point.Permit(w.mill); !ok || p.State != permit.Valid || p.Version != valid.Version || p.FactsHash != valid.FactsHash {
		t.Errorf("the permit was version %d, is %+v", valid.Version, p)
	}
	if !g.Oversee.Stopped(other) {
		t.Error("the stop is forgotten")
	}
	if p, _ := g.Point.Permit(other); p.State != permit.Suspended {
		t.Errorf("the permit of a stopped system is %s", p.State)
	}
	if _, err := g.Trail.ByID(ctx, decisionAt(t, released.body)); err != nil {
		t.Errorf("the released decision: %v", err)
	}
	w.says("0.97")
	if a := w.askOf(g, "wear", w.token); a.outcome != "released" {
		t.Errorf("afterwards: %+v", a)
	}
}

// decisionAt is the id of the decision in an answer.
func decisionAt(t testing.TB, body string) string {
	t.Helper()
	var a struct {
		Parameters struct {
			Decision string `json:"augenmass_decision"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || a.Parameters.Decision == "" {
		t.Fatalf("no decision in %s: %v", body, err)
	}
	return a.Parameters.Decision
}

// A crash or a full disk between the stop's journal entry and the register's
// leaves them apart. At the next start the stop holds in both, whoever knew it,
// until a person lifts it.
func TestAHalfRecordedStopIsSettled(t *testing.T) {
	w := newWorks(t, "werk")
	say := func(stopped bool) {
		t.Helper()
		w.must(w.g.Inventory.SetStop(w.as(""), w.mill, stopped, "")) // the register alone
	}
	state := func(g *org.Org) permit.State {
		p, _ := g.Point.Permit(w.mill)
		return p.State
	}
	say(true) // as if the journal had taken nothing when stop was pressed, or resume had been journaled and the power had gone
	if state(w.g) != permit.Suspended {
		t.Fatal("the permit did not fall")
	}
	again := w.open(w.image(), "werk")
	if state(again) != permit.Suspended || !again.Oversee.Stopped(w.mill) {
		t.Errorf("starting again lifted a stop: %s", state(again))
	}
	w.must(again.Oversee.Resume(context.Background(), w.principal("director"), w.mill, "Wir haben nachgesehen."))
	if state(again) != permit.Valid || again.Oversee.Stopped(w.mill) {
		t.Errorf("nobody can lift the stop: %s", state(again))
	}
	say(false)
	w.must(w.g.Oversee.Stop(context.Background(), w.principal("director"), w.mill, "Wir sehen nach."))
	say(false) // as if the power had gone before the register knew
	if again := w.open(w.image(), "werk"); state(again) != permit.Suspended {
		t.Errorf("the register forgot a stop: %s", state(again))
	}
}

// A clock that goes back extends no permit and breaks nothing; what is decided
// meanwhile is journaled in order (bad input: clock going backwards).
func TestAClockThatGoesBackExtendsNothing(t *testing.T) {
	w := newWorks(t, "werk")
	before, _ := w.g.Point.Permit(w.mill)
	w.clock.add(before.ValidUntil.Sub(w.clock.now()) + time.Minute)
	if a := w.ask(); a.status != 403 || a.code != permit.LapsePermitEnd {
		t.Fatalf("after its end: %+v", a)
	}
	w.must(w.g.Approve.Sweep(w.as("")))
	ended, _ := w.g.Point.Permit(w.mill)
	if ended.State != permit.Suspended {
		t.Fatalf("swept: %s", ended.State)
	}
	w.clock.add(-400 * 24 * time.Hour)
	for range 3 {
		if a := w.ask(); a.status != 403 || a.code != permit.LapseReviewOverdue {
			t.Errorf("with the clock set back: %+v", a)
		}
	}
	w.must(w.g.Approve.Sweep(w.as("")))
	if _, err := w.g.Oversee.ExpireDue(context.Background()); err != nil {
		t.Error(err)
	}
	if p, _ := w.g.Point.Permit(w.mill); p.State != permit.Suspended || p.Version != ended.Version {
		t.Errorf("the clock alone made it %s, version %d", p.State, p.Version)
	}
	if _, err := w.g.Measure(context.Background()); err != nil {
		t.Error(err)
	}
	w.settle()
	if n := len(entriesOf(t, w.g, entry.TypeInference)); n != 4 {
		t.Errorf("%d decisions in the journal, 4 were answered", n)
	}
}

// Setting the clock back before the end moves no end either.
func TestTheEndOfAPermitDoesNotMove(t *testing.T) {
	w := newWorks(t, "werk")
	before, _ := w.g.Point.Permit(w.mill)
	w.clock.add(-30 * 24 * time.Hour)
	w.must(w.g.Approve.RecompileAll(w.as("")))
	if p, _ := w.g.Point.Permit(w.mill); p.ValidUntil.After(before.ValidUntil) {
		t.Errorf("valid until %s, before %s", p.ValidUntil, before.ValidUntil)
	}
}

// A system that leaves the register takes its permit along, even one that the
// runtime still knew.
func TestADeletedSystemIsOff(t *testing.T) {
	w := newWorks(t, "werk")
	ctx := w.as("ai_officer")
	remove := func(system string) error {
		return w.g.DB.Write(ctx, func(tx *store.Tx) error {
			o, err := w.g.Inventory.Systems.Get(ctx, tx, system)
			if err != nil {
				return err
			}
			return w.g.Inventory.Systems.Delete(ctx, tx, system, o.Revision)
		})
	}
	if err := remove(w.mill); !problem.Is(err, problem.Conflict) {
		t.Errorf("a system with a permit: %v", err)
	}
	idea := create(w, "ai_officer", w.g.Inventory.Systems, inventory.System{Name: "Idee"})
	w.g.Point.SetPermit(permit.Permit{System: idea.ID, Number: "BE-2026-9999", Version: 1, State: permit.Valid}) // as if the runtime had known one
	w.must(remove(idea.ID))
	p, _ := w.g.Point.Permit(idea.ID)
	if p.State != permit.Suspended || len(p.Lapses) != 1 || p.Lapses[0].Code != "system.unregistered" || !p.Lapses[0].Say.Complete() {
		t.Fatalf("%+v", p)
	}
	for _, id := range p.Lapses[0].Clauses {
		if _, ok := w.lib.Clause(id); !ok {
			if _, found := requirement(w, id); !found {
				t.Errorf("the clause %s is in no pack", id)
			}
		}
	}
	w.must(w.g.Approve.RecompileAll(w.as("")))
	if p, _ := w.g.Point.Permit(idea.ID); p.State == permit.Valid {
		t.Error("it came back")
	}
}

func requirement(w *works, id string) (string, bool) {
	for _, r := range w.lib.Requirements("zta") {
		if r.ID == id {
			return r.Ref, true
		}
	}
	return "", false
}

// Closing ends every loop, may be repeated, and leaves errors instead of
// crashes to whoever still holds a room.
func TestCloseLeavesNothingBehind(t *testing.T) {
	w := newWorks(t, "werk") // its model server and library are no part of the organisation
	w.ask()
	http := goleak.IgnoreCurrent()
	dir := t.TempDir()
	g := w.open(dir, "kurz")
	_, err := g.Identity.AddPerson(w.as(""), identity.Person{SignIn: "x", Name: "X", Roles: nil, Active: true}, password, false)
	if err != nil && !problem.Is(err, problem.BadInput) {
		t.Fatal(err)
	}
	for range 2 {
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	goleak.VerifyNone(t, http)
	if _, err := g.Measure(context.Background()); err == nil {
		t.Log("a closed journal may still be read")
	}
	if err := g.DB.Write(w.as(""), func(tx *store.Tx) error {
		_, err := g.Inventory.Systems.Create(w.as(""), tx, inventory.System{Name: "x"})
		return err
	}); err == nil {
		t.Error("a closed database was written")
	}
	if got := w.askOf(g, "wear", w.token); got.status < 400 {
		t.Errorf("a closed gateway answered %+v", got)
	}
}

// Who may export, may; the case verifies and is the same whoever takes it, and
// the journal says who did before anything left (001-23).
func TestWhoExportsACase(t *testing.T) {
	w := newWorks(t, "werk")
	w.ask()
	var first casefile.Summary
	for _, role := range []string{"director", "ai_officer", "auditor"} {
		before := len(entriesOf(t, w.g, "augenmass.casefile.built"))
		var b bytes.Buffer
		sum, err := w.g.WriteCase(w.as(role), casefile.Period{}, &b)
		if err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		rep, err := verify.Reader(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "case.zip", verify.Options{Key: w.g.SealKey})
		if err != nil || !rep.OK {
			t.Fatalf("%s: %+v %v", role, rep.Break, err)
		}
		if first.Files == 0 {
			first = sum
		}
		if rep.Checked.Objects == 0 || sum.Files != first.Files {
			t.Errorf("%s got %d files and %d objects, another got %d files", role, sum.Files, rep.Checked.Objects, first.Files)
		}
		for _, kind := range []string{"person", "token", "vendor"} {
			if bytes.Contains(b.Bytes(), []byte("objects/"+kind+".jsonl")) {
				t.Errorf("%s took %s out of the house", role, kind)
			}
		}
		built := entriesOf(t, w.g, "augenmass.casefile.built")
		var by struct {
			By   string `json:"by"`
			Size uint64 `json:"size"`
			Root string `json:"root"`
		}
		w.must(json.Unmarshal(built[len(built)-1].Data, &by))
		if len(built) != before+1 || by.By != w.people[role].ID || by.Size != sum.Size || by.Root != sum.Root {
			t.Errorf("%s: the journal says %+v", role, by)
		}
	}
	for _, role := range []string{"safety", "shift_lead", "council", "admin", "worker"} {
		var b bytes.Buffer
		if _, err := w.g.WriteCase(w.as(role), casefile.Period{}, &b); !problem.Is(err, problem.Denied) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", role, err, b.Len())
		}
	}
	token := store.WithActor(context.Background(), store.Actor{ID: w.people["auditor"].ID, Kind: identity.KindPerson, Roles: []string{"auditor", "read_only"}})
	if _, err := w.g.WriteCase(token, casefile.Period{}, &bytes.Buffer{}); !problem.Is(err, problem.Denied) {
		t.Errorf("a reading token: %v", err)
	}
	if _, err := w.g.WriteCase(context.Background(), casefile.Period{}, &bytes.Buffer{}); !problem.Is(err, problem.Unsigned) {
		t.Errorf("nobody: %v", err)
	}
}

// A case verifies also when the house changes while it is cut.
func TestACaseUnderChange(t *testing.T) {
	w := newWorks(t, "werk")
	w.g.StopLoops() // nobody brings the changes into the journal but the case itself
	var cases []string
	for range 4 {
		cases = append(cases, create(w, "ai_officer", w.g.UseCases, value.UseCase{Name: "x"}).ID)
	}
	for range 8 {
		var all sync.WaitGroup
		for _, id := range cases {
			all.Go(func() {
				for n := range int64(25) {
					change(w, w.g.UseCases, id, func(u *value.UseCase) { u.MeasuredHours += n + 1 })
				}
			})
		}
		var b bytes.Buffer
		_, err := w.g.WriteCase(w.as("auditor"), casefile.Period{}, &b)
		all.Wait()
		w.must(err)
		rep, err := verify.Reader(context.Background(), bytes.NewReader(b.Bytes()), int64(b.Len()), "case.zip", verify.Options{})
		if err != nil || !rep.OK {
			t.Errorf("%+v %v", rep.Break, err)
		}
	}
}

// A measurement is kept while little happens, and not for ever.
func TestMeasuringIsNotRepeated(t *testing.T) {
	w := newWorks(t, "werk")
	decisions := func() int {
		t.Helper()
		all, err := w.g.Measure(context.Background())
		w.must(err)
		for _, r := range all {
			for _, res := range r.Results {
				if res.Spec.Check == "audit.complete" {
					return res.Seen
				}
			}
		}
		t.Fatal("audit.complete was not measured")
		return 0
	}
	for range 300 { // so that one more is less than a hundredth
		w.ask()
	}
	w.settle()
	if n := decisions(); n != 300 {
		t.Fatalf("%d decisions", n)
	}
	w.ask()
	if n := decisions(); n != 300 {
		t.Errorf("one more entry, and everything was read again: %d", n)
	}
	w.clock.add(59 * time.Second)
	if n := decisions(); n != 300 {
		t.Errorf("within the minute: %d", n)
	}
	w.clock.add(time.Second)
	if n := decisions(); n != 301 {
		t.Errorf("after a minute: %d", n)
	}
	for range 10 {
		w.ask()
	}
	if n := decisions(); n != 311 {
		t.Errorf("after more than a hundredth: %d", n)
	}
	w.ask()
	w.clock.add(-time.Hour)
	if n := decisions(); n >= 312 {
		t.Errorf("the clock went back; what came later was measured: %d", n)
	}
}
