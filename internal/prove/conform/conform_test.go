package conform_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/operate/entry"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/prove/conform"
	ledger "augenmass/internal/record/ledger/entry"
)

func TestChecksByName(t *testing.T) {
	want := "audit.complete audit.modelcard oversight.closed oversight.coverage policy.context policy.enforced"
	if got := strings.Join(conform.Checks(), " "); got != want {
		t.Errorf("checks %s", got)
	}
	_, err := conform.Start([]conform.Spec{{Check: "policy.enforced"}, {Check: "policy.made_up"}})
	if !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), "policy.made_up") {
		t.Errorf("unknown check: %v", err)
	}
}

// From is in, To is out, and neither has to be given.
func TestEdgesOfASpan(t *testing.T) {
	s := tell(t)
	s.permit(permit.TypeIssued, 1)
	s.infer()
	s.infer()
	s.infer()
	at := func(n int) time.Time { return s.events[n].Time }
	for _, c := range []struct {
		from, to time.Time
		seen     int
	}{
		{time.Time{}, time.Time{}, 3}, {at(2), time.Time{}, 2}, {at(2).Add(1), time.Time{}, 1}, {time.Time{}, at(2), 1},
		{time.Time{}, at(2).Add(1), 2}, {at(2), at(2), 0}, {at(3), at(1), 0}, {at(1), at(3), 2},
	} {
		for _, check := range []string{"policy.enforced", "audit.complete"} {
			s.wantIn(conform.Spec{Check: check, Min: 1, From: c.from, To: c.to}, found{passed: c.seen, seen: c.seen})
		}
	}
}

func TestBoundsOfAShare(t *testing.T) {
	s := tell(t)
	s.permit(permit.TypeIssued, 1)
	for range 19 {
		s.infer()
	}
	s.infer(func(i *entry.Inference) { i.Policy = "" })
	for _, c := range []struct {
		min, max float64
		want     conform.Status
	}{{0.95, 0, conform.Met}, {0.9500001, 0, conform.NotMet}, {0, 0.95, conform.Met}, {0, 0.94, conform.NotMet}, {1, 1, conform.NotMet}, {0, 0, conform.Met}} {
		if got := s.run(conform.Spec{Check: "policy.enforced", Min: c.min, Max: c.max}); got.Status != c.want || got.Share != 0.95 {
			t.Errorf("%g..%g: %s with share %g", c.min, c.max, got.Status, got.Share)
		}
	}
}

// A result names the first twenty failures and the first twenty that held, and
// how far it saw; lists are never null.
func TestWhatAResultNames(t *testing.T) {
	s := tell(t)
	if got := s.run(conform.Spec{Check: "policy.enforced"}); got.Failed == nil || got.Sample == nil || got.Through != 0 || got.Share != 0 {
		t.Errorf("of an empty journal: %+v", got)
	}
	s.permit(permit.TypeIssued, 1)
	for range 30 {
		s.infer()
		s.infer(func(i *entry.Inference) { i.Policy = "" })
	}
	got := s.run(conform.Spec{Check: "policy.enforced", Min: 1})
	if got.Seen != 60 || got.Passed != 30 || got.Through != 61 || len(got.Failed) != 20 || len(got.Sample) != 20 || got.Sample[0] != 1 || got.Failed[19] != 40 {
		t.Errorf("%+v", got)
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		in   string
		want conform.Status
	}{
		{"", conform.Unmeasured}, {"unmeasured", conform.Unmeasured}, {"met", conform.Met}, {"met unmeasured", conform.Met},
		{"not_met", conform.NotMet}, {"not_met unmeasured", conform.NotMet}, {"met not_met", conform.Partly}, {"met met not_met unmeasured", conform.Partly},
	} {
		var all []conform.Result
		for _, s := range strings.Fields(c.in) {
			all = append(all, conform.Result{Status: conform.Status(s)})
		}
		if got := conform.Join(all); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
	}
}

// all asks for every check over the whole journal.
func all() []conform.Spec {
	var specs []conform.Spec
	for _, name := range conform.Checks() {
		specs = append(specs, conform.Spec{Check: name, Min: 1})
	}
	return specs
}

func results(t testing.TB, events []ledger.Event, specs []conform.Spec) map[string]conform.Result {
	t.Helper()
	r, err := conform.Start(specs)
	if err != nil {
		t.Fatal(err)
	}
	for n, e := range events {
		r.See(uint64(n), e)
		if n%7 == 0 {
			r.Results() // asking in between changes nothing
		}
	}
	out := map[string]conform.Result{}
	again := r.Results()
	for n, res := range r.Results() {
		if !reflect.DeepEqual(res, again[n]) || res.Spec != specs[n] {
			t.Fatalf("asked twice: %+v, then %+v", again[n], res)
		}
		out[res.Spec.Check] = res
	}
	return out
}

