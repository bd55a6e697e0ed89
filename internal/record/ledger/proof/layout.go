package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Height is the height of a tile, Width the number of hashes in a full tile
// and of entries in a full bundle (C2SP tlog-tiles).
const (
	Height = 8
	Width  = 1 << Height
)

// TilePath returns the path of tile n at level (0 = leaf hashes); width is
// 1 to 256, and below 256 names a partial tile.
func TilePath(level int, n uint64, width int) string {
	return "tile/" + strconv.Itoa(level) + "/" + number(n) + partial(width)
}

// EntriesPath returns the path of entry bundle n; width as for TilePath.
func EntriesPath(n uint64, width int) string {
	return "tile/entries/" + number(n) + partial(width)
}

func partial(width int) string {
	if width == Width {
		return ""
	}
	return ".p/" + strconv.Itoa(width)
}

// number writes n in groups of three digits, all but the last with a leading x.
func number(n uint64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

// widthAt returns how many hashes tile n at level has in a tree of size, 0 to 256.
func widthAt(size uint64, level int, n uint64) int {
	if level > 7 {
		return 0 // a tree of 2⁶³ entries has eight levels of tiles
	}
	have := size >> (level * Height)
	if have <= n*Width {
		return 0
	}
	return int(min(Width, have-n*Width))
}

// AppendBundled appends one entry in the form of a bundle: its length in two
// bytes, big-endian, then the entry, which must not exceed 65,535 bytes.
func AppendBundled(dst, entry []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(entry)))
	return append(dst, entry...)
}

var errBundle = errors.New("the lengths in the bundle do not add up")

// ParseBundle splits a bundle that holds at least count entries into the first
// count. The entries share memory with data. A bundle cut to count entries must
// end with the last of them; one that is longer must hold whole entries only.
func ParseBundle(data []byte, count int) ([][]byte, error) {
	entries := make([][]byte, 0, count)
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errBundle
		}
		n := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+n {
			return nil, errBundle
		}
		if len(entries) < count {
			entries = append(entries, data[2:2+n:2+n])
		}
		data = data[2+n:]
	}
	if len(entries) < count {
		return nil, errBundle
	}
	return entries, nil
}

// Edge is the right edge of the tiles of a growing tree: per level the hashes
// of the last tile while it is not full. It turns leaf hashes into tiles with
// memory for at most eight of them. The zero value is the empty tree.
type Edge struct {
	size  uint64
	level [][]tlog.Hash
}

// NewEdge returns the edge of a tree of the given size, read from r.
func NewEdge(size uint64, r tlog.HashReader) (Edge, error) {
	e := Edge{size: size}
	for level := 0; size>>(level*Height) > 0; level++ {
		have := size >> (level * Height)
		var at []int64
		for n := have &^ (Width - 1); n < have; n++ {
			at = append(at, tlog.StoredHashIndex(level*Height, int64(n)))
		}
		hashes := []tlog.Hash{}
		if len(at) > 0 {
			var err error
			if hashes, err = r.ReadHashes(at); err != nil {
				return Edge{}, err
			}
		}
		e.level = append(e.level, hashes)
	}
	return e, nil
}

// Add appends one leaf and calls full for every tile that it completes.
func (e *Edge) Add(leaf tlog.Hash, full func(level int, n uint64, data []byte) error) error {
	e.size++
	h := leaf
	for level := 0; ; level++ {
		if level == len(e.level) {
			e.level = append(e.level, nil)
		}
		e.level[level] = append(e.level[level], h)
		if len(e.level[level]) < Width {
			return nil
		}
		n := e.size>>((level+1)*Height) - 1
		if err := full(level, n, tileData(e.level[level])); err != nil {
			return err
		}
		var tile Range
		for _, below := range e.level[level] {
			tile.Append(below)
		}
		h = tile.Root()
		e.level[level] = e.level[level][:0]
	}
}

// Partials calls partial for every level whose last tile is not full and not
// empty.
func (e *Edge) Partials(partial func(level int, n uint64, width int, data []byte) error) error {
	for level, hashes := range e.level {
		if len(hashes) == 0 {
			continue
		}
		n := e.size >> ((level + 1) * Height)
		if err := partial(level, n, len(hashes), tileData(hashes)); err != nil {
			return err
		}
	}
	return nil
}

// Clone returns an independent copy.
func (e *Edge) Clone() Edge {
	c := Edge{size: e.size}
	for _, hashes := range e.level {
		c.level = append(c.level, append([]tlog.Hash(nil), hashes...))
	}
	return c
}

func tileData(hashes []tlog.Hash) []byte {
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		data = append(data, hashes[i][:]...)
	}
	return data
}

// nodes are the complete subtrees inside a tile: nodes[0] its hashes, nodes[h]
// the roots over 2^h of them.
type nodes [Height + 1][]tlog.Hash

func expand(hashes []tlog.Hash) *nodes {
	var t nodes
	t[0] = hashes
	for h := 1; h <= Height; h++ {
		below := t[h-1]
		if len(below) < 2 {
			break
		}
		t[h] = make([]tlog.Hash, len(below)/2)
		for i := range t[h] {
			t[h][i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
	}
	return &t
}
