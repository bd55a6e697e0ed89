package store

import (
	"context"
	"iter"

	"augenmass/internal/record/ledger"
)

// Journal is what the store needs of a *ledger.Journal.
type Journal interface {
	AppendAll(ctx context.Context, entries [][]byte) ([]ledger.Receipt, error)
	Entries(ctx context.Context, from, to uint64) iter.Seq2[ledger.Record, error]
	Size() uint64
	Wait(ctx context.Context, size uint64) error
}

var _ Journal = (*ledger.Journal)(nil)

// Projection feeds plain tables from the journal. Apply sees every entry once,
// in order; what it writes to the tables and the projection's cursor are
// committed together, many entries at a time. An error of Apply stops the
// projection before that batch.
type Projection struct {
	Name    string
	Version int // raise it when Apply changes: the tables are rebuilt
	Tables  []AnyTable
	Apply   func(ctx context.Context, tx *Tx, index uint64, e ledger.Event) error
}
