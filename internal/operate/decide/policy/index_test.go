package policy

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
	"pgregory.net/rapid"
)

// The linear oracle: plain cedar-go over the whole set. The index has to give
// the same decision, the same reasons and the same errors.

// source draws numbers either from rapid (which can shrink) or from a seed
// (which is fast enough for ten thousand policies).
type source func(n int) int

// anyPolicy writes a policy whose scope and condition come from small
// alphabets, so that scopes overlap and hierarchies matter.
func anyPolicy(n source) string {
	pick := func(from ...string) string { return from[n(len(from))] }
	entity := func() string { return pick("user", "robot", "group", "zone") + `::"` + pick("a", "b", "c") + `"` }
	scope := func(v string) string {
		switch n(6) {
		case 0:
			return v
		case 1:
			return v + " == " + entity()
		case 2:
			return v + " in " + entity()
		case 3:
			return v + " is " + pick("user", "robot", "zone")
		default:
			return v + " is " + pick("user", "robot", "zone") + " in " + entity()
		}
	}
	action := func() string { return `Action::"` + pick("read", "write", "move", "all", "some") + `"` }
	var act string
	switch n(5) {
	case 0:
		act = "action"
	case 1:
		act = "action == " + action()
	case 2:
		act = "action in " + action()
	default:
		var set []string
		for range n(4) {
			set = append(set, action())
		}
		act = "action in [" + strings.Join(set, ", ") + "]"
	}
	cond := pick("", "", " when { context.n > 3 }", " when { context.missing }", " unless { context.n == 1 }", ` when { context.n }`,
		" when { principal in resource }", ` when { principal has kind && principal.kind == "x" }`, ` when { resource.kind == "x" }`,
		` unless { context has gone && context.gone }`)
	return fmt.Sprintf("%s (%s, %s, %s)%s;", pick("permit", "forbid", "permit"), scope("principal"), act, scope("resource"), cond)
}

// anyWorld draws entities with a hierarchy that may be deep, broken or cyclic.
func anyWorld(n source) types.EntityMap {
	world := types.EntityMap{}
	var all []types.EntityUID
	for _, typ := range []types.EntityType{"user", "robot", "group", "zone"} {
		for _, id := range []types.String{"a", "b", "c"} {
			all = append(all, types.NewEntityUID(typ, id))
		}
	}
	for _, id := range all {
		if n(6) == 0 {
			continue // not known
		}
		var parents []types.EntityUID
		for range n(3) {
			parents = append(parents, all[n(len(all))])
		}
		attrs := types.RecordMap{}
		if n(2) == 0 {
			attrs["kind"] = types.String([]string{"x", "y"}[n(2)])
		}
		world[id] = types.Entity{UID: id, Parents: types.NewEntityUIDSet(parents...), Attributes: types.NewRecord(attrs)}
	}
	act := func(id types.String) types.EntityUID { return types.NewEntityUID("Action", id) }
	world[act("read")] = types.Entity{UID: act("read"), Parents: types.NewEntityUIDSet(act("some"))}
	world[act("write")] = types.Entity{UID: act("write"), Parents: types.NewEntityUIDSet(act("some"), act("all"))}
	world[act("some")] = types.Entity{UID: act("some"), Parents: types.NewEntityUIDSet(act("all"))}
	return world
}

