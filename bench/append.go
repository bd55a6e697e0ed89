package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"augenmass/internal/record/ledger"
)

// durableAppend (L1) measures how long a caller waits until an entry of 924
// bytes is safe on disk, with 1, 16 and 256 callers, beside the least that any
// journal must do: write the bytes of that many entries to a preallocated file
// and flush it once. It publishes behind at its default interval, as in use.
//
// The raw loop with 16 and 256 is the ideal group commit, without hand-off,
// hashing or readers; nobody reaches it.
func durableAppend(ctx context.Context, s settings) (outcome, error) {
	rounds, cell := 7, 3*time.Second
	if s.quick {
		rounds, cell = 3, 400*time.Millisecond
	}
	loads := []int{1, 16, 256}
	type key struct {
		who   string
		load  int
		value string
	}
	seen := map[key][]float64{}
	for round := range rounds {
		for _, load := range loads {
			contestants := []string{"raw", "journal"}
			if round%2 == 1 {
				slices.Reverse(contestants)
			}
			for _, who := range contestants {
				dir := filepath.Join(s.dir, fmt.Sprintf("%s-%d-%d", who, load, round))
				if err := os.Mkdir(dir, 0o700); err != nil {
					return outcome{}, err
				}
				measure := rawAppend
				if who == "journal" {
					measure = journalAppend
				}
				waits, took, err := measure(ctx, dir, load, cell, s.seed)
				if err = errors.Join(err, ctx.Err(), os.RemoveAll(dir)); err != nil {
					return outcome{}, err
				}
				slices.Sort(waits)
				entries := float64(len(waits))
				if who == "raw" {
					entries *= float64(load)
				}
				ms := func(q float64) float64 {
					return float64(waits[int(q*float64(len(waits)-1))]) / float64(time.Millisecond)
				}
				for value, v := range map[string]float64{"entries_per_s": entries / took.Seconds(), "p50_ms": ms(0.5), "p99_ms": ms(0.99)} {
					k := key{who, load, value}
					seen[k] = append(seen[k], v)
				}
			}
		}
	}
	o := outcome{ratios: map[string]ratio{}}
	for _, load := range loads {
		for _, who := range []string{"raw", "journal"} {
			r := row{Case: fmt.Sprintf("%s, %d callers", who, load), Values: map[string]float64{"rounds": float64(rounds)}}
			for _, value := range []string{"entries_per_s", "p50_ms", "p99_ms"} {
				r.Values[value] = median(slices.Clone(seen[key{who, load, value}]))
			}
			o.rows = append(o.rows, r)
		}
		// Within a round the neighbours are the same, so ratios are taken there.
		var wait, rate []float64
		for i := range rounds {
			wait = append(wait, seen[key{"journal", load, "p50_ms"}][i]/seen[key{"raw", load, "p50_ms"}][i])
			rate = append(rate, seen[key{"journal", load, "entries_per_s"}][i]/seen[key{"raw", load, "entries_per_s"}][i])
		}
		o.ratios[fmt.Sprintf("p50 journal / raw, %d callers", load)] = ratioOf(wait)
		o.ratios[fmt.Sprintf("rate journal / raw, %d callers", load)] = ratioOf(rate)
	}
	o.bars = []bar{atMost("p50 journal / raw, 1 caller", o.ratios["p50 journal / raw, 1 callers"].Median, 2.5)}
	return o, nil
}

// entryOf is a decision record of 924 bytes, half of it random.
func entryOf(r *rand.Rand) []byte {
	e := fmt.Appendf(nil, `{"data":{"commitment":"%016x%016x%016x%016x","outcome":"released","pad":"`, r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	for len(e) < 924-len(`"}}`) {
		e = append(e, "0123456789abcdef"[r.IntN(16)])
	}
	return append(e, `"}}`...)
}

func journalAppend(ctx context.Context, dir string, callers int, cell time.Duration, seed uint64) (waits []time.Duration, took time.Duration, err error) {
	j, err := ledger.Open(ledger.Options{Dir: dir, Origin: "example.com/bench"})
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	var wg sync.WaitGroup
	each := make([][]time.Duration, callers)
	errs := make([]error, callers)
	begin := time.Now()
	for c := range callers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c)))
			ring := make([][]byte, 64)
			for i := range ring {
				ring[i] = entryOf(r)
			}
			for i := 0; time.Since(begin) < cell; i++ {
				e := ring[i%len(ring)]
				from := time.Now()
				if _, err := j.Append(ctx, e); err != nil {
					errs[c] = err
					return
				}
				each[c] = append(each[c], time.Since(from))
			}
		})
	}
	wg.Wait()
	took = time.Since(begin)
	return slices.Concat(each...), took, errors.Join(errs...)
}
