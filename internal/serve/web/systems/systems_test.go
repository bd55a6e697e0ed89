package systems

import (
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/trail"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// plain is a page that asks for nothing: what the frame itself costs.
func plain() []page.Route {
	return []page.Route{{Method: http.MethodGet, Path: "/plain", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, ui.Tag("x"))
	}}}
}

func house(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{Texts}, Routes(), plain())
}

// fill is the short form of a low-risk system.
func fill(h *showtest.House) url.Values {
	return url.Values{"name": {"Büroassistent"}, "purpose": {"Texte entwerfen"}, "use": {"Büro, am eigenen Rechner"}, "technology": {"Sprachmodell"},
		"origin": {"used"}, "scope": {"office"}, "role_of_ai": {"dialogue"}, "data_sources": {"Eingaben der Nutzer\nVorlagen"}, "people": {"no"},
		"risk_owner": {h.People["ai_officer"].ID}, "oversee.decider_role": {"safety"}, "review_by": {"2027-06-30"}}
}

// idOf is the system that an answer leads to.
func idOf(t *testing.T, p showtest.Page) string {
	t.Helper()
	rest, ok := strings.CutPrefix(p.Location, "/werk/systems/")
	if !ok {
		t.Fatalf("%d %s: %s", p.Status, p.Location, p.Body)
	}
	id, _, _ := strings.Cut(rest, "?")
	return id
}

// A low-risk system is registered with at most twelve fields and is complete
// then (criterion 3).
func TestRegister(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	form := c.Get("/systems/new").Doc.One("form.form")
	names := map[string]bool{}
	for _, tag := range []string{"input[name]", "select[name]", "textarea[name]"} {
		for _, n := range form.All(tag) {
			names[n.Attrs["name"]] = true
		}
	}
	if len(names) > 12 || len(names) != len(entryFields) {
		t.Errorf("%d fields: %v", len(names), names)
	}
	in := fill(h)
	id := idOf(t, c.PostForm("/systems/new", in))
	o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, id)
	h.Must(err)
	if m := o.Doc.Missing(); len(m) > 0 {
		t.Errorf("the entry still lacks %v", m)
	}
	if len(o.Doc.Code) < 16 || o.Doc.Purpose.DE != "Texte entwerfen" || o.Doc.Oversee.Decider.EN != "Safety specialist" || len(o.Doc.DataSources) != 2 {
		t.Errorf("stored %+v", o.Doc)
	}
	p := c.Get("/systems/" + id + "?said=systems.created")
	p.Shows(t, "Büroassistent", "Das System ist eingetragen", "10 von 10", "KEINE", "Vorlagen", "30.06.2027", "noch ohne Nummer")
}

// What is wrong is named field by field, and nothing typed is lost.
func TestRegisterWrongInput(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	in := fill(h)
	in.Set("name", " ")
	in.Set("people", "vielleicht")
	in.Set("origin", "geklaut")
	in.Set("review_by", "bald")
	in["scope"] = []string{"office", "mars"}
	p := c.PostForm("/systems/new", in)
	if p.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", p.Status)
	}
	for _, f := range []string{"name", "people", "origin", "review_by", "scope"} {
		if !p.Doc.Has("#system-" + f + "-error") {
			t.Errorf("%s is not named", f)
		}
	}
	if got := p.Doc.One("textarea[name=data_sources]").Text(); got != "Eingaben der Nutzer Vorlagen" {
		t.Errorf("typed text is lost: %q", got)
	}
	if !p.Doc.Has("input[value=office][checked]") {
		t.Error("the choice is lost")
	}
	in = fill(h)
	in.Set("risk_owner", "usr_0")
	if p := c.PostForm("/systems/new", in); p.Status != 422 || !p.Doc.Has("#system-risk_owner-error") {
		t.Errorf("an owner who does not exist: %d", p.Status)
	}
	if n, err := h.Org.Inventory.Systems.Count(h.As(""), h.Org.DB); err != nil || n != 0 {
		t.Errorf("%d systems stored, %v", n, err)
	}
}

