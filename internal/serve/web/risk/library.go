package risk

import (
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/packs/hazard"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// libraryView is one entry of the library: its checks and its controls.
type libraryView struct {
	Facts    []ui.Fact
	Checks   ui.TableView
	Controls []ui.ClauseRef
	Clauses  []ui.ClauseRef
	Note     string
}

// hazardView lays an entry out.
func hazardView(r *page.Request, h packs.Hazard) libraryView {
	c := r.C
	v := libraryView{Note: c.In(h.Note), Controls: show.Clauses(c, library(r), h.Controls), Clauses: show.Clauses(c, library(r), h.Clauses),
		Facts: []ui.Fact{{Term: c.T("risks.topic"), Text: c.T("risks.topic." + h.Topic)}, {Term: c.T("kind.risk.cause"), Text: c.In(h.Cause)}, {Term: c.T("kind.risk.effect"), Text: c.In(h.Effect)},
			{Term: c.T("kind.risk.impacts"), Text: impactsOf(c, h)},
			{Term: c.T("risks.proposal.likelihood"), Text: likelihoodWord(r, h.Likelihood), Note: c.In(h.LikelihoodWhy)},
			{Term: c.T("risks.proposal.severity"), Text: severityWord(r, h.Severity), Note: c.In(h.SeverityWhy)},
			{Term: c.T("kind.risk.treatment"), Text: c.In(h.Treatment)}}}
	v.Checks = ui.TableView{ID: "checks", Caption: c.T("risks.checks"), Cols: []ui.Col{{Head: c.T("risks.check.how")}, {Head: c.T("risks.check.every")}}}
	for _, k := range h.Checks {
		v.Checks.Rows = append(v.Checks.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(k.How)}, {Text: c.T("risks.days", "n", k.Days())}}})
	}
	return v
}

func impactsOf(c ui.Ctx, h packs.Hazard) string {
	var out string
	for i, kind := range h.Impacts {
		if i > 0 {
			out += ", "
		}
		out += impactWord(c, kind)
	}
	return out
}

// libraryListView is the library by topic.
type libraryListView struct {
	Head   headView
	Topics []ui.TableView
}

// libraryList is the risk library, bias and wrong decisions first, each entry with
// how and how often one looks (requirement 000-18).
func libraryList(r *page.Request) error {
	if err := must(r, store.Read, "risk"); err != nil {
		return err
	}
	c := r.C
	v := libraryListView{Head: head(r, "library")}
	for _, topic := range hazard.Topics {
		t := ui.TableView{ID: "topic-" + topic, Caption: c.T("risks.topic." + topic), ShowTitle: true,
			Cols: []ui.Col{{Head: c.T("kind.risk")}, {Head: c.T("kind.risk.impacts")}, {Head: c.T("risks.check.how")}, {Head: c.T("risks.check.every")}}}
		for _, h := range library(r).Hazards() {
			if h.Topic != topic {
				continue
			}
			row := ui.Row{ID: h.ID, Cells: []ui.Cell{{Text: c.In(h.Title), Href: c.URL("duties", "hazards", h.ID)}, {Text: impactsOf(c, h)},
				{Text: c.In(h.Checks[0].How)}, {Text: c.T("risks.days", "n", h.Checks[0].Days())}}}
			if n := len(h.Checks); n > 1 {
				row.Cells[2].Note = c.T("risks.checks.more", "n", n-1)
			}
			t.Rows = append(t.Rows, row)
		}
		if len(t.Rows) > 0 {
			v.Topics = append(v.Topics, t)
		}
	}
	return r.Show(ui.PageView{Title: c.T("risks.library"), Over: c.T("area.duties")}, libraryListBody(c, v))
}

// hazardOf is the entry that an address names.
func hazardOf(r *page.Request) (packs.Hazard, error) {
	h, ok := library(r).Hazard(r.Param("id"))
	if !ok {
		return h, problem.New(problem.NotFound, "Diesen Eintrag hat die Risikobibliothek nicht.", "The risk library has no such entry.")
	}
	return h, nil
}

// libraryShow is one entry with the form that takes it into the register.
func libraryShow(r *page.Request) error {
	if err := must(r, store.Read, "risk"); err != nil {
		return err
	}
	h, err := hazardOf(r)
	if err != nil {
		return err
	}
	return showHazard(r, h, url.Values{"system": {r.Query("system")}}, nil)
}

