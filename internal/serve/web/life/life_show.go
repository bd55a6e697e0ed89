package life

import (
	"net/url"
	"slices"
	"strconv"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/life"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// showing is what the page of a system's life shows.
type showing struct {
	Sys     store.Object[inventory.System]
	Stages  []ui.Stage
	Refused *ui.NoticeView
	Next    string // name of the next stage; empty: there is none
	Asked   ui.TableView
	Own     []ownStep // steps of the workflow that wait for a confirmation
	Steps   []ui.Action
	Pilot   ui.TableView
	PilotTo *ui.Action
	Plan    ui.TableView
	PlanTo  *ui.Action
	Flow    ui.LinkView
	Stop    ui.LinkView
}

// ownStep is one step of the workflow with its button.
type ownStep struct {
	Name    string
	Confirm *ui.Action // nil: not the reader's to confirm
}

func lifeShow(r *page.Request) error { return render(r, nil) }

// render shows the page; refused is a step that did not pass its gate.
func render(r *page.Request, refused *problem.Problem) error {
	o, err := r.Org.Inventory.Systems.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	c := r.C
	v := showing{Sys: o, Stages: stages(c, o), Steps: steps(r, o), Flow: ui.LinkView{Text: c.T("life.flow"), Href: c.URL("duties", "workflow")}}
	if to := forward(o.Doc.LifeCycle); to != "" {
		if err := v.gate(r, o, to); err != nil {
			return err
		}
	}
	if err := v.pilot(r, o); err != nil {
		return err
	}
	if err := v.retirement(r, o); err != nil {
		return err
	}
	if o.Doc.LifeCycle != inventory.Retired && !o.Doc.Stop.Stopped && may(r, "stop", "system") {
		v.Stop = ui.LinkView{Text: c.T("life.stop"), Href: c.URL("operation", "systems", o.ID, "stop")}
	}
	status := 200
	if refused != nil {
		v.Refused, status = &ui.NoticeView{Kind: ui.Warn, Text: c.In(refused.Say) + " " + c.In(refused.Hint)}, ui.Status(refused)
	}
	pv := ui.PageView{Title: c.T("life.title"), Crumbs: crumbs(c, o)}
	return r.ShowAs(status, pv, body(c, v))
}

func crumbs(c ui.Ctx, o store.Object[inventory.System]) []ui.LinkView {
	return []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: o.Doc.Name, Href: c.URL("systems", o.ID)}}
}

// forward is the next stage on the way, before retirement.
func forward(at inventory.LifeCycle) inventory.LifeCycle {
	switch next := life.Next(at); next {
	case inventory.Trial, inventory.Operation:
		return next
	}
	return ""
}

// stages are the stages of a system's life, for the lifeline.
func stages(c ui.Ctx, o store.Object[inventory.System]) []ui.Stage {
	var out []ui.Stage
	all := inventory.LifeCycle("").Values()
	now := slices.Index(all, string(o.Doc.LifeCycle))
	for i, name := range all {
		s := ui.Stage{Name: c.T("life.stage." + name), State: "next"}
		switch {
		case i == now:
			s.State = "now"
		case i < now:
			s.State = "done"
		}
		out = append(out, s)
	}
	return out
}

// steps are the buttons: one stage forward, one back, and the end.
func steps(r *page.Request, o store.Object[inventory.System]) []ui.Action {
	if !may(r, store.Update, "system") || o.Doc.LifeCycle == inventory.Retired {
		return nil
	}
	c := r.C
	step := func(to inventory.LifeCycle, text, kind string) ui.Action {
		return ui.Action{Text: c.T(text), Href: c.URL("systems", o.ID, "life"), Post: true, Kind: kind,
			Hidden: map[string]string{"to": string(to), "revision": strconv.FormatInt(o.Revision, 10)}}
	}
	var out []ui.Action
	if to := forward(o.Doc.LifeCycle); to != "" {
		out = append(out, step(to, "life.step."+string(to), "main"))
	}
	all := inventory.LifeCycle("").Values()
	if i := slices.Index(all, string(o.Doc.LifeCycle)); i > 0 {
		out = append(out, step(inventory.LifeCycle(all[i-1]), "life.back."+all[i-1], "quiet"))
	}
	return append(out, ui.Action{Text: c.T("life.step.retired"), Href: c.URL("systems", o.ID, "retire"), Kind: "quiet"})
}

// gate asks for the next stage.
func (v *showing) gate(r *page.Request, o store.Object[inventory.System], to inventory.LifeCycle) error {
	ctx := store.WithActor(r.Context(), store.Actor{ID: "house", Kind: store.System}) // what is asked is the same for every reader
	asked, err := r.Org.Life.Ask(ctx, r.Org.DB, o, to)
	if err != nil {
		return err
	}
	v.Next = r.C.T("life.stage." + string(to))
	v.Asked = askedTable(r, asked, "asked")
	for _, i := range asked.Open() {
		if i.Code != "step" {
			continue
		}
		s := ownStep{Name: show.Say(r.C, i.Say)}
		if may(r, store.Create, "stage_step") {
			s.Confirm = &ui.Action{Text: r.C.T("life.confirm"), Href: r.C.URL("systems", o.ID, "life", "confirm"), Post: true,
				Hidden: map[string]string{"stage": string(to), "step": i.Say.DE}}
		}
		v.Own = append(v.Own, s)
	}
	return nil
}

