package packs

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/problem"

	"github.com/expr-lang/expr"
	"pgregory.net/rapid"
)

func ruleSet(t testing.TB, id string) *RuleSet {
	t.Helper()
	rs, ok := shipped(t).Rules(id)
	if !ok {
		t.Fatalf("rule set %s is missing", id)
	}
	return rs
}

// setsOf lists the rule sets of the shipped packs, those of questionnaires
// included.
func setsOf(t testing.TB) []*RuleSet {
	l := shipped(t)
	var sets []*RuleSet
	for _, i := range l.Packs() {
		if rs, ok := l.Rules(i.ID); ok {
			sets = append(sets, rs)
		}
		if q, ok := l.Questionnaire(i.ID); ok {
			sets = append(sets, q.Rules())
		}
	}
	return sets
}

func TestAllCases(t *testing.T) {
	least := map[string]int{"ai-act-class": 120, "conformity-route": 13, "fria-duty": 40, "dpia-duty": 20, "ai-act-role": 20, "security-level": 12, "identification": 40, "readiness": 10}
	for _, rs := range setsOf(t) {
		if n := len(rs.Cases()); n < least[rs.ID] || least[rs.ID] == 0 {
			t.Errorf("%s has %d cases", rs.ID, n)
		}
		for _, c := range rs.Cases() {
			if err := rs.Prove(c); err != nil {
				t.Errorf("%s: %v", rs.ID, err)
			}
			if len(c.Source) == 0 || c.At.IsZero() || len(c.Expect) == 0 {
				t.Errorf("%s: case %s has no source, date or expectation", rs.ID, c.ID)
			}
		}
	}
}

func TestProveFindsWrongCases(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	i := slices.IndexFunc(rs.Cases(), func(c Case) bool { return c.ID == "shift-unknown" })
	j := slices.IndexFunc(rs.Cases(), func(c Case) bool { return c.ID == "customer-chatbot" })
	for name, spoil := range map[string]func() Case{
		"value":     func() Case { c := rs.Cases()[j]; c.Expect = map[string]string{"class": "minimal"}; return c },
		"rule":      func() Case { c := rs.Cases()[j]; c.Rule = "minimal"; return c },
		"open":      func() Case { c := rs.Cases()[i]; c.Open = []string{"worker_basis"}; return c },
		"questions": func() Case { c := rs.Cases()[j]; c.Most = 5; return c },
		"possible":  func() Case { c := rs.Cases()[i]; c.Rule = "high.workers"; return c },
		"date":      func() Case { c := rs.Cases()[j]; c.At = day("2020-01-01"); return c },
	} {
		if err := rs.Prove(spoil()); err == nil {
			t.Errorf("a case with a wrong %s passed", name)
		}
	}
}

