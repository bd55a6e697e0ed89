package objects

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// asking is one showing of the form.
type asking struct {
	id       string // empty: a new object
	title    string
	revision string
	vals     url.Values
	problem  *problem.Problem
	differs  ui.TableView
}

// allowed says why the person who asks may not do action, before anything else
// is looked at.
func (p *Pages) allowed(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, p.Kind.Name(), nil)
}

// objectNew asks for a new object. Values of fields may come with the address
// (?system=sys_…).
func (p *Pages) objectNew(r *page.Request) error {
	if err := p.allowed(r, store.Create); err != nil {
		return err
	}
	vals := url.Values{}
	for name, v := range r.R.URL.Query() {
		if _, ok := byPath(p.Kind.Fields(), name); ok {
			vals[name] = v
		}
	}
	return p.ask(r, http.StatusOK, asking{vals: vals})
}

// objectCreate stores a new object.
func (p *Pages) objectCreate(r *page.Request) error {
	if err := p.allowed(r, store.Create); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	raw, err := p.typed(r, vals, nil)
	if err != nil {
		return err
	}
	var made store.Record
	err = r.Org.DB.Write(r.Context(), func(tx *store.Tx) error {
		made, err = p.Kind.CreateJSON(r.Context(), tx, raw)
		return err
	})
	if pr, ok := formError(err); ok {
		return p.ask(r, ui.Status(pr), asking{vals: vals, problem: pr})
	}
	if err != nil {
		return err
	}
	return r.Go(p.Base+"/"+made.ID, "objects.created")
}

// typed is the document of a posted form.
func (p *Pages) typed(r *page.Request, vals url.Values, stored tree) (json.RawMessage, error) {
	compact(vals, p.Kind.Fields(), "")
	d := reading{zoned: p.zoned(r), fixed: p.fixed, vals: vals}
	return json.Marshal(d.document(p.Kind.Fields(), "", stored))
}

func (p *Pages) zoned(r *page.Request) zoned { return zoned{lang: r.C.Lang, zone: r.Zone} }

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.TooLarge:
		return problem.From(err), true
	}
	return nil, false
}

// ask shows the form with what was typed and what is wrong with it.
func (p *Pages) ask(r *page.Request, status int, a asking) error {
	c := r.C
	compact(a.vals, p.Kind.Fields(), "") // an address may name any position
	choices, err := p.choices(r)
	if err != nil {
		return err
	}
	v := formView{Form: ui.Form{C: c, ID: "f", Submit: c.T("objects.save"), Hidden: map[string]string{}}, Differs: a.differs}
	head := ui.PageView{Title: p.newWord(c), Crumbs: p.trail(c), Narrow: true}
	v.Form.Action, v.Form.Cancel = p.href(c, "new"), p.href(c)
	if a.id != "" {
		v.Form.Hidden["revision"] = a.revision
		v.Form.Action, v.Form.Cancel = p.href(c, a.id, "edit"), p.href(c, a.id)
		head.Title = c.T("objects.editing", "title", a.title)
		head.Crumbs = p.trail(c, ui.LinkView{Text: a.title, Href: p.href(c, a.id)})
	}
	byName, links := faults(c, p.Kind, a.problem)
	v.Faults = links
	if a.problem != nil {
		v.Say, v.Hint = c.In(a.problem.Say), c.In(a.problem.Hint)
	}
	b := form{c: c, kind: p.Kind.Name(), fixed: p.fixed, vals: a.vals, faults: byName, choices: choices}
	v.Inputs = b.build(p.Kind.Fields(), "")
	return r.ShowAs(status, head, formBody(c, v))
}

// choices reads the objects that references may choose from, by title: one query
// a kind. Of a kind that the reader may not see, none.
func (p *Pages) choices(r *page.Request) (map[string][]ui.Option, error) {
	out := map[string][]ui.Option{}
	var kinds []string
	each(p.Kind.Fields(), func(f store.Field) {
		if f.Ref != "" && out[f.Ref] == nil {
			out[f.Ref] = []ui.Option{}
			kinds = append(kinds, f.Ref)
		}
	})
	for _, k := range r.Org.DB.Kinds() {
		if out[k.Name()] == nil {
			continue
		}
		got, err := k.ListJSON(r.Context(), r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit})
		if problem.Is(err, problem.Denied) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, o := range got.Items {
			out[k.Name()] = append(out[k.Name()], ui.Option{Value: o.ID, Text: strings.TrimSpace(cmp.Or(o.Title, o.ID))})
		}
	}
	return out, nil
}
