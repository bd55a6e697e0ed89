package data

import (
	"bytes"
	_ "embed" // the template list
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Phase is what an item of a model check belongs to.
type Phase string

// The two phases of requirement 000-30.
const (
	Training   Phase = "training"
	Validation Phase = "validation"
)

// Values lists the phases in their order.
func (Phase) Values() []string { return []string{string(Training), string(Validation)} }

// Op is how a measured value is held against the acceptance value.
type Op string

// IsDone asks for no value: it is done (1) or not (0).
const (
	IsDone  Op = "yes"
	AtLeast Op = "at_least"
	AtMost  Op = "at_most"
)

// Values lists the comparisons.
func (Op) Values() []string { return []string{string(IsDone), string(AtLeast), string(AtMost)} }

// Item is one thing that was looked at.
type Item struct {
	Key      string   `json:"key" store:"required,max=60"` // distinct in its check
	Phase    Phase    `json:"phase" store:"required"`
	Say      text.Bi  `json:"say" store:"required"`
	Op       Op       `json:"op" store:"required"`
	Accept   *float64 `json:"accept"`   // acceptance value; nil: not decided; of IsDone always nil
	Measured *float64 `json:"measured"` // nil: not measured; of IsDone 1 or 0
	Unit     string   `json:"unit" store:"max=20"`
	On       string   `json:"on" store:"max=400"` // data it was measured on
	Clauses  []string `json:"clauses" store:"max=10"`
}

// Verdict is how an item stands.
type Verdict string

// Met, missed, or not measured or decided yet.
const (
	Met    Verdict = "met"
	Missed Verdict = "missed"
	Open   Verdict = "open"
)

// Verdict holds the measured value against the acceptance value.
func (i Item) Verdict() Verdict {
	ok := false
	switch {
	case i.Measured == nil:
		return Open
	case i.Op == IsDone:
		ok = *i.Measured == 1
	case i.Accept == nil:
		return Open
	case i.Op == AtLeast:
		ok = *i.Measured >= *i.Accept
	case i.Op == AtMost:
		ok = *i.Measured <= *i.Accept
	}
	if ok {
		return Met
	}
	return Missed
}

// ModelCheck is the acceptance of one version of a model.
type ModelCheck struct {
	Model   string    `json:"model" store:"ref=model,required"`
	System  string    `json:"system" store:"ref=system"` // the model's
	Version string    `json:"version" store:"index,required,max=100"`
	Hash    string    `json:"hash" store:"max=80"` // of the model when it was checked, as the register has it
	Items   []Item    `json:"items" store:"required,max=100"`
	By      string    `json:"by" store:"ref=person"`
	At      time.Time `json:"at" store:"index"` // day of the last measurement
	Note    string    `json:"note" store:"long,max=4000"`
}

// Title names the check in lists and links.
func (m *ModelCheck) Title() string { return m.Version }

// Validate holds that items are distinct and that values suit their kind.
func (m *ModelCheck) Validate() error {
	var c problem.Checks
	seen := map[string]bool{}
	for i, it := range m.Items {
		at := fmt.Sprintf("items.%d.", i)
		c.Field(!seen[it.Key], at+"key", "Dieser Punkt steht doppelt.", "This item is there twice.")
		c.Field(utf8.RuneCountInString(it.Say.DE) <= 300 && utf8.RuneCountInString(it.Say.EN) <= 300, at+"say", "Höchstens 300 Zeichen.", "At most 300 characters.")
		c.Field(it.Op != IsDone || it.Accept == nil, at+"accept", "Dieser Punkt hat keinen Abnahmewert: Er ist getan oder nicht.", "This item has no acceptance value: it is done or not.")
		c.Field(it.Op != IsDone || it.Measured == nil || *it.Measured == 0 || *it.Measured == 1, at+"measured", "Getan oder nicht.", "Done or not.")
		seen[it.Key] = true
	}
	return c.Err()
}

// Count is how many items are met, missed and open.
type Count struct{ Met, Missed, Open, Of int }

// Count counts the items.
func (m *ModelCheck) Count() Count {
	c := Count{Of: len(m.Items)}
	for _, i := range m.Items {
		switch i.Verdict() {
		case Met:
			c.Met++
		case Missed:
			c.Missed++
		default:
			c.Open++
		}
	}
	return c
}

// Passed reports whether every item is met and both phases were looked at.
func (m *ModelCheck) Passed() bool {
	phases := map[Phase]bool{}
	for _, i := range m.Items {
		phases[i.Phase] = true
	}
	c := m.Count()
	return c.Met == c.Of && phases[Training] && phases[Validation]
}

// Covers reports whether the check is about a model as the register has it now:
// the same version and the same bytes.
func (m *ModelCheck) Covers(id string, is inventory.Model) bool {
	return m.Model == id && m.Version == is.Version && m.Hash == is.Hash
}

// ModelChecks is the kind of model checks.
func ModelChecks() *store.Kind[ModelCheck] { return store.NewKind[ModelCheck]("model_check", "mck") }

//go:embed modelchecks.yaml
var templateFile []byte

// template is an item as the list has it.
type template struct {
	ID      string   `yaml:"id"`
	Phase   Phase    `yaml:"phase"`
	Say     text.Bi  `yaml:"say"`
	Op      Op       `yaml:"op"`
	Unit    string   `yaml:"unit"`
	Clauses []string `yaml:"clauses"`
}

// Template is the list of items that a new check begins with, without values.
// The list is part of the program, so an error is a defect of it.
func Template() ([]Item, error) {
	var list []template
	if err := yaml.NewDecoder(bytes.NewReader(templateFile), yaml.DisallowUnknownField()).Decode(&list); err != nil {
		return nil, fmt.Errorf("data: list of model checks: %w", err)
	}
	out := make([]Item, len(list))
	for i, t := range list {
		out[i] = Item{Key: t.ID, Phase: t.Phase, Say: t.Say, Op: t.Op, Unit: t.Unit, Clauses: t.Clauses}
	}
	return out, nil
}

// NewCheck begins the check of a model as the register has it.
func NewCheck(m store.Object[inventory.Model]) (ModelCheck, error) {
	items, err := Template()
	return ModelCheck{Model: m.ID, System: m.Doc.System, Version: m.Doc.Version, Hash: m.Doc.Hash, Items: items}, err
}

// Own makes an item that a person adds to a check.
func Own(key string, phase Phase, say string, op Op, unit string) Item {
	return Item{Key: key, Phase: phase, Say: text.Same(strings.TrimSpace(say)), Op: op, Unit: strings.TrimSpace(unit)}
}
