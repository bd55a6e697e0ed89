package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/demo/mill"
	"augenmass/internal/problem"
	"augenmass/internal/text"
)

var update = flag.Bool("update", false, "write testdata/predictions.json anew")

func embedded(t testing.TB) (*Ensemble, Card) {
	t.Helper()
	e, c, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

func readingOf(r mill.Row) Reading { return r.Values() }

// sample is a spread of readings: the line's own, and each value at the ends of
// what a request may hold.
func sample() []Reading {
	var out []Reading
	for _, r := range mill.Generate(7, 400) {
		out = append(out, readingOf(r))
	}
	for i, in := range Inputs {
		for _, v := range []float64{in.Min, in.Max} {
			r := out[i]
			r[i] = v
			out = append(out, r)
		}
	}
	return out
}

func TestTheEmbeddedModelIsWhatItsCardDescribes(t *testing.T) {
	e, c := embedded(t)
	sum := sha256.Sum256(embeddedModel)
	if want := "sha256:" + hex.EncodeToString(sum[:]); e.Hash() != want || c.Model.SHA256 != want {
		t.Errorf("hash %s, card %s, file %s", e.Hash(), c.Model.SHA256, want)
	}
	if e.Name != Name || e.Version != Version || c.Model.Trees != len(e.Trees) || c.Model.Bytes != len(embeddedModel) {
		t.Errorf("model %s %s with %d trees in %d bytes, card says %+v", e.Name, e.Version, len(e.Trees), len(embeddedModel), c.Model)
	}
	if len(embeddedModel) > 300<<10 || len(embeddedCard) > 64<<10 {
		t.Errorf("files of %d and %d bytes are too large to embed", len(embeddedModel), len(embeddedCard))
	}
	for i, name := range FeatureNames {
		if c.Model.Features[i].Name != name {
			t.Errorf("feature %d is %s in the card", i, c.Model.Features[i].Name)
		}
	}
}

func TestAChangedModelFileIsRefused(t *testing.T) {
	for at := 0; at < len(embeddedModel)-1; at += 997 {
		changed := bytes.Clone(embeddedModel)
		changed[at] ^= 1
		if _, _, err := Load(changed, embeddedCard); !problem.Is(err, problem.Corrupt) {
			t.Fatalf("byte %d changed: %v", at, err)
		}
	}
	other := bytes.Replace(embeddedCard, []byte(`"version": "1.0.0"`), []byte(`"version": "1.0.1"`), 1)
	if _, _, err := Load(embeddedModel, other); !problem.Is(err, problem.Corrupt) {
		t.Errorf("card of another version: %v", err)
	}
	if _, _, err := Load(embeddedModel, embeddedCard[:len(embeddedCard)/2]); !problem.Is(err, problem.Corrupt) {
		t.Errorf("half a card: %v", err)
	}
}

func TestMalformedModelFilesAreRefused(t *testing.T) {
	change := func(f func(*Ensemble)) []byte {
		var e Ensemble
		if err := json.Unmarshal(embeddedModel, &e); err != nil {
			t.Fatal(err)
		}
		f(&e)
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if _, err := Parse(change(func(*Ensemble) {})); err != nil {
		t.Fatalf("an unchanged model: %v", err)
	}
	tests := map[string]func(*Ensemble){
		"other format":          func(e *Ensemble) { e.Format = "augenmass-trees/2" },
		"no name":               func(e *Ensemble) { e.Name = "" },
		"feature renamed":       func(e *Ensemble) { e.Features[6] = "TWF" },
		"feature missing":       func(e *Ensemble) { e.Features = e.Features[1:] },
		"ranges missing":        func(e *Ensemble) { e.Ranges = nil },
		"empty range":           func(e *Ensemble) { e.Ranges[1] = Range{300, 300} },
		"no trees":              func(e *Ensemble) { e.Trees = nil },
		"child before parent":   func(e *Ensemble) { e.Trees[0].Left[1] = 0 },
		"child is itself":       func(e *Ensemble) { e.Trees[0].Right[0] = 0 },
		"child out of the tree": func(e *Ensemble) { e.Trees[0].Left[0] = 999 },
		"two parents":           func(e *Ensemble) { e.Trees[0].Left[0] = e.Trees[0].Right[0] },
		"unknown feature":       func(e *Ensemble) { e.Trees[0].Feature[0] = 8 },
		"lists differ":          func(e *Ensemble) { e.Trees[0].Value = e.Trees[0].Value[1:] },
		"rows do not add up":    func(e *Ensemble) { e.Trees[0].Cover[0]++ },
		"no rows":               func(e *Ensemble) { e.Trees[0].Cover[len(e.Trees[0].Cover)-1] = 0 },
		"falling calibration":   func(e *Ensemble) { e.Calibration.A = -1 },
		"other calibration":     func(e *Ensemble) { e.Calibration.Method = "none" },
	}
	for name, f := range tests {
		if _, err := Parse(change(f)); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, file := range map[string]string{
		"nothing": "", "a list": "[]", "unknown key": `{"format":"augenmass-trees/1","code":1}`,
		"two objects": string(embeddedModel) + "{}",
	} {
		if _, err := Parse([]byte(file)); !problem.Is(err, problem.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The stored predictions were taken on linux/amd64; equality is exact, so
// another platform or compiler that differs in the last bit is found.
func TestPredictionsAreTheStoredOnes(t *testing.T) {
	type stored struct {
		Reading     Reading
		Score       float64
		Probability float64
		Failure     bool
	}
	e, _ := embedded(t)
	var have []stored
	for _, r := range sample() {
		p := e.Predict(r.Vector())
		have = append(have, stored{r, p.Score, p.Probability, p.Failure})
		if p.Confidence != max(p.Probability, 1-p.Probability) || !(p.Confidence >= 0.5 && p.Confidence <= 1) {
			t.Errorf("%v: confidence %g at probability %g", r, p.Confidence, p.Probability)
		}
		if p.Failure != (p.Probability >= 0.5) {
			t.Errorf("%v: suggestion %v at probability %g", r, p.Failure, p.Probability)
		}
	}
	const file = "testdata/predictions.json"
	if *update {
		b, err := json.Marshal(have)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(bytes.ReplaceAll(b, []byte("},"), []byte("},\n")), '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want []stored
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(have, want) {
		for i := range min(len(have), len(want)) {
			if have[i] != want[i] {
				t.Fatalf("row %d: %+v, stored %+v", i, have[i], want[i])
			}
		}
		t.Fatalf("%d predictions, %d stored", len(have), len(want))
	}
}

// What the published rules call certain, the model has learned.
func TestTheModelKnowsThePublishedRules(t *testing.T) {
	e, _ := embedded(t)
	for _, tt := range []struct {
		name string
		r    Reading
		want bool
	}{
		{"a sound product", Reading{1, 300, 310, 1500, 40, 100}, false},
		{"heat is not carried off", Reading{0, 302, 310, 1330, 50, 60}, true},
		{"too little power", Reading{0, 300, 310, 2700, 10, 60}, true},
		{"too much power", Reading{0, 300, 310, 1300, 70, 60}, true},
		{"overstrain", Reading{0, 300, 310, 1380, 60, 215}, true},
	} {
		if p := e.Predict(tt.r.Vector()); p.Failure != tt.want {
			t.Errorf("%s: probability of a failure %.3f", tt.name, p.Probability)
		}
	}
}

func TestExponential(t *testing.T) {
	for x := -699.0; x <= 0; x += 0.37 {
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 2e-15*want {
			t.Fatalf("exp(%g) = %.17g, want %.17g", x, got, want)
		}
	}
	if exp(-701) != 0 || exp(0) != 1 {
		t.Error("exp at the ends")
	}
	for _, x := range []float64{0, 0.3, 5, 40, 800} {
		if s := Sigmoid(x) + Sigmoid(-x); math.Abs(s-1) > 1e-15 {
			t.Errorf("Sigmoid(%g) + Sigmoid(-%g) = %g", x, x, s)
		}
	}
}

func TestReadingsAreChecked(t *testing.T) {
	good := Reading{1, 300, 310, 1500, 40, 100}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for i, v := range []float64{1.5, math.NaN(), 401, math.Inf(1), -0.1, -1} {
		r := good
		r[i] = v
		err := r.Check()
		p := problem.From(err)
		if err == nil || len(p.Fields) != 1 || p.Fields[0].Path != Inputs[i].Name {
			t.Errorf("%s = %g: %v", Inputs[i].Name, v, err)
		}
	}
}

func TestTheModelIsSafeForManyCallers(t *testing.T) {
	e, _ := embedded(t)
	rows := sample()[:50]
	want := make([]Prediction, len(rows))
	for i, r := range rows {
		want[i] = e.Predict(r.Vector())
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, r := range rows {
				if got := e.Predict(r.Vector()); got != want[i] {
					t.Errorf("row %d: %+v, want %+v", i, got, want[i])
				}
				e.Contributions(r.Vector())
				e.Flip(r)
			}
		})
	}
	wg.Wait()
}

func TestTheCardIsCompleteInBothLanguages(t *testing.T) {
	_, c := embedded(t)
	texts := 0
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if b, ok := v.Interface().(text.Bi); ok {
			texts++
			if !b.Complete() || b.DE == b.EN && len(b.DE) > 12 {
				t.Errorf("%s: %+v", path, b)
			}
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			if v.Len() == 0 {
				t.Errorf("%s is empty", path)
			}
			for i := range v.Len() {
				walk(path, v.Index(i))
			}
		case reflect.String:
			if v.String() == "" {
				t.Errorf("%s is empty", path)
			}
		case reflect.Float64:
			if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
				t.Errorf("%s is %g", path, f)
			}
		}
	}
	for i := range c.Model.Features { // the variant has no unit
		if c.Model.Features[i].Unit == "" {
			c.Model.Features[i].Unit = "-"
		}
	}
	walk("card", reflect.ValueOf(c))
	if texts < 15 {
		t.Errorf("only %d texts", texts)
	}
	for _, s := range []string{"Matzka", "601", "10.24432/C5HS5C", "CC BY 4.0"} {
		if !strings.Contains(string(embeddedCard), s) {
			t.Errorf("the attribution lacks %q", s)
		}
	}
}

func TestReferenceRowsHaveTheCardsDistribution(t *testing.T) {
	_, c := embedded(t)
	names, rows := c.ReferenceRows()
	if len(rows) != c.Data.Rows || len(names) != 3 {
		t.Fatalf("%d rows of %v", len(rows), names)
	}
	for col, f := range c.Monitoring.Features {
		if names[col] != f.Name {
			t.Errorf("column %d is %s, want %s", col, names[col], f.Name)
		}
		for k, edge := range f.Edges {
			below, want := 0.0, 0.0
			for _, r := range rows {
				if r[col] < edge {
					below += 1 / float64(len(rows))
				}
			}
			for _, s := range f.Shares[:k+1] {
				want += s
			}
			if math.Abs(below-want) > 0.005 {
				t.Errorf("%s: %.4f of the rows below %g, the card says %.4f", f.Name, below, edge, want)
			}
		}
	}
}
