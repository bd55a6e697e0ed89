// Package model is the failure model of the milling line: a gradient boosted
// tree ensemble with calibrated probabilities, what it says about its own
// suggestions, its model card, and an HTTP server that speaks the Open
// Inference Protocol v2.
//
// The embedded model was trained by internal/demo/train on the public AI4I 2020
// data (S. Matzka, UCI 601, CC BY 4.0); its card says how and how well. Results
// have the same bits on every platform: sums run in a fixed order, nothing is
// left to fused operations, and the exponential function is the package's own.
//
// A server does not know who may ask it, and it does not decide what happens
// to its suggestions; that is the gateway's work.
package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"augenmass/internal/problem"
)

// Format is the name of the model file's format. A model file is one JSON
// object; each tree holds its nodes in parallel lists with the root first and
// children after their parents:
//
//	f  feature index of an inner node, -1 for a leaf
//	t  threshold: a value below it goes left, any other goes right
//	l  index of the left child, r of the right (0 for a leaf)
//	v  value of a leaf in log-odds (0 for an inner node)
//	n  training rows that came through the node
//
// The score of a row is bias plus the leaf value of every tree, in log-odds;
// calibration turns it into a probability.
const Format = "augenmass-trees/1"

// Tree is one regression tree; Format explains the lists.
type Tree struct {
	Feature   []int     `json:"f"`
	Threshold []float64 `json:"t"`
	Left      []int     `json:"l"`
	Right     []int     `json:"r"`
	Value     []float64 `json:"v"`
	Cover     []float64 `json:"n"`
}

// Calibration turns a score into a probability: Sigmoid(A·score + B)
// (J. Platt, "Probabilistic outputs for support vector machines", 1999).
type Calibration struct {
	Method string  `json:"method"` // "platt"
	A      float64 `json:"a"`
	B      float64 `json:"b"`
}

// Ensemble is a model as its file holds it. It does not change after Parse and
// is safe for concurrent use.
type Ensemble struct {
	Format      string      `json:"format"`
	Name        string      `json:"name"`
	Version     string      `json:"version"`
	Features    []string    `json:"features"` // in the order of FeatureNames
	Ranges      []Range     `json:"ranges"`   // of the inputs in training, in the order of Inputs
	Bias        float64     `json:"bias"`
	Calibration Calibration `json:"calibration"`
	Trees       []Tree      `json:"trees"`

	hash string
	base float64 // expected score over the training rows
}

// Range is the smallest and the largest value of an input in training.
type Range [2]float64

// Prediction is what the model says about one row.
type Prediction struct {
	Failure     bool    // the suggestion: Probability is at least 0.5
	Probability float64 // calibrated probability of a failure, 0..1
	Confidence  float64 // calibrated: the larger of p and 1-p, 0.5..1
	Score       float64 // log-odds before calibration
}

// maxNodes bounds one tree, maxTrees the ensemble: far above the models of the
// demo, far below what would trouble a reader's memory.
const (
	maxNodes = 4096
	maxTrees = 4096
	maxDepth = 32
)

// Parse reads a model file strictly: known format, this package's features,
// well-formed trees, finite numbers. Errors are problems of kind Corrupt.
func Parse(data []byte) (*Ensemble, error) {
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	var e Ensemble
	if err := in.Decode(&e); err != nil {
		return nil, corrupt("the file is no model file", err)
	}
	if in.More() {
		return nil, corrupt("the file goes on after the model", nil)
	}
	if err := e.check(); err != nil {
		return nil, corrupt(err.Error(), nil)
	}
	sum := sha256.Sum256(data)
	e.hash = "sha256:" + hex.EncodeToString(sum[:])
	e.base = e.Bias
	for _, t := range e.Trees {
		e.base += t.expected()
	}
	return &e, nil
}

func corrupt(what string, err error) error {
	return problem.New(problem.Corrupt,
		"Die Modelldatei ist beschädigt und wird nicht geladen.",
		"The model file is damaged and is not loaded: "+what+".").Wrap(err)
}

