package ledger

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/linger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/signing"
	"augenmass/internal/record/ledger/witness"
)

// Journal is an open journal. Its methods are safe for many callers.
type Journal struct {
	o        Options
	disk     disk.Disk
	lock     *os.File
	present  atomic.Pointer[signing.Key] // who signs now; changed with pub.mu held
	recovery Recovery

	queue  queue
	wal    wal             // the writer's alone
	circle *witness.Circle // nil without witnesses; asked with pub.mu held

	// mu guards what is acknowledged. Readers copy what they need and leave.
	mu          sync.RWMutex
	head        Head
	tailStart   uint64        // index of tail[0]: a multiple of 256, at most published
	tail        []leaf        // acknowledged entries that tiles do not yet hold in full bundles
	unpublished int           // memory of the entries beyond the last checkpoint, in bytes
	tiles       *proof.Tiles  // reader of the last checkpoint
	keys        []proof.Key   // all that ever signed, the last one is present
	grown       chan struct{} // closed when head grows; nil while nobody waits
	closed      bool
	failure     *problem.Problem

	pub publisher

	stop    context.CancelFunc
	running sync.WaitGroup
	ending  sync.Once
	endErr  error
}

// leaf is one entry in memory. Its bytes are shared and never changed.
type leaf struct {
	entry []byte
	hash  tlog.Hash
}

// Append makes one entry durable and returns its place. Entries of one caller
// that waits for each receipt keep their order; concurrent callers are ordered
// as they come.
//
// Errors: problem.BadInput for an empty entry, problem.TooLarge beyond MaxEntry,
// problem.Unavailable when the disk is full or failed (every later append is
// refused the same way until the journal is opened again) or when ctx ends
// first; then the entry may or may not become durable.
func (j *Journal) Append(ctx context.Context, entry []byte) (Receipt, error) {
	if err := checkEntry(entry); err != nil {
		return Receipt{}, err
	}
	hash := tlog.RecordHash(entry)
	b, at, err := j.queue.add(ctx, [][]byte{entry}, []tlog.Hash{hash})
	if err != nil {
		return Receipt{}, err
	}
	if err := b.wait(ctx); err != nil {
		return Receipt{}, err
	}
	return Receipt{Index: b.first + uint64(at), LeafHash: hash}, nil
}

// AppendAll makes entries durable: contiguous, in one flush, and after a crash
// either all of them are there or none. Together they may have 8 MiB. Errors
// as for Append.
func (j *Journal) AppendAll(ctx context.Context, entries [][]byte) ([]Receipt, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	receipts := make([]Receipt, len(entries))
	hashes := make([]tlog.Hash, len(entries))
	for i, e := range entries {
		if err := checkEntry(e); err != nil {
			return nil, err
		}
		hashes[i] = tlog.RecordHash(e)
		receipts[i].LeafHash = hashes[i]
	}
	if n := bundledBytes(entries); n > maxAll {
		return nil, problem.Newf(problem.TooLarge, "%d Byte auf einmal sind dem Journal zu viel; erlaubt sind %d.",
			"%d bytes at once are too much for the journal; %d are allowed.", n, maxAll).
			WithHint("Bitte in kleineren Gruppen anhängen.", "Please append in smaller groups.")
	}
	b, at, err := j.queue.add(ctx, entries, hashes)
	if err != nil {
		return nil, err
	}
	if err := b.wait(ctx); err != nil {
		return nil, err
	}
	for i := range receipts {
		receipts[i].Index = b.first + uint64(at+i)
	}
	return receipts, nil
}

// AppendEvent encodes e and makes it durable.
func (j *Journal) AppendEvent(ctx context.Context, e Event) (Receipt, error) {
	b, err := e.Encode()
	if err != nil {
		return Receipt{}, err
	}
	return j.Append(ctx, b)
}

func checkEntry(e []byte) error {
	if len(e) == 0 {
		return problem.New(problem.BadInput, "Ein leerer Eintrag gehört nicht ins Journal.", "An empty entry does not belong into the journal.")
	}
	if len(e) > MaxEntry {
		return entry.TooLarge(len(e))
	}
	return nil
}

// Size is the number of acknowledged entries.
func (j *Journal) Size() uint64 { return j.Head().Size }

