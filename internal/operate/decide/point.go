// Package decide is the policy decision point of the house. It answers one
// question: may this subject do this to that resource now? The operating
// permit comes first, then the policies (Cedar, default deny, forbid wins),
// over attributes that the house knows itself. What it cannot prove, it denies,
// and every denial names a rule, a sentence in German and English, and the
// clauses that demand it.
//
// It holds permits, policies, their index and their version as one immutable
// snapshot behind an atomic pointer: writers swap it, readers never wait.
//
// It leaves to others: what a permit says (permit), where trusted attributes
// come from (identity, inventory, plant, through Trusted), enforcing the answer
// and judging a model's result (gateway, oversee), and the journal: Evaluate
// writes nothing; whoever asks records the decision before acting on it. The
// AuthZEN handler does so through its Record function.
package decide

import (
	"context"
	"io"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
)

// PolicyFile is one file of Cedar policies.
type PolicyFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Options configure a Point.
type Options struct {
	Policies []PolicyFile
	Schema   string // Cedar schema, human-readable form
	Trusted  Trusted
	Now      func() time.Time // required
	Rand     io.Reader        // required; for decision ids
	Location *time.Location   // for context.hour and context.weekday; nil: UTC
	// TrustClaims lets properties of the request fill attributes that the house
	// does not know. For certification fixtures and closed labs only: it gives
	// the caller the last word about itself.
	TrustClaims bool
	// Unscoped is how many policies may apply to every request; 0: 200.
	Unscoped int
	// KnownClause reports whether a clause id exists; nil: ids are checked by
	// their form only.
	KnownClause func(id string) bool
}

// Point decides. It is safe for many callers.
type Point struct{ o Options }

// New admits the policies and returns a point without any permit.
func New(o Options) (*Point, error) { return &Point{o: o}, nil }

// Evaluate decides one request. It returns an error only for a request that is
// not well-formed (BadInput) or a decision that cannot be given an id
// (Unavailable); everything else is a decision, and what is not proven is a
// denial.
func (p *Point) Evaluate(ctx context.Context, r Request) (Decision, error) {
	if err := r.Check(); err != nil {
		return Decision{}, err
	}
	return Decision{}, problem.New(problem.Unavailable, "Die Entscheidungsstelle ist noch nicht bereit.", "The decision point is not ready yet.")
}

// Swap replaces all permits at once; the key is the system's id.
func (p *Point) Swap(permits map[string]permit.Permit) {}

// SetPermit puts or replaces one permit.
func (p *Point) SetPermit(pm permit.Permit) {}

// Permit returns the permit of a system as the point holds it. Callers apply
// expiry with At.
func (p *Point) Permit(system string) (permit.Permit, bool) { return permit.Permit{}, false }

// SetPolicies admits the files and replaces all policies at once; on error the
// policies in force stay.
func (p *Point) SetPolicies(files []PolicyFile) error { return nil }

// Version is the version of the policies in force.
func (p *Point) Version() string { return "" }
