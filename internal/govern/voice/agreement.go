// Package voice holds what workers and their council say and agree. Today it
// keeps works agreements, whose terms become conditions of operating permits;
// the council's own room, surveys and objections build on it.
//
// It never shows who said what, and it never lets the employer edit what the
// council wrote.
package voice

import (
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Agreement is a works agreement, or, without a works council, the written
// agreement with the elected contact persons (BetrVG 87(1) no. 6).
type Agreement struct {
	Name       string    `json:"name" store:"index,search,required"`
	Systems    []string  `json:"systems" store:"ref=system"`
	Excluded   []text.Bi `json:"excluded"` // purposes it rules out
	SignedAt   time.Time `json:"signed_at" store:"index"`
	ValidUntil time.Time `json:"valid_until" store:"index"`
}

// Title names the agreement in lists and links.
func (a *Agreement) Title() string { return a.Name }

// Validate checks the order of the dates.
func (a *Agreement) Validate() error {
	var c problem.Checks
	c.Field(a.ValidUntil.IsZero() || a.SignedAt.IsZero() || a.ValidUntil.After(a.SignedAt), "valid_until",
		"Das Ende liegt nach der Unterschrift.", "The end comes after the signature.")
	return c.Err()
}

// Agreements is the kind of works agreements.
func Agreements() *store.Kind[Agreement] { return store.NewKind[Agreement]("agreement", "agr") }
