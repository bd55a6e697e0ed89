// Package store is the objects mechanism of the house and the only room that
// speaks SQL.
//
// A room declares a kind of object once, as a struct with tags:
//
//	type Risk struct {
//		Name   string `json:"name" store:"index,search,required"`
//		System string `json:"system" store:"ref=system,required"`
//	}
//
//	func Risks() *store.Kind[Risk] { return store.NewKind[Risk]("risk", "rsk") }
//
// and hands it to Open. From that declaration come the table, the checks, the
// revision check (If-Match), the history with readable differences, links in
// both directions, full text, filters and stable paging on indexed fields, the
// journal entry of every change, and the untyped face (AnyKind) on which REST,
// forms and table import are built. A change commits object, history, links,
// search and outbox in one transaction (DB.Write); a sequencer moves the
// outbox into the journal in order and exactly once (DB.Sequence).
//
// Rows that come in thousands are not objects: they live in plain tables
// (Table), written directly or fed from the journal by a Projection, which can
// be rebuilt at any time.
//
// # Tags
//
//	index     lists filter by the field and, unless it is a list, sort by it
//	search    full text finds it
//	required  empty is refused; both languages of a bilingual text
//	unique    no two objects share a value; implies index
//	ref=kind  an id of that kind; checked, linked, implies index
//	personal  personal data: the value never reaches the journal
//	long      long text, for forms
//	format=   email, uri or date, for strings
//	min=,max= bounds of a number, of the length of a text or a list
//
// Fields are strings, enums (a named string type with Values() []string),
// bool, int, int64, float64, time.Time, text.Bi, structs of those, slices of
// all of them, and pointers to single values where absent differs from empty.
// Maps and free JSON are refused, and so are more than 40 fields. On *T the
// room may add Validate() error, Default() and Title() string.
//
// # Inside
//
// shape reads declarations, layout gives a kind its table, engine runs SQL on one
// of the engines, query turns lists into statements, rows keeps plain tables,
// outbox feeds the journal, feed carries changes to other nodes, carry moves
// tables between engines. They serve this package; other rooms use store alone.
//
// # One node or several
//
// With Options.Path everything lies in one SQLite file that one process has
// open. With Options.Database and Schema it lies in one schema of PostgreSQL
// that any number of nodes have open, each with ten connections at most: their
// writes run one after another, and what one commits the others hear through
// DB.Feed. Both engines give the same
// answers; DB.Digest shows it, Copy carries everything from one to the other.
// Engines differ in this: on PostgreSQL a commit can end without an answer. The
// write then returns Unavailable and is not announced; if it happened after
// all, the node's own Feed says so.
//
// # What it leaves to whom
//
// Who may do what is decided by Options.Access, handed in from above; without
// an actor in the context everything is denied. What an entry means is the
// room's that emits it. One process per database file: the lock is org's.
package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/feed"
	"augenmass/internal/record/store/outbox"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/rows"
)

// Options say where the database lives and what it holds.
type Options struct {
	Path     string // database file; created with mode 0600 when missing
	Database string // "postgres://…": PostgreSQL instead of the file
	Schema   string // of the organisation on PostgreSQL; created when missing

	Kinds  []AnyKind  // every kind of object, and every kind that one refers to
	Tables []AnyTable // every plain table, those of projections too
	Access AccessFunc // who may do what; nil: only the system itself may do anything
	Source string     // CloudEvents source of object events, e.g. "/werk/store"

	Now         func() time.Time // default time.Now
	Rand        io.Reader        // default crypto/rand; ids and salts
	BusyTimeout time.Duration    // how long a write waits for a lock that another process holds; default 5 s
}

// DB is the open database of one organisation. Its methods are safe for many
// goroutines.
type DB struct {
	opts   Options
	engine *engine.DB
	outbox *outbox.Box
	feed   *feed.Feed
	kinds  map[string]*kind
	prefix map[string]*kind
	tables map[string]*rows.Table

	listening sync.RWMutex
	listeners []func(context.Context, []Change)
	remote    []func(context.Context, []Change)
	told      []func(ctx context.Context, topic, payload string)
}

