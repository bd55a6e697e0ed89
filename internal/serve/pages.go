package serve

import (
	"io/fs"

	"augenmass/internal/serve/public"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/approval"
	"augenmass/internal/serve/web/benefit"
	"augenmass/internal/serve/web/classes"
	"augenmass/internal/serve/web/documents"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/exchange"
	"augenmass/internal/serve/web/frameworks"
	"augenmass/internal/serve/web/guide"
	"augenmass/internal/serve/web/help"
	"augenmass/internal/serve/web/law"
	"augenmass/internal/serve/web/models"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/overview"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/people"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/selfcheck"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/systems"
)

// routes are all pages of one organisation: the product's table of contents,
// printed into testdata/routes.txt by a test.
func routes() [][]page.Route {
	return [][]page.Route{
		account.Routes(), overview.Routes(), systems.Routes(), models.Routes(), guide.Routes(), approval.Routes(), duties.Routes(), frameworks.Routes(), selfcheck.Routes(), evidence.Routes(), exchange.Routes(), classes.Routes(), law.Routes(), documents.Routes(), operation.Routes(), people.Routes(), benefit.Routes(), proof.Routes(), help.Routes(),
		objects.Vendors(), public.Routes(),
	}
}

// wordings are the texts of all pages.
func wordings() []fs.FS {
	return []fs.FS{show.Texts, objects.Texts, account.Texts, overview.Texts, systems.Texts, models.Texts, guide.Texts, approval.Texts, duties.Texts, frameworks.Texts, selfcheck.Texts, evidence.Texts, exchange.Texts, classes.Texts, law.Texts, documents.Texts, operation.Texts, people.Texts, benefit.Texts, proof.Texts, help.Texts, public.Texts}
}
