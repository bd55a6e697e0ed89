package inventory

import (
	"net/url"
	"regexp"
	"slices"
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
	Name     string   `json:"name" store:"unique,required"` // as clients call it; one model of the organisation has it
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

// Validate checks name, hash and endpoint, and that reading and baseline fit
// together: what passes here, gateway and monitor can use.
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
	m.Reading.check(&c)
	m.Baseline.check(&c)
	return c.Err()
}

// datatypes are those of the Open Inference Protocol v2.
var datatypes = []string{"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"}

func (r Reading) check(c *problem.Checks) {
	by := map[string]Tensor{}
	for i, t := range r.Inputs {
		at := "reading.inputs." + itoa(i)
		_, twice := by[t.Name]
		c.Field(t.Name != "" && !twice, at+".name", "Der Name fehlt oder steht doppelt.", "The name is missing or twice there.")
		c.Field(slices.Contains(datatypes, t.Datatype), at+".datatype", "Diesen Datentyp gibt es nicht.", "There is no such data type.")
		c.Field(len(t.Shape) > 0, at+".shape", "Die Form fehlt.", "The shape is missing.")
		if !twice {
			by[t.Name] = t
		}
	}
	for i, f := range r.Features {
		at := "reading.features." + itoa(i)
		input := f.Input
		if input == "" {
			input = f.Name
		}
		t, ok := by[input]
		c.Field(f.Name != "", at+".name", "Der Name fehlt.", "The name is missing.")
		c.Field(ok, at+".input", "Diese Eingabe gibt es nicht.", "There is no such input.")
		c.Field(!ok || f.Column >= 0 && int64(f.Column) < t.columns(), at+".column", "Diese Spalte gibt es nicht.", "There is no such column.")
		c.Field(!ok || t.Datatype != "BYTES" || len(f.Values) > 0, at+".values", "Die bekannten Werte fehlen.", "The known values are missing.")
	}
	for i, role := range r.StandIns {
		c.Field(slices.Contains(Deciders, role), "reading.stand_ins."+itoa(i),
			"In dieser Rolle entscheidet niemand über Prüffälle.", "Nobody decides review cases in this role.")
	}
	c.Field(r.MaxRows >= 0, "reading.max_rows", "Die Anzahl ist nicht negativ.", "The number is not negative.")
}

// columns is the number of values in one row; an open inner dimension counts 1.
func (t Tensor) columns() int64 {
	n := int64(1)
	for _, d := range t.Shape[min(1, len(t.Shape)):] {
		if d > 0 {
			n *= d
		}
	}
	return n
}

// leastRows is the shortest baseline that says anything: two values for each
// tenth of a distribution.
const leastRows = 20

func (b Baseline) check(c *problem.Checks) {
	known := map[string]bool{}
	for i, col := range b.Columns {
		at := "baseline.columns." + itoa(i)
		c.Field(col.Feature != "" && !known[col.Feature], at+".feature", "Der Name fehlt oder steht doppelt.", "The name is missing or twice there.")
		c.Field(len(col.Values) >= leastRows && len(col.Values) == len(b.Columns[0].Values), at+".values",
			"Alle Spalten haben gleich viele Werte, mindestens 20.", "All columns have equally many values, at least 20.")
		known[col.Feature] = true
	}
	for i, f := range b.Context {
		c.Field(known[f], "baseline.context."+itoa(i), "Dieses Merkmal hat keine Spalte.", "This feature has no column.")
	}
	c.Field(b.Window >= 0, "baseline.window", "Die Anzahl ist nicht negativ.", "The number is not negative.")
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
