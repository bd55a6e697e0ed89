package showtest_test

import (
	"testing"

	"augenmass/internal/serve/web/show/showtest"
)

func TestParse(t *testing.T) {
	doc, err := showtest.Parse(`<!DOCTYPE html><html lang="de"><body><p class="a b">Eins &amp; <b>zwei</b><br>drei</p><input name="x" required><a href="/a.b/c">Weiter</a></body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.One("p.b").Text(); got != "Eins & zwei drei" {
		t.Errorf("text %q", got)
	}
	if !doc.Has("body a[href=/a.b/c]") || doc.Has("p a") || !doc.Has("input[name=x][required]") {
		t.Error("the search finds the wrong elements")
	}
	if _, err := showtest.Parse("<p><b>x</p>"); err == nil {
		t.Error("a page that is not well-formed was read")
	}
}

// The house's story works: what other tests rest on.
func TestHouse(t *testing.T) {
	h := showtest.Open(t, nil)
	s := h.Permitted("Fräslinie: Ausfallvorhersage")
	h.Decide(s.ID, 0.97)
	h.Decide(s.ID, 0.81)
	h.Decide(s.ID, -1)
	h.Settle()
	n, err := h.Org.Trail.Count(t.Context(), s.ID, h.Clock.Now())
	h.Must(err)
	if n.Released != 1 || n.Escalated != 1 || n.Denied != 1 {
		t.Errorf("counts %+v", n)
	}
}
