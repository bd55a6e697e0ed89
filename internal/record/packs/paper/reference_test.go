package paper_test

import (
	"testing"
	"time"

	"augenmass/internal/record/packs/paper"
)

// 001-74: a source that is gone, replaced or not looked at for more than a year
// is to be looked at again; one that is merely uncertain is not.
func TestWhatHasToBeLookedAtAgain(t *testing.T) {
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ref  paper.Reference
		want string
	}{
		{paper.Reference{Checked: day}, ""},
		{paper.Reference{Checked: day.AddDate(-1, 0, 0)}, ""},
		{paper.Reference{Checked: day.AddDate(-1, 0, -1)}, paper.Old},
		{paper.Reference{Checked: day, Status: "secondary_source"}, ""},
		{paper.Reference{Checked: day, Status: "changed"}, paper.Changed},
		{paper.Reference{Checked: day, Status: "dead"}, paper.Dead},
		{paper.Reference{Checked: day.AddDate(-3, 0, 0), Status: "dead"}, paper.Dead},
		{paper.Reference{}, paper.Old}, // nobody ever looked
	} {
		if got := c.ref.Review(day); got != c.want {
			t.Errorf("checked %s, status %q: %q, want %q", c.ref.Checked.Format(time.DateOnly), c.ref.Status, got, c.want)
		}
	}
}
