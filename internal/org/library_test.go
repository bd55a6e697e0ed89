package org_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/ownpack"
	"augenmass/internal/record/store"
)

// ownLaw is a law that only this organisation has to keep.
const ownLaw = `id: own-seilbahn
kind: law
version: 1.0.0
as_of: 2026-11-01
title: {de: Seilbahnordnung, en: Cableway order}
cite:
  own-sbo: {de: SBO, en: SBO}
groups:
  - id: duties
    title: {de: Pflichten, en: Duties}
    items:
      - id: own-sbo.1
        ref: § 1
        title: {de: Der Betreiber meldet jedes KI-System der Aufsicht., en: The operator reports every AI system to the authority.}
        from: 2026-12-01
        duty: [deployer]
        risk: all
        sectors: [cableway]
`

// keep imports a pack as the AI officer does.
func (w *works) keep(g *org.Org, name, data string) store.Object[catalogue.OwnPack] {
	w.t.Helper()
	d, err := ownpack.Read(name, []byte(data))
	w.must(err)
	o, err := g.Catalogue.Add(w.as("ai_officer"), d)
	w.must(err)
	return o
}

// An obligation pack that is added as data shows up in the duties, at once and
// without another program, and is still there after a start (000-16).
func TestAnOwnLawShowsUpInTheDuties(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "werk")
	bound := func(g *org.Org, sector string, day time.Time) bool {
		s := duty.Subject{System: w.mill, Role: "deployer", Class: "limited", Sectors: []string{sector}}
		return slices.ContainsFunc(duty.On(g.Library(), s, day), func(d duty.Duty) bool {
			return d.Clause.ID == "own-sbo.1" && d.State == duty.Running
		})
	}
	december := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	if bound(w.g, "cableway", december) {
		t.Fatal("it binds before anybody imported it")
	}
	o := w.keep(w.g, "seilbahn.yaml", ownLaw)
	if !bound(w.g, "cableway", december) {
		t.Error("it does not bind in its sector")
	}
	if bound(w.g, "food", december) || bound(w.g, "cableway", december.AddDate(0, -1, 0)) {
		t.Error("it binds in another sector or before its day")
	}
	if _, ok := w.g.Packs.Clause("own-sbo.1"); ok {
		t.Error("the shipped library was changed")
	}
	w.must(w.g.Close())
	g := w.open(w.dir, "werk")
	if !bound(g, "cableway", december) || g.LibraryTrouble() != nil {
		t.Errorf("after a start it is gone: %v", g.LibraryTrouble())
	}
	w.must(g.Catalogue.End(w.as("ai_officer"), o.ID, o.Revision))
	if bound(g, "cableway", december) {
		t.Error("it binds after its end")
	}
}

// A pack on which a statement of the organisation rests cannot be ended, and the
// answer names what rests on it (001-05).
func TestAPackInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "werk")
	o := w.keep(w.g, "seilbahn.yaml", ownLaw)
	create(w, "ai_officer", w.g.Controls.Evidences, control.Evidence{Name: "Meldung an die Aufsicht", Type: "document", Link: "Ordner 7",
		Date: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Clauses: []string{"own-sbo.1"}})
	err := w.g.Catalogue.End(w.as("ai_officer"), o.ID, o.Revision)
	if !problem.Is(err, problem.Conflict) || !strings.Contains(problem.From(err).Hint.DE, "Meldung an die Aufsicht") {
		t.Errorf("%v", err)
	}
}

// Only those whom the table of roles names bring packs in.
func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	w := newWorks(t, "werk")
	d, err := ownpack.Read("seilbahn.yaml", []byte(ownLaw))
	w.must(err)
	for _, role := range []string{"director", "safety", "shift_lead", "council", "auditor", "admin", "worker"} {
		if _, err := w.g.Catalogue.Add(w.as(role), d); !problem.Is(err, problem.Denied) {
			t.Errorf("%s: %v", role, err)
		}
	}
	if all, err := w.g.Catalogue.List(w.as("auditor"), w.g.DB); err != nil || len(all) != 0 {
		t.Errorf("something was kept: %v %v", all, err)
	}
}

// What one node imports, the others have in their library.
func TestAnOwnPackReachesOtherNodes(t *testing.T) {
	t.Parallel()
	w, slug := newNodes(t)
	b := w.open(w.dir, slug)
	o := w.keep(w.g, "seilbahn.yaml", ownLaw)
	there := func() bool { _, ok := b.Library().Clause("own-sbo.1"); return ok }
	eventually(t, "the import", there)
	w.must(w.g.Catalogue.End(w.as("ai_officer"), o.ID, o.Revision))
	eventually(t, "its end", func() bool { return !there() })
}
