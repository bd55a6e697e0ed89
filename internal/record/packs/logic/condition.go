package logic

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
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

// Condition is a parsed condition. Conditions are written in the language of
// expr-lang/expr, of which they use the part that can be decided exactly with
// open facts:
//
//	a, not a, a and b, a or b, (…), true, false
//	role == "deployer"   role != "deployer"   role in ["deployer", "importer"]
//	"hiring" in areas    len(areas) == 0      len(areas) > 0
//	staff >= 50          50 <= staff          staff == 3
//
// where a is a bool or tri fact or the name of a definition. Hyphens in names
// are written as underscores.
type Condition struct{ node ast.Node }

// String is the condition as text.
func (c Condition) String() string { return c.node.String() }

// Parse reads a condition.
func Parse(source string) (Condition, error) {
	tree, err := parser.Parse(source)
	if err != nil {
		msg, _, _ := strings.Cut(err.Error(), "\n")
		return Condition{&ast.BoolNode{}}, errors.New(msg)
	}
	return Condition{tree.Node}, nil
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
	for _, c := range conditions {
		ast.Find(c.node, func(n ast.Node) bool {
			b, ok := n.(*ast.BinaryNode)
			if !ok {
				return false
			}
			id, num, op, ok := intComparison(b)
			if !ok {
				return false
			}
			i, known := v.byName[id]
			if !known || v.facts[i].Type != Int {
				return false
			}
			switch op {
			case "<", ">=":
				out[i] = append(out[i], num)
			case ">", "<=":
				out[i] = append(out[i], num+1)
			default:
				out[i] = append(out[i], num, num+1)
			}
			return false
		})
	}
	for i, c := range out {
		sort.Ints(c)
		f := v.facts[i]
		out[i] = slices.DeleteFunc(slices.Compact(c), func(n int) bool { return n <= f.Min || n > f.Max })
	}
	return out
}

// intComparison reads "name op number" in either order, as if the name came first.
func intComparison(b *ast.BinaryNode) (name string, number int, op string, ok bool) {
	op = b.Operator
	if id, yes := b.Left.(*ast.IdentifierNode); yes {
		if n, yes := b.Right.(*ast.IntegerNode); yes {
			return id.Value, n.Value, op, true
		}
	}
	if id, yes := b.Right.(*ast.IdentifierNode); yes {
		if n, yes := b.Left.(*ast.IntegerNode); yes {
			flipped := map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
			return id.Value, n.Value, flipped[op], true
		}
	}
	return "", 0, "", false
}

// Diagram builds the diagram of a condition in the forest. Definitions are
// conditions that have a name; they go before facts. It fails on words that do
// not exist and on conditions that take too many steps (see MostWork).
func (v *Vocabulary) Diagram(f *Forest, c Condition, definitions map[string]Ref) (Ref, error) {
	r, err := v.diagram(f, c.node, definitions)
	if err == nil {
		err = f.Err()
	}
	return r, err
}

func (v *Vocabulary) diagram(f *Forest, n ast.Node, definitions map[string]Ref) (Ref, error) {
	switch n := n.(type) {
	case *ast.BoolNode:
		if n.Value {
			return Always, nil
		}
		return Never, nil
	case *ast.IdentifierNode:
		if r, ok := definitions[n.Value]; ok {
			return r, nil
		}
		i, err := v.fact(n.Value, Bool, Tri)
		if err != nil {
			return Never, err
		}
		return f.literal(v.first[i], 2, func(value int) bool { return value == 1 }), nil
	case *ast.UnaryNode:
		if n.Operator != "not" && n.Operator != "!" {
			return Never, fmt.Errorf("operator %q is not allowed", n.Operator)
		}
		r, err := v.diagram(f, n.Node, definitions)
		return f.Not(r), err
	case *ast.BinaryNode:
		return v.binary(f, n, definitions)
	}
	return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
}

