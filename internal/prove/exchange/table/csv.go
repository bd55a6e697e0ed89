package table

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"augenmass/internal/text"
)

// separators are what stands between the cells of a line, the likeliest first.
var separators = []rune{';', ',', '\t'}

// CSV reads a text of separated values; the separator is the one that gives the
// most lines of the same width. A broken quotation ends the table: what follows
// it cannot be told apart.
func CSV(s string) (Table, []Fault, error) {
	s, sep, skipped := told(s)
	if sep == 0 {
		sep = guess(s)
	}
	t := Table{Line: 1 + skipped}
	var b budget
	r := reader(s, sep)
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return t, nil, nil
		}
		if err != nil {
			return t, []Fault{quoting(err, skipped)}, nil
		}
		row := make([]Cell, len(fields))
		for i, f := range fields {
			line, _ := r.FieldPos(i)
			row[i] = Cell{Text: strings.TrimSpace(f), Line: line + skipped, Ref: column(i + 1)}
		}
		t.Rows = append(t.Rows, row)
		if err := b.take(row, len(t.Rows)); err != nil {
			return t, nil, err
		}
	}
}

func reader(s string, sep rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(s))
	r.Comma = sep
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = sep != '\t'
	return r
}

// told reads the line "sep=;" by which a spreadsheet names its separator.
func told(s string) (rest string, sep rune, lines int) {
	first, rest, _ := strings.Cut(s, "\n")
	name, ok := strings.CutPrefix(strings.TrimSuffix(first, "\r"), "sep=")
	if !ok {
		return s, 0, 0
	}
	for _, c := range separators {
		if name == string(c) {
			return rest, c, 1
		}
	}
	return s, 0, 0
}

// sampled is how many records are looked at to find the separator.
const sampled = 200

// guess returns the separator under which most records have the same number of
// cells, and more than one.
func guess(s string) rune {
	best, points := separators[0], 0
	for _, sep := range separators {
		r := reader(s, sep)
		widths := map[int]int{}
		for range sampled {
			fields, err := r.Read()
			if err != nil {
				break
			}
			widths[len(fields)]++
		}
		for width, n := range widths {
			if p := n * min(width, 12); width > 1 && p > points {
				best, points = sep, p
			}
		}
	}
	return best
}

// quoting says where a quotation is broken.
func quoting(err error, skipped int) Fault {
	f := Fault{Say: text.Bi{
		DE: "Die Anführungszeichen sind hier nicht paarweise; ab dieser Stelle lässt sich die Tabelle nicht lesen.",
		EN: "The quotation marks are not in pairs here; from this place on the table cannot be read.",
	}}
	var p *csv.ParseError
	if errors.As(err, &p) {
		f.Line = p.StartLine + skipped
	}
	return f
}
