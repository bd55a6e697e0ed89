// Package sequence is the journal of one organisation on PostgreSQL: what
// package ledger keeps in files of one process, for any number of nodes that
// append to one database. It implements ledger.Book; what it publishes
// (C2SP tlog-tiles, signed checkpoints, proofs) is checked by package
// ledger/proof exactly like the files, and also by itself whenever it reads.
//
// Any node appends. A node gathers what waits into one statement that raises
// journal_head.size and inserts the rows; the lock on that one row makes order
// of commit = index without gaps, across all nodes. One node leads (a session
// advisory lock): it moves the outbox (Lead.AppendAll) and publishes tiles and
// checkpoints. Taking the lead raises journal_head.epoch, and what a leader
// writes is conditional on its epoch, so a node that was thought dead and comes
// back can neither append to the outbox's order nor publish.
//
// The schema holds
//
//	journal_head         one row: size, published, epoch, origin
//	journal_entries      idx, entry
//	journal_tiles        level, n: one row per tile; the last of a level grows
//	journal_checkpoints  the newest 256 signed checkpoints
//	journal_keys         one row: the list of keys, as in the file log/keys
//
// Promised:
//   - acknowledged = committed, with synchronous_commit at least "on"; a commit
//     about which the server warns (a cancelled wait for the standby) is not
//     acknowledged
//   - indices without gaps, AppendAll contiguous and all or nothing
//   - a connection that dies in between is problem.Unavailable, and the sentence
//     says whether the entry is not stored or may be; no append waits longer than
//     5 s for the server, and before that 5 s for room while 16 MiB wait
//   - the journal goes on by itself when the server is back; a database that is
//     shorter than what this node knows (a fail-over that lost commits, an old
//     backup) ends it with problem.Corrupt
//   - takeover: within 0.25 s when the leader's process or session ended, about
//     3 s when it froze or was cut off (the server ends its idle session)
//
// Not promised:
//   - what a commit survives is the server's decision: fsync, synchronous_commit
//     and synchronous_standby_names. Without a synchronous standby a lost server
//     may lose acknowledged entries (RPO > 0)
//   - entries younger than the last checkpoint are protected by the database
//     alone; whoever may write to the tables can change them unseen until they
//     are published, at most about PublishEvery later
//   - Size and Checkpoint are what this node knows: its own appends at once,
//     others' within a second, within 50 ms while somebody waits
//   - proxies that pool transactions (session locks do not survive them), and
//     PostgreSQL before 14
//
// A journal whose key was changed, or that goes on under another origin after a
// restore, is taken over with its list of keys (Options.Keys); what was signed
// before stays verifiable by proof.Chain and proof.OpenUnderAny. Here the key is
// not changed: that belongs to package ledger.
//
// The leader asks the witnesses (Options.Witnesses, package ledger/witness) when
// it has published a checkpoint, and adds their cosignatures to it. Publish on
// the leader returns it with them; other nodes see them within a second.
//
// A node holds at most 8 connections for one journal.
package sequence

import (
	"context"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
)

// Options say where a journal lives and who signs for it. Database, Schema,
// Origin, Signer and VerifierKey are required.
type Options struct {
	Database string // "postgres://…"; several hosts with target_session_attrs=read-write follow a fail-over
	Schema   string // of the organisation, lower case; created when missing
	Origin   string // name of the log, e.g. "example.com/works": the first one it had, or the present one

	Signer      note.Signer // signs checkpoints; its name is the present origin
	VerifierKey string      // vkey of Signer
	Keys        []proof.Key // list of keys of a journal that is taken over, VerifierKey last; nil: what the schema says, or only VerifierKey

	PublishEvery time.Duration // of the leader; default 250 ms; negative: only on Publish and on Close

	// Witnesses say who cosigns checkpoints while this node leads; all nodes
	// should name the same. A publication waits for them as its Timeout says.
	Witnesses witness.Policy

	Now func() time.Time // default time.Now; only for Status
	Log *slog.Logger     // default: nothing is logged

	patience, frozen time.Duration // tests only
}

const (
	defaultPublishEvery = 250 * time.Millisecond

	defaultPatience = 5 * time.Second // longest wait for the database

	relaxed = time.Second           // between two looks at the head
	eager   = 50 * time.Millisecond // the same while somebody waits
	again   = 50 * time.Millisecond // before another attempt to connect

	maxGroup  = 1 << 20  // bytes that join one group commit
	maxAll    = 8 << 20  // bytes of one AppendAll
	maxQueued = 16 << 20 // bytes waiting for the writer
)

