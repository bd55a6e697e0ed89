package policy

import (
	"io/fs"
	"slices"
	"testing"

	"augenmass/knowledge"
)

// house loads the policies that ship with the program.
func house(t testing.TB) Options {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs/policies")
	if err != nil {
		t.Fatal(err)
	}
	files, schema, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Files: files, Schema: schema}
}

func TestHousePoliciesAreAdmittedWithoutWarnings(t *testing.T) {
	e, warnings, err := Admit(house(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %+v", warnings)
	}
	if e.Len() < 12 {
		t.Errorf("%d policies", e.Len())
	}
}

// TestHouseDecides is the table of who may do what, straight at the engine.
func TestHouseDecides(t *testing.T) {
	e, _, err := Admit(house(t))
	if err != nil {
		t.Fatal(err)
	}
	system := func(change func(m map[string]any)) Known {
		m := map[string]any{"id": "sys_1", "valid": true, "class": "minimal", "zones": []string{"Fertigung"}, "plant_must": false,
			"decider_role": "shift_lead", "approver_roles": []string{"director", "safety"}, "registered_by": "per_officer"}
		if change != nil {
			change(m)
		}
		return Known{Ref: Ref{"system", "sys_1"}, Attributes: m}
	}
	plain := system(nil)
	person := func(id string, roles ...string) Known {
		k := Known{Ref: Ref{"person", id}, Attributes: map[string]any{"roles": roles}}
		for _, r := range roles {
			k.Parents = append(k.Parents, Ref{"role", r})
		}
		return k
	}
	workload := Known{Ref: Ref{"workload", "wl_1"}, Attributes: map[string]any{"scopes": []string{"infer"}, "systems": []string{"sys_0", "sys_1"}}}
	env := Env{Hour: 12, Weekday: 3, Epoch: 1, Zone: "Fertigung", Posture: "ok", Plant: "running", PlantKnown: true, PlantAge: 1, Risk: -1}
	with := func(f func(*Env)) Env { e := env; f(&e); return e }
	cases := []struct {
		name   string
		who    Known
		do     string
		to     Known
		env    Env
		allow  bool
		policy string // one that decided
	}{
		{"a workload with scope infers", workload, "infer", plain, env, true, "workload.infer"},
		{"a device with scope infers", Known{Ref: Ref{"device", "d"}, Attributes: workload.Attributes}, "infer", plain, env, true, "workload.infer"},
		{"registered for none", Known{Ref: workload.Ref, Attributes: map[string]any{"scopes": []string{"infer"}}}, "infer", plain, env, false, ""},
		{"registered for another", Known{Ref: workload.Ref, Attributes: map[string]any{"scopes": []string{"infer"}, "systems": []string{"sys_2"}}}, "infer", plain, env, false, ""},
		{"without the scope", Known{Ref: workload.Ref, Attributes: map[string]any{"scopes": []string{"read"}, "systems": []string{"sys_1"}}}, "infer", plain, env, false, ""},
		{"from another zone", workload, "infer", plain, with(func(e *Env) { e.Zone = "Büro" }), false, ""},
		{"from nowhere", workload, "infer", plain, with(func(e *Env) { e.Zone = "" }), false, ""},
		{"with a permit that is off", workload, "infer", system(func(m map[string]any) { m["valid"] = false }), env, false, ""},
		{"with a bad posture", workload, "infer", plain, with(func(e *Env) { e.Posture = "bad" }), false, "use.posture"},
		{"with an unknown posture", workload, "infer", plain, with(func(e *Env) { e.Posture = "unknown" }), false, "use.posture"},
		{"plant unknown, permit does not mind", workload, "infer", plain, with(func(e *Env) { e.PlantKnown = false }), true, "workload.infer"},
		{"plant unknown, permit demands it", workload, "infer", system(func(m map[string]any) { m["plant_must"] = true }), with(func(e *Env) { e.PlantKnown = false }), false, "use.plant_known"},
		{"plant known, permit demands it", workload, "infer", system(func(m map[string]any) { m["plant_must"] = true }), env, true, "workload.infer"},
		{"the decider reviews", person("p", "shift_lead"), "review", plain, env, true, "person.review"},
		{"another role does not review", person("p", "worker"), "review", plain, env, false, ""},
		{"nobody reviews where nobody is named", person("p", "worker"), "review", system(func(m map[string]any) { m["decider_role"] = "" }), env, false, ""},
		{"an approver approves", person("p", "safety"), "approve", plain, env, true, "person.approve"},
		{"another role does not approve", person("p", "council"), "approve", plain, env, false, ""},
		{"four eyes", person("per_officer", "safety"), "approve", plain, env, false, "approve.four_eyes"},
		{"four eyes, registrar unknown", person("p", "safety"), "approve", system(func(m map[string]any) { delete(m, "registered_by") }), env, false, "approve.four_eyes"},
		{"an approver withdraws", person("p", "director"), "withdraw", plain, env, true, "person.withdraw"},
		{"anyone with a role stops", person("p", "worker"), "stop", plain, env, true, "person.stop"},
		{"an auditor stops", person("p", "auditor"), "stop", plain, env, true, "person.stop"},
		{"nobody without a role stops", person("p"), "stop", plain, env, false, ""},
		{"the decider resumes", person("p", "shift_lead"), "resume", plain, env, true, "person.resume"},
		{"a worker does not resume", person("p", "worker"), "resume", plain, env, false, ""},
		{"a worker reads the file", person("p", "worker"), "read", plain, env, true, "person.look"},
		{"a worker does not read the journal", person("p", "worker"), "read", Known{Ref: Ref{"journal", "j"}}, env, false, ""},
		{"an auditor reads the journal", person("p", "auditor"), "export", Known{Ref: Ref{"journal", "j"}}, env, true, "auditor.look"},
		{"an auditor with a second hat changes nothing", person("p", "auditor", "director"), "approve", plain, env, false, "auditor.readonly"},
		{"the officer classifies", person("p", "ai_officer"), "classify", plain, env, true, "person.dossier"},
	}
	for _, c := range cases {
		out, err := e.Decide(Query{Principal: c.who, Action: c.do, Resource: c.to, Env: c.env})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if out.Allow != c.allow || len(out.Errors) > 0 || c.policy != "" && !slices.ContainsFunc(out.Reasons, func(p *Policy) bool { return p.ID == c.policy }) || c.policy == "" && len(out.Reasons) > 0 {
			t.Errorf("%s: allow %v by %v, errors %v; want %v by %q", c.name, out.Allow, out.Reasons, out.Errors, c.allow, c.policy)
		}
	}
	for _, q := range []Query{
		{Principal: person("p", "worker"), Action: "infer", Resource: plain, Env: env},
		{Principal: workload, Action: "conquer", Resource: plain, Env: env},
		{Principal: Known{Ref: Ref{"ghost", "g"}}, Action: "infer", Resource: plain, Env: env},
		{Principal: workload, Action: "use", Resource: plain, Env: env},
		{Principal: Known{Ref: workload.Ref}, Action: "infer", Resource: plain, Env: env},
	} {
		if out, err := e.Decide(q); err == nil || out.Allow {
			t.Errorf("%v %s %v fits the schema", q.Principal.Ref, q.Action, q.Resource.Ref)
		}
	}
}
