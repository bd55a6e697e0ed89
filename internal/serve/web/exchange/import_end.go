package exchange

import (
	"strconv"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// importEnd asks whether an imported file is to be removed.
func importEnd(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	f := ui.Form{C: c, ID: "f", Action: href(c, o.ID, "end"), Cancel: href(c, o.ID), Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)},
		More: []ui.Action{{Text: c.T("exchange.end"), Kind: "stop"}}}
	name := c.In(o.Doc.Name)
	return r.Show(ui.PageView{Title: c.T("exchange.ending", "title", name), Narrow: true, Crumbs: crumbs(c, ui.LinkView{Text: name, Href: href(c, o.ID)})}, endBody(c, f))
}

// importDelete removes an imported file that nothing rests on.
func importDelete(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(vals.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // nobody can have seen it: a conflict
	}
	if err := r.Org.Catalogue.End(r.Context(), r.Param("id"), revision); err != nil {
		return err
	}
	return r.Go(base, "exchange.ended")
}
