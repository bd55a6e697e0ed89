package objects_test

import (
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// house opens an organisation with pages of several kinds: two that have such
// pages, and two whose declarations use everything a form must know.
func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{objects.Texts},
		objects.Routes("/benefit", "benefit", value.UseCases()),
		objects.Routes("/people/agreements", "people", voice.Agreements()),
		objects.Vendors(),
		objects.Routes("/t-systems", "systems", inventory.Systems()),
		objects.Routes("/t-models", "systems", inventory.Models()),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

// frame is what every page asks the database before its handler runs.
func frame(c *showtest.Client) int64 { return c.Get("/frame").Queries }

func useCase(t *testing.T, h *showtest.House, change func(*value.UseCase)) store.Object[value.UseCase] {
	t.Helper()
	doc := value.UseCase{Name: "Werkzeugbruch vorhersehen", Problem: text.Bi{DE: "Der Fräser bricht.", EN: "The cutter breaks."},
		Who: text.Bi{DE: "Schicht", EN: "shift"}, ExpectedHours: 410, ExpectedEuro: 23000}
	if change != nil {
		change(&doc)
	}
	var made store.Object[value.UseCase]
	h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) (err error) {
		made, err = h.Org.UseCases.Create(h.As("ai_officer"), tx, doc)
		return err
	}))
	return made
}

