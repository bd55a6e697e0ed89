// Package ledger is the journal of one organisation: durable, signed,
// append-only and provable. Every act of both planes is one entry in it.
//
// Append returns when its entry is flushed to disk; nothing acknowledged is
// lost by a kill or a power cut. Behind the appends a publisher writes what
// auditors read: tiles and entry bundles (C2SP tlog-tiles), a signed checkpoint
// (C2SP tlog-checkpoint, signed-note) and, on demand, proof files (C2SP
// tlog-proof). Package proof checks all of that without a running journal;
// package entry is the form of one entry.
//
// The journal does not know what an entry means. Callers see to idempotency;
// record/store keeps the read models. One directory belongs to one process.
package ledger

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/entry"
)

// Event is one CloudEvents 1.0 event; see package entry.
type Event = entry.Event

// MaxEntry is the longest entry in bytes.
const MaxEntry = entry.MaxSize

// NewEvent returns an event whose data is v as canonical JSON.
func NewEvent(id, source, typ, subject string, at time.Time, v any) (Event, error) {
	return entry.NewEvent(id, source, typ, subject, at, v)
}

// Decode reads one entry and rejects what is not canonical.
func Decode(b []byte) (Event, error) { return entry.Decode(b) }

// Commitment binds to a payload without showing it: "hmac-sha256:<hex>".
func Commitment(salt, payload []byte) string { return entry.Commitment(salt, payload) }

// Canonical rewrites a JSON text in the form of RFC 8785.
func Canonical(raw []byte) ([]byte, error) { return entry.Canonical(raw) }

// Options say where a journal lives and how it works. Dir and Origin are
// required; everything else has a default.
type Options struct {
	Dir    string // folder of this journal; created when missing
	Origin string // name of the log in every checkpoint, e.g. "example.com/works"; no spaces, no plus

	Signer      note.Signer // signs checkpoints; nil: the Ed25519 key in KeyFile
	VerifierKey string      // vkey of Signer; required with Signer, otherwise derived
	KeyFile     string      // default Dir/signing.key; created with a new journal, mode 0600

	PublishEvery time.Duration // default 250 ms; negative: only on Publish and Close
	SegmentBytes int64         // size of one WAL segment, default 8 MiB
	Known        [][]byte      // checkpoints kept elsewhere; Open refuses a journal that does not extend them

	Now  func() time.Time // default time.Now; only for Status
	Rand io.Reader        // default crypto/rand; key and segment salts
}

// Receipt says where a durable entry stands.
type Receipt struct {
	Index    uint64
	LeafHash tlog.Hash
}

// Record is one entry with its place.
type Record struct {
	Index uint64
	Entry []byte
}

// Head is the size and root of the tree over everything acknowledged.
type Head struct {
	Size uint64
	Root tlog.Hash
}

// Journal is an open journal. Its methods are safe for many callers.
type Journal struct{}

// Open opens the journal in o.Dir, or creates it.
func Open(o Options) (*Journal, error) { return nil, unfinished() }

// Append makes one entry durable.
func (j *Journal) Append(ctx context.Context, entry []byte) (Receipt, error) {
	return Receipt{}, unfinished()
}

// AppendAll makes entries durable: contiguous, all or none, in one flush.
func (j *Journal) AppendAll(ctx context.Context, entries [][]byte) ([]Receipt, error) {
	return nil, unfinished()
}

// AppendEvent encodes e and makes it durable.
func (j *Journal) AppendEvent(ctx context.Context, e Event) (Receipt, error) {
	return Receipt{}, unfinished()
}

// Size is the number of acknowledged entries.
func (j *Journal) Size() uint64 { return 0 }

// Entry returns one entry.
func (j *Journal) Entry(ctx context.Context, index uint64) ([]byte, error) {
	return nil, unfinished()
}

// Entries iterates over [from, to); a to beyond Size ends at Size.
func (j *Journal) Entries(ctx context.Context, from, to uint64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) { yield(Record{}, unfinished()) }
}

// Wait returns when Size() > size, or with an error when ctx ends.
func (j *Journal) Wait(ctx context.Context, size uint64) error { return unfinished() }

// Head returns size and root over everything acknowledged.
func (j *Journal) Head() Head { return Head{} }

// Checkpoint returns the last published checkpoint and its size.
func (j *Journal) Checkpoint() (msg []byte, size uint64) { return nil, 0 }

// Publish publishes everything acknowledged and returns the checkpoint.
func (j *Journal) Publish(ctx context.Context) ([]byte, error) { return nil, unfinished() }

// Proof returns the inclusion proof of an entry in the tree of the given size.
func (j *Journal) Proof(ctx context.Context, index, size uint64) (tlog.RecordProof, error) {
	return nil, unfinished()
}

// ProofFile returns a C2SP tlog-proof against the last published checkpoint.
func (j *Journal) ProofFile(ctx context.Context, index uint64) ([]byte, error) {
	return nil, unfinished()
}

// VerifierKey is the vkey with which anyone checks the checkpoints.
func (j *Journal) VerifierKey() string { return "" }

// Origin is the name of the log.
func (j *Journal) Origin() string { return "" }

// TileFS shows the published files: checkpoint and tile/….
func (j *Journal) TileFS() fs.FS { return nil }

// Close publishes what is left and releases the directory.
func (j *Journal) Close() error { return unfinished() }

func unfinished() error {
	return problem.New(problem.Unavailable, "Das Journal ist noch nicht gebaut.", "The journal is not built yet.")
}
