package operation

import (
	"cmp"
	"net/url"
	"slices"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// plantView is what the plant reports and what the monitors see.
type plantView struct {
	Tabs    []ui.LinkView
	Zones   ui.TableView
	Systems ui.TableView
	Watch   *watchView // of the chosen system; nil: none is monitored
}

// watchView is the monitoring of one system.
type watchView struct {
	System   string
	Says     ui.Mark
	Halt     ui.Mark
	Facts    []ui.Fact
	Drift    ui.DriftView
	Features ui.TableView
	Action   *ui.Action
}

// plantShow shows zones and monitoring; system chooses whose chart is drawn.
func plantShow(r *page.Request) error {
	if err := mustRead(r, "system"); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "name", Limit: store.MaxLimit})
	if err != nil {
		return err
	}
	v := plantView{Tabs: tabs(r, "plant"), Zones: zoneTable(r, all.Items)}
	chosen, at := r.Query("system"), -1
	v.Systems = ui.TableView{ID: "systems", Caption: c.T("operation.monitor.title"), Cols: []ui.Col{
		{Head: c.T("operation.col.system")}, {Head: c.T("operation.permit")}, {Head: c.T("operation.driftname"), Right: true},
		{Head: c.T("operation.monitor.window"), Right: true}, {Head: c.T("operation.stop.col")}},
		Empty: ui.EmptyView{Title: c.T("operation.monitor.none"), Text: c.T("operation.monitor.none.text")}}
	for n, s := range all.Items {
		if s.Doc.LifeCycle == inventory.Retired {
			continue
		}
		snap, ok := r.Org.Monitor.Snapshot(s.ID)
		if s.ID == chosen || chosen == "" && at < 0 && ok {
			at = n
		}
		v.Systems.Rows = append(v.Systems.Rows, monitorRow(r, s, snap, ok))
	}
	if at >= 0 {
		if v.Watch, err = watch(r, all.Items[at]); err != nil {
			return err
		}
	}
	return r.Show(ui.PageView{Title: c.T("operation.plant.title"), Crumbs: []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}}}, plantBody(c, v))
}

// zoneTable lists the zones that reported and those from which systems with
// plant states are called.
func zoneTable(r *page.Request, systems []store.Object[inventory.System]) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "zones", Caption: c.T("operation.zones"), Cols: []ui.Col{
		{Head: c.T("operation.zone")}, {Head: c.T("operation.col.state")}, {Head: c.T("operation.reported")}, {Head: c.T("operation.counts")}},
		Empty: ui.EmptyView{Title: c.T("operation.zones.none"), Text: c.T("operation.zones.none.text")}}
	add := func(zone, state, reported string, known bool) {
		mark := plantMark(c, state, known)
		counts := c.T("operation.counts.no")
		if known {
			counts = c.T("operation.counts.yes")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: zone}, {Mark: &mark}, {Text: reported}, {Text: counts}}})
	}
	var seen []string
	for _, z := range r.Org.Plant.Zones() {
		seen = append(seen, z.Zone)
		state, reported := z.State, c.Relative(z.At)
		if !z.Known {
			reported = c.T("operation.reported.last", "state", show.Word(c, "plant", z.State), "time", c.Relative(z.At))
		}
		add(z.Zone, state, reported, z.Known)
	}
	for _, s := range systems {
		for _, zone := range s.Doc.Zones {
			if len(s.Doc.PlantStates) > 0 && !slices.Contains(seen, zone) {
				seen = append(seen, zone)
				add(zone, entry.PlantUnknown, c.T("operation.reported.never"), false)
			}
		}
	}
	return t
}

// plantMark is the state of a zone. One that is not known is a triangle: a
// person decides then.
func plantMark(c ui.Ctx, state string, known bool) ui.Mark {
	if !known {
		return ui.Mark{Kind: ui.Warn, Word: show.Word(c, "plant", entry.PlantUnknown)}
	}
	kind := ui.None
	switch state {
	case "running":
		kind = ui.OK
	case "fault":
		kind = ui.Warn
	}
	return ui.Mark{Kind: kind, Word: show.Word(c, "plant", state)}
}

func monitorRow(r *page.Request, s store.Object[inventory.System], snap monitor.Snapshot, watched bool) ui.Row {
	c := r.C
	pm, _ := r.Org.Point.Permit(s.ID)
	state := show.PermitMark(c, pm.At(c.Now).State, string(s.Doc.LifeCycle))
	drift, window := ui.Cell{Text: "–"}, ui.Cell{Text: c.T("operation.monitor.unwatched")}
	if watched {
		window = ui.Cell{Text: c.T("operation.monitor.rows", "rows", snap.Rows, "of", snap.Window)}
	}
	if watched && snap.Ready {
		drift.Text = c.Decimal(snap.Drift, 2)
		if l := limitOf(pm, permit.CondDrift); l > 0 {
			drift.Note = c.T("operation.most", "limit", c.Decimal(l, 2))
		}
	}
	stop := ui.Cell{Text: c.T("operation.stop.running")}
	if r.Org.Oversee.Stopped(s.ID) {
		mark := ui.Mark{Kind: ui.Stop, Word: c.T("operation.stop.is")}
		stop = ui.Cell{Mark: &mark}
	}
	return ui.Row{ID: "row-" + s.ID, Cells: []ui.Cell{
		{Text: s.Doc.Name, Href: c.URL("operation", "plant") + "?system=" + url.QueryEscape(s.ID) + "#watch"}, {Mark: &state}, drift, window, stop}}
}

