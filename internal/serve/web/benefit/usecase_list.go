package benefit

import (
	"time"

	"augenmass/internal/govern/value"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// view is what the page of the area shows.
type view struct {
	Filter  ui.FilterView
	Figures []ui.FigureView
	Table   ui.TableView
	Hours   *ui.BarsView // measured beside expected
	Partial string       // said when not every use case is summed up
	Export  ui.LinkView
}

// sum adds up use cases.
type sum struct {
	of, measured      int // use cases, and those with any measured effect
	hours, euro       int64
	gotHours, gotEuro int64
	next              time.Time // the earliest measurement that is still due or to come
	nextOf, nextID    string
	overdue           int
	barsHave          bool // some expect hours
}

// usecaseList shows expected and measured effects, one use case a row, and their
// sums.
func usecaseList(r *page.Request) error {
	c, ctx := r.C, r.Context()
	q := store.Query{Search: r.Query("q"), Sort: "title", Limit: store.MaxLimit}
	if s := r.Query("system"); s != "" {
		q.Filters = append(q.Filters, store.Where("system", "=", s))
	}
	got, err := r.Org.UseCases.List(ctx, r.Org.DB, q)
	if err != nil {
		return err
	}
	var systems []string
	for _, o := range got.Items {
		systems = append(systems, o.Doc.System)
	}
	names, err := show.Names(ctx, r.Org.DB, append(systems, r.Query("system"))...)
	if err != nil {
		return err
	}
	s := sumOf(got.Items, c.Now)
	v := view{Filter: filter(r, names), Table: table(c, got.Items, names), Figures: figures(c, s)}
	if s.barsHave {
		v.Hours = bars(c, got.Items)
	}
	if got.Next != "" {
		v.Partial = c.T("benefit.partial", "n", len(got.Items), "of", got.Total)
	}
	if len(got.Items) > 0 {
		v.Export = ui.LinkView{Text: c.T("objects.export"), Href: c.URL("benefit.csv?" + r.R.URL.RawQuery)}
	}
	head := ui.PageView{Title: c.T("benefit.title"), Over: c.T("benefit.over")}
	may := roles.Allowed(r.Who.Roles, store.Create, "usecase")
	if may {
		head.Actions = []ui.Action{{Text: c.T("kinds.usecase.new"), Href: c.URL("benefit", "new"), Kind: "main"}}
	}
	if len(got.Items) == 0 {
		v.Table.Empty = ui.EmptyView{Title: c.T("benefit.none"), Text: c.T("kinds.usecase.none")}
		if len(q.Filters) > 0 || q.Search != "" {
			v.Table.Empty = ui.EmptyView{Title: c.T("objects.nofit"), Text: c.T("objects.nofit.text")}
		} else if may {
			v.Table.Empty.Action = &ui.Action{Text: c.T("kinds.usecase.new"), Href: c.URL("benefit", "new")}
		}
		v.Figures = nil
	}
	return r.Show(head, listBody(c, v))
}

func filter(r *page.Request, names show.People) ui.FilterView {
	c := r.C
	v := ui.FilterView{Label: c.T("benefit.search"), Action: c.URL("benefit"), Query: r.Query("q")}
	if s := r.Query("system"); s != "" {
		v.Selects = []ui.FieldView{{Name: "system", Label: c.T("kind.usecase.system"), Value: s, Options: []ui.Option{{Value: s, Text: named(names, s)}}}}
	}
	return v
}

func named(names show.People, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return id
}

// measuredAny reports whether anything was measured of a use case.
func measuredAny(u value.UseCase) bool { return u.MeasuredHours != 0 || u.MeasuredEuro != 0 }

func sumOf(items []store.Object[value.UseCase], now time.Time) sum {
	s := sum{of: len(items)}
	for _, o := range items {
		u := o.Doc
		s.hours, s.euro = s.hours+u.ExpectedHours, s.euro+u.ExpectedEuro
		s.gotHours, s.gotEuro = s.gotHours+u.MeasuredHours, s.gotEuro+u.MeasuredEuro
		if measuredAny(u) {
			s.measured++
		}
		if u.ExpectedHours > 0 {
			s.barsHave = true
		}
		if u.MeasureAt.IsZero() {
			continue
		}
		if u.MeasureAt.Before(now) {
			s.overdue++
		}
		if s.next.IsZero() || u.MeasureAt.Before(s.next) {
			s.next, s.nextOf, s.nextID = u.MeasureAt, u.Name, o.ID
		}
	}
	return s
}

// figures are the sums: expected a year, measured so far, and what is to be
// measured next.
func figures(c ui.Ctx, s sum) []ui.FigureView {
	source := c.T("benefit.source", "n", s.of)
	next := ui.FigureView{Label: c.T("benefit.next"), Value: "–", Note: c.T("benefit.next.none")}
	if !s.next.IsZero() {
		next = ui.FigureView{Label: c.T("benefit.next"), Value: c.Date(s.next), Note: s.nextOf, Href: c.URL("benefit", s.nextID)}
		if s.overdue > 0 {
			next.Note += " · " + c.T("benefit.overdue.n", "n", s.overdue)
		}
	}
	return []ui.FigureView{
		{Label: c.T("benefit.expected"), Value: hours(c, s.hours), Unit: text.Euro(c.Lang, s.euro), Note: c.T("benefit.year") + ". " + source},
		{Label: c.T("benefit.measured"), Value: hours(c, s.gotHours), Unit: text.Euro(c.Lang, s.gotEuro), Note: c.T("benefit.measured.of", "n", s.measured, "of", s.of)},
		next,
	}
}

func hours(c ui.Ctx, n int64) string { return c.T("benefit.hours", "n", n) }

// table is one row a use case. An effect that nobody measured says so.
func table(c ui.Ctx, items []store.Object[value.UseCase], names show.People) ui.TableView {
	t := ui.TableView{ID: "usecases", Caption: c.T("benefit.title"), Cols: []ui.Col{{Head: c.T("kind.usecase")}, {Head: c.T("kind.usecase.system")},
		{Head: c.T("benefit.col.hours"), Right: true, Mono: true}, {Head: c.T("benefit.col.hours.got"), Right: true, Mono: true},
		{Head: c.T("benefit.col.euro"), Right: true, Mono: true}, {Head: c.T("benefit.col.euro.got"), Right: true, Mono: true}, {Head: c.T("kind.usecase.measure_at")}}}
	for _, o := range items {
		u := o.Doc
		system := ui.Cell{Text: c.T("benefit.nosystem")}
		if u.System != "" {
			system = ui.Cell{Text: named(names, u.System), Href: objects.Href(c, u.System)}
		}
		got, earned := ui.Cell{Text: c.T("benefit.unmeasured")}, ui.Cell{Text: c.T("benefit.unmeasured")}
		if measuredAny(u) {
			got, earned = ui.Cell{Text: hours(c, u.MeasuredHours)}, ui.Cell{Text: text.Euro(c.Lang, u.MeasuredEuro)}
		}
		first := ui.Cell{Text: u.Name, Href: c.URL("benefit", o.ID), Note: show.Say(c, u.Problem)}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{first, system, {Text: hours(c, u.ExpectedHours)}, got, {Text: text.Euro(c.Lang, u.ExpectedEuro)}, earned, due(c, u.MeasureAt)}})
	}
	return t
}

