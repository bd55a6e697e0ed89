// Package value asks what AI is good for: the problem first, the expected
// effect before the start, the measured effect afterwards (requirement 002-11).
//
// It keeps use cases; business cases and trials build on them.
package value

import (
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// UseCase is a problem and the benefit hoped for, before a solution is chosen.
type UseCase struct {
	Name          string    `json:"name" store:"index,search,required"`
	Problem       text.Bi   `json:"problem" store:"search"`
	Who           text.Bi   `json:"who"` // whom the problem hurts today
	System        string    `json:"system" store:"ref=system,index"`
	ExpectedHours int64     `json:"expected_hours"`           // hours a year
	ExpectedEuro  int64     `json:"expected_euro"`            // euros a year
	MeasuredHours int64     `json:"measured_hours"`           // hours so far
	MeasuredEuro  int64     `json:"measured_euro"`            // euros so far
	FreedTime     text.Bi   `json:"freed_time"`               // what freed time is used for
	MeasureAt     time.Time `json:"measure_at" store:"index"` // next measurement
}

// Title names the use case in lists and links.
func (u *UseCase) Title() string { return u.Name }

// Validate checks signs; an effect may be negative only when measured.
func (u *UseCase) Validate() error {
	var c problem.Checks
	c.Field(u.ExpectedHours >= 0, "expected_hours", "Erwartete Stunden sind nicht negativ.", "Expected hours are not negative.")
	c.Field(u.ExpectedEuro >= 0, "expected_euro", "Ein erwarteter Betrag ist nicht negativ.", "An expected amount is not negative.")
	return c.Err()
}

// UseCases is the kind of use cases.
func UseCases() *store.Kind[UseCase] { return store.NewKind[UseCase]("usecase", "use") }