func limitOf(pm permit.Permit, kind string) float64 {
	cond, _ := pm.Condition(kind)
	return cond.Limit
}

// watch is the chosen system: its chart, its features and its stop button.
func watch(r *page.Request, s store.Object[inventory.System]) (*watchView, error) {
	c := r.C
	pm, _ := r.Org.Point.Permit(s.ID)
	limit := limitOf(pm, permit.CondDrift)
	stopped := r.Org.Oversee.Stopped(s.ID)
	v := &watchView{System: s.Doc.Name, Halt: ui.Mark{Kind: ui.OK, Word: c.T("operation.stop.running")}}
	if stopped {
		v.Halt = ui.Mark{Kind: ui.Stop, Word: c.T("operation.stopped.now")}
	}
	switch {
	case stopped && can(r, roles.Lift, "system"):
		v.Action = &ui.Action{Text: c.T("operation.resume.link"), Href: c.URL("operation", "systems", s.ID, "resume")}
	case !stopped && can(r, roles.Stop, "system"):
		v.Action = &ui.Action{Text: c.T("operation.stop.link"), Href: c.URL("operation", "systems", s.ID, "stop"), Kind: "stop"}
	}
	snap, ok := r.Org.Monitor.Snapshot(s.ID)
	if !ok {
		v.Says = ui.Mark{Kind: ui.None, Word: c.T("operation.monitor.unwatched")}
		return v, nil
	}
	labels, err := systemLabels(r, s.ID)
	if err != nil {
		return nil, err
	}
	v.Facts = []ui.Fact{{Term: c.T("operation.monitor.reference"), Text: snap.ReferenceID, Note: c.T("operation.monitor.rows.n", "n", snap.ReferenceRows)},
		{Term: c.T("operation.monitor.filled"), Text: c.T("operation.monitor.rows", "rows", snap.Rows, "of", snap.Window), Note: c.Relative(snap.At)},
		{Term: c.T("operation.monitor.defects"), Text: c.Int(snap.Defects)}}
	if snap.BiasReady {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("operation.biasname"), Text: c.Decimal(snap.Bias, 2), Note: c.T("operation.bias.margin", "margin", c.Decimal(snap.BiasMargin, 2))})
	}
	v.Says = verdict(c, snap, limit)
	if snap.Ready {
		v.Drift = driftView(c, snap, limit, labels)
		v.Features = featureStates(c, snap, labels)
	}
	return v, nil
}

// verdict says in one line how the drift stands, as the result gate reads it:
// only what is above the limit and above chance counts.
func verdict(c ui.Ctx, snap monitor.Snapshot, limit float64) ui.Mark {
	args := []any{"value", c.Decimal(snap.Drift, 2), "limit", c.Decimal(limit, 2)}
	switch {
	case !snap.Ready:
		return ui.Mark{Kind: ui.None, Word: c.T("operation.monitor.filling")}
	case limit > 0 && snap.Drift > limit && snap.Drift > snap.DriftFloor:
		return ui.Mark{Kind: ui.Warn, Word: c.T("operation.monitor.over", args...)}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("operation.monitor.within", args...)}
}

func driftView(c ui.Ctx, snap monitor.Snapshot, limit float64, labels map[string]string) ui.DriftView {
	d := ui.DriftView{ID: "drift", Limit: limit, Label: c.T("operation.monitor.chart", "value", c.Decimal(snap.Drift, 2), "limit", c.Decimal(limit, 2))}
	for _, p := range snap.History {
		d.Points = append(d.Points, ui.Point{At: c.Clock(p.At), Value: p.Drift, Note: label(labels, p.Feature)})
	}
	return d
}

func featureStates(c ui.Ctx, snap monitor.Snapshot, labels map[string]string) ui.TableView {
	t := ui.TableView{ID: "features", Caption: c.T("operation.monitor.features"), Cols: []ui.Col{
		{Head: c.T("operation.col.feature")}, {Head: c.T("operation.driftname"), Right: true, Mono: true}, {Head: c.T("operation.monitor.floor"), Right: true, Mono: true},
		{Head: c.T("operation.monitor.psi"), Right: true, Mono: true}, {Head: c.T("operation.monitor.missing"), Right: true, Mono: true}, {Head: c.T("operation.counts")}}}
	features := slices.Clone(snap.Features)
	slices.SortStableFunc(features, func(a, b monitor.FeatureState) int { return cmp.Compare(b.JS, a.JS) })
	for _, f := range features {
		counts := c.T("operation.monitor.context")
		if !f.Context {
			counts = c.T("operation.monitor.beside")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: label(labels, f.Name)}, {Text: c.Decimal(f.JS, 3)}, {Text: c.Decimal(f.Floor, 3)},
			{Text: c.Decimal(f.PSI, 3)}, {Text: c.Int(f.Missing)}, {Text: counts}}})
	}
	return t
}

// systemLabels are the labels of a system's features, from its model with a
// baseline.
func systemLabels(r *page.Request, system string) (map[string]string, error) {
	pm, _ := r.Org.Point.Permit(system)
	for _, m := range pm.Models {
		if l, err := labelsOf(r, m.Name); err != nil || len(l) > 0 {
			return l, err
		}
	}
	return map[string]string{}, nil
}
