// Package mill is the milling line of the model company: a seeded process that
// makes one Row per product, the reader and writer for files in the format of
// the public AI4I 2020 data set, and a timeline of disturbances that are played
// over either of them.
//
// The process follows the published description of AI4I 2020 (S. Matzka,
// "Explainable Artificial Intelligence for Predictive Maintenance
// Applications", AI4I 2020; UCI data set 601, DOI 10.24432/C5HS5C, CC BY 4.0).
// No row of that data set is contained here. Where the description leaves
// something open (how speed follows from torque), the relation was measured on
// the public file; the comments say so.
//
// The same seed gives the same rows on every platform: the package draws from
// math/rand/v2's PCG only, forms its own normal numbers and keeps the compiler
// from fusing a product into a sum (the language allows that on some
// processors, and it moves the last bit).
//
// It knows nothing of models, permits or gateways: the demo sends the rows and
// carries out the disturbances that concern others (a slow model server, a
// caller from the wrong zone).
package mill

import (
	"math"
	"strconv"
)

// Variant is the quality variant of a product.
type Variant string

// Low, medium and high quality: 60, 30 and 10 % of the products of the
// published file (its description says 50, 30 and 20 %).
const (
	Low    Variant = "L"
	Medium Variant = "M"
	High   Variant = "H"
)

// Code is the variant as a number for models and monitors: L 0, M 1, H 2.
// Anything else gives -1.
func (v Variant) Code() int {
	switch v {
	case Low:
		return 0
	case Medium:
		return 1
	case High:
		return 2
	}
	return -1
}

// Names of the features as models, monitors and tensors call them.
const (
	FeatureType                  = "type"                   // L, M, H
	FeatureAirTemperature        = "air_temperature"        // K
	FeatureProcessTemperature    = "process_temperature"    // K
	FeatureRotationalSpeed       = "rotational_speed"       // rpm
	FeatureTorque                = "torque"                 // Nm
	FeatureToolWear              = "tool_wear"              // min
	FeatureTemperatureDifference = "temperature_difference" // K, derived
	FeaturePower                 = "power"                  // W, derived
)

// Row is one product on the line: what the sensors say, and what really
// happened to it. The failure modes are labels, never inputs of a model.
type Row struct {
	UDI                int     // 1, 2, … ; serves as time
	ProductID          string  // variant letter and serial number
	Type               Variant //
	AirTemperature     float64 // K, one decimal
	ProcessTemperature float64 // K, one decimal
	RotationalSpeed    float64 // rpm, whole
	Torque             float64 // Nm, one decimal, never negative
	ToolWear           float64 // min, whole
	Failure            bool    // any of the modes below
	TWF                bool    // tool wear failure
	HDF                bool    // heat dissipation failure
	PWF                bool    // power failure
	OSF                bool    // overstrain failure
	RNF                bool    // random failure
}

// TemperatureDifference is process minus air temperature in K, rounded to the
// tenth that the sensors resolve.
func (r Row) TemperatureDifference() float64 {
	return round(r.ProcessTemperature-r.AirTemperature, 1)
}

// Power is the mechanical power in W: torque times angular speed.
func (r Row) Power() float64 { return power(r.Torque, r.RotationalSpeed) }

// Values are the six measured values as numbers, in the order in which models
// take them: variant (its code), air and process temperature, speed, torque,
// wear.
func (r Row) Values() [6]float64 {
	return [6]float64{float64(r.Type.Code()), r.AirTemperature, r.ProcessTemperature, r.RotationalSpeed, r.Torque, r.ToolWear}
}

// Feature is one named value of a row.
type Feature struct {
	Name  string
	Unit  string // "" for the variant
	Value float64
}

// Features lists the six measured values in the order in which models take
// them, then the two derived ones.
func (r Row) Features() []Feature {
	return []Feature{
		{FeatureType, "", float64(r.Type.Code())},
		{FeatureAirTemperature, "K", r.AirTemperature},
		{FeatureProcessTemperature, "K", r.ProcessTemperature},
		{FeatureRotationalSpeed, "1/min", r.RotationalSpeed},
		{FeatureTorque, "Nm", r.Torque},
		{FeatureToolWear, "min", r.ToolWear},
		{FeatureTemperatureDifference, "K", r.TemperatureDifference()},
		{FeaturePower, "W", r.Power()},
	}
}

// Map is Features by name, as monitors take them.
func (r Row) Map() map[string]float64 {
	m := make(map[string]float64, 8)
	for _, f := range r.Features() {
		m[f.Name] = f.Value
	}
	return m
}

// Modes are the three failure modes that follow from a row's measured values.
type Modes struct{ HDF, PWF, OSF bool }

// Limits of the published description.
const (
	hdfDifference = 8.6    // K; below, and
	hdfSpeed      = 1380.0 // rpm; below: heat is not carried off
	pwfLow        = 3500.0 // W; below: power failure
	pwfHigh       = 9000.0 // W; above: power failure
)

// overstrain is the product of wear and torque in min·Nm above which a variant
// fails by overstrain.
func overstrain(v Variant) float64 {
	switch v {
	case Medium:
		return 12_000
	case High:
		return 13_000
	}
	return 11_000
}

// Rules applies the published failure rules to the measured values of r. All
// limits are strict: a value on the limit does not fail.
func Rules(r Row) Modes {
	p := r.Power()
	return Modes{
		HDF: r.TemperatureDifference() < hdfDifference && r.RotationalSpeed < hdfSpeed,
		PWF: p < pwfLow || p > pwfHigh,
		OSF: r.ToolWear*r.Torque > overstrain(r.Type),
	}
}

// judge sets the modes that follow from the values, and the label.
func (r *Row) judge() {
	m := Rules(*r)
	r.HDF, r.PWF, r.OSF = m.HDF, m.PWF, m.OSF
	r.Failure = r.TWF || r.HDF || r.PWF || r.OSF || r.RNF
}

func power(torque, rpm float64) float64 {
	return torque * float64(rpm*(math.Pi/30))
}

func round(x float64, decimals int) float64 {
	switch decimals {
	case 0:
		return math.Round(x)
	default:
		return math.Round(x*10) / 10
	}
}

// productID is the variant letter and a serial number that starts, per
// variant, where the published file starts.
func productID(v Variant, udi int) string {
	base := map[Variant]int{Low: 47_179, Medium: 14_859, High: 29_413}[v]
	return string(v) + strconv.Itoa(base+udi)
}
