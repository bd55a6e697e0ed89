// Package models is the pages of a system's models: what they are, with their
// cards, and simple forms for a new model or a new version of one (ZTA-04,
// requirement 001-24).
//
// An operating permit covers exactly one version of a model, so every change
// here makes approvals fall; that is the approve room's doing. How the gateway
// reads a model (inputs, features, baseline) comes over the interface and is
// only shown.
package models

import (
	"embed"
	"net/http"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	routes := []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/models/new", Name: "model_new", Handle: modelNew},
		{Method: http.MethodPost, Path: "/systems/{id}/models/new", Name: "model_new", Handle: modelCreate},
		{Method: http.MethodGet, Path: "/systems/{id}/models/{model}", Name: "model_show", Handle: modelShow},
		{Method: http.MethodGet, Path: "/systems/{id}/models/{model}/edit", Name: "model_edit", Handle: modelEdit},
		{Method: http.MethodPost, Path: "/systems/{id}/models/{model}/edit", Name: "model_edit", Handle: modelChange},
	}
	for i := range routes {
		routes[i].Area = "systems"
	}
	return routes
}

func may(r *page.Request, action string) bool { return roles.Allowed(r.Who.Roles, action, "model") }

// mustAccess refuses a page whose form the reader may not post.
func mustAccess(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, "model", nil)
}

// pair reads the system and the model that the address names. A model of
// another system is not there.
func pair(r *page.Request) (sys store.Object[inventory.System], m store.Object[inventory.Model], err error) {
	if sys, err = r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id")); err != nil {
		return sys, m, err
	}
	if m, err = r.Org.Inventory.Models.Get(r.Context(), r.Org.DB, r.Param("model")); err == nil && m.Doc.System != sys.ID {
		err = problem.New(problem.NotFound, "Dieses Modell gehört zu einem anderen System.", "This model belongs to another system.")
	}
	return sys, m, err
}

func crumbs(c ui.Ctx, sys store.Object[inventory.System], more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: sys.Doc.Name, Href: c.URL("systems", sys.ID)}}, more...)
}
