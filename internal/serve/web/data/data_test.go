package data_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	pages "augenmass/internal/serve/web/data"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{pages.Texts, objects.Texts}, pages.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, pages.Texts, objects.Texts) }

var state = strings.Repeat("0a", 32)

func create[T any](h *showtest.House, k *store.Kind[T], doc T) store.Object[T] {
	h.T.Helper()
	var made store.Object[T]
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(ctx, tx, doc)
		return err
	}))
	return made
}

// set is a data set with steps.
func set(h *showtest.House, name string, systems []string, acts ...data.Act) store.Object[data.Dataset] {
	h.T.Helper()
	o := create(h, h.Org.Data.Datasets, data.Dataset{Name: name, Systems: systems, Jobs: []string{"Zerspanung"}})
	for i, a := range acts {
		var err error
		o, err = h.Org.Data.AddStep(h.As("ai_officer"), o.ID, o.Revision, data.Entry{Act: a, At: h.Clock.Now().AddDate(0, 0, i-len(acts)), Note: "Vermerk", Hash: state})
		h.Must(err)
	}
	return o
}

// queries holds a page to five queries beside those of the frame.
func queries(t *testing.T, c *showtest.Client, p showtest.Page) {
	t.Helper()
	if n := p.Queries - c.Get("/frame").Queries; n > 5 {
		t.Errorf("%d queries", n)
	}
}

// 000-32 on the pages: a data set is entered, its four steps are signed one by one,
// and its page shows them with the proof of deletion.
func TestStepsOnThePages(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	made := c.Post("/systems/data/sets/new", "name", "Sensordaten 2025", "personal", "no", "source", "Steuerung")
	if made.Status != 303 {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	at := strings.Split(strings.TrimPrefix(made.Location, "/werk"), "?")[0]
	c.Get(at).Shows(t, "Sensordaten 2025", "noch kein Schritt", "Schritt festhalten")
	form := c.Get(at + "/step")
	form.Shows(t, "Beschaffung", "Säuberung", "Schutz", "Löschung", "Prüfsumme")
	queries(t, c, form)
	revision := "1"
	for i, a := range []string{"acquire", "clean", "protect", "delete"} {
		p := c.Post(at+"/step", "act", a, "at", "2026-11-2"+string(rune('0'+i/3)), "by", h.People["ai_officer"].ID, "hash", state, "note", "Protokoll 4711", "revision", revision)
		if p.Status != 303 {
			t.Fatalf("%s: %d %s", a, p.Status, p.Doc.Text())
		}
		revision = string(rune('2' + i))
	}
	done := c.Get(at)
	done.Shows(t, "Kette hält", "4 von 4 Arten", "Sabine Keller", "Protokoll 4711", state[:16])
	if done.Doc.Has("a[href=/werk" + at + "/step]") {
		t.Error("after deletion another step is offered")
	}
	queries(t, c, done)
	refused := c.Post(at+"/step", "act", "clean", "at", "2026-11-21", "hash", state, "revision", "5")
	if refused.Status != 422 {
		t.Errorf("%d", refused.Status)
	}
	refused.Shows(t, "Nach der Löschung gibt es keinen weiteren Schritt")
	c.In(text.EN).Get(at).Shows(t, "chain holds", "Deletion")
}

// 001-23 on the pages: the button verifies; a manipulated step is named.
func TestVerifyOnThePages(t *testing.T) {
	h := house(t)
	o := set(h, "Sensordaten", nil, data.Acquire, data.Clean)
	c := h.Client("auditor")
	c.Get("/systems/data/sets/"+o.ID+"/verify").Shows(t, "Die Kette hält", "Geprüfte Schritte: 2")
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o.Doc.Steps[1].Note = "geändert"
		_, err := h.Org.Data.Datasets.Update(ctx, tx, o.ID, o.Revision, o.Doc)
		return err
	}))
	p := c.Get("/systems/data/sets/" + o.ID + "/verify")
	p.Shows(t, "Bruch in Schritt 2", "Vermerk")
	queries(t, c, p)
	c.Get("/systems/data/sets/"+o.ID).Shows(t, "Bruch in Schritt 2")
	if p := c.Get("/systems/data/sets/dts_none/verify"); p.Status != 404 {
		t.Errorf("of nothing: %d", p.Status)
	}
}

// 003-57 on the pages: the map is drawn, what is unknown is visible and counted.
func TestFlowMap(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/systems/data/flows").Shows(t, "Kein Datenfluss eingetragen")
	for _, pairs := range [][]string{
		{"from", "Fräse 4", "to", "Cloud des Anbieters", "what", "Messwerte", "place", "Rechenzentrum", "country", "Irland", "access", "Anbieter"},
		{"from", "Cloud des Anbieters", "to", "Fräse 4", "what", "Vorhersagen"},
		{"from", "Cloud des Anbieters", "to", "Unterauftragnehmer", "what", "Protokolle"},
	} {
		if p := c.Post("/systems/data/flows/new", pairs...); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Body)
		}
	}
	p := c.Get("/systems/data/flows")
	p.Shows(t, "6 von 9 Angaben unbekannt", "Irland", "unbekannt", "Fräse 4 → Cloud des Anbieters")
	queries(t, c, p)
	svg := p.Doc.One("#map svg")
	if svg == nil || len(svg.All("rect")) != 3 {
		t.Fatal("no map")
	}
	dashed := 0
	for _, a := range svg.All("path") {
		if a.Attrs["stroke-dasharray"] == "5 4" {
			dashed++
		}
	}
	if dashed != 2 || !strings.Contains(svg.Attrs["aria-label"], "Unterauftragnehmer") {
		t.Errorf("%d dashed arrows, %s", dashed, svg.Attrs["aria-label"])
	}
}

