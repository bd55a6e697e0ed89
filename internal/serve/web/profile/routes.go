// Package profile is the profile of one system in short steps: what it is meant
// for, how far it acts, who decides, which values hold, chances and dangers, what
// it can and cannot do, data, red lines, notices and effects (requirements
// 000-27, 001-45, 001-46, 001-56, 002-08, 002-40, 002-61, 002-67, 003-05,
// 003-09, 003-12, 003-20, 003-46, 003-74, 004-04, 004-07, 004-08, 004-22).
//
// Every step is one screen and saves on its own; what is wrong is said beside the
// field, and nothing typed is lost. What of a step a permit needs, the room says
// (govern/profile); this package asks and shows. The public side of a profile is
// on the card (serve/public), the path from idea to operation on the file of the
// system (web/systems).
package profile

import (
	"embed"
	"net/http"
	"slices"

	"augenmass/internal/govern/profile"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/serve/web/page"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// kind is the name of the kind in the table of roles.
const kind = "profile"

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	return []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/profile", Name: "profile_show", Area: "systems", Handle: profileShow},
		{Method: http.MethodGet, Path: "/systems/{id}/profile/{step}", Name: "step_show", Area: "systems", Handle: stepShow},
		{Method: http.MethodPost, Path: "/systems/{id}/profile/{step}", Name: "step_save", Area: "systems", Handle: stepSave},
	}
}

// step is one screen of the profile.
type step struct {
	name   string
	demand string // of a permit, that this step meets; empty: none
	begun  func(p profile.Profile) bool
	done   func(v *view) bool
	show   func(v *view, f *former)
	read   func(in *reader, p *profile.Profile)
}

// steps in their order.
var steps = []step{
	{"intent", permit.DemandIntent, func(p profile.Profile) bool { return p.Intent != (profile.Intent{}) },
		func(v *view) bool { return v.doc.Intent.Aim != "" && !v.doc.Intent.Statement.IsZero() }, showIntent, readIntent},
	{"autonomy", permit.DemandAutonomy, func(p profile.Profile) bool { return p.Autonomy.Degree != "" },
		func(v *view) bool { return v.doc.Autonomy.Degree != "" }, showAutonomy, readAutonomy},
	{"decisions", permit.DemandMode, func(p profile.Profile) bool { return len(p.Decisions) > 0 },
		func(v *view) bool {
			return len(v.doc.Decisions) > 0 && !slices.ContainsFunc(v.doc.Decisions, func(d profile.Decision) bool { return !d.Settled() })
		}, showDecisions, readDecisions},
	{"automated", permit.DemandAutomated, func(p profile.Profile) bool { return p.Automated.Applies != "" },
		func(v *view) bool { return v.doc.Automated.Applies != "" && v.doc.Automated.Applies != profile.Unknown }, showAutomated, readAutomated},
	{"persons", permit.DemandPersons, func(p profile.Profile) bool { return p.Persons != (profile.Persons{}) },
		func(v *view) bool { return v.doc.Persons.Complete() }, showPersons, readPersons},
	{"values", permit.DemandValues, func(p profile.Profile) bool { return p.Values != (profile.Values{}) },
		func(v *view) bool { return v.doc.Values.Given() }, showValues, readValues},
	{"weighing", "", func(p profile.Profile) bool { return len(p.Weighing.Chances)+len(p.Weighing.Dangers) > 0 },
		func(v *view) bool { return v.doc.Weighing.Complete }, showWeighing, readWeighing},
	{"sheet", "", func(p profile.Profile) bool {
		return len(p.Sheet.Can)+len(p.Sheet.Cannot)+len(p.Sheet.Errors) > 0
	},
		func(v *view) bool { return v.doc.Sheet.Full() }, showSheet, readSheet},
	{"lines", permit.DemandRedLine, func(p profile.Profile) bool { return len(p.Lines) > 0 },
		func(v *view) bool { return len(v.doc.Lines) >= len(v.lists.Lines) }, showLines, readLines},
	{"data", "", func(p profile.Profile) bool { return p.Data.Personal != "" },
		func(v *view) bool {
			_, answered, all := v.lists.Count(v.doc.Data)
			return v.doc.Data.Personal != "" && answered == all
		}, showData, readData},
	{"inferred", "", func(p profile.Profile) bool { return len(p.Inferred) > 0 },
		func(v *view) bool { return len(v.doc.Inferred) > 0 }, showInferred, readInferred},
	{"copyright", permit.DemandCopyright, func(p profile.Profile) bool { return p.Copyright != (profile.Copyright{}) },
		func(v *view) bool { return v.doc.Copyright.Input.Done() && v.doc.Copyright.Output.Done() }, showCopyright, readCopyright},
	{"estimate", "", func(p profile.Profile) bool { return p.Estimate.Bias+p.Estimate.Privacy+p.Estimate.Security != "" },
		func(v *view) bool { return v.doc.Estimate.Complete() }, showEstimate, readEstimate},
	{"notices", permit.DemandNotice, func(p profile.Profile) bool { return len(p.Notices) > 0 },
		func(v *view) bool {
			return len(v.doc.Notices) > 0 && !slices.ContainsFunc(v.doc.Notices, func(n profile.Notice) bool { return !n.Proven() })
		}, showNotices, readNotices},
	{"claims", "", func(p profile.Profile) bool { return len(p.Claims) > 0 }, func(v *view) bool { return len(v.doc.Claims) > 0 }, showClaims, readClaims},
	{"practices", "", func(p profile.Profile) bool { return len(p.Practices) > 0 }, func(v *view) bool { return len(v.doc.Practices) > 0 }, showPractices, readPractices},
}

// stepOf is a step by its name in addresses, and its place.
func stepOf(name string) (step, int, bool) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.name == name })
	if i < 0 {
		return step{}, i, false
	}
	return steps[i], i, true
}

// must refuses a page whose form the reader may not post.
func must(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}
