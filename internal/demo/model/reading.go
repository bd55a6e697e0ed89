package model

import (
	"fmt"
	"math"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// Input is one measured value that the model takes.
type Input struct {
	Name     string
	Title    text.Bi
	Unit     string  // "" for the variant
	Datatype string  // of its tensor: BYTES or FP64
	Min, Max float64 // what is accepted at all; outside the request is refused
	Step     float64 // resolution of the sensor
}

// Inputs lists the measured values in the order of a [n,6] tensor. The variant
// is L, M or H in a BYTES tensor and 0, 1 or 2 in a numeric one.
var Inputs = []Input{
	{"type", text.Bi{DE: "Variante", EN: "Variant"}, "", "BYTES", 0, 2, 1},
	{"air_temperature", text.Bi{DE: "Lufttemperatur", EN: "Air temperature"}, "K", "FP64", 250, 350, 0.1},
	{"process_temperature", text.Bi{DE: "Prozesstemperatur", EN: "Process temperature"}, "K", "FP64", 250, 400, 0.1},
	{"rotational_speed", text.Bi{DE: "Drehzahl", EN: "Rotational speed"}, "1/min", "FP64", 0, 10_000, 1},
	{"torque", text.Bi{DE: "Drehmoment", EN: "Torque"}, "Nm", "FP64", 0, 500, 0.1},
	{"tool_wear", text.Bi{DE: "Werkzeugverschleiß", EN: "Tool wear"}, "min", "FP64", 0, 10_000, 1},
}

// FeatureNames are the values the trees see: the inputs, then two that follow
// from them. Contributions come in this order.
var FeatureNames = []string{
	"type", "air_temperature", "process_temperature", "rotational_speed", "torque", "tool_wear",
	"temperature_difference", "power",
}

// derived titles the features that are not inputs.
var derived = map[string]struct {
	Title text.Bi
	Unit  string
}{
	"temperature_difference": {text.Bi{DE: "Temperaturdifferenz", EN: "Temperature difference"}, "K"},
	"power":                  {text.Bi{DE: "Leistung", EN: "Power"}, "W"},
}

// FeatureTitle is how pages call a feature, with its unit. Unknown names read
// as they are.
func FeatureTitle(name string) (title text.Bi, unit string) {
	for _, in := range Inputs {
		if in.Name == name {
			return in.Title, in.Unit
		}
	}
	if d, ok := derived[name]; ok {
		return d.Title, d.Unit
	}
	return text.Same(name), ""
}

// Reading is one row of measured values, in the order of Inputs.
type Reading [6]float64

// Check reports every value that is missing (not a number) or out of range.
func (r Reading) Check() error {
	var c problem.Checks
	for i, in := range Inputs {
		ok := r[i] >= in.Min && r[i] <= in.Max && (i != 0 || r[i] == math.Trunc(r[i]))
		c.Field(ok, in.Name,
			fmt.Sprintf("erwartet wird %g bis %g %s", in.Min, in.Max, in.Unit),
			fmt.Sprintf("expected is %g to %g %s", in.Min, in.Max, in.Unit))
	}
	return c.Err()
}

// Vector adds the derived values: what the trees see.
func (r Reading) Vector() []float64 {
	// The sensors resolve a tenth of a kelvin; without rounding, equal
	// differences would fall on both sides of a threshold.
	difference := math.Round((r[2]-r[1])*10) / 10
	power := r[4] * float64(r[3]*(math.Pi/30))
	return []float64{r[0], r[1], r[2], r[3], r[4], r[5], difference, power}
}
