// Package table finds tables in Markdown, CSV and XLSX and gives them as rows of
// cells with their position, so that a reader can be told where something is
// wrong.
//
// It knows nothing of requirements: which column means what is for exchange. Of
// a workbook it reads values, never formulas or links, and refuses one that
// unpacks to more than the limits.
package table

// Limits of one file.
const (
	MaxCell     = 32_767   // bytes of one cell
	MaxColumns  = 100      // of one table
	MaxRows     = 20_001   // of one table, with its head
	MaxUnpacked = 64 << 20 // bytes of a workbook when unpacked
)

// Cell is one cell.
type Cell struct {
	Text string
	Line int    // of the text, or row of the sheet; from 1
	Ref  string // "Sheet1!C7" of a workbook, else "column 3"
}

// Table is one table, its head apart.
type Table struct {
	Title string // the heading above it, or the name of the sheet
	Head  []Cell
	Rows  [][]Cell // each as long as Head, or as it was written
	Line  int      // of its head
}
