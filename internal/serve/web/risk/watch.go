package risk

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// tableView is a list with a lead, a warning and its table to take away.
type tableView struct {
	Head   headView
	Lead   string
	Warn   *ui.NoticeView
	Table  ui.TableView
	Export ui.LinkView
}

func measureCols(c ui.Ctx) []ui.Col {
	return []ui.Col{{Head: c.T("kind.measure")}, {Head: c.T("kind.measure.control")}, {Head: c.T("kind.measure.progress")}, {Head: c.T("kind.measure.effect")},
		{Head: c.T("kind.measure.owner")}, {Head: c.T("kind.measure.next_check")}}
}

func measureRow(r *page.Request, m store.Object[register.Measure], names show.People) ui.Row {
	c := r.C
	mark := effectMark(c, m.Doc)
	control := ui.Cell{Text: "–"}
	if m.Doc.Control != "" {
		ref := show.Clauses(c, library(r), []string{m.Doc.Control})[0]
		control = ui.Cell{Text: ref.Ref, Href: ref.Href, Note: ref.Title}
	}
	next := ui.Cell{Text: "–"}
	if !m.Doc.NextCheck.IsZero() {
		next.Text = c.Date(m.Doc.NextCheck)
		if m.Doc.Overdue(c.Now) {
			next = ui.Cell{Mark: &ui.Mark{Kind: ui.Warn, Word: c.T("risks.overdue")}, Note: c.Date(m.Doc.NextCheck)}
		}
	}
	return ui.Row{Cells: []ui.Cell{{Text: m.Doc.Name, Href: c.URL("duties", "measures", m.ID)}, control,
		{Text: objects.Value(c, "measure", "progress", string(m.Doc.Progress))}, {Mark: &mark, Note: m.Doc.EffectReason}, {Text: names.Name(c, m.Doc.Owner)}, next}}
}

// measureList is the control library: every measure with its effect in words and
// who looks after it (requirement 000-19).
func measureList(r *page.Request) error {
	if err := must(r, store.Read, "measure"); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Risk.Measures.All(r.Context(), r.Org.DB, store.Query{Sort: "title"})
	if err != nil {
		return err
	}
	var owners []string
	late := 0
	for _, m := range all {
		owners = append(owners, m.Doc.Owner)
		if m.Doc.Overdue(c.Now) {
			late++
		}
	}
	names, err := show.Names(r.Context(), r.Org.DB, owners...)
	if err != nil {
		return err
	}
	v := tableView{Head: head(r, "measures"), Lead: c.T("risks.measures.lead"), Export: ui.LinkView{Text: c.T("objects.export"), Href: c.URL("duties", "measures") + ".csv"},
		Table: ui.TableView{ID: "list", Caption: c.T("kinds.measure"), Cols: measureCols(c), Empty: ui.EmptyView{Title: c.T("risks.measures.none"), Text: c.T("kinds.measure.none")}}}
	for _, m := range all {
		v.Table.Rows = append(v.Table.Rows, measureRow(r, m, names))
	}
	if late > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Warn, Text: c.T("risks.measures.late", "n", late)}
	}
	return r.Show(listHead(r, "measure", "measures"), tableBody(c, v))
}

func listHead(r *page.Request, kind, path string) ui.PageView {
	c := r.C
	pv := ui.PageView{Title: c.T("kinds." + kind), Over: c.T("area.duties")}
	if may(r, store.Create, kind) {
		pv.Actions = []ui.Action{{Text: c.T("kinds." + kind + ".new"), Href: c.URL("duties", path, "new"), Kind: "main"}}
	}
	return pv
}

func metricCols(c ui.Ctx, system bool) []ui.Col {
	out := []ui.Col{{Head: c.T("kind.metric")}}
	if system {
		out = append(out, ui.Col{Head: c.T("kind.metric.system")})
	}
	return append(out, ui.Col{Head: c.T("kind.metric.limit")}, ui.Col{Head: c.T("risks.metric.last")}, ui.Col{Head: c.T("risks.metric.due")}, ui.Col{Head: c.T("risks.state")})
}

func metricRow(r *page.Request, s register.Standing, names show.People) ui.Row {
	c, doc, mark := r.C, s.Metric.Doc, stands(r.C, s)
	cells := []ui.Cell{{Text: doc.Name, Href: c.URL("duties", "metrics", s.Metric.ID)}}
	if names != nil {
		cells = append(cells, ui.Cell{Text: names.Name(c, doc.System), Href: c.URL("systems", doc.System, "risks")})
	}
	last := ui.Cell{Text: "–"}
	if s.Last != nil {
		last = ui.Cell{Text: strings.TrimSpace(number(c, s.Last.Doc.Value) + " " + doc.Unit), Note: c.Date(s.Last.Doc.At) + ", " + s.Last.Doc.Source}
	}
	return ui.Row{Cells: append(cells, ui.Cell{Text: limitWords(c, doc)}, last, ui.Cell{Text: c.Date(s.Due), Note: c.T("risks.every", "n", doc.Days)}, ui.Cell{Mark: &mark})}
}

