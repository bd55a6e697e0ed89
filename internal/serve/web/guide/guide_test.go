package guide_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/guide"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

func open(t *testing.T) *showtest.House {
	t.Helper()
	bare := page.Route{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, templ.NopComponent)
	}}
	return showtest.Open(t, []fs.FS{guide.Texts}, guide.Routes(), []page.Route{bare})
}

// tool is a system that nobody identified yet.
func tool(h *showtest.House, name string) string {
	return h.System(name, func(s *inventory.System) { s.LifeCycle = inventory.Idea }).ID
}

// fields are the hidden fields of a form, as a browser sends them back.
func fields(t *testing.T, p showtest.Page, form string) map[string]string {
	t.Helper()
	out := map[string]string{}
	f := p.Doc.One("form#" + form)
	if f == nil {
		t.Fatalf("status %d: no form %s in: %s", p.Status, form, p.Doc.Text())
	}
	out[""] = strings.TrimPrefix(f.Attrs["action"], "/werk")
	for _, in := range f.All("input[type=hidden]") {
		out[in.Attrs["name"]] = in.Attrs["value"]
	}
	return out
}

// answer sends the answers to the question on the page and follows where it
// leads.
func answer(t *testing.T, c *showtest.Client, p showtest.Page, values ...string) showtest.Page {
	t.Helper()
	f := fields(t, p, "step")
	form := map[string][]string{"answer": values}
	for name, v := range f {
		if name != "" {
			form[name] = []string{v}
		}
	}
	out := c.PostForm(f[""], form)
	if out.Status == 303 {
		return c.Get(strings.TrimPrefix(out.Location, "/werk"))
	}
	return out
}

