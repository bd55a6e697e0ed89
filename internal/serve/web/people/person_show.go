package people

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// personView is what the page of one person shows.
type personView struct {
	Facts    []ui.Fact
	Roles    []ui.Fact
	Systems  ui.TableView // for which the person is responsible
	History  []ui.VersionView
	Manage   bool // the reader may change this person
	Self     bool // the reader would, but is this person
	Change   personForm
	Password ui.Form
	Active   bool
	Sessions int
	Actions  []ui.Action
}

// asked is a form of the page that was refused.
type asked struct {
	form    string // person or password; empty: none
	in      url.Values
	problem *problem.Problem
}

// personShow is one person: roles and what they may do, responsibilities, and for
// administrators the access.
func personShow(r *page.Request) error { return showPerson(r, http.StatusOK, asked{}) }

func showPerson(r *page.Request, status int, a asked) error {
	ctx, id := r.Context(), r.Param("id")
	o, err := identity.Persons().Get(ctx, r.Org.DB, id)
	if err != nil {
		return err
	}
	others, err := everybody(r)
	if err != nil {
		return err
	}
	systems, err := r.Org.Inventory.Systems.List(ctx, r.Org.DB, store.Query{Filters: []store.Filter{store.Where("risk_owner", "=", id)}, Sort: "title", Limit: store.MaxLimit})
	if err != nil {
		return err
	}
	versions, err := r.Org.DB.History(ctx, identity.KindPerson, id)
	if err != nil {
		return err
	}
	c, names := r.C, show.People{}
	for _, p := range others {
		names[p.ID] = p.Doc.Name
	}
	v := personView{Facts: personFacts(c, o.Doc, names), Systems: ownedTable(c, systems.Items), Active: o.Doc.Active}
	for _, role := range o.Doc.Roles {
		v.Roles = append(v.Roles, ui.Fact{Term: c.In(role.Info().Title), Text: c.In(role.Info().Does)})
	}
	for _, f := range o.Doc.Functions {
		v.Roles = append(v.Roles, ui.Fact{Term: c.In(f.Info().Title), Text: c.In(f.Info().Does)})
	}
	for _, ver := range slices.Backward(versions) {
		v.History = append(v.History, ui.VersionView{Number: int(ver.Revision), At: ver.At, Who: names.Name(c, ver.Actor), What: show.Word(c, "op", ver.Op),
			Rows: changes(c, names, ver.Diffs), Journal: journalLink(r, ver.JournalIndex)})
	}
	manages := can(r, roles.Manage, identity.KindPerson)
	v.Manage, v.Self = manages && id != r.Who.ID, manages && id == r.Who.ID
	if v.Manage {
		if err := v.administer(r, o, others, a); err != nil {
			return err
		}
	}
	return r.ShowAs(status, ui.PageView{Title: o.Doc.Name, Crumbs: []ui.LinkView{{Text: c.T("area.people"), Href: c.URL("people")}}}, personBody(c, v))
}

// journalLink leads to a journal entry, for who may read the journal.
func journalLink(r *page.Request, index int64) ui.LinkView {
	l := show.Entry(r.C, index)
	if !can(r, store.Read, "journal") {
		l.Href = ""
	}
	return l
}

// changes writes the differences of a version; roles go by their titles.
func changes(c ui.Ctx, names show.People, diffs []store.Diff) []ui.DiffRow {
	var out []ui.DiffRow
	for _, d := range diffs {
		if d.Path == "roles" {
			out = append(out, ui.DiffRow{Field: objects.Label(c, identity.KindPerson, d.Path), Old: titles(c, d.Old), New: titles(c, d.New)})
			continue
		}
		out = append(out, objects.Changes(c, identity.Persons(), names, []store.Diff{d})...)
	}
	return out
}

func personFacts(c ui.Ctx, p identity.Person, names show.People) []ui.Fact {
	mark := accessMark(c, p.Active)
	facts := []ui.Fact{{Term: c.T("people.person.sign_in"), Text: p.SignIn, Mono: true}, {Term: c.T("people.access"), Mark: &mark},
		{Term: c.T("people.person.language"), Text: c.T("objects.in." + string(p.Language))}}
	if p.DeputyOf != "" {
		facts = append(facts, ui.Fact{Term: c.T("people.deputy"), Text: names.Name(c, p.DeputyOf), Href: personHref(c, p.DeputyOf), Note: c.T("people.deputy.note")})
	}
	return facts
}

func ownedTable(c ui.Ctx, items []store.Object[inventory.System]) ui.TableView {
	t := ui.TableView{ID: "owned", Caption: c.T("people.owns"), Cols: []ui.Col{{Head: c.T("people.system")}, {Head: c.T("people.stage")}},
		Empty: ui.EmptyView{Title: c.T("people.owns.none")}}
	for _, o := range items {
		m := show.LifeMark(c, string(o.Doc.LifeCycle))
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: c.URL("systems", o.ID)}, {Mark: &m}}})
	}
	return t
}

// administer adds what administrators may do with somebody else's access.
func (v *personView) administer(r *page.Request, o store.Object[identity.Person], others []store.Object[identity.Person], a asked) error {
	c := r.C
	sessions, err := r.Org.Identity.Sessions(r.Context(), o.ID)
	if err != nil {
		return err
	}
	v.Sessions = len(sessions)
	in, p := url.Values{"name": {o.Doc.Name}, "sign_in": {o.Doc.SignIn}, "roles": roleNames(o.Doc), "functions": functionNames(o.Doc), "language": {string(o.Doc.Language)}, "deputy_of": {o.Doc.DeputyOf}}, (*problem.Problem)(nil)
	revision := o.Revision
	if a.form == "person" {
		in, p = a.in, a.problem
	}
	path := "/people/persons/" + o.ID
	v.Change = formOf(c, "person", path, in, p)
	v.Change.Form.Submit, v.Change.Form.Hidden = c.T("people.person.save"), map[string]string{"revision": strconv.FormatInt(revision, 10)}
	v.Change.offer(c, others, o.ID)
	if a.form == "password" {
		p = a.problem
	} else {
		p = nil
	}
	v.Password = ui.Form{C: c, ID: "pw", Prefix: "people.reset.", Action: c.OrgPath + path + "/password", Problem: p, More: []ui.Action{{Text: c.T("people.reset.submit")}}}
	toggle := ui.Action{Text: c.T("people.deactivate"), Href: c.OrgPath + path + "/active", Post: true, Kind: "stop", Hidden: map[string]string{"active": "false"}}
	if !o.Doc.Active {
		toggle = ui.Action{Text: c.T("people.activate"), Href: c.OrgPath + path + "/active", Post: true, Hidden: map[string]string{"active": "true"}}
	}
	toggle.Hidden["revision"] = strconv.FormatInt(revision, 10)
	v.Actions = []ui.Action{toggle, {Text: c.T("people.sessions.end"), Href: c.OrgPath + path + "/sessions", Post: true}, {Text: c.T("people.factor.reset"), Href: c.OrgPath + path + "/factor", Post: true}}
	return nil
}
