package people_test

import (
	"io/fs"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/people"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{people.Texts, objects.Texts}, people.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

const first = "vier-gruene-Feilen-im-Regal"

func TestWording(t *testing.T) { showtest.Wording(t, people.Texts, objects.Texts) }

// No page of the area costs more than five queries beyond the frame.
func TestQueries(t *testing.T) {
	h := house(t)
	h.System("Fräslinie", nil)
	c := h.Client("admin")
	c.Get("/people")
	base := c.Get("/frame").Queries
	for _, path := range []string{"/people", "/people/new", "/people/persons/" + h.People["shift_lead"].ID, "/people/roles", "/people/responsibilities",
		"/people/access", "/people/access/tokens/new", "/people/access/workloads", "/people/access/devices"} {
		p := c.Get(path)
		if got := p.Queries - base; p.Status != 200 || got > 5 {
			t.Errorf("%s: %d, %d queries", path, p.Status, got)
		}
	}
}

// A function is named on the form of a person and shown with what it does
// (001-02); what does not go with a role is said at the field.
func TestFunctions(t *testing.T) {
	h := house(t)
	c := h.Client("admin")
	id := h.People["council"].ID
	p := c.Get("/people/persons/" + id)
	p.Shows(t, "Funktionen", "Datenschutz", "Ethik", "Informationssicherheit")
	form := func(functions ...string) url.Values {
		in := url.Values{"name": {"Rolf Peters"}, "sign_in": {"council"}, "roles": {"council"}, "language": {"de"}, "functions": functions}
		in.Set("revision", p.Doc.One("form#person input[name=revision]").Attrs["value"])
		return in
	}
	if got := c.PostForm("/people/persons/"+id, form("data_protection")); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Doc.Text())
	}
	p = c.Get("/people/persons/" + id)
	p.Shows(t, "Datenschutz berät und zeichnet ab, was über Menschen entscheidet")
	if !p.Doc.Has("input[name=functions][value=data_protection][checked]") {
		t.Error("the form forgot it")
	}
	in := form("data_protection")
	in["roles"] = []string{"director"}
	if got := c.PostForm("/people/persons/"+id, in); got.Status != 422 || !strings.Contains(got.Doc.Text(), "gehören in zwei Hände") {
		t.Errorf("a director watches over himself: %d", got.Status)
	}
}

func TestPersons(t *testing.T) {
	h := house(t)
	c := h.Client("admin")
	p := c.Get("/people")
	p.Shows(t, "Sabine Keller", "KI-Beauftragte", "aktiv", "Niemand wird hier bewertet", "Der eigene Raum des Betriebsrats ist in dieser Fassung noch nicht enthalten.", "8 von 8")
	c.Get("/people?role=shift_lead").Shows(t, "Deniz Kaya", "1 von 1")
	c.Get("/people?q=keller").Shows(t, "Sabine Keller", "1 von 1")
	c.Get("/people?active=false").Shows(t, "Keine Person passt")
	p = h.Client("auditor").Get("/people")
	if p.Doc.Has("a[href=/werk/people/new]") {
		t.Error("an auditor is offered to add persons")
	}
	for _, role := range []string{"worker", "council", "shift_lead"} {
		c := h.Client(role)
		if p := c.Get("/people"); p.Status != 303 || p.Location != "/werk/people/roles" {
			t.Errorf("%s: %d %s", role, p.Status, p.Location)
		}
		if p := c.Get("/people/persons/" + h.People["director"].ID); p.Status != 403 {
			t.Errorf("%s sees a person: %d", role, p.Status)
		}
		for _, path := range []string{"/people/roles", "/people/responsibilities"} {
			if p := c.Get(path); strings.Contains(p.Doc.One("main").Text(), "Jonas Brandt") {
				t.Errorf("%s sees names on %s", role, path)
			}
		}
	}
}

