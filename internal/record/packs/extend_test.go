package packs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
	"augenmass/knowledge"
)

// own is a pack of an organisation that cites what ships.
func own() fstestFS {
	return fstestFS{"own/house.yaml": `id: house
kind: law
version: 1.0.0
as_of: 2026-11-21
title: {de: Hausregeln, en: House rules}
groups:
  - id: rules
    title: {de: Regeln, en: Rules}
    items:
      - id: house.1
        ref: '1'
        title: {de: Regel, en: Rule}
        duty: [deployer]
        sectors: [machinery]
        from: 2027-01-01
        related: [aia.art14.1]
`,
		"own/fw.yaml": `id: fw-house
kind: framework
version: 1.0.0
as_of: 2026-11-21
title: {de: Haus, en: House}
framework: house
areas:
  - id: only
    title: {de: Alles, en: All}
    phase: do
    items:
      - clause: house.1
        days: 1
        evidence: [record]
        plain: {de: Tun, en: Do}
`,
		"own/map.yaml": `id: map-house
kind: mapping
version: 1.0.0
as_of: 2026-11-21
title: {de: Zuordnung, en: Mapping}
items:
  - from: house.1
    to: aia.art14.1
    relation: subset
    reason: {de: Weniger, en: Less}
`}
}

// Row 000-16: an obligation pack is added as data, cites what ships and is cited
// by its own framework and mapping. The library it extends stays as it was.
func TestExtendAddsAndLeavesTheRestAlone(t *testing.T) {
	base := shipped(t)
	packs, frameworks, mappings, sources := len(base.Packs()), len(base.Frameworks()), len(base.AllMappings()), len(base.Sources())
	carried := len(base.Mappings("aia.art14.1"))
	ext, err := base.Extend(own().fs())
	if err != nil {
		t.Fatal(err)
	}
	c, ok := ext.Clause("house.1")
	if !ok || !slices.Equal(c.Sectors, []string{"machinery"}) || !slices.Equal(c.Duty, []string{"deployer"}) || c.InForce(day("2026-12-31")) || !c.InForce(day("2027-01-01")) {
		t.Errorf("%+v, %v", c, ok)
	}
	if f, ok := ext.Framework("house"); !ok || f.Items()[0].Clause != "house.1" || ext.Frameworks()[frameworks].ID != "house" {
		t.Errorf("%+v, %v", f, ok)
	}
	if ms := ext.Mappings("aia.art14.1"); len(ms) != carried+1 || ms[carried].To != "house.1" || ms[carried].Relation != Superset {
		t.Errorf("%+v", ms)
	}
	if len(ext.Packs()) != packs+3 || len(ext.Sources()) != sources+3 || len(ext.AllMappings()) != mappings+1 {
		t.Errorf("%d packs, %d sources, %d mappings", len(ext.Packs()), len(ext.Sources()), len(ext.AllMappings()))
	}
	for _, i := range base.Packs() {
		if len(base.Clauses(i.ID)) != len(ext.Clauses(i.ID)) || len(base.Requirements(i.ID)) != len(ext.Requirements(i.ID)) {
			t.Errorf("pack %s changed", i.ID)
		}
	}
	_, found := base.Clause("house.1")
	if _, ok := base.Framework("house"); found || ok || len(base.Packs()) != packs || len(base.AllMappings()) != mappings || len(base.Mappings("aia.art14.1")) != carried || len(base.Sources()) != sources {
		t.Error("the library that was extended has changed")
	}
	again, err := ext.Extend(fstestFS{"x.yaml": strings.NewReplacer("house", "yard", "[aia.art14.1]", "[house.1]").Replace(own()["own/house.yaml"])}.fs())
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := again.Clause("yard.1"); !ok || c.Related[0] != "house.1" {
		t.Errorf("an extended library does not extend: %+v, %v", c, ok)
	}
	r1, _ := base.Rules("ai-act-class")
	r2, _ := again.Rules("ai-act-class")
	if r1 != r2 {
		t.Error("rule sets are built again")
	}
}

