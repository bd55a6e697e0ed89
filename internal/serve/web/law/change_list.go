package law

import (
	"slices"

	"augenmass/internal/govern/duty"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// changesView is what the page of versions shows.
type changesView struct {
	Head  headView
	Packs ui.TableView
	First *ui.Form // adopts everything that was never adopted
	None  int      // packs never adopted
	Pack  *packDiff
	Gone  []string
}

// packDiff is one pack with its difference.
type packDiff struct {
	Title string
	Note  string
	Items []diffView
	Form  *ui.Form // nil: the reader may not adopt, or there is nothing to adopt
	Said  string
}

// diffView is one item that differs.
type diffView struct {
	Mark  ui.Mark
	Title string
	Href  string
	Rests string // what rests on it; empty: nothing
	Rows  []ui.DiffRow
}

// changeList shows which versions the organisation adopted and which the program
// brings; with a pack in the address its difference item by item, before it is
// adopted and without a network (requirement 000-38).
func changeList(r *page.Request) error {
	if err := mustSee(r); err != nil {
		return err
	}
	c, ctx := r.C, r.Context()
	offers, gone, err := r.Org.Duty.Offers(ctx, r.Org.DB)
	if err != nil {
		return err
	}
	v := changesView{Head: head(c, "changes"), Packs: packTable(c, offers)}
	for _, a := range gone {
		v.Gone = append(v.Gone, a.Doc.Title())
	}
	for _, o := range offers {
		if o.Adopted == nil {
			v.None++
		}
	}
	write := may(r, store.Create, "adoption")
	if v.None > 0 && write {
		v.First = &ui.Form{C: c, ID: "first", Action: c.URL("duties", "law", "changes"), Submit: c.T("law.adopt.all", "n", v.None), Hidden: map[string]string{"pack": "*"}}
	}
	if id := r.Query("pack"); id != "" {
		i := slices.IndexFunc(offers, func(o duty.Offer) bool { return o.Info.ID == id })
		if i < 0 {
			return noPack()
		}
		if v.Pack, err = difference(r, offers[i], write); err != nil {
			return err
		}
	}
	return r.Show(ui.PageView{Title: c.T("law.changes"), Over: c.T("law.over")}, changesBody(c, v))
}

func packTable(c ui.Ctx, offers []duty.Offer) ui.TableView {
	t := ui.TableView{ID: "packs", Caption: c.T("law.packs"), Cols: []ui.Col{{Head: c.T("law.pack")}, {Head: c.T("law.pack.brings")}, {Head: c.T("law.pack.adopted")}, {Head: c.T("law.pack.state")}}}
	for _, o := range offers {
		have, mark := ui.Cell{Text: "–"}, ui.Mark{Kind: ui.None, Word: c.T("law.pack.never")}
		if o.Adopted != nil {
			a := o.Adopted.Doc
			have = ui.Cell{Text: c.T("law.version", "version", a.Version, "day", dateText(c, a.AsOf)), Note: c.T("law.pack.on", "day", c.Date(a.At))}
			mark = ui.Mark{Kind: ui.Warn, Word: c.T("law.pack.other")}
			if o.Current() {
				mark = ui.Mark{Kind: ui.OK, Word: c.T("law.pack.current")}
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.In(o.Info.Title), Href: c.URL("duties", "law", "changes?pack="+o.Info.ID)},
			{Text: c.T("law.version", "version", o.Info.Version, "day", dateText(c, o.Info.AsOf))}, have, {Mark: &mark}}})
	}
	return t
}

// difference is what adopting one pack would change and mean.
func difference(r *page.Request, o duty.Offer, write bool) (*packDiff, error) {
	c := r.C
	v := &packDiff{Title: c.In(o.Info.Title)}
	if o.Adopted == nil {
		v.Said = c.T("law.diff.never")
		if write {
			v.Form = adoptForm(c, o)
		}
		return v, nil
	}
	if o.Current() {
		v.Said = c.T("law.diff.same")
		return v, nil
	}
	diffs, err := r.Org.Duty.Difference(r.Context(), r.Org.DB, o)
	if err != nil {
		return nil, err
	}
	rests := map[string][]duty.Rest{}
	if len(diffs) > 0 {
		if rests, err = r.Org.Duty.Rests(r.Context(), r.Org.DB); err != nil {
			return nil, err
		}
	}
	touched := 0
	for _, d := range diffs {
		item := diffOf(r, d, duty.Touches(d, o.Info.ID, rests))
		if item.Rests != "" {
			touched++
		}
		v.Items = append(v.Items, item)
	}
	v.Note = c.T("law.diff.versions", "old", o.Adopted.Doc.Version, "new", o.Info.Version)
	v.Said = c.T("law.diff.said", "n", len(diffs), "touched", touched)
	if write {
		v.Form = adoptForm(c, o)
	}
	return v, nil
}

func adoptForm(c ui.Ctx, o duty.Offer) *ui.Form {
	return &ui.Form{C: c, ID: "adopt", Action: c.URL("duties", "law", "changes"), Submit: c.T("law.adopt"), Hidden: map[string]string{"pack": o.Info.ID, "hash": o.Hash}}
}

// diffOf is one item with both texts in the reader's language, and in the other
// one where only that differs.
func diffOf(r *page.Request, d duty.Difference, rests []duty.Rest) diffView {
	c := r.C
	kind := map[duty.How]ui.Kind{duty.Added: ui.OK, duty.Removed: ui.Stop, duty.Changed: ui.Warn}[d.How]
	v := diffView{Mark: ui.Mark{Kind: kind, Word: c.T("law.how." + string(d.How))}, Title: d.Item, Rests: restWords(c, rests)}
	if cl, ok := r.Org.Library().Clause(d.Item); ok {
		v.Title, v.Href = cl.Short(c.Lang), c.URL("duties", "clauses", cl.ID)
	}
	if d.Item == "" {
		v.Title = c.T("law.diff.head")
	}
	if t := c.In(d.Title); t != "" && t != v.Title {
		v.Title += " " + t
	}
	for _, f := range d.Fields {
		row := ui.DiffRow{Field: field(c, f.Field), Old: c.In(f.Old), New: c.In(f.New)}
		if row.Old == row.New { // only the other language differs
			other := text.EN
			if c.Lang == text.EN {
				other = text.DE
			}
			row.Field, row.Old, row.New = c.T("law.diff.other", "field", row.Field), f.Old.In(other), f.New.In(other)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// field is the word for a field of a pack, or its name as an author knows it.
func field(c ui.Ctx, name string) string {
	if key := "law.field." + name; c.Has(key) {
		return c.T(key)
	}
	return name
}

// restWords says what rests on an item, by kind: "Pflicht: Fräslinie, Presse".
func restWords(c ui.Ctx, rests []duty.Rest) string {
	var kinds []string
	names := map[string][]string{}
	for _, x := range rests {
		if names[x.Kind] == nil {
			kinds = append(kinds, x.Kind)
		}
		name := x.Name
		if name == "" {
			name = c.T("law.kind." + x.Kind)
		}
		if !slices.Contains(names[x.Kind], name) {
			names[x.Kind] = append(names[x.Kind], name)
		}
	}
	slices.Sort(kinds)
	out := ""
	for i, k := range kinds {
		if i > 0 {
			out += "; "
		}
		out += c.T("law.rests.kind", "kind", c.T("law.kind."+k), "names", show.List(c, names[k]))
	}
	return out
}
