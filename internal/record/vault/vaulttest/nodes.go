package vaulttest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/record/vault"
)

// hooked lets something happen between two steps of a node.
type hooked struct {
	vault.Tree
	mu    sync.Mutex
	after func(op, name string) // called once
}

func (h *hooked) then(f func(op, name string)) { h.mu.Lock(); h.after = f; h.mu.Unlock() }

func (h *hooked) tell(op, name string) {
	h.mu.Lock()
	f := h.after
	h.mu.Unlock()
	if f != nil {
		f(op, name)
	}
}

func (h *hooked) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	b, err := h.Tree.Read(ctx, name, limit)
	h.tell("read", name)
	return b, err
}

func (h *hooked) Create(ctx context.Context, name string, data []byte) error {
	err := h.Tree.Create(ctx, name, data)
	h.tell("create", name)
	return err
}

// once calls f the first time that a node does op under a prefix.
func once(h *hooked, op, prefix string, f func()) {
	h.then(func(o, name string) {
		if o == op && strings.HasPrefix(name, prefix) {
			h.then(nil)
			f()
		}
	})
}

func erase(t testing.TB, v *vault.Vault, subject string) {
	t.Helper()
	if err := v.Erase(context.Background(), subject); err != nil {
		t.Fatal(err)
	}
}

