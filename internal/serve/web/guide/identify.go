package guide

import (
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// identifying is one request to the questions "Is this AI?".
type identifying struct {
	r       *page.Request
	sys     store.Object[inventory.System]
	q       *packs.Questionnaire
	have    store.Object[assess.Assessment] // revision 0: nothing is stored yet
	answers []assess.Answer                 // as they are now
	verdict assess.Verdict                  // that follows from them
	may     bool
}

func identifyOf(r *page.Request) (*identifying, error) {
	s := &identifying{r: r, may: may(r, "assessment")}
	var err error
	if s.sys, err = r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id")); err != nil {
		return nil, err
	}
	if s.q, err = r.Org.Assess.Questionnaire(assess.Identification); err != nil {
		return nil, err
	}
	s.have, err = r.Org.Assess.One(r.Context(), r.Org.DB, s.sys.ID, assess.Identification)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	return s, s.with(s.have.Doc.Current())
}

// with takes other answers than the stored ones.
func (s *identifying) with(answers []assess.Answer) (err error) {
	s.answers = answers
	s.verdict, err = s.r.Org.Assess.Read(s.q, s.r.C.Now, answers)
	return err
}

// standing reports whether a saved verdict stands and nothing was changed since.
func (s *identifying) standing() bool {
	return s.have.Doc.Concluded() && len(s.have.Doc.Draft) == 0
}

func (s *identifying) path(more string) string { return "/systems/" + s.sys.ID + "/identify" + more }

func (s *identifying) at(item string) string { return s.path("?q=" + url.QueryEscape(item)) }

func (s *identifying) page() ui.PageView {
	return ui.PageView{Title: s.r.C.In(s.q.Title), Crumbs: crumbs(s.r.C, s.sys)}
}

// hidden is what every form of these pages carries.
func (s *identifying) hidden() map[string]string {
	pairs := make([][2]string, len(s.answers))
	for i, a := range s.answers {
		pairs[i] = [2]string{a.Item, a.Value}
	}
	return map[string]string{"revision": strconv.FormatInt(s.have.Revision, 10), "answers": carried(pairs)}
}

// take reads what the form carries.
func (s *identifying) take(in url.Values) (revision int64, err error) {
	pairs, err := uncarried(in.Get("answers"))
	if err != nil {
		return 0, err
	}
	var answers []assess.Answer
	for _, p := range pairs {
		answers = append(answers, assess.Answer{Item: p[0], Value: p[1]})
	}
	revision, err = strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0
	}
	return revision, s.with(answers)
}

// question shows one question; bad is what was wrong with its answer.
func (s *identifying) question(item packs.Question, bad *problem.Problem) error {
	c, r := s.r.C, s.r
	n := slices.IndexFunc(s.answers, func(a assess.Answer) bool { return a.Item == item.ID })
	f := ui.Form{C: c, ID: "step", Prefix: "guide.form.", Action: r.Base + s.path(""), Problem: bad, Submit: c.T("guide.next"), Hidden: s.hidden()}
	f.Hidden["q"] = item.ID
	field := ui.FieldView{ID: "step-answer", Name: "answer", Label: c.In(item.Text), Help: c.In(item.Help), Required: true, Error: f.FieldError("answer")}
	field.Expert, field.Source = expert(r, item.Clauses)
	field.Source = firstOf(field.Source, c.In(item.Source))
	for _, o := range s.q.Options {
		option := ui.Option{Value: o.ID, Text: c.In(o.Text)}
		if o.ID == packs.Unknown {
			option.Note = ask(c, item.Ask)
		}
		field.Options = append(field.Options, option)
	}
	if n >= 0 {
		field.Value = s.answers[n].Value
	} else {
		n = len(s.answers)
	}
	if n > 0 {
		f.More = []ui.Action{{Text: c.T("guide.back"), Name: "go", Value: "back"}}
	}
	v := stepView{Number: c.T("guide.question", "n", n+1), Most: c.T("guide.most", "n", len(s.q.Quick.Items)), Focus: n > 0 && bad == nil, Form: f, Field: field,
		Answers: s.said(true), Law: law(c, s.q.AsOf), About: about(c, s.sys), Discard: s.discard()}
	for _, section := range s.q.Sections {
		if section.ID == item.Section {
			v.Part = c.In(section.Title)
		}
	}
	if len(s.answers) == 0 {
		v.Intro = []string{c.In(s.q.Purpose), c.In(s.q.Quick.Note)}
		v.Aside = []ui.LinkView{{Text: c.T("guide.discover.link"), Href: c.URL("systems", "discover")}}
	}
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, s.page(), stepPage(c, v))
}

