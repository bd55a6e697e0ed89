// Package register reads a list of AI systems that somebody keeps as a table
// (XLSX, CSV, Markdown) and makes entries of the register of it: whole or, with
// errors by row, not at all (requirement 000-25). Heads and words are read in
// German and English; what is not understood is an error with its place, never a
// guess.
//
// Read gives a List; Compare holds it against the register, where a system of the
// same name is left as it is; Apply stores what is new. Classes, approvals and
// stages of life do not come from a table: an entry begins as an idea.
package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange"
	"augenmass/internal/prove/exchange/table"
	"augenmass/internal/text"
)

// MaxRows is how many systems are taken in at once.
const MaxRows = 2000

// Row is one system of a table.
type Row struct {
	Line   int
	Cell   string // first cell of the row in a workbook
	Doc    inventory.System
	Owner  string // as written; found among the people later
	Vendor string // as written
}

// List is what was read of a table. With Errors nothing of it can be kept.
type List struct {
	File   string
	Rows   []Row
	Errors []exchange.RowError
	Notes  []text.Bi
}

// OK reports whether the list can be kept.
func (l List) OK() bool { return len(l.Errors) == 0 && len(l.Rows) > 0 }

// lookedAt is how many rows are looked at for a head: above it there may stand a
// title and remarks.
const lookedAt = 20

// Read reads a table. What is wrong with single rows is in the list; the error is
// for files that cannot be read at all: BadInput or TooLarge.
func Read(name string, raw []byte) (List, error) {
	tables, res, err := exchange.Tables(name, raw)
	if err != nil {
		return List{}, err
	}
	l := List{File: name, Errors: res.Errors, Notes: res.Notes}
	seen := map[string]int{}
	found := false
	for _, t := range tables {
		head, cols, ok := headOf(t)
		if !ok {
			continue
		}
		found = true
		l.ignored(t.Rows[head], cols)
		for _, row := range t.Rows[head+1:] {
			l.row(row, cols, seen)
		}
	}
	switch {
	case !found && len(l.Errors) == 0:
		l.Errors = append(l.Errors, noTable(tables))
	case len(l.Rows) > MaxRows:
		l.Errors = append(l.Errors, exchange.RowError{Say: text.Bi{DE: fmt.Sprintf("Die Tabelle hat %d Systeme; höchstens %d werden auf einmal eingelesen.", len(l.Rows), MaxRows),
			EN: fmt.Sprintf("The table has %d systems; at most %d are imported at once.", len(l.Rows), MaxRows)}})
	case len(l.Rows) == 0 && len(l.Errors) == 0:
		l.Errors = append(l.Errors, exchange.RowError{Say: text.Bi{DE: "Unter den Überschriften der Tabelle steht kein System.", EN: "There is no system below the heads of the table."}})
	}
	return l, nil
}

// headOf finds the head of a register: a row with a column for the name and one
// more that is known.
func headOf(t table.Table) (row int, cols []Field, ok bool) {
	for i := range min(len(t.Rows), lookedAt) {
		cols, known, named := make([]Field, len(t.Rows[i])), 0, false
		taken := map[Field]bool{}
		for k, c := range t.Rows[i] {
			f := fieldOf(c.Text)
			if f == "" || taken[f] {
				continue
			}
			taken[f] = true
			cols[k], named = f, named || f == Name
			known++
		}
		if named && known > 1 {
			return i, cols, true
		}
		if t.Headed {
			break
		}
	}
	return 0, nil, false
}

func noTable(tables []table.Table) exchange.RowError {
	e := exchange.RowError{Say: text.Bi{
		DE: "Keine Tabelle mit einer Spalte „Name“ und mindestens einer weiteren bekannten Spalte (etwa „Zweck“) gefunden.",
		EN: "No table with a column 'Name' and at least one more known column (such as 'Purpose') was found.",
	}}
	if len(tables) > 0 {
		e.Line = tables[0].Line
	}
	return e
}

func (l *List) note(de, en string, args ...any) {
	if len(l.Notes) < 100 {
		l.Notes = append(l.Notes, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)})
	}
}

// wrong records a place that cannot be taken; an argument in both languages goes to
// its side.
func (l *List) wrong(c table.Cell, de, en string, args ...any) {
	left, right := slices.Clone(args), slices.Clone(args)
	for i, a := range args {
		if b, ok := a.(text.Bi); ok {
			left[i], right[i] = b.DE, b.EN
		}
	}
	l.Errors = append(l.Errors, exchange.RowError{Line: c.Line, Cell: c.Ref, Say: text.Bi{DE: fmt.Sprintf(de, left...), EN: fmt.Sprintf(en, right...)}})
}

// invalid records what the register says about an entry.
func (l *List) invalid(c table.Cell, err error) {
	for _, f := range problem.From(err).Fields {
		l.wrong(c, "%s: %s", "%s: %s", f.Path, f.Say)
	}
}

