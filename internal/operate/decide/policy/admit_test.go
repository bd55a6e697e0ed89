package policy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"augenmass/internal/problem"
)

const testSchema = `
entity role;
entity user in [role] { level: Long, nick?: String };
entity thing { owner?: user };
action read, write appliesTo { principal: [user], resource: [thing], context: { ot?: String, hour: Long } };
`

// written wraps a policy body with the annotations that every policy needs.
func written(id, body string) string {
	return `@id("` + id + `") @clause("zta.01") @de("Satz.") @en("Sentence.") ` + body + "\n"
}

func admitText(text string) (Engine, []Warning, error) {
	return Admit(Options{Files: []File{{"test.cedar", text}}, Schema: testSchema, Unscoped: 2,
		KnownClause: func(id string) bool { return strings.HasPrefix(id, "zta.") }})
}

func TestAdmissionRefuses(t *testing.T) {
	permit := "permit (principal, action == Action::\"read\", resource);"
	cases := map[string]struct{ text, says string }{
		"no id":                 {`@clause("zta.01") @de("a") @en("b") ` + permit, "no valid @id"},
		"bad id":                {written("Not An Id", permit), "no valid @id"},
		"no clause":             {`@id("a") @de("a") @en("b") ` + permit, "lacks its clause"},
		"unknown clause":        {strings.Replace(written("a", permit), "zta.01", "zta.01, iso.9", 1), "iso.9 does not exist"},
		"one language":          {`@id("a") @clause("zta.01") @de("a") ` + permit, "lacks its sentence"},
		"duplicate id":          {written("a", permit) + "\n" + written("a", permit), "exists already in test.cedar:1"},
		"not a policy":          {written("a", "permit (principal);"), "cannot be read"},
		"no semicolon":          {written("a", strings.TrimSuffix(permit, ";")), "cannot be read"},
		"template slot":         {written("a", "permit (principal == ?principal, action, resource);"), "cannot be read"},
		"unknown type":          {written("a", `permit (principal is ghost, action, resource);`), "does not fit the schema"},
		"unknown action":        {written("a", `permit (principal, action == Action::"fly", resource);`), "does not fit the schema"},
		"unknown attribute":     {written("a", `permit (principal, action, resource) when { context.x == 1 };`), "does not fit the schema"},
		"wrong type":            {written("a", `permit (principal, action, resource) when { context.hour == "one" };`), "does not fit the schema"},
		"unguarded optional":    {written("a", `forbid (principal, action, resource) when { context.ot == "estop" };`), "does not fit the schema"},
		"unguarded entity attr": {written("a", `forbid (principal, action, resource) when { resource.owner == principal };`), "does not fit the schema"},
		"not UTF-8":             {"\xff", "not valid UTF-8"},
		"over budget": {written("a", "permit (principal, action, resource);") + written("b", "permit (principal, action, resource);") +
			written("c", "permit (principal is user, action, resource);"), "3 policies apply to every request; 2 are allowed"},
		"too large": {written("a", strings.TrimSuffix(permit, ";")+" when { "+strings.Repeat("true && ", 9000)+"true };"), "larger than 64 kB"},
		"too deep":  {written("a", strings.TrimSuffix(permit, ";")+" when { "+strings.Repeat("(", 65)+"true"+strings.Repeat(")", 65)+" };"), "nested deeper than 64"},
		"deep ifs":  {written("a", strings.TrimSuffix(permit, ";")+" when { "+strings.Repeat("if true then true else ", 70)+"true };"), "nested deeper than 64"},
		"many nots": {written("a", strings.TrimSuffix(permit, ";")+" when { "+strings.Repeat("!", 70)+"true };"), "nested deeper than 64"},
	}
	for name, c := range cases {
		e, _, err := admitText(c.text)
		if err == nil {
			t.Errorf("%s: admitted %d policies", name, e.Len())
			continue
		}
		if !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want it to say %q", name, err, c.says)
		}
		if f := problem.From(err).Fields; len(f) == 0 || f[0].Path == "" || !f[0].Say.Complete() {
			t.Errorf("%s: no place is named: %+v", name, f)
		}
	}
}

func TestAdmissionAccepts(t *testing.T) {
	text := "// a comment with ; and ( and \"\n" +
		written("a", `permit (principal in role::"x;y(", action, resource) when { context has ot && context.ot == ";)}" };`) +
		"\n// the end"
	e, warnings, err := admitText(text)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := e.Policy("a")
	if !ok || p.Forbid || p.Say.DE != "Satz." || p.Line != 2 || len(warnings) != 0 {
		t.Errorf("%+v, warnings %v", p, warnings)
	}
	if _, ok := e.Policy("b"); ok {
		t.Errorf("a policy that is not there")
	}
}

