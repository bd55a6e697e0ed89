package org

import (
	"context"

	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// Committed is what the organisation hears of a commit.
func (g *Org) Committed(ctx context.Context, changes []store.Change) { g.committed(ctx, changes) }

// Misread leaves what a system and its permit leave that could not be read for
// a moment, and then does what the deadlines do every second.
func (g *Org) Misread(ctx context.Context, system string) error {
	g.facts.mu.Lock()
	delete(g.facts.systems, system)
	g.facts.mu.Unlock()
	g.permitChanged(permit.Permit{System: system, State: permit.Suspended, Lapses: []permit.Lapse{{Code: unreadable}}})
	return g.recompileUnread(ctx)
}

// Heard is what the organisation does with the changes of another node.
func (g *Org) Heard(ctx context.Context, changes []store.Change) { g.heard(ctx, changes) }
