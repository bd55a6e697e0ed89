package store

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// fold brings text to the form in which it is searched: lower case, without
// accents, ß as ss, white space as single spaces.
func fold(s string) string {
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

// searchable is what is stored of an object's texts: folded, and where that
// differs also with umlauts written out, so that Fraese finds Fräse.
func searchable(texts []string) string {
	var lines []string
	for _, t := range texts {
		plain, spelled := fold(t), fold(umlauts.Replace(norm.NFC.String(t)))
		if plain != "" {
			lines = append(lines, plain)
		}
		if spelled != plain {
			lines = append(lines, spelled)
		}
	}
	return strings.Join(lines, "\n")
}

// collation orders names as German readers look for them (Ärger beside Arger),
// digits by value (Halle 2 before Halle 10), like text.Compare. Its keys are
// stored, so a change of its tables is a change of every layout.
type collation struct {
	mu  sync.Mutex
	col *collate.Collator
	buf collate.Buffer
}

func newCollation() *collation {
	return &collation{col: collate.New(language.German, collate.Numeric)}
}

const collationVersion = "de numeric CLDR " + collate.CLDRVersion

// key returns bytes that compare as the texts do.
func (c *collation) key(s string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf.Reset()
	return append([]byte{}, c.col.KeyFromString(&c.buf, s)...)
}
