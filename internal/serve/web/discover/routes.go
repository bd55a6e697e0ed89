// Package discover is how AI that nobody registered is found and led into the
// register: the walk through the places where it is overlooked, the catalogue of
// software with its AI functions to tick, drafts for usual cases, tips of
// colleagues, and letters to vendors (requirements 003-04, 003-45, 003-47,
// 004-20, 000-06, 001-40).
//
// Room govern/discover decides what may be written; drafts and catalogue are the
// packs'. Colleagues and vendors have pages of their own without an account
// (serve/public). What happens to an entry afterwards is the register's.
package discover

import (
	"embed"
	"net/http"
	"slices"
	"strconv"
	"time"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages. Lists stand below the register;
// single objects beside it, as an id stands in the second place of an address
// below /systems.
func Routes() []page.Route {
	get, post := http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/systems/discover", Name: "discover_show", Handle: discoverShow},
		{Method: get, Path: "/systems/software", Name: "software_list", Handle: softwareList},
		{Method: get, Path: "/software/new", Name: "software_tick", Handle: softwareNew},
		{Method: post, Path: "/software/new", Name: "software_tick", Handle: softwareCreate},
		{Method: get, Path: "/software/{id}", Name: "software_show", Handle: softwareShow},
		{Method: get, Path: "/software/{id}/edit", Name: "software_tick", Handle: softwareEdit},
		{Method: post, Path: "/software/{id}/edit", Name: "software_tick", Handle: softwareUpdate},
		{Method: get, Path: "/systems/drafts", Name: "draft_list", Handle: draftList},
		{Method: get, Path: "/drafts/{draft}", Name: "draft_show", Handle: draftShow},
		{Method: post, Path: "/drafts/{draft}", Name: "draft_begin", Handle: draftBegin},
		{Method: get, Path: "/systems/{id}/start", Name: "start_show", Handle: startShow},
		{Method: post, Path: "/systems/{id}/start", Name: "figure_measure", Handle: figureMeasure},
		{Method: get, Path: "/systems/tips", Name: "tip_list", Handle: tipList},
		{Method: post, Path: "/systems/tips", Name: "intake_renew", Handle: intakeRenew},
		{Method: get, Path: "/tips/{id}", Name: "tip_show", Handle: tipShow},
		{Method: post, Path: "/tips/{id}/register", Name: "tip_register", Handle: tipRegister},
		{Method: post, Path: "/tips/{id}/close", Name: "tip_close", Handle: tipClose},
		{Method: get, Path: "/systems/inquiries", Name: "inquiry_list", Handle: inquiryList},
		{Method: get, Path: "/inquiries/new", Name: "inquiry_new", Handle: inquiryNew},
		{Method: post, Path: "/inquiries/new", Name: "inquiry_new", Handle: inquiryCreate},
		{Method: get, Path: "/inquiries/{id}", Name: "inquiry_show", Handle: inquiryShow},
		{Method: post, Path: "/inquiries/{id}/send", Name: "inquiry_send", Handle: inquirySend},
		{Method: post, Path: "/inquiries/{id}/step", Name: "inquiry_step", Handle: inquiryStep},
		{Method: get, Path: "/inquiries/{id}/letter.pdf", Name: "inquiry_letter", Handle: inquiryLetter},
	}
	for i := range routes {
		routes[i].Area = "systems"
	}
	return routes
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// must refuses a page whose content or form is not for the reader.
func must(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// crumbs lead from the register to the page.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}}, more...)
}

// tabs are the lists of this package that the reader may see.
func tabs(r *page.Request, now string) []ui.LinkView {
	var out []ui.LinkView
	for _, t := range []struct{ name, kind string }{{"discover", "system"}, {"software", "software"}, {"drafts", "system"}, {"tips", "tip"}, {"inquiries", "inquiry"}} {
		if may(r, store.Read, t.kind) {
			out = append(out, ui.LinkView{Text: r.C.T("discover.tab." + t.name), Href: r.C.URL("systems", t.name), Current: t.name == now})
		}
	}
	return out
}

// wares is what the packs hold of software, data and drafts.
func wares(r *page.Request) *stock.Stock { return r.Org.Library().Stock() }

// finder is the room.
func finder(r *page.Request) *room.Room { return r.Org.Discover }

// creators are the roles that may register a system.
func creators(c ui.Ctx, kind string) string {
	var all []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, store.Create, kind) {
			all = append(all, string(info.Role))
		}
	}
	return show.Roles(c, all)
}

// revision reads the revision that a form was made from; nonsense is none, and
// ends as a conflict.
func revision(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict:
		return problem.From(err), true
	}
	return nil, false
}

// status is that of a page with a form.
func status(p *problem.Problem) int {
	if p == nil {
		return http.StatusOK
	}
	return ui.Status(p)
}

// day is a day as a date field holds it.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// values are the values of an enumeration as choices; key stands before each in
// the catalogue.
func values(c ui.Ctx, key string, all []string) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, v := range all {
		out[i] = ui.Option{Value: v, Text: c.T(key + v)}
	}
	return out
}

// labelMark says what a function is by its nature.
func labelMark(c ui.Ctx, label string) ui.Mark {
	kind := map[string]ui.Kind{"ai": ui.Warn, "often_ai": ui.Warn}[label]
	if kind == "" {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: c.T("discover.label." + label)}
}

// dataNames are kinds of data in words.
func dataNames(r *page.Request, ids []string) []string {
	var out []string
	for _, id := range ids {
		if k, ok := wares(r).DataKind(id); ok {
			out = append(out, r.C.In(k.Name))
		}
	}
	slices.Sort(out)
	return out
}
