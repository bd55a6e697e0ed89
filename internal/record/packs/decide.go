package packs

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs/logic"
)

// Decide evaluates the rules that are valid at the given time.
//
// Facts are given by name: bool or "yes"/"no" for bool and tri, the option for
// an enum, an int, and []string for a set (empty: none of them). A fact that is
// missing, nil or "unknown" is open. A fact that the set does not declare, or a
// value of the wrong type, is a problem of kind BadInput with the field named.
//
// Open facts are never guessed. A value is decided exactly if it would be the
// same whatever the open facts turn out to be. Otherwise the value
// is "unclear" (or what the output names as its precaution), Possible lists what it could be, and Open names the facts on
// which it still depends. This is computed exactly, on decision diagrams, not
// by trying or by three-valued approximation: "a or not a" is true although a is
// open, and a fact whose answer cannot matter is not in Open.
func (rs *RuleSet) Decide(at time.Time, facts map[string]any) (Outcome, error) {
	known, _, err := rs.read(facts)
	if err != nil {
		return Outcome{}, err
	}
	e, err := rs.epoch(at)
	if err != nil {
		return Outcome{}, err
	}
	v := rs.restrict(e, known)
	out := Outcome{RuleSet: rs.ID, Version: rs.Version, At: at, Values: map[string]string{}}
	for i, o := range rs.Outputs {
		leaves := v.forest.Leaves(v.outputs[i])
		if len(leaves) == 1 {
			out.Values[o.Name] = e.values[i][leaves[0]]
			continue
		}
		out.Values[o.Name] = cmp.Or(o.WhileOpen, Unclear)
		if out.Possible == nil {
			out.Possible = map[string][]string{}
		}
		for _, leaf := range leaves {
			out.Possible[o.Name] = append(out.Possible[o.Name], e.values[i][leaf])
		}
		sort.Strings(out.Possible[o.Name])
	}
	for _, i := range rs.open(v) {
		out.Open = append(out.Open, rs.Facts[i].Name)
	}
	out.Trace = rs.trace(e, v)
	if err := v.forest.Err(); err != nil {
		return Outcome{}, fmt.Errorf("rule set %s: %w", rs.ID, err)
	}
	if len(out.Open) > 0 {
		out.Trace = append(out.Trace, Step{Say: rs.unclear, Possible: true})
	}
	return out, nil
}

// Next returns the next question worth asking: the first fact in the order of
// the set whose answer could still change an asked output. It is done when no
// answer could, or when the only such facts were answered with unknown.
func (rs *RuleSet) Next(at time.Time, facts map[string]any) (ask Fact, done bool, err error) {
	known, asked, err := rs.read(facts)
	if err != nil {
		return Fact{}, false, err
	}
	e, err := rs.epoch(at)
	if err != nil {
		return Fact{}, false, err
	}
	for _, i := range rs.open(rs.restrict(e, known)) {
		if !asked[i] {
			return rs.Facts[i], false, nil
		}
	}
	return Fact{}, true, nil
}

// view is what remains of an epoch's diagrams once the known facts are put in.
type view struct {
	forest  *logic.Forest
	when    []logic.Ref
	outputs []logic.Ref
}

func (rs *RuleSet) restrict(e *epoch, known []int) view {
	v := view{forest: logic.NewForest()}
	memo := map[logic.Ref]logic.Ref{}
	for _, r := range e.when {
		v.when = append(v.when, e.forest.Restrict(r, known, v.forest, memo))
	}
	for _, r := range e.outputs {
		v.outputs = append(v.outputs, e.forest.Restrict(r, known, v.forest, memo))
	}
	return v
}

// open returns the facts on which asked outputs still depend, in order.
func (rs *RuleSet) open(v view) []int {
	var facts []int
	for i, o := range rs.Outputs {
		if !o.Asked {
			continue
		}
		for _, x := range v.forest.Support(v.outputs[i]) {
			facts = append(facts, rs.words.FactOf(x))
		}
	}
	sort.Ints(facts)
	return slices.Compact(facts)
}

// trace lists the rules that speak. For a decided output that is the first rule
// that holds for certain: an earlier rule may hold as well, but then it gives the
// same value. Where no single rule is certain, or an asked output is open, the
// rules that may give its value are listed as possible. Remarks join in whenever
// they hold for certain.
func (rs *RuleSet) trace(e *epoch, v view) []Step {
	const silent, possible, certain = 0, 1, 2
	voice := make([]int, len(e.rules))
	for k, o := range rs.Outputs {
		decided := len(v.forest.Leaves(v.outputs[k])) == 1
		if !decided && !o.Asked {
			continue
		}
		may, sure := rs.candidates(e, v, o.Name)
		if decided && sure >= 0 {
			voice[sure] = certain
			continue
		}
		for _, i := range may {
			voice[i] = max(voice[i], possible)
		}
	}
	var steps []Step
	for i, index := range e.rules {
		r := rs.rules[index]
		if len(r.then) == 0 && v.when[i] == logic.Always {
			voice[i] = certain
		}
		if voice[i] != silent {
			steps = append(steps, Step{Rule: r.id, Say: r.say, Clauses: slices.Clone(r.clauses), Possible: voice[i] == possible})
		}
	}
	return steps
}

