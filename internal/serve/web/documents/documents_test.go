package documents_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/document"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/documents"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

var browser webtest.Browser

// screens is where pictures of the pages go, to look at; none without it.
var screens = flag.String("screens", "", "folder for pictures of the pages")

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func house(t *testing.T) *showtest.House {
	t.Helper()
	plain := []page.Route{{Method: http.MethodGet, Path: "/plain", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, ui.Tag("x"))
	}}}
	return showtest.Open(t, []fs.FS{documents.Texts, duties.Texts, account.Texts}, documents.Routes(), account.Routes(), plain)
}

func TestWording(t *testing.T) { showtest.Wording(t, documents.Texts, duties.Texts) }

// linked enters a document.
func linked(t *testing.T, h *showtest.House, d document.Document) store.Object[document.Document] {
	t.Helper()
	o, err := h.Org.Documents.Put(h.As("ai_officer"), "", 0, d)
	h.Must(err)
	return o
}

func at(p showtest.Page) string {
	to, _, _ := strings.Cut(strings.TrimPrefix(p.Location, "/werk"), "?")
	return to
}

// 000-26, 000-42: a document is linked where it lies, belongs to several
// management systems, serves clauses, and is marked with a reason.
func TestLinkAndMark(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/duties/documents").Shows(t, "Noch kein Dokument", "verlinkt, nicht kopiert")
	p := c.Post("/duties/documents/new", "name", "Beschwerden", "place", "https://intra.example/beschwerden", "sort", "process", "relevant", "undecided",
		"schemes", "quality", "schemes", "security", "clauses", "42001 A.3.3\nKI-VO Art. 26(2)")
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	one := at(p)
	p = c.Get(one)
	p.Shows(t, "Beschwerden", "Qualität (9001), Informationssicherheit (27001)", "42001 A.3.3", "noch nicht angesehen", "bleibt, wo es liegt")
	if !p.Doc.Has("a[href=https://intra.example/beschwerden]") {
		t.Error("the place is no link")
	}
	if p := c.Post(one, "revision", "1", "relevant", "no", "reason", ""); p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#mark-reason-error") {
		t.Errorf("no without a reason: %d", p.Status)
	}
	if p := c.Post(one, "revision", "1", "relevant", "yes", "reason", "Beschwerden über KI laufen denselben Weg."); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	c.Get("/duties/documents").Shows(t, "1 von 1 Dokumenten angesehen, 1 davon", "denselben Weg")
	c.Get("/duties/documents?relevant=no").Shows(t, "Kein Dokument passt")
	c.Get("/duties/documents?scheme=security&q=beschw").Shows(t, "denselben Weg")
	if p := c.Post("/duties/documents/new", "name", "X", "place", "Y", "sort", "other", "relevant", "undecided", "clauses", "42001 A.99"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown clause: %d", p.Status)
	} else {
		p.Shows(t, "42001 A.99")
	}
	if p := c.Post(one+"/edit", "revision", "1", "name", "Andere", "place", "Y", "sort", "other", "relevant", "undecided"); p.Status != http.StatusConflict {
		t.Errorf("an old revision: %d", p.Status)
	}
	if p := c.Post(one+"/delete", "revision", "2"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	if p := c.Get(one); p.Status != http.StatusNotFound {
		t.Errorf("after removal: %d", p.Status)
	}
}

// A path with a script in it is text, not a link.
func TestPlaceIsNoScript(t *testing.T) {
	h := house(t)
	o := linked(t, h, document.Document{Name: "X", Place: "javascript:alert(1)"})
	for _, path := range []string{"/duties/documents", "/duties/documents/" + o.ID} {
		p := h.Client("ai_officer").Get(path)
		p.Shows(t, "javascript:alert(1)")
		for _, a := range p.Doc.All("a") {
			if strings.HasPrefix(a.Attrs["href"], "javascript") {
				t.Errorf("%s links to a script", path)
			}
		}
	}
}

