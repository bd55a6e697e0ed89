// Package train makes the failure model of the demo: it reads the public
// AI4I 2020 file, trains and calibrates a tree ensemble, measures it on rows
// that neither step has seen, and writes the model file and its card.
//
// The same file and seed give the same bytes on every platform; a test
// re-trains and compares with what internal/demo/model embeds. The package is
// not part of the program: only the generate command beside it and tests use
// it.
package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"

	"augenmass/internal/demo/mill"
	"augenmass/internal/demo/model"
	"augenmass/internal/problem"
)

// Seed of the embedded model: the number of the data set at UCI, taken before
// anything was measured with it.
const Seed = 601

// Settings of the embedded model. Nine settings were compared on eight random
// splits of the same file, none of them made with Seed. They scored alike
// (ROC-AUC 0.977 to 0.980 on average), so a small model was taken.
var Settings = Params{Rounds: 100, Leaves: 8, LearningRate: 0.1, Lambda: 5, MinRows: 10, Bins: 255}

// Threshold of the confidence at which the card reports coverage and errors.
const Threshold = 0.85

// Result is everything that one run makes.
type Result struct {
	Model    *model.Ensemble
	Card     model.Card
	ModelRaw []byte // the model file
	CardRaw  []byte // the card file
}

// rows of the file as the trees see them.
type sample struct {
	reading []model.Reading
	x       [][]float64
	y       []bool
}

func (s *sample) add(r model.Reading, failed bool) {
	s.reading = append(s.reading, r)
	s.x = append(s.x, r.Vector())
	s.y = append(s.y, failed)
}

// ReadingOf is a row as the model takes it. The failure modes are labels and
// stay behind.
func ReadingOf(r mill.Row) model.Reading { return r.Values() }

// Build trains on the bytes of an AI4I file. Errors name the line of a file
// that cannot be read, or say why there is nothing to train on.
func Build(file []byte, seed uint64) (Result, error) {
	rows, err := mill.ReadCSV(bytes.NewReader(file))
	if err != nil {
		return Result{}, err
	}
	all, parts := split(rows, seed)
	for _, p := range parts {
		failures := count(p.y)
		if failures < 10 || len(p.y)-failures < 10 {
			return Result{}, problem.New(problem.BadInput,
				"Die Datei hat zu wenige Ausfälle oder zu wenige gute Teile, um daraus zu lernen.",
				"The file has too few failures or too few sound parts to learn from.")
		}
	}
	e := &model.Ensemble{
		Format: model.Format, Name: model.Name, Version: model.Version,
		Features: model.FeatureNames, Ranges: ranges(all),
	}
	e.Bias, e.Trees = boost(parts[0].x, parts[0].y, Settings)
	if e.Calibration, err = platt(scores(e, parts[1]), parts[1].y); err != nil {
		return Result{}, err
	}
	var out Result
	if out.ModelRaw, err = json.Marshal(e); err != nil {
		return Result{}, problem.From(err)
	}
	out.ModelRaw = append(out.ModelRaw, '\n')
	// From here on the model is what readers of the file will have.
	if out.Model, err = model.Parse(out.ModelRaw); err != nil {
		return Result{}, err
	}
	out.Card = card(out.Model, rows, all, parts, seed)
	out.Card.Model.Bytes = len(out.ModelRaw)
	sum := sha256.Sum256(file)
	out.Card.Data.SHA256 = hex.EncodeToString(sum[:])
	if out.CardRaw, err = json.MarshalIndent(out.Card, "", " "); err != nil {
		return Result{}, problem.From(err)
	}
	out.CardRaw = append(out.CardRaw, '\n')
	return out, nil
}

// split shuffles by seed into 60 % training, 20 % calibration and 20 % test.
func split(rows []mill.Row, seed uint64) (all sample, parts [3]sample) {
	for _, r := range rows {
		all.add(ReadingOf(r), r.Failure)
	}
	n := len(rows)
	for k, i := range rand.New(rand.NewPCG(seed, 0)).Perm(n) {
		part := 0
		switch {
		case k >= n*8/10:
			part = 2
		case k >= n*6/10:
			part = 1
		}
		parts[part].add(all.reading[i], all.y[i])
	}
	return all, parts
}

func ranges(s sample) []model.Range {
	out := make([]model.Range, len(model.Inputs))
	for i := range out {
		out[i] = model.Range{s.reading[0][i], s.reading[0][i]}
		for _, r := range s.reading {
			out[i][0], out[i][1] = min(out[i][0], r[i]), max(out[i][1], r[i])
		}
	}
	return out
}

func scores(e *model.Ensemble, s sample) []float64 {
	out := make([]float64, len(s.x))
	for i := range s.x {
		out[i] = e.Score(s.x[i])
	}
	return out
}

func count(y []bool) int {
	n := 0
	for _, v := range y {
		if v {
			n++
		}
	}
	return n
}
