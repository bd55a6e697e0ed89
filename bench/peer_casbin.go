package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// Casbin asks every policy in turn with one matcher. Both forms let it compare
// the zone and the machine first, as plain strings, before anything dearer.
const casbinModel = `
[request_definition]
r = sub, obj, ctx

[policy_definition]
p = id, zone, machine, rule, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (p.zone == "*" || p.zone == r.obj.Zone) && (p.machine == "*" || p.machine == r.obj.ID) && `

// casbinSubject, casbinObject and casbinAround are a request as Casbin reads it.
type casbinSubject struct {
	ID, Type, Role string
	Level          float64
	Managed        bool
}

type casbinObject struct {
	ID, Type, Zone, Site string
	Critical             bool
}

type casbinAround struct {
	Action, Group, Posture, Plant string
	Hour, Risk                    float64
	MFA, PlantKnown               bool
	request                       *workRequest // for the form with a function
}

// casbinLibrary makes one of Casbin's forms: "eval" keeps each condition in its
// policy and has Casbin interpret it; "function" hands it to Go.
func casbinLibrary(form string) func(ctx context.Context, w *decideWork) (decider, error) {
	return func(_ context.Context, w *decideWork) (decider, error) {
		matcher := "eval(p.rule)"
		if form == "function" {
			matcher = "holds(p.id, r.sub, r.obj, r.ctx)"
		}
		m, err := model.NewModelFromString(casbinModel + matcher + "\n")
		if err != nil {
			return decider{}, err
		}
		e, err := casbin.NewEnforcer(m)
		if err != nil {
			return decider{}, err
		}
		held := map[string]casbinCondition{}
		e.AddFunction("holds", func(args ...any) (any, error) {
			return held[args[0].(string)](args[1].(*casbinSubject), args[2].(*casbinObject), args[3].(*casbinAround)), nil
		})
		var policies [][]string
		for _, p := range w.policies {
			held[p.id] = casbinHolds(w, p)
			policies = append(policies, casbinPolicy(p))
		}
		if ok, err := e.AddPolicies(policies); err != nil || !ok {
			return decider{}, fmt.Errorf("policies were not taken: %w", err)
		}
		subjects, assets := casbinParties(w)
		groups := map[string]string{}
		for name, members := range workGroups {
			for _, a := range members {
				groups[a] = name
			}
		}
		return peerDecider("Casbin, "+form, true, func(i int) (workAnswer, error) {
			r := &w.requests[i]
			allow, err := e.Enforce(subjects[r.subject], assets[r.asset], &casbinAround{Action: r.action, Group: groups[r.action], Posture: r.posture, Plant: r.plant,
				Hour: float64(r.hour), Risk: float64(r.risk), MFA: r.mfa, PlantKnown: r.plantKnown, request: r})
			return workAnswer{allow: allow}, err
		}), nil
	}
}

func casbinParties(w *decideWork) (subjects []*casbinSubject, assets []*casbinObject) {
	for _, s := range w.subjects {
		subjects = append(subjects, &casbinSubject{ID: s.id, Type: s.typ, Role: s.in[0].id, Level: float64(s.level), Managed: s.managed})
	}
	for _, a := range w.assets {
		assets = append(assets, &casbinObject{ID: a.id, Type: a.typ, Zone: a.in[0].id, Site: a.in[1].id, Critical: a.critical})
	}
	return subjects, assets
}

func casbinPolicy(p workPolicy) []string {
	zone, machine, effect := "*", "*", "allow"
	switch p.resource.op {
	case "in", "is in":
		zone = p.resource.ref[0].id
	case "==":
		machine = p.resource.ref[0].id
	}
	if p.forbid {
		effect = "deny"
	}
	terms := append(casbinAction(p.action), casbinSubjectTerms(p.principal)...)
	for _, t := range p.when {
		terms = append(terms, casbinTest(t))
	}
	return []string{p.id, zone, machine, strings.Join(terms, " && "), effect}
}

func casbinAction(s workScope) []string {
	var any []string
	for _, r := range s.ref {
		field := "Action"
		if _, group := workGroups[r.id]; group {
			field = "Group"
		}
		any = append(any, fmt.Sprintf("r.ctx.%s == %q", field, r.id))
	}
	if len(any) == 0 {
		return nil
	}
	return []string{"(" + strings.Join(any, " || ") + ")"}
}

func casbinSubjectTerms(s workScope) (terms []string) {
	if strings.HasPrefix(s.op, "is") {
		terms = append(terms, fmt.Sprintf("r.sub.Type == %q", s.typ))
	}
	switch s.op {
	case "in", "is in":
		terms = append(terms, fmt.Sprintf("r.sub.Role == %q", s.ref[0].id))
	case "==":
		terms = append(terms, fmt.Sprintf("r.sub.ID == %q", s.ref[0].id))
	}
	return terms
}

func casbinTest(t workTest) string {
	switch t.kind {
	case testLevel:
		return fmt.Sprintf("r.sub.Level >= %d", t.n)
	case testManaged:
		return "r.sub.Managed"
	case testRiskMax:
		return fmt.Sprintf("r.ctx.Risk <= %d", t.n)
	case testRiskMin:
		return fmt.Sprintf("r.ctx.Risk >= %d", t.n)
	case testHours:
		return fmt.Sprintf("r.ctx.Hour >= %d && r.ctx.Hour < %d", t.n, t.m)
	case testPlant:
		return fmt.Sprintf("r.ctx.Plant == %q", t.s)
	case testPosture:
		return `r.ctx.Posture != "ok"`
	case testUnknown:
		return "!r.ctx.PlantKnown"
	case testCritical:
		return "r.obj.Critical && !r.ctx.MFA"
	}
	panic("no test " + t.kind)
}

// casbinCondition is a policy's condition in Go.
type casbinCondition func(s *casbinSubject, o *casbinObject, c *casbinAround) bool

// casbinHolds compiles what the matcher has not compared yet.
func casbinHolds(w *decideWork, p workPolicy) casbinCondition {
	actions := map[string]bool{}
	for _, a := range workActions {
		actions[a] = p.action.holds(actionEntity(a))
	}
	principal := p.principal
	return func(s *casbinSubject, _ *casbinObject, c *casbinAround) bool {
		if !actions[c.Action] || (principal.typ != "" && principal.typ != s.Type) {
			return false
		}
		switch principal.op {
		case "in", "is in":
			if principal.ref[0].id != s.Role {
				return false
			}
		case "==":
			if principal.ref[0].id != s.ID {
				return false
			}
		}
		for _, t := range p.when {
			if !w.holds(t, *c.request) {
				return false
			}
		}
		return true
	}
}
