package serve

import (
	"io/fs"

	"augenmass/internal/serve/public"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/overview"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
)

// routes are all pages of one organisation: the product's table of contents,
// printed into testdata/routes.txt by a test.
func routes() [][]page.Route {
	return [][]page.Route{
		account.Routes(), overview.Routes(), operation.Routes(), public.Routes(),
	}
}

// wordings are the texts of all pages.
func wordings() []fs.FS {
	return []fs.FS{show.Texts, account.Texts, overview.Texts, operation.Texts, public.Texts}
}
