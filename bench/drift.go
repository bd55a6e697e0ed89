package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"augenmass/internal/operate/monitor"
)

// Bars of M1, per CPU second of one core.
const (
	leastWindowRows = 500_000 // a whole window, PSI, JS and KS
	leastOnlineRows = 100_000 // a verdict on every row
)

const (
	driftFeatures = 14
	driftRows     = 10_000
)

//go:embed drift_scipy.py
var driftScript string

// driftData is a reference and a window of the same features, row by row: some
// steady, some moved, some skewed, some with few values, some that hang together.
type driftData struct{ reference, current [][]float64 }

func newDriftData(seed uint64) driftData {
	r := rand.New(rand.NewPCG(seed, driftFeatures))
	set := func(moved float64) [][]float64 {
		rows, last := make([][]float64, driftRows), 0.0
		for i := range rows {
			row := make([]float64, driftFeatures)
			for f := range row {
				v := r.NormFloat64() + moved*float64(f%4)/4
				switch f % 7 {
				case 2:
					v = math.Exp(v / 2)
				case 4:
					v = math.Round(2 * v)
				case 5:
					last = 0.95*last + v
					v = last
				}
				row[f] = v
			}
			rows[i] = row
		}
		return rows
	}
	return driftData{set(0), set(0.5)}
}