// Who may not write does not see the way there, and is refused when posting
// anyway.
func TestOnlyTheOfficerWrites(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	rev := strconv.FormatInt(s.Revision, 10)
	for _, role := range []string{"director", "safety", "shift_lead", "council", "auditor", "admin", "worker"} {
		c := h.Client(role)
		if p := c.Get("/systems"); p.Doc.Has("a[href=/werk/systems/new]") {
			t.Errorf("%s sees the way to the form", role)
		}
		p := c.Get("/systems/" + s.ID)
		if p.Status != 200 || p.Doc.Has("a[href=/werk/systems/"+s.ID+"/edit]") || p.Doc.Has("#life form") {
			t.Errorf("%s sees what it cannot do: %d", role, p.Status)
		}
		for _, path := range []string{"/systems/new", "/systems/" + s.ID + "/edit"} {
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s opens %s: %d", role, path, p.Status)
			}
		}
		in := fill(h)
		in.Set("revision", rev)
		in.Set("sure", "yes")
		for _, path := range []string{"/systems/new", "/systems/" + s.ID + "/edit"} {
			if p := c.PostForm(path, in); p.Status != http.StatusForbidden {
				t.Errorf("%s posts %s: %d", role, path, p.Status)
			}
		}
	}
	if p := h.Nobody().Get("/systems/" + s.ID); p.Status != http.StatusSeeOther {
		t.Errorf("nobody: %d", p.Status)
	}
	o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	if o.Revision != s.Revision {
		t.Error("something was changed")
	}
}

// editForm is the long form as the page fills it.
func editForm(t *testing.T, p showtest.Page) url.Values {
	t.Helper()
	in := url.Values{}
	form := p.Doc.One("form.form")
	for _, n := range form.All("input[name]") {
		if k := n.Attrs["type"]; k == "radio" || k == "checkbox" {
			if _, ok := n.Attrs["checked"]; !ok {
				continue
			}
		}
		in.Add(n.Attrs["name"], n.Attrs["value"])
	}
	for _, n := range form.All("textarea[name]") {
		raw := ""
		for _, c := range n.Children {
			raw += c.Raw()
		}
		in.Set(n.Attrs["name"], raw)
	}
	for _, n := range form.All("select[name]") {
		for _, o := range n.All("option[selected]") {
			in.Set(n.Attrs["name"], o.Attrs["value"])
		}
	}
	return in
}

// Saving the form as it was opened changes nothing, in either language: no
// approval falls because somebody looked.
func TestEditRoundTrip(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	for _, l := range showtest.Langs {
		c := h.Client("ai_officer").In(l)
		p := c.Get("/systems/" + s.ID + "/edit")
		in := editForm(t, p)
		if p := c.PostForm("/systems/"+s.ID+"/edit", in); p.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", l, p.Status, p.Doc.One("[role=alert]").Text())
		}
		o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
		h.Must(err)
		if o.Revision != s.Revision {
			v, err := h.Org.DB.History(h.As(""), "system", s.ID)
			h.Must(err)
			t.Errorf("%s: saving without a change made a revision: %+v", l, v[len(v)-1].Diffs)
		}
	}
}

