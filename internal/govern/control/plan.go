package control

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Step is one requirement in the plan. Days are whole days in UTC.
type Step struct {
	Clause, Ref, Area, Phase string
	Item                     ItemView
	Days                     float64   // person days that are left
	Start                    time.Time // latest day on which it must begin
	End                      time.Time // day on which it must be done
	Late                     bool      // Start has passed, or its own day has
	LateSince                time.Time // the day that has passed; zero: not late
}

// Roadmap is the plan of one framework, backwards from its target date
// (requirement 000-58).
type Roadmap struct {
	Framework string
	Date      time.Time // target
	Today     time.Time
	Steps     []Step // in the order in which they are done
	// DaysRemaining are calendar days until the target, negative after it.
	DaysRemaining int
	DaysLeft      float64 // person days of work that are left
	DaysAvailable float64 // person days that are there until the target
	DaysShort     float64 // of DaysLeft, those that are not there; 0: it fits
	// DaysPerWeekNeeded would be enough; 0: nothing is left. Without any day
	// remaining it is what one week would need.
	DaysPerWeekNeeded float64
	Done              time.Time // day on which the work ends at the pace of the target, begun today
	Late              int       // steps that are late
}

// Fits reports whether the work that is left ends by the target date.
func (r Roadmap) Fits() bool { return r.DaysShort == 0 && r.Late == 0 }

// Next returns the first n steps.
func (r Roadmap) Next(n int) []Step { return r.Steps[:min(n, len(r.Steps))] }

// areaOrder is the order of work: the seven areas of a management standard,
// controls together with operation. Areas that are not named here keep the
// order of their framework and come between planning and evaluation.
var areaOrder = map[string]int{"context": 0, "leadership": 1, "planning": 2, "support": 3,
	"operation": 4, Controls: 4, "evaluation": 6, "improvement": 7}

const otherAreas = 4

// Plan lays what is left before the target date, from the last step to the
// first: each ends where the next begins, or on its own earlier day. A step
// whose latest start has passed keeps that day and is called late; nothing is
// moved silently. The pace is the target's DaysPerWeek, spread over all days of
// the week.
func Plan(g GapView, t Target, at time.Time) Roadmap {
	today, goal := day(at), day(t.Date)
	pace := 7 / max(t.DaysPerWeek, 0.01) // calendar days a person day
	r := Roadmap{Framework: g.Framework.ID, Date: goal, Today: today, Steps: Steps(g), DaysRemaining: days(today, goal)}
	cursor := float64(r.DaysRemaining) // calendar days from today
	for i := len(r.Steps) - 1; i >= 0; i-- {
		s := &r.Steps[i]
		if due := s.Item.Record.Due; !due.IsZero() {
			cursor = min(cursor, float64(days(today, day(due))))
		}
		s.End = today.AddDate(0, 0, int(math.Floor(cursor)))
		cursor -= s.Days * pace
		s.Start = today.AddDate(0, 0, int(math.Floor(cursor)))
		if s.Start.Before(today) {
			s.Late, s.LateSince = true, s.Start
			r.Late++
		}
		r.DaysLeft += s.Days
	}
	weeks := float64(max(r.DaysRemaining, 0)) / 7
	r.DaysAvailable = weeks * t.DaysPerWeek
	r.DaysShort = max(0, r.DaysLeft-r.DaysAvailable)
	r.DaysPerWeekNeeded = r.DaysLeft / max(weeks, 1)
	r.Done = today.AddDate(0, 0, int(math.Ceil(r.DaysLeft*pace)))
	return r
}

// Steps are the requirements with work left, in the order of work, without any
// day: what a plan needs no target date for.
func Steps(g GapView) []Step {
	var out []Step
	for _, v := range g.Items() {
		if v.DaysLeft > 0 {
			out = append(out, Step{Clause: v.Clause, Ref: v.Ref, Area: v.Area, Phase: v.Phase, Item: v, Days: v.DaysLeft})
		}
	}
	slices.SortStableFunc(out, func(a, b Step) int { return cmp.Compare(orderOf(a.Area), orderOf(b.Area)) })
	return out
}

func orderOf(area string) int {
	if n, ok := areaOrder[area]; ok {
		return n
	}
	return otherAreas
}

// day is the day of an instant in UTC.
func day(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// days counts the days from one day to another; UTC has no short days.
func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }
