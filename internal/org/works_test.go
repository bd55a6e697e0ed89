package org_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time      { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// works is an organisation whose mill runs: people, an approved system, a real
// model server, a control that asks it.
type works struct {
	t          testing.TB
	dir        string
	database   string // PostgreSQL instead of dir
	lib        *packs.Library
	clock      *clock
	g          *org.Org
	people     map[string]store.Actor // by role
	mill       string                 // system
	token      string                 // of the control
	model      *httptest.Server
	mu         sync.Mutex
	confidence string // what the model says
	log        *slog.Logger
}

const password = "drei-blaue-Schraubstoecke"

func (w *works) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// open opens the folder; the organisation closes with the test.
func (w *works) open(dir, slug string) *org.Org {
	w.t.Helper()
	g := w.opened(dir, slug)
	w.t.Cleanup(func() {
		if err := g.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return g
}

// opened opens like open; whoever calls it closes.
func (w *works) opened(dir, slug string) *org.Org {
	w.t.Helper()
	g, err := org.Open(context.Background(), w.options(dir, slug))
	w.must(err)
	return g
}

func (w *works) options(dir, slug string) org.Options {
	return org.Options{Dir: dir, Database: w.database, Slug: slug, Name: "Werk " + slug, Library: w.lib, Now: w.clock.now, Log: w.log,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}}
}

// as is the context of the person of a role; "" is the house.
func (w *works) as(role string) context.Context {
	if role == "" {
		return store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
	}
	return store.WithActor(context.Background(), w.people[role])
}

func newWorks(t testing.TB, slug string) *works {
	t.Helper()
	return newWorksIn(t, t.TempDir(), slug)
}

func newWorksIn(t testing.TB, dir, slug string) *works {
	t.Helper()
	return newWorksOn(t, dir, "", slug)
}

func newWorksOn(t testing.TB, dir, database, slug string) *works {
	t.Helper()
	w := &works{t: t, dir: dir, database: database, lib: library(t), clock: &clock{t: time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)},
		people: map[string]store.Actor{}, confidence: "0.97", log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	w.model = httptest.NewServer(http.HandlerFunc(w.answer))
	t.Cleanup(w.model.Close)
	w.g = w.open(w.dir, slug)
	for _, r := range roles.All() {
		o, err := w.g.Identity.AddPerson(w.as(""), identity.Person{SignIn: string(r.Role), Name: r.Title.DE, Roles: []roles.Role{r.Role}, Active: true}, password, false)
		w.must(err)
		w.people[string(r.Role)] = store.Actor{ID: o.ID, Kind: identity.KindPerson, Roles: []string{string(r.Role)}}
	}
	w.mill = w.register("Fräse", "wear")
	w.approve(w.mill)
	w.control()
	return w
}

// answer is the model server.
func (w *works) answer(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := strings.Split(r.URL.Path, "/")[3]
	rw.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(rw, `{"model_name":%q,"model_version":"1","outputs":[{"name":"failure","datatype":"INT64","shape":[1],"data":[0]},`+ // a caller who left is no failure
		`{"name":"confidence","datatype":"FP64","shape":[1],"data":[%s]}]}`, name, w.confidence)
}

func (w *works) says(confidence string) { w.mu.Lock(); defer w.mu.Unlock(); w.confidence = confidence }

func create[T any](w *works, role string, k *store.Kind[T], doc T) store.Object[T] {
	w.t.Helper()
	o, err := tryCreate(w, role, k, doc)
	w.must(err)
	return o
}

func tryCreate[T any](w *works, role string, k *store.Kind[T], doc T) (o store.Object[T], err error) {
	ctx := inventory.TakeOver(w.as(role))
	err = w.g.DB.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = k.Create(ctx, tx, doc)
		return err
	})
	return o, err
}