// askedTable lists what a gate asks for, what is missing first.
func askedTable(r *page.Request, asked life.Asked, id string) ui.TableView {
	c := r.C
	t := ui.TableView{ID: id, Caption: c.T("life.asked"), Cols: []ui.Col{{Head: c.T("life.what")}, {Head: c.T("life.state")}, {Head: c.T("life.clauses")}},
		Empty: ui.EmptyView{Title: c.T("life.nothing")}}
	items := slices.Clone(asked.Items)
	slices.SortStableFunc(items, func(a, b life.Item) int { return open(a) - open(b) })
	for _, i := range items {
		mark := ui.Mark{Kind: ui.OK, Word: c.T("life.met")}
		what := ui.Cell{Text: show.Say(c, i.Say)}
		if !i.Met {
			mark = ui.Mark{Kind: ui.Warn, Word: c.T("life.missing")}
			what.Href = r.Base + i.Path
		}
		refs := show.Clauses(c, r.Org.Library(), first(i.Clauses, 3))
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{what, {Mark: &mark}, {Body: ui.Clauses(refs)}}})
	}
	return t
}

func open(i life.Item) int {
	if i.Met {
		return 1
	}
	return 0
}

func first(all []string, n int) []string { return all[:min(n, len(all))] }

// pilot shows the pilot of the system with what it allows, to who may read it.
func (v *showing) pilot(r *page.Request, o store.Object[inventory.System]) error {
	if !may(r, store.Read, "pilot") {
		return nil
	}
	c := r.C
	p, err := r.Org.Life.Pilots.List(r.Context(), r.Org.DB, ofSystem(o.ID))
	if err != nil {
		return err
	}
	v.Pilot = ui.TableView{ID: "pilots", Caption: c.T("life.pilot"), Cols: []ui.Col{{Head: c.T("kind.pilot.area")}, {Head: c.T("life.pilot.zones")}, {Head: c.T("kind.pilot.end")}, {Head: c.T("life.state")}},
		Empty: ui.EmptyView{Title: c.T("life.pilot.none"), Text: c.T("life.pilot.none.text")}}
	for _, x := range p.Items {
		mark := ui.Mark{Kind: ui.OK, Word: c.T("life.pilot.within")}
		if beyond := x.Doc.Beyond(o.Doc.Zones, c.Now); len(beyond) > 0 {
			mark = ui.Mark{Kind: ui.Stop, Word: c.T("life.pilot.beyond", "zones", show.List(c, beyond))}
		}
		v.Pilot.Rows = append(v.Pilot.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Doc.Area, Href: c.URL("duties", "pilots", x.ID)}, {Text: show.List(c, x.Doc.Allowed(c.Now))}, {Text: c.Date(x.Doc.End)}, {Mark: &mark}}})
	}
	if may(r, store.Create, "pilot") && o.Doc.LifeCycle != inventory.Retired {
		v.PilotTo = &ui.Action{Text: c.T("life.pilot.new"), Href: c.URL("duties", "pilots", "new") + "?system=" + url.QueryEscape(o.ID), Kind: "quiet"}
	}
	return nil
}

// retirement shows the plan part by part, to who may read it.
func (v *showing) retirement(r *page.Request, o store.Object[inventory.System]) error {
	if !may(r, store.Read, "retirement") {
		return nil
	}
	c := r.C
	p, err := r.Org.Life.Retirements.List(r.Context(), r.Org.DB, ofSystem(o.ID))
	if err != nil {
		return err
	}
	v.Plan = ui.TableView{ID: "plan", Caption: c.T("life.plan"), Cols: []ui.Col{{Head: c.T("life.plan.part")}, {Head: c.T("life.plan.plan")}, {Head: c.T("life.plan.who")}, {Head: c.T("life.plan.done")}},
		Empty: ui.EmptyView{Title: c.T("life.plan.none"), Text: c.T("life.plan.none.text")}}
	if len(p.Items) == 0 {
		if may(r, store.Create, "retirement") {
			v.PlanTo = &ui.Action{Text: c.T("life.plan.new"), Href: c.URL("duties", "retirements", "new") + "?system=" + url.QueryEscape(o.ID), Kind: "quiet"}
		}
		return nil
	}
	plan := p.Items[0]
	var who []string
	for _, part := range plan.Doc.Parts() {
		who = append(who, part.Part.Who)
	}
	names, err := show.Names(r.Context(), r.Org.DB, who...)
	if err != nil {
		return err
	}
	for _, part := range plan.Doc.Parts() {
		done := ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("life.plan.open")}}
		if !part.Part.Done.IsZero() {
			done = ui.Cell{Mark: &ui.Mark{Kind: ui.OK, Word: c.Date(part.Part.Done)}}
		}
		name := "–"
		if part.Part.Who != "" {
			name = names.Name(c, part.Part.Who)
		}
		v.Plan.Rows = append(v.Plan.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("kind.retirement." + part.Name)}, {Text: dash(part.Part.Plan)}, {Text: name}, done}})
	}
	if may(r, store.Update, "retirement") && o.Doc.LifeCycle != inventory.Retired {
		v.PlanTo = &ui.Action{Text: c.T("life.plan.edit"), Href: c.URL("duties", "retirements", plan.ID, "edit"), Kind: "quiet"}
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func ofSystem(id string) store.Query {
	return store.Query{Filters: []store.Filter{store.Where("system", "=", id)}, Sort: "-created_at", Limit: store.MaxLimit, Uncounted: true}
}
