package workbook

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// cut cuts a text to so many UTF-16 units, in which Excel counts. No character
// is cut in two.
func cut(s string, units int) string {
	if len(s) <= units { // no character takes fewer bytes than units
		return s
	}
	n := 0
	for i, r := range s {
		if n += utf16.RuneLen(r); n > units {
			return s[:i]
		}
	}
	return s
}

// escaped writes a text as an ST_Xstring (ECMA-376-1, 22.9.2.19): a character
// that XML 1.0 has no place for is written _xHHHH_, and so is the underscore of
// a text that would read as such. The carriage return is one of them, because a
// parser of XML makes a line feed of it. What is no UTF-8 becomes U+FFFD.
func escaped(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '_' || unwritable(r) }) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if unwritable(r) || r == '_' && looksEscaped(s[i:]) {
			fmt.Fprintf(&b, "_x%04X_", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unwritable is what XML 1.0 (2.2, production 2) forbids, and the carriage return.
func unwritable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF
}

// looksEscaped reports whether a text that begins with an underscore would be
// read as an escaped character: _xHHHH and then another underscore, be it that
// of the next escaped character.
func looksEscaped(s string) bool {
	if len(s) < len("_xHHHH_") || s[1] != 'x' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	next, _ := utf8.DecodeRuneInString(s[6:])
	return next == '_' || unwritable(next)
}

// Names are the names of sheets that a book has already. Excel compares them
// without regard to case.
type Names map[string]bool

// Take makes a name of a title that Excel takes and no sheet has yet, and takes
// it: at most 31 characters, none of []:*?/\, no apostrophe at either end, and
// not History, which Excel keeps for itself. A title of which nothing remains is
// named as the fallback says; a name that is taken gets a number from 2 on.
func (n Names) Take(title, fallback string, number func(int) string) string {
	base := clean(title)
	if base == "" {
		base = clean(fallback)
	}
	name := base
	for i := 2; !n.free(name); i++ {
		suffix := " " + number(i)
		name = clean(cut(base, MaxName-len(utf16.Encode([]rune(suffix)))) + suffix)
	}
	n[fold(name)] = true
	return name
}

// free reports whether a clean name can still be taken.
func (n Names) free(name string) bool {
	return name != "" && fold(name) != "history" && !n[fold(name)]
}

// fold makes names equal that differ in case only.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// clean is a text without what no name may hold.
func clean(s string) string {
	edge := func(r rune) bool { return r == '\'' || unicode.IsSpace(r) }
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unwritable(r) || strings.ContainsRune(`[]:*?/\`, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimRightFunc(cut(strings.TrimFunc(s, edge), MaxName), edge)
}