// house is an honest house: a runtime that obeys its permit, people who decide,
// and a journal into which the permit's entries come a moment late.
type house struct {
	*story
	version int
	on      bool
	held    []ledger.Event // permit entries on their way into the journal
	open    []string
	cases   int
	escal   []int // entries that went to a person
	rel     []int // entries that were released
}

// sequence lets the permit entries reach the journal.
func (h *house) sequence() {
	h.events = append(h.events, h.held...)
	h.held = nil
}

func (h *house) turn(on bool) {
	h.version++
	h.on = on
	typ := permit.TypeSuspended
	if on {
		typ = permit.TypeRestored
	}
	before := len(h.events)
	h.permit(typ, h.version)
	h.held = append(h.held, h.events[before:]...)
	h.events = h.events[:before]
}

func (h *house) step(t *rapid.T) {
	switch rapid.SampledFrom([]string{"sure", "sure", "unsure", "drift", "access", "turn", "sequence", "decide", "hand on", "forget", "wait"}).Draw(t, "step") {
	case "sure":
		h.ask(rapid.Float64Range(0.85, 1).Draw(t, "confidence"), nil)
	case "unsure":
		h.ask(rapid.Float64Range(0, 0.8499).Draw(t, "confidence"), nil)
	case "drift":
		h.ask(0.99, ptr(rapid.Float64Range(0, 1).Draw(t, "drift")))
	case "access":
		h.access()
	case "turn":
		h.turn(!h.on)
		h.wait(2 * time.Second)
	case "sequence":
		h.sequence()
	case "decide":
		h.close(func(id string) { h.decide(id) })
	case "hand on":
		h.close(func(id string) {
			h.decide(id, func(d *entry.CaseDecision) { d.Verdict = entry.Second })
			h.decide(id, by("per_2", "safety"))
		})
	case "wait":
		h.wait(time.Duration(rapid.IntRange(0, 120).Draw(t, "seconds")) * time.Second)
	}
}

func (h *house) close(how func(id string)) {
	if len(h.open) > 0 {
		how(h.open[0])
		h.open = h.open[1:]
	}
}

// ask lets the gateway answer as it does.
func (h *house) ask(confidence float64, drift *float64) {
	i := h.sound()
	i.Permit.Version, i.Confidence, i.Drift = h.version, &confidence, drift
	switch {
	case !h.on:
		denied(&i)
	case confidence < 0.85 || drift != nil && *drift > 0.10:
		id := fmt.Sprint(h.cases)
		h.cases++
		escalated(id)(&i)
		i.Confidence = &confidence
		h.open = append(h.open, id)
		h.escal = append(h.escal, len(h.events))
	default:
		h.rel = append(h.rel, len(h.events))
	}
	h.add(entry.TypeInference, mill, i)
}

func honest(t *rapid.T, fail testing.TB) *house {
	h := &house{story: tell(fail)}
	h.turn(true)
	for range rapid.IntRange(5, 60).Draw(t, "steps") {
		h.step(t)
	}
	h.sequence()
	for len(h.open) > 0 {
		h.close(func(id string) { h.decide(id) })
	}
	return h
}

// An honest house meets every check, in whatever order its entries reach the
// journal; only lateness of people is its own matter.
func TestAnHonestHousePasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		for name, res := range results(t, h.events, all()) {
			if name != "oversight.closed" && res.Passed != res.Seen {
				rt.Fatalf("%s: %d of %d, failed %v", name, res.Passed, res.Seen, res.Failed)
			}
		}
	})
}

// changed is the story with one inference entry changed.
func changed(t testing.TB, events []ledger.Event, n int, change func(*entry.Inference)) []ledger.Event {
	t.Helper()
	i, err := entry.ParseInference(events[n].Data)
	if err != nil {
		t.Fatal(err)
	}
	change(&i)
	s := tell(t)
	s.at = events[n].Time
	s.add(entry.TypeInference, mill, i)
	out := slices.Clone(events)
	out[n].Data = s.events[0].Data
	return out
}

// A result that left while the permit was off is never passed, whatever else
// happened and whichever version it names.
func TestZTA01NothingReleasedUnderAFallenPermitPasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		if h.on {
			h.turn(false)
			h.sequence()
		}
		h.wait(2 * time.Second)
		named := rapid.IntRange(0, h.version+2).Draw(rt, "version")
		bad := h.infer(version(named))
		for range rapid.IntRange(0, 10).Draw(rt, "after") {
			h.step(rt)
		}
		h.sequence()
		res := results(t, h.events, all())["policy.context"]
		if res.Status != conform.NotMet || !slices.Contains(res.Failed, bad) {
			rt.Fatalf("entry %d under version %d passed: %+v", bad, named, res)
		}
	})
}

