package table

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"augenmass/internal/problem"
)

// IsXLSX reports whether the bytes begin like a workbook.
func IsXLSX(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// old is how a workbook of before 2007 begins, and one with a password.
var old = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}

// IsOldOffice reports whether the bytes are an old or a protected workbook.
func IsOldOffice(raw []byte) bool { return bytes.HasPrefix(raw, old) }

// XLSX reads the visible sheets of a workbook. A hidden sheet is not read; hidden
// are their names, so that a reader can be told.
func XLSX(raw []byte) (sheets []Table, hidden []string, err error) {
	// The library is made for honest files; whatever a hostile one makes it do
	// is a file that cannot be read.
	defer func() {
		if r := recover(); r != nil {
			sheets, hidden, err = nil, nil, unreadable(fmt.Errorf("workbook: %v", r))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: MaxUnpacked})
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer func() {
		if gone := f.Close(); gone != nil && err == nil {
			err = unreadable(gone)
		}
	}()
	var b budget
	for _, name := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(name)
		if err != nil {
			return nil, nil, unreadable(err)
		}
		if !visible {
			hidden = append(hidden, name)
			continue
		}
		t, err := sheet(f, name, &b)
		if err != nil {
			return nil, nil, err
		}
		if len(t.Rows) > 0 {
			sheets = append(sheets, t)
		}
	}
	return sheets, hidden, nil
}

func sheet(f *excelize.File, name string, b *budget) (t Table, err error) {
	t.Title = name
	rows, err := f.Rows(name)
	if err != nil {
		return t, unreadable(err)
	}
	defer func() {
		if gone := rows.Close(); gone != nil && err == nil {
			err = unreadable(gone)
		}
	}()
	for n := 1; rows.Next(); n++ {
		values, err := rows.Columns()
		if err != nil {
			return t, unreadable(err)
		}
		for len(values) > 0 && strings.TrimSpace(values[len(values)-1]) == "" {
			values = values[:len(values)-1]
		}
		if len(values) == 0 {
			continue
		}
		row := make([]Cell, len(values))
		for i, v := range values {
			ref, err := excelize.CoordinatesToCellName(i+1, n)
			if err != nil {
				return t, unreadable(err)
			}
			row[i] = Cell{Text: strings.TrimSpace(v), Line: n, Ref: name + "!" + ref}
		}
		if err := b.take(row, len(t.Rows)+1); err != nil {
			return t, err
		}
		t.Rows = append(t.Rows, row)
		if t.Line == 0 {
			t.Line = n
		}
	}
	if err := rows.Error(); err != nil {
		return t, unreadable(err)
	}
	return t, nil
}

// unreadable says that a workbook cannot be read. One that unpacks to more than
// the limit says so.
func unreadable(err error) error {
	if p := problem.From(err); p.Kind != problem.Internal {
		return p
	}
	if errors.Is(err, excelize.ErrWorkbookPassword) {
		return Protected().Wrap(err)
	}
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return problem.Newf(problem.TooLarge, "Die Arbeitsmappe ist entpackt größer als %d MB.", "The workbook is larger than %d MB when unpacked.", MaxUnpacked>>20).
			WithHint("Bitte nur das Blatt mit den Anforderungen in eine neue Datei kopieren.", "Please copy only the sheet with the requirements into a new file.").Wrap(err)
	}
	return problem.New(problem.BadInput, "Die Arbeitsmappe lässt sich nicht lesen.", "The workbook cannot be read.").
		WithHint("Bitte die Datei in der Tabellenkalkulation öffnen, als XLSX oder CSV neu speichern und noch einmal hochladen.",
			"Please open the file in the spreadsheet program, save it anew as XLSX or CSV and upload it again.").Wrap(err)
}

// Protected says that a workbook is old or has a password.
func Protected() *problem.Problem {
	return problem.New(problem.BadInput, "Die Arbeitsmappe ist mit einem Kennwort geschützt oder im alten Format XLS.",
		"The workbook is protected with a password or in the old format XLS.").
		WithHint("Bitte ohne Kennwort als XLSX oder CSV speichern und noch einmal hochladen.", "Please save it without a password as XLSX or CSV and upload it again.")
}
