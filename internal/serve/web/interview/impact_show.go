package interview

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"augenmass/internal/govern/interview"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// overview is the first page: what is owed, where the round stands, what is next.
type overview struct {
	Purpose  string
	Firm     string // that most firms owe no fundamental rights impact assessment
	Owed     []owedView
	Round    []ui.Fact // of the round that is shown
	Sections []ui.Task
	Dissents ui.TableView
	Begin    *beginView
	End      *endView
	Waves    ui.TableView
	Compare  ui.LinkView
	Method   []string
	Reviews  []string
	Notice   string
}

// owedView is one result: whether it is owed, why, and how far it is.
type owedView struct {
	ID     string
	Result ui.ResultView
	Level  *ui.Mark
	Flags  []ui.Reason
	Paper  ui.LinkView
}

// beginView asks for depth and participants of a new round.
type beginView struct {
	Form  ui.Form
	Depth ui.FieldView
	Who   []ui.FieldView
}

// endView asks for the conclusion.
type endView struct {
	Form ui.Form
	Draw ui.FieldView
	Who  ui.FieldView
	Open bool // something is not known
	High bool // a high risk remains
}

func impactShow(r *page.Request) error {
	t, err := open(r, r.Query("round"))
	if err != nil {
		return err
	}
	return t.overview(http.StatusOK, nil, "", nil)
}

// overview shows the page; of a refused form, its values and what was wrong.
func (t *talk) overview(status int, in url.Values, form string, bad *problem.Problem) error {
	c, v := t.c, t.st.Questions
	o := overview{Purpose: c.In(v.Purpose), Notice: c.In(v.Notice)}
	for _, x := range t.st.Owed {
		o.Owed = append(o.Owed, t.owed(x))
		if x.Result == interview.FRIA && x.Duty != interview.Owed && x.Duty != interview.Coming {
			o.Firm = c.T("impact.firm")
		}
	}
	for _, m := range v.Method {
		o.Method = append(o.Method, c.In(m))
	}
	for _, m := range v.Reviews {
		o.Reviews = append(o.Reviews, c.In(m))
	}
	if t.wave != nil {
		o.Round, o.Sections, o.Dissents = t.round(), t.sections(), t.dissents()
		o.Waves, o.Compare = t.rounds()
	}
	running := len(t.waves) > 0 && t.waves[0].Doc.Open()
	if t.mayLead() && !running {
		o.Begin = t.beginning(in, form, bad)
	}
	if t.mayLead() && t.wave != nil && t.wave.Doc.Open() {
		o.End = t.ending(in, form, bad)
	}
	return t.r.ShowAs(status, t.frame(c.T("impact.title")), overviewBody(c, o))
}

// dutyKinds are the marks of duties.
var dutyKinds = map[interview.Duty]ui.Kind{interview.Owed: ui.Warn, interview.Asked: ui.Warn, interview.Coming: ui.Warn,
	interview.Voluntary: ui.None, interview.NotOwed: ui.OK, interview.Unclear: ui.None}

func (t *talk) owed(x interview.Owing) owedView {
	c, v := t.c, t.st.Questions
	res, _ := v.Result(x.Result)
	out := owedView{ID: x.Result, Result: ui.ResultView{Mark: ui.Mark{Kind: dutyKinds[x.Duty], Word: c.T("impact.duty." + string(x.Duty))},
		Title: c.In(res.Title), Note: c.In(res.Say) + " " + c.T("impact.law", "date", c.Date(x.AsOf))}}
	if !x.From.IsZero() && (x.Duty == interview.Owed || x.Duty == interview.Coming) {
		out.Result.Mark.Word = c.T("impact.from", "duty", out.Result.Mark.Word, "day", c.Date(x.From))
	}
	for _, s := range x.Why {
		out.Result.Why = append(out.Result.Why, ui.Reason{Text: c.In(s.Say), Clauses: t.clauses(s.Clauses)})
	}
	if len(out.Result.Why) == 0 {
		out.Result.Why = []ui.Reason{{Text: c.T("impact.why." + string(x.Duty)), Clauses: t.clauses(res.Clauses)}}
	}
	if len(x.Ask) > 0 && !classified(t.subject.Classification) {
		out.Result.Next = append(out.Result.Next, ui.Task{Text: c.T("impact.next.classify"), Href: c.URL("systems", t.sys.ID, "classify")})
	}
	if len(x.Open) > 0 && t.takesPart() {
		if it, ok := v.Item(x.Open[0]); ok {
			out.Result.Next = append(out.Result.Next, ui.Task{Text: c.T("impact.next.answer", "n", len(x.Open)), Href: t.href("/section/"+it.Section) + "#" + it.ID})
		}
	}
	t.standing(&out, x.Result)
	return out
}