func TestLint(t *testing.T) {
	_, warnings, err := admitText(written("wide", `permit (principal, action, resource);`) +
		written("soft", `forbid (principal, action == Action::"read", resource) when { context has ot && context.ot == "estop" };`) +
		written("hard", `forbid (principal, action == Action::"read", resource) unless { context has ot && context.ot == "running" };`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, w := range warnings {
		got[w.Policy] = w.Code
		if !w.Say.Complete() {
			t.Errorf("%+v", w)
		}
	}
	if len(got) != 2 || got["wide"] != "policy.unscoped" || got["soft"] != "forbid.when_has" {
		t.Errorf("warnings %v", got)
	}
}

// TestTwoMegabytesOfBracketsAreRefused: parsed, they exhaust the stack, which
// ends the process and this test with it.
func TestTwoMegabytesOfBracketsAreRefused(t *testing.T) {
	bomb := written("bomb", "permit (principal, action, resource) when { "+strings.Repeat("(", 1<<20)+"true"+strings.Repeat(")", 1<<20)+" };")
	if _, _, err := admitText(bomb); err == nil || !strings.Contains(err.Error(), "64") {
		t.Errorf("2 MB of brackets: %v", err)
	}
	if _, _, err := Admit(Options{Schema: "entity a " + strings.Repeat("{a: ", 1<<19)}); err == nil {
		t.Error("2 MB of a nested schema were admitted")
	}
	for _, unclosed := range []string{strings.Repeat("(", 2<<20), strings.Repeat("[", 2<<20), `"` + strings.Repeat("{", 2<<20), strings.Repeat("-", 2<<20)} {
		if _, _, err := admitText(unclosed); err == nil {
			t.Errorf("2 MB of %q were admitted", unclosed[:3])
		}
	}
}

func TestVersionFollowsContent(t *testing.T) {
	a, b := written("a", `permit (principal, action == Action::"read", resource);`), written("b", `forbid (principal, action == Action::"write", resource);`)
	version := func(text string) string {
		e, _, err := admitText(text)
		if err != nil {
			t.Fatal(err)
		}
		return e.Version()
	}
	v := version(a + b)
	if !strings.HasPrefix(v, "sha256:") || len(v) != 71 {
		t.Errorf("version %q", v)
	}
	if version(b+a) != v || version("// note\n"+a+"\n\n"+b) != v {
		t.Error("order or white space changes the version")
	}
	if version(a) == v || version(a+strings.Replace(b, "write", "read", 1)) == v || version(strings.Replace(a+b, "Satz.", "Anders.", 1)) == v {
		t.Error("another content has the same version")
	}
}

func TestLoadNeedsOneSchema(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	files, schema, err := Load(fstest.MapFS{"b.cedar": file("2"), "a.cedar": file("1"), "s.cedarschema": file("3"), "README.md": file("4")})
	if err != nil || len(files) != 2 || files[0].Name != "a.cedar" || schema != "3" {
		t.Errorf("%v %q %v", files, schema, err)
	}
	for _, tree := range []fstest.MapFS{{"a.cedar": file("1")}, {"a.cedarschema": file("1"), "b.cedarschema": file("2")}} {
		if _, _, err := Load(tree); !problem.Is(err, problem.BadInput) {
			t.Errorf("%v: %v", tree, err)
		}
	}
}

func TestSchemaIsChecked(t *testing.T) {
	for _, s := range []string{"", "entity", "entity a; action b appliesTo { principal: [ghost], resource: [a] };",
		"entity a; action b;",
		"entity a; action b appliesTo { principal: [a], resource: [a], context: { hour: String } };",
		"entity a; action b appliesTo { principal: [a], resource: [a], context: { weather: String } };",
		"entity a; action b appliesTo { principal: [a], resource: [a], context: { claims: { subject: { must: String } } } };",
		"entity a; action b appliesTo { principal: [a], resource: [a], context: { claims: { other: {} } } };"} {
		if _, _, err := Admit(Options{Schema: s}); !problem.Is(err, problem.BadInput) {
			t.Errorf("schema %q: %v", s, err)
		}
	}
}

// TestUnscopedPoliciesAreBudgeted: a set that would cost every decision too much
// is refused, and every policy that has to change is named.
func TestUnscopedPoliciesAreBudgeted(t *testing.T) {
	set := func(scope string, n int) (out string) {
		for i := range n {
			out += written(fmt.Sprintf("p%d", i), "permit ("+scope+");")
		}
		return out
	}
	cases := map[string]struct {
		scope string
		path  string // empty: any number is fine
	}{
		"nothing named":           {"principal, action, resource", "unscoped"},
		"types of subject only":   {"principal is user, action, resource", "unscoped"},
		"an action only":          {`principal, action == Action::"go", resource`, "unscoped.go"},
		"action and type":         {`principal, action == Action::"go", resource is thing`, "unscoped.go thing"},
		"type of resource only":   {"principal, action, resource is thing", "unscoped.thing"},
		"a principal":             {`principal == user::"u", action, resource`, ""},
		"a resource":              {`principal, action, resource == thing::"t"`, ""},
		"types and an entity too": {`principal is user in role::"r", action, resource is thing`, ""},
	}
	const schema = `entity role; entity user in [role]; entity thing;
action go appliesTo { principal: [user], resource: [thing], context: { hour: Long } };`
	admit := func(text string) error {
		_, _, err := Admit(Options{Files: []File{{"t.cedar", text}}, Schema: schema, Unscoped: 12})
		return err
	}
	for name, c := range cases {
		if err := admit(set(c.scope, 12)); err != nil {
			t.Errorf("%s: twelve are refused: %v", name, err)
		}
		err := admit(set(c.scope, 13))
		if c.path == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: thirteen are admitted", name)
			continue
		}
		f := problem.From(err).Fields
		if len(f) != 1 || f[0].Path != c.path || !strings.Contains(f[0].Say.EN, "p0, p1, p10,") || !strings.Contains(f[0].Say.EN, "and 3 more") ||
			!strings.Contains(f[0].Say.DE, "und 3 weiteren") {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
