package ownpack_test

import (
	"io/fs"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/ownpack"
	"augenmass/internal/record/packs"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var shipped = sync.OnceValues(func() (*packs.Library, error) {
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		return nil, err
	}
	return packs.Load(tree)
})

// law is a law that only this organisation has to keep (000-16).
const law = `id: own-seilbahn
kind: law
version: 1.0.0
as_of: 2026-11-01
title: {de: Seilbahnordnung, en: Cableway order}
source: [Kreisblatt 12/2026]
cite:
  own-sbo: {de: SBO, en: SBO}
groups:
  - id: duties
    title: {de: Pflichten, en: Duties}
    items:
      - id: own-sbo.1
        ref: § 1
        title: {de: Der Betreiber meldet jedes KI-System der Aufsicht., en: The operator reports every AI system to the authority.}
        from: 2026-12-01
        duty: [deployer]
        markets: [de]
        sectors: [cableway]
        related: [aia.art14.1]
      - id: own-sbo.2
        ref: § 2
        title: {de: Ausnahmen, en: Exceptions}
`

// templates is a proven template of the organisation (000-44).
const templates = `id: own-vorlagen
kind: templates
version: 2.1.0
as_of: 2026-10-01
title: {de: Unsere Vorlagen, en: Our templates}
items:
  - id: own-tpl.schicht
    title: {de: Schichtanweisung, en: Shift instruction}
    purpose: {de: "Sagt der Schicht, was das System darf.", en: Tells the shift what the system may do.}
    version: 1.2.0
    clauses: [aia.art14.1]
    body:
      de: "Das System {{system}} gilt für {{linie}}."
      en: "The system {{system}} covers {{linie}}."
    placeholders:
      - name: system
        say: {de: Name des Systems, en: Name of the system}
      - name: linie
        say: {de: Linie, en: Line}
`

func shelf(t *testing.T) *packs.Library {
	t.Helper()
	lib, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// An own law stands beside the shipped ones, with markets and sectors, and no
// program was changed (000-16).
func TestAnOwnLawStandsBesideTheShippedOnes(t *testing.T) {
	d, err := ownpack.Read("seilbahn.yaml", []byte(law))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := catalogue.Check(shelf(t), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, ok := lib.Clause("own-sbo.1")
	if !ok || c.Short(text.DE) != "SBO § 1" || len(c.Duty) != 1 || c.Markets[0] != "de" || c.Sectors[0] != "cableway" {
		t.Errorf("%+v", c)
	}
	if p := d.Packs[0]; p.Items != 2 || p.Kind != packs.Law || d.Format != catalogue.Pack || d.URN != "own-seilbahn" || d.Version != "1.0.0" || d.Name.EN != "Cableway order" {
		t.Errorf("%+v", d)
	}
	if _, ok := shelf(t).Clause("own-sbo.1"); ok {
		t.Error("the shipped library was changed")
	}
}

// An own template with placeholders is filled as a shipped one is (000-44).
func TestAnOwnTemplateIsFilled(t *testing.T) {
	d, err := ownpack.Read("vorlagen.yaml", []byte(templates))
	if err != nil {
		t.Fatal(err)
	}
	lib, err := catalogue.Check(shelf(t), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	tpl, ok := lib.Template("own-tpl.schicht")
	if !ok {
		t.Fatal("no template")
	}
	doc, missing := tpl.Fill(text.DE, map[string]string{"system": "Fräse"})
	if !strings.Contains(doc, "Das System Fräse gilt") || len(missing) != 1 || missing[0] != "linie" {
		t.Errorf("%q %v", doc, missing)
	}
}

// What is wrong is named by file and line, whether it is the reading or the
// loader that finds it.
func TestDefectsAreNamedByFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ in, old, new, path, say string }{
		"foreign id":         {law, "id: own-sbo.2", "id: sbo.2", "p.yaml:21", "own ids begin with"},
		"foreign pack id":    {law, "id: own-seilbahn", "id: seilbahn", "p.yaml:1", "own ids begin with"},
		"shipped clause":     {law, "id: own-sbo.2", "id: aia.art14.1", "p.yaml:21", "own ids begin with"},
		"kind not possible":  {law, "kind: law", "kind: policies", "p.yaml:2", "cannot be imported"},
		"id twice":           {law, "id: own-sbo.2", "id: own-sbo.1", "p.yaml:21", "exists already"},
		"unknown reference":  {law, "related: [aia.art14.1]", "related: [aia.art99.9]", "p.yaml:20", "no pack has the clause"},
		"missing English":    {law, "{de: Ausnahmen, en: Exceptions}", "{de: Ausnahmen}", "p.yaml:23", "missing in English"},
		"no date":            {law, "from: 2026-12-01", "from: bald", "p.yaml:16", "is not a date"},
		"unknown field":      {law, "ref: § 2", "reff: § 2", "p.yaml:22", `unknown field "reff"`},
		"undeclared place":   {templates, "gilt für {{linie}}", "gilt für {{halle}}", "p.yaml:7", "placeholder"},
		"foreign template":   {templates, "id: own-tpl.schicht", "id: tpl.schicht", "p.yaml:7", "own ids begin with"},
		"unknown clause":     {templates, "clauses: [aia.art14.1]", "clauses: [own-nichts.1]", "p.yaml:11", "no pack has the clause"},
		"nesting":            {law, "source: [Kreisblatt 12/2026]", "source: " + strings.Repeat("[", 500), "p.yaml:6", "nested deeper"},
		"references (alias)": {law, "source: [Kreisblatt 12/2026]", "source: *a", "p.yaml:6", ""},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(c.in, c.old, c.new, 1)
			if data == c.in {
				t.Fatal("nothing was planted")
			}
			d, err := ownpack.Read("p.yaml", []byte(data))
			if err == nil {
				_, err = catalogue.Check(shelf(t), d, nil)
			}
			p := problem.From(err)
			if err == nil || p.Kind != problem.BadInput {
				t.Fatalf("accepted: %v", err)
			}
			for _, f := range p.Fields {
				if f.Path == c.path && strings.Contains(f.Say.EN, c.say) && f.Say.DE != "" {
					return
				}
			}
			t.Errorf("want %s %q, have %v", c.path, c.say, p.Fields)
		})
	}
}

// Whatever the bytes are: no crash, no hang, a sentence in both languages.
func FuzzRead(f *testing.F) {
	f.Add(law)
	f.Add(templates)
	f.Add("id: own-x\nkind: mapping\nitems: [{from: a, to: b}]\n")
	f.Add("id: own-x\nkind: framework\nframework: own-x\nareas: [{id: a, items: [{clause: iso42001.4.1}]}]\n")
	lib, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data string) {
		d, err := ownpack.Read("fuzz.yaml", []byte(data))
		if err == nil {
			_, err = catalogue.Check(lib, d, nil)
		}
		if err == nil {
			return
		}
		if p := problem.From(err); p.Kind != problem.BadInput && p.Kind != problem.TooLarge || !p.Say.Complete() {
			t.Fatalf("%v is not about the file", err)
		}
	})
}
