package profile

import (
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/operate/identity"
	"augenmass/internal/permit"
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

// stored is the profile of a system.
func stored(h *showtest.House, system string) store.Object[profile.Profile] {
	h.T.Helper()
	o, err := h.Org.Profile.Of(h.As(""), h.Org.DB, system)
	h.Must(err)
	return o
}

// grave is a system on which much depends.
func grave(h *showtest.House) string {
	s := h.System("Schichtplan", func(s *inventory.System) { s.People = true })
	h.Assess(s.ID, "ai_system", "high")
	return s.ID
}

// save posts a step of a profile with its revision, as the form does.
func save(c *showtest.Client, system, step string, rev int64, pairs ...string) showtest.Page {
	return c.Post("/systems/"+system+"/profile/"+step, append(pairs, "revision", strconv.FormatInt(rev, 10))...)
}

// Every step has its words in both languages, and its page asks at most five
// queries beside the frame.
func TestEveryStepOpens(t *testing.T) {
	h := house(t)
	id := grave(h)
	for _, lang := range text.Langs {
		c := h.Client("ai_officer").In(lang)
		frame := c.Get("/plain").Queries
		for _, s := range append([]step{{}}, steps...) {
			path := strings.TrimSuffix("/systems/"+id+"/profile/"+s.name, "/")
			p := c.Get(path)
			if p.Status != 200 {
				t.Errorf("%s: %d", path, p.Status)
			}
			if n := p.Queries - frame; n > 5 {
				t.Errorf("%s takes %d queries", path, n)
			}
		}
	}
	if p := h.Client("ai_officer").Get("/systems/" + id + "/profile/anything"); p.Status != http.StatusNotFound {
		t.Errorf("a step that is none: %d", p.Status)
	}
}

// Who may not change a profile reads the overview and is refused the steps; a
// worker reads none (roles).
func TestWhoMay(t *testing.T) {
	h := house(t)
	id := grave(h)
	for role, want := range map[string][3]int{"ai_officer": {200, 200, 303}, "director": {200, 200, 303}, "safety": {200, 403, 403}, "shift_lead": {200, 403, 403},
		"council": {200, 403, 403}, "auditor": {200, 403, 403}, "admin": {403, 403, 403}, "worker": {403, 403, 403}} {
		c := h.Client(role)
		rev := int64(0)
		if o, err := h.Org.Profile.Of(h.As(""), h.Org.DB, id); err == nil {
			rev = o.Revision
		} else if role == "director" {
			want[2] = 403 // who may only change one cannot begin it
		}
		got := [3]int{c.Get("/systems/" + id + "/profile").Status, c.Get("/systems/" + id + "/profile/intent").Status,
			save(c, id, "intent", rev, "intent.aim", "assist", "intent.statement", "Es hilft "+role).Status}
		if got != want {
			t.Errorf("%s: %v, want %v", role, got, want)
		}
	}
}

func TestWording(t *testing.T) { showtest.Wording(t, Texts) }

// Each step saves on its own and keeps what the others hold; the state in words
// follows (002-40, 004-07, 004-08, 003-12, 001-56, 004-22, 004-04, 002-61).
func TestAGraveSystemIsCompleted(t *testing.T) {
	h := house(t)
	id := grave(h)
	c := h.Client("ai_officer")
	who, other := h.People["director"].ID, h.People["safety"].ID
	if p := c.Get("/systems/" + id + "/profile"); strings.Count(p.Doc.One("#needed").Text(), "fehlt für die Erlaubnis") != 6 {
		t.Errorf("%s", p.Doc.One("#needed").Text())
	}
	rev := int64(0)
	post := func(step string, pairs ...string) {
		t.Helper()
		p := save(c, id, step, rev, pairs...)
		if p.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", step, p.Status, p.Doc.Text())
		}
		rev = stored(h, id).Revision
	}
	post("intent", "intent.aim", "assist", "intent.statement", "Der Plan ist ein Vorschlag.", "intent.hopes", "weniger Nachtschicht", "intent.wants", "weniger Überstunden", "intent.by", who, "intent.on", "2026-11-20")
	post("autonomy", "autonomy.degree", "proposes", "autonomy.reason", "Menschen kennen die Umstände.", "autonomy.limits", "nur Montag bis Freitag\nhöchstens acht Stunden")
	post("decisions", "decisions.0.name", "Schichtplan", "decisions.0.people", "yes", "decisions.0.mode", "in_the_loop", "decisions.0.reason", "trifft Menschen", "decisions.0.person", other, "decisions.1.name", "")
	post("automated", "automated.applies", "no")
	post("persons", "persons.decides", who, "persons.checks", other, "persons.liable", who)
	post("values", "values.fair.say", "gleich viele Wochenenden", "values.fair.by", who, "values.fair.on", "2026-11-20",
		"values.open.say", "jede Schicht in drei Sätzen", "values.open.by", who, "values.open.on", "2026-11-20", "values.held.say", "Gesundheit vor Auslastung", "values.held.by", who, "values.held.on", "2026-11-20")
	post("copyright", "copyright.input.cleared", "yes", "copyright.input.say", "nur eigene Daten", "copyright.input.by", who, "copyright.input.on", "2026-11-20",
		"copyright.output.cleared", "yes", "copyright.output.say", "Pläne sind nicht geschützt", "copyright.output.by", who, "copyright.output.on", "2026-11-20")
	doc := stored(h, id).Doc
	if len(doc.Autonomy.Limits) != 2 || len(doc.Decisions) != 1 || !doc.Decisions[0].People || doc.Persons.Checks != other || doc.Values.Held.Say.DE != "Gesundheit vor Auslastung" {
		t.Errorf("%+v", doc)
	}
	p := c.Get("/systems/" + id + "/profile")
	if n := strings.Count(p.Doc.One("#needed").Text(), "erledigt"); n != 6 {
		t.Errorf("%d done: %s", n, p.Doc.One("#needed").Text())
	}
	p.Shows(t, "Es unterstützt. Der Plan ist ein Vorschlag.", "weniger Nachtschicht", "weniger Überstunden")
	if pm, ok := h.Org.Point.Permit(id); !ok || hasCode(pm, "profile.") {
		t.Errorf("the permit still misses %v", pm.Lapses)
	}
}

