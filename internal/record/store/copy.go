package store

import (
	"context"
	"slices"
	"strings"

	"augenmass/internal/record/store/carry"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/feed"
	"augenmass/internal/record/store/layout"
	"augenmass/internal/record/store/outbox"
)

// contents lists the tables that hold what belongs to the organisation, and not
// to the place where it is stored, sorted by name; the full text comes besides.
func (db *DB) contents() []carry.Table {
	var out []carry.Table
	for _, k := range db.kinds {
		out = append(out, carry.Table{Name: k.Table, Columns: slices.Concat(layout.Base, k.Columns), Order: "id"})
	}
	for _, t := range db.tables {
		out = append(out, carry.Table{Name: t.Relation(), Columns: t.Columns(), Order: t.KeyList()})
	}
	for _, t := range slices.Concat(ownTables, outbox.Tables) {
		c := carry.Table{Name: t.Name, Columns: t.Columns, Order: t.Key}
		switch {
		case t.Key == "": // what numbers the lines is the engine's; their order is not
			c.Order, c.Columns = t.Columns[0].Name, t.Columns[1:]
		case t.Name == "cursors":
			c.Where = " WHERE name <> '" + feed.Cursor + "'"
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b carry.Table) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Snapshot writes a consistent copy of the SQLite database into a new file
// with mode 0600, while it is in use, and flushes it. A database on PostgreSQL
// is copied with Copy.
func (db *DB) Snapshot(ctx context.Context, path string) error { return db.engine.Snapshot(ctx, path) }

// Copy copies everything that from holds into to, which must be empty and
// opened with the same declarations: objects, history, links, words, plain
// tables, cursors and outbox. Both engines take both parts. It happens in one
// transaction and reads one state of from, which may be in use meanwhile.
func Copy(ctx context.Context, from, to *DB) error {
	return from.engine.Still(ctx, func(src engine.Session) error {
		return to.engine.Slowly(ctx, func(dst engine.Session) error {
			if err := carry.Same(ctx, src, dst); err != nil {
				return err
			}
			tables := from.contents()
			if err := carry.Empty(ctx, dst, tables); err != nil {
				return err
			}
			for _, t := range tables {
				if err := t.Copy(ctx, src, dst); err != nil {
					return err
				}
			}
			return carry.Words(ctx, src, dst)
		})
	})
}

// Digest is a hash over everything that Copy copies, the same on both engines:
// "sha256:" and 64 hex digits. It is that of one state; others may go on writing.
func (db *DB) Digest(ctx context.Context) (string, error) {
	var digest string
	err := db.engine.Still(ctx, func(s engine.Session) (err error) {
		digest, err = carry.Digest(ctx, s, db.contents())
		return err
	})
	return digest, err
}
