package classes_test

import (
	"io/fs"
	"strings"
	"testing"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/classes"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/webtest"
)

// reclass saves another result for a system, as a person decides it.
func reclass(t *testing.T, h *showtest.House, system, class, reason string) {
	t.Helper()
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Classify.Of(ctx, tx, system)
		if err != nil {
			return err
		}
		o.Doc.Class, o.Doc.Reason, o.Doc.AsOf = class, reason, h.Clock.Now()
		_, err = h.Org.Classify.Classifications.Update(ctx, tx, o.ID, o.Revision, o.Doc)
		return err
	}))
}

// 001-14: the page shows the own classes per quarter as a chart with its table,
// and lists the upgrade that only a person's word explains. 001-15: the study is
// cited rightly, with source and day of the check.
func TestPortfolio(t *testing.T) {
	h := house(t)
	c := h.Client("auditor")
	c.Get("/duties/portfolio").Shows(t, "Noch kein System ist eingestuft", "Keine; jede Hochstufung folgt aus den Regeln")
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	h.Clock.Add(60 * 24 * 3600 * 1e9)
	reclass(t, h, s.ID, "high", "Auf Wunsch des Kunden.")
	c = h.Client("auditor")
	p := c.Get("/duties/portfolio")
	p.Shows(t, "Q4 2026", "Q1 2027", "von minimal auf hoch", "die Regeln sagten: minimal", "Auf Wunsch des Kunden.", "Sabine Keller")
	if n := len(p.Doc.All("#over-time svg rect")); n != 2 {
		t.Errorf("%d boxes in the chart", n)
	}
	if rows := p.Doc.All("#quarters tbody tr"); len(rows) != 2 || !strings.Contains(rows[1].Text(), "1") {
		t.Errorf("%d quarters", len(rows))
	}
	p.Shows(t, "18 % Hochrisiko", "40 % unklar", "58 % ist die Obergrenze", "messen unklare Einstufung und keine Überklassifizierung", "Geprüft am 21.11.2026", "appliedAI")
	if n := queries(c, "/duties/portfolio"); n > 5 {
		t.Errorf("%d queries", n)
	}
	if p := h.Client("worker").Get("/duties/portfolio"); p.Status != 403 {
		t.Errorf("a worker: %d", p.Status)
	}
}

// Re-classification: what changed since a classification is listed, and became a
// task.
func TestStaleClassificationsAreListed(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	ctx := h.As("ai_officer")
	_, err := h.Org.Classify.Put(ctx, s.ID, 0, classify.Input{Verdict: "ai_system", Answers: []classify.Answer{{Fact: "practices", Values: []string{"none"}}, {Fact: "areas", Values: []string{"none"}},
		{Fact: "product", Values: []string{"none"}}, {Fact: "outputs", Values: []string{"none"}}, {Fact: "activities", Values: []string{"uses"}}, {Fact: "changes", Values: []string{"none"}},
		{Fact: "consequence", Values: []string{"disturbance"}}, {Fact: "reach", Values: []string{"plant"}}, {Fact: "targeted", Values: []string{"no"}}}})
	h.Must(err)
	h.Client("ai_officer").Get("/duties/portfolio").Shows(t, "Nichts davon hat sich geändert")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		o.Doc.DataSources = append(o.Doc.DataSources, "Personalakte")
		_, err = h.Org.Inventory.Systems.Update(ctx, tx, o.ID, o.Revision, o.Doc)
		return err
	}))
	row := h.Client("ai_officer").Get("/duties/portfolio").Doc.One("#stale tbody tr").Text()
	if !strings.Contains(row, "Fräslinie") || !strings.Contains(row, "Datenquellen") {
		t.Errorf("%s", row)
	}
	tasks, err := h.Org.Duty.Tasks.List(ctx, h.Org.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", "review")}})
	h.Must(err)
	if len(tasks.Items) != 1 || !tasks.Items[0].Doc.Open() {
		t.Errorf("%d tasks", len(tasks.Items))
	}
}

