package policy

import (
	"iter"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/types"
	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
)

// The scope index. cedar-go visits every policy for every request (about 12 ms
// at 10,000 policies); the index hands it only those whose scope fits. That is
// exact, not approximate: in Cedar the scope is the first operand of a policy, so
// one outside its scope gives neither a reason nor an error, and of one inside
// only the conditions are left to evaluate. The tests hold decision, reasons and
// errors against the whole set.
//
// Each policy lies in one bucket: that of the entity of its resource scope or of
// its principal scope, whichever fewer policies share, else of its resource
// type; large buckets are split by action. A policy that names none of these is
// visited for every request; their number is budgeted at admission.

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
	principal, action, resource scope
}

// index holds the policies under the number of an entity or a type. What a
// request is compared with lies side by side in small records of numbers: the
// policies themselves are spread over megabytes and only those are touched that
// will be evaluated.
type index struct {
	ids      []types.PolicyID
	policies []*cedar.Policy
	uids     map[types.EntityUID]uint32 // entities that scopes name, from 1
	types    map[types.EntityType]uint32
	// By number; 0 of byType holds what names no type either.
	byResource, byPrincipal, byType []bucket
}

// bucket is the policies of one entity or type. Many are split by action.
type bucket struct {
	few    []compact
	action map[uint32][]compact // 0: any
}

// compact is one policy's scope in numbers. A policy with a set of actions has
// one for each of them.
type compact struct {
	policy              int32
	principal, resource part
	action              part
	set                 []uint32 // of an action in a set: all of them, in order
}

// part is a scope in numbers.
type part struct {
	mode mode
	typ  uint32
	id   uint32
}

// few is up to how many policies of one entity are looked through; more are
// split by action.
const few = 24

func newIndex(policies []Policy) *index {
	ix := &index{uids: map[types.EntityUID]uint32{}, types: map[types.EntityType]uint32{}}
	shareR, shareP := map[types.EntityUID]int{}, map[types.EntityUID]int{}
	entries := make([]scoped, 0, len(policies))
	for _, p := range policies {
		a := (*xast.Policy)(p.compiled.AST())
		e := scoped{principal: scopeOf(a.Principal), action: scopeOf(a.Action), resource: scopeOf(a.Resource)}
		for _, s := range []scope{e.principal, e.action, e.resource} {
			ix.number(s)
		}
		if e.resource.entity() {
			shareR[e.resource.ids[0]]++
		}
		if e.principal.entity() {
			shareP[e.principal.ids[0]]++
		}
		entries = append(entries, e)
		ix.ids, ix.policies = append(ix.ids, types.PolicyID(p.ID)), append(ix.policies, scopeless(a, len(ix.policies)))
	}
	ix.byResource, ix.byPrincipal = make([]bucket, len(ix.uids)+1), make([]bucket, len(ix.uids)+1)
	ix.byType = make([]bucket, len(ix.types)+1)
	for i, e := range entries {
		at := &ix.byType[ix.types[e.resource.typ]]
		r, p := e.resource.entity(), e.principal.entity()
		if r && p && shareP[e.principal.ids[0]] < shareR[e.resource.ids[0]] {
			r = false
		}
		switch {
		case r:
			at = &ix.byResource[ix.uids[e.resource.ids[0]]]
		case p:
			at = &ix.byPrincipal[ix.uids[e.principal.ids[0]]]
		}
		at.few = append(at.few, ix.compacts(int32(i), e)...)
	}
	for _, all := range [][]bucket{ix.byResource, ix.byPrincipal, ix.byType} {
		for i := range all {
			all[i].split()
		}
	}
	return ix
}

func (ix *index) number(s scope) {
	for _, id := range s.ids {
		if _, ok := ix.uids[id]; !ok {
			ix.uids[id] = uint32(len(ix.uids) + 1)
		}
	}
	if _, ok := ix.types[s.typ]; !ok && s.typ != "" {
		ix.types[s.typ] = uint32(len(ix.types) + 1)
	}
}

func (ix *index) part(s scope) part {
	out := part{mode: s.mode, typ: ix.types[s.typ]}
	if len(s.ids) > 0 {
		out.id = ix.uids[s.ids[0]]
	}
	return out
}

// compacts is one record for each action that the policy names, or one.
func (ix *index) compacts(i int32, e scoped) []compact {
	c := compact{policy: i, principal: ix.part(e.principal), resource: ix.part(e.resource), action: ix.part(e.action)}
	if e.action.mode == scopeAll || len(e.action.ids) == 1 {
		return []compact{c}
	}
	for _, id := range e.action.ids { // none at all: in [] fits nothing
		if n := ix.uids[id]; !slices.Contains(c.set, n) {
			c.set = append(c.set, n)
		}
	}
	var out []compact
	for _, n := range c.set {
		c.action.id = n
		out = append(out, c)
	}
	return out
}

