package selfcheck

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/prove/report"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/ui"
)

// readinessQuestions is the questionnaire of the self-assessment. Its answers are
// nobody's score: they are read, shown and handed over, and kept only where
// somebody files them as evidence.
const readinessQuestions = "readiness"

// checklistView is the self-assessment.
type checklistView struct {
	Purpose string
	Notice  string
	Minutes string
	Form    ui.Form
	Parts   []questionPart
	Result  *resultView
	Print   ui.LinkView // the empty form on paper
}

// questionPart is a section of the questionnaire.
type questionPart struct {
	ID, Title string
	Fields    []ui.FieldView
}

// resultView is what the answers say.
type resultView struct {
	Score    ui.FigureView
	Answered ui.FigureView
	Parts    ui.BarsView
	Verdict  string // what the answers say
	Next     string // and what helps most now
	Why      []ui.Reason
	Still    string
	Open     []ui.LinkView // questions answered with no or not known: what to do next
}

// filled is the questionnaire with some answers and what follows from them.
type filled struct {
	q       *packs.Questionnaire
	answers []assess.Answer
	verdict assess.Verdict
}

// answered reads the answers of a form. Answers that no option offers are named.
func answered(r *page.Request, in url.Values) (filled, error) {
	q, err := r.Org.Assess.Questionnaire(readinessQuestions)
	if err != nil {
		return filled{}, err
	}
	f := filled{q: q}
	for _, s := range q.Sections {
		for _, it := range s.Items {
			if v := in.Get(it.ID); v != "" {
				f.answers = append(f.answers, assess.Answer{Item: it.ID, Value: v})
			}
		}
	}
	f.verdict, err = r.Org.Assess.Read(q, r.C.Now, f.answers)
	return f, err
}

func (f filled) value(item string) string {
	for _, a := range f.answers {
		if a.Item == item {
			return a.Value
		}
	}
	return ""
}

// checklistShow is the self-assessment without answers, or on paper.
func checklistShow(r *page.Request) error {
	f, err := answered(r, nil)
	if err != nil {
		return err
	}
	if r.Query("form") == "pdf" {
		return f.pdf(r)
	}
	return f.show(r, http.StatusOK, nil)
}

// checklistAnswer reads the answers: it shows what they say, hands it over as a
// PDF, or files that as evidence.
func checklistAnswer(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	f, err := answered(r, in)
	if problem.Is(err, problem.BadInput) {
		p := problem.From(err)
		return f.show(r, ui.Status(p), p)
	}
	if err != nil {
		return err
	}
	switch in.Get("go") {
	case "pdf":
		return f.pdf(r)
	case "file":
		return f.file(r)
	}
	return f.show(r, http.StatusOK, nil)
}

// show shows the questions with the answers so far, and what they say.
func (f filled) show(r *page.Request, status int, bad *problem.Problem) error {
	c := r.C
	v := checklistView{Purpose: c.In(f.q.Purpose), Notice: c.In(f.q.Notice), Minutes: c.T("selfcheck.minutes", "n", f.q.Minutes),
		Form:  ui.Form{C: c, ID: "check", Action: c.URL("duties", "checklist") + "#result", Problem: bad, Submit: c.T("selfcheck.show")},
		Print: ui.LinkView{Text: c.T("selfcheck.empty"), Href: c.URL("duties", "checklist") + "?form=pdf"}}
	if len(f.answers) > 0 {
		v.Form.More = []ui.Action{{Text: c.T("selfcheck.pdf"), Name: "go", Value: "pdf"}}
		if roles.Allowed(r.Who.Roles, store.Create, "evidence") {
			v.Form.More = append(v.Form.More, ui.Action{Text: c.T("selfcheck.file"), Name: "go", Value: "file"})
		}
		if bad == nil {
			v.Result = f.result(c, r)
		}
	}
	for _, s := range f.q.Sections {
		part := questionPart{ID: s.ID, Title: c.In(s.Title)}
		for _, it := range s.Items {
			part.Fields = append(part.Fields, f.field(c, it))
		}
		v.Parts = append(v.Parts, part)
	}
	return r.ShowAs(status, ui.PageView{Title: c.In(f.q.Title), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}, checklistBody(c, v))
}

func (f filled) field(c ui.Ctx, it packs.Question) ui.FieldView {
	v := ui.FieldView{ID: "check-" + it.ID, Name: it.ID, Label: c.In(it.Text), Plain: c.In(it.Help), Value: f.value(it.ID), Inline: true, Required: true}
	for _, o := range f.q.Options {
		v.Options = append(v.Options, ui.Option{Value: o.ID, Text: c.In(o.Text)})
	}
	return v
}

