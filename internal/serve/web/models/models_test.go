package models

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	t.Helper()
	plain := []page.Route{{Method: http.MethodGet, Path: "/plain", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, ui.Tag("x"))
	}}}
	return showtest.Open(t, []fs.FS{Texts}, Routes(), plain)
}

func only(h *showtest.House, system string) store.Object[inventory.Model] {
	h.T.Helper()
	p, err := h.Org.Inventory.Models.List(h.As(""), h.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}})
	h.Must(err)
	if len(p.Items) != 1 {
		h.T.Fatalf("%d models", len(p.Items))
	}
	return p.Items[0]
}

func fill() url.Values {
	return url.Values{"name": {"kamera-2"}, "version": {"2.0"}, "hash": {"SHA256:" + strings.Repeat("ab", 32)}, "endpoint": {"http://127.0.0.1:9000"},
		"card.purpose": {"Fehler erkennen"}, "card.data": {"Eigene Bilder, 2025"}, "card.limits": {"Nur bei Tageslicht"},
		"card.metrics": {"AUC; 0,97; Testteil\r\nRückruf; 0,91"}}
}

func TestNewModel(t *testing.T) {
	h := house(t)
	s := h.System("Kameraprüfung", nil)
	c := h.Client("ai_officer")
	path := "/systems/" + s.ID + "/models/new"
	c.Get(path).Shows(t, "Modell eintragen", "Prüfsumme")
	if p := c.PostForm(path, fill()); p.Location != "/werk/systems/"+s.ID+"?said=models.created" {
		t.Fatalf("%d %s", p.Status, p.Body)
	}
	m := only(h, s.ID)
	if len(m.Doc.Card.Metrics) != 2 || m.Doc.Card.Metrics[0] != (inventory.Metric{Name: "AUC", Value: 0.97, On: "Testteil"}) || !m.Doc.Card.Complete() {
		t.Errorf("stored %+v", m.Doc)
	}
	if !strings.HasPrefix(m.Doc.Hash, "sha256:ab") {
		t.Errorf("hash %q", m.Doc.Hash)
	}
	c.Get("/systems/"+s.ID+"/models/"+m.ID).Shows(t, "kamera-2 2.0", "Nur bei Tageslicht", "0,97", "vollständig", "Noch keine Merkmale")
	// The name belongs to one model.
	if p := c.PostForm(path, fill()); p.Status != 422 || !p.Doc.Has("#model-name-error") {
		t.Errorf("the name again: %d", p.Status)
	}
}

func TestWrongInput(t *testing.T) {
	h := house(t)
	s := h.System("Kameraprüfung", nil)
	c := h.Client("ai_officer")
	in := fill()
	in.Set("name", "Großer Name")
	in.Set("version", "")
	in.Set("hash", "md5:1")
	in.Set("endpoint", "http://user:secret@host/")
	in.Set("card.metrics", "AUC 0,97")
	p := c.PostForm("/systems/"+s.ID+"/models/new", in)
	for _, f := range []string{"name", "version", "hash", "endpoint", "card-metrics"} {
		if !p.Doc.Has("#model-" + f + "-error") {
			t.Errorf("%s is not named (%d)", f, p.Status)
		}
	}
	if got := p.Doc.One("textarea[name=card.limits]").Text(); got != "Nur bei Tageslicht" {
		t.Errorf("typed text is lost: %q", got)
	}
	if p := c.PostForm("/systems/sys_0/models/new", fill()); p.Status != 404 && p.Status != 422 {
		t.Errorf("a system that does not exist: %d", p.Status)
	}
}

// A new version takes the permit off until it is approved anew; an unchanged
// form changes nothing.
func TestNewVersion(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	m := only(h, s.ID)
	c := h.Client("ai_officer")
	path := "/systems/" + s.ID + "/models/" + m.ID
	p := c.Get(path + "/edit")
	p.Shows(t, "Eine Änderung lässt sie ruhen")
	for _, l := range showtest.Langs {
		in := values(ui.Ctx{Lang: l, Texts: h.Site.Texts}, m.Doc)
		in.Set("revision", "1")
		if p := c.In(l).PostForm(path+"/edit", in); p.Status != http.StatusSeeOther {
			t.Fatalf("%d", p.Status)
		}
	}
	if only(h, s.ID).Revision != 1 {
		t.Error("saving without a change made a revision")
	}
	c.In(text.DE)
	in := values(ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}, m.Doc)
	in.Set("revision", "1")
	in.Set("version", "1.3.0")
	if p := c.PostForm(path+"/edit", in); p.Location != "/werk"+path+"?said=models.changed" {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	if have, _ := h.Org.Point.Permit(s.ID); have.State != "suspended" {
		t.Errorf("the permit is %s", have.State)
	}
	// Somebody else saved meanwhile: both versions are shown.
	in.Set("version", "1.4.0")
	p = c.PostForm(path+"/edit", in)
	if p.Status != http.StatusConflict {
		t.Fatalf("an old revision: %d", p.Status)
	}
	p.Shows(t, "Inzwischen hat jemand anderes gespeichert", "1.3.0", "1.4.0")
	if p.Doc.One("input[name=revision]").Attrs["value"] != "2" || p.Doc.One("input[name=version]").Attrs["value"] != "1.4.0" {
		t.Error("saving again would not work")
	}
}

func TestRoles(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	other := h.System("Büroassistent", nil)
	m := only(h, s.ID)
	path := "/systems/" + s.ID + "/models/" + m.ID
	in := fill()
	in.Set("revision", "1")
	for _, role := range []string{"director", "safety", "shift_lead", "council", "auditor", "admin"} {
		c := h.Client(role)
		p := c.Get(path)
		if p.Status != 200 || p.Doc.Has("a[href=/werk"+path+"/edit]") {
			t.Errorf("%s: %d, or it sees the form", role, p.Status)
		}
		for _, refused := range []showtest.Page{c.Get(path + "/edit"), c.Get("/systems/" + s.ID + "/models/new"), c.PostForm(path+"/edit", in), c.PostForm("/systems/"+s.ID+"/models/new", in)} {
			if refused.Status != http.StatusForbidden {
				t.Errorf("%s is not refused: %d", role, refused.Status)
			}
		}
	}
	if p := h.Client("worker").Get(path); p.Status != http.StatusForbidden {
		t.Errorf("a worker reads models: %d", p.Status)
	}
	if p := h.Client("ai_officer").Get("/systems/" + other.ID + "/models/" + m.ID); p.Status != http.StatusNotFound {
		t.Errorf("a model of another system: %d", p.Status)
	}
	c := h.Client("ai_officer")
	frame := c.Get("/plain").Queries
	if n := c.Get(path).Queries - frame; n > 5 {
		t.Errorf("%d queries", n)
	}
	for _, l := range showtest.Langs {
		for _, p := range []string{path, path + "/edit", "/systems/" + s.ID + "/models/new"} {
			if got := c.In(l).Get(p); got.Status != 200 {
				t.Errorf("%s in %s: %d", p, l, got.Status)
			}
		}
	}
}

func TestWording(t *testing.T) { showtest.Wording(t, Texts) }
