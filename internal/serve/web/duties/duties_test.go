package duties_test

import (
	"io/fs"
	"strings"
	"testing"

	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{duties.Texts}, duties.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, duties.Texts) }

// Fifteen requirements; three are computed, twelve honestly not measured yet.
func TestCatalogue(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	for _, confidence := range []float64{0.97, 0.96, 0.5} {
		h.Decide(s.ID, confidence)
	}
	c := h.Client("auditor")
	c.Get("/duties/catalogue")
	base := c.Get("/frame").Queries
	p := c.Get("/duties/catalogue")
	if p.Status != 200 || p.Queries-base > 5 {
		t.Fatalf("%d, %d queries", p.Status, p.Queries-base)
	}
	rows := p.Doc.All("#catalogue tbody tr")
	if len(rows) != 15 {
		t.Fatalf("%d requirements", len(rows))
	}
	for _, row := range rows {
		ref, _, _ := strings.Cut(row.Text(), " ")
		computed := ref == "ZTA-01" || ref == "ZTA-04" || ref == "ZTA-05"
		if said := strings.Contains(row.Text(), "noch nicht gemessen"); said == computed {
			t.Errorf("%s: %s", ref, row.Text())
		}
	}
	p.Shows(t, "3 von 15", "ZTA-05 Menschliche Aufsicht", "Kein Wort einer Person")
	c.In(text.EN).Get("/duties/catalogue").Shows(t, "3 of 15", "ZTA-05 Human oversight", "not measured yet")
}

// From the list to the proof of one entry in three clicks (criterion 8).
func TestThreeClicks(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	index := h.Decide(s.ID, 0.5)
	c := h.Client("auditor")
	p := c.Get("/duties/catalogue")
	to := p.Doc.One("#catalogue a[href=/werk/duties/zta.05]")
	if to == nil {
		t.Fatal("the catalogue does not lead to ZTA-05")
	}
	p = c.Get("/duties/zta.05")
	p.Shows(t, "erfüllt", "oversight.coverage", "1 von 1 Fall", "alle Fälle", "Fenster: 30 Tage", "22.10.2026", "Belege im Journal")
	if !p.Doc.Has("#status a[href=/werk/proof/journal/" + text.Int(text.DE, int64(index)) + "]") {
		t.Errorf("the check does not lead to entry %d: %s", index, p.Doc.One("#status").Text())
	}
}

// A case that nobody decided in time shows as not met, with the entry.
func TestFailureIsNamed(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	h.Decide(s.ID, 0.5)
	h.Clock.Add(2 * 3600 * 1e9)
	h.Decide(s.ID, 0.97) // the journal moves past the deadline
	p := h.Client("ai_officer").Get("/duties/zta.05")
	p.Shows(t, "teilweise", "Nicht gehalten:", "0 von 1 Fall", "mindestens 95 %")
}

func TestRequirement(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Get("/duties/zta.02")
	p.Shows(t, "ZTA-02", "noch nicht gemessen", "Für diese Anforderung misst das Programm noch nichts.", "Einstellung der Anmeldung", "Prüfschritte", "Rollen mit ihren Rechten")
	p = c.Get("/duties/zta.05")
	p.Shows(t, "noch nichts zu messen", "0,85", "Eigene Festlegung; keine Norm enthält diesen Wert.")
	always, high := p.Doc.One("#clauses").Text(), p.Doc.One("#clauses-high").Text()
	if !strings.Contains(always, "42001 A.9.2") || strings.Contains(always, "KI-VO Art. 14(1)") || !strings.Contains(high, "KI-VO Art. 14(1)") || !strings.Contains(high, "ab 02.12.2027") {
		t.Errorf("clauses: %s | %s", always, high)
	}
	for _, id := range []string{"zta.16", "zta", "aia.art14.1"} {
		if p := c.Get("/duties/" + id); p.Status != 404 {
			t.Errorf("%s answers %d", id, p.Status)
		}
	}
}

