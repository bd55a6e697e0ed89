package decide

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand"
	"testing"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) // a Saturday

// world is a trusted side that tests can change.
type world struct {
	subjects, resources map[string]map[string]any // "type/id"
	around              map[string]any
	fail                string // subject, resource or environment cannot be read
}

func (w *world) get(what string, from map[string]map[string]any, typ, id string) (map[string]any, error) {
	if w.fail == what {
		return nil, errors.New("disk on fire")
	}
	m, ok := from[typ+"/"+id]
	if !ok {
		return nil, problem.New(problem.NotFound, "Nicht bekannt.", "Not known.")
	}
	return m, nil
}

func (w *world) Subject(_ context.Context, typ, id string) (map[string]any, error) {
	return w.get("subject", w.subjects, typ, id)
}

func (w *world) Resource(_ context.Context, typ, id string) (map[string]any, error) {
	return w.get("resource", w.resources, typ, id)
}

func (w *world) Environment(context.Context, string) (map[string]any, error) {
	if w.fail == "environment" {
		return nil, errors.New("disk on fire")
	}
	return w.around, nil
}

func newWorld() *world {
	return &world{
		subjects: map[string]map[string]any{
			"workload/wl_line": {KeyScopes: []string{"infer"}, KeySystems: []string{"sys_1"}, KeyZone: "Fertigung", KeyPosture: PostureOK},
			"person/per_lead":  {KeyRoles: []string{"shift_lead"}},
			"person/per_safe":  {KeyRoles: []string{"safety"}},
		},
		resources: map[string]map[string]any{"system/sys_1": {"registered_by": "per_officer"}},
		around:    map[string]any{KeyPlant: "running", KeyPlantKnown: true, KeyPlantAt: noon.Add(-2 * time.Second)},
	}
}

// facts of a system whose permit is valid at noon.
func facts() permit.Facts {
	given := noon.AddDate(0, 0, -3)
	approval := func(role, person string) permit.Approval {
		return permit.Approval{ID: "apr_" + role, Role: role, Person: person, ContentHash: "sha256:d", GivenAt: given}
	}
	return permit.Facts{
		System: "sys_1", Name: "Fräslinie", Number: "BE-2026-0001", Purpose: text.Bi{DE: "Wartung planen", EN: "Plan maintenance"},
		LifeCycle: "operation", Owner: "per_o", Decider: text.Bi{DE: "Schichtleitung", EN: "Shift lead"}, DeciderRole: "shift_lead",
		Verdict: "ai_system", Role: "deployer", Class: "minimal", Zones: []string{"Fertigung"}, PlantStates: []string{"running"},
		ReviewBy: noon.AddDate(1, 0, 0), ContentHash: "sha256:d", Models: []permit.Model{{Name: "ausfall", Version: "1"}},
		NeedsRoles: []string{"director", "safety"}, Approvals: []permit.Approval{approval("director", "per_a"), approval("safety", "per_b")},
	}
}

func infer() Request {
	return Request{Subject: Entity{Type: "workload", ID: "wl_line"}, Action: Action{Name: "infer"}, Resource: Entity{Type: "system", ID: "sys_1"}}
}

// house is a point over the policies that ship with the program.
func house(t testing.TB, w *world, change ...func(*Options)) *Point {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs/policies")
	if err != nil {
		t.Fatal(err)
	}
	files, schema, err := LoadPolicies(tree)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Policies: files, Schema: schema, Trusted: w, Now: func() time.Time { return noon }, Rand: rand.New(rand.NewSource(1))}
	for _, f := range change {
		f(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	pm := permit.Compile(facts(), noon)
	pm.Version = 4
	p.SetPermit(pm)
	return p
}

// ask evaluates and checks what holds of every decision.
func ask(t testing.TB, p *Point, r Request) Decision {
	t.Helper()
	d, err := p.Evaluate(context.Background(), r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	if len(d.ID) != 36 || d.ID[:4] != "dec_" || d.PolicyVersion != p.Version() || !d.At.Equal(noon) {
		t.Errorf("decision %+v", d)
	}
	if len(d.Reasons) == 0 {
		t.Errorf("a decision without a reason: %+v", d)
	}
	for _, x := range d.Reasons {
		if x.Code == "" || !x.Say.Complete() || len(x.Clauses) == 0 {
			t.Errorf("an incomplete reason: %+v", x)
		}
	}
	a := d.Entry(r)
	if err := a.Validate(); err != nil {
		t.Errorf("the journal refuses the decision: %v", err)
	}
	return d
}

func denied(t testing.TB, d Decision, code string) {
	t.Helper()
	if d.Allow || d.Reasons[0].Code != code {
		t.Errorf("allow %v by %+v (errors %v), want a denial by %s", d.Allow, d.Reasons, d.Errors, code)
	}
}

// annotated gives a policy body what admission asks for.
func annotated(id, body string) string {
	return fmt.Sprintf("@id(%q) @clause(\"zta.01\") @de(\"Satz.\") @en(\"Sentence.\") %s\n", id, body)
}