// submit sends a form with its hidden fields and more pairs.
func submit(t *testing.T, c *showtest.Client, p showtest.Page, form string, pairs ...string) showtest.Page {
	t.Helper()
	f := fields(t, p, form)
	values := map[string][]string{}
	for name, v := range f {
		if name != "" {
			values[name] = []string{v}
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = append(values[pairs[i]], pairs[i+1])
	}
	return c.PostForm(f[""], values)
}

// asked is the question on the page, by its id.
func asked(p showtest.Page) string {
	if q := p.Doc.One("form#step input[name=q]"); q != nil {
		return q.Attrs["value"]
	}
	return ""
}

// works are the four systems of the model company: how people answer, and what
// comes out. The class needs at most six questions in the clear cases.
var works = []struct {
	name   string
	people string // kid-e2
	say    map[string][]string
	class  string
	role   string
	clear  bool
}{
	{"Fräslinie: Ausfallvorhersage", "no", map[string][]string{"practices": {"none"}, "areas": {"none"}, "product": {"none"}, "outputs": {"none"},
		"activities": {"uses"}, "consequence": {"disturbance"}, "reach": {"plant"}, "targeted": {"no"}}, "minimal", "deployer", true},
	{"Kameraprüfung Zierblenden", "no", map[string][]string{"practices": {"none"}, "areas": {"none"}, "product": {"none"}, "outputs": {"none"},
		"activities": {"uses"}, "consequence": {"disturbance"}, "reach": {"plant"}, "targeted": {"no"}}, "minimal", "deployer", true},
	{"Büroassistent", "no", map[string][]string{"practices": {"none"}, "areas": {"none"}, "product": {"none"}, "outputs": {"chat", "synthetic"}, "editing_only": {"no"}, "obvious": {"yes"},
		"activities": {"uses"}, "consequence": {"disturbance"}, "reach": {"office"}, "targeted": {"no"}}, "limited", "deployer", true},
	{"Schichtplan, noch offen", "yes", map[string][]string{"practices": {"none"}, "areas": {"workers"}, "worker_basis": {"unknown"}, "profiling": {"unknown"}, "derogation": {"unknown"},
		"product": {"none"}, "outputs": {"none"}, "activities": {"uses"}, "changes": {"none"}, "consequence": {"none"}, "reach": {"office"}, "targeted": {"no"}}, "unclear", "deployer", false},
	{"Schichtplan nach Merkmalen", "yes", map[string][]string{"practices": {"none"}, "areas": {"workers"}, "worker_basis": {"traits"}, "profiling": {"yes"},
		"activities": {"uses"}, "changes": {"none"}, "consequence": {"none"}, "reach": {"office"}, "targeted": {"no"}}, "high", "deployer", true},
}

// The AI officer walks both wizards for the systems of the model company, page
// by page, as a browser without script does (acceptance 2, 12, 18). It ends with
// class, reason and rule trace (000-21).
func TestWalkTheModelCompany(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			id := tool(h, w.name)
			p := officer.Get("/systems/" + id + "/identify")
			clear := map[string]string{"kid-b3": "yes", "kid-b4": "yes", "kid-c1": "yes", "kid-d3": "yes", "kid-e1": "no", "kid-e2": w.people}
			n := 0
			for asked(p) != "" {
				n++
				p = answer(t, officer, p, clear[asked(p)])
			}
			if n > 6 {
				t.Errorf("%d questions until it is known to be AI", n)
			}
			p.Shows(t, "KI-System", "noch nicht gespeichert", "Alle Merkmale der gesetzlichen Definition", "KI-VO Art. 3(1)", "von 11 Punkten", "keine Rechtsberatung")
			if p = submit(t, officer, p, "save"); p.Status != 303 || !strings.Contains(p.Location, "said=guide.identified") {
				t.Fatalf("saving: %d %s", p.Status, p.Location)
			}
			p = officer.Get("/systems/" + id + "/identify")
			p.Shows(t, "Gespeichert von Sabine Keller", "System einstufen")

			p = officer.Get("/systems/" + id + "/classify")
			n = 0
			for asked(p) != "" {
				if strings.Contains(p.Doc.Text(), "Teil 1 von 3: Risikoklasse") {
					n++
				}
				said, ok := w.say[asked(p)]
				if !ok {
					t.Fatalf("an unexpected question: %s", asked(p))
				}
				p = answer(t, officer, p, said...)
			}
			if w.clear && n > 6 {
				t.Errorf("%d questions about the class", n)
			}
			p.Shows(t, show.Word(ui.Ctx{Lang: text.DE, Texts: h.Site.Texts}, "class", w.class), "Betreiber", "SL-T 1", "noch nicht gespeichert", "Rechtsdaten vom 21.11.2026")
			if strings.Count(p.Doc.Text(), "Rechtsberatung") != 1 {
				t.Error("that this is no legal advice is to be said once")
			}
			var more []string
			if !w.clear {
				p.Shows(t, "Offene Fragen", "Was tut es genau mit den Beschäftigten?")
				more = []string{"open_who", h.People["ai_officer"].ID, "open_due", "2026-12-05", "open_to", "vendor"}
			}
			if p = submit(t, officer, p, "save", more...); p.Status != 303 {
				t.Fatalf("saving: %d %s", p.Status, p.Doc.Text())
			}
			c, err := h.Org.Classify.Of(h.As(""), h.Org.DB, id)
			h.Must(err)
			if c.Doc.Class != w.class || c.Doc.Role != w.role || c.Doc.Verdict != "ai_system" || len(c.Doc.Draft) != 0 {
				t.Errorf("stored: %+v", c.Doc)
			}
			p = officer.Get("/systems/" + id + "/classify")
			p.Shows(t, "Gespeichert von Sabine Keller", "Ihre Antworten")
			if !w.clear {
				p.Shows(t, "Sabine Keller, bis 05.12.2026", "Offene Fragen klären")
			}
		})
	}
}

// Every page speaks both languages, costs few queries and has one title.
func TestPages(t *testing.T) {
	h := open(t)
	id := tool(h, "Werkzeug")
	done := h.System("Fertig", nil)
	h.Assess(done.ID, "ai_system", "minimal")
	for _, l := range showtest.Langs {
		officer := h.Client("ai_officer").In(l)
		officer.Get("/frame")
		frame := officer.Get("/frame").Queries
		for path, want := range map[string][2]string{
			"/systems/" + id + "/identify":                {"Ist das KI?", "Is this AI?"},
			"/systems/" + id + "/identify?q=kid-c1":       {"trainiert", "trained"},
			"/systems/" + id + "/classify":                {"Zuerst klären Sie bitte", "First, please settle"},
			"/systems/" + done.ID + "/identify":           {"KI-System", "AI system"},
			"/systems/" + done.ID + "/classify":           {"Minimales Risiko", "Minimal risk"},
			"/systems/" + done.ID + "/classify?q=outputs": {"Nichts davon", "None of these"},
		} {
			p := officer.Get(path)
			i := 0
			if l == text.EN {
				i = 1
			}
			p.Shows(t, want[i])
			if p.Status != 200 || len(p.Doc.All("h1")) != 1 {
				t.Errorf("%s %s: status %d, %d titles", l, path, p.Status, len(p.Doc.All("h1")))
			}
			if p.Queries-frame > 5 {
				t.Errorf("%s: %d queries beside the frame", path, p.Queries-frame)
			}
		}
	}
}

