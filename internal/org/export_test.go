package org

// StopLoops ends the loops of an open organisation, so that a test says itself
// when the outbox reaches the journal and when deadlines are looked at.
func (g *Org) StopLoops() {
	g.stop()
	g.loops.Wait()
}
