package logic

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Type is the type of a fact.
type Type string

// The types of facts.
const (
	Bool Type = "bool"
	Tri  Type = "tri" // a bool that people may not know
	Enum Type = "enum"
	Set  Type = "set"
	Int  Type = "int"
)

// Fact is one typed input of conditions.
type Fact struct {
	Name     string
	Type     Type
	Options  []string // of an enum or a set
	Min, Max int      // of an int
}

// Condition is a parsed condition. The language is a part of that of
// expr-lang/expr, the part that can be decided exactly with open facts:
//
//	a, not a, a and b, a or b, (…), true, false
//	role == "deployer"   role != "deployer"   role in ["deployer", "importer"]
//	"hiring" in areas    len(areas) == 0      len(areas) > 0
//	staff >= 50          50 <= staff          staff == 3
//
// where a is a bool or tri fact or the name of a definition. Hyphens in names
// are written as underscores; "not in" is the opposite of "in".
type Condition struct{ clause clause }

// String is the condition as text.
func (c Condition) String() string { return c.clause.String() }

// Parse reads a condition. It fails on what the language does not have and
// names the column.
func Parse(source string) (Condition, error) {
	c, err := parse(source)
	if err != nil {
		return Condition{constant(false)}, err
	}
	return Condition{c}, nil
}

// variable is one thing that a diagram asks: a fact, one option of a set, or
// the span in which an int lies.
type variable struct {
	fact int
	size int
	cuts []int // of an int: value v lies in span i if cuts[i-1] <= v < cuts[i]
}

// Vocabulary resolves the names in conditions. It does not change.
type Vocabulary struct {
	facts     []Fact
	byName    map[string]int
	variables []variable
	first     []int // fact → its first variable
}

// NewVocabulary lays out the variables in the order of the facts. It needs all
// conditions to find the numbers at which ints matter.
func NewVocabulary(facts []Fact, conditions []Condition) *Vocabulary {
	v := &Vocabulary{facts: facts, byName: map[string]int{}}
	for i, f := range facts {
		v.byName[f.Name] = i
		v.byName[strings.ReplaceAll(f.Name, "-", "_")] = i
	}
	cuts := v.cuts(conditions)
	for i, f := range facts {
		v.first = append(v.first, len(v.variables))
		switch f.Type {
		case Bool, Tri:
			v.variables = append(v.variables, variable{fact: i, size: 2})
		case Enum:
			v.variables = append(v.variables, variable{fact: i, size: max(1, len(f.Options))})
		case Int:
			v.variables = append(v.variables, variable{fact: i, size: len(cuts[i]) + 1, cuts: cuts[i]})
		case Set:
			for range f.Options {
				v.variables = append(v.variables, variable{fact: i, size: 2})
			}
		}
	}
	return v
}

// Index returns the place of a fact in the vocabulary.
func (v *Vocabulary) Index(name string) (int, bool) {
	i, ok := v.byName[name]
	return i, ok
}

// FactOf returns the fact to which a variable of a diagram belongs.
func (v *Vocabulary) FactOf(variable int) int { return v.variables[variable].fact }

// Open returns an assignment in which every variable is open (-1).
func (v *Vocabulary) Open() []int {
	known := make([]int, len(v.variables))
	for i := range known {
		known[i] = -1
	}
	return known
}

// cuts collects, for each int fact, the numbers at which some condition changes.
func (v *Vocabulary) cuts(conditions []Condition) map[int][]int {
	out := map[int][]int{}
	var collect func(clause)
	collect = func(c clause) {
		switch c := c.(type) {
		case negated:
			collect(c.of)
		case joined:
			collect(c.left)
			collect(c.right)
		case compared:
			i, known := v.byName[c.fact]
			if !known || v.facts[i].Type != Int {
				return
			}
			switch c.op {
			case "<", ">=":
				out[i] = append(out[i], c.number)
			case ">", "<=":
				out[i] = append(out[i], c.number+1)
			default:
				out[i] = append(out[i], c.number, c.number+1)
			}
		}
	}
	for _, c := range conditions {
		collect(c.clause)
	}
	for i, c := range out {
		sort.Ints(c)
		f := v.facts[i]
		out[i] = slices.DeleteFunc(slices.Compact(c), func(n int) bool { return n <= f.Min || n > f.Max })
	}
	return out
}

