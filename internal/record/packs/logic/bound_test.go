package logic

import (
	"fmt"
	"strings"
	"testing"
)

// pairs is a condition that says that n facts equal n others. In the order of
// the facts, all left ones first, its diagram has more than 2^n nodes.
func pairs(t *testing.T, n int) (*Vocabulary, Condition) {
	var facts []Fact
	var parts []string
	for _, side := range []string{"a", "b"} {
		for i := range n {
			facts = append(facts, Fact{Name: fmt.Sprint(side, i), Type: Tri})
		}
	}
	for i := range n {
		parts = append(parts, fmt.Sprintf("(a%d and b%d or not a%d and not b%d)", i, i, i, i))
	}
	c, err := Parse(strings.Join(parts, " and "))
	if err != nil {
		t.Fatal(err)
	}
	return NewVocabulary(facts, []Condition{c}), c
}

// A condition that would need more room than there is ends with a sentence.
func TestConditionsThatGrowWithoutBoundAreRefused(t *testing.T) {
	v, c := pairs(t, 8)
	f := NewForest()
	r, err := v.Diagram(f, c, nil)
	if err != nil || f.Err() != nil || len(f.Support(r)) != 16 {
		t.Errorf("8 pairs: %v, depends on %d", err, len(f.Support(r)))
	}
	v, c = pairs(t, 40)
	f = NewForest()
	if _, err := v.Diagram(f, c, nil); err == nil || !strings.Contains(err.Error(), "too many facts hang together") {
		t.Errorf("40 pairs: %v", err)
	}
	if f.Err() == nil || len(f.nodes) > MostWork+1000 {
		t.Errorf("%d nodes, %v", len(f.nodes), f.Err())
	}
}
