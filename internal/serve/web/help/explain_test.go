package help_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"augenmass/internal/serve/web/help"
	"augenmass/internal/serve/web/show/showtest"
	"augenmass/internal/text"

	"github.com/goccy/go-yaml"
)

func house(t *testing.T) *showtest.House {
	t.Helper()
	return showtest.Open(t, []fs.FS{help.Texts}, help.Routes())
}

// 003-02: the explanation uses the four words; 003-01: and names the four elements;
// 003-03: the verdict of the law stands apart from that of practice.
func TestWhatAIDoes(t *testing.T) {
	h := house(t)
	for _, role := range []string{"worker", "council", "director"} {
		p := h.Client(role).Get("/help/ai")
		p.Shows(t, "Wahrnehmen", "Verstehen", "Handeln", "Lernen", "Daten sammeln", "Große Datenmengen", "KI-Software", "Aktion",
			"Zwei Urteile", "Das Gesetz verlangt das Lernen im Betrieb nicht.", "Art. 3")
	}
	h.Client("worker").In(text.EN).Get("/help/ai").Shows(t, "Perceive", "Understand", "Act", "Learn")
	h.Client("worker").Get("/help").Shows(t, "Was KI tut und was nicht", "Wörter rund um KI")
	if p := h.Nobody().Get("/help/ai"); p.Status != 303 {
		t.Errorf("without sign-in: %d", p.Status)
	}
}

// 003-01, 003-03: the identification asks for the four elements, and gives the
// verdict of practice apart from that of the law: what learnt once and does not
// change any more is AI in law.
func TestTwoVerdicts(t *testing.T) {
	h := house(t)
	q, err := h.Org.Assess.Questionnaire("identification")
	h.Must(err)
	four := 0
	for _, s := range q.Sections {
		if s.ID != "four_elements" {
			continue
		}
		for i, want := range []string{"Daten sammeln", "Daten zusammenführen", "Auswerten", "Aktion"} {
			if !strings.Contains(s.Items[i].Text.DE, want) {
				t.Errorf("element %d is %q", i+1, s.Items[i].Text.DE)
			}
			four++
		}
	}
	if four != 4 {
		t.Errorf("%d of 4 elements", four)
	}
	law := map[string]string{"kid-d1": "yes", "kid-d2": "yes", "kid-d3": "yes", "kid-d4": "yes", "kid-d5": "yes", "kid-e1": "no", "kid-e2": "no"}
	scores := map[string]int{}
	for _, learns := range []string{"yes", "no"} {
		answers := map[string]string{"kid-c1": learns, "kid-c2": learns}
		for k, v := range law {
			answers[k] = v
		}
		out, err := q.Decide(h.Clock.Now(), answers)
		h.Must(err)
		if out.Values["verdict"] != "ai_system" {
			t.Errorf("learns %s: %v", learns, out.Values)
		}
		scores[learns] = q.Points(answers).Points
	}
	if scores["yes"] <= scores["no"] {
		t.Errorf("the verdict of practice does not see the learning: %v", scores)
	}
}

// hype are words that promise more than they say.
var hype = regexp.MustCompile(`(?i)revolution|disrupt|bahnbrechend|groundbreaking|game.?changer|magisch|magic|zauber|superintelligen|unbegrenzt|limitless|` +
	`allwissend|omniscient|genial|brilliant|kollege|kollegin|colleague|coworker|denkt wie|thinks like|übermensch|superhuman|wunder|miracle|` +
	`unfehlbar|infallible|perfekt|perfect|next.?level|zukunftsweisend|cutting.?edge|state.of.the.art|intelligenteste|smartest|halluzin|hallucin|!`)

// 003-11: the glossary and the explanation stand in plain words: nothing on a list
// of hype, no long sentences, both languages.
func TestNoHype(t *testing.T) {
	raw, err := os.ReadFile("texts/explain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]map[string]string
	if err := yaml.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	if len(texts) < 60 {
		t.Fatalf("%d texts", len(texts))
	}
	for key, both := range texts {
		for _, lang := range []string{"de", "en"} {
			s := both[lang]
			if s == "" {
				t.Errorf("%s lacks %s", key, lang)
			}
			if found := hype.FindString(s); found != "" {
				t.Errorf("%s (%s) promises: %q", key, lang, found)
			}
			for _, sentence := range strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '?' || r == ':' }) {
				if n := len(strings.Fields(sentence)); n > 40 {
					t.Errorf("%s (%s): a sentence of %d words", key, lang, n)
				}
			}
		}
	}
	for _, bad := range []string{"Eine Revolution im Werk", "KI denkt wie ein Mensch", "Ihr neuer Kollege", "superhuman accuracy"} {
		if !hype.MatchString(bad) {
			t.Errorf("the list lets %q through", bad)
		}
	}
	h := house(t)
	p := h.Client("worker").Get("/help/words")
	p.Shows(t, "Neuronales Netz", "Mit einem Gehirn hat es wenig gemein.", "Erfundene Antwort")
	if n := len(p.Doc.All("#words dt")); n < 30 {
		t.Errorf("%d words", n)
	}
}
