package frameworks

import (
	"slices"
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// soaView is what the statement of applicability shows.
type soaView struct {
	Tabs    []ui.LinkView
	Figures []ui.FigureView
	Warn    *ui.NoticeView
	Filter  ui.FilterView
	Parts   []areaTable // one a framework
	Empty   ui.EmptyView
	Exports []ui.LinkView
}

// Choices of rows.
const (
	rowsUndecided = "undecided"
	rowsAll       = "all"
)

// stated are the frameworks that belong into the statement.
func stated(lib *packs.Library) []packs.Framework {
	var out []packs.Framework
	for _, fw := range ordered(lib) {
		if fw.SoA {
			out = append(out, fw)
		}
	}
	return out
}

// soaRows are all rows of the statement, or those of one framework.
func (a *area) soaRows(r *page.Request) (reading, []control.Row, error) {
	if err := must(r, store.Read, kind); err != nil {
		return reading{}, nil, err
	}
	fws := stated(library(r))
	ids := make([]string, len(fws))
	for i, fw := range fws {
		ids[i] = fw.ID
	}
	rd, err := a.read(r, ids...)
	if err != nil {
		return rd, nil, err
	}
	return rd, control.SoA(rd.lib, fws, rd.said, r.C.Now), nil
}

// soaShow is the statement of applicability: every row, those without a decision
// first (requirements 001-38, 001-63).
func (a *area) soaShow(r *page.Request) error {
	rd, rows, err := a.soaRows(r)
	if err != nil {
		return err
	}
	c := r.C
	decided, all := control.Decisions(rows)
	v := soaView{Tabs: duties.Tabs(c, "soa"), Figures: soaFigures(c, rows), Filter: soaFilter(r, rd.lib, rows)}
	show := v.Filter.Selects[1].Value
	fits := func(row control.Row) bool {
		if fw := r.Query("framework"); fw != "" && row.Framework != fw {
			return false
		}
		switch show {
		case rowsUndecided:
			if row.Decided {
				return false
			}
		case string(control.Yes), string(control.No):
			if string(row.Applicable) != show {
				return false
			}
		}
		body := strings.ToLower(short(c, rd.lib, row.Clause) + " " + c.In(row.Title) + " " + row.Reason + " " + row.Implementation)
		return !slices.ContainsFunc(strings.Fields(strings.ToLower(r.Query("q"))), func(w string) bool { return !strings.Contains(body, w) })
	}
	for _, row := range rows {
		if !fits(row) {
			continue
		}
		if n := len(v.Parts); n == 0 || v.Parts[n-1].ID != "soa-"+row.Framework {
			v.Parts = append(v.Parts, soaPart(c, row))
		}
		t := &v.Parts[len(v.Parts)-1].Table
		t.Rows = append(t.Rows, soaRow(c, rd, row))
	}
	head := ui.PageView{Title: c.T("frameworks.soa"), Over: c.T("frameworks.soa.over")}
	if decided < all {
		v.Warn = &ui.NoticeView{Kind: ui.Warn, Text: c.T("frameworks.soa.open", "n", all-decided)}
		if may(r, store.Create, kind) {
			head.Actions = []ui.Action{{Text: c.T("frameworks.soa.next"), Href: c.URL("duties", "soa", "next"), Kind: "main"}}
		}
	}
	v.Empty = ui.EmptyView{Title: c.T("frameworks.nofit")}
	if show == rowsUndecided && decided == all {
		v.Empty = ui.EmptyView{Title: c.T("frameworks.soa.complete"), Text: c.T("frameworks.soa.complete.text")}
	}
	v.Exports = []ui.LinkView{{Text: c.T("frameworks.soa.xlsx"), Href: c.URL("duties", "soa.xlsx")}, {Text: c.T("frameworks.soa.pdf"), Href: c.URL("duties", "soa.pdf")}}
	return r.Show(head, soaBody(c, v))
}

// soaFigures count the decisions of each framework.
func soaFigures(c ui.Ctx, rows []control.Row) []ui.FigureView {
	byFramework := map[string][]control.Row{}
	var order []string
	for _, row := range rows {
		if byFramework[row.Framework] == nil {
			order = append(order, row.Framework)
		}
		byFramework[row.Framework] = append(byFramework[row.Framework], row)
	}
	var out []ui.FigureView
	for _, id := range order {
		own := byFramework[id]
		decided, all := control.Decisions(own)
		say := c.T("frameworks.of", "n", decided, "of", all)
		out = append(out, ui.FigureView{Label: c.In(own[0].Standard), Value: say, Unit: c.T("frameworks.decided"), Href: c.URL("duties", "soa") + "?show=all&framework=" + id,
			Meter: &ui.MeterView{Value: float64(decided), Max: float64(all), Label: c.In(own[0].Standard) + ": " + say}})
	}
	return out
}

func soaFilter(r *page.Request, lib *packs.Library, rows []control.Row) ui.FilterView {
	c := r.C
	show := ui.FieldView{Name: "show", Label: c.T("frameworks.soa.rows"), Value: r.Query("show")}
	for _, k := range []string{rowsUndecided, string(control.Yes), string(control.No), rowsAll} {
		show.Options = append(show.Options, ui.Option{Value: k, Text: c.T("frameworks.soa.show." + k)})
	}
	if !has(show.Options, show.Value) {
		show.Value = rowsAll
		if len(control.UndecidedRows(rows)) > 0 {
			show.Value = rowsUndecided
		}
	}
	return ui.FilterView{Label: c.T("frameworks.search"), Action: c.URL("duties", "soa"), Query: r.Query("q"), Selects: []ui.FieldView{
		{Name: "framework", Label: c.T("frameworks.framework"), Value: r.Query("framework"), Options: frameworkOptions(c, stated(lib))}, show}}
}

func soaPart(c ui.Ctx, row control.Row) areaTable {
	return areaTable{ID: "soa-" + row.Framework, Title: c.In(row.Standard), Table: ui.TableView{ID: "rows-" + row.Framework, Caption: c.In(row.Standard), Cols: []ui.Col{
		{Head: c.T("frameworks.control")}, {Head: c.T("kind.control.applicable")}, {Head: c.T("kind.control.reason")}, {Head: c.T("kind.control.implementation")},
		{Head: c.T("kind.control.status")}, {Head: c.T("kind.control.responsible")}, {Head: c.T("kinds.evidence"), Right: true, Mono: true}}}}
}

// soaRow has the columns of requirement 001-63: control, title, applicable,
// reason, implementation, status, responsible, evidence.
func soaRow(c ui.Ctx, rd reading, row control.Row) ui.Row {
	applicable, status := applicableMark(c, row.Applicable, row.Decided), statusMark(c, row.Status)
	decision := ui.Cell{Mark: &applicable}
	if len(row.Lacks) > 0 && row.Applicable != control.Undecided {
		decision.Note = c.T("frameworks.soa.lacks." + row.Lacks[0])
	}
	state := ui.Cell{Mark: &status}
	if row.SaidOnly {
		state.Note = c.T("frameworks.note.said")
	}
	n := 0
	for _, by := range row.Evidence {
		if by.Counts() {
			n++
		}
	}
	return ui.Row{Cells: []ui.Cell{{Text: cite(c, rd.lib, row.Clause), Href: href(c, row.Framework, row.Clause)},
		decision, {Text: dash(row.Reason)}, {Text: dash(row.Implementation)}, state, {Text: role(c, row.Responsible)}, {Text: c.Int(n)}}}
}
