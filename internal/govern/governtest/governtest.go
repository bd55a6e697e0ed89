// Package governtest gives tests of the governance rooms what they stand on: a
// real database and a real journal in a temporary folder, the content packs, a
// clock that tests set, people, and a system with everything a valid permit
// needs. Nothing of it is linked into the program.
package governtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

// Start is the instant at which every test begins.
var Start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// Person stands for the persons of identity, which lives in another wing.
type Person struct {
	Name string `json:"name" store:"required"`
}

// Title names the person.
func (p *Person) Title() string { return p.Name }

// Signer signs by leaving the message in the signature; Broken makes it fail.
type Signer struct{ Broken bool }

// Name implements approve.Signer.
func (s *Signer) Name() string { return "test" }

// Sign implements approve.Signer.
func (s *Signer) Sign(msg []byte) ([]byte, error) {
	if s.Broken {
		return nil, errors.New("the key file is gone")
	}
	return append([]byte("signed:"), msg...), nil
}

// House is one organisation's governance rooms.
type House struct {
	T          testing.TB
	DB         *store.DB
	Journal    ledger.Book
	Inventory  *inventory.Room
	Assess     *assess.Room
	Classify   *classify.Room
	Approve    *approve.Room
	Duty       *duty.Room
	Brings     *packs.Library // what the program brings to the law clock; tests replace it
	Rests      []duty.Rest    // what other rooms rest on items of packs
	Agreements *store.Kind[voice.Agreement]
	Persons    *store.Kind[Person]
	UseCases   *store.Kind[value.UseCase] // of With; nil without
	Signer     *Signer
	People     map[string]store.Actor // by role
	systems    int

	mu     sync.Mutex
	now    time.Time
	told   map[string]permit.Permit // what the runtime was told last
	failed []error
}

var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// Library is the shipped packs, read once for all tests of a package.
func Library(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// Roles are the people of a house, one a role.
var Roles = []string{"ai_officer", "director", "safety", "shift_lead", "council"}

// With adds further rooms to a house.
type With struct {
	Kinds    []store.AnyKind
	Sources  []stand.Source
	Holding  approve.Holding
	UseCases *store.Kind[value.UseCase] // registered when given
}

func (w With) kinds() []store.AnyKind {
	if w.UseCases == nil {
		return w.Kinds
	}
	return append(slices.Clone(w.Kinds), w.UseCases)
}

// Open opens the rooms of one organisation.
func Open(t testing.TB) *House {
	t.Helper()
	return OpenWith(t, With{})
}

// OpenWith opens the rooms of one organisation and further ones.
func OpenWith(t testing.TB, with With) *House {
	t.Helper()
	h := &House{T: t, now: Start, Signer: &Signer{}, People: map[string]store.Actor{}, told: map[string]permit.Permit{}}
	lib, err := library()
	h.Must(err)
	h.Brings = lib
	h.Inventory = inventory.New(h.Now)
	h.Assess = assess.New(lib, h.Now)
	h.Classify = classify.New(lib, h.Now)
	rests := []duty.Resting{func(context.Context, store.Reader) ([]duty.Rest, error) { return h.Rests, nil }}
	h.Duty = duty.New(func() *packs.Library { return h.Brings }, h.Inventory, h.Classify, h.Now, duty.Sources{Resting: rests, Ending: rests})
	h.Agreements = voice.Agreements()
	h.Persons = store.NewKind[Person]("person", "usr")
	h.UseCases = with.UseCases
	h.Approve = approve.New(h.Inventory, h.Classify, h.Assess, h.Agreements, approve.Options{Organisation: "Werk", Source: "/werk/approve",
		Now: h.Now, Rand: rand.Reader, Signer: h.Signer, Changed: h.changed,
		Sources: with.Sources, Holding: with.Holding, UseCases: with.UseCases})
	dir := t.TempDir()
	h.Journal, err = ledger.Open(ledger.Options{Dir: dir + "/journal", Origin: "augenmass/werk", KeyFile: dir + "/journal.key", Now: h.Now})
	h.Must(err)
	kinds := append([]store.AnyKind{h.Persons, h.Agreements}, h.Inventory.Kinds()...)
	kinds = append(append(append(kinds, h.Assess.Kinds()...), h.Classify.Kinds()...), h.Approve.Kinds()...)
	kinds = append(append(kinds, h.Duty.Kinds()...), with.kinds()...)
	h.DB, err = store.Open(context.Background(), store.Options{Path: dir + "/org.db", Kinds: kinds, Access: store.AllowAll,
		Source: "/werk/store", Now: h.Now, Rand: rand.Reader})
	h.Must(err)
	t.Cleanup(func() {
		if err := errors.Join(h.DB.Close(), h.Journal.Close()); err != nil {
			t.Error(err)
		}
	})
	h.Inventory.Open(h.DB)
	h.Assess.Open(h.DB)
	h.Classify.Open(h.DB)
	h.Approve.Open(h.DB)
	h.Duty.Open(h.DB)
	for _, role := range Roles {
		o := Create(h, "", h.Persons, Person{Name: role})
		h.People[role] = store.Actor{ID: o.ID, Kind: "person", Roles: []string{role}}
	}
	h.DB.OnCommit(func(ctx context.Context, changes []store.Change) {
		h.Approve.OnCommit(ctx, changes, func(err error) { h.failed = append(h.failed, err) })
		h.Duty.OnCommit(ctx, changes, func(err error) { h.failed = append(h.failed, err) })
	})
	return h
}

// Now is the clock.
func (h *House) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

// Add moves the clock forward.
func (h *House) Add(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

// Must ends the test with an error.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// As is a context in which the person of a role acts; "" is the house itself.
func (h *House) As(role string) context.Context {
	a := h.People[role]
	if role == "" {
		a = store.Actor{Kind: store.System}
	}
	return store.WithActor(context.Background(), a)
}

func (h *House) changed(p permit.Permit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told[p.System] = p
}

// Told is what the runtime was told last of a system.
func (h *House) Told(system string) permit.Permit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told[system]
}

// Failed are the permits that could not be compiled so far.
func (h *House) Failed() []error { return h.failed }

// Create stores an object as the person of a role.
func Create[T any](h *House, role string, k *store.Kind[T], doc T) store.Object[T] {
	h.T.Helper()
	var made store.Object[T]
	ctx := inventory.TakeOver(h.As(role))
	h.Must(h.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(ctx, tx, doc)
		return err
	}))
	return made
}

