package interview

import (
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs/logic"
)

// Reading is what the interview makes of some answers.
type Reading struct {
	Hidden  map[string]bool // by their condition: kept, never counted
	Aside   map[string]bool // not asked at this depth: kept, never counted
	Open    []string        // asked and not answered
	Unknown []string        // asked and answered with unknown
	Flags   []Flag          // raised for certain
	Left    map[string]int  // right → level that remains, of those that count
}

// Counts reports whether an item is asked and therefore counts.
func (r Reading) Counts(item string) bool { return !r.Hidden[item] && !r.Aside[item] }

// Read says which items count at a depth and what is open. Answers to items that
// do not count are left aside. BadInput names every answer that fits no item.
func (v *Interview) Read(depth string, answers map[string]Given) (Reading, error) {
	out := Reading{Hidden: map[string]bool{}, Aside: map[string]bool{}, Left: map[string]int{}}
	if err := v.check(answers); err != nil {
		return out, err
	}
	known := v.words.Open()
	for _, id := range v.order {
		it := v.items[id]
		if it.When != "" && v.never(it.shown, known) {
			out.Hidden[id] = true
			continue
		}
		if depth == Quick && !it.Core {
			out.Aside[id] = true
			continue
		}
		g, ok := answers[id]
		switch {
		case !ok || g.empty(it.Type):
			out.Open = append(out.Open, id)
			continue
		case g.unknown(it.Type):
			out.Unknown = append(out.Unknown, id)
			continue
		}
		if it.Type == Right {
			out.Left[id] = v.Rights.Left(g.Right)
		}
		if err := v.learn(known, *it, g); err != nil {
			return out, err
		}
	}
	for _, f := range v.Flags {
		if v.always(f.tree, known) {
			out.Flags = append(out.Flags, f)
		}
	}
	return out, nil
}

// Highest is the highest level that remains among the rights that count for a
// result, and the rights that have it. 0: none is touched. Nothing is averaged.
func (v *Interview) Highest(r Reading, result string) (level int, rights []string) {
	for _, id := range v.order {
		it := v.items[id]
		left, ok := r.Left[id]
		if !ok || left == 0 || !slices.Contains(it.Results, result) {
			continue
		}
		if left > level {
			level, rights = left, nil
		}
		if left == level {
			rights = append(rights, id)
		}
	}
	return level, rights
}

// Of filters items by a result, in the order of the interview.
func (v *Interview) Of(items []string, result string) []string {
	var out []string
	for _, id := range items {
		if it, ok := v.items[id]; ok && slices.Contains(it.Results, result) {
			out = append(out, id)
		}
	}
	return out
}

func (v *Interview) never(tree logic.Ref, known []int) bool {
	return v.restrict(tree, known) == logic.Never
}

func (v *Interview) always(tree logic.Ref, known []int) bool {
	return v.restrict(tree, known) == logic.Always
}

func (v *Interview) restrict(tree logic.Ref, known []int) logic.Ref {
	return v.trees.Restrict(tree, known, logic.NewForest(), map[logic.Ref]logic.Ref{})
}

// learn puts an answer into the variables of conditions. Words are none.
func (v *Interview) learn(known []int, it Item, g Given) error {
	i, ok := v.words.Index(it.ID)
	if !ok {
		return nil
	}
	var value any
	switch it.Type {
	case YesNoUnknown, Choice:
		value = g.Values[0]
	case Choices:
		value = slices.DeleteFunc(slices.Clone(g.Values), func(s string) bool { return s == None })
	case Number, Scale:
		n, err := strconv.Atoi(g.Values[0])
		if err != nil {
			return wrong(it)
		}
		value = n
	case Right:
		value = v.Rights.Left(g.Right)
	}
	if err := v.words.Assign(known, i, value); err != nil {
		return wrong(it)
	}
	return nil
}

func wrong(it Item) error {
	return problem.New(problem.BadInput, "Eine Antwort passt nicht zur Frage.", "An answer does not fit its question.").
		WithField("answers."+it.ID, "Diese Antwort gibt es hier nicht.", "There is no such answer here.")
}

// empty reports whether an answer says nothing.
func (g Given) empty(t Type) bool {
	switch t {
	case Text:
		return strings.TrimSpace(g.Text) == "" && len(g.Values) == 0
	case Right:
		return g.Right.Touched == ""
	}
	return len(g.Values) == 0
}

// unknown reports whether somebody said that it is not known.
func (g Given) unknown(t Type) bool {
	if t == Right {
		return g.Right.Touched == Unknown
	}
	return len(g.Values) == 1 && g.Values[0] == Unknown
}

// Check names everything that is wrong with one answer, under a path.
func (it Item) Check(c *problem.Checks, path string, g Given) {
	if it.Type == Right {
		g.Right.check(c, path)
		return
	}
	if g.unknown(it.Type) {
		return
	}
	one := len(g.Values) <= 1
	known := func(v string) bool {
		return slices.ContainsFunc(it.Options, func(o Word) bool { return o.ID == v })
	}
	ok := true
	switch it.Type {
	case Text:
		ok = len(g.Values) == 0
	case YesNoUnknown:
		ok = one && (len(g.Values) == 0 || g.Values[0] == Yes || g.Values[0] == No)
	case Choice:
		ok = one && !slices.ContainsFunc(g.Values, func(v string) bool { return !known(v) })
	case Choices:
		alone := one || !slices.Contains(g.Values, None)
		ok = alone && !slices.ContainsFunc(g.Values, func(v string) bool { return v != None && !known(v) })
	case Number, Scale:
		low, high := 0, MostNumber
		if it.Type == Scale {
			low, high = 1, Points
		}
		for _, v := range g.Values {
			n, err := strconv.Atoi(v)
			ok = ok && one && err == nil && n >= low && n <= high
		}
	}
	c.Field(ok, path, "Diese Antwort gibt es hier nicht.", "There is no such answer here.")
}

// check asks for all four dimensions and what remains where a right is touched.
func (j Judgement) check(c *problem.Checks, path string) {
	c.Field(slices.Contains([]string{"", Yes, No, Unknown}, j.Touched), path, "Diese Antwort gibt es hier nicht.", "There is no such answer here.")
	if j.Touched != Yes {
		return
	}
	point := func(n int, name string) {
		c.Field(n >= 1 && n <= Levels, path+"."+name, "Bitte eine der vier Stufen wählen.", "Please choose one of the four points.")
	}
	point(j.Gravity, "gravity")
	point(j.Scope, "scope")
	point(j.Reversibility, "reversibility")
	point(j.Likelihood, "likelihood")
	point(j.Remains, "remains")
}

func (v *Interview) check(answers map[string]Given) error {
	var c problem.Checks
	for id, g := range answers {
		it, ok := v.items[id]
		if !ok {
			c.Field(false, "answers."+id, "Diese Frage gibt es hier nicht.", "There is no such question here.")
			continue
		}
		it.Check(&c, "answers."+id, g)
	}
	return c.Err()
}
