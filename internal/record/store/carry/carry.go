// Package carry moves the content of tables from one engine to another, and
// hashes it so that the same content has the same hash on both.
//
// It knows tables, not what they mean: which belong to an organisation is the
// caller's to say.
package carry

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
)

// Table is one table to carry.
type Table struct {
	Name    string
	Columns []engine.Column
	Order   string // columns that order the rows, the same on every engine
	Where   string // "" or a condition with its WHERE
}

func (c Table) query() string {
	names := make([]string, len(c.Columns))
	for i, col := range c.Columns {
		names[i] = col.Name
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + c.Name + c.Where + " ORDER BY " + c.Order
}

// rows hands on the rows of a table: string, int64, float64 or []byte, column
// by column. They are valid until the next row.
func (c Table) rows(ctx context.Context, s engine.Session, fn func(row []any) error) error {
	dest, row := make([]any, len(c.Columns)), make([]any, len(c.Columns))
	for i, col := range c.Columns {
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

// Same refuses to copy what the other database would not take whole: src holds
// nothing that dst does not know, and both declare it alike.
func Same(ctx context.Context, src, dst engine.Session) error {
	names, err := src.Declarations(ctx)
	if err != nil {
		return err
	}
	there, err := dst.Declarations(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(names, func(n string) bool { return !slices.Contains(there, n) }); i >= 0 {
		return problem.New(problem.Conflict, "Die Datenbank enthält Daten, die dieses Programm nicht kennt („"+names[i]+"“); so ginge etwas verloren.", "The database holds data that this program does not know ("+names[i]+"); something would be lost.").
			WithHint("Bitte mit der Fassung des Programms kopieren, die diese Daten kennt.", "Please copy with the version of the program that knows these data.")
	}
	for _, name := range names {
		a, _, err := src.Declared(ctx, name)
		if err != nil {
			return err
		}
		b, _, err := dst.Declared(ctx, name)
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

// Empty refuses a database that holds something already.
func Empty(ctx context.Context, s engine.Session, tables []Table) error {
	for _, c := range tables {
		var n int
		if _, err := s.One(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+c.Name+c.Where+" LIMIT 1) AS one", nil, &n); err != nil {
			return err
		}
		if n > 0 {
			return problem.New(problem.Conflict, "Die Datenbank, in die kopiert werden soll, ist nicht leer ("+c.Name+").", "The database to copy into is not empty ("+c.Name+").").
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

// Copy copies all rows.
func (c Table) Copy(ctx context.Context, src, dst engine.Session) error {
	var args []any
	size := 0
	flush := func() error {
		if args == nil {
			return nil
		}
		_, err := dst.Exec(ctx, engine.InsertRows(c.Name, c.Columns, len(args)/len(c.Columns)), args...)
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

// Words copies the full text.
func Words(ctx context.Context, src, dst engine.Session) error {
	return src.AllWords(ctx, func(kind, id, text string) error { return dst.PutWords(ctx, kind, id, text) })
}

// Digest hashes declarations, tables and full text: "sha256:" and 64 hex digits.
func Digest(ctx context.Context, s engine.Session, tables []Table) (string, error) {
	h := sha256.New()
	names, err := s.Declarations(ctx)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		d, _, err := s.Declared(ctx, name)
		if err != nil {
			return "", err
		}
		digest(h, "declared", name, int64(d.Version), d.Shape, d.Layout)
	}
	for _, c := range tables {
		digest(h, "table", c.Name, fmt.Sprint(c.Columns))
		if err := c.rows(ctx, s, func(row []any) error { digest(h, row...); return nil }); err != nil {
			return "", err
		}
	}
	digest(h, "words")
	if err := s.AllWords(ctx, func(kind, id, text string) error { digest(h, kind, id, text); return nil }); err != nil {
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
			panic(fmt.Sprintf("carry: a column of type %T", v))
		}
	}
	h.Write(b)
}
