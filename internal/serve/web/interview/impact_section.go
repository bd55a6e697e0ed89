package interview

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/interview"
	"augenmass/internal/problem"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// sectionView is one section with its questions.
type sectionView struct {
	Lead   string
	Place  string // "3 von 12"
	Form   ui.Form
	Items  []itemView
	Hidden []string // questions that are not asked, and are kept
	Rights string   // how rights are judged
	Locked string   // why the reader cannot answer; empty: can
	Prev   ui.LinkView
	Next   ui.LinkView
}

// itemView is one question with its fields and what was said.
type itemView struct {
	ID      string
	Title   string
	Help    string
	Meta    string // who usually answers, which results
	Clauses []ui.ClauseRef
	Source  string
	Stands  string // the answer that counts, with person and day
	Said    []saidView
	Radio   *ui.FieldView
	Check   *ui.FieldView
	Number  *ui.FieldView
	Points  []ui.FieldView // of a right
	Text    ui.FieldView
	Differs *ui.FieldView
}

// saidView is what somebody said.
type saidView struct {
	Who, Text string
	Differs   bool
}

func impactSection(r *page.Request) error {
	t, err := open(r, r.Query("round"))
	if err != nil {
		return err
	}
	return t.section(http.StatusOK, nil, nil)
}

func (t *talk) section(status int, in url.Values, bad *problem.Problem) error {
	c, v := t.c, t.st.Questions
	s, ok := v.Section(t.r.Param("section"))
	if !ok || t.wave == nil {
		return problem.New(problem.NotFound, "Diesen Abschnitt gibt es nicht.", "There is no such section.").
			WithHint("Die Übersicht zeigt alle Abschnitte.", "The overview shows all sections.")
	}
	i := slices.IndexFunc(v.Sections, func(x ask.Section) bool { return x.ID == s.ID })
	round := "?round=" + strconv.Itoa(t.wave.Doc.Wave)
	out := sectionView{Lead: c.In(s.Lead), Place: c.T("impact.place", "n", i+1, "of", len(v.Sections)),
		Form: ui.Form{C: c, ID: "answers", Prefix: "impact.form.", Action: t.href("/section/" + s.ID), Values: in, Problem: bad, Submit: c.T("impact.save")}}
	if i > 0 {
		out.Prev = ui.LinkView{Text: c.T("impact.prev", "section", c.In(v.Sections[i-1].Title)), Href: t.href("/section/"+v.Sections[i-1].ID) + round}
	}
	if i+1 < len(v.Sections) {
		out.Next = ui.LinkView{Text: c.T("impact.next", "section", c.In(v.Sections[i+1].Title)), Href: t.href("/section/"+v.Sections[i+1].ID) + round}
	}
	switch {
	case !t.wave.Doc.Open():
		out.Locked = c.T("impact.locked.concluded")
	case !t.takesPart():
		out.Locked = c.T("impact.locked.others")
	}
	out.Form.Names = named(c, s)
	for _, it := range s.Items {
		if !t.st.Counts(it.ID) {
			out.Hidden = append(out.Hidden, c.In(it.Text))
			continue
		}
		if it.Type == ask.Right && out.Rights == "" {
			out.Rights = c.In(v.Rights.Note)
		}
		out.Items = append(out.Items, t.item(out.Form, it))
	}
	return t.r.ShowAs(status, t.frame(c.In(s.Title), t.back()), sectionBody(c, out))
}

// named calls every field of a section by its question.
func named(c ui.Ctx, s ask.Section) map[string]string {
	names := map[string]string{}
	for _, it := range s.Items {
		for _, part := range []string{"", "text", "gravity", "scope", "reversibility", "likelihood", "remains"} {
			names[path(it.ID, part)] = c.In(it.Text)
		}
	}
	return names
}

