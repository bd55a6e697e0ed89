// Package outbox carries journal entries from the transaction that made them
// to the journal: in order and exactly once, whenever the program is killed.
// It also keeps the durable positions in the journal of everything that
// follows it.
//
// It does not know what an entry means.
package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/engine"
)

// Journal is what the store needs of a *ledger.Journal.
type Journal interface {
	AppendAll(ctx context.Context, entries [][]byte) ([]ledger.Receipt, error)
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
	Size() uint64
	Wait(ctx context.Context, size uint64) error
}

var _ Journal = (*ledger.Journal)(nil)

// Tables are the tables of this package.
var Tables = []engine.Table{
	{Name: "outbox", Columns: []engine.Column{{Name: "seq", Type: engine.Serial}, {Name: "event_id"}, {Name: "entry", Type: engine.Bytes},
		{Name: "object_id"}, {Name: "revision", Type: engine.Int}}},
	{Name: "cursors", Columns: []engine.Column{{Name: "name"}, {Name: "next", Type: engine.Int}, {Name: "shape"}}, Key: "name"},
}

// step and stepBytes are the most that the sequencer hands over at once; tail
// is how far the journal may run ahead of the durable cursor, and so about the
// most that is read after a crash.
const (
	step      = 256
	stepBytes = 1 << 20
	tail      = 4096
)

// cursorName is the sequencer's cursor: every event of the outbox that the
// journal holds below it has left the outbox.
const cursorName = "outbox"

// Placed is told, inside the transaction, at which index of the journal the
// entry of an object's revision stands.
type Placed func(ctx context.Context, s engine.Session, object string, revision int64, index uint64) error

// Box is the outbox of one database.
type Box struct {
	db     *engine.DB
	placed Placed
	wake   chan struct{}

	sequencing sync.Mutex // one step at a time
	seen       uint64     // journal size up to which the outbox was compared
	compared   bool       // the tail of the journal was looked at since New or the last failure
}

// New returns the outbox of db.
func New(db *engine.DB, placed Placed) *Box {
	return &Box{db: db, placed: placed, wake: make(chan struct{}, 1)}
}

// Put adds an entry to the transaction of s. object and revision name what
// learns its index in the journal; "" for nothing.
func Put(ctx context.Context, s engine.Session, e ledger.Event, object string, revision int64) error {
	entry, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = s.Exec(ctx, "INSERT INTO outbox (event_id, entry, object_id, revision) VALUES ($1, $2, $3, $4)", e.ID, entry, object, revision)
	return err
}

// Wake tells the sequencer that entries were committed.
func (b *Box) Wake() {
	select {
	case b.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Pending is one entry that has not reached the journal.
type Pending struct {
	Event    string
	Entry    []byte
	Object   string
	Revision int64

	seq int64
}

// Sequence moves the outbox into the journal, in order and exactly once, until
// ctx ends; then it returns nil. It returns the first error of journal or
// database, and may be called again: what was appended before is found in the
// journal by its event id and not appended twice.
//
// The journal belongs to this database: nobody else appends the ids of its
// outbox. Sequence and Flush may run at the same time.
func (b *Box) Sequence(ctx context.Context, j Journal) error {
	for {
		n, err := b.sequence(ctx, j)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		}
	}
}

// Flush returns when the outbox is empty and the journal holds it.
func (b *Box) Flush(ctx context.Context, j Journal) error {
	for {
		n, err := b.sequence(ctx, j)
		if err != nil || n == 0 {
			return err
		}
	}
}

// sequence hands the first entries of the outbox to the journal and marks
// them. It returns how many left the outbox.
func (b *Box) sequence(ctx context.Context, j Journal) (int, error) {
	b.sequencing.Lock()
	defer b.sequencing.Unlock()
	if !b.compared {
		if err := b.compare(ctx, j); err != nil {
			return 0, err
		}
	}
	batch, err := b.Pending(ctx, step)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	if size := j.Size(); size > b.seen+tail {
		if err := b.mark(ctx, nil, nil, size); err != nil {
			return 0, err
		}
	}
	var entries [][]byte
	bytes := 0
	for _, p := range batch {
		if bytes += len(p.Entry); bytes > stepBytes && entries != nil {
			break
		}
		entries = append(entries, p.Entry)
	}
	batch = batch[:len(entries)]
	b.compared = false // until marked, only the journal knows how far it came
	// Without cancellation: an append that is given up may still become durable
	// after the journal was compared, and would then be there twice.
	receipts, err := j.AppendAll(context.WithoutCancel(ctx), entries)
	if err != nil {
		return 0, err
	}
	index := make([]uint64, len(batch))
	for i := range batch {
		index[i] = receipts[i].Index
	}
	if err := b.mark(ctx, batch, index, index[len(index)-1]+1); err != nil {
		return 0, err
	}
	b.compared = true
	return len(batch), nil
}

// Pending returns the first entries that have not reached the journal.
func (b *Box) Pending(ctx context.Context, limit int) ([]Pending, error) {
	var out []Pending
	err := b.db.Reads().Query(ctx, "SELECT seq, event_id, entry, object_id, revision FROM outbox ORDER BY seq LIMIT $1", []any{limit}, func(r *sql.Rows) error {
		var p Pending
		err := r.Scan(&p.seq, &p.Event, &p.Entry, &p.Object, &p.Revision)
		out = append(out, p)
		return err
	})
	return out, err
}

// draining is how often Drained looks.
const draining = 25 * time.Millisecond

// Drained returns when everything that is in the outbox now has left it, by
// whoever sequences it: for a node that does not lead.
func (b *Box) Drained(ctx context.Context) error {
	var last int64
	if _, err := b.db.Reads().One(ctx, "SELECT COALESCE(MAX(seq), 0) FROM outbox", nil, &last); err != nil {
		return err
	}
	tick := time.NewTicker(draining)
	defer tick.Stop()
	for {
		var left int64
		if _, err := b.db.Reads().One(ctx, "SELECT COUNT(*) FROM outbox WHERE seq <= $1", []any{last}, &left); err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return problem.New(problem.Unavailable, "Das Journal nimmt gerade nichts auf.", "The journal takes nothing at the moment.").Wrap(ctx.Err())
		case <-tick.C:
		}
	}
}

