package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/carry"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/outbox"
	"augenmass/internal/text"
)

// sample is a row of every column type that plain tables have.
type sample struct {
	Key   string    `json:"key" store:"key"`
	N     int64     `json:"n" store:"index"`
	Share float64   `json:"share"`
	At    time.Time `json:"at" store:"index"`
	List  []string  `json:"list"`
}

var samples = NewTable[sample]("sample")

func sampled() Options {
	o := suite()
	o.Tables = []AnyTable{samples}
	return o
}

// furnish writes something into every table, with what is hard to carry.
func furnish(t *testing.T, db *DB) {
	t.Helper()
	p := create(t, db, plants, plant{Name: "Nord"})
	long := strings.Repeat("Zeile mit Umläuten äöü und 🙂 ", 300)
	m := create(t, db, machines, machine{Name: "Fräse", Purpose: text.Bi{DE: long, EN: "a%_b"}, Plant: p.ID, Tags: []string{"alt", long}, Share: math.Copysign(0, -1), Code: "x'y"})
	update(t, db, machines, m, func(m *machine) { m.Peers, m.Operator = []string{m.Name}[:0], "Grete" })
	gone := create(t, db, machines, machine{Name: "weg"})
	write(t, db, func(tx *Tx) error { return machines.Delete(ada(t), tx, gone.ID, gone.Revision) })
	write(t, db, func(tx *Tx) error {
		for i := range 450 {
			row := sample{Key: fmt.Sprintf("ä%03d\x00", i*7%450), N: int64(-i), Share: float64(i) / 3, At: time.Unix(int64(i), 5000), List: []string{"a\x00"}}
			if err := samples.Put(t.Context(), tx, row); err != nil {
				return err
			}
		}
		return outbox.SetCursor(t.Context(), tx.s, "projection x", 7, "shape")
	})
}

func digestOf(t *testing.T, db *DB) string {
	t.Helper()
	d, err := db.Digest(t.Context())
	must(t, err)
	return d
}

// TestCopy: every engine's content goes into every engine, is the same there,
// and is found there by the same questions.
func TestCopy(t *testing.T) {
	for name, engines := range map[string][2]opener{"SQLite to PostgreSQL": {openSQLite, openPostgreSQL}, "PostgreSQL to SQLite": {openPostgreSQL, openSQLite}} {
		t.Run(name, func(t *testing.T) {
			from, to := engines[0](t, "from", sampled()), engines[1](t, "to", sampled())
			if digestOf(t, from) != digestOf(t, to) {
				t.Error("two empty databases differ")
			}
			furnish(t, from)
			want := digestOf(t, from)
			must(t, Copy(t.Context(), from, to))
			if got := digestOf(t, to); got != want {
				t.Errorf("the copy is %s, not %s", got, want)
			}
			for _, q := range []Query{{Search: "umläut"}, {Sort: "purpose"}, {Filters: []Filter{Where("tags", "has", strings.Repeat("Zeile mit Umläuten äöü und 🙂 ", 300))}}} {
				a, err := machines.List(ada(t), from, q)
				must(t, err)
				b, err := machines.List(ada(t), to, q)
				must(t, err)
				if asJSON(t, a.Items) != asJSON(t, b.Items) || len(a.Items) != 1 {
					t.Errorf("%+v: %s before, %s after", q, asJSON(t, a), asJSON(t, b))
				}
			}
			wants(t, Copy(t.Context(), from, to), problem.Conflict) // not empty any more
			// The copy goes on by itself: its outbox reaches a journal in order.
			j := journal(t)
			create(t, to, machines, machine{Name: "neu"})
			must(t, to.Flush(t.Context(), j))
			if got := told(t, j); got != "created 1, created 1, updated 2, created 1, deleted 2, created 1" {
				t.Errorf("the journal tells: %s", got)
			}
			if digestOf(t, to) == want {
				t.Error("a new machine left the digest as it was")
			}
		})
	}
}

// TestDigest: one changed value anywhere is another digest, on both engines.
func TestDigest(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		db := open(t, "db", sampled())
		furnish(t, db)
		seen := map[string]string{digestOf(t, db): "nothing"}
		for _, change := range []string{
			"UPDATE o_machine SET title = 'x'", "UPDATE history SET hash = 'x' WHERE revision = 2", "UPDATE links SET field = 'x'", "DELETE FROM list_values WHERE value = 'alt'",
			"UPDATE outbox SET event_id = 'x' WHERE revision = 2", "UPDATE cursors SET next = next + 1", "UPDATE t_sample SET c_share = c_share + 1 WHERE c_n = -3",
			"UPDATE declarations SET layout = layout || 'x' WHERE name = 'kind plant'",
		} {
			must(t, db.engine.Write(t.Context(), func(s engine.Session) error { return s.Run(t.Context(), change) }))
			d := digestOf(t, db)
			if other, ok := seen[d]; ok {
				t.Errorf("%s gives the digest of %s", change, other)
			}
			seen[d] = change
		}
	})
}

