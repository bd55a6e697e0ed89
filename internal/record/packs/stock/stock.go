// Package stock holds what people find AI with and begin a register entry from:
// families of software with the AI functions that are typical of them (Product),
// kinds of data that leave a device or a program (DataKind), and filled drafts
// of register entries for usual cases (Draft).
//
// It reads packs of kind software and drafts and names every defect of their
// own: a word that no list has, a kind of data or a draft that no pack has. That
// every clause cited exists is for package packs.
//
// A product is a family, never one version of one vendor: what a certain version
// does is for its vendor to say (Asks makes the questions). So every function
// says how sure its description is (Sure). A draft is a proposal; who registers
// a system looks at every field. Figures of a draft are claims about the future
// (Forecast) and carry their grade and where they come from.
//
// What an organisation ticks, registers or asks is for govern/discover.
package stock

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Words that packs may use. Areas and grades are ours; origins, scopes, roles,
// data classes and oversight are those of the register of AI systems, which a
// test of govern/discover holds together with these.
var (
	// Areas group products.
	Areas = []string{"office", "people", "customers", "supply", "production", "engineering", "devices", "building", "it", "money"}
	// Labels say what a function is by its nature: ai learns or generates;
	// often_ai does so in many products; rules may be fixed rules or AI.
	Labels = []string{"ai", "often_ai", "rules"}
	// Sures say how sure a description is: typical of the family, or depending on
	// vendor, version and contract. Nothing here is more certain than that.
	Sures = []string{"typical", "depends"}
	// Affects says whether a function affects or rates people.
	Affects = []string{"yes", "no", "depends"}
	// Grades of a figure (requirement 003-26).
	Grades = []string{"claim", "estimate", "pilot", "measured"}

	// Origins, Scopes, RolesOfAI, DataClasses, Oversights and OperatorRoles are
	// words of other rooms.
	Origins       = []string{"developed", "procured", "operated", "used"}
	Scopes        = []string{"production", "supply_chain", "predictive_maintenance", "quality_control", "safety_critical_ot", "office", "personnel", "customers"}
	RolesOfAI     = []string{"idea_source", "sparring_partner", "service", "dialogue", "supervisor", "amplifier"}
	DataClasses   = []string{"machine", "public", "internal", "confidential", "personal", "special"}
	Oversights    = []string{"in_the_loop", "on_the_loop", "none"}
	OperatorRoles = []string{"provider", "deployer"}
)

// Product is a family of software or devices.
type Product struct {
	ID        string
	Pack      string
	Name      text.Bi
	Known     text.Bi // names by which people know members of the family; may be empty
	Area      string  // one of Areas
	Place     int     // of the walk through places where AI is overlooked, from 1; 0: none
	Deep      bool    // deeply embedded and often forgotten (requirement 004-20)
	Look      text.Bi // where one sees whether a function is on
	Functions []Function
}

// Function is one function of a product that may be AI.
type Function struct {
	ID      string
	Name    text.Bi
	Does    text.Bi
	Label   string   // one of Labels
	Sure    string   // one of Sures
	Role    string   // one of RolesOfAI
	Affects string   // one of Affects
	Data    []string // ids of kinds of data
	Clauses []string
	Draft   string // id of the draft that fits; may be empty
}

// Function returns a function of the product by its id.
func (p Product) Function(id string) (Function, bool) {
	i := slices.IndexFunc(p.Functions, func(f Function) bool { return f.ID == id })
	if i < 0 {
		return Function{}, false
	}
	return p.Functions[i], true
}

// DataKind is a kind of data that a device or program hands on.
type DataKind struct {
	ID    string
	Pack  string
	Name  text.Bi
	Says  text.Bi // what can be read from it about people or the firm
	Class string  // one of DataClasses
}

// Ask is a question about one function to its vendor; {function} and {product}
// stand for the names.
type Ask struct {
	ID   string
	Pack string
	Text text.Bi
}

// Stock is what all packs hold of it. The zero value is empty.
type Stock struct {
	products []Product
	kinds    []DataKind
	asks     []Ask
	drafts   []Draft

	wanted []wanted // references that Finish checks
}

// wanted is a reference to something of another pack.
type wanted struct {
	what string // kind or draft
	id   form.Word
}

// Clone returns a stock that can be added to and leaves this one alone.
func (s *Stock) Clone() *Stock {
	return &Stock{products: slices.Clip(s.products), kinds: slices.Clip(s.kinds), asks: slices.Clip(s.asks), drafts: slices.Clip(s.drafts)}
}

// Products returns every product in the order of the packs. What they hold is
// shared and not to be changed.
func (s *Stock) Products() []Product { return slices.Clone(s.products) }

// Product returns a product by its id.
func (s *Stock) Product(id string) (Product, bool) {
	i := slices.IndexFunc(s.products, func(p Product) bool { return p.ID == id })
	if i < 0 {
		return Product{}, false
	}
	return s.products[i], true
}

// DataKinds returns every kind of data in the order of the packs.
func (s *Stock) DataKinds() []DataKind { return slices.Clone(s.kinds) }

// DataKind returns a kind of data by its id.
func (s *Stock) DataKind(id string) (DataKind, bool) {
	i := slices.IndexFunc(s.kinds, func(k DataKind) bool { return k.ID == id })
	if i < 0 {
		return DataKind{}, false
	}
	return s.kinds[i], true
}

// Asks returns the questions that are put for every function.
func (s *Stock) Asks() []Ask { return slices.Clone(s.asks) }

// Drafts returns every draft in the order of the packs. What they hold is shared
// and not to be changed.
func (s *Stock) Drafts() []Draft { return slices.Clone(s.drafts) }

// Draft returns a draft by its id.
func (s *Stock) Draft(id string) (Draft, bool) {
	i := slices.IndexFunc(s.drafts, func(d Draft) bool { return d.ID == id })
	if i < 0 {
		return Draft{}, false
	}
	return s.drafts[i], true
}
