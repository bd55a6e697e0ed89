package data

import (
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// systemView is what there is about the data of one system.
type systemView struct {
	Tabs                []ui.LinkView
	Sets, Models, Flows ui.TableView
	Map                 *flowMap
}

// systemData shows data sets, model versions and flows of one system.
func systemData(r *page.Request) error {
	if err := must(r, store.Read, setKind); err != nil {
		return err
	}
	ctx, db := r.Context(), r.Org.DB
	sys, err := r.Org.Inventory.Systems.Get(ctx, db, r.Param("id"))
	if err != nil {
		return err
	}
	sets, err := r.Org.Data.Of(ctx, db, sys.ID)
	if err != nil {
		return err
	}
	bySystem := store.Query{Filters: []store.Filter{store.Where("system", "=", sys.ID)}}
	models, err := r.Org.Inventory.Models.All(ctx, db, bySystem)
	if err != nil {
		return err
	}
	checks, err := r.Org.Data.ChecksOf(ctx, db, sys.ID)
	if err != nil {
		return err
	}
	flows, err := r.Org.Data.Flows.All(ctx, db, bySystem)
	if err != nil {
		return err
	}
	seal, err := sealed(r)
	if err != nil {
		return err
	}
	c := r.C
	v := systemView{Tabs: tabs("")(r), Models: modelTable(c, models, checks, may(r, store.Create, checkKind)), Flows: flowTable(c, flows),
		Sets: ui.TableView{ID: "sets", Caption: c.T("kinds.dataset"), Cols: setCols(c), Empty: ui.EmptyView{Title: c.T("data.system.noset"), Text: c.T("kinds.dataset.none")}}}
	for _, o := range sets {
		v.Sets.Rows = append(v.Sets.Rows, setRow(ctx, c, seal, o))
	}
	if len(flows) > 0 {
		v.Map = drawFlows(c, flows)
	}
	head := ui.PageView{Title: c.T("data.system"), Crumbs: []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: sys.Doc.Name, Href: c.URL("systems", sys.ID)}}}
	if may(r, store.Create, setKind) {
		head.Actions = []ui.Action{{Text: c.T("kinds.dataset.new"), Href: href(c, "sets", "new")}}
	}
	return r.Show(head, systemBody(c, v))
}
