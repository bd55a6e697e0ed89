// Package stand is how a room of governance says what it knows about one AI
// system: which demands of a permit are met, which assessments there are, what
// an approver is shown, and what of it an approval is bound to.
//
// A room implements Source and is wired in org; govern/approve compiles permits
// from what all sources say, govern/life asks them before a stage begins. A new
// room with a say in permits costs its Source and its codes in package permit,
// no new layer.
//
// It holds no state and decides nothing.
package stand

import (
	"context"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Subject is the system that a source is asked about, with what every source
// needs to know of it.
type Subject struct {
	System         store.Object[inventory.System]
	Models         []store.Object[inventory.Model]
	Classification *store.Object[classify.Classification] // nil: not classified yet
	Identification *store.Object[assess.Assessment]       // nil: not identified yet
	Now            time.Time                              // UTC
}

// Class is the risk class that people decided, "unclear" while there is none.
func (s Subject) Class() string {
	if s.Classification == nil {
		return permit.ClassUnclear
	}
	return s.Classification.Doc.Class
}

// Grave reports whether much depends on the system: it is high-risk or worse,
// it affects or rates people, or it stands in safety-critical OT. Where it does
// not, the short path holds (requirement 001-41): a source demands nothing there
// but what it found to be wrong.
func (s Subject) Grave() bool {
	doc := s.System.Doc
	if doc.People {
		return true
	}
	for _, sc := range doc.Scope {
		if sc == "safety_critical_ot" {
			return true
		}
	}
	switch s.Class() {
	case permit.ClassHigh, permit.ClassProhibited:
		return true
	}
	return false
}

// Said is what one room says about one system.
type Said struct {
	// Seen is what an approver approves of it. It becomes part of the content
	// hash under the source's name, as JSON: no times of editing, no revisions,
	// nothing that changes without a decision. nil: nothing.
	Seen        any
	Demands     []permit.Demand
	Assessments []permit.Assessment
	Conditions  []permit.Condition // beyond those that the permit itself knows
	Objects     []string           // ids of the records that it rests on
	Parts       []Part             // what an approver is shown
}

// Part is one paragraph of the dossier that an approver reads.
type Part struct {
	Title text.Bi
	Lines []text.Bi
	Path  string // of the page with more, below the organisation: "/systems/sys_…/risks"
	Open  bool   // something in it is not settled
}

// Source is a room that has a say in permits.
type Source interface {
	// Name is short and never changes: it stands in the content hash.
	Name() string
	// Touches are the kinds of objects whose change may touch a permit.
	Touches() []string
	// SystemOf names the system that an object of one of these kinds belongs to; empty:
	// it may touch every system. NotFound when the object is gone.
	SystemOf(ctx context.Context, rd store.Reader, kind, id string) (string, error)
	// Says reads what the room knows about a system, in at most two queries.
	Says(ctx context.Context, rd store.Reader, s Subject) (Said, error)
}
