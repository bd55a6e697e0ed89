package packs

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"augenmass/internal/text"
)

// matching counts the clauses of a pack whose id matches.
func matching(l *Library, pack, expression string) (n int) {
	e := regexp.MustCompile("^" + expression + "$")
	for _, c := range l.Clauses(pack) {
		if e.MatchString(c.ID) {
			n++
		}
	}
	return n
}

// Rows 001-05, 001-64: the library holds what issue 4 names, in the published
// numbering and in the published number.
func TestCountsOfLawAndStandards(t *testing.T) {
	l := shipped(t)
	for name, c := range map[string]struct {
		pack, id string
		want     int
	}{
		"clauses 4 to 10 of 42001":       {"iso-42001", `iso42001\.\d+(\.\d+)*`, 43},
		"controls of 42001":              {"iso-42001", `iso42001\.A\.\d+(\.\d+)+`, 38},
		"objectives of 42001":            {"iso-42001", `iso42001\.A\.\d+`, 9},
		"6.1.1 to 6.1.4 apart":           {"iso-42001", `iso42001\.6\.1\.[1-4]`, 4},
		"A.7 data":                       {"iso-42001", `iso42001\.A\.7\.\d`, 5},
		"A.8 information":                {"iso-42001", `iso42001\.A\.8\.\d`, 4},
		"A.9 use":                        {"iso-42001", `iso42001\.A\.9\.\d`, 3},
		"A.10 third parties":             {"iso-42001", `iso42001\.A\.10\.\d`, 3},
		"27001 organisational":           {"other", `iso27001\.A\.5\.\d+`, 37},
		"27001 people":                   {"other", `iso27001\.A\.6\.\d+`, 8},
		"27001 physical":                 {"other", `iso27001\.A\.7\.\d+`, 14},
		"27001 technological":            {"other", `iso27001\.A\.8\.\d+`, 34},
		"system requirements of 62443":   {"iec-62443-3-3", `iec\.sr\.\d+\.\d+`, 51},
		"enhancements of 62443":          {"iec-62443-3-3", `iec\.sr\.\d+\.\d+\.re\d`, 49},
		"foundational requirements":      {"iec-62443-3-3", `iec\.fr\d`, 7},
		"SR of FR 1":                     {"iec-62443-3-3", `iec\.sr\.1\.\d+`, 13},
		"SR of FR 2":                     {"iec-62443-3-3", `iec\.sr\.2\.\d+`, 12},
		"SR of FR 3":                     {"iec-62443-3-3", `iec\.sr\.3\.\d+`, 9},
		"SR of FR 4":                     {"iec-62443-3-3", `iec\.sr\.4\.\d+`, 3},
		"SR of FR 5":                     {"iec-62443-3-3", `iec\.sr\.5\.\d+`, 4},
		"SR of FR 6":                     {"iec-62443-3-3", `iec\.sr\.6\.\d+`, 2},
		"SR of FR 7":                     {"iec-62443-3-3", `iec\.sr\.7\.\d+`, 8},
		"tenets of zero trust":           {"nist-800-207", `zt\.tenet\.\d`, 7},
		"DoD pillars":                    {"nist-800-207", `zt\.dod\.\d`, 7},
		"CISA pillars and what crosses":  {"nist-800-207", `zt\.cisa\.[a-z]+`, 8},
		"CISA stages":                    {"nist-800-207", `zt\.cisa\.stage\.\d`, 4},
		"CSF functions":                  {"nist-800-207", `csf\.[A-Z]{2}`, 6},
		"CSF categories":                 {"nist-800-207", `csf\.[A-Z]{2}\.[A-Z]{2}`, 22},
		"AI RMF functions":               {"other", `nist_ai_rmf\.(govern|map|measure|manage)`, 4},
		"AI RMF categories":              {"other", `nist_ai_rmf\.[a-z]+_\d`, 19},
		"shared clauses of 9001 and co.": {"other", `hs\.[\d.]+`, 21},
		"ALTAI":                          {"other", `altai\.\d`, 7},
		"prohibited practices":           {"eu-ai-act", `aia\.art5\.1\.[a-z]+`, 10},
		"areas of Annex III":             {"eu-ai-act", `aia\.annex3\.\d`, 8},
		"points of Annex III":            {"eu-ai-act", `aia\.annex3\.(2|\d\.[a-e])`, 25},
		"points of Annex IV":             {"eu-ai-act", `aia\.annex4\.\d`, 9},
		"Annex I A with one deleted":     {"eu-ai-act", `aia\.annex1\.a\.\d+`, 12},
		"Annex I B":                      {"eu-ai-act", `aia\.annex1\.b\.\d+`, 9},
		"Art. 6(1a) to (1c)":             {"eu-ai-act", `aia\.art6\.1[abc]`, 3},
		"Art. 6(3) with its letters":     {"eu-ai-act", `aia\.art6\.3(\.[a-d])?`, 5},
		"SME rule of the fines":          {"eu-ai-act", `aia\.fine\.99_6a?`, 2},
		"works constitution act":         {"gdpr-betrvg", `betrvg\..+`, 20},
		"criteria of WP 248":             {"gdpr-betrvg", `gdpr\.wp248\.\d`, 9},
		"requirements for zero trust":    {"zta", `zta\.(0\d|1[0-5])`, 15},
	} {
		if have := matching(l, c.pack, c.id); have != c.want {
			t.Errorf("%s: %d, want %d", name, have, c.want)
		}
	}
	if c, _ := l.Clause("aia.annex1.a.1"); c.Change != "deleted" {
		t.Errorf("Annex I A no. 1 is %q", c.Change)
	}
}

