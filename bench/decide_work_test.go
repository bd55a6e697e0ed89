package main

import (
	"fmt"
	"slices"
	"testing"
)

// TestWorkSaysSomething: the work allows about a quarter, uses every form of
// scope, and is the same for the same seed.
func TestWorkSaysSomething(t *testing.T) {
	for _, n := range []int{100, 1_000} {
		w, again := newDecideWork(n, 2_000, 7), newDecideWork(n, 2_000, 7)
		if len(w.policies) != n {
			t.Fatalf("%d policies, want %d", len(w.policies), n)
		}
		allowed, ops := 0, map[string]int{}
		for i, a := range w.want {
			if a.allow {
				allowed++
			}
			if !slices.Equal(a.reasons, again.want[i].reasons) {
				t.Fatalf("request %d differs between two drawings", i)
			}
		}
		for _, p := range w.policies {
			for _, s := range []workScope{p.principal, p.action, p.resource} {
				ops[s.op]++
			}
		}
		if share := float64(allowed) / float64(len(w.want)); share < 0.15 || share > 0.45 {
			t.Errorf("%.2f of the requests are allowed at %d policies", share, n)
		}
		for _, op := range []string{"", "==", "in", "is", "is in"} {
			if ops[op] == 0 {
				t.Errorf("no scope %q", op)
			}
		}
		t.Logf("%d policies: %d of %d allowed, scopes %v", n, allowed, len(w.want), ops)
	}
}

// TestPointAgrees: this program answers the work as plain Go does, reasons
// included.
func TestPointAgrees(t *testing.T) {
	for _, n := range []int{100, 1_000} {
		w := newDecideWork(n, 1_000, 7)
		for _, moments := range []bool{false, true} {
			d, err := pointDecider(w, "augenmass", moments)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.agrees(w); err != nil {
				t.Error(err)
			}
		}
	}
}

// BenchmarkPoint is for profiles; comparisons are D1's.
func BenchmarkPoint(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		for _, moments := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/new_moments=%v", n, moments), func(b *testing.B) { benchmarkPoint(b, n, moments) })
		}
	}
}

func benchmarkPoint(b *testing.B, n int, moments bool) {
	w := newDecideWork(n, 4_096, 7)
	d, err := pointDecider(w, "augenmass", moments)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := d.ask(i % len(w.requests)); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
