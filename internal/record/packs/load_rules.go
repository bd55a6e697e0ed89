package packs

import (
	"maps"
	"slices"
	"sort"
	"time"

	"augenmass/internal/record/packs/form"
	"augenmass/internal/record/packs/logic"
)

// ruleSet takes over a pack of kind rules.
func (l *loading) ruleSet(doc rulesDoc) {
	rs := &RuleSet{
		ID: doc.ID.S, Version: doc.Version, AsOf: doc.AsOf, Title: doc.Title, Notice: doc.Notice,
		From: doc.From, unclear: doc.Unclear,
	}
	rs.Facts = l.facts(doc.Facts)
	rs.Outputs = l.outputs(doc.Outputs)
	l.rules(rs, doc.At, doc.Define, doc.Rules)
	l.info(doc.head, len(rs.rules))
	l.lib.rules[rs.ID] = rs
}

func (l *loading) facts(docs []factDoc) []Fact {
	var facts []Fact
	seen := map[string]bool{}
	for _, f := range docs {
		if seen[f.Name.S] {
			l.bad.Add(f.Name.At, "die Angabe %q gibt es zweimal", "fact %q exists twice", f.Name.S)
		}
		seen[f.Name.S] = true
		choice := f.Type.S == string(FactEnum) || f.Type.S == string(FactSet)
		switch t := FactType(f.Type.S); t {
		case FactBool, FactTri, FactEnum, FactSet, FactInt:
			if choice && len(f.Options) < 2 || !choice && len(f.Options) > 0 {
				l.bad.Add(f.At, "%q: die Möglichkeiten passen nicht zur Art %s", "%q: its options do not fit type %s", f.Name.S, t)
			}
			if t == FactInt && f.Min >= f.Max {
				l.bad.Add(f.At, "%q: min muss unter max liegen", "%q: min must lie below max", f.Name.S)
			}
		default:
			l.bad.Add(f.Type.At, "unbekannte Art von Angabe: %q", "unknown type of fact: %q", f.Type.S)
		}
		facts = append(facts, Fact{
			Name: f.Name.S, Type: FactType(f.Type.S), Question: f.Question, Help: f.Help,
			Options: l.options(f.Options), Min: f.Min, Max: f.Max, Clauses: l.cite(f.Clauses),
		})
	}
	return facts
}

func (l *loading) options(docs []optionDoc) []Option {
	var out []Option
	seen := map[string]bool{}
	for _, o := range docs {
		if seen[o.ID.S] || o.ID.S == Unknown {
			l.bad.Add(o.ID.At, "die Möglichkeit %q gibt es zweimal oder sie ist vorbehalten", "option %q exists twice or is reserved", o.ID.S)
		}
		seen[o.ID.S] = true
		out = append(out, Option{ID: o.ID.S, Text: o.Text, Clauses: l.cite(o.Clauses)})
	}
	return out
}

func (l *loading) outputs(docs []outputDoc) []Output {
	var out []Output
	for _, o := range docs {
		if slices.ContainsFunc(out, func(x Output) bool { return x.Name == o.Name.S }) {
			l.bad.Add(o.Name.At, "das Ergebnis %q gibt es zweimal", "output %q exists twice", o.Name.S)
		}
		if o.Dates == (len(o.Values) > 0) {
			l.bad.Add(o.Name.At, "das Ergebnis %q braucht Werte oder „dates: true“", "output %q needs values or \"dates: true\"", o.Name.S)
		}
		x := Output{Name: o.Name.S, Title: o.Title, Values: l.options(o.Values), Dates: o.Dates, Asked: o.Asked, Default: o.Default.S, WhileOpen: o.WhileOpen.S}
		for _, w := range []form.Word{o.Default, o.WhileOpen} {
			if w.S != "" && !x.can(w.S) {
				l.bad.Add(w.At, "das Ergebnis %q kann nicht %q sein", "output %q cannot be %q", x.Name, w.S)
			}
		}
		out = append(out, x)
	}
	return out
}

