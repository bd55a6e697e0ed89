package store

import (
	"context"
	"encoding/json"
	"time"

	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/shape"
)

// Meta is what the store knows about every object. Times are UTC, to the
// microsecond.
type Meta struct {
	ID        string    `json:"id"`
	Revision  int64     `json:"revision"` // starts at 1; every change adds 1
	Title     string    `json:"title"`    // what Title() said; "" without one
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"` // id of the actor
	UpdatedAt time.Time `json:"updated_at"`
	UpdatedBy string    `json:"updated_by"`
}

// Object is a document with its Meta.
type Object[T any] struct {
	Meta
	Doc T `json:"doc"`
}

// Record is an object whose document is JSON, for faces.
type Record = Object[json.RawMessage]

// Page is one page of a list. Next is the cursor of the following page, ""
// after the last; Total counts everything that the filters let through.
type Page[T any] struct {
	Items []Object[T] `json:"items"`
	Next  string      `json:"next"`
	Total int         `json:"total"`
}

// Query asks for one page of a list.
type Query = query.Query

// Filter lets through what has the given values in an indexed field.
type Filter = query.Filter

// Where is Filter{field, op, values}.
func Where(field, op string, values ...any) Filter {
	return Filter{Field: field, Op: op, Values: values}
}

// Limits of Query.Limit.
const (
	DefaultLimit = query.DefaultLimit
	MaxLimit     = query.MaxLimit
)

// Field describes one declared field; labels are in the text catalogue under
// kind.<kind>.<Path>.
type Field = shape.Field

// Diff is one readable difference between two revisions.
type Diff = shape.Diff

// AnyKind is a kind without its Go type: enough for REST with OpenAPI, default
// list, form and detail pages, and table import. Documents are JSON and are
// decoded strictly; every wrong field is named with its path.
type AnyKind interface {
	Name() string
	Prefix() string
	Fields() []Field
	Indexes() []string // names that filters and sorts may use
	GetJSON(ctx context.Context, r Reader, id string) (Record, error)
	ListJSON(ctx context.Context, r Reader, q Query) (Page[json.RawMessage], error)
	Count(ctx context.Context, r Reader, filters ...Filter) (int, error)
	AsOfJSON(ctx context.Context, r Reader, id string, at time.Time) (Record, error)
	CheckJSON(raw json.RawMessage) error
	CreateJSON(ctx context.Context, tx *Tx, raw json.RawMessage) (Record, error)
	CreateManyJSON(ctx context.Context, tx *Tx, raws []json.RawMessage) ([]Record, error)
	UpdateJSON(ctx context.Context, tx *Tx, id string, revision int64, raw json.RawMessage) (Record, error)
	PatchJSON(ctx context.Context, tx *Tx, id string, revision int64, patch json.RawMessage) (Record, error)
	DeleteJSON(ctx context.Context, tx *Tx, id string, revision int64) error

	core() *kind
}

// Kind is one kind of object with documents of type T. It holds no state and
// belongs to no database; two values with the same name and type are the same
// kind.
type Kind[T any] struct{ face }

type face struct{ k *kind } // what a kind can do without its Go type, compiled once

// KindOption changes a kind.
type KindOption func(*kind)

// Upgrade declares that documents now have shape number version (kinds without
// Upgrade have 1) and how an older one, whose number is given, becomes a
// document of the current shape. Documents are upgraded once, at Open, without
// a new revision; history is upgraded when it is read.
func Upgrade(version int, fn func(version int, raw json.RawMessage) (json.RawMessage, error)) KindOption {
	return func(k *kind) { k.version, k.upgrade = version, fn }
}

// NewKind declares a kind. name is lower-case ("system"), prefix starts its
// ids ("sys"). A declaration that is wrong fails in Open.
func NewKind[T any](name, prefix string, opts ...KindOption) *Kind[T] {
	return &Kind[T]{face{newKind[T](name, prefix, opts)}}
}

func (k *face) core() *kind { return k.k.compiled() }

// Name is the kind's name.
func (k *face) Name() string { return k.k.name }

// Prefix starts the ids of the kind, before the underscore.
func (k *face) Prefix() string { return k.k.prefix }

// Fields describes the declared fields, in order.
func (k *face) Fields() []Field { return k.core().shape.Fields }

// Indexes names what Query may filter and sort by.
func (k *face) Indexes() []string { return k.core().Rel.Names() }

// Create stores a new object under a new id. BadInput names every wrong field.
func (k *Kind[T]) Create(ctx context.Context, tx *Tx, doc T) (Object[T], error) {
	return k.CreateAs(ctx, tx, "", doc)
}

// CreateAs is Create under an id of the caller's choice, which starts with the
// kind's prefix and an underscore. An id in use is a Conflict.
func (k *Kind[T]) CreateAs(ctx context.Context, tx *Tx, id string, doc T) (Object[T], error) {
	return typed[T](tx.create(ctx, k.k, id, &doc, nil))
}

