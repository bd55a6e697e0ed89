package monitor

import (
	"math"
	"slices"
	"sync"
	"time"
)

// psiLeast is the least share that PSI reckons with, so that an empty bin does
// not make it infinite.
const psiLeast = 1e-4

// feature is one column: frozen bins, the window's counts in them, and the terms
// of both measures per bin. Only the terms of bins whose count changed are
// computed anew; their sum runs over the bins in a fixed order, so that two runs
// over the same rows give the same bits on every machine.
type feature struct {
	name     string
	context  bool
	bins     bins
	floor    float64
	ref      []float64 // share per bin
	count    []int
	ring     []uint16 // bin of each row in the window
	js, psi  []float64
	jsd      float64 // distance
	psiValue float64
}

// watch is one system under observation.
type watch struct {
	mu       sync.Mutex
	o        Options
	id       string
	refRows  int
	window   int
	features []feature
	bias     BiasMeasure
	next     int // place of the next row in the rings
	rows     int
	sinceNew int   // rows since the last mark
	total    int64 // rows ever
	state    State
	history  []Point // ring
	histNext int
}

func newWatch(o Options, r Reference) *watch {
	w := &watch{o: o, id: r.ID, refRows: len(r.Rows), window: o.Window, bias: r.Measure, history: make([]Point, 0, o.History)}
	if r.Window > 0 {
		w.window = r.Window
	}
	watched := len(r.Context)
	if watched == 0 {
		watched = len(r.Features)
	}
	for i, name := range r.Features {
		column := make([]float64, len(r.Rows))
		for j, row := range r.Rows {
			column[j] = row[i]
		}
		f := feature{name: name, context: len(r.Context) == 0 || slices.Contains(r.Context, name)}
		f.bins, f.ref = r.binned(name, column, o.Bins)
		k := f.bins.size()
		f.count, f.js, f.psi = make([]int, k), make([]float64, k), make([]float64, k)
		f.ring = make([]uint16, w.window)
		effective, effectiveRef := float64(w.window), float64(len(column))
		if r.Autocorrelated {
			share := effectiveShare(column)
			effective, effectiveRef = effective*share, effectiveRef*share
		}
		f.floor = floorOf(f.ref, effective, effectiveRef, o.FalseAlarm/float64(watched))
		w.features = append(w.features, f)
	}
	w.state = State{Window: w.window, At: o.Now().UTC()}
	return w
}

// binned makes the bins of one column and its share in each.
func (r Reference) binned(name string, column []float64, n int) (bins, []float64) {
	b := numberBins(column, n)
	if slices.Contains(r.Categories, name) {
		b = categoryBins(column)
	}
	ref := make([]float64, b.size())
	for _, v := range column {
		ref[b.of(v)]++
	}
	for i := range ref {
		ref[i] /= float64(len(column))
	}
	return b, ref
}

func (w *watch) observe(values map[string]float64, now time.Time) {
	full := w.rows == w.window
	for i := range w.features {
		f := &w.features[i]
		v, ok := values[f.name]
		if !ok {
			v = math.NaN()
		}
		b := uint16(f.bins.of(v))
		missing := f.bins.missing()
		if full {
			old := f.ring[w.next]
			f.count[old]--
			if int(old) == missing {
				w.state.Defects--
			}
			f.count[b]++
			if old != b {
				f.term(int(old), w.window)
				f.term(int(b), w.window)
				f.sum()
			}
		} else {
			f.count[b]++
		}
		if int(b) == missing {
			w.state.Defects++
		}
		f.ring[w.next] = b
	}
	w.next = (w.next + 1) % w.window
	if !full {
		w.rows++
		if w.rows == w.window {
			w.begin()
		}
	}
	w.total++
	w.judge(now)
	w.mark(now)
}

// begin computes every term once, when the window has just become full.
func (w *watch) begin() {
	for i := range w.features {
		f := &w.features[i]
		for b := range f.count {
			f.term(b, w.window)
		}
		f.sum()
	}
}

// judge writes the state: of the context features that pass their floor the one
// with the largest distance, or of all of them if none does.
func (w *watch) judge(now time.Time) {
	s := &w.state
	s.At, s.Rows, s.Windows = now, w.rows, int(w.total/int64(w.window))
	s.DriftReady = w.rows == w.window
	s.Ready = s.DriftReady
	if !s.DriftReady {
		return
	}
	best, bestPasses := -1, false
	for i := range w.features {
		f := &w.features[i]
		if !f.context {
			continue
		}
		passes := f.jsd > f.floor
		if best < 0 || (passes && !bestPasses) || (passes == bestPasses && f.jsd > w.features[best].jsd) {
			best, bestPasses = i, passes
		}
	}
	f := &w.features[best]
	s.Drift, s.DriftFloor, s.Feature = f.jsd, f.floor, f.name
}

func (w *watch) result(group string, favourable bool, now time.Time) {
	if w.bias == nil {
		return
	}
	w.bias.Add(group, favourable)
	w.state.Bias, w.state.BiasMargin, w.state.BiasReady = w.bias.Value()
	w.state.At = now
}

// mark adds a point to the history every so many rows of a full window.
func (w *watch) mark(now time.Time) {
	w.sinceNew++
	if !w.state.DriftReady || (w.sinceNew < w.o.EveryRows && len(w.history) > 0) {
		return
	}
	w.sinceNew = 0
	s := &w.state
	p := Point{At: now, Drift: s.Drift, Floor: s.DriftFloor, Feature: s.Feature,
		Bias: s.Bias, Bias95: s.BiasMargin, HasBias: s.BiasReady, Defects: s.Defects}
	if len(w.history) < cap(w.history) {
		w.history = append(w.history, p)
		return
	}
	w.history[w.histNext] = p
	w.histNext = (w.histNext + 1) % len(w.history)
}

func (w *watch) snapshot() Snapshot {
	s := Snapshot{State: w.state, ReferenceID: w.id, ReferenceRows: w.refRows}
	s.History = append(append(s.History, w.history[w.histNext:]...), w.history[:w.histNext]...)
	for i := range w.features {
		f := &w.features[i]
		fs := FeatureState{Name: f.name, Context: f.context, JS: f.jsd, PSI: f.psiValue, Floor: f.floor,
			Missing: f.count[f.bins.missing()], Reference: slices.Clone(f.ref), Edges: slices.Clone(f.bins.edges), Category: f.bins.category}
		for _, n := range f.count {
			share := 0.0
			if w.rows > 0 {
				share = float64(n) / float64(w.rows)
			}
			fs.Current = append(fs.Current, share)
		}
		s.Features = append(s.Features, fs)
	}
	return s
}

// term computes both measures' share of one bin of a full window. The explicit
// conversions keep a compiler from fusing multiply and add.
func (f *feature) term(b, rows int) {
	p, q := f.ref[b], float64(f.count[b])/float64(rows)
	m := float64(p+q) / 2
	var js float64
	if p > 0 {
		js += float64(p * math.Log2(p/m))
	}
	if q > 0 {
		js += float64(q * math.Log2(q/m))
	}
	f.js[b] = js / 2
	p, q = max(p, psiLeast), max(q, psiLeast)
	f.psi[b] = float64((q - p) * math.Log(q/p))
}

func (f *feature) sum() {
	var js, psi float64
	for b := range f.js {
		js += f.js[b]
		psi += f.psi[b]
	}
	// Rounding can leave the sum a hair outside its range.
	f.jsd = math.Sqrt(min(max(js, 0), 1))
	f.psiValue = psi
}
