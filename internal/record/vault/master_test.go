package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

func TestWrongMasterKeyIsRefusedAtOpen(t *testing.T) {
	dir := t.TempDir()
	put(t, openAt(t, dir), "s", "x")
	_, err := Open(Options{Dir: dir, MasterKey: keyB})
	wantKind(t, err, problem.Denied)
	for _, n := range []int{0, 16, 31, 33} {
		_, err := Open(Options{Dir: dir, MasterKey: make([]byte, n)})
		wantKind(t, err, problem.BadInput)
		if !strings.Contains(err.Error(), fmt.Sprint(n)) {
			t.Errorf("the length %d is not named: %v", n, err)
		}
	}
	// Without the root file the vault is not taken for a new one.
	if err := os.Remove(filepath.Join(dir, "root")); err != nil {
		t.Fatal(err)
	}
	_, err = Open(Options{Dir: dir, MasterKey: keyA})
	wantKind(t, err, problem.Corrupt)
}

func TestTheMasterKeyCanChange(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	v := openAt(t, dir)
	var refs []Ref
	for i := range 10 {
		refs = append(refs, put(t, v, fmt.Sprint("usr_", i), fmt.Sprint("data ", i)))
	}
	if err := v.Erase(ctx, "usr_9"); err != nil {
		t.Fatal(err)
	}
	if err := v.Rewrap(ctx, keyB); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Options{Dir: dir, MasterKey: keyA})
	wantKind(t, err, problem.Denied)
	for _, v := range []*Vault{v, openWith(t, dir, keyB, osDisk())} {
		for i, r := range refs[:9] {
			if got, err := v.Get(ctx, r.ID); err != nil || string(got) != fmt.Sprint("data ", i) {
				t.Fatalf("after the change: %v", err)
			}
		}
		_, err = v.Get(ctx, refs[9].ID)
		wantKind(t, err, problem.NotFound)
		if err := v.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, v.Rewrap(ctx, []byte("short")), problem.BadInput)
}

func TestAnInterruptedChangeOfTheMasterKeyIsFinished(t *testing.T) {
	ctx := context.Background()
	for after := range 8 {
		for _, restart := range []bool{true, false} {
			dir := t.TempDir()
			f := &flushes{}
			v := openWith(t, dir, keyA, f.disk())
			var refs []Ref
			for i := range 4 {
				refs = append(refs, put(t, v, fmt.Sprint("usr_", i), "data"))
			}
			f.set("rename", after)
			err := v.Rewrap(ctx, keyB)
			f.set("", 0)
			if after < 6 { // root, four keys, root
				wantKind(t, err, problem.Unavailable)
			} else if err != nil {
				t.Fatal(err)
			}
			for _, r := range refs {
				if _, err := v.Get(ctx, r.ID); err != nil {
					t.Fatalf("in the middle of a change: %v", err)
				}
			}
			switch {
			case !restart:
				if err := v.Rewrap(ctx, keyB); err != nil {
					t.Fatal(err)
				}
			case after == 0: // not even begun
				_ = openWith(t, dir, keyA, osDisk())
				continue
			default:
				_, err := Open(Options{Dir: dir, MasterKey: keyA})
				wantKind(t, err, problem.Denied)
				v = openWith(t, dir, keyB, osDisk())
			}
			if v.masters.Load().previous != nil {
				t.Error("the old key is still in use")
			}
			for _, r := range refs {
				if _, err := v.Get(ctx, r.ID); err != nil {
					t.Fatal(err)
				}
			}
			if err := v.Check(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestLoadMasterKey(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keys", "master.key")
	const env = "AUGENMASS_TEST_MASTER_KEY"
	made, err := LoadMasterKey(file, env, false)
	if err != nil || len(made) != 32 || bytes.Equal(made, make([]byte, 32)) {
		t.Fatalf("a new key: %x, %v", made, err)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	again, err := LoadMasterKey(file, env, false)
	if err != nil || !bytes.Equal(made, again) {
		t.Errorf("another key at the second start: %v", err)
	}
	odd := append(bytes.Repeat([]byte{0xfb, 0xff}, 15), 0xfe, 0xff)
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		t.Setenv(env, " "+enc.EncodeToString(odd)+"\n")
		if got, err := LoadMasterKey(file, env, false); err != nil || !bytes.Equal(got, odd) {
			t.Errorf("the environment comes first, in either alphabet: %x, %v", got, err)
		}
	}
	for _, bad := range []string{"x", base64.StdEncoding.EncodeToString(make([]byte, 31)), base64.StdEncoding.EncodeToString(make([]byte, 33)), strings.Repeat("€", 20)} {
		t.Setenv(env, bad)
		_, err := LoadMasterKey(file, env, false)
		wantKind(t, err, problem.BadInput)
		if strings.Contains(err.Error(), bad) && len(bad) > 1 {
			t.Errorf("the message shows the key: %v", err)
		}
	}
	t.Setenv(env, "")
	missing := filepath.Join(dir, "elsewhere", "master.key")
	_, err = LoadMasterKey(missing, env, true)
	wantKind(t, err, problem.Unavailable)
	if _, err := os.Stat(filepath.Dir(missing)); !os.IsNotExist(err) {
		t.Errorf("a used vault got a new key: %v", err)
	}
	if got, err := LoadMasterKey(file, env, true); err != nil || !bytes.Equal(got, made) {
		t.Errorf("the key of a used vault: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadMasterKey(file, env, false)
	wantKind(t, err, problem.BadInput)
}
