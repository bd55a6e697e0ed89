package org

import (
	"context"
	"time"

	"augenmass/internal/operate/gateway"
)

// StopLoops ends the loops of an open organisation, so that a test says itself
// when the outbox reaches the journal and when deadlines are looked at.
func (g *Org) StopLoops() {
	g.stop()
	g.loops.Wait()
}

// RecompileUnread is what the deadlines do every second.
func (g *Org) RecompileUnread(ctx context.Context) error { return g.recompileUnread(ctx) }

// Deafen replaces the database's word when this node last heard the others, and
// returns what brings it back.
func (g *Org) Deafen(heard func() time.Time) (hear func()) {
	g.nodes.hears.Store(&heard)
	return func() { g.nodes.hears.Store(nil) }
}

// Decider is the decision point as the gateway sees it.
func (g *Org) Decider() gateway.Decider { return proven{g.Point, g} }
