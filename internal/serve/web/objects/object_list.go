package objects

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// pageSize is how many objects a list shows at once.
const pageSize = 50

// defaultColumns is how many indexed fields a list shows behind the title.
const defaultColumns = 4

// listView is what the list page shows.
type listView struct {
	Tabs   []ui.LinkView
	Bare   bool // nothing to search through
	Filter ui.FilterView
	Table  ui.TableView
	Pager  ui.Pager
	Export ui.LinkView
	Lead   string
}

// objectList lists the objects of the kind.
func (p *Pages) objectList(r *page.Request) error {
	q := p.query(r)
	got, err := p.Kind.ListJSON(r.Context(), r.Org.DB, q)
	if err != nil {
		return err
	}
	docs, ids := make([]tree, len(got.Items)), []string{}
	for i, o := range got.Items {
		if docs[i], err = treeOf(o.Doc); err != nil {
			return err
		}
		ids = append(ids, refs(p.Kind.Fields(), docs[i])...)
	}
	for _, f := range q.Filters {
		if v, ok := f.Values[0].(string); ok && strings.Contains(v, "_") {
			ids = append(ids, v)
		}
	}
	named, err := titles(r.Context(), r.Org.DB, ids)
	if err != nil {
		return err
	}
	c := r.C
	w := values{c: c, kind: p.Kind.Name(), titles: named, instants: p.instants}
	v := listView{Filter: p.filter(r, named), Table: p.table(r, w, got, docs),
		Pager: ui.Pager{Shown: len(got.Items), Total: got.Total}, Lead: or(c, "kinds."+p.Kind.Name()+".lead", "")}
	v.Bare = got.Total == 0 && len(q.Filters) == 0 && q.Search == ""
	if p.tabs != nil {
		v.Tabs = p.tabs(r)
	}
	if q.Cursor != "" {
		v.Pager.First = p.with(r, "cursor", "")
	}
	if got.Next != "" {
		v.Pager.Next = p.with(r, "cursor", got.Next)
	}
	if got.Total > 0 {
		v.Export = ui.LinkView{Text: c.T("objects.export"), Href: c.OrgPath + p.Base + ".csv?" + r.R.URL.RawQuery}
	}
	head := ui.PageView{Title: Many(c, p.Kind.Name()), Crumbs: p.above(c)}
	if p.tabs != nil {
		head.Crumbs = nil // the tabs say where the reader is
	}
	if p.may(r, store.Create) {
		head.Actions = []ui.Action{{Text: p.newWord(c), Href: p.href(c, "new"), Kind: "main"}}
	}
	return r.Show(head, listBody(c, v))
}

// newWord is the words on the button that begins a new object.
func (p *Pages) newWord(c ui.Ctx) string {
	return or(c, "kinds."+p.Kind.Name()+".new", c.T("objects.new", "one", One(c, p.Kind.Name())))
}

// query reads what the address asks for: q, sort, cursor, and any index by its
// name.
func (p *Pages) query(r *page.Request) store.Query {
	q := store.Query{Search: r.Query("q"), Sort: r.Query("sort"), Cursor: r.Query("cursor"), Limit: pageSize}
	if q.Sort == "" {
		q.Sort = "title"
	}
	for _, name := range p.Kind.Indexes() {
		if v := r.Query(name); v != "" {
			q.Filters = append(q.Filters, store.Where(name, "=", v))
		}
	}
	return q
}

// with is the address of this list with one parameter changed; a new sort or
// filter begins at the first page.
func (p *Pages) with(r *page.Request, name, value string) string {
	q := r.R.URL.Query()
	q.Del("said")
	q.Del("cursor")
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return p.href(r.C)
	}
	return p.href(r.C) + "?" + q.Encode()
}

// filter offers the search and a choice for every indexed enumeration and truth
// value; what an address filters by besides is shown as the only choice.
func (p *Pages) filter(r *page.Request, named map[string]string) ui.FilterView {
	c := r.C
	v := ui.FilterView{Label: c.T("objects.search", "many", Many(c, p.Kind.Name())), Action: p.href(c), Query: r.Query("q")}
	each(p.Kind.Fields(), func(f store.Field) {
		if !f.Index || f.Bilingual {
			return
		}
		s := ui.FieldView{Name: f.Path, Label: Label(c, p.Kind.Name(), f.Path), Value: r.Query(f.Path)}
		switch {
		case f.Enum != nil:
			for _, e := range f.Enum {
				s.Options = append(s.Options, ui.Option{Value: e, Text: Value(c, p.Kind.Name(), f.Path, e)})
			}
		case f.Type == "boolean":
			s.Options = []ui.Option{{Value: "true", Text: c.T("objects.yes")}, {Value: "false", Text: c.T("objects.no")}}
		case s.Value == "":
			return
		default:
			s.Options = []ui.Option{{Value: s.Value, Text: cmp.Or(named[s.Value], s.Value)}}
		}
		v.Selects = append(v.Selects, s)
	})
	return v
}

