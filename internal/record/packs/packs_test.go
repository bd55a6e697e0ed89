package packs

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"augenmass/internal/problem"
	"augenmass/internal/text"
	"augenmass/knowledge"

	"github.com/goccy/go-yaml"
)

// library is the shipped packs, loaded once for all tests.
var library = sync.OnceValues(func() (*Library, error) { return Load(knowledge.Packs) })

func shipped(t testing.TB) *Library {
	t.Helper()
	l, err := library()
	if err != nil {
		var p *problem.Problem
		if errors.As(err, &p) {
			for _, f := range p.Fields {
				t.Errorf("%s: %s", f.Path, f.Say.EN)
			}
		}
		t.Fatal("the shipped packs do not load")
	}
	return l
}

func TestShippedPacksLoad(t *testing.T) {
	l := shipped(t)
	want := map[string]struct {
		kind         Kind
		items, cases int
	}{
		"eu-ai-act":        {Law, 392, 0},
		"gdpr-betrvg":      {Law, 102, 0},
		"iso-42001":        {Standard, 120, 0},
		"iec-62443-3-3":    {Standard, 122, 0},
		"nist-800-207":     {Standard, 89, 0},
		"other":            {Standard, 235, 0},
		"zta":              {Requirements, 15, 0},
		"citations":        {Citations, 63, 0},
		"identification":   {Questionnaires, 17, 40},
		"readiness":        {Questionnaires, 30, 10},
		"ai-act-role":      {Rules, 15, 20},
		"ai-act-class":     {Rules, 50, 120},
		"conformity-route": {Rules, 7, 13},
		"security-level":   {Rules, 9, 12},
		"policies":         {Policies, 1, 0},
		"profile":          {Standard, 47, 0},
		"risk-library":     {HazardLists, 30, 0},
		"fria-duty":        {Rules, 12, 40},
		"dpia-duty":        {Rules, 10, 20},
		"impact":           {InterviewKind, 70, 20},
	}
	have := l.Packs()
	if !slices.IsSortedFunc(have, func(a, b Info) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Error("packs are not sorted by id")
	}
	for _, i := range have {
		w, ok := want[i.ID]
		if i.Kind == Frameworks || i.Kind == Mappings || i.Kind == Templates || i.Kind == References || i.Kind == Software || i.Kind == Drafts { // counts_test.go and stock_test.go hold them
			w, ok = struct {
				kind         Kind
				items, cases int
			}{i.Kind, 1, 0}, true
		}
		if !ok {
			t.Errorf("pack %s is not expected", i.ID)
			continue
		}
		exact := i.Kind == Law || i.Kind == Standard || i.Kind == Requirements || i.Kind == Questionnaires
		if i.Kind != w.kind || i.Items < w.items || exact && i.Items != w.items || i.Cases < w.cases {
			t.Errorf("pack %s is %s with %d items and %d cases, want %s, %d, at least %d", i.ID, i.Kind, i.Items, i.Cases, w.kind, w.items, w.cases)
		}
		if !i.Title.Complete() || !i.Licence.Complete() || i.AsOf.IsZero() || i.Version == "" || len(i.Languages) != 2 {
			t.Errorf("the head of pack %s is not complete: %+v", i.ID, i)
		}
		delete(want, i.ID)
	}
	for id := range want {
		t.Errorf("pack %s is missing", id)
	}
}

