// Bench measures this program beside its peers, in one run on one machine.
//
//	go run . [-id L1] [-quick] [-json] [-results FILE] [-seed N] [-dir DIR]
//
// Without -id it runs every benchmark of the table, each in a process of its
// own, so that none measures what another left behind. Each prints its rows, the
// ratios between them, and the bars they must clear; -json prints one JSON
// object per benchmark; -results rewrites the sections of those that ran in
// RESULTS.md. The exit status is 1 when a bar is missed, 2 when a benchmark
// could not run.
//
// Rates on a shared machine swing with its neighbours. Rounds are therefore
// interleaved (every contestant once per round), ratios are taken within a
// round and summed up as median and quartiles, and bars are set on ratios and
// CPU time wherever there is something to divide by. Before anything is timed,
// contestants must have given the same answers.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

// benchmark is one line of the table.
type benchmark struct {
	id   string
	what string
	run  func(ctx context.Context, s settings) (outcome, error)
}

// table lists every benchmark in the order of RESULTS.md. To add one, write its
// function in a file of its own and add its line here.
var table = []benchmark{
	{"D1", "one decision in process beside OPA, Casbin and cedar-go as shipped, 100 to 10,000 policies", decideInProcess},
	{"D2", "decisions over loopback HTTP, each journaled before its answer, beside OPA's server and a no-op", decideOverHTTP},
	{"D3", "a fact changes: until live accesses have ended and a request is denied", revocation},
	{"L1", "durable append: journal beside Tessera and a bare write and flush", durableAppend},
	{"L2", "verify a journal of a million entries, prove one", verifyJournal},
	{"L3", "a journal of ten million entries: memory, start after a kill", sizeOfJournal},
	{"S1", "one, two and four nodes on PostgreSQL, and the leader killed", severalNodes},
	{"R1", "kills, crashes, cuts, full disks, torn writes, flipped bits: what was acknowledged is there", survive},
	{"K1", "the model company at 70 % load for half an hour, everything on", soak},
	{"M1", "drift of 14 features over 10,000 rows: PSI, JS and KS beside SciPy; a verdict on every row", drift},
	{"G2", "cold start of the model company to its first page, memory, binary", coldStart},
}

// settings are what every benchmark gets.
type settings struct {
	quick bool   // short rounds, for a look; under a minute; ratios are less steady
	seed  uint64 // of all generated data
	dir   string // scratch folder on the disk to be measured
}

func main() {
	if name := os.Getenv(childOf); name != "" {
		if err := serveChild(name, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			os.Exit(2)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	missed, err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	case missed:
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	settings
	id, results string
	json        bool
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.id, "id", "", "benchmark to run; all when empty: "+ids())
	flags.BoolVar(&o.quick, "quick", false, "short rounds")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.results, "results", "", "file whose sections are rewritten, usually RESULTS.md")
	flags.Uint64Var(&o.seed, "seed", 7, "seed of all generated data")
	flags.StringVar(&o.dir, "dir", "", "scratch folder on the disk to be measured; default: the temporary folder")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected %q", flags.Arg(0))
	}
	if o.id != "" && !slices.ContainsFunc(table, func(b benchmark) bool { return b.id == o.id }) {
		return o, fmt.Errorf("no benchmark %q; there are: %s", o.id, ids())
	}
	return o, nil
}

// again is the command line that runs one benchmark with the same settings.
func (o options) again(id string) []string {
	args := []string{"-id", id, "-seed", strconv.FormatUint(o.seed, 10)}
	if o.quick {
		args = append(args, "-quick")
	}
	return args
}

func run(ctx context.Context, args []string, out io.Writer) (missed bool, err error) {
	o, err := parse(args)
	if err != nil {
		return false, err
	}
	if o.results != "" { // an unreadable file is found before hours of work
		if _, err := readResults(o.results); err != nil {
			return false, err
		}
	}
	var failed error
	for _, b := range table {
		if o.id != "" && b.id != o.id {
			continue
		}
		began := time.Now()
		one := runOne
		if o.id == "" {
			one = runApart
		}
		r, err := one(ctx, b, o)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", b.id, err))
			continue
		}
		if err := r.print(out, b.what, o.json); err != nil {
			return missed, err
		}
		missed = missed || r.missed()
		if o.results != "" {
			if err := writeSection(o.results, section(r, b.what, o.again(b.id), began.UTC(), time.Since(began)), r.ID); err != nil {
				return missed, err
			}
		}
	}
	return missed, failed
}

func ids() string {
	var all []string
	for _, b := range table {
		all = append(all, b.id)
	}
	return strings.Join(all, ", ")
}

// runOne runs a benchmark in this process.
func runOne(ctx context.Context, b benchmark, o options) (r report, err error) {
	s := o.settings
	s.dir, err = os.MkdirTemp(s.dir, "augenmass-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	found, err := b.run(ctx, s)
	if err != nil {
		return r, err
	}
	return reportOf(b.id, found, s.seed)
}

// runApart runs a benchmark in a process of its own.
func runApart(ctx context.Context, b benchmark, o options) (r report, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	args := append(o.again(b.id), "-json")
	if o.dir != "" {
		args = append(args, "-dir", o.dir)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it remove its folder
	cmd.WaitDelay = 10 * time.Second
	printed, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // a bar was missed; the report says which
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(printed, &r); err != nil {
		return r, fmt.Errorf("its report: %w", err)
	}
	return r, nil
}
