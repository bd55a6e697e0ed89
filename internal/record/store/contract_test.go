package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/pgtest"
	"augenmass/internal/text"
)

// opener opens an empty database of one engine, or the one that the same test
// opened before under the same name.
type opener func(t *testing.T, name string, o Options) *DB

// TestSQLite and TestPostgreSQL run the contract. Another engine adds one such
// test.
func TestSQLite(t *testing.T) { contract(t, openSQLite) }

func TestPostgreSQL(t *testing.T) { contract(t, openPostgreSQL) }

// engines runs a test on each of them.
func engines(t *testing.T, run func(t *testing.T, open opener)) {
	t.Run("SQLite", func(t *testing.T) { run(t, openSQLite) })
	t.Run("PostgreSQL", func(t *testing.T) { run(t, openPostgreSQL) })
}

// contract is what every engine owes. Each part is a function of its own so
// that a failure names it.
func contract(t *testing.T, open opener) {
	parts := []struct {
		name string
		run  func(t *testing.T, open opener)
	}{
		{"lifecycle", contractLifecycle},
		{"round trip", contractRoundTrip},
		{"every wrong field at once", contractWrongFields},
		{"strict JSON", contractStrictJSON},
		{"patch", contractPatch},
		{"the untyped face", contractFace},
		{"damaged documents", contractDamaged},
		{"conflict shows both versions", contractConflict},
		{"no change, no revision", contractNoChange},
		{"ids of the caller's choice", contractCreateAs},
		{"bulk", contractBulk},
		{"unique", contractUnique},
		{"links", contractLinks},
		{"history and as of", contractHistory},
		{"clock going backwards", contractClock},
		{"search", contractSearch},
		{"filters", contractFilters},
		{"unknown fields never reach SQL", contractAllowList},
		{"hostile text", contractHostile},
		{"texts of any length", contractLong},
		{"text that is no text", contractNoText},
		{"along the sort", contractAlong},
		{"sorting as readers look", contractSorting},
		{"paging", contractPaging},
		{"paging while rows are inserted", contractPagingInserts},
		{"few queries", contractQueries},
		{"access", contractAccess},
		{"access by document", contractAskDoc},
		{"organisations share nothing", contractOrganisations},
		{"fifty writers", contractWriters},
		{"errors and panics undo everything", contractUndo},
		{"callers who leave", contractLeaving},
		{"listeners", contractListeners},
		{"personal values stay out of events", contractPersonal},
		{"outbox", contractOutbox},
		{"outbox survives a kill between append and mark", contractKill},
		{"journal failing", contractJournalFails},
		{"journal of another database", contractWrongJournal},
		{"tables", contractTables},
		{"many rows at once", contractManyRows},
		{"projection", contractProjection},
		{"projection rebuilt when it changed", contractProjectionChange},
		{"placeholders by number", contractPlaceholders},
		{"old shapes", contractUpgrade},
		{"additive change", contractAdditive},
		{"incompatible change", contractIncompatible},
		{"newer database", contractNewer},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel() // each has a database of its own and waits for it
			p.run(t, open)
		})
	}
}

var sqliteDirs sync.Map // test → folder, so that a test can open its database again

func openSQLite(t *testing.T, name string, o Options) *DB {
	t.Helper()
	dir, ok := sqliteDirs.Load(t.Name())
	if !ok {
		dir = t.TempDir()
		sqliteDirs.Store(t.Name(), dir)
		t.Cleanup(func() { sqliteDirs.Delete(t.Name()) })
	}
	o.Path = filepath.Join(dir.(string), name+".db")
	return openHere(t, o)
}

type schemaKey struct{ test, name string }

var schemas sync.Map // schemaKey → URL and schema

func openPostgreSQL(t *testing.T, name string, o Options) *DB {
	t.Helper()
	key := schemaKey{t.Name(), name}
	at, ok := schemas.Load(key)
	if !ok {
		url, schema := pgtest.Schema(t)
		at = [2]string{url, schema}
		schemas.Store(key, at)
		t.Cleanup(func() { schemas.Delete(key) })
	}
	o.Database, o.Schema = at.([2]string)[0], at.([2]string)[1]
	return openHere(t, o)
}

