package help

import (
	"testing"

	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Every word and every first step has its sentence in both languages.
func TestWordingIsComplete(t *testing.T) {
	texts, err := ui.Texts(Texts)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, b := range begins {
		keys = append(keys, "help.begin."+b.role)
	}
	for _, w := range words {
		keys = append(keys, "help.word."+w, "help.means."+w)
	}
	for _, k := range keys {
		for _, l := range text.Langs {
			if !texts.Has(k) || texts.T(l, k) == "" {
				t.Errorf("%s lacks its text in %s", k, l)
			}
		}
	}
}
