package duty_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dayCase is one entry of testdata/days.yaml.
type dayCase struct {
	ID      string `yaml:"id"`
	Subject struct {
		Role         string   `yaml:"role"`
		Class        string   `yaml:"class"`
		Transparency string   `yaml:"transparency"`
		AnnexI       bool     `yaml:"annex_1"`
		Personal     bool     `yaml:"personal"`
		InService    string   `yaml:"in_service"`
		DutiesFrom   string   `yaml:"duties_from"`
		Ban          []string `yaml:"ban"`
		Elsewhere    []string `yaml:"elsewhere"`
	} `yaml:"subject"`
	Day    string   `yaml:"day"`
	Starts []string `yaml:"starts"`
	Ends   []string `yaml:"ends"`
}

// 000-08, 000-22: which duties begin and end on the days of the law, for which
// role and class; every day comes from the clauses.
func TestDutiesBeforeAndAfterEachDay(t *testing.T) {
	lib := governtest.Library(t)
	raw, err := os.ReadFile("testdata/days.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []dayCase
	if err := yaml.UnmarshalWithOptions(raw, &cases, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			s := duty.Subject{System: "sys_1", Role: c.Subject.Role, Class: c.Subject.Class, Transparency: c.Subject.Transparency, AnnexI: c.Subject.AnnexI,
				Personal: c.Subject.Personal, Ban: c.Subject.Ban, Elsewhere: c.Subject.Elsewhere, InServiceSince: day(t, c.Subject.InService), DutiesFrom: day(t, c.Subject.DutiesFrom)}
			at := day(t, c.Day)
			got := map[duty.What][]string{}
			for _, ch := range duty.Between(lib, s, at.AddDate(0, 0, -1), at) {
				got[ch.What] = append(got[ch.What], ch.Duty.Clause.ID)
				if !ch.Duty.Why.Complete() || strings.HasPrefix(ch.Duty.Why.DE, ".") {
					t.Errorf("%s does not say why: %v", ch.Duty.Clause.ID, ch.Duty.Why)
				}
			}
			slices.Sort(got[duty.Starts])
			slices.Sort(c.Starts)
			if !slices.Equal(got[duty.Starts], c.Starts) {
				t.Errorf("begins: %v\nwant:   %v", got[duty.Starts], c.Starts)
			}
			if !slices.Equal(got[duty.Ends], c.Ends) || len(got[duty.Differs]) > 0 {
				t.Errorf("ends %v, differs %v, want ends %v", got[duty.Ends], got[duty.Differs], c.Ends)
			}
		})
	}
}

// Moving the day back undoes what moving it on did.
func TestBetweenIsTheSameBackwards(t *testing.T) {
	lib := governtest.Library(t)
	s := duty.Subject{Role: "deployer", Class: "high"}
	from, to := day(t, "2024-01-01"), day(t, "2029-01-01")
	on, back := duty.Between(lib, s, from, to), duty.Between(lib, s, to, from)
	if len(on) == 0 || len(on) != len(back) {
		t.Fatalf("%d on, %d back", len(on), len(back))
	}
	for i := range on {
		if on[i].What != duty.Starts || back[i].What != duty.Ends || on[i].Duty.Clause.ID != back[i].Duty.Clause.ID {
			t.Errorf("%v against %v", on[i].What, back[i].What)
		}
	}
	if d := duty.Binding(duty.On(lib, s, from)); len(d) != 0 {
		t.Errorf("in 2024 %d duties bind", len(d))
	}
}

// 000-22: provider and deployer of the same high-risk system have different
// duties; whoever is both has both.
func TestRolesDiffer(t *testing.T) {
	lib := governtest.Library(t)
	at := day(t, "2028-01-01")
	ids := func(s duty.Subject) []string {
		var out []string
		for _, d := range duty.Binding(duty.On(lib, s, at)) {
			out = append(out, d.Clause.ID)
		}
		return out
	}
	provider, deployer := ids(duty.Subject{Role: "provider", Class: "high"}), ids(duty.Subject{Role: "deployer", Class: "high"})
	both := ids(duty.Subject{Role: "provider", AlsoDeployer: true, Class: "high"})
	for _, id := range provider {
		if slices.Contains(deployer, id) && id != "aia.art4.1" {
			t.Errorf("%s binds provider and deployer", id)
		}
		if !slices.Contains(both, id) {
			t.Errorf("%s is missing for who is both", id)
		}
	}
	if len(both) != len(provider)+len(deployer)-1 {
		t.Errorf("provider %d, deployer %d, both %d", len(provider), len(deployer), len(both))
	}
}

