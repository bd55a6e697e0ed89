package systems

import (
	"augenmass/internal/govern/classify"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// further are the pages of the system that belong to a tab and lie on their own.
func (f *file) further(tab string) []ui.LinkView {
	var out []ui.LinkView
	for _, l := range []struct{ tab, path, kind string }{
		{"what", "profile", "profile"}, {"what", "data", "dataset"}, {"may", "impact", "interview"}, {"may", "risks", "risk"}, {"people", "profile", "profile"}, {"runs", "life", "system"},
	} {
		if l.tab == tab && may(f.r, store.Read, l.kind) {
			out = append(out, ui.LinkView{Text: f.c.T("systems.way." + l.path), Href: f.url(l.path)})
		}
	}
	return out
}

// externals are the results of others about the system (requirement 001-17),
// beside the own classification, never instead of it.
func (f *file) externals() (ui.TableView, error) {
	c := f.c
	t := ui.TableView{ID: "external-table", Caption: c.T("systems.external"), Cols: []ui.Col{{Head: c.T("systems.external.name")}, {Head: c.T("systems.external.class")}, {Head: c.T("systems.external.date")}}}
	if !may(f.r, store.Read, "external_result") {
		return t, nil
	}
	p, err := f.r.Org.Classify.Externals.List(f.r.Context(), f.r.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", f.sys.ID)}, Sort: "-date", Limit: 50, Uncounted: true})
	if err != nil {
		return t, err
	}
	for _, o := range p.Items {
		t.Rows = append(t.Rows, f.externalRow(o))
	}
	return t, nil
}

func (f *file) externalRow(o store.Object[classify.ExternalResult]) ui.Row {
	return ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: o.Doc.Link}, {Text: show.Word(f.c, "class", string(o.Doc.Class))}, {Text: f.c.Date(o.Doc.Date)}}}
}
