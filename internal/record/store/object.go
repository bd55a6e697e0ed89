package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/shape"
)

// row is an object as it comes from the database.
type row struct {
	Meta
	raw []byte // canonical JSON of the document
	doc any    // *T
}

const rowColumns = "t.id, t.revision, t.title, t.created_at, t.created_by, t.updated_at, t.updated_by, t.doc"

// scanner reads rowColumns.
type scanner struct {
	row
	created, updated int64
}

func (sc *scanner) dest() []any {
	*sc = scanner{}
	return []any{&sc.ID, &sc.Revision, &sc.Title, &sc.created, &sc.CreatedBy, &sc.updated, &sc.UpdatedBy, &sc.raw}
}

// done decodes what was scanned.
func (sc *scanner) done(k *kind) (row, error) {
	sc.CreatedAt, sc.UpdatedAt = shape.FromMicros(sc.created), shape.FromMicros(sc.updated)
	doc, err := k.read(sc.raw, k.version)
	sc.doc = doc
	return sc.row, err
}

// read decodes a stored document of a shape version.
func (k *kind) read(raw []byte, version int) (any, error) {
	doc := reflect.New(k.shape.Type).Interface()
	var err error
	if version < k.version {
		if raw, err = k.upgrade(version, raw); err != nil {
			return nil, k.damaged(fmt.Errorf("upgrade from shape %d: %w", version, err))
		}
	}
	if err := json.Unmarshal(raw, doc); err != nil {
		return nil, k.damaged(err)
	}
	return doc, nil
}

func (k *kind) damaged(err error) error {
	return problem.New(problem.Corrupt, "Ein gespeichertes Dokument („"+k.name+"“) lässt sich nicht lesen.", "A stored document ("+k.name+") cannot be read.").
		WithHint("Bitte die letzte Sicherung prüfen.", "Please check the last backup.").Wrap(err)
}

// typed turns a row into an object, also the one inside a conflict.
func typed[T any](r row, err error) (Object[T], error) {
	if err != nil {
		return Object[T]{}, having(err, func(r row) any { return object[T](r) })
	}
	return object[T](r), nil
}

func object[T any](r row) Object[T] { return Object[T]{Meta: r.Meta, Doc: *r.doc.(*T)} }

func typedAll[T any](rows []row, err error) ([]Object[T], error) {
	if err != nil {
		return nil, having(err, func(r row) any { return object[T](r) })
	}
	out := make([]Object[T], len(rows))
	for i, r := range rows {
		out[i] = object[T](r)
	}
	return out, nil
}

func untyped(r row, err error) (Record, error) {
	if err != nil {
		return Record{}, having(err, func(r row) any { return record(r) })
	}
	return record(r), nil
}

func record(r row) Record { return Record{Meta: r.Meta, Doc: r.raw} }

func untypedAll(rows []row, err error) ([]Record, error) {
	if err != nil {
		return nil, having(err, func(r row) any { return record(r) })
	}
	out := make([]Record, len(rows))
	for i, r := range rows {
		out[i] = record(r)
	}
	return out, nil
}

// having gives what a conflict has the form that the caller works with.
func having(err error, form func(row) any) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		if r, ok := p.Have.(row); ok {
			p.Have = form(r)
		}
	}
	return err
}

// known returns the kind as the database knows it, or an error when it was not
// among Options.Kinds.
func (s session) known(k *kind) (*kind, error) {
	if have := s.db.kinds[k.name]; have != nil && have.goType == k.goType {
		return have, nil
	}
	return nil, refusal.Declared(k.name, errors.New("is not among Options.Kinds, or with another type"))
}

// fetch returns one object, without asking for access.
func (s session) fetch(ctx context.Context, k *kind, id string) (r row, found bool, err error) {
	var sc scanner
	found, err = s.One(ctx, "SELECT "+rowColumns+" FROM "+k.Table+" t WHERE t.id = $1", []any{id}, sc.dest()...)
	if err != nil || !found {
		return row{}, false, err
	}
	r, err = sc.done(k)
	return r, err == nil, err
}

func (s session) get(ctx context.Context, k *kind, id string) (row, error) {
	k, err := s.known(k)
	if err != nil {
		return row{}, err
	}
	if _, ok := ActorFrom(ctx); !ok {
		return row{}, refusal.Nobody()
	}
	r, found, err := s.fetch(ctx, k, id)
	if err != nil {
		return row{}, err
	}
	if !found {
		return row{}, refusal.Missing(k.name, id)
	}
	if _, err := s.db.allow(ctx, Read, k, r.doc); err != nil {
		return row{}, err
	}
	return r, nil
}

func (s session) mayRead(ctx context.Context, k *kind) error {
	_, err := s.db.allow(ctx, Read, k, nil)
	return err
}

// maxIDs bounds the ids of one statement.
const maxIDs = 500

