package decide

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"augenmass/internal/permit"
	"augenmass/internal/problem"
)

func TestAValidPermitAndAPolicyAllow(t *testing.T) {
	d := ask(t, house(t, newWorld()), infer())
	if !d.Allow || d.Reasons[0].Policy != "workload.infer" || d.Permit != (PermitRef{"BE-2026-0001", 4}) {
		t.Errorf("%+v", d)
	}
}

func TestThePermitComesFirst(t *testing.T) {
	w := newWorld()
	p := house(t, w)
	set := func(change func(*permit.Facts)) {
		f := facts()
		change(&f)
		p.SetPermit(permit.Compile(f, noon))
	}
	set(func(f *permit.Facts) { f.Approvals[1].WithdrawnAt = noon })
	d := ask(t, p, infer())
	denied(t, d, permit.LapseWithdrawn)
	if !slices.Contains(d.Reasons[0].Clauses, "iso42001.A.6.2.5") || !strings.Contains(d.Reasons[0].Say.DE, "Arbeitssicherheit") {
		t.Errorf("the denial does not name approval and clause: %+v", d.Reasons)
	}
	set(func(f *permit.Facts) { f.Stopped, f.Owner = true, "" })
	d = ask(t, p, infer())
	denied(t, d, permit.LapseStopped)
	if len(d.Reasons) != 2 || d.Reasons[1].Code != permit.LapseOwner {
		t.Errorf("not every lapse is named: %+v", d.Reasons)
	}
	// Off without a reason still is off.
	p.SetPermit(permit.Permit{System: "sys_1", State: permit.Suspended})
	denied(t, ask(t, p, infer()), CodePermitMissing)
	p.Swap(nil)
	denied(t, ask(t, p, infer()), CodePermitMissing)
	p.Swap(map[string]permit.Permit{"sys_1": permit.Compile(facts(), noon)})
	if d := ask(t, p, infer()); !d.Allow {
		t.Errorf("a restored permit: %+v", d)
	}
}

func TestAPermitExpiresWithoutBeingTouched(t *testing.T) {
	now := noon
	p := house(t, newWorld(), func(o *Options) { o.Now = func() time.Time { return now } })
	pm, ok := p.Permit("sys_1")
	if !ok {
		t.Fatal("no permit")
	}
	now = pm.ValidUntil.Add(-time.Nanosecond)
	if d, err := p.Evaluate(context.Background(), infer()); err != nil || !d.Allow {
		t.Errorf("denied before its end: %+v %v", d, err)
	}
	now = pm.ValidUntil
	d, err := p.Evaluate(context.Background(), infer())
	if err != nil || d.Allow || d.Reasons[0].Code != permit.LapsePermitEnd || !strings.Contains(d.Reasons[0].Say.DE, "Überprüfung") {
		t.Errorf("%+v %v", d, err)
	}
}

