package inventory

import (
	"context"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Room is the register of one organisation.
type Room struct {
	Systems *store.Kind[System]
	Models  *store.Kind[Model]
	Vendors *store.Kind[Vendor]
	now     func() time.Time
	gate    Gate
	db      *store.DB
}

// New declares the room's kinds; Open gives it the database.
func New(now func() time.Time) *Room {
	r := &Room{Models: Models(), Vendors: Vendors(), now: now}
	r.Systems = store.NewKind[System]("system", "sys", store.Guard(r.lives))
	return r
}

// Kinds lists what the room stores.
func (r *Room) Kinds() []store.AnyKind { return []store.AnyKind{r.Vendors, r.Systems, r.Models} }

// Open gives the room its database.
func (r *Room) Open(db *store.DB) { r.db = db }

// SetStop records that the stop button was pressed, or released. The permit
// falls with it. Pressing twice is no error: stopping is always easy.
func (r *Room) SetStop(ctx context.Context, system string, stopped bool, reason string) error {
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Systems.Get(ctx, tx, system)
		if err != nil {
			return err
		}
		if o.Doc.Stop.Stopped == stopped {
			return nil
		}
		o.Doc.Stop = Stop{Stopped: stopped, At: r.now().UTC(), By: a.ID, Reason: strings.TrimSpace(reason)}
		_, err = r.Systems.Update(ctx, tx, o.ID, o.Revision, o.Doc)
		return err
	})
}

// SetLifeCycle moves a system to another stage; lives says whether it may.
func (r *Room) SetLifeCycle(ctx context.Context, system string, revision int64, to LifeCycle) (store.Object[System], error) {
	var saved store.Object[System]
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Systems.Get(ctx, tx, system)
		if err != nil {
			return err
		}
		o.Doc.LifeCycle = to
		saved, err = r.Systems.Update(ctx, tx, system, revision, o.Doc)
		return err
	})
	return saved, err
}

// ModelByName returns the model that clients call by this name, or NotFound.
func (r *Room) ModelByName(ctx context.Context, rd store.Reader, name string) (store.Object[Model], error) {
	p, err := r.Models.List(ctx, rd, store.Query{
		Filters: []store.Filter{{Field: "name", Op: "=", Values: []any{name}}}, Sort: "-created_at", Limit: 1,
	})
	if err != nil {
		return store.Object[Model]{}, err
	}
	if len(p.Items) == 0 {
		return store.Object[Model]{}, problem.Newf(problem.NotFound, "Ein Modell „%s“ ist nicht eingetragen.", "No model '%s' is registered.", name)
	}
	return p.Items[0], nil
}
