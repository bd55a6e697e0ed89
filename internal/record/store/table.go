package store

import (
	"context"
)

// AnyTable is a plain table without its Go type.
type AnyTable interface {
	Name() string
	core() *table
}

// Table is a plain table with rows of type T: read models, sessions, queues.
// It has no history, no journal entries and no access check; whoever reads it
// for a person checks first. Tags: key (one or more fields, in order), index
// (filtered, sorted and grouped by). Objects and lists inside a row are stored
// as JSON.
type Table[T any] struct{ t *table }

// TableOption changes a table.
type TableOption func(*table)

// ReadModel declares that the table is fed by a projection: when its
// declaration changes in a way that stored rows do not fit, it is emptied at
// Open and the projection fills it again.
func ReadModel() TableOption { return func(t *table) { t.readModel = true } }

// NewTable declares a table. A declaration that is wrong fails in Open.
func NewTable[T any](name string, opts ...TableOption) *Table[T] {
	return &Table[T]{newTable[T](name, opts)}
}

func (t *Table[T]) core() *table { return t.t.compiled() }

// Name is the table's name.
func (t *Table[T]) Name() string { return t.t.name }

// RowPage is one page of rows; see Page.
type RowPage[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
	Total int    `json:"total"`
}

// Put inserts rows, or replaces those with the same key.
func (t *Table[T]) Put(ctx context.Context, tx *Tx, rows ...T) error {
	for i := range rows {
		if err := tx.putRow(ctx, t.t, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// Get returns the row with that key (one value a key field), or NotFound.
func (t *Table[T]) Get(ctx context.Context, r Reader, keys ...any) (T, error) {
	var row T
	err := r.session().getRow(ctx, t.t, keys, &row)
	return row, err
}

// List returns one page; filters, sort and cursor work as for objects, on key
// and index fields. Without a sort, rows come by key.
func (t *Table[T]) List(ctx context.Context, r Reader, q Query) (RowPage[T], error) {
	p := RowPage[T]{Items: []T{}}
	var err error
	p.Next, p.Total, err = r.session().listRows(ctx, t.t, q, func() any {
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
	return tx.deleteRow(ctx, t.t, keys)
}

// DeleteWhere removes what the filters let through and returns how many rows
// that were.
func (t *Table[T]) DeleteWhere(ctx context.Context, tx *Tx, filters ...Filter) (int, error) {
	return tx.deleteRows(ctx, t.t, filters)
}

// Count counts what the filters let through.
func (t *Table[T]) Count(ctx context.Context, r Reader, filters ...Filter) (int, error) {
	return r.session().countRows(ctx, t.t, filters)
}

// Group counts rows by the value of one key or index field, written as text
// (times in microseconds since 1970).
func (t *Table[T]) Group(ctx context.Context, r Reader, field string, filters ...Filter) (map[string]int, error) {
	return r.session().groupRows(ctx, t.t, field, filters)
}

// Clear removes all rows.
func (t *Table[T]) Clear(ctx context.Context, tx *Tx) error { return tx.clearTable(ctx, t.t) }