// item is one question; the fields hold what the reader said, or a refused form.
func (t *talk) item(f ui.Form, it ask.Item) itemView {
	c := t.c
	out := itemView{ID: it.ID, Title: c.In(it.Text), Help: c.In(it.Help), Clauses: t.clauses(it.Clauses), Source: c.In(it.Source)}
	out.Meta = c.T("impact.asks", "who", t.who(it.Who), "results", t.results(it.Results))
	mine := interview.Answer{}
	others := false
	for _, e := range t.st.Said.Of(it.ID) {
		d := e.Doc
		a := interview.Answer{Item: d.Item, Values: d.Values, Text: d.Text, Right: d.Right}
		if d.Person == t.r.Who.ID {
			mine = a
		} else {
			others = true
		}
		out.Said = append(out.Said, saidView{Who: c.T("impact.by", "who", t.people.Name(c, d.Person), "day", c.Date(d.Day)), Text: t.said(it, a), Differs: d.Differs})
	}
	if i := slices.IndexFunc(t.st.Standing, func(a interview.Answer) bool { return a.Item == it.ID }); i >= 0 {
		out.Stands = t.said(it, t.st.Standing[i])
	}
	if !t.takesPart() {
		return out
	}
	if f.Values == nil {
		f.Values = values(it, mine)
	}
	t.fields(&out, f, it)
	if others {
		d := f.Field(path(it.ID, "differs"))
		d.Label, d.Options = c.T("impact.differs"), []ui.Option{{Value: ask.Yes, Text: c.T("impact.differs.yes"), Note: c.T("impact.differs.note")}}
		out.Differs = &d
	}
	return out
}

// path is the name of a field, as problems name it.
func path(item, part string) string {
	if part == "" {
		return "answers." + item
	}
	return "answers." + item + "." + part
}

// values writes an answer into a form.
func values(it ask.Item, a interview.Answer) url.Values {
	v := url.Values{}
	if a.Item == "" {
		return v
	}
	v[path(it.ID, "")] = a.Values
	v.Set(path(it.ID, "text"), a.Text)
	if it.Type == ask.Right {
		v.Set(path(it.ID, ""), a.Right.Touched)
		for name, n := range map[string]int{"gravity": a.Right.Gravity, "scope": a.Right.Scope, "reversibility": a.Right.Reversibility, "likelihood": a.Right.Likelihood, "remains": a.Right.Remains} {
			if n > 0 {
				v.Set(path(it.ID, name), strconv.Itoa(n))
			}
		}
	}
	return v
}

// fields adds the inputs of a question.
func (t *talk) fields(out *itemView, f ui.Form, it ask.Item) {
	c := t.c
	field := func(part, label string) ui.FieldView {
		v := f.Field(path(it.ID, part))
		v.Label = label
		return v
	}
	main := field("", c.T("impact.answer"))
	main.Required, main.Inline = true, true
	shared := func(ids ...string) {
		for _, id := range ids {
			main.Options = append(main.Options, ui.Option{Value: id, Text: c.T("impact.value." + id)})
		}
	}
	for i, o := range it.Options {
		value := o.ID
		if it.Type == ask.Scale {
			value = strconv.Itoa(i + 1)
		}
		main.Options = append(main.Options, ui.Option{Value: value, Text: t.word(it, value)})
	}
	switch it.Type {
	case ask.YesNoUnknown:
		shared(ask.Yes, ask.No, ask.Unknown)
		out.Radio = &main
	case ask.Choice, ask.Scale:
		shared(ask.Unknown)
		main.Inline = it.Type == ask.Scale
		out.Radio = &main
	case ask.Choices:
		shared(ask.None, ask.Unknown)
		main.Inline = false
		out.Check = &main
	case ask.Number:
		out.Number = &main
	case ask.Right:
		main.Label = c.T("impact.touched")
		shared(ask.Yes, ask.No, ask.Unknown)
		out.Radio = &main
		out.Points = t.points(field)
	}
	out.Text = field("text", c.T("impact.text."+string(it.Type)))
	out.Text.Rows, out.Text.MaxLen = 3, 4000
	out.Text.Required = it.Type == ask.Text
}

// points are the four dimensions of a right and what remains.
func (t *talk) points(field func(part, label string) ui.FieldView) []ui.FieldView {
	c, r := t.c, t.st.Questions.Rights
	var out []ui.FieldView
	add := func(id, label string, words []string) {
		v := field(id, label)
		v.Blank = c.T("impact.choose")
		for i, w := range words {
			v.Options = append(v.Options, ui.Option{Value: strconv.Itoa(i + 1), Text: strconv.Itoa(i+1) + " – " + w})
		}
		out = append(out, v)
	}
	for _, d := range r.Dimensions {
		var words []string
		for _, p := range d.Points {
			words = append(words, c.In(p))
		}
		add(d.ID, c.In(d.Title), words)
	}
	var levels []string
	for _, l := range r.Levels {
		levels = append(levels, c.In(l))
	}
	add("remains", c.T("impact.remains"), levels)
	return out
}

// results names the results that a question serves.
func (t *talk) results(ids []string) string {
	out := ""
	for _, id := range ids {
		res, _ := t.st.Questions.Result(id)
		if out != "" {
			out += ", "
		}
		out += t.c.In(res.Title)
	}
	return out
}
