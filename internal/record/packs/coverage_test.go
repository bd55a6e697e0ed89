package packs

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Issue 5 and rows 001-12, 001-43: the cases of the class rules prove each point
// and letter of Annex III, each prohibition, each exception with and without
// profiling, and the everyday systems of a plant; at least 120, and 40 for the
// identification. A point that the facts gain and no case proves fails here.
func TestClassCasesCoverTheLaw(t *testing.T) {
	l := shipped(t)
	rs := ruleSet(t, "ai-act-class")
	cases := rs.Cases()
	q, _ := l.Questionnaire("identification")
	if n, m := len(cases), len(q.Rules().Cases()); n < 120 || m < 40 {
		t.Errorf("%d cases for the class, %d for the identification", n, m)
	}
	proves := func(class string, want func(Case) bool) bool {
		return slices.ContainsFunc(cases, func(c Case) bool { return (class == "" || c.Expect["class"] == class) && want(c) })
	}
	from := func(id string) func(Case) bool {
		return func(c Case) bool { return slices.Contains(c.Source, id) }
	}
	covered := 0
	point := regexp.MustCompile(`^aia\.annex3\.(2|\d\.[a-e])$`)
	for _, c := range l.Clauses("eu-ai-act") {
		class := ""
		switch {
		case point.MatchString(c.ID):
			class = "high"
		case strings.HasPrefix(c.ID, "aia.art5.1.") && strings.Count(c.ID, ".") == 3:
			class = "prohibited"
		default:
			continue
		}
		covered++
		if !proves(class, from(c.ID)) {
			t.Errorf("no case proves that %s is %s", c.ID, class)
		}
	}
	if covered != 25+10 {
		t.Errorf("%d points and prohibitions looked at", covered)
	}
	for letter, criterion := range map[string]string{"a": "narrow", "b": "improves", "c": "patterns", "d": "preparatory"} {
		for _, profiling := range []string{"yes", "no"} {
			class := map[string]string{"yes": "high", "no": "minimal"}[profiling]
			found := proves(class, func(c Case) bool {
				return from("aia.art6.3."+letter)(c) && c.Facts["derogation"] == criterion && said(c.Facts["profiling"]) == profiling
			})
			if !found {
				t.Errorf("Art. 6(3)(%s) with profiling %s has no case", letter, profiling)
			}
		}
	}
	for what, id := range map[string]string{"machinery": "aia.ex.machine_safety", "quality control": "aia.ex.visual_qc", "predictive maintenance": "aia.ex.predictive_maintenance",
		"shift planning": "aia.ex.shift_planning", "office assistant": "aia.ex.internal_assistant", "customer bot": "aia.ex.chatbot", "recruiting": "aia.ex.cv_screening"} {
		if !proves("", from(id)) {
			t.Errorf("%s has no case", what)
		}
	}
}

func said(v any) string {
	switch v {
	case true, "yes":
		return "yes"
	case false, "no":
		return "no"
	}
	return Unknown
}

// Before and after each day on which the law changes, the same facts have
// different answers in at least one case; days that change nothing about a class
// have none in the rules.
func TestDaysOfChangeGiveDifferentAnswers(t *testing.T) {
	rs := ruleSet(t, "ai-act-class")
	for day := rs.Until(rs.From); !day.IsZero(); day = rs.Until(day) {
		differs := false
		for _, c := range rs.Cases() {
			before, err := rs.Decide(day.AddDate(0, 0, -1), c.Facts)
			if err != nil {
				t.Fatal(err)
			}
			after, err := rs.Decide(day, c.Facts)
			if err != nil {
				t.Fatal(err)
			}
			same := len(before.Trace) == len(after.Trace)
			for i := range before.Trace {
				same = same && before.Trace[i].Rule == after.Trace[i].Rule
			}
			for name, v := range before.Values {
				same = same && after.Values[name] == v
			}
			differs = differs || !same
		}
		if !differs {
			t.Errorf("on %s no case changes", day.Format("2006-01-02"))
		}
		dated := slices.ContainsFunc(rs.Cases(), func(c Case) bool { return c.At.Equal(day) })
		eve := slices.ContainsFunc(rs.Cases(), func(c Case) bool { return c.At.Equal(day.AddDate(0, 0, -1)) })
		if !dated || !eve {
			t.Errorf("no case stands on %s and on the day before", day.Format("2006-01-02"))
		}
	}
}
