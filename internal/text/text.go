// Package text holds what people read: German and English side by side, and
// the way numbers, dates and names are written in either.
//
// It is one of the two leaves of the house and imports nothing of it. Rooms
// keep short sentences beside the code that needs them, as Bi values; pages
// keep their wording in catalogue files (see Catalogue).
package text

// Lang is a language of the product. German comes first.
type Lang string

// The two languages. Every text exists in both.
const (
	DE Lang = "de"
	EN Lang = "en"
)

// Langs lists the languages in the order in which users see them.
var Langs = []Lang{DE, EN}

// ParseLang returns the language named by s ("de", "de-DE", "en_GB.UTF-8"),
// and false if it is neither of ours.
func ParseLang(s string) (Lang, bool) {
	if len(s) >= 2 {
		switch s[:2] {
		case "de", "DE":
			return DE, true
		case "en", "EN":
			return EN, true
		}
	}
	return DE, false
}

// Bi is a text in both languages. A content pack or a sentence with one side
// empty is a defect, and Complete finds it.
type Bi struct {
	DE string `json:"de" yaml:"de"`
	EN string `json:"en" yaml:"en"`
}

// In returns the text in the reader's language.
func (b Bi) In(l Lang) string {
	if l == EN {
		return b.EN
	}
	return b.DE
}

// Complete reports whether both languages are present.
func (b Bi) Complete() bool { return b.DE != "" && b.EN != "" }

// IsZero reports whether neither language is present.
func (b Bi) IsZero() bool { return b.DE == "" && b.EN == "" }

// Same returns a text that reads alike in both languages, such as a name.
func Same(s string) Bi { return Bi{DE: s, EN: s} }
