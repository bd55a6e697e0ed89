package query

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/text"
)

// TestKey: the keys that the database sorts by agree with text.Compare, by
// which pages sort.
func TestKey(t *testing.T) {
	cmp := text.Compare(text.DE)
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "A", "ä", "Ä", "b", "ß", "ss", "0", "1", "2", "10", "007", " ", "-", "é", "日", "Z", "."}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := strings.Join(words.Draw(t, "a"), ""), strings.Join(words.Draw(t, "b"), "")
		if got, want := bytes.Compare(Key(a), Key(b)), cmp(a, b); got != want {
			t.Fatalf("keys of %q and %q compare %d, the texts %d", a, b, got, want)
		}
	})
	list := []string{"Halle 10", "Öl", "Ofen", "Halle 2", "Ärger", "Apfel", ""}
	slices.SortFunc(list, func(a, b string) int { return bytes.Compare(Key(a), Key(b)) })
	if got := strings.Join(list, "|"); got != "|Apfel|Ärger|Halle 2|Halle 10|Ofen|Öl" {
		t.Errorf("sorted %s", got)
	}
	if Key("") == nil {
		t.Error("no key is NULL in a database")
	}
}

func TestSearchable(t *testing.T) {
	for in, want := range map[string]string{"Fräse": "frase\nfraese", "  Groß \t Rad ": "gross rad", "": "", "ÄÖÜ": "aou\naeoeue", "naïve ﬁne": "naive fine", "a\u0308": "a\nae", "A\x00B": "a b"} {
		if got := Searchable([]string{in}); got != want {
			t.Errorf("%q is searched as %q, want %q", in, got, want)
		}
	}
	if got := Searchable([]string{"a", "", "b"}); got != "a\nb" {
		t.Errorf("texts are searched as %q", got)
	}
}
