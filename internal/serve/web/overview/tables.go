package overview

import (
	"fmt"
	"net/url"

	"augenmass/internal/permit"
	"augenmass/internal/prove/conform"
	"augenmass/internal/serve/web/gauge"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// runningTable lists what runs.
func runningTable(c ui.Ctx, v view) ui.TableView {
	t := ui.TableView{Caption: c.T("overview.running"),
		Cols: []ui.Col{{Head: c.T("overview.col.system")}, {Head: c.T("overview.col.permit")}, {Head: c.T("overview.col.class")},
			{Head: c.T("overview.col.today"), Right: true, Mono: true}, {Head: c.T("overview.col.people"), Right: true, Mono: true}},
		Empty: ui.EmptyView{Title: c.T("overview.running.empty"), Text: c.T("overview.running.empty.text")}}
	for _, s := range v.running {
		mark := show.PermitMark(c, s.permit.State, string(s.Doc.LifeCycle))
		state := ui.Cell{Mark: &mark}
		if s.permit.State != permit.Valid && len(s.permit.Lapses) > 0 {
			state.Note = show.Reason(c, s.permit.Lapses[0].Code)
		}
		class := ui.Cell{Text: show.Word(c, "class", s.permit.Class)}
		all, people := ui.Cell{Text: "–"}, ui.Cell{Text: "–"}
		if v.today.Ready {
			n, href := v.today.Value[s.ID], ""
			all, people = ui.Cell{Text: c.Int(n.All)}, ui.Cell{Text: c.Int(n.People)}
			if v.canSeeLog {
				href = c.URL("operation", "decisions") + "?" + url.Values{"system": {s.ID}, "day": {v.day}}.Encode()
				all.Href, people.Href = href, href+"&outcome=escalated"
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.Doc.Name, Href: c.URL("systems", s.ID)}, state, class, all, people}})
	}
	return t
}

// countedNote says when the numbers were counted.
func countedNote[T any](c ui.Ctx, r gauge.Reading[T]) string {
	if !r.Ready {
		return c.T("overview.counting")
	}
	return c.T("overview.counted", "time", seconds(c, r))
}

func seconds[T any](c ui.Ctx, r gauge.Reading[T]) string {
	t := r.At
	if c.Zone != nil {
		t = t.In(c.Zone)
	}
	return text.Seconds(t)
}

func met(m gauge.Conformity) int {
	n := 0
	for _, r := range m.Requirements {
		if r.Status == conform.Met {
			n++
		}
	}
	return n
}

// measuredNote says over what was measured, and when.
func measuredNote(c ui.Ctx, r gauge.Reading[gauge.Conformity]) string {
	switch {
	case !r.Ready:
		return c.T("overview.measuring")
	case r.Value.Whole:
		return c.T("overview.measured.whole", "n", int64(r.Value.Size), "time", seconds(c, r))
	}
	return c.T("overview.measured.part", "n", int64(r.Value.Size-r.Value.From), "time", seconds(c, r))
}

func benefitFigure(c ui.Ctx, b benefit) ui.FigureView {
	f := ui.FigureView{Label: c.T("overview.benefit"), Value: c.T("overview.hours", "n", b.hours), Unit: text.Euro(c.Lang, b.euros), Href: c.URL("benefit")}
	f.Note = c.T("overview.benefit.none")
	if b.cases > 0 {
		f.Note = c.T("overview.benefit.note", "n", b.cases, "hours", b.expectedHours, "euro", text.Euro(c.Lang, b.expectedEu))
		if b.freed != "" {
			f.Note += " " + c.T("overview.benefit.freed", "what", b.freed)
		}
	}
	return f
}

func conformFigure(c ui.Ctx, v view) ui.FigureView {
	m := v.conform.Value
	f := ui.FigureView{Label: c.T("overview.catalogue"), Value: c.T("show.of", "done", met(m), "of", len(v.catalogue)), Unit: c.T("overview.met"), Href: c.URL("duties", "catalogue"),
		Note:  c.T("overview.catalogue.note", "n", len(m.Requirements)),
		Meter: &ui.MeterView{Value: float64(met(m)), Max: float64(len(v.catalogue)), Label: c.T("overview.catalogue.label", "done", met(m), "of", len(v.catalogue))}}
	if !v.conform.Ready {
		f.Value, f.Unit, f.Meter, f.Note = "–", "", nil, c.T("overview.measuring")
	}
	return f
}

func streamURL(c ui.Ctx, size uint64) string {
	return c.URL("overview", "stream") + fmt.Sprintf("?from=%d", size)
}

// needs is the sheet of tasks; its note is how long they take together.
func needs(c ui.Ctx, v view) ui.SheetView {
	s := ui.SheetView{ID: "needs", Title: c.T("overview.needs")}
	if len(v.tasks) > 0 {
		s.Note = c.T("overview.needs.time", "n", minutes(v.tasks))
	}
	return s
}