// discard takes back the draft beside a verdict that stands.
func (s *identifying) discard() *ui.Action {
	if !s.may || !s.have.Doc.Concluded() || len(s.have.Doc.Draft) == 0 {
		return nil
	}
	return &ui.Action{Text: s.r.C.T("guide.discard"), Href: s.r.Base + s.path("/discard"), Post: true, Kind: "quiet",
		Hidden: map[string]string{"revision": strconv.FormatInt(s.have.Revision, 10)}}
}

// said lists the answers so far; with change, the reader may change them.
func (s *identifying) said(change bool) answersView {
	var v answersView
	given := map[string]bool{}
	for _, a := range s.answers {
		item, _ := s.q.Item(a.Item)
		row := answerView{Question: s.r.C.In(item.Text), Answer: optionText(s.r.C, s.q.Options, a.Value)}
		if s.may && change {
			row.Href = s.r.Base + s.at(a.Item)
		}
		given[a.Item] = true
		v.Rows = append(v.Rows, row)
	}
	return v
}

// optional adds the questions that nobody has to answer: they make the
// practical verdict sharper.
func (s *identifying) optional(v answersView) answersView {
	if !s.may {
		return v
	}
	full := map[string]string{}
	for _, a := range s.answers {
		full[a.Item] = a.Value
	}
	full = s.q.Fill(full)
	for _, section := range s.q.Sections {
		for _, item := range section.Items {
			if _, known := full[item.ID]; !known {
				v.More = append(v.More, ui.LinkView{Text: s.r.C.In(item.Text), Href: s.r.Base + s.at(item.ID)})
			}
		}
	}
	return v
}

// conflict shows the reader's answers beside those that somebody else saved.
func (s *identifying) conflict(err error, in url.Values, action string) error {
	p := problem.From(err)
	have, ok := p.Have.(store.Object[assess.Assessment])
	if !ok {
		return err
	}
	stored := map[string]string{}
	for _, a := range have.Doc.Current() {
		stored[a.Item] = a.Value
	}
	mine := map[string]string{}
	for _, a := range s.answers {
		mine[a.Item] = a.Value
	}
	var rows []conflictRow
	word := func(v string) string {
		if v == "" {
			return s.r.C.T("guide.unanswered")
		}
		return optionText(s.r.C, s.q.Options, v)
	}
	for _, section := range s.q.Sections {
		for _, item := range section.Items {
			if mine[item.ID] != stored[item.ID] {
				rows = append(rows, conflictRow{s.r.C.In(item.Text), word(mine[item.ID]), word(stored[item.ID])})
			}
		}
	}
	hidden := s.hidden()
	return showConflict(s.r, s.page(), p, have.Meta, rows, in, hidden["answers"], action, s.path(""))
}

// showConflict is the page of a conflict, for every kind of answers: all that
// was entered travels on with the stored revision.
func showConflict(r *page.Request, v ui.PageView, p *problem.Problem, have store.Meta, rows []conflictRow, in url.Values, answers, action, theirs string) error {
	names, err := show.Names(r.Context(), r.Org.DB, have.UpdatedBy)
	if err != nil {
		return err
	}
	hidden := map[string]string{}
	for name := range in {
		if name != "go" && name != "answer" && name != "q" {
			hidden[name] = in.Get(name)
		}
	}
	hidden["revision"], hidden["answers"] = strconv.FormatInt(have.Revision, 10), answers
	f := ui.Form{C: r.C, ID: "conflict", Action: r.Base + action, Problem: p, Hidden: hidden, Submit: r.C.T("guide.conflict.mine")}
	return r.ShowAs(ui.Status(p), v, conflictPage(r.C, conflictView{Form: f, Who: names.Name(r.C, have.UpdatedBy), When: show.Since(r.C, have.UpdatedAt),
		Rows: rows, Theirs: r.Base + theirs}))
}
