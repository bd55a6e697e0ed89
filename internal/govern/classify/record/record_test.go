package record_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

func house(t *testing.T) (*governtest.House, *record.Room) {
	t.Helper()
	var h *governtest.House
	now := func() time.Time { return h.Now() }
	lib := governtest.Library(t)
	room := record.New(classify.New(lib, now), func() *packs.Library { return lib }, now)
	h = governtest.OpenWith(t, governtest.With{Kinds: room.Kinds(), Sources: []stand.Source{room}})
	room.Open(h.DB, nil)
	h.DB.OnCommit(func(ctx context.Context, changes []store.Change) {
		room.OnCommit(ctx, changes, func(err error) { t.Error(err) })
	})
	return h, room
}

func answers(pairs ...string) []classify.Answer {
	var out []classify.Answer
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, classify.Answer{Fact: pairs[i], Values: strings.Split(pairs[i+1], "+")})
	}
	return out
}

var zone = []string{"consequence", "disturbance", "reach", "plant", "targeted", "no"}

func classified(h *governtest.House, id string, more ...string) store.Object[classify.Classification] {
	h.T.Helper()
	o, err := h.Classify.Of(h.As(""), h.DB, id)
	h.Must(err)
	o, err = h.Classify.Put(h.As("ai_officer"), id, o.Revision, classify.Input{Verdict: "ai_system", Answers: answers(append(more, zone...)...)})
	h.Must(err)
	return o
}

