// Package classes is the pages around classification that belong to no single
// system: the organisation's class table with risk class and security level as
// two axes (requirement 001-08), results of official classifiers and advisers
// beside the own classification (001-17), the upper limits that the AI Act sets
// per breach with the rule for small firms (001-16), and the register of
// references with the day on which each was checked (001-74). Beside them stand
// the own distribution over time with what to look at again (001-14, 001-15), the
// security levels of the zones, exceptions of Annex III (001-12), the route of
// conformity assessment (001-44) and the yearly declaration (001-43).
//
// Forms, history and the table to take away are the default pages (objects);
// lists and the comparison are here. How two results stand to each other is
// govern/classify's to say, when a reference has to be looked at again that of
// the packs, and the amounts are those of the packs' clauses. An external result
// never changes the own classification: that is done in the guide.
package classes

import (
	"embed"
	"net/http"
	"slices"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/operate/identity/roles"
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

// Names of the kinds in the table of roles.
const (
	rowKind      = "class_row"
	externalKind = "external_result"

	exceptionKind   = "exception"
	declarationKind = "declaration"
	conformityKind  = "conformity"
	zoneKind        = "zone_level"
)

// Where the pages of the two kinds lie below the organisation.
const (
	rowBase      = "/duties/classes"
	externalBase = "/duties/external"

	exceptionBase   = "/duties/exceptions"
	declarationBase = "/duties/declarations"
	conformityBase  = "/duties/conformity"
	zoneBase        = "/duties/zones"
)

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	own := []page.Route{
		{Method: http.MethodPost, Path: rowBase + "/start", Name: "class_start", Handle: classStart},
		{Method: http.MethodGet, Path: externalBase + "/{id}/file", Name: "external_file", Handle: externalFile},
		{Method: http.MethodPost, Path: externalBase + "/{id}/file", Name: "external_keep", Handle: externalKeep},
		{Method: http.MethodGet, Path: "/duties/fines", Name: "fine_list", Handle: fineList},
		{Method: http.MethodGet, Path: "/duties/references", Name: "reference_list", Handle: referenceList},
		{Method: http.MethodGet, Path: "/duties/portfolio", Name: "portfolio_show", Handle: portfolioShow},
		{Method: http.MethodPost, Path: declarationBase + "/sign", Name: "declaration_sign", Handle: declarationSign},
	}
	for i := range own {
		own[i].Area = "duties"
	}
	return slices.Concat(
		objects.Routes(rowBase, "duties", classify.Rows(), objects.List(classList), objects.Lone()),
		objects.Routes(externalBase, "duties", classify.Externals(), objects.List(externalList), objects.With(externalShow), objects.Lone(), objects.Fixed("file", "hash", "blob")),
		objects.Routes(exceptionBase, "duties", record.Exceptions(), objects.Tabbed(func(r *page.Request) []ui.LinkView { return head(r, "exceptions").Own }),
			objects.Columns("system", "criterion", "reviewer", "date"), objects.Lone()),
		objects.Routes(conformityBase, "duties", record.Conformities(), objects.List(conformityList), objects.Lone()),
		objects.Routes(zoneBase, "duties", record.Zones(), objects.List(zoneList), objects.Lone()),
		reading(objects.Routes(declarationBase, "duties", record.Declarations(), objects.List(declarationList), objects.Lone())),
		own)
}

// reading leaves the pages of a kind that only show: what was signed is neither
// written by a form nor changed.
func reading(all []page.Route) []page.Route {
	return slices.DeleteFunc(all, func(rt page.Route) bool {
		return rt.Method != http.MethodGet || strings.HasSuffix(rt.Path, "/new") || strings.HasSuffix(rt.Path, "/edit") || strings.HasSuffix(rt.Path, "/delete")
	})
}

// must refuses a page that the reader's role does not provide for.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// pageNames are the pages of this package, in their order.
var pageNames = []string{"classes", "portfolio", "zones", "exceptions", "conformity", "declarations", "external", "fines", "references"}

// headView are the tabs over every page: those of the area, and those here.
type headView struct {
	Area, Own []ui.LinkView
}

func head(r *page.Request, open string) headView {
	c := r.C
	v := headView{Area: duties.Tabs(c, "")}
	for _, name := range pageNames {
		if kind := kindOf[name]; kind == "" || may(r, store.Read, kind) {
			v.Own = append(v.Own, ui.LinkView{Text: c.T("classes.tab." + name), Href: c.URL("duties", name), Current: name == open})
		}
	}
	return v
}

// kindOf says which pages show objects that not everybody may read.
var kindOf = map[string]string{"classes": rowKind, "external": externalKind, "portfolio": "classification", "zones": zoneKind,
	"exceptions": exceptionKind, "conformity": conformityKind, "declarations": declarationKind}