func (v *Vocabulary) binary(f *Forest, n *ast.BinaryNode, definitions map[string]Ref) (Ref, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		a, err := v.diagram(f, n.Left, definitions)
		if err != nil {
			return Never, err
		}
		b, err := v.diagram(f, n.Right, definitions)
		if err != nil {
			return Never, err
		}
		if n.Operator == "and" || n.Operator == "&&" {
			return f.And(a, b), nil
		}
		return f.Or(a, b), nil
	case "in":
		return v.membership(f, n)
	}
	if call, ok := n.Left.(*ast.BuiltinNode); ok {
		return v.emptiness(f, n, call)
	}
	if name, number, op, ok := intComparison(n); ok {
		return v.number(f, name, op, number)
	}
	return v.option(f, n)
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

// option reads role == "deployer" and role != "deployer".
func (v *Vocabulary) option(f *Forest, n *ast.BinaryNode) (Ref, error) {
	id, ok1 := n.Left.(*ast.IdentifierNode)
	word, ok2 := n.Right.(*ast.StringNode)
	if !ok1 || !ok2 || (n.Operator != "==" && n.Operator != "!=") {
		return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
	}
	i, err := v.fact(id.Value, Enum)
	if err != nil {
		return Never, err
	}
	o, err := v.optionOf(i, word.Value)
	if err != nil {
		return Never, err
	}
	return f.literal(v.first[i], len(v.facts[i].Options), func(value int) bool {
		return (value == o) == (n.Operator == "==")
	}), nil
}

// membership reads role in ["deployer"] and "hiring" in areas.
func (v *Vocabulary) membership(f *Forest, n *ast.BinaryNode) (Ref, error) {
	if word, ok := n.Left.(*ast.StringNode); ok {
		id, ok := n.Right.(*ast.IdentifierNode)
		if !ok {
			return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
		}
		i, err := v.fact(id.Value, Set)
		if err != nil {
			return Never, err
		}
		o, err := v.optionOf(i, word.Value)
		if err != nil {
			return Never, err
		}
		return f.literal(v.first[i]+o, 2, func(value int) bool { return value == 1 }), nil
	}
	id, ok1 := n.Left.(*ast.IdentifierNode)
	list, ok2 := n.Right.(*ast.ArrayNode)
	if !ok1 || !ok2 {
		return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
	}
	i, err := v.fact(id.Value, Enum)
	if err != nil {
		return Never, err
	}
	wanted := map[int]bool{}
	for _, x := range list.Nodes {
		word, ok := x.(*ast.StringNode)
		if !ok {
			return Never, fmt.Errorf("%q may only list words", n.String())
		}
		o, err := v.optionOf(i, word.Value)
		if err != nil {
			return Never, err
		}
		wanted[o] = true
	}
	return f.literal(v.first[i], len(v.facts[i].Options), func(value int) bool { return wanted[value] }), nil
}

// emptiness reads len(areas) == 0 and len(areas) > 0.
func (v *Vocabulary) emptiness(f *Forest, n *ast.BinaryNode, call *ast.BuiltinNode) (Ref, error) {
	zero, ok := n.Right.(*ast.IntegerNode)
	if call.Name != "len" || len(call.Arguments) != 1 || !ok || zero.Value != 0 || (n.Operator != "==" && n.Operator != ">") {
		return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
	}
	id, ok := call.Arguments[0].(*ast.IdentifierNode)
	if !ok {
		return Never, fmt.Errorf("%q is not allowed in a condition", n.String())
	}
	i, err := v.fact(id.Value, Set)
	if err != nil {
		return Never, err
	}
	some := Never
	for o := range v.facts[i].Options {
		some = f.Or(some, f.literal(v.first[i]+o, 2, func(value int) bool { return value == 1 }))
	}
	if n.Operator == "==" {
		return f.Not(some), nil
	}
	return some, nil
}

// number reads staff >= 50.
func (v *Vocabulary) number(f *Forest, name, op string, number int) (Ref, error) {
	i, err := v.fact(name, Int)
	if err != nil {
		return Never, err
	}
	x := v.variables[v.first[i]]
	return f.literal(v.first[i], x.size, func(span int) bool {
		low := v.facts[i].Min // every number of a span compares alike
		if span > 0 {
			low = x.cuts[span-1]
		}
		switch op {
		case "<":
			return low < number
		case "<=":
			return low <= number
		case ">":
			return low > number
		case ">=":
			return low >= number
		case "!=":
			return low != number
		}
		return low == number
	}), nil
}
