package packs

import (
	"time"

	"augenmass/internal/text"
)

// FactType is the type of a fact that rules read.
type FactType string

// The types of facts. Any fact may be unknown: missing, nil or "unknown".
const (
	FactBool FactType = "bool" // yes or no; the wizard offers no "I do not know"
	FactTri  FactType = "tri"  // yes, no or unknown
	FactEnum FactType = "enum" // one of Options, or unknown
	FactSet  FactType = "set"  // any of Options, also none of them; or unknown
	FactInt  FactType = "int"  // Min..Max, or unknown
)

// Unknown is the answer "I do not know". It is never read as yes or as no, and
// a wizard does not ask again.
const Unknown = "unknown"

// Fact is one typed input of a rule set, with the question that yields it.
type Fact struct {
	Name     string
	Type     FactType
	Question text.Bi
	Help     text.Bi
	Options  []Option // of an enum or a set
	Min, Max int      // of an int
	Clauses  []string
}

// Option is one possible answer.
type Option struct {
	ID      string
	Text    text.Bi
	Clauses []string
}

// Output is one value that a rule set decides.
type Output struct {
	Name   string
	Values []string // what it can be; "unclear" is always possible
	Asked  bool     // Next asks until this output is decided
	Title  text.Bi
}

// Step is one rule that spoke, in words.
type Step struct {
	Rule     string
	Say      text.Bi
	Clauses  []string
	Possible bool // the rule may apply; it depends on facts that are open
}

// Outcome is what a rule set says about one set of facts at one time.
type Outcome struct {
	RuleSet  string
	Values   map[string]string   // output → value; "unclear" where open facts could change it
	Possible map[string][]string // for each unclear output: the values that it could still have
	Open     []string            // facts that could still change an asked output, most useful first
	Trace    []Step
	Version  string
	At       time.Time
}

// Unclear is the value of an output that open facts could change.
const Unclear = "unclear"

// RuleSet decides outputs from facts by ordered rules with dates of validity.
type RuleSet struct {
	ID      string
	Version string
	AsOf    time.Time
	Title   text.Bi
	Notice  text.Bi
	Facts   []Fact // in the order in which a wizard asks
	Outputs []Output
	From    time.Time // before this day there are no rules

	rules []rule
	cases []Case
}

// Case is a checked example of a rule set: facts and what must come out.
type Case struct {
	Name   text.Bi
	Source string
	At     time.Time
	Facts  map[string]any
	Expect map[string]string
	Rule   string // the rule that must speak
}

// Cases returns the checked examples of the rule set.
func (rs *RuleSet) Cases() []Case { return rs.cases }

type rule struct{}
