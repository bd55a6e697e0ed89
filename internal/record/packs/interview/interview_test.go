package interview

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/record/packs/form"
)

const pack = `
purpose: {de: Zweck, en: Purpose}
method: [{de: So., en: So.}]
valid_months: 12
results:
  - {id: aiia, title: {de: A, en: A}, say: {de: A., en: A.}, clauses: [c.1]}
  - {id: dpia, title: {de: D, en: D}, say: {de: D., en: D.}, clauses: [c.2], rules: dpia-duty}
who: [{id: owner, text: {de: Wer, en: Who}}]
depths:
  - {id: quick, title: {de: Kurz, en: Quick}, for: {de: wenig, en: little}, max_minutes: 15}
  - {id: full, title: {de: Ganz, en: Full}, for: {de: viel, en: much}, max_minutes: 90}
rights:
  note: {de: Hinweis, en: Note}
  dimensions:
    - {id: gravity, title: {de: S, en: G}, points: [{de: a, en: a}, {de: b, en: b}, {de: c, en: c}, {de: d, en: d}]}
    - {id: scope, title: {de: U, en: S}, points: [{de: a, en: a}, {de: b, en: b}, {de: c, en: c}, {de: d, en: d}]}
    - {id: reversibility, title: {de: K, en: R}, points: [{de: a, en: a}, {de: b, en: b}, {de: c, en: c}, {de: d, en: d}]}
    - {id: likelihood, title: {de: W, en: L}, points: [{de: a, en: a}, {de: b, en: b}, {de: c, en: c}, {de: d, en: d}]}
  matrix: [[1, 1, 2, 2], [1, 2, 2, 3], [2, 3, 3, 4], [3, 3, 4, 4]]
  levels: [{de: gering, en: low}, {de: mittel, en: medium}, {de: hoch, en: high}, {de: sehr hoch, en: very high}]
  outcomes: [{de: a, en: a}, {de: b, en: b}, {de: c, en: c}, {de: d, en: d}]
  widespread: 3
sections:
  - id: s
    title: {de: S, en: S}
    items:
      - {id: personal, text: {de: P?, en: P?}, type: yes_no_unknown, core: true, who: owner, clauses: [c.1], results: [aiia, dpia]}
      - {id: basis, text: {de: B?, en: B?}, type: choice, options: [{id: contract, text: {de: V, en: V}}, {id: consent, text: {de: E, en: E}}], who: owner, shown: personal, clauses: [c.2], results: [dpia]}
      - {id: secrets, text: {de: G?, en: G?}, type: text, core: true, who: owner, clauses: [c.1], results: [aiia]}
      - {id: dignity, text: {de: W?, en: W?}, type: right, core: true, who: owner, clauses: [c.1], results: [aiia, dpia]}
      - {id: work, text: {de: Z?, en: Z?}, type: right, who: owner, clauses: [c.1], results: [aiia]}
flags:
  - {id: grave, say: {de: Schwer., en: Grave.}, when: dignity >= 4 or personal and basis == "consent", clauses: [c.1], results: [aiia]}
reviews: [{de: Jährlich, en: Yearly}]
`

// shelf stands in for package packs.
type shelf struct {
	form.Defects
	ids map[string]bool
	bad []string
}

func (s *shelf) Add(at form.Place, de, en string, args ...any) {
	s.bad = append(s.bad, fmt.Sprintf("%d: %s", at.Line, fmt.Sprintf(en, args...)))
}

func (s *shelf) Claim(id form.Word) bool {
	if s.ids[id.S] {
		s.Add(id.At, "", "id %q exists already", id.S)
		return false
	}
	s.ids[id.S] = true
	return true
}

func (s *shelf) Clauses(ids ...form.Word) []string { return form.Words(ids) }

func parsed[T any](t *testing.T, source string, s *shelf) T {
	t.Helper()
	var doc T
	var bad form.Defects
	f := form.Parse("x.yaml", []byte(source), &bad)
	if f == nil {
		t.Fatal(bad.Err())
	}
	f.Into(&doc, &bad)
	if err := bad.Err(); err != nil {
		s.bad = append(s.bad, err.Error())
	}
	return doc
}

