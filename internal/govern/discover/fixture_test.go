package discover_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/discover"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// house is a database with the room, the register and the assessments.
type house struct {
	t    *testing.T
	room *discover.Room
	inv  *inventory.Room
	ass  *assess.Room
	db   *store.DB
	lib  *packs.Library
	now  time.Time
	me   string
}

// counting gives other bytes each time, the same in each run.
type counting struct{ n byte }

func (c *counting) Read(p []byte) (int, error) {
	c.n++
	copy(p, bytes.Repeat([]byte{c.n}, len(p)))
	return len(p), nil
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, lib: governtest.Library(t), now: governtest.Start}
	now := func() time.Time { return h.now }
	h.inv, h.ass = inventory.New(now), assess.New(h.lib, now)
	h.room = discover.New(func() *packs.Library { return h.lib }, h.inv, now, &counting{})
	persons := store.NewKind[governtest.Person]("person", "usr")
	kinds := append([]store.AnyKind{persons}, h.inv.Kinds()...)
	kinds = append(append(kinds, h.ass.Kinds()...), h.room.Kinds()...)
	db, err := store.Open(context.Background(), store.Options{Path: t.TempDir() + "/org.db", Kinds: kinds, Access: store.AllowAll, Source: "/werk/store", Now: now})
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.db = db
	h.inv.Open(db)
	h.ass.Open(db)
	h.room.Open(db, nil)
	h.must(db.Write(h.ctx(), func(tx *store.Tx) error {
		o, err := persons.Create(h.ctx(), tx, governtest.Person{Name: "Sabine Keller"})
		h.me = o.ID
		return err
	}))
	return h
}

// ctx is the AI officer at work.
func (h *house) ctx() context.Context {
	return store.WithActor(context.Background(), store.Actor{ID: "usr_x", Kind: "person", Roles: []string{"ai_officer"}})
}

// nobody is somebody without an account.
func (h *house) nobody() context.Context { return context.Background() }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused wants a problem of a kind that names a field.
func (h *house) refused(err error, kind problem.Kind, field string) {
	h.t.Helper()
	if !problem.Is(err, kind) {
		h.t.Errorf("%v, want %s", err, kind)
		return
	}
	p := problem.From(err)
	if !p.Say.Complete() {
		h.t.Errorf("%v is not bilingual", p)
	}
	for _, f := range p.Fields {
		if f.Path == field {
			return
		}
	}
	if field != "" {
		h.t.Errorf("%v names no field %q", p.Fields, field)
	}
}
