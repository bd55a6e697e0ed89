// Package report makes what leaves the house on paper or as a table: the
// statement of applicability, the gap list with its roadmap, a checklist, the
// list of evidence, and the package for a certifier.
//
// A report is a Document: headings, paragraphs and tables in one language,
// without any layout. Three writers give it a form: PDF, XLSX and Markdown. The
// same document gives the same bytes, on every machine and at any time; its date
// is Frame.At.
//
//	doc, err := report.SoA(report.Frame{Organisation: name, Lang: text.DE, At: now, Role: title}, rows)
//	err = doc.PDF(w)
//
// Every cell that says something is a full sentence (requirement 001-20). What
// people wrote as a fragment is printed as they wrote it, and marked. What is
// not decided, not shown or expired is printed as such. Standards and law are
// never added up, and no report says that a certificate makes lawful
// (requirement 000-24).
//
// It computes nothing: what it prints comes from govern/control. Diagrams and
// letters are not here yet.
package report

import (
	"embed"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"augenmass/internal/text"
)

// Frame is what every report says about itself.
type Frame struct {
	Organisation string
	Lang         text.Lang
	At           time.Time                 // date of the report; what it prints is as of then
	Role         func(role string) text.Bi // title of a role of the register; nil: roles are printed as they are
}

func (f Frame) role(id string) string {
	if f.Role == nil {
		return id
	}
	return f.Role(id).In(f.Lang)
}

// Document is a report without a form. It is in one language.
type Document struct {
	Name         string // of its file, without ending: "statement-of-applicability"
	Title        string
	Organisation string
	Lang         text.Lang
	At           time.Time
	Blocks       []Block

	wording *text.Catalogue
}

// Block is a heading, a paragraph or a table: exactly one of the three is set.
type Block struct {
	Heading   string
	Paragraph string
	Table     *Table
}

// Table is one table. Every row has as many cells as there are columns.
type Table struct {
	Title   string // of its sheet
	Columns []Column
	Rows    [][]Cell
}

// Column is one column. Width is its share of the table's width.
type Column struct {
	Title string
	Width float64
	// Bare columns hold names, numbers and fields to fill in, which are no
	// sentences and need not be.
	Bare bool
}

// Cell is one cell. Fragment: a person wrote something that is no full sentence.
type Cell struct {
	Text     string
	Fragment bool
}

//go:embed texts/*.yaml
var wordingFiles embed.FS

// wording is loaded once; it is part of the program and does not change.
var wording = sync.OnceValues(func() (*text.Catalogue, error) { return text.Load(wordingFiles) })

// newDocument begins a report: its title, and of whom and when it is.
func newDocument(f Frame, name, key string) (*Document, error) {
	all, err := wording()
	if err != nil {
		return nil, err
	}
	d := &Document{Name: name, Organisation: f.Organisation, Lang: f.Lang, At: f.At.UTC(), wording: all}
	d.Title = d.t(key)
	d.say(d.t("report.of", "organisation", f.Organisation, "day", d.At))
	return d, nil
}

func (d *Document) t(key string, args ...any) string { return d.wording.T(d.Lang, key, args...) }

func (d *Document) head(s string) { d.Blocks = append(d.Blocks, Block{Heading: s}) }

func (d *Document) say(sentences ...string) {
	d.Blocks = append(d.Blocks, Block{Paragraph: strings.Join(sentences, " ")})
}

// table adds a table and marks the fragments in it.
func (d *Document) table(t Table) {
	for _, row := range t.Rows {
		for i := range row {
			row[i].Fragment = !t.Columns[i].Bare && !Sentences(row[i].Text)
		}
	}
	d.Blocks = append(d.Blocks, Block{Table: &t})
}

// Tables are the tables of the document in order.
func (d Document) Tables() []Table {
	var all []Table
	for _, b := range d.Blocks {
		if b.Table != nil {
			all = append(all, *b.Table)
		}
	}
	return all
}

// Fragments counts the cells that are marked as no full sentence.
func (d Document) Fragments() int {
	n := 0
	for _, t := range d.Tables() {
		for _, row := range t.Rows {
			for _, c := range row {
				if c.Fragment {
					n++
				}
			}
		}
	}
	return n
}

// finish says how many cells are marked, if any.
func (d *Document) finish() Document {
	if n := d.Fragments(); n > 0 {
		d.Blocks = slices.Insert(d.Blocks, 1, Block{Paragraph: d.t("report.fragments", "n", n, "mark", d.mark())})
	}
	return *d
}

// mark is what stands behind a fragment.
func (d Document) mark() string { return "[" + d.t("report.fragment") + "]" }

// printed is the text of a cell as every writer prints it.
func (d Document) printed(c Cell) string {
	if c.Fragment {
		return strings.TrimSpace(c.Text + " " + d.mark())
	}
	return c.Text
}

func cells(texts ...string) []Cell {
	out := make([]Cell, len(texts))
	for i, t := range texts {
		out[i].Text = t
	}
	return out
}

// Sentences reports whether every line of a text is made of full sentences, as
// far as this can be told from outside: it begins with a capital letter, a digit
// or a quotation, has three words or more, and ends with a mark that ends
// sentences. List marks at the start of a line do not count. A text without any
// line is none.
func Sentences(s string) bool {
	lines := 0
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "-*•–"))
		if line == "" {
			continue
		}
		if lines++; !sentence(line) {
			return false
		}
	}
	return lines > 0
}

// leastWords is the shortest sentence that says something about a requirement.
const leastWords = 3

func sentence(line string) bool {
	first, _ := utf8.DecodeRuneInString(line)
	if !unicode.IsUpper(first) && !unicode.IsDigit(first) && !strings.ContainsRune("„“\"'»«‚‘(§", first) {
		return false
	}
	end := strings.TrimRight(line, "“”\"'»«’‘)")
	last, _ := utf8.DecodeLastRuneInString(end)
	return strings.ContainsRune(".!?…", last) && len(strings.Fields(line)) >= leastWords
}
