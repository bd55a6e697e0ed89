package model

import (
	"bytes"
	"encoding/json"
	"math"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Card is the model card: what the model is for, what it was made from, how
// good it is, what it cannot do, and how to make it again. Every number in it
// was computed when the model was trained.
type Card struct {
	Format      string     `json:"format"` // CardFormat
	Name        string     `json:"name"`
	Version     string     `json:"version"`
	Title       text.Bi    `json:"title"`
	Purpose     text.Bi    `json:"purpose"`
	NotFor      []text.Bi  `json:"not_for"`
	Data        CardData   `json:"data"`
	Model       CardModel  `json:"model"`
	Metrics     Metrics    `json:"metrics"`
	Calibration CardCalib  `json:"calibration"`
	Limits      []text.Bi  `json:"limits"`
	Monitoring  Monitoring `json:"monitoring"`
	Reproduce   Reproduce  `json:"reproduce"`
}

// CardFormat is the name of the card's format.
const CardFormat = "augenmass-model-card/1"

// CardData names the training data and the attribution its licence demands.
type CardData struct {
	Name        string  `json:"name"`
	Author      string  `json:"author"`
	Source      string  `json:"source"`
	DOI         string  `json:"doi"`
	Licence     string  `json:"licence"`
	Attribution string  `json:"attribution"`
	SHA256      string  `json:"sha256"` // of the CSV file
	Rows        int     `json:"rows"`
	Failures    int     `json:"failures"`
	Split       Split   `json:"split"`
	Notes       text.Bi `json:"notes"`
}

// Split counts the rows of each part.
type Split struct {
	Train       int `json:"train"`
	Calibration int `json:"calibration"`
	Test        int `json:"test"`
}

// CardModel describes the ensemble.
type CardModel struct {
	Kind         text.Bi       `json:"kind"`
	SHA256       string        `json:"sha256"` // "sha256:…" of the model file
	Bytes        int           `json:"bytes"`
	Trees        int           `json:"trees"`
	Leaves       int           `json:"leaves"` // at most, per tree
	LearningRate float64       `json:"learning_rate"`
	Features     []CardFeature `json:"features"`
	Explanation  text.Bi       `json:"explanation"`
}

// CardFeature is one value that the trees see; Share is the mean absolute
// contribution over the test rows, as a share of the sum over all features.
type CardFeature struct {
	Name  string  `json:"name"`
	Title text.Bi `json:"title"`
	Unit  string  `json:"unit"`
	Share float64 `json:"share"`
}

// Metrics of the calibrated model on the test rows, which neither training nor
// calibration has seen.
type Metrics struct {
	ROCAUC        float64   `json:"roc_auc"`
	PRAUC         float64   `json:"pr_auc"` // average precision
	Brier         float64   `json:"brier"`
	ECE           float64   `json:"ece"`     // expected calibration error, see Calibration
	ECERaw        float64   `json:"ece_raw"` // before calibration
	Confusion     Confusion `json:"confusion"`
	Threshold     float64   `json:"confidence_threshold"` // 0.85
	Coverage      float64   `json:"coverage"`             // share of rows at or above it
	Accuracy      float64   `json:"accuracy"`             // over all test rows
	CoveredRight  float64   `json:"covered_accuracy"`     // over the rows at or above it
	ErrorsCaught  float64   `json:"errors_caught"`        // share of the wrong suggestions below it
	AllRowsBelow  float64   `json:"all_rows_below"`       // share of all rows of the file below it
	AlwaysHealthy float64   `json:"always_healthy"`       // accuracy of "no failure" every time: the dummy
}

// Confusion counts suggestions at probability 0.5.
type Confusion struct {
	TruePositive  int `json:"true_positive"`
	FalsePositive int `json:"false_positive"`
	TrueNegative  int `json:"true_negative"`
	FalseNegative int `json:"false_negative"`
}

// CardCalib says how scores became probabilities, with the reliability table
// on the test rows.
type CardCalib struct {
	Method text.Bi       `json:"method"`
	Bins   []Reliability `json:"bins"`
}

// Reliability is one bin of equal width of the predicted probability.
type Reliability struct {
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	Rows     int     `json:"rows"`
	Said     float64 `json:"said"`     // mean predicted probability
	Happened float64 `json:"happened"` // share of failures
}

// Monitoring is what drift is measured on, and against what.
type Monitoring struct {
	Why         text.Bi     `json:"why"`
	Features    []Reference `json:"features"`
	Unmonitored []Reference `json:"unmonitored"` // kept for the reader, with the reason in Why
}

// Reference is the distribution of one feature over all rows of the file.
type Reference struct {
	Name      string    `json:"name"`
	Unit      string    `json:"unit"`
	Rows      int       `json:"rows"`
	Mean      float64   `json:"mean"`
	SD        float64   `json:"sd"`        // population
	Edges     []float64 `json:"edges"`     // inner decile edges by linear interpolation, equal ones merged; bins closed on the left
	Shares    []float64 `json:"shares"`    // of the rows per bin, one more than edges
	Quantiles []float64 `json:"quantiles"` // minimum, 0.5 %, 1 %, … maximum: 201 values
	Lag1      float64   `json:"lag1"`      // autocorrelation from row to row
	Window    int       `json:"window"`    // rows per window of the next value
	WindowJS  float64   `json:"window_js"` // largest Jensen-Shannon distance (base 2) of the file's own consecutive windows to the whole
}

// Reproduce says how to make the same bytes again.
type Reproduce struct {
	Seed    uint64 `json:"seed"`
	Command string `json:"command"`
}

// ParseCard reads a card strictly. Errors are problems of kind Corrupt.
func ParseCard(data []byte) (Card, error) {
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	var c Card
	err := in.Decode(&c)
	sound := err == nil && c.Format == CardFormat && !in.More()
	for _, f := range c.Monitoring.Features {
		sound = sound && f.Name != "" && f.Rows > 0 && len(f.Quantiles) >= 2
	}
	if sound {
		return c, nil
	}
	return Card{}, problem.New(problem.Corrupt,
		"Die Modellkarte ist beschädigt und wird nicht geladen.",
		"The model card is damaged and is not loaded.").Wrap(err)
}

// ReferenceRows rebuilds rows from which a monitor can freeze its reference, in
// the order of Monitoring.Features: as many as the training data had, each
// column in rising order with the distribution of the training data, to half a
// per cent of rank and the resolution of the sensor. The joint distribution is
// not kept, because drift is measured per feature; nor is the order in time.
func (c Card) ReferenceRows() (features []string, rows [][]float64) {
	for col, f := range c.Monitoring.Features {
		features = append(features, f.Name)
		for i := range f.Rows {
			if col == 0 {
				rows = append(rows, make([]float64, len(c.Monitoring.Features)))
			}
			if i < len(rows) {
				rows[i][col] = f.quantile(float64(i)/float64(max(1, f.Rows-1)), stepOf(f.Name))
			}
		}
	}
	return features, rows
}

// quantile interpolates between the stored ones and rounds to the step.
func (r Reference) quantile(q, step float64) float64 {
	at := q * float64(len(r.Quantiles)-1)
	i := min(int(at), len(r.Quantiles)-2)
	v := r.Quantiles[i] + float64((at-float64(i))*(r.Quantiles[i+1]-r.Quantiles[i]))
	perUnit := math.Round(1 / step)
	return math.Round(v*perUnit) / perUnit
}

// stepOf is the resolution of a feature.
func stepOf(name string) float64 {
	for _, in := range Inputs {
		if in.Name == name {
			return in.Step
		}
	}
	return 0.1
}
