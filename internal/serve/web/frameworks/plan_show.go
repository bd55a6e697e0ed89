package frameworks

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// planView is what the plan shows.
type planView struct {
	Tabs    []ui.LinkView
	Choose  ui.FilterView
	Figures []ui.FigureView
	Notice  *ui.NoticeView
	Form    *ui.Form
	None    *ui.EmptyView // nobody set a target
	Steps   ui.TableView
}

// planShow is the plan of one framework, backwards from its target date
// (requirement 000-58).
func (a *area) planShow(r *page.Request) error { return a.showPlan(r, http.StatusOK, nil, nil) }

func (a *area) showPlan(r *page.Request, status int, in url.Values, bad *problem.Problem) error {
	if err := must(r, store.Read, "target"); err != nil {
		return err
	}
	fw, err := planned(r, in)
	if err != nil {
		return err
	}
	rd, err := a.read(r, fw.ID)
	if err != nil {
		return err
	}
	target, aimed, err := r.Org.Controls.Target(r.Context(), r.Org.DB, fw.ID)
	if err != nil {
		return err
	}
	c, g := r.C, rd.gap(r, fw)
	v := planView{Tabs: duties.Tabs(c, "plan"), Choose: ui.FilterView{Label: c.T("frameworks.choose"), Action: c.URL("duties", "plan"),
		Selects: []ui.FieldView{{Name: "framework", Label: c.T("frameworks.framework"), Value: fw.ID, Options: frameworkOptions(c, rd.lib.Frameworks())}}}}
	if may(r, store.Update, "target") {
		v.Form = targetForm(r, fw, target, in, bad)
	}
	if aimed {
		plan := control.Plan(g, target.Doc, c.Now)
		v.Figures, v.Notice, v.Steps = planFigures(c, target.Doc, plan), planNotice(c, plan), planSteps(c, rd, plan)
	} else {
		v.None = &ui.EmptyView{Title: c.T("frameworks.plan.none"), Text: c.T("frameworks.plan.none.text", "left", days(c, g.Tally.DaysLeft))}
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("frameworks.plan"), Over: c.In(fw.Title)}, planBody(c, v))
}

// planned is the framework that the address or the form names.
func planned(r *page.Request, in url.Values) (packs.Framework, error) {
	if in != nil {
		return r.Org.Controls.Framework(in.Get("framework"))
	}
	return chosen(r, "framework")
}

// targetForm asks for the target date; what is stored is proposed.
func targetForm(r *page.Request, fw packs.Framework, have store.Object[control.Target], in url.Values, bad *problem.Problem) *ui.Form {
	c := r.C
	vals := in
	if vals == nil {
		vals = url.Values{"date": {dayField(have.Doc.Date)}, "scope": {have.Doc.Scope}, "days_per_week": {""}}
		if have.Doc.DaysPerWeek > 0 {
			vals.Set("days_per_week", text.Float(c.Lang, have.Doc.DaysPerWeek))
		}
	}
	return &ui.Form{C: c, ID: "target", Prefix: "kind.target.", Action: c.URL("duties", "plan"), Values: vals, Problem: bad, Submit: c.T("frameworks.save"),
		Hidden: map[string]string{"framework": fw.ID, "revision": strconv.FormatInt(have.Revision, 10)}}
}

// planFigures are the remaining days, the work against the time for it, and
// what is late.
func planFigures(c ui.Ctx, t control.Target, p control.Roadmap) []ui.FigureView {
	remaining := ui.FigureView{Label: c.T("frameworks.plan.remaining"), Value: c.Int(p.DaysRemaining), Unit: c.T("frameworks.plan.remaining.unit", "n", p.DaysRemaining), Note: c.T("frameworks.plan.target", "day", on(c, p.Date))}
	if p.DaysRemaining < 0 {
		remaining.Value, remaining.Unit = c.Int(-p.DaysRemaining), c.T("frameworks.plan.over", "n", -p.DaysRemaining)
	}
	work := ui.FigureView{Label: c.T("frameworks.plan.work"), Value: days(c, p.DaysLeft), Note: c.T("frameworks.plan.work.note", "available", days(c, p.DaysAvailable), "pace", c.Decimal(t.DaysPerWeek, 1))}
	if p.DaysLeft > 0 {
		// The bar says how much of the work the time that is there will hold.
		held := min(p.DaysAvailable, p.DaysLeft)
		work.Meter = &ui.MeterView{Value: held, Max: p.DaysLeft, Label: c.T("frameworks.plan.work.label", "held", c.Decimal(held, 1), "left", c.Decimal(p.DaysLeft, 1))}
	}
	return []ui.FigureView{remaining, work,
		{Label: c.T("frameworks.plan.done"), Value: on(c, p.Done), Note: c.T("frameworks.plan.done.note")},
		{Label: c.T("frameworks.plan.late"), Value: c.T("frameworks.of", "n", p.Late, "of", len(p.Steps)), Unit: c.T("frameworks.plan.steps"), Note: c.T("frameworks.plan.late.note")}}
}

