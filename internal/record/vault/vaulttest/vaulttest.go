// Package vaulttest holds the behaviour that every vault.Tree must show, and
// that the vault must show over it, with one process and with several. Only
// tests import it.
package vaulttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/vault"
)

// Place makes a new empty place for a tree. The function it returns opens it
// anew each time, as another process would.
type Place func(t testing.TB) (open func() vault.Tree)

var (
	keyA = bytes.Repeat([]byte{1}, 32)
	keyB = bytes.Repeat([]byte{2}, 32)
	noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// Run runs the whole suite; what needs two nodes runs over shared trees only.
func Run(t *testing.T, place Place) {
	t.Run("names", func(t *testing.T) { names(t, place(t)()) })
	t.Run("swap", func(t *testing.T) { swap(t, place(t)()) })
	t.Run("one wins", func(t *testing.T) { oneWins(t, place(t)()) })
	t.Run("life", func(t *testing.T) { life(t, place(t)) })
	t.Run("master", func(t *testing.T) { master(t, place(t)) })
	if !place(t)().Shared() {
		return
	}
	t.Run("two nodes erase", func(t *testing.T) { nodesErase(t, place(t)) })
	t.Run("two nodes make a key", func(t *testing.T) { nodesMake(t, place(t)) })
	t.Run("erased during a write", func(t *testing.T) { erasedDuringPut(t, place(t)) })
	t.Run("erased during a read", func(t *testing.T) { erasedDuringGet(t, place(t)) })
	t.Run("two nodes change the master key", func(t *testing.T) { nodesRewrap(t, place(t)) })
	t.Run("a key under the old master key", func(t *testing.T) { lateKey(t, place(t)) })
	t.Run("many at once", func(t *testing.T) { manyNodes(t, place(t)) })
}

func want(t testing.TB, err error, k problem.Kind) {
	t.Helper()
	if problem.KindOf(err) != k {
		t.Fatalf("got %v (%s), want kind %s", err, problem.KindOf(err), k)
	}
}

func list(t testing.TB, tree vault.Tree, prefix string, head int) (all []vault.Entry) {
	t.Helper()
	if err := tree.Walk(context.Background(), prefix, head, func(e vault.Entry) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func names(t *testing.T, tree vault.Tree) {
	ctx := context.Background()
	if _, err := tree.Read(ctx, "root", 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading nothing: %v", err)
	}
	content := map[string]string{"root": "r", "blobs/ab/abcd": "0123456789", "blobs/ab/abce": "", "blobs/cd/cdef": "x", "keys/ab/ab01": "key"}
	for name, data := range content {
		if err := tree.Create(ctx, name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tree.Create(ctx, "root", []byte("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating what is there: %v", err)
	}
	for name, data := range content {
		if got, err := tree.Read(ctx, name, 10); err != nil || string(got) != data {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := tree.Read(ctx, "blobs/ab/abcd", 9); !errors.Is(err, vault.ErrTooLong) {
		t.Errorf("longer than the limit: %v", err)
	}
	var got []string
	for _, e := range list(t, tree, "", 0) {
		got = append(got, e.Name)
	}
	if fmt.Sprint(got) != "[blobs/ab/abcd blobs/ab/abce blobs/cd/cdef keys/ab/ab01 root]" {
		t.Errorf("the names: %v", got)
	}
	for _, e := range list(t, tree, "blobs/", 4) {
		data := content[e.Name]
		if int(e.Size) != len(data) || string(e.Head) != data[:min(4, len(data))] {
			t.Errorf("the head of %s: %d %q", e.Name, e.Size, e.Head)
		}
	}
	stop := errors.New("stop")
	if err := tree.Walk(ctx, "keys/", 0, func(vault.Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the walker: %v", err)
	}
	if err := tree.Remove(ctx, "blobs/ab/abcd", "blobs/ab/never", "blobs/cd/cdef"); err != nil {
		t.Error(err)
	}
	if got := list(t, tree, "blobs/", 0); len(got) != 1 || got[0].Name != "blobs/ab/abce" {
		t.Errorf("after removing: %+v", got)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := tree.Walk(ended, "", 0, func(vault.Entry) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a walk after the end: %v", err)
	}
}

func swap(t *testing.T, tree vault.Tree) {
	ctx := context.Background()
	while := func(s vault.Swap, name, data string) vault.Swap {
		s.While.Name, s.While.Data = name, []byte(data)
		return s
	}
	s := func(old, now string, destroy bool) vault.Swap {
		w := vault.Swap{Name: "keys/ab/ab01", New: []byte(now), Destroy: destroy}
		if old != "" {
			w.Old = []byte(old)
		}
		return w
	}
	if err := tree.Create(ctx, "root", []byte("root 1")); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		s   vault.Swap
		ok  bool
		now string
	}{
		{s("none", "a", false), false, ""},
		{s("", "a", true), false, ""}, // nothing there to destroy
		{while(s("", "a", false), "root", "root 2"), false, ""},
		{while(s("", "a", false), "nobody", "x"), false, ""},
		{while(s("", "a", false), "root", "root 1"), true, "a"},
		{s("", "b", false), false, "a"},
		{s("aa", "b", false), false, "a"},
		{s("a", "b", false), true, "b"},
		{while(s("b", "c", false), "root", "root 2"), false, "b"},
		{while(s("b", "a longer one", false), "root", "root 1"), true, "a longer one"},
		{s("b", "tomb", true), false, "a longer one"},
		{while(s("a longer one", "tomb", true), "root", "root 2"), false, "a longer one"},
		{while(s("a longer one", "tomb", true), "root", "root 1"), true, "tomb"},
		{s("", "whatever was there", true), true, "whatever was there"},
	} {
		err := tree.Swap(ctx, step.s)
		if step.ok && err != nil || !step.ok && !errors.Is(err, vault.ErrChanged) {
			t.Errorf("step %d: %v", i, err)
		}
		got, err := tree.Read(ctx, "keys/ab/ab01", 100)
		if string(got) != step.now || (err == nil) != (step.now != "") {
			t.Errorf("step %d left %q, %v; want %q", i, got, err, step.now)
		}
	}
}

func oneWins(t *testing.T, tree vault.Tree) {
	ctx := context.Background()
	const each = 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string][]string{}
	for i := range each {
		mine := fmt.Sprint("from ", i)
		wg.Go(func() {
			err := tree.Create(ctx, "blobs/ab/abcd", []byte(mine))
			serr := tree.Swap(ctx, vault.Swap{Name: "root", New: []byte(mine)})
			mu.Lock()
			defer mu.Unlock()
			for what, err := range map[string]error{"created": err, "swapped": serr} {
				if err == nil {
					won[what] = append(won[what], mine)
				} else if !errors.Is(err, fs.ErrExist) && !errors.Is(err, vault.ErrChanged) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for what, name := range map[string]string{"created": "blobs/ab/abcd", "swapped": "root"} {
		got, err := tree.Read(ctx, name, 100)
		if err != nil || !slices.Equal(won[what], []string{string(got)}) {
			t.Errorf("%s: %v say they won, there is %q, %v", what, won[what], got, err)
		}
	}
}

func node(t testing.TB, tree vault.Tree, key []byte) *vault.Vault {
	t.Helper()
	v, err := vault.Open(vault.Options{Tree: tree, MasterKey: key, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func put(t testing.TB, v *vault.Vault, subject, data string) vault.Ref {
	t.Helper()
	r, err := v.Put(context.Background(), subject, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reads(t testing.TB, v *vault.Vault, r vault.Ref, data string) {
	t.Helper()
	if got, err := v.Get(context.Background(), r.ID); err != nil || string(got) != data {
		t.Fatalf("got %q, %v; want %q", got, err, data)
	}
}

// life: what is put is read after a restart, erased and expired content is
// refused and swept, and everything verifies.
func life(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	v := node(t, open(), keyA)
	a, b := put(t, v, "usr_a", "of a"), put(t, v, "usr_b", "of b")
	big := bytes.Repeat([]byte("sixteen bytes..."), 1<<16)
	large, err := v.Put(ctx, "usr_b", big)
	if err != nil {
		t.Fatal(err)
	}
	short, err := v.PutUntil(ctx, "usr_b", []byte("short"), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	v = node(t, open(), keyA)
	reads(t, v, a, "of a")
	reads(t, v, large, string(big))
	reads(t, v, short, "short")
	salt, err := v.OpenCommitment(ctx, a.ID)
	if err != nil || vault.Commitment(salt, []byte("of a")) != a.Commitment {
		t.Errorf("the commitment: %v", err)
	}
	if err := v.Erase(ctx, "usr_a"); err != nil {
		t.Fatal(err)
	}
	_, err = v.Get(ctx, a.ID)
	want(t, err, problem.NotFound)
	if err := v.Check(ctx); err != nil {
		t.Error(err)
	}
	again := put(t, v, "usr_a", "came back")
	if s, err := v.Sweep(ctx, noon.Add(time.Hour)); err != nil || s.Expired != 1 || s.Erased != 1 || s.Bytes == 0 {
		t.Errorf("swept %+v, %v", s, err)
	}
	v = node(t, open(), keyA)
	reads(t, v, again, "came back")
	reads(t, v, b, "of b")
	_, err = v.Get(ctx, a.ID)
	want(t, err, problem.NotFound)
	if err := v.Check(ctx); err != nil {
		t.Error(err)
	}
	// A changed byte is named.
	tree := open()
	for _, e := range list(t, tree, "keys/", 0) {
		raw, err := tree.Read(ctx, e.Name, 1000)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(raw)
		bad[len(bad)-1] ^= 1
		if err := tree.Swap(ctx, vault.Swap{Name: e.Name, Old: raw, New: bad}); err != nil {
			t.Fatal(err)
		}
		want(t, node(t, open(), keyA).Check(ctx), problem.Corrupt)
		if err := tree.Swap(ctx, vault.Swap{Name: e.Name, Old: bad, New: raw}); err != nil {
			t.Fatal(err)
		}
	}
}

// master: another master key is refused, a used tree is known as used, and the
// key can change.
func master(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	tree := open()
	if used, err := vault.Used(ctx, tree); used || err != nil {
		t.Errorf("an empty tree counts as used: %v, %v", used, err)
	}
	v := node(t, tree, keyA)
	if used, err := vault.Used(ctx, open()); !used || err != nil {
		t.Errorf("an opened vault counts as unused: %v, %v", used, err)
	}
	a := put(t, v, "usr_a", "of a")
	_, err := vault.Open(vault.Options{Tree: open(), MasterKey: keyB})
	want(t, err, problem.Denied)
	if err := v.Rewrap(ctx, keyB); err != nil {
		t.Fatal(err)
	}
	reads(t, v, a, "of a")
	put(t, v, "usr_new", "under the new key")
	_, err = vault.Open(vault.Options{Tree: open(), MasterKey: keyA})
	want(t, err, problem.Denied)
	v = node(t, open(), keyB)
	reads(t, v, a, "of a")
	if err := v.Check(ctx); err != nil {
		t.Error(err)
	}
}