// An answer that is missing or unknown to the questionnaire keeps the page.
func TestWrongAnswers(t *testing.T) {
	h := open(t)
	id := tool(h, "Werkzeug")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + id + "/identify")
	for name, values := range map[string][]string{"nothing": nil, "no such option": {"perhaps"}} {
		if got := answer(t, officer, p, values...); got.Status != 422 || !got.Doc.Has(".summary") || asked(got) != asked(p) {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	if got := officer.Post("/systems/"+id+"/identify", "q", "kid-zz", "answer", "yes"); got.Status != 404 {
		t.Errorf("no such question: %d", got.Status)
	}
	if got := officer.Post("/systems/"+id+"/identify", "answers", "x", "q", "kid-b3", "answer", "yes"); got.Status != 422 {
		t.Errorf("broken answers: %d", got.Status)
	}
	if got := officer.Post("/systems/"+id+"/identify", "answers", "kid-zz=yes", "q", "kid-b3", "answer", "yes"); got.Status != 422 {
		t.Errorf("an answer to no question: %d", got.Status)
	}
	if got := officer.Get("/systems/sys_nothing/identify"); got.Status != 404 {
		t.Errorf("no such system: %d", got.Status)
	}
	h.Assess(id, "ai_system", "minimal")
	p = officer.Get("/systems/" + id + "/classify?q=areas")
	for name, values := range map[string][]string{"nothing": nil, "none and more": {"none", "workers"}, "unknown and more": {"workers", "unknown"}, "no such option": {"moon"}} {
		got := answer(t, officer, p, values...)
		if got.Status != 422 || asked(got) != "areas" {
			t.Errorf("%s: %d", name, got.Status)
		}
		for _, v := range values {
			if v != "moon" && !got.Doc.Has("input[value="+v+"][checked]") {
				t.Errorf("%s: the tick at %s is lost", name, v)
			}
		}
	}
	if got := officer.Post("/systems/"+id+"/classify", "q", "nothing", "answer", "yes"); got.Status != 404 {
		t.Errorf("no such question: %d", got.Status)
	}
}

// Back keeps what was chosen and leads to the question before; every answer can
// be changed later.
func TestBackAndChange(t *testing.T) {
	h := open(t)
	id := tool(h, "Werkzeug")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + id + "/identify")
	if p.Doc.Has("button[value=back]") {
		t.Error("the first question leads back to nowhere")
	}
	p = answer(t, officer, p, "yes")
	second := asked(p)
	f := fields(t, p, "step")
	p = officer.Post(f[""], "q", second, "answers", f["answers"], "revision", f["revision"], "answer", "unknown", "go", "back")
	p = officer.Get(strings.TrimPrefix(p.Location, "/werk"))
	if asked(p) != "kid-b3" || !p.Doc.Has("input[value=yes][checked]") {
		t.Fatalf("back leads to %s", asked(p))
	}
	a, err := h.Org.Assess.One(h.As(""), h.Org.DB, id, assess.Identification)
	h.Must(err)
	if len(a.Doc.Draft) != 2 || a.Doc.Draft[1].Value != "unknown" || a.Doc.Concluded() {
		t.Errorf("what was chosen before going back is lost: %+v", a.Doc)
	}
	p = answer(t, officer, p, "no") // changes the first answer
	p = officer.Get("/systems/" + id + "/identify?q=" + second)
	p.Shows(t, "Ihre Antworten", "Nein")
	if !p.Doc.Has("input[value=unknown][checked]") {
		t.Error("the second answer is lost")
	}
	// A week later it goes on at the same place.
	h.Clock.Add(0)
	if next := officer.Get("/systems/" + id + "/identify"); asked(next) == "" || asked(next) == "kid-b3" || asked(next) == second {
		t.Errorf("it goes on at %q", asked(next))
	}
}

