package monitor

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"augenmass/internal/problem"
)

func compare(t testing.TB, reference, current []float64, edit func(*Reference)) Measures {
	t.Helper()
	r := Reference{Features: []string{"x"}, Rows: rowsOf(reference)}
	if edit != nil {
		edit(&r)
	}
	c, err := NewComparison(r, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Measure(rowsOf(current))
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %v", got, err)
	}
	return got[0]
}

// By hand: {1,2,2,4} against {2,3,5,5}: after 2 the functions stand at 3/4 and
// 1/4, after 4 at 1 and 2/4; nowhere further apart.
func TestSmirnovByHand(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 2, 4}, []float64{2, 3, 5, 5}, 0.5},
		{[]float64{1, 2, 3}, []float64{1, 2, 3}, 0},
		{[]float64{1, 1, 1}, []float64{1, 1, 1, 1, 1}, 0},
		{[]float64{1, 2}, []float64{3, 4, 5}, 1},
		{[]float64{1, 2, 3, 4}, []float64{4}, 0.75},
		{nil, []float64{1}, 0},
	} {
		if got, back := smirnov(c.a, c.b), smirnov(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%v against %v: %v and %v, want %v", c.a, c.b, got, back, c.want)
		}
	}
}

// A whole data set has the JS and PSI that the monitor has after the same rows,
// to the bit, and KS agrees with its definition.
func TestComparisonAgreesWithTheWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-5, 5), rapid.SampledFrom([]float64{0, 1, 2, math.NaN(), math.Inf(1)}))
		reference := rapid.SliceOfN(value, 20, 60).Draw(rt, "reference")
		current := rapid.SliceOfN(value, 1, 60).Draw(rt, "current")
		edit := func(r *Reference) {
			if rapid.Bool().Draw(rt, "category") {
				r.Categories = []string{"x"}
			}
		}
		r := Reference{Features: []string{"x"}, Rows: rowsOf(reference)}
		edit(&r)
		m := New(Options{Window: len(current)})
		if err := m.SetReference("sys_a", r); err != nil {
			rt.Fatal(err)
		}
		for _, v := range current {
			m.Observe("sys_a", map[string]float64{"x": v})
		}
		s, _ := m.Snapshot("sys_a")
		got := compare(t, reference, current, func(x *Reference) { x.Categories = r.Categories })
		if want := s.Features[0]; got.JS != want.JS || got.PSI != want.PSI || got.Missing != want.Missing {
			rt.Fatalf("%+v, the window has JS %v PSI %v and %d missing", got, want.JS, want.PSI, want.Missing)
		}
		if want := smirnovByDefinition(reference, current); math.Abs(got.KS-want) > 1e-12 {
			rt.Fatalf("KS %v, by definition %v", got.KS, want)
		}
	})
}

// smirnovByDefinition asks both distribution functions at every value.
func smirnovByDefinition(a, b []float64) (most float64) {
	share := func(of []float64, v float64) float64 {
		below, all := 0.0, 0.0
		for _, x := range of {
			if !usable(x) {
				continue
			}
			all++
			if x <= v {
				below++
			}
		}
		if all == 0 {
			return math.NaN()
		}
		return below / all
	}
	for _, v := range append(append([]float64{}, a...), b...) {
		if d := math.Abs(share(a, v) - share(b, v)); usable(v) && d > most {
			most = d
		}
	}
	return most
}

// The golden Kolmogorov-Smirnov numbers of the public data, computed with SciPy.
func TestGoldenSmirnovOfPublicData(t *testing.T) {
	for _, set := range []struct {
		file string
		cut  int
		want map[int]float64
	}{
		{"ai4i2020/ai4i2020.csv", 5000, map[int]float64{3: 0.153000, 4: 0.325000, 5: 0.019600, 6: 0.018400, 7: 0.015000}},
		{"steel_energy/Steel_industry_data.csv", 17376, map[int]float64{1: 0.152861, 2: 0.060978, 3: 0.068068, 4: 0.052485, 5: 0.172045, 6: 0.059879}},
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
			if got := compare(t, values[:set.cut], values[set.cut:], nil); !near(math.Round(got.KS*1e6)/1e6, want) {
				t.Errorf("%s column %d: KS %.6f, want %.6f", set.file, column, got.KS, want)
			}
		}
	}
}

func TestComparisonRefusesWhatItCannotCompare(t *testing.T) {
	if _, err := NewComparison(Reference{Features: []string{"x"}, Rows: rowsOf([]float64{1, 2})}, 0); !problem.Is(err, problem.BadInput) {
		t.Errorf("two rows as a reference: %v", err)
	}
	c, err := NewComparison(Reference{Features: []string{"x"}, Rows: rowsOf(make([]float64, 30))}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string][][]float64{"no rows": nil, "two values for one feature": {{1, 2}}} {
		if _, err := c.Measure(rows); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