func TestEdit(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	c := h.Client("ai_officer")
	p := c.Get("/systems/" + s.ID + "/edit")
	p.Shows(t, "Eine Änderung lässt sie ruhen")
	in := editForm(t, p)
	in.Set("oversee.limits.confidence", "0,9")
	in.Set("oversee.limits.drift", "zwei")
	in.Set("oversee.limits.timeout_ms", "70.000,5")
	p = c.PostForm("/systems/"+s.ID+"/edit", in)
	if p.Status != 422 || !p.Doc.Has("#system-oversee-limits-drift-error") || !p.Doc.Has("#system-oversee-limits-timeout_ms-error") {
		t.Fatalf("wrong numbers: %d", p.Status)
	}
	in.Set("oversee.limits.drift", "1,2")
	in.Set("oversee.limits.timeout_ms", "1.500")
	if p = c.PostForm("/systems/"+s.ID+"/edit", in); p.Status != 422 || !p.Doc.Has("#system-oversee-limits-drift-error") {
		t.Fatalf("a share above 1: %d", p.Status)
	}
	in.Set("oversee.limits.drift", "0,2")
	in.Set("purpose", "Nur noch planen")
	in.Set("excluded", "Beurteilung von Personen\nAkkordvorgaben")
	in.Set("oversee.decider_role", "safety")
	if p = c.PostForm("/systems/"+s.ID+"/edit", in); p.Location != "/werk/systems/"+s.ID+"?said=systems.changed" {
		t.Fatalf("saved: %d %s", p.Status, p.Location)
	}
	o, err := h.Org.Inventory.Systems.Get(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	d := o.Doc
	if d.Oversee.Limits != (inventory.Limits{Confidence: 0.9, Drift: 0.2, TimeoutMS: 1500}) {
		t.Errorf("limits %+v", d.Oversee.Limits)
	}
	if d.Purpose != (text.Bi{DE: "Nur noch planen", EN: "Plan maintenance of the milling line"}) {
		t.Errorf("purpose %+v", d.Purpose)
	}
	if len(d.Excluded) != 2 || d.Excluded[0].EN != "rating of people" || d.Excluded[1] != (text.Bi{DE: "Akkordvorgaben"}) {
		t.Errorf("excluded %+v", d.Excluded)
	}
	if d.Oversee.DeciderRole != "safety" || d.Oversee.Decider.DE != "Schichtleitung Fräserei" {
		t.Errorf("own words of the decider are lost: %+v", d.Oversee)
	}
	c.Get("/systems/"+s.ID).Shows(t, "RUHT", "früheren Stand der Unterlagen")
}

// Two people edit: the second one sees both versions and decides.
func TestEditConflict(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	c := h.Client("ai_officer")
	mine := editForm(t, c.Get("/systems/"+s.ID+"/edit"))
	theirs := editForm(t, c.Get("/systems/"+s.ID+"/edit"))
	theirs.Set("technology", "Neues Verfahren")
	if p := c.PostForm("/systems/"+s.ID+"/edit", theirs); p.Status != http.StatusSeeOther {
		t.Fatal(p.Status)
	}
	mine.Set("name", "Fräslinie 4")
	p := c.PostForm("/systems/"+s.ID+"/edit", mine)
	if p.Status != http.StatusConflict {
		t.Fatalf("status %d", p.Status)
	}
	p.Shows(t, "Inzwischen hat jemand anderes gespeichert", "Neues Verfahren", "Baumensemble, kalibriert", "Fräslinie 4")
	again := editForm(t, p)
	if again.Get("name") != "Fräslinie 4" {
		t.Error("the input is lost")
	}
	if p := c.PostForm("/systems/"+s.ID+"/edit", again); p.Status != http.StatusSeeOther {
		t.Errorf("saving again: %d", p.Status)
	}
	if p := c.Post("/systems/"+s.ID+"/edit", "name", "x"); p.Status != 422 {
		t.Errorf("without a revision: %d", p.Status)
	}
}

// The file shows the permit on top whatever tab is open; every tab says what it
// should, in both languages, within five queries beside the frame's.
func TestFile(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	for _, conf := range []float64{0.97, 0.81, -1} {
		h.Decide(s.ID, conf)
	}
	h.Must(h.Org.Monitor.SetReference(s.ID, reference()))
	for i := range 120 {
		h.Org.Monitor.Observe(s.ID, map[string]float64{"Lufttemperatur": 300 + float64(i%10), "Drehmoment": float64(i % 7)})
	}
	h.Settle()
	for role, want := range map[string]map[string][]string{
		"director": {
			"what":    {"Wartung der Fräslinie planen", "10 von 10", "Deniz Kaya", "ausfall-1", "vollständig", "Maschinendaten"},
			"may":     {"Risikoklasse minimal, Rolle Betreiber.", "Security Level SL-T 2.", "Kein Anwendungsfall aus Anhang III", "KI-System", "Jonas Brandt", "Miriam Vogt", "gegeben", "Nicht nötig"},
			"runs":    {"Kontextabweichung", "Sicherheit 0,97", "Sicherheit 0,81 < 0,85", "Entscheidungen 3", "an Menschen gegeben 1", "Lufttemperatur", "Grenze"},
			"people":  {"Schichtleitung Fräserei", "Deniz Kaya", "Geschäftsführung und Arbeitssicherheit", "betrifft und bewertet keine Menschen"},
			"proof":   {"Fassungen der Betriebserlaubnis", "gültig", "Aus dem Journal gemessen", "ZTA-05"},
			"history": {"angelegt", "Sabine Keller", "Risikoverantwortung", "Deniz Kaya", "Einsatzfeld", "Vorausschauende Wartung"},
		},
	} {
		for _, l := range showtest.Langs {
			c := h.Client(role).In(l)
			frame := c.Get("/plain").Queries
			for tab, words := range want {
				c.Get("/systems/" + s.ID + "?tab=" + tab) // the first readings are made
				p := c.Get("/systems/" + s.ID + "?tab=" + tab)
				if p.Status != 200 || !p.Doc.Has("section.permit.on") || len(p.Doc.All("nav.tabs a")) != 6 {
					t.Errorf("%s %s: status %d", tab, l, p.Status)
				}
				if n := p.Queries - frame; n > 5 {
					t.Errorf("%s: %d queries, 5 is the limit", tab, n)
				}
				if l == text.DE {
					p.Shows(t, words...)
					p.Shows(t, "GÜLTIG", "BE-2026-0001", "vor der Freigabe")
					if tab == "what" || tab == "may" || tab == "runs" {
						p.Shows(t, "Auflagen", "ZTA-05", "Unter 0,85 Sicherheit entscheidet ein Mensch.")
					}
				}
			}
		}
	}
	// Each version of the permit leads to the entry that holds it.
	p := h.Client("auditor").Get("/systems/" + s.ID + "?tab=proof")
	if !p.Doc.Has("#versions tbody a") {
		t.Error("a version does not lead to its entry")
	}
}

// reference is an approved data set of two features.
func reference() monitor.Reference {
	r := monitor.Reference{ID: "AI4I 2020", Features: []string{"Lufttemperatur", "Drehmoment"}, Window: 100}
	for i := range 200 {
		r.Rows = append(r.Rows, []float64{300 + float64(i%10), float64(i % 7)})
	}
	return r
}

// Roles see the tabs that their rights cover; the others are refused.
func TestTabsByRole(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	for role, want := range map[string]string{
		"director": "what may runs people proof history", "ai_officer": "what may runs people proof history", "auditor": "what may runs people proof history",
		"shift_lead": "what may runs people proof history", "council": "what may people proof history", "worker": "what people history",
	} {
		c := h.Client(role)
		var shown []string
		for _, a := range c.Get("/systems/" + s.ID).Doc.All("nav.tabs a") {
			_, name, _ := strings.Cut(a.Attrs["href"], "tab=")
			shown = append(shown, name)
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("%s sees %q, want %q", role, got, want)
		}
		for _, tab := range tabs {
			p := c.Get("/systems/" + s.ID + "?tab=" + tab.name)
			if ok := p.Status == 200; ok != slices.Contains(shown, tab.name) {
				t.Errorf("%s at %s: %d", role, tab.name, p.Status)
			}
		}
	}
	h.Client("worker").Get("/systems/"+s.ID+"?tab=history").Hides(t, "Sabine Keller", "Deniz Kaya")
	// No link leads where the reader is refused.
	approve := "a[href=/werk/systems/" + s.ID + "/approve]"
	for role, may := range map[string]bool{"director": true, "council": true, "auditor": true, "shift_lead": false} {
		if got := h.Client(role).Get("/systems/" + s.ID + "?tab=may").Doc.Has(approve); got != may {
			t.Errorf("%s is led to the approval: %v", role, got)
		}
	}
	for _, tab := range []string{"proof", "history"} {
		for role, may := range map[string]bool{"council": false, "auditor": true} {
			got := strings.Contains(h.Client(role).Get("/systems/"+s.ID+"?tab="+tab).Body, `href="/werk/proof/journal/`)
			if got != may {
				t.Errorf("%s at %s is led to the journal: %v", role, tab, got)
			}
		}
	}
	if p := h.Client("worker").Get("/systems/" + s.ID + "?tab=unfug"); p.Status != 200 {
		t.Errorf("an unknown tab: %d", p.Status)
	}
	if p := h.Client("worker").Get("/systems/sys_0"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown system: %d", p.Status)
	}
}

// The card leads each role to what it can do next, and to nothing else.
func TestNextStep(t *testing.T) {
	h := house(t)
	s := h.System("Kameraprüfung", nil)
	next := func(role string) string {
		a := h.Client(role).Get("/systems/" + s.ID).Doc.One("section.permit a.btn")
		if a == nil {
			return ""
		}
		return strings.TrimPrefix(a.Attrs["href"], "/werk/systems/"+s.ID+"/")
	}
	if got := next("ai_officer"); got != "identify" {
		t.Errorf("the officer first goes to %q", got)
	}
	h.Assess(s.ID, "ai_system", "minimal")
	if got := next("ai_officer"); got != "models/new" {
		t.Errorf("then to %q", got)
	}
	h.Model(s.ID)
	for role, want := range map[string]string{"director": "approve", "safety": "approve", "ai_officer": "", "worker": "", "auditor": ""} {
		if got := next(role); got != want {
			t.Errorf("%s goes to %q, want %q", role, got, want)
		}
	}
}

func TestStopShows(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	stop, resume := "a[href=/werk/operation/systems/"+s.ID+"/stop]", "a[href=/werk/operation/systems/"+s.ID+"/resume]"
	for role, may := range map[string]bool{"director": true, "shift_lead": true, "safety": true, "ai_officer": true, "council": false, "worker": false, "auditor": false, "admin": false} {
		if got := h.Client(role).Get("/systems/" + s.ID).Doc.Has(stop); got != may {
			t.Errorf("%s sees the stop button: %v", role, got)
		}
	}
	h.Must(h.Org.Oversee.Stop(h.As("shift_lead"), oversee.Principal{ID: h.People["shift_lead"].ID, Roles: []string{"shift_lead"}}, s.ID, "Der Vorschlag ist offensichtlich falsch."))
	p := h.Client("director").Get("/systems/" + s.ID + "?tab=runs")
	p.Shows(t, "Angehalten seit 14:02 von Deniz Kaya", "Das System ist angehalten.", "RUHT")
	if !p.Doc.Has(resume) || p.Doc.Has(stop) {
		t.Error("the way back is missing")
	}
	if h.Client("shift_lead").Get("/systems/" + s.ID).Doc.Has(resume) {
		t.Error("a shift lead sees the way back, which is not theirs")
	}
}

// A system that affects people shows its agreement.
func TestAgreement(t *testing.T) {
	h := house(t)
	s := h.System("Schichtplan", func(d *inventory.System) { d.People, d.Scope = true, []inventory.Scope{"personnel"} })
	c := h.Client("council")
	c.Get("/systems/"+s.ID+"?tab=people").Shows(t, "Noch keine Vereinbarung")
	c.Get("/systems/"+s.ID+"?tab=may").Shows(t, "Betriebsvereinbarung fehlt")
	ctx := h.As("council")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Agreements.Create(ctx, tx, voice.Agreement{Name: "BV Schichtplanung", Systems: []string{s.ID}, SignedAt: h.Clock.Now(), ValidUntil: h.Clock.Now().AddDate(2, 0, 0)})
		return err
	}))
	c.Get("/systems/"+s.ID+"?tab=people").Shows(t, "BV Schichtplanung", "21.11.2026", "21.11.2028")
	c.Get("/systems/"+s.ID+"?tab=may").Shows(t, "unterschrieben")
	h.Client("worker").Get("/systems/"+s.ID+"?tab=people").Hides(t, "BV Schichtplanung")
}

