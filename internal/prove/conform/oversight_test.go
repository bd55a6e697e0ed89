package conform_test

import (
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
)

func ptr(v float64) *float64 { return &v }

// The check judges by the signed permit with the rules of the gateway's result
// gate (operate/gateway, gate.go): every trigger there is one here.
func TestZTA05WhatIsNotSureGoesToAPerson(t *testing.T) {
	plant := func(p *permit.Permit) {
		p.Conditions = append(p.Conditions, permit.Condition{Kind: permit.CondPlant, Allowed: []string{"running"}})
	}
	bias := func(p *permit.Permit) {
		p.Conditions = append(p.Conditions, permit.Condition{Kind: permit.CondBias, Limit: 0.2})
	}
	high := func(p *permit.Permit) { p.Class, p.Oversight = "high", permit.InTheLoop }
	missed, fine := found{seen: 1, failed: []uint64{1}}, found{}
	for name, c := range map[string]struct {
		permit []func(*permit.Permit)
		result func(*entry.Inference)
		want   found
	}{
		"sure":                        {nil, func(*entry.Inference) {}, fine},
		"exactly at the limit":        {nil, func(i *entry.Inference) { i.Confidence = ptr(0.85) }, fine},
		"below the limit":             {nil, func(i *entry.Inference) { i.Confidence = ptr(0.8499999) }, missed},
		"no confidence":               {nil, func(i *entry.Inference) { i.Confidence = nil }, missed},
		"the entry claims a limit":    {nil, func(i *entry.Inference) { i.Confidence, i.Limits.Confidence = ptr(0.5), 0.4 }, missed},
		"drift at the limit":          {nil, func(i *entry.Inference) { i.Drift = ptr(0.1) }, fine},
		"drift above the limit":       {nil, func(i *entry.Inference) { i.Drift, i.DriftFloor = ptr(0.11), ptr(0.05) }, missed},
		"drift, no floor":             {nil, func(i *entry.Inference) { i.Drift = ptr(0.11) }, missed},
		"drift that chance explains":  {nil, func(i *entry.Inference) { i.Drift, i.DriftFloor = ptr(0.11), ptr(0.12) }, fine},
		"drift not measured yet":      {nil, func(i *entry.Inference) { i.Drift = nil }, fine},
		"bias without a condition":    {nil, func(i *entry.Inference) { i.Bias = ptr(0.9) }, fine},
		"bias within its margin":      {[]func(*permit.Permit){bias}, func(i *entry.Inference) { i.Bias, i.BiasMargin = ptr(0.25), ptr(0.06) }, fine},
		"bias beyond its margin":      {[]func(*permit.Permit){bias}, func(i *entry.Inference) { i.Bias, i.BiasMargin = ptr(0.25), ptr(0.04) }, missed},
		"plant in a listed state":     {[]func(*permit.Permit){plant}, func(i *entry.Inference) { i.Plant = &entry.Plant{State: "running"} }, fine},
		"plant in another state":      {[]func(*permit.Permit){plant}, func(i *entry.Inference) { i.Plant = &entry.Plant{State: "maintenance"} }, missed},
		"plant unknown":               {[]func(*permit.Permit){plant}, func(i *entry.Inference) { i.Plant = &entry.Plant{State: entry.PlantUnknown} }, missed},
		"plant not looked at":         {[]func(*permit.Permit){plant}, func(*entry.Inference) {}, missed},
		"plant does not count":        {nil, func(i *entry.Inference) { i.Plant = &entry.Plant{State: "maintenance"} }, fine},
		"high risk, in the loop":      {[]func(*permit.Permit){high}, func(*entry.Inference) {}, missed},
		"limited risk, in the loop":   {[]func(*permit.Permit){high, func(p *permit.Permit) { p.Class = "limited" }}, func(*entry.Inference) {}, fine},
		"high risk, on the loop":      {[]func(*permit.Permit){high, func(p *permit.Permit) { p.Oversight = permit.OnTheLoop }}, func(*entry.Inference) {}, fine},
		"denied":                      {nil, func(i *entry.Inference) { i.Confidence = nil; denied(i) }, fine},
		"went to a person":            {nil, escalated("a"), found{passed: 1, seen: 1}},
		"went to a person, drift NaN": {nil, func(i *entry.Inference) { escalated("a")(i); i.Confidence = ptr(0.99) }, found{passed: 1, seen: 1}},
		"escalated without a case":    {nil, func(i *entry.Inference) { escalated("a")(i); i.Case = nil }, missed},
		"a permit nobody knows":       {nil, version(9), missed},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			s.permit(permit.TypeIssued, 1, c.permit...)
			s.infer(c.result)
			s.want("oversight.coverage", c.want)
		})
		t.Run(name+", permit journaled after it", func(t *testing.T) {
			s := tell(t)
			s.infer(c.result)
			s.permit(permit.TypeIssued, 1, c.permit...)
			w := c.want
			if w.failed != nil {
				w.failed = []uint64{0}
			}
			s.want("oversight.coverage", w)
		})
	}
}

// Each version of a permit has its own limits.
func TestZTA05LimitsOfTheVersionInForce(t *testing.T) {
	s := tell(t)
	s.permit(permit.TypeIssued, 1)
	s.permit(permit.TypeIssued, 2, func(p *permit.Permit) { p.Conditions[0].Limit = 0.99 })
	s.infer()
	bad := s.infer(version(2))
	s.want("oversight.coverage", found{seen: 1, failed: []uint64{bad}})
}

