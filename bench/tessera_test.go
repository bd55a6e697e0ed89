package main

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/ledger"
)

// These tests let Tessera's own client code, unmodified, read what our journal
// publishes: its fsck derives every tile and the root from the entries again,
// its proof builder and state tracker make proofs from our tiles.

const origin = "example.com/works"

// fsckWorkers: a worker of fsck ends at its first mismatch and nobody takes its
// place, so with few of them a damaged log would hang the check, not fail it.
const fsckWorkers = 32

func decision(i int) []byte {
	return fmt.Appendf(nil, `{"data":{"n":%d,"pad":"%s"},"type":"augenmass.test"}`, i, bytes.Repeat([]byte("x"), i%700))
}

func openJournal(t *testing.T, dir string) *ledger.Journal {
	t.Helper()
	j, err := ledger.Open(ledger.Options{Dir: dir, Origin: origin, PublishEvery: -1, SegmentBytes: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func appendTo(t *testing.T, j *ledger.Journal, size int) {
	t.Helper()
	for i := int(j.Size()); i < size; {
		var group [][]byte
		for range min(size-i, 500) {
			group = append(group, decision(i))
			i++
		}
		if _, err := j.AppendAll(t.Context(), group); err != nil {
			t.Fatal(err)
		}
	}
}

func leafHashes(bundle []byte) ([][]byte, error) {
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

// accepted runs Tessera's fsck, then takes entries and inclusion proofs through
// its client.
func accepted(t *testing.T, j *ledger.Journal, dir string, size int) {
	t.Helper()
	v, err := note.NewVerifier(j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	src := client.FileFetcher{Root: dir + "/log"}
	if err := fsck.New(origin, v, src, leafHashes, fsck.Opts{N: fsckWorkers}).Check(t.Context()); err != nil {
		t.Fatalf("fsck at %d entries: %v", size, err)
	}
	cp, _, _, err := client.FetchCheckpoint(t.Context(), src.ReadCheckpoint, v, origin)
	if err != nil {
		t.Fatal(err)
	}
	if cp.Size != uint64(size) {
		t.Fatalf("checkpoint over %d entries, want %d", cp.Size, size)
	}
	builder, err := client.NewProofBuilder(t.Context(), cp.Size, src.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < size; i += 1 + size/50 {
		p, err := builder.InclusionProof(t.Context(), uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(decision(i))
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), cp.Size, leaf, p, cp.Hash); err != nil {
			t.Fatalf("inclusion of %d in %d: %v", i, size, err)
		}
		b, err := client.GetEntryBundle(t.Context(), src.ReadEntryBundle, uint64(i)/256, cp.Size)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Entries[i%256]; !bytes.Equal(got, decision(i)) {
			t.Fatalf("entry %d of %d: %q", i, size, got)
		}
	}
}

func TestTesseraAcceptsTheJournal(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir)
	v, err := note.NewVerifier(j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	src := client.FileFetcher{Root: dir + "/log"}
	var tracker *client.LogStateTracker
	for _, size := range []int{1, 2, 255, 256, 257, 600, 4096, 7001} {
		appendTo(t, j, size)
		if _, err := j.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		accepted(t, j, dir, size)
		if tracker == nil {
			tracker, err = client.NewLogStateTracker(t.Context(), src.ReadTile, nil, v, origin, client.UnilateralConsensus(src.ReadCheckpoint))
		} else {
			_, _, _, err = tracker.Update(t.Context()) // verifies consistency with the size before
		}
		if err != nil {
			t.Fatalf("state tracker at %d: %v", size, err)
		}
		if got := tracker.Latest().Size; got != uint64(size) {
			t.Fatalf("state tracker is at %d, want %d", got, size)
		}
	}
}

// TestTesseraAcceptsTheJournalAfterAKill copies the folder while the journal is
// open, with acknowledged entries that are not published: what a kill leaves.
func TestTesseraAcceptsTheJournalAfterAKill(t *testing.T) {
	dir := t.TempDir()
	size := 0
	for range 4 {
		j := openJournal(t, dir)
		if int(j.Size()) != size {
			t.Fatalf("found %d entries, acknowledged %d", j.Size(), size)
		}
		if size > 0 {
			if _, err := j.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			accepted(t, j, dir, size)
		}
		size += 1111
		appendTo(t, j, size)
		killed := t.TempDir()
		if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		dir = killed
	}
}

// TestTesseraAlsoFindsDamage: the oracle must be able to fail.
func TestTesseraAlsoFindsDamage(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir)
	appendTo(t, j, 600)
	if _, err := j.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	name := dir + "/log/tile/entries/001"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[100] ^= 1
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fsck.New(origin, v, client.FileFetcher{Root: dir + "/log"}, leafHashes, fsck.Opts{N: fsckWorkers}).Check(t.Context()); err == nil {
		t.Fatal("fsck accepts a changed entry")
	}
}
