// Package risk is the register of risks of AI systems. Today it holds what a
// risk is and whom or what it could harm: four kinds of impact, the availability
// of the plant among them (requirement 001-06). Judging likelihood, treating and
// accepting risks build on it.
//
// It leaves questions about one system to govern/assess and what follows for a
// permit to the permit.
package risk

import (
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Impact is what a risk could harm.
type Impact string

// The four kinds of impact.
const (
	Safety       Impact = "operational_safety" // people and machines in operation
	Privacy      Impact = "privacy"            // personal data
	Rights       Impact = "fundamental_rights" // people's rights beyond their data
	Availability Impact = "ot_availability"    // that the plant runs and can be stopped
)

// Values lists the kinds of impact.
func (Impact) Values() []string {
	return []string{string(Safety), string(Privacy), string(Rights), string(Availability)}
}

// Risk is something that could go wrong.
type Risk struct {
	Name    string   `json:"name" store:"index,search,required,max=200"`
	System  string   `json:"system" store:"ref=system"` // empty: of the organisation as a whole
	Impacts []Impact `json:"impacts" store:"index,required,max=4"`
	Cause   string   `json:"cause" store:"search,long,max=4000"`
	Effect  string   `json:"effect" store:"search,long,max=4000"`
	Owner   string   `json:"owner" store:"ref=person"` // who looks after it
}

// Title names the risk in lists and links.
func (r *Risk) Title() string { return r.Name }

// Validate refuses a kind of impact that is named twice.
func (r *Risk) Validate() error {
	var c problem.Checks
	seen := map[Impact]bool{}
	for _, i := range r.Impacts {
		c.Field(!seen[i], "impacts", "Eine Art von Auswirkung steht doppelt.", "A kind of impact is named twice.")
		seen[i] = true
	}
	return c.Err()
}

// Risks is the kind of risks.
func Risks() *store.Kind[Risk] { return store.NewKind[Risk]("risk", "rsk") }
