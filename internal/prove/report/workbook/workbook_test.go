package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/prove/report/workbook"
)

// excelize reads the books here: a reader that is not ours.
func opened(t testing.TB, b workbook.Book) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, b)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func written(t testing.TB, b workbook.Book) []byte {
	t.Helper()
	var to bytes.Buffer
	if err := workbook.Write(&to, b); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

func rows(all ...[]workbook.Cell) iter.Seq[[]workbook.Cell] { return slices.Values(all) }

// texts is a book with one sheet and one column.
func texts(all ...string) workbook.Book {
	return workbook.Book{Sheets: []workbook.Sheet{{Name: "S", Rows: func(yield func([]workbook.Cell) bool) {
		for _, s := range all {
			if !yield([]workbook.Cell{{Text: s}}) {
				return
			}
		}
	}}}}
}

func full() workbook.Book {
	return workbook.Book{Title: `A <b> & "c"`, Subject: "Werk & Söhne", Creator: "Haus", Language: "de", Application: "Haus",
		At:     time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
		Styles: []workbook.Style{{Bold: true, Wrap: true, Top: true, Fill: "E6E6E6"}, {Wrap: true, Top: true}, {Fill: "fff2cc"}, {}},
		Sheets: []workbook.Sheet{
			{Name: "Front & <Rest> 'x' \"y\"", Widths: []float64{100}, Rows: rows([]workbook.Cell{{Text: "Titel"}}, nil, []workbook.Cell{{Text: "Kopf"}}, []workbook.Cell{{Text: "Satz.", Style: 1}})},
			{Name: "Tabelle", Widths: []float64{8, 37.5, 300, math.NaN(), -1}, Frozen: 1, Rows: rows(
				[]workbook.Cell{{Text: "A"}, {Text: "B"}, {Text: "C"}},
				[]workbook.Cell{{Text: "=1+2", Style: 1}, {Style: 1}, {Text: " a\nb\t\r\n ", Style: 2}},
				[]workbook.Cell{{Text: "007", Style: 3}, {Text: "TRUE", Style: 1}, {Text: "1e5", Style: 1}})},
			{Name: "Leer"},
		}}
}

func TestBookReadsBack(t *testing.T) {
	f := opened(t, full())
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Front & <Rest> 'x' \"y\"", "Tabelle", "Leer"}) || f.GetActiveSheetIndex() != 0 {
		t.Errorf("sheets %q, the %d. in front", got, f.GetActiveSheetIndex())
	}
	for sheet, want := range map[string][][]string{
		"Front & <Rest> 'x' \"y\"": {{"Titel"}, nil, {"Kopf"}, {"Satz."}},
		"Tabelle":                  {{"A", "B", "C"}, {"=1+2", "", " a\nb\t\r\n "}, {"007", "TRUE", "1e5"}},
		"Leer":                     nil,
	} {
		got, err := f.GetRows(sheet)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %q, %v", sheet, got, err)
		}
	}
	for _, at := range []string{"A2", "A3", "B3", "C3"} {
		kind, err := f.GetCellType("Tabelle", at)
		formula, also := f.GetCellFormula("Tabelle", at)
		if err != nil || also != nil || formula != "" || kind != excelize.CellTypeInlineString {
			t.Errorf("%s is no text: %v %q %v %v", at, kind, formula, err, also)
		}
	}
	props, err := f.GetDocProps()
	if err != nil || props.Title != `A <b> & "c"` || props.Subject != "Werk & Söhne" || props.Creator != "Haus" || props.LastModifiedBy != "Haus" ||
		props.Language != "de" || props.Created != "2026-05-04T03:02:01Z" || props.Modified != props.Created {
		t.Errorf("properties %+v, %v", props, err)
	}
	app, err := f.GetAppProps()
	if err != nil || app.Application != "Haus" {
		t.Errorf("application %+v, %v", app, err)
	}
}

