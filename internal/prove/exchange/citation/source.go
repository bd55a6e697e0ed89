package citation

import (
	"regexp"
	"strings"

	"augenmass/internal/text"
)

// source is a law, standard or paper that can be cited. Its prefix begins the
// ids of its clauses in the packs.
type source struct {
	prefix string
	name   text.Bi // as it stands before a place
	spell  string  // how people write it
}

// sources in the order in which their spellings are tried.
var sources = []source{
	{"aia", text.Bi{DE: "KI-VO", EN: "AI Act"}, `(?:EU[- ]?)?AI[- ]Act\b|KI-VO\b|KI-Verordnung\b|(?:Verordnung|Regulation)\s*\(EU\)\s*2024/1689`},
	{"iso42001", text.Same("ISO/IEC 42001"), `(?:ISO(?:/IEC)?[ -]*)?\b42001\b(?::\d{4})?`},
	{"iso27001", text.Same("ISO/IEC 27001"), `(?:ISO(?:/IEC)?[ -]*)?\b27001\b(?::\d{4})?`},
	{"iso9001", text.Same("ISO 9001"), `ISO[ -]*9001\b(?::\d{4})?`},
	{"iec", text.Same("IEC 62443"), `(?:ISA[/-]|ISO/)?IEC[ -]*62443(?:-3-3)?(?::\d{4})?|\b62443-3-3\b`},
	{"csf", text.Same("NIST CSF"), `NIST[ -]*CSF\b(?:[ -]*2\.0)?|NIST Cybersecurity Framework(?:[ -]*2\.0)?|\bCSF\b(?:[ -]*2\.0)?`},
	{"zt", text.Same("NIST SP 800-207"), `NIST[ -]*(?:SP[ -]*)?800-207\b|SP[ -]*800-207\b`},
	{"nist_ai_rmf", text.Same("NIST AI RMF"), `NIST AI[ -]RMF\b|\bAI[ -]RMF\b`},
	{"gdpr", text.Bi{DE: "DSGVO", EN: "GDPR"}, `\bDS-?GVO\b|\bGDPR\b|Datenschutz-Grundverordnung\b`},
	{"betrvg", text.Same("BetrVG"), `\bBetrVG\b|Betriebsverfassungsgesetz(?:es)?\b`},
	{"bdsg", text.Same("BDSG"), `\bBDSG\b`},
	{"nis2", text.Same("BSIG"), `\bBSIG\b`},
	{"hinschg", text.Same("HinSchG"), `\bHinSchG\b`},
	{"arbschg", text.Same("ArbSchG"), `\bArbSchG\b`},
}

// anySource matches the name of a source; each one is a group of its own.
var anySource = func() *regexp.Regexp {
	var all []string
	for _, s := range sources {
		all = append(all, "("+s.spell+")")
	}
	return regexp.MustCompile("(?i)" + strings.Join(all, "|"))
}()

// SourceName is the name of a source as it stands before a place; its prefix
// where it is unknown.
func SourceName(prefix string) text.Bi {
	for _, s := range sources {
		if s.prefix == prefix {
			return s.name
		}
	}
	return text.Same(prefix)
}

// mention is the name of a source in a text.
type mention struct {
	prefix     string
	start, end int
}

func mentions(s string) []mention {
	var all []mention
	for _, m := range anySource.FindAllStringSubmatchIndex(s, -1) {
		for g := range sources {
			if m[2*g+2] < 0 {
				continue
			}
			// Another part of IEC 62443 is another standard.
			if rest := s[m[1]:]; sources[g].prefix != "iec" || len(rest) < 2 || rest[0] != '-' || rest[1] < '0' || rest[1] > '9' {
				all = append(all, mention{sources[g].prefix, m[0], m[1]})
			}
			break
		}
	}
	return all
}

// kind is one way to name a place in a source.
type kind struct {
	name string
	// label opens the place; it may be missing behind a connecting word.
	label *regexp.Regexp
	// place reads what follows the label and returns the place in the spelling of
	// ids, without the source.
	place func(s string) (key string, n int)
	of    []string // prefixes of the sources that have such places
	fixed bool     // the first of them is the source, whatever stands around
	// beside asks for the source right beside it: documents have chapters and
	// principles of their own.
	beside bool
}

