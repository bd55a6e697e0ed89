package life_test

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/life"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"

	lifes "augenmass/internal/govern/life"
)

var browser webtest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{life.Texts, duties.Texts, objects.Texts}, life.Routes())
}

func TestWording(t *testing.T) { showtest.Wording(t, life.Texts, duties.Texts, objects.Texts) }

func step(h *showtest.House, c *showtest.Client, id, to string) showtest.Page {
	h.T.Helper()
	o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, id)
	h.Must(err)
	return c.Post("/systems/"+id+"/life", "to", to, "revision", strconv.FormatInt(o.Revision, 10))
}

// 000-03, 000-11: the page says what the next stage asks for, with the way there;
// a step that misses something is refused with it, and taken when it is there.
func TestLifePage(t *testing.T) {
	h := house(t)
	s := h.System("Kameraprüfung", func(d *inventory.System) { d.LifeCycle, d.RiskOwner = inventory.Idea, "" })
	c := h.Client("ai_officer")
	path := "/systems/" + s.ID + "/life"
	p := c.Get(path)
	p.Shows(t, "Was „Erprobung“ voraussetzt", "In die Erprobung nehmen", "fehlt", "erfüllt", "Eine Person verantwortet das Risiko.")
	if !p.Doc.Has("#asked a[href=/werk/systems/" + s.ID + "/classify]") {
		t.Error("no way to what is missing")
	}
	if p = step(h, c, s.ID, "trial"); p.Status != 409 {
		t.Fatalf("the gate lets it pass: %d", p.Status)
	}
	p.Shows(t, "kann noch nicht in die Stufe „Erprobung“", "Eine Einstufung ist gespeichert.")
	if p = step(h, c, s.ID, "operation"); p.Status != 422 {
		t.Errorf("a step is skipped: %d", p.Status)
	}
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(ctx, tx, s.ID)
		o.Doc.RiskOwner = h.People["shift_lead"].ID
		if err == nil {
			_, err = h.Org.Inventory.Systems.Update(ctx, tx, o.ID, o.Revision, o.Doc)
		}
		return err
	}))
	h.Assess(s.ID, "ai_system", "minimal")
	if p = step(h, c, s.ID, "trial"); p.Location != "/werk"+path+"?said=life.step" {
		t.Fatalf("trial: %d %s", p.Status, p.Location)
	}
	if p = c.Post(path, "to", "operation", "revision", "1"); p.Status != 409 {
		t.Errorf("an old revision: %d", p.Status)
	}
	if p = step(h, c, s.ID, "operation"); p.Status != 303 {
		t.Errorf("operation: %d %s", p.Status, p.Doc.Text())
	}
	if p = step(h, c, s.ID, "retired"); p.Location != "/werk/systems/"+s.ID+"/retire" {
		t.Errorf("retiring asks first: %s", p.Location)
	}
	for _, role := range []string{"director", "auditor", "worker", "council"} {
		other := h.Client(role)
		if p := other.Get(path); p.Status != 200 || p.Doc.Has("#life form") {
			t.Errorf("%s: %d", role, p.Status)
		}
		if p := step(h, other, s.ID, "trial"); p.Status != 403 {
			t.Errorf("%s moves the stage: %d", role, p.Status)
		}
	}
}

// 001-28: retirement shows the four parts, refuses while one is open, and is final.
func TestRetirePage(t *testing.T) {
	h := house(t)
	s := h.System("Altes System", nil)
	c := h.Client("ai_officer")
	path := "/systems/" + s.ID + "/retire"
	c.Get(path).Shows(t, "Daten: geregelt", "Zugänge:", "Verträge:", "Menschen:", "4 Teile des Plans sind noch offen")
	retire := func() showtest.Page {
		o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
		h.Must(err)
		return c.Post(path, "sure", "yes", "revision", strconv.FormatInt(o.Revision, 10))
	}
	if p := c.Post(path, "revision", "1"); p.Status != 422 {
		t.Errorf("without a yes: %d", p.Status)
	}
	if p := retire(); p.Status != 409 {
		t.Errorf("without a plan: %d", p.Status)
	}
	ctx, part := h.As("ai_officer"), lifes.Part{Plan: "erledigt wie besprochen", Who: h.People["shift_lead"].ID, Done: h.Clock.Now()}
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Life.Retirements.Create(ctx, tx, lifes.Retirement{System: s.ID, Reason: "abgelöst", Data: part, Access: part, Contracts: part, People: part})
		return err
	}))
	if p := retire(); p.Status != 303 {
		t.Fatalf("with a plan: %d %s", p.Status, p.Doc.Text())
	}
	p := c.Get("/systems/" + s.ID + "/life")
	p.Shows(t, "Plan der Stilllegung", "Deniz Kaya")
	if p.Doc.Has("#life form") {
		t.Error("a retired system can be moved")
	}
}

