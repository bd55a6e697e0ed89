// Package proof checks a journal without a running journal: checkpoints (C2SP
// tlog-checkpoint, signed-note), inclusion and consistency proofs (RFC 6962),
// proof files (C2SP tlog-proof), roots over a stream of entries, and the
// published files (C2SP tlog-tiles) from any fs.FS.
//
// It reads; package ledger writes. It needs nothing but the public key of the
// log, so an auditor's verifier is built on it alone. What it refuses is a
// problem.Corrupt that wraps a *Break with file, offset and index, or
// problem.BadInput where the caller's question makes no sense.
//
// What a proof shows: that the key's holder signed a tree in which this entry
// stands at this index. That the holder never signed another tree is shown only
// by checkpoints kept elsewhere or cosigned by witnesses.
package proof

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// None stands for "no offset" or "no index" in a Break.
const None = -1

// Break names the first place that does not verify.
type Break struct {
	File   string // path relative to the folder that was read; empty if there is none
	Offset int64  // byte in File, or None
	Index  int64  // entry in the journal, or None
	Reason text.Bi
}

// Error is the English sentence.
func (b *Break) Error() string { return b.where("entry", "byte") + b.Reason.EN }

func (b *Break) where(entry, offset string) string {
	s := b.File
	add := func(word string, n int64) {
		if n < 0 {
			return
		}
		if s != "" {
			s += ", "
		}
		s += fmt.Sprintf("%s %d", word, n)
	}
	add(offset, b.Offset)
	add(entry, b.Index)
	if s != "" {
		s += ": "
	}
	return s
}

// Problem returns the break as problem.Corrupt that wraps it.
func (b *Break) Problem() *problem.Problem {
	return problem.New(problem.Corrupt, b.where("Eintrag", "Byte")+b.Reason.DE, b.where("entry", "byte")+b.Reason.EN).
		WithHint("Die Dateien wurden nach dem Schreiben verändert oder beschädigt. Bitte nichts überschreiben und die Sicherung daneben legen.",
			"The files were changed or damaged after they were written. Please overwrite nothing and put the backup beside them.").
		Wrap(b)
}

func broken(file string, index int64, de, en string, args ...any) *problem.Problem {
	return (&Break{File: file, Offset: None, Index: index,
		Reason: text.Bi{DE: fmt.Sprintf(de, args...), EN: fmt.Sprintf(en, args...)}}).Problem()
}

// CheckRecord verifies that entry stands at index in the tree of cp.
func CheckRecord(cp Checkpoint, index uint64, entry []byte, p tlog.RecordProof) error {
	if index >= cp.Size {
		return broken("", int64(index), "Der Prüfpunkt umfasst nur %d Einträge.", "the checkpoint covers only %d entries.", cp.Size)
	}
	if err := tlog.CheckRecord(p, int64(cp.Size), cp.Root, int64(index), tlog.RecordHash(entry)); err != nil {
		return broken("", int64(index), "Der Einschlussnachweis passt nicht zu Eintrag und Prüfpunkt.", "the inclusion proof does not fit entry and checkpoint.")
	}
	return nil
}

// CheckTree verifies that the tree of later extends that of earlier and changed
// nothing in it. The empty tree is extended by every tree.
func CheckTree(earlier, later Checkpoint, p tlog.TreeProof) error {
	no := func() error {
		return broken("", None, "Der Prüfpunkt über %d Einträge setzt den über %d nicht fort.",
			"the checkpoint over %d entries does not extend the one over %d.", later.Size, earlier.Size)
	}
	switch {
	case earlier.Origin != later.Origin || earlier.Size > later.Size:
		return no()
	case earlier.Size == later.Size:
		if earlier.Root != later.Root || len(p) != 0 {
			return no()
		}
		return nil
	case earlier.Size == 0:
		if earlier.Root != EmptyRoot || len(p) != 0 {
			return no()
		}
		return nil
	}
	if err := tlog.CheckTree(p, int64(later.Size), later.Root, int64(earlier.Size), earlier.Root); err != nil {
		return no()
	}
	return nil
}

// EmptyRoot is the root of the tree without entries: SHA-256 of nothing
// (RFC 6962 §2.1).
var EmptyRoot = tlog.Hash{
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
}

// Range is the compact range [0, Size): the roots of the perfect subtrees that
// make up the tree, at most 64 hashes however many entries there are. The zero
// value is the empty tree. It is not safe for concurrent use.
type Range struct {
	size  uint64
	peaks []tlog.Hash // from the largest subtree to the smallest
}

// NewRange returns the range of a tree of the given size, whose subtree roots
// it reads from r.
func NewRange(size uint64, r tlog.HashReader) (Range, error) {
	if size == 0 {
		return Range{}, nil
	}
	var at []int64
	for rest := size; rest != 0; {
		level := bits.Len64(rest) - 1
		done := size &^ rest
		at = append(at, tlog.StoredHashIndex(level, int64(done>>level)))
		rest &^= 1 << level
	}
	peaks, err := r.ReadHashes(at)
	if err != nil {
		return Range{}, err
	}
	return Range{size: size, peaks: peaks}, nil
}

// Append adds one leaf.
func (r *Range) Append(leaf tlog.Hash) {
	for n := r.size; n&1 == 1; n >>= 1 {
		last := len(r.peaks) - 1
		leaf = tlog.NodeHash(r.peaks[last], leaf)
		r.peaks = r.peaks[:last]
	}
	r.peaks = append(r.peaks, leaf)
	r.size++
}

// Size is the number of leaves.
func (r *Range) Size() uint64 { return r.size }

// Root is the root of the tree over all leaves.
func (r *Range) Root() tlog.Hash {
	if r.size == 0 {
		return EmptyRoot
	}
	last := len(r.peaks) - 1
	root := r.peaks[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(r.peaks[i], root)
	}
	return root
}

// Clone returns an independent copy.
func (r *Range) Clone() Range {
	return Range{size: r.size, peaks: append([]tlog.Hash(nil), r.peaks...)}
}
