package guide

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// classifying is one request to the questions about class, role and security
// level.
type classifying struct {
	r       *page.Request
	sys     store.Object[inventory.System]
	verdict string // of the identification; empty: there is none yet
	have    store.Object[classify.Classification]
	answers []classify.Answer
	facts   []packs.Fact // all questions, in order
	res     classify.Result
	may     bool
	rows    []store.Object[classify.ClassRow] // of the class table, once read
}

func classifyOf(r *page.Request) (*classifying, error) {
	s := &classifying{r: r, may: may(r, "classification")}
	ctx, db := r.Context(), r.Org.DB
	var err error
	if s.sys, err = r.Org.Inventory.Systems.Get(ctx, db, r.Param("id")); err != nil {
		return nil, err
	}
	a, err := r.Org.Assess.One(ctx, db, s.sys.ID, assess.Identification)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	if a.Doc.Concluded() {
		s.verdict = a.Doc.Verdict
	}
	if s.have, err = r.Org.Classify.Of(ctx, db, s.sys.ID); err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	if s.facts, err = r.Org.Classify.Facts(); err != nil {
		return nil, err
	}
	return s, s.with(s.have.Doc.Current())
}

// with takes other answers than the stored ones.
func (s *classifying) with(answers []classify.Answer) (err error) {
	s.answers = answers
	s.res, err = s.r.Org.Classify.Read(s.r.C.Now, s.verdict, answers)
	return err
}

func (s *classifying) standing() bool { return s.have.Doc.Concluded() && len(s.have.Doc.Draft) == 0 }

func (s *classifying) path(more string) string { return "/systems/" + s.sys.ID + "/classify" + more }

func (s *classifying) at(fact string) string { return s.path("?q=" + url.QueryEscape(fact)) }

func (s *classifying) page() ui.PageView {
	return ui.PageView{Title: s.r.C.T("guide.classify.title"), Crumbs: crumbs(s.r.C, s.sys)}
}

func (s *classifying) fact(name string) (packs.Fact, bool) {
	i := slices.IndexFunc(s.facts, func(f packs.Fact) bool { return f.Name == name })
	if i < 0 {
		return packs.Fact{}, false
	}
	return s.facts[i], true
}

func (s *classifying) given(name string) int {
	return slices.IndexFunc(s.answers, func(a classify.Answer) bool { return a.Fact == name })
}

// hidden is what every form of these pages carries.
func (s *classifying) hidden() map[string]string {
	pairs := make([][2]string, len(s.answers))
	for i, a := range s.answers {
		pairs[i] = [2]string{a.Fact, strings.Join(a.Values, ",")}
	}
	return map[string]string{"revision": strconv.FormatInt(s.have.Revision, 10), "answers": carried(pairs)}
}

// take reads what the form carries.
func (s *classifying) take(in url.Values) (revision int64, err error) {
	pairs, err := uncarried(in.Get("answers"))
	if err != nil {
		return 0, err
	}
	var answers []classify.Answer
	for _, p := range pairs {
		answers = append(answers, classify.Answer{Fact: p[0], Values: strings.Split(p[1], ",")})
	}
	if revision, err = strconv.ParseInt(in.Get("revision"), 10, 64); err != nil {
		revision = 0
	}
	return revision, s.with(answers)
}

// parts are the three results in the order in which they are asked for.
var parts = []string{classify.ClassRules, classify.RoleRules, classify.LevelRules}

// partOf is the rule set that a question belongs to first.
func (s *classifying) partOf(name string) string {
	for _, id := range parts {
		if rs, ok := s.r.Org.Packs.Rules(id); ok {
			if _, ok := rs.Fact(name); ok {
				return id
			}
		}
	}
	return classify.ClassRules
}

// question shows one question; in and bad are an answer that was refused.
func (s *classifying) question(f packs.Fact, in []string, bad *problem.Problem) error {
	c, r := s.r.C, s.r
	n := s.given(f.Name)
	form := ui.Form{C: c, ID: "step", Prefix: "guide.form.", Action: r.Base + s.path(""), Problem: bad, Submit: c.T("guide.next"), Hidden: s.hidden()}
	form.Hidden["q"] = f.Name
	field := ui.FieldView{ID: "step-answer", Name: "answer", Label: c.In(f.Question), Help: c.In(f.Help), Required: true, Error: form.FieldError("answer")}
	field.Expert, field.Source = expert(r, f.Clauses)
	field.Options = s.options(f)
	if n >= 0 {
		field.Values = s.answers[n].Values
	} else {
		n = len(s.answers)
	}
	if in != nil {
		field.Values = in
	}
	if len(field.Values) == 1 && f.Type != packs.FactSet {
		field.Value = field.Values[0]
	}
	if n > 0 {
		form.More = []ui.Action{{Text: c.T("guide.back"), Name: "go", Value: "back"}}
	}
	said, err := s.said()
	if err != nil {
		return err
	}
	part := s.partOf(f.Name)
	v := stepView{Number: c.T("guide.question", "n", n+1), Focus: n > 0 && bad == nil, Form: form, Field: field, Many: f.Type == packs.FactSet, Digits: f.Type == packs.FactInt,
		Part: c.T("guide.part", "n", slices.Index(parts, part)+1, "of", len(parts), "name", c.T("guide.part."+part)), Answers: said, Law: law(c, s.res.LawAsOf), About: about(c, s.sys), Discard: s.discard()}
	if len(s.answers) == 0 {
		v.Intro = []string{c.T("guide.classify.intro"), c.T("guide.classify.unknown")}
	}
	if part == classify.ClassRules {
		if v.Examples, err = s.examples(""); err != nil {
			return err
		}
		v.Most = c.T("guide.most", "n", clearly)
	}
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, s.page(), stepPage(c, v))
}

