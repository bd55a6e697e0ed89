package gauge

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/trail"
	"augenmass/internal/org"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// House holds the gauges of any number of organisations, each apart from the
// others. Its zero value is ready.
type House struct {
	mu   sync.Mutex
	orgs map[*org.Org]*Gauge
}

// Of returns the gauges of the organisation that a page belongs to.
func (h *House) Of(s *page.Site) *Gauge {
	h.mu.Lock()
	defer h.mu.Unlock()
	g, ok := h.orgs[s.Org]
	if !ok {
		g = newGauge(s)
		if h.orgs == nil {
			h.orgs = map[*org.Org]*Gauge{}
		}
		h.orgs[s.Org] = g
	}
	return g
}

// Gauge is the numbers of one organisation.
type Gauge struct {
	trail   *trail.Trail
	oversee *oversee.Queue
	db      *store.DB
	now     func() time.Time
	zone    *time.Location
	log     *slog.Logger
	size    func() uint64

	today   *Cell[map[string]Counts]
	measure *Cell[Conformity]

	mu      sync.Mutex
	systems map[string]*Cell[Running]
	counted sofar // of today
}

// Counts are the decisions about one system within a span.
type Counts struct{ All, People, Denied int }

// Conformity is what was measured of a catalogue.
type Conformity struct {
	Requirements []verify.Requirement // those that name checks
	From, Size   uint64               // the entries measured: From included, Size excluded
	Whole        bool                 // all that the journal had
}

// Running says how one system ran since a day.
type Running struct {
	Since     time.Time
	Outcomes  trail.Counts
	Overrides oversee.Overrides
}

// Least spans between two readings.
const (
	countEvery   = 2 * time.Second
	measureEvery = 5 * time.Second
)

func newGauge(s *page.Site) *Gauge {
	o := s.Org
	g := &Gauge{trail: o.Trail, oversee: o.Oversee, db: o.DB, now: s.Now, zone: s.Zone, log: s.Log, size: o.Journal.Size,
		systems: map[string]*Cell[Running]{}}
	g.today = &Cell[map[string]Counts]{read: g.countToday, basis: g.day, least: countEvery, now: s.Now, log: s.Log}
	m := measurer{journal: o.Journal, trail: o.Trail, db: o.DB, now: s.Now, requirements: o.Packs.Requirements("zta"), most: MeasuredEntries, whole: o.Measure}
	g.measure = &Cell[Conformity]{read: m.read, basis: func() any { return g.size() }, least: measureEvery, now: s.Now, log: s.Log}
	return g
}

// basisOfDay is what today's counts rest on.
type basisOfDay struct {
	size uint64
	day  time.Time
}

func (g *Gauge) day() any { return basisOfDay{g.size(), g.midnight()} }

// midnight is the start of the reader's day.
func (g *Gauge) midnight() time.Time {
	t := g.now()
	if g.zone != nil {
		t = t.In(g.zone)
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location()).UTC()
}

// Today is the decisions of the reader's day, by system.
func (g *Gauge) Today(ctx context.Context, wait time.Duration) (Reading[map[string]Counts], error) {
	return g.today.Get(ctx, wait)
}

// sofar is what was counted of a day, up to an entry. Rows come in the order of
// the journal and do not change, so the next reading counts on from there.
type sofar struct {
	day    time.Time
	upto   int64 // index of the last entry counted
	counts map[string]Counts
}

func (g *Gauge) countToday(ctx context.Context) (map[string]Counts, error) {
	day := g.midnight()
	last, err := g.trail.Latest(ctx, "", 1)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	from := g.counted
	g.mu.Unlock()
	if !from.day.Equal(day) || len(last) == 0 || last[0].Index < from.upto {
		from = sofar{day: day, upto: -1}
	}
	out := maps.Clone(from.counts)
	if out == nil {
		out = map[string]Counts{}
	}
	if len(last) > 0 && last[0].Index > from.upto {
		if err := g.countOn(ctx, out, day, from.upto, last[0].Index); err != nil {
			return nil, err
		}
		from.upto = last[0].Index
	}
	g.mu.Lock()
	g.counted = sofar{day: day, upto: from.upto, counts: out}
	g.mu.Unlock()
	return maps.Clone(out), nil
}

// countOn adds the decisions of a day after one entry, up to another.
func (g *Gauge) countOn(ctx context.Context, out map[string]Counts, day time.Time, after, upto int64) error {
	for _, one := range []struct {
		outcome entry.Outcome
		add     func(*Counts, int)
	}{
		{"", func(c *Counts, n int) { c.All += n }},
		{entry.Escalated, func(c *Counts, n int) { c.People += n }},
		{entry.Denied, func(c *Counts, n int) { c.Denied += n }},
	} {
		filters := []store.Filter{store.Where("index", ">", after), store.Where("index", "<=", upto), store.Where("at", ">=", day)}
		if one.outcome != "" {
			filters = append(filters, store.Where("outcome", "=", string(one.outcome)))
		}
		by, err := g.trail.Decisions.Group(ctx, g.db, "system", filters...)
		if err != nil {
			return err
		}
		for system, n := range by {
			c := out[system]
			one.add(&c, n)
			out[system] = c
		}
	}
	return nil
}

// Days is how far back Running looks.
const Days = 30

// Running says how a system ran in the last thirty days.
func (g *Gauge) Running(ctx context.Context, system string, wait time.Duration) (Reading[Running], error) {
	g.mu.Lock()
	c, ok := g.systems[system]
	if !ok {
		c = &Cell[Running]{read: func(ctx context.Context) (Running, error) { return g.running(ctx, system) },
			basis: g.day, least: countEvery, now: g.now, log: g.log}
		g.systems[system] = c
	}
	g.mu.Unlock()
	return c.Get(ctx, wait)
}

func (g *Gauge) running(ctx context.Context, system string) (r Running, err error) {
	r.Since = g.midnight().AddDate(0, 0, -Days)
	if r.Outcomes, err = g.trail.Count(ctx, system, r.Since); err != nil {
		return r, err
	}
	r.Overrides, err = g.oversee.Overrides(ctx, system, r.Since)
	return r, err
}

// Conformity is what the catalogue's checks found in the journal.
func (g *Gauge) Conformity(ctx context.Context, wait time.Duration) (Reading[Conformity], error) {
	return g.measure.Get(ctx, wait)
}
