package conform_test

import (
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
)

func TestZTA01EverythingIsDecidedUnderPolicyAndPermit(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(s *story)
		want found
	}{
		"nothing happened": {func(s *story) { s.permit(permit.TypeIssued, 1) }, found{}},
		"released, escalated, denied, read": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer()
			s.infer(escalated("a"))
			s.infer(denied)
			s.access()
		}, found{passed: 4, seen: 4}},
		"the permit's entry came after the first result under it": {func(s *story) {
			s.infer()
			s.permit(permit.TypeIssued, 1)
		}, found{passed: 1, seen: 1}},
		"a permit that the journal does not hold": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(version(7))
		}, found{seen: 1, failed: []uint64{1}}},
		"another number": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(func(i *entry.Inference) { i.Permit.Number = "BE-2026-0002" })
		}, found{seen: 1, failed: []uint64{1}}},
		"other facts than the permit's": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(func(i *entry.Inference) { i.Permit.FactsHash = "sha256:other" })
		}, found{seen: 1, failed: []uint64{1}}},
		"a permit entry of one system in another's name": {func(s *story) {
			s.add(permit.TypeIssued, "sys_other", permit.Entry{V: 1, Permit: permit.Permit{System: mill, Number: "BE-2026-0001", Version: 1, FactsHash: facts}})
			s.infer()
		}, found{seen: 1, failed: []uint64{1}}},
		"no policy version": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(func(i *entry.Inference) { i.Policy = "" })
		}, found{seen: 1, failed: []uint64{1}}},
		"no permit number on what went to a person": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(escalated("a"), func(i *entry.Inference) { i.Permit.Number = "" })
		}, found{seen: 1, failed: []uint64{1}}},
		"refused before a decision: no such model": {func(s *story) {
			s.infer(denied, func(i *entry.Inference) { i.System, i.Policy, i.Permit = "", "", entry.Permit{} })
		}, found{}},
		"not readable": {func(s *story) { s.add(entry.TypeInference, mill, map[string]any{"v": 1}) }, found{seen: 1, failed: []uint64{0}}},
		"an access without a policy version": {func(s *story) {
			s.access(func(a *entry.Access) { a.Policy = "" })
		}, found{seen: 1, failed: []uint64{0}}},
		"use of a system permitted without a permit": {func(s *story) {
			s.access(func(a *entry.Access) { a.Action = "infer" })
		}, found{seen: 1, failed: []uint64{0}}},
		"use of a system denied without a permit": {func(s *story) {
			s.access(func(a *entry.Access) {
				a.Action, a.Allow, a.Reasons = "infer", false, []entry.AccessReason{{Code: "permit.missing", Clauses: []string{"zta.01"}}}
			})
		}, found{passed: 1, seen: 1}},
		"an access that is not readable": {func(s *story) { s.add(entry.TypeAccess, mill, 7) }, found{seen: 1, failed: []uint64{0}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			s.want("policy.enforced", c.want)
		})
	}
}

// ends gives a permit its end.
func ends(at time.Time) func(*permit.Permit) {
	return func(p *permit.Permit) { p.ValidUntil = at }
}

