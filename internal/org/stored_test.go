package org_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/org"
	"augenmass/internal/problem"
)

// An organisation whose master key is lost gets no new one: it would open
// nothing, and stand in the place of the right one.
func TestALostMasterKeyIsNotReplaced(t *testing.T) {
	dir, lib := t.TempDir(), library(t)
	g := open(t, dir, "werk", lib)
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "keys", "master.key")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := org.Open(context.Background(), org.Options{Dir: dir, Slug: "werk", Library: lib})
	told(t, "a lost master key", err, problem.Unavailable)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a new master key was written: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	open(t, dir, "werk", lib)
}
