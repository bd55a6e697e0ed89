package life

import (
	"context"
	"time"

	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Retirement is the plan by which a system ends (requirement 001-28): what
// happens to its data, who loses access, which contracts end, and what it means
// for people. Each part has somebody who does it and a day on which it was done.
type Retirement struct {
	System    string `json:"system" store:"ref=system,unique,required"`
	Reason    string `json:"reason" store:"long,required,max=2000"` // why it ends
	Data      Part   `json:"data"`                                  // delete, keep, hand back
	Access    Part   `json:"access"`                                // accounts, tokens, interfaces
	Contracts Part   `json:"contracts"`
	People    Part   `json:"people"` // who works otherwise from now on, who was told
}

// Part is one part of the plan.
type Part struct {
	Plan string    `json:"plan" store:"long,max=2000"`
	Who  string    `json:"who" store:"ref=person"`
	Done time.Time `json:"done"` // zero: not yet
}

// Title names the plan in lists and links.
func (r *Retirement) Title() string { return r.Reason }

// Validate: what is done was planned and has somebody who did it.
func (r *Retirement) Validate() error {
	var c problem.Checks
	for _, p := range r.Parts() {
		c.Field(p.Part.Done.IsZero() || p.Part.Plan != "" && p.Part.Who != "", p.Name+".done",
			"Erledigt ist nur, was beschrieben ist und wofür jemand steht.", "Only what is described and has somebody responsible is done.")
	}
	return c.Err()
}

// NamedPart is a part of the plan with its name: data, access, contracts, people.
type NamedPart struct {
	Name string
	Part Part
}

// Parts are the four parts in their order.
func (r *Retirement) Parts() []NamedPart {
	return []NamedPart{{"data", r.Data}, {"access", r.Access}, {"contracts", r.Contracts}, {"people", r.People}}
}

// Retirements is the kind of retirement plans.
func Retirements() *store.Kind[Retirement] {
	return store.NewKind[Retirement]("retirement", "rtm")
}

var partWords = map[string]text.Bi{
	"data":      {DE: "Daten: geregelt, was gelöscht, aufbewahrt oder zurückgegeben wird, und erledigt.", EN: "Data: settled what is deleted, kept or handed back, and done."},
	"access":    {DE: "Zugänge: Konten, Schlüssel und Schnittstellen sind abgeschaltet.", EN: "Access: accounts, keys and interfaces are switched off."},
	"contracts": {DE: "Verträge: gekündigt oder angepasst.", EN: "Contracts: ended or adapted."},
	"people":    {DE: "Menschen: wissen Bescheid, und ihre Arbeit ohne das System ist geregelt.", EN: "People: are informed, and their work without the system is settled."},
}

// planned is what the gate of the last stage asks for.
func (r *Room) planned(ctx context.Context, rd store.Reader, system string) ([]Item, error) {
	have, err := of(ctx, rd, r.Retirements, system)
	if err != nil {
		return nil, err
	}
	plan, path := Retirement{}, "/duties/retirements/new?system="+system
	if len(have) > 0 {
		plan, path = have[0].Doc, "/duties/retirements/"+have[0].ID+"/edit"
	}
	var out []Item
	for _, p := range plan.Parts() {
		met := p.Part.Plan != "" && p.Part.Who != "" && !p.Part.Done.IsZero() && !p.Part.Done.After(r.n.Now())
		out = append(out, Item{Code: "plan." + p.Name, Say: partWords[p.Name], Met: met, Path: path, Clauses: []string{"zta.08"}})
	}
	return out, nil
}
