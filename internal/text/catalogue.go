package text

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Catalogue holds the wording of pages: flat keys such as "systems.title",
// each in German and English. Files are YAML or JSON:
//
//	systems.title: {de: Systeme, en: Systems}
//	case.count:
//	  de: {one: "{n} Prüffall", other: "{n} Prüffälle"}
//	  en: {one: "{n} review case", other: "{n} review cases"}
//
// Words in braces are placeholders. A text with the forms one and other is
// chosen by its argument n. A Catalogue does not change after Load and may be
// read from any number of goroutines.
type Catalogue struct {
	entries map[string]entry
}

type entry struct {
	file string
	de   forms
	en   forms
}

// forms are the plural forms of one text in one language; German and English
// both know exactly two. A text without plural has only other.
type forms struct {
	one, other string
}

// UnmarshalYAML reads a plain text or a pair of forms.
func (f *forms) UnmarshalYAML(unmarshal func(any) error) error {
	if err := unmarshal(&f.other); err == nil {
		return nil
	}
	var pair struct {
		One   string `yaml:"one"`
		Other string `yaml:"other"`
	}
	if err := unmarshal(&pair); err != nil {
		return fmt.Errorf("want a text, or the forms one and other: %w", err)
	}
	f.one, f.other = pair.One, pair.Other
	return nil
}

// Load reads every .yaml, .yml and .json file in the trees and merges them.
// It fails on a file it cannot read, on a key that two places define, on a text
// that lacks a language or is empty, and on placeholders that differ between
// the languages; the error names file and key, all of them at once.
func Load(trees ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{entries: map[string]entry{}}
	var faults []string
	for _, tree := range trees {
		err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)) {
				return err
			}
			raw, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			faults = append(faults, c.add(name, raw)...)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("catalogue: %s", strings.Join(faults, "; "))
	}
	return c, nil
}

// add merges one file and returns what is wrong with it.
func (c *Catalogue) add(name string, raw []byte) []string {
	var file map[string]struct {
		DE *forms `yaml:"de"`
		EN *forms `yaml:"en"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return []string{fmt.Sprintf("%s: %s", name, strings.ReplaceAll(err.Error(), "\n", " "))}
	}
	var faults []string
	fault := func(key, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("%s: %s: ", name, key)+fmt.Sprintf(format, args...))
	}
	for _, key := range slices.Sorted(maps.Keys(file)) {
		pair := file[key]
		if old, twice := c.entries[key]; twice {
			fault(key, "already defined in %s", old.file)
			continue
		}
		if pair.DE == nil || pair.EN == nil || strings.TrimSpace(pair.DE.other) == "" || strings.TrimSpace(pair.EN.other) == "" {
			fault(key, "a language is missing or empty")
			continue
		}
		if (pair.DE.one == "") != (pair.EN.one == "") {
			fault(key, "only one language has plural forms")
		}
		if de, en := Placeholders(pair.DE.other), Placeholders(pair.EN.other); !slices.Equal(de, en) {
			fault(key, "placeholders differ: %v and %v", de, en)
		}
		c.entries[key] = entry{file: name, de: *pair.DE, en: *pair.EN}
	}
	return faults
}

// Placeholders returns the names in braces, sorted, each once.
func Placeholders(s string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(s, "{")
		if !ok {
			break
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			break
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		s = after
	}
	slices.Sort(names)
	return names
}

// Has reports whether the key exists.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.entries[key]
	return ok
}

// Keys returns every key, sorted.
func (c *Catalogue) Keys() []string {
	return slices.Sorted(maps.Keys(c.entries))
}

// File returns the file that defines the key, for messages of tests.
func (c *Catalogue) File(key string) string { return c.entries[key].file }

// Texts returns every form of a key in a language, for tests that read them.
func (c *Catalogue) Texts(l Lang, key string) []string {
	f := c.entries[key].in(l)
	if f.one == "" {
		return []string{f.other}
	}
	return []string{f.one, f.other}
}

func (e entry) in(l Lang) forms {
	if l == EN {
		return e.en
	}
	return e.de
}

// T returns the text of key in language l. Arguments come in pairs of name and
// value and replace the placeholders: T(l, "case.count", "n", 3). Numbers are
// written in the language, a Bi in its side of it, a time as a date.
//
// A key that does not exist, or an argument that is missing, shows as ⟦key⟧ or
// ⟦name⟧: visible on the page, and found by texttest before a release.
func (c *Catalogue) T(l Lang, key string, args ...any) string {
	e, ok := c.entries[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	f := e.in(l)
	s := f.other
	if f.one != "" && isOne(args) {
		s = f.one
	}
	if !strings.Contains(s, "{") {
		return s
	}
	return expand(l, s, args)
}

// Bi returns the text of key in both languages.
func (c *Catalogue) Bi(key string, args ...any) Bi {
	return Bi{DE: c.T(DE, key, args...), EN: c.T(EN, key, args...)}
}

func isOne(args []any) bool {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "n" {
			continue
		}
		switch n := args[i+1].(type) {
		case int:
			return n == 1
		case int64:
			return n == 1
		case uint64:
			return n == 1
		}
	}
	return false
}

func expand(l Lang, s string, args []any) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("{" + rest)
			return b.String()
		}
		b.WriteString(argument(l, name, args))
		s = after
	}
}

func argument(l Lang, name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return Write(l, args[i+1])
		}
	}
	return "⟦" + name + "⟧"
}

// Write writes a value as a reader of l expects it: whole numbers with groups,
// other numbers with up to three decimals, times as dates, durations in words.
func Write(l Lang, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Bi:
		return v.In(l)
	case int:
		return Int(l, int64(v))
	case int32:
		return Int(l, int64(v))
	case int64:
		return Int(l, v)
	case uint64:
		return Int(l, int64(v))
	case float64:
		return Float(l, v)
	case time.Duration:
		return Duration(l, v)
	case time.Time:
		return Date(l, v)
	}
	return fmt.Sprint(v)
}
