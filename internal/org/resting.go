package org

import (
	"maps"
	"slices"

	"augenmass/internal/org/rest"
	"augenmass/internal/permit"
)

// rests is what the rooms of the house rest on items of packs.
func (g *Org) rests() rest.Rooms {
	return rest.Rooms{Controls: g.Controls, Assess: g.Assess, Agreements: g.Agreements, Shipped: g.o.Library, Library: g.Library, Permits: g.heldPermits}
}

// heldPermits are the permits that the runtime holds, by system.
func (g *Org) heldPermits() []permit.Permit {
	g.facts.mu.RLock()
	systems := slices.Sorted(maps.Keys(g.facts.systems))
	g.facts.mu.RUnlock()
	var out []permit.Permit
	for _, id := range systems {
		if p, ok := g.Point.Permit(id); ok {
			out = append(out, p)
		}
	}
	return out
}
