package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"augenmass/internal/problem"
)

func TestErasedIsUnreadableForGood(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	a1, a2 := put(t, v, "usr_a", "one"), put(t, v, "usr_a", "two")
	b := put(t, v, "usr_b", "three")
	keyBefore, err := os.ReadFile(v.keyPath(v.tag("usr_a")))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Erase(ctx, "usr_a"); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*Vault{v, openAt(t, dir)} {
		for _, r := range []Ref{a1, a2} {
			if _, err := v.Get(ctx, r.ID); !problem.Is(err, problem.NotFound) {
				t.Errorf("erased, and Get said %v", err)
			}
			if _, err := v.OpenCommitment(ctx, r.ID); !problem.Is(err, problem.NotFound) {
				t.Errorf("erased, and the commitment still opens: %v", err)
			}
			sum, _ := parseID(r.ID)
			raw, err := os.ReadFile(v.blobPath(sum))
			if err != nil || sha256.Sum256(raw) != sum {
				t.Errorf("the sealed blob no longer has the hash that the journal holds: %v", err)
			}
		}
		if got, err := v.Get(ctx, b.ID); err != nil || string(got) != "three" {
			t.Errorf("another subject suffered: %v", err)
		}
		if err := v.Check(ctx); err != nil {
			t.Errorf("an erased subject is no defect: %v", err)
		}
	}
	if err := v.Erase(ctx, "usr_a"); err != nil {
		t.Errorf("erasing twice: %v", err)
	}
	if err := v.Erase(ctx, "usr_never"); err != nil {
		t.Errorf("erasing somebody unknown: %v", err)
	}
	// The subject may come back; what was erased stays erased.
	again := put(t, v, "usr_a", "new")
	if got, err := v.Get(ctx, again.ID); err != nil || string(got) != "new" {
		t.Errorf("new data of an erased subject: %v", err)
	}
	_, err = v.Get(ctx, a1.ID)
	wantKind(t, err, problem.NotFound)
	if err := v.Check(ctx); err != nil {
		t.Error(err)
	}
	// Nowhere on disk is the key left.
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, keyBefore[18:]) {
			t.Errorf("%s still holds the destroyed key", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALostKeyIsNotTakenForAnErasedOne(t *testing.T) {
	v := openAt(t, t.TempDir())
	ref := put(t, v, "usr_a", "one")
	if err := os.Remove(v.keyPath(v.tag("usr_a"))); err != nil {
		t.Fatal(err)
	}
	v.cache.clear()
	_, err := v.Get(context.Background(), ref.ID)
	wantKind(t, err, problem.Corrupt)
	wantKind(t, v.Check(context.Background()), problem.Corrupt)
}

func TestAnErasureThatFailsHalfWay(t *testing.T) {
	ctx := context.Background()
	for _, kind := range []string{"rename", "file", "dir"} {
		for after := range 4 {
			for _, next := range []string{"again", "restart", "put"} {
				t.Run(fmt.Sprintf("%s/%d/%s", kind, after, next), func(t *testing.T) {
					dir := t.TempDir()
					f := &flushes{}
					v := openWith(t, dir, keyA, f.disk())
					ref := put(t, v, "usr_a", "one")
					f.set(kind, after)
					err := v.Erase(ctx, "usr_a")
					f.set("", 0)
					if err != nil {
						wantKind(t, err, problem.Unavailable)
						got, gerr := v.Get(ctx, ref.ID)
						if gerr == nil && string(got) != "one" {
							t.Fatal("neither the data nor a refusal")
						}
						if gerr != nil && !problem.Is(gerr, problem.NotFound) {
							t.Fatalf("half erased, Get said %v", gerr)
						}
						if err := v.Check(ctx); err != nil {
							t.Fatalf("half erased, Check said %v", err)
						}
					}
					switch next {
					case "restart":
						v = openWith(t, dir, keyA, f.disk())
						if doomed, _ := filepath.Glob(filepath.Join(dir, "tmp", "*")); len(doomed) > 0 {
							t.Fatalf("left behind: %v", doomed)
						}
					case "put":
						r2 := put(t, v, "usr_a", "two")
						if got, err := v.Get(ctx, r2.ID); err != nil || string(got) != "two" {
							t.Fatal(err)
						}
					}
					if err := v.Erase(ctx, "usr_a"); err != nil {
						t.Fatal(err)
					}
					_, err = v.Get(ctx, ref.ID)
					wantKind(t, err, problem.NotFound)
					if err := v.Check(ctx); err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
}

func TestADamagedKeyCanStillBeErased(t *testing.T) {
	ctx := context.Background()
	v := openAt(t, t.TempDir())
	ref := put(t, v, "usr_a", "one")
	if err := os.WriteFile(v.keyPath(v.tag("usr_a")), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	v.cache.clear()
	if err := v.Erase(ctx, "usr_a"); err != nil {
		t.Fatal(err)
	}
	_, err := v.Get(ctx, ref.ID)
	wantKind(t, err, problem.NotFound)
	put(t, v, "usr_a", "two")
	if err := v.Check(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestLeftoversOfACrashAreIgnoredAndSwept(t *testing.T) {
	dir := t.TempDir()
	v := openAt(t, dir)
	ref := put(t, v, "s", "x")
	left := filepath.Join(dir, "tmp", "new-123")
	if err := os.WriteFile(left, []byte("half a blob"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := v.Check(context.Background()); err != nil {
		t.Errorf("a file in the making is no defect: %v", err)
	}
	v = openAt(t, dir)
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("the leftover is still there: %v", err)
	}
	if _, err := v.Get(context.Background(), ref.ID); err != nil {
		t.Error(err)
	}
}

func TestRetentionEnds(t *testing.T) {
	ctx := context.Background()
	c := &clock{t: noon}
	v, err := Open(Options{Dir: t.TempDir(), MasterKey: keyA, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	short, err := v.PutUntil(ctx, "s", []byte("short"), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	long, err := v.PutUntil(ctx, "s", []byte("long"), noon.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	forever, gone := put(t, v, "s", "forever"), put(t, v, "usr_gone", "gone")
	if err := v.Erase(ctx, "usr_gone"); err != nil {
		t.Fatal(err)
	}

	c.add(time.Hour - time.Second)
	if _, err := v.Get(ctx, short.ID); err != nil {
		t.Fatal(err)
	}
	c.add(time.Second)
	_, err = v.Get(ctx, short.ID)
	wantKind(t, err, problem.NotFound)
	if err := v.Check(ctx); err != nil {
		t.Errorf("an expired blob is no defect: %v", err)
	}

	s, err := v.Sweep(ctx, c.now())
	if err != nil || s.Expired != 1 || s.Erased != 1 || s.Bytes == 0 {
		t.Fatalf("swept %+v, %v", s, err)
	}
	for ref, there := range map[Ref]bool{short: false, gone: false, long: true, forever: true} {
		sum, _ := parseID(ref.ID)
		if _, err := os.Stat(v.blobPath(sum)); (err == nil) != there {
			t.Errorf("after the sweep: there=%v, want %v", err == nil, there)
		}
	}
	if s, err := v.Sweep(ctx, c.now()); err != nil || s != (Swept{}) {
		t.Errorf("a second sweep removed %+v, %v", s, err)
	}
	if s, err := v.Sweep(ctx, noon.AddDate(100, 0, 0)); err != nil || s.Expired != 1 {
		t.Errorf("in a hundred years: %+v, %v", s, err)
	}
	if _, err := v.Get(ctx, forever.ID); err != nil {
		t.Errorf("without an end date: %v", err)
	}
}

// A kill while a key is being overwritten leaves half of each; what replaces it
// lies beside it, whole, and the next start finishes the erasure.
func TestAKillInTheMiddleOfOverwritingIsFinished(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	ref := put(t, v, "usr_a", "one")
	key, err := os.ReadFile(v.keyPath(v.tag("usr_a")))
	if err != nil {
		t.Fatal(err)
	}
	f := &flushes{}
	onDisk(v).disk = f.disk()
	f.set("file", 1) // the tombstone is flushed, the overwritten key is not
	wantKind(t, v.Erase(ctx, "usr_a"), problem.Unavailable)
	tomb, err := os.ReadFile(v.keyPath(v.tag("usr_a")))
	if err != nil || bytes.Equal(tomb, key) {
		t.Fatalf("nothing was overwritten: %v", err)
	}
	torn := append(bytes.Clone(tomb[:40]), key[40:]...)
	if err := os.WriteFile(v.keyPath(v.tag("usr_a")), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	v = openAt(t, dir)
	_, err = v.Get(ctx, ref.ID)
	wantKind(t, err, problem.NotFound)
	if err := v.Check(ctx); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