func (b *bucket) split() {
	if len(b.few) <= few {
		return
	}
	b.action = map[uint32][]compact{}
	for _, c := range b.few {
		b.action[c.action.id] = append(b.action[c.action.id], c)
	}
	b.few = nil
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

// scopeless is a policy without its scope: the index hands out only policies whose
// scope holds, so nobody needs to look at it again. Its position is its number,
// by which what Cedar says of it is understood without looking for its id.
func scopeless(p *xast.Policy, number int) *cedar.Policy {
	free := *p
	free.Position = xast.Position{Offset: number}
	free.Principal, free.Action, free.Resource = xast.ScopeTypeAll{}, xast.ScopeTypeAll{}, xast.ScopeTypeAll{}
	return cedar.NewPolicyFromAST((*ast.Policy)(&free))
}

// unscoped reports whether the policy is visited for every request.
func (e scoped) unscoped() bool {
	return e.action.mode == scopeAll && !e.principal.entity() && !e.resource.entity() && e.resource.typ == ""
}

// lookup is one request's view of the index. It is a cedar.PolicyIterator.
type lookup struct {
	ix                          *index
	principal, action, resource *closure
	own                         [3]closure // found for this request
	parties                     entities
	all                         iter.Seq2[types.PolicyID, *cedar.Policy] // each, bound once
}

// closure is an entity and its ancestors, in numbers: what of them no scope
// names cannot match.
type closure struct {
	typ  uint32
	self uint32
	in   []uint32 // self, if named, and the ancestors that are
}

var lookups = sync.Pool{New: func() any {
	s := new(lookup)
	s.all = s.each
	return s
}}

// look prepares the candidates of a request in s.
func (ix *index) look(s *lookup, ents types.EntityGetter, req types.Request) {
	s.ix, s.principal, s.action, s.resource = ix, &s.own[0], &s.own[1], &s.own[2]
	ix.closure(s.principal, ents, req.Principal)
	ix.closure(s.action, ents, req.Action)
	ix.closure(s.resource, ents, req.Resource)
}

// ready is look with what is already known of parties and action. Where one of them
// is an ancestor of the other, or an action is, ancestors are not known from one
// party alone.
func (ix *index) ready(s *lookup, q Query, req types.Request, a *act) {
	if linked(q.Principal.Parents, q.Resource.Ref) || linked(q.Resource.Parents, q.Principal.Ref) {
		ix.look(s, &s.parties, req)
		return
	}
	s.ix, s.principal, s.action, s.resource = ix, &s.parties.principal.closure, &a.closure, &s.parties.resource.closure
}

func linked(parents []Ref, other Ref) bool {
	for _, p := range parents {
		if p == other || p.Type == actionType {
			return true
		}
	}
	return false
}

// release gives a lookup back; nothing of the request stays reachable by it.
func (s *lookup) release() {
	s.ix, s.principal, s.action, s.resource, s.parties = nil, nil, nil, nil, entities{}
	lookups.Put(s)
}

// closure finds an entity and all its ancestors, as Cedar's "in" sees them.
func (ix *index) closure(c *closure, ents types.EntityGetter, id types.EntityUID) {
	c.typ, c.self, c.in = ix.types[id.Type], ix.uids[id], c.in[:0]
	var space [16]types.EntityUID
	all := append(space[:0], id)
	for i := 0; i < len(all); i++ {
		if n, ok := ix.uids[all[i]]; ok {
			c.in = append(c.in, n)
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
}

// All yields each policy whose scope fits the request, once.
func (s *lookup) All() iter.Seq2[types.PolicyID, *cedar.Policy] { return s.all }

func (s *lookup) each(yield func(types.PolicyID, *cedar.Policy) bool) {
	for _, n := range s.resource.in {
		if !s.bucket(&s.ix.byResource[n], yield) {
			return
		}
	}
	for _, n := range s.principal.in {
		if !s.bucket(&s.ix.byPrincipal[n], yield) {
			return
		}
	}
	if s.bucket(&s.ix.byType[0], yield) && s.resource.typ != 0 {
		s.bucket(&s.ix.byType[s.resource.typ], yield)
	}
}

func (s *lookup) bucket(b *bucket, yield func(types.PolicyID, *cedar.Policy) bool) bool {
	if b.action == nil {
		return s.list(b.few, yield)
	}
	if !s.list(b.action[0], yield) {
		return false
	}
	for _, a := range s.action.in {
		if !s.list(b.action[a], yield) {
			return false
		}
	}
	return true
}

func (s *lookup) list(list []compact, yield func(types.PolicyID, *cedar.Policy) bool) bool {
	for i := range list {
		c := &list[i]
		if s.acts(c) && s.principal.fits(c.principal) && s.resource.fits(c.resource) && !yield(s.ix.ids[c.policy], s.ix.policies[c.policy]) {
			return false
		}
	}
	return true
}

// fits reports whether a scope holds for an entity.
func (c *closure) fits(p part) bool {
	switch p.mode {
	case scopeAll:
		return true
	case scopeEq:
		return c.self == p.id
	case scopeIn:
		return slices.Contains(c.in, p.id)
	case scopeIs:
		return c.typ == p.typ
	case scopeIsIn:
		return c.typ == p.typ && slices.Contains(c.in, p.id)
	}
	return false
}

// acts reports whether an action scope holds. Of the records of a policy with a
// set of actions only the first that holds counts, so that it is yielded once.
func (s *lookup) acts(c *compact) bool {
	if c.set == nil {
		return s.action.fits(c.action)
	}
	for _, n := range c.set {
		if slices.Contains(s.action.in, n) {
			return n == c.action.id
		}
	}
	return false
}
