package table

import (
	"html"
	"regexp"
	"strings"
)

var (
	rule    = regexp.MustCompile(`^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$`)
	heading = regexp.MustCompile(`^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$`)
	breaks  = regexp.MustCompile(`(?i)<br\s*/?>`)
)

// Markdown finds the pipe tables of a text: a head, a row of dashes below it,
// and rows up to the next empty line or heading. Fences of code are not heeded,
// because a text that was copied together may have half of one.
func Markdown(s string) ([]Table, error) {
	var all []Table
	var b budget
	title := ""
	lines := strings.Split(s, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\r")
		if m := heading.FindStringSubmatch(line); m != nil {
			title = m[2]
			continue
		}
		if !strings.Contains(line, "|") || i+1 == len(lines) || !isRule(lines[i+1]) {
			continue
		}
		t := Table{Title: title, Headed: true, Line: i + 1, Rows: [][]Cell{split(line, i+1)}}
		for i += 2; i < len(lines); i++ {
			line := strings.TrimSuffix(lines[i], "\r")
			if strings.TrimSpace(line) == "" || heading.MatchString(line) {
				i--
				break
			}
			row := split(line, i+1)
			t.Rows = append(t.Rows, row)
			if err := b.take(row, len(t.Rows)); err != nil {
				return nil, err
			}
		}
		if err := b.take(t.Rows[0], len(t.Rows)); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// isRule reports whether a line is the row of dashes below a head. One without
// any pipe is an underlined heading.
func isRule(line string) bool {
	line = strings.TrimSuffix(line, "\r")
	return strings.Contains(line, "|") && rule.MatchString(line)
}

// split cuts a row at its pipes; an escaped pipe belongs to its cell.
func split(line string, at int) []Cell {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	var row []Cell
	var cell strings.Builder
	add := func() {
		s := strings.TrimSpace(breaks.ReplaceAllString(cell.String(), "\n"))
		row = append(row, Cell{Text: html.UnescapeString(s), Line: at, Ref: column(len(row) + 1)})
		cell.Reset()
	}
	closed := false
	for i := 0; i < len(line); i++ {
		closed = false
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			cell.WriteByte('|')
			i++
		case line[i] == '|':
			add()
			closed = true
		default:
			cell.WriteByte(line[i])
		}
	}
	if !closed {
		add()
	}
	return row
}
