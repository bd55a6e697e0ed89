package duty_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/knowledge"
)

// answers are the answers of a bought system, with some changed.
func answers(change map[string]string) []classify.Answer {
	all := governtest.Minimal()
	for fact, v := range change {
		i := slices.IndexFunc(all, func(a classify.Answer) bool { return a.Fact == fact })
		if i < 0 {
			all = append(all, classify.Answer{})
			i = len(all) - 1
		}
		all[i] = classify.Answer{Fact: fact, Values: strings.Split(v, ",")}
	}
	return all
}

func classified(h *governtest.House, name string, change map[string]string) store.Object[inventory.System] {
	h.T.Helper()
	s := h.System(name)
	have, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	_, err = h.Classify.Put(h.As("ai_officer"), s.ID, have.Revision, classify.Input{Verdict: "ai_system", Answers: answers(change)})
	h.Must(err)
	return s
}

func standing(h *governtest.House, system string, at time.Time) duty.Standing {
	h.T.Helper()
	g, err := h.Duty.Register(h.As("ai_officer"), h.DB)
	h.Must(err)
	all, err := g.At(at, system)
	h.Must(err)
	if len(all) != 1 {
		h.T.Fatalf("%d systems", len(all))
	}
	return all[0]
}

// The saved answers are read again under the law of another day: what was
// limited before the new prohibition is prohibited from it on (000-61).
func TestAnotherDayAnotherClass(t *testing.T) {
	h := governtest.Open(t)
	s := classified(h, "Bilder", map[string]string{"practices": "ba", "outputs": "synthetic,deepfake", "editing_only": "no"})
	before, after := standing(h, s.ID, day(t, "2026-12-01")), standing(h, s.ID, day(t, "2026-12-02"))
	if before.Class != "limited" || before.Differs() || before.Saved != "limited" {
		t.Fatalf("before: %q, saved %q", before.Class, before.Saved)
	}
	if after.Class != "prohibited" || !after.Differs() || after.Saved != "limited" {
		t.Fatalf("after: %q, saved %q", after.Class, after.Saved)
	}
	changes := duty.Changes(duty.On(h.Brings, before.Subject, day(t, "2026-12-01")), duty.On(h.Brings, after.Subject, day(t, "2026-12-02")))
	if !slices.ContainsFunc(changes, func(c duty.Change) bool {
		return c.What == duty.Starts && c.Duty.Clause.ID == "aia.art5.1.ba" && c.Duty.Trigger == duty.ForBan
	}) {
		t.Errorf("the prohibition does not begin: %v", changes)
	}
	if !after.AsOf.Equal(governtest.Start) || !strings.Contains(after.Version, classify.ClassRules) {
		t.Errorf("saved under %q on %v", after.Version, after.AsOf)
	}
	early := standing(h, s.ID, day(t, "2020-01-01"))
	if !early.Kept || early.Class != "limited" {
		t.Errorf("before the rules begin: %+v", early.Class)
	}
	// Looking changes nothing.
	have, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	if have.Doc.Class != "limited" || have.Revision != 2 {
		t.Errorf("%q revision %d", have.Doc.Class, have.Revision)
	}
}

// A system under Annex III: high today, its duties begin in December 2027, and
// nothing of it binds before, although some clauses formally apply already.
func TestHighRiskDutiesBeginWithTheirDay(t *testing.T) {
	h := governtest.Open(t)
	s := classified(h, "Bewerbungen", map[string]string{"areas": "hiring", "profiling": "yes", "activities": "develops", "own_name": "yes"})
	st := standing(h, s.ID, h.Now())
	if st.Class != "high" || st.Role != "provider" || !st.DutiesFrom.Equal(day(t, "2027-12-02")) {
		t.Fatalf("%+v", st.Subject)
	}
	for _, d := range duty.On(h.Brings, st.Subject, day(t, "2027-12-01")) {
		if d.Trigger == duty.ForHigh && d.State != duty.Coming {
			t.Errorf("%s is %s the day before", d.Clause.ID, d.State)
		}
	}
}

