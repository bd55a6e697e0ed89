//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"path/filepath"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// tuning is how Tessera gathers entries: so many, or after so long.
type tuning struct {
	batch uint
	age   time.Duration
}

// tunings are the settings that are tried: a batch of as many entries as there
// are callers (the best one in most places), half as many, and Tessera's default
// batch; each with its default patience and with little.
func tunings(callers int) []tuning {
	out := []tuning{}
	seen := map[tuning]bool{}
	for _, batch := range []uint{uint(callers), uint(max(callers/2, 1)), tessera.DefaultBatchMaxSize} {
		for _, age := range []time.Duration{tessera.DefaultBatchMaxAge, 2 * time.Millisecond} {
			if t := (tuning{batch, age}); !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}

func (t tuning) contestant() contestant {
	return contestant{fmt.Sprintf("Tessera (batch %d, %v)", t.batch, t.age), t.append}
}

// bestTessera tries every setting once and returns the one with the highest
// rate, and what each did.
func bestTessera(ctx context.Context, s settings, load int, trial time.Duration) (best contestant, tried []row, err error) {
	most := 0.0
	for _, t := range tunings(load) {
		c, r := t.contestant(), newRounds()
		if err := appendCell(ctx, s, r, c, load, trial); err != nil {
			return best, nil, err
		}
		one := r.row(fmt.Sprintf("trial: %s, %s", c.name, callers(load)), c.name)
		if rate := one.Values["entries_per_s"]; rate > most {
			most, best = rate, c
		}
		tried = append(tried, one)
	}
	return best, tried, nil
}

// append waits for each entry as Tessera means it: its future resolves when the
// entry is sequenced and flushed.
func (t tuning) append(ctx context.Context, dir string, callers int, cell time.Duration, seed uint64) (a appended, err error) {
	l, err := openTessera(ctx, filepath.Join(dir, "tessera"), t, tessera.DefaultCheckpointInterval)
	if err != nil {
		return a, err
	}
	defer l.cancel() // every entry is durable; nobody waits for the next checkpoint
	return appendFrom(callers, cell, seed, func(e []byte) error { return l.put(ctx, e) })
}

// tesseraLog is a running log of Tessera's.
type tesseraLog struct {
	appender *tessera.Appender
	reader   tessera.LogReader
	shutdown func(context.Context) error
	cancel   context.CancelFunc
	verifier note.Verifier
}

func openTessera(ctx context.Context, dir string, t tuning, publish time.Duration) (*tesseraLog, error) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard) // it greets every new folder
	skey, vkey, err := note.GenerateKey(rand.Reader, "example.com/bench")
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	a, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(t.batch, t.age).WithCheckpointInterval(publish))
	if err != nil {
		cancel()
		return nil, err
	}
	return &tesseraLog{appender: a, reader: reader, shutdown: shutdown, cancel: cancel, verifier: verifier}, nil
}

func (l *tesseraLog) put(ctx context.Context, e []byte) error {
	_, err := l.appender.Add(ctx, tessera.NewEntry(e))()
	return err
}

// sameTree gives both journals the same entries and compares the trees they
// publish; a journal that hashed less would be no contestant.
func sameTree(ctx context.Context, s settings) (err error) {
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(s.dir, "same-journal"), Origin: "example.com/bench", PublishEvery: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	l, err := openTessera(ctx, filepath.Join(s.dir, "same-tessera"), tuning{1, time.Millisecond}, 100*time.Millisecond)
	if err != nil {
		return err
	}
	defer l.cancel()
	r := mathrand.New(mathrand.NewPCG(s.seed, 0))
	for range 300 {
		e := entryOf(r)
		if _, err := j.Append(ctx, e); err != nil {
			return err
		}
		if err := l.put(ctx, e); err != nil {
			return err
		}
	}
	msg, err := j.Publish(ctx)
	if err != nil {
		return err
	}
	ours, err := proof.ParseCheckpoint(msg, j.VerifierKey())
	if err != nil {
		return err
	}
	if err := l.shutdown(ctx); err != nil { // waits for the checkpoint over everything
		return err
	}
	if msg, err = l.reader.ReadCheckpoint(ctx); err != nil {
		return err
	}
	theirs, err := proof.OpenCheckpoint(msg, l.verifier)
	if err != nil {
		return err
	}
	if ours.Size != theirs.Size || ours.Root != theirs.Root {
		return fmt.Errorf("the trees differ: %d entries under %s here, %d under %s at Tessera", ours.Size, ours.Root, theirs.Size, theirs.Root)
	}
	return nil
}