func anyRequest(n source) types.Request {
	typ := func() types.EntityType { return []types.EntityType{"user", "robot", "zone", "group"}[n(4)] }
	id := func() types.String { return []types.String{"a", "b", "c"}[n(3)] }
	ctx := types.RecordMap{}
	switch n(4) {
	case 0:
		ctx["n"] = types.String("three")
	case 1, 2:
		ctx["n"] = types.Long(n(6))
	}
	return types.Request{Principal: types.NewEntityUID(typ(), id()), Resource: types.NewEntityUID(typ(), id()),
		Action: types.NewEntityUID("Action", []types.String{"read", "write", "move", "all"}[n(4)]), Context: types.NewRecord(ctx)}
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func compileAll(t fataler, srcs []string) (*index, *cedar.PolicySet) {
	t.Helper()
	set := cedar.NewPolicySet()
	var list []Policy
	for i, src := range srcs {
		var p cedar.Policy
		if err := p.UnmarshalCedar([]byte(src)); err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		id := fmt.Sprintf("p%05d", i)
		set.Add(cedar.PolicyID(id), &p)
		list = append(list, Policy{ID: id, compiled: &p})
	}
	return newIndex(list), set
}

// agree compares one request; it returns what was decided for a count of cases.
func agree(t fataler, ix *index, set *cedar.PolicySet, world types.EntityMap, req types.Request) cedar.Diagnostic {
	t.Helper()
	wantD, want := cedar.Authorize(set, world, req)
	s := lookups.Get().(*lookup)
	ix.look(s, world, req)
	gotD, got := cedar.Authorize(s, world, req)
	s.release()
	flat := func(d cedar.Diagnostic) (out []string) {
		for _, r := range d.Reasons {
			out = append(out, "reason "+string(r.PolicyID))
		}
		for _, e := range d.Errors {
			out = append(out, "error "+string(e.PolicyID)+" "+e.Message)
		}
		slices.Sort(out)
		return out
	}
	if a, b := flat(want), flat(got); wantD != gotD || !slices.Equal(a, b) {
		t.Fatalf("%v\nlinear  %v %v\nindexed %v %v", req, wantD, a, gotD, b)
	}
	return want
}

func TestIndexAgreesWithTheLinearOracle(t *testing.T) {
	reasons, errors := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		var srcs []string
		for range n(30) + 1 {
			srcs = append(srcs, anyPolicy(n))
		}
		ix, set := compileAll(t, srcs)
		world := anyWorld(n)
		for range 8 {
			d := agree(t, ix, set, world, anyRequest(n))
			reasons += len(d.Reasons)
			errors += len(d.Errors)
		}
	})
	if reasons == 0 || errors == 0 {
		t.Errorf("%d reasons and %d errors were compared; the property says nothing", reasons, errors)
	}
}

func TestIndexAgreesAtTenThousandPolicies(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	srcs := make([]string, 10_000)
	for i := range srcs {
		srcs[i] = anyPolicy(r.Intn)
	}
	ix, set := compileAll(t, srcs)
	reasons, errors := 0, 0
	for range 40 {
		world := anyWorld(r.Intn)
		d := agree(t, ix, set, world, anyRequest(r.Intn))
		reasons += len(d.Reasons)
		errors += len(d.Errors)
	}
	if reasons < 1000 || errors < 100 {
		t.Errorf("only %d reasons and %d errors", reasons, errors)
	}
}

// TestIndexVisitsFew: the index is there to visit few policies, and this says
// so without a clock.
func TestIndexVisitsFew(t *testing.T) {
	var srcs []string
	for i := range 10_000 {
		srcs = append(srcs, fmt.Sprintf(`permit (principal in role::"r%d", action == Action::"read", resource in zone::"z%d");`, i%10, i/10))
	}
	srcs = append(srcs, `forbid (principal, action, resource) when { context.estop };`)
	ix, _ := compileAll(t, srcs)
	who, zone := types.NewEntityUID("user", "u"), types.NewEntityUID("zone", "z7")
	machine := types.NewEntityUID("machine", "m")
	world := types.EntityMap{
		who:     {UID: who, Parents: types.NewEntityUIDSet(types.NewEntityUID("role", "r3"))},
		machine: {UID: machine, Parents: types.NewEntityUIDSet(zone)},
	}
	s := lookups.Get().(*lookup)
	defer s.release()
	ix.look(s, world, types.Request{Principal: who, Action: types.NewEntityUID("Action", "read"), Resource: machine})
	var got []string
	for id := range s.All() {
		got = append(got, string(id))
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"p00073", "p10000"}) {
		t.Errorf("visits %v", got)
	}
}

