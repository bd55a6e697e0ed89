package mill

import (
	"math"

	"augenmass/internal/text"
)

// Effect is a kind of disturbance.
type Effect string

// The first two change the row. The others concern the model server or the
// caller; whoever drives the line carries them out.
const (
	MaterialChange       Effect = "material_change"         // Amount Nm more torque; speed follows
	SensorOffset         Effect = "sensor_offset"           // Amount K on the measured process temperature
	ConfidenceMissing    Effect = "confidence_missing"      // the model answers without a confidence
	ConfidenceNaN        Effect = "confidence_nan"          // … with one that is no number
	ConfidenceOutOfRange Effect = "confidence_out_of_range" // … with one above 1
	ModelSlow            Effect = "model_slow"              // the model answers too late
	ModelDown            Effect = "model_down"              // the model server does not answer
	WrongZone            Effect = "wrong_zone"              // a caller outside the permitted zones asks
)

// Phase is one disturbance between two rows of a timeline.
type Phase struct {
	From   int64 // first row concerned, counted from 0
	Until  int64 // first row not concerned any more
	Effect Effect
	Amount float64 // Nm or K; 0 where the effect has none
	Say    text.Bi // what happened on the shop floor, for the visitor
}

// Timeline is what happens to a line, by row. Every > 0 repeats it after so
// many rows.
type Timeline struct {
	Phases []Phase
	Every  int64
}

// At lists the phases that concern row n (counted from 0), in the order of the
// timeline.
func (t Timeline) At(n int64) []Phase {
	if t.Every > 0 {
		n %= t.Every
	}
	var on []Phase
	for _, p := range t.Phases {
		if p.From <= n && n < p.Until {
			on = append(on, p)
		}
	}
	return on
}

// story is the visitor's timeline in seconds. The first escalation comes after
// eight seconds, whatever the seed.
var story = []struct {
	from, until float64
	effect      Effect
	amount      float64
	say         text.Bi
}{
	{8, 9, ConfidenceMissing, 0, text.Bi{
		DE: "Das Modell liefert keine Konfidenz.",
		EN: "The model delivers no confidence."}},
	{15, 45, MaterialChange, 12, text.Bi{
		DE: "Neue Charge: härteres Material, das Drehmoment steigt.",
		EN: "New batch: harder material, the torque rises."}},
	{50, 50.5, WrongZone, 0, text.Bi{
		DE: "Ein Rechner aus dem Büronetz fragt das Modell an.",
		EN: "A computer in the office network asks the model."}},
	{60, 75, SensorOffset, -2.2, text.Bi{
		DE: "Der Fühler der Prozesstemperatur zeigt 2,2 K zu wenig.",
		EN: "The process temperature sensor reads 2.2 K too low."}},
	{90, 91, ModelSlow, 0, text.Bi{
		DE: "Der Modellserver antwortet zu spät.",
		EN: "The model server answers too late."}},
	{105, 106, ConfidenceOutOfRange, 0, text.Bi{
		DE: "Das Modell meldet eine Konfidenz über 1.",
		EN: "The model reports a confidence above 1."}},
	{120, 121, ModelDown, 0, text.Bi{
		DE: "Der Modellserver ist nicht erreichbar.",
		EN: "The model server cannot be reached."}},
	{135, 136, ConfidenceNaN, 0, text.Bi{
		DE: "Das Modell meldet als Konfidenz keine Zahl.",
		EN: "The model reports a confidence that is no number."}},
}

// storyLength is the length of the story in seconds, with its quiet end.
const storyLength = 300

// slowRows bounds the late answers of a condensed run.
const slowRows = 3

// Shopfloor is the visitor's timeline for a line that makes rate rows per
// second; it repeats every five minutes. Each phase is at least one row long.
// A rate that is not positive counts as 1.
func Shopfloor(rate float64) Timeline {
	if !(rate > 0) || math.IsInf(rate, 1) {
		rate = 1
	}
	t := stretched(rate)
	t.Every = int64(math.Ceil(storyLength * rate))
	return t
}

// Condensed is the same story spread once over n rows, for runs that count
// rows and not seconds. Phases that do not fit into n rows are left out.
func Condensed(n int64) Timeline {
	t := stretched(float64(n) / storyLength)
	fit := t.Phases[:0]
	for _, p := range t.Phases {
		if p.Effect == ModelSlow {
			// Each late answer costs the caller's whole time limit.
			p.Until = min(p.Until, p.From+slowRows)
		}
		if p.Until <= n {
			fit = append(fit, p)
		}
	}
	t.Phases = fit
	return t
}

func stretched(rowsPerSecond float64) Timeline {
	var t Timeline
	for _, s := range story {
		from := int64(math.Round(s.from * rowsPerSecond))
		until := max(int64(math.Round(s.until*rowsPerSecond)), from+1)
		t.Phases = append(t.Phases, Phase{From: from, Until: until, Effect: s.effect, Amount: s.amount, Say: s.say})
	}
	return t
}

// Step is one product with everything that disturbs it.
type Step struct {
	N      int64 // position on the line, counted from 0
	Row    Row   // as the sensors report it
	Phases []Phase
}

// Has reports whether effect e concerns this step.
func (s Step) Has(e Effect) bool {
	for _, p := range s.Phases {
		if p.Effect == e {
			return true
		}
	}
	return false
}

// Line plays a timeline over rows. It is not safe for concurrent use.
type Line struct {
	next     func() (Row, bool)
	timeline Timeline
	n        int64
}

// NewLine plays t over the endless process with the given seed.
func NewLine(seed uint64, t Timeline) *Line {
	p := New(seed)
	return &Line{timeline: t, next: func() (Row, bool) { return p.Next(), true }}
}

// NewReplay plays t over given rows, once.
func NewReplay(rows []Row, t Timeline) *Line {
	i := 0
	return &Line{timeline: t, next: func() (Row, bool) {
		if i == len(rows) {
			return Row{}, false
		}
		i++
		return rows[i-1], true
	}}
}

// Next is the next step, or false when the rows of a replay are used up.
func (l *Line) Next() (Step, bool) {
	r, ok := l.next()
	if !ok {
		return Step{}, false
	}
	s := Step{N: l.n, Row: r, Phases: l.timeline.At(l.n)}
	l.n++
	for _, p := range s.Phases {
		s.Row = p.applied(s.Row)
	}
	return s, true
}

// applied is the row under the phase. A material change is real, so the
// failure rules are applied to the new values; a sensor that reads wrongly
// changes nothing of what happens to the product.
func (p Phase) applied(r Row) Row {
	switch p.Effect {
	case MaterialChange:
		// The spindle slows down along the line's own curve.
		was := speedFor(r.Torque, 0)
		r.Torque = max(0, round(r.Torque+p.Amount, 1))
		r.RotationalSpeed = round(r.RotationalSpeed-was+speedFor(r.Torque, 0), 0)
		r.judge()
	case SensorOffset:
		r.ProcessTemperature = round(r.ProcessTemperature+p.Amount, 1)
	}
	return r
}
