package packs

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"augenmass/internal/problem"
)

// fstestFS is a tree of small packs.
type fstestFS map[string]string

func (m fstestFS) fs() fs.FS {
	out := fstest.MapFS{}
	for name, data := range m {
		out[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return out
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// small is one valid pack of each kind.
func small() fstestFS {
	return fstestFS{
		"law.yaml": `id: law
kind: law
version: 1.0.0
as_of: 2026-11-21
title: {de: Gesetz, en: Law}
cite:
  law: {de: Ges., en: Act}
groups:
  - id: all
    title: {de: Alles, en: All}
    items:
      - id: law.1
        ref: Art. 1
        title: {de: Eins, en: One}
        from: 2026-01-01
        until: 2027-01-01
        status: uncertain
      - id: law.2
        ref: Art. 2
        title: {de: Zwei, en: Two}
        related: [law.1]
        fine: law.1
`,
		"req.yaml": `id: req
kind: requirements
version: 1.0.0
as_of: 2026-11-21
title: {de: Anforderungen, en: Requirements}
items:
  - id: req.1
    ref: REQ-1
    title: {de: Eins, en: One}
    text: {de: Text, en: Text}
    proof: {de: Beleg, en: Proof}
    evidence:
      - type: log
        say: {de: Protokoll, en: Log}
    steps:
      - {de: Schritt, en: Step}
    refs: [law.1]
    checks:
      - name: some.check
        min: 1.0
        window: 30d
        say: {de: Anteil, en: Share}
`,
		"rules.yaml": `id: rules
kind: rules
version: 1.0.0
as_of: 2026-11-21
title: {de: Regeln, en: Rules}
from: 2026-01-01
unclear: {de: offen, en: open}
facts:
  - name: wet
    type: tri
    question: {de: Nass?, en: Wet?}
  - name: kind
    type: enum
    question: {de: Art?, en: Kind?}
    options:
      - {id: a, text: {de: A, en: A}}
      - {id: b, text: {de: B, en: B}}
outputs:
  - name: result
    asked: true
    title: {de: Ergebnis, en: Result}
    values:
      - {id: yes, text: {de: ja, en: yes}}
      - {id: no, text: {de: nein, en: no}}
  - name: since
    title: {de: Seit, en: Since}
    dates: true
define:
  - name: short_form
    when: wet and kind == "a"
rules:
  - id: first
    when: short_form
    then: {result: yes, since: 2026-02-01}
    say: {de: Ja., en: 'Yes.'}
    clauses: [law.1]
    from: 2026-02-01
    until: 2027-02-01
  - id: last
    when: 'true'
    then: {result: no}
    say: {de: Nein., en: 'No.'}
`,
		"rules.cases.yaml": `cases_of: rules
cases:
  - id: one
    name: {de: Eins, en: One}
    source: [law.1]
    at: 2026-03-01
    facts: {wet: true, kind: a}
    expect: {result: yes}
    rule: first
  - id: two
    name: {de: Zwei, en: Two}
    source: [law.1]
    at: 2026-03-01
    facts: {wet: no, kind: b}
    expect: {result: no}
    rule: last
`,
		"ask.yaml": `id: ask
kind: questionnaire
version: 1.0.0
as_of: 2026-11-21
title: {de: Fragen, en: Questions}
purpose: {de: Zweck, en: Purpose}
max_minutes: 3
from: 2026-01-01
unclear: {de: offen, en: open}
options:
  - {id: yes, text: {de: Ja, en: Yes}}
  - {id: no, text: {de: Nein, en: No}}
  - {id: unknown, text: {de: Unbekannt, en: Unknown}}
sections:
  - id: only
    title: {de: Alle, en: All}
    items:
      - id: q-1
        text: {de: Eins?, en: One?}
        help: {de: Hilfe, en: Help}
        type: yes_no_unknown
      - id: q-2
        text: {de: Zwei?, en: Two?}
        help: {de: Hilfe, en: Help}
        type: yes_no_unknown
quick:
  note: {de: Kurz, en: Short}
  items: [q-2]
  implies:
    - item: q-2
      answer: yes
      then: {q-1: yes}
      say: {de: Folgt, en: Follows}
outputs:
  - name: verdict
    asked: true
    title: {de: Ergebnis, en: Result}
    values:
      - {id: good, text: {de: gut, en: good}}
      - {id: bad, text: {de: schlecht, en: bad}}
rules:
  - id: good
    when: q_1 and q_2
    then: {verdict: good}
    say: {de: Gut., en: Good.}
  - id: bad
    when: 'true'
    then: {verdict: bad}
    say: {de: Schlecht., en: Bad.}
score:
  points_yes: {q-1: 2}
  points_no: {q-2: 1}
  max: 3
  bands:
    - {id: low, min: 0, label: {de: niedrig, en: low}}
    - {id: top, min: 2, label: {de: hoch, en: high}}
`,
		"ask.cases.yaml": `cases_of: ask
cases:
  - id: both
    name: {de: Beide, en: Both}
    source: [law.1]
    at: 2026-03-01
    yes: [q-1, q-2]
    expect: {verdict: good}
    rule: good
  - id: neither
    name: {de: Keine, en: Neither}
    source: [law.1]
    at: 2026-03-01
    expect: {verdict: bad}
    rule: bad
`,
		"p.cedar": `// a policy
@id("look")
@clause("law.1, req.1")
permit (principal, action, resource) when { context.note == "permit (x);" };

@clause("law.2")
forbid (principal, action, resource);
`,
	}
}

func TestSmallPacksAreValid(t *testing.T) {
	l, err := Load(small().fs())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"law.1", "req.1"} {
		if _, ok := l.Clause(id); !ok {
			t.Errorf("%s is missing", id)
		}
	}
	rs, _ := l.Rules("rules")
	q, _ := l.Questionnaire("ask")
	for _, c := range append(rs.Cases(), q.Rules().Cases()...) {
		set := rs
		if _, ok := c.Facts["q-1"]; ok {
			set = q.Rules()
		}
		if err := set.Prove(c); err != nil {
			t.Error(err)
		}
	}
}

// Every kind of defect is found, with its file and line, and its sentence in
// both languages.
func TestPlantedDefectsAreNamed(t *testing.T) {
	for name, c := range map[string]planted{
		"missing language":          {"law.yaml", "{de: Zwei, en: Two}", "{de: Zwei}", "law.yaml:20", "missing in English"},
		"duplicate id across packs": {"req.yaml", "- id: req.1", "- id: law.1", "req.yaml:7", `id "law.1" exists already (law.yaml:12)`},
		"duplicate id in a pack":    {"law.yaml", "- id: law.2", "- id: law.1", "law.yaml:18", "exists already"},
		"duplicate pack":            {"req.yaml", "id: req\n", "id: law\n", "req.yaml:1", `pack "law" exists already`},
		"unknown related clause":    {"law.yaml", "[law.1]", "[law.9]", "law.yaml:21", `no pack has the clause "law.9"`},
		"unknown fine":              {"law.yaml", "fine: law.1", "fine: law.9", "law.yaml:22", `no pack has the clause "law.9"`},
		"bad date":                  {"law.yaml", "2026-01-01", "2026-02-30", "law.yaml:15", "is not a date"},
		"ends before it begins":     {"law.yaml", "2027-01-01", "2025-01-01", "law.yaml:12", "ends before it begins"},
		"unknown status":            {"law.yaml", "status: uncertain", "status: perhaps", "law.yaml:12", `unknown status "perhaps"`},
		"unknown field":             {"law.yaml", "fine:", "fien:", "law.yaml:22", `unknown field "fien"`},
		"unknown kind":              {"law.yaml", "kind: law", "kind: laws", "law.yaml:1", `unknown kind of pack: "laws"`},
		"broken YAML":               {"law.yaml", "[law.1]", "[law.1", "law.yaml:22", "not valid YAML"},
		"unknown reference":         {"req.yaml", "refs: [law.1]", "refs: [law.1, aia.no]", "req.yaml:17", `no pack has the clause "aia.no"`},
		"unknown type of evidence":  {"req.yaml", "type: log", "type: rumour", "req.yaml:13", `unknown type of evidence: "rumour"`},
		"check out of range":        {"req.yaml", "min: 1.0", "min: 1.5", "req.yaml:19", "min lies in 0..1"},
		"bad window":                {"req.yaml", "30d", "soon", "req.yaml:21", "is not a span"},
		"rule without a case":       {"rules.cases.yaml", "rule: last", "rule: first", "rules.yaml:39", `no case proves rule "last"`},
		"bad condition":             {"rules.yaml", "when: short_form", "when: short_form and", "rules.yaml:33", "cannot be read"},
		"unknown fact":              {"rules.yaml", "when: short_form", "when: dry", "rules.yaml:33", `unknown fact "dry"`},
		"unknown option":            {"rules.yaml", `kind == "a"`, `kind == "z"`, "rules.yaml:30", `no option "z"`},
		"unknown output":            {"rules.yaml", "then: {result: no}", "then: {outcome: no}", "rules.yaml:39", `no output "outcome"`},
		"unknown value":             {"rules.yaml", "then: {result: no}", "then: {result: maybe}", "rules.yaml:41", `"result" cannot be "maybe"`},
		"bad date of a rule":        {"rules.yaml", "since: 2026-02-01", "since: soon", "rules.yaml:34", `"since" cannot be "soon"`},
		"rule twice":                {"rules.yaml", "id: last", "id: first", "rules.yaml:39", `rule "first" exists twice`},
		"rule ends early":           {"rules.yaml", "until: 2027-02-01", "until: 2026-01-01", "rules.yaml:32", "ends before it begins"},
		"fact twice":                {"rules.yaml", "name: kind", "name: wet", "rules.yaml:12", `fact "wet" exists twice`},
		"unknown type of fact":      {"rules.yaml", "type: tri", "type: text", "rules.yaml:10", `unknown type of fact: "text"`},
		"enum without options":      {"rules.yaml", "type: tri", "type: enum", "rules.yaml:9", "options do not fit"},
		"reserved option":           {"rules.yaml", "{id: b,", "{id: unknown,", "rules.yaml:17", "is reserved"},
		"output twice":              {"rules.yaml", "name: since", "name: result", "rules.yaml:25", `output "result" exists twice`},
		"output without values":     {"rules.yaml", "    dates: true\n", "", "rules.yaml:25", "needs values"},
		"definition leaves days":    {"rules.yaml", "    when: wet and kind == \"a\"\n", "    when: wet and kind == \"a\"\n    from: 2026-06-01\n", "rules.yaml:1", "leave days out or overlap"},
		"definition like a fact":    {"rules.yaml", "name: short_form", "name: wet", "rules.yaml:30", `"wet" is a fact already`},
		"missing question":          {"rules.yaml", "    question: {de: Nass?, en: Wet?}\n", "", "rules.yaml:9", `field "question" is missing`},
		"missing sentence":          {"rules.yaml", "    say: {de: Nein., en: 'No.'}\n", "", "rules.yaml:39", `field "say" is missing`},
		"cases of nothing":          {"rules.cases.yaml", "cases_of: rules", "cases_of: ruels", "rules.cases.yaml:1", `no rule set "ruels"`},
		"case twice":                {"rules.cases.yaml", "id: two", "id: one", "rules.cases.yaml:10", `case "one" exists twice`},
		"case with unknown fact":    {"rules.cases.yaml", "{wet: no, kind: b}", "{wte: no, kind: b}", "rules.cases.yaml:10", "the rules do not know this fact"},
		"case with wrong value":     {"rules.cases.yaml", "{wet: no, kind: b}", "{wet: 3, kind: b}", "rules.cases.yaml:10", "does not fit"},
		"case with unknown rule":    {"rules.cases.yaml", "rule: last", "rule: least", "rules.cases.yaml:16", `no rule "least"`},
		"case with unknown output":  {"rules.cases.yaml", "expect: {result: no}", "expect: {output: no}", "rules.cases.yaml:10", `no output "output"`},
		"case without source":       {"rules.cases.yaml", "    source: [law.1]\n    at: 2026-03-01\n    facts: {wet: no", "    at: 2026-03-01\n    facts: {wet: no", "rules.cases.yaml:10", `field "source" is missing`},
		"case without date":         {"rules.cases.yaml", "    at: 2026-03-01\n    facts: {wet: no", "    facts: {wet: no", "rules.cases.yaml:10", `field "at" is missing`},
		"case with unknown source":  {"rules.cases.yaml", "source: [law.1]", "source: [law.9]", "rules.cases.yaml:5", `no pack has the clause "law.9"`},
		"unknown question":          {"ask.cases.yaml", "yes: [q-1, q-2]", "yes: [q-1, q-9]", "ask.cases.yaml:7", `no question "q-9"`},
		"unknown quick question":    {"ask.yaml", "items: [q-2]", "items: [q-9]", "ask.yaml:28", `no question "q-9"`},
		"unknown implied question":  {"ask.yaml", "then: {q-1: yes}", "then: {q-9: yes}", "ask.yaml:30", `no question "q-9"`},
		"unknown answer":            {"ask.yaml", "answer: yes", "answer: perhaps", "ask.yaml:30", `no answer "perhaps"`},
		"unknown type of question":  {"ask.yaml", "type: yes_no_unknown", "type: essay", "ask.yaml:21", `unknown type of question: "essay"`},
		"question twice":            {"ask.yaml", "id: q-2", "id: q-1", "ask.yaml:22", `"q-1" exists already`},
		"points do not add up":      {"ask.yaml", "max: 3", "max: 4", "ask.yaml:1", "add up to 3, not 4"},
		"points for nothing":        {"ask.yaml", "points_no: {q-2: 1}", "points_no: {q-9: 1}", "ask.yaml:1", `no question "q-9"`},
		"bands leave a gap":         {"ask.yaml", "{id: low, min: 0,", "{id: low, min: 1,", "ask.yaml:1", "must begin at 0"},
		"policy cites nothing":      {"p.cedar", `@clause("law.2")` + "\n", "", "p.cedar:6", "cites no clause"},
		"policy cites the unknown":  {"p.cedar", "law.1, req.1", "law.1, req.9", "p.cedar:3", `no pack has the clause "req.9"`},
	} {
		plant(t, name, small(), c)
	}
}

// planted is one defect: what is replaced in a file, and where and how it must
// be named.
type planted struct{ file, old, new, at, say string }

// plant puts a defect into valid packs and wants it named in both languages.
func plant(t *testing.T, name string, packs fstestFS, c planted) {
	t.Helper()
	broken := strings.Replace(packs[c.file], c.old, c.new, 1)
	if broken == packs[c.file] {
		t.Errorf("%s: nothing was planted", name)
		return
	}
	packs[c.file] = broken
	_, err := Load(packs.fs())
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind != problem.BadInput || !p.Say.Complete() {
		t.Errorf("%s: was accepted (%v)", name, err)
		return
	}
	found := false
	for _, f := range p.Fields {
		found = found || f.Path == c.at && strings.Contains(f.Say.EN, c.say)
		if !f.Say.Complete() {
			t.Errorf("%s: %v is not bilingual", name, f)
		}
	}
	if !found {
		t.Errorf("%s: want %q at %s, have %v", name, c.say, c.at, p.Fields)
	}
}

func TestAllDefectsOfAllFilesAreNamedAtOnce(t *testing.T) {
	packs := small()
	packs["law.yaml"] = strings.Replace(packs["law.yaml"], "{de: Zwei, en: Two}", "{de: Zwei}", 1)
	packs["rules.yaml"] = strings.Replace(packs["rules.yaml"], "when: short_form", "when: dry", 1)
	packs["p.cedar"] = strings.Replace(packs["p.cedar"], "law.2", "law.9", 1)
	_, err := Load(packs.fs())
	var p *problem.Problem
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range p.Fields {
		paths = append(paths, f.Path)
	}
	if got := strings.Join(paths, " "); got != "law.yaml:20 p.cedar:6 rules.yaml:33" {
		t.Errorf("defects at %s", got)
	}
}

// A policy scanner that is fooled by comments or strings would let a policy
// without a clause pass.
func TestCedarScannerIsNotFooled(t *testing.T) {
	for name, source := range map[string]string{
		"clause in a comment":  "// @clause(\"law.1\")\npermit (principal, action, resource);",
		"clause in a string":   "permit (principal, action, resource) when { context.x == \"@clause(\\\"law.1\\\")\" };",
		"clause of the former": "@clause(\"law.1\") permit (principal, action, resource);\npermit (principal, action, resource);",
		"other annotation":     "@clauses(\"law.1\") forbid(principal, action, resource);",
	} {
		packs := small()
		packs["p.cedar"] = source
		if _, err := Load(packs.fs()); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: accepted", name)
		}
	}
	packs := small()
	packs["p.cedar"] = "@clause (\n\"law.1\"\n)\n@id(\"a;b\")\npermit\n(principal, action, resource)\nwhen { principal has permit };"
	if _, err := Load(packs.fs()); err != nil {
		t.Errorf("a policy with odd spacing was refused: %v", err)
	}
}