var kinds = []kind{
	{name: "tenet", label: regexp.MustCompile(`(?i)^Tenets?\s*`), place: tenet, of: []string{"zt"}, fixed: true},
	{name: "principle", label: regexp.MustCompile(`(?i)^Grunds(?:atz|ätze)\s*`), place: tenet, of: []string{"zt"}, beside: true},
	{name: "sr", label: regexp.MustCompile(`^SRs?\s*`), place: requirement, of: []string{"iec"}, fixed: true},
	{name: "fr", label: regexp.MustCompile(`^FRs?\s*`), place: foundational, of: []string{"iec"}, fixed: true},
	{name: "re", label: regexp.MustCompile(`^REs?\s*`), place: nil, of: []string{"iec"}, fixed: true},
	{name: "control", label: regexp.MustCompile(`^A\.`), place: control, of: []string{"iso42001", "iso27001"}},
	{name: "annex", label: regexp.MustCompile(`(?i)^(?:Annex|Anhangs?)\s+`), place: annex, of: []string{"aia"}},
	{name: "article", label: regexp.MustCompile(`(?i)^(?:Artikeln?|Articles?|Arts?\.?)\s*`), place: article, of: []string{"aia", "gdpr"}},
	{name: "paragraph", label: regexp.MustCompile(`^§§?\s*`), place: article, of: []string{"betrvg", "bdsg", "nis2", "hinschg", "arbschg"}},
	{name: "clause", label: regexp.MustCompile(`(?i)^(?:Clauses?|Klauseln?|Kapiteln?|Kap\.|Abschnitte?n?|Ziffern?)\s*`), place: clause, of: []string{"iso42001", "iso27001", "iso9001", "iec"}, beside: true},
	{name: "category", label: regexp.MustCompile(`^`), place: category, of: []string{"csf"}, fixed: true},
	{name: "pillar", label: regexp.MustCompile(`(?i)^DoD[- ]+(?:ZT[- ]+)?(?:Säulen?|Pillars?)\s*`), place: pillar, of: []string{"zt"}, fixed: true},
}

// opening finds where a place may begin.
var opening = regexp.MustCompile(`(?i)\b(?:Tenets?\s*\d|Grunds(?:atz|ätze)\s*\d|SRs?\s*\d|FRs?\s*\d|REs?\s*\(?\d|A\.\d|(?:Annex|Anhangs?)\s+[IVX]|(?:Artikeln?|Articles?|Arts?\.?)\s*\d|` +
	`(?:Clauses?|Klauseln?|Kapiteln?|Kap\.|Abschnitte?n?|Ziffern?)\s*\d|(?:GV|ID|PR|DE|RS|RC)\.[A-Z]{2}|DoD[- ])|§`)

// first returns the match of an anchored expression at the start of s.
func first(re *regexp.Regexp, s string) (sub []string, n int) {
	m := re.FindStringSubmatch(s)
	if m == nil {
		return nil, 0
	}
	return m, len(m[0])
}