func TestAddPerson(t *testing.T) {
	h := house(t)
	c := h.Client("admin")
	form := []string{"name", "Lea Sommer", "sign_in", "Lea.Sommer", "roles", "shift_lead", "roles", "worker", "language", "en", "deputy_of", h.People["shift_lead"].ID, "password", first}
	p := c.Post("/people/new", form...)
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	path := strings.TrimPrefix(strings.Split(p.Location, "?")[0], "/werk")
	c.Get(path).Shows(t, "Lea Sommer", "lea.sommer", "Schichtleitung", "Vertritt", "Deniz Kaya", "0 offene Sitzungen", "Englisch")
	_, who, err := h.Org.Identity.SignIn(h.As(""), identity.Attempt{Name: "lea.sommer", Password: first, Address: "127.0.0.1"})
	h.Must(err)
	if !who.MustChange {
		t.Error("the first password need not be changed")
	}
	p = c.Post("/people/new", "name", "", "sign_in", "Groß ß!", "roles", "admin", "roles", "director", "language", "xx", "password", "kurz")
	if p.Status != 422 {
		t.Fatalf("wrong input: %d", p.Status)
	}
	for _, name := range []string{"name", "sign_in", "roles", "language"} {
		if !p.Doc.Has("#person-" + name + "-error") {
			t.Errorf("%s is not named as wrong: %s", name, p.Doc.One("main").Text())
		}
	}
	if p = c.Post("/people/new", "name", "Lea", "sign_in", "lea2", "roles", "worker", "language", "de", "password", "kurz"); p.Status != 422 || !p.Doc.Has("#person-password-error") {
		t.Errorf("a short password: %d", p.Status)
	}
	if strings.Contains(p.Body, `value="kurz"`) {
		t.Error("a password is written into a page")
	}
	if got := p.Doc.One("#person-name").Attrs["value"]; got != "Lea" {
		t.Errorf("what was typed is lost: %q", got)
	}
	p = c.Post("/people/new", form...)
	if p.Status != 422 || !p.Doc.Has("#person-sign_in-error") {
		t.Errorf("the same sign-in name twice: %d %s", p.Status, p.Doc.Text())
	}
}

func TestChangePerson(t *testing.T) {
	h := house(t)
	c, id := h.Client("admin"), h.People["shift_lead"].ID
	path := "/people/persons/" + id
	p := c.Get(path)
	if !p.Doc.Has("#change form") || p.Doc.One("#change input[name=revision]").Attrs["value"] != "1" {
		t.Fatal("no form to change the person")
	}
	p = c.Post(path, "revision", "1", "name", "Deniz Kaya-Roth", "sign_in", "shift_lead", "roles", "shift_lead", "roles", "safety", "language", "de")
	if p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	h.Settle()
	c.Get(path).Shows(t, "Deniz Kaya-Roth", "Arbeitssicherheit", "Fassung 2", "bisher: Schichtleitung jetzt: Schichtleitung, Arbeitssicherheit", "Tom Arndt")
	p = c.Post(path, "revision", "1", "name", "Veraltet", "sign_in", "shift_lead", "roles", "worker", "language", "de")
	if p.Status != 409 {
		t.Fatalf("an old revision: %d", p.Status)
	}
	p.Shows(t, "Gespeichert ist jetzt: Deniz Kaya-Roth, shift_lead, Schichtleitung, Arbeitssicherheit, Deutsch.")
	if got := p.Doc.One("#person-name").Attrs["value"]; got != "Veraltet" {
		t.Errorf("what was typed is lost: %q", got)
	}
	p = c.Post(path, "revision", "2", "name", "Deniz Kaya", "sign_in", "shift_lead", "roles", "auditor", "roles", "shift_lead", "language", "de")
	if p.Status != 422 || !p.Doc.Has("#person-roles-error") {
		t.Errorf("roles that exclude each other: %d", p.Status)
	}
	if p = c.Get("/people/persons/usr_nie"); p.Status != 404 {
		t.Errorf("nobody: %d", p.Status)
	}
}

