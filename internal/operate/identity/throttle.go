package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// attemptRow counts failed attempts for one name or one address, under a keyed
// hash of it: neither is stored. Rows outlive a restart.
type attemptRow struct {
	Key   string    `json:"key" store:"key"`
	Fails int64     `json:"fails"`
	Last  time.Time `json:"last" store:"index"`
	Until time.Time `json:"until"` // no further attempt before
}

func attemptRows() *store.Table[attemptRow] { return store.NewTable[attemptRow]("identity_attempt") }

// Growing delays. A name gets three attempts, then waits 1, 2, 4 … seconds up
// to five minutes: long enough against guessing (288 tries a day), short enough
// that nobody can lock a colleague out for a shift. An address may stand for a
// whole hall and gets twenty, then up to fifteen minutes.
var (
	nameDelay    = delay{free: 3, limit: 5 * time.Minute}
	addressDelay = delay{free: 20, limit: 15 * time.Minute}
)

// attemptMemory is how long failures count without a new one.
const attemptMemory = 12 * time.Hour

type delay struct {
	free  int64
	limit time.Duration
}

func (d delay) after(fails int64) time.Duration {
	over := fails - d.free
	if over <= 0 {
		return 0
	}
	if over > 20 {
		return d.limit
	}
	return min(time.Second<<(over-1), d.limit)
}

const (
	nameClass    = "n:"
	addressClass = "a:"
)

func delayOf(key string) delay {
	if strings.HasPrefix(key, nameClass) {
		return nameDelay
	}
	return addressDelay
}

func (s *Service) nameKey(name string) string { return nameClass + s.keyed("attempt name", name) }

func (s *Service) addressKey(addr string) string {
	return addressClass + s.keyed("attempt address", addr)
}

// gate lets attempts through. Each counts as failed from the moment it is let
// in until it proves otherwise, so that many at once gain nothing.
type gate struct {
	db *store.DB

	mu    sync.Mutex
	byKey map[string]*attemptRow
}

// gateLimit bounds the names and addresses in memory; the table has them all.
const gateLimit = 10_000

func newGate(db *store.DB) *gate { return &gate{db: db, byKey: map[string]*attemptRow{}} }

// admit counts an attempt for all keys, or refuses it if one of them has to
// wait. A refused attempt does not lengthen the wait.
func (g *gate) admit(ctx context.Context, keys []string, now time.Time) error {
	loaded := make([]attemptRow, len(keys))
	for i, k := range keys {
		row, err := attemptRows().Get(ctx, g.db, k)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
		loaded[i] = row
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.byKey) > gateLimit {
		g.evict(now)
	}
	var wait time.Duration
	for i, k := range keys {
		row := g.byKey[k]
		if row == nil {
			row = &loaded[i]
			row.Key = k
			g.byKey[k] = row
		}
		if now.Sub(row.Last) > attemptMemory {
			row.Fails, row.Until = 0, time.Time{}
		}
		// Bounded, so that a clock that was set back locks nobody out.
		wait = max(wait, min(row.Until.Sub(now), delayOf(k).limit))
	}
	if wait > 0 {
		return errThrottled(wait)
	}
	for _, k := range keys {
		row := g.byKey[k]
		row.Fails++
		row.Last = now
		row.Until = now.Add(delayOf(k).after(row.Fails))
	}
	return nil
}

func (g *gate) evict(now time.Time) {
	for k, row := range g.byKey {
		if !row.Until.After(now) {
			delete(g.byKey, k)
		}
	}
}

// release takes one attempt back: it was not a failed one.
func (g *gate) release(keys []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if row := g.byKey[k]; row != nil && row.Fails > 0 {
			row.Fails--
			row.Until = time.Time{}
			if row.Fails > delayOf(k).free {
				row.Until = row.Last.Add(delayOf(k).after(row.Fails))
			}
		}
	}
}

// clear forgets the failures of a name whose owner signed in. Those of the
// address stay but for this attempt: an attacker with one good account must not
// buy attempts on others.
func (g *gate) clear(keys []string) {
	g.release(keys)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if strings.HasPrefix(k, nameClass) {
			delete(g.byKey, k)
		}
	}
}

// rows copies the counts of the keys, to be stored.
func (g *gate) rows(keys []string) []attemptRow {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []attemptRow
	for _, k := range keys {
		if row := g.byKey[k]; row != nil {
			out = append(out, *row)
		}
	}
	return out
}

// throttled is the cause inside the problem of a refused attempt.
type throttled struct{ wait time.Duration }

func (t throttled) Error() string { return fmt.Sprintf("wait %s", t.wait) }

func errThrottled(wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return problem.New(problem.Denied,
		"Zu viele Fehlversuche hintereinander.", "Too many failed attempts in a row.").
		WithHint(fmt.Sprintf("Bitte %d Sekunden warten und dann noch einmal versuchen.", seconds),
			fmt.Sprintf("Please wait %d seconds, then try again.", seconds)).
		WithReason("signin.wait", "Nach Fehlversuchen wird die Anmeldung verzögert.", "After failed attempts, sign-in is delayed.").
		Wrap(throttled{wait})
}

// RetryAfter returns how long to wait, if err is the refusal of an attempt that
// came too early (for the header Retry-After).
func RetryAfter(err error) (time.Duration, bool) {
	var t throttled
	ok := errors.As(err, &t)
	return t.wait, ok
}
