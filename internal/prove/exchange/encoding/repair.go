package encoding

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// set is a character set of one byte per character.
type set struct {
	kind Kind
	m    *charmap.Charmap
}

var (
	macRoman = set{MacRoman, charmap.Macintosh}
	cp1252   = set{CP1252, charmap.Windows1252}
)

// rune is the character of a byte. Bytes that the set leaves open are the
// control characters of Latin-1, as browsers read them.
func (s *set) rune(b byte) rune {
	r := s.m.DecodeByte(b)
	if r == utf8.RuneError {
		return rune(b)
	}
	return r
}

// byte is the byte of a character above ASCII. The control characters of Latin-1
// stand for themselves in Windows-1252: that is what is left of Latin-1.
func (s *set) byte(r rune) (byte, bool) {
	if r < utf8.RuneSelf {
		return 0, false
	}
	if s.kind == CP1252 && r >= 0x80 && r <= 0x9F {
		return byte(r), true
	}
	return s.m.EncodeRune(r)
}

// repair undoes one misreading of UTF-8 where the whole text speaks for it. It
// returns how many places it put right; none leaves the text as it is.
func repair(s string) (string, Kind, int) {
	if ascii(s) {
		return s, "", 0
	}
	var best *set
	var points int
	for _, c := range []*set{&macRoman, &cp1252} {
		n := c.count(s)
		// Two different characters, or one again and again and nothing else, and more
		// places that get right than places that do not take part: sound text has
		// umlauts that stand alone.
		several := n.kinds >= 2 || n.strong >= 3 && n.odd == 0
		if several && n.strong > n.odd && n.strong-n.odd > points {
			best, points = c, n.strong-n.odd
		}
	}
	if best == nil {
		return s, "", 0
	}
	var out strings.Builder
	out.Grow(len(s))
	places := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			out.WriteByte(s[i])
			i++
			continue
		}
		if r, n := best.undo(s[i:]); n > 0 && (strong(r) || likely(r)) {
			if r != '\uFEFF' {
				out.WriteRune(r)
			}
			places++
			i += n
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		out.WriteString(s[i : i+n])
		i += n
	}
	return out.String(), best.kind, places
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// tally is what speaks for and against a misreading.
type tally struct {
	strong int // places that become a letter or sign of our languages
	kinds  int // different ones among them
	odd    int // characters above ASCII that are no part of such a place
}

func (c *set) count(s string) tally {
	var t tally
	seen := map[rune]bool{}
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		if r, n := c.undo(s[i:]); n > 0 && (strong(r) || likely(r)) {
			if strong(r) {
				t.strong++
				seen[r] = true
			}
			i += n
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		t.odd++
		i += n
	}
	t.kinds = len(seen)
	return t
}

// undo reads, from the start of s, the characters that stand for the bytes of
// one longer UTF-8 character, and returns it with the bytes of s it takes; 0: it
// is none.
func (c *set) undo(s string) (rune, int) {
	var raw [utf8.UTFMax]byte
	want, at := 0, 0
	for n := 0; ; n++ {
		r, size := utf8.DecodeRuneInString(s[at:])
		if size == 0 || r == utf8.RuneError && size == 1 {
			return 0, 0
		}
		b, ok := c.byte(r)
		if !ok {
			return 0, 0
		}
		raw[n] = b
		at += size
		if n == 0 {
			if want = length(b); want == 0 {
				return 0, 0
			}
		}
		if n+1 == want {
			break
		}
	}
	r, n := utf8.DecodeRune(raw[:want])
	if r == utf8.RuneError || n != want {
		return 0, 0
	}
	return r, at
}

// length is how many bytes a UTF-8 character has by its first one; 0: none that
// is longer than one.
func length(b byte) int {
	switch {
	case b >= 0xC2 && b <= 0xDF:
		return 2
	case b >= 0xE0 && b <= 0xEF:
		return 3
	case b >= 0xF0 && b <= 0xF4:
		return 4
	}
	return 0
}

// strong are characters whose place is evidence: letters and signs of Western
// European texts, and pictures.
func strong(r rune) bool {
	switch {
	case r >= 0xA0 && r <= 0xFF, // letters and signs of Latin-1
		r >= 0x2010 && r <= 0x2044, // dashes, quotation marks, bullets
		r == 0x20AC, r == 0x2122,   // euro, trade mark
		r >= 0x2190 && r <= 0x22FF,   // arrows, mathematics
		r >= 0x2500 && r <= 0x27BF,   // boxes, check marks
		r >= 0x1F300 && r <= 0x1FAFF: // pictures
		return true
	}
	return false
}

// likely are characters that are put right along with strong ones, but prove
// nothing: an "Ä" before a closing quotation mark would be one of them.
func likely(r rune) bool {
	return r >= 0x100 && r <= 0x17F || r >= 0x370 && r <= 0x3FF || r == 0xFEFF || r == 0xFE0F || r >= 0x2045 && r <= 0x218F
}

// common are the characters above ASCII that texts of our languages consist of.
func common(r rune) bool {
	return strings.ContainsRune("äöüÄÖÜß–—„“”‚‘’»«…€§°·•²³µéèêáàâçñ©®™½¼±×\u00a0", r) || unicode.In(r, unicode.Latin) && r < 0x100 && unicode.IsLower(r)
}
