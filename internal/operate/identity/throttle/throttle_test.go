package throttle

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestDelaysGrowToTheirLimit(t *testing.T) {
	for fails, want := range map[int64]time.Duration{0: 0, 3: 0, 4: time.Second, 5: 2 * time.Second, 12: 256 * time.Second,
		13: 5 * time.Minute, 14: 5 * time.Minute, 1 << 62: 5 * time.Minute} {
		if got := nameDelay.after(fails); got != want {
			t.Errorf("after %d failures %v, want %v", fails, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(0).Draw(t, "fails")
		for _, d := range []delay{nameDelay, addressDelay} {
			if a, b := d.after(n), d.after(n/2); a < b || a > d.limit || a < 0 {
				t.Fatalf("%d failures: %v, half of them: %v", n, a, b)
			}
		}
	})
}

func openDB(t *testing.T) *store.DB {
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(t.TempDir(), "db"), Tables: []store.AnyTable{Table()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Whoever floods the memory with names does not free the one that has to wait.
func TestAFloodOfNamesFreesNobody(t *testing.T) {
	ctx := context.Background()
	db := openDB(t)
	g := New(db)
	plagued := []string{Name("plagued")}
	for range 4 {
		if err := g.Admit(ctx, plagued, noon); err != nil {
			t.Fatal(err)
		}
	}
	stored := []string{Name("stored")}
	for range 8 {
		_ = g.Admit(ctx, stored, noon)
	}
	if err := db.Write(ctx, func(tx *store.Tx) error { return Table().Put(ctx, tx, g.Rows(stored)...) }); err != nil {
		t.Fatal(err)
	}
	for i := range limit + 10 {
		g.byKey[Name(fmt.Sprint(i))] = &Row{Last: noon}
	}
	for _, keys := range [][]string{plagued, stored} {
		err := g.Admit(ctx, keys, noon)
		if w, ok := RetryAfter(err); !ok || w != time.Second || !problem.Is(err, problem.Denied) {
			t.Errorf("%v waits %v: %v", keys, w, err)
		}
	}
	if len(g.byKey) > limit {
		t.Errorf("%d names are kept", len(g.byKey))
	}
	delete(g.byKey, stored[0])
	if w, _ := RetryAfter(g.Admit(ctx, stored, noon)); w != time.Second {
		t.Errorf("what was stored is forgotten: waits %v", w)
	}
}

func TestAReleasedAttemptDoesNotCount(t *testing.T) {
	ctx := context.Background()
	g := New(openDB(t))
	keys := []string{Name("n"), Address("a")}
	for range 100 {
		if err := g.Admit(ctx, keys, noon); err != nil {
			t.Fatal(err)
		}
		g.Release(keys)
	}
	g.Release(keys)
	for _, r := range g.Rows(keys) {
		if r.Fails != 0 {
			t.Errorf("%+v", r)
		}
	}
}
