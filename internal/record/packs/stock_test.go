package packs

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/record/packs/stock"
)

// wares is small with one pack of software and one of drafts.
func wares() fstestFS {
	all := small()
	all["sw.yaml"] = `id: sw-house
kind: software
version: 1.0.0
as_of: 2026-11-22
title: {de: Software, en: Software}
data:
  - {id: data.place, class: personal, name: {de: Ort, en: Place}, says: {de: Wo, en: Where}}
asks:
  - id: ask.what
    text: {de: 'Was ist {function}?', en: 'What is {function}?'}
items:
  - id: sw.one
    name: {de: Eins, en: One}
    area: office
    place: 1
    look: {de: Hier, en: Here}
    functions:
      - id: sw.one.a
        name: {de: A, en: A}
        does: {de: Tut, en: Does}
        label: ai
        sure: typical
        role: service
        affects: depends
        data: [data.place]
        clauses: [law.1]
        draft: drf.one
`
	all["drf.yaml"] = `id: drf-house
kind: drafts
version: 1.0.0
as_of: 2026-11-22
title: {de: Entwürfe, en: Drafts}
items:
  - id: drf.one
    title: {de: Eins, en: One}
    says: {de: Passt, en: Fits}
    operator: provider
    entry:
      name: {de: N, en: N}
      purpose: {de: P, en: P}
      use: {de: U, en: U}
      technology: {de: T, en: T}
      data_sources: [{de: D, en: D}]
      excluded: [{de: E, en: E}]
      origin: procured
      scope: [office]
      role_of_ai: service
      data_classes: [personal]
      people: true
      oversight: in_the_loop
      decider: {de: W, en: W}
      fallback: {de: F, en: F}
    data:
      - {kind: data.place, where: {de: Wohin, en: Where}, need: {de: Was, en: What}}
    warnings:
      - {say: {de: Achtung, en: Mind}, clauses: [law.2]}
    duties: [law.1]
    forecast:
      - {id: time, name: {de: Zeit, en: Time}, value: 70, unit: '%', grade: claim, source: {de: Wer, en: Who}}
`
	return all
}

// Rows 000-06, 003-45: what packs hold of software and drafts is found by its
// ids, and an organisation's own come on top.
func TestSoftwareAndDraftsAreFound(t *testing.T) {
	l, err := Load(wares().fs())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := l.Stock().Product("sw.one")
	f, known := p.Function("sw.one.a")
	if !ok || !known || f.Label != "ai" || f.Draft != "drf.one" || p.Pack != "sw-house" || len(l.Software()) != 1 {
		t.Errorf("%+v", p)
	}
	d, ok := l.Draft("drf.one")
	if !ok || !d.Entry.People || d.Forecast[0].Value != 70 || d.Data[0].Kind != "data.place" || !slices.Equal(d.Duties, []string{"law.1"}) || len(l.Drafts()) != 1 {
		t.Errorf("%+v", d)
	}
	own := fstestFS{"own.yaml": strings.NewReplacer("id: sw-house", "id: own", "sw.one", "sw.own", "data.place, class", "data.own, class", "ask.what", "ask.own").Replace(wares()["sw.yaml"])}
	more, err := l.Extend(own.fs())
	if err != nil {
		t.Fatal(err)
	}
	if len(more.Software()) != 2 || len(l.Software()) != 1 {
		t.Errorf("%d with own, %d without", len(more.Software()), len(l.Software()))
	}
	for _, i := range more.Packs() {
		if i.ID == "own" && i.Items != 3 {
			t.Errorf("%d items counted", i.Items)
		}
	}
}

