package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
)

// engines runs a test on each of them.
func engines(t *testing.T, run func(t *testing.T, o Options)) {
	t.Run("SQLite", func(t *testing.T) {
		run(t, Options{Path: filepath.Join(t.TempDir(), "x.db"), BusyTimeout: time.Second})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url, schema := pgtest.Schema(t)
		run(t, Options{Database: url, Schema: schema, BusyTimeout: time.Second})
	})
}

func open(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	err = db.Migrate(t.Context(), func(s Session) error {
		return s.Create(t.Context(), Table{Name: "n", Columns: []Column{{Name: "n", Type: Int}}, Key: "n"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if _, err := db.Reads().One(t.Context(), "SELECT count(*) FROM n", nil, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSharedCommit: writers that wait share one commit; those that fail take
// nothing of the others with them; nobody hears back before the commit.
func TestSharedCommit(t *testing.T) { engines(t, testSharedCommit) }

func testSharedCommit(t *testing.T, o Options) {
	db := open(t, o)
	const waiting = 20
	boom := errors.New("boom")
	var batches [waiting + 1]*batch
	insert := func(i int) error {
		return db.Write(t.Context(), func(s Session) error {
			if i == 0 { // hold the door until everyone stands in line
				for db.writes.waiting.Load() < waiting {
					runtime.Gosched()
				}
			}
			batches[i] = db.writes.batch
			_, err := s.Exec(t.Context(), "INSERT INTO n (n) VALUES ($1)", i)
			if i%5 == 4 {
				return boom
			}
			return err
		})
	}
	var wg sync.WaitGroup
	for i := range waiting + 1 {
		wg.Go(func() {
			err := insert(i)
			if i%5 == 4 && !errors.Is(err, boom) || i%5 != 4 && err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
			if i%5 != 4 {
				var found int
				if _, err := db.Reads().One(t.Context(), "SELECT count(*) FROM n WHERE n = $1", []any{i}, &found); err != nil || found != 1 {
					t.Errorf("writer %d heard back, and readers see %d, %v", i, found, err)
				}
			}
		})
		if i == 0 {
			for db.writes.waiting.Load() == 0 && len(db.writes.gate) == 0 {
				runtime.Gosched() // the first writer goes first
			}
		}
	}
	wg.Wait()
	for i, b := range batches {
		if b == nil || b != batches[0] {
			t.Errorf("writer %d did not share the commit", i)
		}
	}
	if n := count(t, db); n != 17 {
		t.Errorf("%d rows, want the 17 of those that did not fail", n)
	}
}

// TestGivenUp: when the engine gives the transaction up under its writers, all
// of them hear it, nothing stays, and the next write works.
func TestGivenUp(t *testing.T) { engines(t, testGivenUp) }

func testGivenUp(t *testing.T, o Options) {
	db := open(t, o)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed int
	for i := range 10 {
		wg.Go(func() {
			err := db.Write(t.Context(), func(s Session) error {
				if i == 0 {
					for db.writes.waiting.Load() < 9 {
						runtime.Gosched()
					}
				}
				if _, err := s.Exec(t.Context(), "INSERT INTO n (n) VALUES ($1)", i); err != nil {
					return err
				}
				if db.writes.batch.size == 10 { // the last one in line
					return s.Run(t.Context(), "ROLLBACK")
				}
				return nil
			})
			if err != nil {
				mu.Lock()
				failed++
				mu.Unlock()
			}
		})
		if i == 0 {
			for len(db.writes.gate) == 0 {
				runtime.Gosched()
			}
		}
	}
	wg.Wait()
	if n := count(t, db); n != 0 || failed != 10 {
		t.Errorf("%d rows stayed, %d writers heard of it", n, failed)
	}
	err := db.Write(t.Context(), func(s Session) error { return s.Run(t.Context(), "INSERT INTO n (n) VALUES (1)") })
	if err != nil || count(t, db) != 1 {
		t.Errorf("after it: %v", err)
	}
}

// TestGoexit: a test that ends inside a write, or a panic, leaves the door
// open for others.
func TestGoexit(t *testing.T) { engines(t, testGoexit) }

func testGoexit(t *testing.T, o Options) {
	db := open(t, o)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = db.Write(context.Background(), func(s Session) error {
			if err := s.Run(context.Background(), "INSERT INTO n (n) VALUES (1)"); err != nil {
				t.Error(err)
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows of a write that never ended", n)
	}
	if err := db.Write(t.Context(), func(s Session) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestFit(t *testing.T) { engines(t, testFit) }

func testFit(t *testing.T, o Options) {
	db := open(t, o)
	ctx := t.Context()
	err := db.Migrate(ctx, func(s Session) error {
		if err := s.Run(ctx, "INSERT INTO n (n) VALUES (7)"); err != nil {
			return err
		}
		want := []Column{{Name: "n", Type: Int}, {Name: "a"}, {Name: "b", Type: Real}, {Name: "c", Type: Bytes}, {Name: "d", JSON: true}}
		if err := s.Fit(ctx, "n", want, false); err != nil {
			return err
		}
		want[1].Type = Int // another type: dropped and made anew, empty
		return s.Fit(ctx, "n", append(want[:1:1], want[1:]...), true)
	})
	if err != nil {
		t.Fatal(err)
	}
	var n, a int
	var b float64
	var c []byte
	var d string
	if _, err := db.Reads().One(ctx, "SELECT n, a, b, c, d FROM n", nil, &n, &a, &b, &c, &d); err != nil || n != 7 || a != 0 || b != 0 || len(c) != 0 || d != "null" {
		t.Errorf("%d %d %v %v %q, %v", n, a, b, c, d, err)
	}
	err = db.Write(ctx, func(s Session) error { return s.Fit(ctx, "n", []Column{{Name: "n", Type: Int}}, true) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(s Session) error { _, err := s.Exec(ctx, "SELECT a FROM n"); return err }); !problem.Is(err, problem.Internal) {
		t.Errorf("a dropped column is still there: %v", err)
	}
}

// TestCloseLeavesOneFile: after closing, the log is in the file and gone.
func TestCloseLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), Options{Path: filepath.Join(dir, "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Migrate(t.Context(), func(s Session) error {
		return s.Create(t.Context(), Table{Name: "n", Columns: []Column{{Name: "n", Type: Int}}, Key: "n"})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(s Session) error {
		_, err := s.Exec(t.Context(), "INSERT INTO n (n) VALUES ($1)", 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db); n != 1 {
		t.Fatal(n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "x.db" {
		t.Errorf("%v %v", left, err)
	}
}
