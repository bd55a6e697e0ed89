package ownpacks

import (
	"strconv"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// packEnd asks whether an own pack is to end, and says what goes with it.
func packEnd(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	f := ui.Form{C: c, ID: "f", Action: href(c, o.ID, "delete"), Cancel: href(c, o.ID), Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)},
		More: []ui.Action{{Text: c.T("ownpacks.end"), Kind: "stop"}}}
	name := c.In(o.Doc.Name)
	head := ui.PageView{Title: c.T("ownpacks.ending", "title", name), Narrow: true, Crumbs: crumbs(c, ui.LinkView{Text: name, Href: href(c, o.ID)})}
	return r.Show(head, endBody(c, f, o.Doc.Items()))
}
