package store

import (
	"context"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/engine"
	"augenmass/internal/record/store/outbox"
)

// Reader is what reads go through: a *DB, or a *Tx that also sees its own
// writes.
type Reader interface{ session() session }

// session is where statements of a database run.
type session struct {
	engine.Session
	db *DB
}

func (db *DB) session() session { return session{db.engine.Reads(), db} }

// Tx is a running write transaction. It belongs to the function given to Write
// and to its goroutine, and is over when the function returns.
type Tx struct {
	db      *DB
	s       engine.Session
	ctx     context.Context // of Write; for Emit
	changes []Change
	emitted bool
}

func (tx *Tx) session() session { return session{tx.s, tx.db} }

// Write runs fn in one transaction: objects, history, links, search, tables
// and outbox, all or nothing. It returns when the transaction is durable and
// the commit listeners have run; an error of fn undoes everything.
//
// Writes run one at a time and share a commit when several are waiting. fn
// must therefore be short, and neither call Write nor wait for another writer.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	tx := &Tx{db: db, ctx: ctx}
	settle := func(bool) {}
	settled := false
	defer func() {
		if !settled { // fn panicked: nothing of it was committed
			settle(false)
		}
	}()
	err := db.engine.Write(ctx, func(s engine.Session) (err error) {
		tx.s = s
		if err = fn(tx); err == nil {
			settle, err = tx.line()
		}
		return err
	})
	settled = true
	settle(engine.Unknown(err))
	if err != nil {
		return err
	}
	if tx.emitted {
		db.outbox.Wake()
	}
	db.announce(ctx, tx.changes)
	return nil
}

// Emit adds a journal entry to the transaction: it reaches the journal if and
// only if the transaction commits, after the entries emitted before it.
func (tx *Tx) Emit(e ledger.Event) error { return tx.emit(tx.ctx, e, "", 0) }

// emit adds an entry; id and revision name the version that learns its journal
// index, if it records one.
func (tx *Tx) emit(ctx context.Context, e ledger.Event, id string, revision int64) error {
	tx.emitted = true
	return outbox.Put(ctx, tx.s, e, id, revision)
}
