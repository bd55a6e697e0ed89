package decide

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
// ids of the policies that decided, sorted; Errors those that could not be
// evaluated, sorted by policy.
type Outcome struct {
	Allow   bool
	Reasons []string
	Errors  []EvalError
}

// EvalError is a policy that could not be evaluated. Cedar skips such a policy;
// for a forbid that means a request nobody checked, so the point denies it.
type EvalError struct {
	Policy  string
	Message string
	Forbid  bool
}

// Misfit is the error of a query that does not fit the schema: an unknown type
// or action, or attributes that are missing or of the wrong type.
type Misfit struct {
	Code string // request.type_unknown, request.action_unknown, attribute.invalid, claim.invalid
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
	version   string
	noClaims  map[string]types.Record // per action: claims without any
	memo      *memo
}

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

// Decide evaluates the candidates of the index. A panic inside the evaluator
// becomes an error: what cannot be evaluated is not allowed.
func (e *cedarEngine) Decide(q Query) (out Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = Outcome{}, fmt.Errorf("policy evaluation failed: %v", r)
		}
	}()
	req, ents, err := e.request(q)
	if err != nil {
		return Outcome{}, err
	}
	s := e.index.look(ents, req)
	defer s.release()
	decision, diag := cedar.Authorize(s, ents, req)
	return e.outcome(decision, diag), nil
}

func (e *cedarEngine) outcome(decision cedar.Decision, diag cedar.Diagnostic) Outcome {
	out := Outcome{Allow: decision == cedar.Allow}
	if n := len(diag.Reasons); n > 0 {
		out.Reasons = make([]string, 0, n)
		for _, r := range diag.Reasons {
			out.Reasons = append(out.Reasons, string(r.PolicyID))
		}
		slices.Sort(out.Reasons)
	}
	for _, x := range diag.Errors {
		id := string(x.PolicyID)
		out.Errors = append(out.Errors, EvalError{Policy: id, Message: x.Message, Forbid: e.policies[e.byID[id]].Forbid})
	}
	slices.SortFunc(out.Errors, func(a, b EvalError) int { return strings.Compare(a.Policy, b.Policy) })
	return out
}

// entities is what a query may look at: the two parties, and the actions of the
// schema with their groups.
type entities struct {
	principal, resource types.Entity
	actions             map[types.EntityUID]resolved.Action
}

// Get returns an entity by its id. It cannot fail: everything was read before.
func (e *entities) Get(id types.EntityUID) (types.Entity, bool) {
	switch id {
	case e.principal.UID:
		return e.principal, true
	case e.resource.UID:
		return e.resource, true
	}
	if a, ok := e.actions[id]; ok {
		return a.Entity, true
	}
	return types.Entity{}, false
}

// request builds the Cedar request and its entities from a query and holds them
// against the schema.
func (e *cedarEngine) request(q Query) (types.Request, *entities, error) {
	action, ok := e.schema.Actions[types.NewEntityUID("Action", types.String(q.Action))]
	if !ok || action.AppliesTo == nil {
		return types.Request{}, nil, &Misfit{"request.action_unknown", fmt.Errorf("action %q", q.Action)}
	}
	principal, err := e.entity(q.Principal)
	if err != nil {
		return types.Request{}, nil, err
	}
	resource, err := e.entity(q.Resource)
	if err != nil {
		return types.Request{}, nil, err
	}
	ctx, err := e.context(q, action.AppliesTo.Context)
	if err != nil {
		return types.Request{}, nil, err
	}
	req := types.Request{Principal: principal.UID, Action: action.Entity.UID, Resource: resource.UID, Context: ctx}
	if err := e.validator.Request(req); err != nil {
		return types.Request{}, nil, &Misfit{"request.type_unknown", err}
	}
	return req, &entities{principal: principal, resource: resource, actions: e.schema.Actions}, nil
}

func (e *cedarEngine) entity(k Known) (types.Entity, error) {
	shape, ok := e.schema.Entities[types.EntityType(k.Type)]
	if !ok {
		return types.Entity{}, &Misfit{"request.type_unknown", fmt.Errorf("type %q", k.Type)}
	}
	return e.memo.entity(k, func() (types.Entity, error) {
		attrs, err := record(k.Attributes, shape.Shape)
		if err != nil {
			return types.Entity{}, &Misfit{"attribute.invalid", fmt.Errorf("%s %q: %w", k.Type, k.ID, err)}
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
			return types.Entity{}, &Misfit{"attribute.invalid", err}
		}
		return out, nil
	})
}

// context builds the context of a query from its environment and claims.
func (e *cedarEngine) context(q Query, want resolved.RecordType) (types.Record, error) {
	if q.Claims == nil && q.Extra == nil {
		return e.memo.context(q.Env, q.Action, func() (types.Record, error) { return e.newContext(q, want) })
	}
	return e.newContext(q, want)
}

func (e *cedarEngine) newContext(q Query, want resolved.RecordType) (types.Record, error) {
	have := q.Env.attributes()
	for k, v := range q.Extra {
		if _, own := have[k]; !own {
			have[k] = v
		}
	}
	claims, declared := want["claims"]
	if !declared {
		ctx, err := record(have, want)
		return ctx, misfit("attribute.invalid", err)
	}
	// Claims are built first and alone, so that what a caller claims can neither
	// fill nor break anything else.
	shape, ok := claims.Type.(resolved.RecordType)
	if !ok {
		return types.Record{}, &Misfit{"claim.invalid", errors.New("claims are not a record")}
	}
	c := q.Claims
	if c == nil {
		c = &Claims{}
	}
	parts := types.RecordMap{}
	for name, have := range map[types.String]map[string]any{"subject": c.Subject, "action": c.Action, "resource": c.Resource, "context": c.Context} {
		attr, ok := shape[name]
		if !ok {
			continue
		}
		part, ok := attr.Type.(resolved.RecordType)
		if !ok {
			return types.Record{}, &Misfit{"claim.invalid", fmt.Errorf("claims.%s is not a record", name)}
		}
		r, err := record(have, part)
		if err != nil {
			return types.Record{}, &Misfit{"claim.invalid", fmt.Errorf("%s: %w", name, err)}
		}
		parts[name] = r
	}
	rest := make(resolved.RecordType, len(want))
	for name, attr := range want {
		if name != "claims" {
			rest[name] = attr
		}
	}
	ctx, err := record(have, rest)
	if err != nil {
		return types.Record{}, &Misfit{"attribute.invalid", err}
	}
	all := ctx.Map()
	if all == nil {
		all = types.RecordMap{}
	}
	all["claims"] = types.NewRecord(parts)
	return types.NewRecord(all), nil
}

func misfit(code string, err error) error {
	if err == nil {
		return nil
	}
	return &Misfit{code, err}
}

// attributes lists the environment under the names that schemas use.
func (v Env) attributes() map[string]any {
	out := map[string]any{
		"hour": v.Hour, "weekday": v.Weekday, "epoch": v.Epoch,
		"zone": v.Zone, "posture": v.Posture, "mfa": v.MFA,
		"plant": map[string]any{"state": v.Plant, "known": v.PlantKnown, "age": v.PlantAge},
	}
	if v.Risk >= 0 {
		out["risk"] = v.Risk
	}
	return out
}
