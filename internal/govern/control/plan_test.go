package control_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/govern/control"
)

func day(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

// 000-58: backwards from the target date in the order of the areas, controls
// with operation; remaining days and what is late.
func TestPlanGoesBackwardsFromTheTargetDate(t *testing.T) {
	g := control.Gap(book{}, small(), control.Said{Records: sayings(said("n.4.1", control.Met)), Covered: coverage(book{}, shows("evd_1", "n.4.1"))}, today)
	r := control.Plan(g, control.Target{Date: days(70), DaysPerWeek: 2}, today)
	var order []string
	for _, s := range r.Steps {
		order = append(order, s.Clause)
	}
	if want := []string{"n.4.2", "n.8.1", "n.A.2.2", "n.A.2.3", "n.A.3.2", "n.9.1", "n.10.1"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	// Seven steps of two days at two days a week: a week each.
	last := r.Steps[len(r.Steps)-1]
	if !last.End.Equal(day(days(70))) || !last.Start.Equal(day(days(63))) || !r.Steps[0].Start.Equal(day(days(21))) {
		t.Errorf("the last step is from %s to %s, the first begins %s", last.Start, last.End, r.Steps[0].Start)
	}
	if r.DaysRemaining != 70 || r.DaysLeft != 14 || r.DaysAvailable != 20 || !r.Fits() || r.Late != 0 || r.DaysPerWeekNeeded != 1.4 || !r.Done.Equal(day(days(49))) {
		t.Errorf("%+v", r)
	}
	if got := r.Next(3); len(got) != 3 || got[0].Clause != "n.4.2" || len(r.Next(50)) != 7 {
		t.Errorf("the first three steps: %v", got)
	}
}

// What does not fit is not moved: it is late since the day on which it should
// have begun.
func TestPlanSaysWhatIsLate(t *testing.T) {
	g := control.Gap(book{}, small(), control.Said{}, today)
	r := control.Plan(g, control.Target{Date: days(35), DaysPerWeek: 2}, today)
	if r.Fits() || r.DaysShort != 6 || r.Late != 3 {
		t.Errorf("%v days short, %d late", r.DaysShort, r.Late)
	}
	if first := r.Steps[0]; !first.Late || !first.LateSince.Equal(day(days(-21))) || !first.LateSince.Equal(first.Start) {
		t.Errorf("%+v", first)
	}
	over := control.Plan(g, control.Target{Date: days(-2), DaysPerWeek: 2}, today)
	if over.DaysRemaining != -2 || over.Late != 8 || over.DaysAvailable != 0 || over.DaysPerWeekNeeded != 16 {
		t.Errorf("after the date: %+v", over)
	}
	none := control.Plan(control.GapView{}, control.Target{Date: days(10), DaysPerWeek: 1}, today)
	if len(none.Steps) != 0 || !none.Fits() || !none.Done.Equal(day(today)) {
		t.Errorf("nothing is left: %+v", none)
	}
}

// An own day that is earlier pulls its step and those before it forward.
func TestPlanKeepsOwnDays(t *testing.T) {
	rec := said("n.8.1", control.Open)
	rec.Due = days(20)
	g := control.Gap(book{}, small(), control.Said{Records: sayings(rec)}, today)
	r := control.Plan(g, control.Target{Date: days(200), DaysPerWeek: 2}, today)
	i := slices.IndexFunc(r.Steps, func(s control.Step) bool { return s.Clause == "n.8.1" })
	if !r.Steps[i].End.Equal(day(days(20))) || !r.Steps[i-1].End.Equal(day(days(13))) {
		t.Errorf("its step ends %s, the one before %s", r.Steps[i].End, r.Steps[i-1].End)
	}
}

// No step begins before today without being called late, no step overlaps the
// next, and none ends after the target date.
func TestPlanNeverHidesLateness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var recs []control.Record
		for _, it := range small().Items() {
			rec := said(it.Clause, control.Status(rapid.SampledFrom([]string{"open", "in_progress", "met", "partly"}).Draw(t, "status")))
			rec.Days = rapid.Float64Range(0, 30).Draw(t, "days")
			if n := rapid.IntRange(-20, 100).Draw(t, "due"); n%3 == 0 {
				rec.Due = days(n)
			}
			recs = append(recs, rec)
		}
		g := control.Gap(book{}, small(), control.Said{Records: sayings(recs...)}, today)
		target := control.Target{Date: days(rapid.IntRange(-10, 300).Draw(t, "date")), DaysPerWeek: rapid.Float64Range(0.1, 10).Draw(t, "pace")}
		r := control.Plan(g, target, today)
		late := 0
		for i, s := range r.Steps {
			if s.Start.Before(day(today)) != s.Late || s.Late == s.LateSince.IsZero() {
				t.Fatalf("begins %s and is late: %v", s.Start, s.Late)
			}
			if s.End.Before(s.Start) || s.End.After(r.Date) || i > 0 && r.Steps[i-1].End.After(s.Start) && !r.Steps[i-1].End.Equal(s.Start) {
				t.Fatalf("step %d runs from %s to %s", i, s.Start, s.End)
			}
			if s.Late {
				late++
			}
		}
		if late != r.Late || r.Fits() && r.DaysLeft > r.DaysAvailable {
			t.Fatalf("%d late, said %d; fits: %v", late, r.Late, r.Fits())
		}
	})
}
