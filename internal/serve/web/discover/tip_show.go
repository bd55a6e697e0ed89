package discover

import (
	"net/url"
	"strconv"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// tipView is one tip with what can be done about it.
type tipView struct {
	Mark     ui.Mark
	Facts    []ui.Fact
	Open     bool
	Register *ui.Form // into the register, with a draft or as it is
	Drafts   []ui.Option
	Close    *ui.Form
}

// tipShow is one tip.
func tipShow(r *page.Request) error { return showTip(r, url.Values{}, nil) }

func showTip(r *page.Request, in url.Values, p *problem.Problem) error {
	if err := must(r, store.Read, "tip"); err != nil {
		return err
	}
	o, err := finder(r).Tips.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c, t := r.C, o.Doc
	v := tipView{Mark: tipMark(c, t.Status), Open: t.Status == room.TipNew, Facts: []ui.Fact{{Term: c.T("discover.tip.what"), Text: t.What}, {Term: c.T("discover.tip.where"), Text: t.Where},
		{Term: c.T("discover.tip.purpose"), Text: t.Purpose}, {Term: c.T("discover.tip.people"), Text: c.T("discover.guess." + string(t.People))}, {Term: c.T("discover.tip.when"), Text: c.DateTime(o.CreatedAt)}}}
	if may(r, store.Update, "tip") { // who only reads need not know whom to ask
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("discover.tip.contact"), Text: firstOf(t.Contact, c.T("discover.tip.contact.none"))})
	}
	if t.System != "" {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("discover.entries"), Text: c.T("discover.entry.open"), Href: c.URL("systems", t.System)})
	}
	if t.Reason != "" {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("discover.tip.reason"), Text: t.Reason})
	}
	if v.Open && may(r, store.Create, "system") && may(r, store.Update, "tip") {
		v.Register = &ui.Form{C: c, ID: "register", Prefix: "discover.tip.form.", Action: c.URL("tips", o.ID, "register"), Values: in, Submit: c.T("discover.tip.register")}
		for _, d := range wares(r).Drafts() {
			v.Drafts = append(v.Drafts, ui.Option{Value: d.ID, Text: c.In(d.Title)})
		}
	}
	if v.Open && may(r, store.Update, "tip") {
		v.Close = &ui.Form{C: c, ID: "close", Prefix: "discover.tip.form.", Action: c.URL("tips", o.ID, "close"), Values: in, Problem: p, Submit: c.T("discover.tip.close"),
			Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}}
	}
	return r.ShowAs(status(p), ui.PageView{Title: t.What, Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.tips"), Href: c.URL("systems", "tips")}), Narrow: true}, tipPage(c, v))
}

// tipRegister makes an entry of the register of a tip, with a draft where one
// fits.
func tipRegister(r *page.Request) error {
	if err := must(r, store.Update, "tip"); err != nil {
		return err
	}
	if err := must(r, store.Create, "system"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	made, err := finder(r).Begin(r.Context(), room.Beginning{Draft: in.Get("draft"), Tip: r.Param("id"), Lang: r.C.Lang, Owner: r.Who.ID})
	if err != nil {
		return err
	}
	return r.Go("/systems/"+made.ID+"/start", "discover.begun")
}

// tipClose ends a tip with a reason that the colleague reads.
func tipClose(r *page.Request) error {
	if err := must(r, store.Update, "tip"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	_, err = finder(r).CloseTip(r.Context(), r.Param("id"), revision(in.Get("revision")), in.Get("reason"))
	if p, ok := formError(err); ok {
		return showTip(r, in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/tips/"+r.Param("id"), "discover.closed")
}