func TestZTA01NothingLeavesUnderAFallenPermit(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(s *story)
		want found
	}{
		"nothing fell": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer()
		}, found{}},
		"only denials follow": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer()
			s.permit(permit.TypeSuspended, 2)
			s.infer(denied, version(2))
			s.permit(permit.TypeRestored, 3)
			s.infer(version(3))
		}, found{passed: 1, seen: 1}},
		"still off at the end": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer(denied, version(2))
		}, found{passed: 1, seen: 1}},
		"decided before, journaled after": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer(ago(2 * time.Second))
		}, found{passed: 1, seen: 1}},
		"decided before its entry, but under the fallen version": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer(ago(2*time.Second), version(2))
		}, found{seen: 1, failed: []uint64{2}}},
		"within the second that it may take": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer(ago(time.Millisecond))
		}, found{passed: 1, seen: 1}},
		"after the second": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer()
		}, found{seen: 1, failed: []uint64{2}}},
		"journaled before the permit's entry, decided long after it was stamped": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.wait(5 * time.Second).infer()
			s.wait(-6*time.Second).permit(permit.TypeSuspended, 2)
		}, found{seen: 1, failed: []uint64{1}}},
		"sent to a person instead of denied": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.infer(escalated("a"))
		}, found{seen: 1, failed: []uint64{2}}},
		"permitted to a foreign gateway": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.access(func(a *entry.Access) { a.Action, a.Permit.Version = "infer", 1 })
		}, found{seen: 1, failed: []uint64{2}}},
		"reading its file is no use": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.access()
		}, found{passed: 1, seen: 1}},
		"an entry that cannot be read is no denial": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.add(entry.TypeInference, mill, map[string]any{})
		}, found{seen: 1, failed: []uint64{2}}},
		"the first result under the restored permit comes before the permit's entry": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.wait(time.Minute).infer(version(3))
			s.wait(-2*time.Second).permit(permit.TypeRestored, 3)
			s.wait(2 * time.Second).infer(version(3))
		}, found{passed: 1, seen: 1}},
		"a restored permit that never came": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.wait(time.Minute).infer(version(3))
		}, found{seen: 1, failed: []uint64{2}}},
		"under a restored permit, before it was restored": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.wait(time.Minute).infer(version(3))
			s.wait(time.Minute).permit(permit.TypeRestored, 3)
		}, found{seen: 1, failed: []uint64{2}}},
		"it fell further before it was restored": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.permit(permit.TypeSuspended, 3)
			s.infer(denied, version(3))
			s.permit(permit.TypeRestored, 4)
			s.infer(version(4))
		}, found{passed: 1, seen: 1}},
		"two falls, one broken": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.permit(permit.TypeRestored, 3)
			s.permit(permit.TypeSuspended, 4)
			s.wait(time.Minute).infer(version(3))
		}, found{passed: 1, seen: 2, failed: []uint64{4}}},
		"an entry named restored that holds a suspended permit": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.permit(permit.TypeRestored, 3, func(p *permit.Permit) { p.State = permit.Suspended })
			s.infer(version(3))
		}, found{seen: 1, failed: []uint64{3}}},
		"an unreadable entry restores nothing": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2)
			s.add(permit.TypeRestored, mill, 7)
			s.infer()
		}, found{seen: 1, failed: []uint64{3}}},
		"an unreadable entry suspends": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.add(permit.TypeSuspended, mill, 7)
			s.wait(time.Second).infer()
		}, found{seen: 1, failed: []uint64{2}}},
		"another system's permit fell": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeSuspended, 2, func(p *permit.Permit) { p.System = "sys_other" })
			s.infer()
		}, found{passed: 1, seen: 1}},
		"past its end, before anybody wrote that down": {func(s *story) {
			s.permit(permit.TypeIssued, 1, ends(start.Add(time.Minute)))
			s.infer()
			s.wait(time.Minute).infer()
			s.permit(permit.TypeSuspended, 2)
		}, found{seen: 1, failed: []uint64{2}}},
		"renewed just in time, its entry a moment late": {func(s *story) {
			s.permit(permit.TypeIssued, 1, ends(start.Add(time.Minute)))
			s.wait(time.Minute).infer(version(2))
			s.wait(-3*time.Second).permit(permit.TypeIssued, 2, ends(start.Add(time.Hour)))
			s.wait(time.Minute).infer(version(2))
		}, found{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			s.want("policy.context", c.want)
		})
	}
}

// A permit that fell before the span counts in it only if something left in
// spite of it; and nothing after the span counts.
func TestZTA01SpanOfAFall(t *testing.T) {
	s := tell(t)
	s.permit(permit.TypeIssued, 1)
	s.permit(permit.TypeSuspended, 2)
	s.wait(time.Hour)
	early := s.at
	s.infer(denied, version(2))
	bad := s.infer()
	late := s.at
	s.permit(permit.TypeRestored, 3)
	all := conform.Spec{Check: "policy.context", Min: 1}
	in := func(from, to time.Time) conform.Spec {
		c := all
		c.From, c.To = from, to
		return c
	}
	s.wantIn(all, found{seen: 1, failed: []uint64{bad}})
	s.wantIn(in(start, early), found{passed: 1, seen: 1})
	s.wantIn(in(early, late), found{seen: 1, failed: []uint64{bad}})
	s.wantIn(in(late, time.Time{}), found{})
}
