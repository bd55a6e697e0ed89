package conform_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
	ledger "augenmass/internal/record/ledger/entry"
)

var start = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

const (
	mill   = "sys_mill"
	facts  = "sha256:facts"
	seal   = "hmac-sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	stored = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// story is a journal in the making: each step stands one second after the one
// before, unless the test turns the clock.
type story struct {
	t      testing.TB
	at     time.Time
	events []ledger.Event
}

func tell(t testing.TB) *story { return &story{t: t, at: start} }

// wait turns the clock; a negative time turns it back.
func (s *story) wait(d time.Duration) *story {
	s.at = s.at.Add(d)
	return s
}

// add writes an entry at the time of the clock and returns its index.
func (s *story) add(typ, subject string, data any) uint64 {
	s.t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		s.t.Fatal(err)
	}
	n := len(s.events)
	s.events = append(s.events, ledger.Event{ID: fmt.Sprintf("evt_%d", n), Source: "/test", Type: typ, Subject: subject, Time: s.at, Data: raw})
	s.at = s.at.Add(time.Second)
	return uint64(n)
}

// permit writes a version of the mill's permit.
func (s *story) permit(typ string, version int, change ...func(*permit.Permit)) uint64 {
	s.t.Helper()
	p := permit.Permit{System: mill, Number: "BE-2026-0001", Version: version, State: permit.Valid, Class: "limited", Oversight: permit.OnTheLoop,
		FactsHash: facts, Models: []permit.Model{{Name: "wear", Version: "1", Hash: "sha256:a", HasCard: true}},
		Conditions: []permit.Condition{{Kind: permit.CondConfidence, Limit: 0.85}, {Kind: permit.CondDrift, Limit: 0.10}}}
	if typ == permit.TypeSuspended {
		p.State = permit.Suspended
	}
	for _, f := range change {
		f(&p)
	}
	return s.add(typ, p.System, permit.Entry{V: 1, Permit: p})
}

// sound is a released result of the mill under version 1.
func (s *story) sound() entry.Inference {
	c := 0.97
	return entry.Inference{V: entry.Version, Decision: fmt.Sprintf("dec_%d", len(s.events)), System: mill, Outcome: entry.Released, Reasons: []entry.Reason{},
		Model:  entry.Model{Name: "wear", Version: "1", Hash: "sha256:a"},
		Caller: entry.Caller{ID: "wkl_1", Kind: "workload"}, Rows: 1, Confidence: &c,
		Limits: entry.Limits{Confidence: 0.85, Drift: 0.10},
		Permit: entry.Permit{Number: "BE-2026-0001", Version: 1, FactsHash: facts}, Policy: "sha256:policy", DecidedAt: s.at}
}

func (s *story) infer(change ...func(*entry.Inference)) uint64 {
	s.t.Helper()
	i := s.sound()
	for _, f := range change {
		f(&i)
	}
	subject := i.System
	if subject == "" {
		subject = entry.UnknownSubject
	}
	return s.add(entry.TypeInference, subject, i)
}

// escalated opens a case that is due an hour after the decision.
func escalated(id string) func(*entry.Inference) {
	return func(i *entry.Inference) {
		low := 0.4
		i.Confidence = &low
		i.Outcome, i.Reasons = entry.Escalated, []entry.Reason{{Code: entry.ConfidenceLow, Clauses: []string{"zta.05"}}}
		i.Case = &entry.Case{ID: "case_" + id, Due: i.DecidedAt.Add(time.Hour), OnHold: "hold", Deciders: []string{"shift_lead", "safety"},
			Content: entry.Sealed{Commitment: seal, Ref: stored}}
	}
}

func denied(i *entry.Inference) {
	i.Outcome, i.Reasons = entry.Denied, []entry.Reason{{Code: "approval.withdrawn", Clauses: []string{}}}
}

func version(n int) func(*entry.Inference) { return func(i *entry.Inference) { i.Permit.Version = n } }

// ago says that the result was decided before it was journaled.
func ago(d time.Duration) func(*entry.Inference) {
	return func(i *entry.Inference) { i.DecidedAt = i.DecidedAt.Add(-d) }
}

func (s *story) decide(id string, change ...func(*entry.CaseDecision)) uint64 {
	s.t.Helper()
	d := entry.CaseDecision{V: entry.Version, Case: "case_" + id, Decision: "dec_1", System: mill, Verdict: entry.Confirm, By: "per_1", Role: "shift_lead"}
	for _, f := range change {
		f(&d)
	}
	return s.add(entry.TypeDecided, d.Case, d)
}

func (s *story) expire(id string) uint64 {
	s.t.Helper()
	return s.add(entry.TypeExpired, "case_"+id, entry.CaseExpired{V: entry.Version, Case: "case_" + id, Decision: "dec_1", System: mill, Due: s.at})
}

func (s *story) access(change ...func(*entry.Access)) uint64 {
	s.t.Helper()
	a := entry.Access{V: entry.Version, Decision: "dec_1", Who: entry.Entity{Type: "person", ID: "per_1"}, Action: "read",
		Resource: entry.Entity{Type: "system", ID: mill}, Allow: true, Reasons: []entry.AccessReason{}, Policy: "sha256:policy"}
	for _, f := range change {
		f(&a)
	}
	return s.add(entry.TypeAccess, a.Resource.ID, a)
}

// run shows the story to one check.
func (s *story) run(spec conform.Spec) conform.Result {
	s.t.Helper()
	r, err := conform.Start([]conform.Spec{spec})
	if err != nil {
		s.t.Fatal(err)
	}
	for n, e := range s.events {
		r.See(uint64(n), e)
	}
	return r.Results()[0]
}

// found is a check's verdict in short: passed of seen, and what failed.
type found struct {
	passed, seen int
	failed       []uint64
}

// want runs one check with share 1 demanded and compares.
func (s *story) want(check string, w found) {
	s.t.Helper()
	s.wantIn(conform.Spec{Check: check, Min: 1}, w)
}

func (s *story) wantIn(spec conform.Spec, w found) {
	s.t.Helper()
	got := s.run(spec)
	status := conform.Met
	switch {
	case w.seen == 0:
		status = conform.Unmeasured
	case w.passed < w.seen:
		status = conform.NotMet
	}
	if w.failed == nil {
		w.failed = []uint64{}
	}
	if got.Passed != w.passed || got.Seen != w.seen || fmt.Sprint(got.Failed) != fmt.Sprint(w.failed) || got.Status != status {
		s.t.Errorf("%s: %d of %d held, failed %v, %s; want %d of %d, failed %v, %s",
			spec.Check, got.Passed, got.Seen, got.Failed, got.Status, w.passed, w.seen, w.failed, status)
	}
}
