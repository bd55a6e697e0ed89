package packs

import (
	"slices"
	"testing"

	talk "augenmass/internal/record/packs/interview"
)

// 001-47, 002-64, 002-67, 003-74: one interview for three results. Its 40 items of
// the combined question set are there, each says which clause it serves; it asks
// for the data basis, for personal data and for decisions without a human.
func TestImpactInterview(t *testing.T) {
	lib := shipped(t)
	v, ok := lib.Interview("impact")
	if !ok {
		t.Fatal("there is no impact interview")
	}
	combined := 0
	for _, it := range v.Items() {
		if len(it.ID) > 5 && it.ID[:5] == "fria-" {
			combined++
		}
		for _, id := range it.Clauses {
			if _, ok := lib.Clause(id); !ok {
				t.Errorf("%s: no clause %s", it.ID, id)
			}
		}
		if it.Fact == "" {
			continue
		}
		declared := false
		for _, res := range v.Results {
			rs, ok := lib.Rules(res.Rules)
			if !ok {
				continue
			}
			f, has := rs.Fact(it.Fact)
			declared = declared || has
			for _, o := range f.Options {
				if has && !slices.ContainsFunc(it.Options, func(w talk.Word) bool { return w.ID == o.ID }) {
					t.Errorf("%s lacks the option %s of fact %s", it.ID, o.ID, f.Name)
				}
			}
		}
		if !declared {
			t.Errorf("%s: no rule set has the fact %s", it.ID, it.Fact)
		}
	}
	if combined != 40 {
		t.Errorf("%d of 40 items of the combined question set", combined)
	}
	serves := func(clauses ...string) {
		for _, c := range clauses {
			if !slices.ContainsFunc(v.Items(), func(it talk.Item) bool { return slices.Contains(it.Clauses, c) }) {
				t.Errorf("no item serves %s", c)
			}
		}
	}
	serves("aia.art27.1.a", "aia.art27.1.b", "aia.art27.1.c", "aia.art27.1.d", "aia.art27.1.e", "aia.art27.1.f",
		"iso42001.6.1.4", "iso42001.8.4", "iso42001.A.5.2", "iso42001.A.5.3", "iso42001.A.5.4", "iso42001.A.5.5",
		"gdpr.35.7.a", "gdpr.35.7.b", "gdpr.35.7.c", "gdpr.35.7.d", "gdpr.35.2", "gdpr.35.9", "gdpr.22")
	if it, ok := v.Item("imp-data-kinds"); !ok || !it.Core {
		t.Error("the quick scan does not ask for the data basis (002-64)")
	}
	r, err := v.Read(talk.Full, map[string]talk.Given{"imp-personal": {Values: []string{talk.No}}, "imp-secrets": {Values: []string{talk.Yes}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range v.Items() {
		privacy := slices.ContainsFunc(it.Clauses, func(c string) bool { return c == "gdpr.22" || c == "gdpr.9" || c == "gdpr.35.2" || c == "gdpr.13" })
		if privacy && !r.Hidden[it.ID] {
			t.Errorf("without personal data %s is still asked (002-67)", it.ID)
		}
	}
	if !r.Counts("imp-secrets") || !r.Counts("imp-secrets-guard") {
		t.Error("without personal data trade secrets are not asked for any more (002-67)")
	}
	// 003-74: "decides alone" starts the questions on Art. 22.
	for value, want := range map[string]bool{"decide": true, "suggest": false} {
		r, err := v.Read(talk.Full, map[string]talk.Given{"imp-personal": {Values: []string{talk.Yes}}, "fria-a3": {Values: []string{value}},
			"art22-alone": {Values: []string{talk.No}}, "art22-followed": {Values: []string{talk.No}}})
		if err != nil || r.Counts("art22-person") != want {
			t.Errorf("%s: Art. 22 asked is %v, %v", value, r.Counts("art22-person"), err)
		}
	}
}

// 001-47: at least 40 cases for the duty of a fundamental rights impact assessment,
// 20 for that of a data protection impact assessment, each with source and day; the
// days before and after the change of 2026 differ.
func TestDutyCases(t *testing.T) {
	lib := shipped(t)
	for id, least := range map[string]int{"fria-duty": 40, "dpia-duty": 20} {
		rs, ok := lib.Rules(id)
		if !ok {
			t.Fatalf("no rule set %s", id)
		}
		if n := len(rs.Cases()); n < least {
			t.Errorf("%s: %d cases, want %d", id, n, least)
		}
		for _, c := range rs.Cases() {
			if len(c.Source) == 0 || c.At.IsZero() {
				t.Errorf("%s: case %s has no source or no day", id, c.ID)
			}
		}
	}
	rs, _ := lib.Rules("fria-duty")
	facts := map[string]any{"high_risk": true, "deployer": true, "areas": []string{"credit"}, "public": "neither", "in_use": false}
	for at, want := range map[string][2]string{"2026-07-26": {"coming", "2026-08-02"}, "2026-07-27": {"coming", "2027-12-02"}, "2027-12-02": {"owed", "2027-12-02"}} {
		out, err := rs.Decide(day(at), facts)
		if err != nil || out.Values["duty"] != want[0] || out.Values["from"] != want[1] {
			t.Errorf("%s: %v, %v", at, out.Values, err)
		}
	}
}
