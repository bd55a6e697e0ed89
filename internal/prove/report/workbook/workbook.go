// Package workbook writes workbooks that Excel, LibreOffice and others read:
// Office Open XML as ECMA-376 (ISO/IEC 29500) has it. Part 2, Open Packaging
// Conventions, gives the archive, its content types, relationships and core
// properties; part 1 gives SpreadsheetML (clause 18) and the extended properties
// (22.2). It holds what a report needs and no more: sheets of text with widths,
// a few styles, and rows that stay in sight.
//
//	err := workbook.Write(w, workbook.Book{Title: title, At: now, Styles: styles,
//		Sheets: []workbook.Sheet{{Name: names.Take(title, "Sheet", number), Rows: rows}}})
//
// Every cell is text, whatever it begins with: an inline string is never a
// formula. Rows are written as they come; nothing keeps a sheet in memory. The
// same book gives the same bytes.
//
// Reading workbooks is the business of prove/exchange/table.
package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"
)

// What Excel holds ("Excel specifications and limits"); it does not open a
// workbook that goes beyond.
const (
	MaxRows    = 1_048_576
	MaxColumns = 16_384
	MaxWidth   = 255.0
	MaxText    = 32_767 // UTF-16 units of a cell
	MaxName    = 31     // UTF-16 units of a sheet's name
)

// Book is a workbook. It has one sheet or more.
type Book struct {
	Title       string // properties of the document; an empty one is left out
	Subject     string
	Creator     string // who made it, and with what
	Language    string
	At          time.Time // when it was made
	Styles      []Style
	Sheets      []Sheet
	Application string // the program that wrote it
}

// Style is how cells look. Every style is set in the book's one font.
type Style struct {
	Bold bool
	Wrap bool   // long texts go on in the next line of the cell
	Top  bool   // the text begins at the upper edge
	Fill string // colour behind the text, RRGGBB; empty: none
}

// Sheet is one sheet. Rows gives its rows from the first on; a row without cells
// stays empty.
type Sheet struct {
	Name   string    // one that Names has given
	Widths []float64 // of the columns from the first on, in characters
	Frozen int       // rows at the top that stay in sight
	Rows   iter.Seq[[]Cell]
}

// Cell is one cell. Style is an index of Book.Styles.
type Cell struct {
	Text  string
	Style int
}

