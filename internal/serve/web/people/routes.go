// Package people is the area "Menschen": who holds which role and what a role may
// do, who is responsible for which system and where nobody is, works agreements,
// and the access of people, programs and devices (catalogue ZTA-02, ZTA-10,
// ZTA-11; requirements 001-22, 001-30, 001-31).
//
// Nobody is scored here: no page counts or times what a person does. Every rule
// is identity's (who manages, what a password is, which roles exclude each
// other) or the table of roles' (identity/roles); this package asks first only to
// hide what a person may not do. The secret of a token is shown once, on the page
// that answers its making, and never again.
//
// The works council's own room is not here yet, and the pages say so. Agreements,
// programs and devices have default pages (objects).
package people

import (
	"embed"
	"net/http"

	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/people", Name: "person_list", Handle: personList},
		{Method: get, Path: "/people/new", Name: "person_add", Handle: personNew},
		{Method: post, Path: "/people/new", Name: "person_add", Handle: personAdd},
		{Method: get, Path: "/people/persons/{id}", Name: "person_show", Handle: personShow},
		{Method: post, Path: "/people/persons/{id}", Name: "person_change", Handle: personChange},
		{Method: post, Path: "/people/persons/{id}/active", Name: "access_change", Handle: activeSet},
		{Method: post, Path: "/people/persons/{id}/password", Name: "access_change", Handle: passwordReset},
		{Method: post, Path: "/people/persons/{id}/factor", Name: "access_change", Handle: factorReset},
		{Method: post, Path: "/people/persons/{id}/sessions", Name: "access_change", Handle: sessionsEnd},
		{Method: get, Path: "/people/roles", Name: "role_list", Handle: roleList},
		{Method: get, Path: "/people/roles.csv", Name: "role_list", Handle: roleTable},
		{Method: get, Path: "/people/responsibilities", Name: "responsibility_list", Handle: responsibilityList},
		{Method: get, Path: "/people/access", Name: "access_list", Handle: accessList},
		{Method: get, Path: "/people/access/tokens/new", Name: "token_create", Handle: tokenNew},
		{Method: post, Path: "/people/access/tokens/new", Name: "token_create", Handle: tokenCreate},
		{Method: get, Path: "/people/access/tokens/{id}", Name: "token_show", Handle: tokenShow},
		{Method: post, Path: "/people/access/tokens/{id}/revoke", Name: "token_revoke", Handle: tokenRevoke},
		{Method: get, Path: "/people/access/devices/{id}/posture", Name: "posture_report", Handle: postureShow},
		{Method: post, Path: "/people/access/devices/{id}/posture", Name: "posture_report", Handle: postureReport},
	}
	for i := range routes {
		routes[i].Area = "people"
	}
	routes = append(routes, objects.Routes("/people/agreements", "people", voice.Agreements(),
		objects.Tabbed(func(r *page.Request) []ui.LinkView { return tabs(r, "agreements") }))...)
	routes = append(routes, objects.Routes("/people/access/workloads", "people", identity.Workloads(), objects.Below(belowAccess),
		objects.Columns("zone", "systems", "device", "active"))...)
	return append(routes, objects.Routes("/people/access/devices", "people", identity.Devices(), objects.Below(belowAccess),
		objects.Columns("zone"), objects.Fixed("posture"), objects.Instants("posture.checked_at"), objects.With(deviceExtra))...)
}

// belowAccess are the crumbs of what lies below the page of accesses.
func belowAccess(c ui.Ctx) []ui.LinkView {
	return []ui.LinkView{{Text: c.T("area.people"), Href: c.URL("people")}, {Text: c.T("people.tab.access"), Href: c.URL("people", "access")}}
}

// can reports whether a role of the reader may do something, to hide what it may
// not. The rooms ask again.
func can(r *page.Request, action, kind string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// must refuses what no role of the reader may do, before anything is looked at.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// tabs are the pages of the area that the reader may open.
func tabs(r *page.Request, open string) []ui.LinkView {
	c := r.C
	var out []ui.LinkView
	add := func(ok bool, name, href string) {
		if ok {
			out = append(out, ui.LinkView{Text: c.T("people.tab." + name), Href: href, Current: name == open})
		}
	}
	add(can(r, store.Read, identity.KindPerson), "persons", c.URL("people"))
	add(true, "roles", c.URL("people", "roles"))
	add(true, "responsibilities", c.URL("people", "responsibilities"))
	add(can(r, store.Read, "agreement"), "agreements", c.URL("people", "agreements"))
	add(can(r, store.Read, identity.KindDevice), "access", c.URL("people", "access"))
	add(can(r, store.Read, "barrier"), "obstacles", c.URL("people", "obstacles"))
	return out
}
