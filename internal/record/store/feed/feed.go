// Package feed carries what one node commits to the other nodes of a shared
// database. A write adds a line to the table changes, in its own transaction;
// because writes of all nodes run one after another, lines are numbered in the
// order of the commits, and a reader that knows the last number it saw has
// missed nothing.
//
// Notifications only say that it is worth looking; every second it is looked
// anyway, so that a lost one costs at most a second. Lines older than an hour
// are removed. Every look holds what it finds against the last line that it saw:
// a node that was away for longer, or whose server lost lines that it saw (a
// fail-over, an older backup), is told so instead of going on with a gap.
//
// It does not know what a line means. On SQLite nothing is written.
package feed

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/outbox"
)

// Tables are the tables of this package.
var Tables = []engine.Table{
	{Name: "changes", Columns: []engine.Column{{Name: "seq", Type: engine.Serial}, {Name: "origin"}, {Name: "number", Type: engine.Int},
		{Name: "at", Type: engine.Int}, {Name: "topic"}, {Name: "body"}}},
}

const (
	kept      = time.Hour        // how long lines are kept
	pruning   = 10 * time.Minute // how often old ones are removed
	looking   = time.Second      // how often is looked without a notification
	linesOnce = 500              // most that are read at once
)

// Cursor is the name of the cursor that says up to which line they were
// removed. It means something in this database only.
const Cursor = "changes"

// Feed is one node's part in the exchange. Its methods are safe for many
// goroutines.
type Feed struct {
	db     *engine.DB
	origin string // this node, as long as the database is open
	now    func() time.Time

	mu       sync.Mutex
	number   int64             // of the last own line
	own      map[int64]*flight // own lines whose fate the feed may have to know
	position int64             // last line that was read
	last     mark              // what stood there; empty: it was removed before this node came
	heard    time.Time         // when the feed last was up to date
	pruned   time.Time

	// For tests: what asks for a look instead of the clock, and what listens
	// instead of the database.
	Tick   <-chan time.Time
	Listen func(ctx context.Context, heard func(from string)) error
}

// mark tells a line from another one of the same number.
type mark struct {
	origin string
	number int64
}

// flight is an own line between its write and the answer to the commit.
type flight struct {
	done    chan struct{} // closed when unknown is final
	unknown bool          // nobody answered the commit
}

// Open returns the feed of db, which begins behind the lines that are there.
func Open(ctx context.Context, db *engine.DB, now func() time.Time) (*Feed, error) {
	random := make([]byte, 8)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	f := &Feed{db: db, origin: hex.EncodeToString(random), now: now, own: map[int64]*flight{}, Listen: db.Listen}
	if _, err := db.Reads().One(ctx, "SELECT seq, origin, number FROM changes ORDER BY seq DESC LIMIT 1", nil, &f.position, &f.last.origin, &f.last.number); err != nil {
		return nil, err
	}
	gone, _, _, err := outbox.Cursor(ctx, db.Reads(), Cursor)
	if err != nil {
		return nil, err
	}
	if int64(gone) > f.position {
		f.position, f.last = int64(gone), mark{}
	}
	f.pruned = now()
	return f, nil
}

// Put adds a line to the write of s and returns its number, for Settle.
func (f *Feed) Put(ctx context.Context, s engine.Session, topic, body string) (int64, error) {
	f.mu.Lock()
	f.number++
	n := f.number
	f.own[n] = &flight{done: make(chan struct{})}
	f.mu.Unlock()
	s.Notify(f.origin)
	_, err := s.Exec(ctx, "INSERT INTO changes (origin, number, at, topic, body) VALUES ($1, $2, $3, $4, $5)", f.origin, n, f.now().UnixMicro(), topic, body)
	return n, err
}

// Wake lets the other nodes look once the write of s is committed.
func (f *Feed) Wake(s engine.Session) { s.Notify(f.origin) }

// Settle says how the write of an own line ended: without an answer the feed
// brings it back if it happened, otherwise its writer has dealt with it.
func (f *Feed) Settle(number int64, unknown bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.own[number]
	if fl == nil {
		return
	}
	fl.unknown = unknown
	if !unknown {
		delete(f.own, number)
	}
	close(fl.done)
}

// Heard is when the feed last was up to date; zero before the first time.
func (f *Feed) Heard() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard
}

// Run hands lines of other nodes on, in order and each once, until ctx ends;
// then it returns nil. woken is called whenever another node said something,
// and at least every second. A database that cannot be reached is tried again.
// It returns an error when lines are gone that this node never saw.
func (f *Feed) Run(ctx context.Context, woken func(), line func(ctx context.Context, topic, body string) error) error {
	wake := make(chan struct{}, 1)
	listening, stop := context.WithCancel(ctx)
	var listener sync.WaitGroup
	listener.Go(func() { f.listen(listening, wake) })
	defer listener.Wait()
	defer stop()
	tick := f.Tick
	if tick == nil {
		ticker := time.NewTicker(looking)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		switch err := f.look(ctx, line); {
		case ctx.Err() != nil:
			return nil
		case err != nil && !problem.Is(err, problem.Unavailable):
			return err
		}
		woken()
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-tick:
		}
	}
}

