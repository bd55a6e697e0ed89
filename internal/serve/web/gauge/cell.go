// Package gauge keeps numbers that cost a scan away from the path of a page:
// counts of today's decisions, oversight of one system, conformity measured
// from the journal. A page gets the last reading at once, with the time it was
// taken, and a new one is made behind it.
//
// A reading is made when somebody looks and what it rests on has changed, one at
// a time, and never for more than a thirtieth of the time: after a reading that took
// two seconds the next one waits a minute. So the pages stay fast with a million
// entries, and an idle organisation costs nothing.
//
// It counts and measures by the rooms' own means (trail, oversee, prove) and
// decides nothing about who may see a number; pages do.
package gauge

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Reading is a value and when it was taken. Ready is false while the first one
// is still being made.
type Reading[T any] struct {
	Value T
	At    time.Time
	Ready bool
}

// Cell holds the last reading of one number. It is safe for many goroutines.
type Cell[T any] struct {
	// Read makes a reading. It runs outside of any request, as the program
	// itself, and ends with ctx.
	read func(ctx context.Context) (T, error)
	// basis is what a reading rests on, e.g. the size of the journal. While it
	// stays the same, the last reading holds.
	basis func() any
	least time.Duration // between two readings
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	last    Reading[T]
	of      any       // basis of last
	next    time.Time // no reading before; by the wall, not by now
	err     error     // of the last attempt, while there is no reading
	pending chan struct{}
	begun   time.Time // of the pending reading, by the wall
}

// patience ends a reading that hangs.
const patience = time.Minute

// share of the time that readings may take: one part in so many.
const share = 30

// Get returns the last reading and starts a new one if it is due. Without any
// reading it waits for the first, until it has been under way for that long: who
// comes while it takes its time does not wait again. The error is of the first
// reading; later ones are logged, and the last good one stays, with its time.
func (c *Cell[T]) Get(ctx context.Context, wait time.Duration) (Reading[T], error) {
	r, pending, err := c.look()
	if r.Ready || pending == nil {
		return r, err
	}
	c.mu.Lock()
	wait -= time.Since(c.begun)
	c.mu.Unlock()
	if wait <= 0 {
		return r, nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-pending:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.last, c.err
	case <-t.C:
	case <-ctx.Done():
	}
	return r, ctx.Err()
}

// look returns what there is, and starts a reading if it is due. pending is
// closed when the running one ends; nil: none runs.
func (c *Cell[T]) look() (Reading[T], chan struct{}, error) {
	basis := c.basis()
	c.mu.Lock()
	defer c.mu.Unlock()
	stale := !c.last.Ready || c.of != basis
	if c.pending == nil && stale && !time.Now().Before(c.next) {
		c.pending, c.begun = make(chan struct{}), time.Now()
		go c.take(basis, c.pending)
	}
	if c.last.Ready {
		return c.last, nil, nil
	}
	return c.last, c.pending, c.err
}

// take makes one reading.
func (c *Cell[T]) take(basis any, done chan struct{}) {
	defer close(done)
	ctx, end := context.WithTimeout(context.Background(), patience)
	defer end()
	at, start := c.now(), time.Now()
	v, err := c.read(ctx)
	took := time.Since(start)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending, c.next, c.err = nil, start.Add(max(c.least, share*took)), err
	if err != nil {
		c.log.Error("a number could not be counted; the last one stays", "err", err)
		return
	}
	c.last, c.of = Reading[T]{Value: v, At: at, Ready: true}, basis
}
