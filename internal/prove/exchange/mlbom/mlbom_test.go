package mlbom_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/prove/exchange/exchangetest"
	"augenmass/internal/prove/exchange/mlbom"
	"augenmass/internal/record/store"
)

func full(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/full.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A bill of 1.6 gives its models with cards and its data sets, those within a model
// card too; everything else is counted.
func TestRead(t *testing.T) {
	for _, spec := range []string{"1.5", "1.6", "1.7"} {
		b, err := mlbom.Read("bom.json", []byte(strings.Replace(string(full(t)), `"1.6"`, `"`+spec+`"`, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Models) != 1 || len(b.Sets) != 2 || b.Others != 3 || b.Spec != spec {
			t.Fatalf("%s: %d models, %d sets, %d others", b.Spec, len(b.Models), len(b.Sets), b.Others)
		}
		m := b.Models[0].Doc
		if m.Name != "trim-scratches-v2" || m.Version != "2.3.0" || m.Hash != "sha256:"+strings.Repeat("0a", 32) || len(m.Card.Metrics) != 2 || m.Card.Metrics[1].Value != 91 ||
			m.Card.Limits.EN != "Not tested on matt surfaces.; Trims up to 40 cm." || m.Card.Data.DE != "Vendor images; Own images" {
			t.Errorf("%+v", m)
		}
		d := b.Sets[0].Doc
		if d.Name != "Vendor images" || d.Source != "https://kamera.example/data" || d.Licence != "CC-BY-4.0" || d.Class != "internal" || d.Personal != data.Unknown || !strings.HasSuffix(d.Origin, "#d1") {
			t.Errorf("%+v", d)
		}
		if own := b.Sets[1].Doc; own.Personal != data.Yes || len(own.Steps) != 0 {
			t.Errorf("%+v", own)
		}
		if len(b.Notes) != 2 {
			t.Errorf("%v", b.Notes)
		}
	}
}

// Each place that cannot be taken is named by its path, in both languages.
func TestErrorsByPath(t *testing.T) {
	all := string(full(t))
	for name, c := range map[string]struct{ data, path string }{
		"another format":        {strings.Replace(all, "CycloneDX", "SPDX", 1), "bomFormat"},
		"too old":               {strings.Replace(all, `"1.6"`, `"1.4"`, 1), "specVersion"},
		"a version to come":     {strings.Replace(all, `"1.6"`, `"9.9"`, 1), "specVersion"},
		"broken JSON":           {"{\n\"bomFormat\": ,", "line 2"},
		"no JSON":               {"", "line 1"},
		"no version":            {strings.Replace(all, `"version": "2.3.0"`, `"version": " "`, 1), "components.0.version"},
		"no name":               {strings.Replace(all, "Trim Scratches/v2", "//", 1), "components.0.name"},
		"no SHA-256":            {strings.Replace(all, "0A0a", "zz", 1), "components.0.hashes.1"},
		"a missing data set":    {strings.Replace(all, `{"ref": "d1"}`, `{"ref": "d9"}`, 1), "components.0.modelCard.modelParameters.datasets.0.ref"},
		"a model twice":         {strings.Replace(all, `{"type": "library", "name": "onnxruntime", "version": "1.20"}`, `{"type": "machine-learning-model", "name": "trim scratches v2", "version": "1"}`, 1), "components.2.name"},
		"a model within":        {strings.Replace(all, `"version": "1.20"}`, `"version": "1.20", "components": [{"type": "machine-learning-model", "name": "x"}]}`, 1), "components.2.components.0.version"},
		"neither model nor set": {`{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "x"}]}`, "components"},
		"a number for a text":   {strings.Replace(all, `"version": "2.3.0"`, `"version": 2`, 1), "components.version"},
	} {
		b, err := mlbom.Read("bom.json", []byte(c.data))
		p := problem.From(err)
		if p.Kind != problem.BadInput || !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Path == c.path && f.Say.Complete() }) || len(b.Models) != 0 {
			t.Errorf("%s: %v %+v", name, err, p.Fields)
		}
	}
	if _, err := mlbom.Read("bom.json", make([]byte, mlbom.MaxBytes+1)); !problem.Is(err, problem.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if !mlbom.Looks(full(t)) || mlbom.Looks([]byte(`{"a": 1}`)) || mlbom.Looks([]byte("id: x")) {
		t.Error("looks")
	}
}

// A bill is shown first and taken over whole; a second time nothing changes, and a
// new version changes what it says and nothing that people wrote.
func TestApply(t *testing.T) {
	h := exchangetest.Open(t)
	ctx := h.Ctx
	s := h.System("Prüfplatz")
	house := mlbom.House{DB: h.DB, Inventory: h.Inventory, Data: h.Data}
	read := func(raw string) mlbom.Bill {
		t.Helper()
		b, err := mlbom.Read("bom.json", []byte(raw))
		h.Must(err)
		return b
	}
	does := func(p mlbom.Plan) string {
		var out []string
		for _, l := range append(slices.Clone(p.Models), p.Sets...) {
			out = append(out, string(l.Does))
		}
		return strings.Join(out, " ")
	}
	bill := read(string(full(t)))
	for range 2 {
		p, err := mlbom.Compare(ctx, house, bill, s.ID)
		if err != nil || does(p) != "new new new" || p.Name != "Prüfplatz" {
			t.Fatalf("%+v %v", p, err)
		}
	}
	p, err := mlbom.Apply(ctx, house, bill, s.ID)
	if err != nil || does(p) != "new new new" {
		t.Fatalf("%+v %v", p, err)
	}
	if p, err = mlbom.Apply(ctx, house, bill, s.ID); err != nil || does(p) != "unchanged unchanged unchanged" {
		t.Errorf("again: %+v %v", p, err)
	}
	m, err := h.Inventory.ModelByName(ctx, h.DB, "trim-scratches-v2")
	h.Must(err)
	h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
		m.Doc.Card.Limits.DE = "Von Hand."
		_, err := h.Inventory.Models.Update(ctx, tx, m.ID, m.Revision, m.Doc)
		return err
	}))
	next := read(strings.Replace(string(full(t)), `"2.3.0"`, `"2.4.0"`, 1))
	if p, err = mlbom.Apply(ctx, house, next, s.ID); err != nil || does(p) != "changed unchanged unchanged" {
		t.Errorf("the next version: %+v %v", p, err)
	}
	m, err = h.Inventory.ModelByName(ctx, h.DB, "trim-scratches-v2")
	if err != nil || m.Doc.Version != "2.4.0" || m.Doc.Card.Limits.DE != "Von Hand." {
		t.Errorf("%+v %v", m.Doc, err)
	}
	sets, err := h.Data.Of(ctx, h.DB, s.ID)
	if err != nil || len(sets) != 2 {
		t.Errorf("%d sets, %v", len(sets), err)
	}
}

