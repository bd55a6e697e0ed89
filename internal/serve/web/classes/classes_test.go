package classes_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/classes"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{classes.Texts, duties.Texts, objects.Texts}, classes.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, classes.Texts, duties.Texts, objects.Texts) }

// queries is how many queries a page makes beyond its frame.
func queries(c *showtest.Client, path string) int64 {
	c.Get(path)
	base := c.Get("/frame").Queries
	return c.Get(path).Queries - base
}

// 001-08: from an empty table to the proposal in one step, then every cell is
// the organisation's; risk class and security level are two columns.
func TestClassTable(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/duties/classes").Shows(t, "Noch keine Zeile", "Vorschlag mit acht Zeilen", "Eine Umrechnung gibt es nicht")
	if p := c.Post("/duties/classes/start"); p.Status != 303 {
		t.Fatalf("start: %d %s", p.Status, p.Doc.Text())
	}
	p := c.Get("/duties/classes")
	rows := p.Doc.All("#rows tbody tr")
	if len(rows) != 8 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows { // a proposed row stands on one axis only
		if cells := row.All("td"); strings.Contains(cells[0].Text(), "–") == strings.Contains(cells[1].Text(), "–") {
			t.Errorf("not on one axis: %s", row.Text())
		}
	}
	if p := c.Post("/duties/classes/start"); p.Status != 409 {
		t.Errorf("a second start answers %d", p.Status)
	}
	if n := queries(c, "/duties/classes"); n > 5 {
		t.Errorf("%d queries", n)
	}
	c.In(text.EN).Get("/duties/classes").Shows(t, "There is no conversion", "SL 4", "Critical: within 7 days")
	c.In(text.DE)
	if p := c.Get("/duties/classes.csv"); p.Status != 200 || !strings.Contains(p.Body, "SL 4") {
		t.Errorf("table to take away: %d", p.Status)
	}
}