func TestConditionsOnAccess(t *testing.T) {
	w := newWorld()
	p := house(t, w)
	line := w.subjects["workload/wl_line"]
	cases := []struct {
		name   string
		change func()
		undo   func()
		code   string
	}{
		{"another zone", func() { line[KeyZone] = "Büro" }, func() { line[KeyZone] = "Fertigung" }, CodeZone},
		{"no zone", func() { delete(line, KeyZone) }, func() { line[KeyZone] = "Fertigung" }, CodeZone},
		{"bad posture", func() { line[KeyPosture] = "bad" }, func() { line[KeyPosture] = PostureOK }, CodePosture},
		{"no posture", func() { delete(line, KeyPosture) }, func() { line[KeyPosture] = PostureOK }, CodePosture},
		{"zone of the wrong type", func() { line[KeyZone] = 7 }, func() { line[KeyZone] = "Fertigung" }, CodeTrusted},
		{"risk out of range", func() { line[KeyRisk] = 101 }, func() { delete(line, KeyRisk) }, CodeTrusted},
		{"roles of the wrong type", func() { line[KeyRoles] = "admin" }, func() { delete(line, KeyRoles) }, CodeTrusted},
		{"parents of the wrong type", func() { line[KeyIn] = "role::admin" }, func() { delete(line, KeyIn) }, CodeTrusted},
		{"no scope", func() { line[KeyScopes] = []string{"read"} }, func() { line[KeyScopes] = []string{"infer"} }, CodeNone},
		{"registered for another system", func() { line[KeySystems] = []string{"sys_2"} }, func() { line[KeySystems] = []string{"sys_1"} }, CodeNone},
		{"registered for none", func() { delete(line, KeySystems) }, func() { line[KeySystems] = []string{"sys_1"} }, CodeNone},
		{"scopes of the wrong type", func() { line[KeyScopes] = "infer" }, func() { line[KeyScopes] = []string{"infer"} }, "attribute.invalid"},
		{"scopes missing", func() { delete(line, KeyScopes) }, func() { line[KeyScopes] = []string{"infer"} }, "attribute.invalid"},
	}
	for _, c := range cases {
		c.change()
		d := ask(t, p, infer())
		if d.Allow || d.Reasons[0].Code != c.code {
			t.Errorf("%s: allow %v by %+v", c.name, d.Allow, d.Reasons)
		}
		c.undo()
		if d := ask(t, p, infer()); !d.Allow {
			t.Errorf("after %s: %+v", c.name, d.Reasons)
		}
	}
	line[KeyZone], line[KeyPosture] = "Büro", "bad"
	d := ask(t, p, infer())
	if len(d.Reasons) != 2 || !strings.Contains(d.Reasons[0].Say.DE, "„Fertigung“") {
		t.Errorf("not every condition is named: %+v", d.Reasons)
	}
}

func TestPlantStateOnlyDeniesWherePermitDemandsIt(t *testing.T) {
	w := newWorld()
	p := house(t, w)
	w.around = nil
	if d := ask(t, p, infer()); !d.Allow {
		t.Errorf("an unknown plant is for a person to judge, not for the door: %+v", d.Reasons)
	}
	f := facts()
	f.PlantMust = true
	p.SetPermit(permit.Compile(f, noon))
	denied(t, ask(t, p, infer()), CodePlant)
	w.around = map[string]any{KeyPlant: "running", KeyPlantKnown: true, KeyPlantAt: noon.Add(time.Minute)}
	denied(t, ask(t, p, infer()), CodePlant) // a report from the future
	w.around[KeyPlantAt] = noon
	if d := ask(t, p, infer()); !d.Allow {
		t.Errorf("a fresh report: %+v", d.Reasons)
	}
}

func TestWhatCannotBeReadIsDenied(t *testing.T) {
	for _, what := range []string{"subject", "resource", "environment"} {
		w := newWorld()
		p := house(t, w)
		w.fail = what
		d := ask(t, p, infer())
		denied(t, d, CodeTrusted)
		if len(d.Errors) == 0 {
			t.Errorf("%s: the error is not noted", what)
		}
	}
}

func TestUnknownParties(t *testing.T) {
	p := house(t, newWorld())
	r := infer()
	r.Subject.ID = "wl_ghost"
	denied(t, ask(t, p, r), CodeSubjectUnknown)
	read := Request{Subject: Entity{Type: "person", ID: "per_lead"}, Action: Action{Name: "read"}, Resource: Entity{Type: "journal", ID: "none"}}
	denied(t, ask(t, p, read), CodeResource)
	r = infer()
	r.Resource.ID = "sys_ghost"
	denied(t, ask(t, p, r), CodePermitMissing)
	r = infer()
	r.Action.Name = "conquer"
	denied(t, ask(t, p, r), "request.action_unknown")
	r = infer()
	r.Action.Name = "review"
	denied(t, ask(t, p, r), "request.type_unknown")
}