// clearly is how many questions lead to the class in a clear case (acceptance
// 2); a test walks the systems of the model company with it.
const clearly = 6

// options are the answers to a question. "I do not know" is always among them,
// save where the rules themselves leave no room for it.
func (s *classifying) options(f packs.Fact) []ui.Option {
	c := s.r.C
	var out []ui.Option
	switch f.Type {
	case packs.FactBool, packs.FactTri:
		out = []ui.Option{{Value: "yes", Text: c.T("guide.answer.yes")}, {Value: "no", Text: c.T("guide.answer.no")}}
	default:
		for _, o := range f.Options {
			option := ui.Option{Value: o.ID, Text: c.In(o.Text)}
			for _, ref := range show.Clauses(c, s.r.Org.Packs, o.Clauses) {
				if option.Note != "" {
					option.Note += " · "
				}
				option.Note += ref.Ref
			}
			if len(o.Clauses) > 3 { // a list of a dozen products needs no dozen places
				option.Note = ""
			}
			out = append(out, option)
		}
	}
	if f.Type == packs.FactSet {
		out = append(out, ui.Option{Value: classify.None, Text: c.T("guide.answer.none")})
	}
	if f.Type != packs.FactBool {
		out = append(out, ui.Option{Value: packs.Unknown, Text: c.T("guide.answer.unknown"), Note: c.T("guide.ask.class")})
	}
	return out
}

// discard takes back the draft beside a result that stands.
func (s *classifying) discard() *ui.Action {
	if !s.may || !s.have.Doc.Concluded() || len(s.have.Doc.Draft) == 0 {
		return nil
	}
	return &ui.Action{Text: s.r.C.T("guide.discard"), Href: s.r.Base + s.path("/discard"), Post: true, Kind: "quiet",
		Hidden: map[string]string{"revision": strconv.FormatInt(s.have.Revision, 10)}}
}

// said lists the answers so far. Those that nobody would be asked for now are
// kept and marked: they do not count.
func (s *classifying) said() (answersView, error) {
	path, err := s.r.Org.Classify.Path(s.r.C.Now, s.verdict, s.answers)
	if err != nil {
		return answersView{}, err
	}
	var v answersView
	for _, a := range s.answers {
		f, _ := s.fact(a.Fact)
		row := answerView{Question: s.r.C.In(f.Question), Answer: s.words(f, a.Values), Idle: !slices.Contains(path, a.Fact)}
		if s.may {
			row.Href = s.r.Base + s.at(a.Fact)
		}
		v.Other = v.Other || row.Idle
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// words are the words of the chosen answers.
func (s *classifying) words(f packs.Fact, values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, optionText(s.r.C, f.Options, v))
	}
	return strings.Join(out, "; ")
}

// conflict shows the reader's answers beside those that somebody else saved.
func (s *classifying) conflict(err error, in url.Values, action string) error {
	p := problem.From(err)
	have, ok := p.Have.(store.Object[classify.Classification])
	if !ok {
		return err
	}
	word := func(f packs.Fact, all []classify.Answer) string {
		for _, a := range all {
			if a.Fact == f.Name {
				return s.words(f, a.Values)
			}
		}
		return s.r.C.T("guide.unanswered")
	}
	var rows []conflictRow
	for _, f := range s.facts {
		mine, stored := word(f, s.answers), word(f, have.Doc.Current())
		if mine != stored {
			rows = append(rows, conflictRow{s.r.C.In(f.Question), mine, stored})
		}
	}
	if have.Doc.Concluded() && in.Get("class") != "" && in.Get("class") != have.Doc.Class {
		rows = append(rows, conflictRow{s.r.C.T("guide.form.class"), s.class(in.Get("class")), s.class(have.Doc.Class)})
	}
	return showConflict(s.r, s.page(), p, have.Meta, rows, in, s.hidden()["answers"], action, s.path(""))
}

// class is the word for a class.
func (s *classifying) class(id string) string { return show.Word(s.r.C, "class", id) }
