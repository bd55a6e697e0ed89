// Package policy evaluates Cedar policies behind an Engine: cedar-go with three
// layers of our own around it. Admission refuses what must not decide (text that
// is too large or too deeply nested, before any parser sees it; what does not
// fit the schema; policies without id, clause or sentence). The scope index
// hands the evaluator only policies that can matter, exactly. And errors are
// told apart, so that whoever asks can fail closed: Cedar itself skips a forbid
// that errs.
//
// It knows nothing of permits, people or HTTP: package decide gathers trusted
// attributes, applies the operating permit, and turns outcomes into decisions.
// cedar-go's schema and validator are still experimental upstream; they are
// used here only.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// Engine evaluates policies for one query. It is immutable: new policies are a
// new engine. The answer of Decide is the engine's own, before the point's
// rules; a nil error means that the query fitted the schema.
type Engine interface {
	Decide(q Query) (Outcome, error)
	Policy(id string) (Policy, bool)
	Len() int
	Version() string
}

// Query is one question to the engine, with everything it may look at. Trusted
// attributes, the environment and claims are kept apart up to here and inside:
// claims reach policies under context.claims only.
type Query struct {
	Principal, Resource Known
	Action              string
	Env                 Env
	Claims              *Claims        // nil: none
	Extra               map[string]any // more context attributes; trusted claims only
}

// Known is an entity with its trusted attributes and all its ancestors.
type Known struct {
	Ref
	Attributes map[string]any
	Parents    []Ref
}

// Env is the trusted context of a query.
type Env struct {
	Hour, Weekday int64 // 0..23; 1 Monday .. 7 Sunday
	Epoch         int64 // seconds since 1970, UTC
	Zone          string
	Posture       string
	MFA           bool
	Risk          int64 // 0..100; -1: not known
	Plant         string
	PlantKnown    bool
	PlantAge      int64 // seconds; -1: not known
}

// Claims are what the caller said about subject, action, resource and context.
type Claims struct {
	Subject, Action, Resource, Context map[string]any
}

// Outcome is the engine's answer: default deny, forbid wins. Reasons are the
// policies that decided, sorted by id and not to be changed; Errors those that
// could not be evaluated, sorted by policy.
type Outcome struct {
	Allow   bool
	Reasons []*Policy
	Errors  []EvalError
}

// EvalError is a policy that could not be evaluated. Cedar skips such a policy;
// for a forbid that means a request nobody checked, so the point denies it.
type EvalError struct {
	Policy  string
	Message string
	Forbid  bool
}

// Ref names an entity by type and id.
type Ref struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Codes of misfits.
const (
	TypeUnknown      = "request.type_unknown"
	ActionUnknown    = "request.action_unknown"
	AttributeInvalid = "attribute.invalid"
	ClaimInvalid     = "claim.invalid"
)

// Misfit is the error of a query that does not fit the schema: an unknown type
// or action, or attributes that are missing or of the wrong type.
type Misfit struct {
	Code string // one of the constants above
	Err  error
}

// Error names what does not fit.
func (m *Misfit) Error() string { return m.Code + ": " + m.Err.Error() }

// Unwrap returns the cause.
func (m *Misfit) Unwrap() error { return m.Err }

// cedarEngine is cedar-go behind our scope index.
type cedarEngine struct {
	policies  []Policy
	byID      map[string]int
	index     *index
	schema    *resolved.Schema
	validator *validate.Validator
	acts      map[string]*act
	version   string
	memo      *memo
	sight     sight
}

// act is an action of the schema with what is the same for every request of it.
type act struct {
	resolved.Action
	closure closure
	number  int // from 0
}

func actsOf(sch *resolved.Schema, ix *index) map[string]*act {
	out := map[string]*act{}
	for id, a := range sch.Actions {
		if id.Type == actionType {
			one := &act{Action: a, number: len(out)}
			ix.closure(&one.closure, &entities{actions: sch.Actions}, id)
			out[string(id.ID)] = one
		}
	}
	return out
}

const actionType = "Action"

// Policy returns an admitted policy.
func (e *cedarEngine) Policy(id string) (Policy, bool) {
	i, ok := e.byID[id]
	if !ok {
		return Policy{}, false
	}
	return e.policies[i], true
}

// Len is the number of policies.
func (e *cedarEngine) Len() int { return len(e.policies) }

