package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"augenmass/internal/demo"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// runDemo is the model company running unattended through its real HTTP path,
// on a folder that stays. Each restart finds the company as the kill left it:
// people, permits, queue and journal.
func runDemo(dir string, acked io.Writer) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return demo.Once(context.Background(), demo.OnceConfig{
		Config:    demo.Config{Listen: "127.0.0.1:0", Dir: dir, Seed: uint64(os.Getpid()), Out: io.Discard, Log: log},
		Decisions: 1_000_000, OutDir: filepath.Join(dir, "out"), Acks: acked,
	})
}

// checkDemo reads a copy of the journal as the kill left it and looks for every
// acknowledged decision at the place that its answer named. That the company
// itself starts again, the next child shows.
func checkDemo(ctx context.Context, dir string, acked map[uint64]string) (found uint64, lost []uint64, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "augenmass-crash-copy-")
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	from := filepath.Join(dir, demo.Slug, "journal")
	if len(acked) == 0 {
		return 0, nil, nil // killed while the company was set up
	}
	if err := os.CopyFS(filepath.Join(tmp, "journal"), os.DirFS(from)); err != nil {
		return 0, nil, err
	}
	key := filepath.Join(dir, demo.Slug, "keys", "journal.key")
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(tmp, "journal"), Origin: "augenmass/" + demo.Slug, KeyFile: key})
	if err != nil {
		return 0, nil, err
	}
	for index, decision := range acked {
		if index >= j.Size() {
			lost = append(lost, index)
			continue
		}
		raw, err := j.Entry(ctx, index)
		if err != nil {
			return 0, nil, errors.Join(err, j.Close())
		}
		if e, err := ledger.Decode(raw); err != nil || e.ID != decision {
			lost = append(lost, index)
		}
	}
	found = j.Size()
	if err := j.Close(); err != nil {
		return found, lost, err
	}
	_, err = proof.Verify(ctx, j.TileFS(), j.VerifierKey())
	return found, lost, err
}