// What an organisation adds never replaces what is there.
func TestExtendReplacesNothing(t *testing.T) {
	base, err := Load(kinds().fs())
	if err != nil {
		t.Fatal(err)
	}
	all := kinds()
	for name, c := range map[string]struct {
		tree fstestFS
		at   string
		say  string
	}{
		"a pack":           {fstestFS{"x.yaml": strings.NewReplacer("law.1", "x.1", "law.2", "x.2").Replace(all["law.yaml"])}, "x.yaml:1", `pack "law" exists already`},
		"a clause":         {fstestFS{"x.yaml": strings.NewReplacer("id: law\n", "id: x\n", "law.2", "x.2").Replace(all["law.yaml"])}, "x.yaml:12", `id "law.1" exists already (law.yaml:12)`},
		"a framework":      {fstestFS{"x.yaml": strings.Replace(all["fw.yaml"], "id: fw-house", "id: fw-x", 1)}, "x.yaml:6", `framework "house" exists already`},
		"a mapping":        {fstestFS{"x.yaml": strings.Replace(all["map.yaml"], "id: map-house", "id: map-x", 1)}, "x.yaml:7", "mapped already (map.yaml:7)"},
		"a template":       {fstestFS{"x.yaml": strings.Replace(all["tpl.yaml"], "id: tpl-house", "id: tpl-x", 1)}, "x.yaml:7", `id "tpl.policy" exists already`},
		"cases of rules":   {fstestFS{"x.cases.yaml": strings.NewReplacer("id: one", "id: three", "id: two", "id: four").Replace(all["rules.cases.yaml"])}, "x.cases.yaml:1", `rule set "rules" is not from here`},
		"cases of answers": {fstestFS{"x.cases.yaml": all["ask.cases.yaml"]}, "x.cases.yaml:1", `rule set "ask" is not from here`},
		"what is unknown":  {fstestFS{"x.yaml": strings.NewReplacer("id: map-house", "id: map-x", "law.1", "law.9").Replace(all["map.yaml"])}, "x.yaml:7", `no pack has the clause "law.9"`},
	} {
		_, err := base.Extend(c.tree.fs())
		var p *problem.Problem
		if !errors.As(err, &p) || !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Path == c.at && strings.Contains(f.Say.EN, c.say) }) {
			t.Errorf("%s: want %q at %s, have %v", name, c.say, c.at, err)
		}
	}
	rs, _ := base.Rules("rules")
	if len(rs.Cases()) != 2 {
		t.Errorf("the rule set of the base has %d cases now", len(rs.Cases()))
	}
	if _, err := base.Extend(brokenFS{}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
}

// Adding a small pack costs a small share of loading everything, because what
// ships is not parsed again.
func TestExtendCostsLittle(t *testing.T) {
	base, tree := shipped(t), own().fs()
	load := testing.AllocsPerRun(1, func() {
		if _, err := Load(knowledge.Packs); err != nil {
			t.Fatal(err)
		}
	})
	extend := testing.AllocsPerRun(5, func() {
		if _, err := base.Extend(tree); err != nil {
			t.Fatal(err)
		}
	})
	if extend > load/20 {
		t.Errorf("extending makes %.0f allocations, loading %.0f", extend, load)
	}
}

// The text of a pack is kept so that a later version can be held against it.
func TestRawTextIsKept(t *testing.T) {
	l := shipped(t)
	for _, i := range l.Packs() {
		raw, ok := l.Raw(i.ID)
		if !ok || !bytes.Contains(raw, []byte("id: "+i.ID)) {
			t.Errorf("the text of %s is missing", i.ID)
		}
	}
	if _, ok := l.Raw("nothing"); ok {
		t.Error("a pack that does not exist has a text")
	}
	cases := 0
	for _, s := range l.Sources() {
		data, err := fs.ReadFile(knowledge.Packs, s.Name)
		if err != nil || !bytes.Equal(data, s.Data) || s.Pack == "" {
			t.Errorf("%s of %q: %v", s.Name, s.Pack, err)
		}
		if s.Cases {
			cases++
			if !strings.HasSuffix(s.Name, ".cases.yaml") {
				t.Errorf("%s is taken for cases", s.Name)
			}
		}
	}
	if cases < 4 {
		t.Errorf("%d files with cases", cases)
	}
}

