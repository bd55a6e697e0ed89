package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/shape"
)

// format is the number of the room's own tables. A change of them adds a
// numbered migration here; the tables of kinds follow their declaration.
const format = 1

// relationDef is one table of the room's own.
type relationDef struct {
	name    string
	cols    []column
	key     string
	indexes []string
}

var ownTables = []relationDef{
	{"declarations", []column{{name: "name", typ: colText}, {name: "version", typ: colInt}, {name: "shape", typ: colText}, {name: "layout", typ: colText}}, "name", nil},
	{"history", []column{{name: "id", typ: colText}, {name: "revision", typ: colInt}, {name: "kind", typ: colText}, {name: "op", typ: colText}, {name: "at", typ: colInt}, {name: "actor", typ: colText},
		{name: "shape", typ: colInt}, {name: "title", typ: colText}, {name: "doc", typ: colText}, {name: "hash", typ: colText}, {name: "salt", typ: colText},
		{name: "created_at", typ: colInt}, {name: "created_by", typ: colText}, {name: "journal_index", typ: colInt}}, "id, revision", nil},
	{"links", []column{{name: "from_kind", typ: colText}, {name: "from_id", typ: colText}, {name: "field", typ: colText}, {name: "to_kind", typ: colText}, {name: "to_id", typ: colText}},
		"from_id, field, to_id", []string{"to_id, from_id"}},
	{"list_values", []column{{name: "id", typ: colText}, {name: "field", typ: colText}, {name: "value", typ: colText}}, "id, field, value", []string{"field, value, id"}},
	{"outbox", []column{{name: "seq", typ: colSerial}, {name: "event_id", typ: colText}, {name: "entry", typ: colBytes}, {name: "object_id", typ: colText}, {name: "revision", typ: colInt}}, "", nil},
	{"cursors", []column{{name: "name", typ: colText}, {name: "next", typ: colInt}, {name: "shape", typ: colText}}, "name", nil},
}

const historyInsert = "INSERT INTO history (id, revision, kind, op, at, actor, shape, title, doc, hash, salt, created_at, created_by, journal_index) " +
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

// createTable writes the statement that makes a table.
func createTable(d dialect, name string, cols []column, key string) string {
	lines := make([]string, len(cols))
	for i, c := range cols {
		lines[i] = definition(d, c)
	}
	if key != "" {
		lines = append(lines, "PRIMARY KEY ("+key+")")
	}
	return "CREATE TABLE IF NOT EXISTS " + name + " (" + strings.Join(lines, ", ") + ")" + d.suffix()
}

func definition(d dialect, c column) string {
	if c.typ == colSerial {
		return c.name + " " + d.typ(c.typ)
	}
	return c.name + " " + d.typ(c.typ) + " NOT NULL DEFAULT " + c.empty(d)
}

// migrate brings the tables to the declared shape, all in one transaction.
func (db *DB) migrate(ctx context.Context) error {
	return db.writes.do(ctx, func(q *pool) error {
		tx := &Tx{db: db, q: q, ctx: ctx, migrating: true}
		if err := tx.ownTables(ctx); err != nil {
			return err
		}
		for _, a := range db.opts.Kinds {
			if err := tx.migrateKind(ctx, a.core()); err != nil {
				return err
			}
		}
		for _, a := range db.opts.Tables {
			if err := tx.migrateTable(ctx, a.core()); err != nil {
				return err
			}
		}
		return tx.failed
	})
}

func (tx *Tx) ownTables(ctx context.Context) error {
	d := tx.q.dialect
	for _, t := range ownTables {
		if err := tx.run(ctx, createTable(d, t.name, t.cols, t.key)); err != nil {
			return err
		}
		for _, on := range t.indexes {
			name := "i_" + t.name + "_" + strings.ReplaceAll(on, ", ", "_")
			if err := tx.run(ctx, "CREATE INDEX IF NOT EXISTS "+name+" ON "+t.name+" ("+on+")"); err != nil {
				return err
			}
		}
	}
	if err := tx.run(ctx, d.wordTables()...); err != nil {
		return err
	}
	have, found, err := tx.declaration(ctx, "store")
	switch {
	case err != nil:
		return err
	case !found:
		return tx.declare(ctx, "store", declaration{version: format})
	case have.version > format:
		return newer("store")
	}
	return nil
}

