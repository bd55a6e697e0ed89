package control_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// 000-28, 000-37: by area and by top clause, met n of m applicable; what nobody
// decided is its own number and never counts as met or as out.
func TestGapCountsByAreaAndClause(t *testing.T) {
	ruledOut := control.Record{Clause: "n.A.2.2", Applicable: control.No, Status: control.NotApplicable, Reason: "Wir entwickeln nicht selbst."}
	decided := control.Record{Clause: "n.A.2.3", Applicable: control.Yes, Status: control.Partly, Reason: "Wir setzen KI ein.", Responsible: "ai_officer"}
	g := control.Gap(book{}, small(), control.Said{Records: sayings(said("n.4.1", control.Met), said("n.8.1", control.InProgress), ruledOut, decided),
		Covered: coverage(book{}, shows("evd_1", "n.4.1"))}, today)
	n, m, percent, ok := g.Tally.Share()
	if !ok || n != 1 || m != 7 || percent != 14 {
		t.Errorf("met %d of %d (%d %%), want 1 of 7 (14 %%)", n, m, percent)
	}
	if got := g.Tally; got.Undecided != 4 || got.NotApplicable != 1 || got.InProgress != 1 || got.Partly != 1 || got.Open != 4 || got.Unmet() != 6 {
		t.Errorf("%+v", got)
	}
	controls := g.Areas[4]
	if !controls.Stated || g.Areas[0].Stated {
		t.Error("the controls are rows of the statement of applicability, the clauses are not")
	}
	var chapters []string
	for _, c := range controls.Chapters {
		chapters = append(chapters, c.ID)
	}
	if !slices.Equal(chapters, []string{"n.A.2", "n.A.3"}) || controls.Chapters[0].Tally.Applicable() != 1 || controls.Chapters[0].Title.IsZero() {
		t.Errorf("controls by top clause: %v %+v", chapters, controls.Chapters[0])
	}
	if ch := g.Areas[0].Chapters; len(ch) != 1 || ch[0].ID != "n.4" || ch[0].Tally.Total != 2 || ch[0].Tally.Met != 1 {
		t.Errorf("clause 4: %+v", ch)
	}
	if _, _, _, ok := (control.Tally{Total: 2, NotApplicable: 2}).Share(); ok {
		t.Error("there is a share of nothing")
	}
}

// "Met" without evidence is allowed and shown as said, not shown; expired
// evidence changes nothing about that and is named.
func TestMetWithoutEvidenceIsSaidNotShown(t *testing.T) {
	recs := sayings(said("n.4.1", control.Met), said("n.4.2", control.Met), said("n.8.1", control.Met))
	g := control.Gap(book{}, small(), control.Said{Records: recs,
		Covered: coverage(book{}, shows("evd_1", "n.4.1"), until(shows("evd_2", "n.4.2"), days(-1)))}, today)
	if v := item(t, g, "n.4.1"); v.SaidOnly() || v.DaysLeft != 0 || len(v.Missing) != 0 {
		t.Errorf("shown: %+v", v)
	}
	lapsed := item(t, g, "n.4.2")
	if !lapsed.SaidOnly() || len(lapsed.Lapsed()) != 1 || lapsed.Lapsed()[0].Name != "Nachweis evd_2" || lapsed.DaysLeft != 0.5 {
		t.Errorf("expired: %+v", lapsed)
	}
	if v := item(t, g, "n.8.1"); !v.SaidOnly() || !slices.Equal(v.Missing, []string{"document"}) {
		t.Errorf("without any: %+v", v)
	}
	if g.Tally.SaidOnly != 2 || g.Tally.Lapsed != 1 || g.Tally.Met != 3 {
		t.Errorf("%+v", g.Tally)
	}
}