func hasCode(p permit.Permit, prefix string) bool {
	for _, l := range p.Lapses {
		if strings.HasPrefix(l.Code, prefix) {
			return true
		}
	}
	return false
}

// What is wrong is said beside its field, everything typed is kept, and nothing
// is stored; so it is when somebody else saved meanwhile (003-05, 003-12, 002-40).
func TestWrongInputIsKept(t *testing.T) {
	h := house(t)
	id := grave(h)
	c := h.Client("ai_officer")
	for step, x := range map[string]struct{ pairs, bad, kept string }{
		"weighing": {"weighing.chances=schneller\nruhiger&weighing.dangers=starr&weighing.complete=yes", "weighing-complete", "ruhiger"},
		"autonomy": {"autonomy.degree=alone&autonomy.reason=Nachts ist niemand da", "autonomy-limits", "Nachts ist niemand da"},
		"intent":   {"intent.aim=replace&intent.statement=Es übernimmt das Sortieren", "intent-follows", "Es übernimmt das Sortieren"},
		"claims":   {"claims.0.what=Zeitersparnis&claims.0.forecast=siebzig&claims.0.source=Anbieter", "claims-0-forecast", "siebzig"},
		"values":   {"values.fair.say=so&values.fair.on=bald", "values-fair-on", "so"},
		"notices":  {"notices.0.kind=notice.chat&notices.0.shown=2026-11-01", "notices-0-place", "2026-11-01"},
	} {
		in := url.Values{"revision": {"0"}}
		for pair := range strings.SplitSeq(x.pairs, "&") {
			k, v, _ := strings.Cut(pair, "=")
			in.Set(k, v)
		}
		p := c.PostForm("/systems/"+id+"/profile/"+step, in)
		if p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#profile-"+x.bad+"-error") || !strings.Contains(p.Body, x.kept) {
			t.Errorf("%s: %d, names %s: %v", step, p.Status, x.bad, p.Doc != nil && p.Doc.Has("#profile-"+x.bad+"-error"))
		}
	}
	if _, err := h.Org.Profile.Of(h.As(""), h.Org.DB, id); err == nil {
		t.Error("something was stored")
	}
	if p := save(c, id, "weighing", 0, "weighing.chances", "schneller", "weighing.dangers", "starr", "weighing.complete", "yes"); p.Status != http.StatusSeeOther {
		t.Errorf("as many dangers as chances: %d", p.Status)
	}
	p := save(c, id, "sheet", 0, "sheet.can", "Pläne vorschlagen")
	if p.Status != http.StatusConflict || !strings.Contains(p.Body, "Pläne vorschlagen") {
		t.Errorf("over somebody's change: %d", p.Status)
	}
	rev := p.Doc.One("input[name=revision]").Attrs["value"]
	if n, _ := strconv.ParseInt(rev, 10, 64); save(c, id, "sheet", n, "sheet.can", "Pläne vorschlagen").Status != http.StatusSeeOther {
		t.Errorf("saving again with revision %s", rev)
	}
}

