package duty

import (
	"context"
	"sync"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Rest is something of this organisation that rests on an item of a pack, or,
// without an item, something that only ends on a day.
type Rest struct {
	Item   string    // clause or other id of a pack
	Kind   string    // duty, classification, or what a Resting says: control, permit, mapping, evidence, assessment, agreement
	Object string    // object id; empty for what is no object
	Name   string    // as people call it
	System string    // system that it concerns; empty: the organisation
	Until  time.Time // from then on it does not count any more; zero: no end of its own
}

// Resting lists what a room of the house rests on items of packs. It takes few
// queries, whatever the number of objects.
type Resting func(ctx context.Context, rd store.Reader) ([]Rest, error)

// Sources are what other rooms name: Resting all that rests on items, Ending the
// fewer that have an end worth showing when a date moves.
type Sources struct{ Resting, Ending []Resting }

// Room is the law clock of one organisation.
type Room struct {
	Adoptions *store.Kind[Adoption]
	Texts     *store.Kind[Kept]
	Tasks     *store.Kind[Task]

	lib     func() *packs.Library
	inv     *inventory.Room
	cls     *classify.Room
	sources Sources
	now     func() time.Time
	db      *store.DB

	mu     sync.Mutex
	places map[string]stood // by system, as seen last
}

// New declares the room's kinds; Open gives it the database. lib answers with
// the library as it is now: the shipped packs and the organisation's own.
func New(lib func() *packs.Library, inv *inventory.Room, cls *classify.Room, now func() time.Time, sources Sources) *Room {
	return &Room{Adoptions: Adoptions(), Texts: Texts(), Tasks: Tasks(), lib: lib, inv: inv, cls: cls, sources: sources, now: now, places: map[string]stood{}}
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Adoptions, r.Texts, r.Tasks} }

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }
