package sequence

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
)

const (
	candidacy = 250 * time.Millisecond // between two attempts to take the lead
	guarding  = 500 * time.Millisecond // between two looks whether it still holds

	// defaultFrozen is how long the server keeps a silent leader's session. A
	// guard speaks every half second, so only a node that is cut off or stopped
	// loses its session, and with it the lock.
	defaultFrozen = 3 * time.Second
)

// Lead is the right to append in order and to publish. It holds until Done is
// closed. What it writes is conditional on its epoch, so nothing is written
// after another node has taken over, whatever this node still believes.
type Lead struct {
	*Journal
	epoch int64
	conn  *pgx.Conn // holds the lock; the guard's alone
	pub   publisher
	asked chan struct{} // capacity 1: somebody wants a publication

	done    chan struct{}
	ctx     context.Context // ends when the lead is lost or released
	stop    context.CancelFunc
	losing  sync.Once
	running sync.WaitGroup
}

// Lead blocks until this node leads or ctx ends. Close of the journal gives the
// lead up. It outlasts a server that is away.
//
// It asks again and again instead of waiting inside the database: a statement
// that waits for days would keep the server from tidying the head's old rows.
func (j *Journal) Lead(ctx context.Context) (*Lead, error) {
	var conn *pgx.Conn
	away := false
	for {
		if err := j.refused(); err != nil {
			return nil, errors.Join(err, closeNow(conn))
		}
		var l *Lead
		var err error
		if conn == nil {
			conn, err = j.candidate(ctx)
		}
		if err == nil {
			l, err = j.take(ctx, conn, true)
		}
		if l != nil {
			return l, nil
		}
		if err != nil {
			err = errors.Join(err, closeNow(conn))
			conn = nil
			if ctx.Err() == nil && !away {
				j.o.Log.Warn("the lead of the journal cannot be taken; it is tried again", "schema", j.o.Schema, "err", err)
			}
		}
		away = err != nil // said once, not at every attempt
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), closeNow(conn))
		case <-j.ctx.Done():
			return nil, errors.Join(errClosed(), closeNow(conn))
		case <-time.After(candidacy):
		}
	}
}

// candidate opens the connection that is to hold the lock.
func (j *Journal) candidate(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, j.o.patience)
	defer cancel()
	pool, err := pgxpool.ParseConfig(j.o.Database) // the address may say how large a pool is to be
	if err != nil {
		return nil, problem.New(problem.BadInput, "Die Adresse der Datenbank ist unlesbar.", "The address of the database is unreadable.").Wrap(err)
	}
	c := pool.ConnConfig
	j.configure(c)
	c.RuntimeParams["idle_session_timeout"] = strconv.FormatInt(j.o.frozen.Milliseconds(), 10)
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, unreachable(err)
	}
	return conn, nil
}

// take takes the lead with conn unless somebody has it; then it returns nil,
// nil. Raising the epoch waits for the head row, so whatever an earlier leader
// had under way is either committed and counted, or will fail. lasting starts
// the publisher. The lead owns conn from then on.
func (j *Journal) take(ctx context.Context, conn *pgx.Conn, lasting bool) (*Lead, error) {
	ctx, cancel := context.WithTimeout(ctx, j.o.patience)
	defer cancel()
	var free bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", j.locks.lead).Scan(&free); err != nil || !free {
		return nil, err
	}
	l := &Lead{Journal: j, conn: conn, asked: make(chan struct{}, 1), done: make(chan struct{})}
	if _, err := conn.Exec(ctx, "LISTEN "+j.locks.channel); err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, durable); err != nil {
		return nil, err
	}
	known := j.Size() // before the head is read: while the answer travels, appends go on
	var size int64
	if err := conn.QueryRow(ctx, "UPDATE journal_head SET epoch = epoch + 1 RETURNING epoch, size").Scan(&l.epoch, &size); err != nil {
		return nil, err
	}
	if uint64(size) < known {
		return nil, j.shrunk(uint64(size), known)
	}
	j.grow(uint64(size))
	l.ctx, l.stop = context.WithCancel(j.ctx)
	j.mu.Lock()
	j.lead = l
	j.mu.Unlock()
	l.running.Go(l.guard)
	if lasting {
		l.running.Go(l.follow)
	}
	return l, nil
}

// leading returns the lead of this node, nil if it does not lead.
func (j *Journal) leading() *Lead {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lead
}

// Done is closed when the lead is lost or released.
func (l *Lead) Done() <-chan struct{} { return l.done }

// Release gives the lead up; another node takes it within 250 ms.
func (l *Lead) Release() {
	l.lose(nil)
	l.running.Wait()
}

