package org

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/gateway"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// facts is what the runtime needs to know about systems and models without
// asking the database on every decision. Commits keep it true.
type facts struct {
	salt []byte

	// learning is held from the reading of an object to its place below, so that
	// of two commits that are heard at once the older does not have the last word.
	learning sync.Mutex

	mu       sync.RWMutex
	systems  map[string]map[string]any // trusted attributes of a system
	zones    map[string]string         // system → plant zone of its model
	routes   map[string]gateway.Route  // model object → route
	baseline map[string]string         // system → what the monitor compares with
}

func newFacts() *facts {
	return &facts{systems: map[string]map[string]any{}, zones: map[string]string{}, routes: map[string]gateway.Route{}, baseline: map[string]string{}}
}

func (f *facts) get(system string) (map[string]any, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	a, ok := f.systems[system]
	return a, ok
}

// systemOf is the system that a model's name belongs to.
func (f *facts) systemOf(model string) (string, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, r := range f.routes {
		if r.Model == model {
			return r.System, true
		}
	}
	return "", false
}

func (f *facts) zone(system string) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.zones[system]
}

// committed is the binding of the two planes: after every commit, and before
// its writer is answered, the runtime learns what changed and permits are
// compiled again. What is committed is learnt even if its writer hung up.
func (g *Org) committed(ctx context.Context, changes []store.Change) {
	ctx = store.WithActor(context.WithoutCancel(ctx), approve.House)
	if err := g.learn(ctx, changes); err != nil {
		g.o.Log.Error("the runtime did not learn a change", "org", g.Slug, "err", err)
	}
	g.Approve.OnCommit(ctx, changes, func(err error) {
		g.o.Log.Error("a permit could not be compiled; it is off", "err", err)
	})
	if touchesLibrary(changes) {
		g.loadLibrary(ctx)
	}
	g.Duty.OnCommit(ctx, changes, func(err error) {
		g.o.Log.Error("a list of duties was not drawn up anew", "org", g.Slug, "err", err)
	})
	g.Rooms.OnCommit(ctx, changes, func(err error) {
		g.o.Log.Error("a room did not take in a change", "org", g.Slug, "err", err)
	})
	if err := g.handOver(ctx, changes); err != nil {
		g.o.Log.Error("what somebody who left was responsible for was not handed over", "org", g.Slug, "err", err)
	}
}

