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
			none.memo = newMemo()
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
	m := newMemo()
	for i := range memoEntities + 10 {
		if _, err := m.entity(Known{Ref: Ref{"user", string(rune(i))}}, func() (types.Entity, error) { return types.Entity{}, nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := m.context(Query{Env: Env{Epoch: int64(i)}}, func() (types.Record, error) { return types.Record{}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.entities) > memoEntities || len(m.contexts) > memoContexts || len(m.entities) == 0 {
		t.Errorf("%d entities, %d contexts", len(m.entities), len(m.contexts))
	}
}
