package monitor

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

func normal(r *rand.Rand, n int, mean, sd float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = mean + sd*r.NormFloat64()
	}
	return out
}

func fixed() func() time.Time {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return func() time.Time { return at }
}

func TestNoVerdictBeforeTheWindowIsFull(t *testing.T) {
	m := New(Options{Window: 50, Now: fixed()})
	if err := m.SetReference("s", Reference{Features: []string{"x"}, Rows: rowsOf(normal(rand.New(rand.NewPCG(1, 1)), 500, 0, 1))}); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		s := m.Observe("s", map[string]float64{"x": 9})
		if s.Ready != (i == 49) || s.Rows != i+1 || s.Window != 50 {
			t.Fatalf("row %d: %+v", i, s)
		}
		if !s.Ready && (s.Drift != 0 || s.Feature != "") {
			t.Fatalf("row %d has a verdict before the window is full: %+v", i, s)
		}
	}
	if s := m.State("s"); s.Drift < 0.8 || s.Feature != "x" || s.Windows != 1 {
		t.Errorf("nine standard deviations away, but %+v", s)
	}
	if s := m.Observe("other", map[string]float64{"x": 1}); s.Ready {
		t.Errorf("a system without a reference is ready: %+v", s)
	}
}

// The verdict is the largest distance of the context features only.
func TestContextFeaturesDecide(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	m := New(Options{Window: 300, Now: fixed()})
	err := m.SetReference("s", Reference{Features: []string{"a", "b", "c"}, Context: []string{"a", "b"},
		Rows: rowsOf(normal(r, 2000, 0, 1), normal(r, 2000, 0, 1), normal(r, 2000, 0, 1))})
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		m.Observe("s", map[string]float64{"a": r.NormFloat64(), "b": r.NormFloat64() + 1, "c": r.NormFloat64() + 5})
	}
	s, _ := m.Snapshot("s")
	if s.Feature != "b" || s.Drift < 0.2 || s.Drift > 0.6 {
		t.Errorf("want the drift of b, got %+v", s.State)
	}
	if s.Features[2].JS < s.Drift || s.Features[2].Context {
		t.Errorf("c moved more and is shown, but does not count: %+v", s.Features[2])
	}
}

func TestMissingValuesAreDefectsAndDrift(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	m := New(Options{Window: 100, Now: fixed()})
	if err := m.SetReference("s", Reference{Features: []string{"a", "b"}, Rows: rowsOf(normal(r, 1000, 0, 1), normal(r, 1000, 0, 1))}); err != nil {
		t.Fatal(err)
	}
	rows := []map[string]float64{{"a": 1, "b": 1}, {"a": math.NaN(), "b": 0}, {"b": math.Inf(1)}, {}}
	for i := range 100 {
		m.Observe("s", rows[i%4])
	}
	s, _ := m.Snapshot("s")
	if s.Defects != 25+50+50 {
		t.Errorf("%d defects, want 125", s.Defects)
	}
	if s.Features[0].Missing != 75 || s.Features[1].Missing != 50 {
		t.Errorf("missing %d and %d, want 75 and 50", s.Features[0].Missing, s.Features[1].Missing)
	}
	for range 100 {
		m.Observe("s", rows[0])
	}
	if s := m.State("s"); s.Defects != 0 {
		t.Errorf("the defects left the window, but %d are counted", s.Defects)
	}
}

// Whatever comes in, sliding row by row gives what a fresh window over the same
// last rows gives, bit for bit, and every figure stays in its range.
func TestSlidingEqualsFreshWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
		reference := rowsOf(normal(r, 60, 0, 1), normal(r, 60, 5, 2))
		window := rapid.IntRange(1, 20).Draw(t, "window")
		value := rapid.OneOf(rapid.Float64Range(-10, 10), rapid.Just(math.NaN()), rapid.Just(math.Inf(-1)), rapid.Just(0.0))
		rows := rapid.SliceOfN(rapid.SliceOfN(value, 2, 2), window, 60).Draw(t, "rows")
		run := func(rows [][]float64) Snapshot {
			m := New(Options{Window: window, Now: fixed()})
			if err := m.SetReference("s", Reference{Features: []string{"a", "b"}, Rows: reference}); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				m.Observe("s", map[string]float64{"a": row[0], "b": row[1]})
			}
			s, _ := m.Snapshot("s")
			return s
		}
		long, fresh := run(rows), run(rows[len(rows)-window:])
		for i := range long.Features {
			l, f := long.Features[i], fresh.Features[i]
			if l.JS != f.JS || l.PSI != f.PSI || !slices.Equal(l.Current, f.Current) {
				t.Fatalf("sliding %+v, fresh %+v", l, f)
			}
			if l.JS < 0 || l.JS > 1 || l.PSI < 0 {
				t.Fatalf("out of range: %+v", l)
			}
		}
		if long.Defects != fresh.Defects || long.Drift != fresh.Drift || long.Feature != fresh.Feature {
			t.Fatalf("sliding %+v, fresh %+v", long.State, fresh.State)
		}
	})
}

