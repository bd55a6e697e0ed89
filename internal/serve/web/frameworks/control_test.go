package frameworks_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

const policy = "/duties/frameworks/iso-42001/iso42001.5.2"

// One requirement explains itself at three depths, in both languages, with the
// source and its reservations for experts, and shows examples for the classes of
// the own systems first.
func TestHelpAtThreeDepths(t *testing.T) {
	h := house(t)
	s := h.System("Schichtplan", nil)
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Org.Classify.Classifications.Create(ctx, tx, classify.Classification{System: s.ID, Class: "limited", ByRules: "limited", AsOf: h.Clock.Now()})
		return err
	}))
	c := h.Client("ai_officer")
	fw := framework(t, h, "iso-42001")
	it, _, _ := fw.Item("iso42001.5.2")
	p := c.Get(policy)
	p.Shows(t, "Leitung gibt eine passende, bekannte Leitlinie vor.", it.Plain.DE, "Für Fachleute, mit Quelle", "ISO/IEC 42001:2023, 5.2", "Titel und Texte sind eigene Kurzfassungen", "Fassung 1.0.0, Stand 21.11.2026")
	c.In(text.EN).Get(policy).Shows(t, it.Plain.EN, "For experts, with source", "titles and texts are our own short forms")
	c.In(text.DE)
	var with packs.Item
	for _, it := range fw.Items() {
		if len(it.Examples) > 1 && !it.Examples["limited"].IsZero() {
			with = it
			break
		}
	}
	if with.Clause == "" {
		t.Fatal("no requirement has examples for more than one class")
	}
	p = c.Get("/duties/frameworks/iso-42001/" + with.Clause)
	examples := p.Doc.One("#examples").Text()
	p.Shows(t, with.Examples["limited"].DE, "Ihre Systeme dieser Klasse: Schichtplan")
	if !strings.HasPrefix(strings.TrimPrefix(examples, "Beispiele nach Klasse eigene Beispiele "), "Risikoklasse: begrenzt") {
		t.Errorf("the own class does not come first: %.120s", examples)
	}
	if p := c.Get("/duties/frameworks/iso-42001/aia.art9"); p.Status != 404 {
		t.Errorf("a clause of another framework answers %d", p.Status)
	}
}

// 001-19: six words for a status; what is not applicable needs a reason, and the
// form keeps what was typed.
func TestSixStatuses(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Get(policy)
	for _, word := range []string{"offen", "in Arbeit", "erfüllt", "teilweise erfüllt", "nicht erfüllt", "nicht anwendbar"} {
		p.Shows(t, word)
	}
	if n := len(p.Doc.All("input[name=status]")); n != 6 {
		t.Fatalf("%d statuses", n)
	}
	for i, status := range control.Status("").Values() {
		pairs := []string{"revision", []string{"0", "1", "2", "3", "4", "5"}[i], "status", status, "reason", "Ein Grund steht hier als Satz."}
		if p := c.Post(policy, pairs...); p.Status != 303 {
			t.Fatalf("%s: %d %s", status, p.Status, p.Doc.Text())
		}
		o, ok, err := h.Org.Controls.Record(h.As("ai_officer"), h.Org.DB, "iso-42001", "iso42001.5.2")
		if err != nil || !ok || string(o.Doc.Status) != status || o.Doc.Version == "" || o.Doc.AsOf.IsZero() {
			t.Errorf("%s: %+v %v", status, o.Doc, err)
		}
	}
	p = c.Post("/duties/frameworks/iso-42001/iso42001.5.3", "revision", "0", "status", "not_applicable", "implementation", "Nur ein Entwurf.", "days", "1,5")
	p.Shows(t, "Was nicht anwendbar ist, braucht eine Begründung.", "Nur ein Entwurf.")
	if p.Status != 422 || !p.Doc.Has("input[name=days][value=1,5]") || !p.Doc.Has("#record-reason[aria-invalid=true]") {
		t.Errorf("%d: the form lost what was typed", p.Status)
	}
	p = c.Post("/duties/frameworks/iso-42001/iso42001.5.3", "revision", "0", "status", "met", "days", "viele", "due", "morgen")
	p.Shows(t, "Bitte eine Zahl angeben", "Das ist kein Tag der Form")
}

