// Package exchangetest gives tests of importers a register to import into: a real
// database in a temporary folder with systems, models, vendors, data sets and
// people. Nothing of it is linked into the program.
package exchangetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
)

// Start is the instant at which every test begins.
var Start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// House is one register.
type House struct {
	T         testing.TB
	DB        *store.DB
	Inventory *inventory.Room
	Data      *data.Room
	Ctx       context.Context // in which the AI officer acts
	Now       time.Time
}

// Open opens a register with the access rules of the house; more are further kinds.
func Open(t testing.TB, more ...store.AnyKind) *House {
	t.Helper()
	h := &House{T: t, Now: Start}
	now := func() time.Time { return h.Now }
	skey, vkey, err := note.GenerateKey(rand.Reader, "augenmass/werk/seal")
	h.Must(err)
	seal, err := note.NewSigner(skey)
	h.Must(err)
	h.Inventory = inventory.New(now)
	h.Data = data.New(h.Inventory, func() (note.Signer, string) { return seal, vkey }, now)
	kinds := append([]store.AnyKind{identity.Persons(), control.EvidenceKind()}, h.Inventory.Kinds()...)
	kinds = append(append(kinds, h.Data.Kinds()...), more...)
	h.DB, err = store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: kinds, Access: roles.Access,
		Source: "/werk/store", Now: now, Rand: rand.Reader})
	h.Must(err)
	t.Cleanup(func() { h.Must(h.DB.Close()) })
	h.Inventory.Open(h.DB)
	h.Data.Open(h.DB, nil)
	h.Ctx = store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
	return h
}

// As is a context in which somebody of a role acts.
func (h *House) As(role string) context.Context {
	return store.WithActor(context.Background(), store.Actor{ID: "usr_1", Kind: "person", Roles: []string{role}})
}

// Must ends the test with an error.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// Person adds somebody who signs in under a name.
func (h *House) Person(signIn, name string, active bool) string {
	h.T.Helper()
	return Create(h, identity.Persons(), identity.Person{SignIn: signIn, Name: name, Roles: []roles.Role{roles.AIOfficer}, Active: active}).ID
}

// System registers a system.
func (h *House) System(name string) store.Object[inventory.System] {
	h.T.Helper()
	return Create(h, h.Inventory.Systems, inventory.System{Name: name})
}

// Create stores an object.
func Create[T any](h *House, k *store.Kind[T], doc T) store.Object[T] {
	h.T.Helper()
	var made store.Object[T]
	h.Must(h.DB.Write(h.Ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(h.Ctx, tx, doc)
		return err
	}))
	return made
}
