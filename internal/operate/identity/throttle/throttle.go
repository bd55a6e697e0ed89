// Package throttle slows down who guesses: failed attempts for one name or from
// one address make the next attempt wait, longer each time.
//
// Names and addresses come in under a keyed hash; neither is kept. What an
// attempt is, and how it ended, is the caller's to say: identity stores the
// counts (Rows) in the transaction that journals a failure.
package throttle

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

// Row counts failed attempts for one name or one address, under a keyed
// hash of it: neither is stored. Rows outlive a restart.
type Row struct {
	Key   string    `json:"key" store:"key"`
	Fails int64     `json:"fails"`
	Last  time.Time `json:"last" store:"index"`
	Until time.Time `json:"until"` // no further attempt before
}

// Table is the table of the counts.
func Table() *store.Table[Row] { return store.NewTable[Row]("identity_attempt") }

// Growing delays. A name gets three attempts, then waits 1, 2, 4 … seconds up
// to five minutes: 288 guesses a day, and a name that somebody else plagues is
// never locked for good. An address may stand for a whole hall and gets twenty,
// then up to fifteen minutes.
var (
	nameDelay    = delay{free: 3, limit: 5 * time.Minute}
	addressDelay = delay{free: 20, limit: 15 * time.Minute}
)

// Memory is how long failures count without a new one.
const Memory = 12 * time.Hour

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

// Name is the key of a name, of which hash is a keyed hash.
func Name(hash string) string { return nameClass + hash }

// Address is the key of an address, of which hash is a keyed hash.
func Address(hash string) string { return addressClass + hash }

// Gate lets attempts through. Each counts as failed from the moment it is let
// in until it proves otherwise, so that many at once gain nothing.
type Gate struct {
	db *store.DB

	mu    sync.Mutex
	byKey map[string]*Row
}

// limit bounds the names and addresses in memory; the table has them all.
const limit = 10_000

// New returns a gate over the counts that are stored.
func New(db *store.DB) *Gate { return &Gate{db: db, byKey: map[string]*Row{}} }

// Admit counts an attempt for all keys, or refuses it if one of them has to
// wait. A refused attempt does not lengthen the wait.
func (g *Gate) Admit(ctx context.Context, keys []string, now time.Time) error {
	loaded := make([]Row, len(keys))
	for i, k := range keys {
		row, err := Table().Get(ctx, g.db, k)
		if err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
		loaded[i] = row
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.byKey) > limit {
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
		if now.Sub(row.Last) > Memory {
			row.Fails, row.Until = 0, time.Time{}
		}
		// Bounded, so that a clock that was set back locks nobody out.
		wait = max(wait, min(row.Until.Sub(now), delayOf(k).limit))
	}
	if wait > 0 {
		return refusal(wait)
	}
	for _, k := range keys {
		row := g.byKey[k]
		row.Fails++
		row.Last = now
		row.Until = now.Add(delayOf(k).after(row.Fails))
	}
	return nil
}

func (g *Gate) evict(now time.Time) {
	for k, row := range g.byKey {
		if !row.Until.After(now) {
			delete(g.byKey, k)
		}
	}
}

// Release takes one attempt back: it was not a failed one. It had waited its
// time, so nothing is owed for it.
func (g *Gate) Release(keys []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if row := g.byKey[k]; row != nil && row.Fails > 0 {
			row.Fails--
			row.Until = time.Time{}
		}
	}
}

// Clear forgets the failures of a name whose owner signed in. Those of the
// address stay but for this attempt: an attacker with one good account must not
// buy attempts on others.
func (g *Gate) Clear(keys []string) {
	g.Release(keys)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, k := range keys {
		if strings.HasPrefix(k, nameClass) {
			delete(g.byKey, k)
		}
	}
}

// Rows copies the counts of the keys, to be stored.
func (g *Gate) Rows(keys []string) []Row {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []Row
	for _, k := range keys {
		if row := g.byKey[k]; row != nil {
			out = append(out, *row)
		}
	}
	return out
}

// early is the cause inside the problem of a refused attempt.
type early struct{ wait time.Duration }

func (t early) Error() string { return fmt.Sprintf("wait %s", t.wait) }

func refusal(wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return problem.New(problem.Denied,
		"Zu viele Fehlversuche hintereinander.", "Too many failed attempts in a row.").
		WithHint(fmt.Sprintf("Bitte %d Sekunden warten und dann noch einmal versuchen.", seconds),
			fmt.Sprintf("Please wait %d seconds, then try again.", seconds)).
		WithReason("signin.wait", "Nach Fehlversuchen wird die Anmeldung verzögert.", "After failed attempts, sign-in is delayed.").
		Wrap(early{wait})
}

// RetryAfter returns how long to wait, if err is the refusal of an attempt that
// came too early (for the header Retry-After).
func RetryAfter(err error) (time.Duration, bool) {
	var t early
	ok := errors.As(err, &t)
	return t.wait, ok
}
