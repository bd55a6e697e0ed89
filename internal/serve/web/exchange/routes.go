// Package exchange is the import pages of the area "Nachweise": a file is chosen
// and shown before anything is kept — rows, errors by position, what was
// repaired, every cited clause with its verdict and the correct one beside it,
// what is odd about the document — and adopted with one click, corrected or as
// written (requirements 001-18, 001-20, 001-64, 001-73). It also lists what was
// imported and shows it with its six fields.
//
// Reading is prove/exchange/intake's, keeping is govern/catalogue's. Between
// preview and adoption nothing lies on the server: the preview carries the file
// with it, and adoption reads it again, so that any node may answer and nothing
// is left over when somebody goes away.
package exchange

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// base is where these pages lie below the organisation.
const base = "/proof/import"

// kind is the name of the kind in the table of roles.
const kind = "own_pack"

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: base, Name: "import_form", Handle: importForm},
		{Method: post, Path: base, Name: "import_preview", Handle: importPreview},
		{Method: post, Path: base + "/adopt", Name: "import_adopt", Handle: importAdopt},
		{Method: get, Path: base + "/{id}", Name: "import_show", Handle: importShow},
		{Method: get, Path: base + "/{id}/original", Name: "import_original", Handle: importOriginal},
		{Method: get, Path: base + "/{id}/end", Name: "import_end", Handle: importEnd},
		{Method: post, Path: base + "/{id}/end", Name: "import_delete", Handle: importDelete},
	}
	for i := range routes {
		routes[i].Area = "proof"
	}
	return routes
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// must refuses what no role of the reader may do.
func must(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// href is the address of one of these pages.
func href(c ui.Ctx, parts ...string) string {
	return c.URL(append([]string{"proof", "import"}, parts...)...)
}

// crumbs lead from the area to the import, and further.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.proof"), Href: c.URL("proof")}, {Text: c.T("exchange.title"), Href: href(c)}}, more...)
}

func tabs(r *page.Request) []ui.LinkView { return proof.Tabs(r, "import") }
