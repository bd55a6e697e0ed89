package sequence

import (
	"context"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// Import fills j with the entries of another journal under the same key, in
// order and from index 0, and publishes them. checkpoint is that journal's over
// exactly these entries: their root is compared with it before anything is
// signed. An import that was interrupted may be called again: what is stored is
// kept, and compared with the rest at the end.
//
// Errors: problem.Corrupt when entries, order or root do not fit the
// checkpoint (the schema is then to be dropped), problem.Conflict when another
// node leads or appends, otherwise as for Append and Publish.
func Import(ctx context.Context, j *Journal, entries iter.Seq2[ledger.Record, error], checkpoint []byte) error {
	cp, err := proof.OpenCheckpoint(checkpoint, j.verifier)
	if err != nil {
		return err
	}
	conn, err := j.candidate(ctx)
	if err != nil {
		return err
	}
	l, err := j.take(ctx, conn, false)
	if err != nil || l == nil {
		if late := closeNow(conn); err == nil && late != nil {
			err = late
		}
		if err == nil {
			err = inUse(nil)
		}
		return err
	}
	defer l.Release()
	in := loading{lead: l, at: j.Size()}
	if err := in.all(ctx, entries); err != nil {
		return err
	}
	if in.tree.Size() != cp.Size || in.tree.Root() != cp.Root || in.at != cp.Size {
		return problem.Newf(problem.Corrupt, "Die übernommenen %d Einträge ergeben nicht den Baum des Prüfpunkts über %d.",
			"The %d entries taken over do not yield the tree of the checkpoint over %d.", in.tree.Size(), cp.Size)
	}
	published, err := l.publish(ctx)
	if err != nil {
		return err
	}
	if published.Size != cp.Size || published.Root != cp.Root {
		return problem.Newf(problem.Corrupt, "Nach der Übernahme hat das Journal einen anderen Baum (%d Einträge) als seine Quelle (%d).",
			"After the import the journal has another tree (%d entries) than its source (%d).", published.Size, cp.Size)
	}
	return nil
}

func inUse(cause error) error {
	return problem.New(problem.Conflict, "Das Journal ist in Gebrauch; übernommen wird nur in ein ruhendes.", "The journal is in use; only one at rest can be imported into.").
		WithHint("Bitte zuerst alle Knoten dieser Organisation anhalten.", "Please stop all nodes of this organisation first.").Wrap(cause)
}

// loading is an import under way.
type loading struct {
	lead  *Lead
	tree  proof.Range // over everything read
	at    uint64      // entries stored
	group [][]byte
	bytes int
}

func (in *loading) all(ctx context.Context, entries iter.Seq2[ledger.Record, error]) error {
	for r, err := range entries {
		if err != nil {
			return err
		}
		if r.Index != in.tree.Size() {
			return problem.Newf(problem.Corrupt, "Auf Eintrag %d folgt in der Quelle Eintrag %d.", "In the source, entry %d is followed by entry %d.",
				int64(in.tree.Size())-1, r.Index)
		}
		in.tree.Append(tlog.RecordHash(r.Entry))
		if r.Index < in.at {
			continue // stored by the import that was interrupted
		}
		if in.bytes += 4 + len(r.Entry); in.bytes > maxGroup && len(in.group) > 0 {
			if err := in.flush(ctx); err != nil {
				return err
			}
			in.bytes = 4 + len(r.Entry)
		}
		in.group = append(in.group, r.Entry)
	}
	return in.flush(ctx)
}

func (in *loading) flush(ctx context.Context) error {
	_, err := in.lead.appendIf(ctx, in.group, int64(in.at))
	if err != nil {
		if in.lead.over() && !problem.Is(err, problem.Corrupt) {
			return inUse(err)
		}
		return err
	}
	in.at += uint64(len(in.group))
	in.group = in.group[:0]
	return nil
}
