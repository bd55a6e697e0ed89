package proof

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/bits"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
)

// Tiles reads the published files of one checkpoint and checks all it reads
// against the checkpoint's root, so that nothing it returns needs another
// check. It is a tlog.HashReader and safe for concurrent use. Its cache holds
// at most 256 tiles (4 MiB) and 8 MiB of entries.
type Tiles struct {
	fsys  fs.FS
	cp    Checkpoint
	cache *cache

	mu   sync.Mutex
	edge map[int]*nodes // level → the partial tile, checked against the root
}

// NewTiles reads below fsys: "tile/0/000", "tile/entries/000", ….
func NewTiles(fsys fs.FS, cp Checkpoint) *Tiles {
	return &Tiles{fsys: fsys, cp: cp, cache: newCache()}
}

// Grow returns the reader of a later checkpoint, which shares the cache of
// full tiles and bundles. The caller knows that cp extends t's checkpoint.
func (t *Tiles) Grow(cp Checkpoint) *Tiles {
	return &Tiles{fsys: t.fsys, cp: cp, cache: t.cache}
}

// Checkpoint returns the checkpoint that t reads under.
func (t *Tiles) Checkpoint() Checkpoint { return t.cp }

// ReadHashes implements tlog.HashReader with checked hashes.
func (t *Tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		if uint64(n+1)<<level > t.cp.Size {
			return nil, beyond(uint64(n)<<level, t.cp.Size)
		}
		inside := level % Height
		tile := uint64(n) >> (Height - inside)
		nd, err := t.tile(level/Height, tile)
		if err != nil {
			return nil, err
		}
		out[i] = nd[inside][uint64(n)-tile<<(Height-inside)]
	}
	return out, nil
}

func beyond(index, size uint64) error {
	return problem.Newf(problem.NotFound, "Das Journal hat keinen Eintrag %d; es endet bei %d Einträgen.",
		"The journal has no entry %d; it ends at %d entries.", index, size)
}

// Proof returns the inclusion proof of index in the tree of the first size
// entries, size at most that of the checkpoint.
func (t *Tiles) Proof(index, size uint64) (tlog.RecordProof, error) {
	if size > t.cp.Size || index >= size {
		return nil, beyond(index, min(size, t.cp.Size))
	}
	return tlog.ProveRecord(int64(size), int64(index), t)
}

// TreeProof returns the consistency proof between the trees of the first from
// and the first to entries. It is empty if from is 0 or equals to.
func (t *Tiles) TreeProof(from, to uint64) (tlog.TreeProof, error) {
	if to > t.cp.Size || from > to {
		return nil, beyond(to, t.cp.Size)
	}
	if from == 0 || from == to {
		return nil, nil
	}
	return tlog.ProveTree(int64(to), int64(from), t)
}

// Root returns the root of the tree of the first size entries.
func (t *Tiles) Root(size uint64) (tlog.Hash, error) {
	r, err := NewRange(size, t)
	if err != nil {
		return tlog.Hash{}, err
	}
	return r.Root(), nil
}

// tile returns tile n of a level, checked.
func (t *Tiles) tile(level int, n uint64) (*nodes, error) {
	if widthAt(t.cp.Size, level, n) < Width {
		return t.edgeTile(level)
	}
	if nd := t.cache.tile(level, n); nd != nil {
		return nd, nil
	}
	hashes, err := t.readTile(level, n, Width)
	if err != nil {
		return nil, err
	}
	nd := expand(hashes)
	// A full tile is one hash of the level above.
	above, err := t.tile(level+1, n/Width)
	if err != nil {
		return nil, err
	}
	if above[0][n%Width] != nd[Height][0] {
		return nil, broken(TilePath(level, n, Width), None, "Die Kachel passt nicht zum unterschriebenen Baum.", "the tile does not fit the signed tree.")
	}
	t.cache.putTile(level, n, nd)
	return nd, nil
}

// edgeTile returns the partial tile of a level. All partial tiles together
// carry the peaks of the tree, so they are read and checked at once.
func (t *Tiles) edgeTile(level int) (*nodes, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.edge != nil {
		return t.edge[level], nil
	}
	edge := map[int]*nodes{}
	var root tlog.Hash
	first := true
	var files []string
	for l := 0; t.cp.Size>>(l*Height) > 0; l++ {
		have := t.cp.Size >> (l * Height)
		width := int(have % Width)
		if width == 0 {
			continue
		}
		files = append(files, TilePath(l, have/Width, width))
		hashes, err := t.readTile(l, have/Width, width)
		if err != nil {
			return nil, err
		}
		nd := expand(hashes)
		edge[l] = nd
		// Peaks from right to left: the set bits of width, low to high.
		for rest, at := width, width; rest != 0; rest &= rest - 1 {
			h := bits.TrailingZeros(uint(rest))
			at -= 1 << h
			peak := nd[h][at>>h]
			if first {
				root, first = peak, false
			} else {
				root = tlog.NodeHash(peak, root)
			}
		}
	}
	if root != t.cp.Root {
		return nil, broken(files[0], None, "Die Kacheln am rechten Rand %v ergeben nicht die unterschriebene Wurzel.",
			"the tiles of the right edge %v do not yield the signed root.", files)
	}
	t.edge = edge
	return edge[level], nil
}

