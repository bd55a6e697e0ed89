package ownpacks

import (
	"augenmass/internal/govern/catalogue"
	"augenmass/internal/prove/exchange/intake"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// showView is one own pack.
type showView struct {
	Facts []fact
	Parts ui.TableView
	Kept  []string
	Notes []string
	File  ui.LinkView
}

// fact is one thing that is said about a pack.
type fact struct{ Name, Text string }

// packShow shows what came of one imported file.
func packShow(r *page.Request) error {
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	names, err := show.Names(r.Context(), r.Org.DB, o.UpdatedBy)
	if err != nil {
		return err
	}
	c, d := r.C, o.Doc
	v := showView{Parts: partTable(c, d), File: ui.LinkView{Text: c.T("ownpacks.file"), Href: href(c, o.ID, "file")}}
	for _, f := range []fact{
		{c.T("ownpacks.copyright"), d.Copyright}, {c.T("ownpacks.format"), c.T("ownpacks.format." + string(d.Format))}, {c.T("ownpacks.version"), d.Version},
		{c.T("ownpacks.source"), d.Source}, {c.T("ownpacks.when"), c.Date(o.UpdatedAt)}, {c.T("ownpacks.by"), who(c, names, o.UpdatedBy)},
		{c.T("ownpacks.urn"), d.URN}, {c.T("ownpacks.hash"), d.Hash},
	} {
		if f.Text != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	for _, k := range d.Kept {
		v.Kept = append(v.Kept, c.Int(k.N)+" "+c.In(intake.What(k.What)))
	}
	for _, n := range d.Notes {
		v.Notes = append(v.Notes, c.In(n))
	}
	head := ui.PageView{Title: c.In(d.Name), Over: c.T("ownpacks.title"), Crumbs: crumbs(c)}
	if may(r, store.Delete) {
		head.Actions = []ui.Action{{Text: c.T("ownpacks.end"), Href: href(c, o.ID, "delete")}}
	}
	return r.Show(head, showBody(c, v))
}

// partTable lists the packs that came of a file, with the page on which each is
// read.
func partTable(c ui.Ctx, d catalogue.OwnPack) ui.TableView {
	t := ui.TableView{ID: "parts", Caption: c.T("ownpacks.parts"), Cols: []ui.Col{{Head: c.T("ownpacks.part")}, {Head: c.T("ownpacks.kind")},
		{Head: c.T("ownpacks.items"), Right: true, Mono: true}}}
	for _, p := range d.Parts {
		cell := ui.Cell{Text: p.ID}
		switch packs.Kind(p.Kind) {
		case packs.Law, packs.Standard:
			cell.Href = c.URL("duties", "packs", p.ID)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{cell, {Text: c.T("ownpacks.kind." + p.Kind)}, {Text: c.Int(p.Items)}}})
	}
	return t
}
