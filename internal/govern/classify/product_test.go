package classify_test

import (
	"testing"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/governtest"
)

// 003-10: whoever sells a product with AI under its own name gets a provider's
// duties from the answers, with their effort in days (001-11); whoever only uses
// the same product gets a deployer's.
func TestProductWithAIHasAProvidersDuties(t *testing.T) {
	h := governtest.Open(t)
	product := []string{"practices", "none", "areas", "none", "product", "section_a", "safety_role", "protects", "third_party", "yes", "outputs", "none"}
	for name, c := range map[string]struct {
		say    []string
		duties string
	}{
		"sold with the own product": {append(product[:len(product):len(product)], "activities", "product", "changes", "none"), "provider"},
		"only used":                 {append(product[:len(product):len(product)], "activities", "uses", "changes", "none"), "deployer"},
	} {
		res, err := h.Classify.Read(h.Now(), "ai_system", answers(c.say...))
		h.Must(err)
		if res.Class != "high" || res.Values["duties"] != c.duties {
			t.Errorf("%s: class %s, duties %q", name, res.Class, res.Values["duties"])
		}
		all := h.Classify.Duties(c.duties, "high")
		days, known := h.Classify.Effort(all)
		if len(all) == 0 || days <= 0 || known == 0 || known > len(all) {
			t.Errorf("%s: %d duties, %v days for %d of them", name, len(all), days, known)
		}
	}
	provider, deployer := h.Classify.Duties("provider", "high"), h.Classify.Duties("deployer", "high")
	if len(provider) <= len(deployer) {
		t.Errorf("a provider has %d duties, a deployer %d", len(provider), len(deployer))
	}
}

// 001-11: what a higher class adds is counted from the milder to the stricter one,
// and nothing where it is not stricter.
func TestBetweenClasses(t *testing.T) {
	h := governtest.Open(t)
	limited, high := h.Classify.Duties("deployer", "limited"), h.Classify.Duties("deployer", "high")
	for _, c := range []struct {
		from, to string
		want     int
	}{{"minimal", "limited", len(limited)}, {"limited", "high", len(high)}, {"minimal", "high", len(limited) + len(high)}, {"high", "minimal", 0}, {"unclear", "high", 0}, {"high", "high", 0}} {
		if got := len(h.Classify.Between("deployer", c.from, c.to)); got != c.want {
			t.Errorf("from %s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

// 001-09: four priorities, and each sets a due day; the class table decides, and
// the class alone where it says nothing.
func TestPriorityDrivesDueDays(t *testing.T) {
	last := 0
	for _, p := range classify.Priority("").Values() {
		if days := classify.Priority(p).Days(); days <= last {
			t.Errorf("%s is due in %d days, not later than the one before", p, days)
		} else {
			last = days
		}
	}
	rows := []classify.ClassRow{{Class: "minimal", Priority: classify.High}, {Level: "sl3", Priority: classify.Critical}}
	for _, c := range []struct {
		class string
		level int
		known bool
		want  classify.Priority
	}{{"minimal", 1, true, classify.High}, {"minimal", 3, true, classify.Critical}, {"minimal", 3, false, classify.High}, {"prohibited", 0, false, classify.Critical},
		{"high", 0, false, classify.VeryHigh}, {"unclear", 0, false, classify.VeryHigh}, {"limited", 0, false, classify.High}} {
		if got := classify.PriorityOf(rows, c.class, c.level, c.known); got != c.want {
			t.Errorf("%s, level %d: %s, want %s", c.class, c.level, got, c.want)
		}
	}
	if got := classify.PriorityOf(nil, "minimal", 0, false); got != classify.Medium || !got.Due(governtest.Start).Equal(governtest.Start.AddDate(0, 0, 90)) {
		t.Errorf("minimal without a table: %s", got)
	}
}
