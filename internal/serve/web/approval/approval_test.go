package approval_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/approval"
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
	return showtest.Open(t, []fs.FS{approval.Texts}, approval.Routes(), []page.Route{bare})
}

// ready is a system that only waits for its approvals.
func ready(h *showtest.House, name string) string {
	s := h.System(name, nil)
	h.Model(s.ID)
	h.Assess(s.ID, "ai_system", "minimal")
	return s.ID
}

func hidden(p showtest.Page, form, name string) string {
	if in := p.Doc.One("form#" + form + " input[name=" + name + "]"); in != nil {
		return in.Attrs["value"]
	}
	return ""
}

// of is the approval of a role, the newest first.
func of(h *showtest.House, system, role string) store.Object[approve.Approval] {
	h.T.Helper()
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, system)
	h.Must(err)
	for _, a := range d.Approvals {
		if a.Doc.Role == role && a.Doc.WithdrawnAt.IsZero() {
			return a
		}
	}
	h.T.Fatalf("no approval of %s", role)
	return store.Object[approve.Approval]{}
}

// Two people read the dossier and approve; the permit is valid when the second
// is answered, and the remark stands beside the approval.
func TestTwoApprove(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie")
	director, safety := h.Client("director"), h.Client("safety")
	p := director.Get("/systems/" + id + "/approve")
	p.Shows(t, "Es gibt noch keine Betriebserlaubnis", "Wartung der Fräslinie planen", "Beurteilung von Personen", "minimal", "Kein Anwendungsfall aus Anhang III trifft zu.",
		"KI-VO Art. 6(2)", "ausfall-1 1.2.0", "Modellkarte vollständig", "AUC", "0,85", "Unter 0,85 Sicherheit entscheidet ein Mensch", "Nicht nötig", "Eingetragen von Sabine Keller",
		"Geschäftsführung steht aus", "Arbeitssicherheit steht aus", "Freigeben als Geschäftsführung", "Noch niemand hat freigegeben")
	if n := len(p.Doc.All("form#approve button[name=role]")); n != 1 {
		t.Errorf("%d buttons", n)
	}
	seen := hidden(p, "approve", "seen")
	if !strings.HasPrefix(seen, "sha256:") || !strings.Contains(p.Doc.One(".head-aside b").Text(), seen[7:11]) {
		t.Errorf("the hash %q is not shown", seen)
	}
	const dissent = "Ich hätte lieber noch einen Monat erprobt."
	if got := director.Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "director", "seen", seen, "remark", dissent); got.Status != 303 || !strings.Contains(got.Location, "said=approval.given") {
		t.Fatalf("%d %s", got.Status, got.Location)
	}
	p = safety.Get("/systems/" + id + "/approve")
	p.Shows(t, "Geschäftsführung freigegeben Jonas Brandt, 21.11.2026", "Arbeitssicherheit steht aus", dissent, "Freigeben als Arbeitssicherheit")
	if got := safety.Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "safety", "seen", hidden(p, "approve", "seen")); got.Status != 303 {
		t.Fatalf("%d", got.Status)
	}
	if permit, _ := h.Org.Point.Permit(id); permit.State != "valid" {
		t.Fatalf("the runtime holds %q", permit.State)
	}
	p = safety.Get("/systems/" + id + "/approve?said=approval.given")
	p.Shows(t, "Ihre Freigabe ist unterschrieben.", "Die Betriebserlaubnis gilt.", "BE-2026-0001", "GÜLTIG", dissent)
	if a := of(h, id, "director"); a.Doc.Method != "password" || a.Doc.Remark != dissent {
		t.Errorf("%+v", a.Doc)
	}
	if p.Doc.Has("form#approve") {
		t.Error("a role that approved is asked again")
	}
	p.Shows(t, "In dieser Rolle ist das System schon freigegeben.")
}

// Whoever registered the system learns why somebody else has to approve it.
func TestWhyNot(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie")
	for role, want := range map[string]string{
		"ai_officer": "Sie haben das System eingetragen. Freigeben muss es jemand anderes.", "council": "Freigeben können: Geschäftsführung und Arbeitssicherheit.",
		"auditor": "Freigeben können: Geschäftsführung und Arbeitssicherheit.",
	} {
		c := h.Client(role)
		p := c.Get("/systems/" + id + "/approve")
		p.Shows(t, want)
		if p.Doc.Has("form#approve") {
			t.Errorf("%s: a form", role)
		}
		d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id)
		h.Must(err)
		hash, err := d.Hash()
		h.Must(err)
		got := c.Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "director", "seen", hash)
		if got.Status != 403 || !got.Doc.Has(".summary") {
			t.Errorf("%s posts all the same: %d", role, got.Status)
		}
	}
	for _, role := range []string{"worker", "admin", "shift_lead"} {
		if p := h.Client(role).Get("/systems/" + id + "/approve"); p.Status != 403 {
			t.Errorf("%s: %d", role, p.Status)
		}
		if p := h.Client(role).Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "director", "seen", "x"); p.Status != 403 {
			t.Errorf("%s posts: %d", role, p.Status)
		}
	}
	if p := h.Nobody().Get("/systems/" + id + "/approve"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
	if p := h.Client("director").Get("/systems/sys_nothing/approve"); p.Status != 404 {
		t.Errorf("no such system: %d", p.Status)
	}
}

