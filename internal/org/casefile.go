package org

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/org/exhibit"
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
// right on case files. The journal says that it was built before the first
// byte leaves; a case whose building cannot be recorded does not leave.
func (g *Org) WriteCase(ctx context.Context, p casefile.Period, w io.Writer) (casefile.Summary, error) {
	var none casefile.Summary
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return none, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	if a.Kind != store.System && !roles.Allowed(a.Roles, roles.Export, "casefile") {
		return none, problem.New(problem.Denied, "Eine Prüfakte dürfen Geschäftsführung, KI-Beauftragte und Prüfung ausleiten.",
			"Management, AI officer and auditors may export a case file.").
			WithReason("casefile.export", "Ausleiten ist ein eigenes Recht.", "Exporting is a right of its own.", "zta.04", "iso42001.9.2.2")
	}
	src, err := g.caseSource(store.WithActor(ctx, approve.House))
	if err != nil {
		return none, err
	}
	// What was read is in the journal from here on: whatever changes now has a
	// later revision, and its entry may or may not be in the case.
	if err := g.flush(ctx); err != nil {
		return none, err
	}
	var built bytes.Buffer
	sum, err := casefile.Write(ctx, src, p, &built)
	if err != nil {
		return none, err
	}
	now := g.o.Now().UTC()
	e, err := ledger.NewEvent(store.NewID("evt", now, g.o.Rand), g.source("casefile"), TypeCaseBuilt, g.Slug, now,
		CaseBuilt{V: 1, By: a.ID, Size: sum.Size, Root: sum.Root})
	if err != nil {
		return none, err
	}
	if _, err = g.Journal.AppendEvent(ctx, e); err != nil {
		return none, err
	}
	_, err = built.WriteTo(w)
	return sum, err
}

// caseSource reads permits and objects. Whoever exports, the case is the same:
// it holds what every role may read that may export.
func (g *Org) caseSource(ctx context.Context) (casefile.Source, error) {
	src := casefile.Source{Journal: g.Journal, Seal: g.Seal, SealKey: g.SealKey, Requirements: g.Packs.Requirements("zta"),
		Objects: map[string][]verify.Object{}, Now: g.o.Now}
	var err error
	for _, k := range g.kinds() {
		if !exhibit.Shown(k.Name()) {
			continue
		}
		objects, err := exhibit.Objects(ctx, g.DB, k)
		if err != nil {
			return src, err
		}
		if len(objects) > 0 {
			src.Objects[k.Name()] = objects
		}
	}
	if src.Passkeys, err = exhibit.Passkeys(ctx, g.DB); err != nil {
		return src, err
	}
	permits, err := g.Approve.Permits.All(ctx, g.DB, store.Query{})
	if err != nil {
		return src, err
	}
	for _, o := range permits {
		src.Permits = append(src.Permits, permit.Entry{V: 1, Permit: o.Doc.Permit, Key: o.Doc.Key, Signature: o.Doc.Signature})
	}
	return src, nil
}

// measured is the last result of the checks, the size of the journal it was
// computed at, and when and how long that took.
type measured struct {
	mu   sync.Mutex
	size uint64
	at   time.Time
	took time.Duration
	all  []verify.Requirement
}

// Bounds of how old a measurement may be while the journal grows.
const (
	freshFor = time.Minute
	restFor  = 100 // times as long as it took
	growFor  = 20  // the same, when much has happened since
)

// Measure computes the checks of the ZTA requirements over the whole journal.
// The result is kept until the journal has grown by a hundredth, and at least
// twenty times as long as measuring took; or, when it has grown less, for a
// minute, and at least a hundred times as long: so pages do not read a year's
// journal at every look, reading takes at most a twentieth of a processor, and
// what fell due in a quiet night is seen in the morning. Through in each result
// says how far it saw. The result is shared and must not be changed.
func (g *Org) Measure(ctx context.Context) ([]verify.Requirement, error) {
	m := &g.measured
	m.mu.Lock()
	defer m.mu.Unlock()
	size, now := g.Journal.Size(), g.o.Now().UTC()
	age := now.Sub(m.at)
	switch {
	case m.all == nil, size < m.size, age < 0:
	case size-m.size > m.size/100 && age >= growFor*m.took:
	case size > m.size && age >= max(freshFor, restFor*m.took):
	default:
		return m.all, nil
	}
	// What happens at this very instant counts.
	all, err := casefile.Measure(ctx, g.Journal, g.Packs.Requirements("zta"), casefile.Period{To: now.Add(1)}, size)
	if err != nil {
		return nil, err
	}
	m.size, m.at, m.took, m.all = size, now, g.o.Now().UTC().Sub(now), all
	return all, nil
}
