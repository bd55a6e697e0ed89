package exchange

import (
	"net/http"
	"net/url"

	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// formView is the page where a file is chosen, with what was imported before.
type formView struct {
	Tabs    []ui.LinkView
	Form    *ui.Form // nil: the reader may not import
	Formats []ui.Fact
	Table   ui.TableView
	Trouble string // why own packs do not count at present
}

// formats are the kinds of files, in the order in which they are shown.
var formats = []string{"table", "library", "pack"}

// importForm asks for a file.
func importForm(r *page.Request) error {
	if err := must(r, store.Read); err != nil {
		return err
	}
	return ask(r, http.StatusOK, nil)
}

// ask shows the form, with what was wrong with the last file.
func ask(r *page.Request, status int, p *problem.Problem) error {
	c := r.C
	all, err := r.Org.Catalogue.List(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	var by []string
	for _, o := range all {
		by = append(by, o.CreatedBy)
	}
	names, err := show.Names(r.Context(), r.Org.DB, by...)
	if err != nil {
		return err
	}
	v := formView{Tabs: tabs(r), Table: list(c, all, names)}
	if err := r.Org.LibraryTrouble(); err != nil {
		v.Trouble = c.In(problem.From(err).Say)
	}
	if may(r, store.Create) {
		v.Form = &ui.Form{C: c, ID: "import", Prefix: "exchange.form.", Action: href(c), Values: url.Values{}, Problem: p, Upload: true, Submit: c.T("exchange.check")}
		for _, f := range formats {
			v.Formats = append(v.Formats, ui.Fact{Term: c.T("exchange.format." + f), Text: c.T("exchange.format." + f + ".text")})
		}
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("exchange.title"), Over: c.T("exchange.over")}, formBody(c, v))
}

// items is how much a file holds; a table makes a framework of its requirements
// besides, which is no further content.
func items(d catalogue.OwnPack) int {
	if d.Format == catalogue.Table && len(d.Parts) > 0 {
		return d.Parts[0].Items
	}
	return d.Items()
}

// list is one row an imported file.
func list(c ui.Ctx, all []store.Object[catalogue.OwnPack], names show.People) ui.TableView {
	t := ui.TableView{ID: "imported", Caption: c.T("exchange.imported"), Cols: []ui.Col{{Head: c.T("exchange.name")}, {Head: c.T("exchange.format")},
		{Head: c.T("exchange.items"), Right: true, Mono: true}, {Head: c.T("exchange.version")}, {Head: c.T("exchange.by")}},
		Empty: ui.EmptyView{Title: c.T("exchange.none"), Text: c.T("exchange.none.text")}}
	for _, o := range all {
		doc := o.Doc
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.In(doc.Name), Href: href(c, o.ID), Note: doc.Source},
			{Text: c.T("exchange.as." + string(doc.Format))},
			{Text: c.Int(items(doc))},
			{Text: doc.Version},
			{Text: names.Name(c, o.CreatedBy), Note: c.DateTime(o.CreatedAt)},
		}})
	}
	return t
}
