// Package frameworks is what the organisation says about the requirements of
// laws and standards, the beginning of the area "Pflichten": how each framework
// stands, what to do next, the gap by area, one requirement with help at three
// depths and its record, the statement of applicability, the plan backwards from
// a target date, readiness for a certifier, the cycle of Plan-Do-Check-Act, the
// cross-map of two frameworks, and the clauses that management standards share
// (requirements 000-02, 000-04, 000-23, 000-24, 000-28, 000-37, 000-46, 000-50,
// 000-58, 001-03, 001-05, 001-19, 001-38, 001-63).
//
// What counts, what is missing and when something must begin is computed by
// govern/control; files to take away are made by prove/report; texts of laws and
// standards are the packs'. What checks measured is shown beside what people say
// and comes from package duties, which also holds the catalogue, the clauses and
// the tabs of the area.
//
// Standards and law are two indicators, never one: a page that shows both says
// that a certificate makes nothing lawful (requirement 000-24). A percentage
// stands beside its n of m. Who may not read the records sees the frameworks and
// their requirements without any number.
package frameworks

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of these pages, for ui.Texts. Names of fields and words of
// a status are in objects.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// area holds what the pages of one server share.
type area struct{ measured duties.Measured }

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	a := &area{}
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/duties", Name: "standing_show", Handle: a.standingShow},
		{Method: get, Path: "/duties/frameworks/{fw}", Name: "framework_show", Handle: a.frameworkShow},
		{Method: get, Path: "/duties/frameworks/{fw}/{clause}", Name: "control_show", Handle: a.controlShow},
		{Method: post, Path: "/duties/frameworks/{fw}/{clause}", Name: "control_save", Handle: a.controlSave},
		{Method: get, Path: "/duties/gap.xlsx", Name: "gap_take", Handle: a.gapTable},
		{Method: get, Path: "/duties/gap.pdf", Name: "gap_take", Handle: a.gapPaper},
		{Method: get, Path: "/duties/gap-list.pdf", Name: "gap_take", Handle: a.gapList},
		{Method: get, Path: "/duties/soa", Name: "soa_show", Handle: a.soaShow},
		{Method: get, Path: "/duties/soa/next", Name: "soa_next", Handle: a.soaNext},
		{Method: get, Path: "/duties/soa.xlsx", Name: "soa_take", Handle: a.soaTable},
		{Method: get, Path: "/duties/soa.pdf", Name: "soa_take", Handle: a.soaPaper},
		{Method: get, Path: "/duties/plan", Name: "plan_show", Handle: a.planShow},
		{Method: post, Path: "/duties/plan", Name: "target_save", Handle: a.targetSave},
		{Method: get, Path: "/duties/readiness", Name: "readiness_show", Handle: a.readinessShow},
		{Method: get, Path: "/duties/readiness.zip", Name: "readiness_take", Handle: a.readinessTake},
		{Method: get, Path: "/duties/cycle", Name: "cycle_show", Handle: a.cycleShow},
		{Method: get, Path: "/duties/map", Name: "map_show", Handle: a.mapShow},
		{Method: get, Path: "/duties/shared", Name: "shared_show", Handle: a.sharedShow},
	}
	for i := range routes {
		routes[i].Area = "duties"
	}
	return routes
}

// kind is the name of the records in the table of roles.
const kind = "control"

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// sees reports whether the reader may see what is said about requirements.
func sees(r *page.Request) bool { return may(r, store.Read, kind) }

// must refuses what no role of the reader may do; computed pages have no access
// rule of their own.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}
