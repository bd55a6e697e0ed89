package query

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Fold brings text to the form in which it is searched: lower case, without
// accents, ß as ss, white space as single spaces.
func Fold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ReplaceAll(strings.ToLower(s), "ß", "ss")) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = true
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "ae", "Ö", "oe", "Ü", "ue")

// Searchable is what is stored of an object's texts: folded, and where that
// differs also with umlauts written out, so that Fraese finds Fräse.
func Searchable(texts []string) string {
	var lines []string
	for _, t := range texts {
		plain, spelled := Fold(t), Fold(umlauts.Replace(norm.NFC.String(t)))
		if plain != "" {
			lines = append(lines, plain)
		}
		if spelled != plain {
			lines = append(lines, spelled)
		}
	}
	return strings.Join(lines, "\n")
}

// Collation names the order of Key. Keys are stored: when it changes, they are
// made anew.
const Collation = "de numeric CLDR " + collate.CLDRVersion + " 1000"

// longest is the most bytes of a key or of a list's value: a PostgreSQL index
// takes entries of up to 2,700 bytes.
const longest = 1000

// collators order names as German readers look for them (Ärger beside Arger),
// digits by value (Halle 2 before Halle 10), like text.Compare. A collator is
// for one goroutine.
var collators = sync.Pool{New: func() any { return collate.New(language.German, collate.Numeric) }}

// Key returns bytes that compare as readers would order the texts, as far as
// the first 1,000 bytes tell them apart.
func Key(s string) []byte {
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var buf collate.Buffer
	key := c.KeyFromString(&buf, s)
	return append([]byte{}, key[:min(len(key), longest)]...)
}

// Value is how a value of a list is stored and looked for: as it is, or, when
// it is long, as its beginning and its hash.
func Value(s string) string {
	if len(s) <= longest {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:longest-2*len(sum)], "") + hex.EncodeToString(sum[:])
}
