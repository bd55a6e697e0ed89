package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/feed"
	"augenmass/internal/record/store/outbox"
)

// content is one table with what belongs to the organisation in it, and not to
// the place where it is stored.
type content struct {
	name    string
	columns []engine.Column
	order   string
	where   string
}

func (c content) query() string {
	names := make([]string, len(c.columns))
	for i, col := range c.columns {
		names[i] = col.Name
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + c.name + c.where + " ORDER BY " + c.order
}

// contents lists all tables but the full text, sorted by name.
func (db *DB) contents() []content {
	var out []content
	for _, k := range db.kinds {
		out = append(out, content{k.table, slices.Concat(base, k.columns), "id", ""})
	}
	for _, t := range db.tables {
		out = append(out, content{t.Relation(), t.Columns(), t.KeyList(), ""})
	}
	for _, t := range slices.Concat(ownTables, outbox.Tables) {
		c := content{t.Name, t.Columns, t.Key, ""}
		switch {
		case t.Key == "": // what numbers the lines is the engine's; their order is not
			c.order, c.columns = t.Columns[0].Name, t.Columns[1:]
		case t.Name == "cursors":
			c.where = " WHERE name <> '" + feed.Cursor + "'"
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b content) int { return strings.Compare(a.name, b.name) })
	return out
}

// rows hands on the rows of a table: string, int64, float64 or []byte, column
// by column. They are valid until the next row.
func (c content) rows(ctx context.Context, s engine.Session, fn func(row []any) error) error {
	dest, row := make([]any, len(c.columns)), make([]any, len(c.columns))
	for i, col := range c.columns {
		switch col.Type {
		case engine.Int, engine.Serial:
			dest[i] = new(int64)
		case engine.Real:
			dest[i] = new(float64)
		case engine.Bytes:
			dest[i] = new([]byte)
		default:
			dest[i] = new(string)
		}
	}
	return s.Query(ctx, c.query(), nil, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		for i, d := range dest {
			switch v := d.(type) {
			case *int64:
				row[i] = *v
			case *float64:
				row[i] = *v
			case *[]byte:
				row[i] = append([]byte{}, *v...)
			case *string:
				row[i] = *v
			}
		}
		return fn(row)
	})
}

// Snapshot writes a consistent copy of the SQLite database into a new file
// with mode 0600, while it is in use, and flushes it. A database on PostgreSQL
// is copied with Copy.
func (db *DB) Snapshot(ctx context.Context, path string) error { return db.engine.Snapshot(ctx, path) }

// Copy copies everything that from holds into to, which must be empty and
// opened with the same declarations: objects, history, links, words, plain
// tables, cursors and outbox. Both engines take both parts. It happens in one
// transaction; from writes nothing meanwhile.
func Copy(ctx context.Context, from, to *DB) error {
	return from.engine.Slowly(ctx, func(src engine.Session) error {
		if err := from.sameHouse(ctx, src, to); err != nil {
			return err
		}
		return to.engine.Slowly(ctx, func(dst engine.Session) error {
			if err := to.empty(ctx, dst); err != nil {
				return err
			}
			for _, c := range from.contents() {
				if err := c.copy(ctx, src, dst); err != nil {
					return err
				}
			}
			return src.AllWords(ctx, func(kind, id, text string) error { return dst.PutWords(ctx, kind, id, text) })
		})
	})
}

// sameHouse refuses to copy what the other database would not take whole.
func (db *DB) sameHouse(ctx context.Context, s engine.Session, to *DB) error {
	names, err := s.Declarations(ctx)
	if err != nil {
		return err
	}
	there, err := to.engine.Reads().Declarations(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(names, func(n string) bool { return !slices.Contains(there, n) }); i >= 0 {
		return problem.New(problem.Conflict, "Die Datenbank enthält Daten, die dieses Programm nicht kennt („"+names[i]+"“); so ginge etwas verloren.", "The database holds data that this program does not know ("+names[i]+"); something would be lost.").
			WithHint("Bitte mit der Fassung des Programms kopieren, die diese Daten kennt.", "Please copy with the version of the program that knows these data.")
	}
	for _, name := range names {
		a, _, err := s.Declared(ctx, name)
		if err != nil {
			return err
		}
		b, _, err := to.engine.Reads().Declared(ctx, name)
		if err != nil {
			return err
		}
		if a != b {
			return problem.New(problem.Conflict, "Die beiden Datenbanken sind verschieden eingerichtet („"+name+"“).", "The two databases are laid out differently ("+name+").").
				WithHint("Bitte beide mit derselben Fassung des Programms öffnen.", "Please open both with the same version of the program.")
		}
	}
	return nil
}

// empty refuses a database that holds something already.
func (db *DB) empty(ctx context.Context, s engine.Session) error {
	for _, c := range db.contents() {
		var n int
		if _, err := s.One(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+c.name+c.where+" LIMIT 1) AS one", nil, &n); err != nil {
			return err
		}
		if n > 0 {
			return problem.New(problem.Conflict, "Die Datenbank, in die kopiert werden soll, ist nicht leer ("+c.name+").", "The database to copy into is not empty ("+c.name+").").
				WithHint("Bitte einen neuen Ordner oder ein neues Schema nehmen.", "Please take a new folder or a new schema.")
		}
	}
	return nil
}

// Bounds of one statement of a copy.
const (
	copyValues = 900
	copyBytes  = 1 << 20
)

func (c content) copy(ctx context.Context, src, dst engine.Session) error {
	var args []any
	size := 0
	flush := func() error {
		if args == nil {
			return nil
		}
		_, err := dst.Exec(ctx, engine.InsertRows(c.name, c.columns, len(args)/len(c.columns)), args...)
		args, size = nil, 0
		return err
	}
	err := c.rows(ctx, src, func(row []any) error {
		args = append(args, row...)
		for _, v := range row {
			switch v := v.(type) {
			case string:
				size += len(v)
			case []byte:
				size += len(v)
			}
		}
		if len(args)+len(row) > copyValues || size > copyBytes {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// Digest is a hash over everything that Copy copies, the same on both engines:
// "sha256:" and 64 hex digits. Nothing is written meanwhile.
func (db *DB) Digest(ctx context.Context) (string, error) {
	h := sha256.New()
	err := db.engine.Slowly(ctx, func(s engine.Session) error {
		names, err := s.Declarations(ctx)
		if err != nil {
			return err
		}
		for _, name := range names {
			d, _, err := s.Declared(ctx, name)
			if err != nil {
				return err
			}
			digest(h, "declared", name, int64(d.Version), d.Shape, d.Layout)
		}
		for _, c := range db.contents() {
			digest(h, "table", c.name, fmt.Sprint(c.columns))
			if err := c.rows(ctx, s, func(row []any) error { digest(h, row...); return nil }); err != nil {
				return err
			}
		}
		digest(h, "words")
		return s.AllWords(ctx, func(kind, id, text string) error { digest(h, kind, id, text); return nil })
	})
	if err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// digest adds a row: the number of its values, and each with its type and
// length, so that no two contents give the same bytes.
func digest(h hash.Hash, row ...any) {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(row)))
	for _, v := range row {
		switch v := v.(type) {
		case string:
			b = append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint64(append(b, 'b'), uint64(len(v))), v...)
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, 'f'), math.Float64bits(v+0)) // SQLite has no negative zero
		default:
			panic(fmt.Sprintf("store: a column of type %T", v))
		}
	}
	h.Write(b)
}
