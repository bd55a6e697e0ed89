package packs

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/text"
)

// kinds is small with one valid pack of each kind that is made of clauses.
func kinds() fstestFS {
	all := small()
	all["fw.yaml"] = `id: fw-house
kind: framework
version: 1.0.0
as_of: 2026-11-21
title: {de: Haus, en: House}
framework: house
soa: true
areas:
  - id: context
    title: {de: Kontext, en: Context}
    phase: plan
    items:
      - clause: law.1
        days: 1.5
        evidence: [document, screenshot]
        plain: {de: Tun, en: Do}
        examples:
          high: {de: Presse, en: Press}
        principle: law.2
  - id: support
    title: {de: Hilfe, en: Support}
    phase: do
    items:
      - clause: req.1
        days: 0
        evidence: [log]
        plain: {de: Zeigen, en: Show}
`
	all["map.yaml"] = `id: map-house
kind: mapping
version: 1.0.0
as_of: 2026-11-21
title: {de: Zuordnung, en: Mapping}
items:
  - from: law.1
    to: req.1
    relation: subset
    reason: {de: Weniger, en: Less}
    status: interpretation
  - from: law.2
    to: law.1
    relation: intersects
    reason: {de: Teils, en: Partly}
`
	all["tpl.yaml"] = `id: tpl-house
kind: templates
version: 1.0.0
as_of: 2026-11-21
title: {de: Vorlagen, en: Templates}
items:
  - id: tpl.policy
    title: {de: Leitlinie, en: Policy}
    purpose: {de: Zweck, en: Purpose}
    version: '2'
    clauses: [law.1]
    body:
      de: |
        # Leitlinie der {{firm}}
        Es gilt ab {{ day }}.
      en: |
        # Policy of {{firm}}
        In force from {{day}}.
    placeholders:
      - name: firm
        say: {de: Name der Firma, en: Name of the firm}
      - name: day
        say: {de: Tag, en: Day}
`
	all["ref.yaml"] = `id: ref-house
kind: references
version: 1.0.0
as_of: 2026-11-21
title: {de: Quellen, en: References}
items:
  - id: ref.law
    title: Amtsblatt
    publisher: EU
    url: https://eur-lex.europa.eu/eli/reg/2024/1689
    kind: law
    checked: 2026-11-21
    status: secondary_source
    clauses: [law.1]
  - id: ref.book
    title: {de: Buch, en: Book}
    publisher: Verlag
    kind: study
    checked: 2026-11-20
`
	all["law.yaml"] = strings.Replace(all["law.yaml"], "        fine: law.1\n", "        fine: law.1\n        markets: [eu, ch]\n        sectors: [machinery]\n", 1)
	return all
}

// Rows 000-16, 001-05: what is added as data is found by its ids, from either
// side of a mapping, with the place where it was said.
func TestNewKindsAreFound(t *testing.T) {
	l, err := Load(kinds().fs())
	if err != nil {
		t.Fatal(err)
	}
	f, ok := l.Framework("house")
	if !ok || f.Pack != "fw-house" || !f.SoA || f.Version != "1.0.0" || !f.AsOf.Equal(day("2026-11-21")) || len(f.Items()) != 2 || len(l.Frameworks()) != 1 {
		t.Fatalf("%+v, %v", f, ok)
	}
	it, area, ok := f.Item("law.1")
	if !ok || area.ID != "context" || area.Phase != "plan" || it.Days != 1.5 || !slices.Equal(it.Evidence, []string{"document", "screenshot"}) ||
		it.Examples["high"].EN != "Press" || it.Principle != "law.2" {
		t.Errorf("%+v in %+v, %v", it, area, ok)
	}
	if _, _, ok := f.Item("law.2"); ok {
		t.Error("a clause that is only a principle is assessed")
	}
	ms := l.Mappings("req.1")
	if len(ms) != 1 || ms[0].From != "req.1" || ms[0].To != "law.1" || ms[0].Relation != Superset || !ms[0].Relation.Whole() || ms[0].Status != Interpretation {
		t.Errorf("%+v", ms)
	}
	if ms := l.Mappings("law.1"); len(ms) != 2 || ms[0].Relation != Subset || ms[0].Relation.Whole() || ms[1].To != "law.2" || ms[1].Relation != Intersects {
		t.Errorf("%+v", ms)
	}
	if all := l.AllMappings(); len(all) != 2 || all[1].From != "law.2" || l.Mappings("nothing") != nil {
		t.Errorf("%+v", all)
	}
	for id, want := range map[string]string{"law.1": "Art. 1", "req.1": "REQ-1"} {
		if ref, title, _, ok := l.Cited(id); !ok || ref != want || title.EN != "One" {
			t.Errorf("%s is cited as %q %v", id, ref, title)
		}
	}
	if _, _, _, ok := l.Cited("q-1"); ok {
		t.Error("a question is cited as a demand")
	}
	c, _ := l.Clause("law.2")
	if !slices.Equal(c.Markets, []string{"eu", "ch"}) || !slices.Equal(c.Sectors, []string{"machinery"}) {
		t.Errorf("%+v", c)
	}
	if _, ok := l.Template("tpl.policy"); !ok || len(l.Templates()) != 1 {
		t.Error("the template is missing")
	}
	if rs := l.References(); len(rs) != 2 || rs[0].Title != text.Same("Amtsblatt") || rs[0].Kind != "law" || rs[1].URL != "" {
		t.Errorf("%+v", rs)
	}
	for _, i := range l.Packs() {
		want := map[string]int{"fw-house": 2, "map-house": 2, "tpl-house": 1, "ref-house": 2}[i.ID]
		if want > 0 && i.Items != want {
			t.Errorf("%s has %d items, want %d", i.ID, i.Items, want)
		}
	}
}