// area is a text area with its name and text.
var area = regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>`)

// values reads what a form on a page would send.
func values(p showtest.Page) url.Values {
	v := url.Values{}
	form := p.Doc.One("form.form")
	for _, in := range form.All("input") {
		switch in.Attrs["type"] {
		case "checkbox", "radio":
			if _, on := in.Attrs["checked"]; !on {
				continue
			}
		}
		v.Add(in.Attrs["name"], in.Attrs["value"])
	}
	for _, m := range area.FindAllStringSubmatch(p.Body, -1) {
		v.Add(m[1], html.UnescapeString(m[2]))
	}
	for _, in := range form.All("select") {
		for _, o := range in.All("option") {
			if _, on := o.Attrs["selected"]; on {
				v.Add(in.Attrs["name"], o.Attrs["value"])
			}
		}
		if !v.Has(in.Attrs["name"]) {
			v.Add(in.Attrs["name"], "")
		}
	}
	return v
}

func TestWording(t *testing.T) { showtest.Wording(t, objects.Texts) }

// Every kind that has pages speaks both languages; the fallback is for kinds to
// come.
func TestEveryKindHasLabels(t *testing.T) {
	all, err := ui.Texts(show.Texts, objects.Texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range objects.Unlabelled(all.Has, value.UseCases(), voice.Agreements(), inventory.Vendors(), identity.Workloads(), identity.Devices()) {
		t.Errorf("the catalogue lacks %s", key)
	}
	if got := objects.Unlabelled(all.Has, inventory.Models()); len(got) == 0 {
		t.Error("the test finds no missing label at all")
	}
	h := house(t)
	c := ui.Ctx{Lang: text.DE, Texts: all}
	for _, k := range h.Org.DB.Kinds() { // for the journal, which names changed fields
		for _, f := range k.Fields() {
			if key := "kind." + k.Name() + "." + f.Name; !all.Has(key) {
				t.Errorf("the catalogue lacks %s", key)
			}
		}
		if objects.One(c, k.Name()) == k.Name() {
			t.Errorf("nobody has a word for a %s", k.Name())
		}
	}
}

func TestLabelFallback(t *testing.T) {
	h := house(t)
	c := ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}
	for path, want := range map[string]string{"retain_days": "Aufbewahrung", "excluded.1.de": "Ausgeschlossene Zwecke 2 (Deutsch)", "new_field.3": "New field 4"} {
		if got := objects.Label(c, "system", path); got != want {
			t.Errorf("label of %s is %q, want %q", path, got, want)
		}
	}
	if got := objects.Label(c, "usecase", "problem.en"); got != "Problem heute (Englisch)" {
		t.Errorf("label of one side is %q", got)
	}
}

func TestList(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	for i := range 60 {
		useCase(t, h, func(u *value.UseCase) {
			u.Name = fmt.Sprintf("Fall %d", i)
			if i == 7 {
				u.System = s.ID
			}
		})
	}
	c := h.Client("ai_officer")
	c.Get("/benefit") // the session is read now
	base := frame(c)
	p := c.Get("/benefit")
	p.Shows(t, "Anwendungsfälle", "Fall 0", "50 von 60", "Nächste Messung")
	if got := p.Queries - base; got > 5 {
		t.Errorf("the list asks %d times", got)
	}
	if n := len(p.Doc.All("tbody tr")); n != 50 {
		t.Errorf("%d rows", n)
	}
	next := p.Doc.One("a[rel=next]")
	if next == nil {
		t.Fatal("no way to the next page")
	}
	second := c.Get(strings.TrimPrefix(next.Attrs["href"], "/werk"))
	if n := len(second.Doc.All("tbody tr")); n != 10 {
		t.Errorf("second page has %d rows", n)
	}
	c.Get("/benefit?q=fall+59").Shows(t, "Fall 59", "1 von 1")
	found := c.Get("/benefit?system=" + s.ID)
	found.Shows(t, "Fall 7", "Fräslinie", "1 von 1")
	c.Get("/benefit?q=gibtesnicht").Shows(t, "Nichts gefunden")
	sorted := c.Get("/benefit?sort=-title")
	if th := sorted.Doc.One("th[aria-sort=descending]"); th == nil || !strings.HasPrefix(sorted.Doc.One("tbody th").Text(), "Fall 59") {
		t.Error("the list is not sorted the other way round")
	}
	c.In(text.EN).Get("/benefit").Shows(t, "Use cases", "50 of 60")
	if got := c.Get("/benefit?cursor=unsinn"); got.Status != 422 {
		t.Errorf("a cursor that is none: %d", got.Status)
	}
}

func TestWhoMay(t *testing.T) {
	h := house(t)
	u := useCase(t, h, nil)
	valid := []string{"name", "Neu", "expected_hours", "1", "expected_euro", "0", "measured_hours", "0", "measured_euro", "0"}
	for _, tt := range []struct {
		role                         string
		list, create, update, delete bool
	}{
		{"ai_officer", true, true, true, true}, {"director", true, true, true, false}, {"shift_lead", true, true, false, false},
		{"auditor", true, false, false, false}, {"admin", false, false, false, false}, {"worker", false, false, false, false},
	} {
		c := h.Client(tt.role)
		p := c.Get("/benefit")
		if ok := p.Status == 200; ok != tt.list {
			t.Errorf("%s: list answers %d", tt.role, p.Status)
		}
		if tt.list {
			if has := p.Doc.Has("a[href=/werk/benefit/new]"); has != tt.create {
				t.Errorf("%s: the button to add is there: %v", tt.role, has)
			}
			one := c.Get("/benefit/" + u.ID)
			if has := one.Doc.Has("a[href=/werk/benefit/" + u.ID + "/edit]"); has != tt.update {
				t.Errorf("%s: the button to change is there: %v", tt.role, has)
			}
			if has := one.Doc.Has("a[href=/werk/benefit/" + u.ID + "/delete]"); has != tt.delete {
				t.Errorf("%s: the button to delete is there: %v", tt.role, has)
			}
		}
		refused := func(what string, p showtest.Page, may bool) {
			if ok := p.Status != 403; ok != may {
				t.Errorf("%s: %s answers %d", tt.role, what, p.Status)
			}
		}
		refused("create", c.Post("/benefit/new", valid...), tt.create)
		refused("new", c.Get("/benefit/new"), tt.create)
		refused("edit", c.Get("/benefit/"+u.ID+"/edit"), tt.update)
		refused("update", c.Post("/benefit/"+u.ID+"/edit", "revision", "0"), tt.update)
		refused("end", c.Get("/benefit/"+u.ID+"/delete"), tt.delete)
		refused("delete", c.Post("/benefit/"+u.ID+"/delete", "revision", "0"), tt.delete)
		refused("table", c.Get("/benefit.csv"), tt.list)
	}
	if p := h.Nobody().Get("/benefit"); p.Status != 303 || !strings.Contains(p.Location, "/signin") {
		t.Errorf("nobody: %d %s", p.Status, p.Location)
	}
}

func TestCreateShowChange(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	c := h.Client("ai_officer")
	p := c.Get("/benefit/new?system=" + s.ID)
	in := values(p)
	if in.Get("system") != s.ID {
		t.Errorf("the address chose the system, the form %q", in.Get("system"))
	}
	for k, v := range map[string]string{"name": " Rüstzeit ", "problem.de": "Zu lang", "problem.en": "Too long", "who.de": "Schicht", "who.en": "Shift",
		"expected_hours": "1.410", "expected_euro": "23000", "measured_hours": "-12", "measured_euro": "", "freed_time.de": "Einarbeitung", "freed_time.en": "Training",
		"measure_at": "2027-02-21"} {
		in.Set(k, v)
	}
	p = c.PostForm("/benefit/new", in)
	if p.Status != 303 || !strings.Contains(p.Location, "/werk/benefit/use_") {
		t.Fatalf("create: %d %s\n%s", p.Status, p.Location, p.Body)
	}
	path := strings.TrimPrefix(p.Location, "/werk")
	h.Settle()
	base := frame(c)
	p = c.Get(path)
	p.Shows(t, "Rüstzeit", "Zu lang", "1.410 Stunden", "−12 Stunden", "21.02.2027", "Fräslinie", "Eingetragen.", "Fassung 1", "Sabine Keller")
	if got := p.Queries - base; got > 5 {
		t.Errorf("the page asks %d times", got)
	}
	if !p.Doc.Has("#history .history-head a") {
		t.Error("the version does not lead to its journal entry")
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(path, "/benefit/"), "?")
	in = values(c.Get("/benefit/" + id + "/edit"))
	in.Set("expected_hours", "500")
	in.Set("system", "")
	if p = c.PostForm("/benefit/"+id+"/edit", in); p.Status != 303 {
		t.Fatalf("update: %d\n%s", p.Status, p.Body)
	}
	p = c.In(text.EN).Get("/benefit/" + id)
	p.Shows(t, "500 hours", "Version 2", "Expected time a year", "before: 1,410 hours", "now: 500 hours", "before: Fräslinie", "21 Feb 2027")
	o, err := h.Org.UseCases.Get(h.As("ai_officer"), h.Org.DB, id)
	h.Must(err)
	if o.Doc.Name != "Rüstzeit" || o.Doc.MeasuredHours != -12 || o.Doc.System != "" {
		t.Errorf("stored %+v", o.Doc)
	}
	if got := o.Doc.MeasureAt; !got.Equal(time.Date(2027, 2, 20, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("a day begins at %v", got)
	}
}

// Everything that is wrong is named by field, at once, and nothing typed is lost.
func TestWrongInput(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Post("/benefit/new", "name", "", "problem.de", "Hält an", "problem.en", "", "expected_hours", "viel", "expected_euro", "-3",
		"measured_hours", "1,5", "measured_euro", "0", "system", "sys_nie", "measure_at", "gestern")
	if p.Status != 422 {
		t.Fatalf("status %d", p.Status)
	}
	for _, name := range []string{"name", "expected_hours", "expected_euro", "measured_hours", "measure_at"} {
		if !p.Doc.Has("#f-" + name + "-error") {
			t.Errorf("%s is not named as wrong", name)
		}
		if !p.Doc.Has("a[href=#f-" + name + "]") {
			t.Errorf("the summary does not lead to %s", name)
		}
	}
	kept := values(p)
	for k, v := range map[string]string{"problem.de": "Hält an", "expected_hours": "viel", "expected_euro": "-3", "measured_hours": "1,5", "system": "sys_nie"} {
		if kept.Get(k) != v {
			t.Errorf("%s: typed %q, kept %q", k, v, kept.Get(k))
		}
	}
	p.Shows(t, "Erwartete Zeit im Jahr: Hier gehört eine ganze Zahl hin.", "Name: Diese Angabe fehlt.")
	p = c.Post("/people/agreements/new", "name", "BV")
	if p.Status != 403 {
		t.Errorf("the AI officer signs an agreement: %d", p.Status)
	}
	p = h.Client("council").Post("/people/agreements/new", "name", "BV", "excluded.de", "Leistung\nVerhalten", "excluded.en", "performance",
		"signed_at", "2026-03-01", "valid_until", "2026-02-01", "systems", "sys_nie")
	if p.Status != 422 || !p.Doc.Has("#f-valid_until-error") || !p.Doc.Has("#f-systems-error") && !strings.Contains(p.Doc.Text(), "Gilt bis: Das Ende liegt nach der Unterschrift.") {
		t.Errorf("agreement: %d\n%s", p.Status, p.Doc.Text())
	}
}

func TestConflictShowsBoth(t *testing.T) {
	h := house(t)
	u := useCase(t, h, nil)
	c := h.Client("ai_officer")
	in := values(c.Get("/benefit/" + u.ID + "/edit"))
	h.Must(h.Org.DB.Write(h.As("director"), func(tx *store.Tx) error {
		doc := u.Doc
		doc.Name = "Von der Leitung benannt"
		_, err := h.Org.UseCases.Update(h.As("director"), tx, u.ID, u.Revision, doc)
		return err
	}))
	in.Set("name", "Von mir benannt")
	p := c.PostForm("/benefit/"+u.ID+"/edit", in)
	if p.Status != 409 {
		t.Fatalf("status %d", p.Status)
	}
	p.Shows(t, "Von der Leitung benannt", "Jonas Brandt", "Gespeichert und eingegeben")
	again := values(p)
	if again.Get("name") != "Von mir benannt" || again.Get("revision") != "2" {
		t.Errorf("kept %q at revision %q", again.Get("name"), again.Get("revision"))
	}
	if rows := p.Doc.All("#differs tbody tr"); len(rows) != 1 {
		t.Errorf("%d fields differ, want only the name", len(rows))
	}
	if p = c.PostForm("/benefit/"+u.ID+"/edit", again); p.Status != 303 {
		t.Errorf("the second saving answers %d", p.Status)
	}
	for _, revision := range []string{"", "x", "99"} {
		in.Set("revision", revision)
		if p := c.PostForm("/benefit/"+u.ID+"/edit", in); p.Status != 409 {
			t.Errorf("revision %q answers %d", revision, p.Status)
		}
	}
}

func TestDelete(t *testing.T) {
	h := house(t)
	v := vendor(t, h, inventory.Vendor{Name: "Sensorik GmbH"})
	h.System("Kamera", func(s *inventory.System) { s.Vendor = v.ID })
	c := h.Client("ai_officer")
	c.Get("/vendors/"+v.ID).Shows(t, "Wird verwendet in", "Kamera")
	p := c.Post("/vendors/"+v.ID+"/delete", "revision", "1")
	if p.Status != 409 {
		t.Fatalf("what others need was deleted: %d", p.Status)
	}
	p.Shows(t, "Kamera")
	u := useCase(t, h, nil)
	c.Get("/benefit/"+u.ID+"/delete").Shows(t, "Sein Verlauf und seine Einträge im Journal bleiben.")
	if p = c.Post("/benefit/"+u.ID+"/delete", "revision", "7"); p.Status != 409 {
		t.Errorf("a wrong revision deletes: %d", p.Status)
	}
	if p = c.Post("/benefit/"+u.ID+"/delete", "revision", "1"); p.Status != 303 {
		t.Errorf("delete: %d", p.Status)
	}
	if p = c.Get("/benefit/" + u.ID); p.Status != 404 {
		t.Errorf("afterwards: %d", p.Status)
	}
	for _, path := range []string{"/benefit/use_nie", "/benefit/" + v.ID, "/benefit/use_nie/edit", "/benefit/use_nie/delete"} {
		if p := c.Get(path); p.Status != 404 {
			t.Errorf("%s answers %d", path, p.Status)
		}
	}
}

func vendor(t *testing.T, h *showtest.House, doc inventory.Vendor) store.Object[inventory.Vendor] {
	t.Helper()
	var v store.Object[inventory.Vendor]
	h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) (err error) {
		v, err = h.Org.Inventory.Vendors.Create(h.As("ai_officer"), tx, doc)
		return err
	}))
	return v
}

// A form that is sent back as it came changes nothing, whatever types the kind
// has: bilingual texts, lists of them, enumerations, references, days that are
// instants, nested objects, lists of objects.
func TestUntouchedFormChangesNothing(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", func(s *inventory.System) {
		s.Excluded = append(s.Excluded, text.Bi{DE: "Schichtplanung", EN: "shift planning"})
		s.Scope = []inventory.Scope{"production", "quality_control"}
		s.Oversee.Limits.Bias = 0.125
	})
	h.Model(s.ID)
	m, err := h.Org.Inventory.Models.List(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	c := h.Client("ai_officer")
	for _, l := range showtest.Langs {
		c.In(l)
		for _, path := range []string{"/t-systems/" + s.ID, "/t-models/" + m.Items[0].ID} {
			if p := c.PostForm(path+"/edit", values(c.Get(path+"/edit"))); p.Status != 303 {
				t.Fatalf("%s: %d\n%s", path, p.Status, p.Doc.Text())
			}
			if p := c.Get(path); !strings.Contains(p.Doc.One("#history").Text(), "1") || len(p.Doc.All("#history .history-head")) != 1 {
				t.Errorf("%s (%s): %s", path, l, p.Doc.One("#history").Text())
			}
		}
	}
}

func TestListsOfObjects(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	h.Model(s.ID)
	m, err := h.Org.Inventory.Models.List(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	path := "/t-models/" + m.Items[0].ID
	c := h.Client("ai_officer")
	in := values(c.Get(path + "/edit"))
	if !in.Has("card.metrics.1.name") {
		t.Fatalf("no empty group for another metric: %v", in)
	}
	in.Set("card.metrics.1.name", "")
	in.Set("card.metrics.2.name", "F1")
	in.Set("card.metrics.2.value", "0,8")
	in.Set("card.metrics.2.on", "Testteil")
	if p := c.PostForm(path+"/edit", in); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	got, err := h.Org.Inventory.Models.Get(h.As("ai_officer"), h.Org.DB, m.Items[0].ID)
	h.Must(err)
	if n := got.Doc.Card.Metrics; len(n) != 2 || n[1].Name != "F1" || n[1].Value != 0.8 {
		t.Errorf("metrics %+v", n)
	}
	c.Get(path).Shows(t, "F1", "0,8")
	in = values(c.Get(path + "/edit"))
	in.Set("card.metrics.0.name", "")
	in.Set("card.metrics.0.on", "")
	in.Set("card.metrics.0.value", "")
	in.Set("card.metrics.1.value", "gut")
	p := c.PostForm(path+"/edit", in)
	if p.Status != 422 || !p.Doc.Has("#f-card-metrics-0-value-error") {
		t.Errorf("the wrong value is not named where it now stands: %d %s", p.Status, p.Doc.Text())
	}
}

// Cells that spreadsheets would run as formulas are made text.
func TestTableIsNoProgram(t *testing.T) {
	h := house(t)
	useCase(t, h, func(u *value.UseCase) { u.Name, u.Problem.DE = `=HYPERLINK("http://x";"y")`, "+49 30, \"Halle\"\nzwei" })
	p := h.Client("ai_officer").Get("/benefit.csv")
	if p.Status != 200 || p.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(p.Header.Get("Content-Disposition"), `"benefit.csv"`) {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	if !strings.HasPrefix(p.Body, "\uFEFF") {
		t.Error("spreadsheets cannot tell the encoding")
	}
	for _, want := range []string{`"'=HYPERLINK(""http://x"";""y"")"`, "\"'+49 30, \"\"Halle\"\"\r\nzwei\"", "410"} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("the table lacks %s:\n%s", want, p.Body)
		}
	}
	for in, want := range map[string]string{"=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\tx": "'\tx", "a=1": "a=1", "": "", "−12": "−12", "＝1": "'＝1"} {
		if got := objects.Cell(in); got != want {
			t.Errorf("cell %q is %q, want %q", in, got, want)
		}
	}
}

// An address cannot make a form of a million groups.
func TestPositionsOfAnAddress(t *testing.T) {
	h := house(t)
	p := h.Client("ai_officer").Get("/t-models/new?card.metrics.99999999.name=F1&card.metrics.7.name=AUC")
	if p.Status != 200 || !p.Doc.Has("#f-card-metrics-1-name") || p.Doc.Has("#f-card-metrics-3-name") {
		t.Errorf("%d, %d bytes", p.Status, len(p.Body))
	}
}

func TestHistoryCanBeLong(t *testing.T) {
	h := house(t)
	u := useCase(t, h, nil)
	for i := range 14 {
		h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) (err error) {
			u.Doc.ExpectedHours = int64(i)
			u, err = h.Org.UseCases.Update(h.As("ai_officer"), tx, u.ID, u.Revision, u.Doc)
			return err
		}))
	}
	c := h.Client("auditor")
	p := c.Get("/benefit/" + u.ID)
	if n := len(p.Doc.All("#history > li")); n != 10 && len(p.Doc.All(".history-head")) != 10 {
		t.Errorf("%d versions shown at once", n)
	}
	p.Shows(t, "Alle Fassungen (15)")
	if n := len(c.Get("/benefit/" + u.ID + "?history=all").Doc.All(".history-head")); n != 15 {
		t.Errorf("%d of 15 versions", n)
	}
}