func by(person, role string) func(*entry.CaseDecision) {
	return func(d *entry.CaseDecision) { d.By, d.Role = person, role }
}

func TestZTA05CasesAreDecidedInTime(t *testing.T) {
	second := func(d *entry.CaseDecision) { d.Verdict = entry.Second }
	late := func(d *entry.CaseDecision) { d.Late = true }
	failed := found{seen: 1, failed: []uint64{0}}
	for name, c := range map[string]struct {
		tell func(s *story)
		want found
	}{
		"not due yet":         {func(s *story) { s.infer(escalated("a")) }, found{}},
		"decided in time":     {func(s *story) { s.infer(escalated("a")); s.decide("a") }, found{passed: 1, seen: 1}},
		"at the last instant": {func(s *story) { s.infer(escalated("a")); s.wait(time.Hour - time.Second).decide("a") }, found{passed: 1, seen: 1}},
		"an instant too late": {func(s *story) { s.infer(escalated("a")); s.wait(time.Hour - time.Second + 1).decide("a") }, failed},
		"marked late":         {func(s *story) { s.infer(escalated("a")); s.decide("a", late) }, failed},
		"by nobody, and time goes on": {func(s *story) {
			s.infer(escalated("a"))
			s.wait(2*time.Hour).permit(permit.TypeIssued, 1)
		}, failed},
		"due exactly at the last entry": {func(s *story) {
			s.infer(escalated("a"))
			s.wait(time.Hour-time.Second).permit(permit.TypeIssued, 1)
		}, found{}},
		"expired": {func(s *story) { s.infer(escalated("a")); s.wait(time.Hour).expire("a") }, failed},
		"expired, then decided late": {func(s *story) {
			s.infer(escalated("a"))
			s.wait(time.Hour).expire("a")
			s.decide("a", late)
		}, failed},
		"handed on, then decided": {func(s *story) {
			s.infer(escalated("a"))
			s.decide("a", second)
			s.decide("a", by("per_2", "safety"))
		}, found{passed: 1, seen: 1}},
		"handed on and decided by the same person": {func(s *story) {
			s.infer(escalated("a"))
			s.decide("a", second)
			s.decide("a")
		}, failed},
		"handed on and forgotten": {func(s *story) {
			s.infer(escalated("a"))
			s.decide("a", second)
			s.wait(2 * time.Hour).expire("a")
		}, failed},
		"handed on, not due yet":        {func(s *story) { s.infer(escalated("a")); s.decide("a", second) }, found{}},
		"in a role the permit named":    {func(s *story) { s.infer(escalated("a")); s.decide("a", by("per_1", "safety")) }, found{passed: 1, seen: 1}},
		"in another role":               {func(s *story) { s.infer(escalated("a")); s.decide("a", by("per_1", "admin")) }, failed},
		"a case that nobody opened":     {func(s *story) { s.decide("a") }, failed},
		"an expiry that nobody opened":  {func(s *story) { s.expire("a") }, failed},
		"decided twice":                 {func(s *story) { s.infer(escalated("a")); s.decide("a"); s.decide("a") }, found{passed: 1, seen: 2, failed: []uint64{2}}},
		"opened twice under one number": {func(s *story) { s.infer(escalated("a")); s.infer(escalated("a")); s.decide("a") }, found{passed: 1, seen: 2, failed: []uint64{1}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			s.want("oversight.closed", c.want)
		})
	}
}

// Months that follow each other count every case once: where it was decided,
// or where it fell due.
func TestZTA05SpansCountEachCaseOnce(t *testing.T) {
	s := tell(t)
	a := s.infer(escalated("a")) // decided in the first hour
	b := s.infer(escalated("b")) // due in the second
	s.decide("a")
	edge := start.Add(time.Hour)
	s.wait(3 * time.Hour).expire("b")
	in := func(from, to time.Time) conform.Spec {
		return conform.Spec{Check: "oversight.closed", Min: 1, From: from, To: to}
	}
	s.wantIn(in(start, edge), found{passed: 1, seen: 1})
	s.wantIn(in(edge, edge.Add(time.Hour)), found{seen: 1, failed: []uint64{b}})
	s.wantIn(in(edge.Add(time.Hour), edge.Add(9*time.Hour)), found{})
	if got := s.run(in(start, edge)); len(got.Sample) != 1 || got.Sample[0] != a {
		t.Errorf("evidence %v, want the entry that opened the case, %d", got.Sample, a)
	}
	// What is due at the end of the span is not due in it.
	s.wantIn(in(start, start.Add(time.Hour+time.Second)), found{passed: 1, seen: 1})
	s.wantIn(in(start, start.Add(time.Hour+2*time.Second)), found{passed: 1, seen: 2, failed: []uint64{b}})
}

// Who sees only a part of the journal does not blame a case for having been
// opened before.
func TestZTA05APartOfTheJournal(t *testing.T) {
	s := tell(t)
	s.infer(escalated("a"))
	s.infer(escalated("b"))
	s.decide("a")
	s.expire("b")
	r, err := conform.Start([]conform.Spec{{Check: "oversight.closed", Min: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for n, e := range s.events[1:] {
		r.See(uint64(n+1), e)
	}
	if got := r.Results()[0]; got.Seen != 1 || got.Passed != 0 || got.Failed[0] != 1 || got.Through != 4 {
		t.Errorf("%+v", got)
	}
}
