package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

func openLedger(dir string) (*ledger.Journal, error) {
	// Small segments and frequent publications: every kind of instant is hit.
	return ledger.Open(ledger.Options{Dir: dir, Origin: "example.com/crash", SegmentBytes: 64 << 10, PublishEvery: 5 * time.Millisecond})
}

// writeLedger appends from eight callers at once until it is killed.
func writeLedger(dir string, acked io.Writer) error {
	j, err := openLedger(dir)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	errs := make(chan error)
	for c := range 8 {
		go func() {
			for i := 0; ; i++ {
				content := fmt.Sprintf("pid=%d,caller=%d,n=%d,pad=%s", os.Getpid(), c, i, strings.Repeat("x", (i*37+c*11)%900))
				r, err := j.Append(context.Background(), []byte(content))
				if err == nil {
					mu.Lock()
					_, err = fmt.Fprintf(acked, "%d %s\n", r.Index, content)
					mu.Unlock()
				}
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// checkLedger restarts a copy of the folder as the kill left it, reads every
// entry and lets the offline verifier check the published files. The original
// stays as it is, so the next child replays it itself.
func checkLedger(ctx context.Context, dir string, acked map[uint64]string) (found uint64, lost []uint64, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "augenmass-crash-copy-")
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if err := os.CopyFS(tmp, os.DirFS(dir)); err != nil {
		return 0, nil, err
	}
	j, err := openLedger(tmp)
	if err != nil {
		return 0, nil, err
	}
	seen := 0
	for r, err := range j.Entries(ctx, 0, j.Size()) {
		if err != nil {
			return 0, nil, err
		}
		want, ok := acked[r.Index]
		if ok && want != string(r.Entry) {
			lost = append(lost, r.Index)
		}
		if ok {
			seen++
		}
	}
	if seen < len(acked) {
		for index := range acked {
			if index >= j.Size() {
				lost = append(lost, index)
			}
		}
	}
	found = j.Size()
	if err := j.Close(); err != nil {
		return found, lost, err
	}
	_, err = proof.Verify(ctx, j.TileFS(), j.VerifierKey())
	return found, lost, err
}