// Versions and entries go together one to one, also while the newest entry is
// not searchable yet.
func TestVersionsMatchEntries(t *testing.T) {
	at := func(s int) time.Time { return showtest.Start.Add(time.Duration(s) * time.Second) }
	versions := []store.Version{{Revision: 3, At: at(30), JournalIndex: 9}, {Revision: 2, At: at(20), JournalIndex: 7}, {Revision: 1, At: at(10), JournalIndex: 3}}
	entries := []trail.Entry{{Index: 10, At: at(30)}, {Index: 8, At: at(20)}, {Index: 4, At: at(10)}}
	if got := matched(versions, entries); !slices.Equal(got, []int64{10, 8, 4}) {
		t.Errorf("all there: %v", got)
	}
	versions[0].JournalIndex = -1
	if got := matched(versions, entries[1:]); !slices.Equal(got, []int64{-1, 8, 4}) {
		t.Errorf("the newest is on its way: %v", got)
	}
}

func TestChartIsThinned(t *testing.T) {
	h := house(t)
	f := &file{c: ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}}
	s := monitor.Snapshot{}
	for i := range 240 {
		s.History = append(s.History, monitor.Point{At: showtest.Start.Add(time.Duration(i) * time.Minute), Drift: float64(i)})
	}
	v := f.driftView(s, 0.1)
	if len(v.Points) > points || v.Points[len(v.Points)-1].Value != 239 {
		t.Errorf("%d points, the last is %v", len(v.Points), v.Points[len(v.Points)-1].Value)
	}
	if got := f.driftView(monitor.Snapshot{}, 0.1); len(got.Points) != 0 {
		t.Error("points from nowhere")
	}
}

