package report_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
	"augenmass/internal/text/texttest"
)

var at = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func frame(l text.Lang) report.Frame {
	return report.Frame{Organisation: "Metallwerk Grüß & Söhne", Lang: l, At: at, Role: func(role string) text.Bi {
		return map[string]text.Bi{"director": {DE: "Geschäftsführung", EN: "Director"}}[role]
	}}
}

// book is a library of two clauses of law, a mapping, and controls.
type book struct{}

func (book) Cited(id string) (string, text.Bi, text.Bi, bool) {
	return strings.ToUpper(id), text.Bi{DE: "Prüfgröße " + id, EN: "Measure " + id}, text.Bi{DE: "Legen Sie fest, was gilt.", EN: "Set what applies."}, true
}

func (book) Mappings(id string) []packs.Mapping {
	if id == "n.A.2" {
		return []packs.Mapping{{From: "n.A.2", To: "n.A.3", Relation: packs.Intersects}}
	}
	return nil
}

func framework(controls int) packs.Framework {
	fw := packs.Framework{ID: "norm", Title: text.Bi{DE: "Norm für Größen", EN: "Standard of measures"}, SoA: true, Version: "1.2.0"}
	context := packs.Area{ID: "context", Title: text.Bi{DE: "Kontext", EN: "Context"}, Phase: "plan",
		Items: []packs.Item{{Clause: "n.4", Days: 3, Evidence: []string{"document"}, Plain: text.Bi{DE: "Schreiben Sie auf, wer betroffen ist.", EN: "Write down who is affected."}}}}
	all := packs.Area{ID: control.Controls, Title: text.Bi{DE: "Maßnahmen", EN: "Controls"}, Phase: "do"}
	for i := range controls {
		all.Items = append(all.Items, packs.Item{Clause: fmt.Sprintf("n.A.%d", i+1), Days: 1, Evidence: []string{"log", "document"}})
	}
	fw.Areas = []packs.Area{context, all}
	return fw
}

// hostile is what somebody could write into a reason.
const hostile = "=HYPERLINK(\"http://evil.example\",\"x\")"

func records() control.Sayings {
	out := control.Sayings{}
	for i, r := range []control.Record{
		{Clause: "n.A.1", Applicable: control.No, Status: control.NotApplicable, Reason: "Wir entwickeln keine Modelle. Das Gerät kommt fertig.", Responsible: "director"},
		{Clause: "n.A.2", Applicable: control.Yes, Status: control.Met, Reason: "weil nötig", Implementation: hostile, Responsible: "director"},
		{Clause: "n.A.3", Applicable: control.Undecided, Status: control.Partly},
		{Clause: "n.4", Status: control.Met, Responsible: "director"},
	} {
		r.Framework = "norm"
		r.Default()
		out[r.Key] = store.Object[control.Record]{Meta: store.Meta{ID: fmt.Sprintf("ctl_%d", i), Revision: 1}, Doc: r}
	}
	return out
}

func evidence() []store.Object[control.Evidence] {
	return []store.Object[control.Evidence]{
		{Meta: store.Meta{ID: "evd_1"}, Doc: control.Evidence{Name: "Übungsprotokoll | Schicht 1", Type: "log", Date: at.AddDate(0, -1, 0), Link: "@Ordner", Hash: strings.Repeat("ab", 32), Clauses: []string{"n.A.2"}}},
		{Meta: store.Meta{ID: "evd_2"}, Doc: control.Evidence{Name: "Alter Plan", Type: "document", Date: at.AddDate(-2, 0, 0), Expires: at.AddDate(0, 0, -1), Link: "Ordner", Clauses: []string{"n.4"}}},
	}
}

type world struct {
	fws     []packs.Framework
	said    control.Said
	gap     control.GapView
	plan    control.Roadmap
	covered control.Covered
}

func made(controls int) world {
	w := world{fws: []packs.Framework{framework(controls)}, covered: control.Coverage(book{}, evidence(), at)}
	w.said = control.Said{Records: records(), Covered: w.covered, Measured: map[string]control.Measurement{"n.A.3": {Status: "not_met", Seen: 4, Passed: 1}}}
	w.gap = control.Gap(book{}, w.fws[0], w.said, at)
	w.plan = control.Plan(w.gap, control.Target{Date: at.AddDate(0, 0, 10), DaysPerWeek: 0.5}, at)
	return w
}

