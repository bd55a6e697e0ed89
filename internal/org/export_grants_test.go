package org

import "augenmass/internal/operate/decide"

// End hands ended accesses to the journal.
func (g *Org) End(list []decide.Ended) { g.ended(list) }
