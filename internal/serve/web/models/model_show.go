package models

import (
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// modelShow is a model with its card.
func modelShow(r *page.Request) error {
	sys, m, err := pair(r)
	if err != nil {
		return err
	}
	v := ui.PageView{Title: m.Doc.Title(), Crumbs: crumbs(r.C, sys)}
	if may(r, store.Update) {
		v.Actions = []ui.Action{{Text: r.C.T("models.edit"), Href: r.C.URL("systems", sys.ID, "models", m.ID, "edit")}}
	}
	return r.Show(v, modelBody(r.C, m.Doc))
}

// exact says which bytes the permit covers.
func exact(c ui.Ctx, m inventory.Model) []ui.Fact {
	return []ui.Fact{{Term: c.T("models.form.name"), Text: m.Name, Mono: true}, {Term: c.T("models.form.version"), Text: m.Version, Mono: true},
		{Term: c.T("models.form.hash"), Text: or(m.Hash), Mono: true}, {Term: c.T("models.form.endpoint"), Text: or(m.Endpoint), Mono: true}}
}

// card says what a reader must know before trusting a result.
func card(c ui.Ctx, m inventory.Model) []ui.Fact {
	k := m.Card
	return []ui.Fact{{Term: c.T("models.form.card.purpose"), Text: or(show.Say(c, k.Purpose))}, {Term: c.T("models.form.card.data"), Text: or(show.Say(c, k.Data))},
		{Term: c.T("models.form.card.limits"), Text: or(show.Say(c, k.Limits))}, {Term: c.T("models.form.card.confidence"), Text: or(show.Say(c, k.Confidence))}}
}

func metricTable(c ui.Ctx, m inventory.Model) ui.TableView {
	t := ui.TableView{Caption: c.T("models.form.card.metrics"), Cols: []ui.Col{{Head: c.T("models.metric.name")}, {Head: c.T("models.metric.value"), Right: true, Mono: true}, {Head: c.T("models.metric.on")}},
		Empty: ui.EmptyView{Title: c.T("models.metric.none")}}
	for _, one := range m.Card.Metrics {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: one.Name}, {Text: text.Float(c.Lang, one.Value)}, {Text: or(one.On)}}})
	}
	return t
}

// featureTable lists the values that the gateway reads and the monitor watches.
func featureTable(c ui.Ctx, m inventory.Model) ui.TableView {
	t := ui.TableView{Caption: c.T("models.features"), Cols: []ui.Col{{Head: c.T("models.features.name")}, {Head: c.T("models.features.label")}, {Head: c.T("models.features.unit")}},
		Empty: ui.EmptyView{Title: c.T("models.features.none"), Text: c.T("models.features.none.text")}}
	for _, f := range m.Reading.Features {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: f.Name}, {Text: or(show.Say(c, f.Label))}, {Text: or(f.Unit)}}})
	}
	return t
}

// reading says what the gateway and the monitor go by.
func reading(c ui.Ctx, m inventory.Model) []ui.Fact {
	rows := 0
	for _, col := range m.Baseline.Columns {
		rows = max(rows, len(col.Values))
	}
	baseline := "–"
	if rows > 0 {
		baseline = c.T("models.baseline", "id", m.Baseline.ID, "rows", rows)
	}
	return []ui.Fact{{Term: c.T("models.confidence"), Text: or(m.Reading.Confidence), Mono: true}, {Term: c.T("models.zone"), Text: or(m.Reading.Zone)},
		{Term: c.T("models.standins"), Text: or(show.Roles(c, m.Reading.StandIns))}, {Term: c.T("models.reference"), Text: baseline}}
}

func or(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
