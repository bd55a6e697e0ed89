// Package objects makes pages from a declaration: a list with filter, search,
// sorting, paging and a table to take away, a form with every type of field, the
// object with its history and with what refers to it, and its end. A kind costs
// its struct and its words; a page that people deserve better replaces one of
// these.
//
//	objects.Routes("/benefit", "benefit", value.UseCases())
//
// Labels come from the catalogue: kinds.<kind> names many, kind.<kind> one,
// kind.<kind>.<path> a field, with .help, .plain, .expert, .source and .unit
// behind it, kind.<kind>.<path>.<value> a value of an enumeration. Where a label
// is missing, the field's name is made readable.
//
// Times are days here, in the reader's zone; Instants names the fields that show
// the time of day too. A form changes only what it shows.
//
// It decides nothing: who may read or write is the store's access check, which
// these pages also ask before they show a button; what a document must be is the
// kind's. It shows no number that the object does not hold.
package objects

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this package and of the kinds that have pages, for
// ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Pages are the pages of one kind.
type Pages struct {
	Kind store.AnyKind
	Base string // below the organisation, "/benefit"
	Area string // one of ui.Areas

	columns  []string // paths of the list's columns behind the title
	fixed    []string // paths that the form leaves alone
	instants []string // paths that show the time of day
	hidden   []string // paths that the page of one object leaves out
	crumbs   func(c ui.Ctx) []ui.LinkView
	tabs     func(r *page.Request) []ui.LinkView
	list     page.Handler
	extra    Extra
	lone     bool // no kind refers to this one
}

// Option changes the pages of a kind.
type Option func(*Pages)

// Extra is what a page of one object shows above its history: a component, or
// nil.
type Extra func(r *page.Request, o store.Record) (templ.Component, error)

// Columns names the fields that the list shows behind the title. Without it,
// these are the first indexed ones.
func Columns(paths ...string) Option { return func(p *Pages) { p.columns = paths } }

// Fixed names fields that the form neither shows nor changes.
func Fixed(paths ...string) Option { return func(p *Pages) { p.fixed = paths } }

// Instants names times that are more than a day.
func Instants(paths ...string) Option { return func(p *Pages) { p.instants = paths } }

// Hidden names fields that the page of one object leaves out, because With shows
// them better.
func Hidden(paths ...string) Option { return func(p *Pages) { p.hidden = paths } }

// List replaces the list.
func List(h page.Handler) Option { return func(p *Pages) { p.list = h } }

// With adds something to the page of one object.
func With(x Extra) Option { return func(p *Pages) { p.extra = x } }

// Lone says that no kind refers to this one, so that the page of an object need
// not ask what does.
func Lone() Option { return func(p *Pages) { p.lone = true } }

// Below puts crumbs above every page, from the area down to the list.
func Below(crumbs func(c ui.Ctx) []ui.LinkView) Option {
	return func(p *Pages) { p.crumbs = crumbs }
}

// Tabbed puts the tabs of the area above the list, which is then one of its pages.
func Tabbed(tabs func(r *page.Request) []ui.LinkView) Option { return func(p *Pages) { p.tabs = tabs } }

// Routes lists the addresses of the pages of one kind below base ("/benefit"),
// in one of ui.Areas.
func Routes(base, area string, kind store.AnyKind, more ...Option) []page.Route {
	p := &Pages{Kind: kind, Base: base, Area: area}
	p.list = p.objectList
	for _, o := range more {
		o(p)
	}
	name := kind.Name()
	route := func(method, path, action string, h page.Handler) page.Route {
		return page.Route{Method: method, Path: base + path, Name: name + "_" + action, Area: area, Handle: h}
	}
	return []page.Route{
		route(http.MethodGet, "", "list", p.list),
		route(http.MethodGet, ".csv", "table", p.objectTable),
		route(http.MethodGet, "/new", "new", p.objectNew),
		route(http.MethodPost, "/new", "create", p.objectCreate),
		route(http.MethodGet, "/{id}", "show", p.objectShow),
		route(http.MethodGet, "/{id}/edit", "edit", p.objectEdit),
		route(http.MethodPost, "/{id}/edit", "update", p.objectUpdate),
		route(http.MethodGet, "/{id}/delete", "end", p.objectEnd),
		route(http.MethodPost, "/{id}/delete", "delete", p.objectDelete),
	}
}

// may reports whether the person who asks may do action on objects of the kind.
func (p *Pages) may(r *page.Request, action string) bool {
	return roles.Allowed(r.Who.Roles, action, p.Kind.Name())
}

// href is the address of a page of the kind.
func (p *Pages) href(c ui.Ctx, parts ...string) string {
	return strings.Join(append([]string{c.OrgPath + p.Base}, parts...), "/")
}

// trail is the crumbs of a page below the list.
func (p *Pages) trail(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	all := p.above(c)
	all = append(all, ui.LinkView{Text: Many(c, p.Kind.Name()), Href: p.href(c)})
	return append(all, more...)
}

// above is the crumbs of the list itself: none where the list is the area's
// first page.
func (p *Pages) above(c ui.Ctx) []ui.LinkView {
	switch {
	case p.crumbs != nil:
		return p.crumbs(c)
	case p.Base == "/"+p.Area:
		return nil
	}
	return []ui.LinkView{{Text: c.T("area." + p.Area), Href: c.URL(p.Area)}}
}

// titles reads the titles of ids, one query a kind.
func titles(ctx context.Context, db *store.DB, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return map[string]string{}, nil
	}
	return db.Titles(ctx, db, ids...)
}
