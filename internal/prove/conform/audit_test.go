package conform_test

import (
	"testing"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
)

func TestZTA04EveryDecisionIsComplete(t *testing.T) {
	stop := entry.Stop{V: entry.Version, System: mill, By: "per_1", Role: "shift_lead", Reason: entry.Sealed{Commitment: seal}}
	for name, c := range map[string]struct {
		tell func(s *story)
		want found
	}{
		"nothing happened": {func(s *story) { s.permit(permit.TypeIssued, 1) }, found{}},
		"every kind of decision": {func(s *story) {
			s.infer()
			s.infer(denied, func(i *entry.Inference) { i.System = "" })
			s.infer(escalated("a"))
			s.decide("a")
			s.expire("b")
			s.access()
			s.add(entry.TypeStopped, mill, stop)
			s.add(entry.TypeResumed, mill, stop)
		}, found{passed: 8, seen: 8}},
		"a denial without a reason":  {func(s *story) { s.infer(denied, func(i *entry.Inference) { i.Reasons = []entry.Reason{} }) }, found{seen: 1, failed: []uint64{0}}},
		"an outcome that is none":    {func(s *story) { s.infer(func(i *entry.Inference) { i.Outcome = "maybe" }) }, found{seen: 1, failed: []uint64{0}}},
		"nobody who asked":           {func(s *story) { s.infer(func(i *entry.Inference) { i.Caller.ID = "" }) }, found{seen: 1, failed: []uint64{0}}},
		"about something else":       {func(s *story) { s.add(entry.TypeInference, "sys_other", s.sound()) }, found{seen: 1, failed: []uint64{0}}},
		"a decision in no role":      {func(s *story) { s.decide("a", func(d *entry.CaseDecision) { d.Role = "" }) }, found{seen: 1, failed: []uint64{0}}},
		"a rejection without reason": {func(s *story) { s.decide("a", func(d *entry.CaseDecision) { d.Verdict = entry.Reject }) }, found{seen: 1, failed: []uint64{0}}},
		"an expiry of nothing":       {func(s *story) { s.add(entry.TypeExpired, "case_a", entry.CaseExpired{V: 1}) }, found{seen: 1, failed: []uint64{0}}},
		"a stop by nobody": {func(s *story) {
			bad := stop
			bad.By = ""
			s.add(entry.TypeStopped, mill, bad)
		}, found{seen: 1, failed: []uint64{0}}},
		"a field too many": {func(s *story) { s.add(entry.TypeAccess, mill, map[string]any{"v": 1, "more": true}) }, found{seen: 1, failed: []uint64{0}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			s.want("audit.complete", c.want)
		})
	}
}

func TestZTA04EveryModelWithResultsHasACard(t *testing.T) {
	without := func(p *permit.Permit) { p.Models[0].HasCard = false }
	for name, c := range map[string]struct {
		tell func(s *story)
		want found
	}{
		"no results, no question": {func(s *story) { s.permit(permit.TypeIssued, 1, without) }, found{}},
		"one model, many results": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer()
			s.infer()
			s.infer(escalated("a"))
		}, found{passed: 1, seen: 1}},
		"without a card": {func(s *story) {
			s.permit(permit.TypeIssued, 1, without)
			s.infer()
		}, found{seen: 1, failed: []uint64{1}}},
		"a card was added": {func(s *story) {
			s.permit(permit.TypeIssued, 1, without)
			s.infer()
			s.permit(permit.TypeIssued, 2)
		}, found{passed: 1, seen: 1}},
		"a card was taken away": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer()
			s.permit(permit.TypeIssued, 2, without)
		}, found{seen: 1, failed: []uint64{1}}},
		"no permit names the model": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.infer(func(i *entry.Inference) { i.Model.Hash = "sha256:b" })
		}, found{seen: 1, failed: []uint64{1}}},
		"a model without a hash is a model all the same": {func(s *story) {
			s.permit(permit.TypeIssued, 1, without, func(p *permit.Permit) { p.Models[0].Hash = "" })
			s.infer(func(i *entry.Inference) { i.Model.Hash = "" })
		}, found{seen: 1, failed: []uint64{1}}},
		"the same bytes in another system without a card": {func(s *story) {
			s.permit(permit.TypeIssued, 1)
			s.permit(permit.TypeIssued, 1, without, func(p *permit.Permit) { p.System = "sys_other" })
			s.infer()
			s.infer(func(i *entry.Inference) { i.System = "sys_other" })
		}, found{passed: 1, seen: 2, failed: []uint64{3}}},
		"only denials are no results": {func(s *story) {
			s.permit(permit.TypeIssued, 1, without)
			s.infer(denied)
		}, found{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t)
			c.tell(s)
			s.want("audit.modelcard", c.want)
		})
	}
}
