package serve

import (
	"io/fs"

	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/page"
)

// routes are all pages of one organisation: the product's table of contents,
// printed into testdata/routes.txt by a test.
func routes() [][]page.Route {
	return [][]page.Route{
		account.Routes(),
	}
}

// wordings are the texts of all pages.
func wordings() []fs.FS {
	return []fs.FS{account.Texts}
}
