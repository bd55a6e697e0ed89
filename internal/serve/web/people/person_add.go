package people

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// personForm is the form of a person, new or changed.
type personForm struct {
	Form     ui.Form
	Roles    ui.FieldView
	Holds    ui.FieldView // functions beside the roles
	Language ui.FieldView
	Deputy   ui.FieldView
	Fresh    bool // with a first password
}

// personNew asks for a new person.
func personNew(r *page.Request) error { return askPerson(r, http.StatusOK, url.Values{}, nil) }

func askPerson(r *page.Request, status int, in url.Values, p *problem.Problem) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	others, err := everybody(r)
	if err != nil {
		return err
	}
	c := r.C
	f := formOf(c, "person", "/people/new", in, p)
	f.Form.Submit, f.Form.Cancel, f.Fresh = c.T("people.person.add"), c.URL("people"), true
	f.offer(c, others, "")
	return r.ShowAs(status, ui.PageView{Title: c.T("people.add"), Narrow: true, Crumbs: []ui.LinkView{{Text: c.T("area.people"), Href: c.URL("people")}}}, personFormBody(c, f))
}

// personAdd creates a person with a first password, which has to be changed at
// the first sign-in.
func personAdd(r *page.Request) error {
	if err := must(r, roles.Manage, identity.KindPerson); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	doc := personOf(in)
	doc.Active = true
	made, err := r.Org.Identity.AddPerson(r.Context(), doc, in.Get("password"), true)
	if p, ok := formError(err); ok {
		if p, err = all(p, doc); err != nil {
			return err
		}
		return askPerson(r, ui.Status(p), in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/people/persons/"+made.ID, "people.added")
}

// all adds what is wrong with the person to what is wrong with the password, so
// that the reader sees everything at once.
func all(p *problem.Problem, doc identity.Person) (*problem.Problem, error) {
	doc.Default()
	raw, err := json.Marshal(doc)
	if err != nil {
		return p, err
	}
	more := problem.From(identity.Persons().CheckJSON(raw))
	if more == nil || p.Kind != problem.BadInput {
		return p, nil
	}
	q := *p
	q.Fields = slices.Clone(p.Fields)
	for _, f := range more.Fields {
		if !slices.ContainsFunc(q.Fields, func(o problem.Field) bool { return o.Path == f.Path }) {
			q.Fields = append(q.Fields, f)
		}
	}
	return &q, nil
}

// formOf is a form of this area; passwords are never written into a page.
func formOf(c ui.Ctx, id, action string, in url.Values, p *problem.Problem) personForm {
	kept := url.Values{}
	for name, v := range in {
		if name != "password" {
			kept[name] = v
		}
	}
	return personForm{Form: ui.Form{C: c, ID: id, Prefix: "people." + id + ".", Action: c.OrgPath + action, Values: kept, Problem: onFields(p)}}
}

// offer fills the choices.
func (f *personForm) offer(c ui.Ctx, others []store.Object[identity.Person], self string) {
	f.Roles = f.Form.Field("roles").Req()
	for _, info := range roles.All() {
		note := c.In(info.Does)
		if info.MFA {
			note += ". " + c.T("people.role.mfa")
		}
		f.Roles.Options = append(f.Roles.Options, ui.Option{Value: string(info.Role), Text: c.In(info.Title), Note: note})
	}
	f.Holds = f.Form.Field("functions")
	for _, info := range roles.Functions() {
		f.Holds.Options = append(f.Holds.Options, ui.Option{Value: string(info.Role), Text: c.In(info.Title), Note: c.In(info.Does)})
	}
	f.Language = f.Form.Field("language").Req().Or("de").Of(ui.Option{Value: "de", Text: "Deutsch"}, ui.Option{Value: "en", Text: "English"})
	f.Language.Inline = true
	f.Deputy = f.Form.Field("deputy_of")
	f.Deputy.Blank = c.T("people.nobody")
	for _, o := range others {
		if o.ID != self && (o.Doc.Active || o.ID == f.Deputy.Value) {
			f.Deputy.Options = append(f.Deputy.Options, ui.Option{Value: o.ID, Text: o.Doc.Name})
		}
	}
}

// personOf reads a person from a form.
func personOf(in url.Values) identity.Person {
	p := identity.Person{SignIn: in.Get("sign_in"), Name: strings.TrimSpace(in.Get("name")), Language: identity.Language(in.Get("language")), DeputyOf: in.Get("deputy_of")}
	for _, role := range in["roles"] {
		p.Roles = append(p.Roles, roles.Role(role))
	}
	for _, function := range in["functions"] {
		p.Functions = append(p.Functions, roles.Function(function))
	}
	return p
}

// onFields brings the paths of a problem to the names of inputs: an element of a
// list belongs to the list.
func onFields(p *problem.Problem) *problem.Problem {
	if p == nil {
		return nil
	}
	q := *p
	q.Fields = nil
	for _, f := range p.Fields {
		f.Path, _, _ = strings.Cut(f.Path, ".")
		q.Fields = append(q.Fields, f)
	}
	return &q
}

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.TooLarge:
		return problem.From(err), true
	}
	return nil, false
}

// everybody lists persons by name, for choices and names; of a very large house,
// the first five hundred.
func everybody(r *page.Request) ([]store.Object[identity.Person], error) {
	got, err := identity.Persons().List(r.Context(), r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit})
	return got.Items, err
}

// secretField gives a field its type.
func secretField(v ui.FieldView) ui.FieldView {
	v.Type, v.Auto, v.MaxLen = "password", "new-password", 256
	return v
}

func off(v ui.FieldView, most int) ui.FieldView {
	v.Auto, v.MaxLen = "off", most
	return v
}
