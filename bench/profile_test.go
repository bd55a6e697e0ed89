package main

import (
	"testing"

	"github.com/google/pprof/profile"
)

// A sample belongs to the first part that one of its functions names, wherever
// on the stack that stands; one that names none is the scheduler's.
func TestPartOf(t *testing.T) {
	stack := func(names ...string) *profile.Sample {
		s := &profile.Sample{Value: []int64{1, 10}}
		for _, n := range names {
			s.Location = append(s.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: n}}}})
		}
		return s
	}
	samples := map[string]*profile.Sample{
		"flush":              stack("golang.org/x/sys/unix.Fdatasync", "augenmass/internal/record/ledger/disk.osSegment.Sync.flushData.func1", "augenmass/internal/record/ledger.(*Journal).write"),
		"decision":           stack("memeqbody", "augenmass/internal/operate/decide.(*Point).evaluate", "augenmass/internal/operate/decide.AuthZEN.(*authZEN).post.func1", "net/http.(*conn).serve"),
		"garbage collection": stack("runtime.scanSpan", "runtime.gcBgMarkWorker.func2"),
		restPart:             stack("runtime.futex", "runtime.findRunnable"),
	}
	p := &profile.Profile{}
	for want, s := range samples {
		if got := partOf(s, partsOfAuthZEN); got != want {
			t.Errorf("%q counts as %q", want, got)
		}
		p.Sample = append(p.Sample, s)
	}
	took, err := times(p, partsOfAuthZEN)
	if err != nil || len(took) != 4 || took["flush"] != 10 {
		t.Fatal(took, err)
	}
	if _, err := times(&profile.Profile{}, partsOfAuthZEN); err == nil {
		t.Fatal("an empty profile has times")
	}
}
