package classes

import (
	"slices"

	"augenmass/internal/govern/classify/record"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// zoneView is what the page of the zones shows.
type zoneView struct {
	Head    headView
	Table   ui.TableView
	Missing string // zones that systems use and nobody assessed; empty: none
}

// zoneList shows target, capability and achieved level of each zone, and which
// zones of systems nobody has entered. No risk class appears here: the level is
// an axis of its own.
func zoneList(r *page.Request) error {
	if err := must(r, store.Read, zoneKind); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Records.Zones.List(r.Context(), r.Org.DB, store.Query{Sort: "zone", Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	systems, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	used, known := map[string][]string{}, map[string]bool{}
	for _, s := range systems.Items {
		for _, z := range s.Doc.Zones {
			used[z] = append(used[z], s.Doc.Name)
		}
	}
	v := zoneView{Head: head(r, "zones"), Table: ui.TableView{ID: "zones", Caption: c.T("kinds.zone_level"), Cols: []ui.Col{{Head: c.T("kind.zone_level.zone")}, {Head: c.T("kind.zone_level.target")},
		{Head: c.T("kind.zone_level.capable")}, {Head: c.T("kind.zone_level.achieved")}, {Head: c.T("classes.zone.gap")}, {Head: c.T("classes.zone.systems")}}, Empty: ui.EmptyView{Title: c.T("classes.zone.none"), Text: c.T("kinds.zone_level.none")}}}
	for _, o := range all.Items {
		known[o.Doc.Zone] = true
		mark := gapMark(c, o.Doc)
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Zone, Href: c.URL("duties", "zones", o.ID)}, levelCell(c, o.Doc.Target), levelCell(c, o.Doc.Capable), levelCell(c, o.Doc.Achieved),
			{Mark: &mark}, {Text: dash(show.List(c, used[o.Doc.Zone]))}}})
	}
	var missing []string
	for z := range used {
		if !known[z] {
			missing = append(missing, z)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		v.Missing = c.T("classes.zone.missing", "zones", show.List(c, missing))
	}
	pv := ui.PageView{Title: c.T("kinds.zone_level"), Over: c.T("classes.over")}
	if may(r, store.Create, zoneKind) {
		pv.Actions = []ui.Action{{Text: c.T("kinds.zone_level.new"), Href: c.URL("duties", "zones", "new"), Kind: "main"}}
	}
	return r.Show(pv, zoneBody(c, v))
}

func gapMark(c ui.Ctx, z record.ZoneLevel) ui.Mark {
	n, known := z.Gap()
	switch {
	case !known:
		return ui.Mark{Kind: ui.None, Word: c.T("classes.zone.open")}
	case n == 0:
		return ui.Mark{Kind: ui.OK, Word: c.T("classes.zone.reached")}
	}
	return ui.Mark{Kind: ui.Warn, Word: c.T("classes.zone.below", "n", n)}
}
