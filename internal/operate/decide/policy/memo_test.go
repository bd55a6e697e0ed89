package policy

import (
	"testing"

	"github.com/cedar-policy/cedar-go/types"
	"pgregory.net/rapid"
)

// TestMemoNeverRemembersWrong: whatever was asked before, an answer equals that
// of an engine that remembers nothing, also when the caller changes its maps in
// place.
func TestMemoNeverRemembersWrong(t *testing.T) {
	const schema = `entity role; entity user in [role] { level: Long, tags: Set<String>, boss?: user }; entity thing;
action go appliesTo { principal: [user], resource: [thing], context: { hour: Long, mfa: Bool, claims: { context: { why?: String } } } };`
	text := written("a", `permit (principal in role::"r", action, resource) when { principal.level > 2 };`) +
		written("b", `permit (principal, action, resource) when { principal.tags.contains("x") && context.mfa };`) +
		written("c", `permit (principal, action, resource) when { principal has boss && principal.boss == user::"v" };`) +
		written("d", `forbid (principal, action, resource) when { context.hour > 3 } unless { context.claims.context has why && context.claims.context.why == "y" };`)
	fresh := func() Engine {
		e, _, err := Admit(Options{Files: []File{{"t.cedar", text}}, Schema: schema})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	old, none := fresh(), fresh().(*cedarEngine)
	none.sight = everything // and looks at everything
	allowed := 0
	rapid.Check(t, func(t *rapid.T) {
		attrs := map[string]any{"level": 1, "tags": []string{"x", "y"}}
		claims := &Claims{Context: map[string]any{}}
		for range 12 {
			n := func(label string, n int) int { return rapid.IntRange(0, n).Draw(t, label) }
			attrs["level"] = n("level", 4)
			attrs["tags"].([]string)[0] = []string{"x", "z"}[n("tag", 1)]
			delete(attrs, "boss")
			if n("boss", 2) == 0 {
				attrs["boss"] = Ref{"user", "v"}
			}
			delete(claims.Context, "why")
			if i := n("why", 2); i > 0 {
				claims.Context["why"] = []string{"y", "n"}[i-1]
			}
			q := Query{Principal: Known{Ref: Ref{"user", "u"}, Attributes: attrs}, Resource: Known{Ref: Ref{"thing", "t"}}, Action: "go",
				Env: Env{Hour: int64(n("hour", 6)), MFA: n("mfa", 1) == 0, Risk: -1}, Claims: claims}
			if n("role", 1) == 0 {
				q.Principal.Parents = []Ref{{"role", "r"}}
			}
			none.memo = newMemo(len(none.acts))
			want, err1 := none.Decide(q)
			got, err2 := old.Decide(q)
			if err1 != nil || err2 != nil || want.Allow != got.Allow || len(want.Reasons) != len(got.Reasons) {
				t.Fatalf("%+v %v, remembered %+v %v", want, err1, got, err2)
			}
			if got.Allow {
				allowed++
			}
		}
	})
	if allowed == 0 {
		t.Error("nothing was allowed; the property says nothing")
	}
}

func TestMemoIsBounded(t *testing.T) {
	m, a := newMemo(1), new(act)
	for i := range memoEntities + 10 {
		e, err := m.entity(Known{Ref: Ref{"user", string(rune(i))}}, newIndex(nil), func() (types.Entity, error) { return types.Entity{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			made := new(memoContext)
			m.keep(Query{Env: Env{Epoch: int64(3*i + k)}}, a, made)
			m.found(memoQuery{principal: e, resource: e, context: made}, Outcome{})
		}
	}
	if m.count > memoEntities || len(m.entities["user"]) != m.count || len(m.contexts) > memoContexts || len(m.older) > memoContexts || len(m.outcomes) > memoOutcomes || len(m.outcomes) == 0 || m.count == 0 {
		t.Errorf("%d entities, %d contexts", m.count, len(m.contexts))
	}
}

// TestSightChangesNoAnswer: an engine that leaves out what no policy can see
// answers as one that builds everything, whatever the policies look at.
func TestSightChangesNoAnswer(t *testing.T) {
	const schema = `entity user; entity thing;
action go appliesTo { principal: [user], resource: [thing], context: { hour: Long, weekday: Long, epoch: Long, zone: String,
  posture: String, mfa: Bool, risk?: Long, plant: { state: String, known: Bool, age: Long } } };`
	conditions := []string{"context.hour > 2", "context.weekday == 1", "context.epoch > 2", `context.zone == "a"`, `context.posture == "a"`, "context.mfa",
		"context has risk && context.risk > 2", "context has risk", "context has plant", `context.plant.state == "a"`, "context.plant.known", "context.plant.age > 2",
		`context.plant == {state: "a", known: context.mfa, age: 1}`, "[context.plant].contains(context.plant)",
		"(if context.mfa then context else context).hour > 2", "[context].contains(context)"}
	engines := make([]Engine, len(conditions))
	for i, c := range conditions {
		e, _, err := Admit(Options{Files: []File{{"t.cedar", written("a", "permit (principal, action, resource) when { "+c+" };")}}, Schema: schema})
		if err != nil {
			t.Fatal(c, err)
		}
		engines[i] = e
	}
	allowed, denied := map[int]bool{}, map[int]bool{}
	check := func(i int, v Env) {
		full := *engines[i].(*cedarEngine)
		full.sight, full.memo = everything, newMemo(len(full.acts))
		q := Query{Principal: Known{Ref: Ref{"user", "u"}}, Resource: Known{Ref: Ref{"thing", "t"}}, Action: "go", Env: v}
		want, err1 := full.Decide(q)
		got, err2 := engines[i].Decide(q)
		if err1 != nil || err2 != nil || want.Allow != got.Allow {
			t.Fatalf("%s with %+v: %+v %v, seeing all %+v %v", conditions[i], v, got, err2, want, err1)
		}
		if got.Allow {
			allowed[i] = true
		} else {
			denied[i] = true
		}
	}
	late := Env{Hour: 4}
	one := Env{Hour: 1, Weekday: 1, Epoch: 1, Zone: "a", Posture: "a", MFA: true, Risk: -1, Plant: "a", PlantKnown: true, PlantAge: 1}
	rapid.Check(t, func(t *rapid.T) {
		n := func() int64 { return rapid.Int64Range(0, 4).Draw(t, "n") }
		w := func() string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "w") }
		v := Env{Hour: n(), Weekday: n(), Epoch: n(), Zone: w(), Posture: w(), MFA: n() > 2, Risk: n() - 1, Plant: w(), PlantKnown: n() > 2, PlantAge: n() - 1}
		for i := range conditions {
			check(i, v)
		}
	})
	for i, c := range conditions {
		check(i, one)
		check(i, late)
		always := c == "context has plant" || c == "[context.plant].contains(context.plant)" || c == "[context].contains(context)"
		if !allowed[i] || !denied[i] && !always {
			t.Errorf("%s: allowed %v, denied %v; the property says nothing", c, allowed[i], denied[i])
		}
	}
}
