package store

import (
	"context"
	"errors"
	"reflect"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/rows"
)

// AnyTable is a plain table without its Go type.
type AnyTable interface {
	Name() string
	core() *rows.Table
	clear(ctx context.Context, tx *Tx) error
}

// Table is a plain table with rows of type T: read models, sessions, queues.
// It has no history, no journal entries and no access check; whoever reads it
// for a person checks first. Tags: key (one or more fields, in order), index
// (filtered, sorted and grouped by). Objects and lists inside a row are stored
// as JSON.
type Table[T any] struct{ t *rows.Table }

// TableOption changes a table.
type TableOption func(*tableOptions)

type tableOptions struct{ readModel bool }

// ReadModel declares that the table is fed by a projection: when its
// declaration changes in a way that stored rows do not fit, it is emptied at
// Open and the projection fills it again.
func ReadModel() TableOption { return func(o *tableOptions) { o.readModel = true } }

// NewTable declares a table. A declaration that is wrong fails in Open.
func NewTable[T any](name string, opts ...TableOption) *Table[T] {
	var o tableOptions
	for _, opt := range opts {
		opt(&o)
	}
	return &Table[T]{rows.New(reflect.TypeFor[T](), name, o.readModel)}
}

func (t *Table[T]) core() *rows.Table { return t.t }

func (t *Table[T]) clear(ctx context.Context, tx *Tx) error { return t.Clear(ctx, tx) }

// Name is the table's name.
func (t *Table[T]) Name() string { return t.t.Name() }

// RowPage is one page of rows; see Page.
type RowPage[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
	Total int    `json:"total"`
}

// table returns the table as the database knows it.
func (t *Table[T]) table(r Reader) (*rows.Table, engine.Session, error) {
	s := r.session()
	if have := s.db.tables[t.t.Name()]; have != nil && have.GoType() == t.t.GoType() {
		return have, s.Session, nil
	}
	return nil, s.Session, refusal.Declared(t.t.Name(), errors.New("is not among Options.Tables, or with another type"))
}

// Put inserts rows, or replaces those with the same key; many at once cost far
// less than one by one. Of two rows with one key the later stays.
func (t *Table[T]) Put(ctx context.Context, tx *Tx, rows ...T) error {
	tab, s, err := t.table(tx)
	if err != nil {
		return err
	}
	return tab.Put(ctx, s, len(rows), func(i int) any { return &rows[i] })
}

// Get returns the row with that key (one value a key field), or NotFound.
func (t *Table[T]) Get(ctx context.Context, r Reader, keys ...any) (T, error) {
	var row T
	tab, s, err := t.table(r)
	if err == nil {
		err = tab.Get(ctx, s, keys, &row)
	}
	return row, err
}

// List returns one page; filters, sort and cursor work as for objects, on key
// and index fields. Without a sort, rows come by key.
func (t *Table[T]) List(ctx context.Context, r Reader, q Query) (RowPage[T], error) {
	tab, s, err := t.table(r)
	if err != nil {
		return RowPage[T]{}, err
	}
	p := RowPage[T]{Items: []T{}}
	p.Next, p.Total, err = tab.List(ctx, s, q, func() any {
		p.Items = append(p.Items, *new(T))
		return &p.Items[len(p.Items)-1]
	})
	if err != nil {
		return RowPage[T]{}, err
	}
	return p, nil
}

// Delete removes the row with that key; one that is not there is no error.
func (t *Table[T]) Delete(ctx context.Context, tx *Tx, keys ...any) error {
	tab, s, err := t.table(tx)
	if err != nil {
		return err
	}
	return tab.Delete(ctx, s, keys)
}

// DeleteWhere removes what the filters let through and returns how many rows
// that were.
func (t *Table[T]) DeleteWhere(ctx context.Context, tx *Tx, filters ...Filter) (int, error) {
	tab, s, err := t.table(tx)
	if err != nil {
		return 0, err
	}
	return tab.DeleteWhere(ctx, s, filters)
}

// Count counts what the filters let through.
func (t *Table[T]) Count(ctx context.Context, r Reader, filters ...Filter) (int, error) {
	tab, s, err := t.table(r)
	if err != nil {
		return 0, err
	}
	return tab.Count(ctx, s, filters)
}

// Group counts rows by the value of one key or index field, written as text:
// times in microseconds since 1970, truth values as 0 and 1.
func (t *Table[T]) Group(ctx context.Context, r Reader, field string, filters ...Filter) (map[string]int, error) {
	tab, s, err := t.table(r)
	if err != nil {
		return nil, err
	}
	return tab.Group(ctx, s, field, filters)
}

// Clear removes all rows.
func (t *Table[T]) Clear(ctx context.Context, tx *Tx) error {
	tab, s, err := t.table(tx)
	if err != nil {
		return err
	}
	return tab.Clear(ctx, s)
}
