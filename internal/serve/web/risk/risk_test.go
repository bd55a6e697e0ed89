package risk_test

import (
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	register "augenmass/internal/govern/risk"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/risk"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{risk.Texts, duties.Texts, objects.Texts}, risk.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, risk.Texts, duties.Texts, objects.Texts) }

// few fails when a page makes more than five queries beyond its frame.
func few(t *testing.T, c *showtest.Client, path string) {
	t.Helper()
	c.Get(path)
	frame := c.Get("/frame").Queries
	if n := c.Get(path).Queries - frame; n > 5 {
		t.Errorf("%s: %d queries", path, n)
	}
}

const why = "Das hat die Stichprobe im Herbst gezeigt."

// at is where an answer leads, below the organisation and without its notice.
func at(t *testing.T, p showtest.Page) string {
	t.Helper()
	if p.Status != http.StatusSeeOther {
		said := ""
		if p.Doc != nil {
			said = p.Doc.Text()
		}
		t.Fatalf("answers %d: %s", p.Status, said)
	}
	return strings.TrimPrefix(strings.Split(p.Location, "?")[0], "/werk")
}

func put[T any](h *showtest.House, k *store.Kind[T], doc T) store.Object[T] {
	h.T.Helper()
	var made store.Object[T]
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) (err error) {
		made, err = k.Create(ctx, tx, doc)
		return err
	}))
	return made
}

// 001-60, 001-61: one risk from its description to its acceptance on the pages;
// the highest impact decides, a high rating without a reason comes back with what
// was typed, and who asks for acceptance is not offered to accept.
func TestOneRiskStepByStep(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	path := at(t, c.Post("/duties/risks/new", "name", "Blindes Vertrauen", "impacts", "operational_safety", "impacts", "fundamental_rights",
		"cause", "Der Vorschlag stimmt meist.", "effect", "Niemand prüft mehr.", "owner", h.People["shift_lead"].ID))
	c.Get(path).Shows(t, "Blindes Vertrauen", "nicht bewertet", "bewerten", "Der Vorschlag stimmt meist.")
	c.Get(path+"/assess").Shows(t, "sehr wahrscheinlich", "Eine Verletzung, die heilt, mit Ausfalltagen.", "Jemand wird benachteiligt")
	form := []string{"revision", "1", "likelihood.operational_safety", "1", "severity.operational_safety", "2", "likelihood.fundamental_rights", "4", "severity.fundamental_rights", "4",
		"likelihood_reason.fundamental_rights", why}
	p := c.Post(path+"/assess", form...)
	if p.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a high rating without a reason answers %d", p.Status)
	}
	p.Shows(t, "Eine hohe Bewertung braucht eine Begründung der Schwere", "Warum so schwer (Grundrechte)", why)
	at(t, c.Post(path+"/assess", append(form, "severity_reason.fundamental_rights", why)...))
	c.Get(path).Shows(t, "sehr hoch", "wahrscheinlich", why, "Annahme fehlt")
	m := put(h, h.Org.Risk.Measures, register.Measure{Name: "Bekannte Fehler einstreuen", What: "Fünf je Monat.", Control: "iso42001.A.9.2", Owner: h.People["shift_lead"].ID, Progress: "introduced", Effect: register.Unproven})
	c.Get(path+"/treat").Shows(t, "Bekannte Fehler einstreuen", "noch nicht geprüft", "Ohne Maßnahmen: wahrscheinlich, schwer; Ergebnis sehr hoch.")
	if p := c.Post(path+"/treat", "revision", "2", "treatment", "reduce", "treatment_reason", why); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("reduced by nothing answers %d", p.Status)
	}
	if p := c.Post(path+"/treat", "revision", "2"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("no treatment answers %d", p.Status)
	}
	at(t, c.Post(path+"/treat", "revision", "2", "treatment", "reduce", "treatment_reason", why, "measures", m.ID, "likelihood.fundamental_rights", "3", "severity.fundamental_rights", "4",
		"likelihood_reason.fundamental_rights", why, "severity_reason.fundamental_rights", why))
	c.Get(path).Shows(t, "Bekannte Fehler einstreuen", "hoch")
	at(t, c.Post(path+"/accept", "revision", "3", "reason", "Die Stichprobe fängt es ab.", "condition", "Nur mit Stichprobe.", "until", "2027-03-01"))
	if c.Get(path).Doc.Has("#decide") {
		t.Error("who asked is offered to accept")
	}
	d := h.Client("director")
	p = d.Get(path)
	p.Shows(t, "Ihre Entscheidung", "Nur mit Stichprobe.", "01.03.2027")
	action := strings.TrimPrefix(p.Doc.One("form#decide").Attrs["action"], "/werk")
	at(t, d.Post(action, "revision", "1", "note", "Bis zur Umstellung."))
	d.Get(path).Shows(t, "angenommen", "Jonas Brandt", "Bis zur Umstellung.", "nichts offen")
	few(t, d, path)
	d.Get("/duties/risks").Shows(t, "Blindes Vertrauen", "nichts offen", "vermindern")
	at(t, d.Post(action, "revision", "2", "decision", "withdraw", "note", "Neue Lage."))
	d.Get(path).Shows(t, "zurückgenommen", "Annahme fehlt")
	at(t, c.Post(path+"/review", "revision", "3", "review_by", "2027-06-01", "review_note", "Alles noch wie im Herbst."))
	c.In(text.EN).Get(path).Shows(t, "Alles noch wie im Herbst.", "withdrawn", "1 Jun 2027")
	if p := c.Get(path + "/record"); p.Status != 200 {
		t.Errorf("all entries with history: %d", p.Status)
	}
}

