// Package ledgertest holds what every ledger.Book must do, wherever its entries
// lie, as tests that each implementation runs. Only tests import it.
//
// What a crash, a full disk or a second node may do is tested beside the
// implementation.
package ledgertest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
)

// Place is where one journal lies; each call opens it anew.
type Place func(t *testing.T) ledger.Book

// Behave runs the tests. fresh returns an empty place; its journals publish
// only when told to.
func Behave(t *testing.T, fresh func(t *testing.T) Place) {
	for name, test := range map[string]func(*testing.T, Place){
		"round trip with proofs of every size":    roundTrip,
		"callers are ordered without gaps":        callers,
		"opened again it goes on":                 reopened,
		"AppendAll is contiguous":                 contiguous,
		"refusals":                                refusals,
		"Wait":                                    wait,
		"a proof file stands alone":               proofFile,
		"a caller may reuse its bytes afterwards": reuse,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// Content is the entry that Fill puts at index i.
func Content(i int) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	b := fmt.Appendf(nil, `{"n":%d,"pad":"`, i)
	for range r.IntN(200) {
		b = append(b, 'a'+byte(r.IntN(26)))
	}
	return append(b, `"}`...)
}

// Fill appends Content, n entries in groups, and checks every receipt. Nobody
// else may append meanwhile.
func Fill(t testing.TB, j ledger.Book, n int) {
	t.Helper()
	for at := int(j.Size()); n > 0; {
		size := min(n, 1+at%97)
		var group [][]byte
		for i := range size {
			group = append(group, Content(at+i))
		}
		receipts, err := j.AppendAll(t.Context(), group)
		if err != nil {
			t.Fatalf("append %d: %v", at, err)
		}
		for i, r := range receipts {
			if r.Index != uint64(at+i) || r.LeafHash != tlog.RecordHash(group[i]) {
				t.Fatalf("append %d: receipt %+v", at+i, r)
			}
		}
		at, n = at+size, n-size
	}
}

// Holds checks that the journal holds exactly Content(0…n-1).
func Holds(t testing.TB, j ledger.Book, n int) {
	t.Helper()
	i := 0
	for r, err := range j.Entries(t.Context(), 0, 1<<62) {
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if r.Index != uint64(i) || string(r.Entry) != string(Content(i)) {
			t.Fatalf("entry %d: got %d %q", i, r.Index, r.Entry)
		}
		i++
	}
	if i != n || j.Size() != uint64(n) {
		t.Fatalf("iterated over %d entries, size %d, want %d", i, j.Size(), n)
	}
}

// Root is the root of the tree over Content(0…n-1), computed by x/mod alone.
func Root(t testing.TB, n int) tlog.Hash {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for i := range n {
		h, err := tlog.StoredHashes(int64(i), Content(i), reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
	}
	root, err := tlog.TreeHash(int64(n), reader)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Published checks a checkpoint over Content(0…n-1) and all published files.
func Published(t testing.TB, j ledger.Book, msg []byte, n int) {
	t.Helper()
	cp, err := proof.ParseCheckpoint(msg, j.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if cp.Size != uint64(n) || cp.Root != Root(t, n) || cp.Origin != j.Origin() {
		t.Fatalf("checkpoint %+v, want size %d", cp, n)
	}
	if on, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil || on.Size != cp.Size {
		t.Fatalf("the published files: %d entries, %v", on.Size, err)
	}
}

func publish(t *testing.T, j ledger.Book) []byte {
	t.Helper()
	msg, err := j.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func roundTrip(t *testing.T, place Place) {
	j := place(t)
	Holds(t, j, 0)
	Published(t, j, publish(t, j), 0)
	var roots []tlog.Hash
	for i := range 8 {
		roots = append(roots, Root(t, 100*i))
	}
	for _, n := range []int{1, 2, 255, 256, 257, 300, 512, 700} {
		Fill(t, j, n-int(j.Size()))
		Holds(t, j, n)
		if n%2 == 0 {
			Published(t, j, publish(t, j), n)
			Holds(t, j, n)
		}
		root := Root(t, n)
		for size := 100; size < n; size += 100 {
			tp, err := j.TreeProof(t.Context(), uint64(size), uint64(n))
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(tp, int64(n), root, int64(size), roots[size/100]); err != nil {
				t.Fatal(err)
			}
			for index := 0; index < size; index += 61 {
				p, err := j.Proof(t.Context(), uint64(index), uint64(size))
				if err != nil {
					t.Fatal(err)
				}
				if err := tlog.CheckRecord(p, int64(size), roots[size/100], int64(index), tlog.RecordHash(Content(index))); err != nil {
					t.Fatalf("proof %d in %d: %v", index, size, err)
				}
			}
		}
	}
	for index := 0; index < 700; index += 23 {
		if e, err := j.Entry(t.Context(), uint64(index)); err != nil || string(e) != string(Content(index)) {
			t.Fatalf("entry %d: %q %v", index, e, err)
		}
	}
}

// Race appends from many callers at once to each of the journals and returns,
// by index, what the receipts say; every index once, rising for each caller.
func Race(t *testing.T, callers, each int, journals ...ledger.Book) map[uint64]string {
	t.Helper()
	got := map[uint64]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			last := int64(-1)
			for i := range each {
				e := binary.BigEndian.AppendUint64([]byte("entry "), uint64(c*each+i))
				r, err := journals[c%len(journals)].Append(context.Background(), e)
				if err != nil {
					t.Errorf("caller %d: %v", c, err)
					return
				}
				if int64(r.Index) <= last {
					t.Errorf("caller %d: index %d after %d", c, r.Index, last)
				}
				last = int64(r.Index)
				mu.Lock()
				if _, twice := got[r.Index]; twice {
					t.Errorf("index %d was given twice", r.Index)
				}
				got[r.Index] = string(e)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return got
}

// Matches checks that the journal holds exactly what receipts say.
func Matches(t testing.TB, j ledger.Book, receipts map[uint64]string) {
	t.Helper()
	n := 0
	for r, err := range j.Entries(t.Context(), 0, 1<<62) {
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := receipts[r.Index]; !ok || want != string(r.Entry) {
			t.Fatalf("entry %d is %q, the receipt was for %q", r.Index, r.Entry, want)
		}
		n++
	}
	if n != len(receipts) {
		t.Fatalf("%d entries, %d receipts", n, len(receipts))
	}
}

func callers(t *testing.T, place Place) {
	j := place(t)
	got := Race(t, 64, 20, j)
	if len(got) != 64*20 {
		t.Fatalf("%d receipts", len(got))
	}
	Matches(t, j, got)
	publish(t, j)
	Matches(t, j, got)
}

func reopened(t *testing.T, place Place) {
	n := 0
	for range 4 {
		j := place(t)
		Holds(t, j, n)
		Fill(t, j, 130)
		n += 130
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatalf("closed twice: %v", err)
		}
	}
	j := place(t)
	if msg, size := j.Checkpoint(); size != uint64(n) {
		t.Fatalf("the last close published %d of %d entries: %s", size, n, msg)
	}
	Published(t, j, publish(t, j), n)
	if s := j.Status(); s.Size != uint64(n) || s.Published != uint64(n) || s.Failed != nil || s.PublishErr != nil {
		t.Fatalf("status %+v", s)
	}
}

func contiguous(t *testing.T, place Place) {
	j := place(t)
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for range 5 {
				var group [][]byte
				for i := range 50 {
					group = append(group, fmt.Appendf(nil, "%d/%d", c, i))
				}
				got, err := j.AppendAll(context.Background(), group)
				if err != nil {
					t.Error(err)
					return
				}
				for i, r := range got {
					if r.Index != got[0].Index+uint64(i) || r.LeafHash != tlog.RecordHash(group[i]) {
						t.Errorf("receipt %d: %+v after %+v", i, r, got[0])
					}
				}
			}
		})
	}
	wg.Wait()
	if none, err := j.AppendAll(t.Context(), nil); err != nil || len(none) != 0 || j.Size() != 8*5*50 {
		t.Fatalf("nothing appended: %v %v, size %d", none, err, j.Size())
	}
}

func refusals(t *testing.T, place Place) {
	j := place(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	big := make([]byte, ledger.MaxEntry+1)
	var many [][]byte
	for range 200 {
		many = append(many, big[:ledger.MaxEntry])
	}
	all := func(e [][]byte) error { _, err := j.AppendAll(t.Context(), e); return err }
	one := func(ctx context.Context, e []byte) error { _, err := j.Append(ctx, e); return err }
	_, entryErr := j.Entry(t.Context(), 0)
	_, proofErr := j.Proof(t.Context(), 0, 1)
	_, fileErr := j.ProofFile(t.Context(), 0)
	for name, c := range map[string]struct {
		err  error
		kind problem.Kind
	}{
		"empty":         {one(t.Context(), nil), problem.BadInput},
		"too long":      {one(t.Context(), big), problem.TooLarge},
		"cancelled":     {one(ctx, []byte("x")), problem.Unavailable},
		"group":         {all(many), problem.TooLarge},
		"one of many":   {all([][]byte{[]byte("x"), nil}), problem.BadInput},
		"no such entry": {entryErr, problem.NotFound},
		"no such proof": {proofErr, problem.NotFound},
		"no such file":  {fileErr, problem.NotFound},
	} {
		if problem.KindOf(c.err) != c.kind {
			t.Errorf("%s: %v is %q, want %q", name, c.err, problem.KindOf(c.err), c.kind)
		}
	}
	if j.Size() != 0 {
		t.Fatalf("refused entries are in the journal: size %d", j.Size())
	}
	if err := one(t.Context(), big[:ledger.MaxEntry]); err != nil {
		t.Fatalf("the longest entry: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := one(t.Context(), []byte("x")); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("append after close: %v", err)
	}
	if err := j.Wait(t.Context(), 1); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("wait after close: %v", err)
	}
}

func wait(t *testing.T, place Place) {
	j := place(t)
	woken := make(chan error, 3)
	for range 3 {
		go func() { woken <- j.Wait(context.Background(), 0) }()
	}
	Fill(t, j, 1)
	for range 3 {
		if err := <-woken; err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { woken <- j.Wait(ctx, 1) }()
	cancel()
	if err := <-woken; err == nil {
		t.Fatal("Wait returned without a further entry")
	}
}

func proofFile(t *testing.T, place Place) {
	j := place(t)
	Fill(t, j, 300)
	for _, index := range []uint64{0, 7, 255, 256, 299} {
		b, err := j.ProofFile(t.Context(), index)
		if err != nil {
			t.Fatal(err)
		}
		f, err := proof.ParseFile(b)
		if err != nil {
			t.Fatal(err)
		}
		if cp, err := f.Check(Content(int(index)), j.VerifierKey()); err != nil || cp.Size != 300 || f.Index != index {
			t.Fatalf("proof file %d: %+v %v", index, cp, err)
		}
		if _, err := f.Check(Content(int(index)+1), j.VerifierKey()); !problem.Is(err, problem.Corrupt) {
			t.Fatalf("the proof of %d also proves another entry: %v", index, err)
		}
	}
}

func reuse(t *testing.T, place Place) {
	j := place(t)
	buf := []byte("first")
	if _, err := j.Append(t.Context(), buf); err != nil {
		t.Fatal(err)
	}
	copy(buf, "other")
	for range 2 { // before and after it is published
		e, err := j.Entry(t.Context(), 0)
		if err != nil || string(e) != "first" {
			t.Fatalf("entry %q, %v", e, err)
		}
		copy(e, "wrong")
		publish(t, j)
	}
}
