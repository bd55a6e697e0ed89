package org_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/org"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// smallDisk mounts a small disk of its own; where that is not allowed, the test
// is skipped (ledger, store and vault have seams of their own for it).
func smallDisk(t testing.TB, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves no room on a disk and returns what gives it back.
func fill(t testing.TB, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if err := f.Close(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// On a full disk everybody is told so, nothing is released that is not
// journaled, a stop still stops, and nothing acknowledged is missing when there
// is room again (bad input: full disk).
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "64m")
	w := newWorksIn(t, filepath.Join(dir, "werk"), "werk")
	w.says("0.2")
	waiting := w.ask()
	w.settle()
	w.says("0.97")
	free := fill(t, dir)

	// People are told, and what they wrote is not half there.
	var taken int
	var err error
	for err == nil && taken < 20_000 { // until the room that the database still had is used up
		if _, err = tryCreate(w, "ai_officer", w.g.UseCases, value.UseCase{Name: "x"}); err == nil {
			taken++
		}
	}
	told(t, "a full disk", err, problem.Unavailable)
	if n, cerr := w.g.UseCases.Count(w.as(""), w.g.DB); cerr != nil || n != taken {
		t.Errorf("%d use cases, %d were acknowledged: %v", n, taken, cerr)
	}
	// The journal has room that it made before: what is released is in it. When
	// that is used up, the answer is 503 and nothing is released.
	released := 0
	for range 50 {
		if a := w.ask(); a.outcome != "released" {
			t.Fatalf("%+v", a)
		}
		released++
	}
	for err = nil; err == nil; {
		var e ledger.Event
		e, err = ledger.NewEvent(store.NewID("evt", w.clock.now(), rand.Reader), "/test", "augenmass.test", "x", w.clock.now(), strings.Repeat("x", 65_000))
		w.must(err)
		_, err = w.g.Journal.AppendEvent(context.Background(), e)
	}
	told(t, "a full journal", err, problem.Unavailable)
	if a := w.ask(); a.status != 503 || a.outcome != "" || strings.Contains(a.body, "outputs") {
		t.Errorf("without a journal: %+v", a)
	}
	stopErr := w.g.Oversee.Stop(context.Background(), w.principal("shift_lead"), w.mill, "Der Rechner meldet Fehler.")
	if stopErr != nil {
		told(t, "a stop on a full disk", stopErr, problem.Unavailable)
	}
	if a := w.ask(); a.status != 403 && a.status != 503 {
		t.Errorf("stopped, and yet: %+v", a)
	}
	size := w.g.Journal.Size()
	if err := w.g.Close(); err != nil {
		t.Logf("closing on a full disk: %v", err)
	}

	free()
	w.g = w.open(w.dir, "werk")
	if got := w.g.Journal.Size(); got < size {
		t.Errorf("the journal has %d entries, %d were acknowledged", got, size)
	}
	w.settle()
	inferences, kept := 0, 0
	for _, e := range entriesOf(t, w.g, entry.TypeInference) {
		i, err := entry.ParseInference(e.Data)
		w.must(err)
		if inferences++; i.Outcome == entry.Released {
			kept++
		}
	}
	if kept < released {
		t.Errorf("%d results were released, %d are in the journal", released, kept)
	}
	if n, err := w.g.UseCases.Count(w.as(""), w.g.DB); err != nil || n != taken {
		t.Errorf("%d use cases, %d were acknowledged: %v", n, taken, err)
	}
	if c, err := w.g.Oversee.Case(context.Background(), waiting.review); err != nil || c.State != oversee.Open {
		t.Errorf("the case from before: %+v %v", c.State, err)
	}
	if w.g.Oversee.Stopped(w.mill) {
		w.must(w.g.Oversee.Resume(context.Background(), w.principal("director"), w.mill, "Der Speicher ist wieder frei."))
	}
	if a := w.ask(); a.outcome != "released" {
		t.Errorf("with room again: %+v", a)
	}
}

// A permit whose end cannot be recorded on a full disk is off, and is recorded
// as soon as there is room.
func TestAPermitComesBackFromAFullDisk(t *testing.T) {
	dir := smallDisk(t, "64m")
	w := newWorksIn(t, filepath.Join(dir, "werk"), "werk")
	w.settle()
	before, _ := w.g.Point.Permit(w.mill)
	free := fill(t, dir)
	var err error
	for err == nil {
		_, err = tryCreate(w, "ai_officer", w.g.UseCases, value.UseCase{Name: "x"})
	}
	w.clock.add(before.ValidUntil.Sub(w.clock.now()) + time.Minute)
	if err := w.g.Approve.Sweep(w.as("")); err == nil {
		t.Skip("the disk still had room for the permit")
	}
	if p, _ := w.g.Point.Permit(w.mill); p.State != permit.Suspended {
		t.Errorf("%+v", p)
	}
	free()
	for range 200 { // the house tries every second; the test does not wait for it
		if err = w.g.RecompileUnread(w.as("")); err == nil {
			break
		}
	}
	p, _ := w.g.Point.Permit(w.mill)
	if err != nil || p.Number != before.Number || p.Version != before.Version+1 || p.Lapses[0].Code != permit.LapseReviewOverdue {
		t.Errorf("%+v %v", p, err)
	}
	change(w, w.g.Inventory.Systems, w.mill, func(s *inventory.System) { s.ReviewBy = w.clock.now().AddDate(0, 1, 0) })
	w.approve(w.mill)
}

// A folder that can only be read does not open, and says so.
func TestReadOnlyFolder(t *testing.T) {
	dir := smallDisk(t, "64m")
	lib := library(t)
	open := func() (*org.Org, error) {
		return org.Open(context.Background(), org.Options{Dir: filepath.Join(dir, "werk"), Slug: "werk", Library: lib})
	}
	readOnly := func() {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=64m"); err != nil {
			t.Skipf("cannot be made read only: %v", err)
		}
	}
	g, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	readOnly()
	_, err = open()
	told(t, "a folder from before", err, problem.Unavailable)
	_, err = org.Open(context.Background(), org.Options{Dir: filepath.Join(dir, "neu"), Slug: "neu", Library: lib})
	told(t, "a new folder", err, problem.Unavailable)
}
