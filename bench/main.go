// Bench measures this program beside its peers, in one run on one machine.
//
//	go run . [-id L1] [-quick] [-json] [-seed N] [-dir DIR]
//
// Without -id it runs every benchmark of the table. Each prints its rows, the
// ratios between them, and the bars they must clear; -json prints one JSON
// object per benchmark. The exit status is 1 when a bar is missed, 2 when a
// benchmark could not run.
//
// Rates on a shared machine swing with its neighbours. Rounds are therefore
// interleaved (every contestant once per round), medians are taken over rounds,
// and bars are set on ratios within one run, never on absolute figures.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// benchmark is one line of the table.
type benchmark struct {
	id   string
	what string
	run  func(ctx context.Context, s settings) (outcome, error)
}

// table lists every benchmark. To add one, write its function in a file of its
// own and add its line here.
var table = []benchmark{
	{"G2", "cold start of the model company to its first page, memory, binary", coldStart},
	{"L1", "durable append: journal beside a bare write and flush", durableAppend},
}

// settings are what every benchmark gets.
type settings struct {
	quick bool   // short rounds, for a look; ratios are less steady
	seed  uint64 // of all generated data
	dir   string // scratch folder on the disk to be measured
}

// outcome is what a benchmark found.
type outcome struct {
	rows   []row
	ratios map[string]float64
	bars   []bar
}

// row is one measured case; values carry their unit in the name.
type row struct {
	Case   string             `json:"case"`
	Values map[string]float64 `json:"values"`
}

// bar is one promise: ratio must be at most, or at least, the limit.
type bar struct {
	Name  string  `json:"name"`
	Have  float64 `json:"have"`
	Limit float64 `json:"limit"`
	Least bool    `json:"at_least"` // otherwise at most
	OK    bool    `json:"ok"`
}

func atMost(name string, have, limit float64) bar {
	return bar{Name: name, Have: have, Limit: limit, OK: have <= limit}
}

// report is the printed form of an outcome.
type report struct {
	ID       string             `json:"id"`
	Rows     []row              `json:"rows"`
	Ratios   map[string]float64 `json:"ratios"`
	Bars     []bar              `json:"bars"`
	Seed     uint64             `json:"seed"`
	Versions map[string]string  `json:"versions"`
	Machine  map[string]string  `json:"machine"`
}

func main() {
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

func run(ctx context.Context, args []string, out io.Writer) (missed bool, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	id := flags.String("id", "", "benchmark to run; all when empty: "+ids())
	quick := flags.Bool("quick", false, "short rounds")
	asJSON := flags.Bool("json", false, "print JSON")
	seed := flags.Uint64("seed", 7, "seed of all generated data")
	dir := flags.String("dir", "", "scratch folder on the disk to be measured; default: the temporary folder")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	known := false
	for _, b := range table {
		if *id != "" && b.id != *id {
			continue
		}
		known = true
		r, err := runOne(ctx, b, settings{quick: *quick, seed: *seed, dir: *dir})
		if err != nil {
			return missed, fmt.Errorf("%s: %w", b.id, err)
		}
		if err := r.print(out, b.what, *asJSON); err != nil {
			return missed, err
		}
		missed = missed || slices.ContainsFunc(r.Bars, func(b bar) bool { return !b.OK })
	}
	if !known {
		return false, fmt.Errorf("no benchmark %q; there are: %s", *id, ids())
	}
	return missed, nil
}

func ids() string {
	var all []string
	for _, b := range table {
		all = append(all, b.id)
	}
	return strings.Join(all, ", ")
}

func runOne(ctx context.Context, b benchmark, s settings) (r report, err error) {
	s.dir, err = os.MkdirTemp(s.dir, "augenmass-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	o, err := b.run(ctx, s)
	if err != nil {
		return r, err
	}
	return report{ID: b.id, Rows: o.rows, Ratios: o.ratios, Bars: o.bars, Seed: s.seed, Versions: versions(), Machine: machine()}, nil
}

func (r report) print(out io.Writer, what string, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", r.ID, what)
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "  %-28s", row.Case)
		for _, name := range slices.Sorted(maps.Keys(row.Values)) {
			fmt.Fprintf(&b, "  %s %.4g", name, row.Values[name])
		}
		b.WriteByte('\n')
	}
	for _, name := range slices.Sorted(maps.Keys(r.Ratios)) {
		fmt.Fprintf(&b, "  ratio  %-52s %.3g\n", name, r.Ratios[name])
	}
	for _, bar := range r.Bars {
		sign, word := "≤", "ok"
		if bar.Least {
			sign = "≥"
		}
		if !bar.OK {
			word = "MISSED"
		}
		fmt.Fprintf(&b, "  bar    %-52s %.3g %s %.3g  %s\n", bar.Name, bar.Have, sign, bar.Limit, word)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Machine)) {
		fmt.Fprintf(&b, "  machine  %s: %s\n", name, r.Machine[name])
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// versions names Go and every module that was compiled in.
func versions() map[string]string {
	v := map[string]string{"go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, m := range info.Deps {
		if m.Path != "augenmass" {
			v[m.Path] = m.Version
		}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v["augenmass"] = s.Value
		}
	}
	return v
}

// machine describes where it ran, as far as the system tells.
func machine() map[string]string {
	m := map[string]string{"os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": fmt.Sprint(runtime.NumCPU())}
	for name, file := range map[string]string{"kernel": "/proc/sys/kernel/osrelease", "load": "/proc/loadavg"} {
		if b, err := os.ReadFile(file); err == nil {
			m[name] = strings.TrimSpace(string(b))
		}
	}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				m["cpu"] = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	return m
}

// median sorts v.
func median[T cmp.Ordered](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}