func TestPeopleByRole(t *testing.T) {
	p := house(t, newWorld())
	does := func(who, what string) Decision {
		return ask(t, p, Request{Subject: Entity{Type: "person", ID: who}, Action: Action{Name: what}, Resource: Entity{Type: "system", ID: "sys_1"}})
	}
	if d := does("per_lead", "review"); !d.Allow {
		t.Errorf("%+v", d.Reasons)
	}
	denied(t, does("per_lead", "approve"), CodeNone)
	if d := does("per_safe", "approve"); !d.Allow {
		t.Errorf("%+v", d.Reasons)
	}
	// A person acts on a suspended system too: that is how it comes back.
	f := facts()
	f.Stopped = true
	p.SetPermit(permit.Compile(f, noon))
	if d := does("per_lead", "resume"); !d.Allow {
		t.Errorf("%+v", d.Reasons)
	}
}

// TestClaimsNeverCount: whatever a caller says about itself, the resource or
// the world changes nothing that the house knows or should know.
func TestClaimsNeverCount(t *testing.T) {
	w := newWorld()
	p := house(t, w)
	lies := map[string]any{"roles": []any{"safety", "director"}, "scopes": []any{"infer"}, "systems": []any{"sys_1"}, "id": "sys_2", "zone": "Fertigung", "posture": "ok", "mfa": true, "valid": true,
		"zones": []any{"Büro"}, "registered_by": "nobody", "decider_role": "worker", "approver_roles": []any{"shift_lead"}, "plant": "running", "plant_known": true, "in": []any{"role::safety"}}
	w.subjects["workload/wl_line"] = map[string]any{KeyScopes: []string{}, KeyZone: "Büro", KeyPosture: "bad"}
	for _, r := range []Request{
		infer(),
		{Subject: Entity{Type: "person", ID: "per_lead"}, Action: Action{Name: "approve"}, Resource: Entity{Type: "system", ID: "sys_1"}},
	} {
		plain := ask(t, p, r)
		r.Subject.Properties, r.Resource.Properties, r.Action.Properties, r.Context = lies, lies, lies, lies
		claimed := ask(t, p, r)
		if plain.Allow || claimed.Allow || plain.Reasons[0].Code != claimed.Reasons[0].Code {
			t.Errorf("claims changed a decision: %+v, then %+v", plain.Reasons, claimed.Reasons)
		}
	}
	r := infer()
	w.subjects["workload/wl_line"] = newWorld().subjects["workload/wl_line"]
	r.Context = map[string]any{"purpose": 7}
	denied(t, ask(t, p, r), "claim.invalid")
}

func TestClaimsAreVisibleUnderTheirOwnKey(t *testing.T) {
	p := house(t, newWorld(), func(o *Options) {
		o.Policies = append(o.Policies, PolicyFile{Name: "own.cedar", Text: annotated("own.purpose",
			`forbid (principal, action == Action::"infer", resource) unless { context.claims.context has purpose && context.claims.context.purpose == "maintenance" };`)})
	})
	r := infer()
	denied(t, ask(t, p, r), CodeForbid)
	r.Context = map[string]any{"purpose": "maintenance", "other": map[string]any{"a": 1}}
	if d := ask(t, p, r); !d.Allow {
		t.Errorf("%+v", d)
	}
	r.Context["purpose"] = "curiosity"
	d := ask(t, p, r)
	denied(t, d, CodeForbid)
	if d.Reasons[0].Policy != "own.purpose" {
		t.Errorf("%+v", d.Reasons)
	}
}

const labSchema = `entity user { n?: Long }; entity thing;
action go appliesTo { principal: [user], resource: [thing], context: { hour: Long, epoch: Long, weekday: Long } };`