// Version is the hash over schema and policies.
func (e *cedarEngine) Version() string { return e.version }

// Decide evaluates the candidates of the index, unless the same parties, action
// and context were decided before. A panic inside the evaluator becomes an error:
// what cannot be evaluated is not allowed.
func (e *cedarEngine) Decide(q Query) (out Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = Outcome{}, fmt.Errorf("policy evaluation failed: %v", r)
		}
	}()
	s := lookups.Get().(*lookup)
	defer s.release()
	question, req, err := e.request(q, &s.parties)
	if err != nil {
		return Outcome{}, err
	}
	if out, ok := e.memo.outcome(question); ok {
		return out, nil
	}
	e.index.ready(s, q, req, question.action)
	decision, diag := cedar.Authorize(s, &s.parties, req)
	out = e.outcome(decision, diag)
	e.memo.found(question, out)
	return out, nil
}

// outcome names the policies by the numbers that scopeless gave them.
func (e *cedarEngine) outcome(decision cedar.Decision, diag cedar.Diagnostic) Outcome {
	out := Outcome{Allow: decision == cedar.Allow}
	if n := len(diag.Reasons); n > 0 {
		var room [16]int
		numbers := room[:0]
		for _, r := range diag.Reasons {
			numbers = append(numbers, r.Position.Offset)
		}
		slices.Sort(numbers) // in the order of ids, as policies are
		out.Reasons = make([]*Policy, 0, n)
		for _, i := range numbers {
			out.Reasons = append(out.Reasons, &e.policies[i])
		}
	}
	for _, x := range diag.Errors {
		p := &e.policies[x.Position.Offset]
		out.Errors = append(out.Errors, EvalError{Policy: p.ID, Message: x.Message, Forbid: p.Forbid})
	}
	slices.SortFunc(out.Errors, func(a, b EvalError) int { return strings.Compare(a.Policy, b.Policy) })
	return out
}

// entities is what a query may look at: the two parties, and the actions of the
// schema with their groups.
type entities struct {
	principal, resource *memoEntity // nil: none
	actions             map[types.EntityUID]resolved.Action
}

// Get returns an entity by its id. It cannot fail: everything was read before.
func (e *entities) Get(id types.EntityUID) (types.Entity, bool) {
	for _, party := range []*memoEntity{e.principal, e.resource} {
		if party != nil && party.entity.UID == id {
			return party.entity, true
		}
	}
	if a, ok := e.actions[id]; ok {
		return a.Entity, true
	}
	return types.Entity{}, false
}

// request builds the Cedar request and its entities from a query and holds them
// against the schema.
func (e *cedarEngine) request(q Query, into *entities) (memoQuery, types.Request, error) {
	action, ok := e.acts[q.Action]
	if !ok || action.AppliesTo == nil {
		return memoQuery{}, types.Request{}, &Misfit{ActionUnknown, fmt.Errorf("action %q", q.Action)}
	}
	principal, err := e.entity(q.Principal)
	if err != nil {
		return memoQuery{}, types.Request{}, err
	}
	resource, err := e.entity(q.Resource)
	if err != nil {
		return memoQuery{}, types.Request{}, err
	}
	q.Env = e.sight.seen(q.Env)
	ctx, built, err := e.context(q, action)
	if err != nil {
		return memoQuery{}, types.Request{}, err
	}
	req := types.Request{Principal: principal.entity.UID, Action: action.Entity.UID, Resource: resource.entity.UID, Context: ctx.record}
	// A context from memory was held against this action's schema when it was
	// built; the types of the parties are all that is left to check.
	if built || !slices.Contains(action.AppliesTo.Principals, req.Principal.Type) || !slices.Contains(action.AppliesTo.Resources, req.Resource.Type) {
		if err := e.validator.Request(req); err != nil {
			return memoQuery{}, types.Request{}, &Misfit{TypeUnknown, err}
		}
	}
	if built {
		e.memo.keep(q, action, ctx)
	}
	*into = entities{principal: principal, resource: resource, actions: e.schema.Actions}
	return memoQuery{principal, resource, action, ctx}, req, nil
}