// listen passes notifications of other nodes on as a wish to look, and listens
// again when the connection breaks.
func (f *Feed) listen(ctx context.Context, wake chan<- struct{}) {
	for ctx.Err() == nil {
		err := f.Listen(ctx, func(from string) {
			if from == f.origin {
				return
			}
			select {
			case wake <- struct{}{}:
			default: // a wish is enough
			}
		})
		if err == nil {
			return
		}
		again := time.NewTimer(looking / 4)
		select {
		case <-ctx.Done():
		case <-again.C: // the looks of every second go on meanwhile
		}
		again.Stop()
	}
}

type entry struct {
	mark
	seq         int64
	topic, body string
}

// look reads the lines behind the position and hands them on.
func (f *Feed) look(ctx context.Context, line func(ctx context.Context, topic, body string) error) error {
	started := f.now()
	for {
		entries, err := f.read(ctx)
		if err != nil {
			return err
		}
		for _, e := range entries {
			mine, err := f.mine(ctx, e)
			if err != nil {
				return err
			}
			if !mine {
				if err := line(ctx, e.topic, e.body); err != nil {
					return err
				}
			}
			f.mu.Lock()
			f.position, f.last = e.seq, e.mark
			f.mu.Unlock()
		}
		if len(entries) < linesOnce {
			break
		}
	}
	f.mu.Lock()
	f.heard = started
	due := started.Sub(f.pruned) >= pruning
	f.mu.Unlock()
	if due {
		return f.Prune(ctx)
	}
	return nil
}

// linesText reads the last line that was seen and those behind it, beside the
// number up to which lines were removed: all of one instant, for a removal
// between two questions would look like a gap, or hide one.
const linesText = "SELECT g.gone, COALESCE(c.seq, 0), COALESCE(c.origin, ''), COALESCE(c.number, 0), COALESCE(c.topic, ''), COALESCE(c.body, '') " +
	"FROM (SELECT COALESCE(MAX(next), 0) AS gone FROM cursors WHERE name = $1) g " +
	"LEFT JOIN (SELECT seq, origin, number, topic, body FROM changes WHERE seq >= $2 ORDER BY seq LIMIT $3) c ON TRUE ORDER BY c.seq"

// read returns the lines behind the position.
func (f *Feed) read(ctx context.Context) ([]entry, error) {
	f.mu.Lock()
	position, last := f.position, f.last
	f.mu.Unlock()
	var gone int64
	var out []entry
	err := f.db.Reads().Query(ctx, linesText, []any{Cursor, position, linesOnce + 1}, func(r *sql.Rows) error {
		var e entry
		err := r.Scan(&gone, &e.seq, &e.origin, &e.number, &e.topic, &e.body)
		if e.seq > 0 { // without lines there is one row that says only what is gone
			out = append(out, e)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case len(out) > 0 && out[0].seq == position:
		if out[0].mark != last {
			return nil, errGap()
		}
		return out[1:], nil
	case gone != position: // it was removed together with others, or never was
		return nil, errGap()
	}
	return out, nil
}

// errGap refuses to go on when there are lines that this node will never see.
func errGap() error {
	return problem.New(problem.Conflict, "Diesem Knoten fehlen Änderungen der anderen: Er war zu lange von der Datenbank getrennt, oder sie hat etwas verloren.",
		"This node lacks changes of the others: it was cut off from the database for too long, or the database lost something.").
		WithHint("Bitte diesen Knoten neu starten.", "Please restart this node.")
}

// mine reports whether the writer of a line in this process has dealt with it.
// A line can be seen before its writer has heard back from the commit; then
// the feed waits for that.
func (f *Feed) mine(ctx context.Context, e entry) (bool, error) {
	if e.origin != f.origin {
		return false, nil
	}
	f.mu.Lock()
	fl := f.own[e.number]
	f.mu.Unlock()
	if fl == nil {
		return true, nil
	}
	select {
	case <-fl.done:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.own, e.number)
	return !fl.unknown, nil
}

// Prune removes lines that are older than an hour.
func (f *Feed) Prune(ctx context.Context) error {
	now := f.now()
	var last int64
	found, err := f.db.Reads().One(ctx, "SELECT COALESCE(MAX(seq), 0) FROM changes WHERE at < $1", []any{now.Add(-kept).UnixMicro()}, &last)
	if err != nil {
		return err
	}
	if found && last > 0 {
		err = f.db.Write(ctx, func(s engine.Session) error {
			if _, err := s.Exec(ctx, "DELETE FROM changes WHERE seq <= $1", last); err != nil {
				return err
			}
			before, _, _, err := outbox.Cursor(ctx, s, Cursor)
			if err != nil {
				return err
			}
			return outbox.SetCursor(ctx, s, Cursor, max(before, uint64(last)), "")
		})
	}
	if err == nil {
		f.mu.Lock()
		f.pruned = now
		f.mu.Unlock()
	}
	return err
}
