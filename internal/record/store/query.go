package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/shape"
)

// Query asks for one page of a list.
//
// Search wants every word to occur in the searched fields, anywhere, whatever
// the case and accents. Sort names an indexed field, id, title, created_at or
// updated_at; a minus in front turns it round; "" is by id, which is by age.
// Limit is 1..500, 0 means 50. Cursor is the Next of the page before, of the
// same query.
type Query struct {
	Filters []Filter
	Search  string
	Sort    string
	Cursor  string
	Limit   int
}

// Filter lets through what has the given values in an indexed field. Ops: =
// and != and < <= > >= take one value, in takes any number, has finds a value
// in a list (as do = and in), prefix the start of a text. Values are of the
// field's Go type or strings. Several filters all apply.
type Filter struct {
	Field  string
	Op     string
	Values []any
}

// Where is Filter{field, op, values}.
func Where(field, op string, values ...any) Filter { return Filter{field, op, values} }

// Limits of a query.
const (
	DefaultLimit = 50
	MaxLimit     = 500

	maxValues = 1000 // of one filter
	maxWords  = 16   // of one search
)

// relation is a table that can be filtered, sorted and paged. Field names of a
// query are looked up in it and never reach a statement.
type relation struct {
	table  string
	names  []string
	fields map[string]filterable
	keys   []filterable // make rows distinct and end every sort
}

// filterable is one field of a relation.
type filterable struct {
	name   string
	col    string // = != in prefix
	order  string // < <= > >= and sort
	words  bool   // order holds collation keys
	class  shape.Value
	format string
	many   string // a subquery up to its comparison; %s takes the field's name
}

// clause collects the arguments of a statement in the making.
type clause struct{ args []any }

func (c *clause) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

// plan is a checked query.
type plan struct {
	rel   *relation
	sort  []filterable // the sort field, if any, and the keys
	desc  bool
	limit int
	mark  string // binds cursors to filters and sort
	after []any  // values of sort at the cursor

	filters []Filter
	values  [][]any // parsed, by filter
	kind    string
	search  []string
}

// plan checks every name and value of q against the relation.
func (r *relation) plan(q Query, kind string, searchable bool) (*plan, error) {
	var c problem.Checks
	p := &plan{rel: r, limit: q.Limit, filters: q.Filters, kind: kind, search: strings.Fields(fold(q.Search))}
	if p.limit == 0 {
		p.limit = DefaultLimit
	}
	c.Field(p.limit >= 1 && p.limit <= MaxLimit, "limit", "Eine Seite hat 1 bis 500 Einträge.", "A page has 1 to 500 entries.")
	c.Field(len(p.search) == 0 || searchable, "search", "Hier gibt es keine Volltextsuche.", "There is no full-text search here.")
	c.Field(len(p.search) <= maxWords, "search", "Bitte mit höchstens 16 Wörtern suchen.", "Please search with 16 words at most.")
	for _, f := range q.Filters {
		p.values = append(p.values, r.parse(f, &c))
	}
	name := strings.TrimPrefix(q.Sort, "-")
	p.desc = name != q.Sort
	if name != "" {
		f, ok := r.fields[name]
		c.Field(ok && f.many == "", "sort", "Nach diesem Feld lässt sich nicht sortieren; möglich sind: "+strings.Join(r.names, ", ")+".",
			"This field cannot be sorted by; possible are: "+strings.Join(r.names, ", ")+".")
		p.sort = append(p.sort, f)
	}
	p.sort = append(p.sort, r.keys...)
	same := fmt.Appendf(nil, "%s %s %q", r.table, q.Sort, p.search)
	for i, f := range q.Filters {
		same = fmt.Appendf(same, " %q %s %#v", f.Field, f.Op, p.values[i])
	}
	sum := sha256.Sum256(same)
	p.mark = base64.RawURLEncoding.EncodeToString(sum[:9])
	if q.Cursor != "" {
		c.Field(p.resume(q.Cursor), "cursor", "Diese Blättermarke gehört nicht zu dieser Liste.", "This cursor does not belong to this list.")
	}
	return p, c.Err()
}

// parse checks one filter and returns its values as stored.
func (r *relation) parse(f Filter, c *problem.Checks) []any {
	path := "filter." + f.Field
	at, ok := r.fields[f.Field]
	if !ok {
		c.Field(false, path, "Nach diesem Feld lässt sich nicht filtern; möglich sind: "+strings.Join(r.names, ", ")+".",
			"This field cannot be filtered by; possible are: "+strings.Join(r.names, ", ")+".")
		return nil
	}
	text := at.class == shape.Text
	switch f.Op {
	case "=", "in":
	case "has":
		ok = at.many != ""
	case "prefix":
		ok = at.many == "" && text
	case "!=", "<", "<=", ">", ">=":
		ok = at.many == ""
	default:
		ok = false
	}
	c.Field(ok, path, "Dieser Vergleich ist hier nicht möglich.", "This comparison is not possible here.")
	c.Field(f.Op == "in" || len(f.Values) == 1, path, "Dieser Vergleich braucht genau einen Wert.", "This comparison takes exactly one value.")
	c.Field(len(f.Values) <= maxValues, path, "Das sind zu viele Werte.", "These are too many values.")
	out := make([]any, 0, len(f.Values))
	for _, val := range f.Values {
		v, err := shape.ParseValue(at.class, at.format, val)
		c.Field(err == nil, path, "Dieser Wert passt nicht zum Feld.", "This value does not fit the field.")
		out = append(out, v)
	}
	return out
}

