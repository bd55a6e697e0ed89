// Package form reads bilingual YAML files into Go structs and names every wrong
// Place with file and line: unknown and missing fields, a missing language, bad
// dates, spans and numbers. One defect does not hide the next.
//
// A struct field is bound by the tag `pack:"name,flag…"`. Flags: required; same
// (one word may stand for both languages). A field of type Place with the tag
// "@" gets the place of its mapping. Types: string, bool, int, float64, Word,
// text.Bi, time.Time (a day), time.Duration (30d, 12h), any (a word, truth
// value, whole number or list of words), structs, slices and maps of these.
//
// What the fields mean is for package packs.
package form

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/text"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Place is where something stands, for messages.
type Place struct {
	File string
	Line int
}

func (p Place) String() string { return p.File + ":" + strconv.Itoa(p.Line) }

// Word is a word of a file together with its place.
type Word struct {
	S  string
	At Place
}

// Words returns the plain words.
func Words(in []Word) []string {
	var out []string
	for _, w := range in {
		out = append(out, w.S)
	}
	return out
}

// Defects collects every wrong place of all files, so that an author sees them
// all at once.
type Defects struct {
	list []defect
}

type defect struct {
	at  Place
	say text.Bi
}

// Add records a wrong place; both sentences take the same arguments.
func (d *Defects) Add(at Place, de, en string, args ...any) {
	d.list = append(d.list, defect{at, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}})
}

// Join takes over the defects of another collection.
func (d *Defects) Join(o *Defects) { d.list = append(d.list, o.list...) }

// Err returns nil, or one problem of kind BadInput with every defect in the
// order of files and lines; the path of a field is "file:line".
func (d *Defects) Err() error {
	if len(d.list) == 0 {
		return nil
	}
	sort.SliceStable(d.list, func(i, j int) bool {
		a, b := d.list[i].at, d.list[j].at
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
	p := problem.Newf(problem.BadInput,
		"Die Wissenspakete haben %d Fehler.", "The content packs have %d defects.", len(d.list)).
		WithHint("Bitte die genannten Zeilen berichtigen und erneut starten.", "Please correct the lines named and start again.")
	for _, x := range d.list {
		p.Fields = append(p.Fields, problem.Field{Path: x.at.String(), Say: x.say})
	}
	return p
}

// File is one parsed YAML file.
type File struct {
	name string
	root *ast.MappingNode
}

// Parse returns the file, which must be one mapping, or records why it is none
// and returns nil.
func Parse(name string, data []byte, bad *Defects) *File {
	if !shape(name, data, bad) {
		return nil
	}
	tree, err := parse(data)
	if err != nil {
		line, msg := 1, err.Error()
		var y yaml.Error
		if errors.As(err, &y) {
			msg = y.GetMessage()
			if t := y.GetToken(); t != nil {
				line = t.Position.Line
			}
		}
		bad.Add(Place{name, line}, "kein gültiges YAML: %s", "not valid YAML: %s", msg)
		return nil
	}
	if len(tree.Docs) != 1 {
		bad.Add(Place{name, 1}, "genau ein YAML-Dokument erwartet, gefunden: %d", "expected exactly one YAML document, found %d", len(tree.Docs))
		return nil
	}
	root, ok := mapping(tree.Docs[0].Body)
	if !ok {
		bad.Add(Place{name, 1}, "die Datei muss aus benannten Feldern bestehen", "the file must consist of named fields")
		return nil
	}
	return &File{name, root}
}

// parse keeps a panic of the parser, on input that nobody foresaw, from ending
// the program: packs come from outside.
func parse(data []byte) (tree *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			tree, err = nil, fmt.Errorf("parser: %v", r)
		}
	}()
	return parser.ParseBytes(data, 0)
}

// Name is the name under which the file was parsed.
func (f *File) Name() string { return f.name }

// Peek returns the word of a top field.
func (f *File) Peek(field string) (string, bool) {
	for _, kv := range f.root.Values {
		if key, _ := scalar(kv.Key); key == field {
			return scalar(kv.Value)
		}
	}
	return "", false
}