// entity builds one party and finds it among the scopes.
func (e *cedarEngine) entity(k Known) (*memoEntity, error) {
	shape, ok := e.schema.Entities[types.EntityType(k.Type)]
	if !ok {
		return nil, &Misfit{TypeUnknown, fmt.Errorf("type %q", k.Type)}
	}
	return e.memo.entity(k, e.index, func() (types.Entity, error) {
		attrs, err := record(k.Attributes, shape.Shape)
		if err != nil {
			return types.Entity{}, &Misfit{AttributeInvalid, fmt.Errorf("%s %q: %w", k.Type, k.ID, err)}
		}
		var parents []types.EntityUID
		for _, p := range k.Parents {
			if slices.Contains(shape.ParentTypes, types.EntityType(p.Type)) {
				parents = append(parents, uid(p))
			}
		}
		out := types.Entity{UID: uid(k.Ref), Attributes: attrs}
		if len(parents) > 0 {
			out.Parents = types.NewEntityUIDSet(parents...)
		}
		if err := e.validator.Entity(out); err != nil {
			return types.Entity{}, &Misfit{AttributeInvalid, err}
		}
		return out, nil
	})
}

// context builds the context of a query from its environment and claims, unless
// the same was built before.
func (e *cedarEngine) context(q Query, a *act) (ctx *memoContext, built bool, err error) {
	if ctx := e.memo.context(q, a); ctx != nil {
		return ctx, false, nil
	}
	r, err := newContext(q, a.AppliesTo.Context)
	return &memoContext{record: r}, true, err
}

// newContext fills exactly the attributes that the action's context declares:
// those of the environment under their own names, claims under claims, and what
// trusted claims add under names that are neither.
func newContext(q Query, want resolved.RecordType) (types.Record, error) {
	out := make(types.RecordMap, len(want))
	for name, attr := range want {
		var v types.Value
		var err error
		if name == "claims" {
			v, err = claimed(q.Claims, attr.Type)
		} else if v = q.Env.value(name); v == nil {
			if have, ok := q.Extra[string(name)]; ok {
				if v, err = value(have, attr.Type); err != nil {
					err = &Misfit{ClaimInvalid, fmt.Errorf("%s: %w", name, err)}
				}
			}
		}
		switch {
		case err != nil:
			return types.Record{}, err
		case v != nil:
			out[name] = v
		case !attr.Optional:
			return types.Record{}, &Misfit{AttributeInvalid, fmt.Errorf("context.%s is missing", name)}
		}
	}
	return types.NewRecord(out), nil
}

// claimed builds context.claims from what the caller said: the declared claims
// only, each under the part of the request it was said about.
func claimed(c *Claims, want resolved.IsType) (types.Value, error) {
	shape, ok := want.(resolved.RecordType)
	if !ok {
		return nil, &Misfit{ClaimInvalid, errors.New("claims are not a record")}
	}
	if c == nil {
		c = &Claims{}
	}
	out := types.RecordMap{}
	for name, attr := range shape {
		part, ok := attr.Type.(resolved.RecordType)
		var have map[string]any
		switch name {
		case "subject":
			have = c.Subject
		case "action":
			have = c.Action
		case "resource":
			have = c.Resource
		case "context":
			have = c.Context
		default:
			ok = false
		}
		if !ok {
			return nil, &Misfit{ClaimInvalid, fmt.Errorf("claims.%s is not a part of a request", name)}
		}
		r, err := record(have, part)
		if err != nil {
			return nil, &Misfit{ClaimInvalid, fmt.Errorf("%s: %w", name, err)}
		}
		out[name] = r
	}
	return types.NewRecord(out), nil
}

// value returns one attribute of the environment under the name that schemas
// use, or nil if the environment has no such attribute or does not know it.
func (v Env) value(name types.String) types.Value {
	switch name {
	case "hour":
		return types.Long(v.Hour)
	case "weekday":
		return types.Long(v.Weekday)
	case "epoch":
		return types.Long(v.Epoch)
	case "zone":
		return types.String(v.Zone)
	case "posture":
		return types.String(v.Posture)
	case "mfa":
		return types.Boolean(v.MFA)
	case "risk":
		if v.Risk >= 0 {
			return types.Long(v.Risk)
		}
	case "plant":
		return types.NewRecord(types.RecordMap{"state": types.String(v.Plant), "known": types.Boolean(v.PlantKnown), "age": types.Long(v.PlantAge)})
	}
	return nil
}
