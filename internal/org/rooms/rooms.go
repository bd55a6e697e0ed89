// Package rooms holds the further rooms of governance of one organisation: those
// that speak to a permit through stand.Source and need nothing else of the
// house. A new one costs one field and one line each in New, all and Sources.
//
// Package org embeds Rooms, opens them with the others, and hands their sources
// to govern/approve.
package rooms

import (
	"context"
	"errors"
	"io"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/discover"
	"augenmass/internal/govern/interview"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/life"
	"augenmass/internal/govern/profile"
	"augenmass/internal/govern/risk"
	"augenmass/internal/govern/stand"
	"augenmass/internal/govern/voice"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Needs are what rooms are made of.
type Needs struct {
	Library   func() *packs.Library // the shipped packs and the organisation's own
	Inventory *inventory.Room
	Classify  *classify.Room
	Assess    *assess.Room
	Now       func() time.Time
	Rand      io.Reader
	Seal      data.Seal // the organisation's seal, once it is open
}

// Rooms are the further rooms.
type Rooms struct {
	Discover *discover.Room  // software in use, tips of colleagues, letters to vendors, beginnings
	Impact   *interview.Room // impact assessments: interviews, answers, results
	Barriers *voice.Barriers // the question about obstacles
	Risk     *risk.Room      // register of risks, measures, acceptances
	Watch    *risk.Watch     // metrics with readings, checks
	Data     *data.Room      // data sets with their provenance, flows, acceptance of models
	Records  *record.Room    // exceptions, declarations, conformity, levels of zones, watch over classifications
	Life     *life.Room      // gates between stages, workflow, pilots, retirement
	Profile  *profile.Room   // what people decided about a system: intent, autonomy, values, red lines
}

// room is what every one of them offers.
type room interface {
	Kinds() []store.AnyKind
	Open(db *store.DB, v *vault.Vault)
}

// New declares the rooms.
func New(n Needs) *Rooms {
	r := &Rooms{
		Discover: discover.New(n.Library, n.Inventory, n.Now, n.Rand),
		Impact:   interview.New(n.Library, n.Now),
		Barriers: voice.NewBarriers(n.Now),
		Risk:     risk.New(n.Inventory, n.Library, n.Now),
		Watch:    risk.NewWatch(n.Now),
		Data:     data.New(n.Inventory, n.Seal, n.Now),
		Records:  record.New(n.Classify, n.Library, n.Now),
		Profile:  profile.New(n.Library, n.Classify.Judge, n.Now),
	}
	r.Life = life.New(life.Needs{Inventory: n.Inventory, Classify: n.Classify, Assess: n.Assess, Sources: r.Sources, Now: n.Now})
	return r
}

// all lists the rooms in the order in which they are opened.
func (r *Rooms) all() []room {
	return []room{r.Discover, r.Impact, r.Risk, r.Watch, r.Data, r.Records, r.Life, r.Profile}
}

// Kinds lists what the rooms store.
func (r *Rooms) Kinds() []store.AnyKind {
	var kinds []store.AnyKind
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
	r.Barriers.Open(db)
}

// Tables lists the plain tables of the rooms.
func (r *Rooms) Tables() []store.AnyTable { return r.Barriers.Tables() }

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

// OnCommit tells the rooms that want to hear of it what was committed.
func (r *Rooms) OnCommit(ctx context.Context, changes []store.Change, failed func(error)) {
	for _, x := range r.all() {
		if h, ok := x.(interface {
			OnCommit(context.Context, []store.Change, func(error))
		}); ok {
			h.OnCommit(ctx, changes, failed)
		}
	}
}

// Sweep lets the rooms do what passes with time, a few times an hour.
func (r *Rooms) Sweep(ctx context.Context) error {
	var failures []error
	for _, x := range r.all() {
		if s, ok := x.(interface{ Sweep(context.Context) error }); ok {
			failures = append(failures, s.Sweep(ctx))
		}
	}
	return errors.Join(failures...)
}
