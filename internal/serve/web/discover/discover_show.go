package discover

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/record/packs/stock"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// discoverView is the walk through the places where AI is overlooked.
type discoverView struct {
	Tabs   []ui.LinkView
	Say    string
	Places []ui.Option
	Chosen []string
	Action string
	Found  []placeView // the places that were ticked
	Walked bool
	May    bool
	Who    string
	Deep   []deepView
	Intake string // address of the tips
}

// placeView is a ticked place with what may be there.
type placeView struct {
	Name     string
	Register string // address of the form, filled in; empty: the reader may not
	System   string // address of the entry that there is already
	Products []ui.LinkView
	Drafts   []ui.LinkView
}

// deepView is one function that is deeply embedded (requirement 004-20).
type deepView struct {
	Product ui.LinkView
	Name    string
	Does    string
	Draft   ui.LinkView
}

// discoverShow walks through the twelve places where AI is overlooked
// (requirement 003-04): what is ticked leads to the software that may be there,
// to drafts, and to the form of the register, filled in. The ticks are in the
// address, so the list can be sent to somebody and come back to.
func discoverShow(r *page.Request) error {
	c := r.C
	q, err := r.Org.Assess.Questionnaire(assess.Identification)
	if err != nil {
		return err
	}
	v := discoverView{Tabs: tabs(r, "discover"), Say: c.In(q.PlacesSay), Action: c.URL("systems", "discover"), Chosen: r.R.URL.Query()["place"],
		May: may(r, store.Create, "system"), Who: creators(c, "system"), Deep: deep(r)}
	if may(r, store.Read, "tip") {
		v.Intake = c.URL("systems", "tips")
	}
	v.Walked = len(v.Chosen) > 0
	have, err := registered(r, q.Places)
	if err != nil {
		return err
	}
	for i, place := range q.Places {
		id := strconv.Itoa(i + 1)
		option := ui.Option{Value: id, Text: c.In(place)}
		known := firstOf(have[fold(place.DE)], have[fold(place.EN)])
		if known != "" {
			option.Note = c.T("discover.there")
		}
		v.Places = append(v.Places, option)
		if !slices.Contains(v.Chosen, id) {
			continue
		}
		found := placeView{Name: c.In(place)}
		switch {
		case known != "":
			found.System = c.URL("systems", known)
		case v.May:
			found.Register = c.URL("systems", "new") + "?name=" + url.QueryEscape(c.In(place))
		}
		found.Products, found.Drafts = placed(r, i+1)
		v.Found = append(v.Found, found)
	}
	return r.Show(ui.PageView{Title: c.T("discover.title"), Crumbs: crumbs(c)}, discoverPage(c, v))
}

// placed are the families of software of a place and the drafts that fit them.
func placed(r *page.Request, place int) (products, drafts []ui.LinkView) {
	seen := map[string]bool{}
	for _, p := range wares(r).Products() {
		if p.Place != place {
			continue
		}
		if may(r, store.Read, "software") {
			products = append(products, productLink(r, p))
		}
		for _, f := range p.Functions {
			if d, ok := wares(r).Draft(f.Draft); ok && !seen[d.ID] {
				seen[d.ID] = true
				drafts = append(drafts, ui.LinkView{Text: r.C.In(d.Title), Href: r.C.URL("drafts", d.ID)})
			}
		}
	}
	return products, drafts
}

// productLink leads to ticking a product, or to the catalogue for who may not.
func productLink(r *page.Request, p stock.Product) ui.LinkView {
	to := r.C.URL("systems", "software") + "#" + p.ID
	if may(r, store.Create, "software") {
		to = r.C.URL("software", "new") + "?product=" + url.QueryEscape(p.ID)
	}
	return ui.LinkView{Text: r.C.In(p.Name), Href: to}
}

// deep lists what is deeply embedded and affects people: lead scoring, selection
// of applicants, customer contact and the like.
func deep(r *page.Request) []deepView {
	var out []deepView
	for _, p := range wares(r).Products() {
		if !p.Deep {
			continue
		}
		for _, f := range p.Functions {
			if f.Affects == "no" {
				continue
			}
			v := deepView{Product: productLink(r, p), Name: r.C.In(f.Name), Does: r.C.In(f.Does)}
			if d, ok := wares(r).Draft(f.Draft); ok {
				v.Draft = ui.LinkView{Text: r.C.In(d.Title), Href: r.C.URL("drafts", d.ID)}
			}
			out = append(out, v)
		}
	}
	return out
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// registered are the systems that were registered under a place's name, by the
// name in small letters.
func registered(r *page.Request, places []text.Bi) (map[string]string, error) {
	var names []any
	for _, p := range places {
		names = append(names, p.DE, p.EN)
	}
	found, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("name", "in", names...)}, Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	have := map[string]string{}
	for _, o := range found.Items {
		have[fold(o.Doc.Name)] = o.ID
	}
	return have, nil
}
