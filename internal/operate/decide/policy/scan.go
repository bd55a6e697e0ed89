package policy

import (
	"strings"
	"unicode/utf8"

	"augenmass/internal/problem"
)

// Bounds on policy text, checked before any parser sees it. Cedar's parser
// recurses without a limit: about 2 MB of brackets exhaust the stack, which
// ends the process and cannot be recovered from. 64 kB a policy also bounds
// what the scanner does not count as nesting (chains of operators).
const (
	maxPolicyBytes = 64 << 10
	maxFileBytes   = 16 << 20
	maxNesting     = 64
	maxPolicies    = 50_000
)

// statement is one policy as text, up to and with its semicolon.
type statement struct {
	text string
	file string
	line int // of its first token
}

// scan cuts policy text into statements without parsing it: it knows strings,
// comments, brackets and semicolons only, in one pass and constant stack. Each
// statement is parsed alone afterwards, so whatever the scanner got wrong about
// strange text can make that one parse fail, not grow.
func scan(file, text string, c *problem.Checks) []statement {
	where := func(line int) string { return place(file, line) }
	if len(text) > maxFileBytes {
		c.Field(false, file, "Die Datei ist größer als 16 MB.", "The file is larger than 16 MB.")
		return nil
	}
	if !utf8.ValidString(text) {
		c.Field(false, file, "Die Datei ist kein gültiges UTF-8.", "The file is not valid UTF-8.")
		return nil
	}
	s := scanner{text: text, line: 1}
	var out []statement
	for s.next() {
		st := statement{text: s.text[s.start:s.pos], file: file, line: s.startLine}
		switch {
		case len(st.text) > maxPolicyBytes:
			c.Field(false, where(st.line), "Die Richtlinie ist größer als 64 kB.", "The policy is larger than 64 kB.")
		case s.deepest > maxNesting:
			c.Field(false, where(st.line), "Die Richtlinie ist tiefer als 64 Ebenen geschachtelt.", "The policy is nested deeper than 64 levels.")
		case len(out) == maxPolicies:
			c.Field(false, file, "Es sind mehr als 50.000 Richtlinien.", "There are more than 50,000 policies.")
			return nil
		default:
			out = append(out, st)
		}
	}
	return out
}

type scanner struct {
	text      string
	pos, line int

	start, startLine int
	deepest          int
}

// next moves over one statement; it returns false when only white space and
// comments are left.
func (s *scanner) next() bool {
	s.skip()
	if s.pos >= len(s.text) {
		return false
	}
	s.start, s.startLine, s.deepest = s.pos, s.line, 0
	depth, signs := 0, 0 // open brackets; unary signs in a row
	deep := func(n int) { s.deepest = max(s.deepest, n) }
	for s.pos < len(s.text) {
		ch := s.text[s.pos]
		switch {
		case ch == ';':
			s.pos++
			return true
		case ch == '"':
			s.quoted()
			signs = 0
			continue
		case strings.HasPrefix(s.text[s.pos:], "//"):
			s.skip()
			continue
		case ch == '(' || ch == '[' || ch == '{':
			depth++
			deep(depth)
			signs = 0
		case ch == ')' || ch == ']' || ch == '}':
			depth--
			signs = 0
		case ch == '!' || ch == '-':
			signs++
			deep(signs)
		case ch == '\n':
			s.line++
		case ch == ' ' || ch == '\t' || ch == '\r':
		case strings.HasPrefix(s.text[s.pos:], "if") && !s.word(-1) && !s.word(2):
			// "if a then if b then …" nests without brackets.
			depth++
			deep(depth)
			signs = 0
		default:
			signs = 0
		}
		s.pos++
	}
	return true
}

// word reports whether the byte at an offset from here belongs to a name.
func (s *scanner) word(offset int) bool {
	i := s.pos + offset
	if i < 0 || i >= len(s.text) {
		return false
	}
	c := s.text[i]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// skip moves over white space and comments.
func (s *scanner) skip() {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '\n':
			s.line++
			s.pos++
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case strings.HasPrefix(s.text[s.pos:], "//"):
			end := strings.IndexByte(s.text[s.pos:], '\n')
			if end < 0 {
				s.pos = len(s.text)
				return
			}
			s.pos += end
		default:
			return
		}
	}
}

// quoted moves over a string literal.
func (s *scanner) quoted() {
	s.pos++
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '\\':
			s.pos++
		case '\n':
			s.line++
		case '"':
			s.pos++
			return
		}
		s.pos++
	}
	s.pos = min(s.pos, len(s.text))
}
