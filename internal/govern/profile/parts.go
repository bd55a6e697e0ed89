package profile

import (
	"fmt"
	"slices"

	"augenmass/internal/govern/stand"
	"augenmass/internal/text"
)

// parts are what an approver reads of the profile.
func (v view) parts() []stand.Part {
	path := "/systems/" + v.s.System.ID + "/profile"
	open := false
	for _, d := range v.demands() {
		open = open || !d.Met
	}
	if v.id == "" {
		if !open {
			return nil
		}
		return []stand.Part{{Title: text.Bi{DE: "Steckbrief", EN: "Profile"}, Path: path, Open: true,
			Lines: []text.Bi{{DE: "Der Steckbrief ist noch nicht angefangen.", EN: "The profile is not begun yet."}}}}
	}
	out := []stand.Part{{Title: text.Bi{DE: "Steckbrief", EN: "Profile"}, Path: path, Open: open, Lines: v.main()}}
	if w := v.warnings(); len(w) > 0 {
		out = append(out, stand.Part{Title: text.Bi{DE: "Worauf zu achten ist", EN: "What to mind"}, Path: path, Open: true, Lines: w})
	}
	return out
}

var aimWords = map[Aim]text.Bi{
	"":      {DE: "Nicht erklärt ist, ob es unterstützt oder ersetzt.", EN: "It is not declared whether it assists or replaces."},
	Assist:  {DE: "Es soll Menschen unterstützen.", EN: "It is meant to assist people."},
	Partly:  {DE: "Es soll unterstützen und einen Teil der Arbeit übernehmen.", EN: "It is meant to assist and to take over part of the work."},
	Replace: {DE: "Es soll Arbeit von Menschen ersetzen.", EN: "It is meant to replace work of people."},
}

var degreeWords = map[Degree]text.Bi{
	"":       {DE: "Der Grad der Selbständigkeit steht nicht fest.", EN: "The degree of autonomy is not settled."},
	Informs:  {DE: "Es zeigt; Menschen handeln.", EN: "It shows; people act."},
	Proposes: {DE: "Es schlägt vor; jeden Vorschlag nimmt ein Mensch an oder nicht.", EN: "It proposes; a person takes each proposal or not."},
	Acts:     {DE: "Es handelt; ein Mensch sieht zu und kann eingreifen.", EN: "It acts; a person watches and can step in."},
	Alone:    {DE: "Es handelt in seinen Grenzen allein.", EN: "It acts alone inside its limits."},
}

func (v view) main() []text.Bi {
	lines := []text.Bi{aimWords[v.Intent.Aim]}
	if !v.Intent.Statement.IsZero() {
		lines = append(lines, quoted(v.Intent.Statement))
	}
	if !v.Intent.Hopes.IsZero() && !v.Intent.Wants.IsZero() {
		lines = append(lines, text.Bi{DE: "Beschäftigte erwarten: " + ended(either(v.Intent.Hopes.DE, v.Intent.Hopes.EN)) + " Die Leitung erwartet: " + ended(either(v.Intent.Wants.DE, v.Intent.Wants.EN)),
			EN: "Staff expect: " + ended(either(v.Intent.Hopes.EN, v.Intent.Hopes.DE)) + " Management expects: " + ended(either(v.Intent.Wants.EN, v.Intent.Wants.DE))})
	}
	lines = append(lines, degreeWords[v.Autonomy.Degree])
	if !v.Autonomy.Reason.IsZero() {
		lines = append(lines, text.Bi{DE: "Grund: " + ended(either(v.Autonomy.Reason.DE, v.Autonomy.Reason.EN)), EN: "Reason: " + ended(either(v.Autonomy.Reason.EN, v.Autonomy.Reason.DE))})
	}
	settled := 0
	for _, d := range v.Decisions {
		if d.Settled() {
			settled++
		}
	}
	yes, answered, all := v.lists.Count(v.Data)
	return append(lines,
		text.Bi{DE: fmt.Sprintf("Aufsicht festgelegt bei %d von %d Entscheidungen.", settled, len(v.Decisions)), EN: fmt.Sprintf("Oversight set for %d of %d decisions.", settled, len(v.Decisions))},
		text.Bi{DE: fmt.Sprintf("%d Chancen und %d Gefahren stehen sich gegenüber.", len(v.Weighing.Chances), len(v.Weighing.Dangers)),
			EN: fmt.Sprintf("%d chances and %d dangers stand against each other.", len(v.Weighing.Chances), len(v.Weighing.Dangers))},
		text.Bi{DE: fmt.Sprintf("Fragen zu Daten: %d von %d beantwortet, %d mit Ja.", answered, all, yes), EN: fmt.Sprintf("Questions about data: %d of %d answered, %d with yes.", answered, all, yes)})
}

func quoted(b text.Bi) text.Bi {
	return text.Bi{DE: "„" + either(b.DE, b.EN) + "“", EN: "'" + either(b.EN, b.DE) + "'"}
}

// warnings are what an approver must not miss.
func (v view) warnings() []text.Bi {
	var out []text.Bi
	for _, c := range v.lists.ActiveLines(v.Profile) {
		out = append(out, text.Bi{DE: "Rote Linie: " + c.Title.DE + ".", EN: "Red line: " + c.Title.EN + "."})
	}
	for _, x := range v.Inferred {
		if !v.lists.Sensitive(x.Kind) {
			continue
		}
		c, ok := Find(v.lists.Inferred, x.Kind)
		if !ok {
			c.Title = text.Same(x.Kind)
		}
		out = append(out, text.Bi{DE: "Es leitet besonders geschützte Daten ab: " + c.Title.DE + ".", EN: "It infers specially protected data: " + c.Title.EN + "."})
	}
	if v.Persons.SelfChecking() {
		out = append(out, text.Bi{DE: "Wer entscheidet, prüft hier auch die Wirkung.", EN: "Who decides also checks the effects here."})
	}
	if v.alone() {
		out = append(out, text.Bi{DE: "Es entscheidet ohne Menschen über Personen.", EN: "It decides about people without a human."})
	}
	return slices.Clip(out)
}
