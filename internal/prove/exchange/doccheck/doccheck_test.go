package doccheck

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func found(doc string, skip map[int]bool) []string {
	var out []string
	for _, f := range Check(doc, skip) {
		s := fmt.Sprintf("%s %d", f.Kind, f.Line)
		if f.Against != nil {
			s += fmt.Sprintf(" against %d", f.Against.Line)
		}
		out = append(out, s)
	}
	return out
}

const clean = `# Leitlinie

Dieses Dokument ist die Version 2.1 der Leitlinie. Es gilt ab dem 3. März 2026 nach der Referenzarchitektur in Architecture Version 9.0.

| Rolle | Aufgabe |
|-------|---------|
| Leitung | Die Leitung gibt die Leitlinie frei. |
| Technik | 24 Stunden |

## Changelog

In Version 1.0 wurde die Leitlinie angelegt. In Version 2.1 wurde die Aufsicht ergänzt.
`

// Row 001-73: contradicting versions and placeholders are named with line and
// sentence; a document without them is left alone.
func TestDocumentCheck(t *testing.T) {
	if got := found(clean, nil); len(got) != 0 {
		t.Errorf("in a clean document: %q", got)
	}
	for name, x := range map[string]struct {
		old, new string
		want     []string
	}{
		"version in the text":     {"Es gilt ab", "Die vorliegende Version 3.0 gilt ab", []string{"versions 3 against 3"}},
		"version of the changes":  {"In Version 2.1 wurde", "In Version 3.0 wurde", []string{"versions 12 against 3"}},
		"second document":         {"## Changelog", "# Anhang\n\nDies ist die Version 4 davon.\n\n## Changelog", []string{"versions 12 against 3", "versions 16 against 12"}},
		"date of x":               {"3. März 2026", "xx. xxx 2026", []string{"placeholder 3"}},
		"date of letters":         {"3. März 2026", "TT.MM.JJJJ", []string{"placeholder 3"}},
		"line to sign":            {"## Changelog", "Leitung ______________ Datum ______\n\n## Changelog", []string{"placeholder 10"}},
		"bracket":                 {"3. März 2026", "[Datum einfügen]", []string{"placeholder 3"}},
		"left from an assistant":  {"## Changelog", "Hier ist die aktualisierte Version des Textes.\n\n## Changelog", []string{"conversation 10"}},
		"addressed to a person":   {"## Changelog", "Falls du mehr brauchst, lass es mich wissen.\n\n## Changelog", []string{"conversation 10"}},
		"English remark":          {"## Changelog", "I've updated the section as discussed.\n\n## Changelog", []string{"conversation 10"}},
		"picture":                 {"Die Leitung gibt die Leitlinie frei.", "Die Leitung gibt die Leitlinie frei. 😊", []string{"conversation 7", "fragment 7"}},
		"cell without a sentence": {"Die Leitung gibt die Leitlinie frei.", "Freigabe der Leitlinie durch Leitung", []string{"fragment 7"}},
	} {
		doc := strings.Replace(clean, x.old, x.new, 1)
		if doc == clean {
			t.Fatalf("%s: nothing was planted", name)
		}
		if got := found(doc, nil); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
	doc := strings.Replace(clean, "Die Leitung gibt die Leitlinie frei.", "Freigabe der Leitlinie durch Leitung", 1)
	if got := found(doc, map[int]bool{7: true}); len(got) != 0 {
		t.Errorf("a row that is checked elsewhere: %q", got)
	}
	for _, f := range Check(strings.Replace(clean, "3. März 2026", "xx. xxx 2026", 1), nil) {
		if !strings.Contains(f.Sentence, "xx. xxx 2026") || !strings.Contains(f.Say.DE, "xx. xxx 2026") || !f.Say.Complete() {
			t.Errorf("%+v", f)
		}
	}
}

// Row 001-20: sentences are told from fragments.
func TestSentence(t *testing.T) {
	for s, want := range map[string]bool{
		"Die Leitung gibt das Papier frei.":                               true,
		"Jedes Gerät wird geprüft, bevor es Zugriff erhält.":              true,
		"Der Verantwortliche ist die Leitung.":                            true,
		"Das Gremium übernimmt die Entwicklung der Strategie.":            true,
		"Der Beauftragte gewährleistet die Qualität der Daten.":           true,
		"Policies must be enforced at all times.":                         true,
		"Der Zielwert liegt unter fünf Minuten; er wird täglich gezeigt.": true,
		"Protokolle, Diagramme, Bildschirmfotos":                          false,
		"Protokolle und Diagramme der Anlage.":                            false,
		"Die Leitung gibt das Papier frei":                                false,
		"Hoch":                                                            false,
		"":                                                                false,
	} {
		if Sentence(s) != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
}

// Looking for pieces first hides nothing that the expressions would find.
func TestHintsHideNothing(t *testing.T) {
	for _, s := range []string{"xx. xxx 2026", "XX.XX.2026", "xx/xx/26", "xx. März", "TT.MM.JJJJ", "DD/MM/YYYY", "JJJJ-MM-TT", "YYYY-MM-DD", "00.00.0000", "20xx", "Datum ____", "Name: ___",
		"TBD", "TBA", "TODO", "FIXME", "to be defined", "noch einzutragen", "[Datum]", "[Place here]", "{{name}}", "Lorem ipsum"} {
		if got, ok := placeholder("Das ist " + s + " hier."); !ok || !strings.Contains(got, strings.Fields(s)[0][:2]) {
			t.Errorf("%q: %q", s, got)
		}
	}
	for _, s := range []string{"Hier ist die neue Fassung.", "Hier eine längere Version für den Text.", "Ich habe den Abschnitt erweitert.", "Ich schlage vor, das zu kürzen.", "Lass es mich wissen.",
		"Sagen Sie mir Bescheid.", "Möchtest du mehr?", "Soll ich das ändern?", "Das ist dein Text.", "Gerne! Es folgt mehr.", "Als KI-Sprachmodell kann ich das nicht.",
		"Das passt gut hinein.", "Here's your updated document.", "I have revised the text.", "Let me know what you think.", "Would you like me to go on?", "Do you want me to stop?",
		"I hope this helps.", "Feel free to ask.", "As an AI model it works.", "Certainly! It follows.", "I suggest a shorter text."} {
		if _, ok := conversation(s); !ok {
			t.Errorf("%q is not found", s)
		}
	}
	for _, s := range []string{"Das Audit ist dokumentiert.", "Der Hinweis steht hier.", "The audit is done by the auditor.", "Die Maßnahme wird durchgeführt."} {
		if what, ok := conversation(s); ok {
			t.Errorf("%q: %q", s, what)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(clean)
	f.Add("Version 3.0 Version 2. Datum ___ | a | b |\n|-|-|\n")
	f.Fuzz(func(t *testing.T, doc string) {
		n := strings.Count(doc, "\n") + 1
		for _, x := range Check(doc, nil) {
			if x.Line < 1 || x.Line > n || !x.Say.Complete() || !slices.Contains(Kinds, x.Kind) {
				t.Fatalf("%+v of %d lines", x, n)
			}
		}
	})
}