// A class that a person set against the rules stands as long as the rules say
// the same; a retired system brings nothing; an unclassified one is unclear.
func TestWhatStands(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Presse")
	have, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	_, err = h.Classify.Put(h.As("ai_officer"), s.ID, have.Revision, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal(), Class: "high",
		Reason: "Der Kunde verlangt die strengere Klasse."})
	h.Must(err)
	if st := standing(h, s.ID, day(t, "2028-01-01")); st.Class != "high" || st.Rules != "minimal" || st.Differs() {
		t.Errorf("%q by rules %q", st.Class, st.Rules)
	}
	plain := governtest.Create(h, "ai_officer", h.Inventory.Systems, inventory.System{Name: "Neu", Code: "neu1", DataClasses: []string{"special"}, People: true})
	if st := standing(h, plain.ID, h.Now()); st.Known || st.Class != packs.Unclear || !st.Personal || !st.Special || !st.People {
		t.Errorf("%+v", st)
	}
	governtest.Change(h, h.Inventory.Systems, plain.ID, func(s *inventory.System) { s.LifeCycle = inventory.Retired })
	g, err := h.Duty.Register(h.As("ai_officer"), h.DB)
	h.Must(err)
	if all := g.Systems(); len(all) != 1 || all[0].ID != s.ID {
		t.Errorf("%d systems", len(all))
	}
}

// Two readings of one era come out alike and cost one reading.
func TestReadingIsKeptForAnEra(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Presse")
	g, err := h.Duty.Register(h.As("ai_officer"), h.DB)
	h.Must(err)
	a, err := g.At(day(t, "2027-01-01"), s.ID)
	h.Must(err)
	b, err := g.At(day(t, "2028-01-01"), s.ID)
	h.Must(err)
	if a[0].Class != b[0].Class || a[0].Role != b[0].Role {
		t.Errorf("%v %v", a, b)
	}
}