// Looking at a saved result again changes nothing until it is saved; the change
// can be taken back.
func TestDraftBesideTheResult(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräslinie")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + s.ID + "/identify?q=kid-b3")
	p = answer(t, officer, p, "no")
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "valid" {
		t.Fatalf("an answer on the way made the permit %q", permit.State)
	}
	if !p.Doc.Has("form[action=/werk/systems/" + s.ID + "/identify/discard]") {
		t.Fatal("no way to take it back")
	}
	rev := p.Doc.One("form[action=/werk/systems/" + s.ID + "/identify/discard] input[name=revision]").Attrs["value"]
	if p = officer.Post("/systems/"+s.ID+"/identify/discard", "revision", rev); p.Status != 303 {
		t.Fatalf("%d", p.Status)
	}
	officer.Get("/systems/"+s.ID+"/identify").Shows(t, "Gespeichert von")

	p = officer.Get("/systems/" + s.ID + "/classify?q=practices")
	p = answer(t, officer, p, "f")
	rev = p.Doc.One("form[action=/werk/systems/" + s.ID + "/classify/discard] input[name=revision]").Attrs["value"]
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "valid" {
		t.Fatalf("an answer on the way made the permit %q", permit.State)
	}
	if p = officer.Post("/systems/"+s.ID+"/classify/discard", "revision", rev); p.Status != 303 {
		t.Fatalf("%d", p.Status)
	}
}

// Unclear is allowed, with an owner and a day; the text to the vendor is ready.
func TestUnclearIdentification(t *testing.T) {
	h := open(t)
	id := tool(h, "Lagersoftware")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + id + "/identify")
	for asked(p) != "" {
		p = answer(t, officer, p, "unknown")
	}
	p.Shows(t, "Text an den Anbieter", "Offene Fragen", "Wer klärt die offenen Fragen", "Bis wann", "ungeklärt")
	letter := p.Doc.One("textarea#letter-text")
	if letter == nil || !strings.Contains(letter.Text(), "Lagersoftware") || !strings.Contains(letter.Text(), "Womit wurden sie trainiert?") ||
		!strings.Contains(letter.Text(), "Metallbau Muster") {
		t.Errorf("the letter: %v", letter)
	}
	if !p.Doc.Has("option[value="+h.People["ai_officer"].ID+"][selected]") || !p.Doc.Has("input[name=open_due][value=2026-12-05]") {
		t.Error("owner and day are not proposed")
	}
	for name, pairs := range map[string][]string{
		"nobody": {"open_who", "", "open_due", "2026-12-05"}, "no day": {"open_who", h.People["safety"].ID, "open_due", ""},
		"a day that is over": {"open_who", h.People["safety"].ID, "open_due", "2026-11-20"}, "no such day": {"open_who", h.People["safety"].ID, "open_due", "2026-13-40"},
	} {
		got := submit(t, officer, p, "save", pairs...)
		if got.Status != 422 || !got.Doc.Has("form#save .summary") {
			t.Errorf("%s: %d", name, got.Status)
		}
		if pairs[1] != "" && !got.Doc.Has("option[value="+pairs[1]+"][selected]") {
			t.Errorf("%s: the chosen person is lost", name)
		}
	}
	if got := submit(t, officer, p, "save", "open_who", h.People["safety"].ID, "open_due", "2026-11-21"); got.Status != 303 {
		t.Errorf("until today: %d", got.Status)
	}
	officer.Get("/systems/"+id+"/identify").Shows(t, "Miriam Vogt, bis 21.11.2026", "Text an den Anbieter")
}

// Another class than the rules say needs a reason, upwards and downwards; what
// is entered is kept (acceptance 29).
func TestOverride(t *testing.T) {
	h := open(t)
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + s.ID + "/classify?q=practices")
	for asked(p) != "" {
		p = answer(t, officer, p, works[0].say[asked(p)]...)
	}
	p.Shows(t, "Was mit „begrenzt“ dazukäme", "Art. 50", "Personentage", "Eigene Schätzung", "Anders einstufen als die Regeln")
	got := submit(t, officer, p, "save", "class", "high", "reason", "Vorsicht")
	if got.Status != 422 || !got.Doc.Has("details[open] option[value=high][selected]") || !strings.Contains(got.Doc.One("textarea[name=reason]").Text(), "Vorsicht") {
		t.Fatalf("without a sentence: %d", got.Status)
	}
	got = submit(t, officer, p, "save", "class", "unclear", "confirmed", "unclear", "reason", "Der Anbieter hat noch nicht geantwortet.")
	if got.Status != 422 || !got.Doc.Has("select[name=open_who]") {
		t.Fatalf("unclear by hand: %d", got.Status)
	}
	if got = submit(t, officer, p, "save", "class", "high", "confirmed", "high", "reason", "Wir behandeln es vorsorglich so."); got.Status != 303 {
		t.Fatalf("with a sentence: %d", got.Status)
	}
	officer.Get("/systems/"+s.ID+"/classify").Shows(t, "Von Menschen festgelegt: hoch. Die Regeln sagen: minimal.", "Wir behandeln es vorsorglich so.")
}