func (l *Lead) over() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// lose ends the lead; cause is nil when it was given up.
func (l *Lead) lose(cause error) {
	l.losing.Do(func() {
		j := l.Journal
		j.mu.Lock()
		if j.lead == l {
			j.lead = nil
		}
		j.mu.Unlock()
		if cause != nil && j.ctx.Err() == nil {
			j.o.Log.Warn("the lead of the journal is lost", "schema", j.o.Schema, "epoch", l.epoch, "err", cause)
		}
		close(l.done)
		l.stop()
	})
}

func errNotLeading(cause error) error {
	return problem.New(problem.Unavailable, "Dieser Knoten führt das Journal nicht mehr; es ist nichts geschrieben.",
		"This node no longer leads the journal; nothing was written.").Wrap(cause)
}

// guard holds the lock's connection: it hears who asks for a publication, and
// looks every half second whether the lead still holds.
func (l *Lead) guard() {
	defer l.leave()
	for {
		hearing, cancel := context.WithTimeout(l.ctx, guarding)
		_, err := l.conn.WaitForNotification(hearing)
		cancel()
		switch {
		case err == nil:
			select {
			case l.asked <- struct{}{}:
			default:
			}
		case l.ctx.Err() != nil:
			return
		case !pgconn.Timeout(err):
			l.lose(err)
			return
		}
		if err := l.check(); err != nil {
			l.lose(err)
			return
		}
	}
}

func (l *Lead) check() error {
	ctx, cancel := context.WithTimeout(l.ctx, l.o.frozen/2)
	defer cancel()
	var epoch int64
	if err := l.conn.QueryRow(ctx, "SELECT epoch FROM journal_head").Scan(&epoch); err != nil {
		return err
	}
	if epoch != l.epoch {
		return errFenced
	}
	return nil
}

// leave gives the lock back at once where that is possible; the server drops it
// with the session anyway.
func (l *Lead) leave() {
	l.lose(nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if !l.conn.IsClosed() {
		if _, err := l.conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", l.locks.lead); err != nil {
			l.o.Log.Warn("the lead of the journal was not given back; the server will drop it", "schema", l.o.Schema, "err", err)
		}
	}
	if err := l.conn.Close(ctx); err != nil {
		l.o.Log.Warn("the leader's connection did not close in order", "schema", l.o.Schema, "err", err)
	}
}

// follow publishes every PublishEvery and when somebody asks, while the lead
// holds. What fails is tried again and kept for Status.
func (l *Lead) follow() {
	var tick <-chan time.Time
	if l.o.PublishEvery > 0 {
		ticker := time.NewTicker(l.o.PublishEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	said := ""
	for {
		select {
		case <-tick:
		case <-l.asked:
		case <-l.ctx.Done():
			return
		}
		_, err := l.publish(l.ctx)
		switch {
		case err == nil:
			said = ""
		case l.ctx.Err() == nil && err.Error() != said:
			said = err.Error()
			l.o.Log.Error("the journal cannot be published", "schema", l.o.Schema, "err", err)
		}
	}
}

// AppendAll is Journal.AppendAll under the condition that this node still
// leads. When it fails with problem.Unavailable because another node leads, or
// because the outcome is unknown, the lead is over: the next leader's Size then
// counts what was committed after all, and nothing of it can be committed later.
func (l *Lead) AppendAll(ctx context.Context, entries [][]byte) ([]ledger.Receipt, error) {
	return l.appendIf(ctx, entries, -1)
}

// appendIf appends while this node leads and, unless size is negative, the
// journal has exactly size entries.
func (l *Lead) appendIf(ctx context.Context, entries [][]byte, size int64) ([]ledger.Receipt, error) {
	receipts, err := newReceipts(entries)
	if err != nil || len(receipts) == 0 {
		return nil, err
	}
	if err := l.refused(); err != nil {
		return nil, err
	}
	if l.over() {
		return nil, errNotLeading(nil)
	}
	b := newBatch(elementBytes(entries), l.o.patience)
	defer b.cancel()
	defer context.AfterFunc(ctx, b.cancel)()
	b.add(entries)
	switch err := l.commit(b, &fence{epoch: l.epoch, size: size}); {
	case errors.Is(err, errFenced):
		l.lose(err)
		return nil, errNotLeading(err)
	case errors.Is(err, errUnknown):
		l.lose(err)
		return nil, err
	case err != nil:
		return nil, err
	}
	for i := range receipts {
		receipts[i].Index = b.first + uint64(i)
	}
	return receipts, nil
}
