// Package inventory keeps the register: AI systems, the models they run, and
// the vendors behind them. It registers what the law calls an AI system and
// also software that rates people without being AI, because data protection
// and co-determination ask about both.
//
// The room says what a system is and what people decided about its use. Which
// class it has is classify's to say, whether it may run is the permit's.
package inventory

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Origin says how the organisation comes to the system (requirement 001-40).
// Tools that staff use on their own belong to "used".
type Origin string

// Values lists the four origins.
func (Origin) Values() []string { return []string{"developed", "procured", "operated", "used"} }

// Scope is a field of use (requirement 001-04); it filters reports.
type Scope string

// Values lists the fields of use.
func (Scope) Values() []string {
	return []string{"production", "supply_chain", "predictive_maintenance", "quality_control",
		"safety_critical_ot", "office", "personnel", "customers"}
}

// RoleOfAI says beforehand what the system is to people (requirement 002-42).
// There is no value for "decides": about people, people decide.
type RoleOfAI string

// Values lists the roles that a system can be given.
func (RoleOfAI) Values() []string {
	return []string{"idea_source", "sparring_partner", "service", "dialogue", "supervisor", "amplifier"}
}

// LifeCycle is where a system stands (requirement 000-03); no step is skipped
// silently.
type LifeCycle string

// Stages of a system's life.
const (
	Idea      LifeCycle = "idea"
	Trial     LifeCycle = "trial"
	Operation LifeCycle = "operation"
	Retired   LifeCycle = "retired"
)

// Values lists the stages in order.
func (LifeCycle) Values() []string {
	return []string{string(Idea), string(Trial), string(Operation), string(Retired)}
}

// Oversight mirrors permit.Oversight as an enumerated field.
type Oversight string

// Values lists the oversight modes (AI Act Art. 14).
func (Oversight) Values() []string {
	return []string{string(permit.InTheLoop), string(permit.OnTheLoop), string(permit.Without)}
}

// OnHold mirrors permit.OnHold as an enumerated field.
type OnHold string

// Values lists what may happen while a result waits.
func (OnHold) Values() []string { return []string{string(permit.Hold), string(permit.Fallback)} }

// Retain says how much of a payload is kept (mechanism 6 of the house).
type Retain string

// Values lists the degrees of keeping.
func (Retain) Values() []string { return []string{"nothing", "commitment", "sample", "all"} }

// Limits are the thresholds of the result gate; shares are 0..1, zero takes
// the default of the requirement ZTA-05.
type Limits struct {
	Confidence float64 `json:"confidence"`
	Drift      float64 `json:"drift"`
	Bias       float64 `json:"bias"`
	TimeoutMS  int64   `json:"timeout_ms"` // 0: two seconds
	ReviewMin  int64   `json:"review_min"` // minutes until a case is due; 0: 60
}

// Deciders are the roles that may be named to decide review cases. Who audits
// or manages accounts decides nothing.
var Deciders = []string{"director", "ai_officer", "safety", "shift_lead", "council", "worker"}

// Oversee says how people keep the reins (AI Act Art. 14, ZTA-05).
type Oversee struct {
	Mode        Oversight `json:"mode"`
	Decider     text.Bi   `json:"decider"`      // in words, for the permit and the public card
	DeciderRole string    `json:"decider_role"` // who may decide review cases
	OnHold      OnHold    `json:"on_hold"`
	Fallback    text.Bi   `json:"fallback"` // the safe manual state
	Limits      Limits    `json:"limits"`
}

