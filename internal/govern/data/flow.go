package data

import (
	"strings"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Flow is one arrow of the data-flow map (requirement 003-57). Place, country and
// access may stay empty; then they are unknown, and the map says so.
type Flow struct {
	From    string `json:"from" store:"index,search,required,max=200"`
	To      string `json:"to" store:"index,search,required,max=200"`
	What    string `json:"what" store:"search,required,max=1000"` // which data
	Place   string `json:"place" store:"max=500"`                 // where they are stored at the end of the arrow
	Country string `json:"country" store:"index,max=100"`         // in which country that is
	Access  string `json:"access" store:"max=1000"`               // who gets at them there
	System  string `json:"system" store:"ref=system"`             // that they serve; empty: several or none
	Dataset string `json:"dataset" store:"ref=dataset"`
	Note    string `json:"note" store:"long,max=2000"`
}

// Title names the flow in lists and links.
func (f *Flow) Title() string { return f.From + " → " + f.To }

// Validate refuses an arrow from a place to itself.
func (f *Flow) Validate() error {
	var c problem.Checks
	c.Field(!strings.EqualFold(strings.TrimSpace(f.From), strings.TrimSpace(f.To)), "to",
		"Ein Datenfluss führt von einem Ort zu einem anderen.", "A flow leads from one place to another.")
	return c.Err()
}

// Aspect is a question of the map that may be unanswered.
type Aspect string

// The three questions of requirement 003-57.
const (
	PlaceOf   Aspect = "place"
	CountryOf Aspect = "country"
	AccessOf  Aspect = "access"
)

// Aspects are the questions asked about every flow.
var Aspects = []Aspect{PlaceOf, CountryOf, AccessOf}

// Of is the answer of a flow to a question, empty if unknown.
func (f *Flow) Of(a Aspect) string {
	switch a {
	case PlaceOf:
		return strings.TrimSpace(f.Place)
	case CountryOf:
		return strings.TrimSpace(f.Country)
	case AccessOf:
		return strings.TrimSpace(f.Access)
	}
	return ""
}

// Unknown are the questions that a flow leaves open.
func (f *Flow) Unknown() []Aspect {
	var out []Aspect
	for _, a := range Aspects {
		if f.Of(a) == "" {
			out = append(out, a)
		}
	}
	return out
}

// OpenAnswers counts how many answers of flows are unknown, and of how many.
func OpenAnswers(flows []store.Object[Flow]) (unknown, of int) {
	for _, f := range flows {
		of += len(Aspects)
		unknown += len(f.Doc.Unknown())
	}
	return unknown, of
}

// Flows is the kind of flows.
func Flows() *store.Kind[Flow] { return store.NewKind[Flow]("flow", "flw") }
