package report

// Answered is one question of a questionnaire with the answer to it, in the
// language of the report.
type Answered struct {
	Section, Question string
	Answer            string // empty: nobody answered, and there is room to tick
}

// Answers is a questionnaire with its answers, such as the self-assessment
// (requirement 000-59): title and notes as given, one table a section. Without
// answers it is a form to fill in with a pen.
func Answers(f Frame, name, title string, notes []string, all []Answered) (Document, error) {
	d, err := newDocument(f, name, "report.answers")
	if err != nil {
		return Document{}, err
	}
	d.Title = title
	for _, n := range notes {
		d.say(n)
	}
	d.say(d.t("report.apart"))
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
			t = Table{Title: a.Section, Columns: []Column{{d.t("report.col.question"), 75, true}, {d.t("report.col.answer"), 25, true}}}
		}
		answer := a.Answer
		if answer == "" {
			answer = d.t("report.answer.room")
		}
		t.Rows = append(t.Rows, cells(a.Question, answer))
	}
	flush()
	return d.finish(), nil
}
