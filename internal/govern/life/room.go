// Package life leads a system from the idea over trial and operation to its end
// (requirements 000-03, 000-11). Before a stage begins, a gate asks for what the
// stage needs and names what is missing; inventory asks it in the one place where
// a stage changes, so that no way around it exists.
//
//	trial      purpose and owner, identification and classification concluded, not prohibited
//	operation  that, a complete entry, a class that is not unclear, and every demand
//	           of the rooms that have a say in permits (stand.Source)
//	retired    a plan for data, access, contracts and people, each part done by somebody
//
// On top comes what the organisation's own workflow wants per stage; each of its
// versions has a reason (000-17). A pilot keeps a system to an area and a time; a
// rollout extends it step by step, and its lessons become a task (000-53, 000-57).
// Approvals are not asked for here: they are the permit's. Stopping at once never
// needs a plan: that is the stop button.
package life

import (
	"context"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Needs are what the room asks.
type Needs struct {
	Inventory *inventory.Room
	Classify  *classify.Room
	Assess    *assess.Room
	Sources   func() []stand.Source // the rooms that have a say in permits
	Now       func() time.Time
}

// Room is the life cycle of one organisation's systems.
type Room struct {
	Workflows   *store.Kind[Workflow]
	Confirmed   *store.Kind[Confirmed]
	Pilots      *store.Kind[Pilot]
	Retirements *store.Kind[Retirement]
	n           Needs
	db          *store.DB
}

// New declares the room's kinds and hands its gate to the inventory; Open gives it
// the database.
func New(n Needs) *Room {
	r := &Room{Confirmed: Confirmations(), Retirements: Retirements(), n: n}
	r.Workflows = store.NewKind[Workflow]("workflow", "wfl", store.Guard(reasoned))
	r.Pilots = store.NewKind[Pilot]("pilot", "plt", store.Guard(r.learnt))
	n.Inventory.SetGate(r.Gate)
	return r
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind {
	return []store.AnyKind{r.Workflows, r.Confirmed, r.Pilots, r.Retirements}
}

// Open gives the room its database; it keeps nothing in the vault.
func (r *Room) Open(db *store.DB, _ *vault.Vault) { r.db = db }

// Of lists the objects of a kind that belong to a system, newest first.
func of[T any](ctx context.Context, rd store.Reader, k *store.Kind[T], system string) ([]store.Object[T], error) {
	p, err := k.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Sort: "-created_at", Limit: store.MaxLimit, Uncounted: true})
	return p.Items, err
}