// due is when the effect is measured next; a day that passed is marked.
func due(c ui.Ctx, at time.Time) ui.Cell {
	switch {
	case at.IsZero():
		return ui.Cell{Mark: &ui.Mark{Kind: ui.None, Word: c.T("benefit.nodate")}}
	case at.Before(c.Now):
		return ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("benefit.overdue")}, Note: c.Date(at)}
	}
	return ui.Cell{Text: c.Date(at)}
}

// bars draws the measured hours of each use case against the expected ones.
func bars(c ui.Ctx, items []store.Object[value.UseCase]) *ui.BarsView {
	v := &ui.BarsView{Caption: c.T("benefit.bars"), Name: c.T("kind.usecase"), Value: c.T("benefit.bars.value"), Bar: c.T("benefit.bars.bar")}
	for _, o := range items {
		u := o.Doc
		if u.ExpectedHours == 0 {
			continue
		}
		share := min(max(float64(u.MeasuredHours)/float64(u.ExpectedHours), 0), 1)
		row := ui.BarRow{Name: u.Name, Value: c.T("benefit.bars.of", "n", u.MeasuredHours, "of", u.ExpectedHours), Share: share, Href: c.URL("benefit", o.ID)}
		if !measuredAny(u) {
			row.Value = c.T("benefit.unmeasured")
		}
		if u.MeasuredHours < 0 {
			row.Kind = ui.Warn
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
