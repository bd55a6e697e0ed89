package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bars of L3, for a journal of ten million entries.
const (
	sizeEntries = 10_000_000
	mostHeld    = 64  // MB resident, while it appends, reads and proves
	mostRestart = 1.0 // seconds from main to the first durable append, after kill -9
)

// sizeOfJournal is L3: a journal of ten million entries of about 100 bytes,
// appended in groups, in a process of its own. The process is killed while 16
// callers append, started again five times, killed under load each time, and
// looked at while it serves.
func sizeOfJournal(ctx context.Context, s settings) (outcome, error) {
	entries, look, kills := sizeEntries, 15*time.Second, 5
	if s.quick {
		entries, look, kills = sizeEntries/10, 4*time.Second, 3
	}
	bin := filepath.Join(s.dir, "ledger-hold")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, "./ledger_hold")
	if out, err := build.CombinedOutput(); err != nil {
		return outcome{}, fmt.Errorf("build: %w: %s", err, out)
	}
	dir := filepath.Join(s.dir, "l3")
	first, err := hold(ctx, bin, look, dir, "build", strconv.Itoa(entries))
	if err != nil {
		return outcome{}, err
	}
	var o outcome
	o.rows = append(o.rows, row{"build, groups of 4096", map[string]float64{"entries": first.said["entries"], "s": first.said["ready_s"],
		"entries_per_s": first.said["entries"] / first.said["ready_s"], "build_peak_mb": first.before, "serving_peak_mb": first.during}})
	var starts []float64
	held := first.during
	for range kills {
		h, err := hold(ctx, bin, look/time.Duration(kills), dir, "serve")
		if err != nil {
			return outcome{}, err
		}
		if h.said["entries"] <= first.said["entries"] {
			return outcome{}, fmt.Errorf("after the kill there are %.0f entries, before it there were %.0f", h.said["entries"], first.said["entries"])
		}
		starts, held = append(starts, h.said["ready_s"]), max(held, h.before, h.during)
		o.rows = append(o.rows, row{"start after kill -9, then serve", map[string]float64{"entries": h.said["entries"], "replayed": h.said["replayed"],
			"open_s": h.said["open_s"], "first_append_s": h.said["ready_s"], "serving_peak_mb": max(h.before, h.during)}})
	}
	slices.Sort(starts)
	o.bars = []bar{
		atMost(fmt.Sprintf("resident with %d entries, MB", entries), held, mostHeld),
		atMost("median start after kill to first durable append, s", starts[len(starts)/2], mostRestart),
	}
	return o, nil
}

// held is what was seen of one process.
type held struct {
	said           map[string]float64 // what it printed when it was ready
	before, during float64            // most resident MB until then, and while it served
}

// hold starts the program, waits until it is ready, watches its memory for some
// time under its load, and kills it.
func hold(ctx context.Context, bin string, look time.Duration, args ...string) (h held, err error) {
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return h, err
	}
	if err := cmd.Start(); err != nil {
		return h, err
	}
	defer func() {
		var exit *exec.ExitError
		killed := cmd.Process.Kill()
		if werr := cmd.Wait(); werr != nil && !errors.As(werr, &exit) {
			killed = errors.Join(killed, werr)
		}
		err = errors.Join(err, killed)
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return h, fmt.Errorf("ledger_hold %s ended: %w", strings.Join(args[1:], " "), errors.Join(lines.Err(), errors.New("it said nothing")))
	}
	if err := json.Unmarshal(lines.Bytes(), &h.said); err != nil {
		return h, err
	}
	if h.before, err = peakResident(cmd.Process.Pid); err != nil {
		return h, err
	}
	for end := time.Now().Add(look); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		now, err := resident(cmd.Process.Pid)
		if err != nil {
			return h, err
		}
		h.during = max(h.during, now)
	}
	return h, ctx.Err()
}

// peakResident is the most that a process ever had resident, in MB.
func peakResident(pid int) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("no VmHWM for process %d", pid)
}