// What cannot be taken whole is not taken at all.
func TestNothingIsHalfImported(t *testing.T) {
	h := exchangetest.Open(t)
	ctx := h.Ctx
	other, s := h.System("Anderes"), h.System("Prüfplatz")
	h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Inventory.Models.Create(ctx, tx, inventory.Model{System: other.ID, Name: "trim-scratches-v2", Version: "1"})
		return err
	}))
	b, err := mlbom.Read("bom.json", full(t))
	h.Must(err)
	house := mlbom.House{DB: h.DB, Inventory: h.Inventory, Data: h.Data}
	_, err = mlbom.Apply(ctx, house, b, s.ID)
	if p := problem.From(err); p.Kind != problem.BadInput || p.Fields[0].Path != "components.0.name" {
		t.Errorf("%v", err)
	}
	if _, err := mlbom.Apply(ctx, house, b, "sys_none"); !problem.Is(err, problem.NotFound) {
		t.Errorf("for nothing: %v", err)
	}
	if sets, err := h.Data.Of(ctx, h.DB, s.ID); err != nil || len(sets) != 0 {
		t.Errorf("half a bill: %d sets, %v", len(sets), err)
	}
	if _, err := mlbom.Apply(h.As("worker"), house, b, s.ID); err == nil {
		t.Error("a worker imports")
	}
}

// Whatever comes in is refused with a sentence or gives models and data sets that
// the register takes.
func FuzzRead(f *testing.F) {
	f.Add(full(f))
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"data","name":"x","data":[{}]}]}`))
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.7","components":[{"type":"machine-learning-model","name":"x","version":"1","modelCard":{"modelParameters":{"datasets":[{}]}}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := mlbom.Read("f", raw)
		if err != nil {
			if k := problem.From(err).Kind; k != problem.BadInput && k != problem.TooLarge {
				t.Fatal(err)
			}
			return
		}
		for _, m := range b.Models {
			if err := m.Doc.Validate(); err != nil {
				t.Fatalf("%+v: %v", m.Doc, err)
			}
		}
		for _, s := range b.Sets {
			if err := s.Doc.Validate(); err != nil || s.Doc.Name == "" {
				t.Fatalf("%+v: %v", s.Doc, err)
			}
		}
		if fmt.Sprint(b) == "" {
			t.Fatal("empty")
		}
	})
}
