package control

import (
	"slices"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Need is one thing that keeps a requirement from being ready for a certifier.
type Need string

// What can be needed.
const (
	NeedDecision    Need = "decision"    // nobody decided whether it applies, or without a reason
	NeedResponsible Need = "responsible" // nobody is responsible
	NeedStatus      Need = "status"      // it is not met
	NeedEvidence    Need = "evidence"    // a wanted type of evidence is missing
	NeedMeasurement Need = "measurement" // a check found otherwise than was said
)

// Needs lists what a requirement still needs before a certifier would accept it,
// by our own reading; empty: it is ready (requirement 000-46). What was ruled
// out needs a reason and nothing else.
func (v ItemView) Needs() []Need {
	var out []Need
	if v.Stated && !v.Record.Decided() {
		out = append(out, NeedDecision)
	}
	if v.Record.Responsible == "" {
		out = append(out, NeedResponsible)
	}
	if v.Status == NotApplicable {
		return slices.DeleteFunc(out, func(n Need) bool { return n != NeedDecision })
	}
	if v.Status != Met {
		out = append(out, NeedStatus)
	}
	if len(v.Missing) > 0 {
		out = append(out, NeedEvidence)
	}
	if v.Differs() {
		out = append(out, NeedMeasurement)
	}
	return out
}

// Ready counts the requirements of a framework that need nothing more, and all
// of them.
func Ready(g GapView) (ready, all int) {
	for _, v := range g.Items() {
		all++
		if len(v.Needs()) == 0 {
			ready++
		}
	}
	return ready, all
}

// Indicator is one framework's own count. Indicators are not added up.
type Indicator struct {
	Framework string
	Title     text.Bi
	Tally     Tally
}

// Apart keeps apart what must not be mixed (requirement 000-24): how far
// standards are met, and how far law is. No certificate to a standard makes
// lawful, and nothing here turns one into the other.
type Apart struct {
	Standards []Indicator
	Law       []Indicator
}

// Shelf is what Standing needs of the packs; a *packs.Library is one.
type Shelf interface {
	Clause(id string) (packs.Clause, bool)
	Packs() []packs.Info
}

// Standing sorts frameworks into standards and law, by the pack that most of a
// framework's requirements come from.
func Standing(lib Shelf, views ...GapView) Apart {
	kinds := map[string]packs.Kind{}
	for _, p := range lib.Packs() {
		kinds[p.ID] = p.Kind
	}
	var out Apart
	for _, g := range views {
		law, all := 0, 0
		for _, v := range g.Items() {
			c, _ := lib.Clause(v.Clause)
			if all++; kinds[c.Pack] == packs.Law {
				law++
			}
		}
		i := Indicator{Framework: g.Framework.ID, Title: g.Framework.Title, Tally: g.Tally}
		if law*2 > all {
			out.Law = append(out.Law, i)
		} else {
			out.Standards = append(out.Standards, i)
		}
	}
	return out
}