// If a word of the dossier changed since it was read, nothing is signed; the
// remark is kept and the new dossier stands there.
func TestStaleDossier(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie")
	director := h.Client("director")
	seen := hidden(director.Get("/systems/"+id+"/approve"), "approve", "seen")
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		o.Doc.Zones = append(o.Doc.Zones, "montage")
		_, err = h.Org.Inventory.Systems.Update(ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
	p := director.Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "director", "seen", seen, "remark", "Nur für Halle 2.")
	if p.Status != 409 {
		t.Fatalf("%d", p.Status)
	}
	p.Shows(t, "Die Unterlagen haben sich geändert", "fertigung, montage")
	if got := p.Doc.One("textarea[name=remark]"); got == nil || !strings.Contains(got.Text(), "Nur für Halle 2.") {
		t.Error("the remark is lost")
	}
	if now := hidden(p, "approve", "seen"); now == seen || now == "" {
		t.Error("the form still carries the old hash")
	}
	if got := director.Post("/systems/"+id+"/approve", "password", showtest.Password, "role", "director", "seen", hidden(p, "approve", "seen"), "remark", strings.Repeat("x", 2001)); got.Status != 422 || !got.Doc.Has(".field.bad textarea") {
		t.Errorf("a remark without end: %d", got.Status)
	}
}

