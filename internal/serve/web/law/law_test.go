package law_test

import (
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/law"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/serve/web/webtest"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var browser webtest.Browser

// screens is where pictures of the pages go, to look at; none without it.
var screens = flag.String("screens", "", "folder for pictures of the pages")

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

func house(t testing.TB) *showtest.House {
	t.Helper()
	plain := []page.Route{{Method: http.MethodGet, Path: "/plain", Handle: func(r *page.Request) error {
		return r.Show(ui.PageView{Title: "x"}, ui.Tag("x"))
	}}}
	return showtest.Open(t, []fs.FS{law.Texts, duties.Texts, account.Texts}, law.Routes(), account.Routes(), plain)
}

func TestWording(t *testing.T) { showtest.Wording(t, law.Texts, duties.Texts) }

// answered registers a system and classifies it by answers.
func answered(t testing.TB, h *showtest.House, name string, change func(*inventory.System), say ...string) store.Object[inventory.System] {
	t.Helper()
	s := h.System(name, change)
	facts := []string{"practices", "none", "areas", "none", "product", "none", "outputs", "none", "activities", "uses", "changes", "none", "consequence", "disturbance", "reach", "plant", "targeted", "no"}
	order, values := []string{}, map[string]string{}
	all := append(facts, say...)
	for i := 0; i < len(all); i += 2 {
		if _, ok := values[all[i]]; !ok {
			order = append(order, all[i])
		}
		values[all[i]] = all[i+1]
	}
	var in classify.Input
	in.Verdict = "ai_system"
	for _, fact := range order {
		in.Answers = append(in.Answers, classify.Answer{Fact: fact, Values: strings.Split(values[fact], ",")})
	}
	_, err := h.Org.Classify.Put(h.As("ai_officer"), s.ID, 0, in)
	h.Must(err)
	return s
}

func hiring(t testing.TB, h *showtest.House) store.Object[inventory.System] {
	return answered(t, h, "Bewerbungen", func(s *inventory.System) {
		s.Scope, s.People, s.DataClasses = []inventory.Scope{"personnel"}, true, []string{"personal"}
	}, "areas", "hiring", "profiling", "yes")
}

func rows(p showtest.Page, css string) int { return len(p.Doc.All(css + " tbody tr")) }

// 000-08, 000-22: on the day shown the page says which duties apply to which
// system, in which role and class; another day says what begins by then.
func TestClock(t *testing.T) {
	h := house(t)
	s := hiring(t, h)
	answered(t, h, "Fräslinie", nil)
	c := h.Client("ai_officer")
	p := c.Get("/duties/law")
	p.Shows(t, "Stand am Samstag, 21. November 2026", "Bewerbungen", "Fräslinie", "Betreiber", "hoch", "minimal", "festgestellt am 21.11.2026", "ai-act-class", "Gegenüber heute beginnen 0 und enden 0.", "Fassung 1.0.0, Stand 21.11.2026")
	if p.Doc.Has("#moves") {
		t.Error("a move is shown without one")
	}
	p = c.Get("/duties/law?at=2027-12-02")
	p.Shows(t, "Donnerstag, 2. Dezember 2027", "Gegenüber heute beginnen 23 und enden 0.", "KI-VO Art. 26(2)", "beginnt", "02.12.2027")
	if n := rows(p, "#moves"); n != 23 {
		t.Errorf("%d duties begin", n)
	}
	if p := c.Get("/duties/law?at=2027-12-01"); rows(p, "#moves") != 0 && !strings.Contains(p.Doc.Text(), "Bis dahin beginnt und endet nichts.") {
		t.Error("the day before something begins")
	}
	p = c.Get("/duties/law?at=2027-12-02&system=" + s.ID)
	p.Shows(t, "Pflichten dieses Systems", "DSGVO Art. 30", "BetrVG § 87(1) Nr. 6", "gilt", "Risikoklasse hoch, als Betreiber.")
	if !p.Doc.Has("a[href=/werk/duties/law?at=2027-12-02&system="+s.ID+"]") || !p.Doc.Has("input[type=date][value=2027-12-02]") || !p.Doc.Has("option[selected][value="+s.ID+"]") {
		t.Error("the choice is not shown again")
	}
	c.In(text.EN).Get("/duties/law?at=2027-12-02").Shows(t, "As of Thursday, 2 December 2027", "Compared with today 23 begin and 0 end.", "AI Act Art. 26(2)")
}

// The class under an old and a new date stand beside each other, and the saved
// result says under which text and day it was made.
func TestClockShowsAnotherClass(t *testing.T) {
	h := house(t)
	answered(t, h, "Bilder", nil, "practices", "ba", "outputs", "synthetic,deepfake", "editing_only", "no")
	c := h.Client("director")
	c.Get("/duties/law?at=2026-12-01").Hides(t, "weicht ab")
	p := c.Get("/duties/law?at=2026-12-02")
	p.Shows(t, "verboten", "heute: begrenzt", "weicht ab", "begrenzt, festgestellt am 21.11.2026", "Die Risikoklasse ändert sich bei 1 System.", "KI-VO Art. 5(1)(ba)")
}

// What a person cannot read as a day is said, and the present day is shown.
func TestClockWrongDay(t *testing.T) {
	h := house(t)
	answered(t, h, "Fräslinie", nil)
	c := h.Client("ai_officer")
	for _, bad := range []string{"morgen", "2027-13-01", "1850-01-01"} {
		p := c.Get("/duties/law?at=" + bad)
		if p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("input[aria-invalid=true]") {
			t.Errorf("%s: %d", bad, p.Status)
		}
		p.Shows(t, "Bitte einen Tag zwischen 2000 und 2100 angeben", "21. November 2026")
	}
	if p := c.Get("/duties/law?system=sys_0"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown system: %d", p.Status)
	}
	h2 := house(t)
	h2.Client("ai_officer").Get("/duties/law").Shows(t, "Noch kein System im Register")
}

// Which evidence stops counting by the day.
func TestClockStale(t *testing.T) {
	h := house(t)
	answered(t, h, "Fräslinie", nil)
	_, err := h.Org.Controls.PutEvidence(h.As("ai_officer"), "", 0, control.Evidence{Name: "Schulungsprotokoll", Type: "protocol", Date: showtest.Start, Expires: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), Link: "Ordner 7", Clauses: []string{"aia.art4.1"}})
	h.Must(err)
	c := h.Client("auditor")
	c.Get("/duties/law?at=2027-02-28").Hides(t, "Schulungsprotokoll")
	p := c.Get("/duties/law?at=2027-03-01")
	p.Shows(t, "Was bis dahin nicht mehr zählt", "Schulungsprotokoll", "01.03.2027")
	c.Get("/duties/law?at=2028-01-01").Shows(t, "Einstufung", "21.11.2027")
}