// A group says once where its clauses count; a clause may say otherwise (000-20).
func TestGroupsSayWhereTheirClausesCount(t *testing.T) {
	all := kinds()
	all["law.yaml"] = strings.Replace(all["law.yaml"], "  - id: all\n", "  - id: all\n    markets: [de]\n", 1)
	l, err := Load(all.fs())
	if err != nil {
		t.Fatal(err)
	}
	one, _ := l.Clause("law.1")
	two, _ := l.Clause("law.2")
	if !slices.Equal(one.Markets, []string{"de"}) || !slices.Equal(two.Markets, []string{"eu", "ch"}) {
		t.Errorf("%v, %v", one.Markets, two.Markets)
	}
}

// Every kind of defect of the new kinds is found, with its file and line.
func TestPlantedDefectsOfNewKindsAreNamed(t *testing.T) {
	for name, c := range map[string]planted{
		"unknown clause of an item":    {"fw.yaml", "clause: law.1", "clause: law.9", "fw.yaml:13", `no pack has the clause "law.9"`},
		"a question is no clause":      {"fw.yaml", "clause: law.1", "clause: q-1", "fw.yaml:13", `no pack has the clause "q-1"`},
		"unknown principle":            {"fw.yaml", "principle: law.2", "principle: law.9", "fw.yaml:19", `no pack has the clause "law.9"`},
		"item twice":                   {"fw.yaml", "clause: req.1", "clause: law.1", "fw.yaml:24", `"law.1" stands in this framework already (fw.yaml:13)`},
		"area twice":                   {"fw.yaml", "id: support", "id: context", "fw.yaml:20", `area "context" exists twice`},
		"unknown phase":                {"fw.yaml", "phase: do", "phase: later", "fw.yaml:22", `unknown phase "later"`},
		"unknown type of evidence":     {"fw.yaml", "[log]", "[rumour]", "fw.yaml:26", `unknown type of evidence: "rumour"`},
		"type of evidence twice":       {"fw.yaml", "[document, screenshot]", "[document, document]", "fw.yaml:15", `"document" stands here twice`},
		"no evidence":                  {"fw.yaml", "[log]", "[]", "fw.yaml:24", "names no type of evidence"},
		"no effort":                    {"fw.yaml", "        days: 1.5\n", "", "fw.yaml:13", `field "days" is missing`},
		"less than no effort":          {"fw.yaml", "days: 1.5", "days: -1", "fw.yaml:13", "between 0 and 220 person days"},
		"effort without end":           {"fw.yaml", "days: 1.5", "days: inf", "fw.yaml:13", "between 0 and 220 person days"},
		"effort that is no number":     {"fw.yaml", "days: 1.5", "days: two", "fw.yaml:14", `"two" does not fit`},
		"help in one language":         {"fw.yaml", "{de: Tun, en: Do}", "{de: Tun}", "fw.yaml:16", "missing in English"},
		"example in one language":      {"fw.yaml", "{de: Presse, en: Press}", "{en: Press}", "fw.yaml:18", "missing in German"},
		"example of an unknown class":  {"fw.yaml", "          high:", "          huge:", "fw.yaml:13", `unknown risk class "huge"`},
		"framework without name":       {"fw.yaml", "framework: house\n", "", "fw.yaml:1", `field "framework" is missing`},
		"unknown from":                 {"map.yaml", "from: law.1", "from: law.9", "map.yaml:7", `no pack has the clause "law.9"`},
		"unknown to":                   {"map.yaml", "to: req.1", "to: ref.law", "map.yaml:8", `no pack has the clause "ref.law"`},
		"bad relation":                 {"map.yaml", "relation: subset", "relation: similar", "map.yaml:9", `unknown relation "similar"`},
		"no reason":                    {"map.yaml", "    reason: {de: Weniger, en: Less}\n", "", "map.yaml:7", `field "reason" is missing`},
		"unknown status of a mapping":  {"map.yaml", "status: interpretation", "status: sure", "map.yaml:7", `unknown status "sure"`},
		"mapped to itself":             {"map.yaml", "to: req.1", "to: law.1", "map.yaml:7", `"law.1" is mapped to itself`},
		"mapped from the other side":   {"map.yaml", "to: req.1", "to: law.2", "map.yaml:12", "mapped already (map.yaml:7)"},
		"undeclared placeholder":       {"tpl.yaml", "Policy of {{firm}}", "Policy of {{firma}}", "tpl.yaml:7", `(en): placeholder "firma" is not declared`},
		"placeholder without use":      {"tpl.yaml", "Policy of {{firm}}", "Policy", "tpl.yaml:20", `placeholder "firm" does not occur in the text (en)`},
		"unreadable placeholder":       {"tpl.yaml", "{{ day }}", "{{Day}}", "tpl.yaml:7", "1 of 2 placeholders cannot be read"},
		"placeholder without end":      {"tpl.yaml", "{{ day }}", "{{day", "tpl.yaml:7", "1 of 2 placeholders cannot be read"},
		"placeholder twice":            {"tpl.yaml", "name: day", "name: firm", "tpl.yaml:22", `placeholder "firm" exists twice`},
		"template in one language":     {"tpl.yaml", "      en: |\n        # Policy of {{firm}}\n        In force from {{day}}.\n", "", "tpl.yaml:12", "missing in English"},
		"template without clauses":     {"tpl.yaml", "    clauses: [law.1]\n", "", "tpl.yaml:7", `field "clauses" is missing`},
		"template cites the unknown":   {"tpl.yaml", "[law.1]", "[law.9]", "tpl.yaml:11", `no pack has the clause "law.9"`},
		"template with a known id":     {"tpl.yaml", "id: tpl.policy", "id: law.1", "tpl.yaml:7", `id "law.1" exists already`},
		"unknown kind of reference":    {"ref.yaml", "kind: study", "kind: rumour", "ref.yaml:18", `unknown kind of reference "rumour"`},
		"address that is none":         {"ref.yaml", "https://eur-lex", "javascript://eur-lex", "ref.yaml:10", "is no address"},
		"reference never checked":      {"ref.yaml", "    checked: 2026-11-20\n", "", "ref.yaml:15", `field "checked" is missing`},
		"checked on no day":            {"ref.yaml", "2026-11-20", "recently", "ref.yaml:19", "is not a date"},
		"unknown status of a source":   {"ref.yaml", "status: secondary_source", "status: fine", "ref.yaml:7", `unknown status "fine"`},
		"reference cites the unknown":  {"ref.yaml", "[law.1]", "[law.9]", "ref.yaml:14", `no pack has the clause "law.9"`},
		"reference twice":              {"ref.yaml", "id: ref.book", "id: ref.law", "ref.yaml:15", `id "ref.law" exists already`},
		"empty market":                 {"law.yaml", "[eu, ch]", "[eu, '']", "law.yaml:23", `"markets" is empty`},
		"market in capitals":           {"law.yaml", "[eu, ch]", "[EU]", "law.yaml:23", `not "EU"`},
		"empty sector":                 {"law.yaml", "[machinery]", "['']", "law.yaml:24", `"sectors" is empty`},
		"sector of two words":          {"law.yaml", "[machinery]", "[machine building]", "law.yaml:24", `not "machine building"`},
		"market that is a single word": {"law.yaml", "[eu, ch]", "eu", "law.yaml:23", `"markets" must be a list`},
	} {
		plant(t, name, kinds(), c)
	}
	all := kinds()
	all["fw2.yaml"] = strings.Replace(all["fw.yaml"], "id: fw-house", "id: fw-other", 1)
	if _, err := Load(all.fs()); !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), `framework "house" exists already in pack "fw-house"`) {
		t.Errorf("a framework with a known name was accepted: %v", err)
	}
}

// A template filled in shows what is missing and never reads a value again.
func TestTemplateIsFilledIn(t *testing.T) {
	l, err := Load(kinds().fs())
	if err != nil {
		t.Fatal(err)
	}
	tpl, _ := l.Template("tpl.policy")
	doc, missing := tpl.Fill(text.DE, map[string]string{"firm": "Metallwerk {{day}} GmbH", "day": "  ", "other": "x"})
	if doc != "# Leitlinie der Metallwerk {{day}} GmbH\nEs gilt ab [Tag]." || !slices.Equal(missing, []string{"day"}) {
		t.Errorf("%q, missing %v", doc, missing)
	}
	doc, missing = tpl.Fill(text.EN, map[string]string{"firm": "Works", "day": "1 May 2027"})
	if doc != "# Policy of Works\nIn force from 1 May 2027." || len(missing) != 0 {
		t.Errorf("%q, missing %v", doc, missing)
	}
	if _, missing := tpl.Fill(text.DE, nil); !slices.Equal(missing, []string{"firm", "day"}) {
		t.Errorf("missing %v", missing)
	}
}
