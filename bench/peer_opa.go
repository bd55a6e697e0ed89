package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// OPA has no entities, so a request carries its parties with it. Everything in
// the work that OPA can index is made an attribute compared with a constant:
// one role, one zone and one site per party, and the group of the action. That
// is kinder than a general hierarchy would be.

// opaAnswer combines the policies: a forbid wins, the default is no.
const opaAnswer = `
answer := {"allow": false, "reasons": forbids} if count(forbids) > 0
else := {"allow": count(permits) > 0, "reasons": permits}
`

// opaRules is the work as one rule per policy, which OPA's rule index is made
// for.
func opaRules(w *decideWork) string {
	var b strings.Builder
	b.WriteString("package work\n" + opaAnswer)
	for _, p := range w.policies {
		set := "permits"
		if p.forbid {
			set = "forbids"
		}
		terms := []string{}
		for _, s := range []struct {
			scope workScope
			what  string
		}{{p.resource, "resource"}, {p.action, "action"}, {p.principal, "subject"}} {
			terms = append(terms, opaScope(s.scope, s.what)...)
		}
		for _, t := range p.when {
			terms = append(terms, opaTest(t))
		}
		fmt.Fprintf(&b, "%s contains %q if { %s }\n", set, p.id, strings.Join(terms, "; "))
	}
	return b.String()
}

func opaScope(s workScope, what string) (terms []string) {
	if s.op == "" {
		return nil
	}
	if what == "action" {
		var names []string
		for _, r := range s.ref {
			if _, group := workGroups[r.id]; group {
				return []string{fmt.Sprintf("input.group == %q", r.id)}
			}
			names = append(names, fmt.Sprintf("%q", r.id))
		}
		if len(names) == 1 {
			return []string{"input.action == " + names[0]}
		}
		return []string{"input.action in {" + strings.Join(names, ", ") + "}"}
	}
	if strings.HasPrefix(s.op, "is") {
		terms = append(terms, fmt.Sprintf("input.%s.type == %q", what, s.typ))
	}
	switch s.op {
	case "in", "is in": // a role, a zone or a site
		terms = append(terms, fmt.Sprintf("input.%s.%s == %q", what, s.ref[0].typ, s.ref[0].id))
	case "==":
		terms = append(terms, fmt.Sprintf("input.%s.id == %q", what, s.ref[0].id), fmt.Sprintf("input.%s.type == %q", what, s.ref[0].typ))
	}
	return terms
}

func opaTest(t workTest) string {
	switch t.kind {
	case testLevel:
		return fmt.Sprintf("input.subject.level >= %d", t.n)
	case testManaged:
		return "input.subject.managed"
	case testRiskMax:
		return fmt.Sprintf("input.risk <= %d", t.n)
	case testRiskMin:
		return fmt.Sprintf("input.risk >= %d", t.n)
	case testHours:
		return fmt.Sprintf("input.hour >= %d; input.hour < %d", t.n, t.m)
	case testPlant:
		return fmt.Sprintf("input.plant.state == %q", t.s)
	case testPosture:
		return `input.posture != "ok"`
	case testUnknown:
		return "not input.plant.known"
	case testCritical:
		return "input.resource.critical; not input.mfa"
	}
	panic("no test " + t.kind)
}

// opaGeneric is the work as data under one generic rule: policies filed by the
// zone or machine they are about, each with what it demands.
const opaGeneric = `package work
` + opaAnswer + `
permits contains p.id if {
	some p in data.policies.zone[input.resource.zone]
	not p.forbid
	fits(p)
}

permits contains p.id if {
	some p in data.policies.machine[input.resource.id]
	fits(p)
}

forbids contains p.id if {
	some p in data.policies.zone[input.resource.zone]
	p.forbid
	fits(p)
}

forbids contains "g.posture" if input.posture != "ok"

forbids contains "g.risk" if input.risk >= data.policies.risk

forbids contains "g.plant" if not input.plant.known

forbids contains "g.mfa" if {
	input.resource.critical
	not input.mfa
}

fits(p) if {
	p.actions[input.action]
	p.who[input.subject[p.by]]
	p.types[input.subject.type]
	input.subject.level >= p.level
	input.risk <= p.risk
	input.hour >= p.from
	input.hour < p.to
	p.plant[input.plant.state]
	managed(p)
}

managed(p) if not p.managed

managed(_) if input.subject.managed
`

