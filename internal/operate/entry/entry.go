// Package entry holds what the runtime plane writes into the journal: one Go
// struct per event type, its JSON names, its version, and the rules that make
// an entry sound. It is the contract between the rooms that write entries
// (gateway, oversee, decide) and everybody who reads them (prove/*, the offline
// verifier, read models, pages).
//
// It is plain data. It imports no server, no store and no journal, so that a
// verifier can be built from it alone. It leaves to record/ledger how an entry
// is stored and proved, and to the writing rooms when an entry is written.
//
// What stands in an entry is there for good, so nothing personal stands in it:
// people, devices and workloads appear by their pseudonymous ids only; payloads
// and free text appear as salted commitments, with the vault's reference when
// the vault keeps them. Erasing the vault's key leaves the entry verifiable and
// says nothing about anybody (GDPR Art. 17 beside AI Act Art. 12, 26(6)).
//
// The shapes are stable: names are never reused or renamed, a field may be
// added only together with a new version number, and Parse reads every version
// that was ever written.
package entry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"augenmass/internal/problem"
)

// Version is the version of the data structs that this program writes.
const Version = 1

// Event types of the runtime plane.
const (
	TypeInference   = "augenmass.inference.decided" // data: Inference
	TypeAccess      = "augenmass.access.decided"    // data: Access
	TypeAccessEnded = "augenmass.access.ended"      // data: AccessEnded
	TypeDecided     = "augenmass.case.decided"      // data: CaseDecision
	TypeExpired     = "augenmass.case.expired"      // data: CaseExpired
	TypeStopped     = "augenmass.system.stopped"    // data: Stop
	TypeResumed     = "augenmass.system.resumed"    // data: Stop
)

// UnknownSubject is the subject of an inference entry whose model, and so
// whose system, is not known to the house.
const UnknownSubject = "unknown"

// Reason is one rule that denied or escalated, with the clauses that demand it
// (ids of the knowledge packs). Say gives the sentence to a code.
type Reason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
}

// Permit names the operating permit that was in force.
type Permit struct {
	Number    string `json:"number"`
	Version   int    `json:"version"`
	FactsHash string `json:"facts_hash"`
}

// Caller is who asked: a workload or device by its pseudonymous id.
type Caller struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Zone   string `json:"zone"`
	Device string `json:"device"`
}

// Sealed stands for content that the journal must not hold: a salted commitment
// (HMAC-SHA-256) and, while the vault keeps the content, its reference there.
type Sealed struct {
	Commitment string `json:"commitment"`
	Ref        string `json:"ref"`
}

// IsZero reports whether there is no content at all.
func (s Sealed) IsZero() bool { return s == Sealed{} }

var (
	sealPattern   = regexp.MustCompile(`^hmac-sha256:[0-9a-f]{64}$`)
	refPattern    = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	codePattern   = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,99}$`)
	clausePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

func (s Sealed) check(c *problem.Checks, path string) {
	c.Field(s.Commitment == "" || sealPattern.MatchString(s.Commitment), path+".commitment",
		"Die Bindung hat nicht die Form hmac-sha256:<64 Hexziffern>.", "The commitment does not read hmac-sha256:<64 hex digits>.")
	c.Field(s.Ref == "" || refPattern.MatchString(s.Ref), path+".ref",
		"Der Verweis in den Tresor hat nicht die Form sha256:<64 Hexziffern>.", "The vault reference does not read sha256:<64 hex digits>.")
	c.Field(s.Ref == "" || s.Commitment != "", path+".commitment",
		"Zum Verweis in den Tresor fehlt die Bindung.", "The vault reference lacks its commitment.")
}

func checkReasons(c *problem.Checks, reasons []Reason) {
	for _, r := range reasons {
		c.Field(codePattern.MatchString(r.Code), "reasons.code",
			"Der Grund hat keinen gültigen Code.", "The reason has no valid code.")
		for _, cl := range r.Clauses {
			c.Field(clausePattern.MatchString(cl), "reasons.clauses",
				"Die Fundstelle hat keine gültige Kennung.", "The clause has no valid id.")
		}
	}
}

func checkVersion(c *problem.Checks, v int) {
	c.Field(v == Version, "v", "Diese Fassung des Eintrags ist nicht bekannt.", "This version of the entry is not known.")
}

func has(c *problem.Checks, value, path string) {
	c.Field(value != "", path, "Die Angabe fehlt.", "The entry is missing.")
}

func prefixed(c *problem.Checks, value, prefix, path string) {
	c.Field(strings.HasPrefix(value, prefix+"_") && len(value) > len(prefix)+1, path,
		"Die Kennung beginnt nicht mit "+prefix+"_.", "The id does not start with "+prefix+"_.")
}

// parse reads data strictly into v: an unknown field, a second value or a wrong
// type is a problem, because what was journaled was written by these structs.
func parse(data json.RawMessage, v interface{ Validate() error }) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("data after the value")
		}
	}
	if err != nil {
		return problem.New(problem.Corrupt,
			"Der Inhalt eines Journaleintrags hat nicht die vereinbarte Form.",
			"The data of a journal entry do not have the agreed shape.").
			WithHint("Die Prüfung des Journals zeigt, ob der Eintrag verändert wurde.",
				"Verifying the journal shows whether the entry was altered.").Wrap(err)
	}
	return v.Validate()
}
