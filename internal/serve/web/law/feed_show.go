package law

import (
	"slices"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// feedView is what is new, the next days first, then those that were.
type feedView struct {
	Head   headView
	Coming []newsView
	Past   []newsView
	Basis  string
}

// newsView is one day of the law with its effect on own systems, or one pack
// version that the program brings or that was adopted.
type newsView struct {
	at     time.Time
	Day    string
	Title  string
	Href   string
	Clause packs.Clause
	Mark   ui.Mark
	Effect []string // in sentences
	Doubt  string
}

// feedShow is the feed of changes with their effect on own systems. It reads the
// packs and the register and no network (requirement 000-61). Three queries.
func feedShow(r *page.Request) error {
	if err := mustSee(r); err != nil {
		return err
	}
	c := r.C
	register, err := r.Org.Duty.Register(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	offers, _, err := r.Org.Duty.Offers(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	lib := r.Org.Library()
	law := duty.Read(lib)
	v := feedView{Head: head(c, "feed"), Basis: c.T("law.feed.basis", "n", len(register.Systems()))}
	for _, p := range lawPacks(lib) {
		for _, cl := range lib.Clauses(p.ID) {
			if !timeline(cl) {
				continue
			}
			n, err := dayNews(c, law, register, cl)
			if err != nil {
				return err
			}
			v.add(c, n)
		}
	}
	for _, o := range offers {
		if n, ok := packNews(c, o); ok {
			v.add(c, n)
		}
	}
	slices.SortStableFunc(v.Coming, func(a, b newsView) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(v.Past, func(a, b newsView) int { return b.at.Compare(a.at) })
	return r.Show(ui.PageView{Title: c.T("law.feed"), Over: c.T("law.over")}, feedBody(c, v))
}

func (v *feedView) add(c ui.Ctx, n newsView) {
	n.Day = dateText(c, n.at)
	if n.at.After(c.Now) {
		v.Coming = append(v.Coming, n)
		return
	}
	v.Past = append(v.Past, n)
}

// dayNews is a day of the law: which duties begin and end on it for which own
// systems, and whose class is another one from it on.
func dayNews(c ui.Ctx, law duty.Law, g duty.Register, cl packs.Clause) (newsView, error) {
	n := newsView{at: cl.From, Title: c.In(cl.Title), Href: c.URL("duties", "law?at="+cl.From.Format(time.DateOnly)), Clause: cl, Mark: ui.Mark{Kind: ui.None, Word: c.T("law.feed.day")}}
	if cl.Status != "" {
		n.Doubt = c.T("law.doubt." + cl.Status)
	}
	systems := g.Systems()
	if len(systems) > shownSystems {
		systems = systems[:shownSystems]
	}
	var only []string
	for _, o := range systems {
		only = append(only, o.ID)
	}
	if len(only) == 0 {
		n.Effect = []string{c.T("law.feed.nosystem")}
		return n, nil
	}
	eve := cl.From.AddDate(0, 0, -1)
	before, err := g.At(eve, only...)
	if err != nil {
		return n, err
	}
	after, err := g.At(cl.From, only...)
	if err != nil {
		return n, err
	}
	for _, m := range pair(law, before, after, eve, cl.From) {
		start, end := m.count(duty.Starts), m.count(duty.Ends)
		if start > 0 || end > 0 {
			n.Effect = append(n.Effect, c.T("law.feed.effect", "system", m.After.Name, "start", start, "end", end))
		}
		if m.Before.Class != m.After.Class && !m.Before.Kept {
			n.Effect = append(n.Effect, c.T("law.feed.class", "system", m.After.Name, "old", show.Word(c, "class", m.Before.Class), "new", show.Word(c, "class", m.After.Class)))
		}
	}
	if len(n.Effect) == 0 {
		n.Effect = []string{c.T("law.feed.noeffect")}
	} else {
		n.Mark = ui.Mark{Kind: ui.Warn, Word: c.T("law.feed.touches")}
	}
	return n, nil
}

// packNews is a pack version: brought by the program and not adopted, or adopted.
func packNews(c ui.Ctx, o duty.Offer) (newsView, bool) {
	href := c.URL("duties", "law", "changes?pack="+o.Info.ID)
	title := c.In(o.Info.Title)
	switch {
	case o.Adopted == nil, o.Current() && o.Adopted.Doc.Changed == 0: // the first adoption brought nothing new
		return newsView{}, false
	case !o.Current():
		return newsView{at: o.Info.AsOf, Title: title, Href: href, Mark: ui.Mark{Kind: ui.Warn, Word: c.T("law.pack.other")},
			Effect: []string{c.T("law.feed.brings", "version", o.Info.Version, "old", o.Adopted.Doc.Version)}}, true
	}
	a := o.Adopted.Doc
	return newsView{at: a.At, Title: title, Href: href, Mark: ui.Mark{Kind: ui.OK, Word: c.T("law.pack.current")},
		Effect: []string{c.T("law.feed.adopted", "version", a.Version, "n", a.Tasks)}}, true
}