func TestEndAndReset(t *testing.T) {
	h := house(t)
	c, id := h.Client("admin"), h.People["safety"].ID
	path := "/people/persons/" + id
	other := h.Client("safety")
	if p := c.Post(path+"/sessions", "x", ""); p.Status != 303 {
		t.Fatalf("sessions: %d", p.Status)
	}
	if p := other.Get("/people/roles"); p.Status != 303 || !strings.Contains(p.Location, "signin") {
		t.Errorf("an ended session still works: %d", p.Status)
	}
	if p := c.Post(path+"/password", "password", "kurz"); p.Status != 422 || !p.Doc.Has("#pw-password-error") {
		t.Errorf("a short password: %d", p.Status)
	}
	if p := c.Post(path+"/password", "password", first); p.Status != 303 {
		t.Errorf("password: %d", p.Status)
	}
	if _, who, err := h.Org.Identity.SignIn(h.As(""), identity.Attempt{Name: "safety", Password: first, Address: "127.0.0.1"}); err != nil || !who.MustChange {
		t.Errorf("the new first password: %v %+v", err, who)
	}
	if p := c.Post(path+"/factor", "x", ""); p.Status != 303 {
		t.Errorf("factor: %d", p.Status)
	}
	if p := c.Post(path+"/active", "active", "false", "revision", "1"); p.Status != 303 {
		t.Errorf("deactivate: %d", p.Status)
	}
	c.Get(path).Shows(t, "beendet", "Zugang wieder öffnen")
	if p := c.Post(path+"/active", "active", "true", "revision", "1"); p.Status != 409 {
		t.Errorf("an old revision activates: %d", p.Status)
	}
	if p := c.Post(path+"/active", "active", "true", "revision", "2"); p.Status != 303 {
		t.Errorf("activate: %d", p.Status)
	}
}

// Nobody gives rights to themselves, and nobody but an administrator to others;
// what is hidden is refused when it is posted anyway.
func TestWhoManages(t *testing.T) {
	h := house(t)
	admin, self := h.Client("admin"), "/people/persons/"+h.People["admin"].ID
	p := admin.Get(self)
	if p.Doc.Has("#change") || !strings.Contains(p.Doc.Text(), "ändert jemand anderes") {
		t.Error("administrators are offered to change themselves")
	}
	if p := admin.Post(self, "revision", "1", "name", "Tom Arndt", "sign_in", "admin", "roles", "admin", "roles", "worker", "language", "de"); p.Status != 403 {
		t.Errorf("an administrator takes another role: %d", p.Status)
	}
	if p := admin.Post(self+"/active", "active", "false", "revision", "1"); p.Status != 403 {
		t.Errorf("an administrator ends their own access: %d", p.Status)
	}
	if p := admin.Post(self+"/password", "password", first); p.Status != 403 {
		t.Errorf("an administrator resets their own password: %d", p.Status)
	}
	target := "/people/persons/" + h.People["worker"].ID
	for _, role := range []string{"director", "ai_officer", "safety", "shift_lead", "council", "auditor", "worker"} {
		c := h.Client(role)
		for path, form := range map[string][]string{
			"/people/new":                          {"name", "X", "sign_in", "xx", "roles", "worker", "language", "de", "password", first},
			target:                                 {"revision", "1", "name", "X", "sign_in", "worker", "roles", "director", "language", "de"},
			target + "/active":                     {"revision", "1", "active", "false"},
			target + "/password":                   {"password", first},
			target + "/factor":                     {},
			target + "/sessions":                   {},
			"/people/access/tokens/new":            {"name", "x", "holder", "wkl_x", "scopes", "access:evaluate"},
			"/people/access/tokens/tok_x/revoke":   {},
			"/people/access/devices/new":           {"name", "x", "zone", "y"},
			"/people/access/workloads/new":         {"name", "x", "zone", "y"},
			"/people/access/devices/dev_x/posture": {"state", "ok", "patch_age_days", "1"},
		} {
			if p := c.Post(path, form...); p.Status != 403 {
				t.Errorf("%s posts %s: %d", role, path, p.Status)
			}
		}
		for _, path := range []string{"/people/new", "/people/access/tokens/new"} {
			if p := c.Get(path); p.Status != 403 {
				t.Errorf("%s opens %s: %d", role, path, p.Status)
			}
		}
	}
}