// When somebody saved meanwhile, both sets of answers are shown, and the reader
// may keep either.
func TestConflictShowsBoth(t *testing.T) {
	h := open(t)
	id := tool(h, "Werkzeug")
	one, two := h.Client("ai_officer"), h.Client("safety")
	p := one.Get("/systems/" + id + "/identify")
	answer(t, two, two.Get("/systems/"+id+"/identify"), "no")
	got := answer(t, one, p, "yes")
	if got.Status != 409 {
		t.Fatalf("%d", got.Status)
	}
	got.Shows(t, "Miriam Vogt hat inzwischen gespeichert", "Ja", "Nein", "Meine Antworten behalten", "Gespeicherte Antworten übernehmen")
	if a, _ := h.Org.Assess.One(h.As(""), h.Org.DB, id, assess.Identification); a.Doc.Draft[0].Value != "no" {
		t.Error("the stored answer was overwritten")
	}
	if got = submit(t, one, got, "conflict"); got.Status != 303 {
		t.Fatalf("%d", got.Status)
	}
	if a, _ := h.Org.Assess.One(h.As(""), h.Org.DB, id, assess.Identification); a.Doc.Draft[0].Value != "yes" {
		t.Error("my answer was not kept")
	}

	// The same while saving a classification; reason and class travel on.
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	p = one.Get("/systems/" + s.ID + "/classify?q=practices")
	for asked(p) != "" {
		p = answer(t, one, p, works[0].say[asked(p)]...)
	}
	answer(t, one, one.Get("/systems/"+s.ID+"/classify?q=reach"), "outside")
	got = submit(t, one, p, "save", "class", "high", "confirmed", "high", "reason", "Wir behandeln es vorsorglich so.")
	if got.Status != 409 {
		t.Fatalf("%d", got.Status)
	}
	got.Shows(t, "Von wo aus ist die Zone erreichbar?")
	if got = submit(t, one, got, "conflict"); got.Status != 303 {
		t.Fatalf("%d", got.Status)
	}
	c, err := h.Org.Classify.Of(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	if c.Doc.Class != "high" || c.Doc.Reason == "" {
		t.Errorf("%+v", c.Doc)
	}
}

// Who may not answer sees no form, and is refused when posting all the same.
func TestRoles(t *testing.T) {
	h := open(t)
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	id := tool(h, "Werkzeug")
	for _, role := range []string{"director", "council", "auditor", "shift_lead"} {
		c := h.Client(role)
		for _, path := range []string{"/systems/" + s.ID + "/identify", "/systems/" + s.ID + "/classify", "/systems/" + id + "/identify?q=kid-b3", "/systems/" + id + "/classify"} {
			p := c.Get(path)
			if p.Status != 200 || p.Doc.Has("main form") {
				t.Errorf("%s %s: %d, a form: %v", role, path, p.Status, p.Doc.Has("main form"))
			}
		}
		c.Get("/systems/"+id+"/identify").Shows(t, "noch niemand beantwortet", "KI-Beauftragte")
		for _, path := range []string{"/identify", "/identify/save", "/identify/discard", "/classify", "/classify/save", "/classify/discard"} {
			p := c.Post("/systems/"+s.ID+path, "revision", "1", "q", map[bool]string{true: "kid-b3", false: "product"}[strings.HasPrefix(path, "/identify")], "answer", map[bool]string{true: "yes", false: "none"}[strings.HasPrefix(path, "/identify")],
				"open_who", h.People[role].ID, "open_due", "2026-12-05", "open_to", "vendor")
			if p.Status != 403 {
				t.Errorf("%s posts %s: %d", role, path, p.Status)
			}
		}
	}
	for _, role := range []string{"worker", "admin"} {
		if p := h.Client(role).Get("/systems/" + s.ID + "/classify"); p.Status != 403 {
			t.Errorf("%s: %d", role, p.Status)
		}
	}
	if p := h.Nobody().Get("/systems/" + s.ID + "/classify"); p.Status != 303 || !strings.Contains(p.Location, "/signin") {
		t.Errorf("nobody: %d %s", p.Status, p.Location)
	}
}

// What is no AI system gets no class and no role, but a security level; three
// questions are left.
func TestNoAISystem(t *testing.T) {
	h := open(t)
	s := h.System("Lagerliste", nil)
	h.Assess(s.ID, "not_ai_but_people", "unclear")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + s.ID + "/classify?q=consequence")
	n := 0
	for asked(p) != "" {
		p, n = answer(t, officer, p, works[0].say[asked(p)]...), n+1
	}
	if n == 0 || n > 3 {
		t.Errorf("%d questions", n)
	}
	p.Shows(t, "keine, kein KI-System", "Datenschutz und Mitbestimmung gelten trotzdem", "SL-T 1")
	if p.Doc.Has("select[name=class]") {
		t.Error("a class is offered for what is no AI system")
	}
	if p = submit(t, officer, p, "save"); p.Status != 303 {
		t.Errorf("%d", p.Status)
	}
}

