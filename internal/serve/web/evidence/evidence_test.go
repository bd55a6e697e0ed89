package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{duties.Texts, evidence.Texts, objects.Texts, proof.Texts}, duties.Routes(), evidence.Routes(), proof.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, evidence.Texts, objects.Texts) }

// upload posts a form with a file, as a browser does.
func upload(t *testing.T, h *showtest.House, c *showtest.Client, path, name string, data []byte, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Must(m.WriteField(pairs[i], pairs[i+1]))
	}
	w, err := m.CreateFormFile("file", name)
	h.Must(err)
	_, err = w.Write(data)
	h.Must(err)
	h.Must(m.Close())
	r := httptest.NewRequest(http.MethodPost, h.Site.Base+path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	for _, cookie := range c.Cookies {
		r.AddCookie(cookie)
	}
	out := httptest.NewRecorder()
	h.Pages.ServeHTTP(out, r)
	return out
}

func one(t *testing.T, h *showtest.House) store.Object[control.Evidence] {
	t.Helper()
	all, err := h.Org.Controls.Evidence(h.As("ai_officer"), h.Org.DB)
	h.Must(err)
	if len(all) != 1 {
		t.Fatalf("%d evidence objects", len(all))
	}
	return all[0]
}

// 001-36: a file goes into the vault under its SHA-256, the object has type,
// date, expiry and owner, the file comes back as it was, and is unreadable once
// the last object with it is deleted.
func TestFile(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	data := []byte("Protokoll der Schulung vom 4. Mai")
	w := upload(t, h, c, "/proof/objects/new", `C:\Ablage\Schulung.txt`, data, "name", "Schulung im Mai", "type", "protocol", "date", "2026-05-04", "expires", "2027-05-04",
		"owner", h.People["ai_officer"].ID, "clauses", "42001 7.2\nKI-VO Art. 4(1)")
	if w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	o := one(t, h)
	sum := sha256.Sum256(data)
	if o.Doc.Hash != hex.EncodeToString(sum[:]) || o.Doc.Blob == "" || o.Doc.Link != "Schulung.txt" || strings.Join(o.Doc.Clauses, " ") != "iso42001.7.2 aia.art4.1" || o.Doc.Expires.Year() != 2027 {
		t.Errorf("%+v", o.Doc)
	}
	p := c.Get("/proof/objects/" + o.ID)
	p.Shows(t, o.Doc.Hash, "Zählt bis 04.05.2027.", "42001 7.2 Kompetenz", "dafür abgelegt", "Sabine Keller")
	if p = c.Get("/proof/objects/" + o.ID + "/file"); p.Body != string(data) || !strings.Contains(p.Header.Get("Content-Disposition"), "Schulung.txt") || p.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%d %q %v", p.Status, p.Body, p.Header)
	}
	// A second object with the same file keeps it readable.
	if w = upload(t, h, c, "/proof/objects/new", "kopie.txt", data, "name", "Kopie", "type", "record", "date", "2026-05-04"); w.Code != 303 {
		t.Fatal(w.Code)
	}
	if p = c.Post("/proof/objects/"+o.ID+"/delete", "revision", "1"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	copied := one(t, h)
	if p = c.Get("/proof/objects/" + copied.ID + "/file"); p.Body != string(data) {
		t.Errorf("the copy is gone: %d", p.Status)
	}
	c.Get("/proof/objects/"+copied.ID+"/delete").Shows(t, "Die Datei im Tresor wird unlesbar")
	if p = c.Post("/proof/objects/"+copied.ID+"/delete", "revision", "1"); p.Status != 303 {
		t.Fatal(p.Status)
	}
	if _, err := h.Org.Vault.Get(t.Context(), copied.Doc.Blob); !problem.Is(err, problem.NotFound) {
		t.Errorf("the file of deleted evidence is still readable: %v", err)
	}
	// The same file may be filed again.
	if w = upload(t, h, c, "/proof/objects/new", "neu.txt", data, "name", "Neu", "type", "record", "date", "2026-05-04"); w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if p = c.Get("/proof/objects/" + one(t, h).ID + "/file"); p.Body != string(data) {
		t.Errorf("filed again: %d", p.Status)
	}
}