func showHazard(r *page.Request, h packs.Hazard, vals url.Values, p *problem.Problem) error {
	c := r.C
	v := hazardView(r, h)
	var form *ui.Form
	var system ui.FieldView
	if may(r, store.Create, "risk") {
		f := ui.Form{C: c, ID: "take", Prefix: "risks.take.", Action: c.URL("duties", "hazards", h.ID), Values: vals, Problem: p, Submit: c.T("risks.take.submit"), Cancel: c.URL("duties", "hazards")}
		all, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit, Uncounted: true})
		if err != nil {
			return err
		}
		system = f.Field("system")
		system.Blank = c.T("risks.whole")
		for _, s := range all.Items {
			system.Options = append(system.Options, ui.Option{Value: s.ID, Text: s.Doc.Name})
		}
		form = &f
	}
	pv := ui.PageView{Title: c.In(h.Title), Crumbs: crumbs(c, ui.LinkView{Text: c.T("risks.library"), Href: c.URL("duties", "hazards")})}
	if p != nil {
		return r.ShowAs(ui.Status(p), pv, hazardBody(c, v, form, system))
	}
	return r.Show(pv, hazardBody(c, v, form, system))
}

// libraryTake makes a risk of an entry; its rating is the next step.
func libraryTake(r *page.Request) error {
	if err := must(r, store.Create, "risk"); err != nil {
		return err
	}
	h, err := hazardOf(r)
	if err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Risk.Take(r.Context(), h.ID, vals.Get("system"), r.Who.ID, r.C.Lang)
	if p, ok := formError(err); ok {
		return showHazard(r, h, vals, p)
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+o.ID, "risks.taken")
}

// methodView is the method and the words of the matrix.
type methodView struct {
	Head    headView
	Steps   []methodStep
	Likely  ui.TableView
	Harm    ui.TableView
	Results ui.TableView
	Matrix  matrixView
}

type methodStep struct {
	No      string
	Title   string
	Text    string
	Clauses []ui.ClauseRef
}

// methodShow documents the method in the tool (requirement 000-34): its steps, the
// words of every level and the matrix itself.
func methodShow(r *page.Request) error {
	if err := must(r, store.Read, "risk"); err != nil {
		return err
	}
	c, scale := r.C, library(r).RiskScale()
	v := methodView{Head: head(r, "method"), Matrix: matrixOf(r, nil, false)}
	v.Matrix.Label, v.Matrix.Switch = c.T("risks.matrix.words"), ui.LinkView{}
	for i, m := range scale.Method {
		v.Steps = append(v.Steps, methodStep{No: c.Int(i + 1), Title: c.In(m.Title), Text: c.In(m.Text), Clauses: show.Clauses(c, library(r), m.Clauses)})
	}
	v.Likely = ui.TableView{ID: "likelihood", Caption: c.T("risks.likelihood"), Cols: []ui.Col{{Head: c.T("risks.likelihood")}, {Head: c.T("risks.means")}}}
	for _, s := range slices.Backward(scale.Likelihood) {
		v.Likely.Rows = append(v.Likely.Rows, ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(s.Level) + " " + c.In(s.Word)}, {Text: c.In(s.Means)}}})
	}
	v.Harm = ui.TableView{ID: "severity", Caption: c.T("risks.severity"), Cols: []ui.Col{{Head: c.T("risks.severity")}}}
	for _, kind := range hazard.Impacts {
		v.Harm.Cols = append(v.Harm.Cols, ui.Col{Head: impactWord(c, kind)})
	}
	for _, s := range slices.Backward(scale.Severity) {
		row := ui.Row{Cells: []ui.Cell{{Text: strconv.Itoa(s.Level) + " " + c.In(s.Word)}}}
		for _, kind := range hazard.Impacts {
			row.Cells = append(row.Cells, ui.Cell{Text: c.In(s.Of[kind])})
		}
		v.Harm.Rows = append(v.Harm.Rows, row)
	}
	v.Results = ui.TableView{ID: "results", Caption: c.T("risks.level"), Cols: []ui.Col{{Head: c.T("risks.level")}, {Head: c.T("risks.means")}}}
	for _, x := range slices.Backward(scale.Results) {
		v.Results.Rows = append(v.Results.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(x.Word)}, {Text: c.In(x.Means)}}})
	}
	return r.Show(ui.PageView{Title: c.T("risks.method"), Over: c.T("area.duties")}, methodBody(c, v))
}
