package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"augenmass/internal/record/ledger"
)

// Bars of L1. The last is what remains when the disk is the limit: a caller
// waits for a flush that may have begun just before it came, then for its own.
var leastOverTessera = map[int]float64{1: 10, 16: 4, 256: 3}

const mostFlushes = 3

// appended is one cell: how long each wait of a caller took, how many entries
// became durable, and what that cost.
type appended struct {
	waits   []time.Duration
	entries int
	cost
}

// contestant is one way to make entries durable with so many callers.
type contestant struct {
	name    string
	measure func(ctx context.Context, dir string, callers int, cell time.Duration, seed uint64) (appended, error)
}

// durableAppend (L1) measures how long a caller waits until an entry of 924
// bytes is safe on disk, with 1, 16 and 256 callers. Beside the journal stand
// Tessera with its POSIX storage, in whichever of its settings is the fastest on
// this machine, and the least that any journal must do: write the bytes of that
// many entries to a preallocated file and flush it once. Journal and Tessera
// publish behind at their default interval, as in use; both make the same tree,
// which is checked first.
//
// The raw loop with 16 and 256 is the ideal group commit, without hand-off,
// hashing or readers; nobody reaches it.
func durableAppend(ctx context.Context, s settings) (outcome, error) {
	n, cell, trial := 11, 3*time.Second, time.Second
	if s.quick {
		n, cell, trial = 3, 300*time.Millisecond, 200*time.Millisecond
	}
	if err := sameTree(ctx, s); err != nil {
		return outcome{}, err
	}
	o := outcome{ratios: map[string]ratio{}}
	for _, load := range []int{1, 16, 256} {
		peer, tried, err := bestTessera(ctx, s, load, trial)
		if err != nil {
			return outcome{}, err
		}
		o.rows = append(o.rows, tried...)
		r := newRounds()
		file, err := newFile(s.dir)
		if err != nil {
			return outcome{}, err
		}
		r.add("new file", "us", file)
		all := []contestant{{"raw", rawAppend}, {"journal", journalAppend}, peer}
		for round := range n {
			for _, c := range shuffled(s.seed, round, all) {
				if err := appendCell(ctx, s, r, c, load, cell); err != nil {
					return outcome{}, err
				}
			}
		}
		for _, c := range all {
			o.rows = append(o.rows, r.row(fmt.Sprintf("%s, %s", c.name, callers(load)), c.name))
		}
		o.rows = append(o.rows, r.row("a new file, before "+callers(load), "new file"))
		over := r.ratio("entries_per_s", "journal", peer.name)
		o.ratios["rate: journal / Tessera, "+callers(load)] = over
		o.ratios["rate: journal / raw, "+callers(load)] = r.ratio("entries_per_s", "journal", "raw")
		o.ratios["CPU per entry: Tessera / journal, "+callers(load)] = r.ratio("cpu_us_per_entry", peer.name, "journal")
		wait := r.ratio("p50_ms", "journal", "raw")
		o.ratios["p50: journal / raw, "+callers(load)] = wait
		o.bars = append(o.bars, atLeast("rate: journal / Tessera, "+callers(load), over.Median, leastOverTessera[load]))
		if load == 1 {
			o.bars = append(o.bars, atMost("p50: journal / one flush, 1 caller", wait.Median, mostFlushes))
		}
	}
	return o, nil
}

func callers(n int) string {
	if n == 1 {
		return "1 caller"
	}
	return fmt.Sprintf("%d callers", n)
}

// appendCell lets one contestant run in a fresh folder and notes what it did.
func appendCell(ctx context.Context, s settings, r *rounds, c contestant, load int, cell time.Duration) error {
	dir, err := os.MkdirTemp(s.dir, "cell-")
	if err != nil {
		return err
	}
	a, err := c.measure(ctx, dir, load, cell, s.seed)
	if err = errors.Join(err, ctx.Err(), empty(dir)); err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, callers(load), err)
	}
	if len(a.waits) == 0 {
		return fmt.Errorf("%s, %s: nothing was appended in %v", c.name, callers(load), cell)
	}
	slices.Sort(a.waits)
	ms := func(q float64) float64 {
		return float64(a.waits[int(q*float64(len(a.waits)-1))]) / float64(time.Millisecond)
	}
	r.add(c.name, "entries_per_s", float64(a.entries)/a.wall.Seconds())
	r.add(c.name, "p50_ms", ms(0.5))
	r.add(c.name, "p99_ms", ms(0.99))
	r.add(c.name, "cpu_us_per_entry", float64(a.cpu.Microseconds())/float64(a.entries))
	r.add(c.name, "allocs_per_entry", float64(a.allocs)/float64(a.entries))
	return nil
}

// empty frees what the files of a cell take and lets the files themselves be
// until the benchmark ends. ext4 without a journal looks for room for a new file
// past every file that was removed in the last minutes; a harness that removes
// thousands between two cells makes whoever writes many files slower, up to half.
func empty(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			err = os.Truncate(path, 0)
		}
		if errors.Is(err, fs.ErrNotExist) { // Tessera may still be tidying up
			return nil
		}
		return err
	})
}

// newFile is what an empty file costs in dir, in microseconds: the median of
// some. It tells whether the file system was disturbed (empty).
func newFile(dir string) (float64, error) {
	dir, err := os.MkdirTemp(dir, "files-")
	if err != nil {
		return 0, err
	}
	var took []float64
	for i := range 101 {
		from := time.Now()
		f, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(i)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		if err := f.Close(); err != nil {
			return 0, err
		}
		took = append(took, float64(time.Since(from))/float64(time.Microsecond))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// entryOf is a decision record of 924 bytes, half of it random.
func entryOf(r *rand.Rand) []byte {
	e := fmt.Appendf(nil, `{"data":{"commitment":"%016x%016x%016x%016x","outcome":"released","pad":"`, r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	for len(e) < 924-len(`"}}`) {
		e = append(e, "0123456789abcdef"[r.IntN(16)])
	}
	return append(e, `"}}`...)
}

func journalAppend(ctx context.Context, dir string, callers int, cell time.Duration, seed uint64) (a appended, err error) {
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: "example.com/bench"})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return appendFrom(callers, cell, seed, func(e []byte) error {
		_, err := j.Append(ctx, e)
		return err
	})
}

// appendFrom lets so many callers append one entry after another, each waiting
// for its own, and measures every wait.
func appendFrom(callers int, cell time.Duration, seed uint64, put func(entry []byte) error) (a appended, err error) {
	rings := make([][][]byte, callers)
	for c := range rings {
		r := rand.New(rand.NewPCG(seed, uint64(c)))
		for range 64 {
			rings[c] = append(rings[c], entryOf(r))
		}
	}
	each, errs := make([][]time.Duration, callers), make([]error, callers)
	a.cost, err = costOf(func() error {
		var wg sync.WaitGroup
		begin := time.Now()
		for c := range callers {
			wg.Go(func() {
				for i := 0; time.Since(begin) < cell; i++ {
					from := time.Now()
					if err := put(rings[c][i%64]); err != nil {
						errs[c] = err
						return
					}
					each[c] = append(each[c], time.Since(from))
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	})
	a.waits = slices.Concat(each...)
	a.entries = len(a.waits)
	return a, err
}
