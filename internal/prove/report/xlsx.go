package report

import (
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Limits of a sheet, in characters and in widths of Excel.
const (
	sheetName  = 31
	cellText   = 32000 // Excel holds 32,767
	sheetWidth = 150
)

// XLSX writes the document as a workbook: headings and paragraphs on the first
// sheet, every table on one of its own.
func (d Document) XLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := &book{f: f, taken: map[string]bool{}, d: d}
	b.properties()
	b.styles()
	b.front()
	for _, t := range d.Tables() {
		b.table(t)
	}
	if b.err != nil {
		return b.err
	}
	return f.Write(w)
}

// book writes one workbook; after an error it does nothing more.
type book struct {
	f                    *excelize.File
	d                    Document
	taken                map[string]bool
	head, body, fragment int // styles
	err                  error
}

func (b *book) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) properties() {
	at := b.d.At.Format(time.RFC3339)
	b.do(b.f.SetDocProps(&excelize.DocProperties{Title: b.d.Title, Creator: "Augenmass", Created: at, Modified: at,
		LastModifiedBy: "Augenmass", Subject: b.d.Organisation, Language: string(b.d.Lang)}))
}

func (b *book) styles() {
	add := func(s excelize.Style) int {
		id, err := b.f.NewStyle(&s)
		b.do(err)
		return id
	}
	wrapped := &excelize.Alignment{WrapText: true, Vertical: "top"}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	b.head = add(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: wrapped, Fill: fill("E6E6E6")})
	b.body = add(excelize.Style{Alignment: wrapped})
	b.fragment = add(excelize.Style{Alignment: wrapped, Fill: fill("FFF2CC")})
}

// sheet makes a sheet under a name that Excel takes and nobody has yet.
func (b *book) sheet(title string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, title), "' ")
	if name == "" {
		name = b.d.t("report.sheet")
	}
	// Excel compares names without regard to case.
	for n, base := 2, name; ; n++ {
		name = cut(name, sheetName)
		if !b.taken[strings.ToLower(name)] {
			break
		}
		suffix := " " + b.d.t("report.number", "n", n)
		name = cut(base, sheetName-utf8.RuneCountInString(suffix)) + suffix
	}
	b.taken[strings.ToLower(name)] = true
	if len(b.taken) == 1 { // the sheet that a new workbook comes with
		b.do(b.f.SetSheetName(b.f.GetSheetName(0), name))
		return name
	}
	_, err := b.f.NewSheet(name)
	b.do(err)
	return name
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n]))
	}
	return s
}

func (b *book) front() {
	name := b.sheet(b.d.t("report.front"))
	b.do(b.f.SetColWidth(name, "A", "A", 100))
	b.cell(name, 1, 1, b.d.Title, b.head)
	row := 2
	for _, block := range b.d.Blocks {
		switch {
		case block.Heading != "":
			row++
			b.cell(name, 1, row, block.Heading, b.head)
		case block.Paragraph != "":
			b.cell(name, 1, row, block.Paragraph, b.body)
		default:
			continue
		}
		row++
	}
}

func (b *book) table(t Table) {
	name := b.sheet(t.Title)
	whole := 0.0
	for _, c := range t.Columns {
		whole += c.Width
	}
	for i, c := range t.Columns {
		col, err := excelize.ColumnNumberToName(i + 1)
		b.do(err)
		b.do(b.f.SetColWidth(name, col, col, max(8, c.Width/whole*sheetWidth)))
		b.cell(name, i+1, 1, c.Title, b.head)
	}
	for r, row := range t.Rows {
		for i, c := range row {
			style := b.body
			if c.Fragment {
				style = b.fragment
			}
			b.cell(name, i+1, r+2, b.d.printed(c), style)
		}
	}
	b.do(b.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

func (b *book) cell(sheet string, col, row int, text string, style int) {
	if b.err != nil {
		return
	}
	at, err := excelize.CoordinatesToCellName(col, row)
	b.do(err)
	b.do(b.f.SetCellStr(sheet, at, plain(text)))
	b.do(b.f.SetCellStyle(sheet, at, at, style))
}

// plain keeps what people wrote from being read as a formula, here or wherever
// the sheet is taken on: an apostrophe in front says that it is text.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' { // XML has no such characters
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
	s = cut(s, cellText)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
