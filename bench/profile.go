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

// part of the work of a server, by functions of which one stands somewhere on
// the stack of a sample; the first part that matches counts. What matches none
// is the scheduler's and the network's.
type part struct {
	name string
	in   []string
}

var partsOfAuthZEN = []part{
	{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge"}},
	{"flush", []string{"disk.flushData", "disk.osSegment.Sync"}},
	{"publishing tiles and checkpoints", []string{"ledger.(*Journal).follow"}},
	{"frames of the log: hash, write, mark", []string{"ledger.(*Journal).write"}},
	{"decision", []string{"decide.(*Point).evaluate"}},
	{"entry: encode, queue, wait", []string{"decide.(*authZEN).record"}},
	{"token, reading, answering", []string{"decide.AuthZEN"}},
	{"HTTP", []string{"net/http.(*conn).serve", "net/http.(*connReader)"}},
}

var partsOfNode = []part{
	{"garbage collection", []string{"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc", "runtime.bgsweep", "runtime.bgscavenge"}},
	{"read models", []string{"store.(*DB).Follow", "store.(*DB).CatchUp"}},
	{"publishing, outbox, deadlines", []string{"leaderLoops"}},
	{"journal and vault in the database", []string{"store/sequence.", "record/vault.", "store/blobs."}},
	{"review cases in the database", []string{"oversee.(*Queue)"}},
	{"asking the model", []string{"gateway.(*Gateway).ask", "gateway.readReply"}},
	{"deciding and answering", []string{"gateway.(*Gateway)"}},
	{"HTTP", []string{"net/http.(*conn).serve", "net/http.(*connReader)", "net/http.(*persistConn)"}},
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
	took, err := profiled(one.c, filepath.Join(s.dir, "cpu.profile"), partsOfAuthZEN, func() error {
		return one.load(ctx, conns, span, newRounds())
	})
	if err != nil {
		return nil, err
	}
	var all time.Duration
	for _, v := range took {
		all += v
	}
	var out []row
	for name, v := range took {
		out = append(out, row{"augenmass, where the CPU time goes: " + name, map[string]float64{"share": v.Seconds() / all.Seconds()}})
	}
	slices.SortFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.Values["share"], a.Values["share"]), strings.Compare(a.Case, b.Case))
	})
	return out, nil
}

// profiled runs work under the profiler of a server and returns the CPU time of
// each part.
func profiled(c *child, path string, parts []part, work func() error) (map[string]time.Duration, error) {
	if err := c.tell("profile " + path); err != nil {
		return nil, err
	}
	err := work()
	if err = errors.Join(err, c.tell("profiled")); err != nil {
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
	return times(p, parts)
}

func times(p *profile.Profile, parts []part) (map[string]time.Duration, error) {
	took := map[string]time.Duration{}
	for _, sample := range p.Sample {
		took[partOf(sample, parts)] += time.Duration(sample.Value[len(sample.Value)-1])
	}
	if len(took) == 0 {
		return nil, errors.New("the profile is empty")
	}
	return took, nil
}

func partOf(s *profile.Sample, parts []part) string {
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