// An administrator manages accounts and approves nothing: not a dossier, not an
// agreement, and not by adding the role to themselves.
func TestAdminCannotApprove(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	hash, err := d.Hash()
	h.Must(err)
	for _, role := range []string{"admin", "director", "safety"} {
		if _, err := h.Org.Approve.Give(h.As("admin"), s.ID, role, hash, "", "password"); !problem.Is(err, problem.Denied) {
			t.Errorf("an administrator approves as %s: %v", role, err)
		}
	}
	c := h.Client("admin")
	if p := c.Post("/people/agreements/new", "name", "BV"); p.Status != 403 {
		t.Errorf("an administrator writes an agreement: %d", p.Status)
	}
	for _, role := range []string{"director", "safety", "ai_officer", "shift_lead", "council"} {
		p := c.Post("/people/new", "name", "X", "sign_in", "x"+role, "roles", "admin", "roles", role, "language", "de", "password", first)
		if p.Status != 422 || !p.Doc.Has("#person-roles-error") {
			t.Errorf("admin and %s in one hand: %d", role, p.Status)
		}
	}
}

func TestRoles(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/people/roles")
	p.Shows(t, "verwaltet Zugänge und Geräte; gibt nichts frei und entscheidet nichts", "nie zusammen mit Geschäftsführung, KI-Beauftragte", "ausleiten", "ZTA-02")
	if n := len(p.Doc.All("#matrix-4 tbody tr")); n != len(roles.Matrix()) {
		t.Errorf("%d kinds", n)
	}
	csv := c.Get("/people/roles.csv")
	if csv.Status != 200 || !strings.Contains(csv.Body, "Prüfakte,") || !strings.Contains(csv.Body, `"lesen, ausleiten"`) || strings.Contains(csv.Body, "Jonas Brandt") {
		t.Errorf("table of roles: %d\n%s", csv.Status, csv.Body)
	}
	if p := c.In(text.EN).Get("/people/roles.csv"); !strings.Contains(p.Body, "case file,") {
		t.Error("no English table")
	}
	admin := h.Client("admin")
	if p := admin.Post("/people/new", "name", "=1+1", "sign_in", "formel", "roles", "worker", "language", "de", "password", first); p.Status != 303 {
		t.Fatal(p.Status)
	}
	if got := admin.Get("/people/roles.csv").Body; !strings.Contains(got, "'=1+1,") || !strings.Contains(got, "Jonas Brandt,Geschäftsführung") {
		t.Errorf("a name starts a formula: %s", got)
	}
}

func TestResponsibilities(t *testing.T) {
	h := house(t)
	h.System("Fräslinie", nil)
	h.System("Ohne alles", func(s *inventory.System) { s.RiskOwner, s.Oversee.DeciderRole, s.Oversee.Decider = "", "", text.Bi{} })
	h.System("Niemand da", func(s *inventory.System) { s.Oversee.DeciderRole, s.RiskOwner = "council", h.People["council"].ID })
	h.System("Alt", func(s *inventory.System) { s.LifeCycle = inventory.Retired })
	o, err := identity.Persons().Get(h.As(""), h.Org.DB, h.People["council"].ID)
	h.Must(err)
	o.Doc.Active = false
	_, err = h.Org.Identity.UpdatePerson(h.As("admin"), o.ID, o.Revision, o.Doc)
	h.Must(err)
	p := h.Client("ai_officer").Get("/people/responsibilities")
	p.Shows(t, "3 Systeme mit Lücken", "Deniz Kaya", "Schichtleitung Fräserei", "nur eine Person hat die Rolle", "Risikoverantwortung fehlt", "Rolle für Prüffälle fehlt",
		"niemand hat die Rolle", "Risikoverantwortung hat keinen Zugang mehr")
	if strings.Contains(p.Doc.One("#responsibilities").Text(), "Alt ") {
		t.Error("a retired system needs nobody")
	}
	h.Client("worker").Get("/people/responsibilities").Shows(t, "Fräslinie", "Namen hier nicht sichtbar", "Risikoverantwortung fehlt", "1 System mit Lücke")
}

