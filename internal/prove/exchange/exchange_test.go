package exchange

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

var library = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

func shipped(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

const sample = `# Werkskatalog

Stand: Version 1.2 vom xx. xxx 2026.

| Referenzen | Anforderungs-ID | Beschreibung der Anforderung | Konformitätsprüfung / Nachweismethode | Bewertungsstatus | Geforderte Evidenz |
|---|:--|---|---|---|---|
| NIST Tenet 2, KI-VO Art. 15 | W-01 | Jede Verbindung wird unabhängig vom Ort im Netz gesichert und verschlüsselt. | Ein Mitschnitt zeigt nur verschlüsselte Verbindungen. | Offen | Protokoll des Mitschnitts, Liste der Verbindungen |
| SR 5.1–5.7 | **W-02** | Die Netze bestehen aus Zonen mit Übergängen; ein Plan zeigt die Regeln für erlaubte Verbindungen. | Test der Zonen | teilweise erfüllt | Netzplan \| Zonen |
`

func read(t testing.TB, name string, raw []byte) Result {
	t.Helper()
	res, err := Read(name, raw, shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// Row 001-18: six fields of every requirement, whatever the order of the
// columns; row 001-20: what is no sentence is marked; row 001-64: citations are
// judged; row 001-73: the document is looked over.
func TestReadMarkdown(t *testing.T) {
	res := read(t, "katalog.md", []byte(sample))
	if !res.OK() || res.Rows != 2 || res.Title != "Werkskatalog" || res.Kind != Table || len(res.Notes) != 0 {
		t.Fatalf("%+v", res)
	}
	a, b := res.Requirements[0], res.Requirements[1]
	if a.ID != "W-01" || a.Line != 7 || a.Status != Open || a.About != "zta.09" || !strings.HasPrefix(a.Description, "Jede Verbindung") ||
		!strings.HasPrefix(a.Proof, "Ein Mitschnitt") || a.References != "NIST Tenet 2, KI-VO Art. 15" || !strings.HasPrefix(a.Evidence, "Protokoll") {
		t.Errorf("%+v", a)
	}
	if b.ID != "W-02" || b.Status != Partly || b.StatusSaid != "teilweise erfüllt" || b.Evidence != "Netzplan | Zonen" || b.About != "zta.06" {
		t.Errorf("%+v", b)
	}
	if !slices.Equal(a.Fragments, []Field{FieldEvidence}) || !slices.Equal(b.Fragments, []Field{FieldProof, FieldEvidence}) {
		t.Errorf("fragments: %v %v", a.Fragments, b.Fragments)
	}
	var got []string
	for _, v := range res.Cited {
		got = append(got, fmt.Sprintf("%d %d %s %s", v.Row, v.Line, v.Key, v.Verdict))
	}
	if want := []string{"0 7 zt.tenet.2 right", "0 7 aia.art15 imprecise", "1 8 iec.sr.5.1..iec.sr.5.7 wrong"}; !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if len(res.Document) != 1 || res.Document[0].Line != 3 {
		t.Errorf("document: %+v", res.Document)
	}
}

// The same table as CSV and as a workbook reads alike.
func TestReadCSVAndXLSX(t *testing.T) {
	want := read(t, "katalog.md", []byte(sample))
	head := []string{"ID", "Requirement", "Proof method", "Status", "References", "Required evidence"}
	var csv strings.Builder
	f := excelize.NewFile()
	rows := [][]string{{"Katalog des Werks"}, {}, head}
	for _, r := range want.Requirements {
		rows = append(rows, []string{r.ID, r.Description, r.Proof, r.StatusSaid, r.References, r.Evidence})
	}
	for i, row := range rows {
		for k, s := range row {
			ref, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err == nil {
				err = f.SetCellStr("Sheet1", ref, s)
			}
			if err != nil {
				t.Fatal(err)
			}
			csv.WriteString(`"` + strings.ReplaceAll(s, `"`, `""`) + `";`)
		}
		csv.WriteString("\r\n")
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"k.csv": []byte(csv.String()), "k.xlsx": book.Bytes(), "k.txt": []byte(csv.String())} {
		got := read(t, name, raw)
		if !got.OK() || got.Rows != 2 {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		for i, r := range got.Requirements {
			w := want.Requirements[i]
			if r.Line != i+4 {
				t.Errorf("%s: line %d", name, r.Line)
			}
			if name == "k.xlsx" && r.Cell != fmt.Sprintf("Sheet1!A%d", i+4) {
				t.Errorf("cell %q", r.Cell)
			}
			for _, f := range Fields {
				if r.Of(f) != w.Of(f) {
					t.Errorf("%s: %s is %q, want %q", name, f, r.Of(f), w.Of(f))
				}
			}
		}
		if len(got.Cited) != 3 {
			t.Errorf("%s: %+v", name, got.Cited)
		}
	}
}

// Errors name line and cell, all at once, and nothing can be adopted with them.
func TestErrorsByPosition(t *testing.T) {
	doc := "| ID | Beschreibung | Status |\n|---|---|---|\n| A-1 | Etwas | offen |\n| a-1 | Zweimal | offen |\n|  | Ohne Kennung | offen |\n| A-3 |  | offen |\n| A-4 | zu | viele | Zellen |\n| A-5 | Ungewöhnlich | blau |\n|  |  |  |\n"
	res := read(t, "x.md", []byte(doc))
	var got []string
	for _, e := range res.Errors {
		if !e.Say.Complete() {
			t.Errorf("%+v", e)
		}
		got = append(got, e.Place())
	}
	if want := []string{"4:1", "5:1", "6:2", "7:4"}; !slices.Equal(got, want) || res.OK() {
		t.Errorf("errors at %q, want %q", got, want)
	}
	if len(res.Notes) != 4 || !strings.Contains(res.Notes[3].DE, "blau") { // three missing columns and one status
		t.Errorf("notes: %+v", res.Notes)
	}
	if _, err := res.Draft(Adoption{File: "x.md", Raw: []byte(doc), AsOf: time.Now()}); !problem.Is(err, problem.BadInput) || len(problem.From(err).Fields) != 4 {
		t.Errorf("adopted: %v", err)
	}
}

// Files of the wrong kind are refused with a sentence that says what to do.
func TestWrongFiles(t *testing.T) {
	lib := shipped(t)
	for name, x := range map[string]struct {
		raw  []byte
		kind problem.Kind
	}{
		"leer.md":     {nil, problem.BadInput},
		"groß.csv":    {make([]byte, MaxBytes+1), problem.TooLarge},
		"alt.xls":     {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 alt"), problem.BadInput},
		"buch.pdf":    {[]byte("%PDF-1.7"), problem.BadInput},
		"brief.docx":  {[]byte("PK\x03\x04"), problem.BadInput},
		"bild.md":     {[]byte{0x89, 'P', 'N', 'G', 0, 1, 2}, problem.BadInput},
		"kaputt.xlsx": {[]byte("PK\x03\x04 nichts"), problem.BadInput},
	} {
		_, err := Read(name, x.raw, lib)
		if p := problem.From(err); p == nil || p.Kind != x.kind || !p.Say.Complete() || !p.Hint.Complete() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, doc := range map[string]string{"text.md": "# Nur Text\n\nOhne Tabelle.", "text.txt": "Nur Text, ohne Tabelle.\nUnd weiter, hier.", "fremd.csv": "Datum;Betrag\n1;2\n",
		"fremd.md": "| Datum | Betrag |\n|---|---|\n| 1 | 2 |\n", "kopf.csv": "ID;Beschreibung\n"} {
		if res := read(t, name, []byte(doc)); res.OK() || len(res.Errors) != 1 {
			t.Errorf("%s: %+v", name, res)
		}
	}
}

// Row 001-18: an adopted catalogue is a pack that loads; corrected it cites what
// the review says, as written what exists of what was written.
func TestDraft(t *testing.T) {
	res := read(t, "katalog.md", []byte(sample))
	at := time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		name    string
		a       Adoption
		refs    []string
		high    []string
		fromTwo []string
	}{
		{"corrected", Adoption{}, []string{"zt.tenet.2"}, []string{"aia.art15.5"}, []string{"iec.sr.5.1", "iec.sr.5.2", "iec.sr.5.2.re1", "iec.sr.5.4"}},
		{"written", Adoption{All: Written}, []string{"zt.tenet.2", "aia.art15.1", "aia.art15.3", "aia.art15.4", "aia.art15.5"}, nil, []string{"iec.sr.5.1", "iec.sr.5.2", "iec.sr.5.3", "iec.sr.5.4"}},
		{"one as written", Adoption{Each: map[int]Take{2: Written}}, []string{"zt.tenet.2"}, []string{"aia.art15.5"}, []string{"iec.sr.5.1", "iec.sr.5.2", "iec.sr.5.3", "iec.sr.5.4"}},
	} {
		x.a.File, x.a.Raw, x.a.AsOf = "katalog.md", []byte(sample), at
		d, err := res.Draft(x.a)
		if err != nil {
			t.Fatal(err)
		}
		lib, err := catalogue.Check(shipped(t), d, nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", x.name, err, d.Packs[0].YAML)
		}
		if d.URN != "own-werkskatalog" || d.Format != catalogue.Table || d.Version != "1" {
			t.Errorf("%+v", d)
		}
		reqs := lib.Requirements("own-werkskatalog")
		if len(reqs) != 2 {
			t.Fatalf("%d requirements", len(reqs))
		}
		q := reqs[0]
		if q.ID != "own-werkskatalog.w-01" || q.Ref != "W-01" || q.Text.DE != res.Requirements[0].Description || q.Proof.EN != res.Requirements[0].Proof ||
			q.Status != "open" || q.Said != res.Requirements[0].References || len(q.Evidence) != 2 || q.Evidence[0].Type != "protocol" || q.Evidence[1].Type != "list" {
			t.Errorf("%s: %+v", x.name, q)
		}
		if !slices.Equal(q.Refs, x.refs) || !slices.Equal(q.RefsIfHigh, x.high) || !slices.Equal(reqs[1].Refs, x.fromTwo) {
			t.Errorf("%s: %v, %v, %v", x.name, q.Refs, q.RefsIfHigh, reqs[1].Refs)
		}
		fw, ok := lib.Framework("own-werkskatalog")
		if !ok || len(fw.Items()) != 2 || fw.Items()[1].Clause != "own-werkskatalog.w-02" {
			t.Errorf("%+v %v", fw, ok)
		}
	}
}

func TestPackID(t *testing.T) {
	for title, want := range map[string]string{"Werkskatalog": "own-werkskatalog", "Größe & Maß – Übung 3.0": "own-groesse-mass-uebung-3-0", "": "own-catalogue", "日本": "own-catalogue",
		"Ein langer Name für einen Katalog von Anforderungen": "own-ein-langer-name-fuer-einen-katalog-von", "Donaudampfschifffahrtsgesellschaftskapitänskatalog": "own-donaudampfschifffahrtsgesellschaftskapit"} {
		if got := PackID(title); got != want {
			t.Errorf("%q: %s, want %s", title, got, want)
		}
	}
}

// Whatever stands in the cells, the pack loads and says the same.
func TestDraftKeepsWords(t *testing.T) {
	cells := []string{"Ein \"Zitat\": {a} # kein Kommentar", "- Liste\n- zweite", "Größe – „Maß“ 😊 \\ / 'x'", "true", "0", "~", "null: x", "&a *b !c %d @e", "a\tb", "2026-01-01", "| strich", "\u2028Ende"}
	var csv strings.Builder
	csv.WriteString("ID;Beschreibung;Prüfung;Status;Referenzen;Evidenz\n")
	for i, s := range cells {
		q := `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		fmt.Fprintf(&csv, "\"K %d: ä/ß\";%s;%s;offen;%s;%s\n", i, q, q, q, q)
	}
	res := read(t, "k.csv", []byte(csv.String()))
	if !res.OK() {
		t.Fatalf("%+v", res.Errors)
	}
	d, err := res.Draft(Adoption{File: "k.csv", Raw: []byte("x"), AsOf: time.Now(), Title: "Größe: \"Katalog\" & mehr"})
	if err != nil {
		t.Fatal(err)
	}
	lib, err := catalogue.Check(shipped(t), d, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.Packs[0].YAML)
	}
	for i, q := range lib.Requirements(d.Packs[0].ID) {
		if want := strings.TrimSpace(cells[i]); strings.TrimSpace(q.Text.DE) != want || q.Said != want {
			t.Errorf("%q became %q and %q", want, q.Text.DE, q.Said)
		}
	}
}

// shared opens a file of the public test data: from AUGENMASS_SHARED, or beside
// the module. A folder that was named and cannot be read fails.
func shared(t testing.TB, name ...string) []byte {
	t.Helper()
	dir, named := os.LookupEnv("AUGENMASS_SHARED")
	if !named {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{dir}, name...)...))
	if err != nil {
		if named {
			t.Fatalf("AUGENMASS_SHARED is given, but cannot be read: %v", err)
		}
		t.Skipf("the public data are not here; set AUGENMASS_SHARED (%v)", err)
	}
	return raw
}

func verdicts(res Result) map[string][]citation.Judgement {
	out := map[string][]citation.Judgement{}
	for _, v := range res.Cited {
		if v.Row >= 0 {
			id := res.Requirements[v.Row].ID
			out[id] = append(out[id], v.Verdict)
		}
	}
	return out
}
