// Package permit is the contract between the two planes of the house: what
// people decided about one AI system goes in as Facts, the operating permit
// comes out. It is pure: no input or output, no clock, no randomness. The same
// facts at the same instant give the same permit, byte for byte.
//
// Governance rooms gather the facts (govern/approve); the runtime holds the
// permits in its snapshot (operate/decide) and lets through only what a valid
// permit allows. What the permit says, it says with the clause that demands it.
package permit

import (
	"slices"
	"time"

	"augenmass/internal/text"
)

// State of a permit.
type State string

// A permit is valid, suspended (it existed, and a fact fell away), or there is
// none yet.
const (
	Valid     State = "valid"
	Suspended State = "suspended"
	None      State = "none"
)

// Oversight is the oversight mode of a system (AI Act Art. 14).
type Oversight string

// In the loop: a person releases each escalated result. On the loop: a person
// accompanies and can stop. Without: no oversight is demanded.
const (
	InTheLoop Oversight = "in_the_loop"
	OnTheLoop Oversight = "on_the_loop"
	Without   Oversight = "none"
)

// OnHold says what the runtime answers while a result waits for a person.
type OnHold string

// Hold keeps the result back until a person decided; Fallback answers at once
// with the safe state that the permit names, and the case stays open.
const (
	Hold     OnHold = "hold"
	Fallback OnHold = "fallback"
)

// Approval is one person's signed yes to a system's dossier.
type Approval struct {
	ID          string    `json:"id"`
	Role        string    `json:"role"`   // role in which the person signed
	Person      string    `json:"person"` // id, never a name
	ContentHash string    `json:"content_hash"`
	GivenAt     time.Time `json:"given_at"`
	ValidUntil  time.Time `json:"valid_until"` // zero: no end of its own
	WithdrawnAt time.Time `json:"withdrawn_at"`
}

// Assessment is the state of one assessment that the system needs.
type Assessment struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"` // identification, aiia, fria, dpia …
	Done       bool      `json:"done"`
	RedFlag    bool      `json:"red_flag"` // never averaged away
	ValidUntil time.Time `json:"valid_until"`
	Clauses    []string  `json:"clauses"` // who demands it
}

// Finding is an open nonconformity against the system.
type Finding struct {
	ID      string   `json:"id"`
	Major   bool     `json:"major"`
	Clauses []string `json:"clauses"`
}

// Agreement is what a works agreement says about the system (BetrVG 87(1) 6).
type Agreement struct {
	ID         string    `json:"id"`
	Needed     bool      `json:"needed"`
	Signed     bool      `json:"signed"`
	ValidUntil time.Time `json:"valid_until"`
	Purposes   []string  `json:"purposes"` // purposes it excludes, in words
}

// Model is the exact model a permit covers.
type Model struct {
	Name     string `json:"name"`    // as clients call it
	Version  string `json:"version"` //
	Hash     string `json:"hash"`    // sha256:… of the model file
	Endpoint string `json:"endpoint"`
	HasCard  bool   `json:"has_card"`
}

// Limits are the thresholds that people set for the result gate. Confidence,
// Drift and Bias are shares in 0..1; 0 means: not set.
type Limits struct {
	Confidence float64 `json:"confidence"` // below: a person decides (default 0.85)
	Drift      float64 `json:"drift"`      // above: a person decides (default 0.10, Jensen-Shannon distance)
	Bias       float64 `json:"bias"`       // above: a person decides; the company sets it
	TimeoutMS  int64   `json:"timeout_ms"` // the model answers later: a person decides
	ReviewMin  int64   `json:"review_min"` // minutes until a review case is due
}

// Facts is everything that people decided about one AI system, as known at one
// instant. Slices may come in any order.
type Facts struct {
	System       string       `json:"system"` // sys_…
	Name         string       `json:"name"`
	Number       string       `json:"number"` // BE-2026-0007; given once
	Organisation string       `json:"organisation"`
	Purpose      text.Bi      `json:"purpose"`
	Excluded     []text.Bi    `json:"excluded"` // purposes ruled out, e.g. rating people
	LifeCycle    string       `json:"life_cycle"`
	Owner        string       `json:"owner"` // AI risk owner, person id
	Decider      text.Bi      `json:"decider"`
	DeciderRole  string       `json:"decider_role"`
	Stopped      bool         `json:"stopped"` // the stop button was pressed
	StoppedAt    time.Time    `json:"stopped_at"`
	Verdict      string       `json:"verdict"` // identification: ai_system, not_ai, not_ai_but_people, unclear
	Role         string       `json:"role"`    // AI Act operator role
	Class        string       `json:"class"`   // prohibited, high, limited, minimal, unclear
	ClassUntil   time.Time    `json:"class_until"`
	ClassClauses []string     `json:"class_clauses"`
	SLTarget     int          `json:"sl_target"` // IEC 62443, 0..4
	Zones        []string     `json:"zones"`     // zones from which it may be used
	DataClasses  []string     `json:"data_classes"`
	People       bool         `json:"people"` // it affects or rates people
	Oversight    Oversight    `json:"oversight"`
	OnHold       OnHold       `json:"on_hold"`
	FallbackSay  text.Bi      `json:"fallback_say"`
	Limits       Limits       `json:"limits"`
	RetainDays   int          `json:"retain_days"` // payload in the vault; 0: commitment only
	Retain       string       `json:"retain"`      // nothing, commitment, sample, all
	PlantStates  []string     `json:"plant_states"`
	ReviewBy     time.Time    `json:"review_by"`
	Models       []Model      `json:"models"`
	Approvals    []Approval   `json:"approvals"`
	NeedsRoles   []string     `json:"needs_roles"`  // roles whose approval the class demands
	ContentHash  string       `json:"content_hash"` // of the dossier as it is now
	Assessments  []Assessment `json:"assessments"`
	Findings     []Finding    `json:"findings"`
	Agreement    Agreement    `json:"agreement"`
	// Demands and Further are what other rooms of governance add. They are left
	// out when there are none, so that facts of before keep their hash.
	Demands []Demand    `json:"demands,omitempty"`
	Further []Condition `json:"further,omitempty"`
	// PlantMust: without a known, fresh plant state nothing runs at all. False:
	// the runtime runs and a person decides (PlantStates).
	PlantMust bool `json:"plant_must"`
	// Issued: a permit was issued before. It is history, not a decision, so it
	// is not part of the facts hash; it only tells Suspended from None.
	Issued bool `json:"issued"`
}