// where writes the conditions of the plan, without those of the cursor.
func (p *plan) where(c *clause, s session) []string {
	var conds []string
	for i, f := range p.filters {
		conds = append(conds, p.rel.fields[f.Field].condition(c, s.db.collation, f, p.values[i]))
	}
	if len(p.search) > 0 {
		conds = append(conds, "t.id IN ("+s.q.dialect.findWords(c, p.kind, p.search)+")")
	}
	return conds
}

func (at filterable) condition(c *clause, col *collation, f Filter, vals []any) string {
	if at.many != "" {
		field := c.arg(at.name)
		return "EXISTS (" + fmt.Sprintf(at.many, field) + in(c, vals) + ")"
	}
	switch f.Op {
	case "in":
		return "t." + at.col + " " + in(c, vals)
	case "prefix":
		from := vals[0].(string)
		return "t." + at.col + " >= " + c.arg(from) + " AND t." + at.col + " < " + c.arg(from+"\U0010FFFF")
	case "=":
		return "t." + at.col + " = " + c.arg(vals[0])
	case "!=":
		return "t." + at.col + " <> " + c.arg(vals[0])
	}
	v := vals[0]
	if at.words {
		v = col.key(v.(string))
	}
	return "t." + at.order + " " + f.Op + " " + c.arg(v) // the operator is one of four; see parse
}

func in(c *clause, vals []any) string {
	if len(vals) == 0 {
		return "IN (NULL)" // nothing is
	}
	places := make([]string, len(vals))
	for i, v := range vals {
		places[i] = c.arg(v)
	}
	return "IN (" + strings.Join(places, ", ") + ")"
}

// page writes the query for one page: the columns asked for, and those of the
// sort behind them.
func (p *plan) page(c *clause, s session, columns string) string {
	conds := p.where(c, s)
	names := make([]string, len(p.sort))
	for i, f := range p.sort {
		names[i] = "t." + f.order
	}
	direction, beyond := "", ">"
	if p.desc {
		direction, beyond = " DESC", "<"
	}
	if p.after != nil {
		places := make([]string, len(p.after))
		for i, v := range p.after {
			places[i] = c.arg(v)
		}
		conds = append(conds, "("+strings.Join(names, ", ")+") "+beyond+" ("+strings.Join(places, ", ")+")")
	}
	text := "SELECT " + columns + ", " + strings.Join(names, ", ") + " FROM " + p.rel.table + " t" + and(conds)
	order := make([]string, len(names))
	for i, n := range names {
		order[i] = n + direction
	}
	return text + " ORDER BY " + strings.Join(order, ", ") + " LIMIT " + c.arg(p.limit+1)
}

func and(conds []string) string {
	if len(conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conds, " AND ")
}

// total counts everything that the filters let through.
func (p *plan) total(ctx context.Context, s session) (n int, err error) {
	var c clause
	text := "SELECT count(*) FROM " + p.rel.table + " t" + and(p.where(&c, s))
	_, err = s.one(ctx, text, c.args, &n)
	return n, err
}

// at holds the values of the sort columns of a row while it is scanned.
func (p *plan) at() []any {
	out := make([]any, len(p.sort))
	for i, f := range p.sort {
		switch {
		case f.words:
			out[i] = new([]byte)
		case f.class == shape.Int:
			out[i] = new(int64)
		case f.class == shape.Real:
			out[i] = new(float64)
		default:
			out[i] = new(string)
		}
	}
	return out
}

// mark is the JSON of a cursor.
type mark struct {
	Of string            `json:"q"`
	At []json.RawMessage `json:"a"`
}

// cursor writes the cursor behind the row whose sort values are at.
func (p *plan) cursor(at []any) (string, error) {
	m := mark{Of: p.mark}
	for _, v := range at {
		raw, err := json.Marshal(v)
		if err != nil {
			return "", fmt.Errorf("write cursor: %w", err)
		}
		m.At = append(m.At, raw)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// resume reads a cursor and reports whether it is one of this query.
func (p *plan) resume(cursor string) bool {
	var m mark
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Of != p.mark || len(m.At) != len(p.sort) {
		return false
	}
	at := p.at()
	for i := range at {
		if json.Unmarshal(m.At[i], at[i]) != nil {
			return false
		}
	}
	p.from(at)
	return true
}

// from starts the next page behind a row with these sort values.
func (p *plan) from(at []any) {
	p.after = p.after[:0]
	for _, v := range at {
		v := reflect.ValueOf(v).Elem().Interface()
		if b, ok := v.([]byte); ok && b == nil {
			v = []byte{} // nil would be NULL
		}
		p.after = append(p.after, v)
	}
}

// rows runs one page. scan gets each row's destinations of the asked columns
// from dest and is called when they are filled; it returns the next cursor.
func (p *plan) rows(ctx context.Context, s session, columns string, dest func() []any, scanned func() error) (next string, n int, err error) {
	var c clause
	text := p.page(&c, s, columns)
	var last []any
	err = s.query(ctx, text, c.args, func(r *sql.Rows) error {
		if n++; n > p.limit {
			next, err = p.cursor(last)
			return err
		}
		last = p.at()
		if err := r.Scan(append(dest(), last...)...); err != nil {
			return err
		}
		return scanned()
	})
	return next, min(n, p.limit), err
}