// standing adds what the round says of the result so far, or concluded.
func (t *talk) standing(out *owedView, id string) {
	if t.wave == nil {
		return
	}
	c, d := t.c, t.wave.Doc
	results := t.st.Results
	if !d.Open() {
		results = d.Results
	}
	i := slices.IndexFunc(results, func(r interview.Result) bool { return r.Result == id })
	if i < 0 {
		return
	}
	r := results[i]
	mark := t.levelMark(r.Level)
	out.Level = &mark
	for _, f := range r.Flags {
		out.Flags = append(out.Flags, ui.Reason{Text: c.In(f.Say), Clauses: t.clauses(f.Clauses)})
	}
	switch {
	case !d.Open() && r.Done:
		out.Result.Who = c.T("impact.done", "day", c.Date(d.Concluded), "who", t.people.Name(c, d.ConcludedBy), "until", c.Date(d.ValidUntil))
	case !d.Open():
		out.Result.Who = c.T("impact.notdrawn")
	default:
		asked := 0
		for _, it := range t.st.Questions.Items() {
			if t.st.Counts(it.ID) && slices.Contains(it.Results, id) {
				asked++
			}
		}
		open := len(t.st.Questions.Of(t.st.Open, id))
		out.Result.Who = c.T("impact.answered", "n", asked-open, "of", asked)
	}
	out.Paper = ui.LinkView{Text: c.T("impact.paper"), Href: t.href("/report/"+id) + "?round=" + strconv.Itoa(d.Wave)}
}

// round are the facts of the round that is shown.
func (t *talk) round() []ui.Fact {
	c, d := t.c, t.wave.Doc
	facts := []ui.Fact{{Term: c.T("impact.round"), Text: c.T("impact.round.n", "n", d.Wave, "day", c.Date(d.Began))}}
	for _, x := range t.st.Questions.Depths {
		if x.ID == string(d.Depth) {
			facts = append(facts, ui.Fact{Term: c.T("impact.depth"), Text: c.In(x.Title), Note: c.T("impact.minutes", "n", x.Minutes)})
		}
	}
	for _, p := range d.Participants {
		note := c.T("impact.answered.none")
		if t.st.Said.By(p.Person) {
			note = c.T("impact.answered.some")
		}
		facts = append(facts, ui.Fact{Term: t.who(p.Role), Text: t.people.Name(c, p.Person), Note: note})
	}
	if !d.Open() {
		facts = append(facts, ui.Fact{Term: c.T("impact.conclusion"), Text: d.Say})
		if d.Conditions != "" {
			facts = append(facts, ui.Fact{Term: c.T("impact.conditions"), Text: d.Conditions})
		}
		if d.OpenWho != "" {
			facts = append(facts, ui.Fact{Term: c.T("impact.unknown"), Text: c.T("impact.unknown.who", "who", t.people.Name(c, d.OpenWho), "day", c.Date(d.OpenDue))})
		}
	}
	return facts
}

// who is the word for a role of the interview.
func (t *talk) who(id string) string {
	for _, w := range t.st.Questions.Who {
		if w.ID == id {
			return t.c.In(w.Text)
		}
	}
	return id
}

// sections lists the sections with how much of each is answered.
func (t *talk) sections() []ui.Task {
	var out []ui.Task
	for _, s := range t.st.Questions.Sections {
		asked, open := 0, 0
		for _, it := range s.Items {
			if t.st.Counts(it.ID) {
				asked++
			}
			if slices.Contains(t.st.Open, it.ID) {
				open++
			}
		}
		task := ui.Task{Text: t.c.In(s.Title), Href: t.href("/section/"+s.ID) + "?round=" + strconv.Itoa(t.wave.Doc.Wave), Note: t.c.T("impact.answered", "n", asked-open, "of", asked)}
		mark := ui.Mark{Kind: ui.None, Word: t.c.T("impact.section.open")}
		switch {
		case asked == 0:
			mark.Word, task.Note = t.c.T("impact.section.none"), ""
		case open == 0:
			mark = ui.Mark{Kind: ui.OK, Word: t.c.T("impact.section.done")}
		}
		task.Mark = &mark
		out = append(out, task)
	}
	return out
}

// dissents lists who sees something differently; nothing is left out.
func (t *talk) dissents() ui.TableView {
	c := t.c
	v := ui.TableView{ID: "dissents", Caption: c.T("impact.dissents"), Cols: []ui.Col{{Head: c.T("impact.question")}, {Head: c.T("impact.who")}, {Head: c.T("impact.sees")}},
		Empty: ui.EmptyView{Title: c.T("impact.dissents.none")}}
	for _, e := range t.st.Said.Dissents() {
		it, _ := t.st.Questions.Item(e.Doc.Item)
		v.Rows = append(v.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(it.Text), Href: t.href("/section/"+it.Section) + "?round=" + strconv.Itoa(t.wave.Doc.Wave) + "#" + it.ID},
			{Text: t.people.Name(c, e.Doc.Person), Note: c.Date(e.Doc.Day)}, {Text: t.said(it, interview.Answer{Item: it.ID, Values: e.Doc.Values, Text: e.Doc.Text, Right: e.Doc.Right})}}})
	}
	return v
}

