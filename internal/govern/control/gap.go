package control

import (
	"slices"
	"strings"
	"time"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Controls is the area of a framework that holds its controls (such as Annex A
// of ISO/IEC 42001), beside the clauses of the management system.
const Controls = "controls"

// Stated reports whether the items of an area are rows of the statement of
// applicability: the controls of a framework that has such an area, all of one
// that has not. The clauses of a management system are never ruled out.
func Stated(fw packs.Framework, a packs.Area) bool {
	return fw.SoA && (a.ID == Controls || !slices.ContainsFunc(fw.Areas, func(a packs.Area) bool { return a.ID == Controls }))
}

// Measurement is what checks found about a requirement. Status has the words of
// prove/conform: met, partly, not_met, unmeasured.
type Measurement struct {
	Status       string
	Seen, Passed int // cases that the checks looked at, and those that held
}

// Judged is the measurement as a status; ok is false where nothing was measured.
func (m Measurement) Judged() (s Status, ok bool) {
	switch s = Status(m.Status); s {
	case Met, Partly, NotMet:
		return s, true
	}
	return "", false
}

// Said is what is known beside the packs.
type Said struct {
	Records  Sayings
	Covered  Covered
	Measured map[string]Measurement // by clause; may be nil
}

// GapView is how far a framework is met at an instant.
type GapView struct {
	Framework packs.Framework
	At        time.Time
	Areas     []AreaView // in the order of the framework
	Tally     Tally
}

// AreaView is one area of a framework, such as "planning" (requirement 000-37).
type AreaView struct {
	ID       string
	Title    text.Bi
	Phase    string // plan, do, check or act
	Stated   bool   // its items are rows of the statement of applicability
	Items    []ItemView
	Chapters []Chapter // the same items by top clause (requirement 000-28)
	Tally    Tally
}

// Chapter counts the items of an area under one top clause, such as 42001 6 or
// A.6. Ref and Title are empty where no pack has the clause itself.
type Chapter struct {
	ID    string
	Ref   string
	Title text.Bi
	Tally Tally
}

// ItemView is one requirement as it stands.
type ItemView struct {
	Framework, Area, Phase string
	Stated                 bool
	Item                   packs.Item
	Clause, Ref            string
	Title, Say             text.Bi

	Record   Record // as said; status open and undecided while nobody has said anything
	ID       string // of the record; empty: nobody has said anything yet
	Revision int64
	Measured *Measurement // nil: no check measures it

	Status    Status // what counts: the worse of said and measured
	Undecided bool   // it may apply, and nobody has decided or judged
	Cover     Cover
	Missing   []string // wanted types of evidence that nothing shows whole
	Days      float64  // whole effort in person days
	DaysLeft  float64  // what is left of it
}

// Differs reports whether a person and a check judged, and not alike.
func (v ItemView) Differs() bool {
	m, ok := v.measured()
	return ok && v.Record.Status != Open && v.Record.Status != m
}

func (v ItemView) measured() (Status, bool) {
	if v.Measured == nil {
		return "", false
	}
	return v.Measured.Judged()
}

// SaidOnly reports whether it is called met while neither evidence nor a
// measurement shows anything: said, not shown.
func (v ItemView) SaidOnly() bool {
	if _, ok := v.measured(); ok || v.Status != Met {
		return false
	}
	level := v.Cover.Level()
	return level == LevelNone || level == LevelExpired
}

// Lapsed lists the evidence that would count and has expired.
func (v ItemView) Lapsed() []Closing {
	var out []Closing
	for _, c := range v.Cover.Closings {
		if !c.Counts() {
			out = append(out, c)
		}
	}
	return out
}

// Tally counts requirements. Every requirement counts as exactly one of
// NotApplicable, Open, InProgress, Met, Partly and NotMet; Undecided are among
// those that may apply.
type Tally struct {
	Total         int
	NotApplicable int
	Undecided     int // nobody has decided or judged yet
	Open          int
	InProgress    int
	Met           int
	Partly        int
	NotMet        int
	SaidOnly      int // of Met: said, not shown
	Incomplete    int // of the applicable ones: a wanted type of evidence is missing
	Lapsed        int // of the applicable ones: evidence has expired
	DaysLeft      float64
}

// Applicable counts what may apply: everything that nobody ruled out.
func (t Tally) Applicable() int { return t.Total - t.NotApplicable }

// Unmet counts what applies or may apply and is not met.
func (t Tally) Unmet() int { return t.Applicable() - t.Met }

// Share is how much is met: n of m applicable, and the whole percent, rounded
// down, so that 100 means all. What is undecided or met in part counts as not
// met. ok is false where nothing applies.
func (t Tally) Share() (n, m, percent int, ok bool) {
	m = t.Applicable()
	if m == 0 {
		return 0, 0, 0, false
	}
	return t.Met, m, 100 * t.Met / m, true
}

func (t *Tally) add(v ItemView) {
	t.Total++
	if v.Status == NotApplicable {
		t.NotApplicable++
		return
	}
	switch v.Status {
	case InProgress:
		t.InProgress++
	case Met:
		t.Met++
	case Partly:
		t.Partly++
	case NotMet:
		t.NotMet++
	default:
		t.Open++
	}
	count(&t.Undecided, v.Undecided)
	count(&t.SaidOnly, v.SaidOnly())
	count(&t.Incomplete, len(v.Missing) > 0)
	count(&t.Lapsed, len(v.Lapsed()) > 0)
	t.DaysLeft += v.DaysLeft
}

func count(n *int, is bool) {
	if is {
		*n++
	}
}

// Plus adds two tallies, of frameworks of the same sort. Adding those of
// standards to those of law would say what nobody can say: see Standing.
func (t Tally) Plus(o Tally) Tally {
	t.Total, t.NotApplicable, t.Undecided = t.Total+o.Total, t.NotApplicable+o.NotApplicable, t.Undecided+o.Undecided
	t.Open, t.InProgress, t.Met, t.Partly, t.NotMet = t.Open+o.Open, t.InProgress+o.InProgress, t.Met+o.Met, t.Partly+o.Partly, t.NotMet+o.NotMet
	t.SaidOnly, t.Incomplete, t.Lapsed, t.DaysLeft = t.SaidOnly+o.SaidOnly, t.Incomplete+o.Incomplete, t.Lapsed+o.Lapsed, t.DaysLeft+o.DaysLeft
	return t
}

// Gap shows how far a framework is met: by area, by top clause and by
// requirement, with what evidence is missing and how many days are left
// (requirements 000-28, 000-37).
func Gap(lib Library, fw packs.Framework, said Said, at time.Time) GapView {
	g := GapView{Framework: fw, At: at, Areas: make([]AreaView, 0, len(fw.Areas))}
	for _, a := range fw.Areas {
		av := AreaView{ID: a.ID, Title: a.Title, Phase: a.Phase, Stated: Stated(fw, a), Items: make([]ItemView, 0, len(a.Items))}
		for _, it := range a.Items {
			v := item(lib, fw, av, it, said)
			av.Items = append(av.Items, v)
			av.Tally.add(v)
			av.chapter(lib, v)
		}
		g.Areas = append(g.Areas, av)
		g.Tally = g.Tally.Plus(av.Tally)
	}
	return g
}

// Items are the requirements of all areas in order.
func (g GapView) Items() []ItemView {
	var all []ItemView
	for _, a := range g.Areas {
		all = append(all, a.Items...)
	}
	return all
}

// Item returns the requirement with this clause.
func (g GapView) Item(clause string) (ItemView, bool) {
	for _, a := range g.Areas {
		for _, v := range a.Items {
			if v.Clause == clause {
				return v, true
			}
		}
	}
	return ItemView{}, false
}

func item(lib Library, fw packs.Framework, a AreaView, it packs.Item, said Said) ItemView {
	v := ItemView{Framework: fw.ID, Area: a.ID, Phase: a.Phase, Stated: a.Stated, Item: it, Clause: it.Clause,
		Record: Record{Key: KeyOf(fw.ID, it.Clause), Framework: fw.ID, Clause: it.Clause, Status: Open, Applicable: Undecided},
		Cover:  said.Covered.Of(it.Clause), Days: it.Days}
	v.Ref, v.Title, v.Say = cite(lib, it.Clause)
	if o, ok := said.Records.Of(fw.ID, it.Clause); ok {
		v.Record, v.ID, v.Revision = o.Doc, o.ID, o.Revision
		v.Record.Default()
		if o.Doc.Days > 0 {
			v.Days = o.Doc.Days
		}
	}
	if m, ok := said.Measured[it.Clause]; ok {
		v.Measured = &m
	}
	v.Missing = v.Cover.Missing(it.Evidence)
	v.Status = v.Record.Status
	if m, ok := v.measured(); ok {
		v.Status = worse(v.Record.Status, m)
	}
	v.Undecided = v.Status == Open
	if a.Stated {
		v.Undecided = v.Record.Applicable == Undecided
	}
	v.DaysLeft = v.Days * left(v)
	return v
}

// cite falls back to the id, so that a pack that changed leaves no empty line.
func cite(lib Library, clause string) (ref string, title, say text.Bi) {
	ref, title, say, ok := lib.Cited(clause)
	if !ok {
		return clause, text.Same(clause), text.Bi{}
	}
	return ref, title, say
}

// worse is what counts where a person and a check judged. "Open" judges nothing,
// and what does not apply stays out, whatever is measured.
func worse(said, measured Status) Status {
	order := []Status{NotMet, InProgress, Partly, Met}
	switch s := slices.Index(order, said); {
	case said == NotApplicable:
		return NotApplicable
	case s < 0 || slices.Index(order, measured) < s:
		return measured
	}
	return said
}

// The share of the effort that is left, by status. Our own convention, in
// quarters because nobody knows it better: half of what has begun, a quarter of
// what is met and not shown.
const (
	leftBegun   = 0.5
	leftShowing = 0.25
)

func left(v ItemView) float64 {
	switch v.Status {
	case NotApplicable:
		return 0
	case InProgress, Partly:
		return leftBegun
	case Met:
		if v.SaidOnly() {
			return leftShowing
		}
		return 0
	}
	return 1
}

// chapter counts v under its top clause; items of one clause stand together.
func (a *AreaView) chapter(lib Library, v ItemView) {
	id := top(v.Clause)
	i := slices.IndexFunc(a.Chapters, func(c Chapter) bool { return c.ID == id })
	if i < 0 {
		c := Chapter{ID: id}
		c.Ref, c.Title, _, _ = lib.Cited(id)
		i, a.Chapters = len(a.Chapters), append(a.Chapters, c)
	}
	a.Chapters[i].Tally.add(v)
}

// top is the top clause of an id: iso42001.6.1.2 → iso42001.6,
// iso42001.A.6.2.5 → iso42001.A.6, iec.sr.1.1 → iec.sr.1, aia.art9.7 → aia.art9.
func top(clause string) string {
	parts := strings.Split(clause, ".")
	n := 2
	if len(parts) > 2 && (parts[1] == "A" || parts[1] == "sr") {
		n = 3
	}
	return strings.Join(parts[:min(n, len(parts))], ".")
}
