package monitor

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// near holds two figures to one millionth, the bar of the golden numbers.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6 }

func rowsOf(columns ...[]float64) [][]float64 {
	rows := make([][]float64, len(columns[0]))
	for i := range rows {
		for _, c := range columns {
			rows[i] = append(rows[i], c[i])
		}
	}
	return rows
}

// measure runs current through a window of its own length.
func measure(t *testing.T, name string, reference, current []float64, edit func(*Reference)) FeatureState {
	t.Helper()
	m := New(Options{Window: len(current)})
	r := Reference{Features: []string{name}, Rows: rowsOf(reference)}
	if edit != nil {
		edit(&r)
	}
	if err := m.SetReference("sys_a", r); err != nil {
		t.Fatal(err)
	}
	for _, v := range current {
		m.Observe("sys_a", map[string]float64{name: v})
	}
	s, ok := m.Snapshot("sys_a")
	if !ok || !s.DriftReady || s.Drift != s.Features[0].JS {
		t.Fatalf("the window of %d rows is not ready: %+v", len(current), s.State)
	}
	return s.Features[0]
}

// The figures come from an independent computation in another language, by the
// definitions: deciles with linear interpolation, equal edges merged, outer
// edges open, bins closed on the left; JSD as the mean of two Kullback-Leibler
// divergences to the mixture with log₂; PSI with every share at least 1e-4.
//
//	def kl(a, m): return sum(x*math.log(x/y, 2) for x, y in zip(a, m) if x > 0)
//	def js(p, q): m = [(a+b)/2 for a, b in zip(p, q)]; return math.sqrt((kl(p, m)+kl(q, m))/2)
//
// reference: ((7i²+13i) mod 1009)/10, i < 1000.
func TestMeasuresMatchIndependentComputation(t *testing.T) {
	var reference, same, shifted, few, three, two []float64
	for i := range 1000 {
		reference = append(reference, float64((i*i*7+13*i)%1009)/10)
	}
	for i := range 400 {
		same = append(same, float64((i*i*11+5*i)%1009)/10)
		shifted = append(shifted, float64((i*i*11+5*i)%1009)/10+15)
		few = append(few, 10*float64(i%4))
		two = append(two, float64(i%2))
	}
	for i := range 600 {
		three = append(three, float64(i%3))
	}
	for _, c := range []struct {
		name               string
		reference, current []float64
		js, psi            float64
	}{
		{"same", reference, same, 0.05201273522701922, 0.015018287011915979},
		{"shifted by 15", reference, shifted, 0.3004635349184596, 0.9213463745951326},
		{"four values only", reference, few, 0.6291428729653326, 4.690327964930316},
		{"three values become two", three, two, 0.14394735018022461, 0.11552453009332421},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := measure(t, "x", c.reference, c.current, nil)
			if !near(f.JS, c.js) || !near(f.PSI, c.psi) {
				t.Errorf("JS %.9f PSI %.9f, want %.9f and %.9f", f.JS, f.PSI, c.js, c.psi)
			}
		})
	}
}

// By hand: reference half 0, half 1; window all 0. m = (0.75, 0.25);
// JSD = ½(½·log₂(2/3) + ½·log₂2) + ½·log₂(4/3) = 0.311278…, root 0.557923….
func TestMeasureByHand(t *testing.T) {
	var reference []float64
	for i := range 100 {
		reference = append(reference, float64(i%2))
	}
	f := measure(t, "x", reference, make([]float64, 50), func(r *Reference) { r.Categories = []string{"x"} })
	if !near(f.JS, math.Sqrt(0.5*(0.5*math.Log2(2.0/3)+0.5)+0.5*math.Log2(4.0/3))) || !near(f.JS, 0.557923) {
		t.Errorf("JS = %.9f", f.JS)
	}
}

func TestMeasureReachesItsEnds(t *testing.T) {
	constant := make([]float64, 100)
	if f := measure(t, "x", constant, constant, nil); f.JS != 0 || f.PSI != 0 {
		t.Errorf("nothing moved, but JS %v PSI %v", f.JS, f.PSI)
	}
	moved := make([]float64, 100)
	for i := range moved {
		moved[i] = 1e-9
	}
	if f := measure(t, "x", constant, moved, nil); f.JS != 1 {
		t.Errorf("a constant signal that moved by a hair has JS %v, want 1", f.JS)
	}
}

// The published data sets: rows 1–5,000 of AI4I 2020 against 5,001–10,000, and
// the first half of the steel energy year (rows 1–17,376) against the rest.
// The golden numbers were computed with SciPy.
func TestGoldenNumbersOfPublicData(t *testing.T) {
	for _, set := range []struct {
		file string
		cut  int
		want map[int][2]float64 // column → PSI, JS
		bins map[int]int
	}{
		{"ai4i2020/ai4i2020.csv", 5000,
			map[int][2]float64{3: {0.699575, 0.340749}, 4: {0.772631, 0.340866}, 5: {0.005543, 0.031608}, 6: {0.003846, 0.026329}, 7: {0.002177, 0.019809}},
			map[int]int{3: 10, 4: 10, 5: 10, 6: 10, 7: 10}},
		{"steel_energy/Steel_industry_data.csv", 17376,
			map[int][2]float64{1: {0.240380, 0.205176}, 2: {0.083822, 0.121862}, 3: {0.069957, 0.111316}, 4: {0.029182, 0.072255}, 5: {0.406337, 0.264472}, 6: {0.107757, 0.137712}},
			map[int]int{1: 10, 2: 9, 3: 4, 4: 5, 5: 8, 6: 3}},
	} {
		records := public(t, set.file)
		for column, want := range set.want {
			values := make([]float64, len(records))
			for i, r := range records {
				v, err := strconv.ParseFloat(r[column], 64)
				if err != nil {
					t.Fatal(err)
				}
				values[i] = v
			}
			f := measure(t, "x", values[:set.cut], values[set.cut:], nil)
			if !near(math.Round(f.PSI*1e6)/1e6, want[0]) || !near(math.Round(f.JS*1e6)/1e6, want[1]) {
				t.Errorf("%s column %d: PSI %.6f JS %.6f, want %.6f and %.6f", set.file, column, f.PSI, f.JS, want[0], want[1])
			}
			// Beside the value bins there is one for missing values.
			if got := len(f.Reference) - 1; got != set.bins[column] {
				t.Errorf("%s column %d: %d bins, want %d", set.file, column, got, set.bins[column])
			}
		}
	}
}

// public reads a CSV of the public data: from AUGENMASS_SHARED, or beside the
// module. A folder that was named and cannot be read fails.
func public(t *testing.T, name string) [][]string {
	t.Helper()
	dir, named := os.LookupEnv("AUGENMASS_SHARED")
	if !named {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(dir, "data", filepath.FromSlash(name)))
	if err != nil {
		if named {
			t.Fatalf("AUGENMASS_SHARED is given, but cannot be read: %v", err)
		}
		t.Skipf("the public data are not here; set AUGENMASS_SHARED (%v)", err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}
