package packs

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/logic"
	"augenmass/internal/text"
)

// FactType is the type of a fact.
type FactType = logic.Type

// The types of facts. Any fact may be unknown: missing, nil or "unknown".
const (
	FactBool = logic.Bool // yes or no; the wizard offers no "I do not know"
	FactTri  = logic.Tri  // yes, no or unknown
	FactEnum = logic.Enum // one of Options, or unknown
	FactSet  = logic.Set  // any of Options, also none of them; or unknown
	FactInt  = logic.Int  // Min..Max, or unknown
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
	Title  text.Bi
	Values []Option // what it can be, with labels; "unclear" is always possible
	Dates  bool     // its values are days (YYYY-MM-DD) instead
	Asked  bool     // Next asks until this output is decided
	// Default is the value where no rule speaks: one of Values, or "none" for
	// days; empty: "unclear".
	Default string
	// WhileOpen is what counts while open facts could change the value: a
	// precaution that the pack names, such as "register it". Empty: "unclear".
	WhileOpen string
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
// For each output the first rule that holds gives the value.
type RuleSet struct {
	ID      string
	Version string
	AsOf    time.Time
	Title   text.Bi
	Notice  text.Bi
	Facts   []Fact // in the order in which a wizard asks
	Outputs []Output
	From    time.Time // before this day there are no rules

	unclear     text.Bi
	definitions []definition
	rules       []rule
	cases       []Case
	words       *logic.Vocabulary
	epochs      []*epoch
}

// definition is a named condition, valid for a span of time.
type definition struct {
	name        string
	when        logic.Condition
	from, until time.Time
}

// rule is one row of the set. A rule without values is a remark that joins the
// trace whenever its condition holds.
type rule struct {
	id          string
	when        logic.Condition
	then        map[string]string
	say         text.Bi
	clauses     []string
	from, until time.Time
	at          form.Place
}

// Case is a checked example of a rule set: facts and what must come out.
type Case struct {
	ID     string
	Name   text.Bi
	Source []string // clause ids from which the answer follows
	At     time.Time
	Facts  map[string]any
	Expect map[string]string
	Rule   string   // the rule that must speak for certain; empty when nothing is certain
	Open   []string // the facts that must be open, in order; nil: not checked
	Given  []string // facts that are known before anybody is asked
	Most   int      // most questions that Next may ask; 0: not checked

	at form.Place
}

// Cases returns the checked examples of the rule set.
func (rs *RuleSet) Cases() []Case { return rs.cases }

// Fact returns the declared fact with this name.
func (rs *RuleSet) Fact(name string) (Fact, bool) {
	if i, ok := rs.words.Index(name); ok {
		return rs.Facts[i], true
	}
	return Fact{}, false
}

// epoch is a span of time in which the same rules are valid. Its diagrams are
// built when first asked for.
type epoch struct {
	from     time.Time
	once     sync.Once
	forest   *logic.Forest
	rules    []int       // indexes of the valid rules, in order
	when     []logic.Ref // their conditions
	outputs  []logic.Ref // one diagram for each output; its leaves index values
	values   [][]string
	buildErr error
}

// prepare finds the spans of time between all dates of validity.
func (rs *RuleSet) prepare() {
	days := []time.Time{rs.From}
	for _, r := range rs.rules {
		days = append(days, r.from, r.until)
	}
	for _, d := range rs.definitions {
		days = append(days, d.from, d.until)
	}
	slices.SortFunc(days, time.Time.Compare)
	days = slices.CompactFunc(days, time.Time.Equal)
	rs.epochs = nil
	for _, day := range days {
		if !day.Before(rs.From) {
			rs.epochs = append(rs.epochs, &epoch{from: day})
		}
	}
}

// epoch returns the rules valid at a time, with their diagrams.
func (rs *RuleSet) epoch(at time.Time) (*epoch, error) {
	i := len(rs.epochs) - 1
	for i >= 0 && at.Before(rs.epochs[i].from) {
		i--
	}
	if i < 0 {
		return nil, problem.Newf(problem.BadInput,
			"Für diesen Tag gibt es noch keine Regeln; sie beginnen am %s.",
			"There are no rules for that day; they begin on %s.", rs.From.Format(time.DateOnly))
	}
	e := rs.epochs[i]
	e.once.Do(func() { e.buildErr = rs.build(e) })
	return e, e.buildErr
}

// Since is the first day of the span in which the rules are the ones of a time:
// on all days of one span the same facts have the same outcome. It is zero
// before the rules begin.
func (rs *RuleSet) Since(at time.Time) time.Time {
	for i := len(rs.epochs) - 1; i >= 0; i-- {
		if !at.Before(rs.epochs[i].from) {
			return rs.epochs[i].from
		}
	}
	return time.Time{}
}

// Until is the first day after a time on which rules begin or end; zero when no
// such day is known.
func (rs *RuleSet) Until(at time.Time) time.Time {
	for _, e := range rs.epochs {
		if e.from.After(at) {
			return e.from
		}
	}
	return time.Time{}
}

// build makes the diagrams of one epoch.
func (rs *RuleSet) build(e *epoch) error {
	e.forest = logic.NewForest()
	defined := map[string]logic.Ref{}
	for _, d := range rs.definitions {
		if !within(e.from, d.from, d.until) {
			continue
		}
		r, err := rs.words.Diagram(e.forest, d.when, defined)
		if err != nil {
			return fmt.Errorf("definition %s of rule set %s: %w", d.name, rs.ID, err)
		}
		defined[d.name] = r
	}
	for i, r := range rs.rules {
		if !within(e.from, r.from, r.until) {
			continue
		}
		c, err := rs.words.Diagram(e.forest, r.when, defined)
		if err != nil {
			return fmt.Errorf("rule %s of rule set %s: %w", r.id, rs.ID, err)
		}
		e.rules = append(e.rules, i)
		e.when = append(e.when, c)
	}
	for _, o := range rs.Outputs {
		values := []string{cmp.Or(o.Default, Unclear)}
		leaf := func(value string) logic.Ref {
			i := slices.Index(values, value)
			if i < 0 {
				values = append(values, value)
				i = len(values) - 1
			}
			return logic.Ref(i)
		}
		out := logic.Ref(0)
		for i := len(e.rules) - 1; i >= 0; i-- {
			if value, ok := rs.rules[e.rules[i]].then[o.Name]; ok {
				out = e.forest.Choose(e.when[i], leaf(value), out)
			}
		}
		e.outputs = append(e.outputs, out)
		e.values = append(e.values, values)
	}
	if err := e.forest.Err(); err != nil {
		return fmt.Errorf("rule set %s: %w", rs.ID, err)
	}
	return nil
}