// drift (M1) measures 14 features of 10,000 rows against their reference with
// PSI, JS and KS, beside SciPy where Debian's Python has it, and the monitor
// that gives its verdict after every single row.
func drift(ctx context.Context, s settings) (o outcome, err error) {
	n, times := 11, 20
	if s.quick {
		n, times = 3, 5
	}
	d := newDriftData(s.seed)
	reference := monitor.Reference{Rows: d.reference}
	for f := range driftFeatures {
		reference.Features = append(reference.Features, "f"+strconv.Itoa(f))
	}
	comparison, err := monitor.NewComparison(reference, 0)
	if err != nil {
		return o, err
	}
	ours, err := comparison.Measure(d.current)
	if err != nil {
		return o, err
	}
	peer, err := startScipy(ctx, s, d)
	if err != nil {
		return o, err
	}
	if peer != nil {
		defer func() { err = errors.Join(err, peer.stop()) }()
		if err := peer.agrees(ours); err != nil {
			return o, err
		}
		o.versions = peer.versions
	}
	online, err := newOnline(reference, d)
	if err != nil {
		return o, err
	}
	r := newRounds()
	for range n {
		c, err := costOf(func() error {
			for range times {
				if _, err := comparison.Measure(d.current); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return o, err
		}
		r.add("window", "rows_per_cpu_s", float64(times*driftRows)/c.cpu.Seconds())
		if peer != nil {
			a, err := peer.ask(max(times/5, 1))
			if err != nil {
				return o, err
			}
			r.add("SciPy", "rows_per_cpu_s", float64(max(times/5, 1)*driftRows)/a.CPU)
		}
		if err := online.lap(r, times/5*driftRows); err != nil {
			return o, err
		}
	}
	o.rows = append(o.rows, r.row("a whole window: PSI, JS, KS", "window"), r.row("online: a verdict on every row, PSI and JS", "online"))
	rate := r.row("", "window").Values["rows_per_cpu_s"]
	live := r.row("", "online").Values
	o.bars = []bar{atLeast("rows per CPU second, whole window", rate, leastWindowRows), atLeast("rows per CPU second, online", live["rows_per_cpu_s"], leastOnlineRows),
		atMost("allocations per row, online", math.Floor(live["allocs_per_row"]), 0)}
	if peer == nil {
		o.note = "SciPy: not present on this machine."
		return o, nil
	}
	o.rows = append(o.rows, r.row("a whole window with SciPy: PSI, JS, KS", "SciPy"))
	o.ratios = map[string]ratio{"rows per CPU second: augenmass / SciPy": r.ratio("rows_per_cpu_s", "window", "SciPy")}
	o.note = "All 42 figures agree with SciPy's to 1e-9."
	return o, nil
}

// online is the monitor with a full window of 10,000 rows.
type online struct {
	m    *monitor.Monitor
	rows []map[string]float64
	next int
}

func newOnline(reference monitor.Reference, d driftData) (*online, error) {
	at := workDay
	o := &online{m: monitor.New(monitor.Options{Window: driftRows, Now: func() time.Time { return at }})}
	if err := o.m.SetReference("sys_bench", reference); err != nil {
		return nil, err
	}
	// As many rows as the window would make each row replace itself, and nothing
	// would ever change.
	for _, row := range slices.Concat(d.current, d.reference[:driftRows/3]) {
		m := map[string]float64{}
		for f, name := range reference.Features {
			m[name] = row[f]
		}
		o.rows = append(o.rows, m)
	}
	// A second pass, so that the marks of the history are all there too.
	for range 2 * driftRows {
		o.row()
	}
	if s := o.m.State("sys_bench"); !s.DriftReady {
		return nil, fmt.Errorf("the window is not full: %+v", s)
	}
	return o, nil
}

func (o *online) row() float64 {
	s := o.m.Observe("sys_bench", o.rows[o.next])
	o.next = (o.next + 1) % len(o.rows)
	return s.Drift
}

func (o *online) lap(r *rounds, rows int) error {
	c, err := costOf(func() error {
		for range rows {
			if o.row() <= 0 {
				return errors.New("no verdict")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.add("online", "rows_per_cpu_s", float64(rows)/c.cpu.Seconds())
	// Whole allocations per row: a handful per lap are the runtime's own.
	r.add("online", "allocs_per_row", float64(c.allocs)/float64(rows))
	return nil
}

// scipy is the peer, in a process of its own.
type scipy struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Scanner
	versions map[string]string
}

type scipyAnswer struct {
	CPU   float64      `json:"cpu_s"`
	Found [][3]float64 `json:"found"` // JS, PSI, KS per feature
}

// startScipy returns nil where there is no Python with SciPy.
func startScipy(ctx context.Context, s settings, d driftData) (*scipy, error) {
	const python = "/usr/bin/python3" // Debian's; another one may lack the packages
	if exec.CommandContext(ctx, python, "-c", "import scipy.stats").Run() != nil {
		return nil, ctx.Err()
	}
	args := []string{filepath.Join(s.dir, "drift.py"), filepath.Join(s.dir, "reference"), filepath.Join(s.dir, "current"), strconv.Itoa(driftFeatures)}
	err := errors.Join(os.WriteFile(args[0], []byte(driftScript), 0o600), writeColumns(args[1], d.reference), writeColumns(args[2], d.current))
	if err != nil {
		return nil, err
	}
	p := &scipy{cmd: exec.CommandContext(ctx, python, args...)}
	p.cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if !p.out.Scan() {
		return nil, errors.Join(io.ErrUnexpectedEOF, p.stop())
	}
	return p, json.Unmarshal(p.out.Bytes(), &p.versions)
}

func writeColumns(path string, rows [][]float64) error {
	var b bytes.Buffer
	for f := range driftFeatures {
		for _, row := range rows {
			b.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(row[f])))
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// ask has SciPy measure the window so many times.
func (p *scipy) ask(times int) (a scipyAnswer, err error) {
	if _, err := fmt.Fprintln(p.in, times); err != nil {
		return a, err
	}
	if !p.out.Scan() {
		return a, errors.Join(io.ErrUnexpectedEOF, p.out.Err())
	}
	return a, json.Unmarshal(p.out.Bytes(), &a)
}

func (p *scipy) stop() error { return errors.Join(p.in.Close(), p.cmd.Wait()) }

// agrees compares all figures.
func (p *scipy) agrees(ours []monitor.Measures) error {
	a, err := p.ask(1)
	if err != nil {
		return err
	}
	if len(a.Found) != len(ours) {
		return fmt.Errorf("SciPy measured %d features, not %d", len(a.Found), len(ours))
	}
	for f, m := range ours {
		for i, have := range []float64{m.JS, m.PSI, m.KS} {
			if want := a.Found[f][i]; math.Abs(have-want) > 1e-9 {
				return fmt.Errorf("feature %d: %s is %.12f, SciPy says %.12f", f, []string{"JS", "PSI", "KS"}[i], have, want)
			}
		}
	}
	return nil
}
