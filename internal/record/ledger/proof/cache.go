package proof

import "sync"

const (
	cachedTiles = 128     // per generation
	cachedBytes = 4 << 20 // per generation
)

// cache keeps full tiles and bundles in two generations: when the young one is
// full it becomes the old one, and what is still in use moves back.
type cache struct {
	mu       sync.Mutex
	young    map[tileKey]*nodes
	old      map[tileKey]*nodes
	bundles  map[uint64][][]byte
	previous map[uint64][][]byte
	bytes    int
}

type tileKey struct {
	level int
	n     uint64
}

func newCache() *cache {
	return &cache{young: map[tileKey]*nodes{}, bundles: map[uint64][][]byte{}}
}

func (c *cache) tile(level int, n uint64) *nodes {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := tileKey{level, n}
	nd := c.young[k]
	if nd == nil {
		if nd = c.old[k]; nd != nil {
			c.put(k, nd)
		}
	}
	return nd
}

func (c *cache) putTile(level int, n uint64, nd *nodes) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(tileKey{level, n}, nd)
}

func (c *cache) put(k tileKey, nd *nodes) {
	if len(c.young) >= cachedTiles {
		c.old, c.young = c.young, map[tileKey]*nodes{}
	}
	c.young[k] = nd
}

func (c *cache) bundle(n uint64) [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.bundles[n]; ok {
		return e
	}
	return c.previous[n]
}

func (c *cache) putBundle(n uint64, entries [][]byte, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes > cachedBytes {
		c.previous, c.bundles, c.bytes = c.bundles, map[uint64][][]byte{}, 0
	}
	c.bundles[n] = entries
	c.bytes += size
}
