// Package duties is the measured half of the area "Pflichten": the catalogue of
// requirements with their measured status, every clause that the product cites,
// and the packs they come from, as of their date. What people say about the
// requirements of laws and standards is serve/web/frameworks: its pages begin the
// area and carry the same tabs (Tabs).
//
// The status of a requirement is computed from the journal (org.Measure) and
// never from anybody's word; where nothing is measured yet the page says so. From
// the list it is one click to the requirement with its evidence and one more to
// a journal entry with its proof (criterion 8). Texts of laws and standards are
// the packs' own words.
//
// Measuring reads the whole journal, so it happens behind the page (Measured);
// who may see a status is the table of roles' to say.
package duties

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// catalogue is the framework that the area shows.
const catalogue = "zta"

// area holds what the pages of one server share.
type area struct{ measured Measured }

// Routes lists the addresses of this area.
func Routes() []page.Route {
	a := &area{}
	routes := []page.Route{
		{Path: "/duties/catalogue", Name: "requirement_list", Handle: a.requirementList},
		{Path: "/duties/{id}", Name: "requirement_show", Handle: a.requirementShow},
		{Path: "/duties/clauses/{id}", Name: "clause_show", Handle: clauseShow},
		{Path: "/duties/principles", Name: "principle_list", Handle: principleList},
		{Path: "/duties/packs", Name: "pack_list", Handle: packList},
		{Path: "/duties/packs/{id}", Name: "pack_show", Handle: packShow},
	}
	for i := range routes {
		routes[i].Method, routes[i].Area = http.MethodGet, "duties"
	}
	return routes
}

// library is the packs of the organisation: those of the program and its own.
func library(r *page.Request) *packs.Library { return r.Org.Library() }

// sees reports whether the reader may see the measured status of requirements.
func sees(r *page.Request) bool {
	return roles.Allowed(r.Who.Roles, store.Read, "requirement_status")
}

// tabNames are the pages behind the tabs of the area, in their order; the first
// one is the area itself.
var tabNames = []string{"start", "catalogue", "soa", "plan", "risks", "law", "documents", "packs"}

// Tabs are the tabs of the area "Pflichten". open is one of start, catalogue,
// soa, plan, risks, law, documents, packs.
func Tabs(c ui.Ctx, open string) []ui.LinkView {
	out := make([]ui.LinkView, len(tabNames))
	for i, name := range tabNames {
		out[i] = ui.LinkView{Text: c.T("duties.tab." + name), Href: c.URL("duties", name), Current: name == open}
	}
	out[0].Href = c.URL("duties")
	return out
}
