package approval_test

import (
	"strings"
	"testing"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// named gives the person of a role a function.
func named(h *showtest.House, role string, functions ...roles.Function) {
	h.T.Helper()
	o, err := identity.Persons().Get(h.As(""), h.Org.DB, h.People[role].ID)
	h.Must(err)
	o.Doc.Functions = functions
	_, err = h.Org.Identity.UpdatePerson(h.As("admin"), o.ID, o.Revision, o.Doc)
	h.Must(err)
}

// 001-02: three slots for signatures, each with person, time and content hash;
// data protection signs where a system decides about people, if it is named.
func TestThreeSlots(t *testing.T) {
	h := open(t)
	named(h, "council", roles.DataProtection)
	s := h.System("Schichtplan", func(s *inventory.System) { s.People, s.Scope = true, []inventory.Scope{"personnel"} })
	h.Model(s.ID)
	h.Assess(s.ID, "ai_system", "minimal")
	way := "/systems/" + s.ID + "/approve"
	council := h.Client("council")
	p := council.Get(way)
	p.Shows(t, "Leitung Geschäftsführung steht aus", "Sicherheit Arbeitssicherheit steht aus", "Risiko, Datenschutz, Ethik Datenschutz steht aus", "Freigeben als Datenschutz")
	p.Hides(t, "Freigeben als Geschäftsführung")
	if got := council.Post(way, "password", showtest.Password, "role", "data_protection", "seen", hidden(p, "approve", "seen")); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	hash := hidden(h.Client("director").Get(way), "approve", "seen")
	council.Get(way).Shows(t, "Datenschutz freigegeben Rolf Peters, 21.11.2026", hash[7:11]+"…")
	if a := of(h, s.ID, "data_protection"); a.Doc.Person != h.People["council"].ID || a.Doc.ContentHash != hash || a.Doc.GivenAt.IsZero() {
		t.Errorf("%+v", a.Doc)
	}
	for _, role := range []string{"director", "ai_officer", "auditor"} {
		if got := h.Client(role).Post(way, "password", showtest.Password, "role", "data_protection", "seen", hash); got.Status != 403 && got.Status != 409 {
			t.Errorf("%s signs for data protection: %d", role, got.Status)
		}
	}
}

// Whoever gains from a system reads it before signing, and everybody reads it
// afterwards; it keeps nobody from signing.
func TestConflictOfInterest(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie")
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		o.Doc.RiskOwner = h.People["director"].ID
		_, err = h.Org.Inventory.Systems.Update(ctx, tx, id, o.Revision, o.Doc)
		return err
	}))
	way := "/systems/" + id + "/approve"
	const warning, why = "Möglicher Interessenkonflikt.", "Sie verantworten das Risiko dieses Systems."
	director := h.Client("director")
	p := director.Get(way)
	p.Shows(t, warning, why)
	h.Client("safety").Get(way).Hides(t, warning)
	h.Client("auditor").Get(way).Hides(t, warning, why) // nothing to sign, nothing to warn of
	if got := director.Post(way, "password", showtest.Password, "role", "director", "seen", hidden(p, "approve", "seen")); got.Status != 303 {
		t.Fatalf("%d", got.Status)
	}
	h.Client("auditor").Get(way).Shows(t, "Interessenkonflikt verantwortet das Risiko dieses Systems")
	h.Client("auditor").In(text.EN).Get(way).Shows(t, "Conflict of interest is accountable for the risk of this system")
}

// What further rooms say is shown to the approver: every part with its
// sentences and the way to more.
func TestFurtherPartsAreShown(t *testing.T) {
	h := open(t)
	id := ready(h, "Fräslinie")
	d, err := h.Org.Approve.Read(h.As(""), h.Org.DB, id)
	h.Must(err)
	s := h.System("Bewerberauswahl", func(s *inventory.System) { s.People, s.Scope = true, []inventory.Scope{"personnel"} })
	h.Model(s.ID)
	h.Assess(s.ID, "ai_system", "high")
	grave, err := h.Org.Approve.Read(h.As(""), h.Org.DB, s.ID)
	h.Must(err)
	parts := append(d.Parts(), grave.Parts()...)
	if len(grave.Parts()) == 0 {
		t.Fatal("no room has a word on a grave system; the test shows nothing")
	}
	pages := h.Client("director").Get("/systems/"+id+"/approve").Body + h.Client("director").Get("/systems/"+s.ID+"/approve").Body
	for _, p := range parts {
		if !strings.Contains(pages, p.Title.DE) || p.Path != "" && !strings.Contains(pages, "/werk"+p.Path) {
			t.Errorf("%q with %s is not shown", p.Title.DE, p.Path)
		}
	}
	h.Client("director").Get("/systems/"+s.ID+"/approve").Shows(t, "Aufheben können, was entgegensteht, das Schwerste zuerst:")
}

// The permit is printed as a PDF in the reader's language by who may read the
// dossier; the same permit of the same day is the same file.
func TestPrint(t *testing.T) {
	h := open(t)
	s := h.Permitted("Fräslinie")
	way := "/systems/" + s.ID + "/permit.pdf"
	director := h.Client("director")
	if !director.Get("/systems/" + s.ID + "/approve").Doc.Has("a[href=/werk" + way + "]") {
		t.Error("no way to print")
	}
	p := director.Get(way)
	if p.Status != 200 || p.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(p.Header.Get("Content-Disposition"), "BE-2026-0001.pdf") || !strings.HasPrefix(p.Body, "%PDF-") {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	if again := h.Client("auditor").Get(way); again.Body != p.Body {
		t.Error("another reader prints another file")
	}
	if english := director.In(text.EN).Get(way); english.Body == p.Body || english.Status != 200 {
		t.Error("the English permit is the German one")
	}
	for _, role := range []string{"worker", "admin", "shift_lead"} {
		if got := h.Client(role).Get(way); got.Status != 403 {
			t.Errorf("%s: %d", role, got.Status)
		}
	}
	if got := h.Nobody().Get(way); got.Status != 303 {
		t.Errorf("nobody: %d", got.Status)
	}
	if got := director.Get("/systems/sys_nothing/permit.pdf"); got.Status != 404 {
		t.Errorf("no such system: %d", got.Status)
	}
	idea := h.System("Idee", func(s *inventory.System) { s.LifeCycle = inventory.Idea })
	if got := director.Get("/systems/" + idea.ID + "/permit.pdf"); got.Status != 200 || !strings.Contains(got.Header.Get("Content-Disposition"), `"permit.pdf"`) {
		t.Errorf("before the first permit: %d", got.Status)
	}
}
