package org_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// modelNamed finds a model of the register.
func (w *works) modelNamed(name string) store.Object[inventory.Model] {
	w.t.Helper()
	o, err := w.g.Inventory.ModelByName(w.as(""), w.g.DB, name)
	w.must(err)
	return o
}

// The runtime follows the register before the writer is answered: an approval
// withdrawn, a model changed, one taken away.
func TestTheRuntimeFollowsTheRegister(t *testing.T) {
	w := newWorks(t, "werk")
	if a := w.ask(); a.outcome != "released" {
		t.Fatalf("%+v", a)
	}
	d, err := w.g.Approve.Read(w.as(""), w.g.DB, w.mill)
	w.must(err)
	_, err = w.g.Approve.Withdraw(w.as(d.Approvals[0].Doc.Role), d.Approvals[0].ID, d.Approvals[0].Revision, "Ein Lager klingt anders.")
	w.must(err)
	if a := w.ask(); a.status != 403 || a.code != permit.LapseWithdrawn {
		t.Errorf("after an approval was withdrawn: %+v", a)
	}
	w.clock.add(time.Second)
	w.approve(w.mill)
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("given again: %+v", a)
	}
	// Another address is no other model; other bytes are.
	change(w, w.g.Inventory.Models, w.modelNamed("wear").ID, func(m *inventory.Model) { m.Endpoint = w.model.URL + "/" })
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("at another address: %+v", a)
	}
	change(w, w.g.Inventory.Models, w.modelNamed("wear").ID, func(m *inventory.Model) { m.Hash = "sha256:" + strings.Repeat("0a", 32) })
	if a := w.ask(); a.status != 403 || a.code != permit.LapseStale {
		t.Errorf("with other bytes: %+v", a)
	}
	ctx := w.as("ai_officer")
	m := w.modelNamed("wear")
	w.must(w.g.DB.Write(ctx, func(tx *store.Tx) error { return w.g.Inventory.Models.Delete(ctx, tx, m.ID, m.Revision) }))
	if a := w.ask(); a.status != 404 || a.code != entry.ModelUnknown {
		t.Errorf("without the model: %+v", a)
	}
}

// Whoever may ask one system may not ask another, and nobody asks a model that
// the register calls otherwise.
func TestATokenNamesItsSystems(t *testing.T) {
	w := newWorks(t, "werk")
	other := w.register("Presse", "press")
	w.approve(other)
	if a := w.askOf(w.g, "press", w.token); a.status != 403 || a.code != "caller.scope" {
		t.Errorf("another system: %+v", a)
	}
	if a := w.askOf(w.g, "wear", ""); a.status != 401 {
		t.Errorf("without a token: %+v", a)
	}
	secret, _, err := w.g.Identity.CreateToken(w.as("admin"), identity.Token{Name: "Lesen", Person: w.people["director"].ID, Scopes: []string{identity.ScopeRead}})
	w.must(err)
	if a := w.askOf(w.g, "wear", secret); a.status != 403 || a.code != "caller.kind" {
		t.Errorf("a person: %+v", a)
	}
}

// oldModel is a model as a program wrote it that checked less.
type oldModel inventory.Model

// One model that cannot be served keeps neither the organisation from opening
// nor the others from running, and heals when it is put right.
func TestOneBadModelHurtsOnlyItself(t *testing.T) {
	w := newWorks(t, "werk")
	w.settle()
	w.must(w.g.Close())
	bad := oldModel(modelOf(w.mill, "bad", w.model.URL))
	bad.Reading.Features[0].Input = "nowhere"
	olds := store.NewKind[oldModel]("model", "mdl")
	kinds := append(identity.Kinds(), inventory.Vendors(), inventory.Systems(), olds)
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(w.dir, "org.db"), Kinds: kinds, Access: store.AllowAll, Source: "/werk/store"})
	w.must(err)
	var id string
	err = db.Write(w.as(""), func(tx *store.Tx) error {
		o, err := olds.Create(w.as(""), tx, bad)
		id = o.ID
		return err
	})
	w.must(errors.Join(err, db.Close()))

	w.g = w.open(w.dir, "werk")
	w.approve(w.mill) // another model is another dossier
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("the sound model: %+v", a)
	}
	if a := w.askOf(w.g, "bad", w.token); a.status != 404 {
		t.Errorf("the bad model: %+v", a)
	}
	change(w, w.g.Inventory.Models, id, func(m *inventory.Model) { m.Reading.Features[0].Input = "" })
	w.approve(w.mill)
	if a := w.askOf(w.g, "bad", w.token); a.outcome != "released" {
		t.Errorf("put right: %+v", a)
	}
}

// A permit that cannot be compiled is off, and comes back by itself when it can
// be compiled again.
func TestAPermitThatCannotBeCompiledIsOff(t *testing.T) {
	w := newWorks(t, "werk")
	w.g.StopLoops()
	w.must(w.g.DB.Close())
	if err := w.g.Approve.Recompile(w.as(""), w.mill); err == nil {
		t.Fatal("compiled from a closed database")
	}
	if p, _ := w.g.Point.Permit(w.mill); p.State != permit.Suspended || p.Lapses[0].Code != "permit.unreadable" {
		t.Errorf("%+v", p)
	}
	if a := w.ask(); a.status < 400 {
		t.Errorf("and yet: %+v", a)
	}
}

// The roles that the register lets decide are roles of the house, and every
// role that decides cases may be named.
func TestDecidersAreRolesOfTheHouse(t *testing.T) {
	var names []string
	for _, r := range roles.All() {
		names = append(names, string(r.Role))
		if roles.Allowed([]string{string(r.Role)}, roles.Decide, "case") && !slices.Contains(inventory.Deciders, string(r.Role)) {
			t.Errorf("%s decides cases and cannot be named", r.Role)
		}
	}
	for _, d := range inventory.Deciders {
		if !slices.Contains(names, d) {
			t.Errorf("%s is no role", d)
		}
	}
}

// A baseline that was corrected counts from now on; the same one again leaves
// the window alone.
func TestTheBaselineIsLearntOnce(t *testing.T) {
	w := newWorks(t, "werk")
	column := func(v float64) inventory.Baseline {
		c := inventory.Column{Feature: "torque"}
		for n := range 100 {
			c.Values = append(c.Values, v+float64(n%10))
		}
		return inventory.Baseline{ID: "b", Columns: []inventory.Column{c}, Window: 50}
	}
	set := func(b inventory.Baseline) {
		t.Helper()
		change(w, w.g.Inventory.Models, w.modelNamed("wear").ID, func(m *inventory.Model) { m.Baseline = b })
		w.approve(w.mill)
	}
	set(column(40))
	for range 60 {
		w.ask()
	}
	if s := w.g.Monitor.State(w.mill); !s.DriftReady {
		t.Fatalf("%+v", s)
	}
	change(w, w.g.Inventory.Models, w.modelNamed("wear").ID, func(m *inventory.Model) { m.Endpoint += "/" })
	if s := w.g.Monitor.State(w.mill); !s.DriftReady {
		t.Error("another address emptied the window")
	}
	set(column(1000)) // under the same name
	if s := w.g.Monitor.State(w.mill); s.DriftReady {
		t.Error("the window compares with a baseline that was replaced")
	}
}