// Every clause that any requirement names has a page, in both languages.
func TestEveryClauseLeadsSomewhere(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	seen := map[string]bool{}
	for _, q := range h.Org.Packs.Requirements("zta") {
		for _, id := range append(q.Refs, q.RefsIfHigh...) {
			if seen[id] {
				continue
			}
			seen[id] = true
			if p := c.In(showtest.Langs[len(seen)%2]).Get("/duties/clauses/" + id); p.Status != 200 {
				t.Errorf("%s answers %d", id, p.Status)
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d clauses", len(seen))
	}
	for _, pack := range h.Org.Packs.Packs() {
		if p := c.Get("/duties/packs/" + pack.ID); p.Status != 200 {
			t.Errorf("pack %s answers %d", pack.ID, p.Status)
		}
	}
}

func TestClause(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	c.Get("/duties/clauses/aia.art14.1").Shows(t, "KI-VO Art. 14(1)", "Wirksame Aufsicht ermöglichen", "In eigenen Worten.", "02.12.2027", "02.08.2028",
		"ZTA-05 Menschliche Aufsicht (nur bei Hochrisiko)", "Stand 21.11.2026")
	if p := c.Get("/duties/clauses/zta.05"); p.Status != 303 || p.Location != "/werk/duties/zta.05" {
		t.Errorf("a requirement as clause: %d %s", p.Status, p.Location)
	}
	if p := c.Get("/duties/clauses/aia.art999"); p.Status != 404 {
		t.Errorf("an unknown clause answers %d", p.Status)
	}
	n := 0
	for _, cl := range h.Org.Packs.Clauses("gdpr-betrvg") {
		if cl.Status == packs.SecondarySource && n == 0 {
			n++
			c.In(text.DE).Get("/duties/clauses/"+cl.ID).Shows(t, "aus zweiter Hand")
		}
	}
	if n == 0 {
		t.Error("no uncertain clause to look at")
	}
}

func TestPacks(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/packs")
	p.Shows(t, "KI-Verordnung (EU) 2024/1689", "21.11.2026", "392", "8 Vorbehalte", "Fragebogen")
	p = c.Get("/duties/packs/eu-ai-act")
	if n := len(p.Doc.All("#clauses tbody tr")); n != 50 {
		t.Errorf("%d clauses on the first page", n)
	}
	p.Shows(t, "50 von 392")
	if p := c.Get("/duties/packs/eu-ai-act?from=350"); len(p.Doc.All("#clauses tbody tr")) != 42 || !p.Doc.Has("a[rel=first]") || p.Doc.Has("a[rel=next]") {
		t.Error("the last page is wrong")
	}
	for _, from := range []string{"-1", "x", "99999999999999999999", "100000"} {
		if p := c.Get("/duties/packs/eu-ai-act?from=" + from); p.Status != 200 {
			t.Errorf("from=%s answers %d", from, p.Status)
		}
	}
	c.Get("/duties/packs/eu-ai-act?q=art.+14(1)").Shows(t, "KI-VO Art. 14(1)")
	c.Get("/duties/packs/eu-ai-act?q=gibtesnicht").Shows(t, "Keine Fundstelle passt zur Suche")
	if p := c.Get("/duties/packs/nie"); p.Status != 404 {
		t.Errorf("an unknown pack answers %d", p.Status)
	}
}

// Who may not see the status sees the requirements, and no number of it.
func TestStatusIsNotForEverybody(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	h.Decide(s.ID, 0.5)
	for _, role := range []string{"worker", "council", "shift_lead", "admin"} {
		c := h.Client(role)
		for _, path := range []string{"/duties/catalogue", "/duties/zta.05"} {
			p := c.Get(path)
			p.Shows(t, "Menschliche Aufsicht", "Den gemessenen Stand sehen")
			if p.Doc.Has(".state.ok") && !strings.Contains(path, "zta") || p.Doc.Has(".figure") || p.Doc.Has("#status .meter") {
				t.Errorf("%s sees a status on %s", role, path)
			}
		}
	}
	if p := h.Nobody().Get("/duties/catalogue"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}
