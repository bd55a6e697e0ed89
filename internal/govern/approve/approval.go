// Package approve turns what people decided into an operating permit. It keeps
// approvals bound to the hash of the dossier that was seen, gathers the facts
// of a system from the governance rooms, has them compiled, and issues the
// permit, signed and journaled.
//
// It decides nothing itself: which facts a permit needs is the permit
// package's to say; who may sign in which role is checked here.
package approve

import (
	"time"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
)

// Approval is one person's signed yes to a system's dossier, in one role
// (requirement 001-02). It is never deleted: it ends by withdrawal or date.
type Approval struct {
	System       string    `json:"system" store:"ref=system,index,required"`
	Role         string    `json:"role" store:"index,required"`
	Person       string    `json:"person" store:"ref=person,index,required"`
	ContentHash  string    `json:"content_hash" store:"required"` // of the dossier that was seen
	GivenAt      time.Time `json:"given_at" store:"required"`
	ValidUntil   time.Time `json:"valid_until"`
	WithdrawnAt  time.Time `json:"withdrawn_at" store:"index"`
	WithdrawnBy  string    `json:"withdrawn_by"`
	WithdrawnWhy string    `json:"withdrawn_why"`
	Remark       string    `json:"remark"`    // a condition or a dissent; shown, never deleted
	Method       string    `json:"method"`    // how the person was known, see package signed
	Signature    string    `json:"signature"` // of the organisation's key over the statement
	// Interests are the conflicts of interest that the person was shown before
	// signing (requirement 001-02); they hinder nobody and stay for good.
	Interests []Interest `json:"interests,omitempty"`

	Form      int64            `json:"form,omitzero"`                 // of what is signed, see package signed; 0: before there were forms
	Nonce     string           `json:"nonce,omitempty" store:"index"` // of the statement that a passkey signed; empty without one
	BegunAt   time.Time        `json:"begun_at,omitzero"`
	Assertion signed.Assertion `json:"assertion,omitzero"`
}

// Counts reports whether the approval stands for a content at an instant.
// Whether the permit rests on it, the permit says.
func (a Approval) Counts(hash string, at time.Time) bool {
	return a.WithdrawnAt.IsZero() && a.ContentHash == hash && (a.ValidUntil.IsZero() || at.Before(a.ValidUntil))
}

// Approvals is the kind of approvals.
func Approvals() *store.Kind[Approval] { return store.NewKind[Approval]("approval", "apr") }

// Issued is the permit of one system as it stands; its revisions are the
// permit's versions.
type Issued struct {
	System     string        `json:"system" store:"ref=system,index,required"`
	Number     string        `json:"number" store:"index,search,required"`
	State      string        `json:"state" store:"index,required"`
	ValidUntil time.Time     `json:"valid_until" store:"index"`
	Permit     permit.Permit `json:"permit"`
	Key        string        `json:"key"`       // name of the key that signed
	Signature  string        `json:"signature"` // base64 over the permit's canonical form
}

// Title names the permit in lists and links.
func (i *Issued) Title() string { return i.Number }

// Permits is the kind of issued permits.
func Permits() *store.Kind[Issued] { return store.NewKind[Issued]("permit", "prm") }

// NeededRoles says whose approval a system needs: the management's always, the
// safety specialist's wherever it touches the shop floor or people. The person who registered the system may hold one of these roles
// but cannot sign in it. This is our own convention (four eyes), no clause
// demands it in this form; ISO/IEC 42001 A.6.2.5 asks that prerequisites are
// met before deployment.
//
// Dossier.Needed says more: the places beyond roles, and the short path.
func NeededRoles(scopes []string, people bool) []string {
	if people || onTheFloor(scopes) {
		return []string{"director", "safety"}
	}
	return []string{"director"}
}

// onTheFloor reports whether one of the fields of use touches the shop floor.
func onTheFloor(scopes []string) bool {
	for _, s := range scopes {
		switch s {
		case "production", "predictive_maintenance", "quality_control", "safety_critical_ot":
			return true
		}
	}
	return false
}