// Every kind of defect of software and drafts is named with its file and line.
func TestPlantedDefectsOfSoftwareAndDraftsAreNamed(t *testing.T) {
	if _, err := Load(wares().fs()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]planted{
		"unknown area":              {"sw.yaml", "area: office", "area: garage", "sw.yaml:14", `"garage" is not one of`},
		"unknown label":             {"sw.yaml", "label: ai", "label: magic", "sw.yaml:21", `"magic" is not one of`},
		"surer than can be":         {"sw.yaml", "sure: typical", "sure: certain", "sw.yaml:22", `"certain" is not one of`},
		"unknown role":              {"sw.yaml", "role: service", "role: colleague", "sw.yaml:23", `"colleague" is not one of`},
		"unknown effect":            {"sw.yaml", "affects: depends", "affects: perhaps", "sw.yaml:24", `"perhaps" is not one of`},
		"unknown kind of data":      {"sw.yaml", "data: [data.place]", "data: [data.mood]", "sw.yaml:25", `no pack has the kind of data "data.mood"`},
		"a clause is no kind":       {"sw.yaml", "data: [data.place]", "data: [law.1]", "sw.yaml:25", `no pack has the kind of data "law.1"`},
		"no kind of data":           {"sw.yaml", "data: [data.place]", "data: []", "sw.yaml:18", "names no kind of data"},
		"unknown clause":            {"sw.yaml", "clauses: [law.1]", "clauses: [law.9]", "sw.yaml:26", `no pack has the clause "law.9"`},
		"unknown draft":             {"sw.yaml", "draft: drf.one", "draft: drf.two", "sw.yaml:27", `no pack has the draft "drf.two"`},
		"function twice":            {"sw.yaml", "id: sw.one.a", "id: sw.one", "sw.yaml:18", `id "sw.one" exists already`},
		"unknown class of data":     {"sw.yaml", "class: personal", "class: secret", "sw.yaml:7", `"secret" is not one of`},
		"question without function": {"sw.yaml", "What is {function}?", "What is it?", "sw.yaml:9", "does not name the function"},
		"product in one language":   {"sw.yaml", "{de: Eins, en: One}", "{de: Eins}", "sw.yaml:13", "missing in English"},
		"no place":                  {"sw.yaml", "place: 1", "place: -1", "sw.yaml:12", "there is no place -1"},
		"unknown operator":          {"drf.yaml", "operator: provider", "operator: owner", "drf.yaml:10", `"owner" is not one of`},
		"unknown origin":            {"drf.yaml", "origin: procured", "origin: found", "drf.yaml:18", `"found" is not one of`},
		"unknown scope":             {"drf.yaml", "scope: [office]", "scope: [moon]", "drf.yaml:19", `"moon" is not one of`},
		"unknown oversight":         {"drf.yaml", "oversight: in_the_loop", "oversight: blind", "drf.yaml:23", `"blind" is not one of`},
		"unknown data of a draft":   {"drf.yaml", "kind: data.place", "kind: data.mood", "drf.yaml:27", `no pack has the kind of data "data.mood"`},
		"people without a warning":  {"drf.yaml", "    warnings:\n      - {say: {de: Achtung, en: Mind}, clauses: [law.2]}\n", "", "drf.yaml:7", "affects people and warns of nothing"},
		"warning without a clause":  {"drf.yaml", "clauses: [law.2]", "clauses: []", "drf.yaml:29", "cites no clause"},
		"personal without kinds":    {"drf.yaml", "    data:\n      - {kind: data.place, where: {de: Wohin, en: Where}, need: {de: Was, en: What}}\n", "", "drf.yaml:7", "does not say which"},
		"provider without duties":   {"drf.yaml", "    duties: [law.1]\n", "", "drf.yaml:7", "a provider has duties"},
		"unknown duty":              {"drf.yaml", "duties: [law.1]", "duties: [law.9]", "drf.yaml:30", `no pack has the clause "law.9"`},
		"measured in a draft":       {"drf.yaml", "grade: claim", "grade: measured", "drf.yaml:32", "is not measured"},
		"unknown grade":             {"drf.yaml", "grade: claim", "grade: hope", "drf.yaml:32", `"hope" is not one of`},
		"figure without a source":   {"drf.yaml", ", source: {de: Wer, en: Who}}", "}", "drf.yaml:32", `field "source" is missing`},
		"draft twice":               {"drf.yaml", "id: drf.one", "id: sw.one", "sw.yaml:12", `id "sw.one" exists already`},
	} {
		plant(t, name, wares(), c)
	}
}

// The shipped catalogue: at least thirty families in every area, every place of
// the walk, every function with its label (003-45, 003-47, 004-20); drafts for
// the cases that rows name.
func TestShippedSoftwareAndDrafts(t *testing.T) {
	l := shipped(t)
	all := l.Software()
	functions, areas, places := 0, map[string]bool{}, map[int]bool{}
	for _, p := range all {
		areas[p.Area], places[p.Place] = true, true
		functions += len(p.Functions)
	}
	if len(all) < 30 || functions < 60 || len(areas) != len(stock.Areas) {
		t.Errorf("%d families, %d functions, %d areas", len(all), functions, len(areas))
	}
	q, _ := l.Questionnaire("identification")
	for i := range q.Places {
		if !places[i+1] {
			t.Errorf("no software at place %d", i+1)
		}
	}
	for _, id := range []string{"sw.crm.lead", "sw.applicants.rank", "sw.contact.bot"} { // row 004-20
		if !slices.ContainsFunc(all, func(p stock.Product) bool { _, ok := p.Function(id); return ok && p.Deep }) {
			t.Errorf("%s is not named as deeply embedded", id)
		}
	}
	if phone, _ := l.Draft("drf.smartphone"); len(phone.Data) < 12 { // row 003-07
		t.Errorf("%d kinds of data leave a phone", len(phone.Data))
	}
	if car, _ := l.Draft("drf.vehicle"); len(car.Rights) < 3 || !slices.ContainsFunc(car.Data, func(u stock.DataUse) bool { return u.Kind == "data.driver" }) { // row 003-08
		t.Errorf("%+v", car.Data)
	}
	if p, _ := l.Draft("drf.product"); p.Operator != "provider" || len(p.Duties) < 5 { // row 003-10
		t.Errorf("%+v", p.Duties)
	}
	if i, _ := l.Draft("drf.invoice"); len(i.Forecast) != 1 || i.Forecast[0].Value != 70 || i.Forecast[0].Grade != "claim" { // row 003-20
		t.Errorf("%+v", i.Forecast)
	}
	if b, _ := l.Draft("drf.customer-bot"); b.Notice.IsZero() || b.Handover.IsZero() { // row 003-22
		t.Error("the bot has no notice or no hand-over")
	}
}
