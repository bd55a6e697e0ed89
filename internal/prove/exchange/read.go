package exchange

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/prove/exchange/doccheck"
	"augenmass/internal/prove/exchange/encoding"
	"augenmass/internal/prove/exchange/table"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
)

// Read reads a file with requirement tables. name is its name as uploaded, of
// which only the ending counts; lib is what citations are judged by.
//
// What is wrong with single rows is in the result. The error is for files that
// cannot be read at all: BadInput or TooLarge, with what to do.
func Read(name string, raw []byte, lib *packs.Library) (Result, error) {
	res := Result{Kind: Table, Title: strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), path.Ext(name))}
	tables, doc, err := res.open(name, raw)
	if err != nil {
		return Result{}, err
	}
	j := citation.NewJudge(lib)
	inTable := res.rows(tables)
	res.judge(j)
	if doc != "" {
		res.Document = doccheck.Check(doc, inTable)
		res.Cited = append(res.Cited, j.Prose(without(doc, inTable))...)
	}
	return res, nil
}

// Tables opens a file as tables, for importers that read other things in them than
// requirements. With what was repaired as notes, and what cannot be read as errors
// of the result; the error is for files that cannot be read at all.
func Tables(name string, raw []byte) ([]table.Table, Result, error) {
	res := Result{Kind: Table}
	tables, _, err := res.open(name, raw)
	return tables, res, err
}

// open reads the file into tables; doc is its text, empty for a workbook.
func (res *Result) open(name string, raw []byte) (tables []table.Table, doc string, err error) {
	ext := strings.ToLower(path.Ext(name))
	switch {
	case len(raw) == 0:
		return nil, "", problem.New(problem.BadInput, "Die Datei ist leer.", "The file is empty.").
			WithHint("Bitte eine Datei mit einer Tabelle wählen.", "Please choose a file with a table.")
	case len(raw) > MaxBytes:
		return nil, "", problem.Newf(problem.TooLarge, "Die Datei ist größer als %d MB.", "The file is larger than %d MB.", MaxBytes>>20).
			WithHint("Bitte Bilder entfernen oder die Datei teilen.", "Please remove pictures or split the file.")
	case table.IsOldOffice(raw):
		return nil, "", table.Protected()
	case bytes.HasPrefix(raw, []byte("%PDF")), ext == ".pdf", ext == ".docx", ext == ".doc", ext == ".odt":
		return nil, "", problem.New(problem.BadInput, "Aus PDF- und Word-Dateien lassen sich Tabellen nicht zuverlässig lesen.",
			"Tables cannot be read reliably from PDF and Word files.").
			WithHint("Bitte die Tabelle in eine Tabellenkalkulation kopieren und als XLSX oder CSV speichern.",
				"Please copy the table into a spreadsheet program and save it as XLSX or CSV.")
	case table.IsXLSX(raw):
		sheets, hidden, err := table.XLSX(raw)
		if len(hidden) > 0 {
			res.note("Ausgeblendete Blätter sind nicht gelesen: %s.", "Hidden sheets are not read: %s.", strings.Join(hidden, ", "))
		}
		return sheets, "", err
	}
	t, err := encoding.Decode(raw)
	if err != nil {
		return nil, "", err
	}
	res.Notes = append(res.Notes, t.Notes...)
	if ext != ".csv" && ext != ".tsv" {
		tables, err = table.Markdown(t.S)
		if err != nil || len(tables) > 0 || ext == ".md" || ext == ".markdown" {
			return tables, t.S, err
		}
	}
	one, faults, err := table.CSV(t.S)
	if err != nil {
		return nil, "", err
	}
	if _, _, ok := headOf(one); !ok && ext != ".csv" && ext != ".tsv" {
		return nil, t.S, nil // running text without a table
	}
	for _, f := range faults {
		res.Errors = append(res.Errors, RowError{Line: f.Line, Cell: f.Ref, Say: f.Say})
	}
	return []table.Table{one}, "", nil
}

// note tells the reader something about the file.
func (res *Result) note(de, en string, args ...any) {
	res.Notes = append(res.Notes, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)})
}

// wrong records a row that cannot be taken.
func (res *Result) wrong(c table.Cell, de, en string, args ...any) {
	res.Errors = append(res.Errors, RowError{Line: c.Line, Cell: c.Ref, Say: text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}})
}

// rows takes the requirements out of all tables that hold some, and returns the
// lines that these tables stand on.
func (res *Result) rows(tables []table.Table) map[int]bool {
	lines := map[int]bool{}
	seen := map[string]int{}
	found := false
	for _, t := range tables {
		head, cols, ok := headOf(t)
		if !ok {
			continue
		}
		if !found && t.Title != "" && t.Headed {
			res.Title = t.Title
		}
		found = true
		lines[t.Line], lines[t.Line+1] = true, true
		for _, f := range cols.missing() {
			res.note("Die Tabelle in Zeile %d hat keine Spalte für: "+fieldNames[f].DE+".", "The table in line %d has no column for: "+fieldNames[f].EN+".", t.Rows[head][0].Line)
		}
		for _, row := range t.Rows[head+1:] {
			lines[row[0].Line] = true
			res.row(row, cols, seen)
		}
	}
	res.Rows = len(res.Requirements)
	switch {
	case !found:
		res.Errors = append(res.Errors, noTable(tables))
	case res.Rows == 0 && len(res.Errors) == 0:
		res.Errors = append(res.Errors, RowError{Say: text.Bi{DE: "Unter den Überschriften der Tabelle steht keine Anforderung.", EN: "There is no requirement below the heads of the table."}})
	case res.Rows > MaxRows:
		res.Errors = append(res.Errors, RowError{Say: text.Bi{DE: fmt.Sprintf("Die Datei hat %d Anforderungen; höchstens %d werden auf einmal eingelesen.", res.Rows, MaxRows),
			EN: fmt.Sprintf("The file has %d requirements; at most %d are imported at once.", res.Rows, MaxRows)}})
	}
	return lines
}