// opaData files the policies for opaGeneric. It refuses a policy that the
// generic rule could not express.
func opaData(w *decideWork) (map[string]any, error) {
	zones, machines := map[string]any{}, map[string]any{}
	data := map[string]any{"zone": zones, "machine": machines, "risk": int64(0)}
	for _, p := range w.policies {
		if strings.HasPrefix(p.id, "g.") {
			for _, t := range p.when {
				if t.kind == testRiskMin {
					data["risk"] = t.n
				}
			}
			continue
		}
		if p.forbid && p.resource.op == "==" || len(p.resource.ref) != 1 {
			return nil, fmt.Errorf("%s: the generic rule has no such policy", p.id)
		}
		place := zones
		if p.resource.op == "==" {
			place = machines
		}
		at := p.resource.ref[0].id
		list, _ := place[at].([]any)
		filed, err := opaFiled(p)
		if err != nil {
			return nil, err
		}
		place[at] = append(list, filed)
	}
	return map[string]any{"policies": data}, nil
}

func opaFiled(p workPolicy) (map[string]any, error) {
	set := func(names ...string) map[string]any {
		out := map[string]any{}
		for _, n := range names {
			out[n] = true
		}
		return out
	}
	f := map[string]any{"id": p.id, "forbid": p.forbid, "by": "type", "who": set("person", "agent"), "types": set("person", "agent"), "managed": false,
		"level": int64(0), "risk": int64(100), "from": int64(0), "to": int64(24), "plant": set("running", "setup", "estop", "")}
	switch s := p.principal; s.op {
	case "is":
		f["types"] = set(s.typ)
	case "is in":
		f["by"], f["who"], f["types"] = "role", set(s.ref[0].id), set(s.typ)
	case "in":
		f["by"], f["who"] = "role", set(s.ref[0].id)
	case "==":
		f["by"], f["who"], f["types"] = "id", set(s.ref[0].id), set(s.ref[0].typ)
	}
	actions := workActions
	if p.action.op != "" {
		actions = nil
		for _, r := range p.action.ref {
			if members, group := workGroups[r.id]; group {
				actions = append(actions, members...)
			} else {
				actions = append(actions, r.id)
			}
		}
	}
	f["actions"] = set(actions...)
	for _, t := range p.when {
		switch t.kind {
		case testLevel:
			f["level"] = max(f["level"].(int64), t.n)
		case testManaged:
			f["managed"] = true
		case testRiskMax:
			f["risk"] = min(f["risk"].(int64), t.n)
		case testHours:
			f["from"], f["to"] = t.n, t.m
		case testPlant:
			f["plant"] = set(t.s)
		default:
			return nil, fmt.Errorf("%s: the generic rule has no test %s", p.id, t.kind)
		}
	}
	return f, nil
}

// opaForm is one of the two forms, ready to load.
func opaForm(w *decideWork, form string) (module string, data map[string]any, err error) {
	switch form {
	case "rules":
		return opaRules(w), map[string]any{}, nil
	case "data":
		data, err := opaData(w)
		return opaGeneric, data, err
	}
	return "", nil, fmt.Errorf("OPA has no form %q here", form)
}

// opaStore keeps data in OPA's own terms, which spares it a conversion.
func opaStore(data map[string]any) storage.Store {
	return inmem.NewFromObjectWithOpts(data, inmem.OptReturnASTValuesOnRead(true))
}

