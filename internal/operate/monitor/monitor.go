// Package monitor watches the inputs and results of each AI system while it
// runs, and says in one number each how far they have moved from what was
// approved: context drift and a bias indicator. The result gate
// (operate/gateway) compares those numbers with the limits of the permit; this
// room knows no limit and decides nothing.
//
// # Drift
//
// When people approve a reference, its bins are frozen: deciles for numbers,
// the values themselves for categories, one more bin for "missing" and one for
// "unseen". A sliding window of rows (1,000 by default) is counted into the
// same bins, and per feature two measures are kept up to date with every row:
//
//   - JS, the Jensen-Shannon distance to base 2, in 0..1: the square root of
//     JSD(P,Q) = ½ Σ p·log₂(p/m) + ½ Σ q·log₂(q/m), m = (p+q)/2
//     (J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans.
//     Inf. Theory 37(1), 1991; that its root is a metric: D. Endres and
//     J. Schindelin, A new metric for probability distributions, IEEE Trans.
//     Inf. Theory 49(7), 2003).
//   - PSI, the population stability index Σ (q−p)·ln(q/p), every share at
//     least 1e-4, unbounded; shown beside JS, never used for the verdict.
//
// The verdict value of a system is the largest JS of its context features, with
// the feature named. "Context drift > 10 %" (requirement 001-25) reads JS > 0.10.
//
// Small windows differ from their reference by chance alone: a window of 200
// rows passes 0.10 in about a third of all cases although nothing moved. So the
// state carries a floor beside the value: what chance reaches once in a thousand
// windows (see floorOf). Only drift above the limit and above its floor means
// something. There is no verdict before the window is full.
//
// # Bias
//
// When groups are configured (line, shift, supplier, material; people only where
// people are rated), the indicator is the largest difference of selection rates
// between groups (statistical parity difference) within the window, with the
// half width of its 95 % interval.
//
// # Several nodes
//
// A monitor sees what passes through its own process. Where several nodes serve
// one organisation, windows are not joined: each node judges its own share. A
// window of n rows then fills after n rows of that node, so a drift shows on a
// node as soon as that node has seen enough of it, and a node that just started
// has no verdict yet. Whoever wants one window for a system sends its calls to
// one node.
//
// # Whole data sets
//
// Comparison measures a data set at hand against a reference: JS and PSI as
// above, and the Kolmogorov-Smirnov statistic of the raw values.
//
// A reference never follows the data by itself. Feature values stay in memory as
// bin numbers; nothing is written, and nobody is identified.
package monitor

import (
	"math"
	"sync"
	"time"

	"augenmass/internal/problem"
)

// State is the monitor's word on one system at one instant.
type State struct {
	Drift      float64 // largest Jensen-Shannon distance of the context features, base 2, 0..1
	DriftFloor float64 // what chance alone reaches for that feature in this window, 0..1
	Feature    string  // the feature with that distance
	DriftReady bool    // the window is full; Drift counts

	Bias       float64 // largest difference of selection rates, 0..1
	BiasMargin float64 // half width of its 95 % interval
	BiasReady  bool    // at least two groups have enough rows; Bias counts

	Ready   bool // DriftReady
	Rows    int  // rows in the window
	Window  int  // rows of a full window
	Windows int  // full windows seen so far
	Defects int  // missing or unusable feature values in the window
	At      time.Time
}

// Point is one mark of the history that pages draw.
type Point struct {
	At      time.Time
	Drift   float64
	Floor   float64
	Feature string
	Bias    float64
	Bias95  float64 // half width of the interval
	HasBias bool
	Defects int
}

// FeatureState is what a page shows of one feature.
type FeatureState struct {
	Name      string
	Context   bool // counts for the verdict
	JS        float64
	PSI       float64
	Floor     float64
	Missing   int       // missing or unusable values in the window
	Reference []float64 // share per bin; the last is "missing"
	Current   []float64
	Edges     []float64 // inner edges for numbers, values for categories
	Category  bool
}

// Snapshot is a copy of everything a page needs about one system.
type Snapshot struct {
	State
	ReferenceID   string
	ReferenceRows int
	Features      []FeatureState
	History       []Point // oldest first
}

// Options of a monitor. The zero value is sound.
type Options struct {
	Window     int     // rows; default 1,000
	Bins       int     // for numbers; default 10 (deciles)
	FalseAlarm float64 // share of windows that may pass their floor by chance; default 0.001
	History    int     // marks kept; default 240
	EveryRows  int     // rows between two marks; default a twentieth of the window
	Now        func() time.Time
}