func load(t *testing.T, source string) (*Interview, *shelf) {
	t.Helper()
	s := &shelf{ids: map[string]bool{}}
	return Read(Head{ID: "impact"}, parsed[Doc](t, source, s), s), s
}

func good(t *testing.T) *Interview {
	t.Helper()
	v, s := load(t, pack)
	if len(s.bad) > 0 {
		t.Fatal(s.bad)
	}
	return v
}

// 002-67: the answer "no" hides the questions on data protection and keeps those
// on trade secrets; "do not know" hides nothing. What is hidden does not count.
func TestHiddenItemsDoNotCount(t *testing.T) {
	v := good(t)
	read := func(depth string, answers map[string]Given) Reading {
		r, err := v.Read(depth, answers)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	no := map[string]Given{"personal": {Values: []string{No}}, "basis": {Values: []string{"consent"}}}
	if r := read(Full, no); !r.Hidden["basis"] || r.Hidden["secrets"] || len(r.Flags) != 0 || slices.Contains(r.Open, "basis") {
		t.Errorf("%+v", r)
	}
	for _, answer := range [][]string{{Unknown}, nil} {
		if r := read(Full, map[string]Given{"personal": {Values: answer}}); r.Hidden["basis"] {
			t.Errorf("%v hides", answer)
		}
	}
	if r := read(Full, map[string]Given{"personal": {Values: []string{Yes}}, "basis": {Values: []string{"consent"}}}); len(r.Flags) != 1 {
		t.Errorf("no red flag: %+v", r)
	}
	if r := read(Quick, nil); !r.Aside["basis"] || !r.Aside["work"] || r.Aside["dignity"] || len(r.Open) != 3 {
		t.Errorf("quick: %+v", r)
	}
	if r := read(Full, map[string]Given{"personal": {Values: []string{Unknown}}}); !slices.Equal(r.Unknown, []string{"personal"}) {
		t.Errorf("unknown: %v", r.Unknown)
	}
}

// 001-47: the highest of all rights decides, never a mean, and only those that
// count for the result.
func TestHighestDecides(t *testing.T) {
	v := good(t)
	j := func(n int) Given { return Given{Right: Judgement{Yes, 1, 1, 1, 1, n}} }
	r, err := v.Read(Full, map[string]Given{"dignity": j(1), "work": j(3)})
	if err != nil {
		t.Fatal(err)
	}
	if level, rights := v.Highest(r, "aiia"); level != 3 || !slices.Equal(rights, []string{"work"}) {
		t.Errorf("aiia: %d %v", level, rights)
	}
	if level, _ := v.Highest(r, "dpia"); level != 1 {
		t.Errorf("dpia: %d", level)
	}
	// The matrix: severity is the higher of gravity and reversibility, and one more
	// where a whole site or more is concerned.
	for _, c := range []struct {
		j    Judgement
		want int
	}{
		{Judgement{Yes, 3, 1, 2, 2, 0}, 3}, {Judgement{Yes, 2, 3, 2, 4, 0}, 4}, {Judgement{Yes, 1, 1, 1, 1, 0}, 1},
		{Judgement{Yes, 4, 4, 4, 4, 0}, 4}, {Judgement{No, 4, 4, 4, 4, 0}, 0}, {Judgement{Yes, 1, 1, 1, 0, 0}, 0},
	} {
		if got := v.Rights.Risk(c.j); got != c.want {
			t.Errorf("%+v: %d, want %d", c.j, got, c.want)
		}
	}
}

func TestWrongAnswersAreNamed(t *testing.T) {
	v := good(t)
	for id, g := range map[string]Given{
		"nowhere": {Values: []string{Yes}}, "personal": {Values: []string{"perhaps"}}, "basis": {Values: []string{"contract", "consent"}},
		"secrets": {Values: []string{Yes}}, "dignity": {Right: Judgement{Touched: Yes, Gravity: 5}},
	} {
		if _, err := v.Read(Full, map[string]Given{id: g}); err == nil {
			t.Errorf("%s: %+v is accepted", id, g)
		}
	}
}

// Every kind of defect is named with its line.
func TestDefects(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"type":       {"type: text", "type: essay", "unknown type of question"},
		"options":    {"options: [{id: contract, text: {de: V, en: V}}, {id: consent, text: {de: E, en: E}}], ", "", "do not fit type"},
		"who":        {"core: true, who: owner, clauses: [c.1], results: [aiia]}", "core: true, who: nobody, clauses: [c.1], results: [aiia]}", "nobody here"},
		"result":     {"clauses: [c.2], results: [dpia]}", "clauses: [c.2], results: [xxia]}", "no result"},
		"later":      {"shown: personal", "shown: dignity >= 2", "comes later"},
		"itself":     {"shown: personal", "shown: basis == \"consent\"", "comes later"},
		"unreadable": {"shown: personal", "shown: 'personal and'", "cannot be read"},
		"words":      {"shown: personal", "shown: secrets", "condition is wrong"},
		"flag":       {"when: dignity >= 4", "when: dignity >= many", "condition cannot be read"},
		"twice":      {"id: work", "id: dignity", "exists already"},
		"depth":      {"id: quick", "id: short", "unknown depth"},
		"matrix":     {"[1, 2, 2, 3]", "[1, 2, 9, 3]", "instead of 1 to 4"},
		"falls":      {"[1, 2, 2, 3]", "[1, 2, 1, 3]", "falls"},
		"square":     {", [3, 3, 4, 4]]", "]", "four values"},
		"dimension":  {"id: scope", "id: breadth", "dimensions are"},
		"months":     {"valid_months: 12", "valid_months: 99", "between 1 and 60"},
		"language":   {"{de: Hinweis, en: Note}", "{de: Hinweis}", "missing in English"},
		"reserved":   {"id: contract, text", "id: unknown, text", "reserved"},
	} {
		if !strings.Contains(pack, c.old) {
			t.Fatalf("%s: the pack has no %q", name, c.old)
		}
		_, s := load(t, strings.Replace(pack, c.old, c.new, 1))
		if !strings.Contains(strings.Join(s.bad, "\n"), c.want) {
			t.Errorf("%s: %v", name, s.bad)
		}
	}
}

