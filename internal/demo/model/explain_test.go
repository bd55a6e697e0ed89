package model

import (
	"math"
	"math/bits"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// conditional is the expected value of a tree when only the features in the
// set are known: the game whose Shapley values Contributions claims to give.
func conditional(t *Tree, node int, x []float64, set uint) float64 {
	f := t.Feature[node]
	if f < 0 {
		return t.Value[node]
	}
	l, r := t.Left[node], t.Right[node]
	if set>>f&1 == 1 {
		if x[f] < t.Threshold[node] {
			return conditional(t, l, x, set)
		}
		return conditional(t, r, x, set)
	}
	return (t.Cover[l]*conditional(t, l, x, set) + t.Cover[r]*conditional(t, r, x, set)) / t.Cover[node]
}

// shapley follows the definition: the mean gain of each feature over all sets
// of the others.
func shapley(e *Ensemble, x []float64) []float64 {
	m := len(x)
	value := make([]float64, 1<<m)
	for set := range uint(1 << m) {
		for i := range e.Trees {
			value[set] += conditional(&e.Trees[i], 0, x, set)
		}
	}
	factorial := func(n int) float64 { return math.Round(math.Gamma(float64(n + 1))) }
	phi := make([]float64, m)
	for i := range m {
		for set := range uint(1 << m) {
			if set>>i&1 == 0 {
				size := bits.OnesCount(set)
				weight := factorial(size) * factorial(m-size-1) / factorial(m)
				phi[i] += weight * (value[set|1<<i] - value[set])
			}
		}
	}
	return phi
}

func TestContributionsAreShapleyValues(t *testing.T) {
	e, _ := embedded(t)
	for _, r := range sample()[:12] {
		x := r.Vector()
		got, want := e.Contributions(x), shapley(e, x)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-9 {
				t.Errorf("%v: %s contributes %g, by definition %g", r, FeatureNames[i], got[i], want[i])
			}
		}
	}
}

// drawTree is a tree of up to depth levels that may ask for one feature again
// and again on a path.
func drawTree(t *rapid.T, depth int) Tree {
	var tree Tree
	var add func(depth int) int
	add = func(depth int) int {
		i := len(tree.Feature)
		tree.Feature = append(tree.Feature, -1)
		tree.Threshold = append(tree.Threshold, 0)
		tree.Left, tree.Right = append(tree.Left, 0), append(tree.Right, 0)
		tree.Value, tree.Cover = append(tree.Value, 0), append(tree.Cover, 0)
		if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
			tree.Value[i] = rapid.Float64Range(-2, 2).Draw(t, "value")
			tree.Cover[i] = float64(rapid.IntRange(1, 50).Draw(t, "rows"))
			return i
		}
		tree.Feature[i] = rapid.IntRange(0, len(FeatureNames)-1).Draw(t, "feature")
		tree.Threshold[i] = float64(rapid.IntRange(0, 3).Draw(t, "threshold"))
		l := add(depth - 1)
		r := add(depth - 1)
		tree.Left[i], tree.Right[i] = l, r
		tree.Cover[i] = tree.Cover[l] + tree.Cover[r]
		return i
	}
	add(depth)
	return tree
}

func TestContributionsOfAnyTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := drawTree(t, 6)
		if err := tree.check(len(FeatureNames)); err != nil {
			t.Fatal(err)
		}
		e := &Ensemble{Features: FeatureNames, Bias: 0.3, Trees: []Tree{tree}}
		e.base = e.Bias + tree.expected()
		x := make([]float64, len(FeatureNames))
		for i := range x {
			x[i] = float64(rapid.IntRange(-1, 3).Draw(t, "x"))
		}
		got, want := e.Contributions(x), shapley(e, x)
		sum := e.Base()
		for i := range want {
			sum += got[i]
			if math.Abs(got[i]-want[i]) > 1e-9 {
				t.Fatalf("feature %d contributes %g, by definition %g", i, got[i], want[i])
			}
		}
		if math.Abs(sum-e.Score(x)) > 1e-9 {
			t.Fatalf("base and contributions give %g, the score is %g", sum, e.Score(x))
		}
	})
}

