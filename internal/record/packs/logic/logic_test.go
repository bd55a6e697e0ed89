package logic

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/parser"
	"pgregory.net/rapid"
)

// world is a small vocabulary with one fact of each type.
var world = []Fact{
	{Name: "wet", Type: Bool},
	{Name: "known-cold", Type: Tri},
	{Name: "role", Type: Enum, Options: []string{"maker", "user", "seller"}},
	{Name: "areas", Type: Set, Options: []string{"hiring", "credit"}},
	{Name: "staff", Type: Int, Min: 0, Max: 100},
}

// condition draws a condition over the world.
func condition(t *rapid.T, depth int) string {
	leaves := []string{
		"wet", "known_cold", `role == "maker"`, `role != "user"`, `role in ["user", "seller"]`,
		`"hiring" in areas`, `"credit" in areas`, "len(areas) == 0", "len(areas) > 0",
		`role not in ["user"]`, `"hiring" not in areas`, "not wet", "staff >= 10", "staff < 10", "50 <= staff", "staff == 7", "staff != 100", "staff > 99", "true", "false",
	}
	if depth == 0 {
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	}
	a, b := condition(t, depth-1), condition(t, depth-1)
	switch rapid.IntRange(0, 3).Draw(t, "op") {
	case 0:
		return "not (" + a + ")"
	case 1:
		return "(" + a + " and " + b + ")"
	case 2:
		return "(" + a + " or " + b + ")"
	}
	return a
}

// facts draws a value for each fact; nil means open.
func facts(t *rapid.T, open bool) map[string]any {
	out := map[string]any{}
	draw := func(name string, value any) {
		if open && rapid.Bool().Draw(t, name+" open") {
			value = nil
		}
		out[name] = value
	}
	draw("wet", rapid.Bool().Draw(t, "wet"))
	draw("known-cold", rapid.Bool().Draw(t, "cold"))
	draw("role", rapid.SampledFrom(world[2].Options).Draw(t, "role"))
	areas := []string{}
	for _, a := range world[3].Options {
		if rapid.Bool().Draw(t, a) {
			areas = append(areas, a)
		}
	}
	draw("areas", areas)
	draw("staff", rapid.SampledFrom([]int{0, 6, 7, 8, 9, 10, 49, 50, 99, 100}).Draw(t, "staff"))
	return out
}

// completions lists all worlds that agree with the known facts. The numbers
// tried for staff lie on both sides of every number in condition.
func completions(known map[string]any) []map[string]any {
	values := map[string][]any{
		"wet": {true, false}, "known-cold": {true, false}, "role": {"maker", "user", "seller"},
		"areas": {[]string{}, []string{"hiring"}, []string{"credit"}, []string{"hiring", "credit"}},
		"staff": {0, 7, 8, 9, 10, 49, 50, 99, 100},
	}
	out := []map[string]any{{}}
	for _, f := range world {
		options := values[f.Name]
		if v := known[f.Name]; v != nil {
			options = []any{v}
		}
		var next []map[string]any
		for _, w := range out {
			for _, v := range options {
				m := map[string]any{f.Name: v}
				for k, x := range w {
					m[k] = x
				}
				next = append(next, m)
			}
		}
		out = next
	}
	return out
}

// machine compiles the condition for the expression language's own machine: the
// oracle of these tests.
func machine(t *rapid.T, source string) func(map[string]any) bool {
	env := map[string]any{"wet": false, "known_cold": false, "role": "", "areas": []string{}, "staff": 0}
	p, err := expr.Compile(source, expr.Env(env), expr.AsBool())
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return func(facts map[string]any) bool {
		env := map[string]any{}
		for k, v := range facts {
			env[strings.ReplaceAll(k, "-", "_")] = v
		}
		out, err := expr.Run(p, env)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		return out.(bool)
	}
}