// The floor is what makes small windows usable: without it a window of 200 rows
// passes 0.10 in about a third of the cases with no drift at all.
func TestFloorHoldsFalseAlarmsAndKeepsPower(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	reference := rowsOf(normal(r, 5000, 0, 1), normal(r, 5000, 0, 1), normal(r, 5000, 0, 1))
	alarms := func(shift float64) (bare, floored int) {
		const windows, size = 400, 200
		m := New(Options{Window: size, Now: fixed()})
		if err := m.SetReference("s", Reference{Features: []string{"a", "b", "c"}, Rows: reference}); err != nil {
			t.Fatal(err)
		}
		for range windows {
			var s State
			for range size {
				s = m.Observe("s", map[string]float64{"a": r.NormFloat64() + shift, "b": r.NormFloat64(), "c": r.NormFloat64()})
			}
			if s.Drift > 0.10 {
				bare++
			}
			if s.Drift > 0.10 && s.Drift > s.DriftFloor {
				floored++
			}
		}
		return bare, floored
	}
	bare, floored := alarms(0)
	if bare < 100 {
		t.Errorf("the bare limit raised %d of 400 alarms; this test expects it to be noisy", bare)
	}
	if floored > 4 {
		t.Errorf("with the floor %d of 400 windows alarm without drift, want at most 4", floored)
	}
	if _, found := alarms(1); found < 396 {
		t.Errorf("a shift of one standard deviation was found in %d of 400 windows", found)
	}
}

func TestFloorKnowsSignalsThatHangTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	signal := make([]float64, 5000)
	for i := 1; i < len(signal); i++ {
		signal[i] = 0.95*signal[i-1] + r.NormFloat64()
	}
	floor := func(together bool) float64 {
		m := New(Options{Window: 1000, Now: fixed()})
		if err := m.SetReference("s", Reference{Features: []string{"x"}, Rows: rowsOf(signal), Autocorrelated: together}); err != nil {
			t.Fatal(err)
		}
		s, _ := m.Snapshot("s")
		return s.Features[0].Floor
	}
	iid, together := floor(false), floor(true)
	if iid < 0.05 || iid > 0.09 || together < 4*iid {
		t.Errorf("floor %.3f for independent rows, %.3f for the signal; want about 0.075 and far above", iid, together)
	}
}

// Quantiles of the chi-squared distribution from tables (NIST/SEMATECH
// e-Handbook of Statistical Methods, 1.3.6.7.4).
func TestChiSquaredQuantiles(t *testing.T) {
	for _, c := range []struct{ k, alpha, want float64 }{{1, 0.05, 3.841}, {2, 0.01, 9.210}, {9, 0.05, 16.919}, {9, 0.001, 27.877}, {20, 0.01, 37.566}} {
		if got := chiSquared(c.k, c.alpha); math.Abs(got-c.want)/c.want > 0.04 {
			t.Errorf("chi²(%v, %v) = %.3f, want %.3f", c.k, c.alpha, got, c.want)
		}
	}
}

func TestObserveAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	var columns [][]float64
	var names []string
	row := map[string]float64{}
	for i := range 14 {
		names = append(names, string(rune('a'+i)))
		columns = append(columns, normal(r, 500, 0, 1))
		row[names[i]] = 0.3
	}
	m := New(Options{Window: 100, History: 8, EveryRows: 3, Now: fixed()})
	if err := m.SetReference("s", Reference{Features: names, Rows: rowsOf(columns...)}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		m.Observe("s", row)
	}
	if n := testing.AllocsPerRun(200, func() { row["a"] = -row["a"]; m.Observe("s", row) }); n != 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func TestHistoryIsARingOldestFirst(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	m := New(Options{Window: 10, History: 4, EveryRows: 5, Now: func() time.Time { at = at.Add(time.Second); return at }})
	if err := m.SetReference("s", Reference{Features: []string{"x"}, Rows: rowsOf(normal(rand.New(rand.NewPCG(8, 8)), 100, 0, 1))}); err != nil {
		t.Fatal(err)
	}
	for range 60 {
		m.Observe("s", map[string]float64{"x": 0.5})
	}
	s, _ := m.Snapshot("s")
	if len(s.History) != 4 {
		t.Fatalf("%d marks, want 4", len(s.History))
	}
	for i := 1; i < 4; i++ {
		if d := s.History[i].At.Sub(s.History[i-1].At); d != 5*time.Second {
			t.Errorf("marks %d and %d lie %v apart, want 5 rows", i-1, i, d)
		}
	}
	if s.History[3].Feature != "x" || s.History[3].Drift <= 0 {
		t.Errorf("the last mark is empty: %+v", s.History[3])
	}
}

