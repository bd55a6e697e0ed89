package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/prove/report"
	"augenmass/internal/text"
)

// A workbook says and shows what the document does: properties, names of
// sheets, every cell, widths, the head that stays in sight, fragments in colour.
func TestWorkbookIsTheDocument(t *testing.T) {
	d := made(3).soa(t, text.DE)
	d.Blocks = append(d.Blocks, report.Block{Heading: "@Anhang"}, report.Block{Paragraph: "Ein Satz.\r\nNoch einer."},
		report.Block{Table: &report.Table{Title: "Gründe: [1/2]?", Columns: []report.Column{{Title: "Kurz", Width: 1}, {Title: "Lang", Width: 74}}, Rows: [][]report.Cell{
			{{Text: "=1+2"}, {Text: "ohne Satz", Fragment: true}},
			{{Text: "_x0041_"}, {Text: "a\tb\x01"}},
			{{}, {Text: strings.Repeat("x", 40_000)}}}}},
		report.Block{Table: &report.Table{Title: "gründe   1 2", Columns: []report.Column{{Title: "Ohne Breite"}}}})
	f, err := excelize.OpenReader(bytes.NewReader(write(t, d.XLSX)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	sheets := f.GetSheetList()
	if len(sheets) != 1+len(d.Tables()) || !slices.Equal(sheets[len(sheets)-2:], []string{"Gründe   1 2", "gründe   1 2 2"}) {
		t.Fatalf("sheets %q", sheets)
	}
	props, err := f.GetDocProps()
	if err != nil || props.Title != d.Title || props.Subject != d.Organisation || props.Creator != "Augenmass" || props.Language != "de" || props.Created != d.At.Format(time.RFC3339) {
		t.Errorf("properties %+v, %v", props, err)
	}
	front, err := f.GetRows(sheets[0])
	if err != nil || front[0][0] != d.Title || !slices.EqualFunc(front[len(front)-3:], [][]string{nil, {"'@Anhang"}, {"Ein Satz.\nNoch einer."}}, slices.Equal) {
		t.Errorf("the first sheet: %q, %v", front, err)
	}
	name := sheets[len(sheets)-2]
	rows, err := f.GetRows(name)
	if want := [][]string{{"Kurz", "Lang"}, {"'=1+2", "ohne Satz [Satzfragment]"}, {"_x0041_", "a b "}, {"", strings.Repeat("x", 32_000)}}; err != nil || !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("the table: %.300q, %v", rows, err)
	}
	for at, want := range map[[2]string]float64{{sheets[0], "A"}: 100, {name, "A"}: 8, {name, "B"}: 148, {sheets[len(sheets)-1], "A"}: 8} {
		if got, err := f.GetColWidth(at[0], at[1]); err != nil || got != want {
			t.Errorf("%v is %v wide, %v", at, got, err)
		}
	}
	for i, sheet := range sheets {
		panes, err := f.GetPanes(sheet)
		if err != nil || panes.Freeze != (i > 0) || panes.YSplit != min(i, 1) {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
	}
	for at, want := range map[string]string{"A1": "bold E6E6E6", "B1": "bold E6E6E6", "A2": "", "B2": "FFF2CC", "A4": ""} {
		if got := look(t, f, name, at); got != want {
			t.Errorf("%s looks %q, want %q", at, got, want)
		}
	}
}

// look is the weight and the colour of a cell. All wrap and begin at the top.
func look(t *testing.T, f *excelize.File, sheet, at string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, at)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if s.Alignment == nil || !s.Alignment.WrapText || s.Alignment.Vertical != "top" {
		t.Errorf("%s is aligned %+v", at, s.Alignment)
	}
	var words []string
	if s.Font != nil && s.Font.Bold {
		words = append(words, "bold")
	}
	if c := f.Styles.Fills.Fill[*f.Styles.CellXfs.Xf[id].FillID].PatternFill.FgColor; c != nil {
		words = append(words, strings.TrimPrefix(c.RGB, "FF"))
	}
	return strings.Join(words, " ")
}
