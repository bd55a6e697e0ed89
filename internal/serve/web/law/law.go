// Package law is the law clock as pages: which duties bind which system on which
// date and what changes when the date moves; the list of obligations per system
// with source, date and status; what is new in the law with its effect on own
// systems; the adopted versions of the content packs with their differences; and
// the tasks that all this brings (requirements 000-02, 000-08, 000-20, 000-22,
// 000-38, 000-61, 001-04).
//
// What binds, what differs and what is to be reviewed is computed by
// govern/duty; this package asks, shows and leads on. It works without a network:
// every text lies in the packs or was kept when it was adopted.
package law

import (
	"embed"
	"net/http"
	"slices"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/duties/law", Name: "law_show", Handle: lawShow},
		{Method: get, Path: "/duties/law/obligations", Name: "obligation_list", Handle: obligationList},
		{Method: get, Path: "/duties/law/obligations.csv", Name: "obligation_take", Handle: obligationTake},
		{Method: get, Path: "/duties/law/feed", Name: "feed_show", Handle: feedShow},
		{Method: get, Path: "/duties/law/changes", Name: "change_list", Handle: changeList},
		{Method: post, Path: "/duties/law/changes", Name: "pack_adopt", Handle: packAdopt},
		{Method: get, Path: "/duties/law/tasks", Name: "task_list", Handle: taskList},
		{Method: post, Path: "/duties/law/tasks", Name: "task_new", Handle: taskCreate},
		{Method: get, Path: "/duties/law/tasks/{id}", Name: "task_show", Handle: taskShow},
		{Method: post, Path: "/duties/law/tasks/{id}", Name: "task_finish", Handle: taskFinish},
	}
	for i := range routes {
		routes[i].Area = "duties"
	}
	return routes
}

// mustSee refuses who may not read which versions the organisation adopted: the
// clock shows evidence, results and permits of all systems.
func mustSee(r *page.Request) error { return mustAccess(r, store.Read, "adoption") }

func mustAccess(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// pageNames are the pages of the clock, in their order; the first one is the
// clock itself.
var pageNames = []string{"clock", "obligations", "feed", "changes", "tasks"}

// headView are the tabs over every page: those of the area, and those of the
// clock.
type headView struct {
	Area, Law []ui.LinkView
}

func head(c ui.Ctx, open string) headView {
	v := headView{Area: duties.Tabs(c, "law")}
	for _, name := range pageNames {
		href := c.URL("duties", "law", name)
		if name == "clock" {
			href = c.URL("duties", "law")
		}
		v.Law = append(v.Law, ui.LinkView{Text: c.T("law.tab." + name), Href: href, Current: name == open})
	}
	return v
}

// today is the present day: days of the law are days, wherever the reader is.
func today(c ui.Ctx) time.Time { return c.Now.UTC().Truncate(24 * time.Hour) }

// dayOf reads a day from the address. An empty one is the present day; a wrong
// one is said and the present day is shown.
func dayOf(r *page.Request, name string) (time.Time, string) {
	v := r.Query(name)
	if v == "" {
		return today(r.C), ""
	}
	t, err := time.Parse(time.DateOnly, v)
	if err != nil || t.Year() < 2000 || t.Year() > 2100 {
		return today(r.C), r.C.T("law.badday")
	}
	return t, ""
}

// dateText writes a day of the law; none is a dash.
func dateText(c ui.Ctx, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return text.Date(c.Lang, t)
}

// choose is the choice of a system above a list. A system that is not in the
// register is none.
func choose(c ui.Ctx, g duty.Register, system string) ui.FieldView {
	f := ui.FieldView{ID: "law-system", Name: "system", Label: c.T("law.system"), Value: system, Blank: c.T("law.allsystems"), Required: true}
	for _, o := range g.Systems() {
		f.Options = append(f.Options, ui.Option{Value: o.ID, Text: o.Doc.Name})
	}
	return f
}

// known refuses a system that is not in the register.
func known(g duty.Register, system string) error {
	if system == "" {
		return nil
	}
	for _, o := range g.Systems() {
		if o.ID == system {
			return nil
		}
	}
	return problem.New(problem.NotFound, "Dieses System steht nicht im Register oder ist stillgelegt.", "This system is not in the register or is retired.").
		WithHint("Die Rechtsuhr zeigt alle Systeme, die nicht stillgelegt sind.", "The law clock shows all systems that are not retired.")
}

// narrowed are the ids that Register.At takes.
func narrowed(system string) []string {
	if system == "" {
		return nil
	}
	return []string{system}
}

// stateMark says whether a duty binds on the day.
func stateMark(c ui.Ctx, d duty.Duty) ui.Mark {
	kind := ui.None
	if d.State == duty.Running {
		kind = ui.OK
		if d.Trigger == duty.ForBan {
			kind = ui.Stop
		}
	}
	if d.State == duty.Waiting {
		kind = ui.Warn
	}
	return ui.Mark{Kind: kind, Word: c.T("law.state." + string(d.State))}
}

// clauseCell is a clause with its title and its doubt.
func clauseCell(c ui.Ctx, cl packs.Clause) ui.Cell {
	cell := ui.Cell{Text: cl.Short(c.Lang) + " " + c.In(cl.Title), Href: c.URL("duties", "clauses", cl.ID)}
	if cl.Status != "" {
		cell.Note = c.T("law.doubt." + cl.Status)
	}
	return cell
}

// sourceOf is the pack a clause comes from.
func sourceOf(c ui.Ctx, infos map[string]packs.Info, cl packs.Clause) ui.Cell {
	if cl.Source != "" {
		return ui.Cell{Text: cl.Source, Note: c.In(infos[cl.Pack].Title)}
	}
	return ui.Cell{Text: c.In(infos[cl.Pack].Title), Href: c.URL("duties", "packs", cl.Pack)}
}

func infosOf(lib *packs.Library) map[string]packs.Info {
	m := map[string]packs.Info{}
	for _, p := range lib.Packs() {
		m[p.ID] = p
	}
	return m
}

// lawPacks are the packs of law: what the clock goes by.
func lawPacks(lib *packs.Library) []packs.Info {
	return slices.DeleteFunc(lib.Packs(), func(p packs.Info) bool { return p.Kind != packs.Law })
}

// phaseChoice lets the phase of a list stay open.
func phaseChoice(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.ID, f.Blank = "law-phase", c.T("law.allphases")
	return f
}

// inline puts choices side by side.
func inline(f ui.FieldView) ui.FieldView {
	f.Inline = true
	return f
}