// Withdrawing takes two steps; then the page shows the suspended permit and who
// can lift it, and the same role restores it.
func TestWithdraw(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräslinie")
	h.Clock.Add(time.Minute)
	safety := h.Client("safety")
	a := of(h, s.ID, "safety")
	way := "/systems/" + s.ID + "/approvals/" + a.ID + "/withdraw"
	if !safety.Get("/systems/" + s.ID + "/approve").Doc.Has("a[href=/werk" + way + "]") {
		t.Fatal("no way to withdraw")
	}
	p := safety.Get(way)
	p.Shows(t, "BE-2026-0001 ruht sofort", "ab der nächsten Anfrage", "neue Freigabe der Rolle Arbeitssicherheit")
	rev := hidden(p, "withdraw", "revision")
	if got := safety.Post(way+"/check", "revision", rev, "why", "so"); got.Status != 422 || !strings.Contains(got.Doc.One("textarea[name=why]").Text(), "so") {
		t.Errorf("without a sentence: %d", got.Status)
	}
	const why = "Neue Schutzhaube, die Anordnung wird neu geprüft."
	p = safety.Post(way+"/check", "revision", rev, "why", why)
	if p.Status != 200 {
		t.Fatalf("%d", p.Status)
	}
	p.Shows(t, "Wirklich zurückziehen?", why)
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "valid" {
		t.Fatal("asking is not doing")
	}
	if p.Doc.One("form#withdraw").Attrs["action"] != "/werk"+way || hidden(p, "withdraw", "why") != why {
		t.Fatal("the second step does not carry the reason")
	}
	p = safety.Post(way, "revision", hidden(p, "withdraw", "revision"), "why", hidden(p, "withdraw", "why"))
	if p.Status != 303 || !strings.Contains(p.Location, "/approve?said=approval.withdrawn") {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "suspended" {
		t.Fatalf("the runtime holds %q", permit.State)
	}
	p = safety.Get("/systems/" + s.ID + "/approve?said=approval.withdrawn")
	p.Shows(t, "Die Freigabe ist zurückgezogen.", "RUHT", "Die Betriebserlaubnis ruht", "Aufheben kann Arbeitssicherheit", "42001 A.6.2.5", why, "zurückgezogen", "Freigeben als Arbeitssicherheit")
	if got := safety.Post(way, "revision", "2", "why", why); got.Status != 409 {
		t.Errorf("withdrawn twice: %d", got.Status)
	}
	h.Clock.Add(time.Minute)
	if got := safety.Post("/systems/"+s.ID+"/approve", "password", showtest.Password, "role", "safety", "seen", hidden(p, "approve", "seen")); got.Status != 303 {
		t.Fatalf("%d", got.Status)
	}
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "valid" {
		t.Errorf("after giving again: %q", permit.State)
	}
	safety.Get("/systems/"+s.ID+"/approve").Shows(t, why, "zurückgezogen")
}

func TestWithdrawRefused(t *testing.T) {
	h := open(t)
	s, other := h.Permitted("Fräslinie"), ready(h, "Kamera")
	a := of(h, s.ID, "safety")
	way := "/systems/" + s.ID + "/approvals/" + a.ID + "/withdraw"
	const why = "Das Schutzkonzept fehlt noch."
	for _, role := range []string{"director", "ai_officer", "council", "shift_lead", "auditor"} {
		c := h.Client(role)
		if c.Get("/systems/" + s.ID + "/approve").Doc.Has("a[href=/werk" + way + "]") {
			t.Errorf("%s sees a way to withdraw", role)
		}
		for _, p := range []showtest.Page{c.Get(way), c.Post(way+"/check", "revision", "1", "why", why), c.Post(way, "revision", "1", "why", why)} {
			if p.Status != 403 {
				t.Errorf("%s: %d", role, p.Status)
			}
		}
	}
	safety := h.Client("safety")
	for name, c := range map[string]struct {
		path, rev, why string
		status         int
	}{
		"another system":    {"/systems/" + other + "/approvals/" + a.ID + "/withdraw", "1", why, 404},
		"no such approval":  {"/systems/" + s.ID + "/approvals/apr_nothing/withdraw", "1", why, 404},
		"no reason":         {way, "1", "", 422},
		"changed meanwhile": {way, "7", why, 409},
		"no revision":       {way, "x", why, 409},
	} {
		if p := safety.Post(c.path, "revision", c.rev, "why", c.why); p.Status != c.status {
			t.Errorf("%s: %d, want %d", name, p.Status, c.status)
		}
	}
	if permit, _ := h.Org.Point.Permit(s.ID); permit.State != "valid" {
		t.Errorf("a refused withdrawal left %q", permit.State)
	}
}

// The page speaks both languages and asks one question per kind of record and
// one for the names, however many records there are.
func TestPages(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräslinie")
	bare := h.System("Idee", func(s *inventory.System) { s.People, s.LifeCycle, s.Excluded = true, inventory.Idea, nil })
	a := of(h, s.ID, "safety")
	for i, l := range showtest.Langs {
		safety := h.Client("safety").In(l)
		safety.Get("/frame")
		frame := safety.Get("/frame").Queries
		for path, want := range map[string][2]string{
			"/systems/" + s.ID + "/approve":                         {"Die Betriebserlaubnis gilt.", "The operating permit is valid."},
			"/systems/" + bare.ID + "/approve":                      {"Das System ist noch nicht eingestuft.", "The system is not classified yet."},
			"/systems/" + s.ID + "/approvals/" + a.ID + "/withdraw": {"Grund der Rücknahme", "Reason for withdrawing"},
		} {
			p := safety.Get(path)
			p.Shows(t, want[i])
			if l == text.EN && strings.Contains(p.Body, "⟦") || len(p.Doc.All("h1")) != 1 {
				t.Errorf("%s: %d titles", path, len(p.Doc.All("h1")))
			}
			if n := p.Queries - frame; n > kinds+further(h) {
				t.Errorf("%s: %d queries beside the frame", path, n)
			}
		}
	}
	for range 3 {
		h.Model(s.ID)
	}
	safety := h.Client("safety")
	safety.Get("/frame")
	frame := safety.Get("/frame").Queries
	if n := safety.Get("/systems/"+s.ID+"/approve").Queries - frame; n > kinds+further(h) {
		t.Errorf("with more models: %d queries", n)
	}
}

// kinds are the kinds of records that a signature covers or rests on: system,
// models, classification, assessments, agreements, approvals, permit.
const kinds = 7

// further is what a dossier asks beyond its kinds: at most two questions of each
// further room, two about who may sign, one about use cases, one for the names,
// two about how the reader can sign.
func further(h *showtest.House) int64 { return int64(2*len(h.Org.Rooms.Sources()) + 6) }

func TestWording(t *testing.T) {
	all, err := ui.Texts(show.Texts, approval.Texts)
	if err != nil {
		t.Fatal(err)
	}
	texttest.Known(t, all, ".")
	pages, err := os.ReadFile("texts/approval.yaml")
	if err != nil {
		t.Fatal(err)
	}
	texttest.Used(t, fstest.MapFS{"approval.yaml": {Data: pages}}, ".")
	texttest.Manners(t, os.DirFS("texts"), texttest.Page)
	for _, said := range []string{"approval.given", "approval.withdrawn"} {
		if !all.Has("notice." + said) {
			t.Errorf("nothing is said after %s", said)
		}
	}
}