// ignored names the columns that are not read.
func (l *List) ignored(head []table.Cell, cols []Field) {
	var out []string
	for i, c := range head {
		if cols[i] == "" && c.Text != "" {
			out = append(out, cut(c.Text, 40))
		}
	}
	if len(out) > 0 {
		l.note("Nicht gelesene Spalten: %s.", "Columns that are not read: %s.", strings.Join(out, ", "))
	}
}

// row takes one system.
func (l *List) row(cells []table.Cell, cols []Field, seen map[string]int) {
	at, empty := map[Field]table.Cell{}, true
	for i, c := range cells {
		if c.Text != "" {
			empty = false
		}
		if i < len(cols) && cols[i] != "" {
			at[cols[i]] = c
		}
	}
	if empty {
		return
	}
	before := len(l.Errors)
	r := Row{Line: cells[0].Line}
	if strings.Contains(cells[0].Ref, "!") {
		r.Cell = cells[0].Ref
	}
	name := plain(at[Name].Text)
	first := at[Name]
	if first.Line == 0 {
		first = cells[0]
	}
	switch line, twice := seen[Key(name)]; {
	case name == "":
		l.wrong(first, "Diese Zeile hat keinen Namen.", "This row has no name.")
	case twice:
		l.wrong(first, "„%s“ steht schon in Zeile %d.", "'%s' stands in line %d already.", cut(name, 80), line)
	default:
		seen[Key(name)] = r.Line
	}
	r.Doc = inventory.System{Name: name, Technology: plain(at[Technology].Text), Purpose: text.Same(at[Purpose].Text), Use: text.Same(at[Use].Text),
		DataSources: split(at[DataSources].Text), Zones: split(at[Zones].Text)}
	r.Owner, r.Vendor = plain(at[Owner].Text), plain(at[Vendor].Text)
	r.Doc.Origin = inventory.Origin(l.word(at[Origin], "Herkunft", "origin", origins))
	r.Doc.RoleOfAI = inventory.RoleOfAI(l.word(at[Role], "Rolle", "role", rolesOfAI))
	for _, w := range l.words(at[Scope], "Einsatzfeld", "field of use", scopes) {
		r.Doc.Scope = append(r.Doc.Scope, inventory.Scope(w))
	}
	for _, w := range split(at[DataClasses].Text) {
		if v, ok := meant(dataClasses, w); ok {
			w = v
		}
		r.Doc.DataClasses = append(r.Doc.DataClasses, w)
	}
	r.Doc.People = l.word(at[People], "Menschen", "people", answers) == "true"
	r.Doc.ReviewBy = l.day(at[ReviewBy])
	r.Doc.Default()
	if err := r.Doc.Validate(); err != nil && len(l.Errors) == before {
		l.invalid(first, err)
	}
	if len(l.Errors) == before {
		l.Rows = append(l.Rows, r)
	}
}

// word reads a cell that holds one of a few words; empty is allowed.
func (l *List) word(c table.Cell, de, en string, all []meaning) string {
	if plain(c.Text) == "" || c.Text == "-" || c.Text == "–" {
		return ""
	}
	v, ok := meant(all, c.Text)
	if !ok {
		d, e := offered(all)
		l.wrong(c, "%s: „%s“ ist nicht bekannt; verstanden werden etwa: %s.", "%s: '%s' is not known; understood are for example: %s.", text.Bi{DE: de, EN: en}, cut(c.Text, 60), text.Bi{DE: d, EN: e})
	}
	return v
}

// words reads a cell that holds several of a few words.
func (l *List) words(c table.Cell, de, en string, all []meaning) []string {
	var out []string
	for _, w := range split(c.Text) {
		one := c
		one.Text = w
		if v := l.word(one, de, en, all); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// days are the forms in which a day is read. 01/02/2027 is not among them: it is
// the first of February to one and the second of January to another.
var days = []string{time.DateOnly, "2.1.2006", "2.1.06"}

// sheetDay is how a workbook gives a day in its plain form, whatever the country.
const sheetDay = "01-02-06"

// numbered is a day as a workbook counts it, from 1900.
var numbered = regexp.MustCompile(`^[3-9][0-9]{4}$`)

// day reads a date; empty is none.
func (l *List) day(c table.Cell) time.Time {
	s := plain(c.Text)
	if s == "" || s == "-" || s == "–" {
		return time.Time{}
	}
	for _, layout := range days {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	if t, err := time.Parse(sheetDay, s); err == nil && strings.Contains(c.Ref, "!") {
		return t
	}
	if numbered.MatchString(s) {
		var n int
		if _, err := fmt.Sscanf(s, "%d", &n); err == nil {
			return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
		}
	}
	l.wrong(c, "„%s“ ist kein Tag der Form 2027-06-30 oder 30.06.2027.", "'%s' is no day of the form 2027-06-30 or 30.06.2027.", cut(s, 40))
	return time.Time{}
}

// Key is a name as duplicates are recognised: without case, spaces and marks.
func Key(name string) string { return simple(name) }

func plain(s string) string { return strings.TrimSpace(strings.Trim(s, "*_` ")) }

// split cuts a cell with several entries at commas, semicolons and line ends.
func split(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
