package shape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/text"
)

// Diff is one place where two documents differ, written for people: texts as
// they are, times in RFC 3339, lists of single values joined by ", ". What is
// empty or absent is "".
type Diff struct {
	Path     string `json:"path"`
	Old      string `json:"old"`
	New      string `json:"new"`
	Personal bool   `json:"personal,omitempty"`
}

// Diffs compares two documents (struct values; an invalid one is empty), in
// order of declaration.
func (s *Shape) Diffs(before, after reflect.Value) []Diff {
	was, is := s.lines(before), s.lines(after)
	var out []Diff
	seen := map[string]bool{}
	for _, l := range slices.Concat(is, was) {
		if seen[l.path] {
			continue
		}
		seen[l.path] = true
		d := Diff{Path: l.path, Old: value(was, l.path), New: value(is, l.path), Personal: l.personal}
		if d.Old != d.New {
			out = append(out, d)
		}
	}
	return out
}

// Changed names the top-level fields in which two documents differ.
func (s *Shape) Changed(before, after reflect.Value) []string {
	out := []string{}
	for _, d := range s.Diffs(before, after) {
		name, _, _ := strings.Cut(d.Path, ".")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

type line struct {
	path, value string
	personal    bool
}

func value(lines []line, path string) string {
	for _, l := range lines {
		if l.path == path {
			return l.value
		}
	}
	return ""
}

func (s *Shape) lines(v reflect.Value) []line {
	if !v.IsValid() {
		return nil
	}
	var out []line
	add := func(path, val string, f *Field) {
		if n := len(out); f.List && n > 0 && out[n-1].path == path {
			out[n-1].value += ", " + val
			return
		}
		out = append(out, line{path, val, f.Personal})
	}
	s.Each(v, func(l Leaf) {
		if b, ok := l.Value.Interface().(text.Bi); ok {
			add(l.Path+".de", b.DE, l.Field)
			add(l.Path+".en", b.EN, l.Field)
			return
		}
		path := l.Path
		if l.Field.List {
			path = path[:strings.LastIndexByte(path, '.')]
		}
		add(path, readable(l.Value), l.Field)
	})
	return out
}

func readable(v reflect.Value) string {
	if t, ok := v.Interface().(time.Time); ok {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Float64, reflect.Float32:
		return number(v.Float())
	}
	return strconv.FormatInt(whole(v), 10)
}

// Declared is the stored form of a declaration: what documents of it look
// like, by path.
type Declared map[string]DeclaredField

// DeclaredField is the type of one path and, for enumerated fields, the
// values.
type DeclaredField struct {
	Type string   `json:"type"`
	Enum []string `json:"enum,omitempty"`
}

// Declared describes the documents of s.
func (s *Shape) Declared() Declared {
	d := Declared{}
	declare(d, s.Fields)
	return d
}

func declare(d Declared, fields []Field) {
	for _, f := range fields {
		t := f.Type
		if f.Bilingual {
			t = "bilingual"
		}
		if f.Format == "date-time" {
			t = "time"
		}
		if f.List {
			t = "list of " + t
		}
		d[f.Path] = DeclaredField{Type: t, Enum: f.Enum}
		declare(d, f.Fields)
	}
}

// Breaks names, in English and in order, what documents of the stored
// declaration may hold that the new one cannot: a field that is gone, a type
// that changed, a value that is no longer provided for. Additions break
// nothing.
func (d Declared) Breaks(next Declared) []string {
	var out []string
	for path, was := range d {
		is, ok := next[path]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%s is gone", path))
		case is.Type != was.Type:
			out = append(out, fmt.Sprintf("%s was %s and is %s", path, was.Type, is.Type))
		case was.Enum == nil && is.Enum != nil:
			out = append(out, fmt.Sprintf("%s took any text and now takes certain values", path))
		case is.Enum != nil:
			for _, v := range was.Enum {
				if !slices.Contains(is.Enum, v) {
					out = append(out, fmt.Sprintf("%s lost the value %s", path, v))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// String is the canonical JSON of d.
func (d Declared) String() string {
	b, err := json.Marshal(d) // maps of strings marshal, sorted by key
	if err != nil {
		return err.Error()
	}
	return string(b)
}