// TestStill: what is copied or hashed is one state, while others go on writing;
// and nothing can be written through it.
func TestStill(t *testing.T) {
	engines(t, func(t *testing.T, open opener) {
		db := open(t, "db", sampled())
		furnish(t, db)
		want := digestOf(t, db)
		count := func(s engine.Session) (n int) {
			_, err := s.One(t.Context(), "SELECT count(*) FROM o_machine", nil, &n)
			must(t, err)
			return n
		}
		must(t, db.engine.Still(t.Context(), func(s engine.Session) error {
			before := count(s)
			create(t, db, machines, machine{Name: "inzwischen"})
			if now := count(s); now != before || count(db.engine.Reads()) != before+1 {
				t.Errorf("%d machines, then %d", before, now)
			}
			got, err := carry.Digest(t.Context(), s, db.contents())
			if got != want {
				t.Error("the state moved")
			}
			return err
		}))
		err := db.engine.Still(t.Context(), func(s engine.Session) error {
			_, _ = s.Exec(t.Context(), "DELETE FROM o_machine") // refused, and that is final
			return nil
		})
		wants(t, err, problem.Unavailable)
		if digestOf(t, db) == want {
			t.Error("the new machine is not in the digest")
		}
	})
}

// TestCopyRefuses: nothing is lost on the way for want of a declaration, and a
// copy that fails leaves nothing behind.
func TestCopyRefuses(t *testing.T) {
	from := openSQLite(t, "from", sampled())
	furnish(t, from)
	to := openSQLite(t, "to", suite()) // does not know the table
	p := wants(t, Copy(t.Context(), from, to), problem.Conflict)
	if !strings.Contains(p.Say.DE, "table sample") {
		t.Errorf("says %q", p.Say.DE)
	}
	ctx, cancel := context.WithCancel(t.Context())
	to = openSQLite(t, "third", sampled())
	empty := digestOf(t, to)
	err := from.engine.Still(ctx, func(src engine.Session) error {
		return to.engine.Slowly(ctx, func(dst engine.Session) error {
			for _, c := range from.contents() {
				if err := c.Copy(ctx, src, dst); err != nil {
					return err
				}
				if c.Name == "outbox" {
					cancel()
				}
			}
			return nil
		})
	})
	if !errors.Is(err, context.Canceled) || digestOf(t, to) != empty {
		t.Errorf("%v; something stayed: %v", err, digestOf(t, to) != empty)
	}
}

// TestSnapshot: a copy made under writes is one state of the database: every
// change is there with its history and its entry, or not at all.
func TestSnapshot(t *testing.T) {
	db := openSQLite(t, "db", sampled())
	furnish(t, db)
	dir := t.TempDir()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				create(t, db, machines, machine{Name: fmt.Sprint(i)})
			}
		}
	}()
	for i := range 3 {
		path := filepath.Join(dir, fmt.Sprint(i))
		must(t, db.Snapshot(t.Context(), path))
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("the snapshot is open to others: %v", info.Mode())
		}
		o := sampled()
		o.Path = path
		at := openHere(t, o)
		n, err := machines.Count(ada(t), at)
		must(t, err)
		var entries, versions int
		_, err = at.session().One(t.Context(), "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM history)", nil, &entries, &versions)
		must(t, err)
		if entries != n+4 || versions != n+4 { // a plant, an update, one created and deleted
			t.Errorf("%d machines, %d entries, %d versions", n, entries, versions)
		}
	}
	close(stop)
	<-stopped
	last := filepath.Join(dir, "last")
	must(t, db.Snapshot(t.Context(), last))
	o := sampled()
	o.Path = last
	if digestOf(t, openHere(t, o)) != digestOf(t, db) {
		t.Error("the snapshot is not the database")
	}
	wants(t, db.Snapshot(t.Context(), last), problem.Unavailable) // never over a file
	wants(t, openPostgreSQL(t, "db", sampled()).Snapshot(t.Context(), filepath.Join(dir, "pg")), problem.BadInput)
}
