package packs

import (
	"slices"

	"augenmass/internal/record/packs/hazard"
)

// Hazard is one entry of the risk library; see package hazard.
type Hazard = hazard.Hazard

// Hazards returns the risk library in the order of the packs.
func (l *Library) Hazards() []Hazard { return slices.Clone(l.hazards.All) }

// Hazard returns an entry of the risk library by its id, such as "hz.bias-quality".
func (l *Library) Hazard(id string) (Hazard, bool) { return l.hazards.Hazard(id) }

// RiskScale returns the words of the risk matrix; empty without a pack that has
// them.
func (l *Library) RiskScale() hazard.Scale { return l.hazards.Scale }

// hazardsDoc is a pack of kind hazards.
type hazardsDoc struct {
	head
	hazard.Doc
}

func (l *loading) hazardList(doc hazardsDoc) {
	l.info(doc.head, l.lib.hazards.Add(doc.ID.S, doc.Doc, l))
}
