package main

import (
	"os"
	"path/filepath"
	"testing"

	"augenmass/internal/record/store/pgtest"
)

// TestMain lets the test program be the child, as main does.
func TestMain(m *testing.M) {
	if os.Getenv(childOf) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	r, err := run(t.Context(), []string{"-cycles", "4", "-dir", t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Cycles != 4 || len(r.Lost) != 0 || r.Found < uint64(r.Acknowledged) {
		t.Fatalf("%+v", r)
	}
	if r.Acknowledged == 0 {
		t.Fatal("the child was always killed before it wrote anything")
	}
}

// TestALossIsFound: the check must be able to fail.
func TestALossIsFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j, err := openLedger(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(t.Context(), []byte("kept")); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, acked := range []map[uint64]string{{0: "kept", 1: "gone"}, {0: "another"}} {
		found, lost, err := checkLedger(t.Context(), dir, acked)
		if err != nil || found != 1 || len(lost) != 1 {
			t.Fatalf("%v: found %d, lost %v, %v", acked, found, lost, err)
		}
	}
}

// Two nodes on one database, of which one is killed at a time.
func TestNoNodeTakesWhatItAcknowledgedAlong(t *testing.T) {
	r, err := run(t.Context(), []string{"-target", "nodes", "-database", pgtest.URL(t), "-cycles", "2"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Cycles != 2 || len(r.TakeoverMS) != 2 || len(r.Lost) != 0 || r.Found < uint64(r.Acknowledged) || r.Acknowledged == 0 {
		t.Fatalf("%+v", r)
	}
}