func TestReferencesThatCannotWorkAreRefused(t *testing.T) {
	good := rowsOf(normal(rand.New(rand.NewPCG(9, 9)), 100, 0, 1))
	for name, c := range map[string]struct {
		r    Reference
		path string
	}{
		"no features":            {Reference{Rows: good}, "features"},
		"too few rows":           {Reference{Features: []string{"x"}, Rows: good[:5]}, "rows"},
		"row of another length":  {Reference{Features: []string{"x", "y"}, Rows: good}, "rows"},
		"unknown context":        {Reference{Features: []string{"x"}, Rows: good, Context: []string{"y"}}, "context"},
		"unknown category":       {Reference{Features: []string{"x"}, Rows: good, Categories: []string{"y"}}, "categories"},
		"feature there twice":    {Reference{Features: []string{"x", "x"}, Rows: rowsOf(make([]float64, 50), make([]float64, 50))}, "features"},
		"feature without a name": {Reference{Features: []string{""}, Rows: good}, "features"},
	} {
		t.Run(name, func(t *testing.T) {
			m := New(Options{})
			err := m.SetReference("s", c.r)
			p := problem.From(err)
			if err == nil || p.Kind != problem.BadInput || !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Path == c.path }) {
				t.Errorf("got %v", err)
			}
			if _, ok := m.Snapshot("s"); ok {
				t.Error("a refused reference was kept")
			}
		})
	}
}

func TestSelectionRates(t *testing.T) {
	measure, err := NewSelectionRate([]string{"line a", "line b", "line c"}, 400, 0)
	if err != nil {
		t.Fatal(err)
	}
	m := New(Options{Window: 10, Now: fixed()})
	if err := m.SetReference("s", Reference{Features: []string{"x"}, Rows: rowsOf(make([]float64, 50)), Measure: measure}); err != nil {
		t.Fatal(err)
	}
	var s State
	for i := range 200 {
		s = m.Result("s", "line a", i%2 == 0) // 100 of 200
		if s.BiasReady {
			t.Fatal("one group alone is compared with itself")
		}
	}
	for i := range 100 {
		s = m.Result("s", "line b", i%5 == 0) // 20 of 100
	}
	for range 29 {
		s = m.Result("s", "line c", true) // one too few to count
		m.Result("s", "line d", true)     // not a group
	}
	// By hand: 0.5 − 0.2; with one success and one failure more in each group
	// 1.96·√(0.5·0.5/202 + (21/102)(81/102)/102) = 0.104…
	if !s.BiasReady || !near(s.Bias, 0.3) || math.Abs(s.BiasMargin-1.96*math.Sqrt(0.25/202+21.0/102*81/102/102)) > 1e-12 {
		t.Errorf("got %+v", s)
	}
	if s = m.Result("s", "line c", true); !near(s.Bias, 0.8) {
		t.Errorf("line c has 30 results now, but the difference is %v", s.Bias)
	}
	for range 400 {
		s = m.Result("s", "line b", true)
	}
	if s.BiasReady {
		t.Errorf("the other lines left the window, but %+v", s)
	}
	for _, bad := range []func() (*SelectionRate, error){
		func() (*SelectionRate, error) { return NewSelectionRate([]string{"one"}, 10, 0) },
		func() (*SelectionRate, error) { return NewSelectionRate([]string{"a", "b"}, 0, 0) },
		func() (*SelectionRate, error) { return NewSelectionRate([]string{"a", "b"}, 10, 4) },
	} {
		if _, err := bad(); !problem.Is(err, problem.BadInput) {
			t.Errorf("got %v", err)
		}
	}
}

func TestCategoriesHaveABinForTheUnseen(t *testing.T) {
	var reference []float64
	for i := range 300 {
		reference = append(reference, []float64{0, 0, 1, 2}[i%4])
	}
	f := measure(t, "variant", reference, []float64{0, 0, 1, 2, 0, 0, 1, 7, 0, 0}, func(r *Reference) { r.Categories = []string{"variant"} })
	if want := []float64{0.6, 0.2, 0.1, 0.1, 0}; !slices.Equal(f.Current, want) || !f.Category {
		t.Errorf("shares %v, want %v", f.Current, want)
	}
}

func BenchmarkObserve(b *testing.B) {
	r := rand.New(rand.NewPCG(6, 6))
	var columns [][]float64
	var names []string
	rows := make([]map[string]float64, 64)
	for i := range rows {
		rows[i] = map[string]float64{}
	}
	for i := range 14 {
		names = append(names, string(rune('a'+i)))
		columns = append(columns, normal(r, 10_000, 0, 1))
		for _, row := range rows {
			row[names[i]] = r.NormFloat64()
		}
	}
	m := New(Options{Window: 1000, Now: fixed()})
	if err := m.SetReference("s", Reference{Features: names, Rows: rowsOf(columns...)}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Observe("s", rows[i%len(rows)])
	}
}
