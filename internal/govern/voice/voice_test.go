package voice_test

import (
	"testing"
	"time"

	"augenmass/internal/govern/voice"
	"augenmass/internal/problem"
)

// An agreement ends after it was signed; either day may be open (BetrVG 87(1) 6).
func TestDaysOfAnAgreement(t *testing.T) {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		signed, until time.Time
		ok            bool
	}{
		{time.Time{}, time.Time{}, true}, {day, time.Time{}, true}, {time.Time{}, day, true}, {day, day.AddDate(1, 0, 0), true},
		{day, day, false}, {day, day.AddDate(0, 0, -1), false},
	} {
		err := (&voice.Agreement{Name: "KI", SignedAt: c.signed, ValidUntil: c.until}).Validate()
		if c.ok != (err == nil) || err != nil && (!problem.Is(err, problem.BadInput) || problem.From(err).Fields[0].Path != "valid_until") {
			t.Errorf("signed %s until %s: %v", c.signed, c.until, err)
		}
	}
}

// An agreement says which systems it is about, nothing about who said what.
func TestAnAgreementHoldsNothingPersonal(t *testing.T) {
	refs := map[string]string{}
	for _, f := range voice.Agreements().Fields() {
		if f.Personal {
			t.Errorf("%s is personal", f.Name)
		}
		if f.Ref != "" {
			refs[f.Name] = f.Ref
		}
	}
	if len(refs) != 1 || refs["systems"] != "system" {
		t.Errorf("an agreement refers to %v", refs)
	}
	if (&voice.Agreement{Name: "KI am Arbeitsplatz"}).Title() != "KI am Arbeitsplatz" {
		t.Error("title")
	}
}