// Monitor holds the state of all systems. It is safe for many callers.
type Monitor struct {
	o  Options
	mu sync.RWMutex
	by map[string]*watch
}

// New returns a monitor without systems.
func New(o Options) *Monitor {
	if o.Window <= 0 {
		o.Window = 1000
	}
	if o.Bins <= 1 {
		o.Bins = 10
	}
	if o.FalseAlarm <= 0 || o.FalseAlarm >= 1 {
		o.FalseAlarm = 0.001
	}
	if o.History <= 0 {
		o.History = 240
	}
	if o.EveryRows <= 0 {
		o.EveryRows = max(1, o.Window/20)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Monitor{o: o, by: map[string]*watch{}}
}

// Reference is what a system was approved with.
type Reference struct {
	ID         string      // the approved data set, for the record
	Features   []string    // names of the columns
	Rows       [][]float64 // NaN = missing
	Context    []string    // features that count for the verdict; nil: all
	Categories []string    // features whose values are names in numbers, not amounts
	Window     int         // rows; 0: the monitor's
	// Autocorrelated says that the rows are consecutive and hang together, as
	// process signals do. The floor then uses the effective number of rows.
	Autocorrelated bool
	// Measure, if any, computes the bias indicator.
	Measure BiasMeasure
}

// SetReference freezes the bins of a system from approved rows and starts with
// an empty window. Rows without features, features without rows, a context
// feature that does not exist and rows of the wrong length are BadInput.
func (m *Monitor) SetReference(system string, r Reference) error {
	var c problem.Checks
	c.Field(system != "", "system", "Das KI-System fehlt.", "The AI system is missing.")
	r.check(&c, m.o.Bins)
	if err := c.Err(); err != nil {
		return err
	}
	w := newWatch(m.o, r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.by[system] = w
	return nil
}

// check finds what makes a reference unusable.
func (r Reference) check(c *problem.Checks, numberOfBins int) {
	c.Field(len(r.Features) > 0, "features", "Die Merkmale fehlen.", "The features are missing.")
	c.Field(len(r.Rows) >= 2*numberOfBins, "rows", "Die Referenz hat zu wenige Zeilen.", "The reference has too few rows.")
	for _, row := range r.Rows {
		if len(row) != len(r.Features) {
			c.Field(false, "rows", "Eine Zeile hat nicht so viele Werte wie es Merkmale gibt.",
				"A row does not have as many values as there are features.")
			break
		}
	}
	known := map[string]bool{}
	for _, f := range r.Features {
		c.Field(f != "" && !known[f], "features", "Ein Merkmal ist leer oder doppelt.", "A feature is empty or twice there.")
		known[f] = true
	}
	for _, f := range r.Context {
		c.Field(known[f], "context", "Ein überwachtes Merkmal kommt in der Referenz nicht vor.",
			"A watched feature does not occur in the reference.")
	}
	for _, f := range r.Categories {
		c.Field(known[f], "categories", "Ein Merkmal kommt in der Referenz nicht vor.", "A feature does not occur in the reference.")
	}
}

func (m *Monitor) watch(system string) *watch {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.by[system]
}

// Observe takes one row of inputs and returns the state with it. A feature that
// is absent, NaN or infinite counts as missing and as a data-quality defect. A
// system without a reference has a state that is never ready.
func (m *Monitor) Observe(system string, features map[string]float64) State {
	now := m.o.Now().UTC()
	w := m.watch(system)
	if w == nil {
		return State{At: now}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.observe(features, now)
	return w.state
}

// Result takes one result for the bias indicator: the group it belongs to and
// whether it was favourable to it (AI Act Art. 10(2)(f); requirement 001-57).
// Systems without groups ignore it.
func (m *Monitor) Result(system, group string, favourable bool) State {
	now := m.o.Now().UTC()
	w := m.watch(system)
	if w == nil {
		return State{At: now}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.result(group, favourable, now)
	return w.state
}

// State returns the last state of a system.
func (m *Monitor) State(system string) State {
	w := m.watch(system)
	if w == nil {
		return State{At: m.o.Now().UTC()}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Snapshot copies everything a page shows of a system, and false for a system
// without a reference.
func (m *Monitor) Snapshot(system string) (Snapshot, bool) {
	w := m.watch(system)
	if w == nil {
		return Snapshot{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot(), true
}

// usable reports whether a value can be counted.
func usable(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
