package duties

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/prove/conform"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
)

// Reading is what the checks of the catalogue found in the journal.
type Reading struct {
	All   []verify.Requirement // those that name checks
	Ready bool                 // false while the first reading is being made
}

// At is the instant up to which the reading looks.
func (r Reading) At() time.Time {
	for _, q := range r.All {
		for _, res := range q.Results {
			return res.Spec.To
		}
	}
	return time.Time{}
}

// Through is how many journal entries the reading saw, from the first on.
func (r Reading) Through() uint64 {
	var n uint64
	for _, q := range r.All {
		for _, res := range q.Results {
			n = max(n, res.Through)
		}
	}
	return n
}

// Of returns what was measured of one requirement; false: it names no checks.
func (r Reading) Of(id string) (verify.Requirement, bool) {
	for _, q := range r.All {
		if q.ID == id {
			return q, true
		}
	}
	return verify.Requirement{}, false
}

// among keeps what was measured of some requirements.
func (r Reading) among(some []packs.Requirement) Reading {
	r.All = slices.DeleteFunc(slices.Clone(r.All), func(q verify.Requirement) bool {
		return !slices.ContainsFunc(some, func(s packs.Requirement) bool { return s.ID == q.ID })
	})
	return r
}

// Measured keeps the last reading of each organisation. Measuring a year's
// journal takes longer than a page may, so it runs behind the page, one at a
// time, and a page that does not want to wait gets the reading before. The zero
// value is ready; it is safe for many goroutines.
type Measured struct {
	mu   sync.Mutex
	orgs map[*org.Org]*measuring
}

// patience and soon are how long a page waits for a reading; limit ends one that
// hangs.
const (
	patience = 1500 * time.Millisecond
	soon     = 100 * time.Millisecond
	limit    = 10 * time.Minute
)

// Of returns the last reading of the organisation that a page belongs to.
func (m *Measured) Of(r *page.Request) (Reading, error) { return m.within(r, patience) }

// Soon is Of for pages that show the measured status beside much else: they wait
// for a reading no longer than the eye does.
func (m *Measured) Soon(r *page.Request) (Reading, error) { return m.within(r, soon) }

func (m *Measured) within(r *page.Request, wait time.Duration) (Reading, error) {
	m.mu.Lock()
	g, ok := m.orgs[r.Org]
	if !ok {
		g = &measuring{measure: r.Org.Measure, log: r.Log}
		if m.orgs == nil {
			m.orgs = map[*org.Org]*measuring{}
		}
		m.orgs[r.Org] = g
	}
	m.mu.Unlock()
	return g.get(r.Context(), wait)
}

// measuring makes readings of one organisation.
type measuring struct {
	measure func(context.Context) ([]verify.Requirement, error)
	log     *slog.Logger

	mu      sync.Mutex
	last    Reading
	err     error         // of the last attempt
	pending chan struct{} // closed when the running attempt ends; nil: none runs
}

// get starts a reading, waits for it no longer than wait, and returns the newest
// there is. The error of an attempt is the page's only while there is no reading.
func (g *measuring) get(ctx context.Context, wait time.Duration) (Reading, error) {
	done := g.start()
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	case <-ctx.Done():
		return Reading{}, ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.last.Ready {
		return g.last, g.err
	}
	return g.last, nil
}

func (g *measuring) start() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending == nil {
		g.pending = make(chan struct{})
		go g.take(g.pending)
	}
	return g.pending
}

func (g *measuring) take(done chan struct{}) {
	defer close(done)
	ctx, end := context.WithTimeout(context.Background(), limit)
	defer end()
	all, err := g.measure(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending, g.err = nil, err
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			g.log.Error("the requirements could not be measured; the last reading stays", "err", err)
		}
		return
	}
	g.last = Reading{All: all, Ready: true}
}

// counts says how many requirements of a reading are measured and how many met.
func (r Reading) counts() (measured, met int) {
	for _, q := range r.All {
		if q.Status != conform.Unmeasured {
			measured++
		}
		if q.Status == conform.Met {
			met++
		}
	}
	return measured, met
}
