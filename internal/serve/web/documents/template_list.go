package documents

import (
	"augenmass/internal/govern/document"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// templatesView is what the list of templates shows.
type templatesView struct {
	Area, Tabs []ui.LinkView
	Own        ui.TableView
	Shipped    ui.TableView
}

// templateList is the templates to fill in: the organisation's own first, then
// those of the packs (requirement 000-44).
func templateList(r *page.Request) error {
	if err := mustAccess(r, store.Read, "own_template"); err != nil {
		return err
	}
	c := r.C
	own, err := r.Org.Documents.Own(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	v := templatesView{Area: duties.Tabs(c, "documents"), Tabs: tabs(c, "templates")}
	v.Own, v.Shipped = ownTable(c, own), shippedTable(c, r.Org.Library().Templates())
	head := ui.PageView{Title: c.T("documents.templates"), Over: c.T("documents.over")}
	if may(r, store.Create, "own_template") {
		head.Actions = []ui.Action{{Text: c.T("documents.template.new"), Href: c.URL("duties", "templates", "new"), Kind: "main"}}
	}
	return r.Show(head, templatesBody(c, v))
}

func templateCols(c ui.Ctx) []ui.Col {
	return []ui.Col{{Head: c.T("documents.template")}, {Head: c.T("documents.template.purpose")}, {Head: c.T("documents.template.places"), Right: true, Mono: true}, {Head: c.T("documents.form.version")}}
}

func ownTable(c ui.Ctx, all []store.Object[document.OwnTemplate]) ui.TableView {
	t := ui.TableView{ID: "own", Caption: c.T("documents.own"), Cols: templateCols(c), Empty: ui.EmptyView{Title: c.T("documents.own.none"), Text: c.T("documents.own.none.text")}}
	for _, o := range all {
		names, _ := document.Places(o.Doc.Body)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: c.URL("duties", "templates", o.ID)}, {Text: o.Doc.Purpose}, {Text: c.Int(len(names))}, {Text: or(o.Doc.Version)}}})
	}
	return t
}

func shippedTable(c ui.Ctx, all []packs.Template) ui.TableView {
	t := ui.TableView{ID: "shipped", Caption: c.T("documents.shipped"), Cols: templateCols(c), Empty: ui.EmptyView{Title: c.T("documents.shipped.none")}}
	for _, s := range all {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(s.Title), Href: c.URL("duties", "templates", s.ID)}, {Text: c.In(s.Purpose)}, {Text: c.Int(len(s.Placeholders))}, {Text: or(s.Version)}}})
	}
	return t
}
