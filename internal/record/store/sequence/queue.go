package sequence

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/linger"
)

// batch is one group commit. buf is the entries in PostgreSQL's binary form of
// bytea[], so that it goes to the server as it is.
type batch struct {
	buf    []byte
	count  int
	first  uint64 // index of the first entry, set when done
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when committed or failed
	err    error         // set before done is closed
}

const (
	arrayHead = 20 // bytes before the first element
	byteaOID  = 17
)

// newBatch has until patience ends, counted from now, not from its turn.
func newBatch(capacity int, patience time.Duration) *batch {
	b := &batch{buf: make([]byte, arrayHead, arrayHead+capacity), done: make(chan struct{})}
	b.ctx, b.cancel = context.WithTimeout(context.Background(), patience)
	return b
}

func (b *batch) add(entries [][]byte) {
	for _, e := range entries {
		b.buf = binary.BigEndian.AppendUint32(b.buf, uint32(len(e)))
		b.buf = append(b.buf, e...)
	}
	b.count += len(entries)
}

// array completes the header: one dimension, no nulls, bytea, count, from 1.
func (b *batch) array() []byte {
	for i, v := range [...]uint32{1, 0, byteaOID, uint32(b.count), 1} {
		binary.BigEndian.PutUint32(b.buf[4*i:], v)
	}
	return b.buf
}

func (b *batch) wait(ctx context.Context) error {
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
	}
	select {
	case <-b.done: // both happened: the outcome is known
		return b.err
	default:
		return unknown(ctx.Err())
	}
}

func elementBytes(entries [][]byte) int {
	n := 0
	for _, e := range entries {
		n += 4 + len(e)
	}
	return n
}

// queue is what waits for the writer.
type queue struct {
	patience time.Duration

	mu      sync.Mutex
	waiting []*batch
	bytes   int           // in waiting and at the writer
	batches int           // the same
	room    chan struct{} // closed when bytes shrink; nil while nobody waits
	empty   chan struct{} // closed when no batch is left; nil while nobody waits
	wake    chan struct{} // capacity 1
	hint    int           // size of the last batch
	refused error
	linger  *linger.Writer
}

// add puts entries into one batch, contiguously. It waits while too much waits.
func (q *queue) add(ctx context.Context, entries [][]byte) (*batch, int, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, notStored(err)
	}
	need := elementBytes(entries)
	q.mu.Lock()
	for q.refused == nil && q.bytes > 0 && q.bytes+need > maxQueued {
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		if err := q.awaitRoom(ctx, room); err != nil {
			return nil, 0, err
		}
		q.mu.Lock()
	}
	defer q.mu.Unlock()
	if q.refused != nil {
		return nil, 0, q.refused
	}
	var b *batch
	if n := len(q.waiting); n > 0 && len(q.waiting[n-1].buf)+need <= maxGroup {
		b = q.waiting[n-1]
	} else {
		b = newBatch(max(need, min(q.hint, maxGroup)), q.patience)
		q.waiting = append(q.waiting, b)
		q.batches++
	}
	at := b.count
	b.add(entries)
	q.bytes += need
	q.linger.Joined(len(entries))
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return b, at, nil
}

func (q *queue) awaitRoom(ctx context.Context, room <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, q.patience)
	defer cancel()
	select {
	case <-room:
		return nil
	case <-ctx.Done():
		return problem.New(problem.Unavailable, "Das Journal ist ausgelastet; der Eintrag ist nicht gespeichert.",
			"The journal is busy; the entry is not stored.").Wrap(ctx.Err())
	}
}

// take hands the oldest batch to the writer, nil if none waits.
func (q *queue) take() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	b := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.hint = len(b.buf)
	q.linger.Took(b.count)
	return b
}

// finish releases the callers of b.
func (q *queue) finish(b *batch, err error) {
	b.err = err
	b.cancel()
	close(b.done)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= len(b.buf) - arrayHead
	q.batches--
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
	if q.batches == 0 && q.empty != nil {
		close(q.empty)
		q.empty = nil
	}
}

// refuse ends all appends to come and those that wait for room. The first
// reason stays, except that damage replaces an orderly close.
func (q *queue) refuse(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refused == nil || problem.Is(err, problem.Corrupt) {
		q.refused = err
	}
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// drained returns when every batch is finished; each is after patience at the
// latest. It is called once, after refuse.
func (q *queue) drained() {
	q.mu.Lock()
	if q.batches == 0 {
		q.mu.Unlock()
		return
	}
	q.empty = make(chan struct{})
	empty := q.empty
	q.mu.Unlock()
	<-empty
}

// errUnknown marks an append of which nobody knows whether it was committed.
var errUnknown = errors.New("the outcome is unknown")

func unknown(cause error) error {
	return problem.New(problem.Unavailable, "Die Datenbank antwortete nicht, bevor feststand, ob der Eintrag gesichert ist: Er kann im Journal stehen oder nicht.",
		"The database did not answer before it was known whether the entry is safe: it may or may not be in the journal.").
		Wrap(errors.Join(errUnknown, cause))
}

func notStored(cause error) error {
	return problem.New(problem.Unavailable, "Das Journal ist gerade nicht erreichbar; der Eintrag ist nicht gespeichert.",
		"The journal cannot be reached now; the entry is not stored.").Wrap(cause)
}
