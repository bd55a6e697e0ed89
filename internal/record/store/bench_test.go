package store

import (
	"fmt"
	"path/filepath"
	"testing"

	"augenmass/internal/record/store/pgtest"
)

// onEngines runs a benchmark on each engine; PostgreSQL is on the same machine
// and, unless the environment names a server, does not flush.
func onEngines(b *testing.B, run func(b *testing.B, db *DB)) {
	b.Run("SQLite", func(b *testing.B) {
		o := suite()
		o.Path = filepath.Join(b.TempDir(), "x.db")
		run(b, benchDB(b, o))
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		o := suite()
		o.Database, o.Schema = pgtest.Schema(b)
		run(b, benchDB(b, o))
	})
}

func benchDB(b *testing.B, o Options) *DB {
	db, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func BenchmarkCreate(b *testing.B) { onEngines(b, benchCreate) }

func benchCreate(b *testing.B, db *DB) {
	ctx := person(b.Context(), "usr_a")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := db.Write(ctx, func(tx *Tx) error {
				_, err := machines.Create(ctx, tx, machine{Name: "Fräse", Count: 3})
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) { onEngines(b, benchRead) }

func benchRead(b *testing.B, db *DB) {
	ctx := person(b.Context(), "usr_a")
	var id string
	if err := db.Write(ctx, func(tx *Tx) error {
		for i := range 2000 {
			o, err := machines.Create(ctx, tx, machine{Name: fmt.Sprint("M", i), Count: i % 7})
			if err != nil {
				return err
			}
			id = o.ID
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			if _, err := machines.Get(ctx, db, id); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list 50", func(b *testing.B) {
		for b.Loop() {
			if _, err := machines.List(ctx, db, Query{Sort: "name", Filters: []Filter{Where("count", "=", 3)}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if _, err := machines.List(ctx, db, Query{Sort: "name", Search: "m199"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
