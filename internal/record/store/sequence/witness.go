package sequence

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/record/ledger/proof"
)

// cosign asks the witnesses about the checkpoint that this node published last,
// unless all have cosigned it or rest, and stores it with their cosignatures.
// Unlike in files the checkpoint is out before they are asked: what proves to
// them that it extends an earlier one are the stored tiles. No witness can keep
// a checkpoint from being published or spoil it. It is called with pub.mu held.
func (l *Lead) cosign(ctx context.Context, cp proof.Checkpoint) (proof.Checkpoint, error) {
	if l.circle == nil || cp.Size == 0 || l.over() {
		return cp, nil
	}
	l.asking.Lock() // an earlier lead of this node may not have ended its request
	defer l.asking.Unlock()
	if wait, due := l.circle.Wait(cp.Size); !due || wait > 0 {
		return cp, nil
	}
	tiles := proof.NewTiles(tileFS{l.Journal}, cp)
	msg := l.circle.Cosign(ctx, cp, func(from uint64) (tlog.TreeProof, error) {
		if from == 0 || from >= cp.Size {
			return nil, nil
		}
		return tiles.TreeProof(from, cp.Size)
	})
	more, err := proof.OpenCheckpoint(msg, l.verifier)
	if spoilt := err != nil; spoilt || len(more.Note) == len(cp.Note) {
		return cp, nil
	}
	storing, cancel := context.WithTimeout(ctx, l.o.patience)
	defer cancel()
	// The text of the note does not change, so a leader that was replaced
	// meanwhile does no harm with what it was told.
	if _, err := l.writes.Exec(storing, "UPDATE journal_checkpoints SET note = $2 WHERE size = $1", int64(more.Size), more.Note); err != nil {
		return cp, unreachable(err)
	}
	l.pub.cp = more
	l.adopt(more)
	return more, nil
}
