package discover

import (
	"net/url"
	"strconv"
	"strings"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// startView is where an entry came from and what its draft said beside it.
type startView struct {
	From    []ui.Fact
	Advice  *adviceView
	Figures ui.TableView
	Measure []measureView
	Next    []ui.Task
}

// measureView is the form for one actual value.
type measureView struct {
	Title string
	Form  ui.Form
	Unit  string
}

// startShow shows where an entry of the register came from: draft, tip or
// software, with the draft's advice, and each forecast beside what was measured
// (requirement 003-20).
func startShow(r *page.Request) error { return showStart(r, url.Values{}, nil) }

func showStart(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := must(r, store.Read, "start"); err != nil {
		return err
	}
	c := r.C
	sys, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	o, ok, err := finder(r).StartOf(r.Context(), r.Org.DB, sys.ID)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.NotFound, "Dieser Eintrag wurde von Hand angelegt.", "This entry was made by hand.").
			WithHint("Nur Einträge aus einem Entwurf oder Hinweis haben eine Herkunft.", "Only entries from a draft or tip have an origin to show.")
	}
	v := startView{From: from(r, o.Doc)}
	if d, ok := wares(r).Draft(o.Doc.Draft); ok {
		a := advice(r, d)
		v.Advice = &a
	}
	v.Figures = figureTable(c, o.Doc)
	if may(r, store.Update, "start") {
		for _, f := range o.Doc.Figures {
			vals, bad := url.Values{}, (*problem.Problem)(nil)
			if in.Get("figure") == f.ID {
				vals, bad = in, p
			}
			v.Measure = append(v.Measure, measureView{Title: c.T("discover.measure", "name", c.In(f.Name)), Unit: c.In(f.Unit),
				Form: ui.Form{C: c, ID: "m-" + f.ID, Prefix: "discover.measure.", Action: c.URL("systems", sys.ID, "start"), Values: vals, Problem: bad, Submit: c.T("discover.measure.save"),
					Hidden: map[string]string{"figure": f.ID, "revision": strconv.FormatInt(o.Revision, 10)}}})
		}
	}
	v.Next = []ui.Task{{Text: c.T("discover.next.edit"), Href: c.URL("systems", sys.ID, "edit")}, {Text: c.T("discover.next.identify"), Href: c.URL("systems", sys.ID, "identify")},
		{Text: c.T("discover.next.classify"), Href: c.URL("systems", sys.ID, "classify")}}
	if may(r, store.Create, "inquiry") {
		v.Next = append(v.Next, ui.Task{Text: c.T("discover.letter.ask"), Href: c.URL("inquiries", "new") + "?system=" + url.QueryEscape(sys.ID)})
	}
	return r.ShowAs(status(p), ui.PageView{Title: c.T("discover.start.title"), Crumbs: crumbs(c, ui.LinkView{Text: sys.Doc.Name, Href: c.URL("systems", sys.ID)})}, startPage(c, v))
}

// figureMeasure puts an actual value beside a forecast.
func figureMeasure(r *page.Request) error {
	if err := must(r, store.Update, "start"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	o, ok, err := finder(r).StartOf(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	if !ok {
		return noDraft()
	}
	actual, bad := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(in.Get("actual")), ",", "."), 64)
	if bad != nil {
		var c problem.Checks
		c.Field(false, "actual", "Das ist keine Zahl.", "This is not a number.")
		return showStart(r, in, problem.From(c.Err()))
	}
	_, err = finder(r).Measure(r.Context(), o.ID, revision(in.Get("revision")), in.Get("figure"), actual, in.Get("how"))
	if p, ok := formError(err); ok {
		return showStart(r, in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/systems/"+r.Param("id")+"/start", "discover.measured")
}

// from says in words where an entry came from.
func from(r *page.Request, s room.Start) []ui.Fact {
	c := r.C
	var out []ui.Fact
	if d, ok := wares(r).Draft(s.Draft); ok {
		out = append(out, ui.Fact{Term: c.T("discover.from.draft"), Text: c.In(d.Title), Href: c.URL("drafts", d.ID), Note: c.T("discover.from.version", "version", s.Version)})
	} else if s.Draft != "" {
		out = append(out, ui.Fact{Term: c.T("discover.from.draft"), Text: s.Draft, Note: c.T("discover.from.gone")})
	}
	if s.Tip != "" {
		out = append(out, ui.Fact{Term: c.T("discover.from.tip"), Text: c.T("discover.from.tip.open"), Href: c.URL("tips", s.Tip)})
	}
	if s.Software != "" {
		out = append(out, ui.Fact{Term: c.T("discover.from.software"), Text: c.T("discover.from.software.open"), Href: c.URL("software", s.Software)})
	}
	return out
}

// figureTable has forecast and actual side by side; a claim is marked as one.
func figureTable(c ui.Ctx, s room.Start) ui.TableView {
	t := ui.TableView{ID: "figures", Caption: c.T("discover.figures"), Cols: []ui.Col{{Head: c.T("discover.figure")}, {Head: c.T("discover.forecast")}, {Head: c.T("discover.actual")}}}
	for _, f := range s.Figures {
		claim := ui.Mark{Kind: ui.Warn, Word: c.T("discover.grade." + string(f.Grade))}
		number := func(v float64) string { return c.Decimal(v, places(v)) + " " + c.In(f.Unit) }
		actual := ui.Cell{Text: c.T("discover.notmeasured")}
		if f.Measured() {
			actual = ui.Cell{Text: number(f.Actual), Note: c.T("discover.measured.how", "how", f.How, "day", c.Date(f.MeasuredAt))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(f.Name), Note: c.In(f.Source)}, {Mark: &claim, Text: number(f.Forecast)}, actual}})
	}
	return t
}