// 000-26: a pasted list is looked at first; with one wrong line nothing of it is
// taken over.
func TestImportList(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Post("/duties/documents/import", "list", "Einkauf;Ordner 1;Richtlinie;ja\n;Ordner 2\n", "do", "import")
	if p.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", p.Status)
	}
	p.Shows(t, "Zeile 2: Der Name fehlt.", "Es wurde nichts übernommen", "1 gelesen, 1 Zeilen mit Fehlern")
	if !strings.Contains(p.Doc.One("textarea[name=list]").Raw(), "Einkauf;Ordner 1") {
		t.Error("what was pasted is lost")
	}
	if n, err := h.Org.Documents.Documents.Count(h.As("ai_officer"), h.Org.DB); err != nil || n != 0 {
		t.Fatalf("%d documents, %v", n, err)
	}
	p = c.Post("/duties/documents/import", "list", "Einkauf;Ordner 1;Richtlinie;ja\nZugänge;Ordner 2;Prozess\n")
	if p.Status != http.StatusOK || !p.Doc.Has("button[name=do][value=import]") {
		t.Fatalf("%d", p.Status)
	}
	p.Shows(t, "Einkauf", "2 Dokumente übernehmen")
	if p = c.Post("/duties/documents/import", "list", "Einkauf;Ordner 1;Richtlinie;ja\nZugänge;Ordner 2;Prozess\n", "do", "import"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	c.Get("/duties/documents").Shows(t, "1 von 2 Dokumenten angesehen", "Zugänge")
}

