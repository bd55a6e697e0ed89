package approve

import (
	"context"
	"fmt"
	"slices"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Read gathers the dossier of one system in a bounded number of queries.
func (r *Room) Read(ctx context.Context, rd store.Reader, system string) (Dossier, error) {
	var d Dossier
	var err error
	if d.System, err = r.inv.Systems.Get(ctx, rd, system); err != nil {
		return d, err
	}
	of := []store.Filter{{Field: "system", Op: "=", Values: []any{system}}}
	models, err := r.inv.Models.List(ctx, rd, store.Query{Filters: of, Limit: 100})
	if err != nil {
		return d, err
	}
	d.Models = models.Items
	c, err := r.cls.Of(ctx, rd, system)
	switch {
	case err == nil:
		d.draft = c.ID
		if c.Doc.Concluded() {
			d.Classification, d.draft = &c, ""
		}
	case !problem.Is(err, problem.NotFound):
		return d, err
	}
	if d.Assessments, err = r.asm.Of(ctx, rd, system); err != nil {
		return d, err
	}
	approvals, err := r.Approvals.List(ctx, rd, store.Query{Filters: of, Sort: "-created_at", Limit: 200})
	if err != nil {
		return d, err
	}
	d.Approvals = approvals.Items
	agreements, err := r.agreements.List(ctx, rd, store.Query{Limit: 500})
	if err != nil {
		return d, err
	}
	for _, a := range agreements.Items {
		if slices.Contains(a.Doc.Systems, system) {
			d.Agreements = append(d.Agreements, a)
		}
	}
	issued, err := r.Of(ctx, rd, system)
	switch {
	case err == nil:
		d.Issued = &issued
	case !problem.Is(err, problem.NotFound):
		return d, err
	}
	if err := r.ask(ctx, rd, &d); err != nil {
		return d, fmt.Errorf("ask who may sign %s: %w", system, err)
	}
	return d, r.hear(ctx, rd, &d)
}

// hear asks the further rooms. What they say is part of what is signed, so it
// must not depend on who reads: the house itself asks.
func (r *Room) hear(ctx context.Context, rd store.Reader, d *Dossier) (err error) {
	ctx = store.WithActor(ctx, House)
	d.Said = map[string]stand.Said{}
	subject := d.Subject(r.o.Now().UTC())
	for _, src := range r.o.Sources {
		d.sources = append(d.sources, src.Name())
		if d.Said[src.Name()], err = src.Says(ctx, rd, subject); err != nil {
			return fmt.Errorf("ask %s: %w", src.Name(), err)
		}
	}
	return nil
}

// factsOf translates a dossier into the facts that a permit is compiled from.
func (r *Room) factsOf(d Dossier) (permit.Facts, error) {
	s := d.System.Doc
	hash, err := d.Hash()
	if err != nil {
		return permit.Facts{}, err
	}
	f := permit.Facts{
		System: d.System.ID, Name: s.Name, Number: s.Number, Organisation: r.o.Organisation,
		Purpose: s.Purpose, Excluded: slices.Clone(s.Excluded), LifeCycle: string(s.LifeCycle), Owner: s.RiskOwner,
		Decider: s.Oversee.Decider, DeciderRole: s.Oversee.DeciderRole,
		Stopped: s.Stop.Stopped, StoppedAt: s.Stop.At,
		Zones: s.Zones, DataClasses: s.DataClasses, People: s.People,
		Oversight: permit.Oversight(s.Oversee.Mode), OnHold: permit.OnHold(s.Oversee.OnHold), FallbackSay: s.Oversee.Fallback,
		Limits: permit.Limits(s.Oversee.Limits), RetainDays: s.RetainDays, Retain: string(s.Retain),
		PlantStates: s.PlantStates, ReviewBy: s.ReviewBy, ContentHash: hash, Issued: d.Issued != nil,
		PlantMust: slices.Contains(s.Scope, inventory.Scope("safety_critical_ot")),
		Class:     "unclear", Role: "unclear", Verdict: "unclear",
	}
	if d.Issued != nil {
		f.Number = d.Issued.Doc.Number
	}
	f.NeedsRoles = d.Needed()
	if c := d.Classification; c != nil {
		f.Class, f.Role, f.ClassUntil, f.SLTarget = c.Doc.Class, c.Doc.Role, c.Doc.ValidUntil, c.Doc.Level
		for _, st := range c.Doc.Trace {
			if st.Part != "" && st.Part != classify.PartClass {
				continue
			}
			f.ClassClauses = append(f.ClassClauses, st.Clauses...)
		}
		slices.Sort(f.ClassClauses)
		f.ClassClauses = slices.Compact(f.ClassClauses)
	}
	for _, m := range d.Models {
		f.Models = append(f.Models, permit.Model{Name: m.Doc.Name, Version: m.Doc.Version, Hash: m.Doc.Hash,
			Endpoint: m.Doc.Endpoint, HasCard: m.Doc.Card.Complete()})
	}
	for _, a := range d.Approvals {
		f.Approvals = append(f.Approvals, permit.Approval{ID: a.ID, Role: a.Doc.Role, Person: a.Doc.Person,
			ContentHash: a.Doc.ContentHash, GivenAt: a.Doc.GivenAt, ValidUntil: a.Doc.ValidUntil, WithdrawnAt: a.Doc.WithdrawnAt})
	}
	addAssessments(&f, d)
	addAgreement(&f, d, r.o.Now())
	for _, said := range d.Said { // the permit puts them in order
		f.Demands = append(f.Demands, said.Demands...)
		f.Further = append(f.Further, said.Conditions...)
		f.Assessments = append(f.Assessments, said.Assessments...)
	}
	return f, nil
}

// addAssessments adds what was assessed, and the identification even when it is
// missing, because without it nobody knows what the system is.
func addAssessments(f *permit.Facts, d Dossier) {
	identified := false
	for _, a := range d.Assessments {
		if a.Doc.Questionnaire == assess.Identification {
			identified = true
			f.Verdict = a.Doc.Verdict // "unclear" while there is only a draft
		}
		f.Assessments = append(f.Assessments, permit.Assessment{ID: a.ID, Kind: a.Doc.Questionnaire,
			Done: a.Doc.Done, RedFlag: a.Doc.RedFlag, ValidUntil: a.Doc.ValidUntil, Clauses: demandedBy(a.Doc.Questionnaire)})
	}
	if !identified {
		f.Assessments = append(f.Assessments, permit.Assessment{Kind: assess.Identification, Clauses: demandedBy(assess.Identification)})
	}
}

// demandedBy names the clauses that ask for an assessment.
func demandedBy(questionnaire string) []string {
	switch questionnaire {
	case assess.Identification:
		return []string{"aia.def.1", "iso42001.4.3"}
	default:
		return []string{"iso42001.6.1.4"}
	}
}

// addAgreement adds the works agreement: needed where a system affects people
// at work (BetrVG 87(1) no. 6), signed when any agreement that names the system
// is. The one that holds longest counts.
func addAgreement(f *permit.Facts, d Dossier, now time.Time) {
	f.Agreement.Needed = f.People
	for _, a := range d.Agreements {
		if a.Doc.SignedAt.IsZero() || a.Doc.SignedAt.After(now) {
			continue
		}
		g := permit.Agreement{ID: a.ID, Needed: f.Agreement.Needed, Signed: true, ValidUntil: a.Doc.ValidUntil}
		for _, e := range a.Doc.Excluded {
			g.Purposes = append(g.Purposes, e.In(text.DE))
			f.Excluded = append(f.Excluded, e)
		}
		longer := g.ValidUntil.IsZero() || !f.Agreement.ValidUntil.IsZero() && g.ValidUntil.After(f.Agreement.ValidUntil)
		if !f.Agreement.Signed || longer {
			f.Agreement = g
		}
	}
}
