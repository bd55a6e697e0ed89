package ledger

import (
	"context"
	"io/fs"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
)

// Book is what a journal offers, wherever its entries lie: *Journal keeps them
// in files of one process, record/store/sequence in PostgreSQL for several
// nodes. Doc comments of *Journal hold for both; where several nodes append,
// Size is what this process knows, at least everything it appended itself.
type Book interface {
	Append(ctx context.Context, entry []byte) (Receipt, error)
	AppendAll(ctx context.Context, entries [][]byte) ([]Receipt, error)
	AppendEvent(ctx context.Context, e Event) (Receipt, error)

	Size() uint64
	Wait(ctx context.Context, size uint64) error
	Entry(ctx context.Context, index uint64) ([]byte, error)
	Entries(ctx context.Context, from, to uint64) iter.Seq2[Record, error]

	Checkpoint() (msg []byte, size uint64)
	Publish(ctx context.Context) ([]byte, error)
	Proof(ctx context.Context, index, size uint64) (tlog.RecordProof, error)
	TreeProof(ctx context.Context, from, to uint64) (tlog.TreeProof, error)
	ProofFile(ctx context.Context, index uint64) ([]byte, error)
	TileFS() fs.FS

	Origin() string
	VerifierKey() string
	Status() Status
	Close() error
}

var _ Book = (*Journal)(nil)
