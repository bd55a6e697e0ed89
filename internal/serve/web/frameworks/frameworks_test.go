package frameworks_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/frameworks"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

func TestWording(t *testing.T) {
	showtest.Wording(t, frameworks.Texts, objects.Texts, duties.Texts, evidence.Texts)
}

// An AI officer of an empty organisation gets from the first page of the area to
// a gap list with the first three steps in one click, and to the first
// requirement in two.
func TestEmptyOrganisation(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Get("/duties")
	p.Shows(t, "Die nächsten drei Schritte", "Erstes KI-System eintragen", "Selbsteinschätzung ausfüllen", "42001 4.1", "0 von 70 (0 %)")
	if n := len(p.Doc.All("#steps li")); n != 3 {
		t.Errorf("%d steps", n)
	}
	for _, href := range []string{"/werk/systems/new", "/werk/duties/checklist", "/werk/duties/frameworks/iso-42001", "/werk/duties/law", "/werk/duties/soa"} {
		if !p.Doc.Has("a[href=" + href + "]") {
			t.Errorf("the first page does not lead to %s", href)
		}
	}
	p = c.Get("/duties/frameworks/iso-42001")
	if n := len(p.Doc.All("#steps li")); n != 3 || !p.Doc.Has("#steps a[href=/werk/duties/frameworks/iso-42001/iso42001.4.1]") {
		t.Errorf("the gap does not begin with three steps: %d", n)
	}
	c.In(text.EN).Get("/duties").Shows(t, "The next three steps", "Register the first AI system", "0 of 70 (0%)")
}

// 000-28, 000-37: the seven areas and the controls with n of m and percent, each
// two clicks away; met, partly and missing are counted, and what was ruled out
// is no part of the whole.
func TestGapByArea(t *testing.T) {
	h := house(t)
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.4.1", Status: control.Met, Applicable: control.Yes})
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.4.2", Status: control.Partly, Applicable: control.Yes})
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.A.2.2", Status: control.NotApplicable, Applicable: control.No, Reason: "Es gibt keine eigene Entwicklung.", Responsible: "director"})
	filed(t, h, "Umfeld 2026", "document", showtest.Start.AddDate(1, 0, 0), "iso42001.4.1")
	c := h.Client("ai_officer")
	p := c.Get("/duties/frameworks/iso-42001")
	p.Shows(t, "1 von 69 (1 %)", "Teilweise oder in Arbeit", "Personentage")
	for _, area := range []string{"context", "leadership", "planning", "support", "operation", "evaluation", "improvement", "controls"} {
		if !p.Doc.Has("#areas a[href=/werk/duties/frameworks/iso-42001?area=" + area + "#list]") {
			t.Errorf("area %s is not one click away", area)
		}
	}
	if row := p.Doc.One("#areas tbody tr").Text(); !strings.Contains(row, "Kontext") || !strings.Contains(row, "1 von 4 (25 %)") {
		t.Errorf("the first area: %s", row)
	}
	if chapters := p.Doc.One("#areas details").Text(); !strings.Contains(chapters, "42001 6") || !strings.Contains(chapters, "42001 A.6") {
		t.Errorf("no count per clause: %.200s", chapters)
	}
	p = c.Get("/duties/frameworks/iso-42001?area=context")
	if !p.Doc.Has("#area-context") || p.Doc.Has("#area-leadership") || len(p.Doc.All("#items-context tbody tr")) != 4 {
		t.Error("not narrowed to one area")
	}
	p = c.Get("/duties/frameworks/iso-42001?status=partly")
	if rows := p.Doc.All("tbody tr a[href=/werk/duties/frameworks/iso-42001/iso42001.4.2]"); len(rows) == 0 || p.Doc.Has("#items-leadership") {
		t.Error("not narrowed to a status")
	}
	c.Get("/duties/frameworks/iso-42001?q=gibtesnicht").Shows(t, "Keine Anforderung passt zur Auswahl")
	if p := c.Get("/duties/frameworks/nie"); p.Status != 404 {
		t.Errorf("an unknown framework answers %d", p.Status)
	}
}

// A percentage never stands without its n of m.
func TestNoPercentAlone(t *testing.T) {
	h := house(t)
	statedAll(t, h, "iso-42001")
	c := h.Client("director")
	for _, path := range []string{"/duties", "/duties/frameworks/iso-42001", "/duties/soa?show=all", "/duties/readiness", "/duties/cycle", "/duties/map", "/duties/shared"} {
		body := c.Get(path).Doc.Text()
		for _, at := range regexp.MustCompile(`\d+ %`).FindAllStringIndex(body, -1) {
			if before := body[max(0, at[0]-24):at[0]]; !regexp.MustCompile(`\d+ von \d+ \($`).MatchString(before) {
				t.Errorf("%s: %q", path, body[max(0, at[0]-40):at[1]])
			}
		}
	}
}