// newer is the library with one text of a shipped pack replaced.
func newer(t *testing.T, pack, old, with string) *packs.Library {
	t.Helper()
	tree := fstest.MapFS{}
	hit := 0
	err := fs.WalkDir(knowledge.Packs, "packs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if dir := path.Base(path.Dir(name)); dir != "law" && dir != "standard" && dir != "rules" { // what the tests need, so that they are quick
			return nil
		}
		raw, err := fs.ReadFile(knowledge.Packs, name)
		if path.Base(name) == pack+".yaml" && strings.Contains(string(raw), old) {
			raw = []byte(strings.Replace(string(raw), old, with, 1))
			hit++
		}
		tree[name] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil || hit != 1 {
		t.Fatalf("%d places, %v", hit, err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func offer(h *governtest.House, pack string) duty.Offer {
	h.T.Helper()
	offers, _, err := h.Duty.Offers(h.As("ai_officer"), h.DB)
	h.Must(err)
	i := slices.IndexFunc(offers, func(o duty.Offer) bool { return o.Info.ID == pack })
	if i < 0 {
		h.T.Fatalf("no pack %s", pack)
	}
	return offers[i]
}

// 000-38: a new version shows its difference from the kept text before it is
// adopted, and brings reviews only where something rests on what changed.
func TestAdoption(t *testing.T) {
	h := governtest.Open(t)
	ctx := h.As("ai_officer")
	s := classified(h, "Bewerbungen", map[string]string{"areas": "hiring", "profiling": "yes", "changes": "none"})
	n, err := h.Duty.AdoptAll(ctx)
	h.Must(err)
	if n < 10 || n != len(h.Brings.Packs()) {
		t.Fatalf("%d of %d adopted", n, len(h.Brings.Packs()))
	}
	if again, err := h.Duty.AdoptAll(ctx); err != nil || again != 0 {
		t.Errorf("adopted again: %d, %v", again, err)
	}
	o := offer(h, "eu-ai-act")
	if !o.Current() {
		t.Fatal("adopted and not current")
	}
	if d, err := h.Duty.Difference(ctx, h.DB, o); err != nil || len(d) != 0 {
		t.Errorf("difference of the same text: %v %v", d, err)
	}

	// The program brings another text: one clause that binds the system, one that
	// binds nobody here.
	h.Brings = newer(t, "eu-ai-act", "title: {de: Nutzung nach Anleitung, en: Use per instructions}", "title: {de: Nutzung genau nach Anleitung, en: Use exactly per instructions}")
	o = offer(h, "eu-ai-act")
	if o.Current() {
		t.Fatal("another text counts as adopted")
	}
	diffs, err := h.Duty.Difference(ctx, h.DB, o)
	h.Must(err)
	if len(diffs) != 1 || diffs[0].Item != "aia.art26.1" || diffs[0].How != duty.Changed || diffs[0].Fields[0].Field != "title" ||
		diffs[0].Fields[0].Old.DE != "Nutzung nach Anleitung" || diffs[0].Fields[0].New.EN != "Use exactly per instructions" {
		t.Fatalf("%+v", diffs)
	}
	if _, _, err := h.Duty.Adopt(ctx, "eu-ai-act", "other"); !problem.Is(err, problem.Conflict) {
		t.Errorf("adopted what was not shown: %v", err)
	}
	a, tasks, err := h.Duty.Adopt(ctx, "eu-ai-act", o.Hash)
	h.Must(err)
	if a.Changed != 1 || a.Tasks != 1 || len(tasks) != 1 {
		t.Fatalf("%+v, %d tasks", a, len(tasks))
	}
	task := tasks[0].Doc
	if task.Phase != duty.Check || task.Cause != duty.ByAdoption || !slices.Equal(task.About, []string{"aia.art26.1"}) || !slices.Equal(task.Systems, []string{s.ID}) ||
		!strings.Contains(task.Say.DE, "Bewerbungen") || !task.Say.Complete() || !task.Due.After(h.Now()) {
		t.Errorf("%+v", task)
	}
	if !offer(h, "eu-ai-act").Current() {
		t.Error("not current after the adoption")
	}
	if _, more, err := h.Duty.Adopt(ctx, "eu-ai-act", o.Hash); err != nil || len(more) != 0 {
		t.Errorf("adopting again: %d tasks, %v", len(more), err)
	}
}

// 000-38: what nothing rests on brings no review; what a control record or an own
// mapping rests on does; changed rules are one review for all.
func TestReviewsOnlyWhereItMatters(t *testing.T) {
	h := governtest.Open(t)
	ctx := h.As("ai_officer")
	h.System("Presse")
	_, err := h.Duty.AdoptAll(ctx)
	h.Must(err)
	adopt := func(pack string) []store.Object[duty.Task] {
		t.Helper()
		_, tasks, err := h.Duty.Adopt(ctx, pack, offer(h, pack).Hash)
		h.Must(err)
		return tasks
	}
	const old, with = "title: {de: Nutzung nach Anleitung, en: Use per instructions}", "title: {de: Nutzung laut Anleitung, en: Use by instructions}"
	shipped := h.Brings
	h.Brings = newer(t, "eu-ai-act", old, with)
	if tasks := adopt("eu-ai-act"); len(tasks) != 0 {
		t.Errorf("no system is high, yet %v", tasks[0].Doc.Name)
	}
	h.Brings = shipped // and back again, with a statement that rests on it
	h.Rests = []duty.Rest{{Item: "aia.art26.1", Kind: "control", Object: "ctl_1", Name: "Art. 26(1)"}}
	if tasks := adopt("eu-ai-act"); len(tasks) != 1 || len(tasks[0].Doc.Systems) != 0 {
		t.Errorf("%d tasks", len(tasks))
	}
	h.Brings = newer(t, "ai-act-class", "Transparenzpflichten treffen Anbieter und Betreiber.", "Transparenzpflichten treffen beide.")
	if tasks := adopt("ai-act-class"); len(tasks) != 1 || len(tasks[0].Doc.Systems) != 1 || !slices.Contains(tasks[0].Doc.About, "transparency.both") {
		t.Errorf("%d tasks", len(tasks))
	}
}

// A kept text that was tampered with shows no difference but the defect.
func TestKeptTextIsHeldAgainstItsHash(t *testing.T) {
	h := governtest.Open(t)
	ctx := h.As("ai_officer")
	_, err := h.Duty.AdoptAll(ctx)
	h.Must(err)
	p, err := h.Duty.Texts.List(ctx, h.DB, store.Query{Filters: []store.Filter{store.Where("pack", "=", "eu-ai-act")}})
	h.Must(err)
	governtest.Change(h, h.Duty.Texts, p.Items[0].ID, func(k *duty.Kept) { k.Text = "id: other\n" })
	h.Brings = newer(t, "eu-ai-act", "title: {de: Nutzung nach Anleitung, en: Use per instructions}", "title: {de: Nutzung, en: Use}")
	if _, err := h.Duty.Difference(ctx, h.DB, offer(h, "eu-ai-act")); !problem.Is(err, problem.Corrupt) {
		t.Errorf("%v", err)
	}
}

// 000-20: another market draws up the list of duties anew and makes a task of
// it; any other change does not.
func TestAnotherMarketBringsANewList(t *testing.T) {
	h := governtest.Open(t)
	s := h.System("Presse")
	open := func() []store.Object[duty.Task] {
		t.Helper()
		p, err := h.Duty.Tasks.List(h.As("ai_officer"), h.DB, store.Query{})
		h.Must(err)
		return p.Items
	}
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Technology = "Andere Bäume" })
	if got := open(); len(got) != 0 {
		t.Fatalf("%d tasks without another market", len(got))
	}
	lib, err := h.Brings.Extend(fstest.MapFS{"own.yaml": {Data: []byte(swissPack)}})
	h.Must(err)
	h.Brings = lib
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Markets = []string{"eu", "ch", "us"} })
	got := open()
	if len(got) != 1 {
		t.Fatalf("%d tasks; %v", len(got), h.Failed())
	}
	task := got[0].Doc
	if task.Phase != duty.Plan || task.Cause != duty.ByMarket || !slices.Equal(task.About, []string{"own.ch.1"}) || !slices.Equal(task.Systems, []string{s.ID}) {
		t.Errorf("%+v", task)
	}
	if !strings.Contains(task.Say.DE, "neu: 1") || !strings.Contains(task.Say.DE, "us") || strings.Contains(task.Say.DE, "für: eu") || !task.Say.Complete() {
		t.Errorf("%s", task.Say.DE)
	}
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Sectors = []string{"food"} })
	if got := open(); len(got) != 2 {
		t.Errorf("another sector: %d tasks", len(got))
	}
	governtest.Change(h, h.Inventory.Systems, s.ID, func(s *inventory.System) { s.Name = "Presse 2" })
	if got := open(); len(got) != 2 {
		t.Errorf("another name: %d tasks", len(got))
	}
}