// Journal is an open journal. Its methods are safe for many callers.
type Journal struct {
	o        Options
	verifier note.Verifier
	chain    []proof.Key     // since Open; the present key last
	circle   *witness.Circle // nil without witnesses
	asking   sync.Mutex      // held while it is used
	locks    locks
	writes   *pgxpool.Pool // appends, the leader's appends, publications: readers cannot keep them waiting
	reads    *pgxpool.Pool
	queue    queue
	hurry    chan struct{} // capacity 1: somebody waits for news

	mu          sync.Mutex
	size        uint64       // entries known to be committed
	tiles       *proof.Tiles // reader of the last checkpoint
	grown       chan struct{}
	waiting     int // callers that wait for news
	lead        *Lead
	closed      bool
	down        error            // why appends fail now; nil while they succeed
	lost        *problem.Problem // why they are refused for good
	publishedAt time.Time
	publishErr  error

	ctx     context.Context // of everything that runs; ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup
	ending  sync.Once
	endErr  error
}

var _ ledger.Book = (*Journal)(nil)

// Checkpoint returns the last checkpoint that this node knows, and its size.
// The bytes must not be changed.
func (j *Journal) Checkpoint() (msg []byte, size uint64) {
	cp := j.reader().Checkpoint()
	return cp.Note, cp.Size
}

func (j *Journal) reader() *proof.Tiles {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tiles
}

// Size is the number of entries that this node knows to be committed, at least
// all it was given a receipt for.
func (j *Journal) Size() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size
}

// VerifierKey is the vkey with which anyone checks the checkpoints.
func (j *Journal) VerifierKey() string { return j.o.VerifierKey }

// Origin is the present name of the log.
func (j *Journal) Origin() string { return j.o.Signer.Name() }

// TileFS shows what is published as files: checkpoint, keys and tile/…. Files are
// opened by name; folders cannot be listed.
func (j *Journal) TileFS() fs.FS { return tileFS{j} }

// Status returns what a page about the journal shows. Failed is the last
// append's failure until one succeeds. Witnesses are told of by the node that
// leads.
func (j *Journal) Status() ledger.Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := ledger.Status{Size: j.size, Published: j.tiles.Checkpoint().Size, PublishedAt: j.publishedAt, Failed: j.down, PublishErr: j.publishErr}
	if j.lost != nil {
		s.Failed = j.lost
	}
	if j.circle != nil && j.lead != nil {
		s.Witnesses, s.Witnessed, s.WitnessedAt = j.circle.States()
	}
	return s
}

// grow makes size known and wakes who waits for it.
func (j *Journal) grow(size uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if size > j.size {
		j.size = size
		j.wakeWaiters()
	}
}

// wakeWaiters must be called with mu held.
func (j *Journal) wakeWaiters() {
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// broken ends the journal: what the database holds is not what this node was
// told. The first reason stays.
func (j *Journal) broken(p *problem.Problem) error {
	j.mu.Lock()
	if j.lost == nil {
		j.lost = p
	}
	p = j.lost
	j.wakeWaiters()
	j.mu.Unlock()
	j.queue.refuse(p)
	return p
}

// refused is why nothing more can be had from the journal; nil while it works.
func (j *Journal) refused() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.lost != nil:
		return j.lost
	case j.closed:
		return errClosed()
	}
	return nil
}

func errClosed() error {
	return problem.New(problem.Unavailable, "Das Journal ist geschlossen.", "The journal is closed.")
}

// leave publishes what is not and gives the lead up.
func (j *Journal) leave() error {
	ctx, cancel := context.WithTimeout(j.ctx, j.o.patience)
	defer cancel()
	if l := j.leading(); l != nil {
		defer l.Release()
		_, err := l.publish(ctx)
		return err
	}
	if j.refusedForGood() != nil || j.Size() == j.reader().Checkpoint().Size {
		return nil
	}
	return j.ask(ctx)
}

// Close writes what waits, publishes it (or asks the leader to), gives the lead
// up and closes the connections. Appends that come later are refused. It returns
// the first error, also on further calls.
func (j *Journal) Close() error {
	j.ending.Do(func() {
		j.queue.refuse(errClosed())
		j.queue.drained()
		j.endErr = j.leave()
		j.stop()
		j.running.Wait()
		j.mu.Lock()
		j.closed = true
		j.wakeWaiters()
		j.mu.Unlock()
		j.writes.Close()
		j.reads.Close()
	})
	return j.endErr
}
