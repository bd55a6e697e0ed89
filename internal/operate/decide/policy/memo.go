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
// a policy can see of the environment is equal.
type memo struct {
	mu       sync.RWMutex
	entities map[string]map[string]*memoEntity // by type and id
	count    int                               // of entities
	contexts map[memoEnv]memoContext
	older    map[memoEnv]memoContext    // the generation before
	last     []atomic.Pointer[memoLast] // by the number of the action
}

// memoEntity is one party as Cedar sees it; nothing of it is written again.
type memoEntity struct {
	attributes []attribute
	parents    []Ref
	entity     types.Entity
	closure    closure // of the entity alone
}

type memoEnv struct {
	env    Env
	action string
}

type memoContext struct {
	claims [4][]attribute // subject, action, resource, context
	record types.Record
}

// memoLast is the newest context of an action: most requests of a while share
// it, and finding it costs no hash and no lock.
type memoLast struct {
	env Env
	memoContext
}

// A full map of entities is emptied; a full generation of contexts replaces the
// one before. Two full generations are about 8 MB.
const (
	memoEntities = 4096
	memoContexts = 4096
)

func newMemo(actions int) *memo {
	return &memo{entities: map[string]map[string]*memoEntity{}, contexts: map[memoEnv]memoContext{}, last: make([]atomic.Pointer[memoLast], actions)}
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
	made.parents = slices.Clone(k.Parents)
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

// context returns the context of a moment that was kept.
func (m *memo) context(q Query, a *act) (types.Record, bool) {
	if q.Extra != nil {
		return types.Record{}, false
	}
	if last := m.last[a.number].Load(); last != nil && last.env == q.Env && last.serves(q) {
		return last.record, true
	}
	key := memoEnv{q.Env, q.Action}
	m.mu.RLock()
	have, ok := m.contexts[key]
	if !ok {
		have, ok = m.older[key]
	}
	m.mu.RUnlock()
	return have.record, ok && have.serves(q)
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

// keep remembers a context that was just built and fits its schema.
func (m *memo) keep(q Query, a *act, r types.Record, built bool) {
	if !built || q.Extra != nil {
		return
	}
	var claims Claims
	if q.Claims != nil {
		claims = *q.Claims
	}
	said, ok := copyClaims(claims)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.contexts) >= memoContexts {
		m.contexts, m.older = map[memoEnv]memoContext{}, m.contexts
	}
	m.contexts[memoEnv{q.Env, q.Action}] = memoContext{said, r}
	m.last[a.number].Store(&memoLast{q.Env, memoContext{said, r}})
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