func TestContributionsAddUpToTheScore(t *testing.T) {
	e, _ := embedded(t)
	for _, r := range sample() {
		x := r.Vector()
		sum := e.Base()
		for _, c := range e.Contributions(x) {
			sum += c
		}
		if s := e.Score(x); math.Abs(sum-s) > 1e-9 {
			t.Errorf("%v: base and contributions give %.12f, the score is %.12f", r, sum, s)
		}
	}
}

// Flip is compared with a search over every sensor step of every value.
func TestFlipNamesASmallChangeThatTurnsTheSuggestion(t *testing.T) {
	e, _ := embedded(t)
	turned := 0
	var rows []Reading
	for _, r := range sample() {
		if p := e.Predict(r.Vector()); p.Confidence < 0.97 {
			rows = append(rows, r)
		}
	}
	for _, r := range rows {
		now := e.Predict(r.Vector()).Failure
		best := math.Inf(1)
		for i := 1; i < len(Inputs); i++ {
			lo, hi := e.Ranges[i][0], e.Ranges[i][1]
			perUnit := math.Round(1 / Inputs[i].Step)
			for k := math.Ceil(lo * perUnit); k <= hi*perUnit; k++ {
				if e.flips(r, i, k/perUnit, now) {
					best = min(best, math.Abs(k/perUnit-r[i])/(hi-lo))
				}
			}
		}
		c, ok := e.Flip(r)
		if !ok {
			if !math.IsInf(best, 1) && best < 1 {
				t.Errorf("%v: no flip found, one of %.4f exists", r, best)
			}
			continue
		}
		turned++
		changed, share := r, 1.0
		for i, in := range Inputs {
			if in.Name == c.Feature {
				if c.From != r[i] || c.To < e.Ranges[i][0] || c.To > e.Ranges[i][1] {
					t.Errorf("%v: change %+v leaves the range or starts elsewhere", r, c)
				}
				changed[i] = c.To
				if i > 0 {
					share = math.Abs(c.To-c.From) / (e.Ranges[i][1] - e.Ranges[i][0])
				}
			}
		}
		if e.Predict(changed.Vector()).Failure == now {
			t.Errorf("%v: change %+v does not turn the suggestion", r, c)
		}
		if share > best+2.0/gridSteps {
			t.Errorf("%v: change %+v is %.4f of the range, %.4f would do", r, c, share, best)
		}
	}
	if turned < 5 {
		t.Errorf("only %d of %d rows were turned; the test says nothing", turned, len(rows))
	}
}

func TestAModelThatNeverChangesItsMindHasNoFlip(t *testing.T) {
	e, _ := embedded(t)
	flat := *e
	flat.Bias = 50
	if c, ok := flat.Flip(sample()[0]); ok {
		t.Errorf("flip %+v", c)
	}
}

func TestAChangeReadsInBothLanguages(t *testing.T) {
	for _, tt := range []struct {
		c      Change
		de, en string
	}{
		{Change{"tool_wear", 198, 181}, "Werkzeugverschleiß 181 statt 198 min", "Tool wear 181 instead of 198 min"},
		{Change{"torque", 61.4, 57.2}, "Drehmoment 57,2 statt 61,4 Nm", "Torque 57.2 instead of 61.4 Nm"},
		{Change{"type", 0, 2}, "Variante H statt L", "Variant H instead of L"},
	} {
		if s := tt.c.Say(); s.DE != tt.de || s.EN != tt.en {
			t.Errorf("%+v reads %+v", tt.c, s)
		}
	}
	if title, unit := FeatureTitle("unknown"); !strings.Contains(title.DE, "unknown") || unit != "" {
		t.Errorf("unknown feature reads %+v %q", title, unit)
	}
}

func BenchmarkPredict(b *testing.B) {
	e, _ := embedded(b)
	x := sample()[3].Vector()
	for b.Loop() {
		e.Predict(x)
	}
}

func BenchmarkContributions(b *testing.B) {
	e, _ := embedded(b)
	x := sample()[3].Vector()
	for b.Loop() {
		e.Contributions(x)
	}
}

func BenchmarkFlip(b *testing.B) {
	e, _ := embedded(b)
	r := sample()[3]
	for b.Loop() {
		e.Flip(r)
	}
}
