package discover

import (
	"net/url"
	"strings"

	room "augenmass/internal/govern/discover"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// usedView is one product as it is used here.
type usedView struct {
	Facts     []ui.Fact
	Functions []usedFunction
	Letter    ui.LinkView
}

// usedFunction is one function with what to do about it.
type usedFunction struct {
	Name    string
	Does    string
	State   ui.Mark
	Label   ui.Mark
	Sure    string
	Marked  string
	Data    string
	Clauses []ui.ClauseRef
	System  ui.LinkView // the entry that it became
	Begin   *ui.Action  // registers it from a draft, in one step
}

// softwareShow is one product that is used here: which functions are on, how they
// are labelled, and what is in the register already.
func softwareShow(r *page.Request) error {
	if err := must(r, store.Read, "software"); err != nil {
		return err
	}
	o, err := finder(r).Ticks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	begun, err := finder(r).Starts.List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("software", "=", o.ID)}, Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	c := r.C
	entries := map[string]string{}
	for _, s := range begun.Items {
		entries[s.Doc.Function] = s.Doc.System
	}
	p, _ := wares(r).Product(o.Doc.Product)
	v := usedView{Facts: []ui.Fact{{Term: c.T("discover.family"), Text: firstOf(c.In(p.Name), o.Doc.Product)}, {Term: c.T("discover.form.team"), Text: o.Doc.Team},
		{Term: c.T("discover.form.chosen"), Text: yes(c, o.Doc.Chosen)}, {Term: c.T("discover.looked"), Text: c.Date(o.Doc.LookedAt)},
		{Term: c.T("discover.look"), Text: c.In(p.Look)}}}
	if o.Doc.Note != "" {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("discover.form.note"), Text: o.Doc.Note})
	}
	for _, f := range p.Functions {
		use := o.Doc.State(f.ID)
		w := usedFunction{Name: c.In(f.Name), Does: c.In(f.Does), State: stateMark(c, use.State), Label: labelMark(c, f.Label), Sure: c.T("discover.sure." + f.Sure),
			Marked: c.T("discover.marked." + string(use.Marked)), Data: strings.Join(dataNames(r, f.Data), ", "), Clauses: show.Clauses(c, r.Org.Library(), f.Clauses)}
		if id := entries[f.ID]; id != "" {
			w.System = ui.LinkView{Text: c.T("discover.entry.open"), Href: c.URL("systems", id)}
		} else if f.Draft != "" && use.State == room.On && may(r, store.Create, "system") {
			w.Begin = &ui.Action{Text: c.T("discover.begin"), Href: c.URL("drafts", f.Draft), Post: true, Hidden: map[string]string{"software": o.ID, "function": f.ID}}
		}
		v.Functions = append(v.Functions, w)
	}
	head := ui.PageView{Title: o.Doc.Name, Crumbs: crumbs(c, ui.LinkView{Text: c.T("discover.tab.software"), Href: c.URL("systems", "software")})}
	if may(r, store.Update, "software") {
		head.Actions = append(head.Actions, ui.Action{Text: c.T("discover.edit"), Href: c.URL("software", o.ID, "edit")})
	}
	if may(r, store.Create, "inquiry") {
		v.Letter = ui.LinkView{Text: c.T("discover.letter.ask"), Href: c.URL("inquiries", "new") + "?software=" + url.QueryEscape(o.ID)}
	}
	return r.Show(head, usedPage(c, v))
}

func stateMark(c ui.Ctx, s room.FunctionState) ui.Mark {
	kind := map[room.FunctionState]ui.Kind{room.On: ui.OK, room.Unknown: ui.Warn}[s]
	if kind == "" {
		kind = ui.None
	}
	return ui.Mark{Kind: kind, Word: c.T("discover.state." + string(s))}
}

func yes(c ui.Ctx, b bool) string {
	if b {
		return c.T("discover.yes")
	}
	return c.T("discover.no")
}
