// Package query turns what a page asks for (filters, search, sort, cursor,
// limit) into one statement over one table. Field names are looked up in the
// relation that the caller describes and never reach a statement; values are
// parsed to the field's type and bound. It also says how texts are searched
// and sorted: folded words, and the keys of the German collation.
//
// It knows neither kinds nor access; what a row means is the caller's.
package query

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/shape"
)

// Query asks for one page of a list.
//
// Search wants every word to occur in the searched fields, anywhere, whatever
// the case and accents. Sort names an indexed field, of objects also id,
// title, created_at and updated_at; a minus in front turns it round; "" is by
// key, which for objects is by age. Limit is 1..500, 0 means 50. Cursor is the
// Next of the page before, of the same query.
type Query struct {
	Filters []Filter
	Search  string
	Sort    string
	Cursor  string
	Limit   int

	Uncounted bool // the caller needs no total, or knows a cheaper one: Total is then how many the page has

	// Along reads the rows in the order of Sort and lets the filters by "in" and
	// "!=" over texts only sift: for a first page of much, most of which passes.
	// Without it an engine may gather and sort everything that one of them lets
	// through.
	Along bool
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

// Limits of a query.
const (
	DefaultLimit = 50
	MaxLimit     = 500

	maxValues = 1000 // of one filter
	maxWords  = 16   // of one search
)

// Relation is a table that can be filtered, sorted and paged.
type Relation struct {
	Table  string
	Fields map[string]Field
	Keys   []Field // make rows distinct and end every sort
	Words  string  // kind in the full text, "" without one; the table then has a column id
}

// Field is one field of a relation.
type Field struct {
	Name   string
	Column string // compared with = != in prefix
	Order  string // compared with < <= > >=, and sorted by
	Keyed  bool   // Order holds keys of the collation; see Key
	Value  shape.Value
	Format string
	Many   string // for a list: a subquery up to its comparison; %s takes the field's name
}

// Names lists what can be filtered by, sorted.
func (r *Relation) Names() []string {
	out := make([]string, 0, len(r.Fields))
	for name := range r.Fields {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Plan is a checked query over a relation.
type Plan struct {
	rel   *Relation
	sort  []Field // the sort field, if any, and the keys
	desc  bool
	limit int
	mark  string // binds cursors to filters and sort
	after []any  // sort values at the cursor
	conds []condition
	words []string
	along bool // see Query.Along
}

// condition is one filter with its values as stored.
type condition struct {
	at   Field
	op   string
	vals []any
}

// Plan checks every name and value of q and reports all that are wrong as
// BadInput with the paths filter.<field>, sort, search, limit and cursor.
func (r *Relation) Plan(q Query) (*Plan, error) {
	var c problem.Checks
	p := &Plan{rel: r, limit: q.Limit, along: q.Along, words: strings.Fields(Fold(q.Search))}
	if p.limit == 0 {
		p.limit = DefaultLimit
	}
	c.Field(p.limit >= 1 && p.limit <= MaxLimit, "limit", "Eine Seite hat 1 bis 500 Einträge.", "A page has 1 to 500 entries.")
	c.Field(len(p.words) == 0 || r.Words != "", "search", "Hier gibt es keine Volltextsuche.", "There is no full-text search here.")
	c.Field(len(p.words) <= maxWords, "search", "Bitte mit höchstens 16 Wörtern suchen.", "Please search with 16 words at most.")
	for _, f := range q.Filters {
		p.conds = append(p.conds, r.parse(f, &c))
	}
	name := strings.TrimPrefix(q.Sort, "-")
	p.desc = name != q.Sort
	if name != "" {
		f, ok := r.Fields[name]
		all := strings.Join(r.Names(), ", ")
		c.Field(ok && f.Many == "", "sort", "Nach diesem Feld lässt sich nicht sortieren; möglich sind: "+all+".",
			"This field cannot be sorted by; possible are: "+all+".")
		p.sort = append(p.sort, f)
	}
	p.sort = append(p.sort, r.Keys...)
	same := fmt.Appendf(nil, "%s %s %q", r.Table, q.Sort, p.words)
	for _, f := range p.conds {
		same = fmt.Appendf(same, " %q %s %#v", f.at.Name, f.op, f.vals)
	}
	sum := sha256.Sum256(same)
	p.mark = base64.RawURLEncoding.EncodeToString(sum[:9])
	if q.Cursor != "" {
		c.Field(p.resume(q.Cursor), "cursor", "Diese Blättermarke gehört nicht zu dieser Liste.", "This cursor does not belong to this list.")
	}
	return p, c.Err()
}

// parse checks one filter.
func (r *Relation) parse(f Filter, c *problem.Checks) condition {
	path := "filter." + f.Field
	at, ok := r.Fields[f.Field]
	if !ok {
		all := strings.Join(r.Names(), ", ")
		c.Field(false, path, "Nach diesem Feld lässt sich nicht filtern; möglich sind: "+all+".",
			"This field cannot be filtered by; possible are: "+all+".")
		return condition{}
	}
	switch f.Op {
	case "=", "in":
	case "has":
		ok = at.Many != ""
	case "prefix":
		ok = at.Many == "" && at.Value == shape.Text
	case "!=", "<", "<=", ">", ">=":
		ok = at.Many == ""
	default:
		ok = false
	}
	c.Field(ok, path, "Dieser Vergleich ist hier nicht möglich.", "This comparison is not possible here.")
	c.Field(f.Op == "in" || len(f.Values) == 1, path, "Dieser Vergleich braucht genau einen Wert.", "This comparison takes exactly one value.")
	c.Field(len(f.Values) <= maxValues, path, "Das sind zu viele Werte.", "These are too many values.")
	out := condition{at: at, op: f.Op}
	for _, val := range f.Values {
		v, err := shape.ParseValue(at.Value, at.Format, val)
		c.Field(err == nil, path, "Dieser Wert passt nicht zum Feld.", "This value does not fit the field.")
		out.vals = append(out.vals, v)
	}
	return out
}

// Where writes the conditions of the plan, without that of the cursor, over
// the alias t: " WHERE …", or "" without any.
func (p *Plan) Where(a *engine.Args, s engine.Session) string { return where(p.conditions(a, s)) }

func where(conds []string) string {
	if len(conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conds, " AND ")
}

func (p *Plan) conditions(a *engine.Args, s engine.Session) []string {
	var conds []string
	for _, c := range p.conds {
		conds = append(conds, c.sql(a, p.along))
	}
	if len(p.words) > 0 {
		conds = append(conds, "t.id IN ("+s.FindWords(a, p.rel.Words, p.words)+")")
	}
	return conds
}

// sql writes one condition. One that only sifts compares an expression, for which
// neither engine has an index.
func (c condition) sql(a *engine.Args, along bool) string {
	if c.at.Many != "" {
		for i, v := range c.vals {
			c.vals[i] = Value(v.(string))
		}
		return "EXISTS (" + fmt.Sprintf(c.at.Many, a.Add(c.at.Name)) + a.In(c.vals) + ")"
	}
	col := "t." + c.at.Column
	sifts := col
	if along && c.at.Value == shape.Text {
		sifts += " || ''"
	}
	switch c.op {
	case "in":
		return sifts + " " + a.In(c.vals)
	case "prefix":
		from := c.vals[0].(string)
		return col + " >= " + a.Add(from) + " AND " + col + " < " + a.Add(from+"\U0010FFFF")
	case "=":
		return col + " = " + a.Add(c.vals[0])
	case "!=":
		return sifts + " <> " + a.Add(c.vals[0])
	}
	v := c.vals[0]
	if c.at.Keyed {
		v = Key(v.(string))
	}
	return "t." + c.at.Order + " " + c.op + " " + a.Add(v) // the operator is one of four; see parse
}
