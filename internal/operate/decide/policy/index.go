package policy

import (
	"iter"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
)

// The scope index. cedar-go visits every policy for every request (about 12 ms
// at 10,000 policies); the index hands it only those whose scope fits. That is
// exact, not approximate: the scope is the first operand of a compiled policy,
// so a policy outside its scope gives neither a reason nor an error. The tests
// hold decision, reasons and errors against the whole set.
//
// Each policy lies under one key: the entity of its resource scope or of its
// principal scope, whichever fewer policies share, else its resource type; each
// with its action. A policy that names none of these lies under the key of
// everything and is visited for every request; their number is budgeted at
// admission.

// mode is the kind of a scope.
type mode uint8

const (
	scopeAll  mode = iota
	scopeEq        // == entity
	scopeIn        // in entity (or any of a set, for actions)
	scopeIs        // is type
	scopeIsIn      // is type in entity
)

type scope struct {
	mode mode
	typ  types.EntityType
	ids  []types.EntityUID // one, or several for "action in [..]"
}

type scoped struct {
	id                          types.PolicyID
	policy                      *cedar.Policy
	principal, action, resource scope
}

type index struct {
	entries []scoped
	uids    map[types.EntityUID]uint32 // entities that scopes name, from 1
	types   map[types.EntityType]uint32
	// keys are uid or type number in the upper half, action number in the
	// lower; 0 stands for any.
	byResource, byPrincipal, byType map[uint64][]int32
}

func key(of, action uint32) uint64 { return uint64(of)<<32 | uint64(action) }

func newIndex(policies []Policy) *index {
	ix := &index{uids: map[types.EntityUID]uint32{}, types: map[types.EntityType]uint32{},
		byResource: map[uint64][]int32{}, byPrincipal: map[uint64][]int32{}, byType: map[uint64][]int32{}}
	number := func(s scope) {
		for _, id := range s.ids {
			if _, ok := ix.uids[id]; !ok {
				ix.uids[id] = uint32(len(ix.uids) + 1)
			}
		}
		if _, ok := ix.types[s.typ]; !ok && s.typ != "" {
			ix.types[s.typ] = uint32(len(ix.types) + 1)
		}
	}
	shareR, shareP := map[types.EntityUID]int{}, map[types.EntityUID]int{}
	for _, p := range policies {
		a := (*xast.Policy)(p.compiled.AST())
		e := scoped{id: types.PolicyID(p.ID), policy: p.compiled, principal: scopeOf(a.Principal), action: scopeOf(a.Action), resource: scopeOf(a.Resource)}
		number(e.principal)
		number(e.action)
		number(e.resource)
		if e.resource.entity() {
			shareR[e.resource.ids[0]]++
		}
		if e.principal.entity() {
			shareP[e.principal.ids[0]]++
		}
		ix.entries = append(ix.entries, e)
	}
	for i, e := range ix.entries {
		into, of := ix.byType, ix.types[e.resource.typ]
		r, p := e.resource.entity(), e.principal.entity()
		if r && p && shareP[e.principal.ids[0]] < shareR[e.resource.ids[0]] {
			r = false
		}
		switch {
		case r:
			into, of = ix.byResource, ix.uids[e.resource.ids[0]]
		case p:
			into, of = ix.byPrincipal, ix.uids[e.principal.ids[0]]
		}
		if e.action.mode == scopeAll {
			into[key(of, 0)] = append(into[key(of, 0)], int32(i))
			continue
		}
		for _, id := range e.action.ids {
			k := key(of, ix.uids[id])
			if l := into[k]; len(l) == 0 || l[len(l)-1] != int32(i) {
				into[k] = append(l, int32(i))
			}
		}
	}
	return ix
}

func (s scope) entity() bool { return s.mode == scopeEq || s.mode == scopeIn || s.mode == scopeIsIn }

func scopeOf(n xast.IsScopeNode) scope {
	switch t := n.(type) {
	case xast.ScopeTypeEq:
		return scope{mode: scopeEq, ids: []types.EntityUID{t.Entity}}
	case xast.ScopeTypeIn:
		return scope{mode: scopeIn, ids: []types.EntityUID{t.Entity}}
	case xast.ScopeTypeInSet:
		return scope{mode: scopeIn, ids: t.Entities}
	case xast.ScopeTypeIs:
		return scope{mode: scopeIs, typ: t.Type}
	case xast.ScopeTypeIsIn:
		return scope{mode: scopeIsIn, typ: t.Type, ids: []types.EntityUID{t.Entity}}
	}
	return scope{}
}

