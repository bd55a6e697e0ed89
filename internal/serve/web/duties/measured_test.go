package duties

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"augenmass/internal/prove/casefile/verify"
)

// A page does not wait for a long reading; it gets the one before.
func TestPageDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took, fails := time.Minute, false
		n := 0
		g := &measuring{log: slog.New(slog.DiscardHandler), measure: func(ctx context.Context) ([]verify.Requirement, error) {
			n++
			mine := n
			time.Sleep(took)
			if fails {
				return nil, errors.New("disk")
			}
			return []verify.Requirement{{ID: "zta.01", Ref: string(rune('a' + mine - 1))}}, ctx.Err()
		}}
		get := func() (Reading, error) { return g.get(t.Context(), time.Second) }
		if r, err := get(); r.Ready || err != nil {
			t.Errorf("a reading is there before it can be: %+v %v", r, err)
		}
		if _, err := get(); err != nil || n != 1 {
			t.Errorf("%d readings at once, %v", n, err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if r, err := get(); err != nil || !r.Ready || r.All[0].Ref != "a" {
			t.Errorf("the first reading is not shown: %+v %v", r, err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		took, fails = 0, true
		if r, err := get(); err != nil || r.All[0].Ref != "b" {
			t.Errorf("a failure took the last reading away: %+v %v", r, err)
		}
		fails = false
		if r, err := get(); err != nil || r.All[0].Ref != "d" {
			t.Errorf("after the failure: %+v %v", r, err)
		}
	})
}

// The first failure is said.
func TestFirstFailureIsSaid(t *testing.T) {
	g := &measuring{log: slog.New(slog.DiscardHandler), measure: func(context.Context) ([]verify.Requirement, error) { return nil, errors.New("disk") }}
	if _, err := g.get(t.Context(), time.Minute); err == nil {
		t.Error("a failed reading passes as none")
	}
}
