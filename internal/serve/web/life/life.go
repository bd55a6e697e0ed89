// Package life is the page of a system's way from the idea to its end: where it
// stands, what the gate of the next stage asks for with the way there, the steps
// of the own workflow, its pilot and its retirement plan (requirements 000-03,
// 000-11, 000-17, 000-53, 000-57, 001-28).
//
// What a gate asks for is govern/life's to say, and the store refuses a step that
// does not pass it; the page shows and leads on. Forms of workflow, pilots and
// retirement plans are the default pages (objects). Stopping at once is a page of
// the operation area.
package life

import (
	"embed"
	"net/http"
	"slices"

	"augenmass/internal/govern/life"
	"augenmass/internal/operate/identity/roles"
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

// Where the pages of the kinds lie below the organisation.
const (
	workflowBase   = "/duties/workflow"
	pilotBase      = "/duties/pilots"
	retirementBase = "/duties/retirements"
)

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	own := []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/life", Name: "life_show", Handle: lifeShow},
		{Method: http.MethodPost, Path: "/systems/{id}/life", Name: "life_step", Handle: lifeStep},
		{Method: http.MethodPost, Path: "/systems/{id}/life/confirm", Name: "life_confirm", Handle: lifeConfirm},
		{Method: http.MethodGet, Path: "/systems/{id}/retire", Name: "life_retire", Handle: lifeRetire},
		{Method: http.MethodPost, Path: "/systems/{id}/retire", Name: "life_retire", Handle: lifeRetireDo},
	}
	for i := range own {
		own[i].Area = "systems"
	}
	tabbed := objects.Tabbed(func(r *page.Request) []ui.LinkView { return duties.Tabs(r.C, "") })
	return slices.Concat(own,
		objects.Routes(workflowBase, "duties", life.Workflows(), tabbed, objects.Lone(), objects.Columns("reason")),
		objects.Routes(pilotBase, "duties", life.Pilots(), tabbed, objects.Lone(), objects.Columns("system", "from", "end")),
		objects.Routes(retirementBase, "duties", life.Retirements(), tabbed, objects.Lone(), objects.Columns("system")))
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}
