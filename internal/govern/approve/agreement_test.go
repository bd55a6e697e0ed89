package approve

import (
	"testing"
	"time"

	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// A works agreement counts from its signature on, not before.
func TestAnAgreementCountsFromItsSignature(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		signed time.Time
		want   bool
	}{"unsigned": {time.Time{}, false}, "yesterday": {now.AddDate(0, 0, -1), true}, "tomorrow": {now.AddDate(0, 0, 1), false}} {
		f := permit.Facts{People: true}
		d := Dossier{Agreements: []store.Object[voice.Agreement]{{Doc: voice.Agreement{Name: "BV 3", SignedAt: c.signed}}}}
		if addAgreement(&f, d, now); f.Agreement.Signed != c.want || !f.Agreement.Needed {
			t.Errorf("%s: %+v", name, f.Agreement)
		}
	}
}