// A drift that chance explains is not called one, and not hidden either.
func TestDriftMarks(t *testing.T) {
	h := house(t)
	c := ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}
	snap := func(ready bool, drift, floor float64) monitor.Snapshot {
		return monitor.Snapshot{State: monitor.State{Ready: ready, Drift: drift, DriftFloor: floor, Rows: 7, Window: 100}}
	}
	for _, one := range []struct {
		s    monitor.Snapshot
		kind ui.Kind
		word string
	}{
		{snap(false, 0, 0), ui.None, "Fenster füllt sich, 7 von 100 Zeilen"}, {snap(true, 0.05, 0.02), ui.OK, "innerhalb der Grenze"},
		{snap(true, 0.17, 0.21), ui.None, "über der Grenze, vom Zufall erklärbar bis 0,21"}, {snap(true, 0.30, 0.21), ui.Warn, "über der Grenze"},
	} {
		if got := driftMark(c, one.s, 0.10); got != (ui.Mark{Kind: one.kind, Word: one.word}) {
			t.Errorf("%+v", got)
		}
	}
}

func TestCardCodes(t *testing.T) {
	a, b := cardCode(), cardCode()
	if a == b || len(a) != 16 || strings.ContainsAny(a, "1ilo") && strings.Contains(a, "1") {
		t.Errorf("codes %q %q", a, b)
	}
}

func TestWording(t *testing.T) { showtest.Wording(t, Texts) }
