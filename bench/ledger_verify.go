package main

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// Bars of L2, for a journal of a million entries.
const (
	verifyEntries = 1_000_000
	mostVerify    = 4.0 // seconds
	mostProve     = 5.0 // milliseconds
)

// verifyJournal is L2: all files of a published journal checked against its
// checkpoint, beside Tessera's fsck on the same files; and one inclusion proof
// by a reader that has just started and knows nothing but the key.
func verifyJournal(ctx context.Context, s settings) (outcome, error) {
	entries, rounds := verifyEntries, 3
	if s.quick {
		entries = verifyEntries / 10
	}
	dir := filepath.Join(s.dir, "l2")
	built := time.Now()
	vkey, err := buildJournal(ctx, dir, entries, s.seed)
	if err != nil {
		return outcome{}, err
	}
	took := time.Since(built)
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return outcome{}, err
	}
	files := os.DirFS(filepath.Join(dir, "log"))
	var ours, theirs, both []float64
	for range rounds {
		var cp proof.Checkpoint
		c, err := costOf(func() (err error) {
			cp, err = proof.Verify(ctx, files, vkey)
			return err
		})
		if err != nil {
			return outcome{}, err
		}
		if cp.Size != uint64(entries) {
			return outcome{}, fmt.Errorf("verified %d entries of %d", cp.Size, entries)
		}
		ours, both = append(ours, c.wall.Seconds()), append(both, c.cpu.Seconds())
		from := time.Now()
		src := client.FileFetcher{Root: filepath.Join(dir, "log")}
		if err := fsck.New(cp.Origin, v, src, bundleHashes, fsck.Opts{N: 2}).Check(ctx); err != nil {
			return outcome{}, fmt.Errorf("fsck of Tessera refuses the journal: %w", err)
		}
		theirs = append(theirs, time.Since(from).Seconds())
	}
	prove, err := proveOne(files, vkey, entries, s.seed)
	if err != nil {
		return outcome{}, err
	}
	paired := make([]float64, rounds) // within a round the neighbours are the same
	for i := range paired {
		paired[i] = ours[i] / theirs[i]
	}
	seconds := median(slices.Clone(ours))
	o := outcome{
		rows: []row{
			{"journal, append in groups", map[string]float64{"entries": float64(entries), "s": took.Seconds(), "entries_per_s": float64(entries) / took.Seconds()}},
			{"journal, verify all", map[string]float64{"entries": float64(entries), "s": seconds, "cpu_s": median(both), "entries_per_s": float64(entries) / seconds}},
			{"Tessera fsck, same files", map[string]float64{"entries": float64(entries), "s": median(theirs)}},
			{"journal, prove one, cold", map[string]float64{"p50_ms": prove[len(prove)/2], "p99_ms": prove[len(prove)*99/100]}},
		},
		ratios: map[string]ratio{"verify / fsck": ratioOf(paired)},
	}
	o.bars = []bar{
		atMost(fmt.Sprintf("verify %d entries, s", entries), seconds, mostVerify*float64(entries)/verifyEntries),
		atMost("prove inclusion of one, ms", o.rows[3].Values["p50_ms"], mostProve),
	}
	return o, nil
}

func buildJournal(ctx context.Context, dir string, entries int, seed uint64) (vkey string, err error) {
	j, err := ledger.Open(ledger.Options{Dir: dir, Origin: "example.com/bench"})
	if err != nil {
		return "", err
	}
	r := rand.New(rand.NewPCG(seed, 2))
	for done := 0; done < entries && err == nil; {
		group := make([][]byte, min(2048, entries-done))
		for i := range group {
			group[i] = entryOf(r)
		}
		_, err = j.AppendAll(ctx, group)
		done += len(group)
	}
	if closed := j.Close(); err == nil {
		err = closed
	}
	return j.VerifierKey(), err
}

// proveOne returns how long proofs take, sorted, in milliseconds. Each time it
// reads the checkpoint and begins with an empty cache.
func proveOne(files fs.FS, vkey string, entries int, seed uint64) ([]float64, error) {
	r := rand.New(rand.NewPCG(seed, 3))
	var all []float64
	for range 200 {
		index := r.Uint64N(uint64(entries))
		from := time.Now()
		msg, err := fs.ReadFile(files, proof.CheckpointFile)
		if err != nil {
			return nil, err
		}
		cp, err := proof.ParseCheckpoint(msg, vkey)
		if err != nil {
			return nil, err
		}
		tiles := proof.NewTiles(files, cp)
		e, err := tiles.Entry(index)
		if err != nil {
			return nil, err
		}
		p, err := tiles.Proof(index, cp.Size)
		if err != nil {
			return nil, err
		}
		all = append(all, float64(time.Since(from))/float64(time.Millisecond))
		if err := proof.CheckRecord(cp, index, e, p); err != nil {
			return nil, err
		}
	}
	slices.Sort(all)
	return all, nil
}

// bundleHashes is what fsck asks for: the leaf hashes of a bundle.
func bundleHashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, e := range b.Entries {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return out, nil
}