// worstFirst puts what is to be done first, then what is due first.
func worstFirst(a, b register.Standing) int {
	if a.Wrong() != b.Wrong() {
		if a.Wrong() {
			return -1
		}
		return 1
	}
	return a.Due.Compare(b.Due)
}

// metricList is all metrics; a missed interval and a value beyond its limit warn
// (requirement 000-31).
func metricList(r *page.Request) error {
	if err := must(r, store.Read, "metric"); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Watch.Standings(r.Context(), r.Org.DB, "", c.Now)
	if err != nil {
		return err
	}
	var ids []string
	wrong := 0
	for _, s := range all {
		ids = append(ids, s.Metric.Doc.System)
		if s.Wrong() {
			wrong++
		}
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, worstFirst)
	v := tableView{Head: head(r, "metrics"), Lead: c.T("risks.metrics.lead"), Export: ui.LinkView{Text: c.T("objects.export"), Href: c.URL("duties", "metrics") + ".csv"},
		Table: ui.TableView{ID: "list", Caption: c.T("kinds.metric"), Cols: metricCols(c, true), Empty: ui.EmptyView{Title: c.T("risks.metrics.none"), Text: c.T("kinds.metric.none")}}}
	for _, s := range all {
		v.Table.Rows = append(v.Table.Rows, metricRow(r, s, names))
	}
	if wrong > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Stop, Text: c.T("risks.metrics.wrong", "n", wrong, "of", len(all))}
	}
	return r.Show(listHead(r, "metric", "metrics"), tableBody(c, v))
}

// metricView is what the page of one metric shows beside its fields.
type metricView struct {
	State ui.Mark
	Due   string
	Table ui.TableView
	Form  *ui.Form
	Today string
}

// metricShow shows the readings of one metric and takes a new one.
func metricShow(r *page.Request, rec store.Record) (templ.Component, error) {
	var m register.Metric
	if err := json.Unmarshal(rec.Doc, &m); err != nil {
		return nil, fmt.Errorf("read metric %s: %w", rec.ID, err)
	}
	return metricPart(r, store.Object[register.Metric]{Meta: rec.Meta, Doc: m}, url.Values{"at": {day(r.C.Now)}}, nil)
}

func metricPart(r *page.Request, m store.Object[register.Metric], vals url.Values, p *problem.Problem) (templ.Component, error) {
	c := r.C
	all, err := r.Org.Watch.Readings.List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("metric", "=", m.ID)}, Sort: "-at", Limit: 50})
	if err != nil {
		return nil, err
	}
	var last *store.Object[register.Reading]
	if len(all.Items) > 0 {
		last = &all.Items[0]
	}
	s := register.StandingOf(m, last, c.Now)
	v := metricView{State: stands(c, s), Due: c.T("risks.metric.next", "day", c.Date(s.Due)), Today: day(c.Now)}
	v.Table = ui.TableView{ID: "readings", Caption: c.T("kinds.reading"), Cols: []ui.Col{{Head: c.T("kind.reading.at")}, {Head: c.T("kind.reading.value"), Right: true}, {Head: c.T("risks.state")}, {Head: c.T("kind.reading.source")}, {Head: c.T("kind.reading.note")}},
		Empty: ui.EmptyView{Title: c.T("risks.readings.none"), Text: c.T("risks.readings.none.text")}}
	for _, o := range all.Items {
		mark := ui.Mark{Kind: ui.OK, Word: c.T("risks.metric.within")}
		if m.Doc.Beyond(o.Doc.Value) {
			mark = ui.Mark{Kind: ui.Stop, Word: c.T("risks.metric.beyond")}
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: c.Date(o.Doc.At)}, {Text: strings.TrimSpace(number(c, o.Doc.Value) + " " + m.Doc.Unit)}, {Mark: &mark}, {Text: o.Doc.Source}, {Text: orDash(o.Doc.Note)}}})
	}
	if may(r, store.Create, "reading") {
		v.Form = &ui.Form{C: c, ID: "reading", Prefix: "kind.reading.", Action: c.URL("duties", "metrics", m.ID, "readings"), Values: vals, Problem: p, Submit: c.T("risks.reading.submit")}
	}
	return metricBody(c, v), nil
}

