// Package profile keeps what people decide about one AI system beyond its entry
// in the register: what it is meant for and whether it assists or replaces, how
// far it acts by itself and why, who looks at which decision, who decides, checks
// and is liable, which values hold, what it can and cannot do, what it may
// conclude about people, and where it says that it is AI.
//
// There is one profile per system. It fills up in short steps, each of which may
// be left half-done; only what contradicts itself is refused (Validate). What of
// it a permit needs is said to govern/approve by the room as the source
// "profile" (Says): red lines, unanswered automated decisions and owed notices
// count for every system, everything else only where much depends on it
// (stand.Subject.Grave), so that the short path stays short.
//
// The lists of red lines, notices, good practice and questions are data: groups
// of clauses in the packs (Lists). An organisation adds to them with a pack of
// its own. The class is classify's to say, impact assessments and risks belong
// to rooms of their own.
package profile

import (
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Tri is an answer that may be open; empty: nobody was asked yet.
type Tri string

// The three answers.
const (
	Yes     Tri = "yes"
	No      Tri = "no"
	Unknown Tri = "unknown"
)

// Values lists the answers.
func (Tri) Values() []string { return []string{string(Yes), string(No), string(Unknown)} }

// Aim says whether the system assists people or takes their work over.
type Aim string

// The three aims (requirements 002-40, 004-07).
const (
	Assist  Aim = "assist"
	Partly  Aim = "partly"
	Replace Aim = "replace"
)

// Values lists the aims.
func (Aim) Values() []string { return []string{string(Assist), string(Partly), string(Replace)} }

// Intent is the declaration of intent. Statement is what staff read: on the page
// of the system and on its public card. Hopes and Wants stand side by side, so
// that differing expectations show (requirements 002-40, 004-07).
type Intent struct {
	Aim       Aim       `json:"aim"`
	Statement text.Bi   `json:"statement"`
	Follows   text.Bi   `json:"follows"` // what becomes of the work that falls away; needed unless the aim is to assist
	Hopes     text.Bi   `json:"hopes"`   // what staff expect
	Wants     text.Bi   `json:"wants"`   // what management expects
	By        string    `json:"by" store:"ref=person"`
	On        time.Time `json:"on"`
}

// Degree is how far the system acts by itself, from least to most.
type Degree string

// Degrees of autonomy (requirement 003-12); our own scale.
const (
	Informs  Degree = "informs"  // it shows, people do
	Proposes Degree = "proposes" // it proposes, a person acts on each proposal
	Acts     Degree = "acts"     // it acts, a person watches and can step in
	Alone    Degree = "alone"    // it acts inside its limits, nobody watches
)

// Values lists the degrees.
func (Degree) Values() []string {
	return []string{string(Informs), string(Proposes), string(Acts), string(Alone)}
}

// ByItself reports whether the system acts without a person acting on each
// result; then it needs guard rails.
func (d Degree) ByItself() bool { return d == Acts || d == Alone }

// Autonomy is the degree of automation with its reason and guard rails
// (requirements 003-12, 004-08).
type Autonomy struct {
	Degree Degree    `json:"degree"`
	Reason text.Bi   `json:"reason"` // why this far and no further
	Limits []text.Bi `json:"limits" store:"max=20"`
}

// Decision is one decision in which the system has a part, with how a person
// oversees it, why so, and who (requirement 001-56).
type Decision struct {
	Name   text.Bi             `json:"name"`
	People bool                `json:"people"` // it is about people
	Mode   inventory.Oversight `json:"mode"`
	Reason text.Bi             `json:"reason"`
	Person string              `json:"person" store:"ref=person"`
}

// Settled reports whether mode, reason and person are given. A decision without
// oversight needs no person, but its reason.
func (d Decision) Settled() bool {
	return !d.Name.IsZero() && d.Mode != "" && !d.Reason.IsZero() && (d.Person != "" || d.Mode == without)
}

// without is the oversight mode "none".
const without inventory.Oversight = "none"

// Persons are the three named persons of a system (requirement 004-22).
type Persons struct {
	Decides string `json:"decides" store:"ref=person"` // about its use
	Checks  string `json:"checks" store:"ref=person"`  // its effects
	Liable  string `json:"liable" store:"ref=person"`  // answers for a wrong decision
}

// Complete reports whether all three are named. One person may be named twice;
// SelfChecking says whether that is so where it matters.
func (p Persons) Complete() bool { return p.Decides != "" && p.Checks != "" && p.Liable != "" }

// SelfChecking reports whether who decides also checks the effects.
func (p Persons) SelfChecking() bool { return p.Decides != "" && p.Decides == p.Checks }

// Stance is one answer to a question of values, with name and date.
type Stance struct {
	Say text.Bi   `json:"say"`
	By  string    `json:"by" store:"ref=person"`
	On  time.Time `json:"on"`
}

// Given reports whether answer, name and date are there.
func (s Stance) Given() bool { return !s.Say.IsZero() && s.By != "" && !s.On.IsZero() }

// Values are the three answers before approval: what is fair here, how
// transparent the system must be, which values hold (requirement 004-04).
type Values struct {
	Fair Stance `json:"fair"`
	Open Stance `json:"open"`
	Held Stance `json:"held"`
}

// Given reports whether all three answers are given.
func (v Values) Given() bool { return v.Fair.Given() && v.Open.Given() && v.Held.Given() }

// Weighing sets chances against dangers. It can be unequal while people work on
// it; it cannot be called complete then (requirement 003-05).
type Weighing struct {
	Chances  []text.Bi `json:"chances" store:"max=12"`
	Dangers  []text.Bi `json:"dangers" store:"max=12"`
	Complete bool      `json:"complete"`
}

// Sheet is the fact sheet: possibilities and limits of the method in use
// (requirement 002-08).
type Sheet struct {
	Can    []text.Bi `json:"can" store:"max=12"`
	Cannot []text.Bi `json:"cannot" store:"max=12"`
	Errors []text.Bi `json:"errors" store:"max=12"` // typical ones
}

// Full reports whether each list says something.
func (s Sheet) Full() bool { return len(s.Can) > 0 && len(s.Cannot) > 0 && len(s.Errors) > 0 }

// Item is the answer to one question of a list (Lists).
type Item struct {
	Item   string `json:"item"` // clause id
	Answer Tri    `json:"answer"`
	Say    string `json:"say" store:"max=1000"`
}

// Data says whether personal data are used, and answers the questions that
// follow from it. Answers to hidden questions are kept (requirement 002-67).
type Data struct {
	Personal Tri    `json:"personal"`
	Items    []Item `json:"items" store:"max=100"`
}

// Inference is something the system concludes that nobody told it
// (requirement 003-09).
type Inference struct {
	Kind string  `json:"kind"` // clause id of the group inferred
	From text.Bi `json:"from"` // from which data
	Use  text.Bi `json:"use"`  // what for
}

// Automated is the check under GDPR Art. 22 (requirement 003-74).
type Automated struct {
	Applies Tri    `json:"applies"` // it decides about people without a human
	Items   []Item `json:"items" store:"max=40"`
}

// Clearance is one half of the copyright check (requirement 002-61).
type Clearance struct {
	Cleared Tri       `json:"cleared"` // yes: checked and no right stands in the way
	Say     text.Bi   `json:"say"`     // what was checked, on what the answer rests
	By      string    `json:"by" store:"ref=person"`
	On      time.Time `json:"on"`
}

// Done reports whether it was checked with a good end and somebody stands for it.
func (c Clearance) Done() bool {
	return c.Cleared == Yes && !c.Say.IsZero() && c.By != "" && !c.On.IsZero()
}

// Copyright is the check of inputs and results.
type Copyright struct {
	Input  Clearance `json:"input"`
	Output Clearance `json:"output"`
}

// Line is what was said about one red line (requirement 003-46).
type Line struct {
	Line  string    `json:"line"`  // clause id of the group red_lines
	State Tri       `json:"state"` // yes: the use is switched on
	Since time.Time `json:"since"` // since when it is on; set by the room
	Say   string    `json:"say" store:"max=1000"`
}

// Level is an answer of the quick estimate.
type Level string

// The levels of the quick estimate.
const (
	Low  Level = "low"
	Some Level = "some"
	High Level = "high"
	Open Level = "unknown"
)

// Values lists the levels.
func (Level) Values() []string {
	return []string{string(Low), string(Some), string(High), string(Open)}
}

// Estimate is the first risk estimate of three questions (requirement 000-27).
// It is a hint where to look first, never a class and never part of a permit.
type Estimate struct {
	Bias     Level     `json:"bias"`
	Privacy  Level     `json:"privacy"`
	Security Level     `json:"security"`
	On       time.Time `json:"on"`
}

// Notice is a transparency notice with place and proof of display (requirement
// 001-45).
type Notice struct {
	Kind     string    `json:"kind"` // clause id of the group notices
	Text     text.Bi   `json:"text"`
	Place    text.Bi   `json:"place"`
	Shown    time.Time `json:"shown"` // day of the proof
	Evidence string    `json:"evidence" store:"ref=evidence"`
	By       string    `json:"by" store:"ref=person"`
}

// Proven reports whether the notice is shown to be displayed.
func (n Notice) Proven() bool {
	return !n.Text.IsZero() && !n.Place.IsZero() && !n.Shown.IsZero() && n.Evidence != ""
}

// Claim is an effect that somebody forecast, and what was measured of it
// (requirement 003-20). A forecast never becomes a result by waiting.
type Claim struct {
	What     text.Bi   `json:"what"`
	Unit     string    `json:"unit" store:"max=40"`
	Forecast float64   `json:"forecast"`
	Source   string    `json:"source" store:"max=200"` // who says so
	On       time.Time `json:"on"`
	Actual   *float64  `json:"actual"` // null: not measured
	Measured time.Time `json:"measured"`
	How      string    `json:"how" store:"max=500"` // how it was measured
}

// Practice is a voluntary good practice that people keep (requirement 001-46).
type Practice struct {
	Practice string    `json:"practice"` // clause id of the group practices
	Since    time.Time `json:"since"`
}

// Profile is what people decided about one system.
type Profile struct {
	System    string      `json:"system" store:"ref=system,unique,required"`
	Intent    Intent      `json:"intent"`
	Autonomy  Autonomy    `json:"autonomy"`
	Decisions []Decision  `json:"decisions" store:"max=20"`
	Persons   Persons     `json:"persons"`
	Values    Values      `json:"values"`
	Weighing  Weighing    `json:"weighing"`
	Sheet     Sheet       `json:"sheet"`
	Data      Data        `json:"data"`
	Inferred  []Inference `json:"inferred" store:"max=20"`
	Automated Automated   `json:"automated"`
	Copyright Copyright   `json:"copyright"`
	Lines     []Line      `json:"lines" store:"max=60"`
	Estimate  Estimate    `json:"estimate"`
	Notices   []Notice    `json:"notices" store:"max=20"`
	Claims    []Claim     `json:"claims" store:"max=20"`
	Practices []Practice  `json:"practices" store:"max=40"`
}

// Profiles is the kind of profiles. Their ids start with "pro".
func Profiles() *store.Kind[Profile] { return store.NewKind[Profile]("profile", "pro") }