// Cases prove conditions: one that is missing or comes out otherwise is a defect.
func TestCases(t *testing.T) {
	attach := func(cases string) (*Interview, *shelf) {
		v, s := load(t, pack)
		v.Attach(parsed[CasesDoc](t, "cases_of: impact\nkind: interview\ncases:\n"+cases, s), s)
		v.Covered(s)
		return v, s
	}
	const hides = "  - {id: a, name: {de: A, en: A}, source: [c.1], answers: {personal: false}, hidden: [basis], no_flags: true}\n"
	const raises = "  - {id: b, name: {de: B, en: B}, source: [c.1], rights: {dignity: {gravity: 4, scope: 1, reversibility: 1, likelihood: 4}}, flags: [grave], highest: {aiia: 4}, risk: {dignity: 4}}\n"
	v, s := attach(hides + raises)
	if len(s.bad) > 0 || len(v.Cases()) != 2 {
		t.Fatal(s.bad)
	}
	for _, c := range v.Cases() {
		if err := v.Prove(c); err != nil {
			t.Error(err)
		}
	}
	for cases, want := range map[string]string{hides: "no case raises", raises: "no case shows", hides + raises + hides: "exists twice",
		hides + strings.Replace(raises, "rights: {dignity", "rights: {nowhere", 1): "no such question"} {
		if _, s := attach(cases); !strings.Contains(strings.ToLower(strings.Join(s.bad, "\n")), want) && !strings.Contains(strings.Join(s.bad, "\n"), "case \"b\"") {
			t.Errorf("%s: %v", want, s.bad)
		}
	}
	v, _ = attach(strings.Replace(hides, "personal: false", "personal: true", 1) + strings.Replace(raises, "aiia: 4", "aiia: 2", 1))
	for _, c := range v.Cases() {
		if v.Prove(c) == nil {
			t.Errorf("case %s comes out as it should not", c.ID)
		}
	}
}
