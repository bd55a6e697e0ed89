package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/feed"
	"augenmass/internal/record/store/layout"
	"augenmass/internal/record/store/outbox"
	"augenmass/internal/record/store/refusal"
	"augenmass/internal/record/store/shape"
)

// format is the number of the room's own tables. A change of them adds a
// numbered migration here; the tables of kinds follow their declaration.
const format = 1

var ownTables = []engine.Table{
	{Name: "history", Columns: []engine.Column{{Name: "id"}, {Name: "revision", Type: engine.Int}, {Name: "kind"}, {Name: "op"},
		{Name: "at", Type: engine.Int}, {Name: "actor"}, {Name: "shape", Type: engine.Int}, {Name: "title"}, {Name: "doc"}, {Name: "hash"}, {Name: "salt"},
		{Name: "created_at", Type: engine.Int}, {Name: "created_by"}, {Name: "journal_index", Type: engine.Int}}, Key: "id, revision"},
	{Name: "links", Columns: []engine.Column{{Name: "from_kind"}, {Name: "from_id"}, {Name: "field"}, {Name: "to_kind"}, {Name: "to_id"}},
		Key: "from_id, field, to_id", Indexes: []string{"to_id, from_id"}},
	{Name: "list_values", Columns: []engine.Column{{Name: "id"}, {Name: "field"}, {Name: "value"}},
		Key: "id, field, value", Indexes: []string{"field, value, id"}},
}

var historyInsert = engine.Insert("history", ownTables[0].Columns)

// migrate brings the tables to the declared shape.
func (db *DB) migrate(ctx context.Context, s engine.Session) error {
	if err := s.Create(ctx, slices.Concat(ownTables, outbox.Tables, feed.Tables)...); err != nil {
		return err
	}
	have, found, err := s.Declared(ctx, "store")
	if err == nil && !found {
		err = s.Declare(ctx, "store", engine.Declaration{Version: format})
	}
	if err != nil {
		return err
	}
	if have.Version > format {
		return refusal.Newer("store")
	}
	tx := &Tx{db: db, s: s, ctx: ctx}
	for _, a := range db.opts.Kinds {
		if err := tx.migrateKind(ctx, a.core()); err != nil {
			return err
		}
	}
	for _, a := range db.opts.Tables {
		breaks, err := a.core().Migrate(ctx, s)
		if err != nil {
			return err
		}
		if breaks != nil {
			return refusal.Incompatible(a.Name(), breaks)
		}
	}
	return nil
}

// migrateKind makes or extends the table of a kind and upgrades its documents.
func (tx *Tx) migrateKind(ctx context.Context, k *kind) error {
	want := engine.Declaration{Version: k.version, Shape: k.shape.Declared().String(), Layout: k.Text()}
	have, found, err := tx.s.Declared(ctx, "kind "+k.name)
	if err != nil || found && have == want {
		return err
	}
	columns := slices.Concat(layout.Base, k.Columns)
	if found {
		if err := k.compatible(have); err != nil {
			return err
		}
		if err := tx.fit(ctx, k, columns); err != nil {
			return err
		}
	} else if err := tx.s.Create(ctx, engine.Table{Name: k.Table, Columns: columns, Key: "id"}); err != nil {
		return err
	}
	if found && (have.Version != want.Version || have.Layout != want.Layout) {
		if err := tx.rewrite(ctx, k, have.Version); err != nil {
			return err
		}
	}
	if err := tx.s.Run(ctx, k.Indexes(tx.s)...); err != nil {
		return err
	}
	return tx.s.Declare(ctx, "kind "+k.name, want)
}

// fit adds and drops the columns of indexes. They hold nothing that is not in
// the documents, so dropping one loses nothing.
func (tx *Tx) fit(ctx context.Context, k *kind, columns []engine.Column) error {
	have, err := tx.s.Columns(ctx, k.Table)
	if err != nil {
		return err
	}
	for _, name := range have {
		for _, i := range []string{"i_", "u_"} {
			if err := tx.s.Run(ctx, "DROP INDEX IF EXISTS "+i+k.Table+"_"+name); err != nil {
				return err
			}
		}
	}
	return tx.s.Fit(ctx, k.Table, columns, true)
}

// compatible refuses a declaration into which stored documents do not fit.
func (k *kind) compatible(have engine.Declaration) error {
	if have.Version > k.version {
		return refusal.Newer(k.name)
	}
	if have.Version < k.version {
		return nil // Upgrade answers for the documents
	}
	var was shape.Declared
	if err := json.Unmarshal([]byte(have.Shape), &was); err != nil {
		return k.damaged(err)
	}
	if breaks := was.Breaks(k.shape.Declared()); breaks != nil {
		return refusal.Incompatible(k.name, breaks)
	}
	return nil
}

// rewrite upgrades every document from a shape version and indexes it anew.
// That is no change of the object: its revision and history stay.
func (tx *Tx) rewrite(ctx context.Context, k *kind, version int) error {
	s := tx.session()
	for after := ""; ; {
		var batch []row
		var sc scanner
		err := s.Query(ctx, "SELECT "+rowColumns+" FROM "+k.Table+" t WHERE t.id > $1 ORDER BY t.id LIMIT 200", []any{after}, func(r *sql.Rows) error {
			if err := r.Scan(sc.dest()...); err != nil {
				return err
			}
			doc, err := k.read(sc.raw, version)
			if err != nil {
				return fmt.Errorf("object %s: %w", sc.ID, err)
			}
			sc.CreatedAt, sc.UpdatedAt, sc.doc = shape.FromMicros(sc.created), shape.FromMicros(sc.updated), doc
			batch = append(batch, sc.row)
			return nil
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, r := range batch {
			d := draft{doc: r.doc, value: reflect.ValueOf(r.doc).Elem(), raw: r.raw}
			if version < k.version {
				if d.raw, err = encode(r.doc); err != nil {
					return err
				}
			}
			r.Title = titleOf(r.doc)
			if _, err := s.Exec(ctx, k.UpdateSQL, append(tx.arguments(k, r, d), r.Revision)...); err != nil {
				return err
			}
			if err := tx.index(ctx, k, r.ID, d.value); err != nil {
				return err
			}
		}
		after = batch[len(batch)-1].ID
	}
}
