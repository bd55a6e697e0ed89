package risk

import (
	"math"
	"strings"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Direction says on which side of its limit a value should stay.
type Direction string

// The two directions.
const (
	AtMost  Direction = "at_most"
	AtLeast Direction = "at_least"
)

// Values lists the directions.
func (Direction) Values() []string { return []string{string(AtMost), string(AtLeast)} }

// Metric is what is measured of one system, how often, and which value is still
// good (requirement 000-31).
type Metric struct {
	Name      string    `json:"name" store:"index,search,required,max=200"`
	System    string    `json:"system" store:"ref=system,required"`
	What      string    `json:"what" store:"search,long,required,max=4000"` // how it is measured, and on what
	Unit      string    `json:"unit" store:"max=40"`
	Direction Direction `json:"direction" store:"required"`
	Limit     float64   `json:"limit"`
	Days      int       `json:"days" store:"required,min=1,max=366"` // the interval
	From      time.Time `json:"from" store:"required"`               // the first interval begins
	Owner     string    `json:"owner" store:"ref=person"`
	Act       string    `json:"act" store:"long,max=2000"` // what is done when a value is beyond the limit
	Ended     time.Time `json:"ended"`                     // from then on it is not measured any more; zero: it is
}

// Title names the metric in lists and links.
func (m *Metric) Title() string { return m.Name }

// Validate refuses a limit that is no number.
func (m *Metric) Validate() error {
	var c problem.Checks
	c.Field(!math.IsNaN(m.Limit) && !math.IsInf(m.Limit, 0), "limit", "Der Grenzwert ist eine Zahl.", "The limit is a number.")
	return c.Err()
}

// Beyond reports whether a value is on the wrong side of the limit.
func (m *Metric) Beyond(v float64) bool {
	if m.Direction == AtLeast {
		return v < m.Limit
	}
	return v > m.Limit
}

// Metrics is the kind of metrics.
func Metrics() *store.Kind[Metric] { return store.NewKind[Metric]("metric", "mtr") }

// Reading is one value of a metric, with its day and where it comes from. It is
// never changed: a wrong one is followed by a right one.
type Reading struct {
	Metric   string    `json:"metric" store:"ref=metric,required"`
	System   string    `json:"system" store:"ref=system,required"` // of the metric
	At       time.Time `json:"at" store:"index,required"`
	Value    float64   `json:"value"`
	Source   string    `json:"source" store:"search,required,max=400"`
	Evidence string    `json:"evidence" store:"ref=evidence"`
	Note     string    `json:"note" store:"search,long,max=2000"`
}

// Title names the reading in lists and links.
func (r *Reading) Title() string { return r.Source }

// Validate refuses a value that is no number.
func (r *Reading) Validate() error {
	var c problem.Checks
	c.Field(!math.IsNaN(r.Value) && !math.IsInf(r.Value, 0), "value", "Der Wert ist eine Zahl.", "The value is a number.")
	return c.Err()
}

// Readings is the kind of readings.
func Readings() *store.Kind[Reading] { return store.NewKind[Reading]("reading", "rdg") }

// Subject is what a check looks for.
type Subject string

// The three subjects: bias (requirements 000-18, 004-03), wrong decisions (000-18),
// and whether the guideline against discriminatory outcomes is kept (000-29).
const (
	Bias          Subject = "bias"
	WrongDecision Subject = "wrong_decision"
	Guideline     Subject = "guideline"
)

// Values lists the subjects.
func (Subject) Values() []string {
	return []string{string(Bias), string(WrongDecision), string(Guideline)}
}

// Found is what a check found.
type Found string

// Values lists what a check can find. Not assessable: it was tried and says
// nothing; such a check does not count.
func (Found) Values() []string { return []string{"nothing", "something", "not_assessable"} }

// Check is one check of one system: what was looked at, how, and what came out.
type Check struct {
	System   string    `json:"system" store:"ref=system,required"`
	Subject  Subject   `json:"subject" store:"index,required"`
	Date     time.Time `json:"date" store:"index,required"`
	How      string    `json:"how" store:"search,long,required,max=4000"`    // data, groups or cases, method
	Found    Found     `json:"found" store:"index,required"`                 //
	Result   string    `json:"result" store:"search,long,required,max=4000"` // in words, with n and m
	Action   string    `json:"action" store:"search,long,max=4000"`          // what follows
	Next     time.Time `json:"next" store:"index"`                           // zero: a year after
	By       string    `json:"by" store:"ref=person"`
	Evidence []string  `json:"evidence" store:"ref=evidence,max=40"`
}

// Title names the check in lists and links.
func (k *Check) Title() string { return string(k.Subject) }

// Validate holds that a check which found something says what follows, and that
// the next one comes within a year.
func (k *Check) Validate() error {
	var c problem.Checks
	c.Field(k.Found != "something" || strings.TrimSpace(k.Action) != "", "action",
		"Was folgt aus dem, was gefunden wurde?", "What follows from what was found?")
	c.Field(k.Next.IsZero() || k.Next.After(k.Date) && !k.Next.After(k.Date.AddDate(1, 0, 1)), "next",
		"Die nächste Prüfung folgt binnen eines Jahres.", "The next check follows within a year.")
	return c.Err()
}

// Counts reports whether the check says anything.
func (k *Check) Counts() bool { return k.Found != "not_assessable" }

// Due is when the next check is due: a year later at the latest.
func (k *Check) Due() time.Time {
	latest := k.Date.AddDate(1, 0, 0)
	if !k.Next.IsZero() && k.Next.Before(latest) {
		return k.Next
	}
	return latest
}

// SystemChecks is the kind of checks.
func SystemChecks() *store.Kind[Check] { return store.NewKind[Check]("system_check", "chk") }