// 000-08: every duty with source, date and status; 001-04: the field of use
// narrows the report, on the page and in the file.
func TestObligations(t *testing.T) {
	h := house(t)
	hiring(t, h)
	answered(t, h, "Fräslinie", nil)
	fw := h.Org.Library().Frameworks()
	c := h.Client("ai_officer")
	p := c.Get("/duties/law/obligations")
	p.Shows(t, "Bewerbungen", "Fräslinie", "KI-VO Art. 26(2)", "kommt noch", "02.12.2027", "Verordnung (EU) 2024/1689", "noch nichts eingetragen", "DSGVO Art. 30")
	for _, f := range fw {
		for _, a := range f.Areas {
			for _, it := range a.Items {
				if it.Clause == "aia.art4.1" {
					_, err := h.Org.Controls.Put(h.As("ai_officer"), 0, control.Record{Framework: f.ID, Clause: it.Clause, Status: control.Met, Applicable: control.Yes,
						Reason: "Wir nutzen KI im Betrieb.", Implementation: "Alle sind geschult.", Responsible: "ai_officer"})
					h.Must(err)
					c.Get("/duties/law/obligations").Shows(t, "erfüllt")
				}
			}
		}
	}
	c.Get("/duties/law/obligations?scope=personnel").Hides(t, "Fräslinie · ", "Vorausschauende Wartung ·")
	p = c.Get("/duties/law/obligations?scope=personnel")
	if n, all := len(p.Doc.All("main tbody tr")), len(c.Get("/duties/law/obligations").Doc.All("main tbody tr")); n == 0 || n >= all {
		t.Errorf("%d of %d duties are shown", n, all)
	}
	p = c.Get("/duties/law/obligations?scope=customers")
	p.Shows(t, "Keine Pflicht passt")
	if p := c.Get("/duties/law/obligations?scope=mars"); p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
		t.Errorf("an unknown field of use: %d", p.Status)
	}
	file := c.Get("/duties/law/obligations.csv?scope=personnel")
	if file.Status != 200 || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") || !strings.Contains(file.Body, "KI-VO Art. 26(2);") || strings.Contains(file.Body, "Fräslinie") || !strings.Contains(file.Body, "Fassung 1.0.0") {
		t.Errorf("%d %s", file.Status, file.Body)
	}
}

