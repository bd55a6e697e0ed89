package query

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/shape"
)

// Place is where a row stands in the sort: pointers to the values of the sort
// columns.
type Place []any

// Limit is how many rows a page has.
func (p *Plan) Limit() int { return p.limit }

// SetLimit changes how many rows a page has.
func (p *Plan) SetLimit(n int) { p.limit = n }

// Continues reports whether the plan starts behind a cursor.
func (p *Plan) Continues() bool { return p.after != nil }

// Rewind starts again at the first row.
func (p *Plan) Rewind() { p.after = nil }

// Page reads one page. For each row, dest returns where the asked columns are
// scanned to, and scanned is called when they are. It returns the place of
// each row, and whether there are more rows behind.
func (p *Plan) Page(ctx context.Context, s engine.Session, columns string, dest func() []any, scanned func() error) (at []Place, more bool, err error) {
	var a engine.Args
	text := p.sql(&a, s, columns)
	err = s.Query(ctx, text, a, func(r *sql.Rows) error {
		if len(at) == p.limit {
			more = true
			return nil
		}
		place := p.place()
		if err := r.Scan(append(dest(), place...)...); err != nil {
			return err
		}
		at = append(at, place)
		return scanned()
	})
	return at, more, err
}

// Statement is the query for one page with its arguments, for EXPLAIN.
func (p *Plan) Statement(s engine.Session, columns string) (text string, args []any) {
	var a engine.Args
	text = p.sql(&a, s, columns)
	return text, a
}

// Total counts everything that the filters let through.
func (p *Plan) Total(ctx context.Context, s engine.Session) (n int, err error) {
	var a engine.Args
	text := "SELECT count(*) FROM " + p.rel.Table + " t" + p.Where(&a, s)
	_, err = s.One(ctx, text, a, &n)
	return n, err
}

// sql writes the query for one page: the columns asked for, and those of the
// sort behind them. It asks for one row more, to see whether there is one.
func (p *Plan) sql(a *engine.Args, s engine.Session, columns string) string {
	conds := p.conditions(a, s)
	names, order := make([]string, len(p.sort)), make([]string, len(p.sort))
	direction, beyond := "", ">"
	if p.desc {
		direction, beyond = " DESC", "<"
	}
	for i, f := range p.sort {
		names[i] = "t." + f.Order
		order[i] = names[i] + direction
	}
	if p.after != nil {
		places := make([]string, len(p.after))
		for i, v := range p.after {
			places[i] = a.Add(v)
		}
		conds = append(conds, "("+strings.Join(names, ", ")+") "+beyond+" ("+strings.Join(places, ", ")+")")
	}
	return "SELECT " + columns + ", " + strings.Join(names, ", ") + " FROM " + p.rel.Table + " t" + where(conds) +
		" ORDER BY " + strings.Join(order, ", ") + " LIMIT " + a.Add(p.limit+1)
}

func (p *Plan) place() Place {
	out := make(Place, len(p.sort))
	for i, f := range p.sort {
		switch {
		case f.Keyed:
			out[i] = new([]byte)
		case f.Value == shape.Int:
			out[i] = new(int64)
		case f.Value == shape.Real:
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

// Cursor writes the cursor behind a row.
func (p *Plan) Cursor(at Place) (string, error) {
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
func (p *Plan) resume(cursor string) bool {
	var m mark
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &m) != nil || m.Of != p.mark || len(m.At) != len(p.sort) {
		return false
	}
	at := p.place()
	for i := range at {
		if json.Unmarshal(m.At[i], at[i]) != nil {
			return false
		}
	}
	p.After(at)
	return true
}

// After starts the next page behind a row.
func (p *Plan) After(at Place) {
	p.after = make([]any, len(at))
	for i, v := range at {
		p.after[i] = reflect.ValueOf(v).Elem().Interface()
		if b, ok := p.after[i].([]byte); ok && b == nil {
			p.after[i] = []byte{} // nil would be NULL
		}
	}
}
