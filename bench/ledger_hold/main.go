// Ledger_hold holds one journal open so that another program can look at the
// process: its memory, and how it starts again after a kill.
//
//	ledger_hold DIR build N      append entries of 100 bytes until there are N, then go on until killed
//	ledger_hold DIR serve        append by 16 callers, read and prove at random, until killed
//
// It prints one line of JSON when N is reached, or when the first append after
// the start is durable: seconds since main began, entries, and what Open read
// back.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"augenmass/internal/record/ledger"
)

func main() {
	if err := run(time.Now(), os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(begin time.Time, args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("ledger_hold DIR build N | ledger_hold DIR serve")
	}
	ctx := context.Background()
	j, err := ledger.Open(ledger.Options{Dir: args[0], Origin: "example.com/bench"})
	if err != nil {
		return err
	}
	opened := time.Since(begin)
	if args[1] == "build" {
		n, err := strconv.ParseUint(args[2], 10, 63)
		if err != nil {
			return err
		}
		if err := grow(ctx, j, n); err != nil {
			return err
		}
	} else if _, err := j.Append(ctx, entry(rand.Uint64())); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"open_s": opened.Seconds(), "ready_s": time.Since(begin).Seconds(), "entries": float64(j.Size()),
		"replayed": float64(j.Status().Recovery.Replayed)}); err != nil {
		return err
	}
	return serve(ctx, j)
}

func entry(x uint64) []byte {
	return fmt.Appendf(nil, `{"data":{"commitment":"%016x%016x","outcome":"released"},"id":"dec_%016x","type":"bench.decided"}`, x, x*0x9e3779b97f4a7c15, x)
}

// grow appends in groups until the journal has n entries.
func grow(ctx context.Context, j *ledger.Journal, n uint64) error {
	group := make([][]byte, 0, 4096)
	for size := j.Size(); size < n; size += uint64(len(group)) {
		group = group[:0]
		for i := size; i < min(n, size+4096); i++ {
			group = append(group, entry(i))
		}
		if _, err := j.AppendAll(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// serve is the load of a busy day: 16 callers append, one reads entries and one
// asks for proofs, all over the journal. It ends with the first error.
func serve(ctx context.Context, j *ledger.Journal) error {
	failed := make(chan error, 18)
	var wg sync.WaitGroup
	loop := func(step func(r *rand.Rand) error) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(rand.Uint64(), 1))
			for {
				if err := step(r); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for range 16 {
		loop(func(r *rand.Rand) error {
			_, err := j.Append(ctx, entry(r.Uint64()))
			return err
		})
	}
	loop(func(r *rand.Rand) error {
		_, err := j.Entry(ctx, r.Uint64N(j.Size()))
		return err
	})
	loop(func(r *rand.Rand) error {
		_, size := j.Checkpoint()
		_, err := j.Proof(ctx, r.Uint64N(size), size)
		return err
	})
	err := <-failed
	return err
}
