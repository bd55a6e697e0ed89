package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"time"
)

const (
	rawFileBytes = 64 << 20
	// mostRaw is what one cell writes: with 256 entries per flush three seconds
	// are 3 GB, which the disk below would still be busy with in the next cell.
	mostRaw = 256 << 20
)

// rawAppend writes the bytes of so many entries in one write to a zero-filled
// file and flushes, again and again. It returns how long each took.
func rawAppend(ctx context.Context, dir string, callers int, cell time.Duration, seed uint64) (a appended, err error) {
	f, err := zeroed(filepath.Join(dir, "raw"), rawFileBytes)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := rand.New(rand.NewPCG(seed, 0))
	var group []byte
	for range callers {
		group = append(group, entryOf(r)...)
	}
	off := int64(0)
	a.cost, err = costOf(func() error {
		for begin := time.Now(); time.Since(begin) < cell && len(a.waits)*len(group) < mostRaw && ctx.Err() == nil; {
			from := time.Now()
			if _, err := f.WriteAt(group, off); err != nil {
				return err
			}
			if err := flushData(f); err != nil {
				return err
			}
			a.waits = append(a.waits, time.Since(from))
			if off += int64(len(group)); off+int64(len(group)) > rawFileBytes {
				off = 0
			}
		}
		return nil
	})
	a.entries = len(a.waits) * callers
	return a, err
}
