package interview

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// CasesDoc holds the cases of an interview, in a file beside it.
type CasesDoc struct {
	CasesOf form.Word `pack:"cases_of,required"`
	Kind    form.Word `pack:"kind,required"` // interview
	Cases   []CaseDoc `pack:"cases,required"`
}

// CaseDoc is a case as an author writes it.
type CaseDoc struct {
	At      form.Place          `pack:"@"`
	ID      form.Word           `pack:"id,required"`
	Name    text.Bi             `pack:"name,required"`
	Source  []form.Word         `pack:"source,required"`
	Depth   form.Word           `pack:"depth"` // full without it
	Answers map[string]any      `pack:"answers"`
	Rights  map[string]RightDoc `pack:"rights"`
	Hidden  []form.Word         `pack:"hidden"`
	Shown   []form.Word         `pack:"shown"`
	Flags   []form.Word         `pack:"flags"` // exactly these are raised; left out: not checked
	NoFlags bool                `pack:"no_flags"`
	Highest map[string]int      `pack:"highest"` // result → level that remains
	Risk    map[string]int      `pack:"risk"`    // right → level before measures
}

// RightDoc is a judgement as an author writes it.
type RightDoc struct {
	Gravity       int `pack:"gravity,required"`
	Scope         int `pack:"scope,required"`
	Reversibility int `pack:"reversibility,required"`
	Likelihood    int `pack:"likelihood,required"`
	Remains       int `pack:"remains"`
}

// Case is a checked example.
type Case struct {
	ID   string
	Name text.Bi
	At   form.Place

	doc     CaseDoc
	answers map[string]Given
}

// Attach reads the cases of the interview and records every defect of theirs.
func (v *Interview) Attach(doc CasesDoc, s Shelf) {
	seen := map[string]bool{}
	for _, d := range doc.Cases {
		if seen[d.ID.S] {
			s.Add(d.ID.At, "den Fall %q gibt es zweimal", "case %q exists twice", d.ID.S)
		}
		seen[d.ID.S] = true
		s.Clauses(d.Source...)
		c := Case{ID: d.ID.S, Name: d.Name, At: d.At, doc: d, answers: map[string]Given{}}
		for id, value := range d.Answers {
			c.answers[id] = Given{Values: written(value)}
			if it, ok := v.items[id]; ok && it.Type == Text {
				c.answers[id] = Given{Text: strings.Join(written(value), ", ")}
			}
		}
		for id, r := range d.Rights {
			c.answers[id] = Given{Right: Judgement{Yes, r.Gravity, r.Scope, r.Reversibility, r.Likelihood, r.Remains}}
			if r.Remains == 0 {
				g := c.answers[id]
				g.Right.Remains = v.Rights.Risk(g.Right)
				c.answers[id] = g
			}
		}
		for _, list := range [][]form.Word{d.Hidden, d.Shown} {
			for _, w := range list {
				if _, ok := v.items[w.S]; !ok {
					s.Add(w.At, "die Frage %q gibt es nicht", "there is no question %q", w.S)
				}
			}
		}
		if _, err := v.Read(d.Depth.S, c.answers); err != nil {
			s.Add(d.At, "Fall %q: %s", "case %q: %s", d.ID.S, err)
		}
		v.cases = append(v.cases, c)
	}
}

func written(value any) []string {
	switch x := value.(type) {
	case bool:
		if x {
			return []string{Yes}
		}
		return []string{No}
	case int:
		return []string{strconv.Itoa(x)}
	case []string:
		return x
	}
	return []string{fmt.Sprint(value)}
}

// Covered records every condition that no case proves: an item that no case
// hides, a red flag that no case raises.
func (v *Interview) Covered(s Shelf) {
	hidden, raised := map[string]bool{}, map[string]bool{}
	for _, c := range v.cases {
		for _, w := range c.doc.Hidden {
			hidden[w.S] = true
		}
		for _, w := range c.doc.Flags {
			raised[w.S] = true
		}
	}
	for _, id := range v.order {
		if it := v.items[id]; it.When != "" && !hidden[id] {
			s.Add(it.at, "kein Fall zeigt, wann die Frage %q wegfällt", "no case shows when question %q is left out", id)
		}
	}
	for _, f := range v.Flags {
		if !raised[f.ID] {
			s.Add(f.at, "kein Fall zeigt die rote Flagge %q", "no case raises the red flag %q", f.ID)
		}
	}
}

// ProveAll runs every case and records those that come out otherwise.
func (v *Interview) ProveAll(bad *form.Defects) {
	for _, c := range v.cases {
		if err := v.Prove(c); err != nil {
			bad.Add(c.At, "%q kommt anders heraus: %s", "%q comes out otherwise: %s", c.ID, err)
		}
	}
}

// Prove runs one case and returns what comes out otherwise, or nil.
func (v *Interview) Prove(c Case) error {
	d := c.doc
	r, err := v.Read(d.Depth.S, c.answers)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.ID, err)
	}
	var wrong []string
	not := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, w := range d.Hidden {
		if !r.Hidden[w.S] {
			not("%s is shown", w.S)
		}
	}
	for _, w := range d.Shown {
		if !r.Counts(w.S) {
			not("%s is not asked", w.S)
		}
	}
	var flags []string
	for _, f := range r.Flags {
		flags = append(flags, f.ID)
	}
	want := form.Words(d.Flags)
	slices.Sort(want)
	slices.Sort(flags)
	if (len(want) > 0 || d.NoFlags) && !slices.Equal(flags, want) {
		not("red flags %v, want %v", flags, want)
	}
	for result, level := range d.Highest {
		if got, _ := v.Highest(r, result); got != level {
			not("%s: the highest remaining level is %d, want %d", result, got, level)
		}
	}
	for id, level := range d.Risk {
		if got := v.Rights.Risk(c.answers[id].Right); got != level {
			not("%s: the risk is %d, want %d", id, got, level)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("case %s: %s", c.ID, strings.Join(wrong, "; "))
	}
	return nil
}
