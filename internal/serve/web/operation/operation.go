// Package operation is the area "Betrieb": the review cases and the desk at
// which people decide them, the stop button of each system, the decisions of
// the gateway with everything their journal entries say, and what plant and
// monitors report (requirements 001-24, 001-25, 001-56; catalogue ZTA-04,
// ZTA-05; AI Act Art. 14, 26(2)).
//
// It decides nothing. Who may decide a case, which verdicts need a reason, what
// a deadline means and who may stop is oversee's; this package asks first only
// to hide what a person cannot do. The desk keeps the software's suggestion back
// until the person asks for it and says in the form whether it was shown. No
// page counts or times what a person does.
//
// Cases come from oversee, decisions from trail and from the journal itself,
// figures from monitor and plant; shared presenters lie in show.
package operation

import (
	"embed"
	"net/http"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/operation", Name: "case_home", Handle: caseHome},
		{Method: get, Path: "/operation/cases", Name: "case_list", Handle: caseList},
		{Method: get, Path: "/operation/cases/{id}", Name: "case_show", Handle: caseShow},
		{Method: post, Path: "/operation/cases/{id}", Name: "case_decide", Handle: caseDecide},
		{Method: get, Path: "/operation/systems/{id}/stop", Name: "system_stop", Handle: stopShow},
		{Method: post, Path: "/operation/systems/{id}/stop", Name: "system_stop", Handle: stopDo},
		{Method: get, Path: "/operation/systems/{id}/resume", Name: "system_stop", Handle: resumeShow},
		{Method: post, Path: "/operation/systems/{id}/resume", Name: "system_stop", Handle: resumeDo},
		{Method: get, Path: "/operation/decisions", Name: "decision_list", Handle: decisionList},
		{Method: get, Path: "/operation/decisions/{id}", Name: "decision_show", Handle: decisionShow},
		{Method: get, Path: "/operation/stream", Name: "decision_stream", Handle: decisionStream},
		{Method: get, Path: "/operation/plant", Name: "plant_show", Handle: plantShow},
	}
	for i := range routes {
		routes[i].Area = "operation"
	}
	return routes
}

// can reports whether a role of the reader may do something, to hide what it
// may not. The rooms ask again.
func can(r *page.Request, action, kind string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// mustRead refuses a page about a kind that no role of the reader may read;
// read models have no access rule of their own.
func mustRead(r *page.Request, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), store.Read, kind, nil)
}

// tabs are the three pages of the area, as far as the reader may see them.
func tabs(r *page.Request, open string) []ui.LinkView {
	var out []ui.LinkView
	add := func(ok bool, name, href string) {
		if ok {
			out = append(out, ui.LinkView{Text: r.C.T("operation.tab." + name), Href: href, Current: name == open})
		}
	}
	add(can(r, store.Read, "case"), "cases", r.C.URL("operation"))
	add(can(r, store.Read, "journal"), "decisions", r.C.URL("operation", "decisions"))
	add(true, "plant", r.C.URL("operation", "plant"))
	return out
}