func TestLooksReadBack(t *testing.T) {
	f := opened(t, full())
	for col, want := range map[string]float64{"A": 8, "B": 37.5, "C": workbook.MaxWidth} {
		if got, err := f.GetColWidth("Tabelle", col); err != nil || got != want {
			t.Errorf("%s is %v wide, %v", col, got, err)
		}
	}
	for sheet, frozen := range map[string]int{"Tabelle": 1, "Leer": 0} {
		panes, err := f.GetPanes(sheet)
		if err != nil || panes.Freeze != (frozen > 0) || panes.YSplit != frozen || frozen > 0 && (panes.TopLeftCell != "A2" || panes.ActivePane != "bottomLeft") {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
	}
	for at, want := range map[string]workbook.Style{"A1": {Bold: true, Wrap: true, Top: true, Fill: "E6E6E6"}, "B2": {Wrap: true, Top: true}, "C2": {Fill: "FFF2CC"}, "A3": {}} {
		id, err := f.GetCellStyle("Tabelle", at)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		var got workbook.Style
		if s.Font != nil {
			got.Bold = s.Font.Bold
			if s.Font.Family != "Calibri" || s.Font.Size != 11 {
				t.Errorf("%s is set in %+v", at, s.Font)
			}
		}
		if s.Alignment != nil {
			got.Wrap, got.Top = s.Alignment.WrapText, s.Alignment.Vertical == "top"
		}
		// Excelize gives a style its colours only in a book with a theme, which
		// the standard does not ask for.
		if c := f.Styles.Fills.Fill[*f.Styles.CellXfs.Xf[id].FillID].PatternFill.FgColor; c != nil && s.Fill.Pattern == 1 {
			got.Fill = strings.TrimPrefix(c.RGB, "FF")
		}
		if got != want {
			t.Errorf("%s looks like %+v, want %+v", at, got, want)
		}
	}
}

// parts reads the parts of a package and finds each of them well-formed.
func parts(t testing.TB, raw []byte) (names []string, bodies map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	bodies = map[string]string{}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, bodies[part.Name] = append(names, part.Name), string(body)
		for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
		}
	}
	return names, bodies
}

// The parts are those that ECMA-376 asks for; each has a type, and every
// relationship leads to one.
func TestPackage(t *testing.T) {
	raw := written(t, full())
	if !bytes.Equal(raw, written(t, full())) {
		t.Error("the bytes differ from one time to the next")
	}
	names, bodies := parts(t, raw)
	if want := []string{"[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
		"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"}; !slices.Equal(names, want) {
		t.Errorf("parts %q", names)
	}
	for _, name := range names[2:] {
		if !strings.HasSuffix(name, ".rels") && !strings.Contains(bodies[names[0]], `<Override PartName="/`+name+`" ContentType="application/vnd.openxmlformats-`) {
			t.Errorf("%s has no type", name)
		}
	}
	for rels, folder := range map[string]string{"_rels/.rels": "", "xl/_rels/workbook.xml.rels": "xl/"} {
		var all struct {
			Relationship []struct {
				ID     string `xml:"Id,attr"`
				Target string `xml:",attr"`
			}
		}
		if err := xml.Unmarshal([]byte(bodies[rels]), &all); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range all.Relationship {
			if bodies[folder+r.Target] == "" || seen[r.ID] {
				t.Errorf("%s: %s leads to %q", rels, r.ID, r.Target)
			}
			seen[r.ID] = true
		}
		if len(seen) == 0 {
			t.Errorf("%s holds no relationship", rels)
		}
	}
}

// A cell holds 32,767 UTF-16 units; the last character is whole.
func TestLongTextIsCut(t *testing.T) {
	a, b := strings.Repeat("a", workbook.MaxText), strings.Repeat("😀", workbook.MaxText)
	got, err := opened(t, texts(a, a+"b", b, "ä"+b)).GetRows("S")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{a, a, b[:4*(workbook.MaxText/2)], "ä" + b[:4*(workbook.MaxText/2)]} {
		if got[i][0] != want {
			t.Errorf("%d: %d bytes, want %d", i, len(got[i][0]), len(want))
		}
	}
}

