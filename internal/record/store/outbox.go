package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
)

// step and stepBytes are the most that the sequencer hands over at once; tail
// is how far the journal may run ahead of the durable cursor, and so about the
// most that is read after a crash.
const (
	step      = 256
	stepBytes = 1 << 20
	tail      = 4096
)

// outboxCursor is the name of the sequencer's cursor: every event of the
// outbox that the journal holds below it has left the outbox.
const outboxCursor = "outbox"

type pending struct {
	seq      int64
	event    string
	entry    []byte
	object   string
	revision int64
}

// Sequence moves the outbox into the journal, in order and exactly once, until
// ctx ends; then it returns nil. It returns the first error of journal or
// database, and may be called again: what was appended before is found in the
// journal by its event id and not appended twice.
//
// The journal belongs to this database: nobody else appends the ids of its
// outbox. Sequence and Flush may run at the same time.
func (db *DB) Sequence(ctx context.Context, j Journal) error {
	for {
		n, err := db.sequence(ctx, j)
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
		case <-db.wake:
		}
	}
}

// Flush returns when the outbox is empty and the journal holds it.
func (db *DB) Flush(ctx context.Context, j Journal) error {
	for {
		n, err := db.sequence(ctx, j)
		if err != nil || n == 0 {
			return err
		}
	}
}

// sequence hands the first entries of the outbox to the journal and marks
// them. It returns how many left the outbox.
func (db *DB) sequence(ctx context.Context, j Journal) (int, error) {
	db.sequencing.Lock()
	defer db.sequencing.Unlock()
	if !db.compared {
		if err := db.compare(ctx, j); err != nil {
			return 0, err
		}
	}
	batch, err := db.outbox(ctx, step)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	if size := j.Size(); size > db.seen+tail {
		if err := db.mark(ctx, nil, nil, size); err != nil {
			return 0, err
		}
	}
	var entries [][]byte
	bytes := 0
	for _, p := range batch {
		if bytes += len(p.entry); bytes > stepBytes && entries != nil {
			break
		}
		entries = append(entries, p.entry)
	}
	batch = batch[:len(entries)]
	db.compared = false // until marked, only the journal knows how far it came
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
	if err := db.mark(ctx, batch, index, index[len(index)-1]+1); err != nil {
		return 0, err
	}
	db.compared = true
	return len(batch), nil
}

func (db *DB) outbox(ctx context.Context, limit int) ([]pending, error) {
	var out []pending
	err := db.session().query(ctx, "SELECT seq, event_id, entry, object_id, revision FROM outbox ORDER BY seq LIMIT $1", []any{limit}, func(r *sql.Rows) error {
		var p pending
		err := r.Scan(&p.seq, &p.event, &p.entry, &p.object, &p.revision)
		out = append(out, p)
		return err
	})
	return out, err
}

// mark takes entries out of the outbox, tells their versions where they stand
// in the journal, and moves the cursor, in one transaction.
func (db *DB) mark(ctx context.Context, done []pending, index []uint64, next uint64) error {
	err := db.Write(ctx, func(tx *Tx) error {
		s := tx.session()
		for i, p := range done {
			if p.object != "" {
				if _, err := s.exec(ctx, "UPDATE history SET journal_index = $1 WHERE id = $2 AND revision = $3", int64(index[i]), p.object, p.revision); err != nil {
					return err
				}
			}
			if _, err := s.exec(ctx, "DELETE FROM outbox WHERE seq = $1", p.seq); err != nil {
				return err
			}
		}
		return tx.setCursor(ctx, outboxCursor, next, "")
	})
	if err == nil {
		db.seen = next
	}
	return err
}

// compare looks at the tail of the journal for entries of the outbox: those
// that were appended when the program was killed before it could mark them.
func (db *DB) compare(ctx context.Context, j Journal) error {
	next, _, _, err := db.session().cursor(ctx, outboxCursor)
	if err != nil {
		return err
	}
	size := j.Size()
	if size < next {
		return problem.Newf(problem.Corrupt, "Das Journal ist kürzer, als die Datenbank es kennt (%[1]d statt mindestens %[2]d Einträge).",
			"The journal is shorter than the database knows it (%[1]d entries instead of at least %[2]d).", size, next).
			WithHint("Gehört das Journal zu dieser Datenbank, oder stammt es aus einer älteren Sicherung?", "Does the journal belong to this database, or does it come from an older backup?")
	}
	db.seen = next
	waiting := map[string]pending{}
	all, err := db.outbox(ctx, 1<<31-1)
	if err != nil {
		return err
	}
	for _, p := range all {
		waiting[p.event] = p
	}
	var done []pending
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
		if err := db.mark(ctx, done, index, size); err != nil {
			return err
		}
	}
	db.compared = true
	return nil
}

// cursor returns a durable position in the journal.
func (s session) cursor(ctx context.Context, name string) (next uint64, shape string, found bool, err error) {
	var n int64
	found, err = s.one(ctx, "SELECT next, shape FROM cursors WHERE name = $1", []any{name}, &n, &shape)
	return uint64(n), shape, found, err
}

func (tx *Tx) setCursor(ctx context.Context, name string, next uint64, shape string) error {
	_, err := tx.session().exec(ctx, "INSERT INTO cursors (name, next, shape) VALUES ($1, $2, $3) "+
		"ON CONFLICT (name) DO UPDATE SET next = excluded.next, shape = excluded.shape", name, int64(next), shape)
	return err
}

// decodeEntry reads one journal entry for a projection.
func decodeEntry(rec ledger.Record) (ledger.Event, error) {
	e, err := ledger.Decode(rec.Entry)
	if err != nil {
		return e, problem.Newf(problem.Corrupt, "Der Journaleintrag %d lässt sich nicht lesen.", "Journal entry %d cannot be read.", rec.Index).Wrap(err)
	}
	return e, nil
}
