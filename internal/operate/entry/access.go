package entry

import (
	"encoding/json"

	"augenmass/internal/problem"
)

// Entity names one party of an access decision, by type and pseudonymous id.
type Entity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// AccessReason is one reason of an access decision and the policy it came from;
// the policy is empty when the permit itself decided.
type AccessReason struct {
	Code    string   `json:"code"`
	Clauses []string `json:"clauses"`
	Policy  string   `json:"policy"`
}

// Access is the data of augenmass.access.decided: one evaluation of the
// decision point that was asked from outside (AuthZEN, forward-auth, MCP). The
// subject is the resource's id. Claimed attributes of the request do not stand
// here. Errors counts the policies that failed: a forbid that fails denies, a
// permit that fails grants nothing.
type Access struct {
	V        int            `json:"v"`
	Decision string         `json:"decision"`
	Who      Entity         `json:"subject"`
	Action   string         `json:"action"`
	Resource Entity         `json:"resource"`
	Allow    bool           `json:"allow"`
	Reasons  []AccessReason `json:"reasons"`
	Errors   int            `json:"errors"`
	Permit   Permit         `json:"permit"`
	Policy   string         `json:"policy_version"`
}

// Validate says whether the entry is sound: a denial has a reason.
func (a *Access) Validate() error {
	var c problem.Checks
	checkVersion(&c, a.V)
	prefixed(&c, a.Decision, "dec", "decision")
	has(&c, a.Who.Type, "subject.type")
	has(&c, a.Action, "action")
	has(&c, a.Resource.Type, "resource.type")
	c.Field(a.Allow || len(a.Reasons) > 0, "reasons", "Eine Ablehnung braucht einen Grund.", "A denial needs a reason.")
	c.Field(a.Errors >= 0, "errors", "Die Anzahl ist negativ.", "The count is negative.")
	for _, r := range a.Reasons {
		checkReasons(&c, []Reason{{Code: r.Code, Clauses: r.Clauses}})
	}
	return c.Err()
}

// ParseAccess reads the data of an access.decided entry and checks them.
func ParseAccess(data json.RawMessage) (Access, error) {
	var a Access
	if err := parse(data, &a); err != nil {
		return Access{}, err
	}
	return a, nil
}

// AccessEnded is the data of augenmass.access.ended: a live access (a stream, a
// session at an enforcement point) that had been allowed and was ended because a
// fact changed. Decision is the one that had allowed it, Denial the one that
// ended it. The subject is the resource's id.
type AccessEnded struct {
	V        int            `json:"v"`
	Grant    string         `json:"grant"`
	Decision string         `json:"decision"`
	Denial   string         `json:"denial"`
	Who      Entity         `json:"subject"`
	Action   string         `json:"action"`
	Resource Entity         `json:"resource"`
	Reasons  []AccessReason `json:"reasons"`
	Permit   Permit         `json:"permit"`
	Policy   string         `json:"policy_version"`
}

// Validate says whether the entry is sound: nothing ends without a reason.
func (a *AccessEnded) Validate() error {
	var c problem.Checks
	checkVersion(&c, a.V)
	prefixed(&c, a.Grant, "gra", "grant")
	prefixed(&c, a.Decision, "dec", "decision")
	prefixed(&c, a.Denial, "dec", "denial")
	has(&c, a.Who.Type, "subject.type")
	has(&c, a.Action, "action")
	has(&c, a.Resource.Type, "resource.type")
	c.Field(len(a.Reasons) > 0, "reasons", "Ein Zugriff endet nicht ohne Grund.", "No access ends without a reason.")
	for _, r := range a.Reasons {
		checkReasons(&c, []Reason{{Code: r.Code, Clauses: r.Clauses}})
	}
	return c.Err()
}

// ParseAccessEnded reads the data of an access.ended entry and checks them.
func ParseAccessEnded(data json.RawMessage) (AccessEnded, error) {
	var a AccessEnded
	if err := parse(data, &a); err != nil {
		return AccessEnded{}, err
	}
	return a, nil
}
