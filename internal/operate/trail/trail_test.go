package trail_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/trail"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

var start = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)

// house is a journal and the trail over it.
type house struct {
	t       testing.TB
	journal *ledger.Journal
	db      *store.DB
	trail   *trail.Trail
	n       int
}

func open(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, trail: trail.New(nil)}
	dir := t.TempDir()
	var err error
	if h.journal, err = ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "test/trail", PublishEvery: -1}); err != nil {
		t.Fatal(err)
	}
	if h.db, err = store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "org.db"), Tables: h.trail.Tables(), Access: store.AllowAll}); err != nil {
		t.Fatal(errors.Join(err, h.journal.Close()))
	}
	t.Cleanup(func() {
		if err := errors.Join(h.db.Close(), h.journal.Close()); err != nil {
			t.Error(err)
		}
	})
	h.trail.Open(h.db)
	return h
}

// add journals an entry, an hour after the one before.
func (h *house) add(typ, subject string, data any) {
	h.t.Helper()
	e, err := ledger.NewEvent(fmt.Sprintf("evt_%d", h.n), "/test", typ, subject, start.Add(time.Duration(h.n)*time.Hour), data)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.journal.AppendEvent(context.Background(), e); err != nil {
		h.t.Fatal(err)
	}
	h.n++
}

func ptr(v float64) *float64 { return &v }

// inference is a released result; change makes it something else.
func (h *house) inference(change func(*entry.Inference)) {
	h.t.Helper()
	i := entry.Inference{V: entry.Version, Decision: fmt.Sprintf("dec_%d", h.n), System: "sys_a", Outcome: entry.Released, Reasons: []entry.Reason{},
		Model: entry.Model{Name: "wear"}, Caller: entry.Caller{ID: "wkl_1"}, Confidence: ptr(0.9), Limits: entry.Limits{Confidence: 0.85, Drift: 0.1},
		Permit: entry.Permit{Number: "BE-2026-0001", Version: 3}, DecidedAt: start}
	if change != nil {
		change(&i)
	}
	h.add(entry.TypeInference, i.System, i)
}

func (h *house) catchUp() {
	h.t.Helper()
	if err := h.db.CatchUp(context.Background(), h.journal, h.trail.Projection()); err != nil {
		h.t.Fatal(err)
	}
}

