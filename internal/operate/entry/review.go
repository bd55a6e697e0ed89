package entry

import (
	"encoding/json"
	"time"

	"augenmass/internal/problem"
)

// Verdict is what a person said about a review case.
type Verdict string

// Confirm releases the result as the model gave it. Change releases the
// person's own value. Reject releases nothing. Second hands the case to a
// second, different person and decides nothing yet.
const (
	Confirm Verdict = "confirm"
	Change  Verdict = "change"
	Reject  Verdict = "reject"
	Second  Verdict = "second"
)

// Values lists the verdicts.
func (Verdict) Values() []string {
	return []string{string(Confirm), string(Change), string(Reject), string(Second)}
}

// CaseDecision is the data of augenmass.case.decided: what one person decided
// about one review case. The subject is the case's id. Free text and the changed
// value are sealed: only their commitments stand here.
//
// Revealed says whether the model's suggestion was shown before the person
// decided (automation bias, AI Act Art. 14(4)(b)). How long a person took is
// not recorded anywhere: nobody is measured here.
type CaseDecision struct {
	V        int     `json:"v"`
	Case     string  `json:"case"`
	Decision string  `json:"decision"` // of the inference
	System   string  `json:"system"`
	Verdict  Verdict `json:"verdict"`
	By       string  `json:"by"`     // person, pseudonymous id
	Role     string  `json:"role"`   // role in which the person decided
	Reason   Sealed  `json:"reason"` // always for change, reject
	Value    Sealed  `json:"value"`  // exactly for change
	Revealed bool    `json:"revealed"`
	Late     bool    `json:"late"`   // after the deadline: recorded, releases nothing
	Second   bool    `json:"second"` // by the second person of a case that was handed on
}

// Validate says whether the entry is sound.
func (d *CaseDecision) Validate() error {
	var c problem.Checks
	checkVersion(&c, d.V)
	prefixed(&c, d.Case, "case", "case")
	prefixed(&c, d.Decision, "dec", "decision")
	has(&c, d.System, "system")
	has(&c, d.By, "by")
	has(&c, d.Role, "role")
	switch d.Verdict {
	case Confirm, Second:
	case Change, Reject:
		has(&c, d.Reason.Commitment, "reason")
	default:
		c.Field(false, "verdict", "Erlaubt sind confirm, change, reject und second.", "Allowed are confirm, change, reject and second.")
	}
	c.Field((d.Verdict == Change) == (d.Value.Commitment != ""), "value",
		"Ein eigener Wert steht genau dann, wenn geändert wurde.", "There is an own value exactly when it was changed.")
	d.Reason.check(&c, "reason")
	d.Value.check(&c, "value")
	return c.Err()
}

// CaseExpired is the data of augenmass.case.expired: nobody decided in time, so
// the permit's safe state stays (nothing is released). The subject is the case.
type CaseExpired struct {
	V        int       `json:"v"`
	Case     string    `json:"case"`
	Decision string    `json:"decision"`
	System   string    `json:"system"`
	Due      time.Time `json:"due"`
}

// Validate says whether the entry is sound.
func (x *CaseExpired) Validate() error {
	var c problem.Checks
	checkVersion(&c, x.V)
	prefixed(&c, x.Case, "case", "case")
	prefixed(&c, x.Decision, "dec", "decision")
	has(&c, x.System, "system")
	c.Field(!x.Due.IsZero(), "due", "Die Frist fehlt.", "The deadline is missing.")
	return c.Err()
}

// Stop is the data of augenmass.system.stopped and augenmass.system.resumed: a
// person pressed the stop button of a system, or lifted the stop (AI Act
// Art. 14(4)(e)). The subject is the system.
type Stop struct {
	V      int    `json:"v"`
	System string `json:"system"`
	By     string `json:"by"`
	Role   string `json:"role"`
	Reason Sealed `json:"reason"`
}

// Validate says whether the entry is sound.
func (s *Stop) Validate() error {
	var c problem.Checks
	checkVersion(&c, s.V)
	has(&c, s.System, "system")
	has(&c, s.By, "by")
	has(&c, s.Role, "role")
	has(&c, s.Reason.Commitment, "reason")
	s.Reason.check(&c, "reason")
	return c.Err()
}

// ParseCaseDecision reads the data of a case.decided entry and checks them.
func ParseCaseDecision(data json.RawMessage) (CaseDecision, error) {
	var d CaseDecision
	if err := parse(data, &d); err != nil {
		return CaseDecision{}, err
	}
	return d, nil
}

// ParseCaseExpired reads the data of a case.expired entry and checks them.
func ParseCaseExpired(data json.RawMessage) (CaseExpired, error) {
	var x CaseExpired
	if err := parse(data, &x); err != nil {
		return CaseExpired{}, err
	}
	return x, nil
}

// ParseStop reads the data of a system.stopped or system.resumed entry and
// checks them.
func ParseStop(data json.RawMessage) (Stop, error) {
	var s Stop
	if err := parse(data, &s); err != nil {
		return Stop{}, err
	}
	return s, nil
}
