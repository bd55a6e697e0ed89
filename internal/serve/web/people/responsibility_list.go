package people

import (
	"slices"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// responsibilityView is what the page of responsibilities shows.
type responsibilityView struct {
	Tabs    []ui.LinkView
	Names   bool // the reader may see persons
	Gaps    int
	Table   ui.TableView
	Partial string
}

// responsibilityList says for every system in use who owns its risk and who
// decides its review cases, and names what is missing.
func responsibilityList(r *page.Request) error {
	c, ctx := r.C, r.Context()
	systems, err := r.Org.Inventory.Systems.List(ctx, r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit,
		Filters: []store.Filter{store.Where("life_cycle", "!=", string(inventory.Retired))}})
	if err != nil {
		return err
	}
	v := responsibilityView{Tabs: tabs(r, "responsibilities"), Names: can(r, store.Read, identity.KindPerson)}
	staff := staff{known: v.Names}
	if v.Names {
		all, err := everybody(r)
		if err != nil {
			return err
		}
		staff.all = all
	}
	v.Table = ui.TableView{ID: "responsibilities", Caption: c.T("people.responsibilities"), Empty: ui.EmptyView{Title: c.T("people.nosystems")},
		Cols: []ui.Col{{Head: c.T("people.system")}, {Head: c.T("people.owner")}, {Head: c.T("people.decides")}, {Head: c.T("people.holders")}, {Head: c.T("people.gaps")}}}
	for _, o := range systems.Items {
		gaps := staff.gaps(c, o.Doc)
		if len(gaps) > 0 {
			v.Gaps++
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: o.Doc.Name, Href: c.URL("systems", o.ID), Note: show.Word(c, "life", string(o.Doc.LifeCycle))},
			staff.owner(c, o.Doc), decider(c, o.Doc), staff.holders(c, o.Doc), {Body: gapList(c, gaps)}}})
	}
	if systems.Next != "" {
		v.Partial = c.T("people.partial", "n", len(systems.Items), "of", systems.Total)
	}
	return r.Show(ui.PageView{Title: c.T("people.responsibilities"), Over: c.T("people.responsibilities.over")}, responsibilityBody(c, v))
}

// staff is the persons of the house, as far as the reader may know them.
type staff struct {
	known bool
	all   []store.Object[identity.Person]
}

func (s staff) find(id string) (identity.Person, bool) {
	i := slices.IndexFunc(s.all, func(o store.Object[identity.Person]) bool { return o.ID == id })
	if i < 0 {
		return identity.Person{}, false
	}
	return s.all[i].Doc, true
}

// holding lists the active persons with a role.
func (s staff) holding(role string) []store.Object[identity.Person] {
	var out []store.Object[identity.Person]
	for _, o := range s.all {
		if o.Doc.Active && slices.Contains(roleNames(o.Doc), role) {
			out = append(out, o)
		}
	}
	return out
}

func (s staff) owner(c ui.Ctx, sys inventory.System) ui.Cell {
	if sys.RiskOwner == "" {
		return ui.Cell{Text: "–"}
	}
	if p, ok := s.find(sys.RiskOwner); ok {
		return ui.Cell{Text: p.Name, Href: personHref(c, sys.RiskOwner)}
	}
	return ui.Cell{Text: c.T("show.somebody")}
}

func decider(c ui.Ctx, sys inventory.System) ui.Cell {
	cell := ui.Cell{Text: show.Say(c, sys.Oversee.Decider)}
	if sys.Oversee.DeciderRole != "" {
		cell.Note = show.Role(c, sys.Oversee.DeciderRole)
	}
	if cell.Text == "" {
		cell.Text, cell.Note = cell.Note, ""
	}
	if cell.Text == "" {
		cell.Text = "–"
	}
	return cell
}

func (s staff) holders(c ui.Ctx, sys inventory.System) ui.Cell {
	if !s.known {
		return ui.Cell{Text: c.T("people.hidden")}
	}
	var links []ui.LinkView
	for _, o := range s.holding(sys.Oversee.DeciderRole) {
		links = append(links, ui.LinkView{Text: o.Doc.Name, Href: personHref(c, o.ID)})
	}
	if len(links) == 0 {
		return ui.Cell{Text: "–"}
	}
	return ui.Cell{Body: names(links)}
}

// gaps names what is missing. What rests on persons is said only to who may see
// them.
func (s staff) gaps(c ui.Ctx, sys inventory.System) []ui.Mark {
	var out []ui.Mark
	add := func(bad bool, kind ui.Kind, key string) {
		if bad {
			out = append(out, ui.Mark{Kind: kind, Word: c.T("people.gap." + key)})
		}
	}
	add(sys.RiskOwner == "", ui.Stop, "owner")
	overseen := string(sys.Oversee.Mode) != "none"
	add(overseen && sys.Oversee.DeciderRole == "", ui.Stop, "decider")
	if !s.known {
		return out
	}
	if p, ok := s.find(sys.RiskOwner); sys.RiskOwner != "" && ok {
		add(!p.Active, ui.Stop, "owner.inactive")
	}
	if overseen && sys.Oversee.DeciderRole != "" {
		n := len(s.holding(sys.Oversee.DeciderRole))
		add(n == 0, ui.Stop, "nobody")
		add(n == 1, ui.Warn, "single")
	}
	return out
}