// One answer hides the questions of privacy, keeps their answers, and leaves
// those of trade secrets (002-67).
func TestDataQuestions(t *testing.T) {
	h := house(t)
	id := h.System("Assistent", nil).ID
	c := h.Client("ai_officer")
	if p := save(c, id, "data", 0, "data.personal", "yes"); !strings.HasPrefix(p.Location, "/werk/systems/"+id+"/profile/data") {
		t.Errorf("the questions that appeared are not shown: %s", p.Location)
	}
	p := c.Get("/systems/" + id + "/profile/data")
	if !p.Doc.Has("input[name=data/privacy.basis]") || !p.Doc.Has("input[name=data/secrets.inputs]") {
		t.Error("with personal data a question is missing")
	}
	save(c, id, "data", stored(h, id).Revision, "data.personal", "yes", "data/privacy.basis", "yes", "data/privacy.basis/say", "Vertrag", "data/secrets.inputs", "no", "data/secrets.inputs/say", "")
	save(c, id, "data", stored(h, id).Revision, "data.personal", "no")
	p = c.Get("/systems/" + id + "/profile/data")
	if p.Doc.Has("input[name=data/privacy.basis]") || !p.Doc.Has("input[name=data/secrets.inputs]") {
		t.Error("without personal data privacy is asked, or secrets are not")
	}
	p.Shows(t, "8 Fragen zum Datenschutz sind ausgeblendet")
	save(c, id, "data", stored(h, id).Revision, "data.personal", "yes")
	if p = c.Get("/systems/" + id + "/profile/data"); !strings.Contains(p.Body, `value="Vertrag"`) {
		t.Error("the hidden answer is lost")
	}
}

// A red line takes the permit at once and says so in words, with its clause
// (003-46); sensitive inference warns (003-09); an automated decision brings its
// questions (003-74).
func TestRedLineWarningAndQuestions(t *testing.T) {
	h := house(t)
	id := h.Permitted("Fräslinie").ID
	c := h.Client("ai_officer")
	save(c, id, "lines", 0, "lines/line.quitting", "yes", "lines/line.quitting/say", "Modul HR")
	if p, _ := h.Org.Point.Permit(id); p.State != permit.Suspended || p.Lapses[0].Code != permit.DemandRedLine {
		t.Errorf("%s %v", p.State, p.Lapses)
	}
	c.Get("/systems/"+id+"/profile/lines").Shows(t, "Eingeschaltet: Vorhersage von Kündigungen", "rote Linie")
	c.Get("/systems/"+id+"/profile").Shows(t, "Rote Linie: Vorhersage von Kündigungen")
	save(c, id, "lines", stored(h, id).Revision, "lines/line.quitting", "no")
	if p, _ := h.Org.Point.Permit(id); p.State != permit.Valid {
		t.Errorf("switched off: %s %v", p.State, p.Lapses)
	}
	save(c, id, "inferred", stored(h, id).Revision, "inferred.0.kind", "infers.union", "inferred.0.from", "Zutrittszeiten")
	c.Get("/systems/"+id+"/profile").Shows(t, "besonders geschützte Daten ab: Zugehörigkeit zu einer Gewerkschaft")
	if p := save(c, id, "automated", stored(h, id).Revision, "automated.applies", "yes"); !strings.Contains(p.Location, "/profile/automated") {
		t.Errorf("the questions are not shown: %s", p.Location)
	}
	c.Get("/systems/"+id+"/profile/automated").Shows(t, "0 von 6 Fragen", "rechtlich oder ähnlich erheblich")
	if p, _ := h.Org.Point.Permit(id); p.State != permit.Suspended {
		t.Errorf("unanswered: %s", p.State)
	}
	var answers []string
	for _, q := range h.Org.Profile.Lists().Article22 {
		answers = append(answers, "automated/"+q.ID, "no", "automated/"+q.ID+"/say", "")
	}
	save(c, id, "automated", stored(h, id).Revision, append(answers, "automated.applies", "yes")...)
	c.Get("/systems/"+id+"/profile/automated").Shows(t, "Die Prüffragen sind beantwortet")
}