func subject(h *governtest.House, id string) stand.Subject {
	h.T.Helper()
	s, err := h.Inventory.Systems.Get(h.As(""), h.DB, id)
	h.Must(err)
	c, err := h.Classify.Of(h.As(""), h.DB, id)
	h.Must(err)
	models, err := h.Inventory.Models.List(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", id)}})
	h.Must(err)
	return stand.Subject{System: s, Models: models.Items, Classification: &c, Now: h.Now()}
}

func demand(h *governtest.House, room *record.Room, id, code string) (permit.Demand, bool) {
	h.T.Helper()
	said, err := room.Says(h.As(""), h.DB, subject(h, id))
	h.Must(err)
	i := slices.IndexFunc(said.Demands, func(d permit.Demand) bool { return d.Code == code })
	if i < 0 {
		return permit.Demand{}, false
	}
	return said.Demands[i], true
}

var hiring = []string{"practices", "none", "areas", "hiring", "product", "none", "outputs", "none", "activities", "uses", "changes", "none"}

// 001-12: an exception needs criterion, reason, evidence, reviewer and day; without
// the record of the claimed criterion the permit rests.
func TestExceptionNeedsItsRecord(t *testing.T) {
	h, room := house(t)
	s := h.System("Umwandler")
	if _, asked := demand(h, room, s.ID, permit.DemandException); asked {
		t.Error("asked for without a claim")
	}
	c := classified(h, s.ID, append(hiring, "profiling", "no", "derogation", "narrow")...)
	if c.Doc.Class != "minimal" || c.Doc.Claims() != "narrow" {
		t.Fatalf("%s, claims %q", c.Doc.Class, c.Doc.Claims())
	}
	d, ok := demand(h, room, s.ID, permit.DemandException)
	if !ok || d.Met || !slices.Contains(d.Clauses, "aia.art6.3.a") {
		t.Errorf("%+v", d)
	}
	doc := record.Exception{System: s.ID, Criterion: record.Improves, Reason: "Es bringt Unterlagen nur in ein Format.", Evidence: "Prüfbericht im Ordner KI", Reviewer: h.People["director"].ID, Date: h.Now()}
	governtest.Create(h, "ai_officer", room.Exceptions, doc)
	if d, _ = demand(h, room, s.ID, permit.DemandException); d.Met {
		t.Error("another criterion counts")
	}
	doc.Criterion, doc.Until = record.Narrow, h.Now().AddDate(1, 0, 0)
	made := governtest.Create(h, "ai_officer", room.Exceptions, doc)
	if d, _ = demand(h, room, s.ID, permit.DemandException); !d.Met || d.Object != made.ID || !d.Until.Equal(doc.Until) {
		t.Errorf("%+v", d)
	}
	for name, change := range map[string]func(*record.Exception){"no reason": func(e *record.Exception) { e.Reason = "" }, "no evidence": func(e *record.Exception) { e.Evidence = "" },
		"no reviewer": func(e *record.Exception) { e.Reviewer = "" }, "no day": func(e *record.Exception) { e.Date = time.Time{} }, "no criterion": func(e *record.Exception) { e.Criterion = "" }} {
		bad := doc
		change(&bad)
		ctx := h.As("ai_officer")
		if err := h.DB.Write(ctx, func(tx *store.Tx) error { _, err := room.Exceptions.Create(ctx, tx, bad); return err }); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	classified(h, s.ID, append(hiring, "profiling", "yes", "derogation", "narrow")...)
	if _, asked := demand(h, room, s.ID, permit.DemandException); asked {
		t.Error("with profiling no exception is claimed")
	}
}

// 001-43: the declaration is signed by who makes it, not while a prohibited system
// exists, never changed, and renewed yearly; a task reminds of it.
func TestDeclaration(t *testing.T) {
	h, room := house(t)
	s := h.System("Stimmung")
	c, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	governtest.Change(h, h.Classify.Classifications, c.ID, func(d *classify.Classification) { d.Class = "prohibited" })
	if _, err := room.Declare(h.As("director"), true, ""); !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "Stimmung") {
		t.Errorf("declared with a prohibited system: %v", err)
	}
	governtest.Change(h, h.Classify.Classifications, c.ID, func(d *classify.Classification) { d.Class = "minimal" })
	if _, err := room.Declare(h.As("director"), false, ""); !problem.Is(err, problem.BadInput) {
		t.Errorf("declared without confirming: %v", err)
	}
	first, err := room.Declare(h.As("director"), true, "Register durchgesehen")
	h.Must(err)
	if first.Doc.Signer != h.People["director"].ID || first.Doc.Systems != 1 || !first.Doc.Next.Equal(first.Doc.Date.AddDate(1, 0, 0)) {
		t.Errorf("%+v", first.Doc)
	}
	ctx := h.As("ai_officer")
	forged := first.Doc
	if err := h.DB.Write(ctx, func(tx *store.Tx) error { _, err := room.Declarations.Create(ctx, tx, forged); return err }); !problem.Is(err, problem.Denied) {
		t.Errorf("signed for somebody else: %v", err)
	}
	ctx = h.As("director")
	changed := first.Doc
	changed.Note = "anders"
	if err := h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := room.Declarations.Update(ctx, tx, first.ID, first.Revision, changed)
		return err
	}); !problem.Is(err, problem.Denied) {
		t.Errorf("changed what was signed: %v", err)
	}
	for days, want := range map[int]record.Renewal{0: record.Valid, 340: record.DueSoon, 366: record.Overdue} {
		if got := first.Doc.Renewal(first.Doc.Date.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days %s, want %s", days, got, want)
		}
	}
	open := func() (n int) {
		all, err := duty.Tasks().All(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByDeclaration))}})
		h.Must(err)
		for _, x := range all {
			if x.Doc.Open() {
				n++
			}
		}
		return n
	}
	if open() != 1 {
		t.Errorf("%d tasks to renew", open())
	}
	h.Add(360 * 24 * time.Hour)
	_, err = room.Declare(h.As("director"), true, "")
	h.Must(err)
	if open() != 1 {
		t.Errorf("%d tasks after the renewal", open())
	}
}

