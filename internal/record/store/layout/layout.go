// Package layout gives a kind of object its table: a column for every index
// that holds single values, with a key beside free text to sort by, the indexes
// over them, and the place of every filter name. Stored rows follow from the
// documents; Text changes when they must be made anew.
package layout

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/shape"
)

// Layout is how the objects of one kind are stored. It is immutable.
type Layout struct {
	Table   string
	Columns []engine.Column // beyond Base, one or two an index; see Values
	Rel     query.Relation

	InsertSQL, UpdateSQL string

	shape *shape.Shape
}

// Base are the columns of every object table.
var Base = []engine.Column{{Name: "id"}, {Name: "revision", Type: engine.Int}, {Name: "title"}, {Name: "title_key", Type: engine.Bytes},
	{Name: "created_at", Type: engine.Int}, {Name: "created_by"}, {Name: "updated_at", Type: engine.Int}, {Name: "updated_by"}, {Name: "doc"}}

// maxIdentifier is the longest name that PostgreSQL keeps apart.
const maxIdentifier = 63

// Of gives every index its columns and every filter name its place. The layout
// is never nil; with an error it is not to be used.
func Of(kind string, s *shape.Shape) (*Layout, error) {
	k := &Layout{Table: "o_" + kind, shape: s}
	var wrong error
	id := query.Field{Name: "id", Column: "id", Order: "id"}
	fields := map[string]query.Field{
		"id":         id,
		"title":      {Name: "title", Column: "title", Order: "title_key", Keyed: true},
		"created_at": {Name: "created_at", Column: "created_at", Order: "created_at", Value: shape.Int, Format: "date-time"},
		"updated_at": {Name: "updated_at", Column: "updated_at", Order: "updated_at", Value: shape.Int, Format: "date-time"},
		"created_by": {Name: "created_by", Column: "created_by", Order: "created_by"},
		"updated_by": {Name: "updated_by", Column: "updated_by", Order: "updated_by"},
	}
	k.Rel = query.Relation{Table: k.Table, Keys: []query.Field{id}, Fields: fields}
	for _, ix := range k.shape.Indexes() {
		f := query.Field{Name: ix.Name, Value: ix.Value, Format: ix.Field.Format, Keyed: ix.Words}
		switch {
		case ix.Many && ix.Ref != "":
			f.Many = "SELECT 1 FROM links m WHERE m.from_id = t.id AND m.field = %s AND m.to_id "
		case ix.Many:
			f.Many = "SELECT 1 FROM list_values m WHERE m.id = t.id AND m.field = %s AND m.value "
		default:
			f.Column = "f_" + strings.ReplaceAll(ix.Name, ".", "__")
			f.Order = f.Column
			k.Columns = append(k.Columns, engine.Column{Name: f.Column, Type: columnTypes[ix.Value]})
			if ix.Words {
				f.Order = "k_" + f.Column[2:]
				k.Columns = append(k.Columns, engine.Column{Name: f.Order, Type: engine.Bytes})
			}
			if len("i_"+k.Table+"_"+f.Column) > maxIdentifier {
				wrong = fmt.Errorf("index name of %s is too long", ix.Name)
			}
		}
		if _, taken := fields[ix.Name]; taken && ix.Name != "title" {
			wrong = fmt.Errorf("the field name %s belongs to every object; choose another or do not index it", ix.Name)
		}
		fields[ix.Name] = f
		if short, ok := strings.CutSuffix(ix.Name, "."+"de"); ok && ix.Field.Bilingual {
			fields[short] = f // German comes first: sorting by the field means its German side
		}
	}
	if anySearch(k.shape.Fields) {
		k.Rel.Words = kind
	}
	all := slices.Concat(Base, k.Columns)
	k.InsertSQL = engine.Insert(k.Table, all)
	set := make([]string, 0, len(all))
	for i, c := range all[1:] {
		set = append(set, fmt.Sprintf("%s = $%d", c.Name, i+2))
	}
	k.UpdateSQL = fmt.Sprintf("UPDATE %s SET %s WHERE id = $1 AND revision = $%d", k.Table, strings.Join(set, ", "), len(all)+1)
	return k, wrong
}

func anySearch(fields []shape.Field) bool {
	return slices.ContainsFunc(fields, func(f shape.Field) bool { return f.Search || anySearch(f.Fields) })
}

var columnTypes = map[shape.Value]engine.Type{shape.Text: engine.Text, shape.Int: engine.Int, shape.Real: engine.Real}

// Values are the arguments of columns for document v.
func (k *Layout) Values(v reflect.Value) []any {
	out := make([]any, 0, len(k.Columns))
	for _, ix := range k.shape.Indexes() {
		if ix.Many {
			continue
		}
		val := ix.Of(v)
		out = append(out, val)
		if ix.Words {
			out = append(out, query.Key(val.(string)))
		}
	}
	return out
}

// Refers lists the kinds that k refers to.
func (k *Layout) Refers() []string {
	var out []string
	for _, ix := range k.shape.Indexes() {
		if ix.Ref != "" && !slices.Contains(out, ix.Ref) {
			out = append(out, ix.Ref)
		}
	}
	return out
}

// Indexes are the statements that make the indexes of the object table.
func (k *Layout) Indexes(s engine.Session) []string {
	var out []string
	plain := func(col string) {
		out = append(out, fmt.Sprintf("CREATE INDEX IF NOT EXISTS i_%s_%s ON %s (%s, id)", k.Table, col, k.Table, col))
	}
	for _, col := range []string{"title_key", "created_at", "updated_at"} {
		plain(col)
	}
	for _, ix := range k.shape.Indexes() {
		f := k.Rel.Fields[ix.Name]
		switch {
		case ix.Many:
			continue
		case ix.Words: // free text: as long as people like
			out = append(out, s.LongIndex("i_"+k.Table+"_"+f.Column, k.Table, f.Column))
			plain(f.Order)
		default:
			plain(f.Column)
		}
		if ix.Unique {
			out = append(out, s.UniqueIndex("u_"+k.Table+"_"+f.Column, k.Table, f.Column))
		}
	}
	return out
}

// Text is a text that changes when stored rows of the kind must be indexed
// again.
func (k *Layout) Text() string {
	var b strings.Builder
	b.WriteString(query.Collation)
	for _, ix := range k.shape.Indexes() {
		fmt.Fprintf(&b, "|%s %d %v %v %s %v", ix.Name, ix.Value, ix.Words, ix.Many, ix.Ref, ix.Unique)
	}
	describeSearch(&b, k.shape.Fields)
	return b.String()
}

func describeSearch(b *strings.Builder, fields []shape.Field) {
	for _, f := range fields {
		if f.Search {
			b.WriteString("|search " + f.Path)
		}
		describeSearch(b, f.Fields)
	}
}