// readingFile puts a reading to a metric.
func readingFile(r *page.Request) error {
	if err := must(r, store.Create, "reading"); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	m, err := r.Org.Watch.Metrics.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	var checks problem.Checks
	rd := register.Reading{At: readDay(vals, "at", &checks), Source: strings.TrimSpace(vals.Get("source")), Note: strings.TrimSpace(vals.Get("note"))}
	value, ok := text.ParseDecimal(r.C.Lang, vals.Get("value"))
	checks.Field(ok, "value", "Das ist keine Zahl.", "This is not a number.")
	rd.Value = value
	if err = checks.Err(); err == nil {
		_, err = r.Org.Watch.File(r.Context(), m.ID, rd)
	}
	if p, ok := formError(err); ok {
		part, err := metricPart(r, m, vals, p)
		if err != nil {
			return err
		}
		return r.ShowAs(ui.Status(p), ui.PageView{Title: m.Doc.Name, Crumbs: []ui.LinkView{{Text: r.C.T("area.duties"), Href: r.C.URL("duties")}, {Text: r.C.T("kinds.metric"), Href: r.C.URL("duties", "metrics")}}}, part)
	}
	if err != nil {
		return err
	}
	return r.Go(metricBase+"/"+m.ID, "risks.measured")
}

// checkList shows for every system when it was last checked for bias, for wrong
// decisions and against the guideline, and where a check is demanded (000-18,
// 000-29, 004-03).
func checkList(r *page.Request) error {
	if err := must(r, store.Read, "system_check"); err != nil {
		return err
	}
	c := r.C
	systems, err := r.Org.Inventory.Systems.All(r.Context(), r.Org.DB, store.Query{Sort: "title"})
	if err != nil {
		return err
	}
	last, err := r.Org.Watch.LastChecks(r.Context(), r.Org.DB, "")
	if err != nil {
		return err
	}
	v := tableView{Head: head(r, "checks"), Lead: c.T("risks.checks.lead"), Export: ui.LinkView{Text: c.T("objects.export"), Href: c.URL("duties", "checks") + ".csv"},
		Table: ui.TableView{ID: "list", Caption: c.T("risks.checks.last"), Cols: []ui.Col{{Head: c.T("kind.system_check.system")}}, Empty: ui.EmptyView{Title: c.T("risks.checks.none"), Text: c.T("kinds.system_check.none")}}}
	for _, s := range register.Subject("").Values() {
		v.Table.Cols = append(v.Table.Cols, ui.Col{Head: objects.Value(c, "system_check", "subject", s)})
	}
	missing := 0
	for _, s := range systems {
		row := ui.Row{Cells: []ui.Cell{{Text: s.Doc.Name, Href: c.URL("systems", s.ID, "risks")}}}
		demanded := demandedOf(r, s.ID)
		if demanded {
			missing++
		}
		for _, subject := range register.Subject("").Values() {
			row.Cells = append(row.Cells, checkCell(c, last[s.ID], register.Subject(subject), demanded && subject == string(register.Bias)))
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	if missing > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Stop, Text: c.T("risks.checks.missing", "n", missing)}
	}
	return r.Show(listHead(r, "system_check", "checks"), tableBody(c, v))
}

// demandedOf reports whether the permit of a system is off for want of a check.
func demandedOf(r *page.Request, system string) bool {
	for _, all := range lapsed(r, system) {
		for _, l := range all {
			if l.Code == "risk.bias_check" {
				return true
			}
		}
	}
	return false
}

// checkCell says when a system was last checked for something.
func checkCell(c ui.Ctx, last map[register.Subject]store.Object[register.Check], s register.Subject, demanded bool) ui.Cell {
	k, ok := last[s]
	switch {
	case !ok && demanded:
		return ui.Cell{Mark: &ui.Mark{Kind: ui.Stop, Word: c.T("risks.check.demanded")}}
	case !ok:
		return ui.Cell{Mark: &ui.Mark{Kind: ui.None, Word: c.T("risks.check.never")}}
	}
	word := c.T("risks.check.found." + string(k.Doc.Found))
	mark := ui.Mark{Kind: ui.OK, Word: word}
	if k.Doc.Found == "something" {
		mark.Kind = ui.Warn
	}
	if !c.Now.Before(k.Doc.Due()) {
		mark = ui.Mark{Kind: ui.Stop, Word: c.T("risks.check.old")}
	}
	return ui.Cell{Mark: &mark, Note: c.T("risks.check.on", "day", c.Date(k.Doc.Date), "next", c.Date(k.Doc.Due()))}
}