// Every article that issue 4 names has a clause; those on which duties rest say
// from which day.
func TestArticlesOfTheAIAct(t *testing.T) {
	l := shipped(t)
	articles := []int{4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 43, 49, 50, 72, 73, 99, 111}
	for _, n := range articles {
		ref := regexp.MustCompile(`Art\. ` + strconv.Itoa(n) + `\b`)
		found := slices.ContainsFunc(l.Clauses("eu-ai-act"), func(c Clause) bool { return ref.MatchString(c.Ref) })
		if !found {
			t.Errorf("Art. %d is missing", n)
		}
	}
	for _, c := range l.Clauses("eu-ai-act") {
		if len(c.Duty) > 0 && c.From.IsZero() {
			t.Errorf("%s is a duty of %v without a first day", c.ID, c.Duty)
		}
	}
}

// Row 001-64: prohibited practices stand in Article 5, not in an annex, and what
// Annex A of 42001 does not have is not there.
func TestPublishedNumberingOnly(t *testing.T) {
	l := shipped(t)
	for _, c := range l.Clauses("eu-ai-act") {
		if c.Group == "prohibited_practices" && !strings.HasPrefix(c.Ref, "Art. 5(1)") {
			t.Errorf("%s is cited as %q", c.ID, c.Ref)
		}
	}
	missing, _ := facts(t, "iso-42001.yaml")["not_existing"].([]any)
	if len(missing) < 10 {
		t.Fatalf("%d numbers that do not exist", len(missing))
	}
	for _, number := range missing {
		if _, ok := l.Clause("iso42001." + number.(string)); ok {
			t.Errorf("42001 has no %s", number)
		}
	}
}

// Rows 000-28, 001-05: each framework says what is assessed, once, and its areas
// are those of the text.
func TestFrameworksAssessTheirTextsWhole(t *testing.T) {
	l := shipped(t)
	heading := func(id string) bool { // 6.1 is assessed by 6.1.1 to 6.1.4
		_, ok := l.Clause(id + ".1")
		return ok
	}
	for id, c := range map[string]struct {
		pack, demands string
		want          int
	}{
		"iso-42001":     {"iso-42001", `iso42001\.(\d+\.[\d.]+|A\.\d+\.[\d.]+)`, 70},
		"iso-27001":     {"other", `iso27001\.A\.\d\.\d+`, 93},
		"iec-62443-3-3": {"iec-62443-3-3", `iec\.sr\..+`, 100},
		"nist-800-207":  {"nist-800-207", `zt\.tenet\.\d`, 7},
		"zta":           {"zta", `zta\.\d\d`, 15},
		"nist-csf-2":    {"nist-800-207", `csf\.[A-Z]{2}\.[A-Z]{2}`, 22},
		"dod-zta":       {"nist-800-207", `zt\.dod\.\d`, 7},
		"cisa-ztmm":     {"nist-800-207", `zt\.cisa\.[a-z]+`, 8},
		"nist-ai-rmf":   {"other", `nist_ai_rmf\.[a-z]+_\d`, 19},
		"iso-9001":      {"other", `iso9001\.\d+\.\d+`, 28},
		"hs":            {"other", `hs\.[\d.]+`, 21},
		"altai":         {"other", `altai\.\d`, 7},
	} {
		f, ok := l.Framework(id)
		if !ok {
			t.Errorf("framework %s is missing", id)
			continue
		}
		var demanded []string
		e := regexp.MustCompile("^" + c.demands + "$")
		for _, x := range l.Clauses(c.pack) {
			if e.MatchString(x.ID) && !(id == "iso-42001" && heading(x.ID)) {
				demanded = append(demanded, x.ID)
			}
		}
		if len(demanded) != c.want {
			t.Errorf("%s has %d demands, want %d", c.pack, len(demanded), c.want)
		}
		for _, it := range f.Items() {
			i := slices.Index(demanded, it.Clause)
			if i < 0 {
				t.Errorf("%s assesses %s, which is no demand of it or stands there twice", id, it.Clause)
				continue
			}
			demanded = slices.Delete(demanded, i, i+1)
		}
		if len(demanded) > 0 {
			t.Errorf("%s does not assess %v", id, demanded)
		}
	}
	seven := []string{"context", "leadership", "planning", "support", "operation", "evaluation", "improvement", "controls"}
	f, _ := l.Framework("iso-42001")
	var areas []string
	for _, a := range f.Areas {
		areas = append(areas, a.ID)
	}
	if !slices.Equal(areas, seven) || !f.SoA {
		t.Errorf("42001 is assessed in %v, statement of applicability %v", areas, f.SoA)
	}
	if f, ok := l.Framework("eu-ai-act"); !ok || f.SoA || len(f.Items()) < 30 {
		t.Errorf("the AI Act is assessed by %d demands", len(f.Items()))
	}
}

