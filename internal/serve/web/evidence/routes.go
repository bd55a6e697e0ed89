// Package evidence is the evidence objects of the area "Nachweise": what shows
// that a requirement is met, with type, date, expiry, owner, a file in the vault
// under its SHA-256, and the requirements it was filed for (requirements 001-36,
// 000-50). Each object's page says what else it closes through the mappings of
// the packs; the list warns before one expires.
//
// What an object counts for is govern/control's to say (Coverage), the file lies
// in record/vault under a key of its own, so that deleting the object makes it
// unreadable; its hash and its history stay. History, links and the table to take
// away are the default pages (objects). What the product measures by itself is
// the page of checks (proof), not an evidence object.
package evidence

import (
	"embed"
	"net/http"
	"slices"
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/proof"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts. Names of fields are in
// objects.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// base is where these pages lie below the organisation.
const base = "/proof/objects"

// kind is the name of the kind in the table of roles.
const kind = "evidence"

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	all := objects.Routes(base, "proof", control.EvidenceKind(), objects.With(closes), objects.Hidden("hash", "blob", "link", "clauses"))
	own := map[string]page.Handler{"evidence_list": evidenceList, "evidence_new": evidenceNew, "evidence_create": evidenceCreate,
		"evidence_edit": evidenceEdit, "evidence_update": evidenceUpdate, "evidence_end": evidenceEnd, "evidence_delete": evidenceDelete}
	for i := range all {
		if h, ok := own[all[i].Name]; ok {
			all[i].Handle = h
		}
	}
	return append(all, page.Route{Method: http.MethodGet, Path: base + "/{id}/file", Name: "evidence_file", Area: "proof", Handle: evidenceFile})
}

// may reports whether the reader may do something, to hide what it may not.
func may(r *page.Request, action string) bool { return roles.Allowed(r.Who.Roles, action, kind) }

// must refuses a page whose form the reader may not post.
func must(r *page.Request, action string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

// href is the address of a page of the evidence objects.
func href(c ui.Ctx, parts ...string) string {
	return c.URL(append([]string{"proof", "objects"}, parts...)...)
}

// crumbs lead from the area to the list, and further.
func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.proof"), Href: c.URL("proof")}, {Text: c.T("kinds.evidence"), Href: href(c)}}, more...)
}

func tabs(r *page.Request) []ui.LinkView { return proof.Tabs(r, "objects") }

// library is the packs of the organisation.
func library(r *page.Request) *packs.Library { return r.Org.Library() }

// types are the choices of a type of evidence.
func types(c ui.Ctx) []ui.Option {
	var out []ui.Option
	for _, t := range control.EvidenceType("").Values() {
		out = append(out, ui.Option{Value: t, Text: Type(c, t)})
	}
	return out
}

// Type is the word for a type of evidence.
func Type(c ui.Ctx, t string) string { return objects.Value(c, kind, "type", t) }

// StateMark says whether an evidence object counts: expired is a square, soon to
// expire a triangle.
func StateMark(c ui.Ctx, e control.Evidence) ui.Mark {
	switch e.State(c.Now) {
	case control.Expired:
		return ui.Mark{Kind: ui.Stop, Word: c.T("evidence.state.expired")}
	case control.Expiring:
		return ui.Mark{Kind: ui.Warn, Word: c.T("evidence.state.expiring")}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("evidence.state.valid")}
}

// Ref is how a clause or requirement is cited in the reader's language, with the
// page that explains it.
func Ref(c ui.Ctx, lib *packs.Library, id string) ui.LinkView {
	cl, ok := lib.Clause(id)
	if !ok {
		return ui.LinkView{Text: id}
	}
	if own := lib.Requirements(cl.Pack); slices.ContainsFunc(own, func(q packs.Requirement) bool { return q.ID == id }) {
		return ui.LinkView{Text: cl.Ref + " " + c.In(cl.Title), Href: c.URL("duties", id)}
	}
	return ui.LinkView{Text: Cite(c, cl), Href: c.URL("duties", "clauses", id)}
}

// Cite is a clause with its title, which some places hold already.
func Cite(c ui.Ctx, cl packs.Clause) string {
	place, title := cl.Short(c.Lang), c.In(cl.Title)
	if strings.HasSuffix(place, title) {
		return place
	}
	return place + " " + title
}

// all reads every evidence object: one query for every 500.
func all(r *page.Request) ([]store.Object[control.Evidence], error) {
	return r.Org.Controls.Evidence(r.Context(), r.Org.DB)
}
