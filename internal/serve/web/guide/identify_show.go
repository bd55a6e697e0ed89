package guide

import (
	"net/url"
	"strings"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// identifyShow is the next question, a chosen one, or the result.
func identifyShow(r *page.Request) error {
	s, err := identifyOf(r)
	if err != nil {
		return err
	}
	if item, ok := s.q.Item(r.Query("q")); ok && s.may {
		return s.question(item, nil)
	}
	if s.may && !s.standing() && s.verdict.Next != nil {
		return s.question(*s.verdict.Next, nil)
	}
	return s.result(nil, nil)
}

// result shows the verdict: the saved one, or the one that the answers give and
// a person has yet to save. in and bad are a refused form.
func (s *identifying) result(in url.Values, bad *problem.Problem) error {
	r, c := s.r, s.r.C
	if !s.may && !s.have.Doc.Concluded() {
		return r.Show(s.page(), nothingYet(c, c.T("guide.identify.none"), who(c, "assessment")))
	}
	saved := s.standing() && bad == nil || !s.may
	if !s.may {
		if err := s.with(s.have.Doc.Answers); err != nil { // somebody else's draft is nobody's business
			return err
		}
	}
	v := outcomeView{Law: law(c, s.q.AsOf), Answers: s.optional(s.said(true)), Discard: s.discard(), Score: s.score(saved)}
	verdict, steps, open := s.verdict.Outcome.Values["verdict"], s.spoken(), s.verdict.Outcome.Open
	if saved {
		verdict, steps, open = s.have.Doc.Verdict, s.have.Doc.Trace, s.have.Doc.Open
	}
	v.Main = ui.ResultView{Mark: show.VerdictMark(c, verdict), Title: c.In(named(s.q.Outcomes, verdict)), Why: assessReasons(r, steps)}
	for _, id := range open {
		if item, ok := s.q.Item(id); ok {
			v.Open = append(v.Open, openView{c.In(item.Text), ask(c, item.Ask), answerAt(s.may, r.Base+s.at(id))})
		}
	}
	if verdict == packs.Unclear {
		v.Letter = s.letter(open)
		v.OpenSay = c.T("guide.open.identify")
	}
	if saved {
		if err := s.standsAs(&v, verdict); err != nil {
			return err
		}
	} else if err := s.toSave(&v, verdict, in, bad); err != nil {
		return err
	}
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, s.page(), outcomePage(c, v))
}

// answerAt is the address of a question for who may answer it.
func answerAt(may bool, href string) string {
	if !may {
		return ""
	}
	return href
}

// spoken are the rules that speak for certain.
func (s *identifying) spoken() []assess.Step {
	var out []assess.Step
	for _, st := range s.verdict.Outcome.Trace {
		if !st.Possible {
			out = append(out, assess.Step{Say: st.Say, Clauses: st.Clauses})
		}
	}
	return out
}

// standsAs adds what a saved verdict says: who saved it, who acts next, what
// next.
func (s *identifying) standsAs(v *outcomeView, verdict string) error {
	c, d := s.r.C, s.have.Doc
	names, err := show.Names(s.r.Context(), s.r.Org.DB, s.have.UpdatedBy, d.OpenWho)
	if err != nil {
		return err
	}
	v.Saved = c.T("guide.savedby", "who", names.Name(c, s.have.UpdatedBy), "when", c.Date(d.AsOf), "until", c.Date(d.ValidUntil))
	v.Main.Note = c.T("guide.questionnaire", "version", d.Version)
	v.Main.Who = who(c, "assessment")
	file := ui.Task{Text: c.T("guide.tofile"), Href: c.URL("systems", s.sys.ID)}
	switch verdict {
	case packs.Unclear:
		v.Main.Who = c.T("guide.owner", "who", names.Name(c, d.OpenWho), "when", c.Date(d.OpenDue))
		v.Main.Next = []ui.Task{{Text: c.T("guide.letter.send"), Href: "#letter"}}
	case "ai_system", "not_ai_but_people":
		v.Main.Next = []ui.Task{{Text: c.T("guide.toclassify"), Href: c.URL("systems", s.sys.ID, "classify"), Time: c.T("guide.minutes", "n", 7)}, file}
	default:
		v.Main.Next = []ui.Task{file}
	}
	return nil
}