// rules reads conditions and rows, and checks every word in them.
func (l *loading) rules(rs *RuleSet, at form.Place, defs []definitionDoc, rows []ruleDoc) {
	var conditions []logic.Condition
	var places []form.Place
	condition := func(w form.Word) logic.Condition {
		c, err := logic.Parse(w.S)
		if err != nil {
			l.bad.Add(w.At, "die Bedingung ist nicht lesbar: %s", "the condition cannot be read: %s", err)
		}
		conditions = append(conditions, c)
		places = append(places, w.At)
		return c
	}
	for _, d := range defs {
		l.span(d.Name.At, d.Name.S, ordered(d.From, d.Until))
		rs.definitions = append(rs.definitions, definition{d.Name.S, condition(d.When), d.From, d.Until})
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.ID.S] {
			l.bad.Add(r.ID.At, "die Regel %q gibt es zweimal", "rule %q exists twice", r.ID.S)
		}
		seen[r.ID.S] = true
		l.span(r.At, r.ID.S, ordered(r.From, r.Until))
		row := rule{
			id: r.ID.S, when: condition(r.When), then: map[string]string{}, say: r.Say,
			clauses: l.cite(r.Clauses), from: r.From, until: r.Until, at: r.At,
		}
		for name, value := range r.Then {
			l.value(rs, name, value, r.At)
			row.then[name] = value.S
		}
		rs.rules = append(rs.rules, row)
	}
	rs.words = logic.NewVocabulary(reasoned(rs.Facts), conditions)
	l.definitions(rs, at)
	scratch, defined := logic.NewForest(), map[string]logic.Ref{}
	for i, c := range conditions {
		r, err := rs.words.Diagram(scratch, c, defined)
		if err != nil {
			l.bad.Add(places[i], "die Bedingung stimmt nicht: %s", "the condition is wrong: %s", err)
		}
		if i < len(rs.definitions) {
			name := rs.definitions[i].name
			if _, ok := rs.words.Index(name); ok {
				l.bad.Add(places[i], "%q ist schon eine Angabe", "%q is a fact already", name)
			}
			defined[name] = r
		}
	}
	rs.prepare()
}

// reasoned strips facts to what conditions need.
func reasoned(facts []Fact) []logic.Fact {
	var out []logic.Fact
	for _, f := range facts {
		x := logic.Fact{Name: f.Name, Type: f.Type, Min: f.Min, Max: f.Max}
		for _, o := range f.Options {
			x.Options = append(x.Options, o.ID)
		}
		out = append(out, x)
	}
	return out
}

// value checks that an output can have a value.
func (l *loading) value(rs *RuleSet, name string, value form.Word, at form.Place) {
	i := slices.IndexFunc(rs.Outputs, func(o Output) bool { return o.Name == name })
	if i < 0 {
		l.bad.Add(at, "das Ergebnis %q gibt es nicht", "there is no output %q", name)
		return
	}
	if !rs.Outputs[i].can(value.S) {
		l.bad.Add(value.At, "das Ergebnis %q kann nicht %q sein", "output %q cannot be %q", name, value.S)
	}
}

// can reports whether an output can have the value.
func (o Output) can(value string) bool {
	if value == Unclear {
		return true
	}
	if o.Dates {
		_, err := time.Parse(time.DateOnly, value)
		return err == nil || value == "none"
	}
	return slices.ContainsFunc(o.Values, func(x Option) bool { return x.ID == value })
}

// definitions checks that every definition is valid on every day, by exactly
// one version.
func (l *loading) definitions(rs *RuleSet, at form.Place) {
	byName := map[string][]definition{}
	for _, d := range rs.definitions {
		byName[d.name] = append(byName[d.name], d)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		ds := byName[name]
		sort.SliceStable(ds, func(i, j int) bool { return ds[i].from.Before(ds[j].from) })
		ok := !ds[0].from.After(rs.From) && ds[len(ds)-1].until.IsZero()
		for i := 1; i < len(ds); i++ {
			ok = ok && ds[i].from.Equal(ds[i-1].until)
		}
		if !ok {
			l.bad.Add(at, "die Fassungen von %q lassen Tage aus oder überschneiden sich", "the versions of %q leave days out or overlap", name)
		}
	}
}

