// Package pace slows guessing down on pages that need no account. Codes that
// were not right before are let through at a walking pace for the whole process
// together: no address is looked at, let alone kept.
package pace

import (
	"sync"
	"time"
)

// Limits of a Gate for codes that were not right before.
const (
	Burst  = 20              // wrong codes in a row
	Refill = 3 * time.Second // until one more is allowed
	known  = 1000            // codes remembered as right
)

// Gate is a token bucket. Codes that were right are always served, so that
// somebody who guesses locks nobody out. It is safe for many callers.
type Gate struct {
	mu     sync.Mutex
	burst  float64
	refill time.Duration
	left   float64
	at     time.Time
	right  map[string]bool
}

// New returns a gate with the usual limits.
func New() *Gate { return Of(Burst, Refill) }

// Of returns a gate that lets burst through at once and one more each refill.
func Of(burst int, refill time.Duration) *Gate {
	return &Gate{burst: float64(burst), refill: refill, left: float64(burst), right: map[string]bool{}}
}

// Take lets a code through, or says how long to wait. A clock that goes
// backwards gives no tokens.
func (l *Gate) Take(code string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.right[code] {
		return 0, true
	}
	if !l.at.IsZero() && now.After(l.at) {
		l.left = min(l.burst, l.left+float64(now.Sub(l.at))/float64(l.refill))
	}
	l.at = now
	if l.left < 1 {
		return time.Duration((1 - l.left) * float64(l.refill)), false
	}
	l.left--
	return 0, true
}

// Hit says that a code was right: it gets its token back and needs none again.
func (l *Gate) Hit(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.right[code] {
		return
	}
	l.left = min(l.burst, l.left+1)
	if len(l.right) < known {
		l.right[code] = true
	}
}

// Gone says that a code is no longer right, as after a system was removed.
func (l *Gate) Gone(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.right, code)
}
