package risk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// ConditionAccepted is the kind of a condition on whose terms a risk was accepted.
const ConditionAccepted = "accepted_risk"

// Name implements stand.Source.
func (r *Room) Name() string { return "risk" }

// Touches implements stand.Source.
func (r *Room) Touches() []string { return []string{"risk", "acceptance"} }

// SystemOf implements stand.Source. A risk of the organisation as a whole belongs
// to no system and may touch every one.
func (r *Room) SystemOf(ctx context.Context, rd store.Reader, kind, id string) (string, error) {
	if kind == "acceptance" {
		o, err := r.Acceptances.Get(ctx, rd, id)
		return o.Doc.System, err
	}
	o, err := r.Risks.Get(ctx, rd, id)
	return o.Doc.System, err
}

// seen is what an approver approves of one risk: ratings with their reasons,
// treatment and measures, and who accepted what is left on which terms.
type seen struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Impacts   []Impact  `json:"impacts"`
	Before    []Rating  `json:"before"`
	Treatment Treatment `json:"treatment"`
	Reason    string    `json:"reason"`
	Measures  []string  `json:"measures"`
	After     []Rating  `json:"after"`
	Signer    string    `json:"signer,omitempty"`
	Until     time.Time `json:"until,omitzero"`
	Condition string    `json:"condition,omitempty"`
}

// Says implements stand.Source: one query, and a second one where there are
// risks. A system without risks is not known here and keeps the short path.
func (r *Room) Says(ctx context.Context, rd store.Reader, s stand.Subject) (stand.Said, error) {
	of := []store.Filter{store.Where("system", "=", s.System.ID)}
	risks, err := r.Risks.All(ctx, rd, store.Query{Filters: of})
	if err != nil || len(risks) == 0 {
		return stand.Said{}, err
	}
	given, err := r.Acceptances.All(ctx, rd, store.Query{Filters: append(of, store.Where("decision", "=", string(Accepted)))})
	if err != nil {
		return stand.Said{}, err
	}
	return says(risks, given, s), nil
}

// says computes what the room says, from what is stored.
func says(risks []store.Object[Risk], given []store.Object[Acceptance], s stand.Subject) stand.Said {
	slices.SortFunc(risks, func(a, b store.Object[Risk]) int { return strings.Compare(a.ID, b.ID) })
	var out stand.Said
	var all []seen
	part := stand.Part{Title: text.Bi{DE: "Risiken", EN: "Risks"}, Path: "/systems/" + s.System.ID + "/risks"}
	basis := BasisOf(s.System.Doc, s.Models)
	for _, o := range risks {
		x := seen{ID: o.ID, Name: o.Doc.Name, Impacts: o.Doc.Impacts, Before: o.Doc.Before, Treatment: o.Doc.Treatment,
			Reason: o.Doc.TreatmentReason, Measures: o.Doc.Measures, After: o.Doc.After}
		level := o.Doc.Residual()
		line := text.Bi{DE: o.Doc.Name + ": Restrisiko " + levelDE[level] + ".", EN: o.Doc.Name + ": residual risk " + levelEN[level] + "."}
		held, ok := Holding(given, o, s.Now)
		if ok {
			x.Signer, x.Until, x.Condition = held.Doc.Signer, held.Doc.Until, held.Doc.Condition
			out.Objects = append(out.Objects, held.ID)
			if held.Doc.Condition != "" {
				out.Conditions = append(out.Conditions, permit.Condition{Kind: ConditionAccepted, Clauses: []string{"iso42001.8.3"}, Say: text.Bi{
					DE: "Angenommenes Risiko „" + o.Doc.Name + "“: " + held.Doc.Condition, EN: "Accepted risk '" + o.Doc.Name + "': " + held.Doc.Condition}})
			}
		}
		if level.Grave() {
			d := permit.Demand{Code: permit.DemandAccepted, Met: ok, Object: o.ID, Detail: text.Bi{DE: "Risiko: „" + o.Doc.Name + "“.", EN: "Risk: '" + o.Doc.Name + "'."}}
			if ok {
				d.Until = held.Doc.Until
				line = text.Bi{DE: line.DE + " Angenommen mit Unterschrift.", EN: line.EN + " Accepted with a signature."}
			} else {
				part.Open = true
				line = text.Bi{DE: line.DE + " Nicht angenommen.", EN: line.EN + " Not accepted."}
			}
			out.Demands = append(out.Demands, d)
		}
		d := reviewed(o, basis, s)
		part.Open = part.Open || !d.Met
		out.Demands = append(out.Demands, d)
		out.Objects = append(out.Objects, o.ID)
		part.Lines = append(part.Lines, line)
		all = append(all, x)
	}
	out.Seen, out.Parts = all, []stand.Part{part}
	return out
}

