package gateway

import (
	"fmt"
	"slices"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Tensor describes one input or output of a model, as OIP metadata do. In a
// shape, -1 stands for any number; the first dimension counts rows.
type Tensor struct {
	Name     string  `json:"name"`
	Datatype string  `json:"datatype"`
	Shape    []int64 `json:"shape"`
	Nullable bool    `json:"-"` // a null is a missing value, and a data-quality defect
}

// Feature says where in the inputs one feature stands and how people read it.
type Feature struct {
	Name   string   // as the monitor's reference calls it
	Input  string   // tensor; empty: the name
	Column int      // within a row of the tensor
	Unit   string   // "K", "min⁻¹"; empty: none
	Label  text.Bi  // empty: the name
	Values []string // for BYTES: the known names; the feature's number is the place in this list, -1 for others
}

// Selection says which results count as favourable for the bias indicator, and
// which input names the group.
type Selection struct {
	Group   string  // BYTES input tensor with the group of each row
	Output  string  // numeric output tensor, one value a row
	AtLeast float64 // favourable from here on
}

// Route is how the gateway reads one model of one AI system. What the model is
// and where it runs stands in the permit, never here.
type Route struct {
	System      string // sys_…
	Model       string // as clients call it
	Inputs      []Tensor
	Outputs     []Tensor // for the metadata; may be empty
	Features    []Feature
	Confidence  string     // output tensor with calibrated confidence; default "confidence"
	Explanation string     // output tensor with one share per feature and row; empty: none
	Explained   []Feature  // names of that tensor's columns; default: Features
	Zone        string     // plant zone that counts; empty: the caller's
	StandIns    []string   // roles that may decide besides the permit's decider
	Selection   *Selection // nil: no bias indicator
	MaxRows     int        // default 256
}

var datatypes = []string{"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"}

func (r Route) check() error {
	var c problem.Checks
	c.Field(r.System != "", "system", "Das KI-System fehlt.", "The AI system is missing.")
	c.Field(modelName.MatchString(r.Model), "model", "Der Name des Modells passt nicht.", "The model's name does not fit.")
	c.Field(len(r.Inputs) > 0, "inputs", "Die Eingaben fehlen.", "The inputs are missing.")
	by := map[string]Tensor{}
	for i, t := range r.Inputs {
		at := fmt.Sprintf("inputs.%d", i)
		_, twice := by[t.Name]
		c.Field(t.Name != "" && !twice, at+".name", "Der Name fehlt oder steht doppelt.", "The name is missing or twice there.")
		c.Field(slices.Contains(datatypes, t.Datatype), at+".datatype", "Diesen Datentyp gibt es nicht.", "There is no such data type.")
		c.Field(len(t.Shape) > 0, at+".shape", "Die Form fehlt.", "The shape is missing.")
		by[t.Name] = t
	}
	for i, f := range r.Features {
		at := fmt.Sprintf("features.%d", i)
		t, ok := by[f.input()]
		c.Field(f.Name != "", at+".name", "Der Name fehlt.", "The name is missing.")
		c.Field(ok, at+".input", "Diese Eingabe gibt es nicht.", "There is no such input.")
		c.Field(!ok || f.Column >= 0 && int64(f.Column) < columns(t.Shape), at+".column", "Diese Spalte gibt es nicht.", "There is no such column.")
		c.Field(!ok || t.Datatype != "BYTES" || len(f.Values) > 0, at+".values", "Die bekannten Werte fehlen.", "The known values are missing.")
	}
	if s := r.Selection; s != nil {
		t, ok := by[s.Group]
		c.Field(ok && t.Datatype == "BYTES", "selection.group", "Diese Eingabe mit Namen gibt es nicht.", "There is no such input of names.")
		c.Field(s.Output != "", "selection.output", "Die Ausgabe fehlt.", "The output is missing.")
	}
	return c.Err()
}

// ready returns the route with its defaults.
func (r Route) ready() Route {
	if r.Confidence == "" {
		r.Confidence = "confidence"
	}
	if r.MaxRows <= 0 {
		r.MaxRows = 256
	}
	return r
}

func (f Feature) input() string {
	if f.Input == "" {
		return f.Name
	}
	return f.Input
}

// columns is the number of values in one row; an open inner dimension counts 1.
func columns(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape[min(1, len(shape)):] {
		if d > 0 {
			n *= d
		}
	}
	return n
}
