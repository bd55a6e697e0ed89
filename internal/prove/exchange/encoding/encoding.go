// Package encoding turns the bytes of a file into text and repairs what broke on
// the way: a byte order mark, UTF-16, Windows-1252 and Mac Roman, and UTF-8 that
// was read in a wrong character set and written as UTF-8 again (Mac Roman,
// Windows-1252, Latin-1), several times over if need be.
//
// What was done is said in a note that readers see. Text that is fine stays as
// it is, byte for byte. A repair is made only where the whole text speaks for
// it: the places that become a letter are counted against those that would
// not, so that one odd place in sound text changes nothing.
package encoding

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

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

// names are the kinds in words, alike in both languages.
var names = map[Kind]string{UTF8: "UTF-8", UTF8BOM: "UTF-8", UTF16LE: "UTF-16", UTF16BE: "UTF-16", CP1252: "Windows-1252", MacRoman: "Mac Roman"}

// Text is what was read.
type Text struct {
	S        string // valid UTF-8, without byte order mark
	Kind     Kind
	Misread  Kind // the set in which UTF-8 was read before it came here; empty: none
	Repaired int  // places that were put right
	Notes    []text.Bi
}

// most is how many times over a text may have been misread.
const most = 3

// Decode reads the bytes of a text file. Bytes that are no text are a problem of
// kind BadInput.
func Decode(raw []byte) (Text, error) {
	t, err := plain(raw)
	if err != nil {
		return Text{}, err
	}
	for range most {
		s, from, n := repair(t.S)
		if n == 0 {
			break
		}
		t.S, t.Misread, t.Repaired = s, from, t.Repaired+n
	}
	if t.Repaired > 0 {
		t.note("Die Zeichen waren beschädigt (UTF-8, gelesen als %s). %d Stellen sind repariert.",
			"The characters were broken (UTF-8 that was read as %s). %d places are repaired.", names[t.Misread], t.Repaired)
	}
	return t, nil
}

// note records what was done, for readers.
func (t *Text) note(de, en string, args ...any) {
	t.Notes = append(t.Notes, text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)})
}

// plain reads the bytes in the set that they say or show.
func plain(raw []byte) (Text, error) {
	t := Text{Kind: UTF8}
	switch {
	case bytes.HasPrefix(raw, []byte{0xEF, 0xBB, 0xBF}):
		raw, t.Kind = raw[3:], UTF8BOM
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}):
		return wide(raw[2:], binary.LittleEndian, UTF16LE)
	case bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return wide(raw[2:], binary.BigEndian, UTF16BE)
	}
	if k, ok := silentWide(raw); ok {
		if k == UTF16LE {
			return wide(raw, binary.LittleEndian, k)
		}
		return wide(raw, binary.BigEndian, k)
	}
	if control(raw) {
		return t, notText()
	}
	good, bad := sequences(raw)
	switch {
	case bad == 0:
		t.S = string(raw)
		if t.Kind == UTF8BOM {
			t.note("Eine Kennung der Kodierung am Anfang der Datei ist entfernt.", "A byte order mark at the start of the file is removed.")
		}
	case good > bad:
		t.S = patched(raw)
		t.note("%d Zeichen waren kein gültiges UTF-8 und sind als Windows-1252 gelesen. Bitte diese Stellen ansehen.",
			"%d characters were not valid UTF-8 and are read as Windows-1252. Please look at these places.", bad)
	default:
		t.S, t.Kind = narrow(raw)
		t.note("Die Datei war in %s geschrieben und ist umgesetzt.", "The file was written in %s and has been converted.", names[t.Kind])
	}
	return t, nil
}

func notText() error {
	return problem.New(problem.BadInput, "Die Datei ist kein Text.", "The file is not a text.").
		WithHint("Bitte als Markdown, CSV, YAML oder XLSX speichern und noch einmal hochladen.",
			"Please save it as Markdown, CSV, YAML or XLSX and upload it again.")
}

// control reports whether bytes are there that no text has.
func control(raw []byte) bool {
	for _, b := range raw {
		if b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != '\v' && b != 0x1B && b != 0x1A {
			return true
		}
	}
	return false
}

// sequences counts the longer characters of UTF-8 and the bytes that are none.
func sequences(raw []byte) (good, bad int) {
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		raw = raw[n:]
	}
	return good, bad
}

// patched reads UTF-8 and, in between, single bytes as Windows-1252.
func patched(raw []byte) string {
	out := make([]byte, 0, len(raw)+16)
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			r = cp1252.rune(raw[0])
		}
		out = utf8.AppendRune(out, r)
		raw = raw[n:]
	}
	return string(out)
}

// narrow reads a set of one byte per character: the one in which more of the
// bytes are letters of our languages.
func narrow(raw []byte) (string, Kind) {
	best, kind, points := "", CP1252, 0
	for i, set := range []*set{&cp1252, &macRoman} {
		out, p := make([]byte, 0, len(raw)+len(raw)/8), 0
		for _, b := range raw {
			r := set.rune(b)
			if b >= 0x80 {
				if common(r) {
					p++
				} else {
					p--
				}
			}
			out = utf8.AppendRune(out, r)
		}
		if i == 0 || p > points {
			best, kind, points = string(out), set.kind, p
		}
	}
	return best, kind
}

// silentWide recognises UTF-16 without a mark by its zero bytes: in our
// languages nearly every second byte is one.
func silentWide(raw []byte) (Kind, bool) {
	if len(raw) < 4 || len(raw)%2 != 0 {
		return "", false
	}
	head := raw[:min(len(raw), 4096)&^1]
	var even, odd int
	for i := 0; i < len(head); i += 2 {
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	half := len(head) / 2
	switch {
	case even == 0 && odd*4 >= half*3:
		return UTF16LE, true
	case odd == 0 && even*4 >= half*3:
		return UTF16BE, true
	}
	return "", false
}

// wide reads UTF-16.
func wide(raw []byte, order binary.ByteOrder, k Kind) (Text, error) {
	if len(raw)%2 != 0 {
		return Text{}, problem.New(problem.BadInput, "Die Datei ist UTF-16 und bricht mitten in einem Zeichen ab.",
			"The file is UTF-16 and ends in the middle of a character.").
			WithHint("Bitte die Datei noch einmal als UTF-8 speichern.", "Please save the file again as UTF-8.")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	s := string(utf16.Decode(units))
	if control([]byte(s)) {
		return Text{}, notText()
	}
	t := Text{S: s, Kind: k}
	t.note("Die Datei war in %s geschrieben und ist umgesetzt.", "The file was written in %s and has been converted.", names[k])
	return t, nil
}