// fieldNames are the fields in words.
var fieldNames = map[Field]text.Bi{
	FieldID:          {DE: "Kennung", EN: "ID"},
	FieldDescription: {DE: "Beschreibung", EN: "description"},
	FieldProof:       {DE: "Prüfung oder Nachweismethode", EN: "proof method"},
	FieldStatus:      {DE: "Status", EN: "status"},
	FieldReferences:  {DE: "Referenzen", EN: "references"},
	FieldEvidence:    {DE: "geforderte Evidenz", EN: "required evidence"},
}

// noTable says that no table of requirements was found, and which heads there
// were.
func noTable(tables []table.Table) RowError {
	e := RowError{Say: text.Bi{
		DE: "Keine Tabelle mit Spalten für Kennung und Beschreibung gefunden.",
		EN: "No table with columns for ID and description was found.",
	}}
	if len(tables) > 0 && len(tables[0].Rows) > 0 {
		var heads []string
		for _, c := range tables[0].Rows[0] {
			heads = append(heads, cut(c.Text, 40))
		}
		e.Line = tables[0].Line
		e.Say.DE += " Die erste Tabelle hat: " + strings.Join(heads, " | ") + "."
		e.Say.EN += " The first table has: " + strings.Join(heads, " | ") + "."
	}
	return e
}

// cut shortens a text for a message.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// row takes one row.
func (res *Result) row(cells []table.Cell, cols columns, seen map[string]int) {
	values := map[Field]string{}
	at := map[Field]table.Cell{}
	empty := true
	for i, c := range cells {
		if c.Text != "" {
			empty = false
		}
		if i >= len(cols) || cols[i] == "" {
			continue
		}
		f := cols[i]
		if _, twice := at[f]; !twice {
			at[f] = c
		}
		switch {
		case c.Text == "":
		case values[f] == "":
			values[f] = c.Text
		case f == FieldDescription:
			values[f] += ": " + c.Text // a column for the title before the one for the text
		case f != FieldID && f != FieldStatus:
			values[f] += "; " + c.Text
		}
	}
	if empty {
		return
	}
	if len(cells) > len(cols) {
		res.wrong(cells[len(cols)], "Die Zeile hat %d Zellen, die Tabelle %d Spalten. Ein senkrechter Strich im Text wird als \\| geschrieben.",
			"The row has %d cells, the table %d columns. A pipe inside a text is written as \\|.", len(cells), len(cols))
		return
	}
	r := Row{Line: cells[0].Line, ID: plain(values[FieldID]), Description: values[FieldDescription], Proof: values[FieldProof],
		StatusSaid: plain(values[FieldStatus]), References: values[FieldReferences], Evidence: values[FieldEvidence]}
	if strings.Contains(cells[0].Ref, "!") {
		r.Cell = cells[0].Ref
	}
	if !res.checked(r, cells[0], at, seen) {
		return
	}
	status, known := StatusOf(r.StatusSaid)
	r.Status = status
	if !known {
		res.note("Zeile %d: Der Status „%s“ ist unbekannt und zählt als offen.", "Line %d: the status '%s' is unknown and counts as open.", r.Line, cut(r.StatusSaid, 60))
	}
	for _, f := range []Field{FieldDescription, FieldProof, FieldEvidence} {
		if s := r.Of(f); s != "" && !doccheck.Sentence(s) {
			r.Fragments = append(r.Fragments, f)
		}
	}
	res.Requirements = append(res.Requirements, r)
}

// checked reports whether a row has what a requirement needs.
func (res *Result) checked(r Row, first table.Cell, at map[Field]table.Cell, seen map[string]int) bool {
	where := func(f Field) table.Cell {
		if c, ok := at[f]; ok {
			return c
		}
		return first
	}
	ok := true
	switch before, twice := seen[strings.ToLower(r.ID)]; {
	case r.ID == "":
		res.wrong(where(FieldID), "Diese Zeile hat keine Kennung.", "This row has no ID.")
		ok = false
	case len(r.ID) > 80:
		res.wrong(where(FieldID), "Die Kennung ist länger als %d Zeichen.", "The ID is longer than %d characters.", 80)
		ok = false
	case twice:
		res.wrong(where(FieldID), "Die Kennung „%s“ steht schon in Zeile %d.", "The ID '%s' stands in line %d already.", r.ID, before)
		ok = false
	default:
		seen[strings.ToLower(r.ID)] = r.Line
	}
	if r.Description == "" {
		res.wrong(where(FieldDescription), "Diese Zeile hat keine Beschreibung.", "This row has no description.")
		ok = false
	}
	return ok
}

// plain is a value without the emphasis of Markdown.
func plain(s string) string { return strings.TrimSpace(strings.Trim(s, "*_` ")) }

// judge judges the references of every requirement.
func (res *Result) judge(j *citation.Judge) {
	for i := range res.Requirements {
		r := &res.Requirements[i]
		r.About = j.About(r.ID, r.Description+" "+r.Proof)
		for _, v := range j.List(r.References, r.About) {
			v.Row, v.Line, v.Cell = i, r.Line, r.Cell
			res.Cited = append(res.Cited, v)
		}
	}
}

// without is a document whose lines in tables that were read are left empty, so
// that lines keep their numbers.
func without(doc string, lines map[int]bool) string {
	all := strings.Split(doc, "\n")
	for i := range all {
		if lines[i+1] {
			all[i] = ""
		}
	}
	return strings.Join(all, "\n")
}