// 000-24: standards and law are two indicators on the first page, and both pages
// of a framework say what its status does not mean.
func TestTwoIndicators(t *testing.T) {
	h := house(t)
	c := h.Client("ai_officer")
	p := c.Get("/duties")
	standards, law := p.Doc.One("#standards"), p.Doc.One("#law")
	if !standards.Has("a[href=/werk/duties/frameworks/iso-42001]") || standards.Has("a[href=/werk/duties/frameworks/eu-ai-act]") {
		t.Errorf("standards: %s", standards.Text())
	}
	if !law.Has("a[href=/werk/duties/frameworks/eu-ai-act]") || law.Has("a[href=/werk/duties/frameworks/iso-42001]") {
		t.Errorf("law: %s", law.Text())
	}
	p.Shows(t, "Ein Zertifikat nach einer Norm zeigt nicht, dass das Gesetz eingehalten ist.")
	c.Get("/duties/frameworks/iso-42001").Shows(t, "sagt nichts darüber, ob das Gesetz eingehalten ist")
	c.Get("/duties/frameworks/eu-ai-act").Shows(t, "Ein Zertifikat ersetzt die Prüfung nicht.")
	c.Get("/duties/readiness").Shows(t, "Ob das Gesetz eingehalten ist, sagt auch ein Zertifikat nicht.")
}

var (
	certificate = regexp.MustCompile(`(?i)zertifi|certif`)
	conformity  = regexp.MustCompile(`(?i)konform|compl(y|ian|ies)|rechtmäßig|lawful|gesetz\w* (ist|sind|werden) eingehalten|law is met|conform`)
	denied      = regexp.MustCompile(`(?i)\b(nicht|kein\w*|nie|nichts|no|not|never|nothing|neither|ohne|without)\b`)
)

// claims finds sentences that set a certificate equal to keeping the law.
func claims(body string) []string {
	var out []string
	for _, s := range texttest.Split(body) {
		if certificate.MatchString(s) && conformity.MatchString(s) && !denied.MatchString(s) {
			out = append(out, s)
		}
	}
	return out
}

// 000-24: no text of any page or report says that certified is compliant.
func TestCertifiedIsNeverCompliant(t *testing.T) {
	for _, bad := range []string{"Wer zertifiziert ist, ist gesetzeskonform.", "With the certificate you comply with the law."} {
		if len(claims(bad)) != 1 {
			t.Errorf("the test does not find %q", bad)
		}
	}
	if got := claims("Ein Zertifikat heißt nicht, dass Sie konform sind."); len(got) > 0 {
		t.Errorf("the test finds %q", got)
	}
	files := 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(filepath.Dir(path)) != "texts" || filepath.Ext(path) != ".yaml" {
			return err
		}
		files++
		all, err := text.Load(os.DirFS(filepath.Dir(path)))
		if err != nil {
			return err
		}
		for _, key := range all.Keys() {
			for _, l := range text.Langs {
				for _, say := range claims(strings.Join(all.Texts(l, key), "\n")) {
					t.Errorf("%s %s %s: %q", path, key, l, say)
				}
			}
		}
		return nil
	})
	if err != nil || files < 10 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// 001-05: the library holds the five frameworks of the normative basis, and a
// reader can choose each.
func TestNormativeBasis(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/map")
	for _, id := range []string{"nist-800-207", "eu-ai-act", "iso-42001", "iec-62443-3-3", "iso-27001"} {
		fw := framework(t, h, id)
		if len(fw.Items()) == 0 || !p.Doc.Has("select[name=from] option[value="+id+"]") {
			t.Errorf("%s: %d requirements, or not to choose", id, len(fw.Items()))
		}
		if p := c.Get("/duties/frameworks/" + id); p.Status != 200 {
			t.Errorf("%s answers %d", id, p.Status)
		}
	}
	act := framework(t, h, "eu-ai-act")
	for _, art := range []string{"9", "10", "11", "12", "13", "14", "15"} {
		if !slices.ContainsFunc(act.Items(), func(it packs.Item) bool {
			return it.Clause == "aia.art"+art || strings.HasPrefix(it.Clause, "aia.art"+art+".")
		}) {
			t.Errorf("Art. %s is not in the framework", art)
		}
	}
}