// 000-30 on the pages: an acceptance begins with the list, takes values in the
// reader's form and says what is met.
func TestAcceptanceOnThePages(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	sys := h.System("Fräse", nil)
	m := create(h, h.Org.Inventory.Models, inventory.Model{System: sys.ID, Name: "ausfall", Version: "1.0.0"})
	c.Get("/systems/data/checks/new?model="+m.ID).Shows(t, "ausfall 1.0.0")
	if p := c.Post("/systems/data/checks/new", "model", ""); p.Status != 422 {
		t.Errorf("no model: %d", p.Status)
	}
	made := c.Post("/systems/data/checks/new", "model", m.ID)
	if made.Status != 303 {
		t.Fatalf("%d %s", made.Status, made.Body)
	}
	at := strings.TrimSuffix(strings.TrimPrefix(made.Location, "/werk"), "/edit")
	edit := c.Get(at + "/edit")
	edit.Shows(t, "Herkunft der Trainingsdaten", "Abnahmewert (mindestens)")
	queries(t, c, edit)
	items, err := data.Template()
	h.Must(err)
	pairs := []string{"revision", "1", "at", "2026-11-21", "own", "Notlauf geprüft"}
	for i, it := range items {
		if it.Op == data.IsDone {
			pairs = append(pairs, field(i, "measured"), "1")
			continue
		}
		pairs = append(pairs, field(i, "accept"), "95,5", field(i, "measured"), "95,5")
	}
	if p := c.Post(at+"/edit", pairs...); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	shown := c.Get(at)
	shown.Shows(t, "12 von 13 Punkten erfüllt", "mindestens 95,5 %", "Notlauf geprüft", "offen", "Art. 10")
	c.Get("/systems/"+sys.ID+"/data").Shows(t, "ausfall", "12 von 13 Punkten erfüllt")
	bad := c.Post(at+"/edit", "revision", "2", field(3, "measured"), "viel")
	if bad.Status != 422 {
		t.Errorf("%d", bad.Status)
	}
	bad.Shows(t, "Bitte eine Zahl angeben")
}

func field(i int, of string) string { return fmt.Sprintf("items.%d.%s", i, of) }

// 002-64 on the pages: the overview counts and lists the data for each job; a
// system's page has its own.
func TestOverviewAndSystem(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/systems/data").Shows(t, "0 von 0", "Noch keine Daten eingetragen")
	sys := h.System("Fräse", nil)
	set(h, "Sensordaten", []string{sys.ID}, data.Acquire)
	late := create(h, h.Org.Data.Datasets, data.Dataset{Name: "Altdaten", DeleteBy: h.Clock.Now().AddDate(0, 0, -3)})
	p := c.Get("/systems/data")
	p.Shows(t, "1 von 2", "Zerspanung", "Sensordaten", "ohne Angabe", late.Doc.Name, "überfällig seit")
	queries(t, c, p)
	s := c.Get("/systems/" + sys.ID + "/data")
	s.Shows(t, "Sensordaten", "Kette hält", "Kein Modell eingetragen", "Kein Datenfluss eingetragen")
	s.Hides(t, "Altdaten")
	queries(t, c, s)
	c.Get("/systems/data/sets").Shows(t, "Sensordaten", "Altdaten")
}

// Who may only read sees no forms; who may not read sees nothing.
func TestRoles(t *testing.T) {
	h := house(t)
	o := set(h, "Sensordaten", nil, data.Acquire)
	for _, role := range []string{"auditor", "director", "council", "worker"} {
		c := h.Client(role)
		for _, path := range []string{"/systems/data/sets/new", "/systems/data/sets/" + o.ID + "/step", "/systems/data/checks/new"} {
			if p := c.Get(path); p.Status != 403 {
				t.Errorf("%s gets %s: %d", role, path, p.Status)
			}
		}
		if p := c.Post("/systems/data/sets/"+o.ID+"/step", "act", "clean", "at", "2026-11-21", "hash", state, "revision", "2"); p.Status != 403 {
			t.Errorf("%s adds a step: %d", role, p.Status)
		}
		if p := c.Post("/systems/data/checks/new", "model", "x"); p.Status != 403 {
			t.Errorf("%s begins an acceptance: %d", role, p.Status)
		}
		want := 200
		if role == "worker" {
			want = 403
		}
		for _, path := range []string{"/systems/data", "/systems/data/flows", "/systems/data/sets/" + o.ID, "/systems/data/sets/" + o.ID + "/verify"} {
			if p := c.Get(path); p.Status != want {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
	}
}