// Diagram builds the diagram of a condition in the forest. Definitions are
// conditions that have a name; they go before facts. It fails on words that do
// not exist and on conditions that take too many steps (see MostWork).
func (v *Vocabulary) Diagram(f *Forest, c Condition, definitions map[string]Ref) (Ref, error) {
	r, err := v.diagram(f, c.clause, definitions)
	if err == nil {
		err = f.Err()
	}
	return r, err
}

func (v *Vocabulary) diagram(f *Forest, c clause, definitions map[string]Ref) (Ref, error) {
	switch c := c.(type) {
	case constant:
		if c {
			return Always, nil
		}
		return Never, nil
	case named:
		if r, ok := definitions[string(c)]; ok {
			return r, nil
		}
		i, err := v.fact(string(c), Bool, Tri)
		if err != nil {
			return Never, err
		}
		return f.literal(v.first[i], 2, func(value int) bool { return value == 1 }), nil
	case negated:
		r, err := v.diagram(f, c.of, definitions)
		return f.Not(r), err
	case joined:
		a, err := v.diagram(f, c.left, definitions)
		if err != nil {
			return Never, err
		}
		b, err := v.diagram(f, c.right, definitions)
		if err != nil {
			return Never, err
		}
		if c.word == "and" {
			return f.And(a, b), nil
		}
		return f.Or(a, b), nil
	case isWord:
		r, err := v.among(f, c.fact, c.word)
		if c.op == "!=" {
			r = f.Not(r)
		}
		return r, err
	case oneOf:
		return v.among(f, c.fact, c.words...)
	case hasWord:
		return v.has(f, c)
	case isEmpty:
		return v.emptiness(f, c)
	case compared:
		return v.number(f, c)
	}
	return Never, fmt.Errorf("%q is not allowed in a condition", c)
}

// fact finds a fact of one of the types.
func (v *Vocabulary) fact(name string, types ...Type) (int, error) {
	i, ok := v.byName[name]
	if !ok {
		return 0, fmt.Errorf("unknown fact %q", name)
	}
	if !slices.Contains(types, v.facts[i].Type) {
		return 0, fmt.Errorf("fact %q is of type %s and cannot be used like this", name, v.facts[i].Type)
	}
	return i, nil
}

func (v *Vocabulary) optionOf(fact int, id string) (int, error) {
	i := slices.Index(v.facts[fact].Options, id)
	if i < 0 {
		return 0, fmt.Errorf("fact %q has no option %q", v.facts[fact].Name, id)
	}
	return i, nil
}

// among reads role == "deployer" and role in ["deployer", "importer"].
func (v *Vocabulary) among(f *Forest, fact string, words ...string) (Ref, error) {
	i, err := v.fact(fact, Enum)
	if err != nil {
		return Never, err
	}
	wanted := map[int]bool{}
	for _, word := range words {
		o, err := v.optionOf(i, word)
		if err != nil {
			return Never, err
		}
		wanted[o] = true
	}
	return f.literal(v.first[i], len(v.facts[i].Options), func(value int) bool { return wanted[value] }), nil
}

// has reads "hiring" in areas.
func (v *Vocabulary) has(f *Forest, c hasWord) (Ref, error) {
	i, err := v.fact(c.set, Set)
	if err != nil {
		return Never, err
	}
	o, err := v.optionOf(i, c.word)
	if err != nil {
		return Never, err
	}
	return f.literal(v.first[i]+o, 2, func(value int) bool { return value == 1 }), nil
}

// emptiness reads len(areas) == 0 and len(areas) > 0.
func (v *Vocabulary) emptiness(f *Forest, c isEmpty) (Ref, error) {
	i, err := v.fact(c.set, Set)
	if err != nil {
		return Never, err
	}
	some := Never
	for o := range v.facts[i].Options {
		some = f.Or(some, f.literal(v.first[i]+o, 2, func(value int) bool { return value == 1 }))
	}
	if c.op == "==" {
		return f.Not(some), nil
	}
	return some, nil
}

// number reads staff >= 50.
func (v *Vocabulary) number(f *Forest, c compared) (Ref, error) {
	i, err := v.fact(c.fact, Int)
	if err != nil {
		return Never, err
	}
	x := v.variables[v.first[i]]
	return f.literal(v.first[i], x.size, func(span int) bool {
		low := v.facts[i].Min // every number of a span compares alike
		if span > 0 {
			low = x.cuts[span-1]
		}
		switch c.op {
		case "<":
			return low < c.number
		case "<=":
			return low <= c.number
		case ">":
			return low > c.number
		case ">=":
			return low >= c.number
		case "!=":
			return low != c.number
		}
		return low == c.number
	}), nil
}
