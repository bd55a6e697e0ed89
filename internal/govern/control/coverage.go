package control

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Mapper is what coverage needs of the packs; a *packs.Library is one.
type Mapper interface {
	// Mappings are the mappings that touch id, turned so that From is id.
	Mappings(id string) []packs.Mapping
}

// Library is what the views need of the packs; a *packs.Library is one.
type Library interface {
	Mapper
	// Cited is how a clause or requirement is cited and called.
	Cited(id string) (ref string, title, say text.Bi, ok bool)
}

// Closing is one evidence object at one requirement.
type Closing struct {
	Evidence string // id of the object
	Name     string
	Type     string // one of packs.EvidenceTypes
	State    State  // an expired one is named and does not count
	Whole    bool   // it answers the requirement whole; otherwise at most partly
	// Via is the mapping that carried it here, with From the clause that the
	// object was filed for; nil: it was filed for this requirement itself.
	Via *packs.Mapping
}

// Counts reports whether it counts at all.
func (c Closing) Counts() bool { return c.State != Expired }

// Level is how far the evidence at one requirement goes.
type Level string

// LevelNone: there is no evidence. LevelExpired: there was some.
const (
	LevelNone    Level = "none"
	LevelExpired Level = "expired"
	LevelPartly  Level = "partly"
	LevelWhole   Level = "whole"
)

// Cover is what evidence there is for one requirement, the strongest first.
type Cover struct {
	Clause   string
	Closings []Closing
}

// Level is the best level that any object reaches.
func (c Cover) Level() Level {
	level := LevelNone
	for _, by := range c.Closings {
		switch {
		case by.Counts() && by.Whole:
			return LevelWhole
		case by.Counts():
			level = LevelPartly
		case level == LevelNone:
			level = LevelExpired
		}
	}
	return level
}

// Types are the types of evidence that answer the requirement whole and count,
// sorted.
func (c Cover) Types() []string {
	seen := map[string]bool{}
	for _, by := range c.Closings {
		if by.Counts() && by.Whole {
			seen[by.Type] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Missing returns those of the wanted types that nothing shows whole, in the
// order wanted (requirement 001-36).
func (c Cover) Missing(wanted []string) []string {
	have := c.Types()
	var out []string
	for _, t := range wanted {
		if !slices.Contains(have, t) {
			out = append(out, t)
		}
	}
	return out
}

// Covered is what all evidence covers, by clause.
type Covered struct {
	Clauses map[string]Cover
	// Objects counts the evidence objects that count; Expired those that do not
	// any more.
	Objects, Expired int
	// Closings counts pairs of an object that counts and a requirement that it
	// answers whole. Closings / Objects is the reuse rate (requirement 000-50).
	Closings int
	// Partial counts pairs where the object answers at most a part.
	Partial int
}

// Of is the cover of one clause; an empty one where there is no evidence.
func (c Covered) Of(clause string) Cover {
	if have, ok := c.Clauses[clause]; ok {
		return have
	}
	return Cover{Clause: clause}
}

// Reuse is the reuse rate with both its numbers: how many requirements one
// evidence object answers on average. ok is false without any object.
func (c Covered) Reuse() (rate float64, closings, objects int, ok bool) {
	if c.Objects == 0 {
		return 0, 0, 0, false
	}
	return float64(c.Closings) / float64(c.Objects), c.Closings, c.Objects, true
}

// Serves lists the clauses that one evidence object stands at, sorted, with how
// it got there: one evidence, many requirements.
func (c Covered) Serves(evidence string) []Served {
	var out []Served
	for _, clause := range slices.Sorted(maps.Keys(c.Clauses)) {
		for _, by := range c.Clauses[clause].Closings {
			if by.Evidence == evidence {
				out = append(out, Served{Clause: clause, Closing: by})
			}
		}
	}
	return out
}

// Served is one clause that an evidence object stands at.
type Served struct {
	Clause string
	Closing
}

// Coverage computes what the evidence covers at an instant. An object answers
// the clauses that it was filed for whole. A mapping carries it one step
// further, never two: whole to a requirement that asks for the same or for less
// (equal, superset), at most partly to one that asks for more or for something
// else besides (subset, intersects). An object counts once a requirement, by its
// strongest way there.
func Coverage(lib Mapper, evidence []store.Object[Evidence], at time.Time) Covered {
	out := Covered{Clauses: map[string]Cover{}}
	ranked := map[string]*[ranks][]Closing{}
	mapped := map[string][]packs.Mapping{} // asked once a clause
	for _, i := range byName(evidence) {
		o := &evidence[i]
		state := o.Doc.State(at)
		if state == Expired {
			out.Expired++
		} else {
			out.Objects++
		}
		for clause, by := range reach(lib, mapped, o.Doc.Clauses) {
			by.Evidence, by.Name, by.Type, by.State = o.ID, o.Doc.Name, string(o.Doc.Type), state
			if ranked[clause] == nil {
				ranked[clause] = &[ranks][]Closing{}
			}
			r := by.rank()
			ranked[clause][r] = append(ranked[clause][r], by)
			switch {
			case !by.Counts():
			case by.Whole:
				out.Closings++
			default:
				out.Partial++
			}
		}
	}
	for clause, by := range ranked {
		out.Clauses[clause] = Cover{Clause: clause, Closings: slices.Concat(by[:]...)}
	}
	return out
}

// byName is the order of evidence by name and id, so that a view does not depend
// on the order in which evidence was filed.
func byName(evidence []store.Object[Evidence]) []int {
	order := make([]int, len(evidence))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := &evidence[i], &evidence[j]
		return cmp.Or(cmp.Compare(a.Doc.Name, b.Doc.Name), cmp.Compare(a.ID, b.ID))
	})
	return order
}

// reach is where an object filed for clauses stands, and how it gets there.
func reach(lib Mapper, mapped map[string][]packs.Mapping, clauses []string) map[string]Closing {
	out := make(map[string]Closing, len(clauses))
	for _, clause := range clauses {
		out[clause] = Closing{Whole: true}
	}
	for _, clause := range clauses {
		all, ok := mapped[clause]
		if !ok {
			all = lib.Mappings(clause)
			mapped[clause] = all
		}
		for i := range all {
			via := Closing{Whole: all[i].Relation.Whole(), Via: &all[i]}
			have, ok := out[via.Via.To]
			if !ok || via.rank() < have.rank() || via.rank() == have.rank() && via.Via.From < have.Via.From {
				out[via.Via.To] = via
			}
		}
	}
	return out
}

// ranks is the number of ranks that a closing can have.
const ranks = 8

// rank orders closings, the strongest first: what counts before what expired,
// whole before partly, filed before carried.
func (c Closing) rank() int {
	r := 0
	if !c.Counts() {
		r += 4
	}
	if !c.Whole {
		r += 2
	}
	if c.Via != nil {
		r++
	}
	return r
}

// truth orders false before true.
func truth(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
