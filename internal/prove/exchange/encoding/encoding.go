// Package encoding turns the bytes of a file into text and repairs what broke on
// the way: a byte order mark, UTF-16, Windows-1252 and Latin-1, and UTF-8 that
// was read in a wrong character set and written as UTF-8 again (Mac Roman,
// Windows-1252, Latin-1), several times over if need be.
//
// What was done is said in a note that readers see. Text that is fine stays as
// it is, byte for byte. A repair is made only where the whole text speaks for
// it: the places that become a letter are counted against those that would
// break, so that one odd place in sound text changes nothing.
package encoding

import "augenmass/internal/text"

// Kind names what the bytes were.
type Kind string

// The kinds of bytes.
const (
	UTF8     Kind = "utf-8"
	UTF8BOM  Kind = "utf-8-bom"
	UTF16LE  Kind = "utf-16-le"
	UTF16BE  Kind = "utf-16-be"
	CP1252   Kind = "windows-1252"
	MacRoman Kind = "mac-roman"
)

// Text is what was read.
type Text struct {
	S        string
	Kind     Kind
	Misread  Kind // the set in which UTF-8 was read before it came here; empty: none
	Repaired int  // places that were put right
	Notes    []text.Bi
}