// 001-08: one axis changes and the other stays; neither decides the other.
func TestRowIsEdited(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Post("/duties/classes/new", "name", "Prüfzelle", "class", "minimal", "level", "sl3", "description.de", "Prüft Teile.", "priority", "soon")
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	at := strings.TrimPrefix(strings.Split(p.Location, "?")[0], "/werk")
	if p = c.Post(at+"/edit", "revision", "1", "name", "Prüfzelle", "class", "high", "level", "sl3", "description.de", "Prüft Teile.", "use.de", "Linie 2", "priority", "first"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	row := c.Get("/duties/classes").Doc.One("#rows tbody tr").Text()
	for _, want := range []string{"Prüfzelle", "hoch", "SL 3", "Linie 2", "Kritisch: innerhalb von 7 Tagen"} {
		if !strings.Contains(row, want) {
			t.Errorf("no %q in %s", want, row)
		}
	}
	if p = c.Post(at+"/edit", "revision", "2", "name", "Prüfzelle", "class", "", "level", "", "description.de", "Prüft Teile.", "priority", "first"); p.Status != 422 {
		t.Errorf("a row on no axis answers %d", p.Status)
	}
	if p = c.Post("/duties/classes/new", "name", "Prüfzelle", "class", "high", "description.de", "Zweimal.", "priority", "first"); p.Status != 422 && p.Status != 409 {
		t.Errorf("a name given twice answers %d", p.Status)
	}
}

// 001-08: who may read the table and who may change it.
func TestRolesOfTheClassTable(t *testing.T) {
	h := house(t)
	for _, role := range []string{"director", "safety", "shift_lead", "council", "auditor"} {
		c := h.Client(role)
		if p := c.Get("/duties/classes"); p.Status != 200 || p.Doc.Has("a[href=/werk/duties/classes/new]") || p.Doc.Has("form[action=/werk/duties/classes/start]") {
			t.Errorf("%s: %d, or is offered to write", role, p.Status)
		}
		if p := c.Post("/duties/classes/start"); p.Status != 403 {
			t.Errorf("%s starts the table: %d", role, p.Status)
		}
	}
	for _, role := range []string{"worker", "admin"} {
		for _, path := range []string{"/duties/classes", "/duties/external"} {
			if p := h.Client(role).Get(path); p.Status != 403 {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
	}
	if p := h.Nobody().Get("/duties/classes"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

// 001-08: where a system stands is shown on both axes, as its classification
// stores them.
func TestSystemsOnBothAxes(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	row := h.Client("auditor").Get("/duties/classes").Doc.One("#systems tbody tr").Text()
	for _, want := range []string{"Fräslinie", "minimal", "SL-T 2", "21.11.2026"} {
		if !strings.Contains(row, want) {
			t.Errorf("no %q in %s", want, row)
		}
	}
}

func external(t *testing.T, h *showtest.House, d classify.ExternalResult) store.Object[classify.ExternalResult] {
	t.Helper()
	var made store.Object[classify.ExternalResult]
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = h.Org.Classify.Externals.Create(ctx, tx, d)
		return err
	}))
	return made
}

// 001-17: a result from outside stands beside the own classification and changes
// nothing about it.
func TestExternalResultIsCompared(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/duties/external").Shows(t, "Noch kein Ergebnis von außen")
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	open := h.System("Presse", nil)
	p := c.Post("/duties/external/new", "system", s.ID, "source", "adviser", "name", "Beratung Nord", "class", "high", "date", "2026-11-20", "link", "https://example.org/gutachten")
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	at := strings.TrimPrefix(strings.Split(p.Location, "?")[0], "/werk")
	external(t, h, classify.ExternalResult{System: s.ID, Source: "official_tool", Name: "Prüfwerkzeug", Class: "minimal", Date: h.Clock.Now().AddDate(0, 0, 1)})
	external(t, h, classify.ExternalResult{System: open.ID, Source: "authority", Name: "Behörde", Class: "limited", Date: h.Clock.Now()})
	p = c.Get("/duties/external")
	p.Shows(t, "außen strenger", "stimmt überein", "eigene offen", "1 von 3 Ergebnissen weicht", "älter als die eigene", "Beratung Nord", "amtliches Werkzeug")
	if n := queries(c, "/duties/external"); n > 5 {
		t.Errorf("%d queries", n)
	}
	c.Get(at).Shows(t, "außen strenger", "Bitte die Gründe vergleichen", "Eigene Einstufung öffnen", "Es ist keine Datei abgelegt.", "https://example.org/gutachten")
	if n := queries(c, at); n > 5 {
		t.Errorf("%d queries on one result", n)
	}
	c.In(text.EN).Get(at).Shows(t, "stricter outside")
	own, err := h.Org.Classify.Of(h.As("ai_officer"), h.Org.DB, s.ID)
	h.Must(err)
	if own.Doc.Class != "minimal" || own.Revision != 1 {
		t.Errorf("the own classification was changed: %+v", own.Doc)
	}
	for _, wrong := range [][]string{
		{"system", s.ID, "source", "adviser", "name", "x", "class", "high"},                                                          // no day
		{"system", s.ID, "source", "adviser", "name", "x", "date", "2026-11-20"},                                                     // no class
		{"system", s.ID, "source", "friend", "name", "x", "class", "high", "date", "2026-11-20"},                                     // no such source
		{"source", "adviser", "name", "x", "class", "high", "date", "2026-11-20"},                                                    // no system
		{"system", s.ID, "source", "adviser", "name", "x", "class", "high", "date", "2026-11-20", "link", "ftp://example.org/a.pdf"}, // no such link
	} {
		if p := c.Post("/duties/external/new", wrong...); p.Status != 422 {
			t.Errorf("%v answers %d", wrong, p.Status)
		}
	}
	if p := h.Client("auditor").Post("/duties/external/new", "system", s.ID); p.Status != 403 {
		t.Errorf("an auditor enters a result: %d", p.Status)
	}
}

// upload posts a file as a browser does.
func upload(h *showtest.House, c *showtest.Client, path, revision, name string, data []byte) *httptest.ResponseRecorder {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h.Must(w.WriteField("revision", revision))
	if name != "" {
		f, err := w.CreateFormFile("file", name)
		h.Must(err)
		_, err = f.Write(data)
		h.Must(err)
	}
	h.Must(w.Close())
	r := httptest.NewRequest(http.MethodPost, h.Site.Base+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	for _, cookie := range c.Cookies {
		r.AddCookie(cookie)
	}
	rec := httptest.NewRecorder()
	h.Pages.ServeHTTP(rec, r)
	return rec
}

// 001-17: the file of a result comes back byte for byte, with its check value.
func TestFileOfAnExternalResult(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	made := external(t, h, classify.ExternalResult{System: s.ID, Source: "authority", Name: "Behörde", Class: "high", Date: h.Clock.Now()})
	at := "/duties/external/" + made.ID
	c := h.Client("ai_officer")
	if p := c.Get(at + "/file"); p.Status != 404 {
		t.Errorf("a file that is not there answers %d", p.Status)
	}
	if rec := upload(h, c, at+"/file", "1", "", nil); rec.Code != 422 || !strings.Contains(rec.Body.String(), "Bitte eine Datei auswählen.") {
		t.Errorf("no file: %d", rec.Code)
	}
	data := []byte("%PDF-1.7 Bescheid\x00\x01")
	sum := sha256.Sum256(data)
	if rec := upload(h, h.Client("auditor"), at+"/file", "1", "a.pdf", data); rec.Code != 403 {
		t.Errorf("an auditor files: %d", rec.Code)
	}
	if rec := upload(h, c, at+"/file", "1", `C:\Eigene\Bescheid.pdf`, data); rec.Code != 303 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	c.Get(at).Shows(t, "Bescheid.pdf", "sha256:"+hex.EncodeToString(sum[:]))
	p := h.Client("auditor").Get(at + "/file")
	if p.Status != 200 || p.Body != string(data) || !strings.Contains(p.Header.Get("Content-Disposition"), "Bescheid.pdf") {
		t.Errorf("%d %q %q", p.Status, p.Body, p.Header.Get("Content-Disposition"))
	}
	if rec := upload(h, c, at+"/file", "1", "b.pdf", []byte("x")); rec.Code != 409 {
		t.Errorf("an old revision answers %d", rec.Code)
	}
	if p := h.Client("worker").Get(at + "/file"); p.Status != 403 {
		t.Errorf("a worker reads the file: %d", p.Status)
	}
	if p := c.Get("/duties/external/ext_0/file"); p.Status != 404 {
		t.Errorf("an unknown result answers %d", p.Status)
	}
}

// 001-16: the tiers per breach with the rule for small firms, and no word that
// frightens, in either language.
func TestUpperLimits(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/fines")
	rows := p.Doc.All("#tiers tbody tr")
	if len(rows) != 4 {
		t.Fatalf("%d tiers", len(rows))
	}
	lower := "der niedrigere der beiden Werte"
	for i, want := range []struct {
		words []string
		lower int // columns in which the lower value counts
	}{
		{[]string{"Verbotene Praktiken", "35 Mio. Euro", "7 %", "keine eigene Regel"}, 1}, // for SMEs, not for SMCs
		{[]string{"Pflichten der Akteure", "15 Mio. Euro", "3 %"}, 2},
		{[]string{"Falsche Auskünfte", "7,5 Mio. Euro", "1 %"}, 2},
		{[]string{"Allzweck-Modelle", "15 Mio. Euro"}, 0},
	} {
		got := rows[i].Text()
		for _, w := range want.words {
			if !strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), w) {
				t.Errorf("tier %d does not say %q: %s", i, w, got)
			}
		}
		if n := strings.Count(got, lower); n != want.lower {
			t.Errorf("tier %d is lowered in %d columns, want %d: %s", i, n, want.lower, got)
		}
	}
	p.Shows(t, "Die oberste Stufe gilt nur für verbotene Praktiken", "niedrigere Wert", "Nur bei Absatz 4 und 5", "Art. 4 und Art. 27 stehen nicht in dieser Liste", "Stand 21.11.2026")
	first, second := p.Doc.One("#tier-99_3"), p.Doc.One("#tier-99_4")
	if first == nil || second == nil || len(first.All("tbody tr")) < 10 || !strings.Contains(second.Text(), "Art. 26(1)") || strings.Contains(second.Text(), "Art. 5(1)") {
		t.Error("the breaches do not stand in their tiers")
	}
	for _, l := range text.Langs {
		if w := texttest.Unwanted(l, c.In(l).Get("/duties/fines").Doc.One("main").Text()); w != "" {
			t.Errorf("the page says %q", w)
		}
	}
	if n := queries(c, "/duties/fines"); n > 0 {
		t.Errorf("%d queries for what stands in the packs", n)
	}
}

// 001-74: every reference has the day on which it was checked; what was replaced
// stands first, and after a year all of them are due.
func TestReferences(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/references")
	rows, all := p.Doc.All("#references tbody tr"), h.Org.Library().References()
	if len(rows) != len(all) || len(all) < 20 {
		t.Fatalf("%d rows of %d references", len(rows), len(all))
	}
	if first := rows[0].Text(); !strings.Contains(first, "ISO 9001:2015") || !strings.Contains(first, "neue Ausgabe") {
		t.Errorf("first is %s", first)
	}
	p.Shows(t, "21.11.2026", "1 von "+text.Int(text.DE, int64(len(all)))+" Quellen ist neu zu prüfen", "aus zweiter Hand", "KI-Verordnung")
	for _, row := range rows { // what was read second-hand is not shown as simply checked
		if strings.Contains(row.Text(), "ISO/IEC 42001:2023") && (!strings.Contains(row.Text(), "aus zweiter Hand") || row.Has(".state.ok")) {
			t.Errorf("certain beyond its source: %s", row.Text())
		}
	}
	if n := len(c.Get("/duties/references?state=due").Doc.All("#references tbody tr")); n != 1 {
		t.Errorf("%d are due", n)
	}
	if n := len(c.Get("/duties/references?kind=study").Doc.All("#references tbody tr")); n != 1 {
		t.Errorf("%d studies", n)
	}
	c.Get("/duties/references?q=gibt+es+nicht").Shows(t, "Keine Quelle passt zur Suche")
	h.Clock.Add(367 * 24 * 3600 * 1e9)
	c = h.Client("worker")
	p = c.Get("/duties/references?state=due")
	if n := len(p.Doc.All("#references tbody tr")); n != len(all) {
		t.Errorf("after a year %d of %d are due", n, len(all))
	}
	p.Shows(t, "länger als ein Jahr nicht geprüft")
	if p.Doc.Has("form[action=/werk/duties/law/tasks]") {
		t.Error("a worker is offered to make a task")
	}
	form := h.Client("ai_officer").Get("/duties/references").Doc.One("form[action=/werk/duties/law/tasks]")
	if form == nil || !form.Has("input[name=phase]") || !form.Has("input[name=say]") {
		t.Error("the review cannot be made a task")
	}
	c.In(text.EN).Get("/duties/references").Shows(t, "not checked for more than a year", "new edition")
}
