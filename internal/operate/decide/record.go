package decide

import (
	"context"

	"augenmass/internal/operate/entry"
	"augenmass/internal/record/ledger"
)

// Recorder journals access decisions (augenmass.access.decided) in a book; it is
// what AuthZENOptions.Record wants. The entry's id is that of the decision with
// another prefix: both name the same event.
func Recorder(book interface {
	AppendEvent(ctx context.Context, e ledger.Event) (ledger.Receipt, error)
}, source string) func(context.Context, Decision, Request, string) (uint64, error) {
	return func(ctx context.Context, d Decision, r Request, _ string) (uint64, error) {
		e, err := ledger.NewEvent("evt_"+d.ID[len("dec_"):], source, entry.TypeAccess, r.Resource.ID, d.At, d.Entry(r))
		if err != nil {
			return 0, err
		}
		receipt, err := book.AppendEvent(ctx, e)
		return receipt.Index, err
	}
}
