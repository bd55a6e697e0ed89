package text_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"augenmass/internal/text"
)

func file(body string) fstest.MapFS {
	return fstest.MapFS{"texts/page.yaml": {Data: []byte(body)}}
}

func load(t *testing.T, body string) *text.Catalogue {
	t.Helper()
	c, err := text.Load(file(body))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTexts(t *testing.T) {
	c := load(t, `
hello: {de: "Guten Tag, {name}", en: "Good day, {name}"}
cases:
  de: {one: "{n} Prüffall", other: "{n} Prüffälle"}
  en: {one: "{n} review case", other: "{n} review cases"}
until: {de: "bis {day}, {share}", en: "until {day}, {share}"}
`)
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		lang text.Lang
		key  string
		args []any
		want string
	}{
		{text.DE, "hello", []any{"name", "Frau Keller"}, "Guten Tag, Frau Keller"},
		{text.EN, "hello", []any{"name", text.Bi{DE: "Keller", EN: "Miller"}}, "Good day, Miller"},
		{text.DE, "cases", []any{"n", 1}, "1 Prüffall"},
		{text.DE, "cases", []any{"n", 0}, "0 Prüffälle"},
		{text.EN, "cases", []any{"n", int64(1)}, "1 review case"},
		{text.EN, "cases", []any{"n", 1204377}, "1,204,377 review cases"},
		{text.DE, "until", []any{"day", day, "share", 0.85}, "bis 21.11.2026, 0,85"},
		{text.EN, "until", []any{"day", day, "share", 0.85}, "until 21 Nov 2026, 0.85"},
		{text.DE, "gone", nil, "⟦gone⟧"},
		{text.DE, "hello", nil, "Guten Tag, ⟦name⟧"},
		{text.DE, "hello", []any{"name"}, "Guten Tag, ⟦name⟧"},
	} {
		if got := c.T(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%s, %s, %v) = %q, want %q", tt.lang, tt.key, tt.args, got, tt.want)
		}
	}
}

// A value that looks like a placeholder is not expanded again.
func TestValuesAreNotExpanded(t *testing.T) {
	c := load(t, `a: {de: "{x} {y}", en: "{x} {y}"}`)
	if got := c.T(text.DE, "a", "x", "{y}", "y", "zwei"); got != "{y} zwei" {
		t.Errorf("got %q", got)
	}
}

func TestLoadNamesEveryDefect(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"language missing":     {`a: {de: Text}`, "page.yaml: a: a language is missing"},
		"empty":                {`a: {de: Text, en: " "}`, "page.yaml: a: a language is missing or empty"},
		"placeholders differ":  {`a: {de: "{n} x", en: "x"}`, "page.yaml: a: placeholders differ"},
		"plural in one":        {`a: {de: {one: x, other: y}, en: z}`, "page.yaml: a: only one language has plural forms"},
		"third language":       {`a: {de: x, en: y, fr: z}`, "page.yaml"},
		"key twice in a file":  {"a: {de: x, en: y}\na: {de: x, en: y}", "page.yaml"},
		"not a map":            {`- a`, "page.yaml"},
		"unknown plural forms": {`a: {de: {one: x, other: y, many: z}, en: {one: x, other: y}}`, "page.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.Load(file(tt.body))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want it to contain %q", err, tt.want)
			}
		})
	}
	_, err := text.Load(file(`a: {de: x, en: y}`), fstest.MapFS{"b.json": {Data: []byte(`{"a": {"de": "x", "en": "y"}}`)}})
	if err == nil || !strings.Contains(err.Error(), "b.json: a: already defined in texts/page.yaml") {
		t.Errorf("a key of two files: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(`a: {de: "{n}", en: "{n}"}`)
	f.Add("a: [")
	f.Add(`a: {de: {one: x, other: "{"}, en: {one: "}", other: y}}`)
	f.Fuzz(func(t *testing.T, body string) {
		c, err := text.Load(file(body))
		if err != nil {
			return
		}
		for _, key := range c.Keys() {
			for _, l := range text.Langs {
				if c.T(l, key, "n", 1) == "" {
					t.Errorf("key %q is empty in %s", key, l)
				}
			}
		}
	})
}