// Condition is one rule of a permit with the clauses that demand it. Kind
// decides which of the values count.
type Condition struct {
	Kind    string   `json:"kind"` // see the Cond constants
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
	Limit   float64  `json:"limit,omitempty"`
	Amount  int64    `json:"amount,omitempty"` // days, minutes or milliseconds, as Kind says
	Allowed []string `json:"allowed,omitempty"`
}

// Kinds of conditions.
const (
	CondPurpose    = "purpose"
	CondConfidence = "confidence" // Limit: least calibrated confidence, 0..1
	CondDrift      = "drift"      // Limit: most context drift, 0..1
	CondBias       = "bias"       // Limit: most bias indicator, 0..1
	CondZone       = "zone"       // Allowed: zone names
	CondPosture    = "posture"    // devices need a valid posture
	CondPlant      = "plant"      // Allowed: plant states in which results are released; otherwise a person decides
	CondPlantMust  = "plant_must" // without a known plant state nothing runs
	CondTimeout    = "timeout"    // Amount: milliseconds
	CondOversight  = "oversight"  // Allowed: one oversight mode
	CondReview     = "review"     // Amount: minutes until a case is due
	CondFallback   = "fallback"   // Allowed: hold or fallback
	CondRetention  = "retention"  // Amount: days; Allowed: nothing, commitment, sample, all
	CondSubjects   = "subjects"   // data classes
	CondReviewBy   = "review_by"  // the day by which people look at the use again
	CondDecision   = "decision"   // the oversight of one decision, with reason and name (requirement 001-56); a room brings it
)

// Places of signatures that are no role of the house: the AI risk owner of the
// system itself, and functions that are named on a person. A place that stands
// in Facts.NeedsRoles has to be signed like a role.
const (
	SignOwner      = "risk_owner"           // signed by Facts.Owner alone
	SignProtection = "data_protection"      // data protection officer (GDPR Art. 35(2))
	SignEthics     = "ethics"               // who speaks for ethics in the house
	SignSecurity   = "information_security" // CISO
)

// Lapse is why a permit is off: the fact, the clause, since when, and who can
// lift it. Lapses are listed in order of weight, heaviest first.
type Lapse struct {
	Code    string    `json:"code"` // e.g. approval.withdrawn, class.prohibited, system.stopped
	Weight  int       `json:"weight"`
	Say     text.Bi   `json:"say"`
	Clauses []string  `json:"clauses"`
	Since   time.Time `json:"since"` // zero: from the beginning
	LiftBy  []string  `json:"lift_by"`
	Object  string    `json:"object,omitempty"` // the record it rests on
}

// Permit is the operating permit of one AI system.
type Permit struct {
	System     string    `json:"system"`
	Name       string    `json:"name"`
	Number     string    `json:"number"`
	Version    int       `json:"version"` // given by the issuer; 0 from Compile
	State      State     `json:"state"`
	CompiledAt time.Time `json:"at"`          // instant for which it was compiled
	ValidUntil time.Time `json:"valid_until"` // earliest end of any fact it rests on; zero if not valid
	Role       string    `json:"role"`
	Class      string    `json:"class"`
	SLTarget   int       `json:"sl_target"`
	Oversight  Oversight `json:"oversight"`
	Owner      string    `json:"owner"` // AI risk owner, person id
	Decider    text.Bi   `json:"decider"`
	// DeciderRole may decide review cases; ApproverRoles may approve.
	DeciderRole   string      `json:"decider_role"`
	ApproverRoles []string    `json:"approver_roles"`
	Models        []Model     `json:"models"`
	Conditions    []Condition `json:"conditions"`
	Lapses        []Lapse     `json:"lapses"`
	// Ends is the lapse that comes true at ValidUntil; nil if nothing ends.
	Ends      *Lapse `json:"ends,omitempty"`
	FactsHash string `json:"facts_hash"` // sha256:… over the canonical facts
}

// Condition returns the condition of a kind, and false if the permit has none.
func (p Permit) Condition(kind string) (Condition, bool) {
	for _, c := range p.Conditions {
		if c.Kind == kind {
			return c, true
		}
	}
	return Condition{}, false
}

// Lifters lists who can lift what stands against the permit, whoever can lift
// the heaviest lapse first; each once. It is empty for a valid permit.
func (p Permit) Lifters() []string {
	out := []string{}
	for _, l := range p.Lapses {
		for _, role := range l.LiftBy {
			if !slices.Contains(out, role) {
				out = append(out, role)
			}
		}
	}
	return out
}

// Model returns the model that clients call by name, and false if the permit
// does not cover it.
func (p Permit) Model(name string) (Model, bool) {
	for _, m := range p.Models {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}