// planNotice says whether the work fits, and what would make it fit.
func planNotice(c ui.Ctx, p control.Roadmap) *ui.NoticeView {
	switch {
	case len(p.Steps) == 0:
		return &ui.NoticeView{Kind: ui.OK, Text: c.T("frameworks.plan.nothing")}
	case p.Fits():
		return &ui.NoticeView{Kind: ui.OK, Text: c.T("frameworks.plan.fits")}
	case p.DaysShort > 0:
		return &ui.NoticeView{Kind: ui.Warn, Text: c.T("frameworks.plan.short", "short", days(c, p.DaysShort), "needed", c.Decimal(p.DaysPerWeekNeeded, 1))}
	}
	return &ui.NoticeView{Kind: ui.Warn, Text: c.T("frameworks.plan.begin", "n", p.Late)}
}

// planSteps are the steps in the order of work, each with the latest day to
// begin.
func planSteps(c ui.Ctx, rd reading, p control.Roadmap) ui.TableView {
	t := ui.TableView{ID: "steps", Caption: c.T("frameworks.plan.steps.title"), Cols: []ui.Col{{Head: c.T("frameworks.requirement")}, {Head: c.T("frameworks.plan.start")},
		{Head: c.T("frameworks.plan.end")}, {Head: c.T("frameworks.left"), Right: true, Mono: true}, {Head: c.T("kind.control.responsible")}},
		Empty: ui.EmptyView{Title: c.T("frameworks.plan.nothing")}}
	for _, s := range p.Steps {
		start := ui.Cell{Text: on(c, s.Start)}
		if s.Late {
			start = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.plan.since", "day", on(c, s.LateSince))}}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: named(c, rd.lib, s.Item), Href: href(c, p.Framework, s.Clause), Note: c.T("frameworks.phase." + s.Phase)},
			start, {Text: on(c, s.End)}, {Text: c.Decimal(s.Days, 1)}, {Text: role(c, s.Item.Record.Responsible)}}})
	}
	return t
}

// targetSave keeps the target date of a framework.
func (a *area) targetSave(r *page.Request) error {
	if err := must(r, store.Update, "target"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	t := control.Target{Framework: in.Get("framework"), Scope: strings.TrimSpace(in.Get("scope"))}
	var c problem.Checks
	date, bad := time.Parse(time.DateOnly, strings.TrimSpace(in.Get("date")))
	c.Field(bad == nil, "date", "Bitte einen Tag angeben.", "Please give a day.")
	pace, ok := text.ParseDecimal(r.C.Lang, in.Get("days_per_week"))
	c.Field(ok && pace > 0, "days_per_week", "Bitte eine Zahl über 0 angeben, zum Beispiel 1,5.", "Please give a number above 0, for example 1.5.")
	t.Date, t.DaysPerWeek = date, pace
	if err = c.Err(); err == nil {
		revision, bad := strconv.ParseInt(in.Get("revision"), 10, 64)
		if bad != nil {
			revision = 0 // nobody can have seen it: a conflict
		}
		_, err = r.Org.Controls.PutTarget(r.Context(), revision, t)
	}
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict:
		p := problem.From(err)
		return a.showPlan(r, ui.Status(p), in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/plan?framework="+url.QueryEscape(t.Framework), "target.saved")
}
