package duties

import (
	"slices"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// clauseView is what the page of one clause shows.
type clauseView struct {
	Clause  packs.Clause
	Doubt   *ui.NoticeView
	Facts   []ui.Fact
	Cited   []ui.LinkView // requirements that cite it
	Related ui.TableView
	Parts   ui.TableView // clauses below it
	Notice  string       // of the pack
}

// clauseShow is one clause of the packs in our own words. A clause that is a
// requirement has a page of its own.
func clauseShow(r *page.Request) error {
	c, lib := r.C, library(r)
	cl, ok := lib.Clause(r.Param("id"))
	if !ok {
		return problem.New(problem.NotFound, "Diese Fundstelle steht in keinem Paket.", "No pack has this clause.").
			WithHint("Der Wissensbestand zeigt alle Fundstellen.", "The packs show all clauses.")
	}
	if _, ok := requirement(lib, cl.ID); ok {
		return r.Go("/duties/"+cl.ID, "")
	}
	v := clauseView{Clause: cl, Related: clauseTable(c, lib, cl.Related, "duties.clause.related"), Cited: cited(c, lib, cl.ID)}
	info := packOf(lib, cl.Pack)
	v.Facts, v.Notice = clauseFacts(c, cl, info), c.In(info.Notice)
	if cl.Status != "" {
		v.Doubt = &ui.NoticeView{Kind: ui.Warn, Text: c.T("duties.doubt." + cl.Status)}
	}
	var below []string
	for _, other := range lib.Clauses(cl.Pack) {
		if other.Parent == cl.ID {
			below = append(below, other.ID)
		}
	}
	v.Parts = clauseTable(c, lib, below, "duties.clause.parts")
	crumbs := []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("duties.tab.packs"), Href: c.URL("duties", "packs")},
		{Text: c.In(info.Title), Href: c.URL("duties", "packs", cl.Pack)}}
	if parent, ok := lib.Clause(cl.Parent); ok {
		crumbs = append(crumbs, ui.LinkView{Text: parent.Short(c.Lang), Href: c.URL("duties", "clauses", parent.ID)})
	}
	return r.Show(ui.PageView{Title: cl.Short(c.Lang), Crumbs: crumbs, Narrow: true}, clauseBody(c, v))
}

func packOf(lib *packs.Library, id string) packs.Info {
	for _, p := range lib.Packs() {
		if p.ID == id {
			return p
		}
	}
	return packs.Info{ID: id}
}

// cited are the requirements of the catalogue that cite a clause.
func cited(c ui.Ctx, lib *packs.Library, id string) []ui.LinkView {
	var out []ui.LinkView
	for _, q := range requirements(lib) {
		l := ui.LinkView{Text: q.Ref + " " + c.In(q.Title), Href: c.URL("duties", q.ID)}
		switch {
		case slices.Contains(q.Refs, id):
			out = append(out, l)
		case slices.Contains(q.RefsIfHigh, id):
			l.Text = c.T("duties.cited.high", "requirement", l.Text)
			out = append(out, l)
		}
	}
	return out
}

// requirements are those of all catalogues.
func requirements(lib *packs.Library) []packs.Requirement {
	var out []packs.Requirement
	for _, p := range lib.Packs() {
		out = append(out, lib.Requirements(p.ID)...)
	}
	return out
}

// forceMark says whether a clause applies today.
func forceMark(c ui.Ctx, cl packs.Clause) ui.Mark {
	switch {
	case cl.Change == "deleted":
		return ui.Mark{Kind: ui.None, Word: c.T("duties.force.deleted")}
	case cl.InForce(c.Now):
		return ui.Mark{Kind: ui.OK, Word: c.T("duties.force.now")}
	case !cl.From.IsZero() && c.Now.Before(cl.From):
		return ui.Mark{Kind: ui.None, Word: c.T("duties.force.from", "day", cl.From)}
	}
	return ui.Mark{Kind: ui.None, Word: c.T("duties.force.until", "day", cl.Until)}
}

func clauseFacts(c ui.Ctx, cl packs.Clause, info packs.Info) []ui.Fact {
	force := forceMark(c, cl)
	facts := []ui.Fact{{Term: c.T("duties.clause.place"), Text: cl.Ref}, {Term: c.T("duties.clause.force"), Mark: &force}}
	add := func(ok bool, key, text, note string) {
		if ok {
			facts = append(facts, ui.Fact{Term: c.T("duties." + key), Text: text, Note: note})
		}
	}
	// Days of the packs are days, wherever the reader is.
	add(!cl.From.IsZero(), "clause.from", text.Date(c.Lang, cl.From), "")
	add(!cl.FromAnnex1.IsZero(), "clause.annex", text.Date(c.Lang, cl.FromAnnex1), c.T("duties.clause.annex.note"))
	add(!cl.Until.IsZero(), "clause.until", text.Date(c.Lang, cl.Until), "")
	add(len(cl.Duty) > 0, "clause.duty", show.List(c, show.Words(c, "operator", cl.Duty)), "")
	add(cl.Risk != "", "clause.risk", word(c, "duties.risk.", cl.Risk), "")
	add(cl.Right != "", "clause.right", word(c, "duties.right.", cl.Right), "")
	add(cl.Change != "", "clause.change", word(c, "duties.change.", cl.Change), "")
	add(len(cl.Levels) > 0, "clause.levels", levels(c, cl.Levels), map[bool]string{true: c.T("duties.doubt.unconfirmed.short")}[cl.LevelsStatus != ""])
	add(cl.Keep > 0, "clause.keep", c.T("duties.months", "n", cl.Keep), "")
	add(cl.Deadline > 0, "clause.deadline", c.Duration(cl.Deadline), "")
	add(cl.Source != "", "clause.source", cl.Source, "")
	return append(facts, ui.Fact{Term: c.T("duties.pack"), Text: c.In(info.Title), Href: c.URL("duties", "packs", info.ID),
		Note: c.T("duties.pack.asof", "version", info.Version, "day", info.AsOf)})
}

// word is the word of a code, or the code where the catalogue has none.
func word(c ui.Ctx, prefix, code string) string {
	if c.Has(prefix + code) {
		return c.T(prefix + code)
	}
	return code
}

func levels(c ui.Ctx, all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = "SL " + c.Int(n)
	}
	return show.List(c, words)
}
