// Crash kills a writing program again and again, at random instants, and checks
// after each restart that nothing it had acknowledged is missing.
//
//	go run ./crash [-target ledger|demo] [-cycles 50] [-seed N] [-dir DIR]
//	go run ./crash -target nodes -database postgres://… [-cycles 10] [-seed N]
//
// The target nodes is two nodes on one PostgreSQL database of which one is
// killed at a time; see nodes.go.
//
// The child is this program itself. It prints one line for every entry after
// the journal acknowledged it; the parent believes only whole lines. It prints
// one JSON object and ends with status 1 when something was lost, 2 when the
// run itself failed. A kill tests the death of a process, not of the power; the
// journal's own tests simulate that.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// target is a program to be killed.
type target struct {
	name string
	// child writes until it is killed, and reports every acknowledgement.
	child func(dir string, acked io.Writer) error
	// check opens what is left in dir and looks for what was acknowledged in
	// all cycles. It leaves the folder as the next child finds it.
	check func(ctx context.Context, dir string, acked map[uint64]string) (found uint64, lost []uint64, err error)
	// within is the longest that a child lives.
	within time.Duration
}

// targets lists what can be killed.
var targets = []target{
	{"ledger", writeLedger, checkLedger, 400 * time.Millisecond},
	{"demo", runDemo, checkDemo, 3 * time.Second},
}

// result is what is printed.
type result struct {
	Target       string   `json:"target"`
	Cycles       int      `json:"cycles"`
	Acknowledged int      `json:"acknowledged"`
	Found        uint64   `json:"found"` // entries after the last restart, acknowledged or not
	Lost         []uint64 `json:"lost"`

	// Of the target nodes: how long nobody sequenced after each kill, how many of
	// those killed led, and how many requests got no acknowledgement.
	TakeoverMS    []int64 `json:"takeover_ms,omitempty"`
	LeadersKilled int     `json:"leaders_killed,omitempty"`
	Refused       int     `json:"refused,omitempty"`

	Seed     uint64  `json:"seed"`
	ElapsedS float64 `json:"elapsed_s"`
}

// childOf names the variable that turns this program into the child.
const childOf = "AUGENMASS_CRASH_CHILD"

func main() {
	if name := os.Getenv(childOf); name != "" {
		if err := child(name, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(2)
		}
		return
	}
	r, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(2)
	}
	if len(r.Lost) > 0 {
		os.Exit(1)
	}
}

func find(name string) (target, error) {
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if i < 0 {
		return target{}, fmt.Errorf("no target %q", name)
	}
	return targets[i], nil
}

func child(name, dir string) error {
	if name == "nodes" {
		return runNode(dir, os.Stdout)
	}
	t, err := find(name)
	if err != nil {
		return err
	}
	return t.child(dir, os.Stdout)
}

func run(ctx context.Context, args []string) (r result, err error) {
	flags := flag.NewFlagSet("crash", flag.ContinueOnError)
	name := flags.String("target", "ledger", "what to kill")
	cycles := flags.Int("cycles", 50, "how often")
	seed := flags.Uint64("seed", 7, "seed of the instants")
	dir := flags.String("dir", "", "scratch folder; default: the temporary folder")
	database := flags.String("database", os.Getenv("AUGENMASS_TEST_POSTGRES"), "of the target nodes: postgres://…")
	if err := flags.Parse(args); err != nil {
		return r, err
	}
	if *name == "nodes" {
		r, err = runNodes(ctx, *database, *cycles, *seed)
		if r.Lost == nil {
			r.Lost = []uint64{} // printed as [], not null
		}
		return r, err
	}
	t, err := find(*name)
	if err != nil {
		return r, err
	}
	work, err := os.MkdirTemp(*dir, "augenmass-crash-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	rnd := rand.New(rand.NewPCG(*seed, 0))
	acked := map[uint64]string{}
	begin := time.Now()
	r = result{Target: t.name, Seed: *seed}
	for r.Cycles < *cycles {
		after := time.Duration(rnd.Int64N(int64(t.within)))
		if err := kill(ctx, t.name, work, after, acked); err != nil {
			return r, fmt.Errorf("cycle %d: %w", r.Cycles, err)
		}
		r.Cycles++
		if r.Found, r.Lost, err = t.check(ctx, work, acked); err != nil {
			return r, fmt.Errorf("cycle %d: restart: %w", r.Cycles, err)
		}
		if len(r.Lost) > 0 {
			break
		}
	}
	if r.Lost == nil {
		r.Lost = []uint64{} // printed as [], not null
	}
	r.Acknowledged = len(acked)
	r.ElapsedS = time.Since(begin).Seconds()
	return r, nil
}

// kill starts a child, kills it after so long, and adds what it acknowledged.
func kill(ctx context.Context, name, dir string, after time.Duration, acked map[uint64]string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, dir)
	cmd.Env = append(os.Environ(), childOf+"="+name)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // an error means that it is dead already
	defer timer.Stop()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the end, perhaps in the middle of a line
		}
		var index uint64
		place, content, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := fmt.Sscan(place, &index); err != nil || !ok {
			return fmt.Errorf("unreadable line %q", line)
		}
		if had, ok := acked[index]; ok {
			return fmt.Errorf("index %d was given to %q and to %q", index, had, content)
		}
		acked[index] = content
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() > 0 {
		return fmt.Errorf("the child ended by itself: %v %s", err, complaint.String())
	}
	return nil
}
