// Package rows keeps plain tables: a struct type becomes a table with a real
// column a field, a primary key and indexes. Read models, sessions and queues
// live in such tables; record/store gives them their Go types and declares
// them.
//
// It has no history, no journal and no access check. Objects and lists inside a
// row are stored as JSON; times are kept to the microsecond.
package rows

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/shape"
)

// Table is a declared table. It is immutable.
type Table struct {
	name      string
	goType    reflect.Type
	readModel bool

	once  sync.Once
	err   error
	shape *shape.Shape
	cols  []tableColumn
	keys  []int // positions of the key columns, in order
	rel   query.Relation

	putSQL, putManySQL, keySQL string
}

// tableColumn is one field of the row.
type tableColumn struct {
	engine.Column
	typ    reflect.Type
	format string
	index  bool
}

// New declares a table of rows of a struct type. A read model may be emptied
// when its declaration changes.
func New(goType reflect.Type, name string, readModel bool) *Table {
	return &Table{name: name, goType: goType, readModel: readModel}
}

// Name is the table's name.
func (t *Table) Name() string { return t.name }

// GoType is the type of a row.
func (t *Table) GoType() reflect.Type { return t.goType }

var tableName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Compile reads the declaration and returns what is wrong with it.
func (t *Table) Compile() error {
	t.once.Do(func() {
		if t.shape, t.err = shape.Of(t.goType); t.err != nil {
			return
		}
		if !tableName.MatchString(t.name) {
			t.err = fmt.Errorf("name %q is not a lower-case word", t.name)
		}
		t.lay()
	})
	return t.err
}

func (t *Table) lay() {
	t.rel = query.Relation{Table: "t_" + t.name, Fields: map[string]query.Field{}}
	for i, f := range t.shape.Fields {
		sf := t.shape.Type.FieldByIndex(f.Position())
		c := tableColumn{Column: engine.Column{Name: "c_" + f.Name}, typ: sf.Type, format: f.Format}
		class := shape.Text
		switch {
		case f.List || f.Optional || f.Type == shape.Object:
			c.JSON = true
		case f.Type == shape.Integer || f.Type == shape.Boolean || f.Format == "date-time":
			c.Type, class = engine.Int, shape.Int
		case f.Type == shape.Number:
			c.Type, class = engine.Real, shape.Real
		}
		key := slices.Contains(strings.Split(sf.Tag.Get("store"), ","), "key")
		c.index = f.Index && !key
		if key {
			t.keys = append(t.keys, i)
		}
		if (key || c.index) && c.JSON {
			t.err = fmt.Errorf("%s: keys and indexes are single values", f.Name)
		}
		if key || c.index {
			at := query.Field{Name: f.Name, Column: c.Name, Order: c.Name, Value: class, Format: f.Format}
			t.rel.Fields[f.Name] = at
			if key {
				t.rel.Keys = append(t.rel.Keys, at)
			}
		}
		t.cols = append(t.cols, c)
	}
	if len(t.keys) == 0 {
		t.err = fmt.Errorf("a table needs a field with the tag key")
		return
	}
	t.statements()
}

func (t *Table) statements() {
	var cols []engine.Column
	var set, where []string
	for i, c := range t.cols {
		cols = append(cols, c.Column)
		if !slices.Contains(t.keys, i) {
			set = append(set, c.Name+" = excluded."+c.Name)
		}
	}
	for i, k := range t.keys {
		where = append(where, fmt.Sprintf("t.%s = $%d", t.cols[k].Name, i+1))
	}
	do := "NOTHING"
	if len(set) > 0 {
		do = "UPDATE SET " + strings.Join(set, ", ")
	}
	conflict := " ON CONFLICT (" + t.KeyList() + ") DO " + do
	t.putSQL = engine.Insert(t.rel.Table, cols) + conflict
	t.putManySQL = engine.InsertRows(t.rel.Table, cols, together) + conflict
	t.keySQL = " WHERE " + strings.Join(where, " AND ")
}

// Relation is the name of the table in the database.
func (t *Table) Relation() string { return t.rel.Table }

// Columns lists the columns of the table in the database.
func (t *Table) Columns() []engine.Column {
	cols := make([]engine.Column, len(t.cols))
	for i, c := range t.cols {
		cols[i] = c.Column
	}
	return cols
}

// KeyList lists the key columns, with commas.
func (t *Table) KeyList() string {
	names := make([]string, len(t.keys))
	for i, k := range t.keys {
		names[i] = t.cols[k].Name
	}
	return strings.Join(names, ", ")
}

// names lists all columns for a SELECT.
func (t *Table) columnList() string {
	names := make([]string, len(t.cols))
	for i, c := range t.cols {
		names[i] = "t." + c.Name
	}
	return strings.Join(names, ", ")
}

