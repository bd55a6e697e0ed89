package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
)

// column returns the texts that a query gives.
func column(t *testing.T, db *DB, text string, args ...any) []string {
	t.Helper()
	var out []string
	must(t, db.session().Query(t.Context(), text, args, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	}))
	return out
}

// TestRestart: after the server was killed and started again, reads and writes
// go on by themselves; meanwhile they are Unavailable, and nothing that was
// acknowledged is gone.
func TestRestart(t *testing.T) {
	server := pgtest.Start(t)
	o := suite()
	o.Database, o.Schema = server.URL, "agm_werk"
	nd := attend(openHere(t, o))
	o.Rand = seeded(3)
	other := openHere(t, o)
	nd.run(t)
	var kept []string
	for round := range 2 {
		kept = append(kept, create(t, nd.DB, machines, machine{Name: fmt.Sprint(round)}).ID)
		for range 5 { // several connections are in use
			_, err := machines.Get(ada(t), nd.DB, kept[0])
			must(t, err)
		}
		server.Stop()
		_, err := machines.Get(ada(t), nd.DB, kept[0])
		wants(t, err, problem.Unavailable)
		p := wants(t, nd.Write(t.Context(), func(tx *Tx) error { return nil }), problem.Unavailable)
		if !strings.Contains(p.Say.DE, "erreichbar") || p.Hint.DE == "" {
			t.Errorf("says %q", p.Say.DE)
		}
		server.Start()
		for _, db := range []*DB{nd.DB, other} {
			_, err = machines.Get(ada(t), db, kept[0])
			must(t, err)
			kept = append(kept, create(t, db, machines, machine{Name: "danach"}).ID)
		}
		nd.looked(t) // the feed is alive, and hears the other node
		if got, want := nd.next(t), "created "+kept[len(kept)-1]+" 1"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	got, err := machines.GetMany(ada(t), nd.DB, kept)
	must(t, err)
	if len(got) != len(kept) {
		t.Errorf("%d of %d machines are there", len(got), len(kept))
	}
}

// TestForeignSchema: a schema of another program is refused and left alone.
func TestForeignSchema(t *testing.T) {
	url, schema := pgtest.Schema(t)
	pgtest.Exec(t, url, "CREATE TABLE "+schema+".theirs (a int)")
	o := suite()
	o.Database, o.Schema = url, schema
	_, err := Open(t.Context(), o)
	wants(t, err, problem.Corrupt)
	for _, c := range []struct {
		database, schema string
		want             problem.Kind
		say              string
	}{
		{url, "a; DROP SCHEMA public", problem.BadInput, "Schemas"},
		{url, "", problem.BadInput, "Schemas"},
		{"postgres://%zz", "agm_x", problem.BadInput, "Adresse"},
		{"postgres://nobody@127.0.0.1:1/x?connect_timeout=1", "agm_x", problem.Unavailable, "erreichbar"},
		{strings.Replace(url, "/postgres?", "/nowhere?", 1), "agm_x", problem.Unavailable, "gibt es"},
		{strings.Replace(url, "postgres@", "stranger@", 1), "agm_x", problem.Unavailable, "lehnt"},
	} {
		if c.database == url && c.want == problem.Unavailable {
			continue // the URL of the environment has another form
		}
		o.Database, o.Schema = c.database, c.schema
		_, err := Open(t.Context(), o)
		if p := wants(t, err, c.want); !strings.Contains(p.Say.DE, c.say) {
			t.Errorf("%s: says %q", c.database, p.Say.DE)
		}
	}
}

// TestHeldLock: a node that holds the lock for too long is waited for as long
// as BusyTimeout says; a node that falls silent inside a write is cut off by
// the server, and the lock is free.
func TestHeldLock(t *testing.T) {
	o := suite()
	o.BusyTimeout = 20 * time.Millisecond
	db := openPostgreSQL(t, "db", o)
	o.Rand = seeded(2)
	o.BusyTimeout = 0
	silent := openPostgreSQL(t, "db", o)
	err := silent.Write(t.Context(), func(tx *Tx) error {
		err := db.Write(t.Context(), func(*Tx) error { return nil })
		if p := wants(t, err, problem.Unavailable); !strings.Contains(p.Say.DE, "belegt") {
			t.Errorf("says %q", p.Say.DE)
		}
		create := func() error {
			return db.Write(t.Context(), func(tx *Tx) error {
				_, err := machines.Create(ada(t), tx, machine{Name: "A"})
				return err
			})
		}
		// The server's limit is the session's; the test cannot wait for it.
		if _, err := tx.s.Exec(t.Context(), "SET LOCAL idle_in_transaction_session_timeout = 1"); err != nil {
			return err
		}
		for {
			if err := create(); err == nil {
				return nil
			}
		}
	})
	wants(t, err, problem.Unavailable)
	create(t, silent, machines, machine{Name: "B"}) // and it is back with the next write
}

// TestLimits holds what a dead node or a dead server is noticed by.
func TestLimits(t *testing.T) {
	db := openPostgreSQL(t, "db", suite())
	for name, want := range map[string]string{"synchronous_commit": "on", "idle_in_transaction_session_timeout": "5s", "statement_timeout": "30s", "lock_timeout": "5s",
		"random_page_cost": "1.1", "search_path": db.opts.Schema} {
		var got string
		write(t, db, func(tx *Tx) error {
			_, err := tx.s.One(t.Context(), "SELECT current_setting($1)", []any{name}, &got)
			return err
		})
		if got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if _, err := db.session().Exec(t.Context(), "DELETE FROM o_machine WHERE id = $1", "x"); problem.KindOf(err) != problem.Unavailable {
		t.Errorf("a reader wrote: %v", err)
	}
	// A reader whose caller leaves is interrupted, and its connection replaced.
	ctx, cancel := context.WithTimeout(ada(t), 20*time.Millisecond)
	defer cancel()
	_, err := db.session().Exec(ctx, "SELECT pg_sleep(20)")
	wants(t, err, problem.Unavailable)
	if n := column(t, db, "SELECT 'still here'"); len(n) != 1 {
		t.Error(n)
	}
}

// TestPlans: lists find their page by an index on both ends, and a search by
// the words' index where the server has pg_trgm.
func TestPlans(t *testing.T) {
	db := openPostgreSQL(t, "db", suite())
	write(t, db, func(tx *Tx) error {
		docs := make([]machine, 2000)
		for i := range docs {
			docs[i] = machine{Name: fmt.Sprintf("Maschine %d", i), Count: i % 50}
		}
		_, err := machines.CreateMany(ada(t), tx, docs)
		return err
	})
	pgtest.Exec(t, db.opts.Database, "SET search_path = "+db.opts.Schema+"; ANALYZE")
	for _, q := range []Query{{Sort: "name"}, {Sort: "-count", Filters: []Filter{Where("count", "<", 40)}}, {Sort: "-created_at"}, {}} {
		k := machines.core()
		p, err := k.Rel.Plan(q)
		must(t, err)
		text, args := p.Statement(db.engine.Reads(), "t.id, t.doc")
		plan := strings.Join(column(t, db, "EXPLAIN "+text, args...), "\n")
		if strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%+v reads and sorts everything:\n%s", q, plan)
		}
	}
}