// FuzzText: every text comes back as it was, but for what is no UTF-8.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "=1+2", "'x", " a ", "a\x00b\x0b\x1f\x7f\u0085", "\r\n\r\t\n", "\ufffe\uffff\ufffd", "a\xffb", "<t>&amp;]]>", "_x0041_", "_x005F_", "_x005F_x0041_",
		"_x0041_x0042_", "_x0041\x01", "_x00_x0041", "__x00e4__", "_X0041_", "_xD800_", "_x004", "这是👍🏽 نص", "1e5", "TRUE", "#REF!"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > workbook.MaxText {
			t.Skip()
		}
		raw := written(t, texts(s, "end"))
		parts(t, raw)
		file, err := excelize.OpenReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		got, err := file.GetCellValue("S", "A1")
		if want := strings.ToValidUTF8(s, "\uFFFD"); err != nil || got != want {
			t.Errorf("%q came back as %q, %v", want, got, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
}

func number(n int) string { return fmt.Sprintf("(%d)", n) }

func TestNames(t *testing.T) {
	n := workbook.Names{}
	long := strings.Repeat("ä", 40)
	for _, x := range [][2]string{{"Plan", "Plan"}, {"PLAN", "PLAN (2)"}, {"plan ", "plan (3)"}, {"", "Sheet"}, {"'?'", "Sheet (2)"}, {"[a]:b*?/\\c\nd", "a  b    c d"},
		{long, long[:62]}, {long, long[:54] + " (2)"}, {strings.Repeat("x", 30) + "'y", strings.Repeat("x", 30)}, {strings.Repeat("😀", 20), strings.Repeat("😀", 15)},
		{"history", "history (2)"}, {"a\xff\x00\ufffe", "a\ufffd"}, {"ſ", "ſ"}, {"S", "S (2)"}} {
		if got := n.Take(x[0], "Sheet", number); got != x[1] {
			t.Errorf("%q is named %q, want %q", x[0], got, x[1])
		}
	}
}

// FuzzNames: whatever the titles are, the sheets can be made and found.
func FuzzNames(f *testing.F) {
	f.Add("a", "A")
	f.Add("''", "History")
	f.Add(strings.Repeat("x", 31), strings.Repeat("X", 35)+"'")
	f.Add("\xff<&\"\x01", "ǆ")
	f.Add("K", "k")
	f.Fuzz(func(t *testing.T, one, two string) {
		n := workbook.Names{}
		var b workbook.Book
		for i, title := range []string{one, two, one} {
			b.Sheets = append(b.Sheets, workbook.Sheet{Name: n.Take(title, "Sheet", number), Rows: rows([]workbook.Cell{{Text: fmt.Sprint(i)}})})
		}
		file, err := excelize.OpenReader(bytes.NewReader(written(t, b)))
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range b.Sheets {
			if got, err := file.GetCellValue(s.Name, "A1"); err != nil || got != fmt.Sprint(i) {
				t.Errorf("sheet %q of %q holds %q, %v", s.Name, one+"|"+two, got, err)
			}
			if _, err := file.NewSheet(s.Name); err != nil {
				t.Errorf("nobody takes %q: %v", s.Name, err)
			}
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
}

// What Excel would not open is refused.
func TestRefused(t *testing.T) {
	named := func(names ...string) (b workbook.Book) {
		for _, n := range names {
			b.Sheets = append(b.Sheets, workbook.Sheet{Name: n})
		}
		return b
	}
	one := func(s workbook.Sheet) workbook.Book {
		s.Name = "S"
		return workbook.Book{Sheets: []workbook.Sheet{s}}
	}
	coloured := func(fill string) workbook.Book {
		b := named("S")
		b.Styles = []workbook.Style{{Fill: fill}}
		return b
	}
	for name, b := range map[string]workbook.Book{
		"no sheet": {}, "no name": named(""), "twice": named("a", "A"), "long": named(strings.Repeat("x", 32)), "mark": named("a/b"), "apostrophe": named("a'"), "history": named("History"),
		"colour": coloured("red"), "short": coloured("FFF"), "signed": coloured("+12345"),
		"columns": one(workbook.Sheet{Rows: rows(make([]workbook.Cell, workbook.MaxColumns+1))}),
		"widths":  one(workbook.Sheet{Widths: make([]float64, workbook.MaxColumns+1)}),
		"frozen":  one(workbook.Sheet{Frozen: -1}),
		"style":   one(workbook.Sheet{Rows: rows([]workbook.Cell{{Style: 1}})}),
		"rows": one(workbook.Sheet{Rows: func(yield func([]workbook.Cell) bool) {
			for i := 0; i <= workbook.MaxRows && yield(nil); i++ {
			}
		}}),
	} {
		if err := workbook.Write(io.Discard, b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	wide := one(workbook.Sheet{Rows: rows(slices.Repeat([]workbook.Cell{{Text: "x"}}, workbook.MaxColumns))})
	if got, err := opened(t, wide).GetCellValue("S", "XFD1"); err != nil || got != "x" {
		t.Errorf("the last column holds %q, %v", got, err)
	}
}

// narrow takes so many bytes and no more.
type narrow int

func (n *narrow) Write(p []byte) (int, error) {
	if *n -= narrow(len(p)); *n < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

// A writer that fails ends the rows, which are not gathered before.
func TestRowsStream(t *testing.T) {
	room, asked := narrow(100_000), 0
	err := workbook.Write(&room, workbook.Book{Sheets: []workbook.Sheet{{Name: "S", Rows: func(yield func([]workbook.Cell) bool) {
		for ; asked < 500_000 && yield([]workbook.Cell{{Text: fmt.Sprint("text ", asked*7919%104_729)}}); asked++ {
		}
	}}}})
	if err == nil || asked > 100_000 {
		t.Errorf("%d rows were asked for: %v", asked, err)
	}
	for room := narrow(0); room < 3000; room += 100 {
		left := room
		if err := workbook.Write(&left, full()); err == nil && left < 0 {
			t.Errorf("with room for %d bytes: no error", room)
		}
	}
}