func escalated(i *entry.Inference) {
	i.Outcome, i.Confidence = entry.Escalated, nil
	i.Reasons = []entry.Reason{{Code: entry.ConfidenceMissing, Clauses: []string{"zta.05", "aia.art14.1"}}, {Code: entry.DriftHigh, Clauses: []string{"zta.05"}}}
	i.Drift, i.DriftFeature, i.Plant = ptr(0.3), "torque", &entry.Plant{Zone: "halle", State: "setup"}
	i.Case = &entry.Case{ID: "case_1", Due: start, OnHold: "hold", Deciders: []string{"safety"},
		Content: entry.Sealed{Commitment: ledger.Commitment([]byte("s"), []byte("x")), Ref: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}
}

// What was not measured stays apart from what was measured as zero.
func TestRowOfADecision(t *testing.T) {
	h := open(t)
	h.inference(escalated)
	h.inference(func(i *entry.Inference) { i.Drift = ptr(0) })
	h.catchUp()
	got, err := h.trail.ByID(t.Context(), "dec_0")
	if err != nil {
		t.Fatal(err)
	}
	want := trail.Decision{Index: 0, ID: "dec_0", At: start, Day: "2026-11-21", System: "sys_a", Outcome: "escalated", Code: "confidence.missing",
		Codes: "confidence.missing drift.high", Clauses: "zta.05 aia.art14.1", Model: "wear", Least: 0.85, Drift: ptr(0.3), Most: 0.1, Feature: "torque",
		Plant: "setup", Case: "case_1", Caller: "wkl_1", Permit: "BE-2026-0001", Version: 3}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if got, err = h.trail.ByID(t.Context(), "dec_1"); err != nil || got.Drift == nil || *got.Drift != 0 || *got.Confidence != 0.9 || got.Case != "" || got.Code != "" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := h.trail.ByID(t.Context(), "dec_9"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a decision nobody made: %v", err)
	}
}

// Every entry has a row, also one that is not readable; decisions have one more
// (001-24).
func TestEveryEntryIsFound(t *testing.T) {
	h := open(t)
	h.add("augenmass.key.announced", "seal", map[string]any{"v": 1})
	h.inference(nil)
	h.add(entry.TypeInference, "sys_a", map[string]any{"v": 1, "outcome": "released"})
	h.inference(nil)
	h.catchUp()
	rows, err := h.trail.Entries.List(t.Context(), h.db, store.Query{Sort: "index"})
	if err != nil || len(rows.Items) != 4 {
		t.Fatalf("%+v %v", rows, err)
	}
	for n, r := range rows.Items {
		if r.Index != int64(n) || r.ID != fmt.Sprintf("evt_%d", n) || !r.At.Equal(start.Add(time.Duration(n)*time.Hour)) {
			t.Errorf("row %d: %+v", n, r)
		}
	}
	if rows.Items[0].Type != "augenmass.key.announced" || rows.Items[0].Subject != "seal" {
		t.Errorf("%+v", rows.Items[0])
	}
	if n, err := h.trail.Decisions.Count(t.Context(), h.db); err != nil || n != 2 {
		t.Errorf("%d decisions, %v", n, err)
	}
}

func TestLatestAndCount(t *testing.T) {
	h := open(t)
	for n := range 6 { // 22:00, 23:00, then the next day
		h.inference(func(i *entry.Inference) {
			if n%2 == 1 {
				i.System = "sys_b"
			}
			if n == 4 {
				escalated(i)
			}
			if n == 5 {
				i.Outcome, i.Reasons = entry.Denied, []entry.Reason{{Code: "permit.missing", Clauses: []string{}}}
			}
		})
	}
	h.catchUp()
	latest := func(system string, n int) (ids []string) {
		t.Helper()
		rows, err := h.trail.Latest(t.Context(), system, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for _, c := range []struct {
		system string
		n      int
		want   string
	}{{"", 2, "[dec_5 dec_4]"}, {"sys_a", 5, "[dec_4 dec_2 dec_0]"}, {"sys_b", 1, "[dec_5]"}, {"sys_c", 5, "[]"}} {
		if got := fmt.Sprint(latest(c.system, c.n)); got != c.want {
			t.Errorf("latest %d of %q: %s, want %s", c.n, c.system, got, c.want)
		}
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 13, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		system string
		since  time.Time
		want   trail.Counts
	}{
		{"", day(21), trail.Counts{Released: 4, Escalated: 1, Denied: 1}},
		{"", day(22), trail.Counts{Released: 2, Escalated: 1, Denied: 1}},
		{"sys_a", day(21), trail.Counts{Released: 2, Escalated: 1}},
		{"sys_b", day(22), trail.Counts{Released: 1, Denied: 1}},
		{"", day(23), trail.Counts{}},
		// The day is UTC, whatever zone the reader's time is in.
		{"", time.Date(2026, 11, 22, 0, 30, 0, 0, time.FixedZone("CET", 3600)), trail.Counts{Released: 4, Escalated: 1, Denied: 1}},
	} {
		got, err := h.trail.Count(t.Context(), c.system, c.since)
		if err != nil || got != c.want || got.All() != c.want.Released+c.want.Escalated+c.want.Denied {
			t.Errorf("of %q since %s: %+v %v, want %+v", c.system, c.since, got, err, c.want)
		}
	}
}

// The tables can be dropped and rebuilt from the journal at any time, and
// come out the same.
func TestRebuiltFromTheJournal(t *testing.T) {
	h := open(t)
	all := func() (out []any) {
		t.Helper()
		e, err := h.trail.Entries.List(t.Context(), h.db, store.Query{Sort: "index"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := h.trail.Decisions.List(t.Context(), h.db, store.Query{Sort: "index"})
		if err != nil {
			t.Fatal(err)
		}
		return []any{e.Items, d.Items}
	}
	for n := range 10 {
		h.inference(nil)
		if n%3 == 0 {
			h.inference(escalated)
			h.catchUp()
		}
	}
	h.catchUp()
	before := all()
	err := h.db.Write(store.WithActor(t.Context(), store.Actor{Kind: store.System}), func(tx *store.Tx) error { return h.trail.Decisions.Clear(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(all(), before) {
		t.Fatal("nothing was cleared")
	}
	for range 2 {
		if err := h.db.Rebuild(t.Context(), h.journal, h.trail.Projection()); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(all(), before) {
			t.Error("rebuilt, the tables differ")
		}
	}
}
