package exchange

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/prove/exchange/citation"
	"augenmass/internal/prove/exchange/doccheck"
	"augenmass/internal/prove/exchange/encoding"
)

// review is the independent check of the first customer's references.
type review struct {
	Counts struct {
		Catalogue map[citation.Judgement]int `yaml:"catalogue"`
	} `yaml:"counts"`
	Catalogue []struct {
		Ref        string `yaml:"ref"`
		References []struct {
			ID      string             `yaml:"id"`
			Cited   string             `yaml:"cited"`
			Verdict citation.Judgement `yaml:"verdict"`
		} `yaml:"references"`
	} `yaml:"catalogue"`
	Framework []struct {
		ID      string             `yaml:"id"`
		Cited   string             `yaml:"cited"`
		Verdict citation.Judgement `yaml:"verdict"`
	} `yaml:"governance_framework"`
}

func reviewed(t *testing.T) review {
	t.Helper()
	var r review
	if err := yaml.Unmarshal(shared(t, "facts", "zta-catalog-review.yaml"), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// Rows 001-18, 001-64, 001-73: the catalogue of the first customer, as it was
// received, is fifteen requirements with six fields; its encoding is repaired,
// the verdict on each of its 44 references is that of the review, and the
// document's contradictions, placeholders and remarks are named.
func TestFirstCustomer(t *testing.T) {
	raw := shared(t, "data", "user-catalogue", "catalogue-as-received.txt")
	decoded, err := encoding.Decode(raw)
	if err != nil || decoded.S != string(shared(t, "data", "user-catalogue", "catalogue-decoded.md")) || decoded.Misread != encoding.MacRoman {
		t.Errorf("encoding: %s, %d places, %v", decoded.Misread, decoded.Repaired, err)
	}
	res := read(t, "catalogue-as-received.txt", raw)
	if !res.OK() || res.Rows != 15 || len(res.Notes) != 1 {
		t.Fatalf("%d rows, %+v, %+v", res.Rows, res.Errors, res.Notes)
	}
	for i, r := range res.Requirements {
		for _, f := range Fields {
			if r.Of(f) == "" {
				t.Errorf("%s has no %s", r.ID, f)
			}
		}
		if want := "zta." + strings.TrimPrefix(r.ID, "ZTA-"); r.About != want || r.Status != Open {
			t.Errorf("row %d: %s is about %s, %s", i, r.ID, r.About, r.Status)
		}
	}
	want := reviewed(t)
	got := verdicts(res)
	n := 0
	for _, w := range want.Catalogue {
		if len(got[w.Ref]) != len(w.References) {
			t.Errorf("%s: %d citations, want %d", w.Ref, len(got[w.Ref]), len(w.References))
			continue
		}
		for i, x := range w.References {
			if n++; got[w.Ref][i] != x.Verdict {
				t.Errorf("%s %s: %s, want %s", x.ID, x.Cited, got[w.Ref][i], x.Verdict)
			}
		}
	}
	if n != 44 {
		t.Errorf("%d references compared, want 44", n)
	}
	for _, v := range res.Cited {
		if v.Row >= 0 && v.Verdict != citation.Right && v.Correct.DE == "" {
			t.Errorf("nothing better beside %s", v.Cited.DE)
		}
	}
	kinds := map[doccheck.Kind]int{}
	for _, f := range res.Document {
		kinds[f.Kind]++
	}
	if kinds[doccheck.Versions] < 2 || kinds[doccheck.Placeholder] < 4 || kinds[doccheck.Conversation] < 5 || kinds[doccheck.Fragment] == 0 {
		t.Errorf("document: %v", kinds)
	}
	d, err := res.Draft(Adoption{File: "catalogue-as-received.txt", Raw: raw, AsOf: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalogue.Check(shipped(t), d, nil); err != nil {
		t.Errorf("the corrected catalogue does not load: %v", err)
	}
}

// Without the rules of the packs, by the corrected references alone, most of the
// verdicts are the same: the rules are exceptions, not a table of answers.
func TestGeneralRulesCarry(t *testing.T) {
	raw := shared(t, "data", "user-catalogue", "catalogue-as-received.txt")
	res := read(t, "catalogue-as-received.txt", raw)
	j := citation.NewJudge(shipped(t)).WithoutRules()
	same, n := 0, 0
	for _, w := range reviewed(t).Catalogue {
		i := slices.IndexFunc(res.Requirements, func(r Row) bool { return r.ID == w.Ref })
		all := j.List(res.Requirements[i].References, res.Requirements[i].About)
		for k, x := range w.References {
			if n++; all[k].Verdict == x.Verdict {
				same++
			}
		}
	}
	if n != 44 || same < 31 {
		t.Errorf("%d of %d verdicts by the general rules, want at least 31", same, n)
	}
}

// Row 001-64: in the customer's framework the wrong titles of A.7 to A.10 and
// the wrong annex of the prohibitions are found where they stand.
func TestFrameworkOfTheFirstCustomer(t *testing.T) {
	res := read(t, "catalogue-as-received.txt", shared(t, "data", "user-catalogue", "catalogue-as-received.txt"))
	// the points of the review that are citations in the text
	points := map[string]string{
		"gf.01": "aia.annex2", "gf.04": "aia.art9..aia.art15", "gf.08": "iso42001.A.5", "gf.09": "iso42001.A.5.5", "gf.11": "iso42001.A.3.2",
		"gf.12": "iso42001.A.7.3", "gf.13": "iso42001.A.8.2", "gf.14": "iso42001.A.5.4", "gf.15": "iso42001.A.10.1", "gf.16": "iec.sr.3.1",
		"gf.17": "iso42001.A.2.2", "gf.18": "iso42001.A.2.3", "gf.19": "iso42001.A.2.4", "gf.21": "iso42001.A.5.1..iso42001.A.5.5",
		"gf.22": "iso42001.A.6.1..iso42001.A.6.2.8", "gf.23": "iso42001.A.7.1..iso42001.A.7.5", "gf.25": "iso42001.A.8.1..iso42001.A.8.5",
		"gf.26": "iso42001.A.9.1..iso42001.A.9.3", "gf.27": "iso42001.A.10.1..iso42001.A.10.3", "gf.29": "iso42001.9.3",
	}
	found := 0
	for _, x := range reviewed(t).Framework {
		key, ok := points[x.ID]
		if !ok {
			continue
		}
		var got []citation.Judgement
		for _, v := range res.Cited {
			if v.Row < 0 && v.Key == key {
				got = append(got, v.Verdict)
			}
		}
		if !slices.Contains(got, x.Verdict) {
			t.Errorf("%s %s: %v, want %s", x.ID, x.Cited, got, x.Verdict)
		}
		found++
	}
	if found != len(points) {
		t.Errorf("%d points of the review, want %d", found, len(points))
	}
}
