package form

import "bytes"

// MostDepth is how deep lists and fields may lie in each other on one line or
// between brackets. Packs need fewer than ten; the parser's time grows with the
// square of it, and of the number of documents, so that a small file from outside
// could keep a node busy for minutes.
const MostDepth = 500

// shape refuses, before it is parsed, a file that would take the parser too long.
func shape(name string, data []byte, bad *Defects) bool {
	depth, documents := 0, 0
	for number := 1; len(data) > 0; number++ {
		row, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if bytes.HasPrefix(row, []byte("---")) {
			if documents++; documents > 1 {
				bad.Add(Place{name, number}, "hier beginnt ein weiteres YAML-Dokument, genau eines wird erwartet", "another YAML document begins here, exactly one is expected")
				return false
			}
		}
		inRow := 0
		for marks := bytes.TrimLeft(row, " "); len(marks) > 1 && (marks[0] == '-' || marks[0] == '?') && marks[1] == ' '; marks = bytes.TrimLeft(marks[1:], " ") {
			inRow++
		}
		for _, b := range row {
			switch b {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth+inRow > MostDepth {
				bad.Add(Place{name, number}, "zu tief geschachtelt", "nested too deeply")
				return false
			}
		}
	}
	return true
}
