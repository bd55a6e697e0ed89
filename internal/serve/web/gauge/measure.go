package gauge

import (
	"context"
	"iter"
	"time"

	"augenmass/internal/operate/trail"
	"augenmass/internal/permit"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// MeasuredEntries is how many of the newest journal entries a reading looks at.
// It bounds the cost of a reading, about a tenth of a millisecond an entry. Up
// to there it is the organisation's own measurement of the whole journal, which
// other pages show too; a case file always measures everything.
const MeasuredEntries = 20_000

// journal is what a reading needs of the journal.
type journal interface {
	Size() uint64
	Entry(ctx context.Context, index uint64) ([]byte, error)
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
}

// measurer measures a catalogue over the newest entries.
type measurer struct {
	journal      journal
	trail        *trail.Trail
	db           *store.DB
	now          func() time.Time
	requirements []packs.Requirement
	most         uint64
	// whole measures all entries and keeps the result.
	whole func(ctx context.Context) ([]verify.Requirement, error)
}

// read measures the newest entries. What stood before them and still counts,
// the permits, is shown to the checks first; it counts for nothing itself,
// because the span measured begins with the first entry after it.
func (m measurer) read(ctx context.Context) (Conformity, error) {
	size := m.journal.Size()
	if size <= m.most {
		all, err := m.whole(ctx)
		return Conformity{Requirements: all, Size: through(all), Whole: true}, err
	}
	c := Conformity{From: size - m.most, Size: size}
	first, err := m.event(ctx, c.From)
	if err != nil {
		return c, err
	}
	before, err := m.permits(ctx, c.From)
	if err != nil {
		return c, err
	}
	p := casefile.Period{From: first.Time, To: m.now().Add(time.Minute)} // what happens now counts
	c.Requirements, err = casefile.Measure(ctx, window{m.journal, before, c.From, size}, m.requirements, p, size)
	return c, err
}

// through is how many entries the checks saw.
func through(all []verify.Requirement) (n uint64) {
	for _, r := range all {
		for _, res := range r.Results {
			n = max(n, res.Through)
		}
	}
	return n
}

func (m measurer) event(ctx context.Context, index uint64) (ledger.Event, error) {
	raw, err := m.journal.Entry(ctx, index)
	if err != nil {
		return ledger.Event{}, err
	}
	return ledger.Decode(raw)
}

// permits returns the permit entries before an index, oldest first.
func (m measurer) permits(ctx context.Context, before uint64) ([]ledger.Record, error) {
	var out []ledger.Record
	q := store.Query{Sort: "index", Limit: store.MaxLimit, Filters: []store.Filter{
		store.Where("type", "in", permit.TypeIssued, permit.TypeSuspended, permit.TypeRestored), store.Where("index", "<", int64(before))}}
	for {
		page, err := m.trail.Entries.List(ctx, m.db, q)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			raw, err := m.journal.Entry(ctx, uint64(e.Index))
			if err != nil {
				return nil, err
			}
			out = append(out, ledger.Record{Index: uint64(e.Index), Entry: raw})
		}
		if page.Next == "" {
			return out, nil
		}
		q.Cursor = page.Next
	}
}

// window is the journal as a reading sees it: some entries from before, then
// everything from an index on.
type window struct {
	journal    journal
	before     []ledger.Record
	from, size uint64
}

// Entries gives the window whatever is asked for.
func (w window) Entries(ctx context.Context, _, _ uint64) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for _, r := range w.before {
			if !yield(r, ctx.Err()) {
				return
			}
		}
		for r, err := range w.journal.Entries(ctx, w.from, w.size) {
			if !yield(r, err) {
				return
			}
		}
	}
}