// Write writes the book. Text that is too long for a cell is cut at MaxText; a
// sheet with more rows or columns than Excel takes is an error.
func Write(w io.Writer, b Book) error {
	if err := b.check(); err != nil {
		return err
	}
	z := zip.NewWriter(w)

	// The content types come first: programs tell by the first entry what an
	// archive is.
	for _, part := range []struct{ name, body string }{
		{"[Content_Types].xml", b.contentTypes()},
		{"_rels/.rels", rootRelations},
		{"docProps/app.xml", b.app()},
		{"docProps/core.xml", b.core()},
		{"xl/workbook.xml", b.workbook()},
		{"xl/_rels/workbook.xml.rels", b.relations()},
		{"xl/styles.xml", b.styles()},
	} {
		to, err := create(z, part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(to, xml.Header+part.body); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	for i, s := range b.Sheets {
		to, err := create(z, sheetPart(i))
		if err != nil {
			return err
		}
		if err := s.write(to, len(b.Styles), i == 0); err != nil {
			return fmt.Errorf("sheet %q: %w", s.Name, err)
		}
	}
	return z.Close()
}

// create begins a part. No part has a time: the bytes hang on the content only.
func create(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
}

func sheetPart(i int) string { return "xl/worksheets/sheet" + strconv.Itoa(i+1) + ".xml" }

// check refuses what Excel would not open.
func (b Book) check() error {
	if len(b.Sheets) == 0 {
		return errors.New("a workbook needs a sheet")
	}
	taken := Names{}
	for _, s := range b.Sheets {
		if !taken.free(s.Name) || s.Name != clean(s.Name) {
			return fmt.Errorf("no sheet can be named %q here", s.Name)
		}
		taken[fold(s.Name)] = true
		if len(s.Widths) > MaxColumns || s.Frozen < 0 || s.Frozen >= MaxRows {
			return fmt.Errorf("sheet %q: %d widths, %d rows frozen", s.Name, len(s.Widths), s.Frozen)
		}
	}
	for _, s := range b.Styles {
		if _, err := strconv.ParseUint(s.Fill, 16, 24); s.Fill != "" && (err != nil || len(s.Fill) != 6) {
			return fmt.Errorf("%q is no colour", s.Fill)
		}
	}
	return nil
}

// write writes a worksheet (18.3.1.99) with its rows as they come.
func (s Sheet) write(w io.Writer, styles int, first bool) error {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<worksheet xmlns="` + spreadsheet + `">`)
	s.view(&b, first)
	s.columns(&b)
	b.WriteString(`<sheetData>`)
	n := 0
	if s.Rows != nil {
		for cells := range s.Rows {
			if n++; n > MaxRows || len(cells) > MaxColumns {
				return fmt.Errorf("row %d with %d columns: %d rows and %d columns are the limit", n, len(cells), MaxRows, MaxColumns)
			}
			if err := row(&b, n, cells, styles); err != nil {
				return err
			}
			if _, err := b.WriteTo(w); err != nil {
				return err
			}
		}
	}
	b.WriteString(`</sheetData></worksheet>`)
	_, err := b.WriteTo(w)
	return err
}

// view says what is frozen (18.3.1.66) and which sheet is in front.
func (s Sheet) view(b *bytes.Buffer, first bool) {
	b.WriteString(`<sheetViews><sheetView`)
	if first {
		b.WriteString(` tabSelected="1"`)
	}
	b.WriteString(` workbookViewId="0">`)
	if s.Frozen > 0 {
		fmt.Fprintf(b, `<pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>`, s.Frozen, s.Frozen+1)
	}
	b.WriteString(`</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>`)
}

// columns writes the widths (18.3.1.13).
func (s Sheet) columns(b *bytes.Buffer) {
	if len(s.Widths) == 0 {
		return
	}
	b.WriteString(`<cols>`)
	for i, width := range s.Widths {
		if !(width > 0) { // nor any number at all
			width = 0
		}
		fmt.Fprintf(b, `<col min="%d" max="%d" width="%s" customWidth="1"/>`, i+1, i+1, strconv.FormatFloat(min(width, MaxWidth), 'f', -1, 64))
	}
	b.WriteString(`</cols>`)
}

// row writes one row (18.3.1.73) of inline strings (18.3.1.53).
func row(b *bytes.Buffer, n int, cells []Cell, styles int) error {
	if len(cells) == 0 {
		return nil
	}
	number := strconv.Itoa(n)
	b.WriteString(`<row r="` + number + `">`)
	for i, c := range cells {
		if c.Style < 0 || c.Style >= max(styles, 1) {
			return fmt.Errorf("%s%s has the style %d of %d", column(i+1), number, c.Style, styles)
		}
		b.WriteString(`<c r="` + column(i+1) + number + `"`)
		if styles > 0 {
			b.WriteString(` s="` + strconv.Itoa(c.Style+1) + `"`)
		}
		if c.Text == "" {
			b.WriteString(`/>`)
			continue
		}
		b.WriteString(` t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(b, []byte(escaped(cut(c.Text, MaxText)))); err != nil {
			return err
		}
		b.WriteString(`</t></is></c>`)
	}
	b.WriteString(`</row>`)
	return nil
}

// column is the name of a column: A is 1, Z is 26, AA is 27.
func column(n int) string {
	var name []byte
	for ; n > 0; n = (n - 1) / 26 {
		name = append([]byte{byte('A' + (n-1)%26)}, name...)
	}
	return string(name)
}