// unscoped reports whether the policy is visited for every request.
func (e scoped) unscoped() bool {
	return e.action.mode == scopeAll && !e.principal.entity() && !e.resource.entity() && e.resource.typ == ""
}

// lookup is one request's view of the index. It is a cedar.PolicyIterator.
type lookup struct {
	ix                          *index
	principal, action, resource []types.EntityUID // the entity, then its ancestors
	p, a, r                     []uint32          // their numbers, where scopes name them
	parties                     entities
	all                         iter.Seq2[types.PolicyID, *cedar.Policy] // each, bound once
}

var lookups = sync.Pool{New: func() any {
	s := new(lookup)
	s.all = s.each
	return s
}}

// look prepares the candidates of a request in s.
func (ix *index) look(s *lookup, ents types.EntityGetter, req types.Request) {
	s.ix = ix
	s.principal, s.p = ix.closure(ents, req.Principal, s.principal[:0], s.p[:0])
	s.action, s.a = ix.closure(ents, req.Action, s.action[:0], append(s.a[:0], 0))
	s.resource, s.r = ix.closure(ents, req.Resource, s.resource[:0], s.r[:0])
}

// release gives a lookup back; nothing of the request stays reachable by it but
// names.
func (s *lookup) release() {
	s.ix, s.parties = nil, entities{}
	lookups.Put(s)
}

// closure lists an entity and all its ancestors, as Cedar's "in" sees them, and
// the numbers of those that scopes name.
func (ix *index) closure(ents types.EntityGetter, id types.EntityUID, all []types.EntityUID, nums []uint32) ([]types.EntityUID, []uint32) {
	all = append(all, id)
	for i := 0; i < len(all); i++ {
		if n, ok := ix.uids[all[i]]; ok {
			nums = append(nums, n)
		}
		e, ok := ents.Get(all[i])
		if !ok || e.Parents.Len() == 0 {
			continue
		}
		for p := range e.Parents.All() {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all, nums
}

// All yields each policy whose scope fits the request, once.
func (s *lookup) All() iter.Seq2[types.PolicyID, *cedar.Policy] { return s.all }

func (s *lookup) each(yield func(types.PolicyID, *cedar.Policy) bool) {
	for _, a := range s.a {
		for _, r := range s.r {
			if !s.bucket(s.ix.byResource[key(r, a)], a, yield) {
				return
			}
		}
		for _, p := range s.p {
			if !s.bucket(s.ix.byPrincipal[key(p, a)], a, yield) {
				return
			}
		}
		if !s.bucket(s.ix.byType[key(0, a)], a, yield) {
			return
		}
		if t, ok := s.ix.types[s.resource[0].Type]; ok && !s.bucket(s.ix.byType[key(t, a)], a, yield) {
			return
		}
	}
}

func (s *lookup) bucket(list []int32, action uint32, yield func(types.PolicyID, *cedar.Policy) bool) bool {
	for _, i := range list {
		e := &s.ix.entries[i]
		if e.principal.fits(s.principal) && e.resource.fits(s.resource) && s.first(e.action, action) && !yield(e.id, e.policy) {
			return false
		}
	}
	return true
}

// fits reports whether a scope holds for an entity, given with its ancestors.
func (s scope) fits(closure []types.EntityUID) bool {
	switch s.mode {
	case scopeAll:
		return true
	case scopeEq:
		return closure[0] == s.ids[0]
	case scopeIn:
		return slices.Contains(closure, s.ids[0])
	case scopeIs:
		return closure[0].Type == s.typ
	case scopeIsIn:
		return closure[0].Type == s.typ && slices.Contains(closure, s.ids[0])
	}
	return false
}

// first reports whether an action scope holds and the key under which the
// policy was found is the first of its set that does: a policy with several
// actions lies under each of them and must be yielded once.
func (s *lookup) first(a scope, number uint32) bool {
	switch a.mode {
	case scopeAll:
		return true
	case scopeEq:
		return s.action[0] == a.ids[0]
	}
	for _, id := range a.ids {
		if slices.Contains(s.action, id) {
			return s.ix.uids[id] == number
		}
	}
	return false
}