// engineSchema lets everything lie in everything, so that the engine's own way
// to its candidates is tried with hierarchies that cross.
const engineSchema = `entity user, robot, group, zone in [user, robot, group, zone] { kind?: String };
action all; action some in [all];
action read in [some] appliesTo { principal: [user, robot, group, zone], resource: [user, robot, group, zone], context: { n?: Long } };
action write in [some, all] appliesTo { principal: [user, robot, group, zone], resource: [user, robot, group, zone], context: { n?: Long } };
action move appliesTo { principal: [user, robot, group, zone], resource: [user, robot, group, zone], context: { n?: Long } };`

// TestEngineAgreesWithTheLinearOracle holds the engine as a whole, with what it
// remembers of parties and moments, against plain cedar-go over all policies.
func TestEngineAgreesWithTheLinearOracle(t *testing.T) {
	sch, err := admitSchema(engineSchema)
	if err != nil {
		t.Fatal(err)
	}
	reasons, errs, linkedParties := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		e := &cedarEngine{byID: map[string]int{}, schema: sch, validator: validate.New(sch)}
		set := cedar.NewPolicySet()
		for i := range n(40) + 1 {
			var p cedar.Policy
			if err := p.UnmarshalCedar([]byte(anyPolicy(n))); err != nil {
				t.Fatalf("%v", err)
			}
			id := fmt.Sprintf("p%05d", i)
			set.Add(cedar.PolicyID(id), &p)
			e.byID[id] = i
			e.policies = append(e.policies, Policy{ID: id, compiled: &p, Forbid: p.Effect() == cedar.Forbid})
		}
		e.index, e.sight = newIndex(e.policies), sightOf(e.policies)
		e.acts = actsOf(sch, e.index)
		e.memo = newMemo(len(e.acts))
		someone := func() Ref {
			return Ref{[]string{"user", "robot", "group", "zone"}[n(4)], []string{"a", "b", "c"}[n(3)]}
		}
		party := func() Known {
			k := Known{Ref: someone(), Attributes: map[string]any{}}
			for range n(4) {
				k.Parents = append(k.Parents, someone())
			}
			if n(2) == 0 {
				k.Attributes["kind"] = []string{"x", "y"}[n(2)]
			}
			return k
		}
		for range 10 {
			q := Query{Principal: party(), Resource: party(), Action: []string{"read", "write", "move"}[n(3)]}
			if q.Principal.Ref == q.Resource.Ref {
				q.Resource = q.Principal // one entity is one entity
			}
			if linked(q.Principal.Parents, q.Resource.Ref) || linked(q.Resource.Parents, q.Principal.Ref) {
				linkedParties++
			}
			if i := n(6); i > 0 {
				q.Extra = map[string]any{"n": i}
			}
			got, err := e.Decide(q)
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			if again, err := e.Decide(q); err != nil || !reflect.DeepEqual(got, again) {
				t.Fatalf("%+v\nfirst  %+v\nsecond %+v %v", q, got, again, err)
			}
			var parties entities
			_, req, err := e.request(q, &parties)
			if err != nil {
				t.Fatalf("%v", err)
			}
			decision, diag := cedar.Authorize(set, &parties, req)
			for i, r := range diag.Reasons {
				diag.Reasons[i].Position.Offset = e.byID[string(r.PolicyID)]
			}
			for i, x := range diag.Errors {
				diag.Errors[i].Position.Offset = e.byID[string(x.PolicyID)]
			}
			want := e.outcome(decision, diag)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v\nlinear  %+v\nindexed %+v", q, want, got)
			}
			reasons += len(want.Reasons)
			errs += len(want.Errors)
		}
	})
	if reasons == 0 || errs == 0 || linkedParties == 0 {
		t.Errorf("%d reasons, %d errors, %d crossing hierarchies; the property says nothing", reasons, errs, linkedParties)
	}
}
