package serve

import (
	"io/fs"

	"augenmass/internal/serve/public"
	"augenmass/internal/serve/public/door"
	"augenmass/internal/serve/public/inquiry"
	"augenmass/internal/serve/public/intake"
	"augenmass/internal/serve/web/account"
	"augenmass/internal/serve/web/approval"
	"augenmass/internal/serve/web/barriers"
	"augenmass/internal/serve/web/benefit"
	"augenmass/internal/serve/web/classes"
	"augenmass/internal/serve/web/data"
	"augenmass/internal/serve/web/discover"
	"augenmass/internal/serve/web/documents"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/evidence"
	"augenmass/internal/serve/web/exchange"
	"augenmass/internal/serve/web/frameworks"
	"augenmass/internal/serve/web/guide"
	"augenmass/internal/serve/web/help"
	"augenmass/internal/serve/web/interview"
	"augenmass/internal/serve/web/law"
	"augenmass/internal/serve/web/life"
	"augenmass/internal/serve/web/models"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/operation"
	"augenmass/internal/serve/web/overview"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/people"
	"augenmass/internal/serve/web/profile"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/risk"
	"augenmass/internal/serve/web/selfcheck"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/systems"
	"augenmass/internal/serve/web/techfile"
)

// routes are all pages of one organisation: the product's table of contents,
// printed into testdata/routes.txt by a test.
func routes() [][]page.Route {
	return [][]page.Route{
		account.Routes(), overview.Routes(), systems.Routes(), profile.Routes(), models.Routes(), data.Routes(), guide.Routes(), discover.Routes(), interview.Routes(), approval.Routes(), duties.Routes(), frameworks.Routes(), selfcheck.Routes(), evidence.Routes(), risk.Routes(), techfile.Routes(), exchange.Routes(), classes.Routes(), law.Routes(), life.Routes(), documents.Routes(), operation.Routes(), people.Routes(), barriers.Routes(), benefit.Routes(), proof.Routes(), help.Routes(),
		objects.Vendors(), public.Routes(), intake.Routes(), inquiry.Routes(),
	}
}

// wordings are the texts of all pages.
func wordings() []fs.FS {
	return []fs.FS{show.Texts, objects.Texts, account.Texts, overview.Texts, systems.Texts, profile.Texts, models.Texts, data.Texts, guide.Texts, discover.Texts, interview.Texts, approval.Texts, duties.Texts, frameworks.Texts, selfcheck.Texts, evidence.Texts, risk.Texts, techfile.Texts, exchange.Texts, classes.Texts, law.Texts, life.Texts, documents.Texts, operation.Texts, people.Texts, barriers.Texts, benefit.Texts, proof.Texts, help.Texts, public.Texts, door.Texts, intake.Texts, inquiry.Texts}
}