// 000-17: the own workflow is set with a reason, its steps stand on the page and
// are confirmed there. 000-53, 000-57: a pilot shows zones beyond it.
func TestWorkflowAndPilot(t *testing.T) {
	h := house(t)
	s := h.System("Kamera", func(d *inventory.System) { d.LifeCycle, d.Zones = inventory.Trial, []string{"fertigung", "montage"} })
	h.Assess(s.ID, "ai_system", "minimal")
	c := h.Client("ai_officer")
	if p := c.Post("/duties/workflow/new", "stage", "operation", "steps.0.name.de", "Betriebsrat informiert", "steps.0.name.en", "works council informed"); p.Status != 422 {
		t.Errorf("a workflow without a reason: %d", p.Status)
	}
	if p := c.Post("/duties/workflow/new", "stage", "operation", "steps.0.name.de", "Betriebsrat informiert", "steps.0.name.en", "works council informed", "reason", "Beschluss vom November"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	path := "/systems/" + s.ID + "/life"
	c.Get(path).Shows(t, "Betriebsrat informiert", "Als erledigt bestätigen")
	if p := step(h, c, s.ID, "operation"); p.Status != 409 {
		t.Errorf("the own step is not asked for: %d", p.Status)
	}
	if p := h.Client("worker").Post(path+"/confirm", "stage", "operation", "step", "Betriebsrat informiert"); p.Status != 403 {
		t.Errorf("a worker confirms: %d", p.Status)
	}
	if p := c.Post(path+"/confirm", "stage", "operation", "step", "Betriebsrat informiert"); p.Status != 303 {
		t.Fatalf("%d", p.Status)
	}
	if p := c.Post("/duties/pilots/new", "system", s.ID, "area", "Fräserei", "zones", "fertigung", "from", "2026-11-01", "end", "2027-01-31"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	c.Get(path).Shows(t, "Fräserei", "außerhalb: montage")
	if p := step(h, c, s.ID, "operation"); p.Status != 409 || !strings.Contains(p.Doc.Text(), "außerhalb seines Erprobungsbereichs") {
		t.Errorf("beyond the pilot it goes into operation: %d", p.Status)
	}
	c.In(text.EN).Get(path).Shows(t, "outside: montage")
}

// In a real browser the pages pass axe, and a step without script is refused with
// what is missing.
func TestLifeInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{life.Texts, duties.Texts, objects.Texts, account.Texts}, life.Routes(), account.Routes())
	s := h.System("Kamera", func(d *inventory.System) { d.LifeCycle = inventory.Idea })
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/systems/" + s.ID + "/life")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("#gate")
	tab.NoScript(true)
	tab.Open(base + "/systems/" + s.ID + "/life")
	tab.Follow("#life form button")
	tab.WaitText("main", "kann noch nicht in die Stufe")
	tab.NoScript(false)
	for i, path := range []string{"/systems/" + s.ID + "/life", "/systems/" + s.ID + "/retire", "/duties/workflow", "/duties/pilots/new?system=" + s.ID} {
		width, scheme := 1440, webtest.Light
		if i%2 == 1 {
			width, scheme = 390, webtest.Dark
		}
		tab.Emulate(width, 900, scheme)
		tab.Open(base + path)
		tab.Axe()
		tab.Emulate(320, 700, webtest.Light)
		tab.NoSideScroll()
	}
}