func TestCountsOfTheStandards(t *testing.T) {
	l := shipped(t)
	count := func(pack string, keep func(Clause) bool) (n int) {
		for _, c := range l.Clauses(pack) {
			if keep(c) {
				n++
			}
		}
		return n
	}
	enhancement := regexp.MustCompile(`^iec\.sr\.\d+\.\d+\.re\d$`)
	requirement := regexp.MustCompile(`^iec\.sr\.\d+\.\d+$`)
	level := func(sl int) func(Clause) bool {
		return func(c Clause) bool { return slices.Contains(c.Levels, sl) }
	}
	for name, c := range map[string]struct{ have, want int }{
		"controls of 42001":      {count("iso-42001", func(c Clause) bool { return c.Group == "controls" }), 38},
		"system requirements":    {count("iec-62443-3-3", func(c Clause) bool { return requirement.MatchString(c.ID) }), 51},
		"enhancements":           {count("iec-62443-3-3", func(c Clause) bool { return enhancement.MatchString(c.ID) }), 49},
		"requirements at SL 1":   {count("iec-62443-3-3", level(1)), 37},
		"requirements at SL 2":   {count("iec-62443-3-3", level(2)), 60},
		"requirements at SL 3":   {count("iec-62443-3-3", level(3)), 90},
		"requirements at SL 4":   {count("iec-62443-3-3", level(4)), 100},
		"unconfirmed levels":     {count("iec-62443-3-3", func(c Clause) bool { return c.LevelsStatus == Unconfirmed }), 100},
		"prohibited practices":   {count("eu-ai-act", func(c Clause) bool { return c.Group == "prohibited_practices" }), 10},
		"points of Annex III":    {count("eu-ai-act", func(c Clause) bool { return c.Group == "annex_3" && c.Parent != "" }), 25 - 1},
		"tenets":                 {count("nist-800-207", func(c Clause) bool { return c.Group == "tenets" }), 7},
		"CSF categories":         {count("nist-800-207", func(c Clause) bool { return c.Group == "nist_csf_2" && c.Parent != "" }), 22},
		"controls of 27001":      {count("other", func(c Clause) bool { return strings.HasPrefix(c.ID, "iso27001.A.") }), 93},
		"zero trust requirement": {len(l.Requirements("zta")), 15},
	} {
		if c.have != c.want {
			t.Errorf("%s: %d, want %d", name, c.have, c.want)
		}
	}
	if l.Requirements("unknown") != nil || l.Clauses("unknown") != nil {
		t.Error("an unknown pack has content")
	}
}

func TestEveryClauseReadsInBothLanguages(t *testing.T) {
	l := shipped(t)
	for _, i := range l.Packs() {
		for _, c := range l.Clauses(i.ID) {
			if !c.Title.Complete() || c.Text.IsZero() != !c.Text.Complete() || c.Note.IsZero() != !c.Note.Complete() {
				t.Errorf("%s is not complete in both languages", c.ID)
			}
			for _, lang := range text.Langs {
				if s := c.Short(lang); s == "" || strings.Contains(s, "  ") {
					t.Errorf("%s is cited as %q in %s", c.ID, s, lang)
				}
			}
			if c.Pack != i.ID || c.Ref == "" {
				t.Errorf("%s: pack %q, ref %q", c.ID, c.Pack, c.Ref)
			}
		}
	}
}

func TestGermanAndEnglishCitationsUseTheirOwnWords(t *testing.T) {
	l := shipped(t)
	german := regexp.MustCompile(`\b(Anhang|Nr\.|Satz|Abschnitt|bis|DSGVO|KI-VO|UAbs\.)`)
	english := regexp.MustCompile(`\b(Annex|no\.|sentence|clause|to|GDPR|AI Act|subpara\.)( |$)`)
	for _, i := range l.Packs() {
		for _, c := range l.Clauses(i.ID) {
			if s := c.Short(text.EN); german.MatchString(s) {
				t.Errorf("%s is cited in English as %q", c.ID, s)
			}
			if s := c.Short(text.DE); english.MatchString(s) && !strings.Contains(c.ID, "cisa") {
				t.Errorf("%s is cited in German as %q", c.ID, s)
			}
		}
	}
}

func TestShortCitations(t *testing.T) {
	l := shipped(t)
	for id, want := range map[string][2]string{
		"aia.art14.1":      {"KI-VO Art. 14(1)", "AI Act Art. 14(1)"},
		"aia.annex3.4.b":   {"KI-VO Anhang III Nr. 4 b", "AI Act Annex III(4)(b)"},
		"aia.annex1.b.21":  {"KI-VO Anhang I B Nr. 21", "AI Act Annex I.B(21)"},
		"aia.de.kimig":     {"KI-MIG", "KI-MIG"},
		"iso42001.A.6.2.5": {"42001 A.6.2.5", "42001 A.6.2.5"},
		"zta.05":           {"ZTA-05", "ZTA-05"},
		"iec.sr.5.2":       {"IEC 62443 SR 5.2", "IEC 62443 SR 5.2"},
		"iec.sr.5.2.re1":   {"IEC 62443 SR 5.2 RE 1", "IEC 62443 SR 5.2 RE 1"},
		"iec.ccsc.4.2":     {"IEC 62443 Abschnitt 4.2", "IEC 62443 clause 4.2"},
		"betrvg.87.1.6":    {"BetrVG § 87(1) Nr. 6", "BetrVG § 87(1) no. 6"},
		"gdpr.35.1":        {"DSGVO Art. 35(1)", "GDPR Art. 35(1)"},
		"iso27001.A.5.15":  {"27001 A.5.15", "27001 A.5.15"},
		"zt.tenet.4":       {"NIST 800-207 Grundsatz 4", "NIST 800-207 tenet 4"},
		"csf.DE.CM":        {"NIST CSF 2.0 DE.CM", "NIST CSF 2.0 DE.CM"},
		"nis2.30":          {"BSIG § 30", "BSIG § 30"},
	} {
		c, ok := l.Clause(id)
		if !ok {
			t.Errorf("%s is missing", id)
			continue
		}
		if c.Short(text.DE) != want[0] || c.Short(text.EN) != want[1] {
			t.Errorf("%s is cited as %q and %q", id, c.Short(text.DE), c.Short(text.EN))
		}
	}
	if _, ok := l.Clause("aia.art999"); ok {
		t.Error("a clause that does not exist was found")
	}
}