// candidates returns the rules that may be the first to give the output a value,
// and the one among them that holds for certain (-1: none).
func (rs *RuleSet) candidates(e *epoch, v view, output string) (may []int, sure int) {
	left := logic.Always // where no earlier rule spoke
	for i, index := range e.rules {
		if _, ok := rs.rules[index].then[output]; !ok || v.forest.And(left, v.when[i]) == logic.Never {
			continue
		}
		may = append(may, i)
		if v.when[i] == logic.Always {
			return may, i
		}
		left = v.forest.And(left, v.forest.Not(v.when[i]))
	}
	return may, -1
}

// read turns facts into values of variables (-1: open) and says which facts
// were asked already.
func (rs *RuleSet) read(facts map[string]any) (known []int, asked []bool, err error) {
	known = rs.words.Open()
	asked = make([]bool, len(rs.Facts))
	var wrong []problem.Field
	for name, value := range facts {
		i, ok := rs.words.Index(name)
		if !ok {
			wrong = append(wrong, fieldAt(name, "diese Angabe kennen die Regeln nicht", "the rules do not know this fact"))
			continue
		}
		if value == nil {
			continue
		}
		asked[i] = true
		if s, ok := value.(string); ok && s == Unknown {
			continue
		}
		if err := rs.words.Assign(known, i, value); err != nil {
			wrong = append(wrong, fieldAt(name, "dieser Wert passt nicht: "+err.Error(), "this value does not fit: "+err.Error()))
		}
	}
	if len(wrong) > 0 {
		sort.Slice(wrong, func(i, j int) bool { return wrong[i].Path < wrong[j].Path })
		p := problem.New(problem.BadInput, "Einige Angaben passen nicht zu den Regeln.", "Some facts do not fit the rules.")
		p.Fields = wrong
		return nil, nil, p
	}
	return known, asked, nil
}

func fieldAt(path, de, en string) problem.Field {
	f := problem.Field{Path: path}
	f.Say.DE, f.Say.EN = de, en
	return f
}

// Prove runs one case and returns what differs, or nil. A test runs all cases
// of all packs; a program may run those of an organisation's own packs.
func (rs *RuleSet) Prove(c Case) error {
	got, err := rs.Decide(c.At, c.Facts)
	if err != nil {
		return fmt.Errorf("case %s: %w", c.ID, err)
	}
	var wrong []string
	for name, want := range c.Expect {
		if got.Values[name] != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, want %q (possible: %v)", name, got.Values[name], want, got.Possible[name]))
		}
	}
	sort.Strings(wrong)
	certain := func(s Step) bool { return s.Rule == c.Rule && !s.Possible }
	if c.Rule != "" && !slices.ContainsFunc(got.Trace, certain) {
		wrong = append(wrong, fmt.Sprintf("rule %s does not speak, but %v", c.Rule, got.Trace))
	}
	if c.Open != nil && !slices.Equal(got.Open, c.Open) {
		wrong = append(wrong, fmt.Sprintf("open are %v, want %v", got.Open, c.Open))
	}
	if c.Most > 0 {
		asked, err := rs.interview(c)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.ID, err)
		}
		if len(asked) > c.Most {
			wrong = append(wrong, fmt.Sprintf("asks %d questions %v, want at most %d", len(asked), asked, c.Most))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("case %s at %s: %s", c.ID, c.At.Format(time.DateOnly), strings.Join(wrong, "; "))
	}
	return nil
}

// interview answers Next with the facts of the case until it is done, and
// returns the questions asked.
func (rs *RuleSet) interview(c Case) ([]string, error) {
	facts := map[string]any{}
	for _, name := range c.Given {
		facts[name] = c.Facts[name]
	}
	var asked []string
	for {
		ask, done, err := rs.Next(c.At, facts)
		if err != nil {
			return nil, err
		}
		if done {
			return asked, nil
		}
		asked = append(asked, ask.Name)
		facts[ask.Name] = c.Facts[ask.Name]
		if facts[ask.Name] == nil {
			facts[ask.Name] = Unknown
		}
	}
}