// nodesErase: what one node erased the other refuses at once, though it had
// the key in use, and what it writes afterwards is under another key.
func nodesErase(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	a, b := node(t, open(), keyA), node(t, open(), keyA)
	old := put(t, a, "usr_x", "old")
	reads(t, a, old, "old")
	reads(t, b, old, "old")
	older := put(t, b, "usr_x", "older")
	erase(t, b, "usr_x")
	for _, v := range []*vault.Vault{a, b} {
		for _, r := range []vault.Ref{old, older} {
			_, err := v.Get(ctx, r.ID)
			want(t, err, problem.NotFound)
		}
	}
	next := put(t, a, "usr_x", "next")
	reads(t, b, next, "next")
	erase(t, a, "usr_x")
	_, err := b.Get(ctx, next.ID)
	want(t, err, problem.NotFound)
	for _, v := range []*vault.Vault{a, b} {
		if err := v.Check(ctx); err != nil {
			t.Error(err)
		}
	}
	// Both at once, each from what it knows.
	put(t, a, "usr_y", "y")
	var wg sync.WaitGroup
	for _, v := range []*vault.Vault{a, b, a, b} {
		wg.Go(func() {
			if err := v.Erase(ctx, "usr_y"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again := put(t, b, "usr_y", "again")
	reads(t, a, again, "again")
}

// nodesMake: two nodes that write a subject's first blob at once use one key.
func nodesMake(t *testing.T, open func() vault.Tree) {
	slow := &hooked{Tree: open()}
	a, b := node(t, slow, keyA), node(t, open(), keyA)
	var other vault.Ref
	once(slow, "read", "keys/", func() { other = put(t, b, "usr_x", "of b") }) // a has seen that there is no key
	mine := put(t, a, "usr_x", "of a")
	for _, v := range []*vault.Vault{a, b} {
		reads(t, v, mine, "of a")
		reads(t, v, other, "of b")
	}
	if n := len(list(t, open(), "keys/", 0)); n != 1 {
		t.Errorf("%d keys for one subject", n)
	}
	erase(t, a, "usr_x")
	for _, r := range []vault.Ref{mine, other} {
		_, err := b.Get(context.Background(), r.ID)
		want(t, err, problem.NotFound)
	}
}

// erasedDuringPut: a Put that began before another node's erasure and ends
// after it does not return a reference to what nobody can read.
func erasedDuringPut(t *testing.T, open func() vault.Tree) {
	for _, at := range []struct{ op, prefix string }{{"read", "keys/"}, {"create", "blobs/"}} {
		slow := &hooked{Tree: open()}
		a, b := node(t, slow, keyA), node(t, open(), keyA)
		put(t, a, "usr_x", "first")
		before := len(list(t, open(), "blobs/", 0))
		once(slow, at.op, at.prefix, func() { erase(t, b, "usr_x") })
		ref := put(t, a, "usr_x", "second")
		reads(t, b, ref, "second")
		if n := len(list(t, open(), "blobs/", 0)); n != before+1 {
			t.Errorf("%d blobs more, want 1: what was sealed with the erased key stays", n-before)
		}
	}
}

// erasedDuringGet: a Get that has the key in hand when another node erases it
// refuses.
func erasedDuringGet(t *testing.T, open func() vault.Tree) {
	slow := &hooked{Tree: open()}
	a, b := node(t, slow, keyA), node(t, open(), keyA)
	ref := put(t, a, "usr_x", "x")
	once(slow, "read", "keys/", func() { erase(t, b, "usr_x") })
	_, err := a.Get(context.Background(), ref.ID)
	want(t, err, problem.NotFound)
}

// nodesRewrap: one node changes the master key. The other neither reads nor
// writes with the old one, and goes on when it is given the new one.
func nodesRewrap(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	a, b := node(t, open(), keyA), node(t, open(), keyA)
	ref := put(t, a, "usr_x", "x")
	reads(t, b, ref, "x")
	if err := a.Rewrap(ctx, keyB); err != nil {
		t.Fatal(err)
	}
	_, err := b.Get(ctx, ref.ID)
	want(t, err, problem.Denied)
	_, err = b.Put(ctx, "usr_x", nil)
	want(t, err, problem.Denied)
	_, err = b.Put(ctx, "usr_new", nil)
	want(t, err, problem.Denied)
	want(t, b.Erase(ctx, "usr_x"), problem.Denied)
	other := append([]byte{9}, keyB[1:]...)
	want(t, b.Rewrap(ctx, other), problem.Denied)
	if err := b.Rewrap(ctx, keyB); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*vault.Vault{a, b} {
		reads(t, v, ref, "x")
		put(t, v, "usr_new", "y")
		if err := v.Check(ctx); err != nil {
			t.Error(err)
		}
	}
	// Both at once to the same new key.
	for i := range 20 {
		put(t, a, fmt.Sprint("usr_", i), "z")
	}
	var wg sync.WaitGroup
	for _, v := range []*vault.Vault{a, b} {
		wg.Go(func() {
			if err := v.Rewrap(ctx, keyA); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	c := node(t, open(), keyA)
	for _, v := range []*vault.Vault{a, b, c} {
		reads(t, v, ref, "x")
		if err := v.Check(ctx); err != nil {
			t.Error(err)
		}
	}
}

// lateKey: a node that is about to write a new key under the old master key
// while another changes it does not leave a key that nobody can open.
func lateKey(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	slow := &hooked{Tree: open()}
	a, b := node(t, slow, keyA), node(t, open(), keyA)
	kept := put(t, a, "usr_x", "x")
	for _, act := range []func() error{
		func() error { _, err := a.Put(ctx, "usr_late", []byte("late")); return err },
		func() error { return a.Erase(ctx, "usr_x") },
	} {
		once(slow, "read", "keys/", func() {
			if err := b.Rewrap(ctx, keyB); err != nil {
				t.Error(err)
			}
		})
		want(t, act(), problem.Denied)
		if err := b.Check(ctx); err != nil {
			t.Fatal(err)
		}
		reads(t, b, kept, "x")
		if err := b.Rewrap(ctx, keyA); err != nil { // back, for the next act
			t.Fatal(err)
		}
		a = node(t, slow, keyA)
	}
}

// manyNodes: writers, erasers and a change of the master key on three nodes;
// what is read is what was written or a refusal, and everything verifies.
func manyNodes(t *testing.T, open func() vault.Tree) {
	ctx := context.Background()
	var nodes []*vault.Vault
	for range 3 {
		nodes = append(nodes, node(t, open(), keyA))
	}
	var wg sync.WaitGroup
	for w := range 6 {
		v, other := nodes[w%3], nodes[(w+1)%3]
		wg.Go(func() {
			for i := range 10 {
				subject, data := fmt.Sprint("usr_", i%4), fmt.Sprint(w, i)
				ref, err := v.Put(ctx, subject, []byte(data))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := other.Get(ctx, ref.ID)
				if err == nil && string(got) != data || err != nil && (i%4 > 1 || !problem.Is(err, problem.NotFound)) {
					t.Errorf("%s: %q, %v", subject, got, err)
				}
			}
		})
	}
	for n, v := range nodes[:2] {
		wg.Go(func() {
			for range 5 {
				if err := v.Erase(ctx, fmt.Sprint("usr_", n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, err := nodes[2].Sweep(ctx, noon); err != nil {
		t.Error(err)
	}
	for _, v := range nodes {
		if err := v.Check(ctx); err != nil {
			t.Error(err)
		}
	}
}
