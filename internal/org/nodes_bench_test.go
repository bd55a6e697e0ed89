package org_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"augenmass/internal/permit"
)

// BenchmarkWithdrawalReachesTheOtherNode measures from the call that withdraws
// an approval on one node to the instant from which the other denies, and how
// much of that passed after the withdrawal was acknowledged.
func BenchmarkWithdrawalReachesTheOtherNode(b *testing.B) {
	w, slug := newNodes(b)
	other := w.open(w.dir, slug)
	state := func(want permit.State) {
		for permitOf(other, w.mill).State != want {
			runtime.Gosched()
		}
	}
	var whole, after []time.Duration
	for b.Loop() {
		w.clock.add(10 * time.Millisecond) // what comes later counts
		began := time.Now()
		withdraw(w)
		acknowledged := time.Now()
		state(permit.Suspended)
		off := time.Now()
		whole, after = append(whole, off.Sub(began)), append(after, off.Sub(acknowledged))
		w.clock.add(10 * time.Millisecond)
		w.approve(w.mill)
		state(permit.Valid)
	}
	for name, d := range map[string][]time.Duration{"withdrawal": whole, "after-ack": after} {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(d[len(d)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}
