package report

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

// DejaVu Sans, for German letters everywhere; licence in fonts/LICENSE. Only the
// letters that a document uses are put into it.
var (
	//go:embed fonts/DejaVuSans.ttf.gz
	regularPacked []byte
	//go:embed fonts/DejaVuSans-Bold.ttf.gz
	boldPacked []byte

	regularFont = sync.OnceValue(func() []byte { return unpacked(regularPacked) })
	boldFont    = sync.OnceValue(func() []byte { return unpacked(boldPacked) })
)

// unpacked returns a font that is part of the program.
func unpacked(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // what is built in is whole
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return raw
}

// Measures in millimetres; sizes of letters in points.
const (
	margin     = 15.0
	bottom     = 18.0 // room for the line with the page number
	lineHeight = 5.0
	rowLine    = 4.0 // a line in a table
	padding    = 1.2 // above and below the lines of a cell

	titleSize, headSize, textSize, cellSize, footSize = 17, 12, 9.5, 8, 7.5
)

const font = "dejavu"

// pages stands for the number of pages until it is known.
const pages = "{nb}"

// begin makes an empty document on A4, landscape "L" or portrait "P", with its
// first page. Same document, same bytes.
func (d Document) begin(orientation string) sheet {
	p := fpdf.New(orientation, "mm", "A4", "")
	p.SetCatalogSort(true)
	p.SetCreationDate(d.At)
	p.SetModificationDate(d.At)
	p.SetProducer("Augenmass", true)
	p.SetTitle(readable(d.Title), true)
	p.SetAuthor(readable(d.Organisation), true)
	p.SetLang(string(d.Lang))
	// The fonts come before the alias: with it set, the library would leave the
	// digits of page numbers out of them.
	p.AddUTF8FontFromBytes(font, "", regularFont())
	p.AddUTF8FontFromBytes(font, "B", boldFont())
	p.AliasNbPages(pages)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, bottom)
	s := sheet{p, d}
	p.SetFooterFunc(s.foot)
	p.AddPage()
	return s
}

// PDF writes the document as A4 pages, landscape for its tables.
func (d Document) PDF(w io.Writer) error {
	s := d.begin("L")
	p := s.Fpdf
	s.line("B", titleSize, d.Title)
	p.Ln(2)
	for _, b := range d.Blocks {
		switch {
		case b.Heading != "":
			p.Ln(3)
			s.keep(30)
			s.line("B", headSize, b.Heading)
			p.Ln(1)
		case b.Table != nil:
			s.table(b.Table)
		default:
			s.line("", textSize, b.Paragraph)
			p.Ln(1.5)
		}
	}
	return p.Output(w)
}

// sheet lays a document out.
type sheet struct {
	*fpdf.Fpdf
	d Document
}

func (s sheet) foot() {
	s.SetY(-12)
	s.SetFont(font, "", footSize)
	s.SetTextColor(90, 90, 90)
	wide, _ := s.GetPageSize()
	s.CellFormat(wide-2*margin-40, lineHeight, readable(s.d.Organisation+" · "+s.d.Title), "", 0, "L", false, 0, "")
	s.CellFormat(40, lineHeight, s.d.t("report.page", "page", s.PageNo(), "pages", pages), "", 0, "R", false, 0, "")
	s.SetTextColor(0, 0, 0)
}

func (s sheet) line(style string, size float64, text string) {
	s.SetFont(font, style, size)
	s.MultiCell(0, size*0.5, readable(text), "", "L", false)
}

// keep begins a new page unless h millimetres are left on this one.
func (s sheet) keep(h float64) {
	if s.GetY()+h > s.end() {
		s.AddPage()
	}
}

// end is where the room for text ends on a page.
func (s sheet) end() float64 {
	_, high := s.GetPageSize()
	return high - bottom
}

// table draws a table; its head is repeated on every page, and a row that is
// taller than a page goes on on the next.
func (s sheet) table(t *Table) {
	s.SetAutoPageBreak(false, bottom)
	defer func() {
		s.SetAutoPageBreak(true, bottom)
		s.Ln(3)
	}()
	wide, _ := s.GetPageSize()
	widths := make([]float64, len(t.Columns))
	whole := 0.0
	for _, c := range t.Columns {
		whole += c.Width
	}
	titles := make([]Cell, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = c.Width / whole * (wide - 2*margin)
		titles[i] = Cell{Text: c.Title}
	}
	head := func() { s.row(widths, s.lines(widths, titles, "B"), titles, true) }
	s.keep(25)
	top := s.GetY()
	head()
	// Lines of one row on a page that holds nothing but the head.
	most := int((s.end() - margin - (s.GetY() - top) - 2*padding) / rowLine)
	for _, row := range t.Rows {
		lines := s.lines(widths, row, "")
		for more := true; more; more = tallest(lines) > 0 {
			need, fits := max(1, tallest(lines)), s.fits()
			if need > fits && (need <= most || fits < leastLines) {
				s.AddPage()
				head()
				fits = s.fits()
			}
			var part [][]string
			part, lines = split(lines, max(1, fits))
			s.row(widths, part, row, false)
		}
	}
}

// leastLines is how much of a long row a page must still hold to begin it there.
const leastLines = 3

// fits is how many lines of one row the page still holds.
func (s sheet) fits() int { return int((s.end() - s.GetY() - 2*padding) / rowLine) }

// lines breaks the cells of a row into lines.
func (s sheet) lines(widths []float64, row []Cell, style string) [][]string {
	s.SetFont(font, style, cellSize)
	out := make([][]string, len(row))
	for i, c := range row {
		out[i] = s.SplitText(readable(s.d.printed(c)), widths[i]-1)
	}
	return out
}

func tallest(lines [][]string) int {
	n := 0
	for _, l := range lines {
		n = max(n, len(l))
	}
	return n
}

// split takes the first n lines of every cell.
func split(lines [][]string, n int) (part, rest [][]string) {
	for _, l := range lines {
		k := min(n, len(l))
		part, rest = append(part, l[:k]), append(rest, l[k:])
	}
	return part, rest
}

// row draws lines that fit on the page as one row.
func (s sheet) row(widths []float64, lines [][]string, row []Cell, head bool) {
	x, y := margin, s.GetY()
	h := float64(max(1, tallest(lines)))*rowLine + 2*padding
	s.SetFont(font, map[bool]string{true: "B"}[head], cellSize)
	s.SetDrawColor(190, 190, 190)
	for i, w := range widths {
		how := "D"
		switch {
		case head:
			s.SetFillColor(230, 230, 230)
			how = "FD"
		case row[i].Fragment:
			s.SetFillColor(255, 242, 204)
			how = "FD"
		}
		s.Rect(x, y, w, h, how)
		for j, l := range lines[i] {
			s.SetXY(x, y+padding+float64(j)*rowLine)
			s.CellFormat(w, rowLine, strings.TrimRight(l, "\n"), "", 0, "L", false, 0, "")
		}
		x += w
	}
	s.SetXY(margin, y+h)
}

// readable replaces what the font and the format cannot carry, so that nobody's
// text breaks a document: control characters become spaces, and what lies beyond
// the basic plane a box.
func readable(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, pages, "{ nb }")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r):
			return ' '
		case r > 0xFFFF:
			return '□'
		}
		return r
	}, strings.ToValidUTF8(s, "□"))
}
