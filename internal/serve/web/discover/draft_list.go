package discover

import (
	"strings"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// draftsView is the list of drafts.
type draftsView struct {
	Tabs   []ui.LinkView
	Drafts []draftRow
	May    bool
	Who    string
	Notice string
}

// draftRow is one draft with its button.
type draftRow struct {
	Title  string
	Says   string
	Href   string
	Marks  []ui.Mark
	Begin  *ui.Action
	Unseen string
}

// draftList lists the drafts for usual cases; one press makes a filled entry of
// each (requirement 000-06).
func draftList(r *page.Request) error {
	if err := must(r, store.Read, "system"); err != nil {
		return err
	}
	c := r.C
	v := draftsView{Tabs: tabs(r, "drafts"), May: may(r, store.Create, "system"), Who: creators(c, "system")}
	for _, d := range wares(r).Drafts() {
		row := draftRow{Title: c.In(d.Title), Says: c.In(d.Says), Href: c.URL("drafts", d.ID)}
		if d.Entry.People {
			row.Marks = append(row.Marks, ui.Mark{Kind: ui.Warn, Word: c.T("discover.draft.people")})
		}
		if d.Operator == "provider" {
			row.Marks = append(row.Marks, ui.Mark{Kind: ui.Warn, Word: c.T("discover.draft.provider")})
		}
		if v.May {
			row.Begin = &ui.Action{Text: c.T("discover.begin.short", "draft", row.Title), Href: row.Href, Post: true}
		}
		v.Drafts = append(v.Drafts, row)
	}
	for _, p := range r.Org.Library().Packs() {
		if p.Kind == "drafts" && !strings.Contains(v.Notice, c.In(p.Notice)) {
			v.Notice = strings.TrimSpace(v.Notice + " " + c.In(p.Notice))
		}
	}
	return r.Show(ui.PageView{Title: c.T("discover.drafts.title"), Crumbs: crumbs(c)}, draftsPage(c, v))
}
