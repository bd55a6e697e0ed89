// Package ownpacks is the page of the organisation's own content packs in the
// area "Nachweise": which files were imported, by whom and when, what came of
// them, what only the original holds, and the copyright that each states; the
// file to take away as it was given; and the end of a pack on which nothing
// rests (requirements 000-16, 000-44, 001-05, 001-18).
//
// Bringing a file in is serve/web/exchange's and the command line's; whether a
// pack may end is govern/catalogue's to say.
package ownpacks

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// base is where these pages lie below the organisation.
const base = "/proof/packs"

// kind is the name of the kind in the table of roles.
const kind = "own_pack"

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: base, Name: "own_pack_list", Handle: packList},
		{Method: get, Path: base + "/{id}", Name: "own_pack_show", Handle: packShow},
		{Method: get, Path: base + "/{id}/file", Name: "own_pack_file", Handle: packFile},
		{Method: get, Path: base + "/{id}/delete", Name: "own_pack_end", Handle: packEnd},
		{Method: post, Path: base + "/{id}/delete", Name: "own_pack_delete", Handle: packDelete},
	}
	for i := range routes {
		routes[i].Area = "proof"
	}
	return routes
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// must refuses what the reader may not do.
func must(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// href is the address of one of these pages.
func href(c ui.Ctx, parts ...string) string {
	return c.URL(append([]string{"proof", "packs"}, parts...)...)
}

// crumbs lead from the area to the list, and further.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.proof"), Href: c.URL("proof")}, {Text: c.T("ownpacks.title"), Href: href(c)}}, more...)
}