// Layout describes the table; stored rows fit as long as it only grows.
func (t *Table) Layout() string {
	var b strings.Builder
	b.WriteString("key " + t.KeyList())
	for _, c := range t.cols {
		fmt.Fprintf(&b, "|%s %d %s", c.Name, c.Type, c.format)
	}
	return b.String()
}

// arguments are the stored values of a row.
func (t *Table) arguments(row reflect.Value) ([]any, error) {
	out := make([]any, len(t.cols))
	for i, c := range t.cols {
		v := t.shape.Column(row, i)
		if !c.JSON {
			out[i] = shape.Scalar(v)
			continue
		}
		raw, err := json.Marshal(v.Interface())
		if err != nil {
			return nil, fmt.Errorf("store: table %s, %s: %w", t.name, c.Name, err)
		}
		out[i] = string(raw)
	}
	return out, nil
}

// scan returns where the columns of a row are scanned to, and what moves them
// into the row afterwards.
func (t *Table) scan() (dest []any, into func(row reflect.Value) error) {
	dest = make([]any, len(t.cols))
	for i, c := range t.cols {
		switch c.Type {
		case engine.Int:
			dest[i] = new(int64)
		case engine.Real:
			dest[i] = new(float64)
		default:
			dest[i] = new(string)
		}
	}
	return dest, func(row reflect.Value) error {
		for i, c := range t.cols {
			if err := c.set(t.shape.Column(row, i), dest[i]); err != nil {
				return fmt.Errorf("store: table %s, %s: %w", t.name, c.Name, err)
			}
		}
		return nil
	}
}

func (c tableColumn) set(v reflect.Value, from any) error {
	switch val := from.(type) {
	case *int64:
		switch {
		case c.format == "date-time":
			v.Set(reflect.ValueOf(shape.FromMicros(*val)))
		case v.Kind() == reflect.Bool:
			v.SetBool(*val != 0)
		case v.CanUint():
			v.SetUint(uint64(*val))
		default:
			v.SetInt(*val)
		}
	case *float64:
		v.SetFloat(*val)
	case *string:
		if c.JSON {
			return json.Unmarshal([]byte(*val), v.Addr().Interface())
		}
		v.SetString(*val)
	}
	return nil
}

// key parses the values of a key.
func (t *Table) key(keys []any) ([]any, error) {
	var c problem.Checks
	c.Field(len(keys) == len(t.keys), "key", "Der Schlüssel ist nicht vollständig.", "The key is not complete.")
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := make([]any, len(keys))
	for i, at := range t.rel.Keys {
		v, err := shape.ParseValue(at.Value, at.Format, keys[i])
		c.Field(err == nil, "key."+at.Name, "Dieser Wert passt nicht zum Feld.", "This value does not fit the field.")
		out[i] = v
	}
	return out, c.Err()
}

// together is how many rows one statement puts. A database behind a network
// answers a statement of many rows about as fast as one of a single row.
const together = 32

// Put inserts n rows, or replaces those with the same keys; row returns the
// i-th (*T). Of two rows with one key the later stays.
func (t *Table) Put(ctx context.Context, s engine.Session, n int, row func(i int) any) error {
	var args []any
	for i := 0; i < n; {
		text, count := t.putSQL, 1
		if n-i >= together {
			text, count = t.putManySQL, together
		}
		args = args[:0]
		for k := range count {
			one, err := t.arguments(reflect.ValueOf(row(i + k)).Elem())
			if err != nil {
				return err
			}
			args = append(args, one...)
		}
		if count > 1 && t.repeats(args) { // one statement must not touch a row twice
			text, count, args = t.putSQL, 1, args[:len(t.cols)]
		}
		if _, err := s.Exec(ctx, text, args...); err != nil {
			return err
		}
		i += count
	}
	return nil
}

// repeats reports whether two of the rows have the same key.
func (t *Table) repeats(args []any) bool {
	seen := make(map[string]bool, together)
	for at := 0; at < len(args); at += len(t.cols) {
		var key strings.Builder
		for _, k := range t.keys {
			fmt.Fprintf(&key, "%v\x00", args[at+k])
		}
		if seen[key.String()] {
			return true
		}
		seen[key.String()] = true
	}
	return false
}

// Get reads the row with that key into row (*T), or NotFound.
func (t *Table) Get(ctx context.Context, s engine.Session, keys []any, row any) error {
	args, err := t.key(keys)
	if err != nil {
		return err
	}
	dest, into := t.scan()
	found, err := s.One(ctx, "SELECT "+t.columnList()+" FROM "+t.rel.Table+" t"+t.keySQL, args, dest...)
	if err != nil {
		return err
	}
	if !found {
		return problem.New(problem.NotFound, "Diesen Eintrag gibt es nicht ("+t.name+").", "There is no such row ("+t.name+").")
	}
	return into(reflect.ValueOf(row).Elem())
}