// reviewed says whether a risk was looked at as it should be: in time, since what
// it rests on changed, and, where much depends on the system, at all.
func reviewed(o store.Object[Risk], basis Basis, s stand.Subject) permit.Demand {
	due := Due(o)
	d := permit.Demand{Code: permit.DemandReviewed, Met: s.Now.Before(due), Object: o.ID, Until: due}
	name := text.Bi{DE: "Risiko „" + o.Doc.Name + "“", EN: "Risk '" + o.Doc.Name + "'"}
	changed := o.Doc.Basis.Changed(basis)
	switch {
	case !d.Met:
		d.Since, d.Until = due, time.Time{}
		d.Detail = text.Bi{DE: name.DE + ": Der Tag der Überprüfung ist vorbei.", EN: name.EN + ": the day of its review has passed."}
	case len(changed) > 0:
		d.Met, d.Until = false, time.Time{}
		var de, en []string
		for _, c := range changed {
			de, en = append(de, triggerDE[c]), append(en, triggerEN[c])
		}
		d.Detail = text.Bi{DE: name.DE + ": Seit der letzten Überprüfung hat sich geändert: " + strings.Join(de, ", ") + ".",
			EN: name.EN + ": changed since the last review: " + strings.Join(en, ", ") + "."}
	case !o.Doc.Rated() && s.Grave():
		d.Met, d.Until = false, time.Time{}
		d.Detail = text.Bi{DE: name.DE + " ist nicht für jede Art von Auswirkung bewertet.", EN: name.EN + " is not rated for every kind of impact."}
	}
	return d
}

// Words of dossiers and permits, which have no pack at hand.
var (
	levelDE = map[Level]string{Unrated: "nicht bewertet", Low: "niedrig", Medium: "mittel", High: "hoch", VeryHigh: "sehr hoch"}
	levelEN = map[Level]string{Unrated: "not rated", Low: "low", Medium: "medium", High: "high", VeryHigh: "very high"}

	triggerDE = map[string]string{"purpose": "Zweck oder Einsatz", "data": "Daten", "model": "Modell"}
	triggerEN = map[string]string{"purpose": "purpose or use", "data": "data", "model": "model"}
)

// Stop is why a risk is to be looked at now, as the codes "unrated", "unaccepted"
// and "overdue"; empty: nothing is to be done.
func Stop(o store.Object[Risk], given []store.Object[Acceptance], at time.Time) []string {
	var out []string
	if !o.Doc.Rated() {
		out = append(out, "unrated")
	}
	if _, ok := Holding(given, o, at); !ok && o.Doc.Residual().Grave() {
		out = append(out, "unaccepted")
	}
	if !at.Before(Due(o)) {
		out = append(out, "overdue")
	}
	return out
}

// ByWeight orders risks for a reader: the highest residual level first, then what
// is due first, then by name.
func ByWeight(a, b store.Object[Risk]) int {
	return cmp.Or(cmp.Compare(b.Doc.Residual().Rank(), a.Doc.Residual().Rank()), Due(a).Compare(Due(b)), cmp.Compare(a.Doc.Name, b.Doc.Name))
}
