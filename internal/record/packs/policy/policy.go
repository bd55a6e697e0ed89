// Package policy reads Cedar files of packs as far as packs must know them:
// which clauses each policy cites, and which policy cites none.
//
// Whether the policies are valid Cedar is for operate/decide to say.
package policy

import (
	"strings"

	"augenmass/internal/record/packs/form"
)

// Shelf takes what is found in a file.
type Shelf interface {
	Add(at form.Place, de, en string, args ...any)
	// Cite records ids that must exist and returns them.
	Cite(ids ...form.Word) []string
}

// Read checks that each policy of a file cites clauses: @clause("aia.art14.1")
// or, for several, @clause("aia.art14.1, zta.05").
func Read(name, source string, s Shelf) {
	cited := false
	for _, t := range tokens(source) {
		at := form.Place{File: name, Line: t.line}
		switch {
		case strings.HasPrefix(t.s, "@clause(\""):
			cited = true
			for _, id := range strings.FieldsFunc(strings.TrimPrefix(t.s, "@clause(\""), func(r rune) bool { return r == ',' || r == ' ' }) {
				s.Cite(form.Word{S: id, At: at})
			}
		case t.s == "permit(" || t.s == "forbid(":
			if !cited {
				s.Add(at, "diese Richtlinie nennt keine Fundstelle (@clause)", "this policy cites no clause (@clause)")
			}
		case t.s == ";":
			cited = false
		}
	}
}

// tokens finds the places of a Cedar text that matter here: clause
// annotations, the heads of policies, and their ends; comments and strings are
// skipped. A clause token is @clause(" followed by what the string holds.
func tokens(source string) []token {
	var out []token
	line := 1
	for i := 0; i < len(source); {
		rest := source[i:]
		switch {
		case rest[0] == '\n':
			line++
			i++
		case strings.HasPrefix(rest, "//"):
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				i += end
			} else {
				i = len(source)
			}
		case rest[0] == '"':
			n := quoted(rest)
			line += strings.Count(rest[:n], "\n")
			i += n
		case rest[0] == ';':
			out = append(out, token{";", line})
			i++
		case isWord(rest[0]):
			n := 1
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			word := rest[:n]
			tail := strings.TrimLeft(rest[n:], " \t\r\n")
			gap := len(rest) - n - len(tail)
			if strings.HasPrefix(tail, "(") {
				switch word {
				case "permit", "forbid":
					out = append(out, token{word + "(", line})
				case "@clause":
					arg := strings.TrimLeft(tail[1:], " \t\r\n")
					if strings.HasPrefix(arg, "\"") {
						out = append(out, token{"@clause(\"" + strings.Trim(arg[:quoted(arg)], "\""), line})
					}
				}
			}
			line += strings.Count(rest[:n+gap], "\n")
			i += n + gap
		default:
			i++
		}
	}
	return out
}

type token struct {
	s    string
	line int
}

// quoted is the length of the string literal at the start of s.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

func isWord(c byte) bool {
	return c == '@' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
