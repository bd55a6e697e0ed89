package packs

import (
	"regexp"
	"strings"
	"testing"

	"augenmass/internal/text"
)

// Row 001-72: the set of templates is there, each with a version, and both
// languages have the same headings, tables and places to fill in.
func TestTheSetOfTemplates(t *testing.T) {
	l := shipped(t)
	version := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	for _, id := range []string{"ai-policy", "scope", "lifecycle", "data-policy", "model-card", "data-sheet", "raci", "supplier-letter", "literacy",
		"incident", "oversight", "management-review", "internal-audit", "council-letter", "worker-notice"} {
		tpl, ok := l.Template("tpl." + id)
		if !ok {
			t.Errorf("no template %s", id)
			continue
		}
		if !version.MatchString(tpl.Version) {
			t.Errorf("%s has version %q", id, tpl.Version)
		}
		for _, part := range []string{"\n#", "\n|", "\n- ", "{{"} {
			if de, en := strings.Count("\n"+tpl.Body.DE, part), strings.Count("\n"+tpl.Body.EN, part); de != en {
				t.Errorf("%s: %q stands %d times in German, %d in English", id, part, de, en)
			}
		}
		for _, lang := range text.Langs {
			body := tpl.Body.In(lang)
			if strings.Contains(body, "!") || !strings.Contains(body, map[text.Lang]string{text.DE: "Fundstellen:", text.EN: "Clauses:"}[lang]) {
				t.Errorf("%s in %s raises its voice or cites nothing", id, lang)
			}
		}
	}
}

// Row 000-50: every clause that a control of ISO/IEC 42001 names as similar is
// mapped to it with a reason, and so is every clause that one of our own
// requirements names.
func TestWhatIsNamedAsSimilarIsMapped(t *testing.T) {
	l := shipped(t)
	mapped := func(from, to string) bool {
		for _, m := range l.Mappings(from) {
			if m.To == to {
				return true
			}
		}
		return false
	}
	n := 0
	for _, c := range l.Clauses("iso-42001") {
		for _, to := range c.Related {
			if n++; !mapped(c.ID, to) {
				t.Errorf("%s names %s, and no mapping says why", c.ID, to)
			}
		}
	}
	if n != 60 {
		t.Errorf("%d clauses are named, want 60", n)
	}
	for _, r := range l.Requirements("zta") {
		for _, to := range append(r.Refs, r.RefsIfHigh...) {
			if !mapped(r.ID, to) {
				t.Errorf("%s names %s, and no mapping says why", r.ID, to)
			}
		}
	}
}

// A mapping says in one sentence what both ask and what one lacks, and never
// that something is met.
func TestReasonsOfMappings(t *testing.T) {
	for _, m := range shipped(t).AllMappings() {
		if m.Status != Interpretation {
			t.Errorf("%s to %s is not marked as our reading: %q", m.From, m.To, m.Status)
		}
		for _, lang := range text.Langs {
			s := m.Reason.In(lang)
			if len(s) < 60 || !strings.HasSuffix(s, ".") || strings.Contains(s, "!") || strings.Contains(s, "ist konform") || strings.Contains(s, "is compliant") {
				t.Errorf("%s to %s in %s: %q", m.From, m.To, lang, s)
			}
		}
	}
}
