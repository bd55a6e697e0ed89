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
	// place makes what children work in, below dir; nil: dir itself. end gives
	// it back.
	place func(ctx context.Context, dir string) (place string, w world, err error)
	// disturb lets the surroundings fail at a random instant; nil: the child is
	// killed. It returns when they are whole again, and the child must go on.
	disturb func(ctx context.Context, w world, rnd *rand.Rand) error
	// fresh is after how many cycles a new place is made; 0: never.
	fresh int
}

// world is what surrounds the children of one place: servers, mounts.
type world interface{ end() error }

// targets lists what can be killed.
var targets = []target{
	{name: "ledger", child: writeLedger, check: checkLedger, within: 400 * time.Millisecond, fresh: 25},
	{name: "demo", child: runDemo, check: checkDemo, within: 3 * time.Second},
	{name: "postgres", child: writePostgres, check: checkPostgres, within: 400 * time.Millisecond, place: oneServer, fresh: 50},
	{name: "server", child: writePostgres, check: checkPostgres, within: time.Second, place: oneServer, disturb: crashServer, fresh: 10},
	{name: "failover", child: writePostgres, check: checkPostgres, within: time.Second, place: twoServers, disturb: failOver, fresh: 1},
	{name: "cut", child: writePostgres, check: checkPostgres, within: time.Second, place: farServer, disturb: cutNetwork, fresh: 10},
	{name: "full", child: writeUntilFull, check: checkLedger, within: time.Second, place: smallDisk, disturb: fillDisk, fresh: 1},
}

// result is what is printed.
type result struct {
	Target       string   `json:"target"`
	Cycles       int      `json:"cycles"`
	Acknowledged int      `json:"acknowledged"`
	Found        uint64   `json:"found"` // entries after the last restart, acknowledged or not
	Lost         []uint64 `json:"lost"`

	// Of damaged files: how many there were, and those that nobody noticed or named.
	Damaged  int      `json:"damaged,omitempty"`
	Harmless int      `json:"harmless,omitempty"` // in room that holds nothing; everything known is equal
	Unnamed  []string `json:"unnamed,omitempty"`

	// Of disturbed surroundings: how long until the child went on, at most.
	BackMS int64 `json:"back_ms,omitempty"`

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
	if len(r.Lost)+len(r.Unnamed) > 0 {
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
	work, err := os.MkdirTemp(*dir, "augenmass-crash-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	rnd := rand.New(rand.NewPCG(*seed, 0))
	begin := time.Now()
	if d := damages[*name]; d != nil {
		r, err = d(ctx, work, *cycles, rnd)
	} else {
		r, err = kills(ctx, *name, work, *cycles, rnd)
	}
	r.Target, r.Seed = *name, *seed
	if r.Lost == nil {
		r.Lost = []uint64{} // printed as [], not null
	}
	r.ElapsedS = time.Since(begin).Seconds()
	return r, err
}

// kills kills or disturbs so many children, in as many places as it takes.
func kills(ctx context.Context, name, work string, cycles int, rnd *rand.Rand) (r result, err error) {
	t, err := find(name)
	if err != nil {
		return r, err
	}
	for r.Cycles < cycles && len(r.Lost) == 0 {
		n := cycles - r.Cycles
		if t.fresh > 0 {
			n = min(n, t.fresh)
		}
		if err := t.inOnePlace(ctx, work, n, rnd, &r); err != nil {
			return r, fmt.Errorf("cycle %d: %w", r.Cycles, err)
		}
	}
	return r, nil
}

// inOnePlace runs n cycles and adds to r.
func (t target) inOnePlace(ctx context.Context, work string, n int, rnd *rand.Rand, r *result) (err error) {
	place, err := os.MkdirTemp(work, "place-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(place)) }()
	var w world
	at := place
	if t.place != nil {
		if at, w, err = t.place(ctx, place); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, w.end()) }()
	}
	acked := map[uint64]string{}
	var found uint64
	for range n {
		after := time.Duration(rnd.Int64N(int64(t.within)))
		if t.disturb == nil {
			err = kill(ctx, t.name, at, after, acked)
		} else {
			err = t.disturbed(ctx, at, after, w, rnd, acked, r)
		}
		if err != nil {
			return err
		}
		r.Cycles++
		var lost []uint64
		if found, lost, err = t.check(ctx, at, acked); err != nil {
			return fmt.Errorf("restart: %w", err)
		}
		if r.Lost = append(r.Lost, lost...); len(r.Lost) > 0 {
			break
		}
	}
	r.Acknowledged += len(acked)
	r.Found += found
	return nil
}

// kill starts a child, kills it after so long, and adds what it acknowledged.
func kill(ctx context.Context, name, place string, after time.Duration, acked map[uint64]string) error {
	c, err := start(ctx, name, place)
	if err != nil {
		return err
	}
	timer := time.AfterFunc(after, c.kill)
	defer timer.Stop()
	return c.end(acked)
}

// running is a child and what it has acknowledged so far.
type running struct {
	cmd       *exec.Cmd
	complaint bytes.Buffer
	lines     chan string   // acknowledgements as they come; closed at the end
	done      chan struct{} // closed when acks is complete
	acks      []string
}

func start(ctx context.Context, name, place string) (*running, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &running{cmd: exec.CommandContext(ctx, self, place), lines: make(chan string, 1), done: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childOf+"="+name)
	c.cmd.Stderr = &c.complaint
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.done)
		defer close(c.lines)
		in := bufio.NewReader(out)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return // the end, perhaps in the middle of a line
			}
			c.acks = append(c.acks, line)
			select {
			case c.lines <- line:
			default: // nobody waits for news
			}
		}
	}()
	return c, nil
}

func (c *running) kill() { _ = c.cmd.Process.Kill() } // an error means that it is dead already

// end waits for the child, which must have been killed, and adds what it
// acknowledged.
func (c *running) end(acked map[uint64]string) error {
	<-c.done
	if err := c.cmd.Wait(); err == nil || c.cmd.ProcessState.ExitCode() > 0 {
		return fmt.Errorf("the child ended by itself: %v %s", err, c.complaint.String())
	}
	for _, line := range c.acks {
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
	return nil
}