func (t *Tiles) readTile(level int, n uint64, width int) ([]tlog.Hash, error) {
	data, file, err := t.read(func(w int) string { return TilePath(level, n, w) }, width)
	if err != nil {
		return nil, err
	}
	if len(data)%tlog.HashSize != 0 || len(data) < width*tlog.HashSize || len(data) > Width*tlog.HashSize {
		return nil, broken(file, None, "Die Kachel ist %d Byte lang, verlangt sind %d.", "the tile is %d bytes long, %d are required.", len(data), width*tlog.HashSize)
	}
	hashes := make([]tlog.Hash, width)
	for i := range hashes {
		copy(hashes[i][:], data[i*tlog.HashSize:])
	}
	return hashes, nil
}

// read returns a partial resource, or the full one if that has replaced it
// (C2SP tlog-tiles, "Partial Tiles").
func (t *Tiles) read(path func(width int) string, width int) (data []byte, file string, err error) {
	file = path(width)
	data, err = fs.ReadFile(t.fsys, file)
	if errors.Is(err, fs.ErrNotExist) && width < Width {
		full, fullErr := fs.ReadFile(t.fsys, path(Width))
		if fullErr == nil {
			return full, path(Width), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, file, broken(file, None, "Die Datei fehlt.", "the file is missing.")
	}
	if err != nil {
		return nil, file, problem.Newf(problem.Unavailable, "Die Datei %s lässt sich nicht lesen.", "The file %s cannot be read.", file).Wrap(err)
	}
	return data, file, nil
}

// bundle returns the entries of bundle n, each checked against its leaf hash.
func (t *Tiles) bundle(n uint64) ([][]byte, error) {
	width := widthAt(t.cp.Size, 0, n)
	if entries := t.cache.bundle(n); len(entries) >= width {
		return entries[:width], nil
	}
	leaves, err := t.tile(0, n)
	if err != nil {
		return nil, err
	}
	data, file, err := t.read(func(w int) string { return EntriesPath(n, w) }, width)
	if err != nil {
		return nil, err
	}
	entries, err := ParseBundle(data, width)
	if err != nil {
		return nil, broken(file, int64(n*Width), "Das Bündel ab diesem Eintrag ist unvollständig.", "the bundle that begins here is incomplete.")
	}
	for i, e := range entries {
		if tlog.RecordHash(e) != leaves[0][i] {
			return nil, broken(file, int64(n*Width)+int64(i), "Der Eintrag passt nicht zum unterschriebenen Baum.", "the entry does not fit the signed tree.")
		}
	}
	t.cache.putBundle(n, entries, len(data))
	return entries, nil
}

// Entry returns one entry, checked.
func (t *Tiles) Entry(index uint64) ([]byte, error) {
	if index >= t.cp.Size {
		return nil, beyond(index, t.cp.Size)
	}
	entries, err := t.bundle(index / Width)
	if err != nil {
		return nil, err
	}
	return entries[index%Width], nil
}

// Entries iterates over the checked entries [from, to); to
// beyond the checkpoint ends at the checkpoint. It ends after the first error.
// The slices must not be changed.
func (t *Tiles) Entries(ctx context.Context, from, to uint64) iter.Seq2[Record, error] {
	to = min(to, t.cp.Size)
	return func(yield func(Record, error) bool) {
		for i := from; i < to; {
			if err := ctx.Err(); err != nil {
				yield(Record{Index: i}, err)
				return
			}
			entries, err := t.bundle(i / Width)
			if err != nil {
				yield(Record{Index: i}, err)
				return
			}
			for _, e := range entries[i%Width:] {
				if i >= to {
					return
				}
				if !yield(Record{Index: i, Entry: e}, nil) {
					return
				}
				i++
			}
		}
	}
}

// Record is one entry with its place in the journal.
type Record struct {
	Index uint64
	Entry []byte
}

// Check reads every entry and every tile of the checkpoint's tree and returns
// the first that does not verify, as problem.Corrupt. A cut of the log at its
// end is found because the checkpoint says its size.
func (t *Tiles) Check(ctx context.Context) error {
	for _, err := range t.Entries(ctx, 0, t.cp.Size) {
		if err != nil {
			return err
		}
	}
	if t.cp.Size == 0 && t.cp.Root != EmptyRoot {
		return broken(CheckpointFile, None, "Die Wurzel des leeren Baums ist falsch.", "the root of the empty tree is wrong.")
	}
	return nil
}

// Verify reads the checkpoint below fsys, verifies it with the log's vkey and
// checks every file of its tree.
func Verify(ctx context.Context, fsys fs.FS, vkey string) (Checkpoint, error) {
	msg, err := fs.ReadFile(fsys, CheckpointFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, broken(CheckpointFile, None, "Die Datei fehlt.", "the file is missing.")
	}
	if err != nil {
		return Checkpoint{}, problem.New(problem.Unavailable, "Der Prüfpunkt lässt sich nicht lesen.", "The checkpoint cannot be read.").Wrap(err)
	}
	cp, err := ParseCheckpoint(msg, vkey)
	if err != nil {
		return Checkpoint{}, err
	}
	return cp, NewTiles(fsys, cp).Check(ctx)
}

// Stream computes size and root over a stream of entries, with memory for at
// most 64 hashes. It ends with the stream's first error.
func Stream(entries iter.Seq2[[]byte, error]) (size uint64, root tlog.Hash, err error) {
	var r Range
	for e, err := range entries {
		if err != nil {
			return r.Size(), tlog.Hash{}, fmt.Errorf("read entry %d: %w", r.Size(), err)
		}
		r.Append(tlog.RecordHash(e))
	}
	return r.Size(), r.Root(), nil
}
