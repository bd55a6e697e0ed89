package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

const origin = "example.com/works"

// options are those of a small journal that publishes only when told to.
func options(dir string) Options {
	return Options{Dir: dir, Origin: origin, PublishEvery: -1, SegmentBytes: 8 << 10}
}

func open(t *testing.T, o Options) *Journal {
	t.Helper()
	j, err := Open(o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { j.abandon() })
	return j
}

// abandon stops a journal as a kill would: nothing more is written, the lock goes.
func (j *Journal) abandon() {
	j.ending.Do(func() {
		j.queue.refuse(errClosed())
		j.mu.Lock()
		j.closed = true
		j.mu.Unlock()
		j.stop()
		j.running.Wait()
		j.endErr = j.release()
	})
}

func content(i int) []byte {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	b := fmt.Appendf(nil, `{"n":%d,"pad":"`, i)
	for range r.IntN(200) {
		b = append(b, 'a'+byte(r.IntN(26)))
	}
	return append(b, `"}`...)
}

func fill(t *testing.T, j *Journal, n int) {
	t.Helper()
	for range n {
		i := int(j.Size())
		r, err := j.Append(t.Context(), content(i))
		if err != nil {
			t.Fatalf("append %d: %v", i, err)
		}
		if r.Index != uint64(i) || r.LeafHash != tlog.RecordHash(content(i)) {
			t.Fatalf("append %d: receipt %+v", i, r)
		}
	}
}

// expectEntries checks that the journal holds exactly content(0…n-1).
func expectEntries(t *testing.T, j *Journal, n int) {
	t.Helper()
	if j.Size() != uint64(n) {
		t.Fatalf("size %d, want %d", j.Size(), n)
	}
	i := 0
	for r, err := range j.Entries(t.Context(), 0, 1<<62) {
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if r.Index != uint64(i) || string(r.Entry) != string(content(i)) {
			t.Fatalf("entry %d: got %d %q", i, r.Index, r.Entry)
		}
		i++
	}
	if i != n {
		t.Fatalf("iterated over %d entries, want %d", i, n)
	}
}

// oracle is the plain tree of x/mod over content(0…n-1).
func oracle(n int) (hashes []tlog.Hash, reader tlog.HashReader) {
	reader = tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = hashes[x]
		}
		return out, nil
	})
	for i := range n {
		h, err := tlog.StoredHashes(int64(i), content(i), reader)
		if err != nil {
			panic(err)
		}
		hashes = append(hashes, h...)
	}
	return hashes, reader
}

func TestRoundTripWithProofsOfEverySize(t *testing.T) {
	j := open(t, options(quickDir(t)))
	_, reader := oracle(700)
	check := func(n int) {
		t.Helper()
		root, err := tlog.TreeHash(int64(n), reader)
		if err != nil {
			t.Fatal(err)
		}
		if h := j.Head(); h.Size != uint64(n) || h.Root != root {
			t.Fatalf("head %+v, want %d %v", h, n, root)
		}
		expectEntries(t, j, n)
		for size := 1; size <= n; size += 37 {
			want, _ := tlog.TreeHash(int64(size), reader)
			for index := 0; index < size; index += 41 {
				p, err := j.Proof(t.Context(), uint64(index), uint64(size))
				if err != nil {
					t.Fatal(err)
				}
				if err := tlog.CheckRecord(p, int64(size), want, int64(index), tlog.RecordHash(content(index))); err != nil {
					t.Fatalf("proof %d in %d: %v", index, size, err)
				}
			}
			tp, err := j.TreeProof(t.Context(), uint64(size), uint64(n))
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(tp, int64(n), root, int64(size), want); size < n && err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, n := range []int{1, 2, 255, 256, 257, 300, 512, 700} {
		fill(t, j, n-int(j.Size()))
		check(n)
		if n%2 == 0 {
			msg, err := j.Publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			opened(t, msg, j.VerifierKey(), n)
			if _, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil {
				t.Fatal(err)
			}
			check(n)
		}
	}
}

// opened checks a checkpoint with package note alone.
func opened(t *testing.T, msg []byte, vkey string, size int) {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(msg, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	_, reader := oracle(size)
	root, _ := tlog.TreeHash(int64(size), reader)
	if want := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root); n.Text != want {
		t.Fatalf("checkpoint %q, want %q", n.Text, want)
	}
}

func TestCallersAreOrderedWithoutGaps(t *testing.T) {
	o := options(t.TempDir())
	o.PublishEvery, o.SegmentBytes = time.Millisecond, 64<<10
	j := open(t, o)
	const callers, each = 256, 20
	var got sync.Map
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			last := int64(-1)
			for i := range each {
				e := binary.BigEndian.AppendUint64([]byte("entry "), uint64(c*each+i))
				r, err := j.Append(context.Background(), e)
				if err != nil {
					t.Errorf("caller %d: %v", c, err)
					return
				}
				if int64(r.Index) <= last {
					t.Errorf("caller %d: index %d after %d", c, r.Index, last)
				}
				last = int64(r.Index)
				if _, dup := got.LoadOrStore(r.Index, string(e)); dup {
					t.Errorf("index %d was given twice", r.Index)
				}
			}
		})
	}
	wg.Wait()
	n := uint64(0)
	for r, err := range j.Entries(t.Context(), 0, callers*each) {
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := got.Load(r.Index); !ok || want != string(r.Entry) {
			t.Fatalf("entry %d is %q, receipt was for %q", r.Index, r.Entry, want)
		}
		n++
	}
	if n != callers*each || j.Size() != n {
		t.Fatalf("%d entries, size %d, want %d", n, j.Size(), callers*each)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil {
		t.Fatal(err)
	}
}

