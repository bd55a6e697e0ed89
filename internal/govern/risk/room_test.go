package risk_test

import (
	"context"
	"crypto/rand"
	"io/fs"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/risk"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

type person struct {
	Name string `json:"name" store:"required"`
}

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// house is a store with a system, people and the two rooms.
type house struct {
	t       *testing.T
	db      *store.DB
	room    *risk.Room
	watch   *risk.Watch
	inv     *inventory.Room
	now     time.Time
	system  store.Object[inventory.System]
	people  map[string]string
	persons *store.Kind[person]
}

func open(t *testing.T) *house {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, now: start, people: map[string]string{}, persons: store.NewKind[person]("person", "usr")}
	clock := func() time.Time { return h.now }
	h.inv = inventory.New(clock)
	h.room, h.watch = risk.New(h.inv, func() *packs.Library { return lib }, clock), risk.NewWatch(clock)
	kinds := append([]store.AnyKind{h.persons, control.EvidenceKind()}, h.inv.Kinds()...)
	kinds = append(append(kinds, h.room.Kinds()...), h.watch.Kinds()...)
	h.db, err = store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: kinds, Access: store.AllowAll,
		Source: "/werk/store", Now: clock, Rand: rand.Reader})
	h.must(err)
	t.Cleanup(func() {
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.inv.Open(h.db)
	h.room.Open(h.db, nil)
	h.watch.Open(h.db, nil)
	for _, name := range []string{"owner", "officer", "director", "deputy"} {
		h.people[name] = create(h, "", h.persons, person{Name: name}).ID
	}
	h.system = create(h, "officer", h.inv.Systems, inventory.System{Name: "Fräslinie", Purpose: text.Bi{DE: "Wartung", EN: "Maintenance"},
		Scope: []inventory.Scope{"quality_control"}, DataSources: []string{"Steuerung"}, RetainDays: 1})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) as(name string) context.Context {
	a := store.Actor{Kind: store.System}
	if name != "" {
		a = store.Actor{ID: h.people[name], Kind: "person"}
	}
	return store.WithActor(context.Background(), a)
}

func create[T any](h *house, who string, k *store.Kind[T], doc T) store.Object[T] {
	h.t.Helper()
	var made store.Object[T]
	ctx := h.as(who)
	h.must(h.db.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(ctx, tx, doc)
		return err
	}))
	return made
}

// grave is a risk of the system that stays high after treatment.
func (h *house) grave() store.Object[risk.Risk] {
	h.t.Helper()
	ctx := h.as("officer")
	o := create(h, "officer", h.room.Risks, risk.Risk{Name: "Verzerrung", System: h.system.ID, Impacts: []risk.Impact{risk.Rights}, Owner: h.people["owner"]})
	o, err := h.room.Assess(ctx, o.ID, o.Revision, []risk.Rating{{Impact: risk.Rights, Likelihood: 4, LikelihoodReason: why, Severity: 4, SeverityReason: why}})
	h.must(err)
	m := create(h, "officer", h.room.Measures, risk.Measure{Name: "Stichprobe", What: "Jede Woche zwanzig Teile.", Owner: h.people["owner"], Progress: "introduced", Effect: risk.Unproven})
	o, err = h.room.Treat(ctx, o.ID, o.Revision, risk.Treated{Treatment: risk.Reduce, Reason: why, Measures: []string{m.ID},
		After: []risk.Rating{{Impact: risk.Rights, Likelihood: 3, LikelihoodReason: why, Severity: 4, SeverityReason: why}}})
	h.must(err)
	return o
}

func (h *house) subject(class string) stand.Subject {
	s, err := h.inv.Systems.Get(h.as(""), h.db, h.system.ID)
	h.must(err)
	models, err := h.inv.Models.All(h.as(""), h.db, store.Query{Filters: []store.Filter{store.Where("system", "=", h.system.ID)}})
	h.must(err)
	return stand.Subject{System: s, Models: models, Now: h.now,
		Classification: &store.Object[classify.Classification]{Doc: classify.Classification{System: s.ID, Class: class, AsOf: h.now}}}
}

