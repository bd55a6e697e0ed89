// Package sequence is the journal of one organisation on PostgreSQL: the same
// promises as package ledger, for several nodes that append to one database.
package sequence

import (
	"context"
	"io/fs"
	"iter"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store/outbox"
)

// Options say where a journal lives and who signs for it.
type Options struct {
	Database string // "postgres://…"; required
	Schema   string // of the organisation; created when missing
	Origin   string // name of the log in every checkpoint

	Signer      note.Signer // signs checkpoints, under the name Origin; required
	VerifierKey string      // vkey of Signer; required

	PublishEvery time.Duration // default 250 ms; negative: only on Publish and Close

	Now func() time.Time // default time.Now; only for Status
	Log *slog.Logger     // default: nothing is logged
}

// Journal is an open journal.
type Journal struct{}

// Lead is the right to sequence the outbox and to publish.
type Lead struct{ *Journal }

var (
	_ ledger.Book    = (*Journal)(nil)
	_ outbox.Journal = (*Lead)(nil)
)

func later() error {
	return problem.New(problem.Unavailable, "Das Journal auf PostgreSQL ist noch im Bau.", "The journal on PostgreSQL is still being built.")
}

// Open opens the journal in o.Schema, or creates it.
func Open(context.Context, Options) (*Journal, error) { return nil, later() }

// Lead blocks until this node leads, or ctx ends.
func (*Journal) Lead(context.Context) (*Lead, error) { return nil, later() }

// Done is closed when the lead is lost or released.
func (*Lead) Done() <-chan struct{} { return nil }

// Release gives the lead up.
func (*Lead) Release() error { return later() }

// AppendAll is as that of the journal, but only while the lead holds.
func (*Lead) AppendAll(context.Context, [][]byte) ([]ledger.Receipt, error) { return nil, later() }

// Import fills an empty journal with the entries of another one and compares
// the root with that journal's checkpoint.
func Import(context.Context, *Journal, iter.Seq2[ledger.Record, error], []byte) error {
	return later()
}

func (*Journal) Append(context.Context, []byte) (ledger.Receipt, error) {
	return ledger.Receipt{}, later()
}
func (*Journal) AppendAll(context.Context, [][]byte) ([]ledger.Receipt, error) { return nil, later() }
func (*Journal) AppendEvent(context.Context, ledger.Event) (ledger.Receipt, error) {
	return ledger.Receipt{}, later()
}
func (*Journal) Size() uint64                                  { return 0 }
func (*Journal) Wait(context.Context, uint64) error            { return later() }
func (*Journal) Entry(context.Context, uint64) ([]byte, error) { return nil, later() }
func (*Journal) Entries(context.Context, uint64, uint64) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) { yield(ledger.Record{}, later()) }
}
func (*Journal) Checkpoint() ([]byte, uint64)            { return nil, 0 }
func (*Journal) Publish(context.Context) ([]byte, error) { return nil, later() }
func (*Journal) Proof(context.Context, uint64, uint64) (tlog.RecordProof, error) {
	return nil, later()
}
func (*Journal) TreeProof(context.Context, uint64, uint64) (tlog.TreeProof, error) {
	return nil, later()
}
func (*Journal) ProofFile(context.Context, uint64) ([]byte, error) { return nil, later() }
func (*Journal) TileFS() fs.FS                                     { return nil }
func (*Journal) Origin() string                                    { return "" }
func (*Journal) VerifierKey() string                               { return "" }
func (*Journal) Status() ledger.Status                             { return ledger.Status{} }
func (*Journal) Close() error                                      { return nil }