func TestDatesOfTheLaw(t *testing.T) {
	l := shipped(t)
	c, _ := l.Clause("aia.art5.1.ba")
	if c.InForce(day("2026-12-01")) || !c.InForce(day("2026-12-02")) {
		t.Errorf("Art. 5(1)(ba) is in force from %v", c.From)
	}
	c, _ = l.Clause("aia.art14.1")
	if !c.From.Equal(day("2027-12-02")) || !c.FromAnnex1.Equal(day("2028-08-02")) {
		t.Errorf("Art. 14(1) applies from %v and %v", c.From, c.FromAnnex1)
	}
	c, _ = l.Clause("gdpr.33")
	if c.Deadline.Hours() != 72 {
		t.Errorf("GDPR Art. 33 has a deadline of %v", c.Deadline)
	}
	for id, status := range map[string]string{"aia.art6.5": Uncertain, "aia.art43.2": Interpretation, "aia.art72.1": Interpretation, "aia.de.kimig": SecondarySource} {
		if c, _ := l.Clause(id); c.Status != status {
			t.Errorf("%s has status %q, want %q", id, c.Status, status)
		}
	}
}

func TestRequirementsNameProofAndChecks(t *testing.T) {
	l := shipped(t)
	checks := map[string]float64{}
	for _, r := range l.Requirements("zta") {
		if !r.Title.Complete() || !r.Text.Complete() || !r.Proof.Complete() || len(r.Evidence) == 0 || len(r.Steps) < 2 || len(r.Refs) == 0 {
			t.Errorf("%s is not complete", r.ID)
		}
		for _, c := range r.Checks {
			checks[c.Name] = c.Min
			if c.Window.Hours() != 30*24 || !c.Say.Complete() {
				t.Errorf("check %s: %+v", c.Name, c)
			}
		}
		for _, th := range r.Thresholds {
			if !th.Own || !strings.Contains(th.Say.DE, "keine Norm") {
				t.Errorf("threshold %s of %s is not marked as our own", th.Name, r.ID)
			}
		}
		for _, ref := range r.RefsIfHigh {
			if slices.Contains(r.Refs, ref) || !strings.HasPrefix(ref, "aia.") {
				t.Errorf("%s: %s does not belong to the high-risk references", r.ID, ref)
			}
		}
	}
	want := map[string]float64{"policy.enforced": 1, "policy.context": 1, "audit.complete": 1, "audit.modelcard": 1, "oversight.coverage": 1, "oversight.closed": 0.95}
	if len(checks) != len(want) {
		t.Errorf("checks are %v", checks)
	}
	for name, least := range want {
		if have, ok := checks[name]; !ok || have != least {
			t.Errorf("check %s has min %v, want %v", name, have, least)
		}
	}
}

func TestPoliciesAreCarried(t *testing.T) {
	l := shipped(t)
	if len(l.Policies()) == 0 {
		t.Fatal("no policies")
	}
	for _, p := range l.Policies() {
		if !strings.HasSuffix(p.Name, ".cedar") || strings.Contains(p.Name, "/") || p.Text == "" {
			t.Errorf("policy file %q", p.Name)
		}
	}
}