// Stop is the state of the stop button.
type Stop struct {
	Stopped bool      `json:"stopped"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
}

// System is one entry of the register (requirements 000-20, 000-25, 001-04, 001-40,
// 001-51, 002-42).
type System struct {
	Name        string    `json:"name" store:"index,search,required"`
	Purpose     text.Bi   `json:"purpose" store:"search"`
	Excluded    []text.Bi `json:"excluded"`             // what it must not be used for
	Use         text.Bi   `json:"use" store:"search"`   // how and by whom it is used
	DataSources []string  `json:"data_sources"`         // where its data come from
	Technology  string    `json:"technology"`           // kind of method, product, version
	Origin      Origin    `json:"origin" store:"index"` //
	Scope       []Scope   `json:"scope"`                //
	RoleOfAI    RoleOfAI  `json:"role_of_ai"`           //
	RiskOwner   string    `json:"risk_owner" store:"ref=person,index"`
	LifeCycle   LifeCycle `json:"life_cycle" store:"index,required"`
	People      bool      `json:"people"` // it affects or rates people
	DataClasses []string  `json:"data_classes"`
	Zones       []string  `json:"zones"` // zones from which it may be called
	Oversee     Oversee   `json:"oversee"`
	Retain      Retain    `json:"retain"`
	RetainDays  int       `json:"retain_days"`
	PlantStates []string  `json:"plant_states"`
	ReviewBy    time.Time `json:"review_by" store:"index"`
	Vendor      string    `json:"vendor" store:"ref=vendor"`
	Number      string    `json:"number" store:"index"` // of the permit; given once
	Code        string    `json:"code" store:"unique"`  // of the public card
	Stop        Stop      `json:"stop"`
	// Markets and Sectors say where it is used or sold and in what trade, in
	// lower-case words as obligation packs name them (requirement 000-20). Left
	// out when empty, so that entries of before keep their content hash.
	Markets   []string  `json:"markets,omitempty" store:"index"`
	Sectors   []string  `json:"sectors,omitempty" store:"index"`
	InService time.Time `json:"in_service,omitzero"` // day it was put into service; zero: not known
}

// MarketWords and SectorWords are what the form offers. An organisation's own
// packs may name others.
var (
	MarketWords = []string{"de", "eu", "ch", "uk", "us", "ca", "cn", "jp"}
	SectorWords = []string{"manufacturing", "machinery", "automotive", "electronics", "chemicals", "food", "medical_devices", "energy", "logistics", "construction", "services"}
)

// place is the form of a market or sector.
var place = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Default fills what a new entry starts with.
func (s *System) Default() {
	if s.LifeCycle == "" {
		s.LifeCycle = Idea
	}
	if s.Oversee.Mode == "" {
		s.Oversee.Mode = Oversight(permit.InTheLoop)
	}
	if s.Oversee.OnHold == "" {
		s.Oversee.OnHold = OnHold(permit.Hold)
	}
	if s.Retain == "" {
		s.Retain = "commitment"
	}
}

// Title names the entry in lists and links.
func (s *System) Title() string { return s.Name }

// Validate checks what the declaration cannot say. An entry may be incomplete,
// since it begins as an idea; the permit says what is still missing.
func (s *System) Validate() error {
	var c problem.Checks
	c.Field(utf8.RuneCountInString(s.Name) <= 200, "name", "Der Name hat höchstens 200 Zeichen.", "A name has at most 200 characters.")
	c.Field(s.Oversee.DeciderRole == "" || slices.Contains(Deciders, s.Oversee.DeciderRole), "oversee.decider_role",
		"In dieser Rolle entscheidet niemand über Prüffälle.", "Nobody decides review cases in this role.")
	l := s.Oversee.Limits
	share := func(v float64, path string) {
		c.Field(v >= 0 && v <= 1, path, "Ein Anteil liegt zwischen 0 und 1.", "A share lies between 0 and 1.")
	}
	share(l.Confidence, "oversee.limits.confidence")
	share(l.Drift, "oversee.limits.drift")
	share(l.Bias, "oversee.limits.bias")
	c.Field(l.TimeoutMS >= 0 && l.TimeoutMS <= 60_000, "oversee.limits.timeout_ms",
		"Die Wartezeit liegt zwischen 0 und 60.000 Millisekunden.", "The timeout lies between 0 and 60,000 milliseconds.")
	c.Field(l.ReviewMin >= 0 && l.ReviewMin <= 60*24*30, "oversee.limits.review_min",
		"Die Frist liegt zwischen 0 und 43.200 Minuten.", "The deadline lies between 0 and 43,200 minutes.")
	c.Field(s.RetainDays >= 0 && s.RetainDays <= 3650, "retain_days",
		"Die Aufbewahrung liegt zwischen 0 und 3.650 Tagen.", "Retention lies between 0 and 3,650 days.")
	for i, z := range s.Zones {
		c.Field(strings.TrimSpace(z) != "", "zones."+itoa(i), "Eine Zone braucht einen Namen.", "A zone needs a name.")
	}
	for _, p := range []struct {
		path string
		all  []string
	}{{"markets", s.Markets}, {"sectors", s.Sectors}} {
		ok := len(p.all) <= 40 && !slices.ContainsFunc(p.all, func(w string) bool { return !place.MatchString(w) })
		c.Field(ok, p.path, "Höchstens 40 Kürzel aus Kleinbuchstaben, etwa eu oder machinery.", "At most 40 short words in lower case, such as eu or machinery.")
	}
	c.Field(!slices.Contains(s.Scope, "safety_critical_ot") || s.Oversee.Mode != Oversight(permit.Without), "oversee.mode",
		"Ein System in sicherheitskritischer OT braucht menschliche Aufsicht.", "A system in safety-critical OT needs human oversight.")
	return c.Err()
}

// Missing names what the register still wants to know about the system, as
// field paths in the order of the form. It feeds the completeness meter
// (requirement 000-25).
func (s *System) Missing() []string {
	var m []string
	want := func(ok bool, path string) {
		if !ok {
			m = append(m, path)
		}
	}
	want(!s.Purpose.IsZero(), "purpose")
	want(!s.Use.IsZero(), "use")
	want(len(s.DataSources) > 0, "data_sources")
	want(s.Technology != "", "technology")
	want(s.Origin != "", "origin")
	want(len(s.Scope) > 0, "scope")
	want(s.RoleOfAI != "", "role_of_ai")
	want(s.RiskOwner != "", "risk_owner")
	want(!s.Oversee.Decider.IsZero(), "oversee.decider")
	want(!s.ReviewBy.IsZero(), "review_by")
	return m
}

// Wanted is the number of entries that Missing looks at.
const Wanted = 10

// Systems is the kind of the register's entries.
func Systems() *store.Kind[System] { return store.NewKind[System]("system", "sys") }
