// Package ownpack reads a content pack that an organisation wrote itself, in the
// format of the shipped ones: laws and standards with their clauses,
// requirements, frameworks, mappings, templates and references (requirements
// 000-16, 000-44, 001-05).
//
// Read sees to what makes a pack an own one: every id begins with
// catalogue.Prefix, and its kind is one that can stand in a single file without
// a program behind it. Whether the pack is right otherwise, and fits beside all
// others, is checked by the loader of the packs (catalogue.Check), which names
// every defect by file and line.
package ownpack

import (
	"slices"
	"strings"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/catalogue/sound"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"

	"github.com/goccy/go-yaml/ast"
)

// Kinds are the kinds of packs that an organisation may write.
var Kinds = []packs.Kind{packs.Law, packs.Standard, packs.Requirements, packs.Frameworks, packs.Mappings, packs.Templates, packs.References}

// Looks reports whether a parsed file is meant to be a pack.
func Looks(f *sound.File) bool {
	_, id := field(f.Root, "id")
	_, kind := field(f.Root, "kind")
	return id && kind
}

// Read reads a pack. name is the file's, for messages and as it is shown.
//
// Errors: BadInput with every defect ("file:line"), TooLarge.
func Read(name string, data []byte) (catalogue.Draft, error) {
	f, err := sound.Parse(name, data)
	if err != nil {
		return catalogue.Draft{}, err
	}
	return Of(f, data)
}

// Of is Read for a file that is parsed already; data is its text.
func Of(f *sound.File, data []byte) (catalogue.Draft, error) {
	r := &reading{file: f.Name}
	id := r.word(f.Root, "id")
	kind := packs.Kind(r.word(f.Root, "kind"))
	r.prefixed(f.Root, "id")
	if kind != "" && !slices.Contains(Kinds, kind) {
		n, _ := field(f.Root, "kind")
		r.wrong(n, "ein Paket der Art %q lässt sich nicht einlesen; möglich sind %s", "a pack of kind %q cannot be imported; possible are %s", kind, kindList())
	}
	if kind == packs.Frameworks {
		r.prefixed(f.Root, "framework")
	}
	items := r.items(f.Root)
	if err := r.err(); err != nil {
		return catalogue.Draft{}, err
	}
	d := catalogue.Draft{Name: r.title(f.Root), Format: catalogue.Pack, URN: id, Version: r.word(f.Root, "version"), Source: f.Name, Original: data,
		Packs: []catalogue.Draftpack{{ID: id, Kind: kind, Items: items, YAML: data}}}
	if d.Name.IsZero() {
		d.Name = text.Same(id) // the loader says what is wrong with the title
	}
	if n, ok := field(f.Root, "licence"); ok {
		if m, ok := sound.Mapping(n); ok {
			d.Copyright = (&reading{file: f.Name}).word(m, "de")
		}
	}
	return d, nil
}

func kindList() string {
	var all []string
	for _, k := range Kinds {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

// reading collects what is wrong with one file.
type reading struct {
	file string
	bad  form.Defects
}

func (r *reading) wrong(n ast.Node, de, en string, args ...any) {
	r.bad.Add(form.Place{File: r.file, Line: sound.Line(n)}, de, en, args...)
}

func (r *reading) err() error {
	err := r.bad.Err()
	if err == nil {
		return nil
	}
	p := problem.From(err)
	p.Say = text.Bi{DE: "Das Paket „" + r.file + "“ lässt sich nicht einlesen.", EN: "The pack '" + r.file + "' cannot be imported."}
	p.Hint = text.Bi{DE: "Es wurde nichts übernommen. Bitte die genannten Zeilen berichtigen.", EN: "Nothing was taken over. Please correct the lines named."}
	return p
}

// field is the value of a field of a mapping.
func field(m *ast.MappingNode, name string) (ast.Node, bool) {
	for _, kv := range m.Values {
		if key, _ := sound.Scalar(kv.Key); key == name {
			return kv.Value, true
		}
	}
	return nil, false
}

// word is a field that holds one word; what else it holds is the loader's to
// name.
func (r *reading) word(m *ast.MappingNode, name string) string {
	n, _ := field(m, name)
	s, _ := sound.Scalar(n)
	return strings.TrimSpace(s)
}

// prefixed checks that a field begins as own ids do.
func (r *reading) prefixed(m *ast.MappingNode, name string) {
	n, ok := field(m, name)
	s, scalar := sound.Scalar(n)
	if ok && scalar && !strings.HasPrefix(strings.TrimSpace(s), catalogue.Prefix) {
		r.wrong(n, "%q: eigene Kennungen beginnen mit „%s“, also etwa „%s%s“", "%q: own ids begin with '%s', such as '%s%s'", s, catalogue.Prefix, catalogue.Prefix, s)
	}
}

// items counts the entries of all lists named items, also within each other,
// and checks their ids.
func (r *reading) items(m *ast.MappingNode) (n int) {
	for _, kv := range m.Values {
		key, _ := sound.Scalar(kv.Key)
		list, ok := kv.Value.(*ast.SequenceNode)
		if !ok {
			continue
		}
		for _, x := range list.Values {
			in, ok := sound.Mapping(x)
			if !ok {
				continue
			}
			if key == "items" {
				n++
				r.prefixed(in, "id")
			}
			n += r.items(in)
		}
	}
	return n
}

func (r *reading) title(m *ast.MappingNode) text.Bi {
	n, _ := field(m, "title")
	in, ok := sound.Mapping(n)
	if !ok {
		return text.Bi{}
	}
	return text.Bi{DE: r.word(in, "de"), EN: r.word(in, "en")}
}