// CreateMany stores all docs or none. The paths of wrong fields start with the
// position of the document ("3.name").
func (k *Kind[T]) CreateMany(ctx context.Context, tx *Tx, docs []T) ([]Object[T], error) {
	in := make([]any, len(docs))
	for i := range docs {
		in[i] = &docs[i]
	}
	return typedAll[T](tx.createMany(ctx, k.k, in, nil))
}

// Update replaces the document, if revision is the stored one; otherwise it is
// a Conflict whose Have is the stored Object[T]. A document that does not
// differ from the stored one changes nothing, and no revision is added.
func (k *Kind[T]) Update(ctx context.Context, tx *Tx, id string, revision int64, doc T) (Object[T], error) {
	return typed[T](tx.update(ctx, k.k, id, revision, &doc, nil))
}

// Delete removes the object, if revision is the stored one. What others refer
// to stays, with a Conflict that names them (Have is []Link).
func (k *face) Delete(ctx context.Context, tx *Tx, id string, revision int64) error {
	return tx.delete(ctx, k.k, id, revision)
}

// Get returns one object, or NotFound.
func (k *Kind[T]) Get(ctx context.Context, r Reader, id string) (Object[T], error) {
	return typed[T](r.session().get(ctx, k.k, id))
}

// GetMany returns those of the objects that exist and may be read, by id.
func (k *Kind[T]) GetMany(ctx context.Context, r Reader, ids []string) (map[string]Object[T], error) {
	all, err := typedAll[T](r.session().getMany(ctx, k.k, ids))
	if err != nil {
		return nil, err
	}
	out := make(map[string]Object[T], len(all))
	for _, o := range all {
		out[o.ID] = o
	}
	return out, nil
}

// List returns one page.
func (k *Kind[T]) List(ctx context.Context, r Reader, q Query) (Page[T], error) {
	rows, next, total, err := r.session().list(ctx, k.k, q)
	items, err := typedAll[T](rows, err)
	return Page[T]{Items: items, Next: next, Total: total}, err
}

// All returns everything that q lets through, page by page and uncounted: for
// kinds of which an organisation has hundreds, not millions.
func (k *Kind[T]) All(ctx context.Context, r Reader, q Query) (all []Object[T], err error) {
	for q.Limit, q.Uncounted = MaxLimit, true; ; {
		p, err := k.List(ctx, r, q)
		if err != nil {
			return nil, err
		}
		if all, q.Cursor = append(all, p.Items...), p.Next; p.Next == "" {
			return all, nil
		}
	}
}

// Count counts what the filters let through.
func (k *face) Count(ctx context.Context, r Reader, filters ...Filter) (int, error) {
	return r.session().count(ctx, k.k, filters)
}

// AsOf returns the object as it was at an instant, or NotFound if it did not
// exist then.
func (k *Kind[T]) AsOf(ctx context.Context, r Reader, id string, at time.Time) (Object[T], error) {
	return typed[T](r.session().asOf(ctx, k.k, id, at))
}

// GetJSON is Get for faces.
func (k *face) GetJSON(ctx context.Context, r Reader, id string) (Record, error) {
	return untyped(r.session().get(ctx, k.k, id))
}

// ListJSON is List for faces.
func (k *face) ListJSON(ctx context.Context, r Reader, q Query) (Page[json.RawMessage], error) {
	rows, next, total, err := r.session().list(ctx, k.k, q)
	items, err := untypedAll(rows, err)
	return Page[json.RawMessage]{Items: items, Next: next, Total: total}, err
}

// AsOfJSON is AsOf for faces.
func (k *face) AsOfJSON(ctx context.Context, r Reader, id string, at time.Time) (Record, error) {
	return untyped(r.session().asOf(ctx, k.k, id, at))
}

// CheckJSON reports every wrong field of a document without storing it;
// references and unique values are checked only when it is stored.
func (k *face) CheckJSON(raw json.RawMessage) error {
	return k.core().shape.Verify(raw)
}

// CreateJSON is Create for faces.
func (k *face) CreateJSON(ctx context.Context, tx *Tx, raw json.RawMessage) (Record, error) {
	return untyped(tx.create(ctx, k.k, "", nil, raw))
}

// CreateManyJSON is CreateMany for faces.
func (k *face) CreateManyJSON(ctx context.Context, tx *Tx, raws []json.RawMessage) ([]Record, error) {
	return untypedAll(tx.createMany(ctx, k.k, nil, raws))
}

// UpdateJSON is Update for faces.
func (k *face) UpdateJSON(ctx context.Context, tx *Tx, id string, revision int64, raw json.RawMessage) (Record, error) {
	return untyped(tx.update(ctx, k.k, id, revision, nil, raw))
}

// PatchJSON applies a JSON merge patch (RFC 7396) to the stored document.
func (k *face) PatchJSON(ctx context.Context, tx *Tx, id string, revision int64, patch json.RawMessage) (Record, error) {
	return untyped(tx.patch(ctx, k.k, id, revision, patch))
}

// DeleteJSON is Delete for faces.
func (k *face) DeleteJSON(ctx context.Context, tx *Tx, id string, revision int64) error {
	return tx.delete(ctx, k.k, id, revision)
}
