// Package rooms holds the further rooms of governance of one organisation: those
// that speak to a permit through stand.Source and need nothing else of the
// house. A new one costs one field and one line each in New, all and Sources.
//
// Package org embeds Rooms, opens them with the others, and hands their sources
// to govern/approve.
package rooms

import (
	"io"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/risk"
	"augenmass/internal/govern/stand"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Needs are what rooms are made of.
type Needs struct {
	Library   func() *packs.Library // the shipped packs and the organisation's own
	Inventory *inventory.Room
	Now       func() time.Time
	Rand      io.Reader
}

// Rooms are the further rooms.
type Rooms struct {
	Risks *store.Kind[risk.Risk]
}

// room is what every one of them offers.
type room interface {
	Kinds() []store.AnyKind
	Open(db *store.DB, v *vault.Vault)
}

// New declares the rooms.
func New(_ Needs) *Rooms {
	return &Rooms{Risks: risk.Risks()}
}

// all lists the rooms in the order in which they are opened.
func (r *Rooms) all() []room { return nil }

// Kinds lists what the rooms store.
func (r *Rooms) Kinds() []store.AnyKind {
	kinds := []store.AnyKind{r.Risks}
	for _, x := range r.all() {
		kinds = append(kinds, x.Kinds()...)
	}
	return kinds
}

// Open gives the rooms the database and the vault.
func (r *Rooms) Open(db *store.DB, v *vault.Vault) {
	for _, x := range r.all() {
		x.Open(db, v)
	}
}

// Sources are the rooms that have a say in permits.
func (r *Rooms) Sources() []stand.Source {
	var out []stand.Source
	for _, x := range r.all() {
		if s, ok := x.(stand.Source); ok {
			out = append(out, s)
		}
	}
	return out
}
