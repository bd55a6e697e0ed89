package discover

import (
	room "augenmass/internal/govern/discover"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// tipsView is the list of tips with the link through which they come.
type tipsView struct {
	Tabs  []ui.LinkView
	Link  string // absolute address; empty: there is none
	Path  string
	Since string
	Renew *ui.Action
	Table ui.TableView
	Pager ui.Pager
}

// tipList lists what colleagues reported, new ones first, with the one link for
// more of them.
func tipList(r *page.Request) error {
	if err := must(r, store.Read, "tip"); err != nil {
		return err
	}
	c := r.C
	found, err := finder(r).Tips.List(r.Context(), r.Org.DB, store.Query{Sort: "-created_at", Cursor: r.Query("from"), Limit: 50})
	if err != nil {
		return err
	}
	v := tipsView{Tabs: tabs(r, "tips"), Pager: ui.Pager{Shown: len(found.Items), Total: found.Total}}
	if found.Next != "" {
		v.Pager.Next = c.URL("systems", "tips") + "?from=" + found.Next
	}
	if r.Query("from") != "" {
		v.Pager.First = c.URL("systems", "tips")
	}
	link, ok, err := finder(r).Link(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	if ok {
		v.Path, v.Since = c.URL("intake", link.Doc.Code), c.Date(link.Doc.Since)
		v.Link = address(r, v.Path)
	}
	if may(r, store.Update, "intake") {
		word := "discover.intake.make"
		if ok {
			word = "discover.intake.renew"
		}
		v.Renew = &ui.Action{Text: c.T(word), Href: c.URL("systems", "tips"), Post: true}
	}
	v.Table = ui.TableView{ID: "tips", Caption: c.T("discover.tips"), Cols: []ui.Col{{Head: c.T("discover.tip.what")}, {Head: c.T("discover.tip.where")}, {Head: c.T("discover.tip.people")},
		{Head: c.T("discover.tip.when")}, {Head: c.T("discover.tip.status")}}, Empty: ui.EmptyView{Title: c.T("discover.tips.none"), Text: c.T("discover.tips.none.text")}}
	for _, o := range found.Items {
		mark := tipMark(c, o.Doc.Status)
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.What, Href: c.URL("tips", o.ID)}, {Text: o.Doc.Where},
			{Text: c.T("discover.guess." + string(o.Doc.People))}, {Text: c.Date(o.CreatedAt)}, {Mark: &mark}}})
	}
	return r.Show(ui.PageView{Title: c.T("discover.tips.title"), Crumbs: crumbs(c)}, tipsPage(c, v))
}

// intakeRenew makes a new link; the old one ends.
func intakeRenew(r *page.Request) error {
	if err := must(r, store.Update, "intake"); err != nil {
		return err
	}
	if _, err := finder(r).RenewLink(r.Context()); err != nil {
		return err
	}
	return r.Go("/systems/tips", "discover.renewed")
}

// address is a path of this server as others open it.
func address(r *page.Request, path string) string {
	scheme := "http"
	if r.Secure() {
		scheme = "https"
	}
	return scheme + "://" + r.R.Host + path
}

func tipMark(c ui.Ctx, s room.TipStatus) ui.Mark {
	kind := map[room.TipStatus]ui.Kind{room.TipNew: ui.Warn, room.TipRegistered: ui.OK}[s]
	if kind == "" {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: c.T("discover.tip.status." + string(s))}
}
