package engine

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"augenmass/internal/problem"
)

// maxBatch is the most writers that share one commit.
const maxBatch = 64

// writer owns the one connection that writes. Each writer runs its function on
// its own goroutine inside a savepoint; when others are waiting, it leaves the
// transaction open for them and the last in line commits for all. One flush
// then carries many writes, and each Write still returns only when its own is
// durable.
type writer struct {
	db      *sql.DB
	dialect dialect
	conn    *sql.Conn
	q       *pool
	gate    chan struct{} // held by whoever uses the connection
	waiting atomic.Int64  // writers that want the gate
	batch   *batch        // the open transaction, if any
	closed  bool

	generation int // of the declarations, as this node made or found them
}

// batch is one transaction shared by several writers.
type batch struct {
	size    int
	notify  string        // what other nodes hear after the commit; "" for nothing
	checked bool          // the tables are those that this node knows
	done    chan struct{} // closed when err is final
	err     error
}

func newWriter(db *sql.DB, d dialect) *writer {
	return &writer{db: db, dialect: d, gate: make(chan struct{}, 1)}
}

// do runs fn in the shared transaction and returns when the commit is durable
// or nothing of fn remains. It does not give up while waiting for its turn:
// whoever is before it counts on it to commit.
func (w *writer) do(ctx context.Context, fn func(q *pool) error) error {
	w.waiting.Add(1)
	w.gate <- struct{}{}
	w.waiting.Add(-1)
	b, err := func() (*batch, error) {
		defer w.leave()
		return w.attempt(ctx, fn)
	}()
	if err != nil {
		return err
	}
	<-b.done
	return b.err
}

// leave commits, unless another writer is waiting and will do it for both.
func (w *writer) leave() {
	if w.batch != nil && (w.waiting.Load() == 0 || w.batch.size >= maxBatch) {
		w.commit()
	}
	<-w.gate
}

// attempt runs fn inside a savepoint of the open transaction. A panic passes
// through after its writes are undone.
func (w *writer) attempt(ctx context.Context, fn func(q *pool) error) (*batch, error) {
	switch {
	case w.closed:
		return nil, problem.New(problem.Unavailable, "Die Datenbank ist geschlossen.", "The database is closed.")
	case ctx.Err() != nil:
		return nil, interrupted(ctx.Err())
	case w.batch == nil:
		if err := w.begin(); err != nil {
			return nil, err
		}
		w.batch = &batch{done: make(chan struct{})}
	}
	b := w.batch
	b.size++
	if err := w.exec("SAVEPOINT one"); err != nil {
		return nil, w.abort(err)
	}
	kept := false
	defer func() {
		if kept {
			return
		}
		if err := errors.Join(w.exec("ROLLBACK TO one"), w.exec("RELEASE one")); err != nil && w.batch == b {
			w.abort(err) // everyone in the batch learns it from there
		}
	}()
	if err := fn(w.q); err != nil {
		return nil, err
	}
	kept = true
	if err := w.exec("RELEASE one"); err != nil {
		return nil, w.abort(err)
	}
	return b, nil
}

// begin starts a transaction, on a new connection if the old one broke.
func (w *writer) begin() error {
	for attempt := 0; ; attempt++ {
		if w.conn == nil {
			conn, err := w.db.Conn(context.Background())
			if err != nil {
				return w.dialect.problem(err)
			}
			w.conn, w.q = conn, newPool(conn, w.dialect)
		}
		err := w.exec(w.dialect.begin())
		if err == nil {
			return nil
		}
		broken := w.dialect.broken(err)
		p := w.dialect.problem(err)
		if dropped := w.drop(); dropped != nil && !broken {
			p.Err = errors.Join(p.Err, dropped)
		}
		if !broken || attempt > 0 {
			return p
		}
	}
}

// drop gives the connection back, with whatever it had begun.
func (w *writer) drop() error {
	err := errors.Join(w.q.close(), w.conn.Close())
	w.conn, w.q = nil, nil
	return err
}

func (w *writer) exec(text string) error {
	ctx := context.Background()
	if patience := w.dialect.patience(); patience > 0 {
		var done func()
		ctx, done = context.WithTimeout(ctx, patience)
		defer done()
	}
	_, err := w.conn.ExecContext(ctx, text)
	return err
}

// commit ends the open batch. Without an answer, nobody knows whether it is
// stored, and those who wait are told so.
func (w *writer) commit() {
	err := w.exec(w.dialect.commit(w.batch.notify))
	if err != nil && w.dialect.unknown(err) {
		err = problem.New(problem.Unavailable, "Die Datenbank hat nicht geantwortet; ob die Änderung gespeichert ist, ist ungewiss.", "The database did not answer; whether the change is stored is not known.").
			WithHint("Bitte neu laden und nachsehen, bevor Sie es noch einmal versuchen.", "Please load again and look before you try again.").Wrap(errors.Join(errUnknown, err))
	}
	w.finish(err)
}

// abort ends the transaction for everyone in it: the engine has given it up.
func (w *writer) abort(cause error) error {
	err := w.dialect.problem(cause)
	w.finish(err)
	return err
}

// finish ends the open batch with err, which is nil after a commit.
func (w *writer) finish(err error) {
	b := w.batch
	w.batch = nil
	if err != nil {
		p := w.dialect.problem(err)
		if back := w.exec("ROLLBACK"); back != nil {
			p.Err = errors.Join(p.Err, back) // usually: the engine has rolled back already
		}
		b.err = p
	}
	close(b.done)
}

func (w *writer) close() error {
	w.waiting.Add(1)
	w.gate <- struct{}{}
	w.waiting.Add(-1)
	defer func() { <-w.gate }()
	if w.closed {
		return nil
	}
	w.closed = true
	if w.batch != nil {
		w.commit()
	}
	var err error
	if w.conn != nil {
		if err = w.drop(); err != nil && w.dialect.broken(err) {
			err = nil // it closed itself when it broke
		}
	}
	return errors.Join(err, w.db.Close())
}