// A name that a table program would read as a formula is taken as text.
func TestObligationFileIsHarmless(t *testing.T) {
	h := house(t)
	answered(t, h, "=HYPERLINK(1)", nil)
	if f := h.Client("ai_officer").Get("/duties/law/obligations.csv"); !strings.Contains(f.Body, "'=HYPERLINK(1);") {
		t.Errorf("%s", f.Body)
	}
}

// 000-61: the days of the law with their effect on own systems, from the packs
// alone.
func TestFeed(t *testing.T) {
	h := house(t)
	hiring(t, h)
	answered(t, h, "Bilder", nil, "practices", "ba", "outputs", "synthetic,deepfake", "editing_only", "no")
	p := h.Client("director").Get("/duties/law/feed")
	p.Shows(t, "Gerechnet über 2 Systeme", "02.12.2027", "Bewerbungen: beginnende Pflichten 23, endende 0.", "Bilder: die Klasse wird verboten statt begrenzt.", "Ohne Wirkung auf die eigenen Systeme.")
	coming, past := p.Doc.One("#coming").Text(), p.Doc.One("#past").Text()
	if !strings.Contains(coming, "02.12.2027") || strings.Contains(past, "02.12.2027") || !strings.Contains(past, "02.02.2025") {
		t.Error("what comes and what was are mixed up")
	}
	if strings.Index(coming, "02.12.2026") > strings.Index(coming, "02.12.2027") || strings.Index(past, "02.08.2026") > strings.Index(past, "02.02.2025") {
		t.Error("the next day is not the first one")
	}
}

// brings lets the program bring another text of a shipped pack: the same
// organisation opened by a newer program would.
func brings(t *testing.T, h *showtest.House, pack, old, with string) {
	t.Helper()
	tree := fstest.MapFS{}
	hit := 0
	h.Must(fs.WalkDir(knowledge.Packs, "packs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if dir := path.Base(path.Dir(name)); dir != "law" && dir != "standard" && dir != "rules" { // what the pages need, so that the test is quick
			return nil
		}
		raw, err := fs.ReadFile(knowledge.Packs, name)
		if path.Base(name) == pack+".yaml" && strings.Contains(string(raw), old) {
			raw = []byte(strings.Replace(string(raw), old, with, 1))
			hit++
		}
		tree[name] = &fstest.MapFile{Data: raw}
		return err
	}))
	lib, err := packs.Load(tree)
	h.Must(err)
	if hit != 1 {
		t.Fatalf("%d places", hit)
	}
	fresh := duty.New(func() *packs.Library { return lib }, h.Org.Inventory, h.Org.Classify, h.Clock.Now, duty.Sources{})
	fresh.Open(h.Org.DB)
	h.Org.Duty = fresh
}

const (
	oldTitle = "title: {de: Nutzung nach Anleitung, en: Use per instructions}"
	newTitle = "title: {de: Nutzung streng nach Anleitung, en: Use strictly per instructions}"
)