// Into fills doc, a pointer to a struct, and records every defect.
func (f *File) Into(doc any, bad *Defects) {
	d := &decoder{file: f.name, bad: bad, plan: map[reflect.Type]map[string]field{}}
	d.object(f.root, reflect.ValueOf(doc).Elem())
}

// decoder fills structs from one file's syntax tree.
type decoder struct {
	file string
	bad  *Defects
	plan map[reflect.Type]map[string]field
}

type field struct {
	index    []int
	required bool
	same     bool
}

func mapping(n ast.Node) (*ast.MappingNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n, true
	case *ast.MappingValueNode:
		return &ast.MappingNode{BaseNode: &ast.BaseNode{}, Values: []*ast.MappingValueNode{n}}, true
	}
	return nil, false
}

func line(n ast.Node) int {
	if n == nil {
		return 1
	}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		return line(m.Values[0].Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

func (d *decoder) at(n ast.Node) Place { return Place{d.file, line(n)} }

// scalar returns the word that a node stands for.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

var (
	biType       = reflect.TypeFor[text.Bi]()
	wordType     = reflect.TypeFor[Word]()
	placeType    = reflect.TypeFor[Place]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	anyType      = reflect.TypeFor[any]()
)

// fields returns the tagged fields of a struct type, embedded ones included.
func (d *decoder) fields(t reflect.Type) map[string]field {
	if f, ok := d.plan[t]; ok {
		return f
	}
	out := map[string]field{}
	for _, sf := range reflect.VisibleFields(t) {
		tag, ok := sf.Tag.Lookup("pack")
		if !ok {
			continue
		}
		name, flags, _ := strings.Cut(tag, ",")
		out[name] = field{index: sf.Index, required: strings.Contains(flags, "required"), same: strings.Contains(flags, "same")}
	}
	d.plan[t] = out
	return out
}

// object fills the struct v from the mapping n.
func (d *decoder) object(n *ast.MappingNode, v reflect.Value) {
	fs := d.fields(v.Type())
	if f, ok := fs["@"]; ok {
		v.FieldByIndex(f.index).Set(reflect.ValueOf(d.at(n)))
	}
	seen := make(map[string]bool, len(n.Values))
	for _, kv := range n.Values {
		name, _ := scalar(kv.Key)
		f, ok := fs[name]
		if !ok || name == "@" {
			d.bad.Add(d.at(kv.Key), "unbekanntes Feld %q", "unknown field %q", name)
			continue
		}
		seen[name] = true
		if f.same && v.FieldByIndex(f.index).Type() == biType {
			if s, ok := scalar(kv.Value); ok {
				v.FieldByIndex(f.index).Set(reflect.ValueOf(text.Same(s)))
				continue
			}
		}
		d.value(kv.Value, d.at(kv.Key), name, v.FieldByIndex(f.index))
	}
	for name, f := range fs {
		if f.required && !seen[name] {
			d.bad.Add(d.at(n), "Feld %q fehlt", "field %q is missing", name)
		}
	}
}

// value fills v from the node n; name and at say where, for messages.
func (d *decoder) value(n ast.Node, at Place, name string, v reflect.Value) {
	switch v.Type() {
	case biType:
		d.bilingual(n, at, name, v)
		return
	case wordType:
		if s, ok := d.word(n, at, name); ok {
			*v.Addr().Interface().(*Word) = Word{s, d.at(n)}
		}
		return
	case timeType:
		if s, ok := d.word(n, at, name); ok {
			d.day(s, d.at(n), v)
		}
		return
	case durationType:
		if s, ok := d.word(n, at, name); ok {
			d.span(s, d.at(n), v)
		}
		return
	case anyType:
		d.free(n, at, name, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		m, ok := mapping(n)
		if !ok {
			d.bad.Add(at, "%q braucht benannte Felder", "%q needs named fields", name)
			return
		}
		d.object(m, v)
	case reflect.Slice:
		d.list(n, at, name, v)
	case reflect.Map:
		d.table(n, at, name, v)
	default:
		if s, ok := d.word(n, at, name); ok {
			d.plain(n, s, name, v)
		}
	}
}

// word returns a scalar's text or records that there is none.
func (d *decoder) word(n ast.Node, at Place, name string) (string, bool) {
	s, ok := scalar(n)
	if !ok || strings.TrimSpace(s) == "" {
		d.bad.Add(at, "%q ist leer oder kein einzelner Wert", "%q is empty or not a single value", name)
		return "", false
	}
	return strings.TrimSpace(s), true
}

func (d *decoder) list(n ast.Node, at Place, name string, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.bad.Add(at, "%q muss eine Liste sein", "%q must be a list", name)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, x := range seq.Values {
		d.value(x, d.at(x), name, out.Index(i))
	}
	v.Set(out)
}

func (d *decoder) table(n ast.Node, at Place, name string, v reflect.Value) {
	m, ok := mapping(n)
	if !ok {
		d.bad.Add(at, "%q braucht benannte Felder", "%q needs named fields", name)
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), len(m.Values))
	for _, kv := range m.Values {
		key, _ := scalar(kv.Key)
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(kv.Value, d.at(kv.Key), name+"."+key, x)
		out.SetMapIndex(reflect.ValueOf(key), x)
	}
	v.Set(out)
}

// bilingual reads {de, en}; both must be there.
func (d *decoder) bilingual(n ast.Node, at Place, name string, v reflect.Value) {
	m, ok := mapping(n)
	if !ok {
		d.bad.Add(at, "%q braucht de und en", "%q needs de and en", name)
		return
	}
	var b text.Bi
	for _, kv := range m.Values {
		key, _ := scalar(kv.Key)
		s, _ := scalar(kv.Value)
		s = strings.TrimSpace(s)
		switch key {
		case "de":
			b.DE = s
		case "en":
			b.EN = s
		default:
			d.bad.Add(d.at(kv.Key), "unbekannte Sprache %q", "unknown language %q", key)
		}
	}
	if b.DE == "" {
		d.bad.Add(at, "%q fehlt auf Deutsch", "%q is missing in German", name)
	}
	if b.EN == "" {
		d.bad.Add(at, "%q fehlt auf Englisch", "%q is missing in English", name)
	}
	v.Set(reflect.ValueOf(b))
}

func (d *decoder) day(s string, at Place, v reflect.Value) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		d.bad.Add(at, "%q ist kein Datum (JJJJ-MM-TT)", "%q is not a date (YYYY-MM-DD)", s)
		return
	}
	v.Set(reflect.ValueOf(t))
}