// List reads one page; add returns where the next row (*T) goes.
func (t *Table) List(ctx context.Context, s engine.Session, q query.Query, add func() any) (next string, total int, err error) {
	p, err := t.rel.Plan(q)
	if err != nil {
		return "", 0, err
	}
	dest, into := t.scan()
	at, more, err := p.Page(ctx, s, t.columnList(), func() []any { return dest }, func() error {
		return into(reflect.ValueOf(add()).Elem())
	})
	if err != nil {
		return "", 0, err
	}
	total = len(at)
	if more {
		if next, err = p.Cursor(at[len(at)-1]); err != nil {
			return "", 0, err
		}
	}
	if (more || p.Continues()) && !q.Uncounted {
		total, err = p.Total(ctx, s)
	}
	return next, total, err
}

// Delete removes the row with that key; one that is not there is no error.
func (t *Table) Delete(ctx context.Context, s engine.Session, keys []any) error {
	args, err := t.key(keys)
	if err != nil {
		return err
	}
	_, err = s.Exec(ctx, "DELETE FROM "+t.rel.Table+" AS t"+t.keySQL, args...)
	return err
}

// DeleteWhere removes what the filters let through and returns how many rows
// that were.
func (t *Table) DeleteWhere(ctx context.Context, s engine.Session, filters []query.Filter) (int, error) {
	p, err := t.rel.Plan(query.Query{Filters: filters})
	if err != nil {
		return 0, err
	}
	var a engine.Args
	text := "DELETE FROM " + t.rel.Table + " AS t" + p.Where(&a, s)
	n, err := s.Exec(ctx, text, a...)
	return int(n), err
}

// Count counts what the filters let through.
func (t *Table) Count(ctx context.Context, s engine.Session, filters []query.Filter) (int, error) {
	p, err := t.rel.Plan(query.Query{Filters: filters})
	if err != nil {
		return 0, err
	}
	return p.Total(ctx, s)
}

// Group counts rows by the value of one key or index field.
func (t *Table) Group(ctx context.Context, s engine.Session, field string, filters []query.Filter) (map[string]int, error) {
	p, err := t.rel.Plan(query.Query{Filters: filters, Sort: field})
	if err != nil {
		return nil, err
	}
	var a engine.Args
	col := "t." + t.rel.Fields[field].Column
	text := "SELECT " + col + ", count(*) FROM " + t.rel.Table + " t" + p.Where(&a, s) + " GROUP BY " + col
	out := map[string]int{}
	err = s.Query(ctx, text, a, func(r *sql.Rows) error {
		var val any
		var n int
		err := r.Scan(&val, &n)
		out[groupKey(val)] = n
		return err
	})
	return out, err
}

func groupKey(val any) string {
	switch v := val.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte:
		return string(v)
	}
	return fmt.Sprint(val)
}

// Clear removes all rows.
func (t *Table) Clear(ctx context.Context, s engine.Session) error {
	_, err := s.Exec(ctx, "DELETE FROM "+t.rel.Table)
	return err
}

// Migrate makes the table or extends it. It returns what stored rows hold that
// the declaration no longer can; then nothing was changed. The rows of a read
// model are dropped instead: its projection notices and fills it again.
func (t *Table) Migrate(ctx context.Context, s engine.Session) (breaks []string, err error) {
	want := engine.Declaration{Version: 1, Shape: t.Layout(), Layout: t.indexList()}
	have, found, err := s.Declared(ctx, "table "+t.name)
	if err != nil || found && have == want {
		return nil, err
	}
	if found {
		now := strings.Split(want.Shape, "|")
		for part := range strings.SplitSeq(have.Shape, "|") {
			if !slices.Contains(now, part) {
				breaks = append(breaks, part+" is gone or changed")
			}
		}
	}
	if breaks != nil && !t.readModel {
		return breaks, nil
	}
	if breaks != nil {
		if err := s.Run(ctx, "DROP TABLE "+t.rel.Table); err != nil {
			return nil, err
		}
	}
	cols := t.Columns()
	if err := s.Create(ctx, engine.Table{Name: t.rel.Table, Columns: cols, Key: t.KeyList()}); err != nil {
		return nil, err
	}
	if err := s.Fit(ctx, t.rel.Table, cols, false); err != nil {
		return nil, err
	}
	for _, c := range t.cols {
		index := "i_" + t.rel.Table + "_" + c.Name
		text := "DROP INDEX IF EXISTS " + index
		if c.index {
			text = "CREATE INDEX IF NOT EXISTS " + index + " ON " + t.rel.Table + " (" + c.Name + ", " + t.KeyList() + ")"
		}
		if err := s.Run(ctx, text); err != nil {
			return nil, err
		}
	}
	return nil, s.Declare(ctx, "table "+t.name, want)
}

func (t *Table) indexList() string {
	var names []string
	for _, c := range t.cols {
		if c.index {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}
