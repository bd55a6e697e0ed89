package policy

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cedar-policy/cedar-go/types"
)

// memo keeps built Cedar records, since a line asks the same thing many times
// with the same attributes. It never decides what is true: an entity is reused
// only if every attribute and parent it was built from equals what the house
// says now, so a changed fact builds it anew; a context only if everything that
// a policy can see of the environment is equal; an outcome only for the very
// parties, action and context that it was found for, since of these alone Cedar
// makes it.
type memo struct {
	mu       sync.RWMutex
	entities map[string]map[string]*memoEntity // by type and id
	count    int                               // of entities
	contexts map[memoEnv]*memoContext
	older    map[memoEnv]*memoContext      // the generation before
	last     []atomic.Pointer[memoContext] // by the number of the action: the newest
	outcomes map[memoQuery]Outcome
}

// memoEntity is one party as Cedar sees it; nothing of it is written again.
type memoEntity struct {
	attributes []attribute
	parents    []Ref
	entity     types.Entity
	closure    closure // of the entity alone
	kept       bool
}

type memoEnv struct {
	env    Env
	action string
}

// memoContext is one context as Cedar sees it; nothing of it is written again.
type memoContext struct {
	env    Env
	claims [4][]attribute // subject, action, resource, context
	record types.Record
	kept   bool
}

// memoQuery is a question by what it is made of. What is built anew, because a
// fact changed, is another question.
type memoQuery struct {
	principal, resource *memoEntity
	action              *act
	context             *memoContext
}

// Full maps of entities and of outcomes are emptied; a full generation of
// contexts replaces the one before. Two full generations are about 8 MB, full
// outcomes about 2.
const (
	memoEntities = 4096
	memoContexts = 4096
	memoOutcomes = 8192
)

func newMemo(actions int) *memo {
	return &memo{entities: map[string]map[string]*memoEntity{}, contexts: map[memoEnv]*memoContext{},
		last: make([]atomic.Pointer[memoContext], actions), outcomes: map[memoQuery]Outcome{}}
}

func (m *memo) entity(k Known, ix *index, build func() (types.Entity, error)) (*memoEntity, error) {
	m.mu.RLock()
	have := m.entities[k.Type][k.ID]
	m.mu.RUnlock()
	if have != nil && sameRefs(have.parents, k.Parents) && sameAttributes(have.attributes, k.Attributes) {
		return have, nil
	}
	e, err := build()
	if err != nil {
		return nil, err
	}
	made := &memoEntity{entity: e}
	ix.closure(&made.closure, &entities{principal: made}, e.UID)
	var ok bool
	if made.attributes, ok = copyAttributes(k.Attributes); !ok {
		return made, nil
	}
	made.parents, made.kept = slices.Clone(k.Parents), true
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count >= memoEntities {
		clear(m.entities)
		m.count = 0
	}
	of := m.entities[k.Type]
	if of == nil {
		of = map[string]*memoEntity{}
		m.entities[k.Type] = of
	}
	if of[k.ID] == nil {
		m.count++
	}
	of[k.ID] = made
	return made, nil
}

// context returns the context of a moment that was kept, or nil. Most requests
// of a while share the newest, and finding that costs no hash and no lock.
func (m *memo) context(q Query, a *act) *memoContext {
	if q.Extra != nil {
		return nil
	}
	if last := m.last[a.number].Load(); last != nil && last.env == q.Env && last.serves(q) {
		return last
	}
	key := memoEnv{q.Env, q.Action}
	m.mu.RLock()
	have := m.contexts[key]
	if have == nil {
		have = m.older[key]
	}
	m.mu.RUnlock()
	if have == nil || !have.serves(q) {
		return nil
	}
	return have
}

// serves reports whether the caller said what this context was built from.
func (c *memoContext) serves(q Query) bool {
	var said Claims
	if q.Claims != nil {
		said = *q.Claims
	}
	return sameAttributes(c.claims[0], said.Subject) && sameAttributes(c.claims[1], said.Action) &&
		sameAttributes(c.claims[2], said.Resource) && sameAttributes(c.claims[3], said.Context)
}

// keep remembers a context that was just built and fits its schema, if it can be
// compared later.
func (m *memo) keep(q Query, a *act, made *memoContext) {
	if q.Extra != nil {
		return
	}
	var claims Claims
	if q.Claims != nil {
		claims = *q.Claims
	}
	var ok bool
	if made.claims, ok = copyClaims(claims); !ok {
		return
	}
	made.env, made.kept = q.Env, true
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.contexts) >= memoContexts {
		m.contexts, m.older = map[memoEnv]*memoContext{}, m.contexts
	}
	m.contexts[memoEnv{q.Env, q.Action}] = made
	m.last[a.number].Store(made)
}

// outcome returns what was found for a question.
func (m *memo) outcome(q memoQuery) (Outcome, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out, ok := m.outcomes[q]
	return out, ok
}

// found remembers what was found for a question that can be put again.
func (m *memo) found(q memoQuery, out Outcome) {
	if !q.principal.kept || !q.resource.kept || !q.context.kept {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.outcomes) >= memoOutcomes {
		clear(m.outcomes)
	}
	m.outcomes[q] = out
}

func copyClaims(c Claims) (out [4][]attribute, ok bool) {
	for i, part := range []map[string]any{c.Subject, c.Action, c.Resource, c.Context} {
		if out[i], ok = copyAttributes(part); !ok {
			return out, false
		}
	}
	return out, true
}

// attribute is one of a map of attributes that was copied: a list is gone
// through much faster than a map.
type attribute struct {
	name  string
	value any
}

// copyAttributes copies flat attributes deeply; it reports false for anything
// it could not compare later.
func copyAttributes(in map[string]any) ([]attribute, bool) {
	out := make([]attribute, 0, len(in))
	for k, v := range in {
		switch x := v.(type) {
		case string, bool, int, int64, float64, Ref, nil:
		case []string:
			v = slices.Clone(x)
		case []Ref:
			v = slices.Clone(x)
		default:
			return nil, false
		}
		out = append(out, attribute{k, v})
	}
	return out, true
}

func sameAttributes(a []attribute, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y, ok := b[x.name]
		if !ok || !sameValue(x.value, y) {
			return false
		}
	}
	return true
}

// sameRefs is slices.Equal, which calls a function for each element.
func sameRefs(a, b []Ref) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || a[i].Type != b[i].Type {
			return false
		}
	}
	return true
}

func sameValue(x, y any) bool {
	switch x := x.(type) {
	case []string:
		y, ok := y.([]string)
		return ok && slices.Equal(x, y)
	case []Ref:
		y, ok := y.([]Ref)
		return ok && sameRefs(x, y)
	case string:
		y, ok := y.(string)
		return ok && x == y
	case bool:
		y, ok := y.(bool)
		return ok && x == y
	case int:
		y, ok := y.(int)
		return ok && x == y
	case int64:
		y, ok := y.(int64)
		return ok && x == y
	case float64:
		y, ok := y.(float64)
		return ok && x == y
	case Ref:
		y, ok := y.(Ref)
		return ok && x == y
	case nil:
		return y == nil
	}
	return false
}
