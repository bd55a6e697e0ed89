package risk

import (
	"slices"
	"strings"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// systemView is all of it for one system. What the reader may not read is not
// there.
type systemView struct {
	Lapses                              []ui.LapseView
	Matrix                              *matrixView
	Risks, Metrics, Checks              *ui.TableView
	NewRisk, Library, NewMetric, Policy ui.LinkView
	NewCheck                            ui.LinkView
}

// systemRisks shows risks, metrics and the last checks of one system.
func systemRisks(r *page.Request) error {
	ctx, db, c := r.Context(), r.Org.DB, r.C
	s, err := r.Org.Inventory.Systems.Get(ctx, db, r.Param("id"))
	if err != nil {
		return err
	}
	if !may(r, store.Read, "risk") && !may(r, store.Read, "metric") {
		return must(r, store.Read, "metric")
	}
	var v systemView
	lapses := lapsed(r, s.ID)
	for _, id := range slices.Sorted(keysOf(lapses)) {
		for _, l := range lapses[id] {
			v.Lapses = append(v.Lapses, show.Lapse(c, library(r), l))
		}
	}
	if may(r, store.Read, "risk") {
		if err := v.risks(r, s.ID, lapses); err != nil {
			return err
		}
	}
	if may(r, store.Read, "metric") {
		all, err := r.Org.Watch.Standings(ctx, db, s.ID, c.Now)
		if err != nil {
			return err
		}
		slices.SortStableFunc(all, worstFirst)
		v.Metrics = &ui.TableView{ID: "metrics", Caption: c.T("kinds.metric"), Cols: metricCols(c, false), Empty: ui.EmptyView{Title: c.T("risks.metrics.none"), Text: c.T("kinds.metric.none")}}
		for _, x := range all {
			v.Metrics.Rows = append(v.Metrics.Rows, metricRow(r, x, nil))
		}
		if may(r, store.Create, "metric") {
			v.NewMetric = ui.LinkView{Text: c.T("kinds.metric.new"), Href: c.URL("duties", "metrics", "new") + "?system=" + s.ID}
		}
	}
	if may(r, store.Read, "system_check") {
		last, err := r.Org.Watch.LastChecks(ctx, db, s.ID)
		if err != nil {
			return err
		}
		v.Checks = &ui.TableView{ID: "checks", Caption: c.T("risks.checks.last"), Cols: []ui.Col{{Head: c.T("kind.system_check.subject")}, {Head: c.T("risks.checks.last")}}}
		for _, subject := range register.Subject("").Values() {
			v.Checks.Rows = append(v.Checks.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("kind.system_check.subject." + subject)},
				checkCell(c, last[s.ID], register.Subject(subject), demandedOf(r, s.ID) && subject == string(register.Bias))}})
		}
		if may(r, store.Create, "system_check") {
			v.NewCheck = ui.LinkView{Text: c.T("kinds.system_check.new"), Href: c.URL("duties", "checks", "new") + "?system=" + s.ID}
		}
		if may(r, store.Create, "document") {
			v.Policy = ui.LinkView{Text: c.T("risks.policy"), Href: c.URL("duties", "documents", "new") + "?template=tpl.non-discrimination"}
		}
	}
	return r.Show(ui.PageView{Title: c.T("risks.of_system", "name", s.Doc.Name), Crumbs: []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: s.Doc.Name, Href: c.URL("systems", s.ID)}}}, systemBody(c, v))
}

// risks reads the risks of a system. What is not accepted or overdue, the permit
// knows; so no further query is needed.
func (v *systemView) risks(r *page.Request, system string, lapses map[string][]permit.Lapse) error {
	c := r.C
	all, err := r.Org.Risk.Risks.All(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, register.ByWeight)
	m := matrixOf(r, all, false)
	m.Switch = ui.LinkView{}
	v.Matrix = &m
	v.Risks = &ui.TableView{ID: "risks", Caption: c.T("kinds.risk"), Cols: []ui.Col{{Head: c.T("kind.risk")}, {Head: c.T("risks.before")}, {Head: c.T("risks.after")}, {Head: c.T("kind.risk.review_by")}, {Head: c.T("risks.todo")}},
		Empty: ui.EmptyView{Title: c.T("risks.none"), Text: c.T("kinds.risk.none")}}
	for i, o := range all {
		before, after := levelMark(r, o.Doc.Initial()), levelMark(r, o.Doc.Residual())
		do := ui.Cell{Mark: &ui.Mark{Kind: ui.OK, Word: c.T("risks.todo.nothing")}}
		var words []string
		if !o.Doc.Rated() {
			words = append(words, c.T("risks.todo.unrated"))
		}
		for _, l := range lapses[o.ID] {
			words = append(words, c.In(l.Say))
		}
		if len(words) > 0 {
			do = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: words[0]}, Note: strings.Join(words[1:], " ")}
		}
		v.Risks.Rows = append(v.Risks.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Int(i+1) + " " + o.Doc.Name, Href: href(c, o.ID), Note: impactWords(c, o.Doc.Impacts)}, {Mark: &before}, {Mark: &after}, {Text: c.Date(register.Due(o))}, do}})
	}
	if may(r, store.Create, "risk") {
		v.NewRisk = ui.LinkView{Text: c.T("kinds.risk.new"), Href: href(c, "new") + "?system=" + system}
		v.Library = ui.LinkView{Text: c.T("risks.from_library"), Href: c.URL("duties", "hazards")}
	}
	return nil
}