// shown is the fields of the list's columns behind the title.
func (p *Pages) shown() []store.Field {
	var out []store.Field
	each(p.Kind.Fields(), func(f store.Field) {
		switch {
		case p.columns != nil:
			if slices.Contains(p.columns, f.Path) {
				out = append(out, f)
			}
		case f.Index && !f.Bilingual && f.Path != "name" && len(out) < defaultColumns:
			out = append(out, f)
		}
	})
	if p.columns != nil {
		slices.SortFunc(out, func(a, b store.Field) int {
			return slices.Index(p.columns, a.Path) - slices.Index(p.columns, b.Path)
		})
	}
	return out
}

func (p *Pages) table(r *page.Request, w values, got store.Page[rawDoc], docs []tree) ui.TableView {
	c, kind := r.C, p.Kind.Name()
	t := ui.TableView{ID: "list", Caption: Many(c, kind), Cols: []ui.Col{p.col(r, "title", or(c, "kind."+kind+".name", c.T("objects.title")), false)}}
	fields := p.shown()
	for _, f := range fields {
		sort := ""
		if f.Index && !f.List && !f.Bilingual {
			sort = f.Path
		}
		t.Cols = append(t.Cols, p.col(r, sort, Label(c, kind, f.Path), numeric(f)))
	}
	for i, o := range got.Items {
		row := ui.Row{Cells: []ui.Cell{{Text: cmp.Or(o.Title, o.ID), Href: p.href(c, o.ID)}}}
		for _, f := range fields {
			row.Cells = append(row.Cells, w.cell(f, docs[i].at(f.Path)))
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		t.Empty = p.empty(r)
	}
	return t
}

func numeric(f store.Field) bool { return (f.Type == "integer" || f.Type == "number") && !f.List }

// cell is a value in a table: a link where there is one, else text.
func (w values) cell(f store.Field, v any) ui.Cell {
	all := w.links(f, v)
	switch len(all) {
	case 0:
		return ui.Cell{Text: "–"}
	case 1:
		return ui.Cell{Text: all[0].Text, Href: all[0].Href}
	}
	return ui.Cell{Body: linked(all)}
}

func (p *Pages) col(r *page.Request, sort, head string, right bool) ui.Col {
	col := ui.Col{Head: head, Right: right, Mono: right}
	if sort == "" {
		return col
	}
	now := r.Query("sort")
	if now == "" {
		now = "title"
	}
	col.Sort = p.with(r, "sort", sort)
	switch now {
	case sort:
		col.Order, col.Sort = "ascending", p.with(r, "sort", "-"+sort)
	case "-" + sort:
		col.Order = "descending"
	}
	return col
}

// empty says why the list is empty: nothing is there, or nothing fits.
func (p *Pages) empty(r *page.Request) ui.EmptyView {
	c := r.C
	if q := p.query(r); len(q.Filters) > 0 || q.Search != "" {
		return ui.EmptyView{Title: c.T("objects.nofit"), Text: c.T("objects.nofit.text")}
	}
	v := ui.EmptyView{Title: c.T("objects.none", "many", Many(c, p.Kind.Name())), Text: or(c, "kinds."+p.Kind.Name()+".none", "")}
	if p.may(r, store.Create) {
		v.Action = &ui.Action{Text: p.newWord(c), Href: p.href(c, "new")}
	}
	return v
}

// objectTable is the filtered list as a table to take away, with every field.
func (p *Pages) objectTable(r *page.Request) error {
	q := p.query(r)
	q.Limit, q.Cursor = store.MaxLimit, ""
	c, kind := r.C, p.Kind.Name()
	var fields []store.Field
	each(p.Kind.Fields(), func(f store.Field) {
		if f.Type != "object" || f.Bilingual {
			fields = append(fields, f)
		}
	})
	head := []string{c.T("objects.id")}
	for _, f := range fields {
		head = append(head, Label(c, kind, f.Path))
	}
	rows := [][]string{append(head, c.T("objects.revision"), c.T("objects.updated"))}
	for {
		got, err := p.Kind.ListJSON(r.Context(), r.Org.DB, q)
		if err != nil {
			return err
		}
		more, err := p.lines(r, fields, got)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
		if got.Next == "" {
			return WriteCSV(r.W, filename(p.Base), rows)
		}
		q.Cursor = got.Next
	}
}

// lines writes one page of objects as lines of the table.
func (p *Pages) lines(r *page.Request, fields []store.Field, got store.Page[rawDoc]) ([][]string, error) {
	docs, ids := make([]tree, len(got.Items)), []string{}
	for i, o := range got.Items {
		var err error
		if docs[i], err = treeOf(o.Doc); err != nil {
			return nil, err
		}
		ids = append(ids, refs(p.Kind.Fields(), docs[i])...)
	}
	named, err := titles(r.Context(), r.Org.DB, ids)
	if err != nil {
		return nil, err
	}
	w := values{c: r.C, kind: p.Kind.Name(), titles: named, instants: p.instants}
	var out [][]string
	for i, o := range got.Items {
		line := []string{o.ID}
		for _, f := range fields {
			line = append(line, w.text(f, docs[i].at(f.Path)))
		}
		out = append(out, append(line, r.C.Int(int(o.Revision)), r.C.DateTime(o.UpdatedAt)))
	}
	return out, nil
}

func filename(base string) string {
	return url.PathEscape(strings.ReplaceAll(strings.Trim(base, "/"), "/", "-")) + ".csv"
}