// A result made under another identification says so.
func TestStaleClassification(t *testing.T) {
	h := open(t)
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + s.ID + "/classify?q=practices")
	for asked(p) != "" {
		p = answer(t, officer, p, works[0].say[asked(p)]...)
	}
	submit(t, officer, p, "save")
	p = officer.Get("/systems/" + s.ID + "/identify?q=kid-b3")
	rules := map[string]string{"kid-b3": "no", "kid-b4": "yes", "kid-c1": "no", "kid-c2": "no", "kid-d3": "no", "kid-e1": "yes", "kid-e2": "no"}
	for asked(p) != "" {
		p = answer(t, officer, p, rules[asked(p)])
	}
	if p = submit(t, officer, p, "save"); p.Status != 303 {
		t.Fatalf("%d", p.Status)
	}
	officer.Get("/systems/"+s.ID+"/classify").Shows(t, "Inzwischen steht dort „keine KI“")
}

// A saved result is confirmed as it is when what it rests on changed: nothing else
// would lift the demand to look at it again.
func TestConfirmedAgain(t *testing.T) {
	h := open(t)
	s := h.System("Fräslinie", func(s *inventory.System) { s.People = true })
	h.Assess(s.ID, "ai_system", "minimal")
	officer := h.Client("ai_officer")
	p := officer.Get("/systems/" + s.ID + "/classify?q=practices")
	for asked(p) != "" {
		p = answer(t, officer, p, works[0].say[asked(p)]...)
	}
	submit(t, officer, p, "save", "class", "high", "confirmed", "high", "reason", "Wir behandeln es vorsorglich so.")
	before, err := h.Org.Classify.Of(h.As("ai_officer"), h.Org.DB, s.ID)
	h.Must(err)
	h.Must(h.Org.DB.Write(h.As("ai_officer"), func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(h.As("ai_officer"), tx, s.ID)
		if err != nil {
			return err
		}
		o.Doc.DataSources = []string{"Zeiterfassung"}
		_, err = h.Org.Inventory.Systems.Update(h.As("ai_officer"), tx, o.ID, o.Revision, o.Doc)
		return err
	}))
	h.Settle()
	p = officer.Get("/systems/" + s.ID + "/classify")
	p.Shows(t, "Seit der Einstufung geändert: Datenquellen oder Datenarten.")
	if got := submit(t, officer, p, "again"); got.Status != 303 {
		t.Fatalf("confirming: %d %s", got.Status, got.Doc.Text())
	}
	after, err := h.Org.Classify.Of(h.As("ai_officer"), h.Org.DB, s.ID)
	h.Must(err)
	if after.Doc.Class != "high" || after.Doc.Reason != before.Doc.Reason || !slices.Contains(after.Doc.Basis.Data, "Zeiterfassung") || len(after.Doc.Answers) != len(before.Doc.Answers) {
		t.Errorf("confirmed as %+v", after.Doc)
	}
	h.Settle()
	if p = officer.Get("/systems/" + s.ID + "/classify"); strings.Contains(p.Doc.Text(), "Seit der Einstufung") || h.Client("auditor").Get("/systems/"+s.ID+"/classify").Doc.Has("form#again") {
		t.Error("still to be looked at, or an auditor may confirm")
	}
}

func TestWording(t *testing.T) {
	all, err := ui.Texts(show.Texts, guide.Texts)
	if err != nil {
		t.Fatal(err)
	}
	texttest.Known(t, all, ".")
	pages, err := os.ReadFile("texts/guide.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texttest.Used(t, fstest.MapFS{"guide.yaml": {Data: pages}}, ".")
	texttest.Manners(t, os.DirFS("texts"), texttest.Page)
	for _, said := range []string{"guide.identified", "guide.classified", "guide.discarded"} {
		if !all.Has("notice." + said) {
			t.Errorf("nothing is said after %s", said)
		}
	}
}
