package identity

import (
	"sync"
	"time"
)

// steady is a clock that never goes back. When the source jumps back, it goes
// on from where it was, so that a session ends no later than it should; when
// the source is corrected forward afterwards, sessions end early.
type steady struct {
	source func() time.Time

	mu    sync.Mutex
	last  time.Time // of the source
	ahead time.Duration
}

func (c *steady) now() time.Time {
	// Without the monotonic reading: a set-back wall clock must be seen.
	raw := c.source().UTC().Round(0).Truncate(time.Microsecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.last.IsZero() && raw.Before(c.last) {
		c.ahead += c.last.Sub(raw)
	}
	c.last = raw
	return raw.Add(c.ahead)
}

// fresh is how long an answer may come from memory: the bound within which a
// revocation made by another process is noticed.
const fresh = time.Second

// cacheLimit bounds the entries of one cache.
const cacheLimit = 20_000

// cache remembers answers of the database for a moment. An answer that was
// read before the last clear is never stored, so that a revocation cannot be
// overtaken by a slow reader.
type cache[V any] struct {
	mu  sync.RWMutex
	gen uint64
	m   map[string]cached[V]
}

type cached[V any] struct {
	v  V
	at time.Time
}

func newCache[V any]() *cache[V] { return &cache[V]{m: map[string]cached[V]{}} }

// get returns the value, if fresh, and the generation to hand to put.
func (c *cache[V]) get(key string, now time.Time) (v V, gen uint64, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.m[key]
	if ok {
		age := now.Sub(e.at)
		ok = age >= 0 && age < fresh
	}
	return e.v, c.gen, ok
}

func (c *cache[V]) put(key string, v V, now time.Time, gen uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if gen != c.gen {
		return
	}
	if len(c.m) >= cacheLimit {
		clear(c.m)
	}
	c.m[key] = cached[V]{v, now}
}

func (c *cache[V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gen++
	clear(c.m)
}