func openHere(t *testing.T, o Options) *DB {
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
	return db
}

// place returns o with the place of a database that may be closed.
func (db *DB) place(o Options) Options {
	o.Path, o.Database, o.Schema = db.opts.Path, db.opts.Database, db.opts.Schema
	return o
}

// The kinds of the suite: a plant with machines and findings.

type severity string

func (severity) Values() []string { return []string{"minor", "major"} }

type plant struct {
	Name string `json:"name" store:"index,search,required"`
}

func (p *plant) Title() string { return p.Name }

type part struct {
	Name  string  `json:"name" store:"required"`
	Plant string  `json:"plant" store:"ref=plant"`
	Hours float64 `json:"hours" store:"min=0"`
}

type place struct {
	Hall  string    `json:"hall" store:"index"`
	Since time.Time `json:"since"`
}

type machine struct {
	Name     string     `json:"name" store:"index,search,required,max=120"`
	Purpose  text.Bi    `json:"purpose" store:"index,search"`
	Plant    string     `json:"plant" store:"ref=plant"`
	Peers    []string   `json:"peers" store:"ref=machine"`
	Severity severity   `json:"severity" store:"index"`
	Tags     []string   `json:"tags" store:"index"`
	Count    int        `json:"count" store:"index"`
	Share    float64    `json:"share" store:"index,max=1"`
	On       bool       `json:"on" store:"index"`
	BuiltAt  time.Time  `json:"built_at" store:"index"`
	Operator string     `json:"operator" store:"personal,search"`
	Code     string     `json:"code" store:"unique"`
	Mail     string     `json:"mail" store:"format=email,personal"`
	Parts    []part     `json:"parts"`
	Place    place      `json:"place"`
	Limit    *int       `json:"limit"`
	Checked  *time.Time `json:"checked"`
}

func (m *machine) Title() string { return m.Name }

func (m *machine) Default() {
	if m.Severity == "" {
		m.Severity = "minor"
	}
}

func (m *machine) Validate() error {
	var c problem.Checks
	c.Field(m.Severity != "major" || m.Count > 0, "count", "Fehlt.", "A major machine counts.")
	return c.Err()
}

var (
	plants   = NewKind[plant]("plant", "pla")
	machines = NewKind[machine]("machine", "mac")
)

// suite returns options with the suite's kinds, a clock that ticks a second a
// call, and seeded randomness.
func suite() Options {
	return Options{Kinds: []AnyKind{plants, machines}, Access: AllowAll, Source: "/werk/store", Now: ticking(), Rand: seeded(1)}
}

// ticking is a clock that advances by a second each time it is read.
func ticking() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

// random is reproducible randomness for several goroutines.
type random struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

func seeded(seed byte) *random { return &random{src: rand.NewChaCha8([32]byte{seed})} }

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}

func person(ctx context.Context, id string, roles ...string) context.Context {
	return WithActor(ctx, Actor{ID: id, Kind: "person", Roles: roles})
}

// ada is the context in which most of the suite acts.
func ada(t *testing.T) context.Context { return person(t.Context(), "usr_ada") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, db *DB, fn func(tx *Tx) error) {
	t.Helper()
	must(t, db.Write(t.Context(), fn))
}

func create[T any](t *testing.T, db *DB, k *Kind[T], doc T) Object[T] {
	t.Helper()
	var o Object[T]
	write(t, db, func(tx *Tx) (err error) {
		o, err = k.Create(ada(t), tx, doc)
		return err
	})
	return o
}

func update[T any](t *testing.T, db *DB, k *Kind[T], o Object[T], change func(*T)) Object[T] {
	t.Helper()
	change(&o.Doc)
	write(t, db, func(tx *Tx) (err error) {
		o, err = k.Update(ada(t), tx, o.ID, o.Revision, o.Doc)
		return err
	})
	return o
}

