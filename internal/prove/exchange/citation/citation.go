// Package citation finds the clauses that a text cites and judges each against
// the content packs: right, imprecise, wrong, or not to be verified, with the
// correct one beside it (requirement 001-64).
//
// Find reads prose in German and English, List the cell of a table that holds
// references: "NIST Tenet 3 & 6", "IEC 62443 SR 2.1 RE 1", "EU AI Act Art. 15",
// "ISO/IEC 42001 A.7.1–A.7.5", "DSGVO Art. 35", "§ 87 Abs. 1 Nr. 6 BetrVG". A
// Judge knows which clauses exist, which of them the corrected requirements of
// the packs rest on, and what packs of kind citations say beyond that. Without
// any of it a citation only exists or does not; the judge says so and guesses
// nothing.
//
// It holds no knowledge of its own but the names of sources and the ways to
// write a place. A verdict is a judgement of the packs' authors, not legal
// advice.
package citation

import (
	"strings"

	"augenmass/internal/text"
)

// Judgement is what a citation is worth.
type Judgement string

// The judgements.
const (
	Right        Judgement = "right"
	Imprecise    Judgement = "imprecise"    // something more exact is meant, or it counts on a condition only
	Wrong        Judgement = "wrong"        // it does not exist or says something else
	Unverifiable Judgement = "unverifiable" // nothing that the packs know
	Exists       Judgement = "exists"       // it exists; whether it fits was not judged
)

// Judgements are all judgements, the gravest first.
var Judgements = []Judgement{Wrong, Unverifiable, Imprecise, Exists, Right}

// Citation is one cited place of a text. A range is one citation.
type Citation struct {
	Said   string // as written, with its label: "SR 1.1–1.7"
	Start  int    // byte offset in the text
	End    int
	Line   int    // from 1
	Source string // prefix of the clause ids of the source; empty: unknown
	Places []Span // what it names; empty: nothing that can be looked up
	Claim  string // what it says in parentheses about the place
}

// Span is one place in the spelling of clause ids, or all from one to another.
type Span struct {
	From string
	To   string // empty: only From
}

// Key is the citation in one spelling: "iec.sr.2.1", "iec.sr.1.1..iec.sr.1.7",
// "csf.DE+csf.RS", "zt" for a work as a whole; empty where nothing is named.
func (c Citation) Key() string {
	var all []string
	for _, p := range c.Places {
		if p.To != "" {
			all = append(all, p.From+".."+p.To)
			continue
		}
		all = append(all, p.From)
	}
	return strings.Join(all, "+")
}

// Cited is the citation with the name of its source, for readers.
func (c Citation) Cited() text.Bi {
	said := strings.Join(strings.Fields(c.Said), " ")
	if c.Source == "" || len(c.Places) == 1 && c.Places[0].From == c.Source {
		return text.Same(said)
	}
	name := SourceName(c.Source)
	return text.Bi{DE: name.DE + " " + said, EN: name.EN + " " + said}
}

// Verdict is the judgement on one citation.
type Verdict struct {
	Row     int       `json:"row"` // index of the requirement in Result.Requirements; -1: elsewhere in the document
	Line    int       `json:"line"`
	Cell    string    `json:"cell,omitempty"`
	Cited   text.Bi   `json:"cited"` // source and place in words
	Key     string    `json:"key,omitempty"`
	About   string    `json:"about,omitempty"` // requirement of the packs by which it was judged
	Verdict Judgement `json:"verdict"`
	Why     text.Bi   `json:"why"`
	Correct text.Bi   `json:"correct"`           // what to write instead; empty: nothing better is known
	Clauses []string  `json:"clauses,omitempty"` // ids of the correct clauses
	IfHigh  []string  `json:"if_high,omitempty"` // ids that count for high-risk systems only
	Written []string  `json:"written,omitempty"` // ids of the clauses as cited, as far as they exist
}
