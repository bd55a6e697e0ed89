package guide

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// discoverView is the walk through the places where AI is overlooked.
type discoverView struct {
	Say    string
	Places []ui.Option
	Chosen []string
	Action string
	Found  []placeView // the places that were ticked
	Walked bool
	May    bool
	Who    string
}

type placeView struct {
	Name     string
	Register string // address of the form, filled in; empty: the reader may not
	System   string // address of the entry that there is already
}

// discoverShow walks through the places where AI is overlooked: what is ticked
// leads to the form of the register, filled in. The ticks are in the address, so
// the list can be sent to somebody and come back to.
func discoverShow(r *page.Request) error {
	c := r.C
	q, err := r.Org.Assess.Questionnaire(assess.Identification)
	if err != nil {
		return err
	}
	v := discoverView{Say: c.In(q.PlacesSay), Action: c.URL("systems", "discover"), Chosen: r.R.URL.Query()["place"],
		May: roles.Allowed(r.Who.Roles, store.Create, "system"), Who: creators(c)}
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
			option.Note = c.T("guide.discover.there")
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
		v.Found = append(v.Found, found)
	}
	return r.Show(ui.PageView{Title: c.T("guide.discover.title"), Crumbs: []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}}}, discoverPage(c, v))
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

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

// creators are the roles that may register a system.
func creators(c ui.Ctx) string {
	var all []string
	for _, info := range roles.All() {
		if roles.Allowed([]string{string(info.Role)}, store.Create, "system") {
			all = append(all, string(info.Role))
		}
	}
	return show.Roles(c, all)
}