func TestReopenContinues(t *testing.T) {
	for _, kill := range []bool{false, true} {
		for _, every := range []time.Duration{-1, time.Millisecond} {
			t.Run(fmt.Sprintf("kill=%v every=%v", kill, every), func(t *testing.T) {
				o := options(t.TempDir())
				o.PublishEvery = every
				n := 0
				for range 6 {
					j := open(t, o)
					expectEntries(t, j, n)
					fill(t, j, 130)
					n += 130
					if kill {
						j.abandon()
					} else if err := j.Close(); err != nil {
						t.Fatal(err)
					}
				}
				j := open(t, o)
				expectEntries(t, j, n)
				msg, err := j.Publish(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				opened(t, msg, j.VerifierKey(), n)
				if s := j.Status(); s.Recovery.CutFile != "" || s.Failed != nil || s.PublishErr != nil {
					t.Fatalf("status %+v", s)
				}
				if _, err := proof.Verify(t.Context(), j.TileFS(), j.VerifierKey()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

func TestAppendAllIsContiguous(t *testing.T) {
	j := open(t, options(quickDir(t)))
	fill(t, j, 3)
	var group [][]byte
	for i := 3; i < 400; i++ {
		group = append(group, content(i))
	}
	got, err := j.AppendAll(t.Context(), group) // larger than a segment
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Index != uint64(3+i) || r.LeafHash != tlog.RecordHash(group[i]) {
			t.Fatalf("receipt %d: %+v", i, r)
		}
	}
	fill(t, j, 50)
	expectEntries(t, j, 450)
	j.abandon()
	expectEntries(t, open(t, j.o), 450)
}

func TestRefusals(t *testing.T) {
	j := open(t, options(quickDir(t)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	big := make([]byte, MaxEntry+1)
	var many [][]byte
	for range 200 {
		many = append(many, big[:MaxEntry])
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
	if err := one(t.Context(), big[:MaxEntry]); err != nil {
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

func TestOptionsAreChecked(t *testing.T) {
	dir := quickDir(t)
	for _, o := range []Options{
		{Origin: origin},
		{Dir: dir},
		{Dir: dir, Origin: "two words"},
		{Dir: dir, Origin: "one+two"},
		{Dir: dir, Origin: origin, SegmentBytes: 100},
	} {
		if j, err := Open(o); !problem.Is(err, problem.BadInput) {
			t.Errorf("%+v: %v %v", o, j, err)
		}
	}
}

func TestWait(t *testing.T) {
	j := open(t, options(quickDir(t)))
	woken := make(chan error, 3)
	for range 3 {
		go func() { woken <- j.Wait(context.Background(), 0) }()
	}
	fill(t, j, 1)
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

func TestProofFileStandsAlone(t *testing.T) {
	j := open(t, options(quickDir(t)))
	fill(t, j, 300)
	for _, index := range []uint64{0, 7, 255, 256, 299} {
		b, err := j.ProofFile(t.Context(), index)
		if err != nil {
			t.Fatal(err)
		}
		f, err := proof.ParseFile(b)
		if err != nil {
			t.Fatal(err)
		}
		if cp, err := f.Check(content(int(index)), j.VerifierKey()); err != nil || cp.Size != 300 || f.Index != index {
			t.Fatalf("proof file %d: %+v %v", index, cp, err)
		}
		if _, err := f.Check(content(int(index)+1), j.VerifierKey()); !problem.Is(err, problem.Corrupt) {
			t.Fatalf("the proof of %d also proves another entry: %v", index, err)
		}
	}
}

func TestSecondOpenerIsRefused(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	_, err := Open(o)
	p := problem.From(err)
	if p.Kind != problem.Conflict || !p.Say.Complete() || !p.Hint.Complete() {
		t.Fatalf("second open: %v", err)
	}
	fill(t, j, 2)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	expectEntries(t, open(t, o), 2)
}

func TestKeyAndOriginBelongToTheJournal(t *testing.T) {
	o := options(quickDir(t))
	j := open(t, o)
	fill(t, j, 2)
	vkey := j.VerifierKey()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(filepath.Join(o.Dir, "signing.key")); err != nil || fi.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		t.Fatalf("key file: %v %v", fi.Mode(), err)
	}
	other := o
	other.Origin = "example.com/other"
	if _, err := Open(other); !problem.Is(err, problem.BadInput) {
		t.Fatalf("another origin: %v", err)
	}
	skey, otherVkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	other = o
	other.VerifierKey = otherVkey
	if other.Signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(other); !problem.Is(err, problem.Corrupt) {
		t.Fatalf("another key: %v", err)
	}
	if err := os.Rename(filepath.Join(o.Dir, "signing.key"), filepath.Join(o.Dir, "away")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(o); !problem.Is(err, problem.Unavailable) {
		t.Fatalf("missing key: %v", err)
	}
	o.KeyFile = filepath.Join(o.Dir, "away")
	if j := open(t, o); j.VerifierKey() != vkey || j.Origin() != origin {
		t.Fatalf("key changed: %s", j.VerifierKey())
	}
}
