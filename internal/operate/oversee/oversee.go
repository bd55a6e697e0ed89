// Package oversee is where people decide what the runtime may not: the queue of
// review cases, their deadlines, and the stop button (AI Act Art. 14, 26(2);
// requirements 001-25, 001-56, 001-57; catalogue ZTA-05).
//
// # A case
//
// A case is not an object but a history in the journal: an escalated
// inference.decided opens it, case.decided and case.expired end it. The queue
// that pages list is a projection of those entries; it can be dropped and
// rebuilt from the journal at any time, and every entry may be applied twice.
// What the person needs to see lies in the vault; the journal has commitments.
//
//	open ──second──▶ second ──┬─confirm─▶ released   the model's result
//	  └───────────────────────┼─change──▶ changed    the person's own value
//	                          ├─reject──▶ rejected   nothing
//	                          └─deadline▶ expired    nothing; the safe state stays
//
// # Who decides
//
// Only persons in a role that the permit named when the case was opened: its
// decider or a stand-in. Nobody decides twice; "second" hands a case to a
// second, different person. A change needs a value, a change and a rejection
// need a reason. After the deadline a decision is still recorded, as late, and
// releases nothing.
//
// Counts are kept per system, never per person, and no duration of a person's
// decision is taken anywhere. Whether the suggestion was shown before the
// decision is recorded, because a permit may demand to look first.
//
// It leaves to others: opening cases and handing results out (gateway), the
// permit's fall when the stop button is pressed (whoever gave OnStop), who a
// person is (identity).
package oversee

import (
	"context"
	"encoding/json"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/vault"
)

// State of a case.
type State string

// Open and SecondNeeded wait for a person; the others have ended.
const (
	Open         State = "open"
	SecondNeeded State = "second"
	Released     State = "released"
	Changed      State = "changed"
	Rejected     State = "rejected"
	Expired      State = "expired"
)

// Values lists the states.
func (State) Values() []string {
	return []string{string(Open), string(SecondNeeded), string(Released), string(Changed), string(Rejected), string(Expired)}
}

// Waiting reports whether a person may still decide in time.
func (s State) Waiting() bool { return s == Open || s == SecondNeeded }

// Recorder appends to the journal and returns when the entry is durable.
type Recorder interface {
	AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error)
}

// Vault keeps and opens sealed content.
type Vault interface {
	Put(ctx context.Context, subject string, data []byte) (vault.Ref, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// Principal is the person who acts, by pseudonymous id, with the roles that
// identity vouches for.
type Principal struct {
	ID    string
	Roles []string
}

// Case is one review case as pages show it.
type Case struct {
	ID         string
	State      State
	Decision   string // of the inference
	Index      uint64 // of the entry that opened it
	System     string
	Model      string
	ModelHash  string         // of the model file whose result it is
	Reasons    []entry.Reason // why a person is asked
	Confidence *float64
	Drift      *float64
	Feature    string // with the largest drift
	Bias       *float64
	Plant      string // state of the plant, empty when none counts
	OpenedAt   time.Time
	Due        time.Time
	OnHold     string   // hold or fallback
	Deciders   []string // roles
	Suggested  bool     // the model gave a result that can be confirmed

	First     string // person who handed it to a second one
	Verdict   entry.Verdict
	DecidedBy string
	DecidedAt time.Time
	Revealed  bool
	Late      int // decisions recorded after the end
}

// Scope of a list.
type Scope string

// All lists every case, Waiting those that wait for anybody, Mine those that
// the asking person may decide now, Due those of Mine whose deadline comes
// within Filter.Within.
const (
	All     Scope = "all"
	Waiting Scope = "open"
	Mine    Scope = "mine"
	Due     Scope = "due"
)

// Filter of a list. The zero value lists all cases, newest first; scopes of
// waiting cases list the nearest deadline first.
type Filter struct {
	Scope  Scope
	System string
	Within time.Duration // for Due; default 15 minutes
	Cursor string
	Limit  int
}

// Page is one page of a list.
type Page struct {
	Items []Case
	Next  string
	Total int
}

// Ruling is what a person says about a case.
type Ruling struct {
	Case     string
	Verdict  entry.Verdict
	Value    json.RawMessage // for change: the person's own value, any JSON, at most 64 KiB
	Reason   string          // for change and reject: at least one sentence
	Revealed bool            // the suggestion was shown before
}

// Result is what became of a case, for the caller whose inference opened it.
type Result struct {
	Case   Case
	Answer json.RawMessage // when released: the model's answer, as the gateway sealed it
	Value  json.RawMessage // when changed
}

// Overrides are the counts of one system, never of a person. HandedOn counts
// the cases that went to a second person, whatever became of them.
type Overrides struct {
	Waiting, Confirmed, Changed, Rejected, Expired, HandedOn int
}

// Counts are the numbers that the overview and the rail show.
type Counts struct {
	Waiting, Mine, Due int
}