// 001-60: the matrix has a word and a number in every field and a table beside it;
// 001-62: both samples come with one button and can be edited.
func TestMatrixAndSamples(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	c.Get("/duties/risks").Shows(t, "Noch kein Risiko eingetragen", "Beide Beispiele übernehmen")
	at(t, c.Post("/duties/risks/samples"))
	p := c.Get("/duties/risks")
	p.Shows(t, "Verzerrung in der KI für die Qualitätskontrolle", "Manipulierte Kontextdaten", "Bei 2 Risiken ist etwas zu tun")
	if n := len(p.Doc.All("svg.matrix rect")); n != 25 {
		t.Errorf("%d fields", n)
	}
	if n := len(p.Doc.All("svg.matrix text.pin-text")); n != 25 {
		t.Errorf("%d words for 25 fields", n)
	}
	if n := len(p.Doc.All("svg.matrix text.strong")); n != 2 {
		t.Errorf("%d fields with a number", n)
	}
	table := p.Doc.One("#matrix-table").Text()
	for _, want := range []string{"sehr hoch", "4 wahrscheinlich", "4 schwer", "3 möglich", "1 Risiko"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table beside the matrix does not say %q: %s", want, table)
		}
	}
	if p.Doc.Has("form[action=/werk/duties/risks/samples]") {
		t.Error("samples are offered twice")
	}
	few(t, c, "/duties/risks")
	c.Get("/duties/risks?level=very_high").Hides(t, "Verzerrung in der KI")
	c.Get("/duties/risks?q=kontextdaten").Hides(t, "Verzerrung in der KI")
	all, err := h.Org.Risk.Risks.All(h.As(""), h.Org.DB, store.Query{Filters: []store.Filter{store.Where("hazard", "=", "hz.bias-quality")}})
	h.Must(err)
	at(t, c.Post("/duties/risks/"+all[0].ID+"/edit", "revision", "1", "name", "Eigener Name", "impacts", "fundamental_rights", "impacts", "operational_safety", "cause", "c", "effect", "e"))
	c.Get("/duties/risks/"+all[0].ID).Shows(t, "Eigener Name", "hoch", "A.7.4", "Wie Sie nachsehen")
}

// 000-18: bias and wrong decisions stand first in the library, with checks; an
// entry is taken for a system, and its rating is a proposal only.
func TestLibrary(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	s := h.System("Fräslinie", nil)
	p := c.Get("/duties/hazards")
	p.Shows(t, "Verzerrung und Benachteiligung", "Fehlentscheidungen", "alle 90 Tage", "und 1 weitere Prüfung")
	if heads := p.Doc.All("table"); len(heads) != 7 || !strings.Contains(heads[0].Text(), "Verzerrung und Benachteiligung") || !strings.Contains(heads[1].Text(), "Fehlentscheidungen") {
		t.Errorf("%d topics, or not in order", len(heads))
	}
	c.Get("/duties/hazards/hz.drift").Shows(t, "Vorschlag zur Wahrscheinlichkeit", "Verteilung der wichtigsten Eingaben", "Fräslinie")
	path := at(t, c.Post("/duties/hazards/hz.drift", "system", s.ID))
	c.Get(path).Shows(t, "Schleichende Veränderung der Eingaben", "Fräslinie", "nicht bewertet")
	c.Get(path+"/assess").Shows(t, "Vorschlag der Bibliothek: wahrscheinlich.")
	if p := c.Get("/duties/hazards/hz.none"); p.Status != 404 {
		t.Errorf("an entry that does not exist answers %d", p.Status)
	}
	few(t, c, "/duties/hazards")
}

