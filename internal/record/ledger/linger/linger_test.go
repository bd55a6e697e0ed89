package linger_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"augenmass/internal/record/ledger/linger"
)

// after is a writer that has taken and committed a group.
func after(last int, took time.Duration) *linger.Writer {
	w := linger.New()
	w.Joined(last)
	w.Took(last)
	w.Committed(took)
	return w
}

// waited is how long a writer waits for whom.
func waited(w *linger.Writer) time.Duration {
	began := time.Now()
	w.Wait(context.Background())
	return time.Since(began)
}

func TestWait(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		last       int
		took       time.Duration
		here, join int
		after      time.Duration
		want       time.Duration
	}{
		"a small group before":         {7, ms / 2, 1, 9, ms / 4, 0},
		"nothing waits":                {20, ms / 2, 0, 20, ms / 4, 0},
		"as many wait as before":       {20, ms / 2, 20, 1, ms / 4, 0},
		"they come back":               {20, ms / 2, 3, 17, ms / 4, ms / 4},
		"too few come back":            {20, ms / 2, 3, 16, ms / 4, ms / 2},
		"they come too late":           {20, ms / 2, 3, 17, ms, ms / 2},
		"the disk is slow":             {20, 8 * ms, 3, 1, ms / 4, ms},
		"the first group of a journal": {0, 0, 1, 9, ms / 4, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := after(c.last, c.took)
				w.Joined(c.here)
				var late sync.WaitGroup
				late.Go(func() {
					time.Sleep(c.after)
					w.Joined(c.join)
				})
				if got := waited(w); got != c.want {
					t.Errorf("waited %v, want %v", got, c.want)
				}
				late.Wait()
			})
		})
	}
}

// What came too late for one wait does not end the next.
func TestLateJoinersEndNoLaterWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := after(10, time.Millisecond)
		for range 3 {
			w.Joined(1)
			if d := waited(w); d != time.Millisecond {
				t.Fatalf("waited %v", d)
			}
			w.Joined(9)
			w.Took(10)
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := after(10, time.Millisecond)
		w.Joined(1)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		began := time.Now()
		w.Wait(ctx)
		if time.Since(began) != 0 {
			t.Error("it waited on")
		}
	})
}
