package gauge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/serve/web/show/showtest"
)

// cell is a cell whose readings the test lets go one by one.
func cell(basis *atomic.Int64, read func(ctx context.Context) (int, error)) *Cell[int] {
	return &Cell[int]{read: read, basis: func() any { return basis.Load() }, now: time.Now, log: slog.New(slog.DiscardHandler)}
}

func TestCellReadsOnceForMany(t *testing.T) {
	var basis, reads atomic.Int64
	gate := make(chan struct{})
	c := cell(&basis, func(context.Context) (int, error) { <-gate; return int(reads.Add(1)), nil })
	if r, err := c.Get(t.Context(), 0); r.Ready || err != nil {
		t.Fatalf("a reading before it was made: %+v %v", r, err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r, err := c.Get(t.Context(), time.Minute); !r.Ready || r.Value != 1 || err != nil {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	close(gate)
	all.Wait()
	if r, _ := c.Get(t.Context(), 0); r.Value != 1 || reads.Load() != 1 {
		t.Errorf("nothing changed and it was read %d times", reads.Load())
	}
}

// When its basis changes, the last reading is given at once and the new one is
// made behind it.
func TestCellGivesTheLastReadingMeanwhile(t *testing.T) {
	var basis atomic.Int64
	gate := make(chan struct{}, 1)
	gate <- struct{}{}
	c := cell(&basis, func(context.Context) (int, error) { <-gate; return int(basis.Load()), nil })
	if r, err := c.Get(t.Context(), time.Minute); !r.Ready || r.Value != 0 || err != nil {
		t.Fatalf("%+v %v", r, err)
	}
	c.mu.Lock()
	c.next = time.Time{} // the pause after the first reading is over
	c.mu.Unlock()
	basis.Store(7)
	r, pending, err := c.look()
	if !r.Ready || r.Value != 0 || pending != nil || err != nil {
		t.Fatalf("the last reading is not given at once: %+v %v", r, err)
	}
	c.mu.Lock()
	running := c.pending
	c.mu.Unlock()
	gate <- struct{}{}
	<-running
	if r, _, _ := c.look(); r.Value != 7 {
		t.Errorf("after the new reading: %+v", r)
	}
}

// A reading that fails is an error while there is none, and leaves the last one
// in place afterwards.
func TestCellFailure(t *testing.T) {
	var basis atomic.Int64
	full := errors.New("disk full")
	fail := true
	c := cell(&basis, func(context.Context) (int, error) {
		if fail {
			return 0, full
		}
		return 3, nil
	})
	if _, err := c.Get(t.Context(), time.Minute); !errors.Is(err, full) {
		t.Errorf("the first failure is %v", err)
	}
	fail = false
	c.mu.Lock()
	c.next = time.Time{}
	c.mu.Unlock()
	if r, err := c.Get(t.Context(), time.Minute); err != nil || r.Value != 3 {
		t.Errorf("%+v %v", r, err)
	}
}

// Readings take at most a small share of the time.
func TestCellRests(t *testing.T) {
	var basis, reads atomic.Int64
	c := cell(&basis, func(context.Context) (int, error) { return int(reads.Add(1)), nil })
	c.least = time.Hour
	if _, err := c.Get(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	basis.Store(1)
	if _, pending, _ := c.look(); pending != nil || reads.Load() != 1 {
		t.Error("it was read again within the pause")
	}
}

func TestCounts(t *testing.T) {
	h := showtest.Open(t, nil)
	s := h.Permitted("Fräslinie")
	for _, conf := range []float64{0.9, 0.95, 0.8, -1} {
		h.Decide(s.ID, conf)
	}
	h.Settle()
	var house House
	g := house.Of(h.Site)
	if g != house.Of(h.Site) {
		t.Error("one organisation has two gauges")
	}
	today, err := g.Today(t.Context(), time.Minute)
	if want := (Counts{All: 4, People: 1, Denied: 1}); err != nil || today.Value[s.ID] != want {
		t.Errorf("today %+v %v", today.Value, err)
	}
	run, err := g.Running(t.Context(), s.ID, time.Minute)
	if err != nil || run.Value.Outcomes.Released != 2 || run.Value.Overrides.Waiting != 1 {
		t.Errorf("running %+v %v", run.Value, err)
	}
}

// Today's counts go on from the last reading, and begin anew with the day.
func TestTodayCountsOn(t *testing.T) {
	h := showtest.Open(t, nil)
	s := h.Permitted("Fräslinie")
	var house House
	g := house.Of(h.Site)
	count := func() Counts {
		t.Helper()
		h.Settle()
		by, err := g.countToday(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return by[s.ID]
	}
	if got := count(); got != (Counts{}) {
		t.Errorf("before the first: %+v", got)
	}
	h.Decide(s.ID, 0.9)
	h.Decide(s.ID, 0.7)
	if got := count(); got != (Counts{All: 2, People: 1}) {
		t.Errorf("after two: %+v", got)
	}
	h.Decide(s.ID, 0.9)
	for range 2 { // nothing new is counted twice
		if got := count(); got != (Counts{All: 3, People: 1}) {
			t.Errorf("after three: %+v", got)
		}
	}
	h.Clock.Add(24 * time.Hour)
	if got := count(); got != (Counts{}) {
		t.Errorf("on the next day: %+v", got)
	}
	h.Decide(s.ID, 0.7)
	if got := count(); got.All != 1 {
		t.Errorf("after the first of the next day: %+v", got)
	}
}

// The reader's day begins at midnight in the reader's zone.
func TestMidnight(t *testing.T) {
	h := showtest.Open(t, nil)
	var house House
	g := house.Of(h.Site)
	h.Clock.Add(10 * time.Hour) // 23:02 UTC is 00:02 in Berlin
	if got, want := g.midnight(), time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("midnight %v, want %v", got, want)
	}
}

// What the newest entries show is what the whole journal shows, as far as it
// lies in them: the permit from before the window still counts.
func TestMeasuresAWindow(t *testing.T) {
	h := showtest.Open(t, nil)
	s := h.Permitted("Fräslinie")
	for range 30 {
		h.Clock.Add(time.Second)
		h.Decide(s.ID, 0.9)
		h.Decide(s.ID, 0.7)
	}
	h.Settle()
	m := measurer{journal: h.Org.Journal, trail: h.Org.Trail, db: h.Org.DB, now: h.Clock.Now, requirements: h.Org.Packs.Requirements("zta"), most: 1 << 40, whole: h.Org.Measure}
	whole, err := m.read(t.Context())
	if err != nil || !whole.Whole {
		t.Fatalf("%v", err)
	}
	all, err := casefile.Measure(t.Context(), h.Org.Journal, m.requirements, casefile.Period{To: h.Clock.Now()}, h.Org.Journal.Size())
	if err != nil {
		t.Fatal(err)
	}
	m.most = 20
	part, err := m.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if part.Whole || part.Size-part.From != 20 {
		t.Errorf("window %d to %d", part.From, part.Size)
	}
	for i := range all {
		if whole.Requirements[i].Status != all[i].Status {
			t.Errorf("%s: %s, the case file says %s", all[i].Ref, whole.Requirements[i].Status, all[i].Status)
		}
		if part.Requirements[i].Status != all[i].Status {
			t.Errorf("%s in the window: %s, the whole journal says %s", all[i].Ref, part.Requirements[i].Status, all[i].Status)
		}
	}
	if n := seen(part.Requirements, "zta.04"); n != 20 {
		t.Errorf("audit.complete saw %d decisions in a window of 20 entries", n)
	}
	before, err := m.permits(t.Context(), part.From)
	if err != nil || len(before) != 1 {
		t.Errorf("%d permits before the window, %v", len(before), err)
	}
	if before[0].Index >= part.From {
		t.Errorf("index %d", before[0].Index)
	}
}

func seen(reqs []verify.Requirement, id string) int {
	for _, r := range reqs {
		if r.ID == id {
			return r.Results[0].Seen
		}
	}
	return -1
}
