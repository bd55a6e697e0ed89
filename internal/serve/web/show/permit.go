package show

import (
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/ui"
)

// PermitOptions is what a page knows beside the permit.
type PermitOptions struct {
	ID        string    // of the element; default "permit"
	LifeCycle string    // stage of the system
	ClassAsOf time.Time // date of the law under which it was classified
	CardURL   string    // absolute address of the public card, for the QR code; empty: no code
	CardHref  string    // link under the code
	Proof     string    // address of the entry that issued it
	Compact   bool      // without conditions
	Next      []ui.Action
}

// Permit is the operating permit as a card. Give it the permit as of now
// (permit.Permit.At): an expired one is suspended.
func Permit(c ui.Ctx, lib *packs.Library, p permit.Permit, o PermitOptions) ui.PermitView {
	v := ui.PermitView{ID: o.ID, State: string(p.State), Number: p.Number, Version: p.Version, FactsHash: p.FactsHash,
		CardURL: o.CardURL, CardHref: o.CardHref, HashHref: o.Proof, Compact: o.Compact, Next: o.Next}
	v.Facts = permitFacts(c, p, o)
	for _, l := range p.Lapses {
		v.Lapses = append(v.Lapses, Lapse(c, lib, l))
	}
	for _, cond := range p.Conditions {
		v.Conditions = append(v.Conditions, ui.ConditionView{Text: Say(c, cond.Say), Clauses: Clauses(c, lib, cond.Clauses)})
	}
	return v
}

func permitFacts(c ui.Ctx, p permit.Permit, o PermitOptions) []ui.Fact {
	class := ui.Fact{Term: c.T("show.fact.class"), Text: Word(c, "class", p.Class)}
	if !o.ClassAsOf.IsZero() {
		class.Note = c.T("show.fact.asof", "date", c.Date(o.ClassAsOf))
	}
	facts := []ui.Fact{{Term: c.T("show.fact.role"), Text: Word(c, "operator", p.Role)}, class,
		{Term: c.T("show.fact.oversight"), Text: Word(c, "oversight", string(p.Oversight))}}
	if p.State == permit.Valid {
		until := ui.Fact{Term: c.T("show.fact.until"), Text: Until(c, p.ValidUntil)}
		if p.Ends != nil {
			until.Note = c.T("show.fact.ends", "why", Reason(c, p.Ends.Code))
		}
		facts = append(facts, until)
	}
	decides := Say(c, p.Decider)
	if decides == "" {
		decides = "–"
	}
	facts = append(facts, ui.Fact{Term: c.T("show.fact.decides"), Text: decides})
	if p.SLTarget > 0 {
		facts = append(facts, ui.Fact{Term: c.T("show.fact.level"), Text: c.T("show.sl", "n", p.SLTarget)})
	}
	return facts
}

// Lapse is one reason why a permit is off, with its clauses and who can lift it.
func Lapse(c ui.Ctx, lib *packs.Library, l permit.Lapse) ui.LapseView {
	return ui.LapseView{Title: Say(c, l.Say), Since: Since(c, l.Since), Clauses: Clauses(c, lib, l.Clauses), LiftBy: Roles(c, l.LiftBy)}
}