// getMany returns the objects that exist and may be read, in the order of ids.
func (s session) getMany(ctx context.Context, k *kind, ids []string) ([]row, error) {
	k, err := s.known(k)
	if err != nil {
		return nil, err
	}
	ask := s.mayRead(ctx, k)
	if ask != nil && !errors.Is(ask, AskDoc) {
		return nil, ask
	}
	found := map[string]row{}
	var sc scanner
	err = s.byIDs(ctx, k, rowColumns, ids, func(rows *sql.Rows) error {
		if err := rows.Scan(sc.dest()...); err != nil {
			return err
		}
		r, err := sc.done(k)
		found[r.ID] = r
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []row
	for _, id := range ids {
		r, ok := found[id]
		if !ok {
			continue
		}
		delete(found, id) // an id that was asked for twice is given once
		if ask != nil {
			if _, err := s.db.allow(ctx, Read, k, r.doc); err != nil {
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// byIDs reads columns of those of the objects that exist, in no order.
func (s session) byIDs(ctx context.Context, k *kind, columns string, ids []string, scan func(*sql.Rows) error) error {
	for part := range slices.Chunk(ids, maxIDs) {
		var a engine.Args
		vals := make([]any, len(part))
		for i, id := range part {
			vals[i] = id
		}
		text := "SELECT " + columns + " FROM " + k.Table + " t WHERE t.id " + a.In(vals)
		if err := s.Query(ctx, text, a, scan); err != nil {
			return err
		}
	}
	return nil
}

// list returns one page.
func (s session) list(ctx context.Context, k *kind, q Query) (items []row, next string, total int, err error) {
	k, err = s.known(k)
	if err != nil {
		return nil, "", 0, err
	}
	ask := s.mayRead(ctx, k)
	if ask != nil && !errors.Is(ask, AskDoc) {
		return nil, "", 0, ask
	}
	p, err := k.Rel.Plan(q)
	if err != nil {
		return nil, "", 0, err
	}
	if ask != nil {
		return s.listAsking(ctx, k, p)
	}
	items, at, more, err := s.page(ctx, k, p)
	if err != nil {
		return nil, "", 0, err
	}
	if more {
		if next, err = p.Cursor(at[len(at)-1]); err != nil {
			return nil, "", 0, err
		}
	}
	total = len(items)
	if (more || p.Continues()) && !q.Uncounted {
		total, err = p.Total(ctx, s.Session)
	}
	return items, next, total, err
}

func (s session) page(ctx context.Context, k *kind, p *query.Plan) (items []row, at []query.Place, more bool, err error) {
	var sc scanner
	at, more, err = p.Page(ctx, s.Session, rowColumns, sc.dest, func() error {
		r, err := sc.done(k)
		items = append(items, r)
		return err
	})
	return items, at, more, err
}

// listAsking is list for an actor whose access depends on each document: it
// reads on until the page is full, and counts by reading everything.
func (s session) listAsking(ctx context.Context, k *kind, p *query.Plan) (items []row, next string, total int, err error) {
	first := !p.Continues()
	items, next, err = s.visible(ctx, k, p, p.Limit())
	if err != nil {
		return nil, "", 0, err
	}
	if first && next == "" {
		return items, "", len(items), nil
	}
	p.Rewind()
	all, _, err := s.visible(ctx, k, p, -1)
	return items, next, len(all), err
}

// visible reads on from the plan's cursor until it has want visible rows (-1:
// all); next is the cursor behind the last of them if there are more. Access
// is asked between the queries, because it may read the database itself.
func (s session) visible(ctx context.Context, k *kind, p *query.Plan, want int) (items []row, next string, err error) {
	p.SetLimit(MaxLimit)
	var places []query.Place // of items
	for more := true; more && (want < 0 || len(items) <= want); {
		var batch []row
		var at []query.Place
		if batch, at, more, err = s.page(ctx, k, p); err != nil {
			return nil, "", err
		}
		for i, r := range batch {
			if _, err := s.db.allow(ctx, Read, k, r.doc); err == nil {
				items, places = append(items, r), append(places, at[i])
			}
		}
		if more {
			p.After(at[len(at)-1])
		}
	}
	if want >= 0 && len(items) > want {
		next, err = p.Cursor(places[want-1])
		items = items[:want]
	}
	return items, next, err
}

func (s session) count(ctx context.Context, k *kind, filters []Filter) (int, error) {
	k, err := s.known(k)
	if err != nil {
		return 0, err
	}
	ask := s.mayRead(ctx, k)
	if ask != nil && !errors.Is(ask, AskDoc) {
		return 0, ask
	}
	p, err := k.Rel.Plan(Query{Filters: filters})
	if err != nil {
		return 0, err
	}
	if ask != nil {
		all, _, err := s.visible(ctx, k, p, -1)
		return len(all), err
	}
	return p.Total(ctx, s.Session)
}

// titlesOf adds the titles of those of the objects that exist, by id.
func (s session) titlesOf(ctx context.Context, k *kind, ids []string, titles map[string]string) error {
	return s.byIDs(ctx, k, "id, title", ids, func(r *sql.Rows) error {
		var id, title string
		err := r.Scan(&id, &title)
		titles[id] = title
		return err
	})
}

// kindOf returns the kind whose prefix an id carries.
func (db *DB) kindOf(id string) (*kind, bool) {
	prefix, _, _ := strings.Cut(id, "_")
	k, ok := db.prefix[prefix]
	return k, ok
}