// Whoever takes the case away from a result that went to a person is noticed:
// by hiding the case, by calling the result released, or by leaving the entry
// out while its decision stays.
func TestZTA05ARemovedCaseIsNoticed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		if len(h.escal) == 0 {
			rt.Skip("nothing went to a person")
		}
		n := rapid.SampledFrom(h.escal).Draw(rt, "entry")
		for how, events := range map[string][]ledger.Event{
			"hidden": changed(t, h.events, n, func(i *entry.Inference) { i.Case = nil }),
			"released": changed(t, h.events, n, func(i *entry.Inference) {
				i.Outcome, i.Reasons, i.Case = entry.Released, []entry.Reason{}, nil
			}),
		} {
			if res := results(t, events, all())["oversight.coverage"]; res.Status != conform.NotMet || !slices.Contains(res.Failed, uint64(n)) {
				rt.Fatalf("%s: %+v", how, res)
			}
		}
		without := slices.Delete(slices.Clone(h.events), n, n+1)
		before, after := results(t, h.events, all())["oversight.closed"], results(t, without, all())["oversight.closed"]
		if after.Seen-after.Passed <= before.Seen-before.Passed-1 || after.Status == conform.Met {
			rt.Fatalf("left out: before %+v, after %+v", before, after)
		}
	})
}

// Spans that follow each other find together what the whole finds.
func TestSpansAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		if len(h.rel) > 0 && rapid.Bool().Draw(rt, "one is wrong") {
			h.events = changed(t, h.events, h.rel[0], func(i *entry.Inference) { i.Policy = "" })
		}
		end := h.at.Add(3 * time.Hour)
		cut := start.Add(time.Duration(rapid.IntRange(0, int(h.at.Sub(start)/time.Second)).Draw(rt, "cut")) * time.Second)
		over := func(from, to time.Time) map[string]conform.Result {
			specs := all()
			for i := range specs {
				specs[i].From, specs[i].To = from, to
			}
			return results(t, h.events, specs)
		}
		whole, first, then := over(time.Time{}, end), over(time.Time{}, cut), over(cut, end)
		for _, name := range []string{"policy.enforced", "audit.complete", "oversight.coverage", "oversight.closed"} {
			w, a, b := whole[name], first[name], then[name]
			if w.Seen != a.Seen+b.Seen || w.Passed != a.Passed+b.Passed {
				rt.Fatalf("%s, cut at %s: %d of %d, but %d of %d and %d of %d", name, cut, w.Passed, w.Seen, a.Passed, a.Seen, b.Passed, b.Seen)
			}
		}
	})
}

// A span's result does not change when the journal grows behind it.
func TestAMeasuredSpanStays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		specs := all()
		for i := range specs {
			specs[i].To = h.at
		}
		before := results(t, h.events, specs)
		for range 20 {
			h.step(rt)
		}
		h.sequence()
		after := results(t, h.events, specs)
		for name, a := range after {
			a.Through = before[name].Through
			if !reflect.DeepEqual(a, before[name]) {
				rt.Fatalf("%s: %+v, later %+v", name, before[name], a)
			}
		}
	})
}

// Nothing in a journal, however broken, stops the checks.
func TestBrokenEntriesAreOnlyCounted(t *testing.T) {
	types := []string{permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored, entry.TypeInference, entry.TypeAccess,
		entry.TypeDecided, entry.TypeExpired, entry.TypeStopped, entry.TypeResumed, "augenmass.made.up"}
	rapid.Check(t, func(rt *rapid.T) {
		h := honest(rt, t)
		for range rapid.IntRange(1, 10).Draw(rt, "broken") {
			n := rapid.IntRange(0, len(h.events)).Draw(rt, "at")
			e := ledger.Event{Type: rapid.SampledFrom(types).Draw(rt, "type"), Subject: rapid.SampledFrom([]string{mill, "", "case_0"}).Draw(rt, "subject"),
				Time: start.Add(time.Duration(rapid.IntRange(-5, 500).Draw(rt, "time")) * time.Second),
				Data: []byte(rapid.SampledFrom([]string{`{}`, `null`, `[]`, `{"v":1}`, `"x"`, ``, `{`}).Draw(rt, "data"))}
			h.events = slices.Insert(h.events, n, e)
		}
		for name, res := range results(t, h.events, all()) {
			if res.Passed > res.Seen || int(res.Through) != len(h.events) {
				rt.Fatalf("%s: %+v", name, res)
			}
		}
	})
}
