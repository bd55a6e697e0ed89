package operation

import (
	"net/url"
	"slices"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/trail"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// stripLength is how many decisions the live strip shows.
const stripLength = 5

// codesWithin is how far back the filter looks for reasons to offer; an older
// one can still be asked for by its address.
const codesWithin = 30 * 24 * time.Hour

// decisions is the list with its filters.
type decisions struct {
	Tabs     []ui.LinkView
	Strip    ui.StreamView // empty ID: none
	Action   string
	Selects  []ui.FieldView
	Day      string // YYYY-MM-DD in the reader's zone
	Filtered bool
	Table    ui.TableView
	Pager    ui.Pager
}

// decisionList lists the decisions of the gateway, newest first.
func decisionList(r *page.Request) error {
	if err := mustRead(r, "journal"); err != nil {
		return err
	}
	c, ctx := r.C, r.Context()
	want := url.Values{}
	for _, name := range []string{"system", "outcome", "day", "code"} {
		setIf(want, name, r.Query(name))
	}
	filters, err := decisionFilters(c, want)
	if err != nil {
		return err
	}
	cursor := r.Query("cursor")
	found, err := r.Org.Trail.Decisions.List(ctx, r.Org.DB, store.Query{Filters: filters, Sort: "-index", Cursor: cursor, Limit: pageLength})
	if err != nil {
		return err
	}
	codes, err := r.Org.Trail.Decisions.Group(ctx, r.Org.DB, "code", store.Where("at", ">=", c.Now.Add(-codesWithin)))
	if err != nil {
		return err
	}
	names, options, err := systems(r)
	if err != nil {
		return err
	}
	at := func(cursor string) string {
		q := url.Values{}
		for name := range want {
			q.Set(name, want.Get(name))
		}
		setIf(q, "cursor", cursor)
		if len(q) == 0 {
			return c.URL("operation", "decisions")
		}
		return c.URL("operation", "decisions") + "?" + q.Encode()
	}
	v := decisions{Tabs: tabs(r, "decisions"), Action: c.URL("operation", "decisions"), Day: want.Get("day"), Filtered: len(want) > 0,
		Selects: []ui.FieldView{
			{Name: "system", Label: c.T("operation.col.system"), Value: want.Get("system"), Options: options},
			{Name: "outcome", Label: c.T("operation.col.outcome"), Value: want.Get("outcome"), Options: show.Options(c, "outcome", entry.Released.Values())},
			{Name: "code", Label: c.T("operation.col.why"), Value: want.Get("code"), Options: codeOptions(c, codes, want.Get("code"))}},
		Table: decisionTable(c, found.Items, names),
		Pager: ui.Pager{Shown: len(found.Items), Total: found.Total}}
	if cursor != "" {
		v.Pager.First = at("")
	}
	if found.Next != "" {
		v.Pager.Next = at(found.Next)
	}
	if !v.Filtered && cursor == "" {
		v.Strip = ui.StreamView{ID: "strip", Caption: c.T("operation.strip"), URL: c.URL("operation", "stream"), Keep: stripLength}
		for _, d := range found.Items[:min(len(found.Items), stripLength)] {
			v.Strip.Rows = append(v.Strip.Rows, show.StreamRow(c, d, names[d.System]))
		}
	}
	return r.Show(ui.PageView{Title: c.T("operation.decisions.title"), Crumbs: []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}}},
		decisionsBody(c, v))
}

// decisionFilters turns the parameters into filters of the read model. A day is
// the reader's, from midnight to midnight.
func decisionFilters(c ui.Ctx, want url.Values) ([]store.Filter, error) {
	var out []store.Filter
	for _, name := range []string{"system", "outcome", "code"} {
		if v := want.Get(name); v != "" {
			out = append(out, store.Where(name, "=", v))
		}
	}
	if o := want.Get("outcome"); o != "" && !slices.Contains(entry.Released.Values(), o) {
		return nil, problem.New(problem.BadInput, "Diesen Ausgang gibt es nicht.", "There is no such outcome.").
			WithField("outcome", "Möglich sind released, escalated und denied.", "Possible are released, escalated and denied.")
	}
	if v := want.Get("day"); v != "" {
		zone := c.Zone
		if zone == nil {
			zone = time.UTC
		}
		day, err := time.ParseInLocation(time.DateOnly, v, zone)
		if err != nil {
			return nil, problem.New(problem.BadInput, "Diesen Tag gibt es nicht.", "There is no such day.").
				WithField("day", "Erwartet wird ein Datum wie 2026-11-21.", "Expected is a date such as 2026-11-21.")
		}
		out = append(out, store.Where("at", ">=", day.UTC()), store.Where("at", "<", day.AddDate(0, 0, 1).UTC()))
	}
	return out, nil
}

// codeOptions offers the reasons that occurred, by their words.
func codeOptions(c ui.Ctx, codes map[string]int, chosen string) []ui.Option {
	var out []ui.Option
	if _, there := codes[chosen]; chosen != "" && !there {
		out = append(out, ui.Option{Value: chosen, Text: show.Reason(c, chosen)})
	}
	for code := range codes {
		if code != "" { // released
			out = append(out, ui.Option{Value: code, Text: show.Reason(c, code)})
		}
	}
	text.SortBy(c.Lang, out, func(o ui.Option) string { return o.Text })
	return out
}

func decisionTable(c ui.Ctx, all []trail.Decision, names show.People) ui.TableView {
	t := ui.TableView{ID: "decisions", Caption: c.T("operation.decisions.title"), Cols: []ui.Col{
		{Head: c.T("operation.col.time")}, {Head: c.T("operation.col.system")}, {Head: c.T("operation.col.outcome")},
		{Head: c.T("operation.col.why")}, {Head: c.T("operation.col.entry"), Right: true, Mono: true}},
		Empty: ui.EmptyView{Title: c.T("operation.decisions.none"), Text: c.T("operation.decisions.none.text")}}
	for _, d := range all {
		outcome := show.OutcomeMark(c, d.Outcome)
		t.Rows = append(t.Rows, ui.Row{ID: "row-" + d.ID, Cells: []ui.Cell{
			{Text: exact(c, d.At), Href: c.URL("operation", "decisions", d.ID)},
			{Text: systemName(c, names, d.System)}, {Mark: &outcome}, {Text: show.Why(c, d)},
			{Text: show.Index(c, uint64(d.Index)), Href: show.EntryHref(c, uint64(d.Index))}}})
	}
	return t
}

// exact is an instant to the millisecond, with its day unless it is today.
func exact(c ui.Ctx, t time.Time) string {
	if c.Date(t) == c.Date(c.Now) {
		return c.Millis(t)
	}
	return c.Date(t) + ", " + c.Millis(t)
}