// wants fails unless err is a problem of the kind.
func wants(t *testing.T, err error, k problem.Kind) *problem.Problem {
	t.Helper()
	if !problem.Is(err, k) {
		t.Fatalf("got %v (%s), want a problem of kind %s", err, problem.KindOf(err), k)
	}
	var p *problem.Problem
	errors.As(err, &p)
	if p.Say.DE == "" || p.Say.EN == "" {
		t.Errorf("problem without a sentence in both languages: %+v", p)
	}
	return p
}

// paths lists the wrong fields of a problem.
func paths(p *problem.Problem) []string {
	var out []string
	for _, f := range p.Fields {
		out = append(out, f.Path)
	}
	return out
}

func names(items []Object[machine]) []string {
	out := []string{}
	for _, o := range items {
		out = append(out, o.Doc.Name)
	}
	return out
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// contractPlaceholders holds what the room's one SQL text rests on: $N binds
// by number, not by order of appearance.
func contractPlaceholders(t *testing.T, open opener) {
	db := open(t, "db", suite())
	var got string
	_, err := db.session().One(t.Context(), "SELECT $2 || $1 || $2", []any{"x", "y"}, &got)
	must(t, err)
	if got != "yxy" {
		t.Fatalf("$2,$1,$2 with (x, y) gave %s", got)
	}
}

func contractOrganisations(t *testing.T, open opener) {
	a, b := open(t, "a", suite()), open(t, "b", suite())
	o := create(t, a, machines, machine{Name: "Fräse"})
	_, err := machines.Get(ada(t), b, o.ID)
	wants(t, err, problem.NotFound)
	page, err := machines.List(ada(t), b, Query{Search: "fräse"})
	must(t, err)
	if page.Total != 0 || len(page.Items) != 0 {
		t.Errorf("the other organisation sees %v", page)
	}
	_, err = b.History(ada(t), "machine", o.ID)
	wants(t, err, problem.NotFound)
	pending, err := b.outbox.Pending(t.Context(), 10)
	must(t, err)
	if len(pending) != 0 {
		t.Errorf("the other organisation's outbox holds %d entries", len(pending))
	}
	// The same id means two things, each in its own house.
	write(t, b, func(tx *Tx) error {
		_, err := machines.CreateAs(ada(t), tx, o.ID, machine{Name: "Presse"})
		return err
	})
	mine, err := machines.Get(ada(t), a, o.ID)
	must(t, err)
	if mine.Doc.Name != "Fräse" {
		t.Errorf("organisation a now reads %q", mine.Doc.Name)
	}
}

func contractWriters(t *testing.T, open opener) {
	db := open(t, "db", suite())
	shared := create(t, db, machines, machine{Name: "gemeinsam"})
	const writers, each = 50, 4
	var wg sync.WaitGroup
	var conflicts, wins sync.Map
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				ctx := person(t.Context(), fmt.Sprintf("usr_%d", w))
				err := db.Write(ctx, func(tx *Tx) error {
					_, err := machines.Create(ctx, tx, machine{Name: fmt.Sprintf("M %d.%d", w, i)})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			// All want to be the one that changes revision 1.
			err := db.Write(t.Context(), func(tx *Tx) error {
				doc := shared.Doc
				doc.Count = w + 1
				_, err := machines.Update(ada(t), tx, shared.ID, shared.Revision, doc)
				return err
			})
			switch {
			case err == nil:
				wins.Store(w, true)
			case problem.Is(err, problem.Conflict):
				conflicts.Store(w, true)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	size := func(m *sync.Map) (n int) {
		m.Range(func(any, any) bool { n++; return true })
		return n
	}
	if size(&wins) != 1 || size(&conflicts) != writers-1 {
		t.Errorf("%d won, %d met a conflict", size(&wins), size(&conflicts))
	}
	n, err := machines.Count(ada(t), db)
	must(t, err)
	if n != writers*each+1 {
		t.Errorf("%d machines, want %d", n, writers*each+1)
	}
	pending, err := db.outbox.Pending(t.Context(), 10_000)
	must(t, err)
	if len(pending) != writers*each+2 {
		t.Errorf("outbox holds %d entries, want %d", len(pending), writers*each+2)
	}
}

func contractUndo(t *testing.T, open opener) {
	db := open(t, "db", suite())
	boom := errors.New("boom")
	make := func(tx *Tx) {
		_, err := machines.Create(ada(t), tx, machine{Name: "bleibt nicht"})
		must(t, err)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error { make(tx); return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() != "panic" {
				t.Error("the panic did not pass through")
			}
		}()
		_ = db.Write(t.Context(), func(tx *Tx) error { make(tx); panic("panic") })
	}()
	// A driver error that the function swallows still undoes everything.
	err := db.Write(t.Context(), func(tx *Tx) error {
		make(tx)
		_, _ = tx.session().Exec(t.Context(), "INSERT INTO nowhere (a) VALUES (1)")
		return nil
	})
	wants(t, err, problem.Internal)
	// Others in the same commit keep theirs.
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *Tx) error {
				_, err := machines.Create(ada(t), tx, machine{Name: fmt.Sprint(i)})
				if i%2 == 1 {
					return boom
				}
				return err
			})
			if (err != nil) != (i%2 == 1) {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	n, err := machines.Count(ada(t), db)
	must(t, err)
	if n != 10 {
		t.Errorf("%d machines, want the 10 that committed", n)
	}
	// A transaction is over when its function returns.
	var kept *Tx
	write(t, db, func(tx *Tx) error { kept = tx; return nil })
	_, err = machines.Create(ada(t), kept, machine{Name: "zu spät"})
	wants(t, err, problem.Internal)
	// A context that has ended writes nothing.
	ctx, cancel := context.WithCancel(ada(t))
	cancel()
	if err := db.Write(ctx, func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// leaving is a context that ends while a statement runs: its channel is closed
// already, but whoever asked Err before the statement saw nothing.
type leaving struct{ context.Context }

func (leaving) Done() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// contractLeaving: a caller who leaves in the middle of a statement does not
// take the shared transaction down.
func contractLeaving(t *testing.T, open opener) {
	db := open(t, "db", suite())
	for range 20 {
		write(t, db, func(tx *Tx) error {
			_, err := machines.Create(leaving{ada(t)}, tx, machine{Name: "A"})
			return err
		})
	}
}

func contractListeners(t *testing.T, open opener) {
	db := open(t, "db", suite())
	var got []Change
	db.OnCommit(func(ctx context.Context, changes []Change) {
		got = append(got, changes...)
		// A listener may read what was committed, and write.
		if _, err := machines.Get(ada(t), db, changes[0].ID); err != nil && changes[0].Op != Deleted {
			t.Error(err)
		}
		if changes[0].Op == Deleted {
			must(t, db.Write(ctx, func(tx *Tx) error { return nil }))
		}
	})
	o := create(t, db, machines, machine{Name: "A"})
	o = update(t, db, machines, o, func(m *machine) { m.Count = 2 })
	write(t, db, func(tx *Tx) error { return machines.Delete(ada(t), tx, o.ID, o.Revision) })
	_ = db.Write(t.Context(), func(tx *Tx) error {
		_, err := machines.Create(ada(t), tx, machine{Name: "B"})
		must(t, err)
		return errors.New("undone")
	})
	want := fmt.Sprint([]Change{
		{"machine", o.ID, 1, Created, Actor{ID: "usr_ada", Kind: "person"}},
		{"machine", o.ID, 2, Updated, Actor{ID: "usr_ada", Kind: "person"}},
		{"machine", o.ID, 3, Deleted, Actor{ID: "usr_ada", Kind: "person"}},
	})
	if fmt.Sprint(got) != want {
		t.Errorf("listeners heard\n%v, want\n%v", got, want)
	}
}
