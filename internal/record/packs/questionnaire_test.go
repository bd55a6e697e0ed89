package packs

import (
	"slices"
	"testing"
)

func identification(t *testing.T) *Questionnaire {
	t.Helper()
	q, ok := shipped(t).Questionnaire("identification")
	if !ok {
		t.Fatal("the questionnaire is missing")
	}
	return q
}

func TestIdentificationIsWhole(t *testing.T) {
	q := identification(t)
	var ids []string
	for _, s := range q.Sections {
		if !s.Title.Complete() {
			t.Errorf("section %s has no title", s.ID)
		}
		for _, it := range s.Items {
			ids = append(ids, it.ID)
			if !it.Text.Complete() || !it.Help.Complete() || it.Section != s.ID || it.Type != YesNoUnknown {
				t.Errorf("question %s is not complete: %+v", it.ID, it)
			}
		}
	}
	if len(ids) != 17 || len(q.Sections) != 5 || len(q.Quick.Items) != 6 || len(q.Outcomes) != 4 || len(q.Places) != 12 || len(q.Letters) != 1 || q.Minutes != 3 {
		t.Errorf("%d questions, %d sections, %d quick, %d outcomes, %d places", len(ids), len(q.Sections), len(q.Quick.Items), len(q.Outcomes), len(q.Places))
	}
	if it, ok := q.Item("kid-e2"); !ok || !slices.Contains(it.Clauses, "betrvg.87.1.6") {
		t.Errorf("%+v", it)
	}
	var options []string
	for _, o := range q.Options {
		options = append(options, o.ID)
	}
	if !slices.Equal(options, []string{"yes", "no", Unknown}) {
		t.Errorf("options %v", options)
	}
}

// interview answers what is asked and returns the verdict and the number of
// questions.
func interview(t *testing.T, q *Questionnaire, all map[string]string) (string, []string) {
	t.Helper()
	at := day("2026-11-21")
	given := map[string]string{}
	var asked []string
	for {
		ask, done, err := q.Next(at, given)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
		asked = append(asked, ask.ID)
		given[ask.ID] = all[ask.ID]
		if given[ask.ID] == "" {
			given[ask.ID] = "no"
		}
	}
	out, err := q.Decide(at, given)
	if err != nil {
		t.Fatal(err)
	}
	return out.Values["verdict"], asked
}

func TestQuickPathSufficesInClearCases(t *testing.T) {
	q := identification(t)
	for name, c := range map[string]struct {
		yes  []string
		want string
	}{
		"learning inspection":  {[]string{"kid-b3", "kid-b4", "kid-c1", "kid-d3"}, "ai_system"},
		"fixed automation":     {[]string{"kid-b4", "kid-e1"}, "not_ai"},
		"fixed rule on people": {[]string{"kid-b4", "kid-e1", "kid-e2"}, "not_ai_but_people"},
	} {
		all := map[string]string{}
		for _, id := range c.yes {
			all[id] = "yes"
		}
		verdict, asked := interview(t, q, all)
		if verdict != c.want || len(asked) > 6 {
			t.Errorf("%s: %s after %v", name, verdict, asked)
		}
		for _, id := range asked {
			if !slices.Contains(q.Quick.Items, id) {
				t.Errorf("%s: %s is not on the quick path", name, id)
			}
		}
	}
}

func TestFillNeverReplacesAnAnswer(t *testing.T) {
	q := identification(t)
	given := map[string]string{"kid-b3": "yes", "kid-d1": "no", "kid-d2": Unknown}
	full := q.Fill(given)
	if full["kid-d1"] != "no" || full["kid-d2"] != Unknown || full["kid-d4"] != "yes" {
		t.Errorf("%v", full)
	}
	if len(given) != 3 {
		t.Error("the given answers were changed")
	}
	if q.Fill(nil) == nil {
		t.Error("no answers give no map")
	}
}

func TestPracticalScore(t *testing.T) {
	q := identification(t)
	all := func(answer string) map[string]string {
		out := map[string]string{}
		for _, s := range q.Sections {
			for _, it := range s.Items {
				out[it.ID] = answer
			}
		}
		return out
	}
	top := all("yes")
	top["kid-c3"] = "no"
	half := all("no")
	half["kid-b3"], half["kid-b4"], half["kid-c1"] = "yes", "yes", Unknown
	for name, c := range map[string]struct {
		answers map[string]string
		want    Score
	}{
		"everything":  {top, Score{11, 11, 11, "typical_ai"}},
		"nothing":     {map[string]string{"kid-b1": "no", "kid-b2": "no", "kid-b3": "no", "kid-b4": "no", "kid-c1": "no", "kid-c2": "no", "kid-c3": "yes"}, Score{0, 0, 11, "automation"}},
		"unanswered":  {nil, Score{0, 11, 11, ""}},
		"one unknown": {half, Score{5, 7, 11, "partly"}},
	} {
		if got := q.Points(c.answers); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestRegisterIsCautiousWhileOpen(t *testing.T) {
	q := identification(t)
	out, err := q.Decide(day("2026-11-21"), map[string]string{"kid-e2": "no"})
	if err != nil {
		t.Fatal(err)
	}
	if out.Values["verdict"] != Unclear || out.Values["register"] != "yes" || !slices.Equal(out.Possible["register"], []string{"no", "yes"}) {
		t.Errorf("%+v", out)
	}
	for _, id := range out.Open {
		if _, ok := q.Item(id); !ok {
			t.Errorf("%s is open, but no question", id)
		}
	}
}