// A measurement stands beside the judgement; neither overwrites the other, and
// the worse counts.
func TestMeasuredAndSaidStandSideBySide(t *testing.T) {
	for _, c := range []struct {
		said     control.Status
		measured string
		counts   control.Status
		differs  bool
	}{
		{control.Met, "not_met", control.NotMet, true}, {control.NotMet, "met", control.NotMet, true}, {control.Open, "met", control.Met, false},
		{control.Open, "partly", control.Partly, false}, {control.Met, "unmeasured", control.Met, false}, {control.Met, "met", control.Met, false},
		{control.InProgress, "met", control.InProgress, true}, {control.NotApplicable, "not_met", control.NotApplicable, true},
	} {
		rec := said("n.4.1", c.said)
		if c.said == control.NotApplicable {
			rec.Applicable = control.No
		}
		g := control.Gap(book{}, small(), control.Said{Records: sayings(rec), Measured: map[string]control.Measurement{"n.4.1": {Status: c.measured, Seen: 4, Passed: 1}}}, today)
		v := item(t, g, "n.4.1")
		if v.Status != c.counts || v.Record.Status != c.said || v.Measured == nil || v.Measured.Status != c.measured || v.Differs() != c.differs {
			t.Errorf("said %s, measured %s: counts %s (want %s), differs %v", c.said, c.measured, v.Status, c.counts, v.Differs())
		}
		if c.measured == "met" && v.SaidOnly() {
			t.Error("what is measured as met is called said, not shown")
		}
	}
}

// 001-38, 001-63: the statement has every control, decided or listed as not
// decided, with all its columns; clauses of the management system are no rows.
func TestStatementOfApplicabilityIsComplete(t *testing.T) {
	law := small()
	law.ID, law.SoA = "law", false
	catalogue := small()
	catalogue.ID, catalogue.Areas = "catalogue", catalogue.Areas[:2]
	recs := sayings(
		control.Record{Clause: "n.A.2.2", Applicable: control.No, Status: control.NotApplicable, Reason: "Wir entwickeln nicht.", Responsible: "director"},
		control.Record{Clause: "n.A.2.3", Applicable: control.Yes, Reason: "Wir setzen KI ein."})
	rows := control.SoA(book{}, []packs.Framework{small(), law, catalogue}, control.Said{Records: recs, Covered: coverage(book{}, shows("evd_1", "n.A.3.2"))}, today)
	var got []string
	for _, r := range rows {
		got = append(got, r.Framework+" "+r.Clause)
		if r.Ref == "" || r.Title.IsZero() || r.Applicable == "" || r.Status == "" || r.Standard.IsZero() {
			t.Errorf("a column is empty: %+v", r)
		}
	}
	want := []string{"norm n.A.2.2", "norm n.A.2.3", "norm n.A.3.2", "catalogue n.4.1", "catalogue n.4.2", "catalogue n.8.1"}
	if !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	if !rows[0].Decided || rows[1].Decided || !slices.Equal(rows[1].Lacks, []string{control.LacksResponsible}) ||
		!slices.Equal(rows[2].Lacks, []string{control.LacksDecision, control.LacksReason, control.LacksResponsible}) {
		t.Errorf("%+v", rows[:3])
	}
	if len(rows[2].Evidence) != 1 {
		t.Errorf("evidence of the row: %v", rows[2].Evidence)
	}
	if decided, all := control.Decisions(rows); decided != 1 || all != 6 || len(control.UndecidedRows(rows)) != 5 {
		t.Errorf("%d of %d decided", decided, all)
	}
}

// 001-38, 000-28: the shipped framework has all 38 controls as rows and every
// clause of the management system in one of the seven areas.
func TestShippedStatementHasAllControls(t *testing.T) {
	lib := shipped(t)
	fw, ok := lib.Framework("iso-42001")
	if !ok {
		t.Fatal("the framework is not shipped")
	}
	rows := control.SoA(lib, []packs.Framework{fw}, control.Said{}, today)
	if len(rows) != 38 || len(control.UndecidedRows(rows)) != 38 {
		t.Errorf("%d rows, want 38, all undecided", len(rows))
	}
	g := control.Gap(lib, fw, control.Said{}, today)
	var areas []string
	for _, a := range g.Areas {
		areas = append(areas, a.ID)
		if len(a.Chapters) == 0 || a.Chapters[0].Title.IsZero() {
			t.Errorf("%s has no chapters with titles: %+v", a.ID, a.Chapters)
		}
	}
	if want := []string{"context", "leadership", "planning", "support", "operation", "evaluation", "improvement", control.Controls}; !slices.Equal(areas, want) {
		t.Errorf("areas %v", areas)
	}
	if g.Tally.Undecided != g.Tally.Total || g.Tally.Met != 0 {
		t.Errorf("of an empty organisation: %+v", g.Tally)
	}
}

