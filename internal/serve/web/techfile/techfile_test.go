package techfile_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/techfile"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func TestWording(t *testing.T) { showtest.Wording(t, techfile.Texts, objects.Texts) }

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{techfile.Texts, objects.Texts, account.Texts}, techfile.Routes(), account.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

// 001-46: both documents are filled from the register, every gap leads to its
// page, and they leave as PDF and Markdown in both languages.
func TestDocumentsOfASystem(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", func(d *inventory.System) { d.Markets = []string{"de"} })
	h.Model(s.ID)
	h.Assess(s.ID, "ai_system", "minimal")
	c := h.Client("ai_officer")
	path := "/systems/" + s.ID + "/technical"
	p := c.Get(path)
	p.Shows(t, "Technische Dokumentation: Fräslinie", "Anhang IV", "Wartung der Fräslinie planen", "Modell ausfall-1, Version 1.2.0.", "Angaben zur Registrierung", "Art. 49", "von 25", "Risiken und Messung des Systems")
	if !p.Doc.Has("a[href=/werk/systems/"+s.ID+"/risks]") || !p.Doc.Has("a[href=/werk/systems/"+s.ID+"/edit]") {
		t.Error("a gap does not lead to its page")
	}
	frame := c.Get("/frame").Queries
	if n := c.Get(path).Queries - frame; n > 5 {
		t.Errorf("%d queries", n)
	}
	for name, magic := range map[string]string{"technical-documentation.pdf": "%PDF-", "technical-documentation.md": "# Technische Dokumentation: Fräslinie", "registration.pdf": "%PDF-", "registration.md": "# Angaben zur Registrierung: Fräslinie"} {
		if p := c.Get(path + "/" + name); p.Status != 200 || !strings.HasPrefix(p.Body, magic) {
			t.Errorf("%s: %d %.60q", name, p.Status, p.Body)
		}
	}
	if p := c.In(text.EN).Get(path + "/technical-documentation.md"); !strings.Contains(p.Body, "Nothing is known about this.") || !strings.Contains(p.Body, "What is missing and where it is entered") {
		t.Errorf("gaps in English: %.200s", p.Body)
	}
	all, err := h.Org.Inventory.Models.All(h.As(""), h.Org.DB, store.Query{})
	h.Must(err)
	if p := c.Get(path + "/card.md?model=" + all[0].ID); p.Status != 200 || !strings.Contains(p.Body, "AI4I 2020") {
		t.Errorf("model card: %d %.200s", p.Status, p.Body)
	}
	other := h.System("Andere", nil)
	if p := c.Get("/systems/" + other.ID + "/technical/card.md?model=" + all[0].ID); p.Status != 404 {
		t.Errorf("the card of another system's model: %d", p.Status)
	}
	for _, name := range []string{"nothing.pdf", "registration.exe", "registration"} {
		if p := c.Get(path + "/" + name); p.Status != 404 {
			t.Errorf("%s: %d", name, p.Status)
		}
	}
}

// Who may not read models does not read the documents; who may not read risks does
// not find them there.
func TestRolesOfDocuments(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	for role, want := range map[string]int{"director": 200, "auditor": 200, "council": 200, "admin": 200, "worker": 403} {
		if p := h.Client(role).Get("/systems/" + s.ID + "/technical"); p.Status != want {
			t.Errorf("%s: %d", role, p.Status)
		}
	}
	if p := h.Nobody().Get("/systems/" + s.ID + "/technical"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

// The page passes axe, wide and light, narrow and dark (criteria 32 to 34).
func TestInBrowser(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	h.Model(s.ID)
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/systems/" + s.ID + "/technical")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	for _, scheme := range []webtest.Scheme{webtest.Light, webtest.Dark} {
		width := 1440
		if scheme == webtest.Dark {
			width = 390
		}
		tab.Emulate(width, 900, scheme)
		tab.Open(base + "/systems/" + s.ID + "/technical")
		tab.Axe()
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
	}
	tab.Quiet()
}