// SizeFor is the journal's size. Where other nodes append, this process may
// know less than the durable position next; then it looks.
func SizeFor(ctx context.Context, j Journal, next uint64) (uint64, error) {
	if shared, ok := j.(interface{ Refresh(context.Context) error }); ok && j.Size() < next {
		if err := shared.Refresh(ctx); err != nil {
			return 0, err
		}
	}
	return j.Size(), nil
}

// mark takes entries out of the outbox, tells their versions where they stand
// in the journal, and moves the cursor, in one transaction.
func (b *Box) mark(ctx context.Context, done []Pending, index []uint64, next uint64) error {
	err := b.db.Write(ctx, func(s engine.Session) error {
		for i, p := range done {
			if p.Object != "" {
				if err := b.placed(ctx, s, p.Object, p.Revision, index[i]); err != nil {
					return err
				}
			}
			if _, err := s.Exec(ctx, "DELETE FROM outbox WHERE seq = $1", p.seq); err != nil {
				return err
			}
		}
		return SetCursor(ctx, s, cursorName, next, "")
	})
	if err == nil {
		b.seen = next
	}
	return err
}

// compare looks at the tail of the journal for entries of the outbox: those
// that were appended when the program was killed before it could mark them.
func (b *Box) compare(ctx context.Context, j Journal) error {
	next, _, _, err := Cursor(ctx, b.db.Reads(), cursorName)
	if err != nil {
		return err
	}
	size, err := SizeFor(ctx, j, next)
	if err != nil {
		return err
	}
	if size < next {
		return problem.Newf(problem.Corrupt, "Das Journal ist kürzer, als die Datenbank es kennt (%[1]d statt mindestens %[2]d Einträge).",
			"The journal is shorter than the database knows it (%[1]d entries instead of at least %[2]d).", size, next).
			WithHint("Gehört das Journal zu dieser Datenbank, oder stammt es aus einer älteren Sicherung?", "Does the journal belong to this database, or does it come from an older backup?")
	}
	b.seen = next
	waiting := map[string]Pending{}
	all, err := b.Pending(ctx, 1<<31-1)
	if err != nil {
		return err
	}
	for _, p := range all {
		waiting[p.Event] = p
	}
	var done []Pending
	var index []uint64
	if len(waiting) > 0 {
		for rec, err := range j.Entries(ctx, next, size) {
			if err != nil {
				return err
			}
			var e struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(rec.Entry, &e); err != nil {
				return problem.Newf(problem.Corrupt, "Der Journaleintrag %d lässt sich nicht lesen.", "Journal entry %d cannot be read.", rec.Index).Wrap(err)
			}
			if p, ok := waiting[e.ID]; ok {
				done, index = append(done, p), append(index, rec.Index)
			}
		}
	}
	if len(done) > 0 || size > next+tail {
		if err := b.mark(ctx, done, index, size); err != nil {
			return err
		}
	}
	b.compared = true
	return nil
}

// Cursor returns a durable position in the journal, and the shape that its
// owner stored with it.
func Cursor(ctx context.Context, s engine.Session, name string) (next uint64, shape string, found bool, err error) {
	var n int64
	found, err = s.One(ctx, "SELECT next, shape FROM cursors WHERE name = $1", []any{name}, &n, &shape)
	return uint64(n), shape, found, err
}

// SetCursor moves a durable position.
func SetCursor(ctx context.Context, s engine.Session, name string, next uint64, shape string) error {
	_, err := s.Exec(ctx, "INSERT INTO cursors (name, next, shape) VALUES ($1, $2, $3) "+
		"ON CONFLICT (name) DO UPDATE SET next = excluded.next, shape = excluded.shape", name, int64(next), shape)
	return err
}

// Decode reads one journal entry for whoever follows the journal.
func Decode(rec ledger.Record) (ledger.Event, error) {
	e, err := ledger.Decode(rec.Entry)
	if err != nil {
		return e, problem.Newf(problem.Corrupt, "Der Journaleintrag %d lässt sich nicht lesen.", "Journal entry %d cannot be read.", rec.Index).Wrap(err)
	}
	return e, nil
}
