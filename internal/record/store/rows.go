package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/shape"
)

// table is a plain table without its Go type. It is immutable.
type table struct {
	name      string
	goType    reflect.Type
	readModel bool

	once  sync.Once
	err   error
	shape *shape.Shape
	cols  []tableColumn
	keys  []int // positions of the key columns, in order
	rel   relation

	putSQL, keySQL string
}

// tableColumn is one field of the row.
type tableColumn struct {
	column
	typ    reflect.Type
	format string
	index  bool
}

func newTable[T any](name string, opts []TableOption) *table {
	t := &table{name: name, goType: reflect.TypeFor[T]()}
	for _, o := range opts {
		o(t)
	}
	return t
}

// compiled returns t with its columns.
func (t *table) compiled() *table {
	t.once.Do(func() {
		s, err := shape.Of(t.goType)
		if err != nil {
			t.err = err
			return
		}
		if !kindName.MatchString(t.name) {
			t.err = fmt.Errorf("name %q is not a lower-case word", t.name)
		}
		t.shape = s
		t.lay()
	})
	return t
}

func (t *table) lay() {
	t.rel = relation{table: "t_" + t.name, fields: map[string]filterable{}}
	for i, f := range t.shape.Fields {
		sf := t.shape.Type.FieldByIndex(f.Position())
		c := tableColumn{column: column{name: "c_" + f.Name}, typ: sf.Type, format: f.Format}
		class := shape.Text
		switch {
		case f.List || f.Optional || f.Type == shape.Object:
			c.json = true
		case f.Type == shape.Integer || f.Type == shape.Boolean || f.Format == "date-time":
			c.column.typ, class = colInt, shape.Int
		case f.Type == shape.Number:
			c.column.typ, class = colReal, shape.Real
		}
		key := slices.Contains(strings.Split(sf.Tag.Get("store"), ","), "key")
		c.index = f.Index && !key
		if key {
			t.keys = append(t.keys, i)
		}
		if (key || c.index) && c.json {
			t.err = fmt.Errorf("%s: keys and indexes are single values", f.Name)
		}
		if key || c.index {
			at := filterable{name: f.Name, col: c.name, order: c.name, class: class, format: f.Format}
			t.rel.fields[f.Name] = at
			t.rel.names = append(t.rel.names, f.Name)
			if key {
				t.rel.keys = append(t.rel.keys, at)
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

func (t *table) statements() {
	var cols []column
	var set, where []string
	for i, c := range t.cols {
		cols = append(cols, c.column)
		if !slices.Contains(t.keys, i) {
			set = append(set, c.name+" = excluded."+c.name)
		}
	}
	for i, k := range t.keys {
		where = append(where, fmt.Sprintf("t.%s = $%d", t.cols[k].name, i+1))
	}
	do := "NOTHING"
	if len(set) > 0 {
		do = "UPDATE SET " + strings.Join(set, ", ")
	}
	t.putSQL = insert(t.rel.table, cols) + " ON CONFLICT (" + t.keyList() + ") DO " + do
	t.keySQL = " WHERE " + strings.Join(where, " AND ")
}

func (t *table) keyList() string {
	names := make([]string, len(t.keys))
	for i, k := range t.keys {
		names[i] = t.cols[k].name
	}
	return strings.Join(names, ", ")
}

// names lists all columns for a SELECT.
func (t *table) columnList() string {
	names := make([]string, len(t.cols))
	for i, c := range t.cols {
		names[i] = "t." + c.name
	}
	return strings.Join(names, ", ")
}

// layout describes the table; stored rows fit as long as it only grows.
func (t *table) layout() string {
	var b strings.Builder
	b.WriteString("key " + t.keyList())
	for _, c := range t.cols {
		fmt.Fprintf(&b, "|%s %d %s", c.name, c.column.typ, c.format)
	}
	return b.String()
}

func (s session) knownTable(t *table) (*table, error) {
	if have := s.db.tables[t.name]; have != nil && have.goType == t.goType {
		return have, nil
	}
	return nil, declared(t.name, fmt.Errorf("is not among Options.Tables, or with another type"))
}

// arguments are the stored values of a row.
func (t *table) arguments(row reflect.Value) ([]any, error) {
	out := make([]any, len(t.cols))
	for i, c := range t.cols {
		v := t.shape.Column(row, i)
		if !c.json {
			out[i] = shape.Scalar(v)
			continue
		}
		raw, err := json.Marshal(v.Interface())
		if err != nil {
			return nil, fmt.Errorf("store: table %s, %s: %w", t.name, c.name, err)
		}
		out[i] = string(raw)
	}
	return out, nil
}

// scan returns where the columns of a row are scanned to, and what moves them
// into the row afterwards.
func (t *table) scan() (dest []any, into func(row reflect.Value) error) {
	dest = make([]any, len(t.cols))
	for i, c := range t.cols {
		switch c.column.typ {
		case colInt:
			dest[i] = new(int64)
		case colReal:
			dest[i] = new(float64)
		default:
			dest[i] = new(string)
		}
	}
	return dest, func(row reflect.Value) error {
		for i, c := range t.cols {
			if err := c.set(t.shape.Column(row, i), dest[i]); err != nil {
				return fmt.Errorf("store: table %s, %s: %w", t.name, c.name, err)
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
		if c.json {
			return json.Unmarshal([]byte(*val), v.Addr().Interface())
		}
		v.SetString(*val)
	}
	return nil
}

// key parses the values of a key.
func (t *table) key(keys []any) ([]any, error) {
	var c problem.Checks
	c.Field(len(keys) == len(t.keys), "key", "Der Schlüssel ist nicht vollständig.", "The key is not complete.")
	if err := c.Err(); err != nil {
		return nil, err
	}
	out := make([]any, len(keys))
	for i, at := range t.rel.keys {
		v, err := shape.ParseValue(at.class, at.format, keys[i])
		c.Field(err == nil, "key."+at.name, "Dieser Wert passt nicht zum Feld.", "This value does not fit the field.")
		out[i] = v
	}
	return out, c.Err()
}

func (tx *Tx) putRow(ctx context.Context, t *table, row any) error {
	t, err := tx.session().knownTable(t)
	if err != nil {
		return err
	}
	args, err := t.arguments(reflect.ValueOf(row).Elem())
	if err != nil {
		return err
	}
	_, err = tx.session().exec(ctx, t.putSQL, args...)
	return err
}

func (s session) getRow(ctx context.Context, t *table, keys []any, row any) error {
	t, err := s.knownTable(t)
	if err != nil {
		return err
	}
	args, err := t.key(keys)
	if err != nil {
		return err
	}
	dest, into := t.scan()
	found, err := s.one(ctx, "SELECT "+t.columnList()+" FROM "+t.rel.table+" t"+t.keySQL, args, dest...)
	if err != nil {
		return err
	}
	if !found {
		return problem.New(problem.NotFound, "Diesen Eintrag gibt es nicht ("+t.name+").", "There is no such row ("+t.name+").")
	}
	return into(reflect.ValueOf(row).Elem())
}

func (s session) listRows(ctx context.Context, t *table, q Query, add func() any) (next string, total int, err error) {
	t, err = s.knownTable(t)
	if err != nil {
		return "", 0, err
	}
	p, err := t.rel.plan(q, "", false)
	if err != nil {
		return "", 0, err
	}
	dest, into := t.scan()
	next, n, err := p.rows(ctx, s, t.columnList(), func() []any { return dest }, func() error {
		return into(reflect.ValueOf(add()).Elem())
	})
	if err != nil {
		return "", 0, err
	}
	if q.Cursor != "" || next != "" {
		n, err = p.total(ctx, s)
	}
	return next, n, err
}

func (tx *Tx) deleteRow(ctx context.Context, t *table, keys []any) error {
	t, err := tx.session().knownTable(t)
	if err != nil {
		return err
	}
	args, err := t.key(keys)
	if err != nil {
		return err
	}
	_, err = tx.session().exec(ctx, "DELETE FROM "+t.rel.table+" AS t"+t.keySQL, args...)
	return err
}

func (tx *Tx) deleteRows(ctx context.Context, t *table, filters []Filter) (int, error) {
	s := tx.session()
	t, err := s.knownTable(t)
	if err != nil {
		return 0, err
	}
	p, err := t.rel.plan(Query{Filters: filters}, "", false)
	if err != nil {
		return 0, err
	}
	var c clause
	n, err := s.exec(ctx, "DELETE FROM "+t.rel.table+" AS t"+and(p.where(&c, s)), c.args...)
	return int(n), err
}

func (s session) countRows(ctx context.Context, t *table, filters []Filter) (int, error) {
	t, err := s.knownTable(t)
	if err != nil {
		return 0, err
	}
	p, err := t.rel.plan(Query{Filters: filters}, "", false)
	if err != nil {
		return 0, err
	}
	return p.total(ctx, s)
}

func (s session) groupRows(ctx context.Context, t *table, field string, filters []Filter) (map[string]int, error) {
	t, err := s.knownTable(t)
	if err != nil {
		return nil, err
	}
	p, err := t.rel.plan(Query{Filters: filters, Sort: field}, "", false)
	if err != nil {
		return nil, err
	}
	at := p.sort[0]
	var c clause
	out := map[string]int{}
	err = s.query(ctx, "SELECT t."+at.col+", count(*) FROM "+t.rel.table+" t"+and(p.where(&c, s))+" GROUP BY t."+at.col, c.args, func(r *sql.Rows) error {
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

func (tx *Tx) clearTable(ctx context.Context, t *table) error {
	t, err := tx.session().knownTable(t)
	if err != nil {
		return err
	}
	_, err = tx.session().exec(ctx, "DELETE FROM "+t.rel.table)
	return err
}

// migrateTable makes a plain table or extends it. A read model whose rows no
// longer fit is emptied; its projection notices and fills it again.
func (tx *Tx) migrateTable(ctx context.Context, t *table) error {
	want := declaration{1, t.layout(), t.indexList()}
	have, found, err := tx.declaration(ctx, "table "+t.name)
	if err != nil || found && have == want {
		return err
	}
	d := tx.q.dialect
	var breaks []string
	for part := range strings.SplitSeq(have.shape, "|") {
		if found && !slices.Contains(strings.Split(want.shape, "|"), part) {
			breaks = append(breaks, part+" is gone or changed")
		}
	}
	if breaks != nil && !t.readModel {
		return incompatible(t.name, breaks)
	}
	if breaks != nil {
		if err := tx.run(ctx, "DROP TABLE "+t.rel.table); err != nil {
			return err
		}
		found = false
	}
	cols := make([]column, len(t.cols))
	for i, c := range t.cols {
		cols[i] = c.column
	}
	if !found {
		if err := tx.run(ctx, createTable(d, t.rel.table, cols, t.keyList())); err != nil {
			return err
		}
	}
	exist, err := d.columns(ctx, tx.session(), t.rel.table)
	if err != nil {
		return err
	}
	for i, c := range cols {
		index := "i_" + t.rel.table + "_" + c.name
		if _, ok := exist[c.name]; !ok {
			if err := tx.run(ctx, "ALTER TABLE "+t.rel.table+" ADD COLUMN "+definition(d, c)); err != nil {
				return err
			}
		}
		text := "DROP INDEX IF EXISTS " + index
		if t.cols[i].index {
			text = "CREATE INDEX IF NOT EXISTS " + index + " ON " + t.rel.table + " (" + c.name + ", " + t.keyList() + ")"
		}
		if err := tx.run(ctx, text); err != nil {
			return err
		}
	}
	return tx.declare(ctx, "table "+t.name, want)
}

func (t *table) indexList() string {
	var names []string
	for _, c := range t.cols {
		if c.index {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, " ")
}
