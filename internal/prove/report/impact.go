package report

import "strings"

// ImpactCase is one result of an impact assessment, in the language of the report
// (requirement 001-47): the AI impact assessment, the fundamental rights impact
// assessment or the data protection impact assessment.
type ImpactCase struct {
	Result     string // aiia, fria, dpia: part of the file's name
	Title      string
	System     string
	Purpose    string
	Round      int
	Clauses    string   // who asks for it
	Duty       string   // owed, voluntary …, in words
	Why        []string // with clauses
	Level      string   // the highest that remains, in words
	Follows    string   // what follows from it
	Flags      []string // red flags, with clauses
	People     []string
	Concluded  string // when, by whom, until when; empty: a draft
	Say        string
	Conditions string
	Method     []string
	Answers    []ImpactAnswer
}

// ImpactAnswer is one question with the answer that stands, the clauses that it
// serves, and who sees it differently.
type ImpactAnswer struct {
	Section, Question string
	Answer            string // empty: not answered yet
	Serves            string
	Dissents          []string
}

// Impact is the document of one result. Dissent is printed with its question.
func Impact(f Frame, c ImpactCase) (Document, error) {
	d, err := newDocument(f, "impact-"+c.Result, "report.impact")
	if err != nil {
		return Document{}, err
	}
	d.Title = c.Title + ": " + c.System
	if c.Purpose != "" {
		d.say(d.t("report.impact.purpose", "purpose", c.Purpose))
	}
	d.say(d.t("report.impact.asked", "clauses", c.Clauses), d.t("report.impact.duty", "duty", c.Duty))
	for _, w := range c.Why {
		d.say(w)
	}
	if c.Concluded == "" {
		d.say(d.t("report.impact.draft", "round", c.Round))
	} else {
		d.say(c.Concluded)
	}
	d.head(d.t("report.impact.result"))
	d.say(d.t("report.impact.level", "level", c.Level), c.Follows)
	for _, x := range c.Flags {
		d.say(d.t("report.impact.flag", "say", x))
	}
	if c.Say != "" {
		d.say(c.Say)
	}
	if c.Conditions != "" {
		d.say(d.t("report.impact.conditions", "say", c.Conditions))
	}
	if len(c.People) > 0 {
		d.say(d.t("report.impact.people", "people", strings.Join(c.People, ", ")))
	}
	d.impactAnswers(c.Answers)
	d.head(d.t("report.impact.method"))
	d.say(c.Method...)
	return d.finish(), nil
}

func (d *Document) impactAnswers(all []ImpactAnswer) {
	var t Table
	flush := func() {
		if len(t.Rows) > 0 {
			d.head(t.Title)
			d.table(t)
		}
	}
	for _, a := range all {
		if a.Section != t.Title {
			flush()
			t = Table{Title: a.Section, Columns: []Column{{d.t("report.col.question"), 35, true}, {d.t("report.col.answer"), 45, true}, {d.t("report.impact.col"), 20, true}}}
		}
		answer := a.Answer
		if answer == "" {
			answer = d.t("report.impact.none")
		}
		for _, x := range a.Dissents {
			answer += "\n" + d.t("report.impact.dissent", "say", x)
		}
		t.Rows = append(t.Rows, cells(a.Question, answer, a.Serves))
	}
	flush()
}
