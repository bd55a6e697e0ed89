package data

import (
	"strings"

	"augenmass/internal/govern/data"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// flowsView is the map of data flows with its table.
type flowsView struct {
	Tabs  []ui.LinkView
	Note  string
	Map   *flowMap // nil: nothing to draw
	Table ui.TableView
}

// flowList draws the map of data flows; what is unknown is visible and counted
// (requirement 003-57).
func flowList(r *page.Request) error {
	if err := must(r, store.Read, flowKind); err != nil {
		return err
	}
	flows, err := r.Org.Data.Flows.All(r.Context(), r.Org.DB, store.Query{Sort: "from"})
	if err != nil {
		return err
	}
	c := r.C
	v := flowsView{Tabs: tabs("flows")(r), Table: flowTable(c, flows)}
	if unknown, of := data.OpenAnswers(flows); of > 0 {
		v.Note = c.T("data.map.unknown", "n", unknown, "of", of)
		v.Map = drawFlows(c, flows)
	}
	head := ui.PageView{Title: c.T("kinds.flow"), Crumbs: crumbs(c)}
	v.Table.Empty = ui.EmptyView{Title: c.T("data.system.noflow"), Text: c.T("kinds.flow.none")}
	if may(r, store.Create, flowKind) {
		head.Actions = []ui.Action{{Text: c.T("kinds.flow.new"), Href: href(c, "flows", "new"), Kind: "main"}}
		v.Table.Empty.Action = &ui.Action{Text: c.T("kinds.flow.new"), Href: href(c, "flows", "new")}
	}
	return r.Show(head, flowsBody(c, v))
}

// flowTable is one row a flow; what is not known says so.
func flowTable(c ui.Ctx, flows []store.Object[data.Flow]) ui.TableView {
	t := ui.TableView{ID: "flows", Caption: c.T("kinds.flow"), Cols: []ui.Col{{Head: c.T("kind.flow")}, {Head: c.T("kind.flow.what")}, {Head: c.T("kind.flow.place")},
		{Head: c.T("kind.flow.country")}, {Head: c.T("kind.flow.access")}}, Empty: ui.EmptyView{Title: c.T("data.system.noflow")}}
	for _, o := range flows {
		row := ui.Row{Cells: []ui.Cell{{Text: o.Doc.Title(), Href: href(c, "flows", o.ID)}, {Text: o.Doc.What}}}
		for _, a := range data.Aspects {
			cell := ui.Cell{Text: o.Doc.Of(a)}
			if strings.TrimSpace(cell.Text) == "" {
				cell = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("data.unknown")}}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
