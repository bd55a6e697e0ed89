package guide

import (
	"net/url"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// classifyShow is the next question, a chosen one, or the result.
func classifyShow(r *page.Request) error {
	s, err := classifyOf(r)
	if err != nil {
		return err
	}
	if s.verdict == "" && !s.have.Doc.Concluded() {
		return r.Show(s.page(), firstIdentify(r.C, r.C.URL("systems", s.sys.ID, "identify"), s.may))
	}
	if f, ok := s.fact(r.Query("q")); ok && s.may {
		return s.question(f, nil, nil)
	}
	if s.may && !s.standing() && s.res.Next != nil {
		return s.question(*s.res.Next, nil, nil)
	}
	return s.result(nil, nil)
}

// result shows class, role and security level: the saved ones, or those that
// the answers give and a person has yet to save. in and bad are a refused form.
func (s *classifying) result(in url.Values, bad *problem.Problem) error {
	return s.resultAs(in, bad, nil)
}

// resultAs is result with a warning that has to be read before it is saved.
func (s *classifying) resultAs(in url.Values, bad *problem.Problem, warn *warnView) error {
	r, c := s.r, s.r.C
	if !s.may && !s.have.Doc.Concluded() {
		return r.Show(s.page(), nothingYet(c, c.T("guide.classify.none"), who(c, "classification")))
	}
	saved := s.standing() && bad == nil && warn == nil || !s.may
	if !s.may {
		if err := s.with(s.have.Doc.Answers); err != nil { // somebody else's draft is nobody's business
			return err
		}
	}
	said, err := s.said()
	if err != nil {
		return err
	}
	doc := classify.Classification{Role: s.res.Role, Class: s.res.Class, ByRules: s.res.Class, Level: s.res.Level, LevelKnown: s.res.LevelKnown,
		Trace: s.res.Trace, Open: s.res.Open}
	if saved {
		doc = s.have.Doc
	}
	v := outcomeView{Law: law(c, s.res.LawAsOf), Answers: said, Discard: s.discard()}
	s.three(&v, doc)
	v.Facts = s.duties()
	for _, name := range doc.Open {
		if f, ok := r.Org.Classify.Fact(name); ok {
			href := r.Base + s.at(name)
			if name == classify.FactAI {
				href = c.URL("systems", s.sys.ID, "identify")
			}
			v.Open = append(v.Open, openView{c.In(f.Question), c.T("guide.ask.class"), answerAt(s.may, href)})
		}
	}
	if len(v.Open) > 0 {
		v.OpenSay = c.T("guide.open.classify")
	}
	if saved {
		if err = s.standsAs(&v); s.may {
			s.again(&v)
		}
	} else {
		v.Higher = s.higher(doc)
		err = s.toSave(&v, doc, in, bad)
	}
	if err != nil {
		return err
	}
	if v.Examples, err = s.examples(doc.Class); err != nil {
		return err
	}
	if warn != nil && v.Save != nil {
		v.confirming(warn, in.Get("class"))
	}
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, s.page(), outcomePage(c, v))
}

// three says class, role and security level as three things, each with its own
// reasons.
func (s *classifying) three(v *outcomeView, doc classify.Classification) {
	c := s.r.C
	why := func(part string) []ui.Reason {
		var mine []classify.Step
		for _, st := range doc.Trace {
			if st.Part == part || st.Part == "" && part == classify.PartClass {
				mine = append(mine, st)
			}
		}
		return reasons(s.r, mine, func(st classify.Step) (string, []string) { return show.Say(c, st.Say), st.Clauses })
	}
	mark := show.ClassMark(c, doc.Class)
	mark.Word = s.class(doc.Class)
	v.Main = ui.ResultView{Mark: mark, Title: c.T("guide.class." + doc.Class), Why: why(classify.PartClass)}
	if doc.Class == packs.Unclear && len(s.res.Possible) > 0 {
		var words []string
		for _, id := range s.res.Possible {
			words = append(words, s.class(id))
		}
		v.Main.Title = c.T("guide.class.possible", "classes", strings.Join(words, c.T("guide.or")))
	}
	if doc.Class != doc.ByRules {
		v.Main.Title = c.T("guide.overridden", "class", s.class(doc.Class), "rules", s.class(doc.ByRules))
		if doc.Reason != "" {
			v.Main.Why = append([]ui.Reason{{Text: c.T("guide.reason", "reason", doc.Reason)}}, v.Main.Why...)
		}
	}
	role := besideView{ID: "role", Cap: c.T("guide.role"), Value: show.Word(c, "operator", doc.Role), Why: why(classify.PartRole)}
	if doc.Role == packs.Unclear {
		role.Mark = &ui.Mark{Kind: ui.None, Word: role.Value}
	}
	level := besideView{ID: "level", Cap: c.T("guide.level"), Value: c.T("show.sl", "n", doc.Level), Why: why(classify.PartLevel)}
	if !doc.LevelKnown {
		level.Mark = &ui.Mark{Kind: ui.None, Word: c.T("guide.level.unclear")}
	}
	v.More = []besideView{role, level}
}