// 001-43: management signs, nobody else; a prohibited system stands in the way;
// the renewal is a task, and the page says when it is due.
func TestDeclaration(t *testing.T) {
	h := house(t)
	s := h.System("Stimmungskamera", nil)
	h.Assess(s.ID, "ai_system", "prohibited")
	director := h.Client("director")
	director.Get("/duties/declarations").Shows(t, "Noch niemand hat erklärt", "Im Register steht ein verbotenes System: Stimmungskamera")
	if p := director.Post("/duties/declarations/sign", "confirm", "yes"); p.Status != 409 || !strings.Contains(p.Doc.Text(), "Stimmungskamera") {
		t.Errorf("signed with a prohibited system: %d", p.Status)
	}
	reclass(t, h, s.ID, "minimal", "")
	if p := director.Post("/duties/declarations/sign"); p.Status != 422 {
		t.Errorf("signed without confirming: %d", p.Status)
	}
	for _, role := range []string{"ai_officer", "auditor", "council", "worker"} {
		if p := h.Client(role).Post("/duties/declarations/sign", "confirm", "yes"); p.Status != 403 {
			t.Errorf("%s signs: %d", role, p.Status)
		}
	}
	if p := director.Post("/duties/declarations/sign", "confirm", "yes", "note", "Register durchgesehen"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	h.Client("auditor").Get("/duties/declarations").Shows(t, "Erklärt von Jonas Brandt am 21.11.2026. Zu erneuern am 21.11.2027.")
	if h.Client("auditor").Get("/duties/declarations").Doc.Has("form#sign") {
		t.Error("an auditor is offered to sign")
	}
	tasks, err := h.Org.Duty.Tasks.List(h.As("director"), h.Org.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", "declaration")}})
	h.Must(err)
	if len(tasks.Items) != 1 || !tasks.Items[0].Doc.Due.Equal(h.Clock.Now().AddDate(1, 0, 0)) {
		t.Errorf("%+v", tasks.Items)
	}
	h.Clock.Add(350 * 24 * 3600 * 1e9)
	h.Client("director").Get("/duties/declarations").Shows(t, "ist bis 21.11.2027 zu erneuern")
	for _, path := range []string{"/duties/declarations/new", "/duties/declarations/" + "x" + "/edit"} {
		if p := h.Client("director").Get(path); p.Status != 404 {
			t.Errorf("%s answers %d", path, p.Status)
		}
	}
}

// The security level of a zone is its own axis; zones without one are named.
func TestZones(t *testing.T) {
	h := house(t)
	h.System("Fräslinie", func(s *inventory.System) { s.Zones = []string{"fertigung", "labor"} })
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Records.Zones.Create(ctx, tx, record.ZoneLevel{Zone: "fertigung", Target: "sl3", Capable: "sl2", Achieved: "sl1", Date: h.Clock.Now()})
		return err
	}))
	c := h.Client("council")
	p := c.Get("/duties/zones")
	p.Shows(t, "SL 3", "SL 2", "SL 1", "2 Stufen unter dem Ziel", "Fräslinie", "Ohne Security Level: labor")
	if n := queries(c, "/duties/zones"); n > 5 {
		t.Errorf("%d queries", n)
	}
	if p := h.Client("auditor").Post("/duties/zones/new", "zone", "labor", "target", "sl1"); p.Status != 403 {
		t.Errorf("an auditor adds a zone: %d", p.Status)
	}
}

// 001-12: the form of an exception wants criterion, reason, evidence, reviewer and
// day. 001-44: who uses a bought high-risk system owes no assessment, and the page
// says that no audit from outside is required.
func TestExceptionsAndConformity(t *testing.T) {
	h := house(t)
	s := h.System("Vorauswahl", nil)
	h.Assess(s.ID, "ai_system", "high")
	c := h.Client("ai_officer")
	p := c.Post("/duties/exceptions/new", "system", s.ID)
	if p.Status != 422 {
		t.Errorf("an empty exception: %d", p.Status)
	}
	for _, field := range []string{"criterion", "reason", "evidence", "reviewer", "date"} {
		if !strings.Contains(p.Body, "f-"+field+"-error") {
			t.Errorf("%s is not asked for", field)
		}
	}
	p = c.Post("/duties/exceptions/new", "system", s.ID, "criterion", "narrow", "reason", "Es bringt Unterlagen in ein Format.", "evidence", "Bericht im Ordner KI", "reviewer", h.People["director"].ID, "date", "2026-11-20")
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	h.Client("auditor").Get("/duties/exceptions").Shows(t, "Vorauswahl", "enge Verfahrensaufgabe", "Jonas Brandt")
	p = c.Get("/duties/conformity")
	p.Shows(t, "Vorauswahl", "keiner", "nicht vorgeschrieben", "schuldet der Anbieter")
	if n := queries(c, "/duties/conformity"); n > 5 {
		t.Errorf("%d queries", n)
	}
	if p := h.Client("worker").Get("/duties/conformity"); p.Status != 403 {
		t.Errorf("a worker: %d", p.Status)
	}
}

// In a real browser the pages pass axe, wide and light, narrow and dark.
func TestRecordsInBrowser(t *testing.T) {
	h := showtest.Open(t, []fs.FS{classes.Texts, duties.Texts, objects.Texts, account.Texts}, classes.Routes(), account.Routes())
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/duties/declarations")
	tab.Fill("input[name=name]", "director")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button[type=submit].main")
	tab.WaitFor("form#sign")
	for i, path := range []string{"/duties/declarations", "/duties/portfolio", "/duties/zones", "/duties/exceptions", "/duties/conformity"} {
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
