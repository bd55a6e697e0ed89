package inventory

import (
	"net/url"
	"regexp"
	"strconv"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Card is a model card: what a reader must know before trusting a result
// (ZTA-04, requirement 001-24).
type Card struct {
	Purpose    text.Bi  `json:"purpose"`
	Data       text.Bi  `json:"data"` // training data, source, licence
	Metrics    []Metric `json:"metrics"`
	Limits     text.Bi  `json:"limits"`
	Confidence text.Bi  `json:"confidence"` // how confidence is calibrated
}

// Complete reports whether the card says enough to count as one.
func (c Card) Complete() bool {
	return !c.Purpose.IsZero() && !c.Data.IsZero() && !c.Limits.IsZero() && len(c.Metrics) > 0
}

// Metric is one figure of a model card.
type Metric struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	On    string  `json:"on"` // data it was measured on
}

// Model is one version of a model that a system runs. The permit covers
// exactly this version: other bytes, no permit.
type Model struct {
	System   string   `json:"system" store:"ref=system,index,required"`
	Name     string   `json:"name" store:"index,required"` // as clients call it
	Version  string   `json:"version" store:"required"`
	Hash     string   `json:"hash"` // sha256:<hex> of the model file
	Endpoint string   `json:"endpoint"`
	Card     Card     `json:"card"`
	Reading  Reading  `json:"reading"`
	Baseline Baseline `json:"baseline"`
}

// Reading says how the gateway reads the model's questions and answers (Open
// Inference Protocol v2) and how people read its values.
type Reading struct {
	Inputs      []Tensor    `json:"inputs"`
	Features    []Feature   `json:"features"`
	Confidence  string      `json:"confidence"`  // output tensor with calibrated confidence
	Explanation string      `json:"explanation"` // output tensor with shares of the result; empty: none
	Explained   []Explained `json:"explained"`   // its columns; empty: the features in order
	Zone        string      `json:"zone"`        // plant zone that counts; empty: the caller's
	StandIns    []string    `json:"stand_ins"`   // roles that may decide besides the system's decider
	MaxRows     int         `json:"max_rows"`    // of one request; 0: 256
}

// Explained is one column of the explanation.
type Explained struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Label text.Bi `json:"label"`
}

// Tensor is one input of a model. In a shape, -1 is any number; the first
// dimension counts rows.
type Tensor struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
	Nullable bool    `json:"nullable"`
}

// Feature is one value among the inputs.
type Feature struct {
	Name   string   `json:"name"`
	Input  string   `json:"input"` // tensor; empty: the name
	Column int      `json:"column"`
	Unit   string   `json:"unit"`
	Label  text.Bi  `json:"label"`
	Values []string `json:"values"` // for names: the known ones, in order
}

// Baseline is the data the model was approved with; drift is measured against
// it.
type Baseline struct {
	ID             string   `json:"id"`
	Columns        []Column `json:"columns"` // all of one length
	Context        []string `json:"context"` // features that count for the verdict; empty: all
	Window         int      `json:"window"`  // rows; 0: 1,000
	Autocorrelated bool     `json:"autocorrelated"`
}

// Column is one feature of a baseline.
type Column struct {
	Feature  string    `json:"feature"`
	Category bool      `json:"category"`
	Values   []float64 `json:"values"`
}

// Title names the model in lists and links.
func (m *Model) Title() string { return m.Name + " " + m.Version }

var (
	modelName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,79}$`)
	modelHash = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// Validate checks name, hash and endpoint.
func (m *Model) Validate() error {
	var c problem.Checks
	c.Field(modelName.MatchString(m.Name), "name",
		"Ein Modellname besteht aus Kleinbuchstaben, Ziffern, Punkt und Strich, höchstens 80 Zeichen.",
		"A model name has lower-case letters, digits, dot and dash, at most 80 characters.")
	c.Field(m.Hash == "" || modelHash.MatchString(m.Hash), "hash",
		"Die Prüfsumme hat die Form sha256: und 64 Hexadezimalziffern.", "The hash reads sha256: and 64 hexadecimal digits.")
	u, err := url.Parse(m.Endpoint)
	c.Field(m.Endpoint == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil, "endpoint",
		"Die Adresse beginnt mit http:// oder https:// und enthält kein Kennwort.", "The address starts with http:// or https:// and holds no password.")
	return c.Err()
}

// Models is the kind of model versions.
func Models() *store.Kind[Model] { return store.NewKind[Model]("model", "mdl") }

// Vendor is who supplies a system.
type Vendor struct {
	Name    string `json:"name" store:"index,search,required"`
	Country string `json:"country"`
	Contact string `json:"contact" store:"personal"`
	Website string `json:"website"`
}

// Title names the vendor in lists and links.
func (v *Vendor) Title() string { return v.Name }

// Vendors is the kind of vendors.
func Vendors() *store.Kind[Vendor] { return store.NewKind[Vendor]("vendor", "vnd") }

func itoa(i int) string { return strconv.Itoa(i) }