// duties are what the rules say beside the class: from when the duties apply,
// where they stand and whom the transparency duty meets.
func (s *classifying) duties() []ui.Fact {
	c := s.r.C
	var out []ui.Fact
	for _, name := range []string{"duties_from", "regime", "transparency"} {
		value := s.res.Values[name]
		if value == "" || value == packs.Unclear || value == "none" {
			continue
		}
		title, word := s.r.Org.Classify.Words(name, value)
		f := ui.Fact{Term: c.In(title), Text: c.In(word)}
		if at, err := time.Parse(time.DateOnly, value); err == nil {
			f.Text, f.Mono = c.Date(at), true
		}
		if f.Text != "" {
			out = append(out, f)
		}
	}
	return out
}

// higher is what the next higher class would add, with its effort in days.
func (s *classifying) higher(doc classify.Classification) *higherView {
	c := s.r.C
	class, ok := classify.Higher(doc.Class)
	if !ok {
		return nil
	}
	all := s.r.Org.Classify.Duties(s.operator(), class)
	if len(all) == 0 {
		return nil
	}
	v := s.dutyList(c.T("guide.higher", "class", s.class(class)), all)
	return &v
}

// standsAs adds what a saved result says: who saved it, who acts next, what
// next.
func (s *classifying) standsAs(v *outcomeView) error {
	c, d := s.r.C, s.have.Doc
	names, err := show.Names(s.r.Context(), s.r.Org.DB, s.have.UpdatedBy, d.OpenWho)
	if err != nil {
		return err
	}
	v.Saved = c.T("guide.savedby", "who", names.Name(c, s.have.UpdatedBy), "when", c.Date(d.AsOf), "until", c.Date(d.ValidUntil))
	v.Main.Note = c.T("guide.rules", "version", d.Version)
	if d.Verdict != "" && d.Verdict != s.verdict {
		v.Stale = c.T("guide.stale", "then", show.Word(c, "verdict", d.Verdict), "now", show.VerdictMark(c, s.verdict).Word)
	}
	approve := ui.Task{Text: c.T("guide.toapprove"), Href: c.URL("systems", s.sys.ID, "approve"), Time: c.T("guide.minutes", "n", 4)}
	file := ui.Task{Text: c.T("guide.tofile"), Href: c.URL("systems", s.sys.ID)}
	v.Main.Who = c.T("guide.approvers")
	v.Main.Next = []ui.Task{approve, file}
	if d.Unclear() {
		v.Main.Who = c.T("guide.owner", "who", names.Name(c, d.OpenWho), "when", c.Date(d.OpenDue))
		if d.OpenTo != "" {
			v.Main.Who += ". " + c.T("guide.asks", "whom", c.T("guide.to."+string(d.OpenTo)))
		}
		v.Main.Next = []ui.Task{{Text: c.T("guide.open.settle"), Href: "#open"}, file}
	}
	if claim := d.Claims(); claim != "" && s.may {
		record := ui.Task{Text: c.T("guide.toexception"), Href: c.URL("duties", "exceptions", "new") + "?system=" + s.sys.ID + "&criterion=" + claim, Time: c.T("guide.minutes", "n", 5)}
		v.Main.Next = append([]ui.Task{record}, v.Main.Next...)
	}
	if d.Class == "prohibited" {
		v.Main.Who = show.Roles(c, []string{"director", "ai_officer"})
		v.Main.Next = []ui.Task{file}
	}
	return nil
}

// toSave adds the form that saves the result.
func (s *classifying) toSave(v *outcomeView, doc classify.Classification, in url.Values, bad *problem.Problem) error {
	c := s.r.C
	v.Main.Next = []ui.Task{{Text: c.T("guide.tosave"), Href: "#save"}}
	v.Main.Who = s.r.Who.Name
	f := ui.Form{C: c, ID: "save", Prefix: "guide.form.", Action: s.r.Base + s.path("/save"), Values: in, Problem: bad, Hidden: s.hidden(), Submit: c.T("guide.save")}
	save := saveView{Form: f, Override: doc.ByRules != "prohibited" && doc.ByRules != classify.ClassNone}
	if save.Override {
		save.Class = f.Field("class")
		save.Class.Blank = c.T("guide.form.class.rules", "class", s.class(doc.ByRules))
		for _, id := range []string{"minimal", "limited", "high", "prohibited", packs.Unclear} {
			if id != doc.ByRules {
				save.Class.Options = append(save.Class.Options, ui.Option{Value: id, Text: s.class(id)})
			}
		}
		save.Reason = f.Field("reason")
		save.Reason.MaxLen = 2000
		save.Changed = save.Class.Value != "" || save.Reason.Error != ""
	}
	// A class that is set to unclear by hand asks for the same; the fields come
	// with the answer then.
	save.Open = s.res.Unclear() || in.Get("class") == packs.Unclear
	if save.Open {
		if err := openFields(s.r, &save); err != nil {
			return err
		}
		if _, err := s.examples(""); err != nil { // the class table says how soon
			return err
		}
		if !in.Has("open_due") {
			save.Due.Value = s.due(packs.Unclear)
		}
		save.To = f.Field("open_to").Req().Of(s.addressees()...).Or("vendor")
	}
	v.Save = &save
	return nil
}