func (h *house) says(src stand.Source, class string) stand.Said {
	h.t.Helper()
	ctx, n := store.CountQueries(h.as(""))
	said, err := src.Says(ctx, h.db, h.subject(class))
	h.must(err)
	if *n > 2 {
		h.t.Errorf("%s asks %d queries", src.Name(), *n)
	}
	return said
}

// demand is the first demand of a code; nil without one.
func demand(said stand.Said, code string) *permit.Demand {
	for i, d := range said.Demands {
		if d.Code == code {
			return &said.Demands[i]
		}
	}
	return nil
}

// 001-60: assessed, treated, what is left proposed by one person and accepted by
// another, until a day; then the permit has no demand, and after the day it has.
func TestAcceptanceOfAResidualRisk(t *testing.T) {
	h := open(t)
	o := h.grave()
	if o.Doc.Initial() != risk.VeryHigh || o.Doc.Residual() != risk.High {
		t.Fatalf("before %s, after %s", o.Doc.Initial(), o.Doc.Residual())
	}
	if d := demand(h.says(h.room, permit.ClassMinimal), permit.DemandAccepted); d == nil || d.Met || d.Object != o.ID {
		t.Fatalf("nobody accepted: %+v", d)
	}
	until := h.now.AddDate(0, 6, 0)
	a, err := h.room.Propose(h.as("officer"), o.ID, risk.Proposal{Reason: "Die Stichprobe fängt es ab.", Condition: "Nur mit wöchentlicher Stichprobe.", Until: until})
	h.must(err)
	if d := demand(h.says(h.room, permit.ClassMinimal), permit.DemandAccepted); d.Met {
		t.Error("asked for is accepted")
	}
	for _, who := range []string{"officer", "owner"} {
		if _, err := h.room.Decide(h.as(who), a.ID, a.Revision, true, ""); !problem.Is(err, problem.Denied) {
			t.Errorf("%s accepts: %v", who, err)
		}
	}
	a, err = h.room.Decide(h.as("director"), a.ID, a.Revision, true, "Bis zur Umstellung.")
	h.must(err)
	if _, err := h.room.Decide(h.as("deputy"), a.ID, a.Revision, false, ""); !problem.Is(err, problem.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
	said := h.says(h.room, permit.ClassMinimal)
	if d := demand(said, permit.DemandAccepted); !d.Met || !d.Until.Equal(until) {
		t.Errorf("accepted: %+v", d)
	}
	if len(said.Conditions) != 1 || said.Conditions[0].Say.DE != "Angenommenes Risiko „Verzerrung“: Nur mit wöchentlicher Stichprobe." || len(said.Conditions[0].Clauses) == 0 {
		t.Errorf("condition: %+v", said.Conditions)
	}
	h.now = until
	if d := demand(h.says(h.room, permit.ClassMinimal), permit.DemandAccepted); d.Met {
		t.Error("an acceptance that ended still holds")
	}
}

// 001-60: what was accepted is bound to the ratings; another rating, a withdrawal
// and a record that was written by hand do not hold.
func TestAcceptanceIsBoundToWhatWasSeen(t *testing.T) {
	h := open(t)
	o := h.grave()
	accept := func() store.Object[risk.Acceptance] {
		a, err := h.room.Propose(h.as("officer"), o.ID, risk.Proposal{Reason: "Die Stichprobe fängt es ab.", Until: h.now.AddDate(0, 6, 0)})
		h.must(err)
		a, err = h.room.Decide(h.as("director"), a.ID, a.Revision, true, "")
		h.must(err)
		return a
	}
	met := func() bool { return demand(h.says(h.room, permit.ClassMinimal), permit.DemandAccepted).Met }
	a := accept()
	if !met() {
		t.Fatal("not accepted")
	}
	_, err := h.room.Withdraw(h.as("director"), a.ID, a.Revision, "Neue Lage.")
	h.must(err)
	if met() {
		t.Error("a withdrawn acceptance holds")
	}
	accept()
	o, err = h.room.Assess(h.as("officer"), o.ID, o.Revision, []risk.Rating{{Impact: risk.Rights, Likelihood: 5, LikelihoodReason: why, Severity: 4, SeverityReason: why}})
	h.must(err)
	if met() {
		t.Error("the acceptance of another rating holds")
	}
	if len(o.Doc.After) != 0 {
		t.Error("what was left of another rating stays")
	}
	create(h, "director", h.room.Acceptances, risk.Acceptance{Risk: o.ID, System: h.system.ID, Level: risk.High, Rating: o.Doc.Fingerprint(), Reason: why,
		Until: h.now.AddDate(0, 1, 0), Decision: risk.Accepted, Signer: h.people["director"], DecidedAt: h.now})
	if met() {
		t.Error("one person alone wrote an acceptance, and it holds")
	}
	p, err := h.room.Propose(h.as("officer"), o.ID, risk.Proposal{Reason: "Die Stichprobe fängt es ab.", Until: h.now.AddDate(0, 6, 0)})
	h.must(err)
	if _, err = h.room.Assess(h.as("officer"), o.ID, o.Revision, []risk.Rating{{Impact: risk.Rights, Likelihood: 5, LikelihoodReason: why, Severity: 5, SeverityReason: why}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.room.Decide(h.as("director"), p.ID, p.Revision, true, ""); !problem.Is(err, problem.Conflict) {
		t.Errorf("accepted is what nobody saw: %v", err)
	}
	if _, err := h.room.Propose(h.as("officer"), o.ID, risk.Proposal{Reason: why, Until: h.now.AddDate(2, 0, 0)}); !problem.Is(err, problem.BadInput) {
		t.Errorf("accepted for two years: %v", err)
	}
}

// 000-34, 001-60: a risk is looked at again after a year at the latest, and at once
// when purpose, data or model are others.
func TestReviewsRecur(t *testing.T) {
	h := open(t)
	o := h.grave()
	reviewed := func() *permit.Demand { return demand(h.says(h.room, permit.ClassMinimal), permit.DemandReviewed) }
	if d := reviewed(); !d.Met || !d.Until.Equal(start.AddDate(1, 0, 0)) {
		t.Fatalf("just assessed: %+v", d)
	}
	if _, err := h.room.Review(h.as("officer"), o.ID, o.Revision, h.now.AddDate(1, 1, 0), "Alles noch wie vorher."); !problem.Is(err, problem.BadInput) {
		t.Errorf("a review in 13 months: %v", err)
	}
	h.now = start.AddDate(1, 0, 0)
	if d := reviewed(); d.Met || !d.Since.Equal(h.now) {
		t.Errorf("a year later: %+v", d)
	}
	o, err := h.room.Review(h.as("officer"), o.ID, o.Revision, time.Time{}, "Alles noch wie vorher.")
	h.must(err)
	if !reviewed().Met {
		t.Error("reviewed, and still overdue")
	}
	ctx := h.as("officer")
	h.must(h.db.Write(ctx, func(tx *store.Tx) error {
		s, err := h.inv.Systems.Get(ctx, tx, h.system.ID)
		if err != nil {
			return err
		}
		s.Doc.DataSources = append(s.Doc.DataSources, "Kamera 2")
		_, err = h.inv.Systems.Update(ctx, tx, s.ID, s.Revision, s.Doc)
		return err
	}))
	if d := reviewed(); d.Met || d.Detail.DE != "Risiko „Verzerrung“: Seit der letzten Überprüfung hat sich geändert: Daten." {
		t.Errorf("other data: %+v", d)
	}
	create(h, "officer", h.inv.Models, inventory.Model{System: h.system.ID, Name: "modell", Version: "2"})
	if d := reviewed(); d.Met || d.Detail.EN != "Risk 'Verzerrung': changed since the last review: data, model." {
		t.Errorf("another model: %+v", d)
	}
	if _, err := h.room.Review(ctx, o.ID, o.Revision, time.Time{}, "Daten und Modell angesehen, Bewertung bleibt."); err != nil {
		t.Fatal(err)
	}
	if !reviewed().Met {
		t.Error("looked at again, and still to be reviewed")
	}
}

// 001-41: a system without risks keeps the short path; a risk that nobody rated
// stops only a system on which much depends.
func TestTheShortPathStaysShort(t *testing.T) {
	h := open(t)
	for _, src := range []stand.Source{h.room, h.watch} {
		if said := h.says(src, permit.ClassHigh); said.Seen != nil || len(said.Demands) > 0 {
			t.Errorf("%s demands of a system that it does not know: %+v", src.Name(), said)
		}
	}
	o := create(h, "officer", h.room.Risks, risk.Risk{Name: "Neu", System: h.system.ID, Impacts: []risk.Impact{risk.Safety}})
	if d := demand(h.says(h.room, permit.ClassMinimal), permit.DemandReviewed); !d.Met {
		t.Errorf("minimal: %+v", d)
	}
	if d := demand(h.says(h.room, permit.ClassHigh), permit.DemandReviewed); d.Met {
		t.Error("high-risk with a risk that nobody rated")
	}
	if id, err := h.room.SystemOf(h.as(""), h.db, "risk", o.ID); err != nil || id != h.system.ID {
		t.Errorf("system of the risk: %s %v", id, err)
	}
}

// 001-62: both samples come with ratings, reasons, treatment and measures, once,
// and can be edited.
func TestSamplesAreEditable(t *testing.T) {
	h := open(t)
	ctx := h.as("officer")
	all, err := h.room.Samples(ctx, h.people["owner"], text.DE)
	h.must(err)
	if len(all) != 2 {
		t.Fatalf("%d samples", len(all))
	}
	for i, want := range []risk.Level{risk.High, risk.VeryHigh} {
		o := all[i]
		if o.Doc.Initial() != want || len(o.Doc.Measures) < 3 || o.Doc.Treatment != risk.Reduce || o.Doc.Before[0].SeverityReason == "" {
			t.Errorf("%s: %s, %d measures", o.Doc.Name, o.Doc.Initial(), len(o.Doc.Measures))
		}
	}
	again, err := h.room.Samples(ctx, h.people["owner"], text.DE)
	h.must(err)
	if len(again) != 0 {
		t.Error("the samples came twice")
	}
	o, err := h.room.Assess(ctx, all[0].ID, all[0].Revision, []risk.Rating{{Impact: risk.Rights, Likelihood: 2, Severity: 2}, {Impact: risk.Safety, Likelihood: 1, Severity: 2}})
	h.must(err)
	if o.Doc.Initial() != risk.Low {
		t.Errorf("edited: %s", o.Doc.Initial())
	}
	o, err = h.room.Take(ctx, "hz.drift", h.system.ID, h.people["owner"], text.EN)
	h.must(err)
	if o.Doc.Hazard != "hz.drift" || len(o.Doc.Before) != 0 || o.Doc.Name != "Slow change of the inputs" {
		t.Errorf("taken: %+v", o.Doc)
	}
	if _, err := h.room.Take(ctx, "hz.none", "", "", text.EN); !problem.Is(err, problem.NotFound) {
		t.Errorf("an entry that does not exist: %v", err)
	}
}

// 000-31: a metric has limit and interval; a missed interval or a value beyond the
// limit warns everywhere and stops a system on which much depends.
func TestMissedAndBeyond(t *testing.T) {
	h := open(t)
	m := create(h, "officer", h.watch.Metrics, risk.Metric{Name: "Trefferquote", System: h.system.ID, What: "Stichprobe", Unit: "%", Direction: risk.AtLeast, Limit: 95, Days: 30, From: start})
	high := func() *permit.Demand { return demand(h.says(h.watch, permit.ClassHigh), permit.DemandMeasurement) }
	if d := high(); !d.Met || !d.Until.Equal(start.AddDate(0, 0, 30)) {
		t.Errorf("just begun: %+v", d)
	}
	h.now = start.AddDate(0, 0, 30)
	if d := high(); d.Met || d.Detail.DE != "„Trefferquote“ wurde nicht rechtzeitig gemessen." {
		t.Errorf("missed: %+v", d)
	}
	said := h.says(h.watch, permit.ClassMinimal)
	if demand(said, permit.DemandMeasurement) != nil || len(said.Parts) != 1 || !said.Parts[0].Open {
		t.Errorf("minimal: warns and does not stop: %+v", said)
	}
	if _, err := h.watch.File(h.as("officer"), m.ID, risk.Reading{At: h.now.AddDate(0, 0, 1), Value: 97, Source: "Prüfplatz"}); !problem.Is(err, problem.BadInput) {
		t.Errorf("measured tomorrow: %v", err)
	}
	file := func(v float64) {
		_, err := h.watch.File(h.as("officer"), m.ID, risk.Reading{At: h.now, Value: v, Source: "Prüfplatz"})
		h.must(err)
	}
	file(97)
	if !high().Met {
		t.Error("measured and good")
	}
	h.now = h.now.AddDate(0, 0, 1)
	file(94.9)
	if d := high(); d.Met || d.Detail.EN != "'Trefferquote' is beyond its limit." {
		t.Errorf("beyond: %+v", d)
	}
	h.now = h.now.AddDate(0, 0, 1)
	file(95)
	if !high().Met {
		t.Error("a value at the limit is good")
	}
	all, err := h.watch.Standings(h.as(""), h.db, "", h.now)
	h.must(err)
	if len(all) != 1 || all[0].Last.Doc.Value != 95 || all[0].Wrong() {
		t.Errorf("standing: %+v", all)
	}
}

// 004-03, 000-18: where people are rated, a check for bias is demanded, and again
// after a year; elsewhere it is not.
func TestBiasIsCheckedWherePeopleAreRated(t *testing.T) {
	h := open(t)
	if demand(h.says(h.watch, permit.ClassHigh), permit.DemandBias) != nil {
		t.Error("demanded where nobody is rated")
	}
	h.system = create(h, "officer", h.inv.Systems, inventory.System{Name: "Schichtplan", People: true, Scope: []inventory.Scope{"personnel"}})
	bias := func() *permit.Demand { return demand(h.says(h.watch, permit.ClassMinimal), permit.DemandBias) }
	if d := bias(); d == nil || d.Met {
		t.Fatalf("never checked: %+v", d)
	}
	check := risk.Check{System: h.system.ID, Subject: risk.Bias, Date: h.now, How: "120 Vorschläge nach Gruppen", Found: "not_assessable", Result: "Gruppe zu klein."}
	create(h, "officer", h.watch.Checks, check)
	if bias().Met {
		t.Error("a check that says nothing counts")
	}
	check.Found, check.Result = "nothing", "Anteile gleich, 12 von 120 und 11 von 118."
	made := create(h, "officer", h.watch.Checks, check)
	if d := bias(); !d.Met || d.Object != made.ID || !d.Until.Equal(h.now.AddDate(1, 0, 0)) {
		t.Errorf("checked: %+v", d)
	}
	last, err := h.watch.LastChecks(h.as(""), h.db, "")
	h.must(err)
	if o := last[h.system.ID][risk.Bias]; o.ID != made.ID || !o.Doc.Date.Equal(h.now) {
		t.Errorf("last check: %+v", o)
	}
	h.now = h.now.AddDate(1, 0, 0)
	if bias().Met {
		t.Error("a check of last year counts")
	}
	check.Found = "something"
	if err := check.Validate(); err == nil {
		t.Error("something was found, and nothing follows")
	}
	if !risk.Rates(inventory.System{People: true}, "not_ai_but_people") || risk.Rates(inventory.System{People: true, Scope: []inventory.Scope{"production"}}, "ai_system") {
		t.Error("who is rated")
	}
}