func build(t *rapid.T, source string) (*Vocabulary, *Forest, Ref) {
	c, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	v, f := NewVocabulary(world, []Condition{c}), NewForest()
	r, err := v.Diagram(f, c, nil)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return v, f, r
}

func assign(t *rapid.T, v *Vocabulary, facts map[string]any) []int {
	known := v.Open()
	for name, value := range facts {
		if value == nil {
			continue
		}
		i, ok := v.Index(name)
		if !ok {
			t.Fatal(name)
		}
		if err := v.Assign(known, i, value); err != nil {
			t.Fatal(err)
		}
	}
	return known
}

// With all facts known a diagram says what the machine says.
func TestDiagramAgreesWithMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := condition(t, 3)
		v, f, r := build(t, source)
		all := facts(t, false)
		to := NewForest()
		got := f.Restrict(r, assign(t, v, all), to, map[Ref]Ref{})
		want := Never
		if machine(t, source)(all) {
			want = Always
		}
		if got != want {
			t.Fatalf("%s with %v: %d, want %d", source, all, got, want)
		}
	})
}

// With open facts a diagram can have exactly the results that some completion
// has, and depends on exactly the facts whose value matters in some completion.
func TestOpenFactsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := condition(t, 3)
		v, f, r := build(t, source)
		known := facts(t, true)
		to := NewForest()
		got := f.Restrict(r, assign(t, v, known), to, map[Ref]Ref{})
		run := machine(t, source)
		found := map[int]bool{}
		for _, w := range completions(known) {
			if run(w) {
				found[1] = true
			} else {
				found[0] = true
			}
		}
		var want []int
		for _, leaf := range []int{0, 1} {
			if found[leaf] {
				want = append(want, leaf)
			}
		}
		if leaves := to.Leaves(got); !slices.Equal(leaves, want) {
			t.Fatalf("%s with %v: leaves %v, want %v", source, known, leaves, want)
		}
		named := map[string]bool{}
		for _, x := range to.Support(got) {
			named[world[v.FactOf(x)].Name] = true
		}
		for _, f := range world {
			matters := known[f.Name] == nil && changes(f.Name, known, run)
			if matters != named[f.Name] {
				t.Fatalf("%s with %v: %s matters: %v, named: %v", source, known, f.Name, matters, named[f.Name])
			}
		}
	})
}

// changes reports whether two completions that differ in one fact only have
// different results.
func changes(name string, known map[string]any, run func(map[string]any) bool) bool {
	first := map[string]bool{}
	for _, w := range completions(known) {
		result := run(w)
		rest := ""
		for _, f := range world {
			if f.Name != name {
				rest += fmt.Sprint(w[f.Name], " ")
			}
		}
		if r, seen := first[rest]; seen && r != result {
			return true
		}
		first[rest] = result
	}
	return false
}

func TestTautologyNeedsNoFact(t *testing.T) {
	c, err := Parse("wet or not wet")
	if err != nil {
		t.Fatal(err)
	}
	v, f := NewVocabulary(world, []Condition{c}), NewForest()
	if r, err := v.Diagram(f, c, nil); err != nil || r != Always {
		t.Fatalf("%d, %v; want always", r, err)
	}
}

