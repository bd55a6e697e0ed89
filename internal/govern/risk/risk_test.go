package risk_test

import (
	"strings"
	"testing"

	"augenmass/internal/govern/risk"
	"augenmass/internal/problem"
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
