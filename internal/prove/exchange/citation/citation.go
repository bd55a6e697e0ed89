// Package citation finds the clauses that a text cites and judges each against
// the content packs: right, imprecise, wrong, or not to be verified, with the
// correct one beside it (requirement 001-64).
//
// Find reads prose in German and English: "NIST Tenet 3 & 6", "IEC 62443 SR 2.1
// RE 1", "EU AI Act Art. 15", "ISO/IEC 42001 A.6.2.5", "DSGVO Art. 35", "§ 87 Abs.
// 1 Nr. 6 BetrVG". A Judge knows which clauses exist, which of them the
// corrected requirements of the packs rest on, and what the pack of kind
// citations says beyond that. Without any of it a citation only exists or does
// not; the judge says so and guesses nothing.
//
// It holds no knowledge of its own but the names of sources. A verdict is a
// judgement of the packs' authors, not legal advice.
package citation

import "augenmass/internal/text"

// Judgement is what a citation is worth.
type Judgement string

// The judgements.
const (
	Right        Judgement = "right"
	Imprecise    Judgement = "imprecise"    // something else, or more exact, is meant; or it counts on a condition only
	Wrong        Judgement = "wrong"        // it does not exist or says something else
	Unverifiable Judgement = "unverifiable" // no source that the packs know
	Exists       Judgement = "exists"       // it exists; whether it fits was not judged
)

// Judgements are all judgements, the gravest first.
var Judgements = []Judgement{Wrong, Unverifiable, Imprecise, Exists, Right}

// Citation is one cited place of a text. A range is one citation.
type Citation struct {
	Said    string // as written, such as "SR 1.1–1.7"
	Start   int    // byte offset in the text
	End     int
	Line    int      // from 1
	Key     string   // the place in one spelling: "iec.sr.2.1", "iec.sr.1.1..1.7", "aia.art15", "csf.DE+RS", "zt"
	Source  string   // name of the source: one of Sources; empty: unknown
	Present []string // ids of clauses that it names, a range opened out
	Missing []string // keys of places that no pack has
	Within  []string // ids of clauses that lie below what it names: Art. 15 has Art. 15(5)
	Claim   string   // what it says in parentheses about the place
}

// Verdict is the judgement on one citation.
type Verdict struct {
	Row     int       `json:"row"` // index in Result.Requirements; -1: elsewhere in the document
	Line    int       `json:"line"`
	Cell    string    `json:"cell,omitempty"`
	Cited   string    `json:"cited"` // source and place in words
	Key     string    `json:"key,omitempty"`
	About   string    `json:"about,omitempty"` // requirement by which it was judged
	Verdict Judgement `json:"verdict"`
	Why     text.Bi   `json:"why"`
	Correct text.Bi   `json:"correct"`           // what to write instead; empty: nothing better is known
	Clauses []string  `json:"clauses,omitempty"` // ids of the correct clauses
	IfHigh  []string  `json:"if_high,omitempty"` // ids that count for high-risk systems only
	Written []string  `json:"written,omitempty"` // ids of the clauses as cited that exist
}
