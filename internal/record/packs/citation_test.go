package packs

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

const citing = `id: cites
kind: citations
version: 1.0.0
as_of: 2026-11-21
title: {de: Verweise, en: Citations}
complete: [law]
items:
  - id: cite.1
    about: req.1
    cites: [law.9, law.1..law.4]
    said: [Presse]
    verdict: wrong
    why: {de: Endet bei 2, en: Ends with 2}
    correct: {de: Art. 2 Satz 1, en: Art. 2 sentence 1}
    clauses: [law.2]
    if_high: [law.1]
  - id: cite.2
    cites: [law.1]
    verdict: right
    why: {de: Ja, en: Yes}
`

// Row 001-64: what is known about citing is data, found in the order of the
// packs; an organisation adds its own.
func TestCitationRules(t *testing.T) {
	tree := small()
	tree["cites.yaml"] = citing
	l, err := Load(tree.fs())
	if err != nil {
		t.Fatal(err)
	}
	all := l.CitationRules()
	if len(all) != 2 || !slices.Equal(l.Complete(), []string{"law"}) {
		t.Fatalf("%+v", all)
	}
	r := all[0]
	if r.ID != "cite.1" || r.Pack != "cites" || r.About != "req.1" || !slices.Equal(r.Cites, []string{"law.9", "law.1..law.4"}) || !slices.Equal(r.Said, []string{"Presse"}) ||
		r.Verdict != "wrong" || r.Why.EN != "Ends with 2" || r.Correct.DE != "Art. 2 Satz 1" || !slices.Equal(r.Clauses, []string{"law.2"}) || !slices.Equal(r.IfHigh, []string{"law.1"}) {
		t.Errorf("%+v", r)
	}
	own := strings.NewReplacer("id: cites", "id: own-cites", "cite.1", "own.1", "cite.2", "own.2").Replace(citing)
	more, err := l.Extend(fstestFS{"own.yaml": own}.fs())
	if err != nil || len(more.CitationRules()) != 4 || len(l.CitationRules()) != 2 {
		t.Errorf("%v, %d and %d rules", err, len(more.CitationRules()), len(l.CitationRules()))
	}
}

// Each planted error is named with its line.
func TestCitationDefects(t *testing.T) {
	for name, x := range map[string]struct{ old, new, say string }{
		"verdict":     {"verdict: right", "verdict: maybe", "unknown verdict"},
		"about":       {"about: req.1", "about: req.7", "req.7"},
		"clause":      {"clauses: [law.2]", "clauses: [law.7]", "law.7"},
		"no place":    {"cites: [law.1]", "cites: []", "names no place"},
		"twice":       {"id: cite.2", "id: cite.1", "exists already"},
		"one tongue":  {"why: {de: Ja, en: Yes}", "why: {de: Ja}", "why"},
		"no verdict":  {"    verdict: right\n", "", "verdict"},
		"odd field":   {"said: [Presse]", "sayd: [Presse]", "sayd"},
		"high clause": {"if_high: [law.1]", "if_high: [cite.2]", "cite.2"},
	} {
		tree := small()
		tree["cites.yaml"] = strings.Replace(citing, x.old, x.new, 1)
		_, err := Load(tree.fs())
		p := problem.From(err)
		if err == nil || len(p.Fields) == 0 || !strings.HasPrefix(p.Fields[0].Path, "cites.yaml:") || !strings.Contains(err.Error(), x.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
