package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/problem"
)

func texts(row []Cell) []string {
	var out []string
	for _, c := range row {
		out = append(out, c.Text)
	}
	return out
}

func TestMarkdown(t *testing.T) {
	doc := "# Katalog\r\n\r\n## Tabelle A\r\n\r\nText | mit Strich\r\n\r\n| ID | Text |\r\n|:---|---:|\r\n| A-1 | eins \\| zwei |\r\n| A-2 | drei &amp; vier<br>fünf |\r\n" +
		"A-3 | ohne Rand\r\n| A-4 | zu | viel |\r\n\r\nTrenner\r\n---\r\n\r\n### B\n| X | Y |\n| - | - |\n| 1 | 2 |\n# Ende\n```\n| N | M |\n|---|---|\n| 7 | 8 |\n"
	all, err := Markdown(doc)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d tables, %v", len(all), err)
	}
	a := all[0]
	if a.Title != "Tabelle A" || a.Line != 7 || !a.Headed || len(a.Rows) != 5 {
		t.Fatalf("%+v", a)
	}
	for i, want := range [][]string{{"ID", "Text"}, {"A-1", "eins | zwei"}, {"A-2", "drei & vier\nfünf"}, {"A-3", "ohne Rand"}, {"A-4", "zu", "viel"}} {
		if got := texts(a.Rows[i]); !slices.Equal(got, want) {
			t.Errorf("row %d: %q", i, got)
		}
	}
	if c := a.Rows[3][1]; c.Line != 11 || c.Ref != "2" {
		t.Errorf("place: %+v", c)
	}
	if all[1].Title != "B" || len(all[1].Rows) != 2 || all[2].Title != "Ende" {
		t.Errorf("%+v", all[1:])
	}
	if none, err := Markdown("Kein | Kopf\nnoch | einer\n"); err != nil || len(none) != 0 {
		t.Errorf("%+v %v", none, err)
	}
}

func TestCSV(t *testing.T) {
	for name, x := range map[string]struct {
		in   string
		line int
	}{
		"semicolon": {"ID;Text;Note\nA-1;\"eins; zwei\";x\nA-2;\"sagt \"\"ja\"\"\";y, z\n", 2},
		"comma":     {"ID,Text,Note\nA-1,\"eins; zwei\",x\nA-2,\"sagt \"\"ja\"\"\",\"y, z\"\n", 2},
		"tab":       {"ID\tText\tNote\nA-1\teins; zwei\tx\nA-2\t\"sagt \"\"ja\"\"\"\ty, z\n", 2},
		"told":      {"sep=,\r\nID,Text,Note\r\nA-1,eins; zwei,x\r\nA-2,\"sagt \"\"ja\"\"\",\"y, z\"\r\n", 3},
	} {
		got, faults, err := CSV(x.in)
		if err != nil || len(faults) != 0 || len(got.Rows) != 3 {
			t.Errorf("%s: %+v %+v %v", name, got, faults, err)
			continue
		}
		if !slices.Equal(texts(got.Rows[1]), []string{"A-1", "eins; zwei", "x"}) || !slices.Equal(texts(got.Rows[2]), []string{"A-2", `sagt "ja"`, "y, z"}) {
			t.Errorf("%s: %v", name, got.Rows)
		}
		if c := got.Rows[1][1]; c.Line != x.line || c.Ref != "2" {
			t.Errorf("%s: place %+v", name, c)
		}
	}
	got, faults, err := CSV("ID;Text\nA-1;gut\nA-2;nicht \"gut\nA-3;nie\n")
	if err != nil || len(got.Rows) != 2 || len(faults) != 1 || faults[0].Line != 3 {
		t.Errorf("%+v %+v %v", got, faults, err)
	}
	lines, _, err := CSV("ID;Text\nA-1;\"zwei\nZeilen\"\nA-2;x\n")
	if err != nil || lines.Rows[2][0].Line != 4 || lines.Rows[1][1].Text != "zwei\nZeilen" {
		t.Errorf("%+v %v", lines, err)
	}
}