// 000-02: a task has one phase and ends with a sentence.
func TestTaskEndsWithAResult(t *testing.T) {
	h := governtest.Open(t)
	ctx := h.As("ai_officer")
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Duty.Tasks.Create(ctx, tx, duty.Task{Name: "Ohne Phase"})
		return err
	})
	if !problem.Is(err, problem.BadInput) {
		t.Errorf("a task without a phase: %v", err)
	}
	task := governtest.Create(h, "ai_officer", h.Duty.Tasks, duty.Task{Name: "Prüfen", Phase: duty.Check})
	if task.Doc.Cause != duty.ByPerson || !task.Doc.Open() {
		t.Errorf("%+v", task.Doc)
	}
	if _, err := h.Duty.Finish(ctx, task.ID, task.Revision, "gut"); !problem.Is(err, problem.BadInput) {
		t.Errorf("finished without a sentence: %v", err)
	}
	done, err := h.Duty.Finish(ctx, task.ID, task.Revision, "Nichts zu ändern.")
	h.Must(err)
	if done.Doc.Open() || done.Doc.DoneBy != h.People["ai_officer"].ID || !done.Doc.Done.Equal(h.Now()) {
		t.Errorf("%+v", done.Doc)
	}
}

// What stops counting between two days, once each, in order.
func TestStale(t *testing.T) {
	h := governtest.Open(t)
	at := func(s string) time.Time { return day(t, s) }
	h.Rests = []duty.Rest{
		{Item: "a", Kind: "evidence", Object: "evd_1", Name: "Plan", Until: at("2027-03-01")}, {Item: "b", Kind: "evidence", Object: "evd_1", Name: "Plan", Until: at("2027-03-01")},
		{Kind: "agreement", Object: "agr_1", Name: "BV", Until: at("2027-01-01")}, {Kind: "evidence", Object: "evd_2"}, {Kind: "evidence", Object: "evd_3", Until: at("2028-01-01")}, {Kind: "evidence", Object: "evd_4", Until: at("2026-01-01")}}
	got, err := h.Duty.Stale(h.As("ai_officer"), h.DB, h.Now(), at("2027-06-01"))
	h.Must(err)
	if len(got) != 2 || got[0].Object != "agr_1" || got[1].Object != "evd_1" {
		t.Errorf("%+v", got)
	}
}

// BenchmarkClock reads 100 classified systems under the law of two days and lists
// their duties: what one page of the law clock computes.
func BenchmarkClock(b *testing.B) {
	h := governtest.Open(b)
	for range 100 {
		h.System("System")
	}
	for b.Loop() {
		g, err := h.Duty.Register(h.As("ai_officer"), h.DB)
		h.Must(err)
		law := duty.Read(h.Brings)
		for _, at := range []time.Time{h.Now(), h.Now().AddDate(2, 0, 0)} {
			all, err := g.At(at)
			h.Must(err)
			for _, s := range all {
				law.On(s.Subject, at)
			}
		}
	}
}