// Head returns size and root over everything acknowledged. It is not signed;
// see Publish.
func (j *Journal) Head() Head {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.head
}

// Checkpoint returns the last published checkpoint and its size. The bytes must
// not be changed.
func (j *Journal) Checkpoint() (msg []byte, size uint64) {
	cp := j.published()
	return cp.Note, cp.Size
}

func (j *Journal) published() proof.Checkpoint {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.tiles.Checkpoint()
}

// VerifierKey is the vkey with which anyone checks the checkpoints.
func (j *Journal) VerifierKey() string { return j.present.Load().VKey }

// Origin is the name of the log: that of the options, unless the journal was
// succeeded (Succeed).
func (j *Journal) Origin() string { return j.present.Load().Origin() }

// Keys are all keys that signed this journal, the first of them first; see
// Rotate and Succeed.
func (j *Journal) Keys() []proof.Key {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.Clone(j.keys)
}

// TileFS shows the published files: checkpoint and tile/….
func (j *Journal) TileFS() fs.FS { return os.DirFS(j.logDir()) }

// Status returns what a page about the journal shows.
func (j *Journal) Status() Status {
	s := Status{Recovery: j.recovery, TailLimit: j.o.maxTail, PublishEvery: j.o.PublishEvery}
	j.mu.RLock()
	s.Unpublished = j.unpublished
	s.Size, s.Published = j.head.Size, j.tiles.Checkpoint().Size
	if j.failure != nil {
		s.Failed = j.failure
	}
	j.mu.RUnlock()
	s.PublishedAt, s.PublishErr = j.pub.state()
	if j.circle != nil {
		s.Witnesses, s.Witnessed, s.WitnessedAt = j.circle.States()
	}
	return s
}

