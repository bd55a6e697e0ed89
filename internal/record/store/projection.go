package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/outbox"
)

// Journal is what the store needs of a *ledger.Journal.
type Journal = outbox.Journal

// Sequence moves the outbox into the journal, in order and exactly once, until
// ctx ends; then it returns nil. It returns the first error of journal or
// database and may be called again: what was appended before is found in the
// journal by its event id and not appended twice. It may run beside Flush.
//
// The journal must belong to this database: nobody else appends events with
// ids from its outbox.
func (db *DB) Sequence(ctx context.Context, j Journal) error { return db.outbox.Sequence(ctx, j) }

// Flush returns when the outbox is empty and the journal holds it.
func (db *DB) Flush(ctx context.Context, j Journal) error { return db.outbox.Flush(ctx, j) }

// Drained returns when everything that is in the outbox now has reached the
// journal, by whoever sequences it.
func (db *DB) Drained(ctx context.Context) error { return db.outbox.Drained(ctx) }

// Projection feeds plain tables from the journal. Apply sees every entry once,
// in order, the entries of a batch together: the first has the index from. What
// it writes to the tables and the projection's cursor are committed together. It
// acts as the system. An error of Apply stops the projection before that batch.
type Projection struct {
	Name    string
	Version int // raise it when Apply changes: the tables are filled anew
	Tables  []AnyTable
	Apply   func(ctx context.Context, tx *Tx, from uint64, batch []ledger.Event) error
}

// OneByOne applies the entries of a batch one after the other.
func OneByOne(apply func(ctx context.Context, tx *Tx, index uint64, e ledger.Event) error) func(context.Context, *Tx, uint64, []ledger.Event) error {
	return func(ctx context.Context, tx *Tx, from uint64, batch []ledger.Event) error {
		for i, e := range batch {
			if err := apply(ctx, tx, from+uint64(i), e); err != nil {
				return fmt.Errorf("entry %d: %w", from+uint64(i), err)
			}
		}
		return nil
	}
}

// entriesAtOnce is the most entries that a projection applies in one
// transaction.
const entriesAtOnce = 500

// shape changes when what the tables hold cannot be continued.
func (p Projection) shape() string {
	s := fmt.Sprintf("%d", p.Version)
	for _, t := range p.Tables {
		s += "|" + t.core().Name() + " " + t.core().Layout()
	}
	return s
}

// gatherFor is how long a projection that keeps up lets entries gather on a
// database that nodes share. A batch costs its round trips and the schema's
// write lock whether it holds one entry or hundreds, and what the following
// node spends on batches of one the deciding nodes lack.
const gatherFor = 50 * time.Millisecond

// Follow runs a projection until ctx ends; then it returns nil. It returns the
// first error of journal, database or Apply. On a shared database what it feeds
// may be gatherFor behind the journal.
func (db *DB) Follow(ctx context.Context, j Journal, p Projection) error {
	for {
		next, applied, err := db.step(ctx, j, p)
		switch {
		case err == nil && applied == 0:
			err = j.Wait(ctx, next)
		case err == nil && applied < entriesAtOnce && db.engine.Shared():
			select {
			case <-time.After(gatherFor):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// CatchUp applies what the journal holds now.
func (db *DB) CatchUp(ctx context.Context, j Journal, p Projection) error {
	for {
		if _, applied, err := db.step(ctx, j, p); err != nil || applied == 0 {
			return err
		}
	}
}

// Rebuild empties the tables of a projection and fills them again. Until it is
// done, readers see them incomplete.
func (db *DB) Rebuild(ctx context.Context, j Journal, p Projection) error {
	if err := db.restart(ctx, p); err != nil {
		return err
	}
	return db.CatchUp(ctx, j, p)
}

func (db *DB) restart(ctx context.Context, p Projection) error {
	return db.Write(ctx, func(tx *Tx) error {
		for _, t := range p.Tables {
			if err := t.clear(ctx, tx); err != nil {
				return err
			}
		}
		return outbox.SetCursor(ctx, tx.s, "projection "+p.Name, 0, p.shape())
	})
}

// errMoved says that somebody else moved the projection's cursor.
var errMoved = errors.New("store: the projection's cursor moved")

// step applies the next batch and returns up to where the projection has come
// and how many entries that were: none at the end of the journal.
func (db *DB) step(ctx context.Context, j Journal, p Projection) (next, applied uint64, err error) {
	ctx = WithActor(ctx, Actor{Kind: System})
	for {
		next, shape, found, err := outbox.Cursor(ctx, db.engine.Reads(), "projection "+p.Name)
		if err != nil {
			return 0, 0, err
		}
		if !found || shape != p.shape() {
			if err := db.restart(ctx, p); err != nil {
				return 0, 0, err
			}
			next = 0
		}
		size, err := outbox.SizeFor(ctx, j, next)
		if err != nil {
			return 0, 0, err
		}
		if next > size {
			return 0, 0, problem.New(problem.Corrupt, "Die Auswertung „"+p.Name+"“ kennt mehr Einträge, als das Journal hat.", "Projection "+p.Name+" knows more entries than the journal has.").
				WithHint("Gehört das Journal zu dieser Datenbank?", "Does the journal belong to this database?")
		}
		if next == size {
			return next, 0, nil
		}
		to := min(size, next+entriesAtOnce)
		if err = db.applyBatch(ctx, j, p, next, to); err == nil {
			return to, to - next, nil
		}
		if !errors.Is(err, errMoved) {
			return 0, 0, err
		}
	}
}

func (db *DB) applyBatch(ctx context.Context, j Journal, p Projection, from, to uint64) error {
	events := make([]ledger.Event, 0, to-from)
	for rec, err := range j.Entries(ctx, from, to) {
		if err != nil {
			return err
		}
		e, err := outbox.Decode(rec)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	if uint64(len(events)) != to-from {
		return problem.Newf(problem.Corrupt, "Das Journal gibt die Einträge %d bis %d nicht her.", "The journal does not give entries %d to %d.", from, to)
	}
	return db.Write(ctx, func(tx *Tx) error {
		next, shape, _, err := outbox.Cursor(ctx, tx.s, "projection "+p.Name)
		if err != nil {
			return err
		}
		if next != from || shape != p.shape() {
			return errMoved
		}
		if err := p.Apply(ctx, tx, from, events); err != nil {
			return fmt.Errorf("projection %s: %w", p.Name, err)
		}
		return outbox.SetCursor(ctx, tx.s, "projection "+p.Name, to, p.shape())
	})
}
