package org

import (
	"time"

	"augenmass/internal/operate/decide"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// deaf is how long a node may hear nothing of the others before it proves
// nothing any more: a lost notification costs a second, so this is a database
// that cannot be reached, and somebody may have withdrawn what this node knows.
const deaf = 3 * time.Second

// unheard reports whether what this node knows may be out of date. A clock that
// jumps makes it so, until the node has heard again. In a folder nobody else
// changes anything.
func (g *Org) unheard() bool {
	if g.o.Database == "" {
		return false
	}
	heard := g.heardAt()
	age := g.o.Now().Sub(heard)
	return heard.IsZero() || age < 0 || age > deaf
}

// heardAt is when this node last knew that it had missed nothing; in a folder,
// always now.
func (g *Org) heardAt() time.Time {
	if other := g.nodes.hears.Load(); other != nil {
		return (*other)()
	}
	return g.DB.Heard()
}

// sayUnheard is what such a node answers.
var sayUnheard = text.Bi{DE: "Dieser Knoten erreicht die Datenbank nicht; was er weiß, kann überholt sein.",
	EN: "This node cannot reach the database; what it knows may be out of date."}

func errUnheard() error { return problem.New(problem.Unavailable, sayUnheard.DE, sayUnheard.EN) }

// proven is the decision point as far as this node can prove what it knows.
type proven struct {
	*decide.Point
	g *Org
}

// Permit implements gateway.Decider: a permit of which this node might have
// missed the fall is off. What Evaluate rests on beside permits, trusted
// refuses.
func (p proven) Permit(system string) (permit.Permit, bool) {
	if !p.g.unheard() {
		return p.Point.Permit(system)
	}
	at := p.g.o.Now().UTC()
	return permit.Permit{System: system, State: permit.Suspended, CompiledAt: at, Lapses: []permit.Lapse{{
		Code: "node.unheard", Weight: 1000, Since: at, LiftBy: []string{"admin"}, Clauses: []string{"zta.07", "iso42001.A.6.2.6"},
		Say: sayUnheard,
	}}}, true
}
