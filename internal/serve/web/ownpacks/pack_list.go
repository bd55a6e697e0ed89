package ownpacks

import (
	"augenmass/internal/govern/catalogue"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// listView is what the list shows.
type listView struct {
	Tabs  []ui.LinkView
	Warn  *ui.NoticeView // the own packs do not count at present
	Why   []string       // the places that keep them from counting
	Table ui.TableView
}

// mostWhy is how many places the list names.
const mostWhy = 5

// packList lists the own packs, the newest first.
func packList(r *page.Request) error {
	if err := must(r, store.Read); err != nil {
		return err
	}
	all, err := r.Org.Catalogue.List(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	var by []string
	for _, o := range all {
		by = append(by, o.UpdatedBy)
	}
	names, err := show.Names(r.Context(), r.Org.DB, by...)
	if err != nil {
		return err
	}
	v := listView{Tabs: proof.Tabs(r, "packs"), Table: packTable(r.C, all, names)}
	if trouble := r.Org.LibraryTrouble(); trouble != nil {
		p := problem.From(trouble)
		v.Warn = &ui.NoticeView{Kind: ui.Stop, Text: r.C.T("ownpacks.trouble")}
		for _, f := range p.Fields[:min(len(p.Fields), mostWhy)] {
			v.Why = append(v.Why, f.Path+": "+r.C.In(f.Say))
		}
		if len(v.Why) == 0 {
			v.Why = []string{r.C.In(p.Say)}
		}
	}
	return r.Show(ui.PageView{Title: r.C.T("ownpacks.title"), Over: r.C.T("area.proof")}, listBody(r.C, v))
}

func packTable(c ui.Ctx, all []store.Object[catalogue.OwnPack], names show.People) ui.TableView {
	t := ui.TableView{ID: "packs", Caption: c.T("ownpacks.title"), Cols: []ui.Col{{Head: c.T("ownpacks.name")}, {Head: c.T("ownpacks.format")},
		{Head: c.T("ownpacks.version"), Mono: true}, {Head: c.T("ownpacks.items"), Right: true, Mono: true}, {Head: c.T("ownpacks.when")}, {Head: c.T("ownpacks.by")}},
		Empty: ui.EmptyView{Title: c.T("ownpacks.none"), Text: c.T("ownpacks.none.text")}}
	for _, o := range all {
		d := o.Doc
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(d.Name), Href: href(c, o.ID), Note: d.Copyright}, {Text: c.T("ownpacks.format." + string(d.Format)), Note: d.Source},
			{Text: d.Version}, {Text: c.Int(d.Items())}, {Text: c.Date(o.UpdatedAt)}, {Text: who(c, names, o.UpdatedBy)}}})
	}
	return t
}

// who is who imported a pack: a person, or whoever called the program on the
// server.
func who(c ui.Ctx, names show.People, id string) string {
	if id == store.System {
		return c.T("ownpacks.by.cli")
	}
	return names.Name(c, id)
}