var (
	reTenet   = regexp.MustCompile(`^(\d{1,2})`)
	reSR      = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,2})?)`)
	reRE      = regexp.MustCompile(`^\s*,?\s*\(?RE\s*\(?(\d{1,2})\)?`)
	reFR      = regexp.MustCompile(`^(\d)`)
	reControl = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,2}){0,2})`)
	reClause  = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,2}){0,3})`)
	reArticle = regexp.MustCompile(`^(\d{1,3}[a-z]?)`)
	reRoman   = regexp.MustCompile(`^(XIII|XII|XI|IX|IV|VIII|VII|VI|V|X|III|II|I)`)
	reCode    = regexp.MustCompile(`^((?:GV|ID|PR|DE|RS|RC)\.[A-Z]{2})(?:-\d{2})?`)
	reFunc    = regexp.MustCompile(`(?i)^(Govern|Identify|Protect|Detect|Respond|Recover)`)
	rePillar  = regexp.MustCompile(`^(\d)`)
	reSection = regexp.MustCompile(`(?i)^\s*,?\s*(?:Abschnitt|Section|Teil)\s+([AB])\b`)
	// parts of an article: paragraph, letter, number
	reParts = []*regexp.Regexp{
		regexp.MustCompile(`^\s*\((\d{1,2}[a-z]?)\)`),
		regexp.MustCompile(`(?i)^,?\s*(?:Abs\.?|Absatz|Absätze|para\.?|paragraph)\s*(\d{1,2}[a-z]?)`),
		regexp.MustCompile(`^\s*\(([a-z]{1,2})\)`),
		regexp.MustCompile(`(?i)^,?\s*(?:Buchst\.?|Buchstabe|lit\.?|point)\s*\(?([a-z]{1,2})\)?`),
		regexp.MustCompile(`(?i)^,?\s*(?:Nr\.?|Nummer|No\.?|Ziff\.?|Ziffer|Punkt|point)\s*(\d{1,2}[a-z]?)`),
	}
	reIgnored = regexp.MustCompile(`(?i)^,?\s*(?:UAbs\.?|Unterabs\.?|Unterabsatz|subparagraph|Satz|sentence)\s*\d{1,2}`)
	reBare    = regexp.MustCompile(`^\s*,?\s*(\d{1,2})(?:\s*\(?([a-z])\)?)?`)
)

// ends reports whether what was read stops at a border: no letter, digit or
// further part of a number follows.
func ends(s string) bool {
	if s == "" {
		return true
	}
	c := s[0]
	if c == '.' && len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
		return false
	}
	return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80 && letterStart(s))
}

// letterStart reports whether s begins with a letter beyond ASCII; a dash is
// none.
func letterStart(s string) bool {
	for _, r := range s {
		return r >= 0xC0 && r < 0x2000
	}
	return false
}

func simple(re *regexp.Regexp, before string) func(string) (string, int) {
	return func(s string) (string, int) {
		m, n := first(re, s)
		if m == nil || !ends(s[n:]) {
			return "", 0
		}
		return before + m[1], n
	}
}

var (
	tenet        = simple(reTenet, "tenet.")
	foundational = simple(reFR, "fr")
	control      = simple(reControl, "A.")
	clause       = simple(reClause, "")
	pillar       = simple(rePillar, "dod.")
)

// requirement reads "2.1" and "2.1 RE 1".
func requirement(s string) (string, int) {
	m, n := first(reSR, s)
	if m == nil || !ends(s[n:]) {
		return "", 0
	}
	key := "sr." + m[1]
	if re, k := first(reRE, s[n:]); re != nil {
		return key + ".re" + re[1], n + k
	}
	return key, n
}

// article reads "15", "10(2)(b)", "10 Abs. 2 Buchst. b", "87 Abs. 1 Nr. 6".
func article(s string) (string, int) {
	m, n := first(reArticle, s)
	if m == nil || !ends(s[n:]) {
		return "", 0
	}
	key := strings.ToLower(m[1])
	parts, k := below(s[n:])
	return key + parts, n + k
}

// below reads the parts of an article that follow its number.
func below(s string) (parts string, n int) {
	for {
		found := false
		for _, re := range reParts {
			if m, k := first(re, s[n:]); m != nil && ends(s[n+k:]) {
				parts += "." + strings.ToLower(m[1])
				n += k
				found = true
				break
			}
		}
		if found {
			continue
		}
		if m, k := first(reIgnored, s[n:]); m != nil && ends(s[n+k:]) {
			n += k
			continue
		}
		return parts, n
	}
}

var roman = map[string]string{"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9",
	"X": "10", "XI": "11", "XII": "12", "XIII": "13"}

// annex reads "III", "III Nr. 4 b", "III(4)(b)", "I Abschnitt A Nr. 1".
func annex(s string) (string, int) {
	m, n := first(reRoman, s)
	if m == nil || !ends(s[n:]) {
		return "", 0
	}
	key := "annex" + roman[m[1]]
	if sec, k := first(reSection, s[n:]); sec != nil {
		key += "." + strings.ToLower(sec[1])
		n += k
	}
	parts, k := below(s[n:])
	n += k
	key += parts
	if bare, k := first(reBare, s[n:]); bare != nil && ends(s[n+k:]) {
		if parts == "" && bare[1] != "" {
			key += "." + bare[1]
			if bare[2] != "" {
				key += "." + bare[2]
			}
			return key, n + k
		}
	}
	if parts != "" {
		if letter, k := first(reLetter, s[n:]); letter != nil && ends(s[n+k:]) {
			return key + "." + letter[1], n + k
		}
	}
	return key, n
}

// reLetter is the letter behind a number of an annex: "Nr. 4 b".
var reLetter = regexp.MustCompile(`^\s+([a-z])\)?`)

// functions of the cybersecurity framework by their names.
var functions = map[string]string{"govern": "GV", "identify": "ID", "protect": "PR", "detect": "DE", "respond": "RS", "recover": "RC"}

// category reads "DE.CM"; the names of functions count only behind the name of
// the framework (see named).
func category(s string) (string, int) {
	m, n := first(reCode, s)
	if m == nil || !ends(s[n:]) {
		return "", 0
	}
	return m[1], n
}

// named reads functions by name or code: "Detect/Respond", "Recover", "DE".
func named(s string) (string, int) {
	if key, n := category(s); n > 0 {
		return key, n
	}
	if m, n := first(reFunc, s); m != nil && ends(s[n:]) {
		return functions[strings.ToLower(m[1])], n
	}
	if m, n := first(reShort, s); m != nil && ends(s[n:]) {
		return m[1], n
	}
	return "", 0
}

var reShort = regexp.MustCompile(`^(GV|ID|PR|DE|RS|RC)`)
