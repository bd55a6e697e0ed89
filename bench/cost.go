package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// cost is what some work took from this process, collection of its garbage
// included as far as it ran meanwhile.
type cost struct {
	wall, cpu     time.Duration
	allocs, bytes uint64
}

// costOf runs work alone in this process and says what it cost.
func costOf(work func() error) (cost, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := cpuTime()
	if err != nil {
		return cost{}, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return cost{}, err
	}
	wall := time.Since(began)
	now, err := cpuTime()
	if err != nil {
		return cost{}, err
	}
	runtime.ReadMemStats(&after)
	return cost{wall: wall, cpu: now - cpu, allocs: after.Mallocs - before.Mallocs, bytes: after.TotalAlloc - before.TotalAlloc}, nil
}

// liveHeap is the memory in use after a full collection, in bytes.
func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers of the first let go
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// resident and peakMemory are the resident memory of a process in MB, now and
// at its highest, from the kernel; Linux only.
func resident(pid int) (float64, error)   { return statusMB(pid, "VmRSS:") }
func peakMemory(pid int) (float64, error) { return statusMB(pid, "VmHWM:") }

func statusMB(pid int, field string) (float64, error) {
	if runtime.GOOS != "linux" {
		return 0, fmt.Errorf("resident memory is read on linux only")
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("process %d has no %s", pid, field)
}