// 000-34: the method, the words of every level and the matrix are documented in
// the tool, in both languages.
func TestMethodIsDocumented(t *testing.T) {
	h := house(t)
	c := h.Client("auditor")
	p := c.Get("/duties/risks/method")
	p.Shows(t, "Erkennen", "Bewerten", "Behandeln", "Annehmen", "Überwachen und wiederholen", "mindestens einmal im Jahr", "sehr wahrscheinlich", "Tod oder schwere Verletzung mehrerer Menschen.")
	if n := len(p.Doc.All("svg.matrix rect")); n != 25 {
		t.Errorf("%d fields", n)
	}
	c.In(text.EN).Get("/duties/risks/method").Shows(t, "Identify", "very likely", "never a sum and never a mean")
}

// 000-19: the control library says for each measure its control, its effect in
// words with what shows it, and who looks after it.
func TestMeasures(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	at(t, c.Post("/duties/measures/new", "name", "Stichprobe", "what", "Zwanzig Teile je Woche.", "control", "iso42001.A.7.4", "progress", "introduced", "effect", "partly",
		"effect_reason", "Drei von vier Fehlern wurden erkannt.", "checked_at", "2026-08-01", "next_check", "2026-11-01", "owner", h.People["shift_lead"].ID))
	c.Get("/duties/measures").Shows(t, "Stichprobe", "A.7.4", "wirkt teilweise", "Drei von vier Fehlern", "Deniz Kaya", "überfällig", "Bei 1 Maßnahme")
	if p := c.Post("/duties/measures/new", "name", "Ohne", "what", "Nichts.", "effect", "proven", "progress", "introduced"); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("an effect nobody looked at answers %d", p.Status)
	}
	few(t, c, "/duties/measures")
}

// 000-31: a metric with limit and interval; a missed interval warns on the pages,
// and a permit on which much depends falls with it and comes back with a reading.
func TestMetricsAndReadings(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	s := h.System("Fräslinie", func(d *inventory.System) { d.People = true })
	path := at(t, c.Post("/duties/metrics/new", "name", "Trefferquote", "system", s.ID, "what", "Stichprobe am Prüfplatz", "unit", "%", "direction", "at_least", "limit", "95,5", "days", "30", "from", "2026-11-21"))
	c.Get("/duties/metrics").Shows(t, "Trefferquote", "mindestens 95,5 %", "noch nicht gemessen", "alle 30 Tage")
	lapse := func() bool {
		p, ok := h.Org.Point.Permit(s.ID)
		if !ok {
			t.Fatal("the runtime does not know the system")
		}
		for _, l := range p.At(h.Clock.Now()).Lapses {
			if l.Code == permit.DemandMeasurement {
				return true
			}
		}
		return false
	}
	at(t, c.Post(path+"/readings", "at", "2026-11-20", "value", "97,25", "source", "Prüfplatz 2"))
	if lapse() {
		t.Error("measured and good, and the permit lacks a measurement")
	}
	if p := c.Post(path+"/readings", "at", "2027-01-01", "value", "viel", "source", ""); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("nonsense answers %d", p.Status)
	} else {
		p.Shows(t, "Das ist keine Zahl.")
		if !p.Doc.Has("input[value=viel]") {
			t.Error("what was typed is lost")
		}
	}
	at(t, c.Post(path+"/readings", "at", "2026-11-21", "value", "94", "source", "Prüfplatz 2"))
	if !lapse() {
		t.Error("beyond the limit, and the permit does not know")
	}
	c.Get("/systems/"+s.ID+"/risks").Shows(t, "außerhalb der Grenze", "94 %", "Ein Messwert ist überfällig oder außerhalb seiner Grenze")
	c.Get(path).Shows(t, "97,25 %", "94 %", "innerhalb der Grenze")
	few(t, c, "/duties/metrics")
	few(t, c, path)
	h.Clock.Add(40 * 24 * time.Hour)
	h.Client("director").Get("/duties/metrics").Shows(t, "Messung überfällig", "Bei 1 von 1 Messgrößen")
}