// 001-63: a decision of the statement of applicability takes a reason and a role
// of the register.
func TestResponsibleIsARole(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	const a22 = "/duties/frameworks/iso-42001/iso42001.A.2.2"
	p := c.Post(a22, "revision", "0", "status", "open", "applicable", "yes")
	p.Shows(t, "braucht eine Begründung", "braucht eine verantwortliche Rolle")
	if p = c.Post(a22, "revision", "0", "status", "open", "applicable", "yes", "reason", "Die Leitlinie gilt für alle.", "responsible", "hausmeister"); p.Status != 422 {
		t.Errorf("a role that does not exist: %d", p.Status)
	}
	if p = c.Post(a22, "revision", "0", "status", "in_progress", "applicable", "yes", "reason", "Die Leitlinie gilt für alle.", "responsible", "director", "due", "2027-03-01"); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	c.Get(a22).Shows(t, "in Arbeit", "Geschäftsführung", "Die Leitlinie gilt für alle.", "01.03.2027")
}

// Two people who change one record: the second sees both states, and saving
// again counts for the stored one.
func TestConflict(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	if p := c.Post(policy, "revision", "0", "status", "met", "implementation", "Der erste Text."); p.Status != 303 {
		t.Fatal(p.Status)
	}
	p := c.Post(policy, "revision", "0", "status", "partly", "implementation", "Der zweite Text.")
	if p.Status != 409 || !p.Doc.Has("#differs") || !p.Doc.Has("input[name=revision][value=1]") {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	p.Shows(t, "Der erste Text.", "Der zweite Text.")
	if p := c.Post(policy, "revision", "1", "status", "partly", "implementation", "Der zweite Text."); p.Status != 303 {
		t.Errorf("saving again: %d", p.Status)
	}
}

// 001-36: evidence has types, and the requirement shows which are missing, with
// the way to file them.
func TestMissingTypes(t *testing.T) {
	h := house(t)
	fw := framework(t, h, "iso-42001")
	var it packs.Item
	for _, x := range fw.Items() {
		if len(x.Evidence) > 1 {
			it = x
			break
		}
	}
	path := "/duties/frameworks/iso-42001/" + it.Clause
	c := h.Client("ai_officer")
	if n := strings.Count(c.Get(path).Doc.One("#wanted").Text(), "fehlt"); n != len(it.Evidence) {
		t.Errorf("%d of %d types are missing", n, len(it.Evidence))
	}
	filed(t, h, "Ein Nachweis", control.EvidenceType(it.Evidence[0]), showtest.Start.AddDate(0, 6, 0), it.Clause)
	filed(t, h, "Ein alter Nachweis", control.EvidenceType(it.Evidence[1]), showtest.Start.AddDate(0, 0, -1), it.Clause)
	p := c.Get(path)
	if n := strings.Count(p.Doc.One("#wanted").Text(), "fehlt"); n != len(it.Evidence)-1 {
		t.Errorf("after filing one, %d types are missing", n)
	}
	p.Shows(t, "Ein alter Nachweis", "abgelaufen")
	want := "/werk/proof/objects/new?" + url.Values{"back": {path}, "clause": {it.Clause}, "type": {it.Evidence[1]}}.Encode()
	if !p.Doc.Has("#wanted a[href=" + want + "]") {
		t.Errorf("no way to file the missing type: %s", want)
	}
	// The list of requirements says the same.
	c.Get("/duties/frameworks/iso-42001").Shows(t, "1 von ", "Arten sind da")
}

// mapped finds a mapping from one framework to another with one of some relations.
func mapped(t *testing.T, h *showtest.House, from, to string, relations ...packs.Relation) packs.Mapping {
	t.Helper()
	there := framework(t, h, to)
	for _, it := range framework(t, h, from).Items() {
		for _, m := range h.Org.Library().Mappings(it.Clause) {
			if _, _, ok := there.Item(m.To); ok && slices.Contains(relations, m.Relation) {
				return m
			}
		}
	}
	t.Fatalf("no mapping from %s to %s is one of %v", from, to, relations)
	return packs.Mapping{}
}

// 000-23, 000-50: one evidence object that was filed for one framework closes a
// requirement of another where a mapping carries it, on its page, on the
// cross-map and in the rate of reuse.
func TestOneEvidenceClosesBothSides(t *testing.T) {
	h := house(t)
	m := mapped(t, h, "iso-27001", "iec-62443-3-3", packs.Equal, packs.Superset)
	filed(t, h, "Verzeichnis der Zugänge", "list", showtest.Start.AddDate(1, 0, 0), m.From)
	c := h.Client("ai_officer")
	p := c.Get("/duties/frameworks/iec-62443-3-3/" + m.To)
	p.Shows(t, "Verzeichnis der Zugänge", "ganz")
	if row := p.Doc.One("#filed tbody tr").Text(); !strings.Contains(row, "über ") {
		t.Errorf("the page does not say how it got here: %s", row)
	}
	p = c.Get("/duties/map?from=iso-27001&to=iec-62443-3-3")
	p.Shows(t, "belegt beide", "Verzeichnis der Zugänge", m.Reason.DE, "verlangt mehr als")
	c.Get("/duties").Shows(t, "Anforderungen je Nachweis", "durch 1 Nachweis")
	cover := control.Coverage(h.Org.Library(), mustEvidence(t, h), h.Clock.Now())
	if rate, closings, objects, ok := cover.Reuse(); !ok || rate < 2 || closings < 2 || objects != 1 {
		t.Errorf("reuse %v, %d by %d", rate, closings, objects)
	}
}

// 000-23: between ISO/IEC 42001 and the AI Act nothing asks the same, so evidence
// goes over in part at most; filed for both it closes both.
func TestAcrossToLaw(t *testing.T) {
	h := house(t)
	m := mapped(t, h, "iso-42001", "eu-ai-act", packs.Subset, packs.Intersects)
	filed(t, h, "Verfahren", "document", time.Time{}, m.From)
	c := h.Client("ai_officer")
	p := c.Get("/duties/map")
	p.Shows(t, "belegt eine Seite zum Teil", m.Reason.DE)
	p.Hides(t, "belegt beide")
	if row := c.Get("/duties/frameworks/eu-ai-act/" + m.To).Doc.One("#filed tbody tr").Text(); !strings.Contains(row, "zum Teil") {
		t.Errorf("the other side: %s", row)
	}
	filed(t, h, "Verfahren für beide", "document", time.Time{}, m.From, m.To)
	c.Get("/duties/map").Shows(t, "belegt beide", "Verfahren für beide")
}

func mustEvidence(t *testing.T, h *showtest.House) []store.Object[control.Evidence] {
	t.Helper()
	all, err := h.Org.Controls.Evidence(h.As("ai_officer"), h.Org.DB)
	h.Must(err)
	return all
}

// 001-03: a requirement leads to its test steps, and the page of the framework
// lists those without.
func TestSteps(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	zta, ok := h.Org.Library().Clause("zta.05")
	if !ok {
		t.Fatal("no ZTA-05")
	}
	p := c.Get("/duties/frameworks/zta/" + zta.ID)
	if !p.Doc.Has("#tests a[href=/werk/duties/zta.05#steps]") || len(p.Doc.All("#tests ol li")) == 0 {
		t.Errorf("no test steps: %s", p.Doc.One("#tests").Text())
	}
	tested := ""
	for _, q := range h.Org.Library().Requirements("zta") {
		for _, id := range q.Refs {
			if _, _, ok := framework(t, h, "iso-42001").Item(id); ok {
				tested = id
			}
		}
	}
	if p = c.Get("/duties/frameworks/iso-42001/" + tested); !p.Doc.Has("#tests ol li") {
		t.Errorf("%s is cited by a requirement with test steps and shows none", tested)
	}
	p = c.Get("/duties/frameworks/iso-42001")
	missing := len(p.Doc.All("#tests li a"))
	if missing == 0 || !strings.Contains(p.Doc.One("#tests").Text(), "ohne Prüfschritte") {
		t.Errorf("missing tests are not listed: %s", p.Doc.One("#tests").Text())
	}
	if p.Doc.Has("#tests a[href=/werk/duties/frameworks/iso-42001/" + tested + "]") {
		t.Errorf("%s is listed as without test steps", tested)
	}
}

// What a check measured stands beside what a person said; the weaker counts.
func TestMeasuredBesideSaid(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	h.Decide(s.ID, 0.5)
	h.Clock.Add(2 * 3600 * 1e9)
	h.Decide(s.ID, 0.97) // the journal moves past the deadline of the case
	said(t, h, control.Record{Framework: "zta", Clause: "zta.05", Status: control.Met, Applicable: control.Yes})
	c := h.Client("ai_officer")
	p := c.Get("/duties/frameworks/zta/zta.05")
	for range 100 { // the first reading may take longer than the page waits
		if strings.Contains(p.Doc.Text(), "Gemessen:") {
			break
		}
		p = c.Get("/duties/frameworks/zta/zta.05")
	}
	p.Shows(t, "Gesagt: erfüllt. Gemessen: teilweise erfüllt", "gesagt und gemessen unterscheiden sich")
}
