// Package cisoassistant reads library files in the format of CISO Assistant, in
// which many publish catalogues, and turns them into packs of ours. It only
// reads; nothing is ever written in that format.
//
// Read takes a file apart, strictly: every field has a type, an unknown one is a
// defect, and every defect has its line. It knows all kinds of objects of the
// format and its older forms: framework as one or as a list, singular and plural
// names (never both), translations that are null, missing depth, truth values in
// compute_result, scores as list or as object. URNs are folded to lower case.
// Resolve holds what is cited (controls, threats, parents, questions, mapped
// requirements) against the file and the libraries it depends on. Draft makes
// packs of it: a standard and a framework of every framework, a mapping of every
// set, clauses of reference controls.
//
// What has no home here stays readable in the original and is counted: risk
// matrices, threats, metrics, catalogues of techniques, presets, workflows,
// questions, scales and groups. A file is taken whole or not at all. The
// copyright that a file states stays with what came of it.
//
// The package opens no files and keeps nothing: prove/exchange/intake asks it,
// govern/catalogue keeps.
package cisoassistant

import (
	"time"
)

// MaxNodes is the most requirement nodes of one file.
const MaxNodes = 20_000

// Named is what every object has in some measure.
type Named struct {
	URN             string // lower case; "" where the format asks for none
	RefID           string
	Name            string
	Description     string
	Annotation      string
	TypicalEvidence string
	// Translations is language → field → text; the languages are two letters.
	Translations map[string]map[string]string
	Line         int
}

// Library is one file.
type Library struct {
	Named
	File         string
	Locale       string // two letters, of the texts outside Translations
	Version      int    // the higher one counts
	Copyright    string
	Provider     string
	Packager     string
	Published    time.Time // zero: not said
	Dependencies []Cited
	Labels       []string

	Frameworks []Framework
	Matrices   []Matrix
	Sets       []MappingSet
	Controls   []Control
	Threats    []Named
	Metrics    []Metric
	Catalogs   []Named // of techniques
	Tactics    []Technique
	Techniques []Technique
	Presets    []Preset
	Workflows  int
}

// Cited is a URN that a file mentions, and where.
type Cited struct {
	URN  string
	Line int
}

// Framework is a catalogue of requirements.
type Framework struct {
	Named
	MinScore, MaxScore int
	Scale              []Score
	Alternatives       map[string][]Score
	Groups             []Named // implementation groups, by RefID
	Nodes              []Node
}

// Score is one step of a scale.
type Score struct {
	Named
	Score int
}

// Node is one requirement, or a heading above some.
type Node struct {
	Named
	Assessable bool
	Depth      int    // from 1; 0: not said
	Parent     string // URN; "" at the top
	Groups     []string
	Threats    []Cited
	Controls   []Cited
	Weight     int // from 1
	Questions  []Question
}

// Question is asked to assess a node.
type Question struct {
	Named          // Name is the text
	Type    string // one of questionTypes
	Choices []Choice
	Depends *Depends
}

// Choice is one answer to a question.
type Choice struct {
	Named                // Name is the value
	Score  int           // added when it is chosen
	Result ComputeResult // what it makes of the node
	Groups []string
}

// ComputeResult is what an answer says about a requirement; "" says nothing.
type ComputeResult string

// The results. The older true and false are Compliant and NonCompliant.
const (
	Compliant     ComputeResult = "compliant"
	NonCompliant  ComputeResult = "non_compliant"
	Partial       ComputeResult = "partially_compliant"
	NotApplicable ComputeResult = "not_applicable"
)

// Depends says when a question is asked.
type Depends struct {
	Question Cited
	Answers  []Cited
	All      bool // all answers, not any
}

// Control is a measure that requirements refer to.
type Control struct {
	Named
	Category string // one of categories, or ""
	Function string // of NIST CSF, one of functions, or ""
}

// MappingSet says how the requirements of one framework stand to another's.
type MappingSet struct {
	Named
	Source, Target Cited // frameworks
	Rows           []Mapping
}

// Mapping is one row of a set: Relation says what Source is to Target.
type Mapping struct {
	Line           int
	Source, Target Cited
	Relation       string // equal, subset, superset, intersect
	Rationale      string
	Annotation     string
	Strength       int // 0 to 10; -1: not said
}

// Matrix is a risk matrix.
type Matrix struct {
	Named
	Probability, Impact, Risk, Strength []Level
	Grid                                [][]int // rows are probabilities, cells ids of Risk
}

// Level is one step of an axis of a matrix.
type Level struct {
	Named
	ID           int // the position, where the file gives none
	Abbreviation string
}

// Metric is an indicator.
type Metric struct {
	Named
	Qualitative  bool
	Unit         string
	Choices      int
	HigherIsGood bool
}

// Technique is a technique or tactic of attackers.
type Technique struct {
	Named
	Catalog, Parent Cited
	Tactics         []Cited
	Controls        []Cited
}

// Preset is a prepared start: objects to make and a journey.
type Preset struct {
	Named
	Objects int
	Steps   int
}

// Nodes is how many requirement nodes the file holds, headings included.
func (l *Library) Nodes() (n int) {
	for _, f := range l.Frameworks {
		n += len(f.Nodes)
	}
	return n
}