func (w world) soa(t testing.TB, l text.Lang) report.Document {
	return must(t)(report.SoA(frame(l), control.SoA(book{}, w.fws, w.said, at)))
}

func must(t testing.TB) func(report.Document, error) report.Document {
	return func(d report.Document, err error) report.Document {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

// all are the reports of a world in one language.
func (w world) all(t testing.TB, l text.Lang) []report.Document {
	m := must(t)
	return []report.Document{w.soa(t, l), m(report.Gap(frame(l), w.gap, &w.plan)), m(report.Checklist(frame(l), w.gap)),
		m(report.Evidence(frame(l), evidence(), w.covered)),
		m(report.Standing(frame(l), control.Apart{Standards: []control.Indicator{{Title: w.fws[0].Title, Tally: w.gap.Tally}}, Law: []control.Indicator{{Title: text.Same("KI-VO"), Tally: control.Tally{Total: 3}}}}))}
}

// Every wording is there, used, and in the manner of the house.
func TestWording(t *testing.T) {
	texttest.Used(t, os.DirFS("texts"), ".")
	texttest.Manners(t, os.DirFS("texts"), texttest.Page)
	w := made(3)
	for _, l := range text.Langs {
		for _, d := range w.all(t, l) {
			if md := string(write(t, d.Markdown)); strings.Contains(md, "⟦") {
				t.Errorf("%s asks for a wording that is not there:\n%s", d.Name, md)
			}
		}
	}
}

func write(t testing.TB, to func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := to(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// 001-63, 001-38: all columns, every row, the role by its title; in Markdown.
func TestStatementOfApplicability(t *testing.T) {
	w := made(3)
	md := string(write(t, w.soa(t, text.DE).Markdown))
	for _, want := range []string{"| Maßnahme | Titel | Anwendbar | Begründung | Umsetzung | Stand | Verantwortlich | Nachweise |",
		"| N.A.1 | Prüfgröße n.A.1 | Die Maßnahme ist nicht anwendbar. | Wir entwickeln keine Modelle. Das Gerät kommt fertig. | Eine Umsetzung ist nicht nötig. | Die Anforderung ist nicht anwendbar. | Verantwortlich ist die Rolle Geschäftsführung. | Ein Nachweis fehlt noch. |",
		"Entschieden sind 2 von 3 Zeilen", "## Noch nicht entschieden", "| N.A.3 | Prüfgröße n.A.3 | Die Entscheidung über die Anwendbarkeit fehlt. Die Begründung fehlt noch. Die verantwortliche Rolle fehlt. |",
		"Zum Teil gezeigt ist es durch „Übungsprotokoll \\| Schicht 1“ (über die Zuordnung von n.A.2).",
		"Ein Zertifikat beantwortet die zweite nicht."} {
		if !strings.Contains(md, want) {
			t.Errorf("the statement lacks %q:\n%s", want, md)
		}
	}
	en := string(write(t, w.soa(t, text.EN).Markdown))
	for _, want := range []string{"# Statement of applicability", "The role Director is responsible.", "2 of 3 rows are decided"} {
		if !strings.Contains(en, want) {
			t.Errorf("the English statement lacks %q", want)
		}
	}
}

// 001-20: every cell that says something is a full sentence; what people wrote
// as a fragment is marked, and the report says how many.
func TestFragmentsAreMarked(t *testing.T) {
	w := made(3)
	for _, l := range text.Langs {
		for _, d := range w.all(t, l) {
			for _, table := range d.Tables() {
				for _, row := range table.Rows {
					if len(row) != len(table.Columns) {
						t.Fatalf("%s: %d cells under %d columns", d.Name, len(row), len(table.Columns))
					}
					for i, c := range row {
						byPeople := c.Text == "weil nötig" || c.Text == hostile
						if !table.Columns[i].Bare && c.Fragment != byPeople {
							t.Errorf("%s, %s: fragment %v: %q", d.Name, table.Columns[i].Title, c.Fragment, c.Text)
						}
					}
				}
			}
		}
	}
	d := w.soa(t, text.DE)
	if d.Fragments() != 2 {
		t.Errorf("%d fragments, want 2", d.Fragments())
	}
	md := string(write(t, d.Markdown))
	if !strings.Contains(md, "weil nötig \\[Satzfragment\\]") || !strings.Contains(md, "2 Zellen sind keine ganzen Sätze") {
		t.Errorf("the fragment is not marked:\n%s", md)
	}
	for s, want := range map[string]bool{"Das gilt hier.": true, "Gilt nicht": false, "n. a.": false, "Ja.": false, "": false, " \n": false,
		"Das gilt hier.\n- Wir prüfen es jährlich.": true, "Das gilt hier.\nnoch offen": false, "„So steht es da.“": true, "(Siehe den Anhang dazu.)": true,
		"§ 87 gilt hier auch.": true, "3 Fälle sind offen.": true, "ist erledigt worden.": false, "Wirklich ist es so?": true} {
		if got := report.Sentences(s); got != want {
			t.Errorf("%q is made of sentences: %v", s, got)
		}
	}
}

// 000-58, 000-28: the gap list says n of m with the percent, what was measured
// beside what was said, and what is late.
func TestGapListAndRoadmap(t *testing.T) {
	w := made(3)
	md := string(write(t, must(t)(report.Gap(frame(text.DE), w.gap, &w.plan)).Markdown))
	for _, want := range []string{"Erfüllt sind 2 von 3 Anforderungen (66 %).", "Eine davon ist noch nicht entschieden.", "Eine weitere ist mit Begründung ausgenommen.",
		"Gesagt ist: teilweise erfüllt; gemessen ist: nicht erfüllt (1 von 4 Fällen).", "Abgelaufen und nicht gezählt: „Alter Plan“.",
		"Die Anforderung gilt als erfüllt, gezeigt ist es nicht.", "Bis zum Zieltermin am 01.12.2026 bleiben 10 Tage.", "Verspätet; der Beginn war fällig am", "| Kontext | Planen |"} {
		if !strings.Contains(md, want) {
			t.Errorf("the gap list lacks %q:\n%s", want, md)
		}
	}
}

// Nobody's text becomes a formula, and everything can be read back.
func TestWorkbookReadsBackAsText(t *testing.T) {
	w := made(3)
	for _, d := range w.all(t, text.DE) {
		f, err := excelize.OpenReader(bytes.NewReader(write(t, d.XLSX)))
		if err != nil {
			t.Fatal(err)
		}
		sheets := f.GetSheetList()
		if len(sheets) != 1+len(d.Tables()) {
			t.Errorf("%s: sheets %v for %d tables", d.Name, sheets, len(d.Tables()))
		}
		for i, table := range d.Tables() {
			rows, err := f.GetRows(sheets[i+1])
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 1+len(table.Rows) || len(rows[0]) != len(table.Columns) {
				t.Errorf("%s, %s: %d rows read back", d.Name, sheets[i+1], len(rows))
			}
			for r, row := range rows {
				for c, cell := range row {
					at, err := excelize.CoordinatesToCellName(c+1, r+1)
					if err != nil {
						t.Fatal(err)
					}
					formula, err := f.GetCellFormula(sheets[i+1], at)
					if err != nil || formula != "" || cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
						t.Errorf("%s %s could be a formula: %q %q %v", sheets[i+1], at, cell, formula, err)
					}
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Where a text may begin on a page, in points: inside the margins, above the
// edge of the paper.
const (
	left, right = 42.0, 800.0
	low, high   = 20.0, 560.0
)

// pdfTexts are the texts that a PDF draws, in order. None lies off the page.
func pdfTexts(t testing.TB, raw []byte) []string {
	t.Helper()
	right, high := right, high
	if bytes.Contains(raw, []byte("/MediaBox [0 0 595.28 841.89]")) { // portrait
		right, high = high, right
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not a compressed stream
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, tj := range regexp.MustCompile(`(?s)BT ([\d.-]+) ([\d.-]+) Td \(((?:[^\\)]|\\.)*)\) ?Tj`).FindAllSubmatch(content, -1) {
			var x, y float64
			if _, err := fmt.Sscan(string(tj[1])+" "+string(tj[2]), &x, &y); err != nil || x < left || x > right || y < low || y > high {
				t.Errorf("a text begins at %v, %v: %v", x, y, err)
			}
			s := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(tj[3]))
			var units []uint16
			for i := 0; i+1 < len(s); i += 2 {
				units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
			}
			out = append(out, string(utf16.Decode(units)))
		}
	}
	return out
}

// A PDF has German letters, the page n of N on every page, and repeats the head
// of a table that goes on.
func TestPDFPagesAndLetters(t *testing.T) {
	const controls = 60
	w := made(controls)
	raw := write(t, w.soa(t, text.DE).PDF)
	texts := pdfTexts(t, raw)
	whole := strings.Join(texts, "\n")
	n := strings.Count(string(raw), "/Type /Page\n")
	if n < 3 {
		t.Fatalf("%d pages", n)
	}
	for page := range n {
		if want := fmt.Sprintf("Seite %d von %d", page+1, n); strings.Count(whole, want) != 1 {
			t.Errorf("%q is there %d times", want, strings.Count(whole, want))
		}
	}
	for _, want := range []string{"Erklärung zur Anwendbarkeit", "Metallwerk Grüß & Söhne", "Prüfgröße", "Maßnahme", "[Satzfragment]"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the PDF lacks %q", want)
		}
	}
	if got := strings.Count(whole, "Titel\n"); got < n {
		t.Errorf("the head of the table stands on %d of %d pages", got, n)
	}
	for i := range controls {
		if !strings.Contains(whole, fmt.Sprintf("N.A.%d\n", i+1)) {
			t.Errorf("row %d is lost", i+1)
		}
	}
}

// Same document, same bytes: in every format.
func TestReportsAreReproducible(t *testing.T) {
	for _, l := range text.Langs {
		first, second := made(20).all(t, l), made(20).all(t, l)
		for i, d := range first {
			for form, pair := range map[string][2]func(io.Writer) error{"pdf": {d.PDF, second[i].PDF}, "xlsx": {d.XLSX, second[i].XLSX}, "md": {d.Markdown, second[i].Markdown}} {
				if !bytes.Equal(write(t, pair[0]), write(t, pair[1])) {
					t.Errorf("%s.%s differs from one time to the next", d.Name, form)
				}
			}
		}
	}
}

// What people write breaks no format: long words, long cells, odd letters,
// marks of every format.
func TestOddTextsBreakNothing(t *testing.T) {
	for name, odd := range map[string]string{"long": strings.Repeat("Ein langer Satz über alles. ", 280), "word": strings.Repeat("x", 8000), "emoji": "Das ist gut 👍🏽 so.",
		"script": "这是一个句子。 هذا نص.", "control": "a\x00b\tc\r\nd", "invalid": "a\xffb", "alias": "Seite {nb} von {nb}.", "markup": "<script>|`*_[x](y)\\</script>"} {
		w := made(3)
		o := w.said.Records["norm/n.A.2"]
		o.Doc.Reason, o.Doc.Implementation = odd, odd
		w.said.Records["norm/n.A.2"] = o
		d := w.soa(t, text.DE)
		if raw := write(t, d.PDF); !bytes.HasPrefix(raw, []byte("%PDF-")) || len(pdfTexts(t, raw)) < 20 {
			t.Errorf("%s: the PDF is empty", name)
		}
		f, err := excelize.OpenReader(bytes.NewReader(write(t, d.XLSX)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		md := string(write(t, d.Markdown))
		if strings.Contains(md, "<script>") {
			t.Errorf("%s: markup stays markup", name)
		}
	}
}

// 000-46: the certifier's package holds every report and file, and both lists
// of hashes are right.
func TestCertifierPackage(t *testing.T) {
	w := made(5)
	file := []byte("Protokoll der Übung")
	p := report.Package{Gap: w.gap, Plan: &w.plan, SoA: control.SoA(book{}, w.fws, w.said, at), Evidence: evidence(), Covered: w.covered,
		Apart: control.Apart{Standards: []control.Indicator{{Title: w.fws[0].Title, Tally: w.gap.Tally}}, Law: []control.Indicator{{Title: text.Same("KI-VO"), Tally: control.Tally{Total: 3, Open: 3}}}},
		Packs: []packs.Info{{ID: "norm", Version: "1.2.0", AsOf: at}}, Files: []report.File{{Evidence: "evd_1", Name: "../../etc/passwd.PDF", SHA256: sum(file), Open: opens(file)}}}
	raw := write(t, func(to io.Writer) error { return report.Certifier(to, frame(text.DE), p) })
	if again := write(t, func(to io.Writer) error { return report.Certifier(to, frame(text.DE), p) }); !bytes.Equal(raw, again) {
		t.Error("the package differs from one time to the next")
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if held[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	var m report.Manifest
	if err := json.Unmarshal(held[report.ManifestName], &m); err != nil {
		t.Fatal(err)
	}
	var sums strings.Builder
	for _, f := range m.Files {
		data, ok := held[f.Name]
		if !ok || int64(len(data)) != f.Bytes || sum(data) != f.SHA256 {
			t.Errorf("%s is not as listed", f.Name)
		}
		fmt.Fprintf(&sums, "%s  %s\n", f.SHA256, f.Name)
	}
	fmt.Fprintf(&sums, "%s  %s\n", sum(held[report.ManifestName]), report.ManifestName)
	if string(held[report.SumsName]) != sums.String() || len(m.Files) != len(held)-2 {
		t.Errorf("SHA256SUMS does not list what is there:\n%s", held[report.SumsName])
	}
	for _, want := range []string{"README.md", "statement-of-applicability.pdf", "statement-of-applicability.xlsx", "gap-norm.pdf", "checklist-norm.xlsx", "evidence.pdf", "evidence/0001.pdf"} {
		if _, ok := held[want]; !ok {
			t.Errorf("the package lacks %s", want)
		}
	}
	readme := string(held["README.md"])
	// 000-24: two lists, and no word that one is the other.
	if !strings.Contains(readme, "## Normen und Kataloge") || !strings.Contains(readme, "## Recht") || !strings.Contains(readme, "zwei getrennte Fragen") {
		t.Errorf("standards and law do not stand apart:\n%s", readme)
	}
	p.Files[0].SHA256 = sum([]byte("something else"))
	if err := report.Certifier(io.Discard, frame(text.DE), p); !problem.Is(err, problem.Corrupt) {
		t.Errorf("a file with another hash is handed out: %v", err)
	}
	gone := errors.New("gone")
	p.Files[0].Open = func() (io.ReadCloser, error) { return nil, gone }
	if err := report.Certifier(io.Discard, frame(text.DE), p); !errors.Is(err, gone) {
		t.Errorf("a file that cannot be opened: %v", err)
	}
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func opens(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// A writer that fails ends the report with its error.
func TestWritersReportFailure(t *testing.T) {
	w := made(3)
	d := w.soa(t, text.DE)
	for form, to := range map[string]func(io.Writer) error{"pdf": d.PDF, "xlsx": d.XLSX, "md": d.Markdown} {
		if err := to(full{}); err == nil {
			t.Errorf("%s: written to a full disk", form)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func BenchmarkPDF(b *testing.B) {
	d := made(100).soa(b, text.DE)
	for b.Loop() {
		write(b, d.PDF)
	}
}

// 000-59: a questionnaire on paper, with its answers or with room to tick, one
// table a section.
func TestQuestionnaireOnPaper(t *testing.T) {
	d := must(t)(report.Answers(frame(text.DE), "self", "Selbsteinschätzung", []string{"Niemand wird bewertet."}, []report.Answered{
		{Section: "Führung", Question: "Gibt es eine Leitlinie?", Answer: "ja"}, {Section: "Führung", Question: "Ist jemand zuständig?"},
		{Section: "Betrieb", Question: "Wird überwacht?", Answer: "nein"}}))
	tables := d.Tables()
	if d.Title != "Selbsteinschätzung" || len(tables) != 2 || len(tables[0].Rows) != 2 || len(tables[1].Rows) != 1 || d.Fragments() != 0 {
		t.Fatalf("%+v", d.Blocks)
	}
	if tables[0].Rows[0][1].Text != "ja" || tables[0].Rows[1][1].Text == "" {
		t.Errorf("answers: %+v", tables[0].Rows)
	}
	if md := string(write(t, d.Markdown)); strings.Contains(md, "⟦") || !strings.Contains(md, "Niemand wird bewertet.") {
		t.Error(md)
	}
}
