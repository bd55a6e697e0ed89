package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/query"
	"augenmass/internal/record/store/shape"
)

// kind is a declared kind without its Go type: its shape, and how that is laid
// out as columns. It is immutable.
type kind struct {
	name, prefix string
	goType       reflect.Type
	version      int
	upgrade      func(version int, raw json.RawMessage) (json.RawMessage, error)

	// Compiled when first needed, because rooms declare kinds more often than
	// they open them.
	once  sync.Once
	shape *shape.Shape
	err   error // what is wrong with the declaration

	table   string
	columns []engine.Column // beyond base, one or two an index; see values
	rel     query.Relation

	insertSQL, updateSQL string
}

// base are the columns of every object table.
var base = []engine.Column{{Name: "id"}, {Name: "revision", Type: engine.Int}, {Name: "title"}, {Name: "title_key", Type: engine.Bytes},
	{Name: "created_at", Type: engine.Int}, {Name: "created_by"}, {Name: "updated_at", Type: engine.Int}, {Name: "updated_by"}, {Name: "doc"}}

var kindName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// maxIdentifier is the longest name that PostgreSQL keeps apart.
const maxIdentifier = 63

func newKind[T any](name, prefix string, opts []KindOption) *kind {
	k := &kind{name: name, prefix: prefix, goType: reflect.TypeFor[T](), version: 1, table: "o_" + name}
	for _, o := range opts {
		o(k)
	}
	return k
}

// compiled returns k with its shape and layout.
func (k *kind) compiled() *kind {
	k.once.Do(func() {
		s, err := shape.Of(k.goType)
		switch {
		case err != nil:
			k.shape, k.err = &shape.Shape{}, err
			return
		case !kindName.MatchString(k.name) || !kindName.MatchString(k.prefix) || strings.Contains(k.prefix, "_"):
			k.err = fmt.Errorf("name %q or prefix %q is not a lower-case word", k.name, k.prefix)
		case k.version < 1 || k.version > 1 && k.upgrade == nil:
			k.err = fmt.Errorf("shape version %d has no upgrade from the ones before", k.version)
		}
		k.shape = s
		k.lay()
	})
	return k
}

// lay gives every index its columns and every filter name its place.
func (k *kind) lay() {
	id := query.Field{Name: "id", Column: "id", Order: "id"}
	fields := map[string]query.Field{
		"id":         id,
		"title":      {Name: "title", Column: "title", Order: "title_key", Keyed: true},
		"created_at": {Name: "created_at", Column: "created_at", Order: "created_at", Value: shape.Int, Format: "date-time"},
		"updated_at": {Name: "updated_at", Column: "updated_at", Order: "updated_at", Value: shape.Int, Format: "date-time"},
		"created_by": {Name: "created_by", Column: "created_by", Order: "created_by"},
		"updated_by": {Name: "updated_by", Column: "updated_by", Order: "updated_by"},
	}
	k.rel = query.Relation{Table: k.table, Keys: []query.Field{id}, Fields: fields}
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
			k.columns = append(k.columns, engine.Column{Name: f.Column, Type: columnTypes[ix.Value]})
			if ix.Words {
				f.Order = "k_" + f.Column[2:]
				k.columns = append(k.columns, engine.Column{Name: f.Order, Type: engine.Bytes})
			}
			if len("i_"+k.table+"_"+f.Column) > maxIdentifier {
				k.err = fmt.Errorf("index name of %s is too long", ix.Name)
			}
		}
		if _, taken := fields[ix.Name]; taken && ix.Name != "title" {
			k.err = fmt.Errorf("the field name %s belongs to every object; choose another or do not index it", ix.Name)
		}
		fields[ix.Name] = f
		if short, ok := strings.CutSuffix(ix.Name, "."+"de"); ok && ix.Field.Bilingual {
			fields[short] = f // German comes first: sorting by the field means its German side
		}
	}
	if anySearch(k.shape.Fields) {
		k.rel.Words = k.name
	}
	all := slices.Concat(base, k.columns)
	k.insertSQL = engine.Insert(k.table, all)
	set := make([]string, 0, len(all))
	for i, c := range all[1:] {
		set = append(set, fmt.Sprintf("%s = $%d", c.Name, i+2))
	}
	k.updateSQL = fmt.Sprintf("UPDATE %s SET %s WHERE id = $1 AND revision = $%d", k.table, strings.Join(set, ", "), len(all)+1)
}

func anySearch(fields []shape.Field) bool {
	return slices.ContainsFunc(fields, func(f shape.Field) bool { return f.Search || anySearch(f.Fields) })
}

var columnTypes = map[shape.Value]engine.Type{shape.Text: engine.Text, shape.Int: engine.Int, shape.Real: engine.Real}

// values are the arguments of columns for document v.
func (k *kind) values(v reflect.Value) []any {
	out := make([]any, 0, len(k.columns))
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

// refers lists the kinds that k refers to.
func (k *kind) refers() []string {
	var out []string
	for _, ix := range k.shape.Indexes() {
		if ix.Ref != "" && !slices.Contains(out, ix.Ref) {
			out = append(out, ix.Ref)
		}
	}
	return out
}

// indexes are the statements that make the indexes of the object table.
func (k *kind) indexes(s engine.Session) []string {
	var out []string
	plain := func(col string) {
		out = append(out, fmt.Sprintf("CREATE INDEX IF NOT EXISTS i_%s_%s ON %s (%s, id)", k.table, col, k.table, col))
	}
	for _, col := range []string{"title_key", "created_at", "updated_at"} {
		plain(col)
	}
	for _, ix := range k.shape.Indexes() {
		f := k.rel.Fields[ix.Name]
		switch {
		case ix.Many:
			continue
		case ix.Words: // free text: as long as people like
			out = append(out, s.LongIndex("i_"+k.table+"_"+f.Column, k.table, f.Column))
			plain(f.Order)
		default:
			plain(f.Column)
		}
		if ix.Unique {
			out = append(out, s.UniqueIndex("u_"+k.table+"_"+f.Column, k.table, f.Column))
		}
	}
	return out
}

// layout is a text that changes when stored rows of the kind must be indexed
// again.
func (k *kind) layout() string {
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

// titled is implemented by documents that name themselves in lists and links.
type titled interface{ Title() string }

func titleOf(doc any) string {
	if t, ok := doc.(titled); ok {
		return t.Title()
	}
	return ""
}
