package guide_test

import (
	"strings"
	"testing"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

// preview answers everything about the first of the works up to the result that
// is not saved yet.
func preview(t *testing.T, h *showtest.House, officer *showtest.Client) (showtest.Page, string) {
	t.Helper()
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	p := officer.Get("/systems/" + s.ID + "/classify?q=practices")
	for asked(p) != "" {
		p = answer(t, officer, p, works[0].say[asked(p)]...)
	}
	return p, s.ID
}

// 001-10, 001-11: a class other than that of the rules is saved only after the
// page has shown what it adds, with person days; the warning comes in both
// directions, and nothing is saved before.
func TestOtherClassShowsItsCostFirst(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	p, id := preview(t, h, officer)
	const why = "Wir behandeln es vorsorglich so."
	got := submit(t, officer, p, "save", "class", "high", "reason", why)
	if got.Status != 200 || !got.Doc.Has("form#save input[name=confirmed][value=high]") {
		t.Fatalf("saved without a look: %d", got.Status)
	}
	got.Shows(t, "strenger ein als die Regeln", "Was „hoch“ zusätzlich verlangt", "Personentage", why)
	if n := len(got.Doc.All("#cost li")); n < 3 {
		t.Errorf("%d duties are listed", n)
	}
	o, err := h.Org.Classify.Of(h.As(""), h.Org.DB, id)
	h.Must(err)
	if o.Doc.Class != "minimal" {
		t.Errorf("saved already: %s", o.Doc.Class)
	}
	if got = submit(t, officer, got, "save", "class", "high", "reason", why); got.Status != 303 {
		t.Fatalf("after the look: %d %s", got.Status, got.Doc.Text())
	}
	o, err = h.Org.Classify.Of(h.As(""), h.Org.DB, id)
	h.Must(err)
	if o.Doc.Class != "high" || o.Doc.Reason != why || o.Doc.ByRules != "minimal" {
		t.Errorf("%+v", o.Doc)
	}
}

// 001-13: what is unclear has an addressee besides owner and day, and the page
// says whom.
func TestUnclearHasAnAddressee(t *testing.T) {
	h := open(t)
	officer := h.Client("ai_officer")
	p, id := preview(t, h, officer)
	in := []string{"class", "unclear", "confirmed", "unclear", "reason", "Der Anbieter hat noch nicht geantwortet.", "open_who", h.People["ai_officer"].ID, "open_due", "2026-12-05"}
	got := submit(t, officer, p, "save", append(in, "open_to", "")...)
	if got.Status != 422 || !got.Doc.Has("#save-open_to-error") {
		t.Fatalf("without an addressee: %d", got.Status)
	}
	if got = submit(t, officer, got, "save", append(in, "open_to", "ai_office")...); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Doc.Text())
	}
	officer.Get("/systems/"+id+"/classify").Shows(t, "Gefragt wird: das KI-Büro der EU-Kommission", "5.12.2026")
}

// 001-42: the examples of the class table stand beside the questions and beside
// the result. 001-46: a minimal result names no breach and no missing duty.
func TestOwnExamplesInTheWizard(t *testing.T) {
	h := open(t)
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Classify.Rows.CreateMany(ctx, tx, []classify.ClassRow{
			{Name: "Hoch", Class: "high", Priority: classify.Critical, Description: text.Same("hoch"), Use: text.Bi{DE: "Bewerberportal der Personalabteilung", EN: "applicant portal"}},
			{Name: "Minimal", Class: "minimal", Priority: classify.Medium, Description: text.Same("minimal"), Use: text.Bi{DE: "Ausfallvorhersage an Fräse 4", EN: "failure prediction"}}})
		return err
	}))
	officer := h.Client("ai_officer")
	s := h.System("Fräslinie", nil)
	h.Assess(s.ID, "ai_system", "minimal")
	officer.Get("/systems/"+s.ID+"/classify?q=practices").Shows(t, "Beispiele aus Ihrem Betrieb", "Bewerberportal der Personalabteilung", "Ausfallvorhersage an Fräse 4")
	p, _ := preview(t, h, officer)
	p.Shows(t, "Ausfallvorhersage an Fräse 4")
	p.Hides(t, "Bewerberportal der Personalabteilung")
	for _, word := range []string{"Verstoß", "verletzt", "nicht erfüllt", "Mangel"} {
		if strings.Contains(p.Doc.One("#result").Text(), word) {
			t.Errorf("a minimal result says %q", word)
		}
	}
}
