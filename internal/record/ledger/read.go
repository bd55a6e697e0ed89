package ledger

import (
	"bytes"
	"context"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// view is the acknowledged journal at one moment: tiles up to the last
// checkpoint, memory from there on. It reads every hash of the tree.
type view struct {
	tiles *proof.Tiles
	start uint64
	tail  []leaf
	size  uint64
}

func (j *Journal) view() view {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return view{tiles: j.tiles, start: j.tailStart, tail: j.tail, size: j.head.Size}
}

// ReadHashes implements tlog.HashReader. What tiles hold comes checked from
// there, the rest is computed from the leaves in memory.
func (v view) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	published := v.tiles.Checkpoint().Size
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		h, err := v.hash(level, uint64(n), published)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

func (v view) hash(level int, n, published uint64) (tlog.Hash, error) {
	if (n+1)<<level <= published {
		h, err := v.tiles.ReadHashes([]int64{tlog.StoredHashIndex(level, int64(n))})
		if err != nil {
			return tlog.Hash{}, err
		}
		return h[0], nil
	}
	if level == 0 {
		if n >= v.size {
			return tlog.Hash{}, noEntry(n, v.size)
		}
		return v.tail[n-v.start].hash, nil
	}
	left, err := v.hash(level-1, 2*n, published)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := v.hash(level-1, 2*n+1, published)
	return tlog.NodeHash(left, right), err
}

func noEntry(index, size uint64) error {
	return problem.Newf(problem.NotFound, "Das Journal hat keinen Eintrag %d; es endet bei %d Einträgen.",
		"The journal has no entry %d; it ends at %d entries.", index, size)
}

// Entry returns one entry, checked against the last checkpoint unless it is
// newer. Errors: problem.NotFound beyond Size, problem.Corrupt naming the file.
func (j *Journal) Entry(ctx context.Context, index uint64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v := j.view()
	switch {
	case index >= v.size:
		return nil, noEntry(index, v.size)
	case index >= v.start:
		return bytes.Clone(v.tail[index-v.start].entry), nil
	}
	e, err := v.tiles.Entry(index)
	return bytes.Clone(e), err
}

// Entries iterates over [from, to) in order; a to beyond Size ends at the Size
// at the moment when the iteration begins. Every entry is checked as by Entry. The iteration
// ends after its first error. The bytes are shared: they may be kept, but must
// not be changed.
func (j *Journal) Entries(ctx context.Context, from, to uint64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		v := j.view()
		to := min(to, v.size)
		for r, err := range v.tiles.Entries(ctx, from, min(to, v.start)) {
			if !yield(r, err) || err != nil {
				return
			}
		}
		for i := max(from, v.start); i < to; i++ {
			if err := ctx.Err(); err != nil {
				yield(Record{Index: i}, err)
				return
			}
			if !yield(Record{Index: i, Entry: v.tail[i-v.start].entry}, nil) {
				return
			}
		}
	}
}

// Proof returns the inclusion proof of the entry at index in the tree of the
// first size entries, size at most Size.
func (j *Journal) Proof(ctx context.Context, index, size uint64) (tlog.RecordProof, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v := j.view()
	if size > v.size || index >= size {
		return nil, noEntry(index, min(size, v.size))
	}
	return tlog.ProveRecord(int64(size), int64(index), v)
}

// TreeProof returns the proof that the tree of the first to entries extends the
// tree of the first from entries; it is empty if from is 0 or equals to.
func (j *Journal) TreeProof(ctx context.Context, from, to uint64) (tlog.TreeProof, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v := j.view()
	if to > v.size || from > to {
		return nil, noEntry(to, v.size)
	}
	if from == 0 || from == to {
		return nil, nil
	}
	return tlog.ProveTree(int64(to), int64(from), v)
}

// ProofFile returns a C2SP tlog-proof of the entry against the last published
// checkpoint; if the entry is newer, it publishes first.
func (j *Journal) ProofFile(ctx context.Context, index uint64) ([]byte, error) {
	if index >= j.published().Size && index < j.Size() {
		if _, err := j.Publish(ctx); err != nil {
			return nil, err
		}
	}
	v := j.view()
	cp := v.tiles.Checkpoint()
	p, err := v.tiles.Proof(index, cp.Size)
	if err != nil {
		return nil, err
	}
	return proof.File{Index: index, Proof: p, Checkpoint: cp.Note}.Marshal(), nil
}
