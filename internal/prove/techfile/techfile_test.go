package techfile_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/risk"
	"augenmass/internal/prove/techfile"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

func shipped(t *testing.T) *packs.Library {
	t.Helper()
	tree, err := fs.Sub(knowledge.Packs, "packs")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := packs.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func system() techfile.Known {
	return techfile.Known{Organisation: "Werk", System: store.Object[inventory.System]{Meta: store.Meta{ID: "sys_1"}, Doc: inventory.System{Name: "Fräslinie"}}}
}

// whole is a system of which everything that the register asks for is known.
func whole() techfile.Known {
	k := system()
	k.Classification = &classify.Classification{Role: "provider", Class: "high", Level: 2, LevelKnown: true}
	d := &k.System.Doc
	d.Purpose, d.Use = text.Bi{DE: "Wartung planen", EN: "Plan maintenance"}, text.Bi{DE: "am Leitstand", EN: "at the control station"}
	d.Number, d.Technology, d.Origin, d.LifeCycle, d.Markets = "BE-1", "Baumensemble", "developed", inventory.Operation, []string{"de"}
	d.DataSources, d.Zones, d.Oversee.Mode, d.Oversee.Decider = []string{"Steuerung"}, []string{"fertigung"}, "in_the_loop", text.Same("Schichtleitung")
	k.Models = []store.Object[inventory.Model]{{Doc: inventory.Model{Name: "ausfall", Version: "1.2", Hash: "sha256:ab", Card: inventory.Card{Purpose: text.Same("Ausfall"), Data: text.Same("AI4I 2020"),
		Limits: text.Same("nur diese Linie"), Metrics: []inventory.Metric{{Name: "AUC", Value: 0.97, On: "Testteil"}}}}}}
	k.Risks = []store.Object[risk.Risk]{{Doc: risk.Risk{Name: "Falsche Vorhersage", Impacts: []risk.Impact{risk.Safety}, Treatment: risk.Reduce,
		Before: []risk.Rating{{Impact: risk.Safety, Likelihood: 3, Severity: 3}}, After: []risk.Rating{{Impact: risk.Safety, Likelihood: 2, Severity: 2}}}}}
	k.Metrics = []risk.Standing{{Metric: store.Object[risk.Metric]{Doc: risk.Metric{Name: "Trefferquote", What: "Stichprobe", Unit: "%", Direction: risk.AtLeast, Limit: 95.5, Days: 30, From: time.Unix(0, 0)}}}}
	return k
}

func point(t *testing.T, f techfile.File, clause string) techfile.Point {
	t.Helper()
	for _, g := range f.Groups {
		for _, p := range g.Points {
			if p.Clause == clause {
				return p
			}
		}
	}
	t.Fatalf("%s is not in %s", clause, f.Name)
	return techfile.Point{}
}

// 001-46, Annex IV: every point of the pack is in the document, whether anything is
// known or not; every gap says where it is filled in.
func TestTechnicalDocumentationHasEveryPoint(t *testing.T) {
	lib := shipped(t)
	for name, k := range map[string]techfile.Known{"nothing": system(), "whole": whole()} {
		f, err := techfile.Technical(k)
		if err != nil {
			t.Fatal(err)
		}
		if left := techfile.Untold(lib, "aia.annex4.", f); len(left) > 0 {
			t.Errorf("%s: no word about %v", name, left)
		}
		for _, p := range f.Gaps() {
			if !p.Where.Complete() || !strings.HasPrefix(p.Path, "/") {
				t.Errorf("%s: %s does not say where", name, p.Clause)
			}
		}
		for _, g := range f.Groups {
			for _, p := range g.Points {
				for _, l := range p.Lines {
					if !l.Complete() || strings.Contains(l.DE+l.EN, "⟦") || strings.Contains(l.DE+l.EN, "{") {
						t.Errorf("%s: %s says %q", name, p.Clause, l)
					}
				}
			}
		}
		full, partly, missing, all := f.Count()
		if full+partly+missing != all || all != 25 {
			t.Errorf("%s: %d + %d + %d of %d", name, full, partly, missing, all)
		}
		if name == "nothing" && full+partly != 0 {
			t.Errorf("nothing is known, and %d points are answered", full+partly)
		}
	}
}

// What is known is said, what only begins to be answered is not called answered,
// and another room settles a point with its own sentences.
func TestTechnicalDocumentationIsFilled(t *testing.T) {
	k := whole()
	f, err := techfile.Technical(k)
	if err != nil {
		t.Fatal(err)
	}
	for clause, want := range map[string]struct {
		state techfile.State
		says  string
	}{
		"aia.annex4.1.a": {techfile.Full, "Anbieter ist Werk."}, "aia.annex4.1.c": {techfile.Full, "Modell ausfall, Version 1.2."},
		"aia.annex4.1.f": {techfile.Missing, ""}, "aia.annex4.2.d": {techfile.Full, "AI4I 2020"}, "aia.annex4.2.e": {techfile.Full, "Schichtleitung"},
		"aia.annex4.2.g": {techfile.Partly, "AUC 0,970, gemessen an Testteil."}, "aia.annex4.2.h": {techfile.Partly, "SL-T 2"}, "aia.annex4.3": {techfile.Full, "mindestens 95,5 %, alle 30 Tage"},
		"aia.annex4.4": {techfile.Full, "Stichprobe"}, "aia.annex4.5": {techfile.Full, "Restrisiko niedrig"}, "aia.annex4.8": {techfile.Missing, ""},
	} {
		p := point(t, f, clause)
		said := ""
		for _, l := range p.Lines {
			said += l.DE + "\n"
		}
		if p.State != want.state || !strings.Contains(said, want.says) {
			t.Errorf("%s is %s: %s", clause, p.State, said)
		}
	}
	if !strings.Contains(f.Notes[0].EN, "Art. 11") || !strings.Contains(f.Notes[0].DE, "schuldet der Anbieter") {
		t.Errorf("who owes it: %v", f.Notes)
	}
	k.More = map[string][]text.Bi{"aia.annex4.8": {text.Bi{DE: "Erklärung vom 1. Oktober.", EN: "Declaration of 1 October."}}}
	k.Settled = map[string]bool{"aia.annex4.8": true}
	if f, err = techfile.Technical(k); err != nil || point(t, f, "aia.annex4.8").State != techfile.Full {
		t.Errorf("another room answered, and the point stays open: %v", err)
	}
	k.Classification.Role = "deployer"
	if f, err = techfile.Technical(k); err != nil || !strings.Contains(f.Notes[0].EN, "does not owe") {
		t.Errorf("a deployer owes it: %v %v", f.Notes, err)
	}
}

// 001-46, Annex VIII: the section follows role and class, has every point of the
// pack, and shows what the law deleted as deleted.
func TestRegistrationRecord(t *testing.T) {
	lib := shipped(t)
	for prefix, x := range map[string]struct{ role, class string }{"aia.annex8.a.": {"provider", "high"}, "aia.annex8.b.": {"provider", "minimal"}, "aia.annex8.c.": {"deployer", "high"}} {
		k := whole()
		k.Classification.Role, k.Classification.Class = x.role, x.class
		f, err := techfile.Registration(k)
		if err != nil {
			t.Fatal(err)
		}
		if left := techfile.Untold(lib, prefix, f); len(left) > 0 {
			t.Errorf("%s: no word about %v", prefix, left)
		}
		if !strings.Contains(f.Notes[0].EN, "Art. 49") {
			t.Errorf("%s: %v", prefix, f.Notes)
		}
	}
	k := whole()
	f, err := techfile.Registration(k)
	if err != nil {
		t.Fatal(err)
	}
	if p := point(t, f, "aia.annex8.a.5"); p.State != techfile.Full {
		t.Errorf("purpose: %+v", p)
	}
	if p := point(t, f, "aia.annex8.a.8"); p.State != techfile.Missing || p.Path == "" {
		t.Errorf("certificate: %+v", p)
	}
	if p := point(t, f, "aia.annex8.a.3"); p.State != techfile.Optional {
		t.Errorf("representative: %+v", p)
	}
	k.Classification.Class = "minimal"
	if f, err = techfile.Registration(k); err != nil || point(t, f, "aia.annex8.b.7").State != techfile.Deleted || point(t, f, "aia.annex8.b.9").State != techfile.Deleted {
		t.Errorf("what the law deleted is asked for: %v", err)
	}
}

// The card of a model and the sheet of a data set name what is missing.
func TestCardAndSheet(t *testing.T) {
	m := whole().Models[0]
	f, err := techfile.ModelCard("Fräslinie", m)
	if err != nil {
		t.Fatal(err)
	}
	full, _, missing, all := f.Count()
	if all != 7 || full != 5 || missing != 2 {
		t.Errorf("%d of %d, %d missing", full, all, missing)
	}
	f, err = techfile.DataSheet("Bilder", "/systems/sys_1/data", []techfile.Field{{Title: text.Same("Zweck"), Text: "Lernen"}, {Title: text.Same("Menge"), Text: " "}})
	if err != nil || len(f.Gaps()) != 1 || f.Gaps()[0].Path != "/systems/sys_1/data" {
		t.Errorf("sheet: %+v %v", f, err)
	}
}
