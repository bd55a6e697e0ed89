package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// patience is how long a child may take to go on after its surroundings are
// whole again.
const patience = 30 * time.Second

// disturbed lets a child work, disturbs it after so long, waits until it goes
// on, and ends it.
func (t target) disturbed(ctx context.Context, place string, after time.Duration, w world, rnd *rand.Rand, acked map[uint64]string, r *result) error {
	c, err := start(ctx, t.name, place)
	if err != nil {
		return err
	}
	err = func() error {
		if err := c.news(); err != nil { // it works
			return fmt.Errorf("before the disturbance: %w", err)
		}
		time.Sleep(after)
		if err := t.disturb(ctx, w, rnd); err != nil {
			return err
		}
		whole := time.Now()
		for range 2 { // the first may have been on its way
			if err := c.news(); err != nil {
				return fmt.Errorf("after the disturbance: %w", err)
			}
		}
		r.BackMS = max(r.BackMS, time.Since(whole).Milliseconds())
		time.Sleep(100 * time.Millisecond) // let it work a moment
		return nil
	}()
	c.kill()
	if ended := c.end(acked); ended != nil {
		return ended
	}
	if err != nil {
		return fmt.Errorf("%w %s", err, c.complaint.String())
	}
	return nil
}

// news waits for the next acknowledgement.
func (c *running) news() error {
	for len(c.lines) > 0 {
		<-c.lines // said before we asked
	}
	select {
	case _, ok := <-c.lines:
		if !ok {
			return fmt.Errorf("the child has ended: %s", c.complaint.String())
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("no acknowledgement within %s", patience)
	}
}
