package overview

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// The stream's pace: a sign of life at least so often, which also notices a
// session that ended; a pause between two batches, so that a busy line does not
// repaint the page a thousand times a second; and how far it looks back.
const (
	heartbeat = 15 * time.Second
	pace      = 300 * time.Millisecond
	lookBack  = 200
	atOnce    = 12 // rows of one batch
)

// journal is what the stream needs of the journal.
type journal interface {
	Size() uint64
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
	Wait(ctx context.Context, size uint64) error
}

// latest returns the newest decisions, newest first, and the size of the
// journal they were read at. It looks back a bounded number of entries: what is
// older is no longer "now".
func latest(ctx context.Context, c ui.Ctx, j journal, names show.People, most int) ([]ui.StreamRow, uint64, error) {
	size := j.Size()
	rows, err := rowsOf(ctx, c, j, names, size-min(size, lookBack), size)
	slices.Reverse(rows)
	return rows[:min(len(rows), most)], size, err
}

// rowsOf returns the decisions in [from, to), oldest first.
func rowsOf(ctx context.Context, c ui.Ctx, j journal, names show.People, from, to uint64) ([]ui.StreamRow, error) {
	var rows []ui.StreamRow
	for rec, err := range j.Entries(ctx, from, to) {
		if err != nil {
			return rows, err
		}
		e, err := ledger.Decode(rec.Entry)
		if err != nil {
			return rows, err
		}
		if row, ok := show.StreamEntry(c, rec.Index, e, names); ok {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// streamFollow sends new decisions as they are journaled, until the reader
// leaves, the session or the role for it ends, or the program stops. Every event carries the index
// of its newest entry, so a browser that was away goes on where it stopped.
func (a *area) streamFollow(r *page.Request) error {
	if !may(r, store.Read, "journal") {
		return problem.New(problem.Denied, "Das Journal liest Ihre Rolle nicht.", "Your role does not read the journal.").
			WithReason("role.read", "Vorgesehen ist es für andere Rollen.", "It is provided for other roles.")
	}
	live, err := r.Org.Follow(r.Context(), r.Who, "journal")
	if err != nil {
		return err
	}
	defer live.Release()
	ctx, end := live.Context(r.Context())
	defer end()
	all, _, err := systems(r)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	f := follow{c: r.C, journal: r.Org.Journal, names: names(all), out: r.W, flush: http.NewResponseController(r.W).Flush,
		alive: func(context.Context) bool { return ctx.Err() == nil }, heartbeat: heartbeat, pace: pace, from: start(r)}
	err = f.run(ctx)
	if ctx.Err() != nil {
		return nil // the reader left, or may read it no more
	}
	if err != nil {
		r.Log.Error("overview: stream", "err", err) // the answer has begun; there is no page left to say it on
	}
	return nil
}

// start is the first index to send: after what the browser has seen last, after
// what the page showed, or from now on.
func start(r *page.Request) uint64 {
	size := r.Org.Journal.Size()
	from := size
	if n, err := strconv.ParseUint(r.Query("from"), 10, 64); err == nil {
		from = n
	}
	if n, err := strconv.ParseUint(r.R.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		from = n + 1
	}
	return max(min(from, size), size-min(size, lookBack))
}

// follow is one stream.
type follow struct {
	c         ui.Ctx
	journal   journal
	names     show.People
	out       io.Writer
	flush     func() error
	alive     func(context.Context) bool
	heartbeat time.Duration
	pace      time.Duration
	from      uint64
}

func (f *follow) run(ctx context.Context) error {
	if err := f.say(": live\n\n"); err != nil {
		return err
	}
	for {
		wait, end := context.WithTimeout(ctx, f.heartbeat)
		err := f.journal.Wait(wait, f.from)
		end()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, context.DeadlineExceeded) || errors.Is(wait.Err(), context.DeadlineExceeded) && err != nil:
			if !f.alive(ctx) {
				return nil
			}
			if err := f.say(": still here\n\n"); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		if err := f.batch(ctx); err != nil {
			return err
		}
		pause(ctx, f.pace)
	}
}

// batch sends what is new as one event, newest first, and leaves out what would
// only flash by.
func (f *follow) batch(ctx context.Context) error {
	size := f.journal.Size()
	from := max(f.from, size-min(size, lookBack))
	rows, err := rowsOf(ctx, f.c, f.journal, f.names, from, size)
	f.from = size
	if err != nil || len(rows) == 0 {
		return err
	}
	slices.Reverse(rows)
	rows = rows[:min(len(rows), atOnce)]
	parts := make([]templ.Component, len(rows))
	for i, row := range rows {
		parts[i] = ui.StreamFragment(f.c, row)
	}
	if err := ui.WriteEvent(ctx, f.out, strconv.FormatUint(size-1, 10), templ.Join(parts...)); err != nil {
		return err
	}
	return f.flush()
}

func (f *follow) say(s string) error {
	if _, err := io.WriteString(f.out, s); err != nil {
		return err
	}
	return f.flush()
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