// 000-38: nothing is adopted by itself; a new text shows both texts before it is
// adopted and brings a task where a system rests on it.
func TestVersions(t *testing.T) {
	h := house(t)
	hiring(t, h)
	c := h.Client("ai_officer")
	p := c.Get("/duties/law/changes")
	p.Shows(t, "Pakete wurden noch nicht übernommen", "noch nicht übernommen")
	h.Client("director").Get("/duties/law/changes").Hides(t, "Pakete übernehmen")
	if p := c.Post("/duties/law/changes", "pack", "*"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	p = c.Get("/duties/law/changes?pack=eu-ai-act")
	p.Shows(t, "Übernommen ist genau der Text des Programms.")
	p.Hides(t, "noch nicht übernommen")
	brings(t, h, "eu-ai-act", oldTitle, newTitle)
	p = c.Get("/duties/law/changes?pack=eu-ai-act")
	p.Shows(t, "1 Eintrag ist anders. Auf 1 davon stützt sich etwas bei Ihnen.", "KI-VO Art. 26(1)", "Nutzung nach Anleitung", "Nutzung streng nach Anleitung", "Pflicht: Bewerbungen", "neuer Text liegt vor")
	c.Get("/duties/law/feed").Shows(t, "Das Programm bringt Fassung 1.0.0")
	hash := p.Doc.One("#adopt input[name=hash]").Attrs["value"]
	if p := c.Post("/duties/law/changes", "pack", "eu-ai-act", "hash", "x"); p.Status != http.StatusConflict {
		t.Errorf("another hash: %d", p.Status)
	}
	if p := h.Client("director").Post("/duties/law/changes", "pack", "eu-ai-act", "hash", hash); p.Status != http.StatusForbidden {
		t.Errorf("a director adopts: %d", p.Status)
	}
	if p := c.Post("/duties/law/changes", "pack", "eu-ai-act", "hash", hash); p.Status != http.StatusSeeOther || !strings.Contains(p.Location, "law.adopted.tasks") {
		t.Fatalf("%d %s", p.Status, p.Location)
	}
	c.Get("/duties/law/tasks").Shows(t, "Geändert: KI-VO Art. 26(1)", "Prüfen", "Bewerbungen", "neue Fassung eines Wissenspakets", "offen")
	if p := c.Get("/duties/law/changes?pack=nichts"); p.Status != http.StatusNotFound {
		t.Errorf("an unknown pack: %d", p.Status)
	}
}

// 000-02: a task has a phase, is narrowed by it, and ends with a sentence.
func TestTasks(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	if p := c.Post("/duties/law/tasks", "name", "Leitlinie prüfen"); p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#task-phase-error") {
		t.Errorf("without a phase: %d", p.Status)
	}
	if p := c.Post("/duties/law/tasks", "name", "Leitlinie prüfen", "phase", "check", "due", "2026-11-01", "say", "Passt sie noch?"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Doc.Text())
	}
	p := c.Get("/duties/law/tasks")
	p.Shows(t, "Leitlinie prüfen", "Prüfen", "überfällig", "von Hand angelegt")
	c.Get("/duties/law/tasks?phase=plan").Shows(t, "Keine Aufgabe")
	one := strings.TrimPrefix(p.Doc.One("#tasks tbody a").Attrs["href"], "/werk")
	c.Get(one).Shows(t, "Passt sie noch?", "Aufgabe abschließen")
	h.Client("auditor").Get(one).Hides(t, "Aufgabe abschließen")
	if p := c.Post(one, "revision", "1", "result", "ja"); p.Status != http.StatusUnprocessableEntity || !p.Doc.Has("#task-result-error") {
		t.Errorf("without a sentence: %d", p.Status)
	}
	if p := c.Post(one, "revision", "1", "result", "Sie passt noch."); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	c.Get("/duties/law/tasks").Shows(t, "erledigt")
	c.Get(one).Shows(t, "Sie passt noch.", "Sabine Keller")
}

// 000-20: through the house, another market brings a new list as a task.
func TestMarketThroughTheHouse(t *testing.T) {
	h := house(t)
	s := answered(t, h, "Fräslinie", nil)
	ctx := h.As("ai_officer")
	h.Must(h.Org.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := h.Org.Inventory.Systems.Get(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		o.Doc.Markets = []string{"eu", "us"}
		_, err = h.Org.Inventory.Systems.Update(ctx, tx, s.ID, o.Revision, o.Doc)
		return err
	}))
	c := h.Client("ai_officer")
	c.Get("/duties/law/tasks").Shows(t, "Neue Liste der Pflichten: Fräslinie", "Planen", "neuer Markt oder neue Branche")
	c.Get("/duties/law?system="+s.ID).Shows(t, "Kein Wissenspaket nennt Pflichten eigens für: USA.")
}

const ownLaw = `id: own-ch
kind: law
version: 1.0.0
as_of: 2026-11-21
title: {de: Recht der Schweiz, en: Law of Switzerland}
source: [own]
groups:
  - id: duties
    title: {de: Pflichten, en: Duties}
    items:
      - {id: own-ch.1, ref: Art. 1, title: {de: Meldung, en: Notice}, duty: [deployer], risk: all, markets: [ch]}
`

