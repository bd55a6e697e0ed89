package proof_test

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/prove/casefile/verify"
	ledgerproof "augenmass/internal/record/ledger/proof"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"
)

func house(t *testing.T) *showtest.House {
	return showtest.Open(t, []fs.FS{proof.Texts, duties.Texts, objects.Texts}, proof.Routes(), duties.Routes(),
		[]page.Route{{Method: "GET", Path: "/frame", Name: "frame", Handle: func(r *page.Request) error { return r.Go("/", "") }}})
}

func TestWording(t *testing.T) { showtest.Wording(t, proof.Texts) }

// Every page of the area is for those whose role reads its kind, and the answer to
// all others names the roles that may.
func TestWhoMay(t *testing.T) {
	h := house(t)
	for role, want := range map[string][3]int{ // journal, evidence, cases
		"director": {200, 200, 200}, "ai_officer": {200, 200, 200}, "safety": {200, 200, 200}, "auditor": {200, 200, 200},
		"shift_lead": {200, 403, 403}, "admin": {200, 403, 403}, "council": {403, 403, 403}, "worker": {403, 403, 403},
	} {
		c := h.Client(role)
		for i, path := range []string{"/proof/journal", "/proof/evidence", "/proof/cases"} {
			if p := c.Get(path); p.Status != want[i] {
				t.Errorf("%s on %s: %d, want %d", role, path, p.Status, want[i])
			}
		}
		for _, path := range []string{"/proof/journal/0", "/proof/journal/0/proof", "/proof/journal/0/entry", "/proof/checkpoint"} {
			if p := c.Get(path); p.Status != want[0] {
				t.Errorf("%s on %s: %d, want %d", role, path, p.Status, want[0])
			}
		}
		home := c.Get("/proof")
		to := map[string]string{"council": "/werk/proof/objects", "worker": ""} // the council reads evidence objects
		first, other := to[role]
		if !other {
			first = "/werk/proof/journal"
		}
		if home.Location != first || first == "" && home.Status != 200 || first != "" && home.Status != 303 {
			t.Errorf("%s on /proof: %d %s", role, home.Status, home.Location)
		}
	}
	h.Client("worker").Get("/proof").Shows(t, "Prüfung")
	if p := h.Nobody().Get("/proof/journal"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

func TestJournal(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie: Ausfallvorhersage")
	for i := range 60 {
		h.Decide(s.ID, 0.9+float64(i)/1000)
	}
	low := h.Decide(s.ID, 0.5)
	h.Settle()
	c := h.Client("auditor")
	c.Get("/proof/journal")
	h.Settle()
	base := c.Get("/frame").Queries
	p := c.Get("/proof/journal")
	if got := p.Queries - base; p.Status != 200 || got > 5 {
		t.Fatalf("%d, %d queries", p.Status, got)
	}
	if n := len(p.Doc.All("#entries tbody tr")); n != 50 {
		t.Errorf("%d entries", n)
	}
	p.Shows(t, "KI-Ergebnis entschieden", "an Menschen", "Sicherheit 0,50 < 0,85", "Fräslinie: Ausfallvorhersage", "Unter dem letzten Prüfpunkt")
	if !p.Doc.Has("#entries a[href=/werk/systems/" + s.ID + "]") {
		t.Error("the subject does not lead to its record")
	}
	next := c.Get(strings.TrimPrefix(p.Doc.One("a[rel=next]").Attrs["href"], "/werk"))
	if next.Status != 200 || !next.Doc.Has("a[rel=first]") {
		t.Errorf("next page: %d", next.Status)
	}
	p = c.Get("/proof/journal?type=augenmass.permit.issued&subject=" + s.ID)
	p.Shows(t, "Betriebserlaubnis ausgestellt", "BE-2026-0001, Fassung 1", "nur zu Fräslinie")
	if n := len(p.Doc.All("#entries tbody tr")); n != 1 {
		t.Errorf("%d permit entries", n)
	}
	if p = c.Get("/proof/journal?q=%23" + fmt.Sprint(low)); p.Status != 303 || p.Location != fmt.Sprintf("/werk/proof/journal/%d", low) {
		t.Errorf("search by number: %d %s", p.Status, p.Location)
	}
	row, err := h.Org.Trail.Entries.Get(t.Context(), h.Org.DB, int64(low))
	h.Must(err)
	if p = c.Get("/proof/journal?q=" + row.ID); len(p.Doc.All("#entries tbody tr")) != 1 {
		t.Error("search by event id")
	}
	d, err := h.Org.Trail.Latest(t.Context(), s.ID, 1)
	h.Must(err)
	if p = c.Get("/proof/journal?q=" + d[0].ID); len(p.Doc.All("#entries tbody tr")) != 1 {
		t.Error("search by decision id")
	}
	c.Get("/proof/journal?q="+s.ID).Shows(t, "Betriebserlaubnis ausgestellt")
	c.Get("/proof/journal?from=2026-11-22").Shows(t, "Kein Eintrag passt")
	if p = c.Get("/proof/journal?from=2026-11-21&to=2026-11-21"); len(p.Doc.All("#entries tbody tr")) != 50 {
		t.Error("the day itself is not included")
	}
	for _, path := range []string{"?cursor=x", "?q=dec_nie"} {
		if p := c.Get("/proof/journal" + path); p.Status != 422 && p.Status != 404 {
			t.Errorf("%s answers %d", path, p.Status)
		}
	}
	for _, path := range []string{"?from=gestern", "?type=erfunden", "?q=99999999", "?subject=x"} {
		if p := c.Get("/proof/journal" + path); p.Status != 200 {
			t.Errorf("%s answers %d", path, p.Status)
		}
	}
	c.In(text.EN).Get("/proof/journal").Shows(t, "AI result decided", "to a person", "Confidence 0.50 < 0.85")
}

func TestWrongIndexIsNotFound(t *testing.T) {
	h := house(t)
	c := h.Client("auditor")
	for _, index := range []string{"999999", "18446744073709551615", "99999999999999999999999", "-1", "abc", "01", "1e3", "0x1", "%2e%2e"} {
		for _, what := range []string{"", "/proof", "/entry"} {
			if p := c.Get("/proof/journal/" + index + what); p.Status != 404 {
				t.Errorf("%s%s answers %d", index, what, p.Status)
			}
		}
	}
}

// Every entry tells itself in words, as JSON, and with a proof that was checked;
// what can be downloaded verifies on its own.
func TestEntry(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	index := h.Decide(s.ID, 0.5)
	h.Settle()
	c := h.Client("auditor")
	at := fmt.Sprintf("/proof/journal/%d", index)
	base := c.Get("/frame").Queries
	p := c.Get(at)
	if got := p.Queries - base; p.Status != 200 || got > 5 {
		t.Fatalf("%d, %d queries", p.Status, got)
	}
	p.Shows(t, "KI-Ergebnis entschieden", "an Menschen", "Sicherheit (0 bis 1) 0,5", "Grenze der Sicherheit 0,85", "Abweichung (0 bis 1) nicht gemessen", "Schichtleitung",
		"Nachweis stimmt", "Wurzel des Prüfpunkts", "augenmass/werk+", `"specversion": "1.0"`, "ZTA-05")
	if !p.Doc.Has("#says a[href=/werk/duties/clauses/zta.05]") {
		t.Error("the reason does not lead to its clause")
	}
	raw := c.Get(at + "/entry")
	file := c.Get(at + "/proof")
	f, err := ledgerproof.ParseFile([]byte(file.Body))
	h.Must(err)
	if f.Index != index || !strings.Contains(file.Header.Get("Content-Disposition"), ".tlog-proof") {
		t.Errorf("proof of %d: %v", f.Index, file.Header)
	}
	if _, err := f.Check([]byte(raw.Body), h.Org.Journal.VerifierKey()); err != nil {
		t.Errorf("what was downloaded does not verify: %v", err)
	}
	if _, err := f.Check([]byte(raw.Body+" "), h.Org.Journal.VerifierKey()); err == nil {
		t.Error("another entry verifies too")
	}
	cp := c.Get("/proof/checkpoint")
	if _, err := ledgerproof.ParseCheckpoint([]byte(cp.Body), h.Org.Journal.VerifierKey()); err != nil {
		t.Errorf("the checkpoint does not verify: %v", err)
	}
	for i := range h.Org.Journal.Size() {
		for _, l := range showtest.Langs {
			p := c.In(l).Get(fmt.Sprintf("/proof/journal/%d", i))
			if p.Status != 200 || !p.Doc.Has("#proof .state.ok") || strings.Contains(p.Doc.One("#says").Text(), "augenmass.") && !strings.Contains(p.Doc.One("#says .facts").Text(), "augenmass.") {
				t.Errorf("entry %d (%s): %d", i, l, p.Status)
			}
		}
	}
}

// The worker is refused, the auditor gets a case that verifies without the server,
// and nothing of it stays behind.
func TestCaseFile(t *testing.T) {
	dir := t.TempDir()
	h := house(t)
	s := h.Permitted("Fräslinie")
	h.Decide(s.ID, 0.97)
	h.Decide(s.ID, 0.5)
	for _, role := range []string{"worker", "safety", "admin", "council", "shift_lead"} {
		if p := h.Client(role).Post("/proof/cases"); p.Status != 403 {
			t.Errorf("%s takes a case file: %d", role, p.Status)
		}
	}
	if p := h.Client("safety").Get("/proof/cases"); p.Doc.Has("form#case") || !strings.Contains(p.Doc.Text(), "Prüfung") {
		t.Error("who may not export is offered the export, or not told who may")
	}
	c := h.Client("auditor")
	p := c.Get("/proof/cases")
	p.Shows(t, "augenmass verify case.zip", "augenmass/werk+", "augenmass/werk/seal+")
	h.Settle()
	size := h.Org.Journal.Size()
	p = c.Post("/proof/cases", "from", "2026-11-01", "to", "")
	if p.Status != 200 || p.Header.Get("Content-Type") != "application/zip" || !strings.Contains(p.Header.Get("Content-Disposition"), fmt.Sprintf("werk-%d.case.zip", size)) {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	if p.Header.Get("Content-Length") != fmt.Sprint(len(p.Body)) {
		t.Errorf("length %s of %d", p.Header.Get("Content-Length"), len(p.Body))
	}
	z, err := zip.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	h.Must(err)
	if len(z.File) < 5 {
		t.Errorf("%d files", len(z.File))
	}
	file := filepath.Join(dir, "case.zip")
	h.Must(os.WriteFile(file, []byte(p.Body), 0o600))
	rep, err := verify.File(t.Context(), file, verify.Options{})
	h.Must(err)
	if rep.Break != nil || rep.Checked.Decisions != 2 {
		t.Errorf("the case does not verify: %+v %+v", rep.Break, rep.Checked)
	}
	if h.Org.Journal.Size() != size+1 {
		t.Errorf("the journal does not say that a case was taken: %d entries, before %d", h.Org.Journal.Size(), size)
	}
	left, err := filepath.Glob(filepath.Join(h.Org.Dir(), ".case-*"))
	h.Must(err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	h.Settle()
	c.Get("/proof/journal?type=augenmass.casefile.built").Shows(t, "Prüfakte gebaut")
}

func TestCasePeriod(t *testing.T) {
	h := house(t)
	c := h.Client("auditor")
	for _, in := range [][]string{{"from", "gestern"}, {"to", "2026-13-01"}, {"from", "2026-11-21", "to", "2026-11-20"}} {
		p := c.Post("/proof/cases", in...)
		if p.Status != 422 || !p.Doc.Has(".field.bad") {
			t.Errorf("%v answers %d", in, p.Status)
		}
		if got := p.Doc.One("input[name=" + in[0] + "]").Attrs["value"]; got != in[1] {
			t.Errorf("%v: kept %q", in, got)
		}
	}
	if p := c.Post("/proof/cases", "from", "2026-11-21", "to", "2026-11-21"); p.Status != 200 {
		t.Errorf("one day: %d", p.Status)
	}
}

func TestEvidence(t *testing.T) {
	h := house(t)
	s := h.Permitted("Fräslinie")
	index := h.Decide(s.ID, 0.5)
	p := h.Client("auditor").Get("/proof/evidence")
	p.Shows(t, "ZTA-01", "ZTA-04", "ZTA-05", "oversight.coverage", "Gelesene Arten von Einträgen:", "Ohne Messung", "ZTA-15")
	if !p.Doc.Has(fmt.Sprintf("#zta-05 a[href=/werk/proof/journal/%d]", index)) {
		t.Error("the check does not lead to the entry it rests on")
	}
	for _, m := range []string{"safety", "director"} {
		if p := h.Client(m).Get("/proof/evidence"); p.Status != 200 {
			t.Errorf("%s: %d", m, p.Status)
		}
	}
}
