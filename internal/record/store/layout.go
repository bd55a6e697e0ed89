package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

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
	columns []column // beyond base, one or two an index; see values
	rel     relation
	search  bool

	insertSQL, updateSQL string
}

// base are the columns of every object table.
var base = []column{{name: "id", typ: colText}, {name: "revision", typ: colInt}, {name: "title", typ: colText}, {name: "title_key", typ: colBytes},
	{name: "created_at", typ: colInt}, {name: "created_by", typ: colText}, {name: "updated_at", typ: colInt}, {name: "updated_by", typ: colText}, {name: "doc", typ: colText}}

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
	k.rel = relation{table: k.table, keys: []filterable{{name: "id", col: "id", order: "id"}}, fields: map[string]filterable{
		"id":         {name: "id", col: "id", order: "id"},
		"title":      {name: "title", col: "title", order: "title_key", words: true},
		"created_at": {name: "created_at", col: "created_at", order: "created_at", class: shape.Int, format: "date-time"},
		"updated_at": {name: "updated_at", col: "updated_at", order: "updated_at", class: shape.Int, format: "date-time"},
		"created_by": {name: "created_by", col: "created_by", order: "created_by"},
		"updated_by": {name: "updated_by", col: "updated_by", order: "updated_by"},
	}}
	for _, ix := range k.shape.Indexes() {
		f := filterable{name: ix.Name, class: ix.Value, format: ix.Field.Format, words: ix.Words}
		switch {
		case ix.Many && ix.Ref != "":
			f.many = "SELECT 1 FROM links m WHERE m.from_id = t.id AND m.field = %s AND m.to_id "
		case ix.Many:
			f.many = "SELECT 1 FROM list_values m WHERE m.id = t.id AND m.field = %s AND m.value "
		default:
			f.col = "f_" + strings.ReplaceAll(ix.Name, ".", "__")
			f.order = f.col
			k.columns = append(k.columns, column{name: f.col, typ: columnType(ix.Value)})
			if ix.Words {
				f.order = "k_" + f.col[2:]
				k.columns = append(k.columns, column{name: f.order, typ: colBytes})
			}
			if len("i_"+k.table+"_"+f.col) > maxIdentifier {
				k.err = fmt.Errorf("index name of %s is too long", ix.Name)
			}
		}
		if _, taken := k.rel.fields[ix.Name]; taken && ix.Name != "title" {
			k.err = fmt.Errorf("the field name %s belongs to every object; choose another or do not index it", ix.Name)
		}
		k.rel.fields[ix.Name] = f
		if short, ok := strings.CutSuffix(ix.Name, "."+"de"); ok && ix.Field.Bilingual {
			k.rel.fields[short] = f // German comes first: sorting by the field means its German side
		}
	}
	for name := range k.rel.fields {
		k.rel.names = append(k.rel.names, name)
	}
	slices.Sort(k.rel.names)
	k.search = anySearch(k.shape.Fields)
	all := slices.Concat(base, k.columns)
	k.insertSQL = insert(k.table, all)
	set := make([]string, 0, len(all))
	for i, c := range all[1:] {
		set = append(set, fmt.Sprintf("%s = $%d", c.name, i+2))
	}
	k.updateSQL = fmt.Sprintf("UPDATE %s SET %s WHERE id = $1 AND revision = $%d", k.table, strings.Join(set, ", "), len(all)+1)
}

func insert(table string, cols []column) string {
	names, places := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i], places[i] = c.name, fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(places, ", "))
}

func anySearch(fields []shape.Field) bool {
	return slices.ContainsFunc(fields, func(f shape.Field) bool { return f.Search || anySearch(f.Fields) })
}

// values are the arguments of columns for document v.
func (k *kind) values(col *collation, v reflect.Value) []any {
	out := make([]any, 0, len(k.columns))
	for _, ix := range k.shape.Indexes() {
		if ix.Many {
			continue
		}
		val := ix.Of(v)
		out = append(out, val)
		if ix.Words {
			out = append(out, col.key(val.(string)))
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

// indexes are the statements that make the indexes of the object table, by
// name of the index.
func (k *kind) indexes() map[string]string {
	out := map[string]string{}
	add := func(col string) {
		name := "i_" + k.table + "_" + col
		out[name] = fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s, id)", name, k.table, col)
	}
	for _, col := range []string{"title_key", "created_at", "updated_at"} {
		add(col)
	}
	for _, c := range k.columns {
		add(c.name)
	}
	for _, ix := range k.shape.Indexes() {
		if ix.Unique {
			col := "f_" + strings.ReplaceAll(ix.Name, ".", "__")
			name := "u_" + k.table + "_" + col
			out[name] = fmt.Sprintf("CREATE UNIQUE INDEX IF NOT EXISTS %s ON %s (%s) WHERE %s <> ''", name, k.table, col, col)
		}
	}
	return out
}

// layout is a text that changes when stored rows of the kind must be indexed
// again.
func (k *kind) layout() string {
	var b strings.Builder
	b.WriteString(collationVersion)
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
