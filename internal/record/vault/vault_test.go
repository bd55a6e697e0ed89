package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

var (
	keyA = bytes.Repeat([]byte{1}, 32)
	keyB = bytes.Repeat([]byte{2}, 32)
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// clock is a clock that tests set.

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// flushes counts what reaches the disk; fail makes one kind of call fail.

type flushes struct {
	mu    sync.Mutex
	n     int
	fail  string
	after int // calls of that kind that still succeed
}

func (f *flushes) disk() disk {
	d := osDisk()
	step := func(kind string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.n++
		if f.fail == kind {
			if f.after == 0 {
				return errors.New("injected: " + kind)
			}
			f.after--
		}
		return nil
	}
	od := d
	d.syncFile = func(file *os.File) error { return errors.Join(step("file"), od.syncFile(file)) }
	d.syncDir = func(dir string) error { return errors.Join(step("dir"), od.syncDir(dir)) }
	d.rename = func(a, b string) error {
		f.mu.Lock()
		failing := f.fail == "rename" && f.after == 0
		if f.fail == "rename" && f.after > 0 {
			f.after--
		}
		f.mu.Unlock()
		if failing {
			return errors.New("injected: rename")
		}
		return od.rename(a, b)
	}
	return d
}

func (f *flushes) set(kind string, after int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.after, f.n = kind, after, 0
}

func (f *flushes) count() int { f.mu.Lock(); defer f.mu.Unlock(); return f.n }

func openWith(t testing.TB, dir string, key []byte, d disk) *Vault {
	t.Helper()
	tree, err := files(dir, d)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Open(Options{Tree: tree, MasterKey: key, Now: func() time.Time { return noon }, Rand: rand.Reader, Cached: 4})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func onDisk(v *Vault) *FileTree {
	f, ok := v.tree.(*FileTree)
	if !ok {
		panic("not a vault in a folder")
	}
	return f
}

func (v *Vault) keyPath(t tag) string         { return onDisk(v).path(keyName(t)) }
func (v *Vault) blobPath(sum [32]byte) string { return onDisk(v).path(blobName(sum)) }

func openAt(t testing.TB, dir string) *Vault { return openWith(t, dir, keyA, osDisk()) }

func put(t testing.TB, v *Vault, subject, data string) Ref {
	t.Helper()
	r, err := v.Put(context.Background(), subject, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantKind(t testing.TB, err error, k problem.Kind) {
	t.Helper()
	if problem.KindOf(err) != k {
		t.Fatalf("got %v (%s), want kind %s", err, problem.KindOf(err), k)
	}
	var p *problem.Problem
	if errors.As(err, &p) && !p.Say.Complete() {
		t.Errorf("the problem does not speak both languages: %v", p.Say)
	}
}

func TestWhatIsPutIsReadBack(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	type kept struct {
		ref     Ref
		subject string
		data    []byte
	}
	var all []kept
	rapid.Check(t, func(rt *rapid.T) {
		k := kept{
			subject: rapid.SampledFrom([]string{"usr_a", "usr_b", "sys_c", "ü", "e", "f", "g"}).Draw(rt, "subject"),
			data:    rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "data"),
		}
		ref, err := v.Put(ctx, k.subject, k.data)
		if err != nil {
			rt.Fatal(err)
		}
		k.ref = ref
		all = append(all, k)
		got, err := v.Get(ctx, ref.ID)
		if err != nil || !bytes.Equal(got, k.data) {
			rt.Fatalf("read back %x, %v; put %x", got, err, k.data)
		}
	})
	// Another process, later, with nothing in memory.
	v = openAt(t, dir)
	for _, k := range all {
		got, err := v.Get(ctx, k.ref.ID)
		if err != nil || !bytes.Equal(got, k.data) {
			t.Fatalf("after reopening: %v", err)
		}
		salt, err := v.OpenCommitment(ctx, k.ref.ID)
		if err != nil || Commitment(salt, k.data) != k.ref.Commitment {
			t.Fatalf("the commitment does not open: %v", err)
		}
	}
	if err := v.Check(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestTheLargestPayloadFitsAndOneByteMoreDoesNot(t *testing.T) {
	v := openAt(t, t.TempDir())
	big := make([]byte, MaxPayload+1)
	big[MaxPayload-1] = 7
	ref, err := v.Put(context.Background(), "s", big[:MaxPayload])
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Get(context.Background(), ref.ID)
	if err != nil || !bytes.Equal(got, big[:MaxPayload]) {
		t.Fatalf("16 MiB do not come back: %v", err)
	}
	_, err = v.Put(context.Background(), "s", big)
	wantKind(t, err, problem.TooLarge)
}

func TestNothingOnDiskTellsSubjectOrContent(t *testing.T) {
	dir := t.TempDir()
	v := openAt(t, dir)
	a := put(t, v, "usr_hannelore", "the same reading")
	b := put(t, v, "usr_hannelore", "the same reading")
	if a.ID == b.ID || a.Commitment == b.Commitment {
		t.Error("equal payloads can be told to be equal")
	}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		plain := sha256.Sum256([]byte("usr_hannelore"))
		for _, clue := range []string{"hannelore", "reading", hex.EncodeToString(plain[:])} {
			if strings.Contains(path, clue) || bytes.Contains(raw, []byte(clue)) {
				t.Errorf("%s tells %q", path, clue)
			}
		}
		if st, err := e.Info(); err != nil || st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is readable for others: %v %v", path, st.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The form is shared with record/ledger; the vector is RFC 4231 test case 2.

func TestCommitmentHasTheJournalsForm(t *testing.T) {
	got := Commitment([]byte("Jefe"), []byte("what do ya want for nothing?"))
	if want := "hmac-sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Hash and name can be made to agree by whoever writes to the disk; the seal

// cannot. Every single byte of a blob is authenticated, without the hash.

// Blobs and keys of one subject put in the place of another's do not open.

// A key file that is lost is a defect; one that was erased is not.

// An erasure that stops at any step is either repeated by the caller or

// finished by the next start; in between nothing wrong is said.

func TestPutFlushesTwiceAtMost(t *testing.T) {
	f := &flushes{}
	v := openWith(t, t.TempDir(), keyA, f.disk())
	put(t, v, "usr_a", "first")
	for i := range 256 {
		if err := onDisk(v).ready(fmt.Sprintf("blobs/%02x/x", i)); err != nil {
			t.Fatal(err)
		}
	}
	f.set("", 0)
	for range 3 {
		put(t, v, "usr_a", "next")
	}
	if n := f.count(); n != 6 {
		t.Errorf("3 Puts flushed %d times, want 6", n)
	}
}

func TestAFailingDiskIsUnavailableAndLeavesNothing(t *testing.T) {
	ctx := context.Background()
	for _, kind := range []string{"file", "dir", "rename"} {
		dir := t.TempDir()
		f := &flushes{}
		v := openWith(t, dir, keyA, f.disk())
		kept := put(t, v, "usr_a", "kept")
		f.set(kind, 0)
		_, err := v.Put(ctx, "usr_a", []byte("lost"))
		wantKind(t, err, problem.Unavailable)
		if _, err := v.Put(ctx, "usr_new", []byte("lost")); !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: first blob of a subject: %v", kind, err)
		}
		f.set("", 0)
		if left, _ := filepath.Glob(filepath.Join(dir, "tmp", "*")); len(left) != 0 {
			t.Errorf("%s: left behind: %v", kind, left)
		}
		if _, err := v.Get(ctx, kept.ID); err != nil {
			t.Error(err)
		}
		put(t, v, "usr_new", "works again")
		if err := v.Check(ctx); err != nil {
			t.Error(err)
		}
	}
	dir := t.TempDir()
	v := openAt(t, dir)
	onDisk(v).disk.createTemp = func(string, string) (*os.File, error) { return os.OpenFile("/dev/full", os.O_WRONLY, 0) }
	if _, err := os.Stat("/dev/full"); err == nil {
		_, err := v.Put(ctx, "s", []byte("x"))
		wantKind(t, err, problem.Unavailable)
	}
	blocked := filepath.Join(dir, "a-file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Options{Dir: filepath.Join(blocked, "vault"), MasterKey: keyA})
	wantKind(t, err, problem.Unavailable)
}

func TestBadInputIsRefused(t *testing.T) {
	ctx := context.Background()
	v := openAt(t, t.TempDir())
	for _, s := range []string{"", strings.Repeat("x", 513), "a\x00b"} {
		_, err := v.Put(ctx, s, nil)
		wantKind(t, err, problem.BadInput)
		wantKind(t, v.Erase(ctx, s), problem.BadInput)
	}
	hexes := strings.Repeat("ab", 32)
	for _, id := range []string{"", hexes, "sha256:", "sha256:" + hexes[1:], "sha256:" + strings.ToUpper(hexes), "sha512:" + hexes, "sha256:../../../../etc/passwd" + hexes[:41]} {
		_, err := v.Get(ctx, id)
		wantKind(t, err, problem.BadInput)
	}
	_, err := v.Get(ctx, "sha256:"+hexes)
	wantKind(t, err, problem.NotFound)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Put(ended, "s", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Put after the end: %v", err)
	}
	if err := v.Check(ended); !errors.Is(err, context.Canceled) {
		put(t, v, "s", "")
		if err := v.Check(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("Check after the end: %v", err)
		}
	}
}

func TestAClosedVaultHoldsNoKeys(t *testing.T) {
	ctx := context.Background()
	v := openAt(t, t.TempDir())
	ref := put(t, v, "s", "x")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get(ctx, ref.ID); err == nil {
		t.Error("a closed vault still reads")
	}
	if _, err := v.Put(ctx, "other", nil); err == nil {
		t.Error("a closed vault still writes")
	}
}

func TestNoRandomnessNoWrite(t *testing.T) {
	dir := t.TempDir()
	_ = openAt(t, dir)
	v, err := Open(Options{Dir: dir, MasterKey: keyA, Rand: bytes.NewReader(make([]byte, 50))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Put(context.Background(), "s", []byte("x"))
	wantKind(t, err, problem.Unavailable)
}

// Writers, readers, an eraser and a change of the master key at once: what is

// read is what was written or a refusal, and in the end everything verifies.

func TestManyAtOnce(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir) // a cache of 4 for 8 subjects
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			subject := fmt.Sprint("usr_", w)
			for i := range 12 {
				want := fmt.Sprint(w, i)
				ref, err := v.Put(ctx, subject, []byte(want))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := v.Get(ctx, ref.ID)
				if err == nil && string(got) != want || err != nil && !(w%2 == 0 && problem.Is(err, problem.NotFound)) {
					t.Errorf("%s: %q, %v", subject, got, err)
				}
			}
		})
	}
	for w := 0; w < 8; w += 2 {
		wg.Go(func() {
			for range 4 {
				if err := v.Erase(ctx, fmt.Sprint("usr_", w)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for _, k := range [][]byte{keyB, keyA, keyB} {
			if err := v.Rewrap(ctx, k); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		if _, err := v.Sweep(ctx, noon); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if err := openWith(t, dir, keyB, osDisk()).Check(ctx); err != nil {
		t.Error(err)
	}
}