const ownMapping = `id: own-ch-map
kind: mapping
version: 1.0.0
as_of: 2026-11-21
title: {de: Zuordnung, en: Mapping}
source: [own]
items:
  - {from: own-ch.1, to: aia.art26.5, relation: intersects, reason: {de: Beide verlangen eine Meldung., en: Both ask for a notice.}, status: interpretation}
`

// 000-16, 000-38: conditions of permits, control records and own mappings rest on
// clauses; an own pack of law brings duties without a change of the program.
func TestWhatRests(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	ctx := h.As("ai_officer")
	fw := h.Org.Library().Frameworks()[0]
	clause := fw.Areas[0].Items[0].Clause
	_, err := h.Org.Controls.Put(ctx, 0, control.Record{Framework: fw.ID, Clause: clause, Status: control.InProgress, Applicable: control.Yes, Reason: "Wir nutzen KI im Betrieb.", Responsible: "ai_officer"})
	h.Must(err)
	_, err = h.Org.Catalogue.Add(ctx, catalogue.Draft{Name: text.Same("Schweiz"), Format: catalogue.Pack, URN: "own-ch", Version: "1.0.0", Source: "schweiz.yaml", Original: []byte(ownLaw), Packs: []catalogue.Draftpack{
		{ID: "own-ch", Kind: packs.Law, Items: 1, YAML: []byte(ownLaw)}, {ID: "own-ch-map", Kind: packs.Mappings, Items: 1, YAML: []byte(ownMapping)}}})
	h.Must(err)
	rests, err := h.Org.Duty.Rests(ctx, h.Org.DB)
	h.Must(err)
	has := func(item, kind string) bool {
		return slices.ContainsFunc(rests[item], func(x duty.Rest) bool { return x.Kind == kind })
	}
	p, _ := h.Org.Point.Permit(s.ID)
	if len(p.Conditions) == 0 || !has(p.Conditions[0].Clauses[0], "permit") {
		t.Error("no condition of the permit rests on its clause")
	}
	if !has(clause, "control") || !has("aia.art26.5", "mapping") || !has("own-ch.1", "mapping") {
		t.Errorf("control %v, mapping %v", rests[clause], rests["aia.art26.5"])
	}
	if has("aia.art26.5", "duty") {
		t.Error("a duty of the high class rests on a minimal system")
	}
	m := answered(t, h, "Waage", func(s *inventory.System) { s.Markets = []string{"ch"} })
	c := h.Client("ai_officer")
	c.Get("/duties/law?system="+m.ID).Shows(t, "Meldung", "Recht der Schweiz", "im genannten Markt")
	c.Get("/duties/law?system="+s.ID).Hides(t, "im genannten Markt")
	c.Get("/duties/law/changes").Shows(t, "Recht der Schweiz")
}