// span reads "30d" or a Go duration.
func (d *decoder) span(s string, at Place, v reflect.Value) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 {
			v.SetInt(int64(n) * int64(24*time.Hour))
			return
		}
	}
	x, err := time.ParseDuration(s)
	if err != nil || x <= 0 {
		d.bad.Add(at, "%q ist keine Zeitspanne (30d, 12h)", "%q is not a span of time (30d, 12h)", s)
		return
	}
	v.SetInt(int64(x))
}

func (d *decoder) plain(n ast.Node, s, name string, v reflect.Value) {
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(s)
		v.SetBool(b)
	case reflect.Int:
		var i int
		i, err = strconv.Atoi(s)
		v.SetInt(int64(i))
	case reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(s, 64)
		v.SetFloat(f)
	default:
		err = fmt.Errorf("no rule for %s", v.Type())
	}
	if err != nil {
		d.bad.Add(d.at(n), "%q: %q passt nicht", "%q: %q does not fit", name, s)
	}
}

// free reads the value of a fact in a case: yes and no, words, numbers, lists.
func (d *decoder) free(n ast.Node, at Place, name string, v reflect.Value) {
	switch n := n.(type) {
	case *ast.BoolNode:
		v.Set(reflect.ValueOf(n.Value))
	case *ast.IntegerNode:
		i, err := strconv.Atoi(n.GetToken().Value)
		if err != nil {
			d.bad.Add(at, "%q ist keine ganze Zahl", "%q is not a whole number", name)
			return
		}
		v.Set(reflect.ValueOf(i))
	case *ast.SequenceNode:
		words := []string{}
		for _, x := range n.Values {
			if s, ok := d.word(x, d.at(x), name); ok {
				words = append(words, s)
			}
		}
		v.Set(reflect.ValueOf(words))
	default:
		if s, ok := d.word(n, at, name); ok {
			v.Set(reflect.ValueOf(s))
		}
	}
}
