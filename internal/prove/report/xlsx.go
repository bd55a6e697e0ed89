package report

import (
	"io"
	"iter"
	"strings"
	"unicode"

	"augenmass/internal/prove/report/workbook"
)

// Limits of a sheet, in characters and in widths of Excel.
const (
	cellText   = 32000 // Excel holds 32,767
	sheetWidth = 150
	frontWidth = 100
	leastWidth = 8
)

// Styles of a workbook.
const (
	styleHead = iota
	styleBody
	styleFragment
)

// XLSX writes the document as a workbook: headings and paragraphs on the first
// sheet, every table on one of its own.
func (d Document) XLSX(w io.Writer) error {
	names := workbook.Names{}
	name := func(title string) string {
		return names.Take(title, d.t("report.sheet"), func(n int) string { return d.t("report.number", "n", n) })
	}
	sheets := []workbook.Sheet{{Name: name(d.t("report.front")), Widths: []float64{frontWidth}, Rows: d.front()}}
	for _, t := range d.Tables() {
		sheets = append(sheets, workbook.Sheet{Name: name(t.Title), Widths: widths(t.Columns), Frozen: 1, Rows: d.rows(t)})
	}
	return workbook.Write(w, workbook.Book{
		Title: d.Title, Subject: d.Organisation, Creator: "Augenmass", Application: "Augenmass", Language: string(d.Lang), At: d.At,
		Styles: []workbook.Style{
			styleHead:     {Bold: true, Wrap: true, Top: true, Fill: "E6E6E6"},
			styleBody:     {Wrap: true, Top: true},
			styleFragment: {Wrap: true, Top: true, Fill: "FFF2CC"},
		},
		Sheets: sheets,
	})
}

// widths shares the sheet's width among the columns.
func widths(columns []Column) []float64 {
	whole := 0.0
	for _, c := range columns {
		whole += c.Width
	}
	out := make([]float64, len(columns))
	for i, c := range columns {
		out[i] = leastWidth
		if whole > 0 {
			out[i] = max(leastWidth, c.Width/whole*sheetWidth)
		}
	}
	return out
}

// front are the rows of the first sheet. A row stays empty above every heading.
func (d Document) front() iter.Seq[[]workbook.Cell] {
	return func(yield func([]workbook.Cell) bool) {
		line := func(text string, style int) bool {
			return yield([]workbook.Cell{{Text: plain(text), Style: style}})
		}
		if !line(d.Title, styleHead) {
			return
		}
		for _, b := range d.Blocks {
			switch {
			case b.Heading != "":
				if !yield(nil) || !line(b.Heading, styleHead) {
					return
				}
			case b.Paragraph != "":
				if !line(b.Paragraph, styleBody) {
					return
				}
			}
		}
	}
}

// rows are the rows of a table, with its head.
func (d Document) rows(t Table) iter.Seq[[]workbook.Cell] {
	return func(yield func([]workbook.Cell) bool) {
		var line []workbook.Cell
		for _, c := range t.Columns {
			line = append(line, workbook.Cell{Text: plain(c.Title), Style: styleHead})
		}
		if !yield(line) {
			return
		}
		for _, row := range t.Rows {
			line = line[:0]
			for _, c := range row {
				style := styleBody
				if c.Fragment {
					style = styleFragment
				}
				line = append(line, workbook.Cell{Text: plain(d.printed(c)), Style: style})
			}
			if !yield(line) {
				return
			}
		}
	}
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

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n]))
	}
	return s
}
