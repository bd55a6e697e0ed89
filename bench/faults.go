package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"augenmass/bench/cluster"
)

// fault is one target of bench/crash and how often it is hit.
type fault struct {
	target, title  string
	cycles, glance int // glance: with -quick
	root           bool
}

// faults of R1. Kills of the two journals are the 500 cycles of the bar; the
// others hit what kills do not.
var faults = []fault{
	{"ledger", "kill -9, journal in files", 500, 10, false},
	{"postgres", "kill -9, journal on PostgreSQL", 500, 4, false},
	{"demo", "kill -9, model company in a folder", 10, 2, false},
	{"nodes", "kill -9, one of two nodes of the company", 10, 2, false},
	{"server", "database server crashes and starts again", 10, 1, false},
	{"failover", "server dies, synchronous standby takes over", 3, 1, false},
	{"cut", "network to the database cut for 0 to 8 s", 8, 1, true},
	{"full", "full disk, then room again", 20, 2, true},
	{"torn", "torn write behind the end of the log", 60, 5, false},
	{"damage", "one bit in a file of each kind", 102, 17, false},
}

// crashResult is what bench/crash prints.
type crashResult struct {
	Cycles, Acknowledged int
	Found                uint64
	Lost                 []uint64
	Damaged, Harmless    int
	Unnamed              []string
	BackMS               int64   `json:"back_ms"`
	TakeoverMS           []int64 `json:"takeover_ms"`
	ElapsedS             float64 `json:"elapsed_s"`
}

// survive is R1: everything that can go wrong, again and again.
func survive(ctx context.Context, s settings) (o outcome, err error) {
	bin, err := crashProgram(ctx, s)
	if err != nil {
		return o, err
	}
	pg, err := cluster.New(s.dir, cluster.Options{})
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, pg.End()) }()
	lost, unnamed, kills := 0, 0, map[string]float64{}
	takeover := 0.0
	for _, f := range faults {
		if f.root && os.Geteuid() != 0 {
			o.note += f.title + ": needs root, not run. "
			continue
		}
		n := f.cycles
		if s.quick {
			n = f.glance
		}
		r, err := crash(ctx, bin, s, f.target, n, pg.URL())
		if err != nil {
			return o, fmt.Errorf("%s: %w", f.target, err)
		}
		values := map[string]float64{"cycles": float64(r.Cycles), "acknowledged": float64(r.Acknowledged), "found": float64(r.Found), "lost": float64(len(r.Lost)), "elapsed_s": r.ElapsedS}
		if r.Damaged > 0 {
			values["damaged"], values["named"], values["in_unused_room"], values["unnamed"] =
				float64(r.Damaged), float64(r.Damaged-r.Harmless-len(r.Unnamed)), float64(r.Harmless), float64(len(r.Unnamed))
		}
		if f.target == "torn" { // a torn tail is cut, not refused
			delete(values, "named")
			delete(values, "in_unused_room")
		}
		if r.BackMS > 0 {
			values["longest_until_it_went_on_ms"] = float64(r.BackMS)
		}
		takeover = max(takeover, r.takeover())
		o.rows = append(o.rows, row{f.title, values})
		lost, unnamed = lost+len(r.Lost), unnamed+len(r.Unnamed)
		kills[f.target] = float64(r.Cycles)
	}
	o.bars = []bar{
		atMost("acknowledged entries lost", float64(lost), 0),
		atMost("damages that nobody noticed or named", float64(unnamed), 0),
		atMost("takeover after a killed node, s", takeover, mostTakeover),
	}
	if !s.quick {
		o.bars = append(o.bars, atLeast("cycles, journal in files", kills["ledger"], 500), atLeast("cycles, journal on PostgreSQL", kills["postgres"], 500))
	}
	return o, nil
}

// takeover is the longest that nobody sequenced after a kill, in seconds.
func (r crashResult) takeover() float64 {
	most := 0.0
	for _, ms := range r.TakeoverMS {
		most = max(most, float64(ms)/1e3)
	}
	return most
}

// crashProgram builds bench/crash.
func crashProgram(ctx context.Context, s settings) (string, error) {
	bin := filepath.Join(s.dir, "crash")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, "./crash").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return bin, nil
}

// crash runs one target. Status 1 is a finding, which the result names.
func crash(ctx context.Context, bin string, s settings, target string, cycles int, database string) (r crashResult, err error) {
	cmd := exec.CommandContext(ctx, bin, "-target", target, "-cycles", strconv.Itoa(cycles), "-seed", strconv.FormatUint(s.seed, 10), "-dir", s.dir, "-database", database)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}
