package classify

import (
	"regexp"
	"strings"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// ResultSource says who classified a system outside the house.
type ResultSource string

// Values lists the sources (requirement 001-17).
func (ResultSource) Values() []string {
	return []string{"official_tool", "authority", "notified_body", "adviser", "vendor"}
}

// ExternalResult is what an official classifier, an authority or an adviser
// found about a system (requirement 001-17). It stands beside the own
// classification and never replaces it: the law asks the organisation itself.
type ExternalResult struct {
	System string       `json:"system" store:"ref=system,index,required"`
	Source ResultSource `json:"source" store:"index,required"`
	Name   string       `json:"name" store:"search,required"` // of the tool, the authority or the firm
	Class  RiskClass    `json:"class" store:"index,required"`
	Date   time.Time    `json:"date" store:"index,required"` // of the result, not of its entry here
	Link   string       `json:"link" store:"format=uri"`     // where it can be read; empty: nowhere else
	File   string       `json:"file"`                        // name of the file as it was handed in; empty: no file
	Hash   string       `json:"hash"`                        // sha256:<hex> of that file
	Blob   string       `json:"blob"`                        // the file in the vault
	Note   text.Bi      `json:"note" store:"long"`           // reasons that were given, reservations
}

// Title names the result in lists and links.
func (e *ExternalResult) Title() string { return e.Name }

var fileHash = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Validate keeps file, hash and blob together: a hash of nothing proves nothing.
func (e *ExternalResult) Validate() error {
	var c problem.Checks
	c.Field(e.Hash == "" || fileHash.MatchString(e.Hash), "hash",
		"Ein Prüfwert hat die Form sha256: und 64 Zeichen.", "A check value reads sha256: and 64 characters.")
	c.Field((e.File == "") == (e.Hash == ""), "file",
		"Zu einer Datei gehört ihr Prüfwert und umgekehrt.", "A file comes with its check value and the other way round.")
	c.Field(e.Link == "" || strings.HasPrefix(e.Link, "https://") || strings.HasPrefix(e.Link, "http://"), "link",
		"Ein Verweis beginnt mit https:// oder http://.", "A link begins with https:// or http://.")
	return c.Err()
}

// Comparison is how an external result stands to the own classification.
type Comparison string

// The ways in which two results can stand to each other.
const (
	Agrees   Comparison = "agrees"   // both say the same class
	Stricter Comparison = "stricter" // the external result is stricter than the own one
	Milder   Comparison = "milder"   // the external result is milder than the own one
	OwnOpen  Comparison = "own_open" // there is no own class yet, or it is unclear
	ExtOpen  Comparison = "ext_open" // the external result is unclear itself
)

// Compared is a comparison with what else a reader must know to judge it.
type Compared struct {
	Comparison
	Own      string // own class; packs.Unclear where there is none
	External string
	// OwnSince is the day of the own classification; zero without one.
	OwnSince time.Time
	// Older reports that the external result is from before the own one.
	Older bool
}

// Compare holds an external result against the own classification of the same
// system. own may be the zero value: nothing is classified yet.
func Compare(own Classification, ext ExternalResult) Compared {
	out := Compared{Own: own.Class, External: string(ext.Class)}
	if !own.Concluded() || own.Class == "" {
		out.Own = packs.Unclear
	} else {
		out.OwnSince = own.AsOf
		out.Older = ext.Date.Before(own.AsOf)
	}
	mine, theirs := severity(out.Own), severity(out.External)
	switch {
	case theirs < 0:
		out.Comparison = ExtOpen
	case mine < 0:
		out.Comparison = OwnOpen
	case mine == theirs:
		out.Comparison = Agrees
	case theirs > mine:
		out.Comparison = Stricter
	default:
		out.Comparison = Milder
	}
	return out
}

// severity orders the classes; what is open has none.
func severity(class string) int {
	switch class {
	case permit.ClassProhibited:
		return 4
	case permit.ClassHigh:
		return 3
	case permit.ClassLimited:
		return 2
	case permit.ClassMinimal:
		return 1
	case ClassNone:
		return 0
	}
	return -1
}

// Above reports whether a class asks for more than another; what is open is
// neither.
func Above(class, than string) bool {
	a, b := severity(class), severity(than)
	return a >= 0 && b >= 0 && a > b
}

// Externals is the kind of external results.
func Externals() *store.Kind[ExternalResult] {
	return store.NewKind[ExternalResult]("external_result", "ext")
}
