package form

import (
	"errors"
	"strings"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/text"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	At   Place  `pack:"@"`
	Name string `pack:"name,required"`
}

type base struct {
	ID Word `pack:"id,required"`
}

type doc struct {
	base
	Title  text.Bi           `pack:"title,required"`
	Short  text.Bi           `pack:"short,same"`
	Count  int               `pack:"count"`
	Share  float64           `pack:"share"`
	On     bool              `pack:"on"`
	Day    time.Time         `pack:"day"`
	Span   time.Duration     `pack:"span"`
	Words  []string          `pack:"words"`
	Marked []Word            `pack:"marked"`
	Table  map[string]Word   `pack:"table"`
	Facts  map[string]any    `pack:"facts"`
	Inner  []inner           `pack:"inner"`
	One    inner             `pack:"one"`
	Names  map[string]string `pack:"names"`
}

const valid = `id: one
title: {de: Eins, en: One}
short: 1a
count: 3
share: 0.5
on: true
day: 2026-11-21
span: 30d
words: [a, b]
marked:
  - x
  - y
table: {k: v}
facts: {yes: true, n: 7, word: unknown, set: [], list: [a]}
inner:
  - name: first
  - name: second
one: {name: third}
`

func read(t *testing.T, source string) (doc, []problem.Field) {
	t.Helper()
	var d doc
	var bad Defects
	if f := Parse("p.yaml", []byte(source), &bad); f != nil {
		f.Into(&d, &bad)
	}
	err := bad.Err()
	if err == nil {
		return d, nil
	}
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput {
		t.Fatalf("%v is no BadInput problem", err)
	}
	return d, p.Fields
}

func TestValidFileIsReadWhole(t *testing.T) {
	got, bad := read(t, valid)
	if bad != nil {
		t.Fatal(bad)
	}
	want := doc{
		base:   base{Word{"one", Place{"p.yaml", 1}}},
		Title:  text.Bi{DE: "Eins", EN: "One"},
		Short:  text.Same("1a"),
		Count:  3,
		Share:  0.5,
		On:     true,
		Day:    time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Span:   30 * 24 * time.Hour,
		Words:  []string{"a", "b"},
		Marked: []Word{{"x", Place{"p.yaml", 11}}, {"y", Place{"p.yaml", 12}}},
		Table:  map[string]Word{"k": {"v", Place{"p.yaml", 13}}},
		Facts:  map[string]any{"yes": true, "n": 7, "word": "unknown", "set": []string{}, "list": []string{"a"}},
		Inner:  []inner{{Place{"p.yaml", 16}, "first"}, {Place{"p.yaml", 17}, "second"}},
		One:    inner{Place{"p.yaml", 18}, "third"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(doc{})); d != "" {
		t.Error(d)
	}
}

func TestEveryKindOfDefectIsNamedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ old, new, path, say string }{
		"unknown field":           {"count: 3", "cuont: 3", "p.yaml:4", `unknown field "cuont"`},
		"missing field":           {"id: one\n", "", "p.yaml:1", `field "id" is missing`},
		"missing field inside":    {"- name: first", "- {}", "p.yaml:16", `field "name" is missing`},
		"missing German":          {"{de: Eins, en: One}", "{en: One}", "p.yaml:2", "missing in German"},
		"missing English":         {"{de: Eins, en: One}", "{de: Eins}", "p.yaml:2", "missing in English"},
		"empty English":           {"{de: Eins, en: One}", "{de: Eins, en: ''}", "p.yaml:2", "missing in English"},
		"third language":          {"{de: Eins, en: One}", "{de: Eins, en: One, fr: Un}", "p.yaml:2", `unknown language "fr"`},
		"text in one language":    {"{de: Eins, en: One}", "Eins", "p.yaml:2", "needs de and en"},
		"no date":                 {"2026-11-21", "2026-13-21", "p.yaml:7", "is not a date"},
		"no span":                 {"30d", "30 days", "p.yaml:8", "is not a span"},
		"negative span":           {"30d", "-1h", "p.yaml:8", "is not a span"},
		"no number":               {"count: 3", "count: three", "p.yaml:4", `"three" does not fit`},
		"no share":                {"share: 0.5", "share: half", "p.yaml:5", `"half" does not fit`},
		"no truth":                {"on: true", "on: perhaps", "p.yaml:6", `"perhaps" does not fit`},
		"empty word":              {"id: one", "id: ''", "p.yaml:1", "is empty"},
		"null":                    {"id: one", "id:", "p.yaml:1", "is empty"},
		"list where a word goes":  {"id: one", "id: [one]", "p.yaml:1", "not a single value"},
		"word where a list goes":  {"words: [a, b]", "words: a", "p.yaml:9", "must be a list"},
		"word where fields go":    {"one: {name: third}", "one: third", "p.yaml:18", "needs named fields"},
		"word where a table goes": {"table: {k: v}", "table: v", "p.yaml:13", "needs named fields"},
		"field twice":             {"count: 3", "count: 3\ncount: 4", "p.yaml:5", "already defined"},
		"broken YAML":             {"words: [a, b]", "words: [a, b", "p.yaml:10", "not valid YAML"},
		"no mapping":              {valid, "- a\n", "p.yaml:1", "must consist of named fields"},
		"two documents":           {"one: {name: third}\n", "one: {name: third}\n---\na: b\n", "p.yaml:1", "exactly one YAML document"},
		"empty file":              {valid, "", "p.yaml:1", ""},
	} {
		source := strings.Replace(valid, c.old, c.new, 1)
		if source == valid {
			t.Errorf("%s: nothing was planted", name)
			continue
		}
		_, bad := read(t, source)
		found := false
		for _, f := range bad {
			found = found || f.Path == c.path && strings.Contains(f.Say.EN, c.say) && f.Say.DE != ""
		}
		if !found {
			t.Errorf("%s: want %q at %s, have %v", name, c.say, c.path, bad)
		}
	}
}

func TestAllDefectsAreNamedInOrder(t *testing.T) {
	_, bad := read(t, "title: {de: Eins}\ncount: x\nday: y\nextra: 1\n")
	var paths []string
	for _, f := range bad {
		paths = append(paths, f.Path)
	}
	if d := cmp.Diff([]string{"p.yaml:1", "p.yaml:1", "p.yaml:2", "p.yaml:3", "p.yaml:4"}, paths); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(valid)
	f.Add("a: &x [*x]\n")
	f.Add("id: !!binary abc\n<<: {id: b}\n")
	f.Fuzz(func(t *testing.T, source string) {
		var d doc
		var bad Defects
		file := Parse("p.yaml", []byte(source), &bad)
		if file == nil {
			if bad.Err() == nil {
				t.Fatal("no file and no defect")
			}
			return
		}
		file.Into(&d, &bad)
		if bad.Err() == nil && (d.ID.S == "" || !d.Title.Complete()) {
			t.Fatalf("%q was accepted without its required fields", source)
		}
	})
}
