package duties

import (
	"slices"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// principleView is one principle with the requirements that serve it.
type principleView struct {
	Title  string
	Ref    ui.LinkView
	Text   string
	Serves []ui.LinkView
}

// principleGroup is the group of the packs that holds the principles of zero
// trust.
const principleGroup = "tenets"

// principleList shows the principles of zero trust, each linked to the controls
// that serve it (requirement 001-07).
func principleList(r *page.Request) error {
	c, lib := r.C, library(r)
	var all []principleView
	for _, cl := range principles(lib) {
		v := principleView{Title: c.In(cl.Title), Text: c.In(cl.Text), Ref: ui.LinkView{Text: cl.Short(c.Lang), Href: c.URL("duties", "clauses", cl.ID)}}
		v.Serves = serving(c, lib, cl.ID)
		all = append(all, v)
	}
	return r.Show(ui.PageView{Title: c.T("duties.principles"), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}, principlesBody(c, all))
}

// principles are the principles of the packs, in their order.
func principles(lib *packs.Library) []packs.Clause {
	var out []packs.Clause
	for _, p := range lib.Packs() {
		for _, cl := range lib.Clauses(p.ID) {
			if cl.Group == principleGroup {
				out = append(out, cl)
			}
		}
	}
	return out
}

// serving are the controls that serve a principle: requirements that cite it,
// items of a framework that name it, and what a mapping leads to.
func serving(c ui.Ctx, lib *packs.Library, id string) []ui.LinkView {
	var out []ui.LinkView
	seen := map[string]bool{id: true}
	add := func(clause string, href ...string) {
		cl, ok := lib.Clause(clause)
		if !ok || seen[clause] {
			return
		}
		seen[clause] = true
		words := cl.Short(c.Lang)
		if title := c.In(cl.Title); !strings.HasSuffix(words, title) {
			words += " " + title
		}
		out = append(out, ui.LinkView{Text: words, Href: c.URL(href...)})
	}
	for _, q := range requirements(lib) {
		if slices.Contains(q.Refs, id) || slices.Contains(q.RefsIfHigh, id) {
			add(q.ID, "duties", q.ID)
		}
	}
	for _, fw := range lib.Frameworks() {
		for _, it := range fw.Items() {
			if it.Principle == id {
				add(it.Clause, "duties", "frameworks", fw.ID, it.Clause)
			}
		}
	}
	for _, m := range lib.Mappings(id) {
		add(m.To, "duties", "clauses", m.To)
	}
	return out
}
