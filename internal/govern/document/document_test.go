package document

import (
	"slices"
	"strings"
	"testing"

	"augenmass/internal/problem"
)

// 000-26: a list is read line by line; every line that cannot be taken over is
// named with its number, and what each document is to AI is kept.
func TestParse(t *testing.T) {
	docs, faults := Parse("Name; Ort; Art; KI; Begründung\r\n" +
		"Einkaufsrichtlinie; \\\\server\\qm\\einkauf.pdf; Richtlinie; ja; Regelt auch Software mit KI.\n\n" +
		"Gabelstapler; Ordner 3; Anweisung; nein; Betrifft keine Software.\n" +
		"Handbuch; https://intra/hb\n")
	if len(faults) != 0 || len(docs) != 3 {
		t.Fatalf("%d documents, %v", len(docs), faults)
	}
	if d := docs[0]; d.Name != "Einkaufsrichtlinie" || d.Sort != Policy || d.Relevant != Yes || !strings.HasSuffix(d.Place, "einkauf.pdf") || d.Web() {
		t.Errorf("%+v", d)
	}
	if d := docs[2]; d.Sort != Other || d.Relevant != Undecided || !d.Web() {
		t.Errorf("%+v", d)
	}
	if docs, faults = Parse("Name\tOrt\nA\tB\n"); len(docs) != 1 || len(faults) != 0 {
		t.Errorf("with tabs: %v %v", docs, faults)
	}
}

func TestParseFaults(t *testing.T) {
	docs, faults := Parse("A;Ordner 1\n;Ordner 2\nB\nC;Ordner 3;Gedicht\nD;Ordner 4;;vielleicht\nE;Ordner 5;;nein\nA;Ordner 1\nF;Ordner;;ja;ja;zu viel\n")
	var lines []int
	for _, f := range faults {
		if !f.Say.Complete() {
			t.Errorf("line %d is not said in both languages", f.Line)
		}
		lines = append(lines, f.Line)
	}
	if !slices.Equal(lines, []int{2, 3, 4, 5, 6, 7, 8}) || len(docs) != 1 {
		t.Errorf("faults in %v, %d documents", lines, len(docs))
	}
	if _, faults := Parse(strings.Repeat("A;\"offen\n", 1) + "B;C\n"); len(faults) == 0 {
		t.Error("an open quotation mark is not said")
	}
	var many strings.Builder
	for i := range most + 2 {
		many.WriteString("D" + itoa(i) + ";Ordner\n")
	}
	if _, faults := Parse(many.String()); len(faults) != 1 {
		t.Errorf("%d faults of too long a list", len(faults))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("A;B;Richtlinie;ja;x y\n")
	f.Add("\ufeffname\tort\n\"a\tb")
	f.Fuzz(func(t *testing.T, list string) {
		docs, faults := Parse(list)
		if len(docs) > most+1 {
			t.Errorf("%d documents", len(docs))
		}
		for _, d := range docs {
			if d.Name == "" || d.Place == "" || d.Validate() != nil {
				t.Errorf("%+v", d)
			}
		}
		for _, x := range faults {
			if x.Line < 1 || !x.Say.Complete() {
				t.Errorf("%+v", x)
			}
		}
	})
}

// 000-44: places of an own template are found whatever people call them, filled,
// and named when they stay empty; a value is never searched for places.
func TestFill(t *testing.T) {
	body := "Die {{Name der Firma}} bestellt {{ Leitung }} zum {{Tag}}.\n{{Name der Firma}}\n"
	names, broken := Places(body)
	if !slices.Equal(names, []string{"Name der Firma", "Leitung", "Tag"}) || len(broken) != 0 {
		t.Fatalf("%q %q", names, broken)
	}
	doc, missing := FillBody(body, map[string]string{"Name der Firma": "Muster {{Tag}} GmbH", "Tag": " ", "Fremd": "x"})
	if want := "Die Muster {{Tag}} GmbH bestellt [Leitung] zum [Tag].\nMuster {{Tag}} GmbH\n"; doc != want {
		t.Errorf("%q, want %q", doc, want)
	}
	if !slices.Equal(missing, []string{"Leitung", "Tag"}) {
		t.Errorf("missing %q", missing)
	}
}

func TestBrokenPlaces(t *testing.T) {
	for _, body := range []string{"{{", "{{ }}", "{{offen", "{{zwei\nZeilen}}", "{{a{b}}"} {
		tpl := OwnTemplate{Name: "X", Body: body}
		if err := tpl.Validate(); !problem.Is(err, problem.BadInput) {
			t.Errorf("%q: %v", body, err)
		}
	}
	tpl := OwnTemplate{Name: "X", Body: "ohne Stellen, { } und } }"}
	if err := tpl.Validate(); err != nil {
		t.Error(err)
	}
}

// That a document does not matter for AI needs a reason.
func TestNoNeedsAReason(t *testing.T) {
	d := Document{Name: "A", Place: "B", Relevant: No}
	if d.Validate() == nil {
		t.Error("no reason is enough")
	}
	d.Reason = "Betrifft keine Software."
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
}
