package people

import (
	"net/url"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// personsShown is how many persons a page lists.
const personsShown = 50

// personsView is what the list of persons shows.
type personsView struct {
	Tabs   []ui.LinkView
	Filter ui.FilterView
	Table  ui.TableView
	Pager  ui.Pager
}

// personList lists persons with their roles. Who may not read persons sees the
// roles without names.
func personList(r *page.Request) error {
	if !can(r, store.Read, identity.KindPerson) {
		return r.Go("/people/roles", "")
	}
	q := store.Query{Search: r.Query("q"), Sort: "title", Cursor: r.Query("cursor"), Limit: personsShown}
	if role := r.Query("role"); role != "" {
		q.Filters = append(q.Filters, store.Where("roles", "has", role))
	}
	if active := r.Query("active"); active != "" {
		q.Filters = append(q.Filters, store.Where("active", "=", active))
	}
	got, err := identity.Persons().List(r.Context(), r.Org.DB, q)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range got.Items {
		ids = append(ids, o.Doc.DeputyOf)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	c := r.C
	v := personsView{Tabs: tabs(r, "persons"), Filter: personFilter(r), Table: personTable(c, got.Items, names), Pager: ui.Pager{Shown: len(got.Items), Total: got.Total}}
	if q.Cursor != "" {
		v.Pager.First = personsAt(r, "")
	}
	if got.Next != "" {
		v.Pager.Next = personsAt(r, got.Next)
	}
	head := ui.PageView{Title: c.T("people.title"), Over: c.T("people.over")}
	if can(r, roles.Manage, identity.KindPerson) {
		head.Actions = []ui.Action{{Text: c.T("people.add"), Href: c.URL("people", "new"), Kind: "main"}}
	}
	return r.Show(head, personsBody(c, v))
}

func personsAt(r *page.Request, cursor string) string {
	q := url.Values{}
	for _, name := range []string{"q", "role", "active"} {
		if v := r.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	return r.C.URL("people") + "?" + q.Encode()
}

func personFilter(r *page.Request) ui.FilterView {
	c := r.C
	role := ui.FieldView{Name: "role", Label: c.T("people.role"), Value: r.Query("role")}
	for _, info := range roles.All() {
		role.Options = append(role.Options, ui.Option{Value: string(info.Role), Text: c.In(info.Title)})
	}
	active := ui.FieldView{Name: "active", Label: c.T("people.access"), Value: r.Query("active"),
		Options: []ui.Option{{Value: "true", Text: c.T("people.active")}, {Value: "false", Text: c.T("people.inactive")}}}
	return ui.FilterView{Label: c.T("people.search"), Action: c.URL("people"), Query: r.Query("q"), Selects: []ui.FieldView{role, active}}
}

func personTable(c ui.Ctx, items []store.Object[identity.Person], names show.People) ui.TableView {
	t := ui.TableView{ID: "persons", Caption: c.T("people.title"), Empty: ui.EmptyView{Title: c.T("people.nofit")},
		Cols: []ui.Col{{Head: c.T("people.name")}, {Head: c.T("people.roles")}, {Head: c.T("people.deputy")}, {Head: c.T("people.access")}}}
	for _, o := range items {
		deputy := ui.Cell{Text: "–"}
		if o.Doc.DeputyOf != "" {
			deputy = ui.Cell{Text: names.Name(c, o.Doc.DeputyOf), Href: personHref(c, o.Doc.DeputyOf)}
		}
		mark := accessMark(c, o.Doc.Active)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: personHref(c, o.ID)}, {Text: show.Roles(c, roleNames(o.Doc))}, deputy, {Mark: &mark}}})
	}
	return t
}

func personHref(c ui.Ctx, id string) string { return c.URL("people", "persons", id) }

func accessMark(c ui.Ctx, active bool) ui.Mark {
	if active {
		return ui.Mark{Kind: ui.OK, Word: c.T("people.active")}
	}
	return ui.Mark{Kind: ui.None, Word: c.T("people.inactive")}
}

// functionNames lists the functions of a person as a form gives them.
func functionNames(p identity.Person) []string {
	out := make([]string, len(p.Functions))
	for i, f := range p.Functions {
		out[i] = string(f)
	}
	return out
}

func roleNames(p identity.Person) []string {
	out := make([]string, len(p.Roles))
	for i, role := range p.Roles {
		out[i] = string(role)
	}
	return out
}
