package control

import (
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Status is how far a requirement is met, as a person says (requirement 001-19).
type Status string

// The six values. Open: nobody has begun.
const (
	Open          Status = "open"
	InProgress    Status = "in_progress"
	Met           Status = "met"
	Partly        Status = "partly"
	NotMet        Status = "not_met"
	NotApplicable Status = "not_applicable"
)

// Values lists the statuses in the order in which they are offered.
func (Status) Values() []string {
	return []string{string(Open), string(InProgress), string(Met), string(Partly), string(NotMet), string(NotApplicable)}
}

// Applicability is the decision of the statement of applicability.
type Applicability string

// A requirement is undecided until somebody decides with a reason.
const (
	Undecided Applicability = "undecided"
	Yes       Applicability = "yes"
	No        Applicability = "no"
)

// Values lists the decisions.
func (Applicability) Values() []string { return []string{string(Undecided), string(Yes), string(No)} }

// EvidenceType is one of packs.EvidenceTypes (requirement 001-36).
type EvidenceType string

// Values lists the types of evidence.
func (EvidenceType) Values() []string { return append([]string(nil), packs.EvidenceTypes...) }

// Record is what the organisation says about one requirement of a framework.
type Record struct {
	Key            string        `json:"key" store:"unique,required"` // see KeyOf
	Framework      string        `json:"framework" store:"index,required"`
	Clause         string        `json:"clause" store:"index,required"` // id of a clause or requirement of the packs
	Status         Status        `json:"status" store:"index,required"`
	Applicable     Applicability `json:"applicable" store:"index,required"`
	Reason         string        `json:"reason" store:"search,long,max=4000"`         // why it is applicable or not
	Implementation string        `json:"implementation" store:"search,long,max=8000"` // how it is met, or will be
	Responsible    string        `json:"responsible" store:"index"`                   // a role of the register
	Days           float64       `json:"days" store:"min=0,max=1000"`                 // own estimate of the whole effort in person days; 0: the framework's
	Due            time.Time     `json:"due" store:"index"`                           // own day; zero: the plan's
	Version        string        `json:"version"`                                     // of the framework pack under which it was said; Put sets it
	AsOf           time.Time     `json:"as_of"`                                       // when it was said; Put sets it
}

// KeyOf is the Record.Key of a requirement: one record a framework and clause.
func KeyOf(framework, clause string) string { return framework + "/" + clause }

// Title names the record in lists and links.
func (r *Record) Title() string { return r.Clause }

// Default fills what a new record may leave out.
func (r *Record) Default() {
	if r.Status == "" {
		r.Status = Open
	}
	if r.Applicable == "" {
		r.Applicable = Undecided
	}
	if r.Key == "" {
		r.Key = KeyOf(r.Framework, r.Clause)
	}
}

// Decided reports whether the statement of applicability has a decision with a
// reason and a role for it (requirement 001-38).
func (r *Record) Decided() bool {
	return r.Applicable != Undecided && r.Applicable != "" && strings.TrimSpace(r.Reason) != "" && r.Responsible != ""
}

// Validate holds the rules that need no register: status and decision agree,
// and what is ruled out has a reason.
func (r *Record) Validate() error {
	var c problem.Checks
	c.Field((r.Applicable == No) == (r.Status == NotApplicable), "applicable",
		"„Nicht anwendbar“ gehört in Stand und Entscheidung zugleich.", "'Not applicable' belongs into status and decision alike.")
	c.Field(r.Applicable != No || strings.TrimSpace(r.Reason) != "", "reason",
		"Was nicht anwendbar ist, braucht eine Begründung.", "What is not applicable needs a reason.")
	c.Field(r.Key == KeyOf(r.Framework, r.Clause), "key",
		"Der Schlüssel besteht aus Regelwerk und Fundstelle.", "The key is made of framework and clause.")
	return c.Err()
}

// Records is the kind of records.
func Records() *store.Kind[Record] { return store.NewKind[Record]("control", "ctl") }

// Evidence is one object that shows something (requirement 001-36). It may
// count for any number of requirements.
type Evidence struct {
	Name    string       `json:"name" store:"index,search,required,max=200"`
	Type    EvidenceType `json:"type" store:"index,required"`
	Date    time.Time    `json:"date" store:"index,required"` // of what it shows
	Expires time.Time    `json:"expires" store:"index"`       // from then on it does not count; zero: never
	Hash    string       `json:"hash" store:"index"`          // SHA-256 of the file in hex; empty: only a place is known
	Owner   string       `json:"owner" store:"ref=person"`    // who keeps it current
	Link    string       `json:"link" store:"search,max=2000"`
	Blob    string       `json:"blob"`                          // id in the vault; empty: it lies elsewhere, see Link
	Clauses []string     `json:"clauses" store:"index,max=200"` // ids of clauses and requirements that it was filed for
	Systems []string     `json:"systems" store:"ref=system"`
	Note    string       `json:"note" store:"search,long,max=4000"`
}

// Title names the evidence in lists and links.
func (e *Evidence) Title() string { return e.Name }

// Validate holds what every evidence object needs: a place, a sound hash, and
// an end that comes after its date.
func (e *Evidence) Validate() error {
	var c problem.Checks
	c.Field(strings.TrimSpace(e.Link) != "" || e.Blob != "", "link",
		"Wo liegt der Nachweis? Er braucht eine Datei, eine Adresse oder einen Ort.", "Where is the evidence? It needs a file, an address or a place.")
	c.Field(e.Expires.IsZero() || e.Expires.After(e.Date), "expires",
		"Der Ablauf liegt nach dem Datum.", "The expiry comes after the date.")
	c.Field(e.Hash == "" || isSHA256(e.Hash), "hash",
		"Der Hash ist SHA-256 mit 64 Zeichen von 0 bis 9 und a bis f.", "The hash is SHA-256 with 64 characters from 0 to 9 and a to f.")
	c.Field(e.Blob == "" || e.Hash != "", "hash",
		"Zu einer Datei gehört ihr Hash.", "A file comes with its hash.")
	seen := map[string]bool{}
	for _, id := range e.Clauses {
		c.Field(!seen[id], "clauses", "Eine Fundstelle steht doppelt: "+id+".", "A clause is named twice: "+id+".")
		seen[id] = true
	}
	return c.Err()
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') }) < 0
}

// State is where an evidence object stands in time.
type State string

// Expiring: it counts, and does not any more within ExpiryNotice.
const (
	Valid    State = "valid"
	Expiring State = "expiring"
	Expired  State = "expired"
)

// ExpiryNotice is how long before the expiry an evidence object is called
// expiring; our own convention.
const ExpiryNotice = 30 * 24 * time.Hour

// State says whether the evidence counts at an instant.
func (e *Evidence) State(at time.Time) State {
	switch {
	case e.Expires.IsZero():
		return Valid
	case !at.Before(e.Expires):
		return Expired
	case !at.Before(e.Expires.Add(-ExpiryNotice)):
		return Expiring
	}
	return Valid
}

// Web reports whether Link is an address that a page may link to. Everything
// else is a place in words.
func (e *Evidence) Web() bool {
	return strings.HasPrefix(e.Link, "https://") || strings.HasPrefix(e.Link, "http://")
}

// EvidenceKind is the kind of evidence objects.
func EvidenceKind() *store.Kind[Evidence] { return store.NewKind[Evidence]("evidence", "evd") }

// Target is the day by which the organisation wants to meet a framework, such
// as the first day of a certification audit (requirement 000-58).
type Target struct {
	Framework   string    `json:"framework" store:"unique,required"`
	Date        time.Time `json:"date" store:"index,required"`
	DaysPerWeek float64   `json:"days_per_week" store:"required,min=0.1,max=100"` // person days a week that are there for it
	Scope       string    `json:"scope" store:"search,long,max=4000"`             // what is to be certified
}

// Title names the target in lists and links.
func (t *Target) Title() string { return t.Framework }

// Targets is the kind of targets.
func Targets() *store.Kind[Target] { return store.NewKind[Target]("target", "tgt") }
