package interview

import (
	"slices"

	"augenmass/internal/record/packs"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
)

// Answers are the entries of one wave, oldest first.
type Answers []store.Object[Entry]

// Of returns the entries about one item.
func (a Answers) Of(item string) []store.Object[Entry] {
	var out []store.Object[Entry]
	for _, e := range a {
		if e.Doc.Item == item {
			out = append(out, e)
		}
	}
	return out
}

// By reports whether a person has answered anything.
func (a Answers) By(person string) bool {
	return slices.ContainsFunc(a, func(e store.Object[Entry]) bool { return e.Doc.Person == person })
}

// Dissents are the answers that see it differently. None ever goes away.
func (a Answers) Dissents() []store.Object[Entry] {
	var out []store.Object[Entry]
	for _, e := range a {
		if e.Doc.Differs {
			out = append(out, e)
		}
	}
	return out
}

// has reports whether the newest entry of the same person about the item says the
// same.
func (a Answers) has(e Entry) bool {
	for i := len(a) - 1; i >= 0; i-- {
		d := a[i].Doc
		if d.Person == e.Person && d.Item == e.Item {
			return slices.Equal(d.Values, e.Values) && d.Text == e.Text && d.Right == e.Right && d.Differs == e.Differs
		}
	}
	return false
}

// Standing is the answer that stands for each item, in the order of the
// interview: the newest one that is no dissent. Of a right the highest of the
// newest judgements of all people counts, those of dissenters included: nobody is
// outvoted about a danger to somebody's rights.
func (a Answers) Standing(v *packs.Interview) []Answer {
	var out []Answer
	for _, it := range v.Items() {
		all := a.Of(it.ID)
		if it.Type == ask.Right {
			if j, ok := highest(v, all); ok {
				out = append(out, j)
			}
			continue
		}
		for i := len(all) - 1; i >= 0; i-- {
			if !all[i].Doc.Differs {
				out = append(out, all[i].Doc.answer())
				break
			}
		}
	}
	return out
}

// highest is the gravest of everybody's newest judgements. "Not known" weighs more
// than "not touched" and less than any level.
func highest(v *packs.Interview, all []store.Object[Entry]) (Answer, bool) {
	newest := map[string]Entry{}
	var people []string
	for _, e := range all {
		if _, seen := newest[e.Doc.Person]; !seen {
			people = append(people, e.Doc.Person)
		}
		newest[e.Doc.Person] = e.Doc
	}
	weight := func(e Entry) int {
		switch e.Right.Touched {
		case ask.No:
			return 1
		case ask.Unknown:
			return 2
		case ask.Yes:
			return 2 + v.Rights.Left(e.Right.read())*10 + v.Rights.Risk(e.Right.read())
		}
		return 0
	}
	var best Entry
	for _, p := range people {
		if e := newest[p]; weight(e) > weight(best) {
			best = e
		}
	}
	return best.answer(), weight(best) > 0
}

// read turns standing answers into what the pack reads.
func read(all []Answer) map[string]ask.Given {
	out := make(map[string]ask.Given, len(all))
	for _, a := range all {
		out[a.Item] = a.read()
	}
	return out
}

// Reading reads standing answers at a depth.
func Reading(v *packs.Interview, depth Depth, standing []Answer) (ask.Reading, error) {
	return v.Read(string(depth), read(standing))
}

// Difference is one item of two waves.
type Difference struct {
	Item          string
	Before, After *Answer // nil: not answered
	Level         [2]int  // of a right: what remained, what remains
	Same          bool
}

// Compare holds two waves against each other, item by item, in the order of the
// interview; items that nobody answered in either are left out.
func Compare(v *packs.Interview, before, after []Answer) []Difference {
	find := func(all []Answer, id string) *Answer {
		if i := slices.IndexFunc(all, func(a Answer) bool { return a.Item == id }); i >= 0 {
			return &all[i]
		}
		return nil
	}
	var out []Difference
	for _, it := range v.Items() {
		d := Difference{Item: it.ID, Before: find(before, it.ID), After: find(after, it.ID)}
		if d.Before == nil && d.After == nil {
			continue
		}
		if d.Before != nil && d.After != nil {
			d.Same = slices.Equal(d.Before.Values, d.After.Values) && d.Before.Text == d.After.Text && d.Before.Right == d.After.Right
		}
		for i, a := range []*Answer{d.Before, d.After} {
			if a != nil && it.Type == ask.Right {
				d.Level[i] = v.Rights.Left(a.Right.read())
			}
		}
		out = append(out, d)
	}
	return out
}