// lab is a point with policies of the test's own.
func lab(t testing.TB, policies string) *Point {
	t.Helper()
	w := &world{subjects: map[string]map[string]any{"user/u": {"n": 1}}, resources: map[string]map[string]any{"thing/t": {}}}
	p, err := New(Options{Policies: []PolicyFile{{Name: "lab.cedar", Text: policies}}, Schema: labSchema, Trusted: w,
		Now: func() time.Time { return noon }, Rand: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

var goes = Request{Subject: Entity{Type: "user", ID: "u"}, Action: Action{Name: "go"}, Resource: Entity{Type: "thing", ID: "t"}}

// TestAnErrorInsideAForbidDenies is the hole that Cedar leaves by design: a
// policy that errs is skipped. Overflow is an error that no schema can rule out.
func TestAnErrorInsideAForbidDenies(t *testing.T) {
	overflow := `(9223372036854775807 + context.hour) > 0`
	p := lab(t, annotated("all", `permit (principal, action, resource);`)+annotated("stop", `forbid (principal, action, resource) when { `+overflow+` };`))
	d := ask(t, p, goes)
	denied(t, d, CodeForbidError)
	if len(d.Reasons) != 1 || d.Reasons[0].Policy != "stop" || !slices.Contains(d.Reasons[0].Clauses, "zta.01") || len(d.Errors) != 1 {
		t.Errorf("%+v %v", d.Reasons, d.Errors)
	}
	p = lab(t, annotated("all", `permit (principal, action, resource);`)+annotated("more", `permit (principal, action, resource) when { `+overflow+` };`))
	if d := ask(t, p, goes); !d.Allow || len(d.Errors) != 1 || d.Reasons[0].Policy != "all" {
		t.Errorf("an erring permit grants nothing and takes nothing: %+v %v", d.Reasons, d.Errors)
	}
	p = lab(t, annotated("more", `permit (principal, action, resource) when { `+overflow+` };`))
	d = ask(t, p, goes)
	denied(t, d, CodeNone)
	if len(d.Errors) != 1 {
		t.Errorf("the error of a permit is not noted: %v", d.Errors)
	}
	p = lab(t, annotated("b.no", `forbid (principal, action, resource);`)+annotated("a.no", `forbid (principal, action, resource);`)+
		annotated("c.bad", `forbid (principal, action, resource) when { `+overflow+` };`))
	var ids []string
	for _, r := range ask(t, p, goes).Reasons {
		ids = append(ids, r.Policy)
	}
	if !slices.Equal(ids, []string{"a.no", "b.no", "c.bad"}) {
		t.Errorf("reasons %v", ids)
	}
}

func TestTimeIsTheOrganisations(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	p := lab(t, annotated("noon", `permit (principal, action, resource) when { context.hour == 13 && context.weekday == 6 && context.epoch == 1795262400 };`))
	p.o.Location = berlin
	if noon.Unix() != 1795262400 {
		t.Fatalf("noon is %d", noon.Unix())
	}
	if d := ask(t, p, goes); !d.Allow {
		t.Errorf("%+v", d)
	}
	p.o.Location = nil
	denied(t, ask(t, p, goes), CodeNone)
}

func TestSetPoliciesKeepsTheOldOnError(t *testing.T) {
	p := house(t, newWorld())
	before := p.Version()
	err := p.SetPolicies([]PolicyFile{{Name: "x.cedar", Text: "permit (principal, action, resource);"}})
	if !problem.Is(err, problem.BadInput) || p.Version() != before {
		t.Errorf("%v, version %s", err, p.Version())
	}
	if d := ask(t, p, infer()); !d.Allow {
		t.Errorf("the policies in force: %+v", d)
	}
	if err := p.SetPolicies(nil); err != nil || p.Version() == before || p.Policies() != 0 {
		t.Errorf("no policies at all: %v", err)
	}
	denied(t, ask(t, p, infer()), CodeNone)
}

func TestNewNeedsItsParts(t *testing.T) {
	for _, o := range []Options{{}, {Trusted: newWorld(), Rand: zeros{}}, {Trusted: newWorld(), Now: time.Now}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v", o)
		}
	}
}

func TestMalformedRequestsAreNamed(t *testing.T) {
	p := house(t, newWorld())
	r := infer()
	r.Subject.ID, r.Action.Name = "", strings.Repeat("x", 257)
	_, err := p.Evaluate(context.Background(), r)
	if !problem.Is(err, problem.BadInput) || len(problem.From(err).Fields) != 2 {
		t.Errorf("%v", err)
	}
}

type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, context.DeadlineExceeded }

func TestNoRandomnessNoDecision(t *testing.T) {
	p := house(t, newWorld(), func(o *Options) { o.Rand = dry{} })
	if d, err := p.Evaluate(context.Background(), infer()); !problem.Is(err, problem.Unavailable) || d.Allow {
		t.Errorf("%+v %v", d, err)
	}
}

// TestSwappingWhileDeciding: readers see one snapshot or the other, never a
// mixture; the race detector watches.
func TestSwappingWhileDeciding(t *testing.T) {
	p := house(t, newWorld())
	off := facts()
	off.Stopped = true
	valid, stopped := permit.Compile(facts(), noon), permit.Compile(off, noon)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 200 {
			if i%2 == 0 {
				p.SetPermit(stopped)
			} else {
				p.Swap(map[string]permit.Permit{"sys_1": valid})
			}
		}
	})
	for range 4 {
		wg.Go(func() {
			for range 200 {
				d, err := p.Evaluate(context.Background(), infer())
				if err != nil || !d.Allow && d.Reasons[0].Code != permit.LapseStopped {
					t.Errorf("%+v %v", d, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if d := ask(t, p, infer()); !d.Allow {
		t.Errorf("after the last swap: %+v", d.Reasons)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	p := house(b, newWorld())
	b.ReportAllocs()
	for b.Loop() {
		if d, err := p.Evaluate(context.Background(), infer()); err != nil || !d.Allow {
			b.Fatal(d, err)
		}
	}
}

// TestEvaluateAllocatesLittle bounds what a whole decision costs the garbage
// collector: permit, trusted attributes, policies and reasons.
func TestEvaluateAllocatesLittle(t *testing.T) {
	p := house(t, newWorld())
	if n := testing.AllocsPerRun(200, func() {
		if d, err := p.Evaluate(context.Background(), infer()); err != nil || !d.Allow {
			t.Fatal(d, err)
		}
	}); n > 40 {
		t.Errorf("%v allocations; 40 are allowed", n)
	}
	claiming := infer()
	claiming.Context = map[string]any{"model": "ausfall", "zone": "Fertigung", "device": "dev_1"}
	if n := testing.AllocsPerRun(200, func() {
		if d, err := p.Evaluate(context.Background(), claiming); err != nil || !d.Allow {
			t.Fatal(d, err)
		}
	}); n > 40 {
		t.Errorf("%v allocations with claims; 40 are allowed", n)
	}
}

// TestPoliciesAreBuiltBesideDecisions: while a set is being admitted, decisions
// are made under the old one and permits change; nothing waits for the build.
func TestPoliciesAreBuiltBesideDecisions(t *testing.T) {
	building, goOn := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	p := house(t, newWorld(), func(o *Options) {
		o.KnownClause = func(string) bool {
			if first.CompareAndSwap(true, false) {
				close(building)
				<-goOn
			}
			return true
		}
	})
	first.Store(true)
	before, done := p.Version(), make(chan error)
	go func() {
		done <- p.SetPolicies([]PolicyFile{{Name: "no.cedar", Text: annotated("no", "forbid (principal, action, resource);")}})
	}()
	<-building
	if d := ask(t, p, infer()); !d.Allow || d.PolicyVersion != before {
		t.Errorf("while policies are built: %+v", d)
	}
	pm, _ := p.Permit("sys_1")
	pm.State = permit.Suspended
	p.SetPermit(pm)
	denied(t, ask(t, p, infer()), CodePermitMissing)
	pm.State = permit.Valid
	p.SetPermit(pm)
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	denied(t, ask(t, p, infer()), CodeForbid)
	if p.Version() == before {
		t.Error("the version did not change")
	}
}
