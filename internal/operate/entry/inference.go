package entry

import (
	"encoding/json"
	"math"
	"time"

	"augenmass/internal/problem"
)

// Outcome is what became of one inference at the gateway.
type Outcome string

// Released: the answer left with the model's outputs. Escalated: a review case
// was opened and no output left. Denied: nothing left and nobody is asked.
const (
	Released  Outcome = "released"
	Escalated Outcome = "escalated"
	Denied    Outcome = "denied"
)

// Values lists the outcomes.
func (Outcome) Values() []string {
	return []string{string(Released), string(Escalated), string(Denied)}
}

// Model is the model that the permit covers, as it stood in the permit.
type Model struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Plant is the process state that counted; state "unknown" when no fresh signal
// was there.
type Plant struct {
	Zone  string `json:"zone"`
	State string `json:"state"`
}

// PlantUnknown is the state of a zone without a fresh signal.
const PlantUnknown = "unknown"

// Limits are the thresholds in force; 0 means that the permit sets none.
// Confidence, drift and bias are shares in 0..1, the timeout is in ms.
type Limits struct {
	Confidence float64 `json:"confidence"`
	Drift      float64 `json:"drift"`
	Bias       float64 `json:"bias"`
	TimeoutMS  int64   `json:"timeout_ms"`
}

// Case is the review case that an escalated inference opened.
type Case struct {
	ID       string    `json:"id"`
	Due      time.Time `json:"due"`
	OnHold   string    `json:"on_hold"`  // hold or fallback
	Deciders []string  `json:"deciders"` // roles that may decide, the permit's decider first, then stand-ins
	Content  Sealed    `json:"content"`  // what the person sees
	// Suggested says that the model gave a result which a person can confirm.
	Suggested bool `json:"suggested"`
}

// Inference is the data of augenmass.inference.decided: one result of a model
// at the gateway, whatever became of it. The event's subject is the system's id
// (UnknownSubject without one), its time the instant of the decision.
//
// A null measure was not measured: no confidence came, the window is not full,
// no groups are configured. Null never means zero.
type Inference struct {
	V            int       `json:"v"`
	Decision     string    `json:"decision"` // dec_…
	System       string    `json:"system"`   // sys_…; empty when the model is unknown
	Model        Model     `json:"model"`
	Caller       Caller    `json:"caller"`
	Outcome      Outcome   `json:"outcome"`
	Reasons      []Reason  `json:"reasons"`     // empty exactly when released
	Rows         int       `json:"rows"`        // rows of the input; 0 if it could not be read
	Confidence   *float64  `json:"confidence"`  // calibrated, 0..1, least of all rows
	Drift        *float64  `json:"drift"`       // Jensen-Shannon distance, base 2, 0..1
	DriftFloor   *float64  `json:"drift_floor"` // what chance alone reaches in a window of this size
	DriftFeature string    `json:"drift_feature"`
	Bias         *float64  `json:"bias"` // difference of selection rates, 0..1
	BiasMargin   *float64  `json:"bias_margin"`
	Defects      int       `json:"defects"` // missing or unusable features among the input's rows
	Plant        *Plant    `json:"plant"`   // null when no process counts
	Limits       Limits    `json:"limits"`
	Permit       Permit    `json:"permit"`
	Policy       string    `json:"policy_version"`
	Input        Sealed    `json:"input"`
	Output       Sealed    `json:"output"`
	Case         *Case     `json:"case"`        // exactly when escalated
	DurationUS   int64     `json:"duration_us"` // of the model server; 0 if it was not asked
	DecidedAt    time.Time `json:"decided_at"`  // of the decision point, before the model was asked
}

// Validate says whether the entry is sound: the outcome, its reasons and its
// case agree, and every measure lies in its range.
func (i *Inference) Validate() error {
	var c problem.Checks
	checkVersion(&c, i.V)
	prefixed(&c, i.Decision, "dec", "decision")
	c.Field(i.Outcome == Released || i.Outcome == Escalated || i.Outcome == Denied, "outcome",
		"Der Ausgang ist nicht bekannt.", "The outcome is not known.")
	c.Field((len(i.Reasons) == 0) == (i.Outcome == Released), "reasons",
		"Gründe stehen genau dann, wenn nicht freigegeben wurde.", "There are reasons exactly when nothing was released.")
	c.Field((i.Case != nil) == (i.Outcome == Escalated), "case",
		"Ein Prüffall steht genau dann, wenn eskaliert wurde.", "There is a review case exactly when it was escalated.")
	c.Field(i.System != "" || i.Outcome == Denied, "system",
		"Ohne KI-System gibt es nur eine Ablehnung.", "Without an AI system there is only a denial.")
	checkReasons(&c, i.Reasons)
	has(&c, i.Caller.ID, "caller.id")
	if i.Outcome == Released {
		has(&c, i.Model.Name, "model.name")
		has(&c, i.Permit.Number, "permit.number")
	}
	share(&c, i.Confidence, "confidence")
	share(&c, i.Drift, "drift")
	share(&c, i.Bias, "bias")
	c.Field(i.DurationUS >= 0, "duration_us", "Die Dauer ist negativ.", "The duration is negative.")
	c.Field(i.Rows >= 0 && i.Defects >= 0, "rows", "Die Anzahl ist negativ.", "The count is negative.")
	i.Input.check(&c, "input")
	i.Output.check(&c, "output")
	if i.Case != nil {
		prefixed(&c, i.Case.ID, "case", "case.id")
		c.Field(!i.Case.Due.IsZero(), "case.due", "Die Frist fehlt.", "The deadline is missing.")
		c.Field(i.Case.OnHold == "hold" || i.Case.OnHold == "fallback", "case.on_hold",
			"Erlaubt sind hold und fallback.", "Allowed are hold and fallback.")
		i.Case.Content.check(&c, "case.content")
		has(&c, i.Case.Content.Ref, "case.content.ref")
	}
	return c.Err()
}

func share(c *problem.Checks, v *float64, path string) {
	c.Field(v == nil || (*v >= 0 && *v <= 1 && !math.IsNaN(*v)), path,
		"Der Wert liegt nicht zwischen 0 und 1.", "The value is not between 0 and 1.")
}

// ParseInference reads the data of an inference entry and checks them.
// Anything that is not exactly such an entry is a Corrupt or BadInput problem.
func ParseInference(data json.RawMessage) (Inference, error) {
	var i Inference
	if err := parse(data, &i); err != nil {
		return Inference{}, err
	}
	return i, nil
}
