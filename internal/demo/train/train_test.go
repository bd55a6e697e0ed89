package train

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/mill/milltest"
	"augenmass/internal/demo/model"
	"augenmass/internal/problem"
)

// public trains once on the public file for all tests that need it.
func public(t testing.TB) (Result, []byte) {
	t.Helper()
	file := milltest.PublicFile(t)
	r, err := Build(file, Seed)
	if err != nil {
		t.Fatal(err)
	}
	return r, file
}

func TestTheEmbeddedFilesAreWhatTrainingMakes(t *testing.T) {
	r, _ := public(t)
	for name, raw := range map[string][]byte{"model": r.ModelRaw, "card": r.CardRaw} {
		have, err := os.ReadFile(filepath.Join("..", "model", model.Name+"."+name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, raw) {
			t.Errorf("training makes another %s file than the embedded one; run %s", name, r.Card.Reproduce.Command)
		}
	}
}

// The card's numbers, computed once more by the plainest means.
func TestTheCardsMetricsHold(t *testing.T) {
	e, card, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := mill.ReadCSV(bytes.NewReader(milltest.PublicFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	_, parts := split(rows, card.Reproduce.Seed)
	test := parts[2]
	if card.Data.Split != (model.Split{Train: len(parts[0].y), Calibration: len(parts[1].y), Test: len(test.y)}) {
		t.Errorf("split %+v", card.Data.Split)
	}
	var pairs, ordered, squares, wrong, sure, sureWrong, below float64
	said, happened, inBin := [10]float64{}, [10]float64{}, [10]float64{}
	p := make([]float64, len(test.x))
	for i := range test.x {
		p[i] = e.Predict(test.x[i]).Probability
		outcome := 0.0
		if test.y[i] {
			outcome = 1
		}
		squares += (p[i] - outcome) * (p[i] - outcome)
		k := min(9, int(p[i]*10))
		said[k], happened[k], inBin[k] = said[k]+p[i], happened[k]+outcome, inBin[k]+1
		bad := (p[i] >= 0.5) != test.y[i]
		if bad {
			wrong++
		}
		if max(p[i], 1-p[i]) >= 0.85 {
			sure++
			if bad {
				sureWrong++
			}
		}
	}
	for i := range p {
		for j := range p {
			if test.y[i] && !test.y[j] {
				pairs++
				switch {
				case p[i] > p[j]:
					ordered++
				case p[i] == p[j]:
					ordered += 0.5
				}
			}
		}
	}
	for _, r := range rows {
		if e.Predict(ReadingOf(r).Vector()).Confidence < 0.85 {
			below++
		}
	}
	ece := 0.0
	for k := range said {
		ece += math.Abs(said[k] - happened[k])
	}
	n, m := float64(len(p)), card.Metrics
	for _, v := range []struct {
		name      string
		card, now float64
	}{
		{"ROC-AUC", m.ROCAUC, ordered / pairs}, {"Brier", m.Brier, squares / n}, {"ECE", m.ECE, ece / n},
		{"accuracy", m.Accuracy, 1 - wrong/n}, {"coverage", m.Coverage, sure / n},
		{"accuracy of the sure", m.CoveredRight, 1 - sureWrong/sure}, {"errors caught", m.ErrorsCaught, 1 - sureWrong/wrong},
		{"rows below", m.AllRowsBelow, below / float64(len(rows))},
	} {
		if math.Abs(v.card-v.now) > 1e-6 {
			t.Errorf("%s is %.6f in the card and %.6f now", v.name, v.card, v.now)
		}
	}
	for k, b := range card.Calibration.Bins {
		if float64(b.Rows) != inBin[k] || b.Rows > 0 && math.Abs(b.Said*inBin[k]-said[k])+math.Abs(b.Happened*inBin[k]-happened[k]) > 0.01 {
			t.Errorf("reliability bin %d: %+v", k, b)
		}
	}
	if c := m.Confusion; c.TruePositive+c.FalseNegative+c.FalsePositive+c.TrueNegative != len(p) || float64(c.FalsePositive+c.FalseNegative) != wrong {
		t.Errorf("confusion %+v with %g errors", m.Confusion, wrong)
	}
}

// What the demo promises of its model, against the floor that other libraries
// reach on this file (ROC-AUC 0.971, average precision 0.714) and the dummy.
func TestTheModelIsGoodEnough(t *testing.T) {
	_, card, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	m := card.Metrics
	if m.ROCAUC < 0.975 || m.PRAUC < 0.80 || m.ECE > 0.02 || m.Accuracy < m.AlwaysHealthy+0.015 || m.ErrorsCaught < 0.5 || m.Coverage < 0.95 {
		t.Errorf("metrics %+v", m)
	}
}

// The golden distances of the public file's halves, measured with SciPy.
func TestDriftOfThePublicFile(t *testing.T) {
	rows, err := mill.ReadCSV(bytes.NewReader(milltest.PublicFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"air_temperature": 0.340749, "process_temperature": 0.340866,
		"rotational_speed": 0.031608, "torque": 0.026329, "tool_wear": 0.019809,
	} {
		var column []float64
		for _, r := range rows {
			column = append(column, r.Map()[name])
		}
		half := slices.Clone(column[:5000])
		slices.Sort(half)
		edges := deciles(half)
		got := jensenShannon(histogram(column[:5000], edges), histogram(column[5000:], edges))
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %.6f, want %.6f", name, got, want)
		}
	}
}

// The reference that the card carries stands for the data it was taken from.
func TestReferenceRowsResembleTheData(t *testing.T) {
	rows, err := mill.ReadCSV(bytes.NewReader(milltest.PublicFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	_, card, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	names, reference := card.ReferenceRows()
	for col, name := range names {
		var data, rebuilt []float64
		for _, r := range rows {
			data = append(data, r.Map()[name])
		}
		for _, r := range reference {
			rebuilt = append(rebuilt, r[col])
		}
		edges := card.Monitoring.Features[col].Edges
		if js := jensenShannon(histogram(data, edges), histogram(rebuilt, edges)); js > 0.01 {
			t.Errorf("%s: distance %.4f", name, js)
		}
	}
}

// The generated line does not look like drift, and its material change does.
func TestTheGeneratedLineAgainstTheReference(t *testing.T) {
	_, card, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	distance := func(rows []mill.Row, f model.Reference) float64 {
		var column []float64
		for _, r := range rows {
			column = append(column, r.Map()[f.Name])
		}
		return jensenShannon(f.Shares, histogram(column, f.Edges))
	}
	quiet := mill.Generate(7, 10_000)
	for k := 0; k < len(quiet); k += 1000 {
		for _, f := range card.Monitoring.Features {
			if js := distance(quiet[k:k+1000], f); js > 0.10 {
				t.Errorf("rows %d to %d: %s is %.3f away without a cause", k, k+1000, f.Name, js)
			}
		}
	}
	line := mill.NewLine(7, mill.Timeline{Phases: []mill.Phase{{From: 700, Until: 1000, Effect: mill.MaterialChange, Amount: 12}}})
	var changed []mill.Row
	for range 1000 {
		s, _ := line.Next()
		changed = append(changed, s.Row)
	}
	if js := distance(changed, card.Monitoring.Features[1]); card.Monitoring.Features[1].Name != "torque" || js <= 0.10 {
		t.Errorf("300 rows of harder material move torque only by %.3f", js)
	}
}

// What the card says about a temperature sensor that reads wrongly.
func TestAWrongSensorShowsOnlyInTheSuggestions(t *testing.T) {
	e, _, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	run := func(seed uint64, tl mill.Timeline) (unsure, failures, wrong float64) {
		line := mill.NewLine(seed, tl)
		for range 10_000 {
			s, _ := line.Next()
			p := e.Predict(ReadingOf(s.Row).Vector())
			if p.Confidence < Threshold {
				unsure++
			}
			if p.Failure {
				failures++
			}
			if p.Failure != s.Row.Failure {
				wrong++
			}
		}
		return unsure, failures, wrong
	}
	offset := mill.Timeline{Phases: []mill.Phase{{Until: 10_000, Effect: mill.SensorOffset, Amount: -2.2}}}
	for _, seed := range []uint64{1, 2, 7, 42} {
		unsure, failures, _ := run(seed, mill.Timeline{})
		unsureOff, failuresOff, wrongOff := run(seed, offset)
		if ratio := failuresOff / failures; ratio < 2.5 || ratio > 5.5 {
			t.Errorf("seed %d: %.1f times as many suggestions", seed, ratio)
		}
		if unsureOff > unsure*1.25 || wrongOff < 700 || wrongOff > 1000 {
			t.Errorf("seed %d: %g rows unsure instead of %g, %g wrong", seed, unsureOff, unsure, wrongOff)
		}
	}
}

// generated is a file of our own rows.
func generated(t testing.TB, seed uint64, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := mill.WriteCSV(&b, mill.Generate(seed, n)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTrainingIsRepeatable(t *testing.T) {
	file := generated(t, 11, 3000)
	first, err := Build(file, 1)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Build(file, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.ModelRaw, second.ModelRaw) || !bytes.Equal(first.CardRaw, second.CardRaw) {
		t.Error("two runs on the same file differ")
	}
	if _, _, err := model.Load(first.ModelRaw, first.CardRaw); err != nil {
		t.Errorf("the files do not load: %v", err)
	}
	other, err := Build(file, 2)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first.ModelRaw, other.ModelRaw) {
		t.Error("another split gives the same model")
	}
}

func TestTheFailureModesAreNoInput(t *testing.T) {
	rows := mill.Generate(11, 1)
	marked := rows[0]
	marked.TWF, marked.HDF, marked.PWF, marked.OSF, marked.RNF, marked.Failure = true, true, true, true, true, true
	if ReadingOf(rows[0]) != ReadingOf(marked) {
		t.Error("a label changes the reading")
	}
}

func TestFilesWithNothingToLearnAreRefused(t *testing.T) {
	for name, file := range map[string][]byte{
		"too few failures": generated(t, 11, 60),
		"no file at all":   nil,
	} {
		if _, err := Build(file, 1); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An interaction that no single split sees, in noise.
func TestBoostingLearnsAnInteraction(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var x [][]float64
	var y []bool
	for range 2000 {
		row := []float64{r.Float64(), r.Float64(), r.Float64()}
		x, y = append(x, row), append(y, (row[0] > 0.5) != (row[1] > 0.4))
	}
	bias, trees := boost(x[:1500], y[:1500], Params{Rounds: 60, Leaves: 6, LearningRate: 0.2, Lambda: 1, MinRows: 5, Bins: 100})
	wrong := 0
	for i := 1500; i < 2000; i++ {
		s := bias
		for k := range trees {
			s += trees[k].Eval(x[i])
		}
		if (s > 0) != y[i] {
			wrong++
		}
	}
	if wrong > 25 {
		t.Errorf("%d of 500 wrong", wrong)
	}
}

// The trainer's own scores are those of the trees it hands out, to the bit.
func TestTheTreesSayWhatTrainingSaw(t *testing.T) {
	var s sample
	for _, r := range mill.Generate(11, 2000) {
		s.add(ReadingOf(r), r.Failure)
	}
	p := Settings
	p.Rounds = 20
	b := newBooster(s.x, s.y, p)
	e := model.Ensemble{Bias: b.bias}
	for range p.Rounds {
		b.gradients()
		e.Trees = append(e.Trees, b.grow())
	}
	for i := range s.x {
		if got := e.Score(s.x[i]); got != b.score[i] {
			t.Fatalf("row %d: %v from the trees, %v in training", i, got, b.score[i])
		}
	}
	for i, tree := range e.Trees {
		if tree.Cover[0] != 2000 || slices.Min(tree.Cover) < float64(p.MinRows) {
			t.Errorf("tree %d covers %v", i, tree.Cover)
		}
	}
}

func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	var s, back sample
	rows := mill.Generate(11, 1500)
	for i := range rows {
		s.add(ReadingOf(rows[i]), rows[i].Failure)
		j := len(rows) - 1 - i
		back.add(ReadingOf(rows[j]), rows[j].Failure)
	}
	p := Settings
	p.Rounds = 10
	bias, trees := boost(s.x, s.y, p)
	bias2, trees2 := boost(back.x, back.y, p)
	if bias != bias2 || !slices.EqualFunc(trees, trees2, func(a, b model.Tree) bool {
		return slices.Equal(a.Threshold, b.Threshold) && slices.Equal(a.Value, b.Value)
	}) {
		t.Error("rows in reverse give other trees")
	}
}

func TestPlattFindsTheCurveThatMadeTheOutcomes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var s []float64
	var y []bool
	for range 40_000 {
		v := 3 * r.NormFloat64()
		s, y = append(s, v), append(y, r.Float64() < model.Sigmoid(0.7*v-1.2))
	}
	c, err := platt(s, y)
	if err != nil || math.Abs(c.A-0.7) > 0.02 || math.Abs(c.B+1.2) > 0.04 {
		t.Errorf("%+v, %v; want a 0.7, b -1.2", c, err)
	}
	if _, err := platt([]float64{1, 1, 1, 1}, []bool{true, false, true, false}); err == nil {
		t.Error("scores that are all equal cannot be calibrated in two parameters")
	}
}

func TestMetricsOnKnownCases(t *testing.T) {
	p := []float64{0.9, 0.8, 0.8, 0.3, 0.1}
	y := []bool{true, true, false, true, false}
	// Pairs: 0.9 beats both; 0.8 ties one and beats one; 0.3 loses one, beats one.
	if got := rocAUC(p, y); math.Abs(got-4.5/6) > 1e-12 {
		t.Errorf("ROC-AUC %g", got)
	}
	// Precision 1 at the first third of recall, 2/3 at the second, 3/4 at the last.
	if got, want := averagePrecision(p, y), (1+2.0/3+3.0/4)/3; math.Abs(got-want) > 1e-12 {
		t.Errorf("average precision %g, want %g", got, want)
	}
	if got, want := brier(p, y), (0.01+0.04+0.64+0.49+0.01)/5; math.Abs(got-want) > 1e-12 {
		t.Errorf("Brier %g, want %g", got, want)
	}
	if got, want := calibrationError(p, y), (0.1+0.6+0.7+0.1)/5; math.Abs(got-want) > 1e-12 {
		t.Errorf("ECE %g, want %g", got, want)
	}
	if got := jensenShannon([]float64{1, 0}, []float64{0, 1}); got != 1 {
		t.Errorf("distance of strangers %g", got)
	}
	if got := jensenShannon([]float64{0.5, 0.5}, []float64{0.5, 0.5}); got != 0 {
		t.Errorf("distance to itself %g", got)
	}
}

func TestCutPointsSeparateValues(t *testing.T) {
	cuts := cutPoints([]float64{1, 1, 1, 2, 2, 3, 10}, 10)
	for _, pair := range [][2]float64{{1, 2}, {2, 3}, {3, 10}} {
		if !slices.ContainsFunc(cuts, func(c float64) bool { return pair[0] < c && c <= pair[1] }) {
			t.Errorf("no cut between %g and %g in %v", pair[0], pair[1], cuts)
		}
	}
	if !slices.IsSorted(cuts) || len(cuts) != 3 {
		t.Errorf("cuts %v", cuts)
	}
	if cuts := cutPoints([]float64{5, 5, 5}, 10); len(cuts) != 0 {
		t.Errorf("a constant column gets cuts %v", cuts)
	}
}

func TestTheCardNamesNoFolderOfOurs(t *testing.T) {
	_, card, err := model.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if c := card.Reproduce.Command; strings.Contains(c, "..") || strings.Contains(c, "/work") {
		t.Errorf("command %q", c)
	}
}
