package engine

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/problem"
)

// Type is a portable column type.
type Type int

// Column types. Serial is a primary key that counts up.
const (
	Text  Type = iota // compared by code point
	Int               // 64 bits; times are microseconds since 1970, truth is 0 or 1
	Real              // 64-bit floating point
	Bytes             // compared byte by byte
	Serial
)

// Column is one column; all are NOT NULL and default to empty or zero.
type Column struct {
	Name string
	Type Type
	JSON bool // a text that is JSON; its default is null
}

// Table describes one table for Create.
type Table struct {
	Name    string
	Columns []Column
	Key     string   // columns of the primary key, "" with a Serial
	Indexes []string // column lists
}

// Args collects the arguments of a statement in the making.
type Args []any

// Add adds an argument and returns its placeholder.
func (a *Args) Add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

// In writes the comparison with any of vals. Nothing is in an empty list.
func (a *Args) In(vals []any) string {
	if len(vals) == 0 {
		return "IN (NULL)"
	}
	places := make([]string, len(vals))
	for i, v := range vals {
		places[i] = a.Add(v)
	}
	return "IN (" + strings.Join(places, ", ") + ")"
}

// Insert writes an INSERT of all columns, in order.
func Insert(table string, cols []Column) string { return InsertRows(table, cols, 1) }

// InsertRows is Insert for several rows.
func InsertRows(table string, cols []Column, n int) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	rows, at := make([]string, n), 0
	for r := range rows {
		places := make([]string, len(cols))
		for i := range places {
			at++
			places[i] = "$" + strconv.Itoa(at)
		}
		rows[r] = "(" + strings.Join(places, ", ") + ")"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", table, strings.Join(names, ", "), strings.Join(rows, ", "))
}

func definition(d dialect, c Column) string {
	text := c.Name + " " + d.typ(c.Type)
	switch {
	case c.Type == Serial:
		return text
	case c.JSON:
		return text + " NOT NULL DEFAULT 'null'"
	case c.Type == Int, c.Type == Real:
		return text + " NOT NULL DEFAULT 0"
	case c.Type == Bytes:
		return text + " NOT NULL DEFAULT " + d.noBytes()
	}
	return text + " NOT NULL DEFAULT ''"
}