// 000-18, 000-29, 004-03: each system shows when it was last checked for bias, for
// wrong decisions and against the guideline; where people are rated a missing
// check is demanded, and the permit stays off until it is there.
func TestChecksOfSystems(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	s := h.System("Schichtplan", func(d *inventory.System) { d.People, d.Scope = true, []inventory.Scope{"personnel"} })
	h.System("Fräslinie", nil)
	p := c.Get("/duties/checks")
	p.Shows(t, "verlangt, fehlt", "Bei 1 System fehlt die verlangte Prüfung", "noch nie")
	at(t, c.Post("/duties/checks/new", "system", s.ID, "subject", "bias", "date", "2026-11-20", "how", "120 Vorschläge nach Gruppen", "found", "nothing", "result", "12 von 60 und 11 von 60.", "by", h.People["ai_officer"].ID))
	at(t, c.Post("/duties/checks/new", "system", s.ID, "subject", "guideline", "date", "2026-11-20", "how", "Leitlinie Punkt für Punkt", "found", "something", "result", "Einspruch fehlt.", "action", "Weg bis Januar einrichten."))
	p = c.Get("/duties/checks")
	p.Hides(t, "verlangt, fehlt")
	p.Shows(t, "am 20.11.2026, wieder bis 20.11.2027", "nichts Auffälliges", "etwas gefunden")
	few(t, c, "/duties/checks")
	if _, ok := h.Org.Library().Template("tpl.non-discrimination"); !ok {
		t.Error("there is no template of the guideline against discriminatory outcomes")
	}
	if !c.Get("/systems/" + s.ID + "/risks").Doc.Has("a[href=/werk/duties/documents/new?template=tpl.non-discrimination]") {
		t.Error("the page does not lead to the guideline")
	}
	c.Get("/systems/"+s.ID+"/risks").Shows(t, "Verzerrung", "am 20.11.2026", "Fehlentscheidungen", "noch nie", "Leitlinie gegen Diskriminierung")
	few(t, c, "/systems/"+s.ID+"/risks")
	h.Clock.Add(366 * 24 * time.Hour)
	h.Client("ai_officer").Get("/duties/checks").Shows(t, "zu alt")
}

// 001-60: who may read and who may write; the council sees measurements and
// checks, not the register; the auditor reads everything and writes nothing.
func TestRolesOfTheRegister(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	o := put(h, h.Org.Risk.Risks, register.Risk{Name: "Halt", System: s.ID, Impacts: []register.Impact{register.Availability}})
	for _, role := range []string{"auditor", "safety", "director"} {
		c := h.Client(role)
		for _, path := range []string{"/duties/risks", "/duties/risks/" + o.ID, "/duties/risks/method", "/duties/measures", "/duties/metrics", "/duties/checks"} {
			if p := c.Get(path); p.Status != 200 {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
		if p := c.Post("/duties/risks/new", "name", "x", "impacts", "privacy"); p.Status != 403 {
			t.Errorf("%s enters a risk: %d", role, p.Status)
		}
	}
	for _, step := range []string{"/assess", "/treat", "/accept", "/review"} {
		if p := h.Client("auditor").Get("/duties/risks/" + o.ID + step); p.Status != 403 {
			t.Errorf("the auditor opens %s: %d", step, p.Status)
		}
	}
	if p := h.Client("ai_officer").Post("/duties/risks/"+o.ID+"/accept/acp_x", "revision", "1"); p.Status != 403 {
		t.Errorf("the AI officer accepts: %d", p.Status)
	}
	council := h.Client("council")
	if p := council.Get("/duties/risks"); p.Status != 403 {
		t.Errorf("the council reads the register: %d", p.Status)
	}
	council.Get("/systems/"+s.ID+"/risks").Shows(t, "Prüfungen der Systeme", "Messgrößen")
	council.Get("/systems/"+s.ID+"/risks").Hides(t, "Halt")
	for _, role := range []string{"worker", "admin"} {
		for _, path := range []string{"/duties/risks", "/duties/measures", "/duties/metrics", "/systems/" + s.ID + "/risks", "/duties/risks.pdf"} {
			if p := h.Client(role).Get(path); p.Status != 403 {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
	}
	if p := h.Nobody().Get("/duties/risks"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

// 001-60: the register leaves as workbook and PDF.
func TestRegisterIsTakenAway(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	at(t, c.Post("/duties/risks/samples"))
	for ending, magic := range map[string]string{"xlsx": "PK", "pdf": "%PDF-"} {
		p := c.Get("/duties/risks." + ending)
		if p.Status != 200 || !strings.HasPrefix(p.Body, magic) || !strings.Contains(p.Header.Get("Content-Disposition"), "risk-register."+ending) {
			t.Errorf("%s: %d %.8q %s", ending, p.Status, p.Body, p.Header.Get("Content-Disposition"))
		}
	}
}
