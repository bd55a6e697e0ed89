package org

import "context"

// StopLoops ends the loops of an open organisation, so that a test says itself
// when the outbox reaches the journal and when deadlines are looked at.
func (g *Org) StopLoops() {
	g.stop()
	g.loops.Wait()
}

// RecompileUnread is what the deadlines do every second.
func (g *Org) RecompileUnread(ctx context.Context) error { return g.recompileUnread(ctx) }
