package frameworks

import (
	"augenmass/internal/govern/control"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// mapView is the cross-map of two frameworks.
type mapView struct {
	Choose  ui.FilterView
	Figures []ui.FigureView
	Table   ui.TableView
	Alone   []ui.LinkView // requirements of the first that nothing in the second corresponds to
	Sees    bool
}

// mapShow is the cross-map of two frameworks: which demands correspond, why, and
// what one evidence object closes on both sides (requirement 000-23). Without a
// choice it is ISO/IEC 42001 and the AI Act.
func (a *area) mapShow(r *page.Request) error {
	from, err := chosen(r, "from")
	if err != nil {
		return err
	}
	to, err := second(r, from)
	if err != nil {
		return err
	}
	rd, err := a.read(r, from.ID, to.ID)
	if err != nil {
		return err
	}
	c, all := r.C, rd.lib.Frameworks()
	v := mapView{Sees: sees(r), Choose: ui.FilterView{Label: c.T("frameworks.choose"), Action: c.URL("duties", "map"), Selects: []ui.FieldView{
		{Name: "from", Label: c.T("frameworks.map.from"), Value: from.ID, Options: frameworkOptions(c, all)},
		{Name: "to", Label: c.T("frameworks.map.to"), Value: to.ID, Options: frameworkOptions(c, all)}}}}
	pairs, alone := pairsOf(rd.lib, from, to)
	v.Table = mapTable(c, rd, from, to, pairs, v.Sees)
	both, mapped := 0, map[string]bool{}
	for _, p := range pairs {
		mapped[p.m.From] = true
		if objects, _ := shared(rd.said.Covered, p.m); len(objects) > 0 {
			both++
		}
	}
	v.Figures = []ui.FigureView{{Label: c.T("frameworks.map.mapped"), Value: c.T("frameworks.of", "n", len(mapped), "of", len(from.Items())), Unit: c.T("frameworks.requirements"),
		Note: c.T("frameworks.map.pairs", "n", len(pairs)), Meter: &ui.MeterView{Value: float64(len(mapped)), Max: float64(max(len(from.Items()), 1)), Label: c.T("frameworks.map.mapped")}}}
	if v.Sees {
		v.Figures = append(v.Figures, ui.FigureView{Label: c.T("frameworks.map.both"), Value: c.T("frameworks.of", "n", both, "of", len(pairs)), Unit: c.T("frameworks.map.pairs.unit"),
			Note: c.T("frameworks.map.both.note"), Meter: &ui.MeterView{Value: float64(both), Max: float64(max(len(pairs), 1)), Label: c.T("frameworks.map.both")}})
	}
	pages := homesOf(c, rd.lib)
	for _, id := range alone {
		v.Alone = append(v.Alone, pages.link(c, rd.lib, id))
	}
	return r.Show(ui.PageView{Title: c.T("frameworks.map"), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}, mapBody(c, v))
}

// second is the other framework: the one that is asked for, else the AI Act, else
// any other.
func second(r *page.Request, from packs.Framework) (packs.Framework, error) {
	if id := r.Query("to"); id != "" {
		return r.Org.Controls.Framework(id)
	}
	other := from
	for _, fw := range library(r).Frameworks() {
		if fw.ID == lawFramework && from.ID != fw.ID {
			return fw, nil
		}
		if fw.ID != from.ID && other.ID == from.ID {
			other = fw
		}
	}
	return other, nil
}

// pair is a mapping between two frameworks, with the requirements that it
// belongs to.
type pair struct {
	m        packs.Mapping
	from, to string // requirements of the frameworks; a mapping may name a clause below one
}

// pairsOf are the mappings that lead from one framework to another, and the
// requirements of the first without any.
func pairsOf(lib *packs.Library, from, to packs.Framework) (pairs []pair, alone []string) {
	there := map[string]bool{}
	for _, it := range to.Items() {
		there[it.Clause] = true
	}
	for _, it := range from.Items() {
		n := len(pairs)
		for _, m := range lib.Mappings(it.Clause) {
			if home, ok := within(lib, there, m.To); ok {
				pairs = append(pairs, pair{m, it.Clause, home})
			}
		}
		if n == len(pairs) {
			alone = append(alone, it.Clause)
		}
	}
	return pairs, alone
}

// within finds the requirement that a clause is or lies below.
func within(lib *packs.Library, set map[string]bool, id string) (string, bool) {
	for id != "" {
		if set[id] {
			return id, true
		}
		cl, ok := lib.Clause(id)
		if !ok {
			return "", false
		}
		id = cl.Parent
	}
	return "", false
}

// shared are the evidence objects that count on both sides of a mapping; whole
// says that one of them answers both wholly.
func shared(covered control.Covered, m packs.Mapping) (objects []control.Closing, whole bool) {
	there := map[string]control.Closing{}
	for _, by := range covered.Of(m.To).Closings {
		if by.Counts() {
			there[by.Evidence] = by
		}
	}
	for _, by := range covered.Of(m.From).Closings {
		other, ok := there[by.Evidence]
		if !ok || !by.Counts() {
			continue
		}
		objects = append(objects, by)
		whole = whole || by.Whole && other.Whole
	}
	return objects, whole
}

func mapTable(c ui.Ctx, rd reading, from, to packs.Framework, pairs []pair, sees bool) ui.TableView {
	t := ui.TableView{ID: "map", Caption: c.T("frameworks.map"), Cols: []ui.Col{{Head: c.In(from.Title)}, {Head: c.T("frameworks.relation")}, {Head: c.In(to.Title)}, {Head: c.T("frameworks.reason")}},
		Empty: ui.EmptyView{Title: c.T("frameworks.map.none"), Text: c.T("frameworks.map.none.text")}}
	if sees {
		t.Cols = append(t.Cols, ui.Col{Head: c.T("frameworks.map.evidence")})
	}
	for _, p := range pairs {
		row := []ui.Cell{{Text: cite(c, rd.lib, p.m.From), Href: href(c, from.ID, p.from)}, {Text: relationWord(c, p.m.Relation)}, {Text: cite(c, rd.lib, p.m.To), Href: href(c, to.ID, p.to)}, {Text: c.In(p.m.Reason)}}
		if sees {
			row = append(row, evidenceCell(c, rd, p.m))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: row})
	}
	return t
}

// evidenceCell says what closes both sides, one of them, or none.
func evidenceCell(c ui.Ctx, rd reading, m packs.Mapping) ui.Cell {
	both, whole := shared(rd.said.Covered, m)
	if len(both) > 0 {
		names := make([]string, 0, 2)
		for _, by := range both[:min(2, len(both))] {
			names = append(names, by.Name)
		}
		mark := ui.Mark{Kind: ui.OK, Word: c.T("frameworks.map.closes.both")}
		if !whole {
			mark = ui.Mark{Kind: ui.Warn, Word: c.T("frameworks.map.closes.part")}
		}
		note := show.List(c, names)
		if rest := len(both) - len(names); rest > 0 {
			note = c.T("frameworks.map.more", "names", note, "n", rest)
		}
		return ui.Cell{Mark: &mark, Note: note}
	}
	return ui.Cell{Mark: &ui.Mark{Kind: ui.None, Word: c.T("frameworks.map.closes.none")}}
}
