// Package logic reasons exactly with facts that are partly open. Conditions over
// typed facts become decision diagrams; what follows for certain, what is still
// possible and which open fact matters can be read off them.
//
// It knows no rules, dates or texts; package packs builds those from it.
package logic

import (
	"fmt"
	"slices"
	"sort"
)

// A Ref names a decision diagram in a forest: a function of the facts, as a
// reduced ordered diagram (Bryant 1986, with many-valued variables). Inner nodes
// ask one variable and have a child for each of its values; leaves are results.
// Variables are asked in one fixed order and equal parts are shared, so that a
// node remains exactly if the function depends on its variable. This is what
// makes "could an open fact still change the outcome" an exact answer, not an
// estimate.
//
// Leaves are 0, 1, 2 …; inner nodes are negative. As a condition, leaf 0 is
// false and leaf 1 is true.
type Ref = int32

type node struct {
	variable int
	kids     []Ref
}

// Forest holds shared nodes. It is not safe for writers in parallel; a finished
// forest may be read by many.
type Forest struct {
	nodes  []node
	unique map[string]Ref
	work   int // steps that Choose took so far
}

// MostWork is how many steps all conditions of one forest may take. Conditions
// over facts that hang together in the wrong order grow without bound; packs of
// an organisation come from outside, and a file must not stop a node. Shipped
// rule sets take less than a tenth of it.
const MostWork = 1 << 16

// Err returns why the diagrams of the forest mean nothing: they took more steps
// than MostWork. It returns nil for all others.
func (f *Forest) Err() error {
	if f.work > MostWork {
		return fmt.Errorf("too many facts hang together: more than %d steps", MostWork)
	}
	return nil
}

// NewForest returns an empty forest.
func NewForest() *Forest { return &Forest{unique: map[string]Ref{}} }

func (f *Forest) get(r Ref) node { return f.nodes[-r-1] }

// make returns the node that asks the variable, or the child if all are equal.
func (f *Forest) make(variable int, kids []Ref) Ref {
	same := true
	for _, k := range kids[1:] {
		if k != kids[0] {
			same = false
			break
		}
	}
	if same {
		return kids[0]
	}
	key := make([]byte, 0, 4*len(kids)+4)
	key = appendInt(key, int32(variable))
	for _, k := range kids {
		key = appendInt(key, k)
	}
	if r, ok := f.unique[string(key)]; ok {
		return r
	}
	f.nodes = append(f.nodes, node{variable, slices.Clone(kids)})
	r := Ref(-len(f.nodes))
	f.unique[string(key)] = r
	return r
}

func appendInt(b []byte, n int32) []byte {
	return append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}

// The conditions that never and always hold.
const (
	Never  Ref = 0
	Always Ref = 1
)

// literal is true where the variable has a value for which yes says so.
func (f *Forest) literal(variable, size int, yes func(value int) bool) Ref {
	kids := make([]Ref, size)
	for i := range kids {
		if yes(i) {
			kids[i] = Always
		}
	}
	return f.make(variable, kids)
}

// Not holds where a does not.
func (f *Forest) Not(a Ref) Ref { return f.Choose(a, Never, Always) }

// And holds where both hold.
func (f *Forest) And(a, b Ref) Ref { return f.Choose(a, b, Never) }

// Or holds where one of them holds.
func (f *Forest) Or(a, b Ref) Ref { return f.Choose(a, Always, b) }

// Choose is yes where the condition holds and no elsewhere.
func (f *Forest) Choose(cond, yes, no Ref) Ref {
	return f.chooseWith(cond, yes, no, map[[3]Ref]Ref{})
}

func (f *Forest) chooseWith(cond, yes, no Ref, memo map[[3]Ref]Ref) Ref {
	switch {
	case cond == Always:
		return yes
	case cond == Never:
		return no
	case yes == no:
		return yes
	}
	key := [3]Ref{cond, yes, no}
	if r, ok := memo[key]; ok {
		return r
	}
	if f.work++; f.work > MostWork {
		return Never // see Err
	}
	top, size := f.top(cond, yes, no)
	kids := make([]Ref, size)
	for i := range kids {
		kids[i] = f.chooseWith(f.kid(cond, top, i), f.kid(yes, top, i), f.kid(no, top, i), memo)
	}
	r := f.make(top, kids)
	memo[key] = r
	return r
}

// top returns the first variable that any of the diagrams asks.
func (f *Forest) top(refs ...Ref) (variable, size int) {
	variable = -1
	for _, r := range refs {
		if r >= 0 {
			continue
		}
		if n := f.get(r); variable < 0 || n.variable < variable {
			variable, size = n.variable, len(n.kids)
		}
	}
	return variable, size
}

// kid is the diagram r once the variable has the value.
func (f *Forest) kid(r Ref, variable, value int) Ref {
	if r >= 0 {
		return r
	}
	if n := f.get(r); n.variable == variable {
		return n.kids[value]
	}
	return r
}

// Restrict copies the diagram r into the forest to, with every known variable
// replaced by its value. known[v] < 0 means: open.
func (f *Forest) Restrict(r Ref, known []int, to *Forest, memo map[Ref]Ref) Ref {
	if r >= 0 {
		return r
	}
	if x, ok := memo[r]; ok {
		return x
	}
	n := f.get(r)
	var out Ref
	if v := known[n.variable]; v >= 0 {
		out = f.Restrict(n.kids[v], known, to, memo)
	} else {
		kids := make([]Ref, len(n.kids))
		for i, k := range n.kids {
			kids[i] = f.Restrict(k, known, to, memo)
		}
		out = to.make(n.variable, kids)
	}
	memo[r] = out
	return out
}

// Leaves returns the results that the diagram can have, in order.
func (f *Forest) Leaves(r Ref) []int {
	found := map[Ref]bool{}
	f.walk(r, map[Ref]bool{}, func(Ref) {}, func(leaf Ref) { found[leaf] = true })
	var out []int
	for leaf := range found {
		out = append(out, int(leaf))
	}
	sort.Ints(out)
	return out
}

// Support returns the variables on which the diagram depends, in order.
func (f *Forest) Support(r Ref) []int {
	found := map[int]bool{}
	f.walk(r, map[Ref]bool{}, func(inner Ref) { found[f.get(inner).variable] = true }, func(Ref) {})
	var out []int
	for v := range found {
		out = append(out, v)
	}
	sort.Ints(out)
	return out
}

func (f *Forest) walk(r Ref, seen map[Ref]bool, inner, leaf func(Ref)) {
	if seen[r] {
		return
	}
	seen[r] = true
	if r >= 0 {
		leaf(r)
		return
	}
	inner(r)
	for _, k := range f.get(r).kids {
		f.walk(k, seen, inner, leaf)
	}
}