func workload(t *testing.T, h *showtest.House, systems ...string) (wkl, dev string) {
	t.Helper()
	ctx := h.As("admin")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := identity.Devices().Create(ctx, tx, identity.Device{Name: "Leitrechner 4", Zone: "fertigung",
			Posture: identity.Posture{State: identity.PostureOK, CheckedAt: h.Clock.Now(), PatchAgeDays: 6, Managed: true}})
		if err != nil {
			return err
		}
		w, err := identity.Workloads().Create(ctx, tx, identity.Workload{Name: "Steuerung 4", Zone: "fertigung", Systems: systems, Device: d.ID, Active: true})
		wkl, dev = w.ID, d.ID
		return err
	}))
	return wkl, dev
}

var secret = regexp.MustCompile(`agm_[0-9a-v]{20,}`)

// The secret of a token is on one answer and nowhere else, ever.
func TestTokenSecretIsShownOnce(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	w, _ := workload(t, h, s.ID)
	c := h.Client("admin")
	p := c.Get("/people/access/tokens/new?holder=" + w)
	p.Shows(t, "Programm: Steuerung 4", "Modelle rufen: Fräslinie", "Anlagenzustand melden: fertigung")
	p = c.Post("/people/access/tokens/new", "name", "Linie 4", "holder", w, "scopes", identity.ScopeInfer+s.ID, "scopes", "plant:fertigung", "expires_at", "2027-01-31")
	found := secret.FindAllString(p.Body, -1)
	if p.Status != 200 || len(found) != 1 || p.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %d secrets, %v", p.Status, len(found), p.Header.Get("Cache-Control"))
	}
	who, err := h.Org.Identity.AuthenticateToken(t.Context(), found[0])
	h.Must(err)
	if who.ID != w || !who.MayInfer(s.ID) {
		t.Errorf("the token is for %+v", who)
	}
	tokens, err := identity.Tokens().List(h.As("admin"), h.Org.DB, store.Query{})
	h.Must(err)
	tok := tokens.Items[0]
	if got := tok.Doc.ExpiresAt; !got.Equal(time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("the last day is not included: %v", got)
	}
	h.Settle()
	for _, path := range []string{"/people/access", "/people/access/tokens/" + tok.ID, "/people/access/tokens/new", "/people/access/workloads/" + w} {
		p := c.Get(path)
		if p.Status != 200 || secret.MatchString(p.Body) {
			t.Errorf("%s: %d, or the secret again", path, p.Status)
		}
	}
	for e, err := range h.Org.Journal.Entries(t.Context(), 0, h.Org.Journal.Size()) {
		h.Must(err)
		if strings.Contains(string(e.Entry), found[0]) {
			t.Error("the secret stands in the journal")
		}
	}
	if p = c.Post("/people/access/tokens/" + tok.ID + "/revoke"); p.Status != 303 {
		t.Errorf("revoke: %d", p.Status)
	}
	if _, err := h.Org.Identity.AuthenticateToken(t.Context(), found[0]); !problem.Is(err, problem.Unsigned) {
		t.Errorf("a revoked token passes: %v", err)
	}
	c.Get("/people/access").Shows(t, "widerrufen", "Linie 4", "Modelle rufen: Fräslinie")
	c.Get("/people/access/tokens/"+tok.ID).Shows(t, "widerrufen", "Tom Arndt", "Das Geheimnis kann niemand mehr anzeigen.")
	h.Client("auditor").Get("/people/access").Shows(t, "Linie 4")
	if p := h.Client("director").Get("/people/access"); p.Doc.Has("#keys") {
		t.Error("a director sees tokens")
	}
	for _, role := range []string{"worker", "council"} {
		if p := h.Client(role).Get("/people/access"); p.Status != 403 {
			t.Errorf("%s: %d", role, p.Status)
		}
	}
	if p := c.Post("/people/access/tokens/tok_nie/revoke"); p.Status != 404 {
		t.Errorf("no such token: %d", p.Status)
	}
}