// Help, effort and evidence stand at every demand, in both languages; efforts
// are said to be our own; what is read more than once reads as a sentence.
func TestFrameworksHelpInBothLanguages(t *testing.T) {
	l := shipped(t)
	for _, f := range l.Frameworks() {
		if !f.Title.Complete() || !f.Notice.Complete() || f.Version == "" || f.AsOf.IsZero() || len(f.Areas) == 0 {
			t.Errorf("framework %s is not complete: %+v", f.ID, f)
		}
		if !strings.Contains(f.Notice.DE, "eigene") || !strings.Contains(f.Notice.EN, "own") {
			t.Errorf("framework %s does not say that efforts are our own: %s", f.ID, f.Notice.EN)
		}
		for _, it := range f.Items() {
			for _, lang := range text.Langs {
				if s := it.Plain.In(lang); len(s) < 20 || !strings.HasSuffix(s, ".") || strings.Contains(s, "!") {
					t.Errorf("%s of %s: help is %q", it.Clause, f.ID, s)
				}
			}
			if it.Days <= 0 {
				t.Errorf("%s of %s has no effort", it.Clause, f.ID)
			}
		}
	}
}

// Row 000-50 rests on mappings: the four texts that matter first are connected,
// and each mapping is marked as our own reading.
func TestMappingsConnectTheTexts(t *testing.T) {
	l := shipped(t)
	all := l.AllMappings()
	for _, m := range all {
		if m.Status == "" || !m.Reason.Complete() {
			t.Errorf("%s to %s: status %q", m.From, m.To, m.Status)
		}
	}
	for _, pair := range [][2]string{{"iso42001.", "aia."}, {"iso42001.", "iso27001."}, {"iso27001.", "iec."}, {"zta.", "iso42001."}, {"zta.", "iec."}} {
		n := 0
		for _, m := range all {
			a, b := strings.HasPrefix(m.From, pair[0]) && strings.HasPrefix(m.To, pair[1]), strings.HasPrefix(m.From, pair[1]) && strings.HasPrefix(m.To, pair[0])
			if a || b {
				n++
			}
		}
		if n == 0 {
			t.Errorf("no mapping between %s* and %s*", pair[0], pair[1])
		}
	}
}

// Templates and references are there, with the day on which each source was
// looked at.
func TestTemplatesAndReferencesShip(t *testing.T) {
	l := shipped(t)
	if len(l.Templates()) == 0 || len(l.References()) == 0 {
		t.Fatalf("%d templates, %d references", len(l.Templates()), len(l.References()))
	}
	for _, tpl := range l.Templates() {
		for _, lang := range text.Langs {
			doc, missing := tpl.Fill(lang, nil)
			if strings.Contains(doc, "{{") || len(missing) != len(tpl.Placeholders) || !strings.HasPrefix(doc, "#") {
				t.Errorf("%s in %s: %d of %d places are missing", tpl.ID, lang, len(missing), len(tpl.Placeholders))
			}
		}
		if len(tpl.Clauses) == 0 {
			t.Errorf("%s serves no clause", tpl.ID)
		}
	}
	for _, r := range l.References() {
		info := slices.IndexFunc(l.Packs(), func(i Info) bool { return i.ID == r.Pack })
		if r.Checked.After(l.Packs()[info].AsOf) {
			t.Errorf("%s was checked after the day of its pack", r.ID)
		}
	}
}
