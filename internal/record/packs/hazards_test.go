package packs

import (
	"strings"
	"testing"

	"augenmass/internal/record/packs/hazard"
)

// 000-18: the library has bias and wrong decisions, first and each with checks
// that say how and how often; 001-62: both samples are delivered.
func TestRiskLibrary(t *testing.T) {
	l := shipped(t)
	all := l.Hazards()
	if len(all) < 20 {
		t.Errorf("%d risks in the library", len(all))
	}
	topics, samples := map[string]int{}, []string{}
	for _, h := range all {
		topics[h.Topic]++
		if h.Sample {
			samples = append(samples, h.ID)
		}
		if len(h.Checks) == 0 || len(h.Controls) == 0 || len(h.Impacts) == 0 {
			t.Errorf("%s has no check, no control or no impact", h.ID)
		}
		for _, c := range h.Checks {
			if !c.How.Complete() || c.Days() < 1 {
				t.Errorf("%s: a check does not say how and how often", h.ID)
			}
		}
		for _, b := range []interface{ Complete() bool }{h.Title, h.Cause, h.Effect, h.LikelihoodWhy, h.SeverityWhy, h.Treatment} {
			if !b.Complete() {
				t.Errorf("%s is not in both languages", h.ID)
			}
		}
	}
	for _, topic := range hazard.Topics {
		if topics[topic] == 0 {
			t.Errorf("nothing about %s", topic)
		}
	}
	if topics["bias"] < 3 || topics["wrong_decision"] < 3 {
		t.Errorf("bias %d, wrong decisions %d", topics["bias"], topics["wrong_decision"])
	}
	if got := strings.Join(samples, " "); got != "hz.bias-quality hz.context-manipulated" {
		t.Errorf("samples: %s", got)
	}
	if h, ok := l.Hazard("hz.drift"); !ok || h.Topic != "data" {
		t.Error("hz.drift is not found by its id")
	}
	if _, ok := l.Hazard("hz.none"); ok {
		t.Error("an entry that does not exist is found")
	}
}

// 001-60: every level of the matrix has a word and a meaning in both languages,
// severity for each of the four kinds of impact; 000-34: the method is in the tool.
func TestWordsOfTheMatrix(t *testing.T) {
	s := shipped(t).RiskScale()
	if len(s.Likelihood) != 5 || len(s.Severity) != 5 || len(s.Results) != 4 || len(s.Method) < 4 {
		t.Fatalf("%d, %d, %d levels, %d steps", len(s.Likelihood), len(s.Severity), len(s.Results), len(s.Method))
	}
	for i := range 5 {
		if !s.Likelihood[i].Word.Complete() || !s.Likelihood[i].Means.Complete() || !s.Severity[i].Word.Complete() {
			t.Errorf("level %d has no words", i+1)
		}
		for _, kind := range hazard.Impacts {
			if !s.Severity[i].Of[kind].Complete() {
				t.Errorf("severity %d says nothing about %s", i+1, kind)
			}
		}
	}
	if empty().RiskScale().Likelihood != nil {
		t.Error("a library without packs has levels")
	}
}

const oneHazard = `id: own-risks
kind: hazards
version: 1.0.0
as_of: 2026-11-22
title: {de: Eigene, en: Own}
items:
  - id: own.1
    topic: bias
    title: {de: T, en: T}
    cause: {de: C, en: C}
    effect: {de: E, en: E}
    impacts: [privacy]
    likelihood: 2
    likelihood_why: {de: W, en: W}
    severity: 2
    severity_why: {de: W, en: W}
    treatment: {de: B, en: B}
    checks: [{how: {de: H, en: H}, every: 30d}]
    controls: [law.1]
`

// An organisation adds entries of its own and replaces nothing; every planted
// mistake of a hazards pack is named.
func TestOwnHazardsAndTheirMistakes(t *testing.T) {
	base, err := Load(small().fs())
	if err != nil {
		t.Fatal(err)
	}
	own, err := base.Extend(fstestFS{"own.yaml": oneHazard}.fs())
	if err != nil {
		t.Fatal(err)
	}
	if len(own.Hazards()) != 1 || len(base.Hazards()) != 0 {
		t.Errorf("own has %d, base %d", len(own.Hazards()), len(base.Hazards()))
	}
	for name, x := range map[string]struct{ from, to, want string }{
		"topic":    {"topic: bias", "topic: magic", "no topic"},
		"impact":   {"[privacy]", "[image]", "no kind of impact"},
		"twice":    {"[privacy]", "[privacy, privacy]", "twice"},
		"level":    {"severity: 2", "severity: 6", "between 1 and 5"},
		"interval": {"every: 30d", "every: 400d", "1 to 366 days"},
		"hours":    {"every: 30d", "every: 30h", "1 to 366 days"},
		"clause":   {"[law.1]", "[law.9]", "law.9"},
		"language": {"title: {de: T, en: T}", "title: {de: T}", "title"},
		"no check": {"    checks: [{how: {de: H, en: H}, every: 30d}]\n", "", "checks"},
	} {
		if !strings.Contains(oneHazard, x.from) {
			t.Fatalf("%s: nothing to plant", name)
		}
		_, err := base.Extend(fstestFS{"own.yaml": strings.Replace(oneHazard, x.from, x.to, 1)}.fs())
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	scale := `scale: {likelihood: [], severity: [], results: [], method: []}
`
	if _, err := base.Extend(fstestFS{"own.yaml": oneHazard + scale}.fs()); err == nil || !strings.Contains(err.Error(), "5 levels") {
		t.Errorf("a scale without levels: %v", err)
	}
	l := shipped(t)
	if _, err := l.Extend(fstestFS{"own.yaml": strings.Replace(oneHazard, "[law.1]", "[iso42001.A.7.4]", 1) + scale}.fs()); err == nil || !strings.Contains(err.Error(), "exist already") {
		t.Errorf("a second scale: %v", err)
	}
}