// change changes an object as the AI officer.
func change[T any](w *works, k *store.Kind[T], id string, f func(*T)) {
	w.t.Helper()
	ctx := w.as("ai_officer")
	w.must(w.g.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := k.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		f(&o.Doc)
		_, err = k.Update(ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
}

func bi(de, en string) text.Bi { return text.Bi{DE: de, EN: en} }

func modelOf(system, name, endpoint string) inventory.Model {
	return inventory.Model{System: system, Name: name, Version: "1", Endpoint: endpoint,
		Card: inventory.Card{Purpose: bi("Verschleiß", "wear"), Data: bi("eigene", "own"), Limits: bi("nur hier", "here only"), Metrics: []inventory.Metric{{Name: "AUC", Value: 0.9}}},
		Reading: inventory.Reading{Inputs: []inventory.Tensor{{Name: "torque", Datatype: "FP64", Shape: []int64{-1}}}, Features: []inventory.Feature{{Name: "torque"}},
			StandIns: []string{"safety"}}}
}

// register puts a system with a model into the register, identified and
// classified.
func (w *works) register(name, model string) string {
	w.t.Helper()
	s := create(w, "ai_officer", w.g.Inventory.Systems, inventory.System{Name: name, Purpose: bi("Wartung planen", "plan maintenance"),
		Use: bi("Vorschlag", "proposal"), Origin: "procured", Scope: []inventory.Scope{"production"}, RoleOfAI: "service", RiskOwner: w.people["shift_lead"].ID,
		LifeCycle: inventory.Operation, Zones: []string{"halle"}, ReviewBy: w.clock.now().AddDate(0, 0, 30),
		Oversee: inventory.Oversee{Mode: "on_the_loop", Decider: bi("Schichtleitung", "shift lead"), DeciderRole: "shift_lead", OnHold: "hold"}})
	create(w, "ai_officer", w.g.Inventory.Models, modelOf(s.ID, model, w.model.URL))
	_, err := w.g.Assess.Put(w.as("ai_officer"), s.ID, assess.Identification, 0, governtest.Clear())
	w.must(err)
	_, err = w.g.Classify.Put(w.as("ai_officer"), s.ID, 0, classify.Input{Verdict: "ai_system", Answers: governtest.Minimal()})
	w.must(err)
	return s.ID
}

// approve signs a system's dossier in both roles that it needs.
func (w *works) approve(system string) {
	w.t.Helper()
	for _, role := range []string{"director", "safety"} {
		d, err := w.g.Approve.Read(w.as(role), w.g.DB, system)
		w.must(err)
		hash, err := d.Hash()
		w.must(err)
		if _, err = w.g.Approve.Give(w.as(role), system, role, hash, "", "password"); !problem.Is(err, problem.Conflict) { // signed already
			w.must(err)
		}
	}
	if p, ok := w.g.Point.Permit(system); !ok || p.State != "valid" {
		w.t.Fatalf("the permit is %q: %v", p.State, p.Lapses)
	}
}

// control registers the control of the mill and gives it its token.
func (w *works) control() {
	w.t.Helper()
	dev := create(w, "admin", identity.Devices(), identity.Device{Name: "Leitrechner", Zone: "halle",
		Posture: identity.Posture{State: identity.PostureOK, CheckedAt: w.clock.now(), Managed: true}})
	wkl := create(w, "admin", identity.Workloads(), identity.Workload{Name: "Steuerung", Zone: "halle", Device: dev.ID, Systems: []string{w.mill}, Active: true})
	var err error
	w.token, _, err = w.g.Identity.CreateToken(w.as("admin"), identity.Token{Name: "Steuerung", Workload: wkl.ID, Scopes: []string{identity.ScopeInfer + w.mill}})
	w.must(err)
}

// answered is what the control got.
type answered struct {
	status  int
	outcome string
	code    string // first reason of a denial
	review  string // case
	index   string
	body    string
}

func (w *works) ask() answered { return w.askOf(w.g, "wear", w.token) }

// askOf asks a model of an organisation over its gateway.
func (w *works) askOf(g *org.Org, model, token string) answered {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v2/models/"+model+"/infer", strings.NewReader(`{"inputs":[{"name":"torque","datatype":"FP64","shape":[1],"data":[41.5]}]}`))
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	g.Gateway.ServeHTTP(rec, r)
	a := answered{status: rec.Code, index: rec.Header().Get("Augenmass-Index"), body: rec.Body.String()}
	var body struct {
		Outcome    string `json:"outcome"`
		Case       string `json:"case"`
		Parameters struct {
			Outcome string `json:"augenmass_outcome"`
		} `json:"parameters"`
		Reasons []struct{ Code string }
	}
	w.must(json.Unmarshal(rec.Body.Bytes(), &body))
	a.outcome, a.review = body.Outcome+body.Parameters.Outcome, body.Case
	if len(body.Reasons) > 0 {
		a.code = body.Reasons[0].Code
	}
	return a
}

func (w *works) principal(role string) oversee.Principal {
	return oversee.Principal{ID: w.people[role].ID, Roles: w.people[role].Roles}
}

// settle brings journal and read models up to date.
func (w *works) settle() {
	w.t.Helper()
	ctx := context.Background()
	w.must(w.g.DB.Flush(ctx, w.g.Journal))
	w.must(w.g.DB.CatchUp(ctx, w.g.Journal, w.g.Trail.Projection()))
	w.must(w.g.DB.CatchUp(ctx, w.g.Journal, w.g.Oversee.Projection()))
}

// types are the journal's entries of a type.
func entriesOf(t testing.TB, g *org.Org, typ string) (out []ledger.Event) {
	t.Helper()
	for r, err := range g.Journal.Entries(context.Background(), 0, g.Journal.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := ledger.Decode(r.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == typ {
			out = append(out, e)
		}
	}
	return out
}

// image copies the open folder as it lies on the disk: what a machine finds
// that lost its power. Nothing is closed; only what is under way is let through
// first, because copying takes longer than an instant.
func (w *works) image() string {
	w.t.Helper()
	w.settle()
	to := filepath.Join(w.t.TempDir(), "image")
	w.must(os.CopyFS(to, os.DirFS(w.dir)))
	return to
}
