package guide

import (
	"net/url"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// warnView says, before a class other than that of the rules is saved, what it
// costs or leaves out (requirements 001-10, 001-11).
type warnView struct {
	Notice ui.NoticeView
	More   higherView
}

// warned is the warning that a posted form has not confirmed yet; nil: there is
// none. A reason that is no sentence is the room's to refuse first.
func (s *classifying) warned(in url.Values) *warnView {
	class, rules := in.Get("class"), s.res.Class
	if !s.may || class == "" || class == rules || in.Get("confirmed") == class || !classify.Known(class) || !classify.Sentence(in.Get("reason")) {
		return nil
	}
	c := s.r.C
	words := []any{"class", s.class(class), "rules", s.class(rules)}
	if classify.Above(rules, class) {
		list := s.r.Org.Classify.Between(s.operator(), class, rules)
		return &warnView{ui.NoticeView{Kind: ui.Warn, Text: c.T("guide.warn.lower", words...)}, s.dutyList(c.T("guide.warn.lower.list", words...), list)}
	}
	from := rules
	if rules == packs.Unclear {
		from = "minimal"
	}
	list := s.r.Org.Classify.Between(s.operator(), from, class)
	return &warnView{ui.NoticeView{Kind: ui.Warn, Text: c.T("guide.warn.other", words...)}, s.dutyList(c.T("guide.warn.higher.list", words...), list)}
}

// operator is whose duties apply: a manufacturer whose product holds the system
// may have a provider's (requirement 003-10).
func (s *classifying) operator() string {
	switch d := s.res.Values["duties"]; d {
	case "", "none", packs.Unclear:
		return s.res.Role
	default:
		return d
	}
}

// dutyList is a list of duties with what they usually take in person days.
func (s *classifying) dutyList(title string, all []packs.Clause) higherView {
	c := s.r.C
	v := higherView{Title: title, Lead: c.T("guide.higher.lead", "n", len(all), "role", show.Word(c, "operator", s.res.Role)), Note: s.effort(all)}
	for _, cl := range all {
		d := dutyView{Clause: ui.ClauseRef{Ref: cl.Short(c.Lang)}, Text: c.In(cl.Title), From: c.T("guide.from", "date", c.Date(cl.From))}
		if more := c.In(cl.Text); more != "" {
			d.Text += ": " + more
		}
		v.Duties = append(v.Duties, d)
	}
	return v
}

// effort says what clauses usually take, of how many of them it is known, and
// that it is an estimate of our own.
func (s *classifying) effort(all []packs.Clause) string {
	c := s.r.C
	days, known := s.r.Org.Classify.Effort(all)
	if known == 0 {
		return c.T("guide.effort.none")
	}
	return c.T("guide.effort", "days", c.Decimal(days, 1), "n", known, "of", len(all))
}

// exampleView is one class with what it means in this company.
type exampleView struct{ Class, Use string }

// examples are the own examples of the class table, strictest class first
// (requirement 001-42); class empty: of every class.
func (s *classifying) examples(class string) ([]exampleView, error) {
	if s.rows == nil {
		p, err := s.r.Org.Classify.Rows.List(s.r.Context(), s.r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
		if err != nil {
			return nil, err
		}
		s.rows = p.Items
	}
	all := classify.RiskClass("").Values()
	var out []exampleView
	for _, want := range all {
		for _, o := range s.rows {
			use := show.Say(s.r.C, o.Doc.Use)
			if string(o.Doc.Class) == want && (class == "" || class == want) && strings.TrimSpace(use) != "" {
				out = append(out, exampleView{s.class(want), use})
			}
		}
	}
	return out, nil
}

// due is the day that is proposed for open questions: by the priority that the
// class table gives the class (requirement 001-09).
func (s *classifying) due(class string) string {
	var rows []classify.ClassRow
	for _, o := range s.rows {
		rows = append(rows, o.Doc)
	}
	p := classify.PriorityOf(rows, class, s.res.Level, s.res.LevelKnown)
	return p.Due(s.r.C.Now).In(zone(s.r)).Format(time.DateOnly)
}

// addressees are whom the owner of open questions may ask (requirement 001-13).
func (s *classifying) addressees() []ui.Option {
	var out []ui.Option
	for _, a := range classify.Addressee("").Values() {
		out = append(out, ui.Option{Value: a, Text: s.r.C.T("guide.to." + a)})
	}
	return out
}

// confirming puts a warning above the form of a result, which then carries that
// it was read.
func (v *outcomeView) confirming(w *warnView, class string) {
	v.Warn = w
	hidden := map[string]string{"confirmed": class}
	for k, x := range v.Save.Form.Hidden {
		hidden[k] = x
	}
	v.Save.Form.Hidden = hidden
	v.Save.Changed = true
}