// toSave adds the form that saves the verdict.
func (s *identifying) toSave(v *outcomeView, verdict string, in url.Values, bad *problem.Problem) error {
	c := s.r.C
	v.Main.Next = []ui.Task{{Text: c.T("guide.tosave"), Href: "#save"}}
	v.Main.Who = s.r.Who.Name
	f := ui.Form{C: c, ID: "save", Prefix: "guide.form.", Action: s.r.Base + s.path("/save"), Values: in, Problem: bad, Hidden: s.hidden(), Submit: c.T("guide.save")}
	save := saveView{Form: f, Open: verdict == packs.Unclear}
	if save.Open {
		if err := openFields(s.r, &save); err != nil {
			return err
		}
	}
	v.Save = &save
	return nil
}

// openFields asks who settles open questions and by when; the reader and two
// weeks are proposed.
func openFields(r *page.Request, save *saveView) error {
	all, err := owners(r)
	if err != nil {
		return err
	}
	save.Owners = save.Form.Field("open_who").Req().Of(all...).Or(r.Who.ID)
	save.Due = save.Form.Field("open_due").Req()
	if !save.Form.Values.Has("open_due") {
		save.Due.Value = r.C.Now.Add(dueIn).In(zone(r)).Format(time.DateOnly)
	}
	save.Due.Min = r.C.Now.In(zone(r)).Format(time.DateOnly)
	return nil
}

// score is the practical verdict: points of a known maximum, and how many are
// still open (criterion 19).
func (s *identifying) score(saved bool) *scoreView {
	c, sc := s.r.C, s.verdict.Score
	if d := s.have.Doc; saved && d.Version != s.q.Version {
		sc = packs.Score{Points: d.Points, Most: d.Points, Max: d.MaxPoints, Band: d.Practical}
	}
	v := &scoreView{Note: c.In(s.q.Score.Note)}
	v.Figure = ui.FigureView{Label: c.T("guide.score"), Value: c.T("guide.score.value", "n", sc.Points, "max", sc.Max),
		Meter: &ui.MeterView{Value: float64(sc.Points), Max: float64(max(sc.Max, 1)), Kind: ui.None, Label: c.T("guide.score.value", "n", sc.Points, "max", sc.Max)}}
	v.Figure.Note = s.band(sc.Points)
	if sc.Most > sc.Points {
		v.Still = c.T("guide.score.still", "n", sc.Most-sc.Points, "from", s.band(sc.Points), "to", s.band(sc.Most))
		if sc.Band != "" {
			v.Still = c.T("guide.score.surely", "n", sc.Most-sc.Points)
		} else {
			v.Figure.Note = ""
		}
	}
	return v
}

// band is the word for a number of points.
func (s *identifying) band(points int) string {
	for _, b := range s.q.Score.Bands {
		if points >= b.Min {
			return s.r.C.In(b.Label)
		}
	}
	return ""
}

// letter is the text to the vendor: the questions of the packs, and those that
// stayed open and that a vendor can answer.
func (s *identifying) letter(open []string) string {
	c := s.r.C
	parts := []string{c.T("guide.letter.about", "name", s.sys.Doc.Name)}
	for _, l := range s.q.Letters {
		parts = append(parts, c.In(l.Text))
	}
	var more []string
	for _, id := range open {
		if item, ok := s.q.Item(id); ok && item.Ask == "vendor" {
			more = append(more, "– "+c.In(item.Text))
		}
	}
	if len(more) > 0 {
		parts = append(parts, c.T("guide.letter.open")+"\n"+strings.Join(more, "\n"))
	}
	return strings.Join(append(parts, c.T("guide.letter.end", "org", c.OrgName)), "\n\n")
}

// named is the text of a value among those that the packs describe.
func named(all []packs.Option, id string) (b text.Bi) {
	for _, o := range all {
		if o.ID == id {
			return o.Text
		}
	}
	return b
}
