package interview

import (
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Owing is whether a result is owed on a day, and why.
type Owing struct {
	Result   string
	Duty     Duty
	Possible []Duty // while it is unclear: what it could still be
	From     time.Time
	Why      []Step
	Open     []string // items whose answers could still change it
	Ask      []string // facts that no item answers: the classification does
	AsOf     time.Time
}

// May reports whether it is owed, or could turn out to be.
func (o Owing) May(d Duty) bool { return o.Duty == d || slices.Contains(o.Possible, d) }

// Facts that the classification knows.
const (
	factHigh     = "high_risk"
	factDeployer = "deployer"
	factAreas    = "areas"
)

// known are the facts that follow from the classification. What it leaves open
// is left out.
func known(c *store.Object[classify.Classification]) map[string]any {
	facts := map[string]any{}
	if c == nil || !c.Doc.Concluded() {
		return facts
	}
	switch c.Doc.Class {
	case permit.ClassHigh, permit.ClassProhibited:
		facts[factHigh] = true
	case packs.Unclear:
	default:
		facts[factHigh] = false
	}
	uses := false
	for _, a := range c.Doc.Answers {
		switch {
		case a.Fact == "activities":
			uses = slices.Contains(a.Values, "uses")
		case a.Fact == factAreas && !slices.Contains(a.Values, packs.Unknown):
			facts[factAreas] = slices.DeleteFunc(slices.Clone(a.Values), func(s string) bool { return s == classify.None })
		}
	}
	switch {
	case uses || c.Doc.Role == "deployer":
		facts[factDeployer] = true
	case c.Doc.Role != packs.Unclear && c.Doc.Role != "":
		facts[factDeployer] = false
	}
	return facts
}

// Owings says of each result whether it is owed on a day: of a statute what its
// rule set says of the classification and the standing answers; of the AI impact
// assessment that it is asked of grave systems and possible for others. Answers to
// hidden questions are not read.
func Owings(lib *packs.Library, v *packs.Interview, grave bool, c *store.Object[classify.Classification], standing []Answer, at time.Time) ([]Owing, error) {
	reading, err := Reading(v, Full, standing)
	if err != nil {
		return nil, err
	}
	var out []Owing
	for _, res := range v.Results {
		o := Owing{Result: res.ID, Duty: Voluntary, AsOf: v.AsOf}
		if res.Rules == "" {
			if grave {
				o.Duty = Asked
			}
			out = append(out, o)
			continue
		}
		rs, ok := lib.Rules(res.Rules)
		if !ok {
			return nil, problem.Newf(problem.Corrupt, "Das Regelwerk „%s“ fehlt in den Wissenspaketen.", "The rule set '%s' is missing from the content packs.", res.Rules)
		}
		facts, items := map[string]any{}, map[string]string{}
		for name, value := range known(c) {
			if _, declared := rs.Fact(name); declared {
				facts[name] = value
			}
		}
		for _, it := range v.Items() {
			if _, declared := rs.Fact(it.Fact); it.Fact == "" || !declared {
				continue
			}
			items[it.Fact] = it.ID
			if value, ok := given(standing, it.ID); ok && !reading.Hidden[it.ID] {
				facts[it.Fact] = value
			}
		}
		if err := o.decide(rs, facts, items, at); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// given is an answer as a fact: one word, or several of a set.
func given(standing []Answer, item string) (any, bool) {
	i := slices.IndexFunc(standing, func(a Answer) bool { return a.Item == item })
	if i < 0 || len(standing[i].Values) == 0 {
		return nil, false
	}
	return standing[i].Values, true
}

func (o *Owing) decide(rs *packs.RuleSet, facts map[string]any, items map[string]string, at time.Time) error {
	for name, value := range facts {
		f, _ := rs.Fact(name)
		words, ok := value.([]string)
		switch {
		case !ok:
		case len(words) == 1 && words[0] == packs.Unknown:
			facts[name] = packs.Unknown
		case f.Type == packs.FactSet:
			facts[name] = slices.DeleteFunc(slices.Clone(words), func(s string) bool { return s == classify.None })
		case len(words) > 0:
			facts[name] = words[0]
		}
	}
	out, err := rs.Decide(at, facts)
	if err != nil {
		return err
	}
	o.Duty, o.AsOf = Duty(out.Values["duty"]), rs.AsOf
	for _, p := range out.Possible["duty"] {
		o.Possible = append(o.Possible, Duty(p))
	}
	if day, err := time.Parse(time.DateOnly, out.Values["from"]); err == nil { // otherwise "none" or "unclear"
		o.From = day
	}
	for _, name := range out.Open {
		if id, ok := items[name]; ok {
			o.Open = append(o.Open, id)
		} else {
			o.Ask = append(o.Ask, name)
		}
	}
	for _, s := range out.Trace {
		if !s.Possible {
			o.Why = append(o.Why, Step{s.Say, s.Clauses})
		}
	}
	return nil
}
