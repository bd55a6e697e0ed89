package packs

import (
	"time"

	"augenmass/internal/text"
)

// Requirement is one demand of a catalogue that is met by proof.
type Requirement struct {
	ID         string // zta.05
	Framework  string // zta
	Ref        string // ZTA-05
	Title      text.Bi
	Text       text.Bi
	Proof      text.Bi // how it is proven
	Evidence   []Evidence
	Steps      []text.Bi // of the test
	Refs       []string  // clause ids, corrected
	RefsIfHigh []string  // clause ids that count only if the AI system is high-risk
	Checks     []CheckSpec
	Thresholds []Threshold
	Said       string // references in the author's words; empty where Refs are the author's own
	Status     string // how far it was met when it was written down, as in govern/control; may be empty
}

// Evidence is one type of evidence that a requirement wants (001-36).
type Evidence struct {
	Type string // one of EvidenceTypes
	Say  text.Bi
}

// EvidenceTypes are the types of evidence.
var EvidenceTypes = []string{"log", "protocol", "configuration", "list", "diagram", "document", "record", "screenshot"}

// CheckSpec names a check of prove/conform and what it must yield.
type CheckSpec struct {
	Name   string
	Min    float64       // least share that passes, 0..1
	Max    float64       // most that passes; 0: no upper bound
	Window time.Duration // span the check looks at; 0: everything
	Say    text.Bi       // what is measured
}

// Threshold is a number that an organisation may set.
type Threshold struct {
	Name    string
	Default float64
	Own     bool // our own convention; no standard contains it
	Say     text.Bi
}
