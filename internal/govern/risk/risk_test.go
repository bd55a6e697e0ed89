package risk_test

import (
	"strings"
	"testing"

	"augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// 001-06: a risk names which of the four kinds of impact it has, the
// availability of the plant among them.
func TestRisksHaveFourKindsOfImpact(t *testing.T) {
	if got := strings.Join(risk.Impact("").Values(), " "); got != "operational_safety privacy fundamental_rights ot_availability" {
		t.Errorf("kinds of impact: %s", got)
	}
	k := risk.Risks()
	if err := k.CheckJSON([]byte(`{"name":"Halt der Linie","impacts":["ot_availability","operational_safety"]}`)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{`{"name":"Ohne"}`, `{"name":"Doppelt","impacts":["privacy","privacy"]}`, `{"name":"Fremd","impacts":["image"]}`} {
		err := k.CheckJSON([]byte(bad))
		if !problem.Is(err, problem.BadInput) || !strings.HasPrefix(problem.From(err).Fields[0].Path, "impacts") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if (&risk.Risk{Name: "Halt"}).Title() != "Halt" {
		t.Error("title")
	}
}

const why = "Das zeigt die Erfahrung der letzten Jahre."

// wrong returns the paths of the fields that a risk gets wrong.
func wrong(r risk.Risk) string {
	err := r.Validate()
	if err == nil {
		return ""
	}
	var out []string
	for _, f := range problem.From(err).Fields {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

// 001-61: a high rating needs the reason for each of its two cells, in a
// sentence; a low one does not.
func TestHighRatingsNeedReasons(t *testing.T) {
	rated := func(l, s int, lwhy, swhy string) risk.Risk {
		return risk.Risk{Name: "R", Impacts: []risk.Impact{risk.Rights}, Before: []risk.Rating{{Impact: risk.Rights, Likelihood: l, LikelihoodReason: lwhy, Severity: s, SeverityReason: swhy}}}
	}
	for name, x := range map[string]struct {
		r    risk.Risk
		want string
	}{
		"low without reasons":      {rated(2, 2, "", ""), ""},
		"medium without reasons":   {rated(3, 3, "", ""), ""},
		"high without reasons":     {rated(3, 4, "", ""), "before.0.likelihood_reason before.0.severity_reason"},
		"high with one reason":     {rated(3, 4, why, ""), "before.0.severity_reason"},
		"high with reasons":        {rated(3, 4, why, why), ""},
		"a word is no reason":      {rated(3, 4, why, "schlimm"), "before.0.severity_reason"},
		"likely but negligible":    {rated(4, 1, "", ""), "before.0.likelihood_reason"},
		"severe but very unlikely": {rated(1, 5, "", ""), "before.0.severity_reason"},
	} {
		if got := wrong(x.r); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// 001-60: treatment has a reason, reducing names a measure, and what is only
// accepted does not get better by that.
func TestTreatmentFitsWhatIsLeft(t *testing.T) {
	base := func(change func(*risk.Risk)) risk.Risk {
		r := risk.Risk{Name: "R", Impacts: []risk.Impact{risk.Safety, risk.Privacy},
			Before: []risk.Rating{{Impact: risk.Safety, Likelihood: 3, LikelihoodReason: why, Severity: 4, SeverityReason: why}, {Impact: risk.Privacy, Likelihood: 1, Severity: 1}}}
		change(&r)
		return r
	}
	better := []risk.Rating{{Impact: risk.Safety, Likelihood: 1, Severity: 4, SeverityReason: why}}
	for name, x := range map[string]struct {
		change func(*risk.Risk)
		want   string
	}{
		"reduced by a measure": {func(r *risk.Risk) {
			r.Treatment, r.TreatmentReason, r.Measures, r.After = risk.Reduce, why, []string{"msr_1"}, better
		}, ""},
		"reduced by nothing":      {func(r *risk.Risk) { r.Treatment, r.TreatmentReason, r.After = risk.Reduce, why, better }, "measures"},
		"accepted and better":     {func(r *risk.Risk) { r.Treatment, r.TreatmentReason, r.After = risk.Accept, why, better }, "after"},
		"no reason":               {func(r *risk.Risk) { r.Treatment = risk.Avoid }, "treatment_reason"},
		"left without treatment":  {func(r *risk.Risk) { r.After = better }, "treatment"},
		"a kind that is not his":  {func(r *risk.Risk) { r.Before[1].Impact = risk.Rights }, "before.1.impact"},
		"left but never rated":    {func(r *risk.Risk) { r.Before, r.Treatment, r.TreatmentReason, r.After = nil, risk.Avoid, why, better }, "after.0.impact"},
		"the same kind two times": {func(r *risk.Risk) { r.Before[1].Impact = risk.Safety }, "before.1.impact"},
	} {
		if got := wrong(base(x.change)); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// 001-60: the matrix grows in both directions, the gravest is never low, and the
// examples of the catalogue come out as they are there.
func TestMatrix(t *testing.T) {
	for l := 1; l <= risk.Steps; l++ {
		for s := 1; s <= risk.Steps; s++ {
			at := risk.LevelOf(l, s)
			if l > 1 && at.Rank() < risk.LevelOf(l-1, s).Rank() || s > 1 && at.Rank() < risk.LevelOf(l, s-1).Rank() {
				t.Errorf("%d/%d is %s and lower than its neighbour", l, s, at)
			}
			if s == risk.Steps && at == risk.Low {
				t.Errorf("%d/%d is low", l, s)
			}
		}
	}
	if risk.LevelOf(3, 4) != risk.High || risk.LevelOf(4, 4) != risk.VeryHigh {
		t.Error("the examples of the catalogue come out otherwise")
	}
	for _, x := range [][2]int{{0, 1}, {1, 0}, {6, 1}, {1, 6}} {
		if risk.LevelOf(x[0], x[1]) != risk.Unrated {
			t.Errorf("%v is rated", x)
		}
	}
}

// 001-60: the highest kind of impact decides, never a sum or a mean; what nobody
// rated is not hidden behind something lower.
func TestTheHighestDecides(t *testing.T) {
	r := risk.Risk{Name: "R", Impacts: []risk.Impact{risk.Safety, risk.Privacy, risk.Rights, risk.Availability}, Before: []risk.Rating{
		{Impact: risk.Safety, Likelihood: 1, Severity: 1}, {Impact: risk.Privacy, Likelihood: 1, Severity: 1},
		{Impact: risk.Rights, Likelihood: 1, Severity: 1}, {Impact: risk.Availability, Likelihood: 3, Severity: 4}}}
	if r.Initial() != risk.High || r.Residual() != risk.High {
		t.Errorf("one high among three low is %s", r.Initial())
	}
	r.After = []risk.Rating{{Impact: risk.Availability, Likelihood: 1, Severity: 3}}
	if r.Initial() != risk.High || r.Residual() != risk.Low {
		t.Errorf("after treatment: %s, %s", r.Initial(), r.Residual())
	}
	r.Before = r.Before[1:]
	r.After = nil
	if r.Rated() || r.Residual() != risk.High {
		t.Errorf("one is not rated: %s", r.Residual())
	}
	r.Before = r.Before[:2]
	if r.Residual() != risk.Unrated {
		t.Errorf("what is not rated hides behind low: %s", r.Residual())
	}
	one := func(id string, l, s int) store.Object[risk.Risk] {
		return store.Object[risk.Risk]{Meta: store.Meta{ID: id}, Doc: risk.Risk{Impacts: []risk.Impact{risk.Safety}, Before: []risk.Rating{{Impact: risk.Safety, Likelihood: l, Severity: s}}}}
	}
	open := store.Object[risk.Risk]{Meta: store.Meta{ID: "open"}, Doc: risk.Risk{Impacts: []risk.Impact{risk.Safety}}}
	m := risk.MatrixOf([]store.Object[risk.Risk]{one("a", 5, 1), one("b", 5, 1), one("c", 1, 5), open}, false)
	if f := m.Rows[0][0]; f.Likelihood != 5 || f.Severity != 1 || len(f.Risks) != 2 {
		t.Errorf("top left: %+v", f)
	}
	if f := m.Rows[4][4]; len(f.Risks) != 1 || f.Risks[0] != "c" || len(m.Unrated) != 1 {
		t.Errorf("bottom right: %+v, unrated %v", f, m.Unrated)
	}
}

// 000-19: an effect is said only with who looked, when, at what, and when again.
func TestEffectOfMeasures(t *testing.T) {
	k := risk.Measures()
	ok := `{"name":"M","what":"Stichprobe","owner":"usr_1","control":"iso42001.A.7.4","progress":"introduced","effect":"partly",` +
		`"effect_reason":"Drei von vier Fehlern wurden erkannt.","checked_at":"2026-10-01T00:00:00Z","next_check":"2027-01-01T00:00:00Z"}`
	if err := k.CheckJSON([]byte(ok)); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string][2]string{
		"no reason":   {`"Drei von vier Fehlern wurden erkannt."`, `""`},
		"no day":      {`"checked_at":"2026-10-01T00:00:00Z",`, ``},
		"no next day": {`,"next_check":"2027-01-01T00:00:00Z"`, ``},
		"a word":      {`"effect":"partly"`, `"effect":"87 %"`},
		"no owner":    {`"owner":"usr_1",`, ``},
		"planned":     {`"progress":"introduced","effect":"partly"`, `"progress":"planned","effect":"proven"`},
		"no clause":   {`iso42001.A.7.4`, `Absatz 7`},
	} {
		if !strings.Contains(ok, x[0]) {
			t.Fatalf("%s: nothing to change", name)
		}
		if err := k.CheckJSON([]byte(strings.Replace(ok, x[0], x[1], 1))); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := k.CheckJSON([]byte(`{"name":"M","what":"Stichprobe","owner":"usr_1","progress":"planned","effect":"unproven"}`)); err != nil {
		t.Errorf("a new measure: %v", err)
	}
}