// 000-44: an own template comes in as a file, its places become fields, what
// stays empty is named, and the document is taken away.
func TestOwnTemplate(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, v := range map[string]string{"name": "Bestellung", "purpose": "KI-Beauftragte bestellen", "clauses": "42001 A.3.2"} {
		h.Must(w.WriteField(name, v))
	}
	f, err := w.CreateFormFile("file", "bestellung.md")
	h.Must(err)
	_, err = f.Write([]byte("# Bestellung\r\n\r\n{{Firma}} bestellt {{Name}}.\r\n"))
	h.Must(err)
	h.Must(w.Close())
	r := httptest.NewRequest(http.MethodPost, "/werk/duties/templates/new", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	for _, cookie := range c.Cookies {
		r.AddCookie(cookie)
	}
	rec := httptest.NewRecorder()
	h.Pages.ServeHTTP(rec, r)
	if rec.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	one, _, _ := strings.Cut(strings.TrimPrefix(rec.Header().Get("Location"), "/werk"), "?")
	c.Get(one).Shows(t, "Bestellung", "Firma", "Name", "42001 A.3.2")
	p := c.Post(one, "place.0", "Metallbau Muster")
	p.Shows(t, "Metallbau Muster bestellt [Name].", "1 Stelle ist noch leer")
	if got := p.Doc.One("#missing").Text(); got != "Name" {
		t.Errorf("missing: %q", got)
	}
	p = c.Post(one, "place.0", "Metallbau Muster", "place.1", "Sabine Keller", "as", "file")
	if p.Header.Get("Content-Disposition") != `attachment; filename="Bestellung.md"` || p.Body != "# Bestellung\n\nMetallbau Muster bestellt Sabine Keller.\n" {
		t.Errorf("%q %q", p.Header.Get("Content-Disposition"), p.Body)
	}
	if p := c.Post(one+"/edit", "revision", "1", "name", "Bestellung", "body", "{{offen"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a broken place: %d", p.Status)
	}
	if p := c.Post(one+"/delete", "revision", "1"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
}

// 000-44: every shipped template opens, fills in both languages and names what is
// missing.
func TestShippedTemplates(t *testing.T) {
	h := house(t)
	c := h.Client("director")
	all := h.Org.Library().Templates()
	if len(all) == 0 {
		t.Fatal("no pack brings templates")
	}
	c.Get("/duties/templates").Shows(t, all[0].Title.DE, "Noch keine eigene Vorlage")
	for _, tpl := range all {
		for _, l := range []text.Lang{text.DE, text.EN} {
			p := c.In(l).Post("/duties/templates/" + tpl.ID)
			p.Shows(t, tpl.Title.In(l))
			if p.Status != http.StatusOK || len(p.Doc.All("#missing li")) != len(tpl.Placeholders) && len(tpl.Placeholders) > 0 {
				t.Errorf("%s %s: %d", tpl.ID, l, p.Status)
			}
		}
	}
}

// Who may not write is not offered it and is refused; a worker sees nothing.
func TestRoles(t *testing.T) {
	h := house(t)
	o := linked(t, h, document.Document{Name: "Einkauf", Place: "Ordner 1"})
	auditor := h.Client("auditor")
	if p := auditor.Get("/duties/documents"); p.Doc.Has("a[href=/werk/duties/documents/new]") {
		t.Error("an auditor is offered to write")
	}
	if p := auditor.Get("/duties/documents/" + o.ID); p.Status != http.StatusOK || p.Doc.Has("form.form") {
		t.Errorf("%d", p.Status)
	}
	for _, path := range []string{"/duties/documents/new", "/duties/documents/" + o.ID, "/duties/documents/import", "/duties/templates/new"} {
		if p := auditor.Post(path, "name", "X", "place", "Y", "revision", "1", "list", "A;B", "body", "x"); p.Status != http.StatusForbidden {
			t.Errorf("auditor posts %s: %d", path, p.Status)
		}
	}
	worker := h.Client("worker")
	for _, path := range []string{"/duties/documents", "/duties/documents/" + o.ID, "/duties/templates"} {
		if p := worker.Get(path); p.Status != http.StatusForbidden {
			t.Errorf("worker reads %s: %d", path, p.Status)
		}
	}
}

// Pages cost at most five queries beyond the frame, also with many documents.
func TestQueries(t *testing.T) {
	h := house(t)
	sys := h.System("Fräslinie", nil)
	var docs []document.Document
	for i := range 120 {
		docs = append(docs, document.Document{Name: "Dokument " + string(rune('A'+i%26)), Place: "Ordner", Systems: []string{sys.ID}, Owner: h.People["ai_officer"].ID, Clauses: []string{"aia.art26.2"}})
	}
	_, err := h.Org.Documents.Import(h.As("ai_officer"), docs)
	h.Must(err)
	o := linked(t, h, docs[0])
	c := h.Client("ai_officer")
	c.Get("/plain")
	base := c.Get("/plain").Queries
	for _, path := range []string{"/duties/documents", "/duties/documents/" + o.ID, "/duties/documents/" + o.ID + "/edit", "/duties/documents/new", "/duties/templates"} {
		if p := c.Get(path); p.Status != 200 || p.Queries-base > 5 {
			t.Errorf("%s: %d, %d queries", path, p.Status, p.Queries-base)
		}
		if p := c.In(text.EN).Get(path); p.Status != 200 || p.Doc != nil && !strings.Contains(p.Doc.Text(), "Duties") {
			t.Errorf("%s in English: %d", path, p.Status)
		}
		c.In(text.DE)
	}
}

// In a real browser every page passes axe and does not scroll sideways.
func TestInBrowser(t *testing.T) {
	h := house(t)
	o := linked(t, h, document.Document{Name: "Beschwerdeverfahren", Place: "https://intra.example/qm/beschwerden/verfahren-2026-fassung-7.pdf", Sort: document.Process, Relevant: document.Yes, Reason: "Auch Beschwerden über KI.", Schemes: []document.Scheme{"quality"}, Clauses: []string{"aia.art26.2"}})
	tpl, err := h.Org.Documents.PutTemplate(h.As("ai_officer"), "", 0, document.OwnTemplate{Name: "Bestellung", Body: "{{Firma}} bestellt {{Name}}."})
	h.Must(err)
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	for i, path := range []string{"/duties/documents", "/duties/documents/" + o.ID, "/duties/documents/" + o.ID + "/edit", "/duties/documents/import", "/duties/templates", "/duties/templates/" + tpl.ID, "/duties/templates/new"} {
		tab.Open(base + path)
		tab.Spoken()
		for _, width := range []int{1440, 390} {
			tab.Emulate(width, 900, map[int]webtest.Scheme{1440: webtest.Light, 390: webtest.Dark}[width])
			tab.Axe()
			tab.NoSideScroll()
			if *screens != "" {
				tab.Screenshot(filepath.Join(*screens, fmt.Sprintf("documents-%d-%d.png", i, width)))
			}
		}
		tab.Quiet()
	}
	tab.NoScript(true)
	tab.Open(base + "/duties/templates/" + tpl.ID)
	tab.Fill("#fill-0", "Muster")
	tab.Submit("#fill button.main")
	tab.WaitText("#made", "Muster bestellt [Name].")
}