// The generator writes the notice, place and proof follow (001-45); forecast and
// measured value stand side by side, the forecast marked (003-20); practice is
// voluntary (001-46); three answers make a result in words (000-27).
func TestNoticesClaimsPracticesEstimate(t *testing.T) {
	h := house(t)
	id := h.System("Telefonassistent", nil).ID
	c := h.Client("ai_officer")
	if p := save(c, id, "notices", 0, "notices.0.kind", "notice.chat"); !strings.Contains(p.Location, "/profile/notices") {
		t.Errorf("the text that was written is not shown: %s", p.Location)
	}
	p := c.Get("/systems/" + id + "/profile/notices")
	if s := p.Doc.One("textarea[name=notices.0.text]").Text(); !strings.Contains(s, "Telefonassistent") || !strings.Contains(s, "Metallbau Muster") {
		t.Errorf("the notice reads %q", s)
	}
	n := stored(h, id).Doc.Notices[0]
	if !n.Text.Complete() || n.Proven() {
		t.Errorf("%+v", n)
	}
	save(c, id, "claims", stored(h, id).Revision, "claims.0.what", "Zeit je Beleg", "claims.0.unit", "%", "claims.0.forecast", "70", "claims.0.source", "Anbieter", "claims.0.on", "2026-10-01")
	p = c.Get("/systems/" + id + "/profile")
	p.Shows(t, "Behauptung, bis gemessen ist", "70 %", "Vorhersage von Anbieter", "noch nicht gemessen")
	save(c, id, "claims", stored(h, id).Revision, "claims.0.what", "Zeit je Beleg", "claims.0.unit", "%", "claims.0.forecast", "70", "claims.0.source", "Anbieter", "claims.0.on", "2026-10-01",
		"claims.0.actual", "31,5", "claims.0.measured", "2026-11-15", "claims.0.how", "Zeitaufschrieb, 40 Belege")
	row := c.Get("/systems/" + id + "/profile").Doc.One("#claims tbody tr").Text()
	if !strings.Contains(row, "70 %") || !strings.Contains(row, "31,5 %") {
		t.Errorf("%s", row)
	}
	save(c, id, "practices", stored(h, id).Revision, "practices", "practice.exit")
	save(c, id, "estimate", stored(h, id).Revision, "estimate.bias", "low", "estimate.privacy", "high", "estimate.security", "some")
	p = c.Get("/systems/" + id + "/profile")
	p.Shows(t, "Bitte genau hinsehen, bevor es weitergeht: Lücken im Datenschutz und Sicherheit.", "Ohne das System arbeiten können")
	p.Hides(t, "fehlt für die Erlaubnis")
	if d := stored(h, id).Doc; len(d.Practices) != 1 || d.Practices[0].Since.IsZero() {
		t.Errorf("%+v", d.Practices)
	}
}

// Whoever loses the access to the house leaves a task for each system that they
// own, before the change is answered (001-51).
func TestWhoLeavesHandsOver(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	owner, err := identity.Persons().Get(h.As(""), h.Org.DB, s.Doc.RiskOwner)
	h.Must(err)
	owner.Doc.Active = false
	_, err = h.Org.Identity.UpdatePerson(h.As("admin"), owner.ID, owner.Revision, owner.Doc)
	h.Must(err)
	tasks, err := h.Org.Duty.Tasks.All(h.As("ai_officer"), h.Org.DB, store.Query{})
	h.Must(err)
	if len(tasks) != 1 || tasks[0].Doc.From != owner.ID || tasks[0].Doc.Cause != duty.ByLeaving || tasks[0].Doc.Systems[0] != s.ID {
		t.Errorf("%+v", tasks)
	}
	if strings.Contains(tasks[0].Doc.Name+tasks[0].Doc.Say.DE, owner.Doc.Name) {
		t.Error("the name of the person is in the text")
	}
}
