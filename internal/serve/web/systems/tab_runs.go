package systems

import (
	"net/url"

	"github.com/a-h/templ"

	"augenmass/internal/operate/monitor"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// Bounds of the tab: rows of the latest decisions, how far back in the journal
// they are looked for (older ones are on the pages of operation), and points of
// the chart.
const (
	latestRows = 10
	lookBack   = 100_000
	points     = 40
)

// runs is the third tab: how the system runs.
type runs struct {
	running  gauge.Reading[gauge.Running]
	counts   ui.TableView
	mayCases bool
	snapshot monitor.Snapshot
	watched  bool
	limit    float64
	drift    ui.DriftView
	features ui.TableView
	stream   []ui.StreamRow
	stoppedBy,
	stoppedWhy string
}

func (a *area) tabRuns(f *file) (templ.Component, error) {
	ctx := f.r.Context()
	v := runs{mayCases: may(f.r, store.Read, "case")}
	var err error
	if v.running, err = a.gauges.Of(f.r.Site).Running(ctx, f.sys.ID, first); err != nil {
		return nil, err
	}
	v.counts = f.countTable(v)
	if v.snapshot, v.watched = f.r.Org.Monitor.Snapshot(f.sys.ID); v.watched {
		if c, ok := f.permit.Condition(permit.CondDrift); ok {
			v.limit = c.Limit
		}
		if err := f.readLabels(); err != nil {
			return nil, err
		}
		v.drift, v.features = f.driftView(v.snapshot, v.limit), f.featureTable(v.snapshot)
	}
	size := int64(f.r.Org.Journal.Size())
	p, err := f.r.Org.Trail.Decisions.List(ctx, f.r.Org.DB, store.Query{Sort: "-index", Limit: latestRows, Filters: []store.Filter{
		store.Where("system", "=", f.sys.ID), store.Where("index", ">=", size-lookBack)}})
	if err != nil {
		return nil, err
	}
	for _, d := range p.Items {
		v.stream = append(v.stream, show.StreamRow(f.c, d, f.sys.Doc.Name))
	}
	if stop := f.sys.Doc.Stop; stop.Stopped {
		names, err := show.Names(ctx, f.r.Org.DB, stop.By)
		if err != nil {
			return nil, err
		}
		v.stoppedBy, v.stoppedWhy = names.Name(f.c, stop.By), stop.Reason
	}
	return runsTab(f, v), nil
}

// countTable says how the decisions of the last thirty days came out and what
// people made of those that came to them. Counts of a system, never of a person.
func (f *file) countTable(v runs) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.runs.counts"), Cols: []ui.Col{{Head: c.T("systems.runs.what")}, {Head: c.T("systems.runs.n"), Right: true, Mono: true}}}
	r := v.running.Value
	decisions := c.URL("operation", "decisions") + "?" + url.Values{"system": {f.sys.ID}}.Encode()
	cases := ""
	if v.mayCases {
		cases = c.URL("operation", "cases") + "?" + url.Values{"system": {f.sys.ID}, "scope": {"all"}}.Encode()
	}
	add := func(key string, n int, href string) {
		cell := ui.Cell{Text: "–"}
		if v.running.Ready {
			cell = ui.Cell{Text: c.Int(n), Href: href}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("systems.runs." + key)}, cell}})
	}
	add("all", r.Outcomes.All(), decisions)
	add("released", r.Outcomes.Released, decisions+"&outcome=released")
	add("escalated", r.Outcomes.Escalated, decisions+"&outcome=escalated")
	add("denied", r.Outcomes.Denied, decisions+"&outcome=denied")
	add("confirmed", r.Overrides.Confirmed, cases)
	add("changed", r.Overrides.Changed, cases)
	add("rejected", r.Overrides.Rejected, cases)
	add("expired", r.Overrides.Expired, cases)
	add("waiting", r.Overrides.Waiting, cases)
	return t
}

// driftView draws the history of the context drift, thinned to what a reader
// can tell apart; the last mark is always there.
func (f *file) driftView(s monitor.Snapshot, limit float64) ui.DriftView {
	c := f.c
	v := ui.DriftView{ID: "drift", Limit: limit, Places: 2,
		Label: c.T("systems.drift.label", "value", c.Decimal(s.Drift, 2), "limit", c.Decimal(limit, 2), "feature", f.feature(s.Feature))}
	step := max(1, (len(s.History)+points-1)/points)
	for i := (len(s.History) - 1) % step; i >= 0 && i < len(s.History); i += step {
		p := s.History[i]
		at := p.At
		if c.Zone != nil {
			at = at.In(c.Zone)
		}
		v.Points = append(v.Points, ui.Point{At: text.Seconds(at), Value: p.Drift, Note: f.feature(p.Feature)})
	}
	return v
}

// feature is what people call a feature: the label of the model, or its name.
func (f *file) feature(name string) string {
	if label := f.labels[name]; label != "" {
		return label
	}
	if name == "" {
		return "–"
	}
	return name
}

// readLabels reads what the system's models call their features.
func (f *file) readLabels() error {
	if !may(f.r, store.Read, "model") {
		return nil
	}
	p, err := f.r.Org.Inventory.Models.List(f.r.Context(), f.r.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "=", f.sys.ID)}, Limit: 20})
	if err != nil {
		return err
	}
	f.labels = map[string]string{}
	for _, o := range p.Items {
		for _, x := range o.Doc.Reading.Features {
			f.labels[x.Name] = show.Say(f.c, x.Label)
		}
	}
	return nil
}

// driftMark says how the drift stands. Drift below what chance alone reaches
// means nothing, whatever the limit.
func driftMark(c ui.Ctx, s monitor.Snapshot, limit float64) ui.Mark {
	switch {
	case !s.Ready:
		return ui.Mark{Kind: ui.None, Word: c.T("systems.drift.filling", "rows", s.Rows, "window", s.Window)}
	case limit > 0 && s.Drift > limit && s.Drift > s.DriftFloor:
		return ui.Mark{Kind: ui.Warn, Word: c.T("systems.drift.over")}
	case limit > 0 && s.Drift > limit:
		return ui.Mark{Kind: ui.None, Word: c.T("systems.drift.chance", "floor", c.Decimal(s.DriftFloor, 2))}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("systems.drift.within")}
}

func (f *file) featureTable(s monitor.Snapshot) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.features"), Cols: []ui.Col{{Head: c.T("systems.features.name")}, {Head: c.T("systems.features.js"), Right: true, Mono: true},
		{Head: c.T("systems.features.floor"), Right: true, Mono: true}, {Head: c.T("systems.features.missing"), Right: true, Mono: true}}}
	for _, x := range s.Features {
		name := ui.Cell{Text: f.feature(x.Name)}
		if x.Context {
			name.Note = c.T("systems.features.context")
		}
		js := "–"
		if s.Ready {
			js = c.Decimal(x.JS, 3)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, {Text: js}, {Text: c.Decimal(x.Floor, 3)}, {Text: c.Int(x.Missing)}}})
	}
	return t
}