// facts reads the fact base beside the project, which the packs were made from.
func facts(t *testing.T, file string) map[string]any {
	t.Helper()
	dir, given := os.LookupEnv("AUGENMASS_SHARED")
	if !given {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(dir, "facts", file))
	if err != nil {
		if given && os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the fact base is not there: ", err)
	}
	var m map[string]any
	if err := yaml.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// walk visits every item that has an id and titles.
func walk(x any, visit func(map[string]any)) {
	switch x := x.(type) {
	case map[string]any:
		if _, ok := x["id"].(string); ok && x["title_de"] != nil {
			visit(x)
		}
		for _, v := range x {
			walk(v, visit)
		}
	case []any:
		for _, v := range x {
			walk(v, visit)
		}
	}
}

func TestPacksSayWhatTheFactBaseSays(t *testing.T) {
	l := shipped(t)
	for _, file := range []string{"eu-ai-act.yaml", "iso-42001.yaml", "iec-62443-3-3.yaml", "nist-800-207.yaml", "gdpr-betrvg.yaml", "other.yaml"} {
		walk(facts(t, file), func(x map[string]any) {
			id := x["id"].(string)
			c, ok := l.Clause(id)
			if !ok {
				t.Errorf("%s of %s is in no pack", id, file)
				return
			}
			if c.Title.DE != x["title_de"] || c.Title.EN != x["title_en"] {
				t.Errorf("%s: title %v, facts say %v / %v", id, c.Title, x["title_de"], x["title_en"])
			}
			if want, ok := x["text_de"].(string); ok && (c.Text.DE != want || c.Text.EN != x["text_en"]) {
				t.Errorf("%s: text %v, facts say %v / %v", id, c.Text, want, x["text_en"])
			}
			if s, ok := x["status"].(string); ok && c.Status != s {
				t.Errorf("%s: status %q, facts say %q", id, c.Status, s)
			}
			if s, ok := x["applies_from"].(string); ok && c.From.Format("2006-01-02") != s[:10] {
				t.Errorf("%s: from %v, facts say %s", id, c.From, s)
			}
			if s, ok := x["omnibus"].(string); ok && c.Change != s {
				t.Errorf("%s: change %q, facts say %q", id, c.Change, s)
			}
		})
	}
}

func TestRequirementsCiteTheCorrectedClauses(t *testing.T) {
	l := shipped(t)
	have := map[string]Requirement{}
	for _, r := range l.Requirements("zta") {
		have[r.ID] = r
	}
	catalogue := facts(t, "zta-catalog-review.yaml")["catalogue"].([]any)
	if len(catalogue) != 15 {
		t.Fatalf("%d requirements in the review", len(catalogue))
	}
	for _, x := range catalogue {
		m := x.(map[string]any)
		r := have[m["id"].(string)]
		want := map[string]bool{}
		for _, list := range []string{"corrected_keys", "only_if_high_risk"} {
			keys, _ := m[list].([]any)
			for _, k := range keys {
				want[k.(string)] = true
			}
		}
		got := map[string]bool{}
		for _, k := range append(slices.Clone(r.Refs), r.RefsIfHigh...) {
			got[k] = true
			if !want[k] {
				t.Errorf("%s cites %s, which the review does not name", r.ID, k)
			}
		}
		for k := range want {
			if !got[k] {
				t.Errorf("%s does not cite %s", r.ID, k)
			}
		}
	}
}

func TestAnOrganisationAddsPacksOfItsOwn(t *testing.T) {
	own := fstestFS{"own/house.yaml": `id: house
kind: standard
version: 1.0.0
as_of: 2026-11-21
title: {de: Hausregeln, en: House rules}
groups:
  - id: rules
    title: {de: Regeln, en: Rules}
    items:
      - id: house.1
        ref: '1'
        title: {de: Regel, en: Rule}
        related: [aia.art14.1]
`}
	l, err := Load(knowledge.Packs, own.fs())
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := l.Clause("house.1"); !ok || c.Short(text.DE) != "1" || c.Related[0] != "aia.art14.1" {
		t.Errorf("%+v, %v", c, ok)
	}
	own["own/again.yaml"] = strings.ReplaceAll(own["own/house.yaml"], "house", "zta")
	if _, err := Load(knowledge.Packs, own.fs()); !problem.Is(err, problem.BadInput) {
		t.Errorf("a pack that replaces a shipped one was accepted: %v", err)
	}
}

func TestUnreadableTreeIsUnavailable(t *testing.T) {
	if _, err := Load(brokenFS{}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("%v", err)
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(knowledge.Packs); err != nil {
			b.Fatal(err)
		}
	}
}