// 000-46: what a requirement still needs before a certifier.
func TestReadiness(t *testing.T) {
	ruledOut := control.Record{Clause: "n.A.2.2", Applicable: control.No, Status: control.NotApplicable, Reason: "Wir entwickeln nicht.", Responsible: "director"}
	done := control.Record{Clause: "n.A.2.3", Applicable: control.Yes, Status: control.Met, Reason: "Wir setzen KI ein.", Responsible: "director"}
	recs := sayings(ruledOut, done, said("n.A.3.2", control.Partly), said("n.4.1", control.Met))
	g := control.Gap(book{}, small(), control.Said{Records: recs, Covered: coverage(book{}, shows("evd_1", "n.A.2.3")),
		Measured: map[string]control.Measurement{"n.4.1": {Status: "not_met"}}}, today)
	for clause, want := range map[string][]control.Need{"n.A.2.2": nil, "n.A.2.3": nil,
		"n.A.3.2": {control.NeedDecision, control.NeedResponsible, control.NeedStatus, control.NeedEvidence},
		"n.4.1":   {control.NeedResponsible, control.NeedStatus, control.NeedEvidence, control.NeedMeasurement},
		"n.9.1":   {control.NeedResponsible, control.NeedStatus, control.NeedEvidence}} {
		if got := item(t, g, clause).Needs(); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", clause, got, want)
		}
	}
	if ready, all := control.Ready(g); ready != 2 || all != 8 {
		t.Errorf("%d of %d ready", ready, all)
	}
}

// 000-02: every item has exactly one phase, and the cycle counts what is open.
func TestCycleCountsOpenWorkByPhase(t *testing.T) {
	ruledOut := control.Record{Clause: "n.A.2.2", Applicable: control.No, Status: control.NotApplicable, Reason: "Wir entwickeln nicht."}
	late := said("n.8.1", control.InProgress)
	late.Due = days(-3)
	covered := coverage(book{}, shows("evd_1", "n.4.1"))
	g := control.Gap(book{}, small(), control.Said{Records: sayings(said("n.4.1", control.Met), ruledOut, late), Covered: covered}, today)
	work := append(control.WorkOf(g), control.Renewals([]store.Object[control.Evidence]{until(shows("evd_2"), days(20)), until(shows("evd_3"), days(90)), shows("evd_4")}, today)...)
	work = append(work, control.Work{Phase: "someday", Kind: "task", ID: "tsk_1", Title: text.Same("Unklar"), Open: true})
	turns := control.Cycle(work, today)
	var phases []string
	open, all := map[string]int{}, 0
	for _, turn := range turns {
		phases, open[turn.Phase] = append(phases, turn.Phase), len(turn.Open)
		all += turn.All
		for _, w := range turn.Open {
			if w.Phase != turn.Phase {
				t.Errorf("%s stands in %s with phase %s", w.ID, turn.Phase, w.Phase)
			}
		}
	}
	if !slices.Equal(phases, []string{"plan", "do", "check", "act"}) || all != len(work) {
		t.Errorf("phases %v with %d of %d items", phases, all, len(work))
	}
	// plan: n.4.2 and what nobody placed; do: n.8.1 and two controls; check:
	// n.9.1 and one renewal; act: n.10.1.
	for phase, want := range map[string]int{"plan": 2, "do": 3, "check": 2, "act": 1} {
		if open[phase] != want {
			t.Errorf("%s has %d open, want %d", phase, open[phase], want)
		}
	}
	if turns[1].Late != 1 || turns[1].Open[0].ID != "n.8.1" {
		t.Errorf("the item with the earliest day comes first: %+v", turns[1].Open)
	}
}