// Wrong input is named, and nothing of it is lost; without a file a place is
// enough.
func TestWrongInput(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Post("/proof/objects/new", "name", "Schulung", "type", "protocol", "date", "2026-05-04", "expires", "2026-05-01", "clauses", "42001 7.2\nArt. 999 Quatsch")
	p.Shows(t, "Diese Fundstelle steht in keinem Paket", "Art. 999 Quatsch")
	if p.Status != 422 || !p.Doc.Has("input[name=name][value=Schulung]") {
		t.Errorf("%d: the form lost what was typed", p.Status)
	}
	p = c.Post("/proof/objects/new", "name", "Schulung", "type", "protocol", "date", "2026-05-04", "expires", "2026-05-01", "clauses", "42001 7.2")
	p.Shows(t, "Wo liegt der Nachweis?", "Der Ablauf liegt nach dem Datum.")
	if p = c.Post("/proof/objects/new", "name", "Schulung", "type", "protocol", "date", "gestern", "link", "Ordner 7"); p.Status != 422 {
		t.Errorf("no day: %d", p.Status)
	}
	if p = c.Post("/proof/objects/new", "name", "Schulung", "type", "protocol", "date", "2026-05-04", "link", "Ordner 7", "back", "https://evil.example/"); p.Location != "/werk/proof/objects/"+one(t, h).ID+"?said=evidence.filed" {
		t.Errorf("sent to %s", p.Location)
	}
	if p = c.Get("/proof/objects/" + one(t, h).ID + "/file"); p.Status != 404 {
		t.Errorf("a file that nobody filed: %d", p.Status)
	}
}