// 001-44: an external audit is asked for only where the system is high-risk, the
// house provides it, and a notified body is owed; not before the duties begin.
func TestExternalAuditOnlyWhereRequired(t *testing.T) {
	h, room := house(t)
	s := h.System("Zutritt")
	face := []string{"practices", "none", "areas", "biometric_id", "one_to_one", "no", "profiling", "yes", "product", "none", "outputs", "none"}
	own := append(slices.Clone(face), "activities", "develops", "own_name", "yes", "changes", "none")
	for name, c := range map[string]struct {
		say      []string
		route    record.Route
		external bool
	}{
		"own remote identification": {own, record.Notified, true},
		"bought":                    {append(slices.Clone(face), "activities", "uses", "changes", "none"), record.NoRoute, false},
		"own recruiting":            {append(slices.Clone(hiring[:8]), "profiling", "yes", "activities", "develops", "own_name", "yes", "changes", "none"), record.Internal, false},
		"not high":                  {[]string{"practices", "none", "areas", "none", "product", "none", "outputs", "none", "activities", "develops", "own_name", "yes", "changes", "none"}, record.NoRoute, false},
	} {
		got := classified(h, s.ID, c.say...)
		owed, err := room.Route(got.Doc, "no", h.Now())
		h.Must(err)
		if owed.Route != c.route || owed.External != c.external || len(owed.Say) == 0 {
			t.Errorf("%s: %+v", name, owed)
		}
		if d, asked := demand(h, room, s.ID, permit.DemandExternal); asked != c.external || asked && (!d.Met || !d.Until.Equal(time.Date(2027, 12, 2, 0, 0, 0, 0, time.UTC))) {
			t.Errorf("%s before the duties: %v %+v", name, asked, d)
		}
	}
	classified(h, s.ID, own...)
	h.Add(400 * 24 * time.Hour)
	if d, _ := demand(h, room, s.ID, permit.DemandExternal); d.Met {
		t.Error("after the first day of the duties nothing is missing")
	}
	governtest.Create(h, "ai_officer", room.Conformities, record.Conformity{System: s.ID, Route: record.Notified, Body: "Stelle 0123", Certificate: "C-1", Date: h.Now()})
	if d, _ := demand(h, room, s.ID, permit.DemandExternal); !d.Met {
		t.Errorf("%+v", d)
	}
	if (&record.Conformity{Route: record.Notified}).Validate() == nil {
		t.Error("a notified body without name and certificate")
	}
}

// Every trigger alone: what a class rests on changes, the review becomes a task,
// and where much depends on the system the permit rests until it is classified
// again.
func TestReclassificationWatch(t *testing.T) {
	h, room := house(t)
	system := func(change func(*inventory.System)) func(id string) {
		return func(id string) { governtest.Change(h, h.Inventory.Systems, id, change) }
	}
	for trigger, change := range map[classify.Trigger]func(id string){
		classify.ByPurpose: system(func(s *inventory.System) { s.Purpose = text.Bi{DE: "Bewerbungen sichten", EN: "screen applications"} }),
		classify.ByPeople:  system(func(s *inventory.System) { s.People = !s.People }),
		classify.ByData:    system(func(s *inventory.System) { s.DataSources = []string{"Personalakte"} }),
		classify.ByPlace:   system(func(s *inventory.System) { s.Markets = []string{"us"} }),
		classify.ByModel: func(id string) {
			governtest.Change(h, h.Inventory.Models, subject(h, id).Models[0].ID, func(m *inventory.Model) { m.Version = "2.0.0" })
		},
	} {
		for _, grave := range []bool{true, false} {
			s := h.System("System " + string(trigger))
			if grave {
				governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.Scope = append(d.Scope, "safety_critical_ot") })
				classified(h, s.ID, "practices", "none", "areas", "none", "product", "none", "outputs", "none", "activities", "uses", "changes", "none")
			}
			if reviews(h, s.ID) != 0 {
				t.Fatalf("%s: a review before anything changed", trigger)
			}
			governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.RetainDays = 30 }) // nothing that counts
			if reviews(h, s.ID) != 0 {
				t.Errorf("%s: what does not count became a review", trigger)
			}
			change(s.ID)
			if n := reviews(h, s.ID); n != 1 {
				t.Errorf("%s: %d reviews", trigger, n)
			}
			d, asked := demand(h, room, s.ID, permit.DemandReclassify)
			if now := subject(h, s.ID); asked != now.Grave() || asked && (d.Met || d.Detail.IsZero()) {
				t.Errorf("%s, grave %v: asked %v, %+v", trigger, now.Grave(), asked, d)
			}
			classified(h, s.ID, "practices", "none", "areas", "none", "product", "none", "outputs", "none", "activities", "uses", "changes", "none")
			if n := reviews(h, s.ID); n != 0 {
				t.Errorf("%s: %d reviews after classifying again", trigger, n)
			}
			if d, asked := demand(h, room, s.ID, permit.DemandReclassify); asked && !d.Met {
				t.Errorf("%s: still asked: %+v", trigger, d)
			}
		}
	}
}

