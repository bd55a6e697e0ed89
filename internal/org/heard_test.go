package org_test

import (
	"context"
	"testing"

	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// A browser that hangs up right after its change is stored takes nothing from
// the runtime.
func TestAWriterThatHangsUpIsHeard(t *testing.T) {
	w := newWorks(t, "werk")
	models, err := w.g.Inventory.Models.List(w.as(""), w.g.DB, store.Query{})
	w.must(err)
	changes := []store.Change{{Kind: "system", ID: w.mill, Op: store.Updated}}
	for _, m := range models.Items {
		changes = append(changes, store.Change{Kind: "model", ID: m.ID, Op: store.Updated})
	}
	gone, cancel := context.WithCancel(w.as("ai_officer"))
	cancel()
	w.g.Committed(gone, changes)
	if a := w.ask(); len(models.Items) == 0 || a.outcome != "released" {
		t.Errorf("%d models, %+v", len(models.Items), a)
	}
}

// A system that could not be read for a moment is still in the register, and
// its permit comes back.
func TestAMisreadSystemIsNotUnregistered(t *testing.T) {
	w := newWorks(t, "werk")
	w.g.StopLoops()
	w.must(w.g.Misread(w.as(""), w.mill))
	if p, _ := w.g.Point.Permit(w.mill); p.State != permit.Valid {
		t.Errorf("%s: %+v", p.State, p.Lapses)
	}
}
