// Package table finds tables in Markdown, CSV and XLSX and gives them as rows of
// cells with their position, so that a reader can be told where something is
// wrong.
//
// It knows nothing of requirements: which row is the head and which column means
// what is for exchange. Of a workbook it reads values, never formulas or links,
// and refuses one that unpacks to more than the limits.
package table

import (
	"strconv"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Limits of one file.
const (
	MaxCell     = 32_767   // bytes of one cell
	MaxColumns  = 100      // of one table
	MaxRows     = 20_020   // of one table, with its head and what stands above it
	MaxCells    = 400_000  // of one file
	MaxUnpacked = 64 << 20 // bytes of a workbook when unpacked
)

// Cell is one cell.
type Cell struct {
	Text string
	Line int    // of the text, or row of the sheet; from 1
	Ref  string // "Sheet1!C7" of a workbook, "3" (the column) of a text
}

// Table is one table as it was written, its head among the rows.
type Table struct {
	Title  string // the heading above it, or the name of the sheet
	Rows   [][]Cell
	Headed bool // the first row is the head; otherwise it may stand further down
	Line   int  // of its first row
}

// Fault is one place that cannot be read.
type Fault struct {
	Line int
	Ref  string
	Say  text.Bi
}

// column is the name of a column of a text, from 1.
func column(n int) string { return strconv.Itoa(n) }

// tooLarge is what is said of a file that exceeds a limit.
func tooLarge(de, en string, args ...any) error {
	return problem.Newf(problem.TooLarge, de, en, args...).
		WithHint("Bitte die Datei teilen und die Teile einzeln einlesen.", "Please split the file and import the parts one by one.")
}

// budget counts the cells of a file against the limits.
type budget struct{ cells int }

// take counts a row and says which limit it exceeds.
func (b *budget) take(row []Cell, n int) error {
	if n > MaxRows {
		return tooLarge("Eine Tabelle hat mehr als %d Zeilen.", "A table has more than %d rows.", MaxRows)
	}
	if len(row) > MaxColumns {
		return tooLarge("Eine Tabelle hat mehr als %d Spalten (Zeile %d).", "A table has more than %d columns (line %d).", MaxColumns, row[0].Line)
	}
	if b.cells += len(row); b.cells > MaxCells {
		return tooLarge("Die Datei hat mehr als %d Zellen.", "The file has more than %d cells.", MaxCells)
	}
	for _, c := range row {
		if len(c.Text) > MaxCell {
			return tooLarge("Eine Zelle ist länger als %d Zeichen (Zeile %d, Spalte %s).", "A cell is longer than %d characters (line %d, column %s).", MaxCell, c.Line, c.Ref)
		}
	}
	return nil
}