func (e *Ensemble) check() error {
	if e.Format != Format {
		return fmt.Errorf("format %q instead of %q", e.Format, Format)
	}
	if e.Name == "" || e.Version == "" {
		return fmt.Errorf("name or version is missing")
	}
	if len(e.Features) != len(FeatureNames) {
		return fmt.Errorf("%d features instead of %d", len(e.Features), len(FeatureNames))
	}
	for i, name := range FeatureNames {
		if e.Features[i] != name {
			return fmt.Errorf("feature %d is %q instead of %q", i, e.Features[i], name)
		}
	}
	if len(e.Ranges) != len(Inputs) {
		return fmt.Errorf("%d ranges instead of %d", len(e.Ranges), len(Inputs))
	}
	for i, r := range e.Ranges {
		if !(r[0] < r[1] && r[0] >= Inputs[i].Min && r[1] <= Inputs[i].Max) {
			return fmt.Errorf("range of %s is empty or too wide", Inputs[i].Name)
		}
	}
	if !finite(e.Bias) {
		return fmt.Errorf("bias is not finite")
	}
	if err := e.Calibration.check(); err != nil {
		return err
	}
	if len(e.Trees) == 0 || len(e.Trees) > maxTrees {
		return fmt.Errorf("%d trees, allowed are 1 to %d", len(e.Trees), maxTrees)
	}
	for i, t := range e.Trees {
		if err := t.check(len(e.Features)); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
}

func (t Tree) check(features int) error {
	n := len(t.Feature)
	if n == 0 || n > maxNodes {
		return fmt.Errorf("%d nodes, allowed are 1 to %d", n, maxNodes)
	}
	if len(t.Threshold) != n || len(t.Left) != n || len(t.Right) != n || len(t.Value) != n || len(t.Cover) != n {
		return fmt.Errorf("lists of different length")
	}
	depth := make([]int, n)
	reached := make([]int, n)
	reached[0] = 1
	for i := range n {
		if !finite(t.Threshold[i]) || !finite(t.Value[i]) || !finite(t.Cover[i]) || t.Cover[i] <= 0 {
			return fmt.Errorf("node %d holds a number that is not allowed", i)
		}
		if reached[i] != 1 || depth[i] > maxDepth {
			return fmt.Errorf("node %d is not in the tree exactly once, or too deep", i)
		}
		switch f := t.Feature[i]; {
		case f == -1:
		case f < -1 || f >= features:
			return fmt.Errorf("node %d asks for feature %d", i, f)
		default:
			l, r := t.Left[i], t.Right[i]
			if l <= i || r <= i || l >= n || r >= n {
				return fmt.Errorf("node %d has children %d and %d", i, l, r)
			}
			if t.Cover[l]+t.Cover[r] != t.Cover[i] {
				return fmt.Errorf("node %d: the children's rows do not add up", i)
			}
			for _, c := range []int{l, r} {
				reached[c]++
				depth[c] = depth[i] + 1
			}
		}
	}
	return nil
}

func (c Calibration) check() error {
	if c.Method != "platt" || !finite(c.A) || !finite(c.B) || c.A <= 0 {
		return fmt.Errorf("the calibration is not allowed")
	}
	return nil
}

// Hash is "sha256:" and the hexadecimal SHA-256 of the model file.
func (e *Ensemble) Hash() string { return e.hash }

// Predict evaluates one vector as Reading.Vector gives it.
func (e *Ensemble) Predict(x []float64) Prediction {
	s := e.Score(x)
	p := e.Calibration.Probability(s)
	return Prediction{Failure: p >= 0.5, Probability: p, Confidence: max(p, 1-p), Score: s}
}

// Score is the log-odds before calibration.
func (e *Ensemble) Score(x []float64) float64 {
	s := e.Bias
	for i := range e.Trees {
		s += e.Trees[i].Eval(x)
	}
	return s
}

// Eval is the value of the leaf that x reaches.
func (t *Tree) Eval(x []float64) float64 {
	i := 0
	for t.Feature[i] >= 0 {
		if x[t.Feature[i]] < t.Threshold[i] {
			i = t.Left[i]
		} else {
			i = t.Right[i]
		}
	}
	return t.Value[i]
}

// expected is the mean leaf value over the training rows.
func (t *Tree) expected() float64 {
	sum := 0.0
	for i, f := range t.Feature {
		if f < 0 {
			sum += float64(t.Value[i] * t.Cover[i])
		}
	}
	return sum / t.Cover[0]
}

// Probability is the calibrated probability for a score.
func (c Calibration) Probability(score float64) float64 {
	return Sigmoid(float64(c.A*score) + c.B)
}

// Sigmoid is 1/(1+e^-x), with the same bits on every platform.
func Sigmoid(x float64) float64 {
	if x < 0 {
		z := exp(x)
		return z / (1 + z)
	}
	return 1 / (1 + exp(-x))
}

// exp is e^x for x ≤ 0, to about 1e-15: x = k·ln 2 + r, a series for e^r.
// math.Exp differs in the last bit between processors.
func exp(x float64) float64 {
	// ln 2 in two parts, so that k·ln 2 loses no bits (as in fdlibm).
	const ln2High, ln2Low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
	if x < -700 {
		return 0
	}
	k := math.Round(x / math.Ln2)
	r := x - float64(k*ln2High) - float64(k*ln2Low)
	sum := 1.0
	for i := 18; i >= 1; i-- {
		sum = 1 + float64(sum*r)/float64(i)
	}
	return math.Ldexp(sum, int(k))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
