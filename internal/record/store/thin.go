package store

import (
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/shape"
	"context"
	"database/sql"
	"encoding/json"
	"reflect"
	"time"
)

type session struct {
	db *DB
	q  *pool
}
type pool struct{ db *sql.DB }
type writer struct{}

func (*writer) close() error { return nil }

type dialect interface {
	open(context.Context, Options) (*sql.DB, *sql.DB, error)
}
type sqlite struct{}

func (sqlite) open(context.Context, Options) (w, r *sql.DB, err error) { return nil, nil, unbuilt() }
func newPool(*sql.DB, dialect) *pool                                   { return nil }
func newWriter(*pool) *writer                                          { return nil }
func (db *DB) migrate(context.Context) error                           { return unbuilt() }

type relation struct{ names []string }
type kind struct {
	name, prefix string
	shape        *shape.Shape
	err          error
	rel          relation
	version      int
	upgrade      func(int, json.RawMessage) (json.RawMessage, error)
}

func (k *kind) refers() []string                    { return nil }
func (k *kind) decode(json.RawMessage) (any, error) { return nil, unbuilt() }
func newKind[T any](name, prefix string, opts []KindOption) *kind {
	k := &kind{name: name, prefix: prefix}
	k.shape, k.err = shape.Of(reflect.TypeFor[T]())
	return k
}

type table struct {
	name      string
	err       error
	readModel bool
}

func newTable[T any](name string, opts []TableOption) *table { return &table{name: name} }

// Tx is a running write transaction; it is valid until the function given to
// Write returns, on its goroutine.
type Tx struct{ s session }

func (tx *Tx) session() session { return tx.s }

// Write runs fn in one transaction and returns when it is durable.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error { return unbuilt() }

// Emit adds a further journal entry to the transaction.
func (tx *Tx) Emit(e ledger.Event) error { return unbuilt() }

type row struct{}

func typed[T any](row, error) (Object[T], error)        { return Object[T]{}, unbuilt() }
func typedAll[T any]([]row, error) ([]Object[T], error) { return nil, unbuilt() }
func untyped(row, error) (Record, error)                { return Record{}, unbuilt() }
func untypedAll([]row, error) ([]Record, error)         { return nil, unbuilt() }
func (tx *Tx) create(context.Context, *kind, string, any, json.RawMessage) (row, error) {
	return row{}, unbuilt()
}
func (tx *Tx) createMany(context.Context, *kind, []any, []json.RawMessage) ([]row, error) {
	return nil, unbuilt()
}
func (tx *Tx) update(context.Context, *kind, string, int64, any, json.RawMessage) (row, error) {
	return row{}, unbuilt()
}
func (tx *Tx) patch(context.Context, *kind, string, int64, json.RawMessage) (row, error) {
	return row{}, unbuilt()
}
func (tx *Tx) delete(context.Context, *kind, string, int64) error         { return unbuilt() }
func (s session) get(context.Context, *kind, string) (row, error)         { return row{}, unbuilt() }
func (s session) getMany(context.Context, *kind, []string) ([]row, error) { return nil, unbuilt() }
func (s session) list(context.Context, *kind, Query) ([]row, string, int, error) {
	return nil, "", 0, unbuilt()
}
func (s session) count(context.Context, *kind, []Filter) (int, error) { return 0, unbuilt() }
func (s session) asOf(context.Context, *kind, string, time.Time) (row, error) {
	return row{}, unbuilt()
}
func (tx *Tx) putRow(context.Context, *table, any) error           { return unbuilt() }
func (s session) getRow(context.Context, *table, []any, any) error { return unbuilt() }
func (s session) listRows(context.Context, *table, Query, func() any) (string, int, error) {
	return "", 0, unbuilt()
}
func (tx *Tx) deleteRow(context.Context, *table, []any) error              { return unbuilt() }
func (tx *Tx) deleteRows(context.Context, *table, []Filter) (int, error)   { return 0, unbuilt() }
func (s session) countRows(context.Context, *table, []Filter) (int, error) { return 0, unbuilt() }
func (s session) groupRows(context.Context, *table, string, []Filter) (map[string]int, error) {
	return nil, unbuilt()
}
func (tx *Tx) clearTable(context.Context, *table) error { return unbuilt() }

// History returns all revisions of an object, oldest first.
func (db *DB) History(ctx context.Context, kind, id string) ([]Version, error) { return nil, unbuilt() }

// LinksTo returns what refers to an object.
func (db *DB) LinksTo(ctx context.Context, id string) ([]Link, error) { return nil, unbuilt() }

// Titles returns the titles of objects of any kind, by id.
func (db *DB) Titles(ctx context.Context, r Reader, ids ...string) (map[string]string, error) {
	return nil, unbuilt()
}

// Hit is one object that a search found.
type Hit struct{ Kind, ID, Title string }

// Search finds objects of all kinds.
func (db *DB) Search(ctx context.Context, query string, limit int) ([]Hit, error) {
	return nil, unbuilt()
}

// Kinds lists the kinds of the database.
func (db *DB) Kinds() []AnyKind { return db.opts.Kinds }

// CountQueries counts the SQL statements that run under the returned context.
func CountQueries(ctx context.Context) (context.Context, *int64) { return ctx, new(int64) }

// Sequence moves the outbox into the journal until ctx ends.
func (db *DB) Sequence(ctx context.Context, j Journal) error { return unbuilt() }

// Flush returns when the outbox is empty and the journal holds it.
func (db *DB) Flush(ctx context.Context, j Journal) error { return unbuilt() }

// Follow runs a projection until ctx ends.
func (db *DB) Follow(ctx context.Context, j Journal, p Projection) error { return unbuilt() }

// CatchUp applies what the journal holds now.
func (db *DB) CatchUp(ctx context.Context, j Journal, p Projection) error { return unbuilt() }

// Rebuild empties the tables of a projection and fills them again.
func (db *DB) Rebuild(ctx context.Context, j Journal, p Projection) error { return unbuilt() }
func unbuilt() error {
	return problem.New(problem.Unavailable, "Der Speicher ist noch nicht gebaut.", "The store is not built yet.")
}
