// Package data is the pages about the data behind AI systems: data sets with
// their signed steps and the verification of their chain (requirements 000-32,
// 001-23), the list of data for each job (002-64), the map of data flows (003-57),
// the acceptance of model versions (000-30), and all of it for one system.
//
// What a chain, a flow and an acceptance are is govern/data's to say. Forms,
// history and tables to take away of data sets and flows are the default pages
// (objects); a data set's steps are only added, never edited.
package data

import (
	"embed"
	"net/http"
	"slices"

	"augenmass/internal/govern/data"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts. Names of fields are in
// objects.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Names of the kinds in the table of roles.
const (
	setKind   = "dataset"
	flowKind  = "flow"
	checkKind = "model_check"
)

// Where the pages of the kinds lie below the organisation.
const (
	base      = "/systems/data"
	setBase   = base + "/sets"
	flowBase  = base + "/flows"
	checkBase = base + "/checks"
)

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	sets := objects.Routes(setBase, "systems", data.Datasets(), objects.Columns("systems", "personal", "location", "delete_by"), objects.Fixed("steps", "origin"),
		objects.Hidden("steps"), objects.With(setSteps), objects.Tabbed(tabs("sets")))
	flows := objects.Routes(flowBase, "systems", data.Flows(), objects.List(flowList), objects.Lone())
	checks := objects.Routes(checkBase, "systems", data.ModelChecks(), objects.Columns("model", "system", "at"), objects.Hidden("items", "hash"),
		objects.With(checkItems), objects.Tabbed(tabs("checks")), objects.Lone())
	own := map[string]page.Handler{"model_check_new": checkNew, "model_check_create": checkCreate, "model_check_edit": checkEdit, "model_check_update": checkUpdate}
	for i := range checks {
		if h, ok := own[checks[i].Name]; ok {
			checks[i].Handle = h
		}
	}
	more := []page.Route{
		{Method: http.MethodGet, Path: base, Name: "data_overview", Handle: overview},
		{Method: http.MethodGet, Path: setBase + "/{id}/verify", Name: "dataset_verify", Handle: setVerify},
		{Method: http.MethodGet, Path: setBase + "/{id}/step", Name: "dataset_step", Handle: stepNew},
		{Method: http.MethodPost, Path: setBase + "/{id}/step", Name: "dataset_step_add", Handle: stepAdd},
		{Method: http.MethodGet, Path: "/systems/{id}/data", Name: "system_data", Handle: systemData},
	}
	for i := range more {
		more[i].Area = "systems"
	}
	return slices.Concat(more, sets, flows, checks)
}

// must refuses a page that the reader's role does not provide for.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// href is the address of a page below /systems/data.
func href(c ui.Ctx, parts ...string) string {
	return c.URL(append([]string{"systems", "data"}, parts...)...)
}

// tabs are the pages of this package, one of them open.
func tabs(open string) func(r *page.Request) []ui.LinkView {
	return func(r *page.Request) []ui.LinkView {
		c := r.C
		out := []ui.LinkView{{Text: c.T("data.tab.overview"), Href: href(c), Current: open == "overview"}}
		for _, t := range []struct{ name, kind string }{{"sets", setKind}, {"flows", flowKind}, {"checks", checkKind}} {
			if may(r, store.Read, t.kind) {
				out = append(out, ui.LinkView{Text: c.T("data.tab." + t.name), Href: href(c, t.name), Current: open == t.name})
			}
		}
		return out
	}
}

// crumbs lead from the area to a page.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: c.T("data.title"), Href: href(c)}}, more...)
}

// personal is the word for an answer about personal data.
func personal(c ui.Ctx, k data.Known) string {
	return objects.Value(c, setKind, "personal", string(k))
}

// act is the word for a step.
func act(c ui.Ctx, a data.Act) string { return objects.Value(c, setKind, "steps.act", string(a)) }
