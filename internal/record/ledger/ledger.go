// Package ledger is the journal of one organisation: durable, signed,
// append-only and provable. Every act of both planes is one entry in it.
//
// Append returns when its entry is flushed to disk; nothing acknowledged is
// lost by a kill or a power cut. One goroutine writes: it takes everything that
// waits, writes it as one frame, flushes once and releases the callers, so an
// idle disk commits at once and a busy one batches (package linger). Behind it a
// publisher writes what auditors read: tiles and entry bundles (C2SP
// tlog-tiles), a signed checkpoint (C2SP tlog-checkpoint, signed-note) and, on
// demand, proof files (C2SP tlog-proof). Package proof checks all of that
// without a running journal; package entry is the form of one entry.
//
// The folder holds
//
//	wal/          segments of the write-ahead log; see wal.go
//	log/          what is published: checkpoint, tile/…, keys
//	signing.key   the Ed25519 key, unless KeyFile says otherwise
//	witnesses     optional: who cosigns checkpoints; see package witness
//	lock          one process at a time
//
// The journal does not know what an entry means. Callers see to idempotency;
// record/store keeps the read models.
//
// Limits. The holder of the key can rewrite everything unless checkpoints are
// kept elsewhere (Options.Known) or cosigned by witnesses (Options.Witnesses,
// package witness). A whole folder put back from an old backup is consistent in
// itself; only a later checkpoint kept elsewhere, or a witness, shows that it is
// old. It then goes on under a new origin that names the old one (Succeed).
package ledger

import (
	"io"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/entry"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/ledger/witness"
)

// Event is one CloudEvents 1.0 event; see package entry.
type Event = entry.Event

// Record is one entry with its place in the journal.
type Record = proof.Record

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

	Signer      note.Signer // signs checkpoints, under the name Origin; nil: the Ed25519 key in KeyFile
	VerifierKey string      // vkey of Signer; required with Signer, otherwise derived
	KeyFile     string      // default Dir/signing.key; created with a new journal, mode 0600

	PublishEvery time.Duration // default 250 ms; negative: only on Publish, on Close and before memory fills up
	SegmentBytes int64         // size of one WAL segment, at least 4 KiB, default 8 MiB
	Known        [][]byte      // checkpoints kept elsewhere; Open refuses a journal that does not extend them

	// Witnesses say who cosigns checkpoints. Without any, the file
	// Dir/witnesses says it (witness.ParsePolicy), if there is one.
	Witnesses witness.Policy

	Now  func() time.Time // default time.Now; only for Status
	Rand io.Reader        // default crypto/rand; signing key and segment salts

	disk    disk.Disk // tests only
	maxTail int       // tests only; memory of what is flushed but not published
	mute    bool      // Succeed only: sign nothing under the origin that ends
}

const (
	defaultPublishEvery = 250 * time.Millisecond
	defaultSegmentBytes = 8 << 20
	minSegmentBytes     = 4 << 10

	maxSpares = 4       // segments kept for use again; a publication may free as many at once
	maxGroup  = 1 << 20 // bytes that join one group commit
	maxHint   = 1 << 10 // entries that a group has room for before it has them
	maxAll    = 8 << 20 // bytes of one AppendAll
	maxQueued = 8 << 20 // bytes waiting for the writer; one AppendAll goes in whole

	// Memory for what is flushed but not published, in bytes. It bounds what a
	// start has to replay, too.
	defaultMaxTail = 16 << 20
	leafBytes      = 64 // of an entry in memory beside its content
)

// Receipt says where a durable entry stands.
type Receipt struct {
	Index    uint64
	LeafHash tlog.Hash
}

// Head is the size and root of the tree over everything acknowledged.
type Head struct {
	Size uint64
	Root tlog.Hash
}

// Status is what a page about the journal shows.
type Status struct {
	Size        uint64    // acknowledged entries
	Published   uint64    // entries under the last checkpoint
	PublishedAt time.Time // zero until this process has published
	Failed      error     // why the journal refuses appends; nil while it takes them
	PublishErr  error     // why the last attempt to publish failed; nil after a success
	Recovery    Recovery  // what Open found

	Unpublished  int // memory of what is acknowledged but not published, in bytes; at TailLimit appends wait
	TailLimit    int
	PublishEvery time.Duration // as configured

	Witnesses   []witness.State // in the order of the policy; empty without one
	Witnessed   uint64          // entries under the last checkpoint that a quorum cosigned
	WitnessedAt time.Time       // zero until then
}

// Recovery is what Open found in the write-ahead log.
type Recovery struct {
	Replayed uint64 // entries read back
	CutFile  string // segment with a torn, never acknowledged tail; empty if there was none
	CutAt    int64  // byte at which the tail was cut
}