// A change keeps what the form does not ask, a stale one is refused with both
// states kept.
func TestEdit(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	upload(t, h, c, "/proof/objects/new", "plan.txt", []byte("Plan"), "name", "Plan", "type", "diagram", "date", "2026-05-04", "clauses", "zta.05")
	o := one(t, h)
	c.Get("/proof/objects/"+o.ID+"/edit").Shows(t, "ZTA-05", "Im Tresor liegt schon eine Datei")
	if p := c.Post("/proof/objects/"+o.ID+"/edit", "revision", "1", "name", "Zonenplan", "type", "diagram", "date", "2026-05-04", "link", "plan.txt", "clauses", "ZTA-05\nZTA-02"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	now := one(t, h)
	if now.Doc.Blob != o.Doc.Blob || now.Doc.Hash != o.Doc.Hash || now.Doc.Name != "Zonenplan" || len(now.Doc.Clauses) != 2 {
		t.Errorf("%+v", now.Doc)
	}
	if p := c.Post("/proof/objects/"+o.ID+"/edit", "revision", "1", "name", "Anders", "type", "diagram", "date", "2026-05-04", "link", "plan.txt"); p.Status != 409 || !p.Doc.Has("input[name=name][value=Anders]") {
		t.Errorf("a stale change: %d", p.Status)
	}
	// A new file takes the place of the one before, which becomes unreadable.
	if w := upload(t, h, c, "/proof/objects/"+o.ID+"/edit", "plan2.txt", []byte("Plan 2"), "revision", "2", "name", "Zonenplan", "type", "diagram", "date", "2026-05-04", "link", "plan.txt"); w.Code != 303 {
		t.Fatal(w.Code)
	}
	if p := c.Get("/proof/objects/" + o.ID + "/file"); p.Body != "Plan 2" {
		t.Errorf("%d %q", p.Status, p.Body)
	}
	if _, err := h.Org.Vault.Get(t.Context(), o.Doc.Blob); !problem.Is(err, problem.NotFound) {
		t.Errorf("the old file is still readable: %v", err)
	}
}

// The list warns before and after the expiry, counts what still counts, shows
// the rate of reuse with both its numbers, and takes five queries at most
// (000-50).
func TestList(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/proof/objects").Shows(t, "Noch kein Nachweis abgelegt")
	ctx := h.As("ai_officer")
	day := showtest.Start
	docs := []control.Evidence{
		{Name: "Alt", Type: "document", Date: day.AddDate(-2, 0, 0), Expires: day.AddDate(0, 0, -3), Link: "x", Clauses: []string{"iso42001.5.2"}},
		{Name: "Bald", Type: "protocol", Date: day.AddDate(-1, 0, 0), Expires: day.AddDate(0, 0, 10), Link: "x", Clauses: []string{"iso42001.7.2", "iso42001.7.3"}},
		{Name: "Lange", Type: "record", Date: day.AddDate(-1, 0, 0), Link: "x", Clauses: []string{"iso42001.9.2"}},
	}
	for i := range 60 {
		docs = append(docs, control.Evidence{Name: fmt.Sprintf("Aufzeichnung %02d", i), Type: "log", Date: day.AddDate(0, -1, 0), Expires: day.AddDate(1, 0, i), Link: "x"})
	}
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Controls.Evidences.CreateMany(ctx, tx, docs)
		return err
	}))
	c.Get("/frame")
	base := c.Get("/frame").Queries
	p := c.Get("/proof/objects")
	if n := p.Queries - base; n > 5 {
		t.Errorf("%d queries", n)
	}
	p.Shows(t, "1 Nachweis ist abgelaufen und zählt nicht mehr.", "62 von 63", "Anforderungen je Nachweis", "durch 62 Nachweise", "50 von 63")
	rows := p.Doc.All("#evidence tbody tr")
	if len(rows) != 50 || !strings.Contains(rows[0].Text(), "Alt") || !strings.Contains(rows[0].Text(), "abgelaufen") || !strings.Contains(rows[1].Text(), "läuft bald ab") {
		t.Errorf("%d rows: %s", len(rows), rows[0].Text())
	}
	if p = c.Get("/proof/objects?from=50"); len(p.Doc.All("#evidence tbody tr")) != 13 || !p.Doc.Has("a[rel=first]") {
		t.Error("the second page is wrong")
	}
	if p = c.Get("/proof/objects?state=expired"); len(p.Doc.All("#evidence tbody tr")) != 1 {
		t.Error("not narrowed to a state")
	}
	if p = c.Get("/proof/objects?q=42001+7.2"); len(p.Doc.All("#evidence tbody tr")) != 1 {
		t.Error("not found by clause")
	}
	c.In(text.EN).Get("/proof/objects?type=protocol").Shows(t, "Bald", "expires soon", "requirements per object")
}

// Who may not read evidence gets neither list nor file; who may not write gets
// no form.
func TestRoles(t *testing.T) {
	h := house(t)
	upload(t, h, h.Client("ai_officer"), "/proof/objects/new", "plan.txt", []byte("Plan"), "name", "Plan", "type", "diagram", "date", "2026-05-04")
	o := one(t, h)
	for _, role := range []string{"worker", "shift_lead", "admin"} {
		c := h.Client(role)
		for _, path := range []string{"/proof/objects", "/proof/objects/new", "/proof/objects/" + o.ID, "/proof/objects/" + o.ID + "/file", "/proof/objects.csv"} {
			if p := c.Get(path); p.Status != 403 {
				t.Errorf("%s gets %d on %s", role, p.Status, path)
			}
		}
	}
	for _, role := range []string{"auditor", "director", "council"} {
		c := h.Client(role)
		if p := c.Get("/proof/objects"); p.Status != 200 || p.Doc.Has("a[href=/werk/proof/objects/new]") {
			t.Errorf("%s: %d, or is offered to write", role, p.Status)
		}
		for _, path := range []string{"/proof/objects/new", "/proof/objects/" + o.ID + "/edit", "/proof/objects/" + o.ID + "/delete"} {
			if p := c.Post(path, "revision", "1", "name", "x"); p.Status != 403 {
				t.Errorf("%s writes %s: %d", role, path, p.Status)
			}
		}
		if p := c.Get("/proof/objects/" + o.ID + "/file"); p.Body != "Plan" {
			t.Errorf("%s: %d", role, p.Status)
		}
	}
}
