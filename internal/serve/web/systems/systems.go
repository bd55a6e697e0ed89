// Package systems is the register: the list, the short form for a new entry,
// the long one for changes, and the file of one system with its permit card,
// its lifeline and six tabs (requirements 000-25, 001-04, 001-40, 001-51,
// 002-42).
//
// The rooms decide what may be written and what a permit needs; this package
// asks, shows, and leads on: classification and approval are pages of the
// guide, models of the package models, stopping of the operation area.
package systems

import (
	"embed"
	"net/http"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route {
	a := &area{}
	routes := []page.Route{
		{Method: http.MethodGet, Path: "/systems", Name: "system_list", Handle: systemList},
		{Method: http.MethodGet, Path: "/systems/new", Name: "system_new", Handle: systemNew},
		{Method: http.MethodPost, Path: "/systems/new", Name: "system_new", Handle: systemCreate},
		{Method: http.MethodGet, Path: "/systems/{id}", Name: "system_show", Handle: a.systemShow},
		{Method: http.MethodGet, Path: "/systems/{id}/edit", Name: "system_edit", Handle: systemEdit},
		{Method: http.MethodPost, Path: "/systems/{id}/edit", Name: "system_edit", Handle: systemChange},
	}
	for i := range routes {
		routes[i].Area = "systems"
	}
	return routes
}

// area holds what the pages of one server share.
type area struct{ gauges gauge.House }

// first is how long a page waits for the first reading of a number.
const first = 300 * time.Millisecond

// may reports whether a role of the reader may do something, to hide what it
// may not. The rooms ask again.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// permitOf is the permit that the runtime obeys, as of now. A system that the
// runtime does not know has none.
func permitOf(r *page.Request, system string) permit.Permit {
	if p, ok := r.Org.Point.Permit(system); ok {
		return p.At(r.C.Now)
	}
	return permit.Permit{System: system, State: permit.None}
}
