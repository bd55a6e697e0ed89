package vaulttest

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/record/vault"
)

func TestFiles(t *testing.T) {
	Run(t, func(t testing.TB) func() vault.Tree {
		dir := t.TempDir()
		return func() vault.Tree {
			tree, err := vault.Files(dir)
			if err != nil {
				t.Fatal(err)
			}
			return tree
		}
	})
}

// The vault's promises for several nodes hold wherever a tree keeps its own:
// here in the memory of one process.
func TestSharedMemory(t *testing.T) {
	Run(t, func(testing.TB) func() vault.Tree {
		m := &memory{blobs: map[string][]byte{}}
		return func() vault.Tree { return m }
	})
}

type memory struct {
	mu    sync.Mutex
	blobs map[string][]byte
}

func (m *memory) Shared() bool { return true }
func (m *memory) Close() error { return nil }

func (m *memory) Read(_ context.Context, name string, limit int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[name]
	switch {
	case !ok:
		return nil, fs.ErrNotExist
	case int64(len(b)) > limit:
		return nil, vault.ErrTooLong
	}
	return bytes.Clone(b), nil
}

func (m *memory) Create(_ context.Context, name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.blobs[name]; ok {
		return fs.ErrExist
	}
	m.blobs[name] = bytes.Clone(data)
	return nil
}

func (m *memory) Swap(_ context.Context, s vault.Swap) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := s.While.Name; n != "" {
		if b, ok := m.blobs[n]; !ok || !bytes.Equal(b, s.While.Data) {
			return vault.ErrChanged
		}
	}
	now, ok := m.blobs[s.Name]
	if (s.Old != nil || s.Destroy) != ok || s.Old != nil && !bytes.Equal(now, s.Old) {
		return vault.ErrChanged
	}
	m.blobs[s.Name] = bytes.Clone(s.New)
	return nil
}

func (m *memory) Remove(_ context.Context, names ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range names {
		delete(m.blobs, n)
	}
	return nil
}

func (m *memory) Walk(ctx context.Context, prefix string, head int, f func(vault.Entry) error) error {
	m.mu.Lock()
	all := maps.Clone(m.blobs)
	m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if b := all[name]; strings.HasPrefix(name, prefix) {
			if err := f(vault.Entry{Name: name, Size: int64(len(b)), Head: b[:min(head, len(b))]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// More expired blobs than are removed at once, among others that stay.
func TestSweepGoesOverManyBatches(t *testing.T) {
	ctx := context.Background()
	v := node(t, &memory{blobs: map[string][]byte{}}, keyA)
	const each = 300
	var kept []vault.Ref
	for range each {
		if _, err := v.PutUntil(ctx, "usr_a", nil, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		put(t, v, "usr_b", "")
		kept = append(kept, put(t, v, "usr_c", ""))
	}
	erase(t, v, "usr_b")
	if s, err := v.Sweep(ctx, noon.Add(time.Hour)); err != nil || s.Expired != each || s.Erased != each {
		t.Errorf("swept %+v, %v", s, err)
	}
	for _, r := range kept {
		reads(t, v, r, "")
	}
	if s, err := v.Sweep(ctx, noon.Add(time.Hour)); err != nil || s != (vault.Swept{}) {
		t.Errorf("swept again: %+v, %v", s, err)
	}
}
