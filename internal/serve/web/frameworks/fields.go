package frameworks

import (
	"augenmass/internal/govern/control"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/ui"
)

// statuses are the choices of a status, in six words (requirement 001-19).
func statuses(c ui.Ctx, f ui.FieldView) ui.FieldView {
	for _, s := range statusValues() {
		f.Options = append(f.Options, ui.Option{Value: string(s), Text: statusMark(c, s).Word})
	}
	f.Inline = true
	return f
}

// decisions are the choices of the statement of applicability.
func decisions(c ui.Ctx, f ui.FieldView) ui.FieldView {
	for _, v := range control.Applicability("").Values() {
		f.Options = append(f.Options, ui.Option{Value: v, Text: objects.Value(c, "control", "applicable", v)})
	}
	f.Inline = true
	return f
}

// open lets a choice stand open.
func open(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.Blank = c.T("objects.unset")
	return f
}

// sharedTable is one row a shared clause.
func sharedTable(c ui.Ctx, rows []sharedRow) ui.TableView {
	t := ui.TableView{ID: "clauses", Caption: c.T("frameworks.shared.title"), Cols: []ui.Col{{Head: c.T("frameworks.shared.clause")}, {Head: c.T("frameworks.shared.where")},
		{Head: c.T("frameworks.shared.state")}, {Head: c.T("frameworks.shared.papers")}, {Head: c.T("kinds.evidence"), Right: true, Mono: true}}}
	for _, row := range rows {
		state := ui.Cell{Text: "–"}
		switch {
		case row.State != nil:
			state = ui.Cell{Mark: row.State}
		case row.Parts != "":
			state = ui.Cell{Text: row.Parts}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: row.Clause.Text, Href: row.Clause.Href}, {Text: row.Where}, state, {Body: cellLinks(row.Papers)}, {Text: c.Int(row.Proofs)}}})
	}
	return t
}
