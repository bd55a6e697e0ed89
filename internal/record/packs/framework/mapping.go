package framework

import (
	"slices"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/text"
)

// Relation says what one demand is to another.
type Relation string

// The relations, read as "From is … To".
const (
	Equal      Relation = "equal"      // asks for the same
	Subset     Relation = "subset"     // asks for less: all of From is in To
	Superset   Relation = "superset"   // asks for more: all of To is in From
	Intersects Relation = "intersects" // part of it is the same
)

// Relations are all relations.
var Relations = []Relation{Equal, Subset, Superset, Intersects}

// Reverse is what To is to From.
func (r Relation) Reverse() Relation {
	switch r {
	case Subset:
		return Superset
	case Superset:
		return Subset
	}
	return r
}

// Whole reports whether what proves From proves all of To as well. It does so
// when From asks for the same or for more; otherwise it proves a part at most.
func (r Relation) Whole() bool { return r == Equal || r == Superset }

// Mapping is how the demand From stands to the demand To, with the reason.
type Mapping struct {
	From, To string // ids of clauses or requirements
	Relation Relation
	Reason   text.Bi
	Status   string // why it is uncertain, mostly "interpretation": mappings are our own reading
	Pack     string
}

// Turned is the same mapping seen from the other side.
func (m Mapping) Turned() Mapping {
	m.From, m.To, m.Relation = m.To, m.From, m.Relation.Reverse()
	return m
}

// Mappings holds all mappings, found from either side. The zero value is empty.
type Mappings struct {
	all  []Mapping
	by   map[string][]Mapping // turned so that From is the key
	seen map[[2]string]form.Place
}

// Of returns every mapping that touches id, turned so that From is id, in the
// order of the packs.
func (m *Mappings) Of(id string) []Mapping { return slices.Clone(m.by[id]) }

// All returns every mapping as its author wrote it, in the order of the packs.
func (m *Mappings) All() []Mapping { return slices.Clone(m.all) }

// Clone returns a copy to which more can be added.
func (m *Mappings) Clone() *Mappings {
	c := &Mappings{all: slices.Clone(m.all), by: make(map[string][]Mapping, len(m.by)), seen: make(map[[2]string]form.Place, len(m.seen))}
	for id, list := range m.by {
		c.by[id] = slices.Clip(list) // an append then copies
	}
	for pair, at := range m.seen {
		c.seen[pair] = at
	}
	return c
}

// MappingDoc is one mapping as an author writes it.
type MappingDoc struct {
	At       form.Place `pack:"@"`
	From     form.Word  `pack:"from,required"`
	To       form.Word  `pack:"to,required"`
	Relation form.Word  `pack:"relation,required"`
	Reason   text.Bi    `pack:"reason,required"`
	Status   string     `pack:"status"`
}

// MappingsDoc is a pack of kind mapping, without the head that every pack has.
type MappingsDoc struct {
	Items []MappingDoc `pack:"items,required"`
}

// Add takes over the mappings of a pack. Two demands may stand to each other in
// one way only, whoever comes first.
func (m *Mappings) Add(pack string, doc MappingsDoc, s Shelf) {
	if m.by == nil {
		m.by, m.seen = map[string][]Mapping{}, map[[2]string]form.Place{}
	}
	for _, d := range doc.Items {
		s.Clauses(d.From, d.To)
		s.Status(d.At, d.Status)
		if d.Relation.S != "" && !slices.Contains(Relations, Relation(d.Relation.S)) {
			s.Add(d.Relation.At, "unbekannte Beziehung %q (equal, subset, superset, intersects)", "unknown relation %q (equal, subset, superset, intersects)", d.Relation.S)
		}
		if d.From.S == d.To.S {
			s.Add(d.At, "%q wird auf sich selbst abgebildet", "%q is mapped to itself", d.From.S)
			continue
		}
		pair := [2]string{min(d.From.S, d.To.S), max(d.From.S, d.To.S)}
		if first, ok := m.seen[pair]; ok {
			s.Add(d.At, "%q und %q sind schon verbunden (%s)", "%q and %q are mapped already (%s)", d.From.S, d.To.S, first)
			continue
		}
		m.seen[pair] = d.At
		one := Mapping{From: d.From.S, To: d.To.S, Relation: Relation(d.Relation.S), Reason: d.Reason, Status: d.Status, Pack: pack}
		m.all = append(m.all, one)
		m.by[one.From] = append(m.by[one.From], one)
		m.by[one.To] = append(m.by[one.To], one.Turned())
	}
}