// Law moves without a commit: on the day on which the same answers read otherwise
// the review becomes a task, and a grave system's permit ends on that day.
func TestLawMoves(t *testing.T) {
	h, room := house(t)
	s := h.System("Bilder")
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.People = true })
	c := classified(h, s.ID, "practices", "ba", "areas", "none", "product", "none", "outputs", "synthetic", "editing_only", "no", "activities", "uses", "changes", "none")
	if c.Doc.Class != "limited" {
		t.Fatalf("before the prohibition it is %s", c.Doc.Class)
	}
	day := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	if d, _ := demand(h, room, s.ID, permit.DemandReclassify); !d.Met || !d.Until.Equal(day) {
		t.Errorf("%+v", d)
	}
	h.Must(room.Sweep(h.As("")))
	if reviews(h, s.ID) != 0 {
		t.Error("a review before the day")
	}
	h.Add(day.Sub(h.Now()))
	h.Must(room.Sweep(h.As("")))
	if reviews(h, s.ID) != 1 {
		t.Error("no review on the day")
	}
	if d, _ := demand(h, room, s.ID, permit.DemandReclassify); d.Met {
		t.Errorf("%+v", d)
	}
}

// Another version of the rules that reads the same is a reason to look, not to
// stop.
func TestNewVersionOfTheRules(t *testing.T) {
	h, room := house(t)
	s := h.System("Fräse")
	governtest.Change(h, h.Inventory.Systems, s.ID, func(d *inventory.System) { d.People = true })
	c := classified(h, s.ID, "practices", "none", "areas", "none", "product", "none", "outputs", "none", "activities", "uses", "changes", "none")
	governtest.Change(h, h.Classify.Classifications, c.ID, func(d *classify.Classification) {
		d.Version = strings.ReplaceAll(d.Version, "ai-act-class 1.1.0", "ai-act-class 1.0.0")
	})
	stale, err := room.Stale(h.As(""), h.DB)
	h.Must(err)
	if len(stale) != 1 || !slices.Equal(stale[0].Triggers, []classify.Trigger{classify.ByVersion}) {
		t.Errorf("%+v", stale)
	}
	if d, _ := demand(h, room, s.ID, permit.DemandReclassify); !d.Met {
		t.Errorf("%+v", d)
	}
	if reviews(h, s.ID) != 1 {
		t.Error("no review")
	}
}

func reviews(h *governtest.House, system string) (n int) {
	h.T.Helper()
	all, err := duty.Tasks().All(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByReview)), store.Where("systems", "=", system)}})
	h.Must(err)
	for _, x := range all {
		if x.Doc.Open() {
			n++
		}
	}
	return n
}

// 001-14: the own distribution per quarter comes from the history, and an upgrade
// that the rules do not explain is listed.
func TestPortfolioOverTime(t *testing.T) {
	h, room := house(t)
	s := h.System("Fräse")
	h.Add(100 * 24 * time.Hour)
	o, err := h.Classify.Of(h.As(""), h.DB, s.ID)
	h.Must(err)
	_, err = h.Classify.Put(h.As("ai_officer"), s.ID, o.Revision, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal(), Class: "high", Reason: "Wir gehen lieber auf Nummer sicher."})
	h.Must(err)
	p, err := room.Portfolio(h.As(""), h.DB, h.Now(), 8)
	h.Must(err)
	if len(p.Quarters) != 2 || p.Quarters[0].Name() != "Q4 2026" || p.Quarters[0].Counts["minimal"] != 1 || p.Quarters[1].Name() != "Q1 2027" || p.Quarters[1].Counts["high"] != 1 || p.Quarters[1].Of != 1 {
		t.Errorf("%+v", p.Quarters)
	}
	if len(p.Upgrades) != 1 || p.Upgrades[0].Explained || p.Upgrades[0].From != "minimal" || p.Upgrades[0].Reason == "" || p.Upgrades[0].By != h.People["ai_officer"].ID {
		t.Errorf("%+v", p.Upgrades)
	}
}

// The levels of a zone stand for themselves: target, capable, achieved.
func TestZoneLevels(t *testing.T) {
	z := record.ZoneLevel{Zone: "fertigung", Target: "sl2"}
	if _, known := z.Gap(); known {
		t.Error("a gap that nobody assessed")
	}
	z.Achieved, z.Capable, z.Date = "sl1", "sl2", governtest.Start
	if n, known := z.Gap(); !known || n != 1 || z.Validate() != nil {
		t.Errorf("gap %d %v", n, known)
	}
	z.Achieved = "sl3"
	if z.Validate() == nil {
		t.Error("more is achieved than the components can do")
	}
}
