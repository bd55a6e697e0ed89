package decide

import (
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Entity names the subject or the resource of a request, as AuthZEN 1.0 does.
// Properties are claims: what the caller says about it. The point believes
// what the house knows itself (see Trusted) and shows claims to policies only
// under context.claims.
type Entity struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Action is what the subject wants to do. Its properties are claims too.
type Action struct {
	Name       string         `json:"name"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Request is one question to the decision point. Context is a claim.
type Request struct {
	Subject  Entity         `json:"subject"`
	Action   Action         `json:"action"`
	Resource Entity         `json:"resource"`
	Context  map[string]any `json:"context,omitempty"`
}

// Limits of one request. A name is at most 256 bytes.
const maxName = 256

// Check returns a problem that names every missing or oversized field, or nil.
func (r Request) Check() error {
	var c problem.Checks
	name := func(path, v string) {
		c.Field(v != "", path, "Diese Angabe fehlt.", "This entry is missing.")
		c.Field(len(v) <= maxName, path, "Diese Angabe ist länger als 256 Zeichen.", "This entry is longer than 256 characters.")
	}
	name("subject.type", r.Subject.Type)
	name("subject.id", r.Subject.ID)
	name("action.name", r.Action.Name)
	name("resource.type", r.Resource.Type)
	name("resource.id", r.Resource.ID)
	return c.Err()
}

// Reason is one rule that decided, with the clauses that demand it. Policy is
// the id of a policy, or empty when the permit or the point itself decided.
type Reason struct {
	Code    string   `json:"code"`
	Say     text.Bi  `json:"say"`
	Clauses []string `json:"clauses"`
	Policy  string   `json:"policy,omitempty"`
}

// PermitRef names the operating permit a decision rests on.
type PermitRef struct {
	Number  string `json:"number"`
	Version int    `json:"version"`
}

// Decision is the answer to one request. A denial always carries at least one
// reason. Errors holds what went wrong while policies were evaluated, for the
// people who look after them; it may be non-empty on an allowed request, when
// an erring permit simply granted nothing.
type Decision struct {
	ID            string    `json:"id"` // dec_…
	Allow         bool      `json:"allow"`
	Reasons       []Reason  `json:"reasons"`
	Errors        []string  `json:"errors,omitempty"`
	Permit        PermitRef `json:"permit"`
	PolicyVersion string    `json:"policy_version"` // sha256:… over schema and policies
	At            time.Time `json:"at"`
}
