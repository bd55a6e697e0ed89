// Package framework holds what of a law or standard is assessed, in which area,
// with what effort and which evidence (Framework), and how a demand of one text
// stands to a demand of another (Mapping).
//
// It reads both from packs of kind framework and mapping and names every defect
// of their own: an area or a demand twice, a phase or relation that does not
// exist, effort out of range. That every id cited exists is for package packs,
// which knows all of them; what an organisation says about a demand, and how
// evidence carries over a mapping, is for govern/control.
package framework

import (
	"slices"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Framework is what of one law, standard or catalogue is assessed.
type Framework struct {
	ID          string // short name, also in addresses: "iso-42001"
	Pack        string // id of the pack it comes from
	Title       text.Bi
	Notice      text.Bi   // how to read it; says that efforts are our own convention
	Uncertainty []text.Bi // what is not certain about it
	SoA         bool      // belongs into the statement of applicability
	Areas       []Area    // in the order of the text
	Version     string
	AsOf        time.Time
}

// Area is one part of a framework, such as "planning".
type Area struct {
	ID    string
	Title text.Bi
	Phase string // one of Phases
	Items []Item
}

// Item is one demand that is assessed. The first depth of help is the title and
// text of its clause, the second Plain, the third the clause's source and notes.
type Item struct {
	Clause    string             // id of a clause or requirement
	Days      float64            // usual effort of a small firm in person days, 0 to MostDays; our own convention
	Evidence  []string           // types of evidence wanted; at least one
	Plain     text.Bi            // what to do, in plain words
	Examples  map[string]text.Bi // risk class (one of Classes) → an example of our own; may be nil
	Principle string             // id of the principle that it serves; may be empty
}

// MostDays is the largest effort that one demand may name, in person days: more
// than a working year is a typing error or several demands in one.
const MostDays = 220

// Phases are the phases of the cycle in which an area belongs.
var Phases = []string{"plan", "do", "check", "act"}

// Classes are the risk classes for which an item may give an example.
var Classes = []string{"prohibited", "high", "limited", "minimal"}

// Item returns the demand with this clause, and the area it stands in.
func (f Framework) Item(clause string) (Item, Area, bool) {
	for _, a := range f.Areas {
		for _, it := range a.Items {
			if it.Clause == clause {
				return it, a, true
			}
		}
	}
	return Item{}, Area{}, false
}

// Items returns every demand in the order of the text.
func (f Framework) Items() []Item {
	var all []Item
	for _, a := range f.Areas {
		all = append(all, a.Items...)
	}
	return all
}

// Shelf is what reading needs to know of everything else that lies in packs.
type Shelf interface {
	// Add records a defect; both sentences take the same arguments.
	Add(at form.Place, de, en string, args ...any)
	// Clauses returns the ids and records them as clauses that must exist.
	Clauses(ids ...form.Word) []string
	// Evidence returns the types of evidence and records those that do not exist.
	Evidence(types []form.Word) []string
	// Status records a status that does not exist.
	Status(at form.Place, status string)
}

// Doc is a pack of kind framework, without the head that every pack has.
type Doc struct {
	Framework form.Word `pack:"framework,required"`
	SoA       bool      `pack:"soa"`
	Areas     []AreaDoc `pack:"areas,required"`
}

// AreaDoc is an area as an author writes it.
type AreaDoc struct {
	ID    form.Word `pack:"id,required"`
	Title text.Bi   `pack:"title,required"`
	Phase form.Word `pack:"phase,required"`
	Items []ItemDoc `pack:"items,required"`
}

// ItemDoc is a demand as an author writes it.
type ItemDoc struct {
	At        form.Place         `pack:"@"`
	Clause    form.Word          `pack:"clause,required"`
	Days      float64            `pack:"days,required"`
	Evidence  []form.Word        `pack:"evidence,required"`
	Plain     text.Bi            `pack:"plain,required"`
	Examples  map[string]text.Bi `pack:"examples"`
	Principle form.Word          `pack:"principle"`
}

// Read makes a framework of what an author wrote. The head of the pack (Pack,
// Title, Notice, Uncertainty, Version, AsOf) is for the caller to fill in.
func Read(doc Doc, s Shelf) Framework {
	f := Framework{ID: doc.Framework.S, SoA: doc.SoA}
	areas, items := map[string]bool{}, map[string]form.Place{}
	for _, a := range doc.Areas {
		if areas[a.ID.S] {
			s.Add(a.ID.At, "den Bereich %q gibt es zweimal", "area %q exists twice", a.ID.S)
		}
		areas[a.ID.S] = true
		if a.Phase.S != "" && !slices.Contains(Phases, a.Phase.S) {
			s.Add(a.Phase.At, "unbekannte Phase %q (plan, do, check, act)", "unknown phase %q (plan, do, check, act)", a.Phase.S)
		}
		area := Area{ID: a.ID.S, Title: a.Title, Phase: a.Phase.S}
		for _, it := range a.Items {
			if first, ok := items[it.Clause.S]; ok && it.Clause.S != "" {
				s.Add(it.Clause.At, "%q steht schon in diesem Rahmenwerk (%s)", "%q stands in this framework already (%s)", it.Clause.S, first)
			}
			items[it.Clause.S] = it.Clause.At
			area.Items = append(area.Items, item(it, s))
		}
		f.Areas = append(f.Areas, area)
	}
	return f
}

func item(doc ItemDoc, s Shelf) Item {
	it := Item{
		Clause: doc.Clause.S, Days: doc.Days, Evidence: s.Evidence(doc.Evidence), Plain: doc.Plain,
		Examples: doc.Examples, Principle: doc.Principle.S,
	}
	s.Clauses(doc.Clause)
	if doc.Principle.S != "" {
		s.Clauses(doc.Principle)
	}
	if !(doc.Days >= 0 && doc.Days <= MostDays) { // also what is no number
		s.Add(doc.At, "%q: der Aufwand liegt zwischen 0 und %d Personentagen", "%q: the effort lies between 0 and %d person days", doc.Clause.S, MostDays)
	}
	if len(it.Evidence) == 0 {
		s.Add(doc.At, "%q nennt keine Art von Nachweis", "%q names no type of evidence", doc.Clause.S)
	}
	for i, e := range doc.Evidence {
		if slices.Contains(it.Evidence[:i], e.S) {
			s.Add(e.At, "die Art von Nachweis %q steht zweimal da", "type of evidence %q stands here twice", e.S)
		}
	}
	for class := range doc.Examples {
		if !slices.Contains(Classes, class) {
			s.Add(doc.At, "%q: ein Beispiel für die unbekannte Risikoklasse %q", "%q: an example for the unknown risk class %q", doc.Clause.S, class)
		}
	}
	return it
}
