package control

import (
	"slices"
	"time"

	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Phases of Plan-Do-Check-Act.
const (
	PhasePlan  = "plan"
	PhaseDo    = "do"
	PhaseCheck = "check"
	PhaseAct   = "act"
)

// Phases lists them in their order.
func Phases() []string { return []string{PhasePlan, PhaseDo, PhaseCheck, PhaseAct} }

// Work is one item of work of the management system: exactly one phase, open or
// done (requirement 000-02). Other rooms' tasks become Work, too.
type Work struct {
	Phase     string
	Kind      string // WorkRequirement, WorkEvidence, or the kind of another room
	ID        string // of the object; of a requirement its clause
	Framework string
	Ref       string
	Title     text.Bi
	Due       time.Time // zero: none
	Open      bool
}

// Kinds of work of this room.
const (
	WorkRequirement = "requirement"
	WorkEvidence    = "evidence"
)

// Turn is one phase of the cycle with what is open in it.
type Turn struct {
	Phase string
	Open  []Work // earliest due first, those without a day last
	All   int    // open and done
	Late  int    // of Open: the day has passed
}

// Cycle sorts work by phase: four turns, in the order Plan, Do, Check, Act
// (requirement 000-02). Work whose phase is none of these counts as Plan: what
// nobody has placed is to be planned.
func Cycle(work []Work, at time.Time) []Turn {
	turns := make([]Turn, 0, len(Phases()))
	for _, p := range Phases() {
		turns = append(turns, Turn{Phase: p})
	}
	for _, w := range work {
		i := max(0, slices.Index(Phases(), w.Phase))
		w.Phase = turns[i].Phase
		turns[i].All++
		if !w.Open {
			continue
		}
		turns[i].Open = append(turns[i].Open, w)
		if !w.Due.IsZero() && w.Due.Before(day(at)) {
			turns[i].Late++
		}
	}
	for _, t := range turns {
		slices.SortStableFunc(t.Open, func(a, b Work) int {
			if a.Due.IsZero() != b.Due.IsZero() {
				return truth(a.Due.IsZero(), b.Due.IsZero())
			}
			return a.Due.Compare(b.Due)
		})
	}
	return turns
}

// WorkOf is the work that frameworks give: one item a requirement that may
// apply, in the phase of its area, open until it is met and shown.
func WorkOf(views ...GapView) []Work {
	var out []Work
	for _, g := range views {
		for _, v := range g.Items() {
			if v.Status == NotApplicable {
				continue
			}
			out = append(out, Work{Phase: v.Phase, Kind: WorkRequirement, ID: v.Clause, Framework: v.Framework, Ref: v.Ref,
				Title: v.Title, Due: v.Record.Due, Open: v.DaysLeft > 0})
		}
	}
	return out
}

// Renewals is the work that evidence gives: what has an end is to be renewed,
// open once it expires within ExpiryNotice. Checking what still holds is Check.
func Renewals(evidence []store.Object[Evidence], at time.Time) []Work {
	var out []Work
	for _, o := range evidence {
		if o.Doc.Expires.IsZero() {
			continue
		}
		out = append(out, Work{Phase: PhaseCheck, Kind: WorkEvidence, ID: o.ID, Title: text.Same(o.Doc.Name),
			Due: o.Doc.Expires, Open: o.Doc.State(at) != Valid})
	}
	return out
}
