// Package shape reads the declaration of a kind: a Go struct with json and
// store tags. From the type it compiles, once, a plan of fields; with the plan
// it decodes JSON strictly, checks values against the declaration, finds what
// is indexed, searched, referenced and personal, and describes a document as
// readable leaves for differences.
//
// It knows neither SQL nor transactions: record/store turns its plan into
// columns and rows. Rules that a declaration cannot state belong to the
// kind's own Validate method.
package shape

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/text"
)

// MaxFields is the most fields a struct may have: more is two kinds.
const MaxFields = 40

// JSON types of a field.
const (
	String  = "string"
	Integer = "integer"
	Number  = "number"
	Boolean = "boolean"
	Object  = "object"
)

// Field is one declared field. Type, Enum and the bounds speak of one value;
// List says that the field holds many of them.
type Field struct {
	Name      string   // JSON name, also the last part of the catalogue key kind.<kind>.<path>
	Path      string   // names from the document's root, joined by dots, without list positions
	Type      string   // string, integer, number, boolean, object
	Format    string   // of a string: date-time, date, email, uri; else empty
	Enum      []string // allowed values of a string; nil: any
	Ref       string   // kind whose id the value is
	Min, Max  *float64 // bounds of a number, else of the length in characters or entries
	List      bool     // zero or more values
	Bilingual bool     // an object with the members de and en
	Optional  bool     // may be absent (null), which differs from empty
	Index     bool     // lists filter by it, and sort by it unless it is a list
	Search    bool     // full text finds it
	Personal  bool     // personal data: its value never reaches the journal
	Required  bool
	Unique    bool    // no two objects share a value; empty does not count
	Long      bool    // long text: a form gives it a text area
	Fields    []Field // of an object

	at     []int // reflect position from the struct that holds it
	many   bool  // it or something above it is a list
	goType reflect.Type
}

// Shape is the compiled declaration of one struct type. It is immutable.
type Shape struct {
	Type   reflect.Type
	Fields []Field

	indexes  []Index
	personal bool
}

var (
	timeType = reflect.TypeFor[time.Time]()
	biType   = reflect.TypeFor[text.Bi]()
	wellFor  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// Of compiles the declaration of struct type t. Its error names every field
// that a kind cannot have.
func Of(t reflect.Type) (*Shape, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is not a struct", t)
	}
	c := compiler{open: map[reflect.Type]bool{}}
	s := &Shape{Type: t, Fields: c.fields(t, nil, Field{})}
	if len(c.wrong) > 0 {
		return nil, fmt.Errorf("type %v: %s", t, strings.Join(c.wrong, "; "))
	}
	s.indexes = indexes(s.Fields, nil)
	s.personal = anyPersonal(s.Fields)
	return s, nil
}

// Personal reports whether any field is personal.
func (s *Shape) Personal() bool { return s.personal }

// Column is one top-level field of a table row.
func (s *Shape) Column(v reflect.Value, i int) reflect.Value {
	return v.FieldByIndex(s.Fields[i].at)
}

// Position is where the field lies in the struct that holds it, for
// reflect.Type.FieldByIndex.
func (f *Field) Position() []int { return f.at }

func anyPersonal(fields []Field) bool {
	for i := range fields {
		if fields[i].Personal || anyPersonal(fields[i].Fields) {
			return true
		}
	}
	return false
}

type compiler struct {
	open  map[reflect.Type]bool
	wrong []string
}

func (c *compiler) say(path, format string, args ...any) {
	c.wrong = append(c.wrong, path+": "+fmt.Sprintf(format, args...))
}

