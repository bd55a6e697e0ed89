package org_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity"
	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// told fails unless an error is a problem of the kind that a person can act on.
func told(t testing.TB, what string, err error, kinds ...problem.Kind) {
	t.Helper()
	p := problem.From(err)
	if p == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, k := range kinds {
		if p.Kind == k && p.Say.Complete() && p.Hint.Complete() {
			return
		}
	}
	t.Errorf("%s: %s %v, hint %q", what, p.Kind, err, p.Hint.DE)
}

// A folder whose parts do not fit together, or where nothing can be written,
// does not open, and says what is wrong; nothing is replaced silently.
func TestFoldersThatDoNotOpen(t *testing.T) {
	lib := library(t)
	for name, c := range map[string]struct {
		spoil func(dir string) error
		kind  problem.Kind
	}{
		"a file in the folder's place": {func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, problem.Unavailable},
		"a name nobody can read":       {func(dir string) error { return edit(dir, "org.json", func(string) string { return "{" }) }, problem.Corrupt},
		"a name that was altered": {func(dir string) error {
			return edit(dir, "org.json", func(s string) string { return strings.Replace(s, "\"name\":\"", "\"name\":\"X", 1) })
		}, problem.Corrupt},
		"no name at all":    {func(dir string) error { return edit(dir, "org.json", func(string) string { return "{}" }) }, problem.Corrupt},
		"an empty seal key": {func(dir string) error { return edit(dir, "keys/seal.key", func(string) string { return "" }) }, problem.Unavailable},
		"half a seal key": {func(dir string) error {
			return edit(dir, "keys/seal.key", func(s string) string { return s[:len(s)/2] })
		}, problem.Unavailable},
		"a seal key of two halves":    {otherSeal, problem.Unavailable},
		"a lost seal key":             {func(dir string) error { return os.Remove(filepath.Join(dir, "keys/seal.key")) }, problem.Unavailable},
		"a lost journal key":          {func(dir string) error { return os.Remove(filepath.Join(dir, "keys/journal.key")) }, ""},
		"a lost journal":              {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "journal")) }, ""},
		"a master key that is no key": {func(dir string) error { return edit(dir, "keys/master.key", func(string) string { return "x" }) }, problem.BadInput},
		"another master key": {func(dir string) error {
			return edit(dir, "keys/master.key", func(string) string { return strings.Repeat("A", 43) })
		}, ""},
		"a database that is no database": {func(dir string) error {
			for _, f := range []string{"org.db-wal", "org.db-shm"} {
				if err := os.RemoveAll(filepath.Join(dir, f)); err != nil {
					return err
				}
			}
			return edit(dir, "org.db", func(s string) string { return strings.Repeat("hello", len(s)/5) })
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "werk")
			if name != "a file in the folder's place" {
				g, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: lib})
				if err != nil {
					t.Fatal(err)
				}
				ctx := store.WithActor(context.Background(), store.Actor{Kind: store.System})
				if _, err := g.Vault.Put(ctx, "x", []byte("y")); err != nil {
					t.Fatal(err)
				}
				if err := g.DB.Write(ctx, func(tx *store.Tx) error {
					_, err := g.UseCases.Create(ctx, tx, value.UseCase{Name: "x"})
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if err := g.DB.Flush(ctx, g.Journal); err != nil {
					t.Fatal(err)
				}
				if err := g.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			g, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: lib})
			if err == nil {
				if cerr := g.Close(); cerr != nil {
					t.Error(cerr)
				}
			}
			switch c.kind {
			case "":
				told(t, name, err, problem.Unavailable, problem.Corrupt, problem.Denied)
			default:
				told(t, name, err, c.kind)
			}
		})
	}
}

func edit(dir, file string, change func(string) string) error {
	path := filepath.Join(dir, filepath.FromSlash(file))
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(change(string(raw))), 0o600)
}

// otherSeal puts the verifier key of another pair beside the signing key.
func otherSeal(dir string) error {
	return edit(dir, "keys/seal.key", func(s string) string {
		lines := strings.Split(s, "\n")
		other := "augenmass/werk/seal+5b6ff1a5+AfrzB0mWIDfWdG5VMaGWkTT6bBBJ9yDJmYLm9xBlEg5N"
		return lines[0] + "\n" + other + "\n"
	})
}

// The name that was given first stays; the keys are for their owner only.
func TestNameAndKeysOfAFolder(t *testing.T) {
	dir, lib := filepath.Join(t.TempDir(), "mein-werk"), library(t)
	g, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: lib})
	if err != nil {
		t.Fatal(err)
	}
	if g.Name != "mein-werk" {
		t.Errorf("without a name it is called %q", g.Name)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	if g, err = org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Name: "Anders", Library: lib}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	if g.Name != "mein-werk" {
		t.Errorf("it was renamed to %q", g.Name)
	}
	for _, f := range []string{"master.key", "journal.key", "seal.key"} {
		info, err := os.Stat(filepath.Join(dir, "keys", f))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", f, info.Mode(), err)
		}
	}
	if needs, err := g.Identity.NeedsFirst(context.Background()); err != nil || !needs {
		t.Errorf("a fresh organisation has its first person: %v %v", needs, err)
	}
	if _, _, err := g.Identity.SignIn(context.Background(), identity.Attempt{Name: "director", Password: password}); err == nil {
		t.Error("somebody signed in")
	}
}

// A second process on the same folder is told so; the first goes on (bad
// input: a second process on the same folder).
func TestASecondProcessIsRefused(t *testing.T) {
	const folder = "AUGENMASS_TEST_FOLDER"
	if dir := os.Getenv(folder); dir != "" { // this is the second process
		_, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: library(t)})
		if !problem.Is(err, problem.Conflict) {
			t.Fatalf("the second process got %v, want a conflict", err)
		}
		told(t, "a second process", err, problem.Conflict)
		return
	}
	w := newWorks(t, "werk")
	size := w.g.Journal.Size()
	second := exec.Command(os.Args[0], "-test.run=^TestASecondProcessIsRefused$", "-test.v")
	second.Env = append(os.Environ(), folder+"="+w.dir)
	if out, err := second.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Fatalf("%v: %s", err, out)
	}
	if a := w.ask(); a.outcome != "released" || w.g.Journal.Size() <= size {
		t.Errorf("the first one afterwards: %+v", a)
	}
}
