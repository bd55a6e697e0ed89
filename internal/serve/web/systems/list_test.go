package systems

import (
	"strconv"
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
)

func TestList(t *testing.T) {
	h := house(t)
	h.Permitted("Fräslinie")
	h.System("Kameraprüfung", func(s *inventory.System) {
		s.Scope, s.LifeCycle = []inventory.Scope{"quality_control"}, inventory.Trial
	})
	x := h.System("Schichtplan", func(s *inventory.System) { s.Scope, s.RiskOwner = []inventory.Scope{"personnel"}, "" })
	h.Assess(x.ID, "ai_system", "high")
	c := h.Client("director")
	rows := func(query string) string {
		p := c.Get("/systems" + query)
		var names []string
		for _, tr := range p.Doc.All("tbody tr") {
			names = append(names, tr.One("a").Text())
		}
		return strings.Join(names, ",")
	}
	for query, want := range map[string]string{
		"": "Fräslinie,Kameraprüfung,Schichtplan", "?sort=-name": "Schichtplan,Kameraprüfung,Fräslinie", "?q=kamera": "Kameraprüfung",
		"?scope=quality_control": "Kameraprüfung", "?class=high": "Schichtplan", "?class=minimal": "Fräslinie", "?class=minimal&scope=personnel": "",
		"?life=trial": "Kameraprüfung", "?owner=none": "Schichtplan", "?q=nirgends": "", "?sort=unfug": "Fräslinie,Kameraprüfung,Schichtplan",
	} {
		if got := rows(query); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	p := c.Get("/systems")
	p.Shows(t, "gültig", "Deniz Kaya", "niemand", "10 von 10", "Identifikation offen", "3 von 3")
	h.Client("worker").Get("/systems").Hides(t, "Deniz Kaya")
	c.Get("/systems?q=nirgends").Shows(t, "Kein System passt")
	if p := c.Get("/systems?cursor=unfug"); p.Status != 422 {
		t.Errorf("a broken cursor: %d", p.Status)
	}
}

func TestListPages(t *testing.T) {
	h := house(t)
	for i := range pageLength + 7 {
		h.System("System "+strconv.Itoa(100+i), nil)
	}
	c := h.Client("auditor")
	p := c.Get("/systems?sort=-name")
	next := p.Doc.One("a[rel=next]")
	if next == nil || len(p.Doc.All("tbody tr")) != pageLength {
		t.Fatal("no second page")
	}
	p.Shows(t, "50 von 57")
	p = c.Get(strings.TrimPrefix(next.Attrs["href"], "/werk"))
	if n := len(p.Doc.All("tbody tr")); n != 7 || p.Doc.Has("a[rel=next]") || !p.Doc.Has("a[rel=first]") {
		t.Errorf("%d rows on the second page", n)
	}
	if n := len(c.Get("/systems?class=unclear").Doc.All("tbody tr")); n != 57 {
		t.Errorf("%d rows when narrowed by class", n)
	}
}