// 000-24: standards and law are two lists that nothing adds up.
func TestStandardsAndLawStandApart(t *testing.T) {
	lib := shipped(t)
	var views []control.GapView
	for _, id := range []string{"iso-42001", "eu-ai-act", "zta"} {
		fw, ok := lib.Framework(id)
		if !ok {
			t.Fatal(id)
		}
		views = append(views, control.Gap(lib, fw, control.Said{}, today))
	}
	a := control.Standing(lib, views...)
	if len(a.Law) != 1 || a.Law[0].Framework != "eu-ai-act" || len(a.Standards) != 2 {
		t.Errorf("law %+v, standards %+v", a.Law, a.Standards)
	}
	if a.Law[0].Tally.Total != views[1].Tally.Total {
		t.Error("the count of the law is not that of the law")
	}
}

// 000-04, 000-23: with the shipped mappings one piece of evidence stands at
// requirements of several texts, and it is said through which mapping.
func TestShippedMappingsCarryEvidence(t *testing.T) {
	lib := shipped(t)
	served := map[string]bool{}
	for _, m := range lib.AllMappings() {
		for _, side := range []packs.Mapping{m, m.Turned()} {
			e := shows("evd_1", side.From)
			got := control.Coverage(lib, []store.Object[control.Evidence]{e}, today).Of(side.To)
			if len(got.Closings) != 1 || got.Closings[0].Via == nil || got.Closings[0].Whole != side.Relation.Whole() {
				t.Fatalf("%s %s %s: %+v", side.From, side.Relation, side.To, got.Closings)
			}
			from, _, _ := strings.Cut(side.From, ".")
			to, _, _ := strings.Cut(side.To, ".")
			served[from+" "+to] = true
		}
	}
	for _, pair := range []string{"iso42001 aia", "aia iso42001", "iso42001 iso27001", "iso42001 iso9001", "zta iec"} {
		if !served[pair] {
			t.Errorf("no evidence goes from one to the other: %s", pair)
		}
	}
}

// The numbers of a view always fit together: a percentage never exceeds, 100 is
// all, and nothing is counted twice or lost.
func TestNumbersFitTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lib, evidence := world(t)
		fw := small()
		var recs []control.Record
		for _, it := range fw.Items() {
			s := control.Status(rapid.SampledFrom(control.Status("").Values()).Draw(t, "status"))
			rec := said(it.Clause, s)
			if s == control.NotApplicable {
				rec.Applicable, rec.Reason = control.No, "Das gibt es hier nicht."
			}
			recs = append(recs, rec)
		}
		g := control.Gap(lib, fw, control.Said{Records: sayings(recs...), Covered: coverage(lib, evidence...)}, today)
		sum := control.Tally{}
		for _, a := range g.Areas {
			chapters := control.Tally{}
			for _, c := range a.Chapters {
				chapters = chapters.Plus(c.Tally)
			}
			if chapters != a.Tally {
				t.Fatalf("%s: chapters %+v, area %+v", a.ID, chapters, a.Tally)
			}
			sum = sum.Plus(a.Tally)
		}
		y := g.Tally
		if sum != y || y.Open+y.InProgress+y.Met+y.Partly+y.NotMet+y.NotApplicable != y.Total || y.Total != 8 {
			t.Fatalf("%+v is not the sum %+v", y, sum)
		}
		n, m, percent, ok := y.Share()
		if ok && (n > m || percent < 0 || percent > 100 || (percent == 100) != (n == m)) {
			t.Fatalf("%d of %d is %d %%", n, m, percent)
		}
		if y.SaidOnly > y.Met || y.Undecided > m || y.Incomplete > m {
			t.Fatalf("%+v", y)
		}
	})
}
