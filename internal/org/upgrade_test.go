package org_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// earlierUseCase is a use case as an earlier program declared it: fewer fields,
// fewer indexes.
type earlierUseCase struct {
	Name          string `json:"name" store:"index,required"`
	ExpectedHours int64  `json:"expected_hours"`
}

// otherAgreement has a field that the present declaration does not know.
type otherAgreement struct {
	Title   string `json:"title" store:"index"`
	Sponsor string `json:"sponsor" store:"index"`
}

func earlier(opts ...store.KindOption) *store.Kind[earlierUseCase] {
	u := value.UseCases()
	return store.NewKind[earlierUseCase](u.Name(), u.Prefix(), opts...)
}

func other() *store.Kind[otherAgreement] {
	a := voice.Agreements()
	return store.NewKind[otherAgreement](a.Name(), a.Prefix())
}

// another opens the database of a folder as another program does.
func another(t testing.TB, dir string, kinds ...store.AnyKind) *store.DB {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "org.db"), Kinds: kinds, Source: "/werk/store"})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func put[T any](t testing.TB, db *store.DB, k *store.Kind[T], doc T) (o store.Object[T]) {
	t.Helper()
	ctx := store.WithActor(context.Background(), store.Actor{ID: "earlier", Kind: store.System})
	if err := db.Write(ctx, func(tx *store.Tx) (err error) { o, err = k.Create(ctx, tx, doc); return err }); err != nil {
		t.Fatal(err)
	}
	return o
}

// A folder that an earlier program wrote opens: its objects have the new fields
// and keep id, revision and history, and what waited in the outbox reaches the
// journal.
func TestAnEarlierShapeOpens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "werk")
	old := earlier()
	db := another(t, dir, old)
	was := put(t, db, old, earlierUseCase{Name: "Weniger Ausschuss", ExpectedHours: 40})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing is left to do
		g := open(t, dir, "werk", library(t))
		ctx := store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
		o, err := g.UseCases.Get(ctx, g.DB, was.ID)
		if err != nil || o.Doc.Name != was.Doc.Name || o.Doc.ExpectedHours != 40 || o.Doc.MeasuredEuro != 0 || o.Revision != was.Revision || !o.CreatedAt.Equal(was.CreatedAt) {
			t.Fatalf("%+v %v", o, err)
		}
		p, err := g.UseCases.List(ctx, g.DB, store.Query{Search: "Ausschuss", Sort: "measure_at"}) // full text and an index that are new
		if err != nil || len(p.Items) != 1 {
			t.Errorf("found %d: %v", len(p.Items), err)
		}
		n := 0
		for _, e := range entriesOf(t, g, "augenmass.object.created") {
			if e.Subject == was.ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d entries of its creation", n)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	g := open(t, dir, "werk", library(t))
	ctx := store.WithActor(context.Background(), store.Actor{ID: "house", Kind: store.System})
	if err := g.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := g.UseCases.Update(ctx, tx, was.ID, was.Revision, value.UseCase{Name: was.Doc.Name, MeasuredHours: 12})
		return err
	}); err != nil {
		t.Error(err)
	}
}

// A database that does not fit refuses the organisation with a sentence, all or
// nothing: what would have fitted was not changed either, and the program that
// wrote it goes on.
func TestAMigrationThatFailsLeavesTheOldState(t *testing.T) {
	newerForm := store.Upgrade(7, func(_ int, raw json.RawMessage) (json.RawMessage, error) { return raw, nil })
	for name, c := range map[string]struct {
		useCases   *store.Kind[earlierUseCase]
		agreements *store.Kind[otherAgreement]
		says       string
	}{
		"data would be lost": {earlier(), other(), "agreement"},
		"a newer program":    {earlier(newerForm), nil, "newer version"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "werk")
			kinds := []store.AnyKind{c.useCases}
			if c.agreements != nil {
				kinds = append(kinds, c.agreements)
			}
			db := another(t, dir, kinds...)
			use := put(t, db, c.useCases, earlierUseCase{Name: "bleibt"})
			if c.agreements != nil {
				put(t, db, c.agreements, otherAgreement{Title: "bleibt", Sponsor: "Betriebsrat"})
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // refused every time, not only the first
				_, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: library(t)})
				told(t, name, err, problem.Unavailable)
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v", err)
				}
			}
			db = another(t, dir, kinds...)
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			ctx := store.WithActor(context.Background(), store.Actor{ID: "earlier", Kind: store.System})
			o, err := c.useCases.Get(ctx, db, use.ID)
			if err != nil || o.Doc.Name != "bleibt" || o.Revision != use.Revision {
				t.Errorf("%+v %v", o, err)
			}
			put(t, db, c.useCases, earlierUseCase{Name: "geht weiter"})
		})
	}
}