func TestConditionsOutsideTheLanguageAreNamed(t *testing.T) {
	for source, want := range map[string]string{
		"dry":                      `unknown fact "dry"`,
		`role == "boss"`:           `no option "boss"`,
		`role in ["boss"]`:         `no option "boss"`,
		`role in [role]`:           "may only list words",
		`"x" in areas`:             `no option "x"`,
		`"maker" in role`:          "of type enum",
		"areas":                    "of type set",
		"staff":                    "of type int",
		"wet > 3":                  "of type bool",
		`role < "maker"`:           "not allowed",
		"staff + 1 > 3":            "not allowed",
		"-wet":                     `"-" is not allowed`,
		"len(areas) > 1":           "not allowed",
		"len(role) > 0":            "of type enum",
		"len(wet and wet) == 0":    "not allowed",
		"wet ? wet : known_cold":   "not allowed",
		`any(areas, # == "x")`:     "not allowed",
		`wet and role == "nobody"`: `no option "nobody"`,
	} {
		c, err := Parse(source)
		if err == nil {
			_, err = NewVocabulary(world, []Condition{c}).Diagram(NewForest(), c, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", source, err, want)
		}
	}
	for source, want := range map[string]string{
		"":                             "ends in column 1",
		"wet and":                      "ends in column 8",
		"(wet":                         `ends in column 5, where ")" should follow`,
		"wet)":                         `")" is not allowed in column 4`,
		"wet wet":                      `"wet" is not allowed in column 5`,
		`not role == "maker"`:          `"==" is not allowed in column 10`,
		`role in "maker"`:              "a list of words should follow",
		`role in ["a" "b"]`:            `"b" is not allowed in column 14`,
		`role in ["a"`:                 "ends in column 13",
		`role == "maker`:               "is not allowed in a condition (column 9)",
		`role == "\z"`:                 "text in column 9",
		"role ==":                      "a number or a word in quotes should follow",
		"3 + staff":                    "is not allowed in a condition (column 3)",
		"3 and wet":                    "a comparison should follow",
		"3 < 4":                        "a fact should follow",
		`"hiring" == areas`:            "in should follow",
		`"hiring" in ["a"]`:            "a fact should follow",
		"len() == 0":                   "a fact should follow",
		"staff > 99999999999999999999": "out of range",
		strings.Repeat("(", 500) + "wet" + strings.Repeat(")", 500): "nested",
		"wet" + strings.Repeat(" and wet", 3000):                    "at most",
	} {
		if _, err := Parse(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want %q", source, err, want)
		}
	}
}

func TestAssignRefusesWrongValues(t *testing.T) {
	v := NewVocabulary(world, nil)
	for name, values := range map[string][]any{
		"wet":        {1, "maybe", []string{"yes"}},
		"known-cold": {"unknown", 0.5},
		"role":       {"boss", 3, true},
		"areas":      {"hiring", []string{"x"}, []any{1}, []any{"hiring", "x"}},
		"staff":      {-1, 101, "7", 7.5},
	} {
		i, _ := v.Index(name)
		for _, value := range values {
			if err := v.Assign(v.Open(), i, value); err == nil {
				t.Errorf("%s accepted %v", name, value)
			}
		}
	}
	i, _ := v.Index("staff")
	for _, value := range []any{7, int64(7), 7.0} {
		if err := v.Assign(v.Open(), i, value); err != nil {
			t.Errorf("staff refused %v: %v", value, err)
		}
	}
}

// theirs are names that the peer keeps for what conditions do not have.
var theirs = regexp.MustCompile(`\b(let|if|else|nil)\b`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"wet and known_cold", `role in ["maker"]`, "not (len(areas) > 0)", "staff >= 10 or true", "(((", `"hiring" not in areas && !wet || 'maker' in role`, "wet and (wet or not not known_cold)", "007 == staff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c, err := Parse(source)
		if err != nil {
			return
		}
		if _, err := parser.Parse(source); err != nil && !theirs.MatchString(source) { // the language is a part of the peer's
			t.Fatalf("%q is read, and the expression language does not have it: %v", source, err)
		}
		v, forest := NewVocabulary(world, []Condition{c}), NewForest()
		r, err := v.Diagram(forest, c, nil)
		if err != nil {
			return
		}
		if len(forest.nodes) > 1<<16 {
			t.Fatalf("%q makes %d nodes", source, len(forest.nodes))
		}
		again, err := Parse(c.String())
		if err != nil {
			t.Fatalf("%q is written as %q: %v", source, c, err)
		}
		if same, err := v.Diagram(forest, again, nil); err != nil || same != r {
			t.Fatalf("%q is written as %q, which means something else: %v", source, c, err)
		}
	})
}