// 001-07: seven principles, each linked to at least one control that has a page.
func TestPrinciples(t *testing.T) {
	h := house(t)
	c := h.Client("worker")
	p := c.Get("/duties/principles")
	sheets := p.Doc.All("section.sheet")
	if len(sheets) != 7 {
		t.Fatalf("%d principles", len(sheets))
	}
	for _, s := range sheets {
		to := s.One("ul a")
		if to == nil {
			t.Errorf("nothing serves %s", s.One("h2").Text())
			continue
		}
		if p := c.Get(strings.TrimPrefix(to.Attrs["href"], "/werk")); p.Status != 200 {
			t.Errorf("%s answers %d", to.Attrs["href"], p.Status)
		}
	}
	c.In(text.EN).Get("/duties/principles").Shows(t, "Everything is a resource")
}

// Who may not see the records sees the frameworks and no number of them; who may
// not write gets no form, and is refused.
func TestRoles(t *testing.T) {
	h := house(t)
	said(t, h, control.Record{Framework: "iso-42001", Clause: "iso42001.4.1", Status: control.Met, Applicable: control.Yes})
	for _, role := range []string{"worker", "shift_lead", "admin"} {
		c := h.Client(role)
		for _, path := range []string{"/duties", "/duties/frameworks/iso-42001", "/duties/frameworks/iso-42001/iso42001.4.1"} {
			p := c.Get(path)
			p.Shows(t, "Den Stand sehen")
			p.Hides(t, "1 von 70", "1 von 4")
			if p.Doc.Has("form.form") || p.Doc.Has("#state") || p.Doc.Has("#wanted") {
				t.Errorf("%s sees a status on %s", role, path)
			}
		}
		for _, path := range []string{"/duties/soa", "/duties/soa.xlsx", "/duties/soa.pdf", "/duties/soa/next", "/duties/plan", "/duties/readiness", "/duties/cycle", "/duties/readiness.zip", "/proof/objects"} {
			if p := c.Get(path); p.Status != 403 {
				t.Errorf("%s gets %d on %s", role, p.Status, path)
			}
		}
	}
	for _, role := range []string{"auditor", "council", "safety"} {
		c := h.Client(role)
		p := c.Get("/duties/frameworks/iso-42001/iso42001.4.1")
		p.Shows(t, "erfüllt")
		if p.Doc.Has("form.form") {
			t.Errorf("%s is offered to write", role)
		}
		for path, pairs := range map[string][]string{"/duties/frameworks/iso-42001/iso42001.4.1": {"status", "met", "revision", "1"}, "/duties/plan": {"framework", "iso-42001"}} {
			if p := c.Post(path, pairs...); p.Status != 403 {
				t.Errorf("%s writes %s: %d", role, path, p.Status)
			}
		}
	}
	if p := h.Nobody().Get("/duties"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

// A page with the full view of ISO/IEC 42001, a thousand evidence objects behind
// it, takes at most five queries; so do all other pages of the area.
func TestQueries(t *testing.T) {
	h := house(t)
	h.Permitted("Fräslinie")
	statedAll(t, h, "iso-42001")
	many(t, h, "iso-42001", 1000)
	c := h.Client("ai_officer")
	for _, path := range []string{"/duties", "/duties/frameworks/iso-42001", "/duties/frameworks/iso-42001/iso42001.A.6.2.4", "/duties/soa?show=all", "/duties/plan", "/duties/readiness",
		"/duties/cycle", "/duties/map", "/duties/shared", "/duties/checklist", "/duties/principles", "/proof/objects"} {
		if n := cost(t, c, path); n > 5 {
			t.Errorf("%s takes %d queries", path, n)
		}
	}
	p := c.Get("/duties/frameworks/iso-42001")
	rows := 0
	for _, a := range framework(t, h, "iso-42001").Areas {
		rows += len(p.Doc.All("#items-" + a.ID + " tbody tr"))
	}
	if rows != len(framework(t, h, "iso-42001").Items()) {
		t.Errorf("%d rows", rows)
	}
}

// BenchmarkFrameworkPage is the full view of ISO/IEC 42001 with a thousand
// evidence objects, from the request to the last byte; the bar is 50 ms.
func BenchmarkFrameworkPage(b *testing.B) {
	h := house(b)
	statedAll(b, h, "iso-42001")
	many(b, h, "iso-42001", 1000)
	c := h.Client("ai_officer")
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, h.Site.Base+"/duties/frameworks/iso-42001", nil)
		for _, cookie := range c.Cookies {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		h.Pages.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
