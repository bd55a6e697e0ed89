// Package risk is the pages of risks: the register with its matrix, one risk step
// by step (rate, treat, accept, review), the library to take from and the method,
// the measures with their effect, the metrics with their readings, the checks of
// systems, and all of it for one system (requirements 000-18, 000-19, 000-31,
// 000-34, 001-60 to 001-62, 004-03).
//
// What holds is govern/risk's to say; words of the matrix and the library are the
// packs'. Forms of measures, metrics and checks, histories and the tables to take
// away are the default pages (objects). Colour never stands alone in the matrix:
// every field has its word and its number, and a table stands beside it.
package risk

import (
	"embed"
	"net/http"
	"slices"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts. Names of fields are in
// objects.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Where the pages lie below the organisation.
const (
	base        = "/duties/risks"
	measureBase = "/duties/measures"
	metricBase  = "/duties/metrics"
	checkBase   = "/duties/checks"
	libraryBase = "/duties/hazards"
)

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	own := []page.Route{
		{Method: get, Path: base + ".xlsx", Name: "risk_take", Handle: registerTable},
		{Method: get, Path: base + ".pdf", Name: "risk_take", Handle: registerPaper},
		{Method: post, Path: base + "/samples", Name: "risk_samples", Handle: riskSamples},
		{Method: get, Path: libraryBase, Name: "library_list", Handle: libraryList},
		{Method: get, Path: libraryBase + "/{id}", Name: "library_show", Handle: libraryShow},
		{Method: post, Path: libraryBase + "/{id}", Name: "library_take", Handle: libraryTake},
		{Method: get, Path: base + "/method", Name: "method_show", Handle: methodShow},
		{Method: get, Path: base + "/{id}/assess", Name: "risk_assess", Handle: riskAssess},
		{Method: post, Path: base + "/{id}/assess", Name: "risk_assess", Handle: riskAssessDo},
		{Method: get, Path: base + "/{id}/treat", Name: "risk_treat", Handle: riskTreat},
		{Method: post, Path: base + "/{id}/treat", Name: "risk_treat", Handle: riskTreatDo},
		{Method: get, Path: base + "/{id}/accept", Name: "risk_propose", Handle: riskPropose},
		{Method: post, Path: base + "/{id}/accept", Name: "risk_propose", Handle: riskProposeDo},
		{Method: post, Path: base + "/{id}/accept/{acceptance}", Name: "risk_decide", Handle: riskDecide},
		{Method: get, Path: base + "/{id}/review", Name: "risk_review", Handle: riskReview},
		{Method: post, Path: base + "/{id}/review", Name: "risk_review", Handle: riskReviewDo},
		{Method: post, Path: metricBase + "/{id}/readings", Name: "reading_file", Handle: readingFile},
	}
	for i := range own {
		own[i].Area = "duties"
	}
	return slices.Concat(risks(), own,
		objects.Routes(measureBase, "duties", register.Measures(), objects.List(measureList)),
		objects.Routes(metricBase, "duties", register.Metrics(), objects.List(metricList), objects.With(metricShow), objects.Lone()),
		objects.Routes(checkBase, "duties", register.SystemChecks(), objects.List(checkList), objects.Lone()),
		[]page.Route{{Method: get, Path: "/systems/{id}/risks", Name: "system_risks", Area: "systems", Handle: systemRisks}})
}

// risks are the pages of one kind, with a page of one risk of their own; what the
// default page shows, with all fields and the history, lies behind it.
func risks() []page.Route {
	all := objects.Routes(base, "duties", register.Risks(), objects.List(riskList), objects.Lone(),
		objects.Fixed("hazard", "before", "treatment", "treatment_reason", "measures", "after", "basis", "reviewed_at", "review_by", "review_note"))
	for i := range all {
		if all[i].Name == "risk_show" {
			whole := all[i]
			whole.Path, whole.Name = base+"/{id}/record", "risk_record"
			all = append(all, whole)
			all[i].Handle = riskShow
			break
		}
	}
	return all
}

// must refuses a page that the reader's role does not provide for.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

func library(r *page.Request) *packs.Library { return r.Org.Library() }

// pageNames are the pages of this package with the kind that they show.
var pageNames = []struct{ name, kind, path string }{
	{"risks", "risk", "risks"}, {"library", "risk", "hazards"}, {"measures", "measure", "measures"},
	{"metrics", "metric", "metrics"}, {"checks", "system_check", "checks"}, {"method", "risk", "risks/method"},
}

// headView are the tabs over every page: those of the area, and those here.
type headView struct{ Area, Own []ui.LinkView }

func head(r *page.Request, open string) headView {
	c := r.C
	v := headView{Area: duties.Tabs(c, "risks")}
	for _, p := range pageNames {
		if may(r, store.Read, p.kind) {
			v.Own = append(v.Own, ui.LinkView{Text: c.T("risks.tab." + p.name), Href: c.URL("duties") + "/" + p.path, Current: p.name == open})
		}
	}
	return v
}

// href is the address of a page of the register.
func href(c ui.Ctx, parts ...string) string {
	return c.URL(append([]string{"duties", "risks"}, parts...)...)
}

// crumbs lead from the area to the register, and further.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("kinds.risk"), Href: href(c)}}, more...)
}
