package org

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// TypeCaseBuilt is the journal entry that a case file was built; its data is a
// CaseBuilt. It stands behind the case's own checkpoint.
const TypeCaseBuilt = "augenmass.casefile.built"

// CaseBuilt says who took which part of the journal out of the house.
type CaseBuilt struct {
	V    int    `json:"v"`
	By   string `json:"by"`
	Size uint64 `json:"size"`
	Root string `json:"root"`
}

// WriteCase builds the case file and writes it to w. Who may is the export
// right on case files; the journal says that it happened.
func (g *Org) WriteCase(ctx context.Context, p casefile.Period, w io.Writer) (casefile.Summary, error) {
	var none casefile.Summary
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return none, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	if a.Kind != store.System && !roles.Allowed(a.Roles, roles.Export, "casefile") {
		return none, problem.New(problem.Denied, "Eine Prüfakte dürfen Geschäftsleitung, KI-Verantwortung und Prüfung ausleiten.",
			"Management, AI officer and auditors may export a case file.").
			WithReason("casefile.export", "Ausleiten ist ein eigenes Recht.", "Exporting is a right of its own.", "zta.04", "iso42001.9.2.2")
	}
	src := casefile.Source{Journal: g.Journal, Seal: g.Seal, SealKey: g.SealKey, Requirements: g.Packs.Requirements("zta"),
		Objects: map[string][]verify.Object{}, Now: g.o.Now}
	if err := g.DB.Flush(ctx, g.Journal); err != nil {
		return none, err
	}
	for _, k := range g.kinds() {
		objects, err := exported(ctx, g.DB, k)
		if err != nil {
			return none, err
		}
		if len(objects) > 0 {
			src.Objects[k.Name()] = objects
		}
	}
	permits, err := allObjects(ctx, g.DB, g.Approve.Permits)
	if err != nil {
		return none, err
	}
	for _, o := range permits {
		src.Permits = append(src.Permits, permit.Entry{V: 1, Permit: o.Doc.Permit, Key: o.Doc.Key, Signature: o.Doc.Signature})
	}
	sum, err := casefile.Write(ctx, src, p, w)
	if err != nil {
		return none, err
	}
	now := g.o.Now().UTC()
	e, err := ledger.NewEvent(store.NewID("evt", now, g.o.Rand), g.source("casefile"), TypeCaseBuilt, g.Slug, now,
		CaseBuilt{V: 1, By: a.ID, Size: sum.Size, Root: sum.Root})
	if err != nil {
		return none, err
	}
	_, err = g.Journal.AppendEvent(ctx, e)
	return sum, err
}

// exported reads the objects of a kind that go into a case file: none of a
// kind with personal fields.
func exported(ctx context.Context, db *store.DB, k store.AnyKind) ([]verify.Object, error) {
	for _, f := range k.Fields() {
		if f.Personal {
			return nil, nil
		}
	}
	var out []verify.Object
	q := store.Query{Limit: store.MaxLimit}
	for {
		p, err := k.ListJSON(ctx, db, q)
		if err != nil {
			return nil, err
		}
		for _, o := range p.Items {
			out = append(out, verify.Object{Kind: k.Name(), ID: o.ID, Revision: o.Revision, Doc: json.RawMessage(o.Doc)})
		}
		if p.Next == "" {
			return out, nil
		}
		q.Cursor = p.Next
	}
}

// measured is the last result of the checks, and the size of the journal it
// was computed at.
type measured struct {
	mu   sync.Mutex
	size uint64
	all  []verify.Requirement
}

// Measure computes the checks of the ZTA requirements over the whole journal.
// The result is kept until the journal has grown by a hundredth, so that a page
// does not read a year's journal at every look; Through in each result says how
// far it saw.
func (g *Org) Measure(ctx context.Context) ([]verify.Requirement, error) {
	g.measured.mu.Lock()
	defer g.measured.mu.Unlock()
	size := g.Journal.Size()
	if g.measured.all != nil && size-g.measured.size <= g.measured.size/100 {
		return g.measured.all, nil
	}
	all, err := casefile.Measure(ctx, g.Journal, g.Packs.Requirements("zta"), casefile.Period{To: g.o.Now().UTC().Add(1)}, size)
	if err != nil {
		return nil, err
	}
	g.measured.size, g.measured.all = size, all
	return all, nil
}
