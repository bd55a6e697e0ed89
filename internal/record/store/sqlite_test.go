package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
)

// TestBusy: a lock that another program holds is Unavailable, and no write is
// lost or half done.
func TestBusy(t *testing.T) {
	o := suite()
	o.BusyTimeout = time.Millisecond
	db := openSQLite(t, "db", o)
	a := create(t, db, machines, machine{Name: "A"})
	other, err := sql.Open("sqlite", db.opts.Path)
	must(t, err)
	other.SetMaxOpenConns(1)
	defer func() { must(t, other.Close()) }()
	_, err = other.Exec("BEGIN IMMEDIATE")
	must(t, err)
	ran := false
	err = db.Write(t.Context(), func(tx *Tx) error { ran = true; return nil })
	if p := wants(t, err, problem.Unavailable); ran || !strings.Contains(p.Say.DE, "belegt") {
		t.Errorf("ran %v, says %q", ran, p.Say.DE)
	}
	if _, err := machines.Get(ada(t), db, a.ID); err != nil { // readers go on
		t.Error(err)
	}
	_, err = other.Exec("ROLLBACK")
	must(t, err)
	create(t, db, machines, machine{Name: "B"})
}

// TestDiskFull: a write that finds no room is Unavailable as a whole.
func TestDiskFull(t *testing.T) {
	db := openSQLite(t, "db", suite())
	a := create(t, db, machines, machine{Name: "A"})
	err := db.engine.Write(t.Context(), func(s engine.Session) error { return s.Run(t.Context(), "PRAGMA max_page_count = 1") }) // as low as the file is
	must(t, err)
	var before int
	_, err = db.session().One(t.Context(), "SELECT count(*) FROM history", nil, &before)
	must(t, err)
	big := machine{Name: "B", Tags: []string{strings.Repeat("x", 500_000)}}
	err = db.Write(t.Context(), func(tx *Tx) error {
		if _, err := machines.Create(ada(t), tx, machine{Name: "klein"}); err != nil {
			return err
		}
		_, err := machines.Create(ada(t), tx, big)
		return err
	})
	if p := wants(t, err, problem.Unavailable); !strings.Contains(p.Say.DE, "voll") {
		t.Errorf("says %q", p.Say.DE)
	}
	var after int
	_, err = db.session().One(t.Context(), "SELECT count(*) FROM history", nil, &after)
	must(t, err)
	if after != before {
		t.Errorf("%d versions after a failed write, %d before", after, before)
	}
	err = db.engine.Write(t.Context(), func(s engine.Session) error { return s.Run(t.Context(), "PRAGMA max_page_count = 1000000") })
	must(t, err)
	update(t, db, machines, a, func(m *machine) { m.Count = 1 })
}

// TestReadOnly: a database that may not be written says so.
func TestReadOnly(t *testing.T) {
	db := openSQLite(t, "db", suite())
	create(t, db, machines, machine{Name: "A"})
	err := db.engine.Write(t.Context(), func(s engine.Session) error { return s.Run(t.Context(), "PRAGMA query_only = 1") })
	must(t, err)
	err = db.Write(t.Context(), func(tx *Tx) error { _, err := machines.Create(ada(t), tx, machine{Name: "B"}); return err })
	wants(t, err, problem.Unavailable)
	// The read pool never writes, whatever the statement.
	if _, err := db.session().Exec(t.Context(), "DELETE FROM o_machine"); err == nil {
		t.Error("a reader wrote")
	}
}

// TestFiles: what is not our database is refused and left alone.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	try := func(name string, want problem.Kind) {
		t.Helper()
		o := suite()
		o.Path = filepath.Join(dir, name)
		_, err := Open(t.Context(), o)
		wants(t, err, want)
	}
	must(t, os.WriteFile(filepath.Join(dir, "text"), []byte(strings.Repeat("no database\n", 1000)), 0o600))
	try("text", problem.Corrupt)
	db, err := sql.Open("sqlite", filepath.Join(dir, "foreign"))
	must(t, err)
	_, err = db.Exec("CREATE TABLE theirs (a)")
	must(t, errors.Join(err, db.Close()))
	try("foreign", problem.Corrupt)
	try("no/folder/x.db", problem.Unavailable)
	_, err = Open(t.Context(), Options{})
	wants(t, err, problem.BadInput)

	o := suite()
	o.Path = filepath.Join(dir, "a b?c#ü%20.db")
	ours, err := Open(t.Context(), o)
	must(t, err)
	create(t, ours, machines, machine{Name: "A"})
	info, err := os.Stat(o.Path)
	must(t, err)
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("the database is open to others: %v", info.Mode())
	}
	must(t, ours.Close())
	must(t, ours.Close()) // twice is fine
	err = ours.Write(t.Context(), func(*Tx) error { return nil })
	wants(t, err, problem.Unavailable)
	_, err = machines.Count(ada(t), ours)
	wants(t, err, problem.Unavailable)
}

// TestAlong: a page along its sort is read from the index, however many rows a
// filter lets through; nothing is gathered and sorted.
func TestAlong(t *testing.T) {
	db := openSQLite(t, "db", suite())
	q := Query{Sort: "count", Uncounted: true, Filters: []Filter{Where("count", ">", 0), Where("severity", "in", "minor", "major")}}
	plan := func() string {
		p, err := machines.core().Rel.Plan(q)
		must(t, err)
		text, args := p.Statement(db.engine.Reads(), "t.id, t.doc")
		var steps []string
		must(t, db.session().Query(t.Context(), "EXPLAIN QUERY PLAN "+text, args, func(r *sql.Rows) error {
			var id, parent, unused int
			var step string
			err := r.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}))
		return strings.Join(steps, "; ")
	}
	q.Along = true
	if p := plan(); strings.Contains(p, "TEMP B-TREE") || !strings.Contains(p, "INDEX") {
		t.Errorf("it gathers and sorts: %s", p)
	}
}

// TestPragmas holds what durability rests on.
func TestPragmas(t *testing.T) {
	db := openSQLite(t, "db", suite())
	create(t, db, machines, machine{Name: "A"})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "trusted_schema": "0"} {
		var got string
		write(t, db, func(tx *Tx) error { _, err := tx.s.One(t.Context(), "PRAGMA "+pragma, nil, &got); return err })
		if got != want {
			t.Errorf("%s = %s, want %s", pragma, got, want)
		}
	}
	var plain int
	_, err := db.session().One(t.Context(), "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND strict = 0", nil, &plain)
	must(t, err)
	if plain != 0 {
		t.Errorf("%d tables are not strict", plain)
	}
}