// workbook writes rows into a workbook.
func workbook(t testing.TB, sheets map[string][][]any, hidden ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	for _, name := range hidden {
		if err := f.SetSheetVisible(name, false); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	raw := workbook(t, map[string][][]any{"Katalog": {{"Anforderungen"}, {}, {"ID", "Text", "Zahl"}, {"A-1", " eins ", 1.5}, {"A-2", "=1+1"}}, "Alt": {{"ID"}}}, "Alt")
	if !IsXLSX(raw) || IsOldOffice(raw) {
		t.Error("not recognised")
	}
	all, hidden, err := XLSX(raw)
	if err != nil || len(all) != 1 || !slices.Equal(hidden, []string{"Alt"}) {
		t.Fatalf("%+v %v %v", all, hidden, err)
	}
	s := all[0]
	if s.Title != "Katalog" || len(s.Rows) != 4 || !slices.Equal(texts(s.Rows[2]), []string{"A-1", "eins", "1.5"}) {
		t.Fatalf("%+v", s)
	}
	if c := s.Rows[2][1]; c.Line != 4 || c.Ref != "Katalog!B4" {
		t.Errorf("place: %+v", c)
	}
}

// bomb is a workbook whose sheet unpacks to more than the limit.
func bomb(t testing.TB) []byte {
	t.Helper()
	good, err := zip.NewReader(bytes.NewReader(workbook(t, map[string][][]any{"S": {{"ID"}}})), int64(len(workbook(t, map[string][][]any{"S": {{"ID"}}}))))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range good.File {
		if strings.HasPrefix(f.Name, "xl/worksheets/") {
			out, err := w.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range MaxUnpacked>>20 + 1 {
				if _, err := out.Write(chunk); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileWorkbooks(t *testing.T) {
	wide := make([]any, MaxColumns+1)
	for i := range wide {
		wide[i] = i
	}
	for name, x := range map[string]struct {
		raw  []byte
		kind problem.Kind
	}{
		"bomb":    {bomb(t), problem.TooLarge},
		"columns": {workbook(t, map[string][][]any{"S": {wide}}), problem.TooLarge},
		"torn":    {workbook(t, map[string][][]any{"S": {{"ID"}}})[:900], problem.BadInput},
		"zip":     {[]byte("PK\x03\x04 nothing"), problem.BadInput},
		"empty":   {nil, problem.BadInput},
	} {
		if _, _, err := XLSX(x.raw); !problem.Is(err, x.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLimitsOfText(t *testing.T) {
	long := "| ID | T |\n|---|---|\n| A | " + strings.Repeat("x", MaxCell+1) + " |\n"
	if _, err := Markdown(long); !problem.Is(err, problem.TooLarge) {
		t.Errorf("cell: %v", err)
	}
	if _, _, err := CSV(strings.Repeat("a;b\n", MaxRows+1)); !problem.Is(err, problem.TooLarge) {
		t.Errorf("rows: %v", err)
	}
	if _, _, err := CSV(strings.Repeat("a;", MaxColumns+1) + "b\n"); !problem.Is(err, problem.TooLarge) {
		t.Errorf("columns: %v", err)
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("| ID | Text |\n|---|---|\n| A-1 | eins \\| zwei |\n")
	f.Add("a|b\n-|-\n\\|\n")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := Markdown(s)
		if err != nil && !problem.Is(err, problem.TooLarge) {
			t.Fatal(err)
		}
		n := strings.Count(s, "\n") + 1
		for _, table := range all {
			for _, row := range table.Rows {
				for _, c := range row {
					if c.Line < 1 || c.Line > n || utf8.ValidString(s) && !utf8.ValidString(c.Text) {
						t.Fatalf("%+v of %d lines", c, n)
					}
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("ID;Text\nA-1;\"x;y\"\n")
	f.Add("sep=,\na,b\n")
	f.Add("a\t\"b\n")
	f.Fuzz(func(t *testing.T, s string) {
		got, faults, err := CSV(s)
		if err != nil && !problem.Is(err, problem.TooLarge) {
			t.Fatal(err)
		}
		n := strings.Count(s, "\n") + 1
		for _, row := range got.Rows {
			if len(row) == 0 || row[0].Line < 1 || row[0].Line > n {
				t.Fatalf("%+v of %d lines", row, n)
			}
		}
		for _, x := range faults {
			if !x.Say.Complete() {
				t.Fatalf("%+v", x)
			}
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, map[string][][]any{"S": {{"ID", "Text"}, {"A-1", "x"}}}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _, err := XLSX(raw)
		if err != nil && !problem.Is(err, problem.BadInput) && !problem.Is(err, problem.TooLarge) {
			t.Fatal(err)
		}
	})
}