// The four systems of the model company need at most six questions, as does
// every case that says so.
func TestClearCasesNeedFewQuestions(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	n := 0
	for _, c := range rs.Cases() {
		if c.Most > 0 {
			n++
			if c.Most > 6 {
				t.Errorf("case %s allows %d questions", c.ID, c.Most)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d cases limit the questions", n)
	}
}

func TestUnknownIsNeverGuessed(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	at := day("2026-11-21")
	facts := map[string]any{"ai": true, "practices": []string{}, "areas": []string{"workers"}, "worker_basis": Unknown, "profiling": true, "product": "none", "outputs": []string{}}
	out, err := rs.Decide(at, facts)
	if err != nil {
		t.Fatal(err)
	}
	if out.Values["class"] != Unclear || !slices.Equal(out.Possible["class"], []string{"high", "minimal"}) || !slices.Equal(out.Open, []string{"worker_basis"}) {
		t.Errorf("%+v", out)
	}
	if last := out.Trace[len(out.Trace)-1]; last.Rule != "" || !last.Say.Complete() {
		t.Errorf("the trace does not end with what is open: %+v", out.Trace)
	}
	for _, s := range out.Trace {
		if s.Rule == "high.workers" && !s.Possible {
			t.Error("a rule that reads an open fact speaks for certain")
		}
	}
	_, done, err := rs.Next(at, facts)
	if err != nil || !done {
		t.Errorf("the wizard asks again for what nobody knows (%v)", err)
	}
	delete(facts, "worker_basis")
	ask, done, err := rs.Next(at, facts)
	if err != nil || done || ask.Name != "worker_basis" || !ask.Question.Complete() {
		t.Errorf("the wizard asks %q, done %v, %v", ask.Name, done, err)
	}
}

func TestDatesDecide(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	facts := map[string]any{"ai": true, "practices": []string{"ba"}, "areas": []string{}, "product": "none", "outputs": []string{}}
	for at, want := range map[string]string{"2026-12-01": "minimal", "2026-12-02": "prohibited"} {
		out, err := rs.Decide(day(at), facts)
		if err != nil {
			t.Fatal(err)
		}
		if out.Values["class"] != want || !out.At.Equal(day(at)) || out.Version == "" {
			t.Errorf("on %s: %+v", at, out)
		}
	}
	if _, err := rs.Decide(day("2024-07-31"), facts); !problem.Is(err, problem.BadInput) {
		t.Errorf("before the law there are rules: %v", err)
	}
	if _, _, err := rs.Next(day("2024-07-31"), facts); !problem.Is(err, problem.BadInput) {
		t.Errorf("before the law there are questions: %v", err)
	}
}

func TestWrongFactsAreNamed(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	_, err := rs.Decide(day("2026-11-21"), map[string]any{"ai": "perhaps", "areas": []string{"kitchen"}, "colour": "red", "product": nil})
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range p.Fields {
		paths = append(paths, f.Path)
		if !f.Say.Complete() {
			t.Errorf("%v is not bilingual", f)
		}
	}
	if !slices.Equal(paths, []string{"ai", "areas", "colour"}) {
		t.Errorf("named are %v", paths)
	}
}

// drawFacts draws a value or an open value for every fact of a set.
func drawFacts(t *rapid.T, rs *RuleSet, open bool) map[string]any {
	facts := map[string]any{}
	for _, f := range rs.Facts {
		if open {
			switch rapid.IntRange(0, 3).Draw(t, f.Name+" known") {
			case 0:
				continue
			case 1:
				facts[f.Name] = Unknown
				continue
			}
		}
		facts[f.Name] = drawFact(t, f)
	}
	return facts
}

func drawFact(t *rapid.T, f Fact) any {
	options := func(f Fact) []string {
		var out []string
		for _, o := range f.Options {
			out = append(out, o.ID)
		}
		return out
	}
	switch f.Type {
	case FactEnum:
		return rapid.SampledFrom(options(f)).Draw(t, f.Name)
	case FactSet:
		picked := []string{}
		for _, o := range options(f) {
			if rapid.IntRange(0, 7).Draw(t, f.Name+" "+o) == 0 {
				picked = append(picked, o)
			}
		}
		return picked
	case FactInt:
		return rapid.IntRange(f.Min, f.Max).Draw(t, f.Name)
	}
	return rapid.Bool().Draw(t, f.Name)
}

// With all facts known, every rule set decides as the expression language's own
// machine does when it runs the rules from top to bottom.
func TestDecideAgreesWithMachine(t *testing.T) {
	for _, rs := range setsOf(t) {
		t.Run(rs.ID, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.SampledFrom(rs.epochs).Draw(t, "epoch").from
				facts := drawFacts(t, rs, false)
				got, err := rs.Decide(at, facts)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Open) > 0 || len(got.Possible) > 0 {
					t.Fatalf("all facts are known, but %v are open", got.Open)
				}
				env := map[string]any{}
				for name, value := range facts {
					env[strings.ReplaceAll(name, "-", "_")] = value
				}
				run := func(source string) bool {
					out, err := expr.Eval(source, env)
					if err != nil {
						t.Fatalf("%s: %v", source, err)
					}
					return out.(bool)
				}
				for _, d := range rs.definitions {
					if within(at, d.from, d.until) {
						env[d.name] = run(d.when.String())
					}
				}
				want := map[string]string{}
				for _, o := range rs.Outputs {
					want[o.Name] = Unclear
					if o.Default != "" {
						want[o.Name] = o.Default
					}
				}
				said := map[string]bool{}
				for _, r := range rs.rules {
					if !within(at, r.from, r.until) || !run(r.when.String()) {
						continue
					}
					for name, value := range r.then {
						if !said[name] {
							said[name], want[name] = true, value
						}
					}
				}
				if !maps.Equal(got.Values, want) {
					t.Fatalf("at %v with %v: %v, want %v", at, facts, got.Values, want)
				}
			})
		})
	}
}

