package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// parts of the work of the AuthZEN server, by a function that stands somewhere
// on the stack of a sample; the first that matches counts. What matches none is
// the scheduler's.
var parts = []struct {
	name string
	in   []string
}{
	{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge"}},
	{"flush", []string{"disk.flushData", "disk.osSegment.Sync"}},
	{"frames of the log: hash, write, mark", []string{"ledger.(*Journal).write"}},
	{"publishing tiles and checkpoints", []string{"ledger.(*Journal).follow"}},
	{"decision", []string{"decide.(*Point).evaluate"}},
	{"entry: encode, queue, wait", []string{"decide.(*authZEN).record"}},
	{"token, reading, answering", []string{"decide.AuthZEN"}},
	{"HTTP", []string{"net/http.(*conn).serve", "net/http.(*connReader)"}},
}

const restPart = "scheduler and network poll"

// profiling starts and ends the CPU profile of a server on its own demand.
type profiling struct{ file *os.File }

// order does what the parent process asks of a server.
func (p *profiling) order(asked string) (answer string, err error) {
	word, path, _ := strings.Cut(asked, " ")
	switch word {
	case "cpu":
		used, err := cpuTime()
		return strconv.FormatInt(used.Nanoseconds(), 10), err
	case "profile":
		return "done", p.start(path)
	case "profiled":
		return "done", p.stop()
	}
	return "", fmt.Errorf("asked %q", asked)
}

func (p *profiling) start(path string) (err error) {
	if p.file, err = os.Create(path); err != nil {
		return err
	}
	return pprof.StartCPUProfile(p.file)
}

func (p *profiling) stop() error {
	pprof.StopCPUProfile()
	return p.file.Close()
}

// profileOf loads a server for a while under the profiler and says what share of
// its CPU time each part took, largest first.
func profileOf(ctx context.Context, s settings, one *served, conns int, span time.Duration) ([]row, error) {
	path := filepath.Join(s.dir, "cpu.profile")
	if err := one.c.tell("profile " + path); err != nil {
		return nil, err
	}
	err := one.load(ctx, conns, span, newRounds())
	if err = errors.Join(err, one.c.tell("profiled")); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	p, err := profile.Parse(f)
	if err != nil {
		return nil, err
	}
	return shares(p)
}

func shares(p *profile.Profile) ([]row, error) {
	took, all := map[string]float64{}, 0.0
	for _, sample := range p.Sample {
		v := float64(sample.Value[len(sample.Value)-1])
		took[partOf(sample)] += v
		all += v
	}
	if all == 0 {
		return nil, errors.New("the profile is empty")
	}
	var out []row
	for name, v := range took {
		out = append(out, row{"augenmass, where the CPU time goes: " + name, map[string]float64{"share": v / all}})
	}
	slices.SortFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.Values["share"], a.Values["share"]), strings.Compare(a.Case, b.Case))
	})
	return out, nil
}

func partOf(s *profile.Sample) string {
	for _, part := range parts {
		for _, l := range s.Location {
			for _, line := range l.Line {
				if line.Function != nil && slices.ContainsFunc(part.in, func(name string) bool { return strings.Contains(line.Function.Name, name) }) {
					return part.name
				}
			}
		}
	}
	return restPart
}

// tell gives a server an order and waits for its yes.
func (c *child) tell(order string) error {
	if _, err := fmt.Fprintln(c.in, order); err != nil {
		return err
	}
	text, err := c.line()
	if err == nil && text != "done" {
		err = fmt.Errorf("told %q, it said %q", order, text)
	}
	return err
}
