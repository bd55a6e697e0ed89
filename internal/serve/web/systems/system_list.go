package systems

import (
	"cmp"
	"net/url"
	"slices"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Sizes of the list. Fields of use and classes are no columns of the register,
// so a list narrowed by them is sifted from the first entries, in a bounded
// number of queries.
const (
	pageLength = 50
	sifted     = 4 // pages of store.MaxLimit
)

// listing is the register as a page shows it.
type listing struct {
	rows   []store.Object[inventory.System]
	total  int
	next   string // cursor
	first  bool
	cut    bool // more entries than were sifted
	owners show.People
}

// systemList is the register.
func systemList(r *page.Request) error {
	want := wanted(r)
	l, err := list(r, want)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(l.rows))
	for _, o := range l.rows {
		if o.Doc.RiskOwner != "" && !slices.Contains(ids, o.Doc.RiskOwner) {
			ids = append(ids, o.Doc.RiskOwner)
		}
	}
	if l.owners, err = show.Names(r.Context(), r.Org.DB, ids...); err != nil {
		return err
	}
	v := ui.PageView{Title: r.C.T("systems.title"), Over: r.C.OrgName}
	if may(r, store.Create, "system") {
		v.Actions = []ui.Action{{Text: r.C.T("systems.add"), Href: r.C.URL("systems", "new"), Kind: "main"}}
	}
	return r.Show(v, listBody(r.C, filterView(r.C, want), table(r, want, l), pager(r.C, want, l), l.cut))
}

// wanted are the parameters of the list that have a value.
func wanted(r *page.Request) url.Values {
	want := url.Values{}
	for _, name := range []string{"q", "scope", "class", "life", "owner", "sort"} {
		if v := r.Query(name); v != "" {
			want.Set(name, v)
		}
	}
	return want
}

// address is the list with its parameters, some of them changed.
func address(c ui.Ctx, want url.Values, changes ...string) string {
	q := url.Values{}
	for name := range want {
		q.Set(name, want.Get(name))
	}
	for i := 0; i+1 < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	if len(q) == 0 {
		return c.URL("systems")
	}
	return c.URL("systems") + "?" + q.Encode()
}

func list(r *page.Request, want url.Values) (l listing, err error) {
	q := store.Query{Search: want.Get("q"), Sort: sortOf(want), Limit: pageLength, Cursor: r.Query("cursor")}
	if v := want.Get("life"); v != "" {
		q.Filters = append(q.Filters, store.Where("life_cycle", "=", v))
	}
	if want.Get("owner") == "none" {
		q.Filters = append(q.Filters, store.Where("risk_owner", "=", ""))
	}
	l.first = q.Cursor == ""
	if want.Get("scope") != "" || want.Get("class") != "" {
		return sift(r, want, q)
	}
	p, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, q)
	l.rows, l.total, l.next = p.Items, p.Total, p.Next
	return l, err
}

// sift reads the first entries and keeps those with the wanted field of use and
// class. The class is that of the permit, which every system has.
func sift(r *page.Request, want url.Values, q store.Query) (l listing, err error) {
	l.first, q.Cursor, q.Limit = true, "", store.MaxLimit
	for range sifted {
		p, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, q)
		if err != nil {
			return l, err
		}
		for _, o := range p.Items {
			scope, class := inventory.Scope(want.Get("scope")), want.Get("class")
			if (scope == "" || slices.Contains(o.Doc.Scope, scope)) && (class == "" || classOf(permitOf(r, o.ID)) == class) {
				l.rows = append(l.rows, o)
			}
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	l.total, l.cut = len(l.rows), q.Cursor != ""
	l.rows = l.rows[:min(len(l.rows), store.MaxLimit)]
	return l, nil
}

func classOf(p permit.Permit) string { return cmp.Or(p.Class, permit.ClassUnclear) }

// sorts are the columns that the list can be sorted by.
var sorts = map[string]string{"name": "name", "-name": "-name", "changed": "-updated_at", "life": "life_cycle"}

func sortOf(want url.Values) string {
	if s, ok := sorts[want.Get("sort")]; ok {
		return s
	}
	return "name"
}

func filterView(c ui.Ctx, want url.Values) ui.FilterView {
	choice := func(name string, options []ui.Option) ui.FieldView {
		return ui.FieldView{Name: name, Label: c.T("systems.filter." + name), Value: want.Get(name), Options: options}
	}
	return ui.FilterView{Label: c.T("systems.filter"), Action: c.URL("systems"), Query: want.Get("q"), Selects: []ui.FieldView{
		choice("scope", show.Options(c, "scope", inventory.Scope("").Values())),
		choice("class", show.Options(c, "class", []string{"minimal", "limited", "high", "prohibited", "unclear"})),
		choice("life", show.Options(c, "life", inventory.LifeCycle("").Values())),
	}}
}

func table(r *page.Request, want url.Values, l listing) ui.TableView {
	c := r.C
	sortable := func(col ui.Col, name string) ui.Col {
		have := want.Get("sort")
		col.Sort = address(c, want, "sort", name)
		switch {
		case have == name || have == "" && name == "name":
			col.Order = "ascending"
			if name == "name" {
				col.Sort = address(c, want, "sort", "-name")
			}
		case have == "-"+name:
			col.Order = "descending"
		}
		return col
	}
	t := ui.TableView{Caption: c.T("systems.title"), Cols: []ui.Col{sortable(ui.Col{Head: c.T("systems.col.name")}, "name"),
		{Head: c.T("systems.col.permit")}, {Head: c.T("systems.col.class")}, sortable(ui.Col{Head: c.T("systems.col.life")}, "life"),
		{Head: c.T("systems.col.owner")}, {Head: c.T("systems.col.complete"), Right: true}},
		Empty: ui.EmptyView{Title: c.T("systems.empty"), Text: c.T("systems.empty.text")}}
	if len(want) > 0 {
		t.Empty = ui.EmptyView{Title: c.T("systems.none"), Text: c.T("systems.none.text")}
	}
	for _, o := range l.rows {
		t.Rows = append(t.Rows, entryRow(c, o, permitOf(r, o.ID), l.owners))
	}
	return t
}

func entryRow(c ui.Ctx, o store.Object[inventory.System], p permit.Permit, owners show.People) ui.Row {
	state, life := show.PermitMark(c, p.State, string(o.Doc.LifeCycle)), show.LifeMark(c, string(o.Doc.LifeCycle))
	permitCell := ui.Cell{Mark: &state}
	if p.State != permit.Valid && len(p.Lapses) > 0 {
		permitCell.Note = show.Reason(c, p.Lapses[0].Code)
	}
	name := ui.Cell{Text: o.Doc.Name, Href: c.URL("systems", o.ID), Note: show.List(c, show.Words(c, "scope", o.Doc.Scope))}
	owner := ui.Cell{Text: owners.Name(c, o.Doc.RiskOwner)}
	if o.Doc.RiskOwner == "" {
		owner = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("systems.owner.none")}}
	}
	have := inventory.Wanted - len(o.Doc.Missing())
	complete := ui.Cell{Text: c.T("systems.complete", "have", have, "of", inventory.Wanted)}
	return ui.Row{ID: o.ID, Cells: []ui.Cell{name, permitCell, {Text: show.Word(c, "class", classOf(p))}, {Mark: &life}, owner, complete}}
}

func pager(c ui.Ctx, want url.Values, l listing) ui.Pager {
	p := ui.Pager{Shown: len(l.rows), Total: l.total}
	if !l.first {
		p.First = address(c, want)
	}
	if l.next != "" {
		p.Next = address(c, want, "cursor", l.next)
	}
	return p
}