// A decided value stays whatever is answered later, an answer to a fact that is
// not open changes no asked output, and every possible value can come about.
func TestAnswersNeverOverturnWhatIsDecided(t *testing.T) {
	for _, rs := range setsOf(t) {
		t.Run(rs.ID, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.SampledFrom(rs.epochs).Draw(t, "epoch").from
				facts := drawFacts(t, rs, true)
				before, err := rs.Decide(at, facts)
				if err != nil {
					t.Fatal(err)
				}
				f := rapid.SampledFrom(rs.Facts).Draw(t, "fact")
				if v, ok := facts[f.Name]; ok && v != Unknown {
					return
				}
				facts[f.Name] = drawFact(t, f)
				after, err := rs.Decide(at, facts)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range rs.Outputs {
					was, open := before.Possible[o.Name]
					now := after.Values[o.Name]
					if !open && now != before.Values[o.Name] {
						t.Fatalf("%s was %s, is %s after %s = %v", o.Name, before.Values[o.Name], now, f.Name, facts[f.Name])
					}
					if open && now != Unclear && after.Possible[o.Name] == nil && !slices.Contains(was, now) {
						t.Fatalf("%s is %s, which was not possible: %v", o.Name, now, was)
					}
					if open && o.Asked && !slices.Contains(before.Open, f.Name) && !slices.Equal(was, after.Possible[o.Name]) {
						t.Fatalf("%s is not open, but changes %s from %v to %v", f.Name, o.Name, was, after.Possible[o.Name])
					}
				}
			})
		})
	}
}

// A wizard that asks what Next says ends with every asked output decided when
// every question is answered.
func TestInterviewEnds(t *testing.T) {
	for _, rs := range setsOf(t) {
		t.Run(rs.ID, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.SampledFrom(rs.epochs).Draw(t, "epoch").from
				all, facts := drawFacts(t, rs, false), map[string]any{}
				for asked := 0; ; asked++ {
					if asked > len(rs.Facts) {
						t.Fatal("the wizard does not end")
					}
					ask, done, err := rs.Next(at, facts)
					if err != nil {
						t.Fatal(err)
					}
					if done {
						break
					}
					facts[ask.Name] = all[ask.Name]
				}
				out, err := rs.Decide(at, facts)
				if err != nil || len(out.Open) > 0 {
					t.Fatalf("%v are open after the interview (%v)", out.Open, err)
				}
				whole, err := rs.Decide(at, all)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range rs.Outputs {
					if o.Asked && out.Values[o.Name] != whole.Values[o.Name] {
						t.Fatalf("%s is %s, with all facts %s", o.Name, out.Values[o.Name], whole.Values[o.Name])
					}
				}
			})
		})
	}
}

// Every decided asked output has a reason in the trace that is certain, or
// reasons that together lead to the same value.
func TestEveryDecisionHasAReason(t *testing.T) {
	for _, rs := range setsOf(t) {
		t.Run(rs.ID, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.SampledFrom(rs.epochs).Draw(t, "epoch").from
				out, err := rs.Decide(at, drawFacts(t, rs, true))
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range rs.Outputs {
					value := out.Values[o.Name]
					if !o.Asked || out.Possible[o.Name] != nil || value == o.Default {
						continue
					}
					found := false
					for _, s := range out.Trace {
						i := slices.IndexFunc(rs.rules, func(r rule) bool { return r.id == s.Rule })
						found = found || i >= 0 && rs.rules[i].then[o.Name] == value
					}
					if !found {
						t.Fatalf("%s is %s without a reason: %+v", o.Name, value, out.Trace)
					}
				}
			})
		})
	}
}

// Rule sets that are asked one after the other share facts by name; then the
// fact must be the same.
func TestSharedFactsAreTheSame(t *testing.T) {
	first := map[string]Fact{}
	for _, id := range []string{"ai-act-role", "ai-act-class", "security-level"} {
		for _, f := range ruleSet(t, id).Facts {
			if g, ok := first[f.Name]; ok && (g.Question != f.Question || g.Type != f.Type || len(g.Options) != len(f.Options)) {
				t.Errorf("fact %s of %s differs from the one asked before", f.Name, id)
			}
			first[f.Name] = f
		}
	}
}

func TestManyDecideAtOnce(t *testing.T) {
	l, err := Load(small().fs())
	if err != nil {
		t.Fatal(err)
	}
	rs, _ := l.Rules("rules")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			out, err := rs.Decide(day("2026-03-01"), map[string]any{"wet": i%2 == 0, "kind": "a"})
			want := "no"
			if i%2 == 0 {
				want = "yes"
			}
			if err != nil || out.Values["result"] != want {
				t.Errorf("%v, %v", out, err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkDecide(b *testing.B) {
	rs := ruleSet(b, "ai-act-class")
	facts := map[string]any{"ai": true, "practices": []string{}, "areas": []string{"workers"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rs.Decide(day("2026-11-21"), facts); err != nil {
			b.Fatal(err)
		}
	}
}
