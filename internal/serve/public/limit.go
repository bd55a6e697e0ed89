package public

import (
	"sync"
	"time"
)

// Guessing codes of cards gains little, because a card says nothing secret; but
// nobody should list all systems of a house by trying. So unknown codes are let
// through at a walking pace for the whole process together: no address is
// looked at, let alone kept.
const (
	burst  = 20              // wrong codes in a row
	refill = 3 * time.Second // until one more is allowed
	known  = 1000            // codes remembered as right
)

// limit is a token bucket for codes that were not right before. Codes that were
// are always served, so that somebody who guesses locks nobody out of the card
// at their machine. It is safe for many callers.
type limit struct {
	mu    sync.Mutex
	left  float64
	at    time.Time
	right map[string]bool
}

func newLimit() *limit { return &limit{left: burst, right: map[string]bool{}} }

// take lets a code through, or says how long to wait. A clock that goes
// backwards gives no tokens.
func (l *limit) take(code string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.right[code] {
		return 0, true
	}
	if !l.at.IsZero() && now.After(l.at) {
		l.left = min(burst, l.left+float64(now.Sub(l.at))/float64(refill))
	}
	l.at = now
	if l.left < 1 {
		return time.Duration((1 - l.left) * float64(refill)), false
	}
	l.left--
	return 0, true
}

// hit says that a code was right: it gets its token back and needs none again.
func (l *limit) hit(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.right[code] {
		return
	}
	l.left = min(burst, l.left+1)
	if len(l.right) < known {
		l.right[code] = true
	}
}

// gone says that a code is no longer right, as after a system was removed.
func (l *limit) gone(code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.right, code)
}