// result is the score of a known maximum, by part, and what to look at next.
func (f filled) result(c ui.Ctx, r *page.Request) *resultView {
	s, all := f.verdict.Score, 0
	v := &resultView{Parts: ui.BarsView{Caption: c.T("selfcheck.parts"), Name: c.T("selfcheck.part"), Value: c.T("selfcheck.yes"), Bar: c.T("selfcheck.bar")}}
	for _, part := range f.q.Sections {
		yes := 0
		for _, it := range part.Items {
			all++
			switch f.value(it.ID) {
			case "yes":
				yes++
			case "no", packs.Unknown:
				v.Open = append(v.Open, f.onward(c, r, it))
			}
		}
		v.Parts.Rows = append(v.Parts.Rows, ui.BarRow{Name: c.In(part.Title), Href: "#part-" + part.ID, Value: c.T("selfcheck.of", "n", yes, "of", len(part.Items)), Share: float64(yes) / float64(max(len(part.Items), 1))})
	}
	points := c.T("selfcheck.of", "n", s.Points, "of", s.Max)
	v.Score = ui.FigureView{Label: c.T("selfcheck.score"), Value: points, Unit: c.T("selfcheck.points"), Note: f.band(c),
		Meter: &ui.MeterView{Value: float64(s.Points), Max: float64(max(s.Max, 1)), Label: c.T("selfcheck.score") + ": " + points}}
	v.Answered = ui.FigureView{Label: c.T("selfcheck.answered"), Value: c.T("selfcheck.of", "n", len(f.answers), "of", all), Unit: c.T("selfcheck.questions")}
	if s.Most > s.Points {
		v.Still = c.T("selfcheck.still", "n", s.Most-s.Points)
	}
	v.Verdict, v.Next = f.said(c, "verdict"), f.said(c, "next")
	for _, st := range f.verdict.Outcome.Trace {
		if !st.Possible {
			v.Why = append(v.Why, ui.Reason{Text: c.In(st.Say), Clauses: c.ClauseRefs(st.Clauses)})
		}
	}
	return v
}

// said is what an output of the rules says, or empty while it is open.
func (f filled) said(c ui.Ctx, output string) string {
	for _, o := range f.q.Rules().Outputs {
		for _, v := range o.Values {
			if o.Name == output && v.ID == f.verdict.Outcome.Values[output] {
				return c.In(v.Text)
			}
		}
	}
	return ""
}

// questions counts them.
func (f filled) questions() (n int) {
	for _, s := range f.q.Sections {
		n += len(s.Items)
	}
	return n
}

// onward leads from a question to the requirement behind it.
func (f filled) onward(c ui.Ctx, r *page.Request, it packs.Question) ui.LinkView {
	l := ui.LinkView{Text: c.In(it.Text)}
	if len(it.Clauses) == 0 {
		return l
	}
	for _, fw := range r.Org.Library().Frameworks() {
		if _, _, ok := fw.Item(it.Clauses[0]); ok {
			l.Href = c.URL("duties", "frameworks", fw.ID, it.Clauses[0])
			return l
		}
	}
	l.Href = evidence.Ref(c, r.Org.Library(), it.Clauses[0]).Href
	return l
}

// band is the word for the points, or empty while open answers could change it.
func (f filled) band(c ui.Ctx) string {
	i := slices.IndexFunc(f.q.Score.Bands, func(b packs.Band) bool { return b.ID == f.verdict.Score.Band })
	if i < 0 {
		return ""
	}
	return c.In(f.q.Score.Bands[i].Label)
}

// document is the self-assessment on paper.
func (f filled) document(r *page.Request) (report.Document, error) {
	c, s := r.C, f.verdict.Score
	notes := []string{c.In(f.q.Purpose)}
	if len(f.answers) > 0 {
		notes = append(notes, c.T("selfcheck.paper", "points", s.Points, "max", s.Max, "n", len(f.answers), "of", f.questions()))
		for _, say := range []string{f.band(c), f.said(c, "verdict"), f.said(c, "next")} {
			if say != "" {
				notes = append(notes, say+".")
			}
		}
	}
	var all []report.Answered
	for _, part := range f.q.Sections {
		for _, it := range part.Items {
			a := report.Answered{Section: c.In(part.Title), Question: c.In(it.Text)}
			for _, o := range f.q.Options {
				if o.ID == f.value(it.ID) {
					a.Answer = c.In(o.Text)
				}
			}
			all = append(all, a)
		}
	}
	return report.Answers(paper.Frame(r), "self-assessment", c.In(f.q.Title), notes, all)
}

func (f filled) pdf(r *page.Request) error {
	doc, err := f.document(r)
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, paper.PDF)
}

// file keeps the self-assessment as evidence, with the PDF in the vault.
func (f filled) file(r *page.Request) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Create, "evidence", nil); err != nil {
		return err
	}
	doc, err := f.document(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := doc.PDF(&b); err != nil {
		return err
	}
	c := r.C
	made, err := evidence.File(r, control.Evidence{Name: c.In(f.q.Title) + ", " + c.Date(c.Now), Type: "record", Date: c.Now.UTC(), Owner: r.Who.ID}, doc.Name+".pdf", b.Bytes())
	if err != nil {
		return err
	}
	return r.Go("/proof/objects/"+made.ID, "evidence.filed")
}
