// Package texttest checks wording in tests: keys that pages use and no file
// defines, keys that files define and no page uses, sentences that are too
// long, words that the house does not use. Loading a catalogue already finds
// missing languages, empty texts and placeholders that differ.
package texttest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"augenmass/internal/text"
)

// literal matches string literals that look like a key ("systems.title") or
// like the beginning of one ("area.").
var literal = regexp.MustCompile(`"((?:[a-z0-9_-]+\.)+[a-z0-9_-]*)"`)

// direct matches a key that is asked for as it stands: T("systems.title") or
// Bi("systems.title").
var direct = regexp.MustCompile(`\b(?:T|Bi)\("((?:[a-z0-9_-]+\.)+[a-z0-9_-]+)"\s*[,)]`)

// comment matches a line of comment; keys in examples do not count.
var comment = regexp.MustCompile(`(?m)^\s*//.*$`)

// sources calls f with every Go and templ file under dirs that people write,
// without its comments.
func sources(t testing.TB, dirs []string, f func(path, body string)) {
	t.Helper()
	n := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
				return nil
			}
			raw, err := os.ReadFile(path)
			if err == nil {
				n++
				f(path, comment.ReplaceAllString(string(raw), ""))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n == 0 {
		t.Fatalf("no Go or templ file under %v", dirs)
	}
}

// Known fails for every key that the sources under dirs ask for and the
// catalogue does not have. Keys put together at run time are not seen here; a
// page shows them as ⟦key⟧.
func Known(t testing.TB, all *text.Catalogue, dirs ...string) {
	t.Helper()
	sources(t, dirs, func(path, body string) {
		for _, m := range direct.FindAllStringSubmatch(body, -1) {
			if !all.Has(m[1]) {
				t.Errorf("%s asks for %q, which no catalogue file defines", path, m[1])
			}
		}
	})
}

// Used fails for every key of the files in own that no source under dirs
// names, neither whole nor by its beginning ("area." + id, Prefix: "x.form.").
func Used(t testing.TB, own fs.FS, dirs ...string) {
	t.Helper()
	catalogue, err := text.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	var beginnings []string
	sources(t, dirs, func(_, body string) {
		for _, m := range literal.FindAllStringSubmatch(body, -1) {
			if strings.HasSuffix(m[1], ".") {
				beginnings = append(beginnings, m[1])
			}
			named[m[1]] = true
		}
	})
	for _, key := range catalogue.Keys() {
		if !named[key] && !slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(key, b) }) {
			t.Errorf("%s defines %q, which nothing uses", catalogue.File(key), key)
		}
	}
}

// Limits of sentences in words.
type Limits struct {
	Average float64 // over all sentences
	Longest int     // 0: no limit
}

// Worker is the limit of pages for workers (criterion 15), Page that of all
// others (criterion 16).
var (
	Worker = Limits{Average: 12, Longest: 20}
	Page   = Limits{Average: 18}
)

// Sentences fails if the sentences of the texts are too long on average or one
// of them is too long by itself.
func Sentences(t testing.TB, limits Limits, texts ...string) {
	t.Helper()
	words, n := 0, 0
	for _, s := range Split(strings.Join(texts, "\n")) {
		k := countWords(s)
		if k == 0 {
			continue
		}
		words, n = words+k, n+1
		if limits.Longest > 0 && k > limits.Longest {
			t.Errorf("%d words, %d is the limit: %q", k, limits.Longest, s)
		}
	}
	if n > 0 && float64(words)/float64(n) > limits.Average {
		t.Errorf("%.1f words in a sentence on average, %.0f is the limit, over %d sentences", float64(words)/float64(n), limits.Average, n)
	}
}

// abbreviations end with a full stop that ends no sentence.
var abbreviations = []string{"z. B.", "z.B.", "d. h.", "d.h.", "bzw.", "ggf.", "usw.", "Art.", "Nr.", "Abs.", "Nrn.", "St.", "e.g.", "i.e.", "etc.", "No.", "vs.", "Cl."}

// kept are the abbreviations with stops and spaces that end nothing.
var kept = func() map[string]string {
	m := map[string]string{}
	for _, a := range abbreviations {
		m[a] = strings.NewReplacer(".", "\u2024", " ", "\u00a0").Replace(a)
	}
	return m
}()

// Split cuts a text into sentences: at . ? ! : followed by space, and at line
// ends. Full stops of abbreviations and after numbers do not count.
func Split(s string) []string {
	for _, a := range abbreviations {
		s = strings.ReplaceAll(s, a, kept[a])
	}
	var out []string
	var b strings.Builder
	flush := func() {
		if one := strings.TrimSpace(strings.ReplaceAll(b.String(), "\u2024", ".")); one != "" {
			out = append(out, one)
		}
		b.Reset()
	}
	runes := []rune(s)
	for i, r := range runes {
		if r == '\n' {
			flush()
			continue
		}
		b.WriteRune(r)
		atEnd := i+1 == len(runes) || unicode.IsSpace(runes[i+1])
		afterDigit := i > 0 && unicode.IsDigit(runes[i-1])
		if atEnd && (strings.ContainsRune("?!:", r) || r == '.' && (!afterDigit || i+1 == len(runes))) {
			flush()
		}
	}
	flush()
	return out
}

func countWords(s string) int {
	n := 0
	for _, w := range strings.Fields(s) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}

// unwanted are words the house does not use: fear (criterion 20), and AI as a
// person. Beginnings of words, lower case.
var unwanted = map[text.Lang][]string{
	text.DE: {"bußgeld", "geldbuße", "strafe", "strafbar", "ki-kolleg", "digitaler kollege", "digitale kollegin", "ki denkt", "ki versteht", "ki weiß", "sandkasten"},
	text.EN: {"penalt", "fined", "ai colleague", "digital colleague", "ai coworker", "ai co-worker", "ai thinks", "ai understands", "ai knows"},
}

// Manners fails for exclamation marks and unwanted words in any text of a
// catalogue tree, and for sentences that are longer than a page allows.
func Manners(t testing.TB, own fs.FS, limits Limits) {
	t.Helper()
	catalogue, err := text.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range text.Langs {
		var all []string
		for _, key := range catalogue.Keys() {
			for _, s := range catalogue.Texts(l, key) {
				all = append(all, s)
				if strings.Contains(s, "!") {
					t.Errorf("%s %s: exclamation mark: %q", key, l, s)
				}
				if w := Unwanted(l, s); w != "" {
					t.Errorf("%s %s: the house does not say %q: %q", key, l, w, s)
				}
			}
		}
		Sentences(t, limits, all...)
	}
}

// Unwanted returns the first word in s that the house does not use, or nothing.
func Unwanted(l text.Lang, s string) string {
	low := " " + strings.ToLower(s)
	for _, w := range unwanted[l] {
		if i := strings.Index(low, w); i > 0 && !unicode.IsLetter(rune(low[i-1])) {
			return w
		}
	}
	return ""
}