// Check says what there is even when some of it is wrong, and runs every case.
func TestCheckNamesPacksAndDefects(t *testing.T) {
	infos, err := Check(kinds().fs())
	if err != nil || len(infos) != 8 {
		t.Errorf("%d packs, %v", len(infos), err)
	}
	wrong := kinds()
	wrong["rules.cases.yaml"] = strings.Replace(wrong["rules.cases.yaml"], "facts: {wet: no, kind: b}", "facts: {wet: yes, kind: a}", 1)
	infos, err = Check(wrong.fs())
	var p *problem.Problem
	if len(infos) != 8 || !errors.As(err, &p) || len(p.Fields) != 1 || p.Fields[0].Path != "rules.cases.yaml:10" || !strings.Contains(p.Fields[0].Say.EN, `"two" comes out otherwise`) {
		t.Errorf("a case that comes out otherwise: %d packs, %v", len(infos), err)
	}
	if _, err := Load(wrong.fs()); err != nil {
		t.Errorf("loading runs cases: %v", err)
	}
	wrong["req.yaml"] = strings.Replace(wrong["req.yaml"], "[law.1]", "[law.9]", 1)
	if infos, err = Check(wrong.fs()); len(infos) != 8 || !problem.Is(err, problem.BadInput) {
		t.Errorf("%d packs, %v", len(infos), err)
	}
	if infos, err := Check(brokenFS{}); infos != nil || !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v, %v", infos, err)
	}
	if infos, err := Check(fstestFS{"x.yaml": "kind: law\nversion: 1.0.0\n"}.fs()); len(infos) != 0 || !problem.Is(err, problem.BadInput) {
		t.Errorf("a pack without an id: %v, %v", infos, err)
	}
}

// A rule set from outside that would take all memory is a defect like others.
func TestRulesWithoutBoundAreRefused(t *testing.T) {
	var facts, parts []string
	for _, side := range []string{"a", "b"} {
		for i := range 40 {
			facts = append(facts, fmt.Sprintf("  - name: %s%d\n    type: tri\n    question: {de: Ja?, en: Yes?}\n", side, i))
		}
	}
	for i := range 40 {
		parts = append(parts, fmt.Sprintf("(a%d and b%d or not a%d and not b%d)", i, i, i, i))
	}
	all := small()
	all["rules.yaml"] = strings.NewReplacer("facts:\n", "facts:\n"+strings.Join(facts, ""), "when: short_form", "when: "+strings.Join(parts, " and ")).Replace(all["rules.yaml"])
	if _, err := Load(all.fs()); !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), "too many facts hang together") {
		t.Errorf("%v", err)
	}
}

func BenchmarkExtend(b *testing.B) {
	base, tree := shipped(b), own().fs()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := base.Extend(tree); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever an author writes, the answer is a library or a list of defects.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"law.yaml", "req.yaml", "fw.yaml", "map.yaml", "tpl.yaml", "ref.yaml", "rules.yaml", "rules.cases.yaml", "ask.yaml", "ask.cases.yaml"} {
		f.Add(kinds()[name])
	}
	base, err := Load(fstestFS{"law.yaml": kinds()["law.yaml"], "req.yaml": kinds()["req.yaml"]}.fs())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, l := range []*Library{empty(), base} {
			infos, err := l.Check(fstestFS{"x.yaml": source}.fs())
			var p *problem.Problem
			if err != nil && (!errors.As(err, &p) || p.Kind != problem.BadInput || len(p.Fields) == 0) {
				t.Fatalf("%v", err)
			}
			if err == nil && len(infos) != len(l.infos)+1 {
				t.Fatalf("%d packs were read without a defect", len(infos)-len(l.infos))
			}
		}
	})
}
