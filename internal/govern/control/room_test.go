package control_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// person stands for the persons of identity, which lives in another wing.
type person struct {
	Name string `json:"name" store:"required"`
}

// house is the room over a real database.
type house struct {
	*control.Room
	db    *store.DB
	lib   *packs.Library
	owner string
	ctx   context.Context
}

func open(t testing.TB) house {
	t.Helper()
	h := house{lib: shipped(t), ctx: store.WithActor(context.Background(), store.Actor{ID: "usr_1", Kind: "person"})}
	h.Room = control.New(func() *packs.Library { return h.lib }, []string{"director", "ai_officer"}, func() time.Time { return today })
	persons := store.NewKind[person]("person", "usr")
	kinds := append([]store.AnyKind{persons, inventory.Vendors(), inventory.Systems(), inventory.Models()}, h.Kinds()...)
	var err error
	h.db, err = store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: kinds, Access: store.AllowAll,
		Source: "/werk/store", Now: func() time.Time { return today }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Open(h.db)
	if err := h.db.Write(h.ctx, func(tx *store.Tx) error {
		o, err := persons.Create(h.ctx, tx, person{Name: "Kim"})
		h.owner = o.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return h
}

// wrong returns the paths of the wrong fields.
func wrong(t *testing.T, err error) string {
	t.Helper()
	if !problem.Is(err, problem.BadInput) {
		t.Fatalf("not refused as bad input: %v", err)
	}
	var paths []string
	for _, f := range problem.From(err).Fields {
		paths = append(paths, f.Path)
		if !f.Say.Complete() {
			t.Errorf("%s says it in one language only", f.Path)
		}
	}
	return strings.Join(paths, " ")
}

// 001-19, 001-38, 001-63: what is ruled out needs a reason; a decided row of
// the statement needs a reason and a role of the register.
func TestRulesOfRecords(t *testing.T) {
	h := open(t)
	const control42, clause42 = "iso42001.A.2.2", "iso42001.4.1"
	for name, c := range map[string]struct {
		rec   control.Record
		paths string
	}{
		"ruled out without reason":   {control.Record{Framework: "eu-ai-act", Clause: "aia.art4.1", Applicable: control.No}, "reason"},
		"by status, without reason":  {control.Record{Framework: "eu-ai-act", Clause: "aia.art4.1", Status: control.NotApplicable}, "reason"},
		"decided without both":       {control.Record{Framework: "iso-42001", Clause: control42, Applicable: control.Yes}, "reason responsible"},
		"a blank is no reason":       {control.Record{Framework: "iso-42001", Clause: control42, Applicable: control.No, Reason: " \n", Responsible: "director"}, "reason"},
		"a role nobody has":          {control.Record{Framework: "iso-42001", Clause: clause42, Responsible: "wizard"}, "responsible"},
		"a clause of another text":   {control.Record{Framework: "iso-42001", Clause: "aia.art4.1"}, "clause"},
		"applicable and not":         {control.Record{Framework: "iso-42001", Clause: clause42, Applicable: control.Yes, Status: control.NotApplicable}, "applicable"},
		"a status that is none":      {control.Record{Framework: "iso-42001", Clause: clause42, Status: "done"}, "status"},
		"ruled out and met at once":  {control.Record{Framework: "iso-42001", Clause: clause42, Applicable: control.No, Status: control.Met, Reason: "Weil."}, "applicable"},
		"more days than a work life": {control.Record{Framework: "iso-42001", Clause: clause42, Days: 1e6}, "days"},
	} {
		if _, err := h.Put(h.ctx, 0, c.rec); wrong(t, err) != c.paths {
			t.Errorf("%s: wrong are %q, want %q", name, wrong(t, err), c.paths)
		}
	}
	if _, err := h.Put(h.ctx, 0, control.Record{Framework: "nothing", Clause: clause42}); !problem.Is(err, problem.NotFound) {
		t.Errorf("a framework that nobody has: %v", err)
	}
	o, err := h.Put(h.ctx, 0, control.Record{Framework: "iso-42001", Clause: control42, Applicable: control.No, Reason: " Wir entwickeln nicht. ", Responsible: "director"})
	if err != nil {
		t.Fatal(err)
	}
	fw, _ := h.lib.Framework("iso-42001")
	if d := o.Doc; d.Status != control.NotApplicable || d.Reason != "Wir entwickeln nicht." || d.Version != fw.Version || !d.AsOf.Equal(today) || !d.Decided() {
		t.Errorf("%+v", d)
	}
	// Met without evidence is allowed.
	if _, err := h.Put(h.ctx, 0, control.Record{Framework: "iso-42001", Clause: clause42, Status: control.Met}); err != nil {
		t.Error(err)
	}
	// The other faces write through the declaration: it holds what needs no register.
	if err := h.Controls.CheckJSON([]byte(`{"framework":"iso-42001","clause":"iso42001.4.1","applicable":"no","status":"not_applicable"}`)); wrong(t, err) != "reason" {
		t.Error(err)
	}
}

// There is one record a requirement; who changes it must have seen it.
func TestOneRecordARequirement(t *testing.T) {
	h := open(t)
	rec := control.Record{Framework: "iso-42001", Clause: "iso42001.4.1", Status: control.InProgress}
	o, err := h.Put(h.ctx, 0, rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Status = control.Met
	for _, revision := range []int64{0, 7} {
		if _, err := h.Put(h.ctx, revision, rec); !problem.Is(err, problem.Conflict) {
			t.Errorf("revision %d: %v", revision, err)
		}
	}
	if o, err = h.Put(h.ctx, o.Revision, rec); err != nil || o.Revision != 2 {
		t.Fatalf("revision %d, %v", o.Revision, err)
	}
	other := rec
	other.Framework, other.Clause = "eu-ai-act", "aia.art4.1"
	if _, err := h.Put(h.ctx, 0, other); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Put(h.ctx, 3, control.Record{Framework: "eu-ai-act", Clause: "aia.art5.1.a"}); !problem.Is(err, problem.Conflict) {
		t.Errorf("a change of what is gone: %v", err)
	}
	one, err := h.Records(h.ctx, h.db, "iso-42001")
	if err != nil || len(one) != 1 {
		t.Fatalf("%v, %v", one, err)
	}
	if got, ok := one.Of("iso-42001", "iso42001.4.1"); !ok || got.Doc.Status != control.Met {
		t.Errorf("%+v", got)
	}
	if all, err := h.Records(h.ctx, h.db); err != nil || len(all) != 2 {
		t.Errorf("%d records, %v", len(all), err)
	}
	if _, ok, err := h.Record(h.ctx, h.db, "iso-42001", "iso42001.4.2"); ok || err != nil {
		t.Errorf("a record that nobody wrote: %v, %v", ok, err)
	}
}

// 001-36: evidence has a type, a date, an expiry, a hash, an owner, and a place.
func TestRulesOfEvidence(t *testing.T) {
	h := open(t)
	sound := control.Evidence{Name: "Schulungsnachweis", Type: "screenshot", Date: days(-1), Expires: days(300), Owner: h.owner,
		Hash: strings.Repeat("0A", 32), Link: "https://example.org/x", Clauses: []string{"iso42001.7.2", "zta.05"}}
	for paths, change := range map[string]func(*control.Evidence){
		"clauses": func(e *control.Evidence) { e.Clauses = []string{"iso42001.99"} },
		"date":    func(e *control.Evidence) { e.Date = days(2) },
		"expires": func(e *control.Evidence) { e.Expires = e.Date },
		"hash":    func(e *control.Evidence) { e.Hash = "abc" },
		"link":    func(e *control.Evidence) { e.Link = " " },
		"type":    func(e *control.Evidence) { e.Type = "rumour" },
		"owner":   func(e *control.Evidence) { e.Owner = "usr_nobody" },
		"name":    func(e *control.Evidence) { e.Name = " " },
	} {
		e := sound
		change(&e)
		if _, err := h.PutEvidence(h.ctx, "", 0, e); wrong(t, err) != paths {
			t.Errorf("wrong are %q, want %q", wrong(t, err), paths)
		}
	}
	twice := sound
	twice.Clauses = []string{"zta.05", "zta.05"}
	if _, err := h.PutEvidence(h.ctx, "", 0, twice); wrong(t, err) != "clauses" {
		t.Error(err)
	}
	file := sound
	file.Blob, file.Hash, file.Link = "blob", "", ""
	if _, err := h.PutEvidence(h.ctx, "", 0, file); wrong(t, err) != "hash" {
		t.Error(err)
	}
	o, err := h.PutEvidence(h.ctx, "", 0, sound)
	if err != nil || o.Doc.Hash != strings.Repeat("0a", 32) || !o.Doc.Web() {
		t.Fatalf("%+v, %v", o.Doc, err)
	}
	sound.Note = "Kopie liegt im Ordner."
	if _, err := h.PutEvidence(h.ctx, o.ID, 9, sound); !problem.Is(err, problem.Conflict) {
		t.Error(err)
	}
	if o, err = h.PutEvidence(h.ctx, o.ID, o.Revision, sound); err != nil || o.Revision != 2 {
		t.Fatal(err)
	}
	if err := h.RemoveEvidence(h.ctx, o.ID, o.Revision); err != nil {
		t.Fatal(err)
	}
	if all, err := h.Evidence(h.ctx, h.db); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if (&control.Evidence{Link: "javascript:alert(1)"}).Web() || (&control.Evidence{Link: "Ordner 3"}).Web() {
		t.Error("a page would link to what is no web address")
	}
}

// 000-58: one target a framework, ahead of today.
func TestRulesOfTargets(t *testing.T) {
	h := open(t)
	target := control.Target{Framework: "iso-42001", Date: days(200), DaysPerWeek: 1.5, Scope: "Werk 1"}
	past := target
	past.Date = today
	if _, err := h.PutTarget(h.ctx, 0, past); wrong(t, err) != "date" {
		t.Error(err)
	}
	idle := target
	idle.DaysPerWeek = 0
	if _, err := h.PutTarget(h.ctx, 0, idle); wrong(t, err) != "days_per_week" {
		t.Error(err)
	}
	o, err := h.PutTarget(h.ctx, 0, target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.PutTarget(h.ctx, 0, target); !problem.Is(err, problem.Conflict) {
		t.Error(err)
	}
	target.Date = days(250)
	if _, err := h.PutTarget(h.ctx, o.Revision, target); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := h.Target(h.ctx, h.db, "iso-42001"); !ok || err != nil || !got.Doc.Date.Equal(days(250)) {
		t.Errorf("%+v, %v", got, err)
	}
	if all, err := h.AllTargets(h.ctx, h.db); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// thousand fills an organisation with records of the whole framework and 1,000
// evidence objects.
func thousand(t testing.TB) house {
	t.Helper()
	h := open(t)
	fw, ok := h.lib.Framework("iso-42001")
	if !ok {
		t.Fatal("the framework is not shipped")
	}
	items := fw.Items()
	var recs []control.Record
	for i, it := range items {
		r := control.Record{Framework: fw.ID, Clause: it.Clause, Status: control.Partly, Implementation: strings.Repeat("Wir setzen das um. ", 10)}
		if i%3 == 0 {
			r.Status, r.Responsible = control.Met, "director"
		}
		recs = append(recs, r)
	}
	var all []control.Evidence
	for i := range 1000 {
		e := control.Evidence{Name: fmt.Sprintf("Nachweis %d", i), Type: "document", Date: days(-i % 300), Link: "Ordner", Hash: strings.Repeat("ab", 32), Owner: h.owner,
			Clauses: []string{items[i%len(items)].Clause, items[(i*7+1)%len(items)].Clause}, Note: strings.Repeat("Anmerkung. ", 10)}
		if e.Clauses[0] == e.Clauses[1] {
			e.Clauses = e.Clauses[:1]
		}
		if i%10 == 0 {
			e.Expires = days(i%60 - 20)
			e.Date = days(-400)
		}
		all = append(all, e)
	}
	if err := h.db.Write(h.ctx, func(tx *store.Tx) error {
		if _, err := h.Controls.CreateMany(h.ctx, tx, recs); err != nil {
			return err
		}
		_, err := h.Evidences.CreateMany(h.ctx, tx, all)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.PutTarget(h.ctx, 0, control.Target{Framework: fw.ID, Date: days(200), DaysPerWeek: 2}); err != nil {
		t.Fatal(err)
	}
	return h
}

// view is what a page of the full framework computes.
func (h house) view(t testing.TB, ctx context.Context) (control.GapView, control.Roadmap) {
	t.Helper()
	fw, _ := h.lib.Framework("iso-42001")
	records, err := h.Records(ctx, h.db, fw.ID)
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := h.Evidence(ctx, h.db)
	if err != nil {
		t.Fatal(err)
	}
	target, _, err := h.Target(ctx, h.db, fw.ID)
	if err != nil {
		t.Fatal(err)
	}
	g := control.Gap(h.lib, fw, control.Said{Records: records, Covered: control.Coverage(h.lib, evidence, today)}, today)
	return g, control.Plan(g, target.Doc, today)
}

// The whole view of ISO/IEC 42001 with 1,000 evidence objects needs at most
// five queries (done-when of the area).
func TestFullViewInFiveQueries(t *testing.T) {
	h := thousand(t)
	ctx, n := store.CountQueries(h.ctx)
	g, plan := h.view(t, ctx)
	if *n > 5 {
		t.Errorf("%d queries, at most 5", *n)
	}
	seen := map[string]bool{}
	for _, v := range g.Items() {
		for _, c := range v.Cover.Closings {
			seen[c.Evidence] = true
		}
	}
	if len(seen) != 1000 || g.Tally.Lapsed == 0 || len(plan.Steps) == 0 {
		t.Errorf("%d evidence objects in the view, %d requirements with expired ones, %d steps", len(seen), g.Tally.Lapsed, len(plan.Steps))
	}
}

func BenchmarkFullView(b *testing.B) {
	h := thousand(b)
	for b.Loop() {
		h.view(b, h.ctx)
	}
}
