package packs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"augenmass/internal/record/packs"
	"augenmass/internal/text"
	"augenmass/knowledge"
)

var library = sync.OnceValues(func() (*packs.Library, error) { return packs.Load(knowledge.Packs) })

func shipped(t *testing.T) *packs.Library {
	t.Helper()
	l, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func frame(t *testing.T, id string) packs.Framework {
	t.Helper()
	f, ok := shipped(t).Framework(id)
	if !ok {
		t.Fatalf("framework %s is missing", id)
	}
	return f
}

// Row 001-05: the five texts of the normative basis, and the others, can be
// assessed; those with controls belong into the statement of applicability.
func TestTheNormativeBasisCanBeAssessed(t *testing.T) {
	var ids, soa []string
	for _, f := range shipped(t).Frameworks() {
		ids = append(ids, f.ID)
		if f.SoA {
			soa = append(soa, f.ID)
		}
	}
	slices.Sort(ids)
	slices.Sort(soa)
	if want := []string{"altai", "betrvg", "cisa-ztmm", "dod-zta", "eu-ai-act", "gdpr", "hs", "iec-62443-3-3", "iso-27001", "iso-42001", "iso-9001", "nist-800-207", "nist-ai-rmf", "nist-csf-2", "zta"}; !slices.Equal(ids, want) {
		t.Errorf("frameworks %v, want %v", ids, want)
	}
	if want := []string{"iec-62443-3-3", "iso-27001", "iso-42001"}; !slices.Equal(soa, want) {
		t.Errorf("statement of applicability from %v, want %v", soa, want)
	}
}

// Row 000-37: from context to improvement in seven areas, in the cycle of
// planning, doing, checking and acting; the management standards share them.
func TestSevenAreasFromContextToImprovement(t *testing.T) {
	seven := []string{"context plan", "leadership plan", "planning plan", "support do", "operation do", "evaluation check", "improvement act"}
	for _, id := range []string{"iso-42001", "iso-9001", "hs"} {
		var areas []string
		for _, a := range frame(t, id).Areas {
			if a.ID != "controls" {
				areas = append(areas, a.ID+" "+a.Phase)
			}
		}
		if !slices.Equal(areas, seven) {
			t.Errorf("%s: %v, want %v", id, areas, seven)
		}
	}
}

// Row 001-07: each tenet of zero trust is served by at least one control, in our
// own catalogue and in the standards beside it.
func TestEveryTenetIsServedByAControl(t *testing.T) {
	served := map[string][]string{}
	for _, id := range []string{"zta", "iso-27001", "iec-62443-3-3", "iso-42001"} {
		for _, it := range frame(t, id).Items() {
			if it.Principle != "" {
				served[it.Principle] = append(served[it.Principle], it.Clause)
			}
		}
	}
	tenets := frame(t, "nist-800-207").Items()
	if len(tenets) != 7 || len(served) != 7 {
		t.Errorf("%d tenets, %d served", len(tenets), len(served))
	}
	for _, tenet := range tenets {
		ours := slices.ContainsFunc(served[tenet.Clause], func(c string) bool { return strings.HasPrefix(c, "zta.") })
		if !ours || len(served[tenet.Clause]) < 2 {
			t.Errorf("%s is served by %v", tenet.Clause, served[tenet.Clause])
		}
	}
}

// Help says by examples of our own what each class means in practice: for our
// catalogue, the controls of 42001 and what the AI Act asks of high-risk systems,
// of those who use them, and for transparency. The two places on biometric
// identification have none; no class of the examples would meet them.
func TestExamplesPerRiskClass(t *testing.T) {
	want := regexp.MustCompile(`^(zta\.\d\d|iso42001\.A\..+|aia\.art(9|1[0-5]|26|50)\..+)$`)
	without := []string{"aia.art12.3", "aia.art14.5", "aia.art26.5.incident"}
	n := 0
	for _, id := range []string{"zta", "iso-42001", "eu-ai-act"} {
		for _, it := range frame(t, id).Items() {
			if !want.MatchString(it.Clause) || slices.Contains(without, it.Clause) {
				continue
			}
			n++
			for _, class := range []string{"high", "limited", "minimal"} {
				if !it.Examples[class].Complete() {
					t.Errorf("%s has no example for class %s", it.Clause, class)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d demands with examples", n)
	}
}

// The rules of speech hold wherever people read help: no exclamation marks, no
// threats, no percentages, a whole sentence each, and no German in the English.
func TestHelpKeepsTheRulesOfSpeech(t *testing.T) {
	never := regexp.MustCompile(`(?i)!|bußgeld|strafe|geldbuße|penalt|prozent|percent|%|kolleg|colleague|konform mit|compliant`)
	german := regexp.MustCompile(`[äöüßÄÖÜ]|\b(und|nicht|der|die|das)\b`)
	say := func(where string, b text.Bi) {
		t.Helper()
		if m := never.FindString(b.DE + "\n" + b.EN); m != "" {
			t.Errorf("%s says %q: %s", where, m, b.DE)
		}
		if m := german.FindString(b.EN); m != "" {
			t.Errorf("%s has German words in English (%q): %s", where, m, b.EN)
		}
		if b.DE == b.EN {
			t.Errorf("%s is the same in both languages: %s", where, b.DE)
		}
	}
	for _, f := range shipped(t).Frameworks() {
		for _, it := range f.Items() {
			say(f.ID+" "+it.Clause, it.Plain)
			for class, b := range it.Examples {
				say(fmt.Sprintf("%s %s %s", f.ID, it.Clause, class), b)
			}
		}
	}
	q := selfAssessment(t)
	for _, s := range q.Sections {
		for _, it := range s.Items {
			say(it.ID, it.Text)
			say(it.ID+" help", it.Help)
		}
	}
	for _, b := range q.Score.Bands {
		say("band "+b.ID, b.Label)
	}
}

func selfAssessment(t *testing.T) *packs.Questionnaire {
	t.Helper()
	q, ok := shipped(t).Questionnaire("readiness")
	if !ok {
		t.Fatal("the self-assessment is missing")
	}
	return q
}

// Row 000-59: the self-assessment has a score whose maximum is said, and which
// stays open while answers are; a short path leads to the next step.
func TestSelfAssessmentScoresWithItsMaximum(t *testing.T) {
	q := selfAssessment(t)
	answers := func(answer string) map[string]string {
		all := map[string]string{}
		for _, s := range q.Sections {
			for _, it := range s.Items {
				all[it.ID] = answer
			}
		}
		return all
	}
	if len(answers("yes")) != 30 || len(q.Sections) != 7 || len(q.Quick.Items) != 10 || len(q.Score.Bands) != 5 {
		t.Errorf("%d questions in %d sections, %d on the short path, %d bands", len(answers("yes")), len(q.Sections), len(q.Quick.Items), len(q.Score.Bands))
	}
	half := answers("no")
	for _, id := range []string{"sc-gove-1", "sc-gove-2", "sc-gove-3", "sc-tech-2", "sc-data-3", "sc-stra-1", "sc-cult-3", "sc-peop-1", "sc-peop-2", "sc-tech-3", "sc-tech-1"} {
		half[id] = "yes"
	}
	half["sc-cult-1"], half["sc-data-1"] = packs.Unknown, packs.Unknown
	for name, c := range map[string]struct {
		answers map[string]string
		want    packs.Score
	}{
		"all":                {answers("yes"), packs.Score{Points: 30, Most: 30, Max: 30, Band: "learning"}},
		"none":               {answers("no"), packs.Score{Max: 30, Band: "chance"}},
		"unanswered":         {nil, packs.Score{Most: 30, Max: 30}},
		"open at a border":   {half, packs.Score{Points: 11, Most: 13, Max: 30}},
		"everything unknown": {answers(packs.Unknown), packs.Score{Most: 30, Max: 30}},
	} {
		if got := q.Points(c.answers); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Row 000-59: the short path asks at most ten questions, and fewer where the
// first answers settle the next step.
func TestShortPathOfTheSelfAssessment(t *testing.T) {
	q := selfAssessment(t)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		no            []string
		verdict, next string
		most          int
	}{
		"no register":  {[]string{"sc-gove-1"}, "start", "register", 1},
		"no owners":    {[]string{"sc-gove-3"}, "start", "responsible", 2},
		"asked last":   {[]string{"sc-part-1"}, "basics", "voice", 10},
		"unmeasured":   {[]string{"sc-stra-4"}, "basics", "effect", 10},
		"all in place": {nil, "lived", "keep", 10},
	} {
		given := map[string]string{}
		for {
			ask, done, err := q.Next(at, given)
			if err != nil {
				t.Fatal(err)
			}
			if done {
				break
			}
			given[ask.ID] = "yes"
			if slices.Contains(c.no, ask.ID) {
				given[ask.ID] = "no"
			}
		}
		out, err := q.Decide(at, given)
		if err != nil {
			t.Fatal(err)
		}
		if out.Values["verdict"] != c.verdict || out.Values["next"] != c.next || len(given) > c.most {
			t.Errorf("%s: %v after %d questions, want %s, %s after at most %d", name, out.Values, len(given), c.verdict, c.next, c.most)
		}
	}
}