// attach gives cases to their rule set or questionnaire.
func (l *loading) attach(doc casesDoc) {
	rs, ok := l.lib.rules[doc.CasesOf.S]
	q, isQ := l.lib.questionnaires[doc.CasesOf.S]
	if isQ {
		rs, ok = q.rules, true
	}
	if !ok {
		l.bad.Add(doc.CasesOf.At, "zu diesen Fällen gibt es kein Regelwerk %q", "there is no rule set %q for these cases", doc.CasesOf.S)
		return
	}
	_, oldRules := l.base.rules[doc.CasesOf.S]
	_, oldAsk := l.base.questionnaires[doc.CasesOf.S]
	if oldRules || oldAsk { // its list of cases is shared with others
		l.bad.Add(doc.CasesOf.At, "das Regelwerk %q ist nicht von hier; Fälle lassen sich ihm nicht hinzufügen", "rule set %q is not from here; cases cannot be added to it", doc.CasesOf.S)
		return
	}
	for _, d := range doc.Cases {
		c := Case{
			ID: d.ID.S, Name: d.Name, Source: l.cite(d.Source), At: d.On, Facts: d.Facts, Expect: map[string]string{},
			Rule: d.Rule.S, Given: form.Words(d.Given), Most: d.Most, at: d.At,
		}
		if d.Open != nil {
			c.Open = append([]string{}, form.Words(d.Open)...)
		}
		if slices.ContainsFunc(rs.cases, func(x Case) bool { return x.ID == c.ID }) {
			l.bad.Add(d.ID.At, "den Fall %q gibt es zweimal", "case %q exists twice", c.ID)
		}
		if isQ {
			c.Facts = l.answers(q, d)
		}
		if _, _, err := rs.read(c.Facts); err != nil {
			l.bad.Add(d.At, "Fall %q: %s", "case %q: %s", c.ID, err)
		}
		for name, value := range d.Expect {
			l.value(rs, name, value, d.At)
			c.Expect[name] = value.S
		}
		if c.Rule != "" && !slices.ContainsFunc(rs.rules, func(r rule) bool { return r.id == c.Rule }) {
			l.bad.Add(d.Rule.At, "Fall %q: die Regel %q gibt es nicht", "case %q: there is no rule %q", c.ID, c.Rule)
		}
		rs.cases = append(rs.cases, c)
	}
}

// answers builds the answers of a questionnaire's case: questions that the case
// does not name count as no.
func (l *loading) answers(q *Questionnaire, d caseDoc) map[string]any {
	given := map[string]string{}
	for id := range q.items {
		given[id] = "no"
	}
	set := func(items []form.Word, answer string) {
		for _, w := range items {
			l.question(q, w.At, w.S, Unknown)
			given[w.S] = answer
			if answer == "" {
				delete(given, w.S)
			}
		}
	}
	set(d.Yes, "yes")
	set(d.Unknown, Unknown)
	set(d.Missing, "")
	set(d.Yes, "yes")
	return q.facts(given)
}

// covered names every rule for which no case says that it speaks.
func (l *loading) covered(rs *RuleSet) {
	proven := map[string]bool{}
	for _, c := range rs.cases {
		proven[c.Rule] = true
	}
	for _, r := range rs.rules {
		if !proven[r.id] {
			l.bad.Add(r.at, "für die Regel %q gibt es keinen Fall", "no case proves rule %q", r.id)
		}
	}
}