func TestTokenWrongInput(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	w, d := workload(t, h, s.ID)
	c := h.Client("admin")
	for name, tt := range map[string]struct {
		form  []string
		field string
	}{
		"no name":           {[]string{"holder", w, "scopes", "access:evaluate"}, "name"},
		"no holder":         {[]string{"name", "x", "scopes", "access:evaluate"}, "holder"},
		"no scope":          {[]string{"name", "x", "holder", w}, "scopes"},
		"a made-up scope":   {[]string{"name", "x", "holder", w, "scopes", "alles"}, "scopes"},
		"not for a program": {[]string{"name", "x", "holder", w, "scopes", "posture:report"}, "scopes"},
		"all systems":       {[]string{"name", "x", "holder", d, "scopes", "infer:*"}, "scopes"},
		"no day":            {[]string{"name", "x", "holder", w, "scopes", "access:evaluate", "expires_at", "bald"}, "expires_at"},
		"in the past":       {[]string{"name", "x", "holder", w, "scopes", "access:evaluate", "expires_at", "2020-01-01"}, "expires_at"},
		"too long":          {[]string{"name", "x", "holder", w, "scopes", "access:evaluate", "expires_at", "2030-01-01"}, "expires_at"},
		"unknown holder":    {[]string{"name", "x", "holder", "wkl_nie", "scopes", "access:evaluate"}, "holder"},
	} {
		p := c.Post("/people/access/tokens/new", tt.form...)
		if p.Status != 422 || !p.Doc.Has("#token-"+tt.field+"-error") || secret.MatchString(p.Body) {
			t.Errorf("%s: %d, %s", name, p.Status, p.Doc.One("main").Text())
		}
	}
}

func TestDevices(t *testing.T) {
	h := house(t)
	s := h.System("Fräslinie", nil)
	_, d := workload(t, h, s.ID)
	c := h.Client("admin")
	c.Get("/people/access").Shows(t, "Leitrechner 4", "in Ordnung", "6 Tage", "Steuerung 4", "Fräslinie")
	h.Clock.Add(25 * time.Hour)
	c = h.Client("admin")
	c.Get("/people/access").Shows(t, "unbekannt")
	path := "/people/access/devices/" + d
	c.Get(path).Shows(t, "Gerätezustand jetzt", "unbekannt", "Prüfung eintragen")
	for _, form := range [][]string{{"state", "unknown", "patch_age_days", "1"}, {"state", "ok", "patch_age_days", "viel"}, {"state", "ok", "patch_age_days", "-1"}, {"state", "ok", "patch_age_days", "1,5"}, {}} {
		if p := c.Post(path+"/posture", form...); p.Status != 422 || !p.Doc.Has(".field.bad") {
			t.Errorf("%v: %d", form, p.Status)
		}
	}
	if p := c.Post(path+"/posture", "state", "degraded", "patch_age_days", "40", "managed", "true"); p.Status != 303 {
		t.Fatalf("posture: %d", p.Status)
	}
	c.Get(path).Shows(t, "beeinträchtigt", "40 Tage")
	if p := c.Post(path+"/edit", "revision", "2", "name", "Leitrechner 5", "zone", "fertigung", "posture.state", "ok"); p.Status != 303 {
		t.Fatalf("rename: %d", p.Status)
	}
	c.Get(path).Shows(t, "Leitrechner 5", "beeinträchtigt")
	if p := c.Get("/people/access/devices/dev_nie/posture"); p.Status != 404 {
		t.Errorf("no such device: %d", p.Status)
	}
}