// handOver makes tasks of what people who are not active any more are named for
// (requirement 001-51).
func (g *Org) handOver(ctx context.Context, changes []store.Change) error {
	var failures []error
	for _, c := range changes {
		if c.Kind != identity.KindPerson || c.Op != store.Updated {
			continue
		}
		o, err := identity.Persons().Get(ctx, g.DB, c.ID)
		if err == nil && !o.Doc.Active {
			err = g.Profile.Left(ctx, c.ID)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// learn takes what changed into memory and decides live accesses anew. What
// could not be learnt is not proven any more.
func (g *Org) learn(ctx context.Context, changes []store.Change) error {
	var failures []error
	for _, c := range changes {
		var err error
		switch c.Kind {
		case "system":
			if err = g.learnSystem(ctx, c.ID); err == nil && c.Op == store.Deleted {
				g.permitChanged(unregistered(c.ID, g.o.Now().UTC()))
			}
		case "model":
			err = g.learnModel(ctx, c.ID)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s %s: %w", c.Kind, c.ID, err))
		}
	}
	g.factsChanged(changes)
	return errors.Join(failures...)
}

// unregistered is the permit of a system that the register does not know any
// more: off, whatever it said before.
func unregistered(system string, at time.Time) permit.Permit {
	return permit.Permit{System: system, State: permit.Suspended, CompiledAt: at, Lapses: []permit.Lapse{{
		Code: "system.unregistered", Weight: 1000, Since: at, LiftBy: []string{"ai_officer"}, Clauses: []string{"zta.01", "iso42001.A.6.2.5"},
		Say: text.Bi{DE: "Das System steht nicht mehr im Register.", EN: "The system is no longer in the register."},
	}}}
}

// loadFacts learns every system and model at the start. A model that cannot be
// served has no route; it does not keep the organisation from opening.
func (g *Org) loadFacts(ctx context.Context) error {
	systems, err := allIDs(ctx, g.DB, g.Inventory.Systems)
	if err != nil {
		return err
	}
	for _, id := range systems {
		if err := g.learnSystem(ctx, id); err != nil {
			return err
		}
	}
	models, err := allIDs(ctx, g.DB, g.Inventory.Models)
	if err != nil {
		return err
	}
	for _, id := range models {
		if err := g.learnModel(ctx, id); err != nil {
			g.o.Log.Error("a model is not served", "org", g.Slug, "model", id, "err", err)
		}
	}
	return nil
}

func allIDs[T any](ctx context.Context, db *store.DB, k *store.Kind[T]) ([]string, error) {
	all, err := k.All(ctx, db, store.Query{})
	ids := make([]string, 0, len(all))
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids, err
}

func (g *Org) learnSystem(ctx context.Context, id string) error {
	g.facts.learning.Lock()
	defer g.facts.learning.Unlock()
	o, err := g.Inventory.Systems.Get(ctx, g.DB, id)
	g.facts.mu.Lock()
	defer g.facts.mu.Unlock()
	if problem.Is(err, problem.NotFound) {
		delete(g.facts.systems, id)
		return nil
	}
	if err != nil {
		delete(g.facts.systems, id) // what cannot be read is not proven
		return err
	}
	a := map[string]any{"registered_by": decide.Ref{Type: "person", ID: o.CreatedBy}}
	if o.Doc.RiskOwner != "" {
		a["owner"] = decide.Ref{Type: "person", ID: o.Doc.RiskOwner}
	}
	g.facts.systems[id] = a
	return nil
}

// learnModel teaches the gateway how to read a model and the monitor what to
// compare with. A model that the gateway cannot read or whose data the monitor
// cannot use is not served, the old way neither: what people see in the
// register and what runs must not differ.
func (g *Org) learnModel(ctx context.Context, id string) error {
	g.facts.learning.Lock()
	defer g.facts.learning.Unlock()
	o, err := g.Inventory.Models.Get(ctx, g.DB, id)
	g.facts.mu.Lock()
	defer g.facts.mu.Unlock()
	delete(g.facts.routes, id)
	if err == nil && len(o.Doc.Reading.Inputs) > 0 {
		if err = g.learnBaseline(o.Doc); err == nil {
			g.facts.routes[id] = routeOf(o.Doc)
			g.facts.zones[o.Doc.System] = o.Doc.Reading.Zone
			if err = g.setRoutes(); err == nil {
				return nil
			}
			delete(g.facts.routes, id)
		}
	}
	if problem.Is(err, problem.NotFound) {
		err = nil
	}
	return errors.Join(err, g.setRoutes())
}

// setRoutes gives the gateway every route that is known. The caller holds the
// lock.
func (g *Org) setRoutes() error {
	return g.Gateway.SetRoutes(slices.Collect(maps.Values(g.facts.routes)))
}

// learnBaseline gives the monitor the reference of a system, unless it has it
// already: a new reference empties the window.
func (g *Org) learnBaseline(m inventory.Model) error {
	b := m.Baseline
	if len(b.Columns) == 0 {
		return nil
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s %x", m.Hash, sha256.Sum256(raw))
	if g.facts.baseline[m.System] == key {
		return nil
	}
	ref := monitor.Reference{ID: b.ID, Context: b.Context, Window: b.Window, Autocorrelated: b.Autocorrelated}
	rows := 0
	for _, c := range b.Columns {
		ref.Features = append(ref.Features, c.Feature)
		if c.Category {
			ref.Categories = append(ref.Categories, c.Feature)
		}
		rows = max(rows, len(c.Values))
	}
	ref.Rows = make([][]float64, rows)
	for i := range ref.Rows {
		row := make([]float64, len(b.Columns))
		for k, c := range b.Columns {
			row[k] = math.NaN()
			if i < len(c.Values) {
				row[k] = c.Values[i]
			}
		}
		ref.Rows[i] = row
	}
	if err := g.Monitor.SetReference(m.System, ref); err != nil {
		return err
	}
	g.facts.baseline[m.System] = key
	return nil
}

func routeOf(m inventory.Model) gateway.Route {
	r := gateway.Route{System: m.System, Model: m.Name, Confidence: m.Reading.Confidence, Explanation: m.Reading.Explanation,
		Zone: m.Reading.Zone, StandIns: m.Reading.StandIns, MaxRows: m.Reading.MaxRows}
	for _, t := range m.Reading.Inputs {
		r.Inputs = append(r.Inputs, gateway.Tensor{Name: t.Name, Datatype: t.Datatype, Shape: t.Shape, Nullable: t.Nullable})
	}
	for _, f := range m.Reading.Features {
		r.Features = append(r.Features, gateway.Feature{Name: f.Name, Input: f.Input, Column: f.Column, Unit: f.Unit, Label: f.Label, Values: f.Values})
	}
	for _, e := range m.Reading.Explained {
		r.Explained = append(r.Explained, gateway.Feature{Name: e.Name, Unit: e.Unit, Label: e.Label})
	}
	return r
}

// mayStop is oversee's question who may press the stop button, and who may lift
// the stop: the table of roles says so.
func mayStop(_ context.Context, p oversee.Principal, _ string, lift bool) (string, bool) {
	action := roles.Stop
	if lift {
		action = roles.Lift
	}
	for _, r := range p.Roles {
		if roles.Allowed([]string{r}, action, "system") {
			return r, true
		}
	}
	return "", false
}

// onStop tells governance, so that the permit falls or is compiled again.
func (g *Org) onStop(ctx context.Context, system string, stopped bool, by oversee.Principal) error {
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Kind: approve.House.Kind, Roles: by.Roles})
	return g.Inventory.SetStop(ctx, system, stopped, "")
}