// Who may not read what was adopted sees none of it.
func TestRoles(t *testing.T) {
	h := house(t)
	for _, role := range []string{"worker", "admin", "shift_lead"} {
		c := h.Client(role)
		for _, path := range []string{"/duties/law", "/duties/law/obligations", "/duties/law/obligations.csv", "/duties/law/feed", "/duties/law/changes", "/duties/law/tasks"} {
			if p := c.Get(path); p.Status != http.StatusForbidden {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
	}
	for _, role := range []string{"director", "safety", "council", "auditor"} {
		c := h.Client(role)
		for _, path := range []string{"/duties/law?at=2027-12-02", "/duties/law/obligations", "/duties/law/feed", "/duties/law/changes", "/duties/law/tasks"} {
			if p := c.Get(path); p.Status != 200 {
				t.Errorf("%s reads %s: %d", role, path, p.Status)
			}
		}
		if p := c.Post("/duties/law/changes", "pack", "*"); p.Status != http.StatusForbidden {
			t.Errorf("%s adopts: %d", role, p.Status)
		}
	}
	if p := h.Client("auditor").Post("/duties/law/tasks", "name", "X", "phase", "do"); p.Status != http.StatusForbidden {
		t.Errorf("an auditor adds a task: %d", p.Status)
	}
}

// Nothing of another organisation shows.
func TestOrganisationsAreApart(t *testing.T) {
	a, b := house(t), house(t)
	answered(t, a, "Fräslinie", nil)
	b.Client("ai_officer").Get("/duties/law").Hides(t, "Fräslinie")
	if p := a.Client("ai_officer").Post("/duties/law/changes", "pack", "*"); p.Status != http.StatusSeeOther {
		t.Fatal(p.Status)
	}
	b.Client("ai_officer").Get("/duties/law/changes").Shows(t, "noch nicht übernommen")
}

// Pages cost at most five queries beyond the frame, with many systems.
func TestQueries(t *testing.T) {
	h := house(t)
	for i := range 12 {
		answered(t, h, fmt.Sprintf("Linie %d", i), nil, "areas", "hiring", "profiling", "yes")
	}
	c := h.Client("ai_officer")
	if p := c.Post("/duties/law/changes", "pack", "*"); p.Status != http.StatusSeeOther {
		t.Fatal(p.Status)
	}
	brings(t, h, "eu-ai-act", oldTitle, newTitle)
	c.Get("/plain")
	base := c.Get("/plain").Queries
	for _, path := range []string{"/duties/law", "/duties/law?at=2027-12-02", "/duties/law/obligations", "/duties/law/obligations.csv", "/duties/law/feed", "/duties/law/changes", "/duties/law/changes?pack=eu-ai-act", "/duties/law/tasks"} {
		if p := c.Get(path); p.Status != 200 || p.Queries-base > 5 {
			t.Errorf("%s: %d, %d queries", path, p.Status, p.Queries-base)
		}
		if p := c.In(text.EN).Get(path); p.Status != 200 || p.Doc != nil && !strings.Contains(p.Doc.Text(), "Duties") {
			t.Errorf("%s in English: %d", path, p.Status)
		}
		c.In(text.DE)
	}
}

// In a real browser, without script, the day moves; every page passes axe and
// does not scroll sideways.
func TestInBrowser(t *testing.T) {
	h := house(t)
	s := hiring(t, h)
	answered(t, h, "Bilder", nil, "practices", "ba", "outputs", "synthetic,deepfake", "editing_only", "no")
	_, err := h.Org.Duty.AdoptAll(h.As("ai_officer"))
	h.Must(err)
	brings(t, h, "eu-ai-act", oldTitle, newTitle)
	base := h.Serve() + "/werk"
	tab := browser.Tab(t)
	tab.Open(base + "/signin")
	tab.Fill("input[name=name]", "ai_officer")
	tab.Fill("input[name=password]", showtest.Password)
	tab.Follow("button.main")
	for i, path := range []string{"/duties/law?at=2027-12-02&system=" + s.ID, "/duties/law/obligations", "/duties/law/feed", "/duties/law/changes?pack=eu-ai-act", "/duties/law/tasks"} {
		tab.Open(base + path)
		tab.Spoken()
		for _, width := range []int{1440, 390} {
			tab.Emulate(width, 900, map[int]webtest.Scheme{1440: webtest.Light, 390: webtest.Dark}[width])
			tab.Axe()
			tab.NoSideScroll()
			if *screens != "" {
				tab.Screenshot(filepath.Join(*screens, fmt.Sprintf("law-%d-%d.png", i, width)))
			}
		}
		tab.Quiet()
	}
	tab.NoScript(true)
	tab.Open(base + "/duties/law")
	tab.Click("#clock details summary")
	tab.Follow("#clock details a[href*='2027-12-02']")
	tab.WaitText("#clock", "2. Dezember 2027")
	tab.Open(base + "/duties/law/changes?pack=eu-ai-act")
	tab.Submit("#adopt button.main")
	tab.WaitText("#tasks", "Art. 26(1)")
}

// BenchmarkPages asks for the pages of the clock with 100 classified systems.
func BenchmarkPages(b *testing.B) {
	h := house(b)
	for i := range 100 {
		answered(b, h, fmt.Sprintf("Linie %d", i), nil, "areas", "hiring", "profiling", "yes")
	}
	c := h.Client("ai_officer")
	for _, path := range []string{"/duties/law?at=2027-12-02", "/duties/law/obligations", "/duties/law/feed"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if p := c.Get(path); p.Status != 200 {
					b.Fatal(p.Status)
				}
			}
		})
	}
}