// fields compiles the fields of struct t, which lies at position base inside
// the struct that holds the result and inherits from parent.
func (c *compiler) fields(t reflect.Type, base []int, parent Field) []Field {
	if c.open[t] {
		c.say(parent.Path, "type %v contains itself", t)
		return nil
	}
	c.open[t] = true
	defer delete(c.open, t)
	var out []Field
	names := map[string]bool{}
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(append([]int(nil), base...), i)
		tag, tagged := sf.Tag.Lookup("json")
		name, opts, _ := strings.Cut(tag, ",")
		if sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct {
			out = append(out, c.fields(sf.Type, at, parent)...)
			continue
		}
		if !sf.IsExported() || tag == "-" {
			continue
		}
		f := Field{Name: name, Path: join(parent.Path, name), Personal: parent.Personal, many: parent.many, at: at}
		switch {
		case !wellFor.MatchString(name):
			c.say(join(parent.Path, sf.Name), "needs a json name of lower-case letters, digits and single underscores")
			continue
		case names[name]:
			c.say(f.Path, "is declared twice")
		case strings.Contains(opts, "string"):
			c.say(f.Path, "json option string is not supported")
		}
		names[name] = true
		c.tags(&f, sf.Tag.Get("store"))
		c.typ(&f, sf.Type)
		c.fit(&f)
		out = append(out, f)
	}
	if len(out) > MaxFields {
		c.say(parent.Path, "%d fields; over %d is two kinds", len(out), MaxFields)
	}
	return out
}

// typ finds the JSON type of Go type t.
func (c *compiler) typ(f *Field, t reflect.Type) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		f.List, f.many = true, true
		t = t.Elem()
	} else if t.Kind() == reflect.Pointer {
		f.Optional = true
		t = t.Elem()
	}
	f.goType = t
	switch t {
	case timeType:
		f.Type, f.Format = String, "date-time"
		return
	case biType:
		f.Type, f.Bilingual = Object, true
		return
	}
	if custom(t) {
		c.say(f.Path, "type %v writes its own JSON", t)
		return
	}
	switch t.Kind() {
	case reflect.String:
		f.Type = String
		if e, ok := reflect.Zero(t).Interface().(interface{ Values() []string }); ok {
			f.Enum = e.Values()
		}
	case reflect.Bool:
		f.Type = Boolean
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		f.Type = Integer
	case reflect.Float64, reflect.Float32:
		f.Type = Number
	case reflect.Struct:
		f.Type = Object
		f.Fields = c.fields(t, nil, *f)
	default:
		c.say(f.Path, "type %v is not supported; no field is free JSON", t)
	}
}

func custom(t reflect.Type) bool {
	for _, i := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()} {
		if t.Implements(i) || reflect.PointerTo(t).Implements(i) {
			return true
		}
	}
	return false
}

// tags reads the store tag of a field.
func (c *compiler) tags(f *Field, tag string) {
	for opt := range strings.SplitSeq(tag, ",") {
		key, val, _ := strings.Cut(strings.TrimSpace(opt), "=")
		switch key {
		case "":
		case "key": // of a plain table
		case "index":
			f.Index = true
		case "search":
			f.Search = true
		case "personal":
			f.Personal = true
		case "required":
			f.Required = true
		case "unique":
			f.Unique, f.Index = true, true
		case "long":
			f.Long = true
		case "ref":
			f.Ref, f.Index = val, true
		case "format":
			f.Format = val
		case "min", "max":
			n, err := strconv.ParseFloat(val, 64)
			if err != nil {
				c.say(f.Path, "%s wants a number", key)
			}
			if key == "min" {
				f.Min = &n
			} else {
				f.Max = &n
			}
		default:
			c.say(f.Path, "store tag %q is unknown", key)
		}
	}
}

// fit refuses tags that do not suit the type.
func (c *compiler) fit(f *Field) {
	textual := f.Type == String && f.Format != "date-time"
	switch f.Format {
	case "", "date-time":
	case "email", "uri", "date":
		if !textual || f.Enum != nil {
			c.say(f.Path, "format is for plain strings")
		}
	default:
		c.say(f.Path, "format %q is unknown", f.Format)
	}
	if f.Ref != "" && (!textual || f.Enum != nil) {
		c.say(f.Path, "a reference is a string")
	}
	if f.Search && !textual && !f.Bilingual {
		c.say(f.Path, "search is for texts")
	}
	if f.Index && f.Type == Object && !f.Bilingual {
		c.say(f.Path, "an object has no index; its fields may")
	}
	if f.Index && f.many && !textual {
		c.say(f.Path, "in lists, only strings are indexed")
	}
	if f.Unique && (f.many || !textual) {
		c.say(f.Path, "unique is for single strings")
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
