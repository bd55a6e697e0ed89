package org_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"augenmass/internal/operate/oversee"
	"augenmass/internal/org/backup"
)

// An organisation is backed up while its mill asks and a person decides, and
// goes on in another folder: every answer that was given before is in its
// journal, cases that waited still wait, the permit is valid, the token works.
func TestBackupOfARunningOrganisation(t *testing.T) {
	w := newWorks(t, "werk")
	w.says("0.2")
	waiting := w.ask()
	w.says("0.97")
	stop := make(chan struct{})
	var asking sync.WaitGroup
	var mu sync.Mutex
	var answers []answered
	asking.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			a := w.ask()
			mu.Lock()
			answers = append(answers, a)
			mu.Unlock()
		}
	})
	given := func() []answered { mu.Lock(); defer mu.Unlock(); return answers[:len(answers):len(answers)] }
	for len(given()) < 20 {
		w.settle()
	}
	before := given()
	last, _ := w.g.Journal.Checkpoint()
	var file bytes.Buffer
	if _, err := backup.Write(context.Background(), backup.Options{Dir: w.dir, Slug: "werk", Spool: t.TempDir()}, &file); err != nil {
		t.Fatal(err)
	}
	for n := len(given()); len(given()) < n+3; {
		w.settle() // it goes on
	}
	close(stop)
	asking.Wait()

	path := filepath.Join(t.TempDir(), "werk.tar")
	w.must(os.WriteFile(path, file.Bytes(), 0o600))
	r, err := backup.Restore(context.Background(), backup.RestoreOptions{File: path, Dir: filepath.Join(t.TempDir(), "werk"), Slug: "werk",
		Known: last, MasterKeyEnv: "AUGENMASS_TEST_NO_KEY", Now: w.clock.now})
	w.must(err)
	g := w.open(r.Dir, "werk")
	for _, a := range before {
		index, err := strconv.ParseUint(a.index, 10, 64)
		w.must(err)
		here, err := g.Journal.Entry(context.Background(), index)
		w.must(err)
		there, err := w.g.Journal.Entry(context.Background(), index)
		w.must(err)
		if a.outcome != "released" || !bytes.Equal(here, there) {
			t.Fatalf("the answer at %d: %+v", index, a)
		}
	}
	if a := w.askOf(g, "wear", w.token); a.outcome != "released" {
		t.Errorf("asked after the restore: %+v", a)
	}
	if g.SealKey != w.g.SealKey || g.Journal.Origin() != "augenmass/werk/2" {
		t.Errorf("seal %s, journal %s", g.SealKey, g.Journal.Origin())
	}
	if c, err := g.Oversee.Case(context.Background(), waiting.review); err != nil || c.State != oversee.Open {
		t.Errorf("the case that waited: %+v %v", c, err)
	}
	if p, ok := g.Point.Permit(w.mill); !ok || p.State != "valid" {
		t.Errorf("the permit: %+v", p)
	}
}