// Wait returns when Size() > size, or with an error when ctx ends or the
// journal is closed or failed.
func (j *Journal) Wait(ctx context.Context, size uint64) error {
	for {
		j.mu.Lock()
		switch {
		case j.head.Size > size:
			j.mu.Unlock()
			return nil
		case j.failure != nil:
			defer j.mu.Unlock()
			return j.failure
		case j.closed:
			j.mu.Unlock()
			return errClosed()
		}
		if j.grown == nil {
			j.grown = make(chan struct{})
		}
		grown := j.grown
		j.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// wakeWaiters must be called with mu held.
func (j *Journal) wakeWaiters() {
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// fail turns the journal fail-closed: after a write or flush that failed nobody
// knows what the file holds, and only a replay finds out. The first cause
// stays. It returns the problem that every caller gets from now on.
func (j *Journal) fail(cause error) *problem.Problem {
	j.mu.Lock()
	if j.failure == nil {
		de, en := "Das Journal nimmt keine Einträge mehr an, weil der Datenträger einen Schreibfehler gemeldet hat.",
			"The journal takes no more entries because the disk reported a write error."
		if disk.Full(cause) {
			de, en = "Das Journal nimmt keine Einträge mehr an, weil der Datenträger voll ist.",
				"The journal takes no more entries because the disk is full."
		}
		j.failure = problem.New(problem.Unavailable, de, en).
			WithHint("Alles bisher Bestätigte ist gesichert. Bitte Platz schaffen oder den Datenträger prüfen und dann neu starten.",
				"Everything confirmed so far is safe. Please free space or check the disk, then restart.").Wrap(cause)
	}
	p := j.failure
	j.wakeWaiters()
	j.mu.Unlock()
	j.queue.refuse(p)
	return p
}

func unavailable(de, en string, err error) *problem.Problem {
	return problem.New(problem.Unavailable, de, en).Wrap(err)
}

func errClosed() error {
	return problem.New(problem.Unavailable, "Das Journal ist geschlossen.", "The journal is closed.")
}

// Close writes what waits, publishes it and releases the folder. Appends that
// come later are refused. It returns the first error, also on further calls.
func (j *Journal) Close() error {
	j.ending.Do(func() {
		j.queue.refuse(errClosed())
		j.stop()
		j.running.Wait()
		j.mu.Lock()
		failed := j.failure
		j.mu.Unlock()
		if failed == nil {
			_, err := j.publish(context.Background())
			j.endErr = errors.Join(j.endErr, err)
		}
		j.mu.Lock()
		j.closed = true
		j.wakeWaiters()
		j.mu.Unlock()
		j.endErr = errors.Join(j.endErr, j.release())
	})
	return j.endErr
}

func (j *Journal) release() error {
	var err error
	if j.wal.file != nil {
		err = j.wal.file.Close()
	}
	return errors.Join(err, j.lock.Close())
}

// batch is one group commit: a frame in the making.
type batch struct {
	buf    []byte // frame header, then the entries as a bundle
	ends   []int  // where each entry ends in buf
	hashes []tlog.Hash
	first  uint64        // index of the first entry, set when done
	done   chan struct{} // closed when flushed or failed
	err    error         // set before done is closed
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
		return problem.New(problem.Unavailable, "Der Aufruf endete, bevor feststand, ob der Eintrag gesichert ist.",
			"The call ended before it was known whether the entry is safe.").Wrap(ctx.Err())
	}
}

// leaves adds the entries of a finished batch to tail; they share its memory.
func (b *batch) leaves(tail []leaf) []leaf {
	from := frameBytes
	for i, end := range b.ends {
		tail = append(tail, leaf{entry: b.buf[from+2 : end : end], hash: b.hashes[i]})
		from = end
	}
	return tail
}

// queue is what waits for the writer.
type queue struct {
	mu          sync.Mutex
	waiting     []*batch
	bytes       int           // in waiting and at the writer
	room        chan struct{} // closed when bytes or the tail shrink; nil while nobody waits
	refused     error         // set once: why nothing is taken any more
	wake        chan struct{} // capacity 1: something waits
	hint, count int           // bytes and entries of the last batch
	full        atomic.Bool   // too much is unpublished
	linger      *linger.Writer
}

// add puts entries into one batch, waiting for room if need be.
func (q *queue) add(ctx context.Context, entries [][]byte, hashes []tlog.Hash) (*batch, int, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, problem.New(problem.Unavailable, "Der Aufruf endete, bevor der Eintrag angenommen war; er ist nicht gespeichert.",
			"The call ended before the entry was taken; it is not stored.").Wrap(err)
	}
	need := bundledBytes(entries)
	q.mu.Lock()
	for q.refused == nil && (q.bytes > 0 && q.bytes+need > maxQueued || q.full.Load()) {
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return nil, 0, problem.New(problem.Unavailable, "Das Journal ist ausgelastet; der Eintrag ist nicht gespeichert.",
				"The journal is busy; the entry is not stored.").Wrap(ctx.Err())
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
		n := max(len(entries), min(q.count, maxHint))
		b = &batch{buf: make([]byte, frameBytes, frameBytes+max(need, min(q.hint, maxGroup))), done: make(chan struct{}),
			ends: make([]int, 0, n), hashes: make([]tlog.Hash, 0, n)}
		q.waiting = append(q.waiting, b)
	}
	at := len(b.ends)
	for i, e := range entries {
		b.buf = proof.AppendBundled(b.buf, e)
		b.ends = append(b.ends, len(b.buf))
		b.hashes = append(b.hashes, hashes[i])
	}
	q.bytes += need
	q.linger.Joined(len(entries))
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return b, at, nil
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
	q.hint, q.count = len(b.buf), len(b.ends)
	q.linger.Took(q.count)
	return b
}

// finish releases the callers of b.
func (q *queue) finish(b *batch, err error) {
	b.err = err
	close(b.done)
	q.mu.Lock()
	q.bytes -= len(b.buf) - frameBytes
	q.makeRoom()
	q.mu.Unlock()
}

// makeRoom must be called with mu held.
func (q *queue) makeRoom() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// setFull stops or resumes appends while too much is unpublished. It is called
// with the journal's mu held, so that writer and publisher cannot cross.
func (q *queue) setFull(full bool) {
	if q.full.Swap(full) && !full {
		q.mu.Lock()
		q.makeRoom()
		q.mu.Unlock()
	}
}

// refuse ends all appends: those to come and, if the writer does not get to
// them, those that wait for room. The first reason stays, except that a failure
// replaces an orderly close.
func (q *queue) refuse(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refused == nil {
		q.refused = err
	}
	q.makeRoom()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
