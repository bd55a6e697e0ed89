package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

func TestEveryChangedByteIsRefusedAndNamed(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	ref := put(t, v, "usr_a", "rpm=1412")
	sum, err := parseID(ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, rel := range []string{"root", keyName(v.tag("usr_a")), blobName(sum)} {
		path := filepath.Join(dir, rel)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		broken := [][]byte{good[:len(good)-1], append(bytes.Clone(good), 0), {}}
		for i := range good {
			b := bytes.Clone(good)
			b[i] ^= 0x40
			broken = append(broken, b)
		}
		for i, b := range broken {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			v.cache.clear()
			err := v.Check(ctx)
			wantKind(t, err, problem.Corrupt)
			if !strings.Contains(err.Error(), rel) {
				t.Fatalf("change %d of %s: the file is not named: %v", i, rel, err)
			}
			if rel != "root" {
				if _, err := v.Get(ctx, ref.ID); !problem.Is(err, problem.Corrupt) {
					t.Fatalf("change %d of %s: Get said %v", i, rel, err)
				}
			} else if _, err := Open(Options{Dir: dir, MasterKey: keyA}); err == nil {
				t.Fatalf("change %d of the root file was not noticed", i)
			}
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Check(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestEveryByteOfABlobIsSealed(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	ref := put(t, v, "usr_a", "x")
	sum, _ := parseID(ref.ID)
	good, err := os.ReadFile(v.blobPath(sum))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 1
		s := sha256.Sum256(b)
		if err := onDisk(v).ready(blobName(s)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(v.blobPath(s), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Get(ctx, idPrefix+hex.EncodeToString(s[:])); err == nil {
			t.Fatalf("byte %d is not authenticated", i)
		}
	}
}

func TestKeysAndBlobsCannotChangePlaces(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	a := put(t, v, "usr_a", "of a")
	put(t, v, "usr_b", "of b")
	raw, err := os.ReadFile(v.keyPath(v.tag("usr_b")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.keyPath(v.tag("usr_a")), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	v.cache.clear()
	_, err = v.Get(ctx, a.ID)
	wantKind(t, err, problem.Corrupt)
}

func TestAForeignFileIsNamed(t *testing.T) {
	for _, rel := range []string{"blobs/notes.txt", "blobs/ab/notes.txt", "keys/00/x", "blobs/ab/" + strings.Repeat("0", 64)} {
		dir := t.TempDir()
		v := openAt(t, dir)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, rel)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, rel), []byte("?"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := v.Check(context.Background())
		wantKind(t, err, problem.Corrupt)
		if !strings.Contains(err.Error(), rel) {
			t.Errorf("%s is not named: %v", rel, err)
		}
	}
}

func FuzzParsers(f *testing.F) {
	dir := f.TempDir()
	v := openAt(f, dir)
	ref := put(f, v, "usr_a", "seed")
	sum, _ := parseID(ref.ID)
	for _, p := range []string{v.blobPath(sum), v.keyPath(v.tag("usr_a")), filepath.Join(dir, "root")} {
		raw, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	k, err := v.subjectKey(context.Background(), v.tag("usr_a"))
	if err != nil {
		f.Fatal(err)
	}
	m := v.masters.Load().current
	good, err := os.ReadFile(v.blobPath(sum))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := parseBlob(raw); err == nil {
			if !bytes.Equal(b.encode(), raw[:headerSize]) {
				t.Error("a header that was read is written differently")
			}
			if _, _, err := b.open(k.aead); err == nil && !bytes.Equal(raw, good) {
				t.Error("a forged blob opens")
			}
		}
		if kf, err := parseKey(raw); err == nil {
			if _, err := kf.open(m, v.tag("usr_other")); err == nil {
				t.Error("a key file opens for another subject")
			}
		}
		if r, err := parseRoot(raw); err == nil {
			_, _ = r.openNaming(m)
			_, _ = r.openPrevious(m)
		}
		_, _ = parseID(string(raw))
	})
}