func (tx *Tx) run(ctx context.Context, texts ...string) error {
	for _, text := range texts {
		if _, err := tx.session().exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// declaration is what the database remembers of a kind or table.
type declaration struct {
	version int
	shape   string // shape.Declared of a kind, the columns of a table
	layout  string
}

func (tx *Tx) declaration(ctx context.Context, name string) (d declaration, found bool, err error) {
	found, err = tx.session().one(ctx, "SELECT version, shape, layout FROM declarations WHERE name = $1", []any{name}, &d.version, &d.shape, &d.layout)
	return d, found, err
}

func (tx *Tx) declare(ctx context.Context, name string, d declaration) error {
	_, err := tx.session().exec(ctx, "INSERT INTO declarations (name, version, shape, layout) VALUES ($1, $2, $3, $4) "+
		"ON CONFLICT (name) DO UPDATE SET version = excluded.version, shape = excluded.shape, layout = excluded.layout",
		name, d.version, d.shape, d.layout)
	return err
}

func newer(name string) error {
	return problem.New(problem.Unavailable, "Die Datenbank stammt von einer neueren Fassung des Programms („"+name+"“).", "The database comes from a newer version of the program ("+name+").").
		WithHint("Bitte die neuere Fassung starten.", "Please start the newer version.")
}

// migrateKind makes or extends the table of a kind and upgrades its documents.
func (tx *Tx) migrateKind(ctx context.Context, k *kind) error {
	want := declaration{k.version, k.shape.Declared().String(), k.layout()}
	have, found, err := tx.declaration(ctx, "kind "+k.name)
	if err != nil || found && have == want {
		return err
	}
	if found {
		if err := k.compatible(have); err != nil {
			return err
		}
		if err := tx.fitColumns(ctx, k); err != nil {
			return err
		}
	} else if err := tx.run(ctx, createTable(tx.q.dialect, k.table, slices.Concat(base, k.columns), "id")); err != nil {
		return err
	}
	if found && (have.version != want.version || have.layout != want.layout) {
		if err := tx.rewrite(ctx, k, have.version); err != nil {
			return err
		}
	}
	for _, text := range sorted(k.indexes()) {
		if err := tx.run(ctx, text); err != nil {
			return err
		}
	}
	return tx.declare(ctx, "kind "+k.name, want)
}

// compatible refuses a declaration into which stored documents do not fit.
func (k *kind) compatible(have declaration) error {
	if have.version > k.version {
		return newer(k.name)
	}
	if have.version < k.version {
		return nil // Upgrade answers for the documents
	}
	var was shape.Declared
	if err := json.Unmarshal([]byte(have.shape), &was); err != nil {
		return k.damaged(err)
	}
	if breaks := was.Breaks(k.shape.Declared()); breaks != nil {
		return incompatible(k.name, breaks)
	}
	return nil
}

func incompatible(name string, breaks []string) error {
	list := strings.Join(breaks, "; ")
	return problem.New(problem.Unavailable, "Die Daten von „"+name+"“ passen nicht mehr zum Programm: "+list+".", "The data of "+name+" no longer fit the program: "+list+".").
		WithHint("Die neue Fassung der Art braucht eine höhere Nummer und eine Umwandlung (store.Upgrade).", "The kind's new shape needs a higher number and an upgrade (store.Upgrade).")
}

// fitColumns adds and drops the columns of indexes. They hold nothing that is
// not in the documents, so dropping one loses nothing.
func (tx *Tx) fitColumns(ctx context.Context, k *kind) error {
	have, err := tx.q.dialect.columns(ctx, tx.session(), k.table)
	if err != nil {
		return err
	}
	for name := range have {
		for _, i := range []string{"i_", "u_"} {
			if err := tx.run(ctx, "DROP INDEX IF EXISTS "+i+k.table+"_"+name); err != nil {
				return err
			}
		}
	}
	want := map[string]column{}
	for _, c := range slices.Concat(base, k.columns) {
		want[c.name] = c
	}
	for _, name := range sortedKeys(have) {
		if c, ok := want[name]; ok && tx.q.dialect.typ(c.typ) == have[name] {
			delete(want, name)
			continue
		}
		if err := tx.run(ctx, "ALTER TABLE "+k.table+" DROP COLUMN "+name); err != nil {
			return err
		}
	}
	for _, c := range k.columns {
		if _, ok := want[c.name]; ok {
			if err := tx.run(ctx, "ALTER TABLE "+k.table+" ADD COLUMN "+definition(tx.q.dialect, c)); err != nil {
				return err
			}
		}
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
		err := s.query(ctx, "SELECT "+rowColumns+" FROM "+k.table+" t WHERE t.id > $1 ORDER BY t.id LIMIT 200", []any{after}, func(r *sql.Rows) error {
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
			if _, err := s.exec(ctx, k.updateSQL, append(tx.arguments(k, r, d), r.Revision)...); err != nil {
				return err
			}
			if err := tx.index(ctx, k, r.ID, d.value); err != nil {
				return err
			}
		}
		after = batch[len(batch)-1].ID
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func sorted(m map[string]string) []string {
	out := sortedKeys(m)
	for i, k := range out {
		out[i] = m[k]
	}
	return out
}
