package encoding

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

// misread is what becomes of UTF-8 that is read in a set of one byte.
func misread(s string, c set) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(c.rune(s[i]))
	}
	return b.String()
}

const sound = "Die Prüfung gilt für alle Geräte; größere Änderungen – auch „kleine“ – meldet der Betreiber (§ 87, 5 € je Öse).\n"

// Row 001-73's neighbour, the encoding repair: what was misread comes back, and
// the reader is told how many places.
func TestMisread(t *testing.T) {
	for _, c := range []set{macRoman, cp1252} {
		got, err := Decode([]byte(misread(sound, c)))
		if err != nil || got.S != sound || got.Misread != c.kind || got.Kind != UTF8 {
			t.Errorf("%s: %q %q %v", c.kind, got.S, got.Misread, err)
		}
		if n := strings.Count(misread(sound, c), ""); got.Repaired == 0 || got.Repaired > n || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].DE, names[c.kind]) {
			t.Errorf("%s: %d places, %+v", c.kind, got.Repaired, got.Notes)
		}
	}
	twice, err := Decode([]byte(misread(misread(sound, cp1252), cp1252)))
	if err != nil || twice.S != sound {
		t.Errorf("twice: %q %v", twice.S, err)
	}
	quotes := "It’s what it’s for, and that’s all."
	if got, _ := Decode([]byte(misread(quotes, cp1252))); got.S != quotes {
		t.Errorf("one character again and again: %q", got.S)
	}
	picture := "Gruß 😊 – läuft für alle"
	if got, _ := Decode([]byte(misread(picture, macRoman))); got.S != picture {
		t.Errorf("picture: %q", got.S)
	}
}

// One odd place in sound text is no evidence: a formula, a quotation of broken
// text, a letter before a quotation mark.
func TestOneSampleIsNotEnough(t *testing.T) {
	for _, s := range []string{
		sound + "Die Tabelle zeigte √ºber statt über.",
		"Der Wert √§ ist definiert; für alle größeren gilt das Gleiche.",
		"»Ändern« und »Öffnen« sowie –ähnlich– “Übung” … ›Ärger‹",
		"Naïve Größe: ≈Äquivalent, ∆Ö und ¬ß.",
		"f√ºr",
		"Preis: 5 €, Note „Ä“, „Ö“, „Ü“ und „ß“.",
	} {
		got, err := Decode([]byte(s))
		if err != nil || got.S != s || got.Repaired != 0 || len(got.Notes) != 0 {
			t.Errorf("%q became %q, %+v, %v", s, got.S, got.Notes, err)
		}
	}
}

var (
	word = rapid.SampledFrom([]string{"Prüfung", "für", "Maß", "Größe", "Übung", "Äquivalenz", "Öse", "naïve", "café", "coöperation", "Señor", "Straße",
		"access", "policy", "Zürich", "ΔT", "≤", "→", "±5", "√2", "≈3", "°C", "20 €", "½", "§", "©", "™", "№", "Kołobrzeg", "Ørsted", "œuvre", "Łódź"})
	mark = rapid.SampledFrom([]string{" ", " ", " ", ", ", ". ", " – ", "—", "; ", ": ", "\n", "\t| ", " „", "“ ", " »", "« ", " ‚", "‘ ", "… ", "\u00a0"})
)

// sentences are made of words and marks as people write them.
func sentences(t *rapid.T) string {
	var b strings.Builder
	for range rapid.IntRange(0, 60).Draw(t, "n") {
		b.WriteString(word.Draw(t, "word"))
		b.WriteString(mark.Draw(t, "mark"))
	}
	return b.String()
}

// Text that is fine stays byte for byte.
func TestSoundTextStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sentences(t)
		got, err := Decode([]byte(s))
		if err != nil || got.S != s || got.Kind != UTF8 || len(got.Notes) != 0 {
			t.Fatalf("%q became %q, %+v, %v", s, got.S, got.Notes, err)
		}
	})
}

// What was misread comes back whole, whatever it says, if it has letters enough
// to judge by.
func TestMisreadComesBack(t *testing.T) {
	for _, c := range []set{macRoman, cp1252} {
		rapid.Check(t, func(t *rapid.T) {
			s := sound + sentences(t)
			got, err := Decode([]byte(misread(s, c)))
			// Letters beyond our languages are put right only where that is safe.
			if want := strings.NewReplacer("№", "", "ź", "", "Ł", "", "ł", "").Replace(s); err != nil ||
				strings.NewReplacer("№", "", "ź", "", "Ł", "", "ł", "").Replace(got.S) != want {
				t.Fatalf("%s: %q became %q, %v", c.kind, s, got.S, err)
			}
		})
	}
}

func wideBytes(s string, order binary.AppendByteOrder, bom bool) []byte {
	var b []byte
	if bom {
		b = order.AppendUint16(b, 0xFEFF)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func bytesIn(s string, c set) []byte {
	var b []byte
	for _, r := range s {
		if x, ok := c.byte(r); ok {
			b = append(b, x)
			continue
		}
		b = append(b, byte(r))
	}
	return b
}

func TestOtherEncodings(t *testing.T) {
	for name, x := range map[string]struct {
		raw  []byte
		kind Kind
		note string
	}{
		"mark":        {append([]byte{0xEF, 0xBB, 0xBF}, sound...), UTF8BOM, "Kennung"},
		"wide, mark":  {wideBytes(sound, binary.LittleEndian, true), UTF16LE, "UTF-16"},
		"wide, big":   {wideBytes(sound, binary.BigEndian, true), UTF16BE, "UTF-16"},
		"wide, plain": {wideBytes(sound, binary.LittleEndian, false), UTF16LE, "UTF-16"},
		"big, plain":  {wideBytes(sound, binary.BigEndian, false), UTF16BE, "UTF-16"},
		"windows":     {bytesIn(sound, cp1252), CP1252, "Windows-1252"},
		"mac":         {bytesIn(sound, macRoman), MacRoman, "Mac Roman"},
	} {
		got, err := Decode(x.raw)
		if err != nil || got.S != sound || got.Kind != x.kind || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].DE, x.note) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	mixed := append([]byte(sound), 'f', 0xFC, 'r')
	if got, err := Decode(mixed); err != nil || got.S != sound+"für" || len(got.Notes) != 1 {
		t.Errorf("mixed: %+v, %v", got, err)
	}
}

func TestNoText(t *testing.T) {
	for name, raw := range map[string][]byte{
		"picture": {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H'},
		"zeros":   {'a', 0, 'b', 'c', 0, 'd', 'e'},
		"torn":    append([]byte{0xFF, 0xFE}, 'a', 0, 'b'),
		"wide":    wideBytes("a\x00\x01b", binary.LittleEndian, true),
	} {
		if _, err := Decode(raw); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range [][]byte{[]byte(sound), []byte(misread(sound, macRoman)), []byte(misread(sound, cp1252)), wideBytes(sound, binary.LittleEndian, true),
		bytesIn(sound, cp1252), {0xFF, 0xFE}, {0xC3}, {}} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Decode(raw)
		if err != nil {
			if !problem.Is(err, problem.BadInput) {
				t.Fatal(err)
			}
			return
		}
		if !utf8.ValidString(got.S) {
			t.Fatalf("not valid: %q", got.S)
		}
		if len(got.Notes) == 0 && !bytes.Equal(raw, []byte(got.S)) {
			t.Fatalf("changed without a note: %q became %q", raw, got.S)
		}
	})
}