// rounds lists the rounds; two concluded ones can be held against each other.
func (t *talk) rounds() (ui.TableView, ui.LinkView) {
	c := t.c
	v := ui.TableView{ID: "rounds", Caption: c.T("impact.rounds"), Cols: []ui.Col{{Head: c.T("impact.round")}, {Head: c.T("impact.state")}, {Head: c.T("impact.highest")}}}
	concluded := 0
	for _, w := range t.waves {
		state, level := c.T("impact.running"), 0
		if !w.Doc.Open() {
			concluded++
			state = c.T("impact.until", "day", c.Date(w.Doc.Concluded), "until", c.Date(w.Doc.ValidUntil))
		}
		for _, r := range w.Doc.Results {
			if r.Done {
				level = max(level, r.Level)
			}
		}
		row := ui.Row{Cells: []ui.Cell{{Text: c.T("impact.round.n", "n", w.Doc.Wave, "day", c.Date(w.Doc.Began)), Href: t.href("") + "?round=" + strconv.Itoa(w.Doc.Wave)}, {Text: state}, {}}}
		if !w.Doc.Open() {
			mark := t.levelMark(level)
			row.Cells[2] = ui.Cell{Mark: &mark}
		}
		v.Rows = append(v.Rows, row)
	}
	if concluded < 2 {
		return v, ui.LinkView{}
	}
	return v, ui.LinkView{Text: c.T("impact.compare"), Href: t.href("/compare")}
}

// beginning is the form of a new round. The depth that is proposed follows from
// the system.
func (t *talk) beginning(in url.Values, form string, bad *problem.Problem) *beginView {
	c, v := t.c, t.st.Questions
	f := ui.Form{C: c, ID: "begin", Prefix: "impact.form.", Action: t.href(""), Submit: c.T("impact.begin")}
	if form == "begin" {
		f.Values, f.Problem = in, bad
	}
	b := &beginView{Form: f}
	var depths []ui.Option
	for _, d := range v.Depths {
		depths = append(depths, ui.Option{Value: d.ID, Text: c.In(d.Title), Note: c.T("impact.for", "for", c.In(d.For), "n", d.Minutes)})
	}
	proposed := string(interview.Quick)
	if t.subject.Grave {
		proposed = string(interview.Full)
	}
	b.Depth = f.Field("depth").Req().Of(depths...).Or(proposed)
	for _, w := range v.Who {
		field := f.Field("who." + w.ID).Of(t.persons...)
		field.Label, field.Blank = c.In(w.Text), c.T("impact.nobody")
		if w.ID == "ki" {
			field = field.Or(t.r.Who.ID)
		}
		b.Who = append(b.Who, field)
	}
	b.Who[0].Error = f.FieldError("participants")
	return b
}

// ending is the form of the conclusion.
func (t *talk) ending(in url.Values, form string, bad *problem.Problem) *endView {
	c, v := t.c, t.st.Questions
	f := ui.Form{C: c, ID: "conclude", Prefix: "impact.form.", Action: t.href("/conclude"), Submit: c.T("impact.conclude"),
		Hidden: map[string]string{"revision": strconv.FormatInt(t.wave.Revision, 10)}}
	if form == "conclude" {
		f.Values, f.Problem = in, bad
	}
	e := &endView{Form: f, Open: len(t.st.Unknown) > 0, High: t.st.Level() >= 3}
	var draws []ui.Option
	var ready []string
	for _, r := range t.st.Results {
		res, _ := v.Result(r.Result)
		open := len(v.Of(t.st.Open, r.Result))
		note := c.T("impact.ready")
		if open > 0 {
			note = c.T("impact.missing", "n", open)
		} else if r.Duty != interview.NotOwed {
			ready = append(ready, r.Result)
		}
		draws = append(draws, ui.Option{Value: r.Result, Text: c.In(res.Title), Note: note})
	}
	e.Draw = f.Field("draw").Req().Of(draws...)
	if f.Values == nil {
		e.Draw.Values = ready
	}
	e.Who = f.Field("open_who").Of(t.persons...).Or(t.r.Who.ID)
	return e
}

// intervals are the spans on offer; the longest is what the pack allows.
func intervals(c ui.Ctx) []ui.Option {
	var out []ui.Option
	for _, n := range []int{3, 6, 12} {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Text: c.T("impact.months", "n", n)})
	}
	return out
}

// soon is the day that is proposed for what is not known: two weeks ahead.
func soon(c ui.Ctx) string { return c.Now.AddDate(0, 0, 14).Format(time.DateOnly) }

// monthsField asks for the interval.
func monthsField(c ui.Ctx, f ui.Form) ui.FieldView {
	return f.Field("months").Req().Of(intervals(c)...).Or("12")
}
