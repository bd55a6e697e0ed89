package objects

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// tree is a document as JSON: objects, lists, strings, json.Number, bool, nil.
type tree map[string]any

// treeOf reads a document without losing digits.
func treeOf(raw json.RawMessage) (tree, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var t tree
	if err := d.Decode(&t); err != nil {
		return nil, problem.New(problem.Corrupt, "Ein gespeichertes Dokument lässt sich nicht lesen.", "A stored document cannot be read.").Wrap(err)
	}
	return t, nil
}

// at is the value at a path of names, without lists; nil if there is none.
func (t tree) at(path string) any {
	var v any = map[string]any(t)
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

// values writes what documents hold for people.
type values struct {
	c        ui.Ctx
	kind     string
	titles   map[string]string // of ids
	instants []string
	hidden   []string
}

// refs collects the ids that a document refers to.
func refs(fields []store.Field, doc tree) []string {
	var out []string
	for _, f := range fields {
		if f.Type == "object" && !f.Bilingual {
			for _, sub := range objects(doc[f.Name]) {
				out = append(out, refs(f.Fields, sub)...)
			}
			continue
		}
		if f.Ref == "" {
			continue
		}
		for _, v := range list(doc[f.Name]) {
			if id, ok := v.(string); ok && id != "" {
				out = append(out, id)
			}
		}
	}
	return out
}

// list is a value as a list: none for nil.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func objects(v any) []tree {
	var out []tree
	for _, v := range list(v) {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// links is a field's value as texts, each with an address where it has one.
func (w values) links(f store.Field, v any) []ui.LinkView {
	var out []ui.LinkView
	for _, v := range list(v) {
		if l := w.one(f, v); l.Text != "" {
			out = append(out, l)
		}
	}
	return out
}

// text is a field's value in one line.
func (w values) text(f store.Field, v any) string {
	var words []string
	for _, l := range w.links(f, v) {
		words = append(words, l.Text)
	}
	return strings.Join(words, ", ")
}

// one writes one single value.
func (w values) one(f store.Field, v any) ui.LinkView {
	switch v := v.(type) {
	case string:
		return w.string(f, v)
	case bool:
		return ui.LinkView{Text: w.yes(v)}
	case json.Number:
		return ui.LinkView{Text: w.number(f, v)}
	case map[string]any:
		if f.Bilingual {
			return ui.LinkView{Text: show.Say(w.c, bi(v))}
		}
	}
	return ui.LinkView{}
}

func (w values) string(f store.Field, s string) ui.LinkView {
	switch {
	case s == "":
		return ui.LinkView{}
	case f.Ref != "":
		return w.ref(s)
	case f.Enum != nil:
		return ui.LinkView{Text: Value(w.c, w.kind, f.Path, s)}
	case f.Format == "date-time":
		return ui.LinkView{Text: w.time(f.Path, s)}
	case f.Format == "date":
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return ui.LinkView{Text: text.Date(w.c.Lang, t)}
		}
	}
	return ui.LinkView{Text: s}
}

// ref is an object by its title; one whose title the reader may not see keeps
// its id.
func (w values) ref(id string) ui.LinkView {
	title, ok := w.titles[id]
	if !ok || title == "" {
		return ui.LinkView{Text: w.c.T("objects.hidden", "id", id)}
	}
	return ui.LinkView{Text: title, Href: Href(w.c, id)}
}

// time writes a time; the zero time is none.
func (w values) time(path, s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	switch {
	case err != nil:
		return s
	case t.IsZero():
		return ""
	}
	for _, p := range w.instants {
		if p == path {
			return w.c.DateTime(t)
		}
	}
	return w.c.Date(t)
}

func (w values) number(f store.Field, n json.Number) string {
	var s string
	if i, err := n.Int64(); err == nil {
		s = text.Int(w.c.Lang, i)
	} else if v, err := n.Float64(); err == nil {
		s = text.Float(w.c.Lang, v)
	} else {
		s = n.String()
	}
	if u := unit(w.c, w.kind, f.Path); u != "" {
		s += "\u00a0" + u
	}
	return s
}

func (w values) yes(v bool) string {
	if v {
		return w.c.T("objects.yes")
	}
	return w.c.T("objects.no")
}

func bi(m map[string]any) text.Bi {
	de, _ := m["de"].(string)
	en, _ := m["en"].(string)
	return text.Bi{DE: de, EN: en}
}

// byPath finds the field of a path of a difference ("models.2.name",
// "purpose.de"); of one side of a bilingual field, that field.
func byPath(fields []store.Field, path string) (store.Field, bool) {
	var names []string
	for part := range strings.SplitSeq(path, ".") {
		if part != "" && (part[0] < '0' || part[0] > '9') {
			names = append(names, part)
		}
	}
	for i, name := range names {
		at := -1
		for k := range fields {
			if fields[k].Name == name {
				at = k
			}
		}
		if at < 0 {
			return store.Field{}, false
		}
		f := fields[at]
		if i == len(names)-1 || f.Bilingual {
			return f, true
		}
		fields = f.Fields
	}
	return store.Field{}, false
}

// Changes writes the differences of one version for people: labels, words of
// enumerations, titles of objects, days. titles holds those of RefsIn.
func Changes(c ui.Ctx, kind store.AnyKind, titles map[string]string, diffs []store.Diff, instants ...string) []ui.DiffRow {
	w := values{c: c, kind: kind.Name(), titles: titles, instants: instants}
	var out []ui.DiffRow
	for _, d := range diffs {
		f, ok := byPath(kind.Fields(), d.Path)
		row := ui.DiffRow{Field: Label(c, kind.Name(), d.Path), Old: d.Old, New: d.New}
		if ok {
			row.Old, row.New = w.diff(f, d.Old), w.diff(f, d.New)
		}
		if row.Old != row.New {
			out = append(out, row)
		}
	}
	return out
}

// diff writes one side of a difference, in which lists are joined by ", ".
func (w values) diff(f store.Field, s string) string {
	switch {
	case s == "" || f.Bilingual:
		return s
	case f.Type == "boolean":
		return w.yes(s == "true")
	case f.Type == "integer" || f.Type == "number":
		return w.number(f, json.Number(s))
	case f.Ref == "" && f.Enum == nil && f.Format == "":
		return s
	}
	parts := strings.Split(s, ", ")
	for i, p := range parts {
		parts[i] = w.string(f, p).Text
	}
	return strings.Join(parts, ", ")
}

// RefsIn names the ids that differences of a kind mention, for Titles.
func RefsIn(kind store.AnyKind, versions []store.Version) []string {
	var ids []string
	for _, v := range versions {
		for _, d := range v.Diffs {
			if f, ok := byPath(kind.Fields(), d.Path); ok && f.Ref != "" {
				for _, s := range []string{d.Old, d.New} {
					ids = append(ids, strings.Split(s, ", ")...)
				}
			}
		}
	}
	return ids
}

// size is a list of objects in words.
func (w values) size(n int) string { return fmt.Sprint(w.c.T("objects.entries", "n", n)) }
