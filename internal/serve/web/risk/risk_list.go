package risk

import (
	"slices"
	"strings"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// listView is the register.
type listView struct {
	Head    headView
	Warn    *ui.NoticeView
	Figures []ui.FigureView
	Matrix  matrixView
	Filter  ui.FilterView
	Table   ui.TableView
	Samples *ui.Action
	Export  []ui.LinkView
}

// riskList is the register with its matrix; what is left after treatment is shown,
// and on request what was there before (requirement 001-60).
func riskList(r *page.Request) error {
	if err := must(r, store.Read, "risk"); err != nil {
		return err
	}
	ctx, db, c := r.Context(), r.Org.DB, r.C
	all, err := r.Org.Risk.Risks.All(ctx, db, store.Query{})
	if err != nil {
		return err
	}
	given, err := r.Org.Risk.Acceptances.All(ctx, db, store.Query{Filters: []store.Filter{store.Where("decision", "=", string(register.Accepted))}})
	if err != nil {
		return err
	}
	var ids, systems []string
	for _, o := range all {
		ids, systems = append(ids, o.Doc.Owner, o.Doc.System), append(systems, o.Doc.System)
	}
	slices.Sort(systems)
	names, err := show.Names(ctx, db, ids...)
	if err != nil {
		return err
	}
	before := r.Query("view") == "before"
	slices.SortStableFunc(all, register.ByWeight)
	lapses := lapsed(r, slices.Compact(systems)...)
	v := listView{Head: head(r, "risks"), Filter: riskFilter(r)}
	shown := fitting(r, all, func(o store.Object[register.Risk]) bool { return len(todo(c, o, given, lapses[o.ID])) > 0 })
	v.Matrix = matrixOf(r, shown, before)
	v.Table = ui.TableView{ID: "risks", Caption: c.T("kinds.risk"), Cols: []ui.Col{{Head: c.T("kind.risk")}, {Head: c.T("kind.risk.system")},
		{Head: c.T("risks.before")}, {Head: c.T("risks.after")}, {Head: c.T("kind.risk.treatment")}, {Head: c.T("kind.risk.owner")}, {Head: c.T("kind.risk.review_by")}, {Head: c.T("risks.todo")}},
		Empty: ui.EmptyView{Title: c.T("risks.none"), Text: c.T("kinds.risk.none")}}
	open := 0
	for _, o := range all {
		if len(todo(c, o, given, lapses[o.ID])) > 0 {
			open++
		}
	}
	for i, o := range shown {
		v.Table.Rows = append(v.Table.Rows, riskRow(r, i+1, o, names, todo(c, o, given, lapses[o.ID])))
	}
	if len(all) > 0 {
		v.Figures = []ui.FigureView{{Label: c.T("risks.figure.open"), Value: c.T("risks.of", "n", open, "of", len(all)), Unit: c.T("kinds.risk"),
			Meter: &ui.MeterView{Value: float64(len(all) - open), Max: float64(len(all)), Label: c.T("risks.figure.open.label", "n", open, "of", len(all))}}}
		v.Export = []ui.LinkView{{Text: c.T("risks.export.xlsx"), Href: href(c) + ".xlsx"}, {Text: c.T("risks.export.pdf"), Href: href(c) + ".pdf"}, {Text: c.T("objects.export"), Href: href(c) + ".csv"}}
	}
	if open > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Warn, Text: c.T("risks.warn", "n", open), Link: ui.LinkView{Text: c.T("risks.warn.show"), Href: href(c) + "?todo=1"}}
	}
	pv := ui.PageView{Title: c.T("kinds.risk"), Over: c.T("area.duties")}
	if may(r, store.Create, "risk") {
		pv.Actions = []ui.Action{{Text: c.T("kinds.risk.new"), Href: href(c, "new"), Kind: "main"}, {Text: c.T("risks.from_library"), Href: c.URL("duties", "hazards")}}
		if !slices.ContainsFunc(all, func(o store.Object[register.Risk]) bool { return o.Doc.Hazard != "" }) {
			v.Samples = &ui.Action{Text: c.T("risks.samples"), Href: href(c, "samples"), Post: true}
		}
	}
	return r.Show(pv, listBody(c, v))
}

// fitting keeps what fits the search and the choice.
func fitting(r *page.Request, all []store.Object[register.Risk], open func(store.Object[register.Risk]) bool) []store.Object[register.Risk] {
	words := strings.Fields(strings.ToLower(r.Query("q")))
	var out []store.Object[register.Risk]
	for _, o := range all {
		body := strings.ToLower(o.Doc.Name + " " + o.Doc.Cause + " " + o.Doc.Effect)
		miss := slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
		if l := r.Query("level"); miss || l != "" && string(o.Doc.Residual()) != l {
			continue
		}
		if i := r.Query("impact"); i != "" && !slices.Contains(o.Doc.Impacts, register.Impact(i)) {
			continue
		}
		if r.Query("todo") != "" && !open(o) {
			continue
		}
		out = append(out, o)
	}
	return out
}

func riskFilter(r *page.Request) ui.FilterView {
	c := r.C
	var levels, impacts []ui.Option
	for _, l := range register.Levels() {
		levels = append(levels, ui.Option{Value: string(l), Text: levelWord(r, l)})
	}
	for _, i := range register.Impact("").Values() {
		impacts = append(impacts, ui.Option{Value: i, Text: impactWord(c, i)})
	}
	return ui.FilterView{Label: c.T("risks.search"), Action: href(c), Query: r.Query("q"), Selects: []ui.FieldView{
		{Name: "level", Label: c.T("risks.after"), Value: r.Query("level"), Options: levels},
		{Name: "impact", Label: c.T("kind.risk.impacts"), Value: r.Query("impact"), Options: impacts},
		{Name: "view", Label: c.T("risks.view"), Value: r.Query("view"), Options: []ui.Option{{Value: "before", Text: c.T("risks.view.before")}}}}}
}

func riskRow(r *page.Request, no int, o store.Object[register.Risk], names show.People, todo []string) ui.Row {
	c := r.C
	before, after := levelMark(r, o.Doc.Initial()), levelMark(r, o.Doc.Residual())
	system := ui.Cell{Text: c.T("risks.whole")}
	if o.Doc.System != "" {
		system = ui.Cell{Text: names.Name(c, o.Doc.System), Href: c.URL("systems", o.Doc.System, "risks")}
	}
	owner := "–"
	if o.Doc.Owner != "" {
		owner = names.Name(c, o.Doc.Owner)
	}
	treatment := "–"
	if o.Doc.Treatment != "" {
		treatment = objects.Value(c, "risk", "treatment", string(o.Doc.Treatment))
	}
	do := ui.Cell{Mark: &ui.Mark{Kind: ui.OK, Word: c.T("risks.todo.nothing")}}
	if len(todo) > 0 {
		do = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: todo[0]}, Note: strings.Join(todo[1:], " · ")}
	}
	return ui.Row{Cells: []ui.Cell{{Text: c.Int(no) + " " + o.Doc.Name, Href: href(c, o.ID), Note: impactWords(c, o.Doc.Impacts)}, system,
		{Mark: &before}, {Mark: &after}, {Text: treatment}, {Text: owner}, {Text: c.Date(register.Due(o))}, do}}
}

// riskSamples puts the samples of the library into the register (001-62).
func riskSamples(r *page.Request) error {
	if err := must(r, store.Create, "risk"); err != nil {
		return err
	}
	if _, err := r.Org.Risk.Samples(r.Context(), r.Who.ID, r.C.Lang); err != nil {
		return err
	}
	return r.Go(base, "risks.samples")
}