// Open opens the database, creates or extends its tables for the declared
// kinds, and upgrades documents of older shapes, all in one transaction. It
// refuses a declaration that would lose stored data and says which field.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.Source == "" {
		o.Source = "/store"
	}
	db := &DB{opts: o, kinds: map[string]*kind{}, prefix: map[string]*kind{}, tables: map[string]*rows.Table{}}
	if err := db.register(); err != nil {
		return nil, err
	}
	var err error
	if db.engine, err = engine.Open(ctx, engine.Options{Path: o.Path, BusyTimeout: o.BusyTimeout, Database: o.Database, Schema: o.Schema}); err != nil {
		return nil, err
	}
	ended := false
	defer func() {
		if !ended { // an upgrade panicked; it passes through and leaves no connection behind
			err = db.Close()
		}
	}()
	db.outbox = outbox.New(db.engine, placed)
	err = db.engine.Migrate(ctx, func(s engine.Session) error { return db.migrate(ctx, s) })
	ended = true
	if err != nil {
		return nil, cmp.Or(err, db.Close())
	}
	if db.feed, err = feed.Open(ctx, db.engine, o.Now); err != nil {
		return nil, cmp.Or(err, db.Close())
	}
	return db, nil
}

// register checks the declarations against each other.
func (db *DB) register() error {
	for _, a := range db.opts.Kinds {
		k := a.core()
		if k.err != nil {
			return refusal.Declared(k.name, k.err)
		}
		if db.kinds[k.name] != nil || db.prefix[k.prefix] != nil {
			return refusal.Declared(k.name, fmt.Errorf("name or prefix %q is taken", k.prefix))
		}
		db.kinds[k.name], db.prefix[k.prefix] = k, k
	}
	for _, k := range db.kinds {
		for _, to := range k.Refers() {
			if db.kinds[to] == nil {
				return refusal.Declared(k.name, fmt.Errorf("refers to kind %q, which is not among Options.Kinds", to))
			}
		}
	}
	for _, a := range db.opts.Tables {
		t := a.core()
		if err := t.Compile(); err != nil {
			return refusal.Declared(t.Name(), err)
		}
		if db.tables[t.Name()] != nil {
			return refusal.Declared(t.Name(), fmt.Errorf("name is taken"))
		}
		db.tables[t.Name()] = t
	}
	return nil
}

// Close waits for the running write and closes the database.
func (db *DB) Close() error { return db.engine.Close() }

// now is the current instant in UTC, to the microsecond, as stored.
func (db *DB) now() time.Time { return db.opts.Now().UTC().Truncate(time.Microsecond) }

// OnCommit adds a listener that is called after every write that changed
// objects, synchronously, before Write returns, on the writer's goroutine and
// with its context. Calls of different writers may overlap. A listener may
// write itself.
func (db *DB) OnCommit(fn func(ctx context.Context, changes []Change)) {
	db.listening.Lock()
	defer db.listening.Unlock()
	db.listeners = append(db.listeners, fn)
}

func (db *DB) announce(ctx context.Context, changes []Change) {
	if len(changes) == 0 {
		return
	}
	db.listening.RLock()
	all := db.listeners[:len(db.listeners):len(db.listeners)]
	db.listening.RUnlock()
	for _, fn := range all {
		fn(ctx, changes)
	}
}

// Change is one committed change of one object.
type Change struct {
	Kind     string
	ID       string
	Revision int64 // of the object after the change; of a deletion, one more than the last
	Op       string
	Actor    Actor
}

// Operations of a Change and of a Version.
const (
	Created = "created"
	Updated = "updated"
	Deleted = "deleted"
)

// CountQueries returns a context under which every SQL statement is counted.
// Tests hold pages to their few queries with it.
func CountQueries(ctx context.Context) (context.Context, *int64) { return engine.CountQueries(ctx) }