// questionnaire takes over a pack of kind questionnaire. Its questions become
// the facts of its rules, those of the quick path first.
func (l *loading) questionnaire(doc questionnaireDoc) {
	q := &Questionnaire{
		ID: doc.ID.S, Version: doc.Version, AsOf: doc.AsOf, Title: doc.Title, Purpose: doc.Purpose,
		Notice: doc.Notice, Minutes: doc.Minutes, Options: l.answerOptions(doc.Options), Outcomes: l.options(doc.Outcomes),
		Places: doc.Places, PlacesSay: doc.PlacesSay, items: map[string]Question{},
	}
	var order []string
	for _, s := range doc.Sections {
		section := Section{ID: s.ID.S, Title: s.Title}
		for _, it := range s.Items {
			if !l.claim(it.ID) {
				continue
			}
			if it.Type.S != YesNoUnknown {
				l.bad.Add(it.Type.At, "unbekannte Art von Frage: %q", "unknown type of question: %q", it.Type.S)
			}
			item := Question{
				ID: it.ID.S, Section: s.ID.S, Text: it.Text, Help: it.Help, Type: it.Type.S, Ask: it.Ask.S,
				Clauses: l.cite(it.Clauses), Source: it.Source,
			}
			q.items[item.ID] = item
			section.Items = append(section.Items, item)
			order = append(order, item.ID)
		}
		q.Sections = append(q.Sections, section)
	}
	l.quick(q, doc)
	l.score(q, doc)
	for _, x := range doc.Letters {
		l.claim(x.ID)
		q.Letters = append(q.Letters, Letter{ID: x.ID.S, Text: x.Text})
	}
	rs := &RuleSet{ID: q.ID, Version: q.Version, AsOf: q.AsOf, Title: q.Title, Notice: q.Notice, From: doc.From, unclear: doc.Unclear}
	for _, id := range append(slices.Clone(q.Quick.Items), order...) {
		it, ok := q.items[id]
		if ok && !slices.ContainsFunc(rs.Facts, func(f Fact) bool { return f.Name == id }) {
			rs.Facts = append(rs.Facts, Fact{Name: id, Type: FactTri, Question: it.Text, Help: it.Help, Clauses: it.Clauses})
		}
	}
	rs.Outputs = l.outputs(doc.Outputs)
	q.rules = rs
	l.rules(rs, doc.At, doc.Define, doc.Rules)
	l.info(doc.head, len(order))
	l.lib.questionnaires[q.ID] = q
}

// answerOptions reads answer options; "unknown" is one of them.
func (l *loading) answerOptions(docs []optionDoc) []Option {
	var out []Option
	for _, o := range docs {
		out = append(out, Option{ID: o.ID.S, Text: o.Text})
	}
	return out
}

// question checks that a question and an answer to it exist.
func (l *loading) question(q *Questionnaire, at form.Place, id, answer string) {
	if _, ok := q.items[id]; !ok {
		l.bad.Add(at, "die Frage %q gibt es nicht", "there is no question %q", id)
	}
	if !slices.ContainsFunc(q.Options, func(o Option) bool { return o.ID == answer }) {
		l.bad.Add(at, "die Antwort %q gibt es nicht", "there is no answer %q", answer)
	}
}

func (l *loading) quick(q *Questionnaire, doc questionnaireDoc) {
	q.Quick = Quick{Note: doc.Quick.Note, Items: form.Words(doc.Quick.Items)}
	for _, m := range doc.Quick.Items {
		l.question(q, m.At, m.S, Unknown)
	}
	for _, d := range doc.Quick.Implies {
		l.question(q, d.Item.At, d.Item.S, d.Answer.S)
		imp := Implication{Item: d.Item.S, Answer: d.Answer.S, Then: map[string]string{}, Say: d.Say}
		for id, answer := range d.Then {
			l.question(q, d.Item.At, id, answer.S)
			imp.Then[id] = answer.S
		}
		q.Quick.Implies = append(q.Quick.Implies, imp)
	}
}

func (l *loading) score(q *Questionnaire, doc questionnaireDoc) {
	s := doc.Score
	q.Score = Scoring{Note: s.Note, PointsYes: s.PointsYes, PointsNo: s.PointsNo, Max: s.Max}
	sum := 0
	for _, points := range []map[string]int{s.PointsYes, s.PointsNo} {
		for id, n := range points {
			sum += n
			l.question(q, doc.At, id, Unknown)
		}
	}
	if sum != s.Max {
		l.bad.Add(doc.At, "die Punkte ergeben %d, nicht %d", "the points add up to %d, not %d", sum, s.Max)
	}
	for _, b := range s.Bands {
		q.Score.Bands = append(q.Score.Bands, Band{ID: b.ID.S, Min: b.Min, Label: b.Label})
	}
	slices.SortFunc(q.Score.Bands, func(a, b Band) int { return b.Min - a.Min })
	if n := len(q.Score.Bands); n > 0 && q.Score.Bands[n-1].Min != 0 {
		l.bad.Add(doc.At, "das unterste Band muss bei 0 beginnen", "the lowest band must begin at 0")
	}
}