// opaLibrary is OPA in process: a prepared query, the input handed over in its
// own terms, the parties converted beforehand.
func opaLibrary(form string) func(ctx context.Context, w *decideWork) (decider, error) {
	return func(ctx context.Context, w *decideWork) (decider, error) {
		module, data, err := opaForm(w, form)
		if err != nil {
			return decider{}, err
		}
		query, err := rego.New(rego.Query("data.work.answer"), rego.Module("work.rego", module), rego.Store(opaStore(data))).PrepareForEval(ctx)
		if err != nil {
			return decider{}, err
		}
		subjects, assets := opaParties(w.subjects), opaParties(w.assets)
		groups := map[string]*ast.Term{}
		for name, members := range workGroups {
			for _, m := range members {
				groups[m] = ast.InternedTerm(name)
			}
		}
		return peerDecider("OPA, "+form, false, func(i int) (workAnswer, error) {
			r := w.requests[i]
			results, err := query.Eval(ctx, rego.EvalParsedInput(ast.NewObject(
				ast.Item(ast.InternedTerm("subject"), subjects[r.subject]), ast.Item(ast.InternedTerm("resource"), assets[r.asset]),
				ast.Item(ast.InternedTerm("action"), ast.StringTerm(r.action)), ast.Item(ast.InternedTerm("group"), groups[r.action]),
				ast.Item(ast.InternedTerm("hour"), ast.InternedTerm(int(r.hour))), ast.Item(ast.InternedTerm("risk"), ast.InternedTerm(int(r.risk))),
				ast.Item(ast.InternedTerm("posture"), ast.StringTerm(r.posture)), ast.Item(ast.InternedTerm("mfa"), ast.InternedTerm(r.mfa)),
				ast.Item(ast.InternedTerm("plant"), ast.ObjectTerm(
					ast.Item(ast.InternedTerm("state"), ast.StringTerm(r.plant)), ast.Item(ast.InternedTerm("known"), ast.InternedTerm(r.plantKnown)))))))
			if err != nil {
				return workAnswer{}, err
			}
			if len(results) != 1 {
				return workAnswer{}, errors.New("no answer")
			}
			return opaReads(results[0].Expressions[0].Value)
		}), nil
	}
}

// opaReads reads an answer that came as JSON or from the library.
func opaReads(v any) (workAnswer, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return workAnswer{}, fmt.Errorf("answer %v", v)
	}
	allow, ok := m["allow"].(bool)
	reasons, list := m["reasons"].([]any)
	if !ok || !list {
		return workAnswer{}, fmt.Errorf("answer %v", v)
	}
	out := workAnswer{allow: allow, reasons: make([]string, 0, len(reasons))}
	for _, r := range reasons {
		id, ok := r.(string)
		if !ok {
			return workAnswer{}, fmt.Errorf("reason %v", r)
		}
		out.reasons = append(out.reasons, id)
	}
	return out, nil
}

func opaParties(all []workEntity) []*ast.Term {
	out := make([]*ast.Term, 0, len(all))
	for _, e := range all {
		out = append(out, ast.NewTerm(ast.MustInterfaceToValue(opaParty(e))))
	}
	return out
}

// opaParty is a party as OPA sees it in its input.
func opaParty(e workEntity) map[string]any {
	m := map[string]any{"type": e.typ, "id": e.id}
	if e.typ == "machine" {
		m["critical"] = e.critical
	} else {
		m["level"], m["managed"] = e.level, e.managed
	}
	for _, r := range e.in {
		m[r.typ] = r.id
	}
	return m
}

// opaInput is a whole request as JSON has it.
func opaInput(w *decideWork, r workRequest) map[string]any {
	group := ""
	for name, members := range workGroups {
		if slices.Contains(members, r.action) {
			group = name
		}
	}
	return map[string]any{"subject": opaParty(w.subjects[r.subject]), "resource": opaParty(w.assets[r.asset]), "action": r.action, "group": group,
		"hour": r.hour, "risk": r.risk, "posture": r.posture, "mfa": r.mfa, "plant": map[string]any{"state": r.plant, "known": r.plantKnown}}
}
