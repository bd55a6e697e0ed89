// Package doccheck looks over a document before somebody approves it: versions
// that contradict each other, placeholder dates, remarks of a conversation that
// were left in, table cells that are no sentences (requirements 001-20, 001-73).
//
// It reads Markdown and plain text, in German and English. Each finding names
// line and sentence. It does not judge what the document says, and what it
// finds is a hint: people decide.
package doccheck

import (
	"slices"
	"strings"

	"augenmass/internal/prove/exchange/table"
	"augenmass/internal/text"
)

// Kind says what is odd.
type Kind string

// The kinds of findings.
const (
	Versions     Kind = "versions"     // one document, several versions
	Placeholder  Kind = "placeholder"  // a date or field that nobody filled
	Conversation Kind = "conversation" // remarks between people or with an assistant
	Fragment     Kind = "fragment"     // a table cell that is no sentence
)

// Kinds are all kinds, the gravest first.
var Kinds = []Kind{Versions, Placeholder, Conversation, Fragment}

// Finding is one odd place.
type Finding struct {
	Kind     Kind    `json:"kind"`
	Line     int     `json:"line"` // from 1
	Sentence string  `json:"sentence"`
	Say      text.Bi `json:"say"`
	Against  *Place  `json:"against,omitempty"` // of a contradiction: the other place
}

// Place is a sentence and where it stands.
type Place struct {
	Line     int    `json:"line"`
	Sentence string `json:"sentence"`
}

// said is one sentence of the document.
type said struct {
	line    int
	s       string
	heading string // the last heading above it
	title   bool   // it is a heading of the first level: a document of its own begins
}

// Check looks over a document. Lines in skip hold tables that are checked
// elsewhere; their cells are not reported as fragments.
func Check(doc string, skip map[int]bool) []Finding {
	all := sentences(doc)
	var out []Finding
	out = append(out, versions(all)...)
	for _, s := range all {
		if what, ok := placeholder(s.s); ok {
			out = append(out, Finding{Kind: Placeholder, Line: s.line, Sentence: s.s, Say: text.Bi{
				DE: "Hier steht ein Platzhalter: „" + what + "“.", EN: "There is a placeholder here: '" + what + "'."}})
		}
		if what, ok := conversation(s.s); ok {
			out = append(out, Finding{Kind: Conversation, Line: s.line, Sentence: s.s, Say: text.Bi{
				DE: "Das liest sich wie eine Bemerkung aus einem Gespräch („" + what + "“), nicht wie Text des Dokuments.",
				EN: "This reads like a remark of a conversation ('" + what + "'), not like text of the document."}})
		}
	}
	out = append(out, fragments(doc, skip)...)
	slices.SortStableFunc(out, func(a, b Finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	return out
}

// fragments reports cells of tables that are no sentence. The first column names
// its row, and one or two words are a value.
func fragments(doc string, skip map[int]bool) []Finding {
	tables, err := table.Markdown(doc)
	if err != nil {
		return nil // too large for a table: there is nothing to read by cells
	}
	var out []Finding
	for _, t := range tables {
		for _, row := range t.Rows[1:] {
			for i, c := range row {
				if i == 0 || skip[c.Line] || len(strings.Fields(c.Text)) < 3 || Sentence(c.Text) {
					continue
				}
				out = append(out, Finding{Kind: Fragment, Line: c.Line, Sentence: c.Text, Say: text.Bi{
					DE: "Diese Zelle ist kein vollständiger Satz.", EN: "This cell is not a full sentence."}})
			}
		}
	}
	return out
}

// most is how many sentences are looked at; a document has fewer.
const most = 100_000

// sentences cuts a document into its sentences. Cells of tables are cut apart.
func sentences(doc string) []said {
	var all []said
	heading := ""
	for i, line := range strings.Split(doc, "\n") {
		s := strings.TrimSpace(line)
		level := len(s) - len(strings.TrimLeft(s, "#"))
		if level > 0 && level <= 6 && strings.HasPrefix(s[level:], " ") {
			heading = strings.TrimSpace(s[level:])
			all = append(all, said{line: i + 1, s: heading, heading: heading, title: level == 1})
			continue
		}
		cells := []string{s}
		if strings.HasPrefix(s, "|") {
			cells = strings.Split(strings.Trim(s, "|"), "|")
		}
		for _, cell := range cells {
			for _, x := range cut(plain(cell)) {
				all = append(all, said{line: i + 1, s: x, heading: heading})
			}
		}
		if len(all) > most {
			break
		}
	}
	return all
}

// plain is a line without the marks of Markdown.
func plain(s string) string {
	s = strings.TrimLeft(strings.TrimSpace(s), "-*+> ")
	return strings.TrimSpace(strings.NewReplacer("**", "", "`", "").Replace(s))
}

// cut cuts a line where a sentence ends: at a full stop, question or exclamation
// mark before a space and a capital. A number or a short word before the stop is
// an abbreviation.
func cut(s string) []string {
	var out []string
	from := 0
	for i := 1; i+2 < len(s); i++ {
		if s[i] != '.' && s[i] != '!' && s[i] != '?' || s[i+1] != ' ' {
			continue
		}
		if s[i] == '.' {
			word := s[strings.LastIndexByte(s[:i], ' ')+1 : i]
			if len(word) < 3 || word[len(word)-1] >= '0' && word[len(word)-1] <= '9' || strings.Contains(word, ".") {
				continue
			}
		}
		if next := s[i+2]; next >= 'a' && next <= 'z' {
			continue
		}
		out = append(out, strings.TrimSpace(s[from:i+1]))
		from = i + 2
	}
	if rest := strings.TrimSpace(s[from:]); rest != "" {
		out = append(out, rest)
	}
	return out
}