// Run executes statements without arguments.
func (s Session) Run(ctx context.Context, texts ...string) error {
	for _, text := range texts {
		if _, err := s.Exec(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Create makes tables that do not exist yet, with their indexes.
func (s Session) Create(ctx context.Context, tables ...Table) error {
	d := s.q.dialect
	for _, t := range tables {
		lines := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			lines[i] = definition(d, c)
		}
		if t.Key != "" {
			lines = append(lines, "PRIMARY KEY ("+t.Key+")")
		}
		if err := s.Run(ctx, "CREATE TABLE IF NOT EXISTS "+t.Name+" ("+strings.Join(lines, ", ")+")"+d.suffix()); err != nil {
			return err
		}
		for _, on := range t.Indexes {
			name := "i_" + t.Name + "_" + strings.ReplaceAll(on, ", ", "_")
			if err := s.Run(ctx, "CREATE INDEX IF NOT EXISTS "+name+" ON "+t.Name+" ("+on+")"); err != nil {
				return err
			}
		}
	}
	return nil
}

// Fit adds the columns of want that a table lacks and, when drop is set, drops
// those that want does not have or has with another type. What hangs on a
// dropped column, such as an index, must be gone before.
func (s Session) Fit(ctx context.Context, table string, want []Column, drop bool) error {
	d := s.q.dialect
	have, err := d.columns(ctx, s, table)
	if err != nil {
		return err
	}
	var names []string
	for name := range have {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(want, func(c Column) bool { return c.Name == name })
		if !drop || i >= 0 && d.typ(want[i].Type) == have[name] {
			continue
		}
		if err := s.Run(ctx, "ALTER TABLE "+table+" DROP COLUMN "+name); err != nil {
			return err
		}
		delete(have, name)
	}
	for _, c := range want {
		if _, ok := have[c.Name]; ok {
			continue
		}
		if err := s.Run(ctx, "ALTER TABLE "+table+" ADD COLUMN "+definition(d, c)); err != nil {
			return err
		}
	}
	return nil
}

// Columns names the columns of a table.
func (s Session) Columns(ctx context.Context, table string) ([]string, error) {
	have, err := s.q.dialect.columns(ctx, s, table)
	var names []string
	for name := range have {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

// ColumnTypes returns the columns of a table with their types; a Serial is an
// Int.
func (s Session) ColumnTypes(ctx context.Context, table string) (map[string]Type, error) {
	d := s.q.dialect
	have, err := d.columns(ctx, s, table)
	out := map[string]Type{}
	for name, typ := range have {
		if typ == d.typ(Serial) {
			out[name] = Int
		}
		for _, t := range []Type{Text, Int, Real, Bytes} {
			if d.typ(t) == typ {
				out[name] = t
			}
		}
	}
	return out, err
}

// LongIndex writes the statement for an index that finds texts of any length by
// equality.
func (s Session) LongIndex(name, table, column string) string {
	return s.q.dialect.longIndex(name, table, column)
}

// UniqueIndex writes the statement for an index that lets no two rows of a
// table have the same text, but for the empty one.
func (s Session) UniqueIndex(name, table, column string) string {
	return s.q.dialect.uniqueIndex(name, table, column)
}

// AllWords hands on every text that PutWords stored, by id.
func (s Session) AllWords(ctx context.Context, fn func(kind, id, text string) error) error {
	return s.Query(ctx, s.q.dialect.allWords(), nil, func(r *sql.Rows) error {
		var kind, id, text string
		if err := r.Scan(&kind, &id, &text); err != nil {
			return err
		}
		return fn(kind, id, text)
	})
}

// PutWords makes an object findable by the words of a folded text, instead of
// those of before.
func (s Session) PutWords(ctx context.Context, kind, id, text string) error {
	return s.q.dialect.putWords(ctx, s, kind, id, text)
}

// DropWords makes an object unfindable.
func (s Session) DropWords(ctx context.Context, id string) error {
	return s.q.dialect.dropWords(ctx, s, id)
}

// FindWords writes a query for the ids of a kind whose text holds all words.
func (s Session) FindWords(a *Args, kind string, words []string) string {
	return s.q.dialect.findWords(a, kind, words)
}

// Declaration is what the database remembers of a declared kind or table, to
// see at the next start what changed.
type Declaration struct {
	Version int
	Shape   string // what documents or rows look like
	Layout  string // how they are indexed
}

func ownTables(ctx context.Context, s Session) error {
	err := s.Create(ctx, Table{Name: "declarations", Key: "name",
		Columns: []Column{{Name: "name"}, {Name: "version", Type: Int}, {Name: "shape"}, {Name: "layout"}}})
	if err != nil {
		return err
	}
	return s.q.dialect.wordTables(ctx, s)
}

// Declared returns the declaration remembered under a name.
func (s Session) Declared(ctx context.Context, name string) (d Declaration, found bool, err error) {
	found, err = s.One(ctx, "SELECT version, shape, layout FROM declarations WHERE name = $1", []any{name}, &d.Version, &d.Shape, &d.Layout)
	return d, found, err
}

// generationName is the declaration that counts the changes of all others.
const generationName = "generation"

// Declare remembers a declaration.
func (s Session) Declare(ctx context.Context, name string, d Declaration) error {
	const put = "INSERT INTO declarations (name, version, shape, layout) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET "
	if _, err := s.Exec(ctx, put+"version = excluded.version, shape = excluded.shape, layout = excluded.layout", name, d.Version, d.Shape, d.Layout); err != nil {
		return err
	}
	_, err := s.Exec(ctx, put+"version = declarations.version + 1", generationName, 1, "", "")
	return err
}

// generation is how often declarations changed.
func generation(ctx context.Context, s Session) (int, error) {
	d, _, err := s.Declared(ctx, generationName)
	return d.Version, err
}

// known refuses to go on when another node, with another version of the
// program, has changed the tables since this one opened them: it would store
// documents in a shape of before.
func (w *writer) known(s Session) error {
	if !w.dialect.shared() {
		return nil
	}
	now, err := generation(context.Background(), s) // counted as nobody's query
	if err != nil {
		return err
	}
	if now != w.generation {
		return problem.New(problem.Unavailable, "Eine andere Fassung des Programms hat die Datenbank inzwischen umgebaut; dieser Knoten schreibt nichts mehr.", "Another version of the program has rebuilt the database meanwhile; this node writes nothing more.").
			WithHint("Bitte diesen Knoten mit der neuen Fassung starten.", "Please start this node with the new version.")
	}
	return nil
}

// check is known, once a transaction: while it runs, nobody else migrates.
func (w *writer) check(s Session) error {
	if w.batch.checked {
		return nil
	}
	err := w.known(s)
	w.batch.checked = err == nil
	return err
}

// Declarations lists the names of all declarations.
func (s Session) Declarations(ctx context.Context) ([]string, error) {
	var names []string
	err := s.Query(ctx, "SELECT name FROM declarations WHERE name <> $1 ORDER BY name", []any{generationName}, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}
