package risk

import (
	"regexp"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Effect is how well a measure works, in words (requirement 000-19). A measure is
// as good as what was looked at last: until then it is unproven.
type Effect string

// The four values.
const (
	Unproven Effect = "unproven" // nobody has looked yet
	NoEffect Effect = "none"     // looked at, and it does not work
	Partly   Effect = "partly"   // works in part
	Proven   Effect = "proven"   // shown to work
)

// Values lists them from unknown to proven.
func (Effect) Values() []string {
	return []string{string(Unproven), string(NoEffect), string(Partly), string(Proven)}
}

// Progress is how far a measure is.
type Progress string

// Values lists the stages.
func (Progress) Values() []string { return []string{"planned", "introduced", "ended"} }

// Measure is one entry of the control library: what is done so that mistakes do
// not happen or are noticed, how well it works, who looks after it, what shows it,
// and when it is looked at again (requirement 000-19). It may serve many risks.
type Measure struct {
	Name         string    `json:"name" store:"index,search,required,max=200"`
	Control      string    `json:"control" store:"index,max=80"` // id of the clause or control that asks for it, as packs name it
	What         string    `json:"what" store:"search,long,required,max=4000"`
	Progress     Progress  `json:"progress" store:"index,required"`
	Effect       Effect    `json:"effect" store:"index,required"`
	EffectReason string    `json:"effect_reason" store:"search,long,max=4000"` // what was looked at, and what it showed
	Evidence     []string  `json:"evidence" store:"ref=evidence,max=40"`
	Owner        string    `json:"owner" store:"ref=person,required"`
	CheckedAt    time.Time `json:"checked_at"`
	NextCheck    time.Time `json:"next_check" store:"index"`
}

// Title names the measure in lists and links.
func (m *Measure) Title() string { return m.Name }

// Default fills what a new measure may leave out.
func (m *Measure) Default() {
	if m.Progress == "" {
		m.Progress = "planned"
	}
	if m.Effect == "" {
		m.Effect = Unproven
	}
}

// controlID is the form of an id in the packs.
var controlID = regexp.MustCompile(`^[a-z0-9_]+(\.[A-Za-z0-9_]+)+$`)

// Validate holds that an effect has been looked at: with a day, in words or with
// evidence, and with the day of the next look.
func (m *Measure) Validate() error {
	var c problem.Checks
	c.Field(m.Control == "" || controlID.MatchString(m.Control), "control",
		"Die Fundstelle hat die Form iso42001.A.7.4.", "The clause has the form iso42001.A.7.4.")
	if m.Effect != Unproven {
		c.Field(!m.CheckedAt.IsZero(), "checked_at", "Wann wurde die Wirkung geprüft?", "When was the effect looked at?")
		c.Field(sentence(m.EffectReason), "effect_reason", "Woran zeigt sich die Wirkung? Bitte in einem Satz.", "What shows the effect? Please in one sentence.")
		c.Field(m.NextCheck.After(m.CheckedAt), "next_check", "Die nächste Prüfung liegt nach der letzten.", "The next check comes after the last.")
	}
	c.Field(m.Effect != Proven || m.Progress != "planned", "effect", "Was erst geplant ist, kann noch nicht nachweislich wirken.", "What is only planned cannot be proven yet.")
	return c.Err()
}

// Overdue reports whether the measure should have been looked at again.
func (m *Measure) Overdue(at time.Time) bool {
	return m.Progress != "ended" && !m.NextCheck.IsZero() && !at.Before(m.NextCheck)
}

// Measures is the kind of measures.
func Measures() *store.Kind[Measure] { return store.NewKind[Measure]("measure", "msr") }

// Decision is where an acceptance stands.
type Decision string

// The four values.
const (
	Proposed  Decision = "proposed"
	Accepted  Decision = "accepted"
	Declined  Decision = "declined"
	Withdrawn Decision = "withdrawn"
)

// Values lists them.
func (Decision) Values() []string {
	return []string{string(Proposed), string(Accepted), string(Declined), string(Withdrawn)}
}

// Acceptance is one person's word that a residual risk is carried, asked for by
// another (four eyes). It holds for the ratings as they were when it was asked
// for, and until its end.
type Acceptance struct {
	Risk      string    `json:"risk" store:"ref=risk,required"`
	System    string    `json:"system" store:"ref=system"` // of the risk; empty: of the organisation as a whole
	Name      string    `json:"name" store:"max=200"`      // of the risk, when it was asked for
	Level     Level     `json:"level" store:"required"`    // what is carried
	Rating    string    `json:"rating" store:"required,max=64"`
	Reason    string    `json:"reason" store:"search,long,required,max=4000"` // why it can be carried
	Condition string    `json:"condition" store:"long,max=1000"`              // on what terms; becomes a condition of the permit
	Until     time.Time `json:"until" store:"index,required"`
	Decision  Decision  `json:"decision" store:"index,required"`
	Signer    string    `json:"signer" store:"ref=person"` // who decided
	DecidedAt time.Time `json:"decided_at"`
	Note      string    `json:"note" store:"long,max=2000"` // what the signer adds
}

// Title names the acceptance in lists and links.
func (a *Acceptance) Title() string { return a.Name }

// Default begins an acceptance as a proposal.
func (a *Acceptance) Default() {
	if a.Decision == "" {
		a.Decision = Proposed
	}
}

// Validate holds that a decision has a signer and a day, and that nothing is
// accepted for longer than a year.
func (a *Acceptance) Validate() error {
	var c problem.Checks
	c.Field(sentence(a.Reason), "reason", "Warum ist das Restrisiko tragbar? Bitte in einem Satz.", "Why can the residual risk be carried? Please in one sentence.")
	if a.Decision != Proposed {
		c.Field(a.Signer != "" && !a.DecidedAt.IsZero(), "signer", "Eine Entscheidung nennt, wer sie wann getroffen hat.", "A decision says who made it and when.")
	}
	c.Field(a.Decision != Accepted || !a.Until.After(a.DecidedAt.AddDate(1, 0, 1)), "until",
		"Ein Risiko wird für höchstens ein Jahr angenommen.", "A risk is accepted for at most a year.")
	return c.Err()
}

// Acceptances is the kind of acceptances.
func Acceptances() *store.Kind[Acceptance] { return store.NewKind[Acceptance]("acceptance", "acp") }

// Holds reports whether an acceptance covers a risk as it is now. What the store
// knows of who wrote it counts, not what the record says of itself: the signer
// wrote it last, another person first, and neither is the owner of the risk.
func Holds(a store.Object[Acceptance], o store.Object[Risk], at time.Time) bool {
	d := a.Doc
	return d.Risk == o.ID && d.Decision == Accepted && d.Signer != "" && d.Signer == a.UpdatedBy && d.Signer != a.CreatedBy &&
		d.Signer != o.Doc.Owner && d.Rating == o.Doc.Fingerprint() && at.Before(d.Until) && strings.TrimSpace(d.Reason) != ""
}
