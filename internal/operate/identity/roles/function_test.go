package roles

import (
	"strings"
	"testing"

	"augenmass/internal/record/store"
)

// A function reads what it signs and signs; nothing else (requirement 001-02).
func TestFunctionsReadAndSign(t *testing.T) {
	for _, f := range Functions() {
		held := []string{string(f.Role)}
		if !f.Title.Complete() || !f.Does.Complete() || Function(f.Role).Info().Title != f.Title {
			t.Errorf("%+v", f)
		}
		if !MayApprove(held) {
			t.Errorf("%s cannot sign", f.Role)
		}
		for _, kind := range allKinds() {
			for _, a := range allActions {
				if !Allowed(held, a, kind) {
					continue
				}
				signs := kind == "approval" && (a == store.Create || a == store.Update || a == Approve)
				if a != store.Read && !signs {
					t.Errorf("%s may %s %s", f.Role, a, kind)
				}
			}
		}
		for _, kind := range []string{"system", "model", "classification", "assessment", "agreement", "approval", "permit", "person"} {
			if !Allowed(held, store.Read, kind) {
				t.Errorf("%s cannot read %s, which it signs", f.Role, kind)
			}
		}
		if Allowed(append(held, ReadOnly), store.Create, "approval") {
			t.Errorf("%s signs with a reading token", f.Role)
		}
	}
	if len(Function("").Values()) != len(Functions()) {
		t.Error("values and descriptions differ")
	}
	for _, none := range []string{"", "risk_owner", "dpo", "worker", "ai_officer", "shift_lead", "admin", "auditor"} {
		if MayApprove([]string{none}) {
			t.Errorf("%q may sign", none)
		}
	}
	if !MayApprove([]string{"director"}) || !MayApprove([]string{"safety"}) {
		t.Error("director and safety sign")
	}
}

// Places of signatures have titles like roles, and some hands stay apart.
func TestPlacesAndBars(t *testing.T) {
	if got := Role("risk_owner").Info().Title.DE; got != "Risikoverantwortung" {
		t.Errorf("%q", got)
	}
	if got := Role("nobody").Info().Title.EN; got != "nobody" {
		t.Errorf("%q", got)
	}
	for _, c := range []struct {
		f    Function
		r    Role
		bars bool
	}{{DataProtection, Director, true}, {Ethics, Director, false}, {Ethics, Admin, true}, {Security, Auditor, true}, {DataProtection, Council, false}, {Security, Safety, false}} {
		if c.f.Bars(c.r) != c.bars {
			t.Errorf("%s and %s: %v", c.f, c.r, !c.bars)
		}
	}
	if !strings.Contains(Role(DataProtection).Info().Does.DE, "Menschen") {
		t.Error("what data protection does is not said")
	}
}
