package org_test

import (
	"context"
	"io/fs"
	"sync"
	"testing"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/knowledge"
)

// packsOnce loads the content packs once for all tests; nothing changes them.
var packsOnce = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

func library(t testing.TB) *packs.Library {
	t.Helper()
	lib, err := packsOnce()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func open(t testing.TB, dir, slug string, lib *packs.Library) *org.Org {
	t.Helper()
	g, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: slug, Name: "Werk " + slug, Library: lib,
		Hash: secret.Params{MemoryKiB: 64, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// A folder opens, closes and opens again; its name and keys stay.
func TestOpensAgain(t *testing.T) {
	dir, lib := t.TempDir(), library(t)
	g := open(t, dir, "werk", lib)
	key, size := g.SealKey, g.Journal.Size()
	if size == 0 {
		t.Error("the seal key is not announced in the journal")
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, "werk", lib)
	if again.SealKey != key || again.Name != "Werk werk" {
		t.Errorf("after reopening: key %q name %q", again.SealKey, again.Name)
	}
	if again.Journal.Size() != size {
		t.Errorf("the key was announced again: %d entries, before %d", again.Journal.Size(), size)
	}
}

// A second process on the same folder is told so and changes nothing.
func TestSecondOpenerIsRefused(t *testing.T) {
	dir, lib := t.TempDir(), library(t)
	open(t, dir, "werk", lib)
	_, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: lib})
	if !problem.Is(err, problem.Conflict) {
		t.Fatalf("a second opener got %v, want a conflict", err)
	}
}

// Every kind that the house stores has its row in the table of roles.
func TestEveryKindHasItsRow(t *testing.T) {
	g := open(t, t.TempDir(), "werk", library(t))
	var names []string
	for _, k := range g.DB.Kinds() {
		names = append(names, k.Name())
	}
	if missing := roles.Unlisted(names); len(missing) > 0 {
		t.Errorf("no role may do anything with %v: the table of roles does not know them", missing)
	}
}

func TestBadSlugs(t *testing.T) {
	for _, s := range []string{"", "Werk", "a/b", "..", "-a", "wörk"} {
		if _, err := org.Open(context.Background(), org.Options{Dir: t.TempDir(), Slug: s}); !problem.Is(err, problem.BadInput) {
			t.Errorf("slug %q: %v", s, err)
		}
	}
	for _, s := range []string{"assets", "setup", "healthz"} {
		if org.ValidSlug(s) {
			t.Errorf("%q would hide a page of the server", s)
		}
	}
}