// 000-08: a system with personal data and one that rates people bring duties of
// data protection and works constitution, each with its reason.
func TestDataAndPeopleBringDuties(t *testing.T) {
	lib := governtest.Library(t)
	at := day(t, "2026-11-21")
	has := func(s duty.Subject, id string) bool {
		return slices.ContainsFunc(duty.On(lib, s, at), func(d duty.Duty) bool { return d.Clause.ID == id && d.State == duty.Running })
	}
	plain := duty.Subject{Role: "deployer", Class: "minimal"}
	for _, c := range []struct {
		s  duty.Subject
		id string
	}{{duty.Subject{Personal: true}, "gdpr.30"}, {duty.Subject{Special: true}, "gdpr.9"}, {duty.Subject{People: true}, "gdpr.22"}, {duty.Subject{People: true}, "betrvg.87.1.6"}} {
		c.s.Role, c.s.Class = plain.Role, plain.Class
		if has(plain, c.id) || !has(c.s, c.id) {
			t.Errorf("%s: without %v, with %v", c.id, has(plain, c.id), has(c.s, c.id))
		}
	}
}

// Every role and trigger that the packs name is known, so that no duty is lost by
// a word that nobody reads.
func TestWordsOfThePacksAreKnown(t *testing.T) {
	lib := governtest.Library(t)
	roles := []string{"provider", "deployer", "importer", "distributor", "authorised_representative", "product_manufacturer", duty.Controller, duty.Employer,
		"gpai_provider"} // providers of general-purpose models: outside of what the register asks
	triggers := []string{duty.ForAll, duty.ForTransparency, duty.ForHigh, duty.ForPersonal, duty.ForSpecial, duty.ForPeople}
	n := 0
	for _, p := range lib.Packs() {
		for _, c := range lib.Clauses(p.ID) {
			for _, role := range c.Duty {
				if !slices.Contains(roles, role) {
					t.Errorf("%s: unknown role %q", c.ID, role)
				}
			}
			if c.Risk != "" && !slices.Contains(triggers, c.Risk) {
				t.Errorf("%s: unknown trigger %q", c.ID, c.Risk)
			}
			if len(c.Duty) > 0 && c.Risk != "" {
				n++
			}
		}
	}
	if n < 80 {
		t.Errorf("%d duties", n)
	}
}

const swissPack = `id: own-ch
kind: law
version: 1.0.0
as_of: 2026-11-21
title: {de: Eigenes Paket Schweiz, en: Own pack Switzerland}
source: [own]
notice: {de: Nur zum Test., en: For the test only.}
groups:
  - id: duties
    title: {de: Pflichten, en: Duties}
    items:
      - id: own.ch.1
        ref: Art. 1
        title: {de: Meldung, en: Notice}
        from: 2026-01-01
        duty: [deployer]
        risk: all
        markets: [ch]
      - id: own.ch.2
        ref: Art. 2
        title: {de: Meldung für Lebensmittel, en: Notice for food}
        duty: [deployer]
        risk: all
        markets: [ch]
        sectors: [food]
`

// 000-16, 000-20: obligations of another market come as a pack, without a change
// of the program, and count for the systems that name the market.
func TestMarketsAndSectorsNarrow(t *testing.T) {
	lib, err := governtest.Library(t).Extend(fstest.MapFS{"own.yaml": {Data: []byte(swissPack)}})
	if err != nil {
		t.Fatal(err)
	}
	at := day(t, "2026-11-21")
	own := func(s duty.Subject) []string {
		s.Role, s.Class = "deployer", "minimal"
		var out []string
		for _, d := range duty.On(lib, s, at) {
			if d.Clause.Pack == "own-ch" {
				out = append(out, d.Clause.ID)
			}
		}
		return out
	}
	for _, c := range []struct {
		markets, sectors, want []string
	}{
		{nil, nil, nil},
		{[]string{"eu"}, []string{"food"}, nil},
		{[]string{"eu", "ch"}, nil, []string{"own.ch.1"}},
		{[]string{"ch"}, []string{"food"}, []string{"own.ch.1", "own.ch.2"}},
	} {
		if got := own(duty.Subject{Markets: c.markets, Sectors: c.sectors}); !slices.Equal(got, c.want) {
			t.Errorf("%v %v: %v, want %v", c.markets, c.sectors, got, c.want)
		}
	}
	if d := duty.On(lib, duty.Subject{Role: "deployer", Class: "minimal", Markets: []string{"ch"}}, day(t, "2025-12-31")); !slices.ContainsFunc(d, func(d duty.Duty) bool { return d.Clause.ID == "own.ch.1" && d.State == duty.Coming }) {
		t.Error("what begins later is not shown as to come")
	}
}

// The days worth moving to are those of the duties.
func TestDays(t *testing.T) {
	days := duty.Days(governtest.Library(t), []duty.Subject{{Role: "deployer", Class: "high"}, {Role: "deployer", Class: "high", AnnexI: true}})
	var got []string
	for _, d := range days {
		got = append(got, d.Format(time.DateOnly))
	}
	for _, want := range []string{"2025-02-02", "2027-12-02", "2028-08-02"} {
		if !slices.Contains(got, want) {
			t.Errorf("%v lacks %s", got, want)
		}
	}
	if !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
}
