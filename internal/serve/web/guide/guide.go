// Package guide leads people, question by question, to two results about a
// system: is it AI, and which class, role and security level does it have.
//
// One question stands on one page; every page works without script. Each answer
// is kept at once as a draft beside the result that stands (rooms assess and
// classify), so one can stop and go on a week later (criterion 12). "I do not
// know" is always possible and names whom to ask. A result says what, why with
// the rules that spoke, what next and who (criterion 18), and is saved by a
// person, not by the last answer.
//
// Questions, rules and their words are the packs'; which answer counts is the
// rooms' to say. The package asks and shows.
package guide

import (
	"embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const area = "systems"
	return []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/identify", Name: "identify_show", Area: area, Handle: identifyShow},
		{Method: http.MethodPost, Path: "/systems/{id}/identify", Name: "identify_answer", Area: area, Handle: identifyAnswer},
		{Method: http.MethodPost, Path: "/systems/{id}/identify/save", Name: "identify_save", Area: area, Handle: identifySave},
		{Method: http.MethodPost, Path: "/systems/{id}/identify/discard", Name: "identify_answer", Area: area, Handle: identifyDiscard},
		{Method: http.MethodGet, Path: "/systems/{id}/classify", Name: "classify_show", Area: area, Handle: classifyShow},
		{Method: http.MethodPost, Path: "/systems/{id}/classify", Name: "classify_answer", Area: area, Handle: classifyAnswer},
		{Method: http.MethodPost, Path: "/systems/{id}/classify/save", Name: "classify_save", Area: area, Handle: classifySave},
		{Method: http.MethodPost, Path: "/systems/{id}/classify/discard", Name: "classify_answer", Area: area, Handle: classifyDiscard},
	}
}

// crumbs lead from the register to the page.
func crumbs(c ui.Ctx, sys store.Object[inventory.System]) []ui.LinkView {
	return []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: sys.Doc.Name, Href: c.URL("systems", sys.ID)}}
}

// may reports whether the reader may answer: the store decides again.
func may(r *page.Request, kind string) bool { return roles.Allowed(r.Who.Roles, store.Update, kind) }

// who names the roles that answer, for readers who do not.
func who(c ui.Ctx, kind string) string {
	var all []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, store.Update, kind) {
			all = append(all, string(info.Role))
		}
	}
	return show.Roles(c, all)
}

// owners are the people who can settle open questions.
func owners(r *page.Request) ([]ui.Option, error) {
	all, err := identity.Persons().List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("active", "=", true)},
		Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, p := range all.Items {
		out = append(out, ui.Option{Value: p.ID, Text: p.Doc.Name})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	return out, nil
}

// dueIn is how long open questions may stay open unless somebody sets another
// day; our own convention.
const dueIn = 14 * 24 * time.Hour

// zone is the reader's time zone.
func zone(r *page.Request) *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// day reads a day of the reader's as its end, so that "until today" is not over
// yet.
func day(r *page.Request, v string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(v), zone(r))
	if err != nil {
		return time.Time{} // the room says what is wrong with it
	}
	return t.AddDate(0, 0, 1).Add(-time.Second)
}

// carried writes answers into one hidden field, in their order: what was
// answered travels with the form, so a conflict loses nothing. Ids hold none of
// the signs used here.
func carried(pairs [][2]string) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p[0] + "=" + p[1]
	}
	return strings.Join(parts, ";")
}

// uncarried reads it back.
func uncarried(s string) ([][2]string, error) {
	var out [][2]string
	for part := range strings.SplitSeq(s, ";") {
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "" {
			return nil, problem.New(problem.BadInput, "Die bisherigen Antworten sind nicht lesbar.", "The answers so far cannot be read.").
				WithHint("Bitte die Seite neu öffnen; was gespeichert war, ist noch da.", "Please open the page again; what was saved is still there.")
		}
		out = append(out, [2]string{name, value})
	}
	return out, nil
}

// again reports a problem that belongs on the form, so that the page is shown
// again with what was entered.
func again(err error) (*problem.Problem, bool) {
	if problem.Is(err, problem.BadInput) {
		return problem.From(err), true
	}
	return nil, false
}

// law says, once a page, as of when the law was read and that this is no advice.
func law(c ui.Ctx, asOf time.Time) string { return c.T("guide.law", "date", c.Date(asOf)) }
