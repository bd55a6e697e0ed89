package ownpacks_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/control"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/ownpacks"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

var texts = []fs.FS{account.Texts, proof.Texts, duties.Texts, objects.Texts, ownpacks.Texts}

// house is an organisation into which a library was imported by the AI officer.
func house(t *testing.T) (*showtest.House, store.Object[catalogue.OwnPack]) {
	t.Helper()
	h := showtest.Open(t, texts, account.Routes(), proof.Routes(), duties.Routes(), ownpacks.Routes())
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "prove", "exchange", "cisoassistant", "testdata", "full.yaml"))
	h.Must(err)
	taken, err := intake.Take(h.As("ai_officer"), intake.Given{Name: "linie.yaml", Data: raw, Library: h.Org.Library(), Beside: h.Org.Catalogue, Today: showtest.Start})
	h.Must(err)
	if len(taken.Result.Errors) > 0 {
		t.Fatal(taken.Result.Errors)
	}
	o, err := h.Org.Catalogue.Add(h.As("ai_officer"), taken.Draft)
	h.Must(err)
	return h, o
}

func TestWording(t *testing.T) {
	showtest.Wording(t, ownpacks.Texts, account.Texts, proof.Texts, duties.Texts, objects.Texts)
}

// The list says what was imported, by whom, and under which copyright; the page
// of one what came of it and what only its file holds (001-05, 001-18).
func TestWhatWasImportedIsShown(t *testing.T) {
	h, o := house(t)
	c := h.Client("auditor")
	frame := c.Get("/frame").Queries
	p := c.Get("/proof/packs")
	p.Shows(t, "Linienkatalog 2026", "© 2026 Musterwerk GmbH", "Bibliothek von CISO Assistant", "linie.yaml", "Sabine Keller", "21.11.2026")
	if n := p.Queries - frame; n > 5 {
		t.Errorf("%d queries", n)
	}
	if p.Doc.Has("form") && len(p.Doc.All("#list form")) > 0 {
		t.Error("a list without anything to do has a form")
	}
	p = c.Get("/proof/packs/" + o.ID)
	p.Shows(t, "own-musterwerk-linie-2026", "Rahmenwerk zur Bewertung", "1 Risikomatrizen", "6 Fragen", o.Doc.Hash, "© 2026 Musterwerk GmbH")
	p.Hides(t, "Paket entfernen")
	if n := p.Queries - frame; n > 5 {
		t.Errorf("%d queries", n)
	}
	c.In(text.EN).Get("/proof/packs/"+o.ID).Shows(t, "Line catalogue 2026", "Copyright according to the file", "1 risk matrices")
	file := c.Get("/proof/packs/" + o.ID + "/file")
	if file.Status != 200 || !strings.Contains(file.Body, "urn:musterwerk:risk:library:linie-2026") {
		t.Errorf("the file: %d", file.Status)
	}
	if p := c.Get("/proof/packs/opk_nichts"); p.Status != 404 {
		t.Errorf("unknown: %d", p.Status)
	}
}

// Who may read and who may remove is the table of roles' to say.
func TestWhoMaySeeAndRemove(t *testing.T) {
	h, o := house(t)
	for role, want := range map[string]struct{ see, remove int }{"director": {200, 403}, "ai_officer": {200, 200}, "safety": {200, 403},
		"auditor": {200, 403}, "council": {200, 403}, "shift_lead": {403, 403}, "admin": {403, 403}, "worker": {403, 403}} {
		c := h.Client(role)
		for _, path := range []string{"/proof/packs", "/proof/packs/" + o.ID, "/proof/packs/" + o.ID + "/file"} {
			if p := c.Get(path); p.Status != want.see {
				t.Errorf("%s %s: %d, want %d", role, path, p.Status, want.see)
			}
		}
		if p := c.Get("/proof/packs/" + o.ID + "/delete"); p.Status != want.remove {
			t.Errorf("%s may ask: %d, want %d", role, p.Status, want.remove)
		}
		if role != "ai_officer" {
			if p := c.Post("/proof/packs/"+o.ID+"/delete", "revision", "1"); p.Status != 403 {
				t.Errorf("%s may remove: %d", role, p.Status)
			}
		}
	}
	if _, ok := h.Org.Library().Clause("own-musterwerk-linie-2026.1"); !ok {
		t.Error("it is gone")
	}
}

// A pack on which something rests stays, and the page names what; one on which
// nothing rests goes.
func TestRemoving(t *testing.T) {
	h, o := house(t)
	c := h.Client("ai_officer")
	ctx := h.As("ai_officer")
	var e store.Object[control.Evidence]
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		e, err = h.Org.Controls.Evidences.Create(ctx, tx, control.Evidence{Name: "Foto vom Schalter", Type: "document", Date: showtest.Start, Clauses: []string{"own-musterwerk-linie-2026.1.1"}})
		return err
	}))
	c.Get("/proof/packs/"+o.ID+"/delete").Shows(t, "11 Einträge", "Stützt sich etwas auf das Paket")
	p := c.Post("/proof/packs/"+o.ID+"/delete", "revision", "1")
	if p.Status != 409 {
		t.Errorf("in use: %d", p.Status)
	}
	p.Shows(t, "Foto vom Schalter")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error { return h.Org.Controls.Evidences.Delete(ctx, tx, e.ID, e.Revision) }))
	if p := c.Post("/proof/packs/"+o.ID+"/delete", "revision", "7"); p.Status != 409 {
		t.Errorf("another revision: %d", p.Status)
	}
	if p := c.Post("/proof/packs/"+o.ID+"/delete", "revision", "1"); p.Status != 303 {
		t.Errorf("remove: %d", p.Status)
	}
	if _, ok := h.Org.Library().Clause("own-musterwerk-linie-2026.1"); ok {
		t.Error("it is still in the library")
	}
	c.Get("/proof/packs").Shows(t, "Noch nichts eingelesen")
}

func TestPacksInBrowser(t *testing.T) {
	h, o := house(t)
	tab := browser.Tab(t)
	base := h.Serve() + "/werk"
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	for _, p := range []string{"/proof/packs", "/proof/packs/" + o.ID, "/proof/packs/" + o.ID + "/delete"} {
		tab.Open(base + p)
		tab.Emulate(1280, 900, webtest.Light)
		tab.Check()
		tab.Emulate(390, 844, webtest.Dark)
		tab.NoSideScroll()
	}
}