// Change changes an object as the AI officer.
func Change[T any](h *House, k *store.Kind[T], id string, change func(*T)) store.Object[T] {
	h.T.Helper()
	var saved store.Object[T]
	ctx := h.As("ai_officer")
	h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := k.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		change(&o.Doc)
		saved, err = k.Update(ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
	return saved
}

// Clear are answers of the identification that leave nothing open.
func Clear() []assess.Answer {
	var out []assess.Answer
	for _, a := range [][2]string{{"kid-b3", "yes"}, {"kid-b4", "yes"}, {"kid-c1", "yes"}, {"kid-d3", "yes"}, {"kid-e1", "no"}, {"kid-e2", "no"}} {
		out = append(out, assess.Answer{Item: a[0], Value: a[1]})
	}
	return out
}

// Minimal are answers of a bought system that touches no listed area.
func Minimal() []classify.Answer {
	var out []classify.Answer
	for _, a := range [][2]string{{"practices", classify.None}, {"areas", classify.None}, {"product", "none"}, {"outputs", classify.None},
		{"activities", "uses"}, {"consequence", "disturbance"}, {"reach", "plant"}, {"targeted", "no"}} {
		out = append(out, classify.Answer{Fact: a[0], Values: []string{a[1]}})
	}
	return out
}

// System registers a system on the shop floor with a model, identified and
// classified, but approved by nobody.
func (h *House) System(name string) store.Object[inventory.System] {
	h.T.Helper()
	h.systems++
	s := Create(h, "ai_officer", h.Inventory.Systems, inventory.System{
		Name: name, Purpose: bi("Wartung planen", "plan maintenance"), Excluded: []text.Bi{bi("Beurteilung von Personen", "rating people")},
		Use: bi("Die Schichtleitung sieht den Vorschlag.", "The shift lead sees the proposal."), DataSources: []string{"Steuerung"}, Technology: "Bäume",
		Origin: "procured", Scope: []inventory.Scope{"predictive_maintenance"}, RoleOfAI: "service", RiskOwner: h.People["shift_lead"].ID,
		LifeCycle: inventory.Operation, DataClasses: []string{"machine"}, Zones: []string{"fertigung"}, PlantStates: []string{"running"},
		Oversee: inventory.Oversee{Mode: "in_the_loop", Decider: bi("Schichtleitung", "shift lead"), DeciderRole: "shift_lead", OnHold: "hold",
			Fallback: bi("Von Hand", "By hand"), Limits: inventory.Limits{Confidence: 0.85, Drift: 0.10, TimeoutMS: 2000, ReviewMin: 60}},
		Retain: "commitment", ReviewBy: h.Now().AddDate(0, 6, 0), Code: fmt.Sprintf("abc%d", h.systems), Number: "",
	})
	Create(h, "ai_officer", h.Inventory.Models, inventory.Model{System: s.ID, Name: fmt.Sprintf("ausfall-%d", h.systems), Version: "1.0.0",
		Hash: "sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Endpoint: "http://127.0.0.1:9000",
		Card: inventory.Card{Purpose: bi("Ausfall", "failure"), Data: bi("Eigene", "own"), Limits: bi("Nur hier", "here only"), Confidence: bi("Platt", "Platt"),
			Metrics: []inventory.Metric{{Name: "AUC", Value: 0.97, On: "Testteil"}}},
		Reading: inventory.Reading{Inputs: []inventory.Tensor{{Name: "x", Datatype: "FP64", Shape: []int64{-1}}},
			Features:   []inventory.Feature{{Name: "x", Unit: "K", Label: bi("Temperatur", "temperature"), Values: []string{"a"}}},
			Confidence: "confidence", Explanation: "share", Zone: "fertigung", StandIns: []string{"safety"}, MaxRows: 10},
		Baseline: inventory.Baseline{ID: "b1", Columns: []inventory.Column{{Feature: "x", Values: make([]float64, 20)}}, Context: []string{"x"}, Window: 100}})
	_, err := h.Assess.Put(h.As("ai_officer"), s.ID, assess.Identification, 0, Clear())
	h.Must(err)
	_, err = h.Classify.Put(h.As("ai_officer"), s.ID, 0, classify.Input{Verdict: "ai_system", Answers: Minimal()})
	h.Must(err)
	return s
}

// Dossier reads the dossier of a system with its hash.
func (h *House) Dossier(system string) (approve.Dossier, string) {
	h.T.Helper()
	d, err := h.Approve.Read(h.As(""), h.DB, system)
	h.Must(err)
	hash, err := d.Hash()
	h.Must(err)
	return d, hash
}

// Give approves a system as the person of a role.
func (h *House) Give(system, role string) store.Object[approve.Approval] {
	h.T.Helper()
	return h.GiveIn(system, role, role)
}

// GiveIn approves a system as the person of a role, in another place.
func (h *House) GiveIn(system, role, place string) store.Object[approve.Approval] {
	h.T.Helper()
	_, hash := h.Dossier(system)
	a, err := h.Approve.Give(h.As(role), system, place, hash, "", "password")
	h.Must(err)
	return a
}

// Class is the id of a system's classification.
func (h *House) Class(system string) string {
	h.T.Helper()
	o, err := h.Classify.Of(h.As(""), h.DB, system)
	h.Must(err)
	return o.ID
}

// Permitted registers a system whose permit is valid.
func (h *House) Permitted(name string) store.Object[inventory.System] {
	h.T.Helper()
	s := h.System(name)
	h.Give(s.ID, "director")
	h.Give(s.ID, "safety")
	if p := h.Told(s.ID); p.State != permit.Valid {
		h.T.Fatalf("the permit is %q: %v", p.State, p.Lapses)
	}
	return s
}

// Entries are the journal entries of a type about a subject, oldest first.
func (h *House) Entries(typ, subject string) []json.RawMessage {
	h.T.Helper()
	ctx := context.Background()
	h.Must(h.DB.Flush(ctx, h.Journal))
	var out []json.RawMessage
	for r, err := range h.Journal.Entries(ctx, 0, h.Journal.Size()) {
		h.Must(err)
		e, err := ledger.Decode(r.Entry)
		h.Must(err)
		if e.Type == typ && e.Subject == subject {
			out = append(out, e.Data)
		}
	}
	return out
}

func bi(de, en string) text.Bi { return text.Bi{DE: de, EN: en} }
