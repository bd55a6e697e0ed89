package cisoassistant

import (
	"maps"
	"slices"
	"strings"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/text"
)

// text is a field of an object in our two languages. Where one is missing the
// other stands in; where both are, the file's own language does.
func (l *Library) text(n Named, field, own string) text.Bi {
	in := func(lang string) string {
		if s := n.Translations[lang][field]; s != "" {
			return s
		}
		if l.Locale == lang {
			return own
		}
		return ""
	}
	b := text.Bi{DE: in("de"), EN: in("en")}
	if b.DE == "" {
		b.DE = l.first(b.EN, own)
	}
	if b.EN == "" {
		b.EN = l.first(own, b.DE)
	}
	return b
}

// bi is a field of the library itself.
func (l *Library) bi(field, own string) text.Bi { return l.text(l.Named, field, own) }

// first is the first text that is not empty.
func (l *Library) first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// onlyIn is the language of the texts when one of ours is missing in the whole
// file, else "".
func (l *Library) onlyIn() string {
	for _, f := range l.Frameworks {
		for _, n := range f.Nodes {
			if l.other(n.Named) {
				return ""
			}
		}
	}
	for _, c := range l.Controls {
		if l.other(c.Named) {
			return ""
		}
	}
	if len(l.Frameworks) == 0 && len(l.Controls) == 0 && l.other(l.Named) {
		return ""
	}
	return l.Locale
}

// other reports whether an object has a translation into that of our languages
// which is not the file's own.
func (l *Library) other(n Named) bool {
	for _, lang := range []string{"de", "en"} {
		if lang != l.Locale && len(n.Translations[lang]) > 0 {
			return true
		}
	}
	return false
}

// onlyIn says in which language the texts are.
func onlyIn(lang string) text.Bi {
	in, ok := map[string]text.Bi{"de": {DE: "Deutsch", EN: "German"}, "en": {DE: "Englisch", EN: "English"}, "fr": {DE: "Französisch", EN: "French"},
		"es": {DE: "Spanisch", EN: "Spanish"}, "it": {DE: "Italienisch", EN: "Italian"}, "nl": {DE: "Niederländisch", EN: "Dutch"},
		"pl": {DE: "Polnisch", EN: "Polish"}, "cs": {DE: "Tschechisch", EN: "Czech"}}[lang]
	if !ok {
		in = text.Bi{DE: "einer Sprache („" + lang + "“)", EN: "one language ('" + lang + "')"}
		return text.Bi{DE: "Die Texte gibt es nur in " + in.DE + ".", EN: "The texts exist in " + in.EN + " only."}
	}
	return text.Bi{DE: "Die Texte gibt es nur auf " + in.DE + ".", EN: "The texts exist in " + in.EN + " only."}
}

// What a file may hold that has no home here; pages and the command line have
// the words.
const (
	Matrices   = "risk_matrices"
	Threats    = "threats"
	Metrics    = "metric_definitions"
	Catalogs   = "ttp_catalogs"
	Tactics    = "tactics"
	Techniques = "techniques"
	Presets    = "presets"
	Workflows  = "workflows"
	Questions  = "questions"
	Choices    = "choices"
	Groups     = "implementation_groups"
	Scores     = "scores"
)

// kept counts what only the original holds.
func (l *Library) kept() []catalogue.Count {
	n := map[string]int{Matrices: len(l.Matrices), Threats: len(l.Threats), Metrics: len(l.Metrics), Catalogs: len(l.Catalogs),
		Tactics: len(l.Tactics), Techniques: len(l.Techniques), Presets: len(l.Presets), Workflows: l.Workflows}
	for _, f := range l.Frameworks {
		n[Groups] += len(f.Groups)
		n[Scores] += len(f.Scale)
		for _, alt := range f.Alternatives {
			n[Scores] += len(alt)
		}
		for _, node := range f.Nodes {
			n[Questions] += len(node.Questions)
			for _, q := range node.Questions {
				n[Choices] += len(q.Choices)
			}
		}
	}
	var out []catalogue.Count
	for _, what := range slices.Sorted(maps.Keys(n)) {
		if n[what] > 0 {
			out = append(out, catalogue.Count{What: what, N: n[what]})
		}
	}
	return out
}

// tail is the last part of a URN.
func tail(urn string) string { return urn[strings.LastIndexByte(urn, ':')+1:] }

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
