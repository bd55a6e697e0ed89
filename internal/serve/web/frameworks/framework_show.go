package frameworks

import (
	"slices"
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// frameworkView is what the page of one framework shows.
type frameworkView struct {
	Sees     bool
	Notice   string // of the pack: how to read it
	Kind     string // whether it is law or a standard, and what that means
	Doubts   []string
	Figures  []ui.FigureView
	Steps    []ui.Task
	Areas    ui.BarsView
	Chapters ui.BarsView
	Filter   ui.FilterView
	Tables   []areaTable
	Empty    ui.EmptyView
	Untested []ui.LinkView // requirements without a test step
	Tested   string
	Plan     []ui.LinkView
}

// areaTable is the requirements of one area.
type areaTable struct {
	ID, Title, Note string
	Table           ui.TableView
}

// frameworkShow is the gap of one framework by area: met, partly, missing, and
// what to do first (requirements 000-28, 000-37).
func (a *area) frameworkShow(r *page.Request) error {
	fw, err := r.Org.Controls.Framework(r.Param("fw"))
	if err != nil {
		return err
	}
	rd, err := a.read(r, fw.ID)
	if err != nil {
		return err
	}
	c, g := r.C, rd.gap(r, fw)
	v := frameworkView{Sees: sees(r), Notice: c.In(fw.Notice), Kind: c.T("frameworks.kind.standard"), Filter: gapFilter(r, g)}
	if isLaw(rd.lib, g) {
		v.Kind = c.T("frameworks.kind.law")
	}
	for _, u := range fw.Uncertainty {
		v.Doubts = append(v.Doubts, c.In(u))
	}
	v.Areas, v.Chapters = areaBars(c, g, v.Sees), chapterBars(c, rd, g, v.Sees)
	if v.Sees {
		v.Figures = gapFigures(c, g)
		v.Plan = []ui.LinkView{{Text: c.T("frameworks.toplan"), Href: c.URL("duties", "plan") + "?framework=" + fw.ID},
			{Text: c.T("frameworks.toready"), Href: c.URL("duties", "readiness") + "?framework=" + fw.ID},
			{Text: c.T("frameworks.gap.xlsx"), Href: c.URL("duties", "gap.xlsx") + "?framework=" + fw.ID},
			{Text: c.T("frameworks.gap.pdf"), Href: c.URL("duties", "gap.pdf") + "?framework=" + fw.ID},
			{Text: c.T("frameworks.gap.list"), Href: c.URL("duties", "gap-list.pdf") + "?framework=" + fw.ID}}
		if may(r, store.Update, kind) {
			v.Steps = stepTasks(r, rd, g)
		}
	}
	v.Tables = gapTables(r, rd, g, v.Sees)
	v.Empty = ui.EmptyView{Title: c.T("frameworks.nofit")}
	v.Untested, v.Tested = untested(c, rd, g)
	head := ui.PageView{Title: c.In(fw.Title), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}
	return r.Show(head, frameworkBody(c, v))
}

// gapFigures count what is met, begun and missing, and the work that is left.
func gapFigures(c ui.Ctx, g control.GapView) []ui.FigureView {
	t := g.Tally
	met := ui.FigureView{Label: c.T("frameworks.figure.met"), Value: share(c, t), Meter: meter(c, t), Note: c.T("frameworks.figure.met.note", "n", t.SaidOnly)}
	if t.NotApplicable > 0 {
		met.Note += " " + c.T("frameworks.figure.ruledout", "n", t.NotApplicable)
	}
	return []ui.FigureView{met,
		{Label: c.T("frameworks.figure.partly"), Value: c.Int(t.Partly + t.InProgress), Unit: c.T("frameworks.requirements"), Note: c.T("frameworks.figure.partly.note", "n", t.Incomplete)},
		{Label: c.T("frameworks.figure.missing"), Value: c.Int(t.Open + t.NotMet), Unit: c.T("frameworks.requirements"), Note: c.T("frameworks.figure.missing.note", "n", t.Undecided)},
		{Label: c.T("frameworks.figure.days"), Value: days(c, t.DaysLeft), Note: c.T("frameworks.figure.days.note"), Href: c.URL("duties", "plan") + "?framework=" + g.Framework.ID}}
}

// stepTasks are the first three steps of a framework.
func stepTasks(r *page.Request, rd reading, g control.GapView) []ui.Task {
	c := r.C
	var out []ui.Task
	for _, s := range steps(g, 3) {
		out = append(out, ui.Task{Text: named(c, rd.lib, s.Item), Href: href(c, g.Framework.ID, s.Clause), Time: days(c, s.Days), Note: firstSentence(c.In(s.Item.Item.Plain))})
	}
	return out
}

// firstSentence is how an explanation begins; the rest is one click away.
func firstSentence(s string) string {
	before, _, more := strings.Cut(s, ". ")
	if !more {
		return s
	}
	return before + "."
}

// areaHref shows one area of a framework.
func areaHref(c ui.Ctx, fw, area string) string {
	return c.URL("duties", "frameworks", fw) + "?area=" + area + "#list"
}

// areaBars are the areas of the framework, each one click away.
func areaBars(c ui.Ctx, g control.GapView, sees bool) ui.BarsView {
	v := ui.BarsView{Caption: c.T("frameworks.areas"), Name: c.T("frameworks.area"), Value: c.T("frameworks.met"), Bar: c.T("frameworks.bar")}
	for _, a := range g.Areas {
		v.Rows = append(v.Rows, bar(c, c.In(a.Title), areaHref(c, g.Framework.ID, a.ID), a.Tally, sees))
	}
	return v
}

// chapterBars are the same requirements by top clause, with the percent of each
// (requirement 000-28).
func chapterBars(c ui.Ctx, rd reading, g control.GapView, sees bool) ui.BarsView {
	v := ui.BarsView{Caption: c.T("frameworks.chapters"), Name: c.T("frameworks.chapter"), Value: c.T("frameworks.met"), Bar: c.T("frameworks.bar")}
	for _, a := range g.Areas {
		for _, ch := range a.Chapters {
			v.Rows = append(v.Rows, bar(c, chapterName(c, rd, a, ch), "", ch.Tally, sees))
		}
	}
	return v
}

// chapterName is the clause with its title; where no pack has the clause itself,
// the part that the citations below it share: "KI-VO Art. 9".
func chapterName(c ui.Ctx, rd reading, a control.AreaView, ch control.Chapter) string {
	if !ch.Title.IsZero() {
		return short(c, rd.lib, ch.ID) + " " + c.In(ch.Title)
	}
	for _, v := range a.Items {
		below, ok := strings.CutPrefix(v.Clause, ch.ID)
		if !ok || below != "" && below[0] != '.' {
			continue
		}
		s := short(c, rd.lib, v.Clause)
		if i := strings.IndexByte(s, '('); i > 0 {
			return s[:i]
		}
		if i := strings.LastIndexByte(s, '.'); i > 0 && below != "" {
			return s[:i]
		}
		return s
	}
	return ch.ID
}

func bar(c ui.Ctx, name, href string, t control.Tally, sees bool) ui.BarRow {
	row := ui.BarRow{Name: name, Href: href, Value: c.T("frameworks.items", "n", t.Total)}
	if sees {
		row.Value = share(c, t)
		if n, m, _, ok := t.Share(); ok {
			row.Share = float64(n) / float64(m)
		}
	}
	return row
}

func gapFilter(r *page.Request, g control.GapView) ui.FilterView {
	c := r.C
	areas := ui.FieldView{Name: "area", Label: c.T("frameworks.area"), Value: r.Query("area")}
	for _, a := range g.Areas {
		areas.Options = append(areas.Options, ui.Option{Value: a.ID, Text: c.In(a.Title)})
	}
	v := ui.FilterView{Label: c.T("frameworks.search"), Action: c.URL("duties", "frameworks", g.Framework.ID), Query: r.Query("q"), Selects: []ui.FieldView{areas}}
	if sees(r) {
		states := ui.FieldView{Name: "status", Label: c.T("kind.control.status"), Value: r.Query("status")}
		for _, s := range statusValues() {
			states.Options = append(states.Options, ui.Option{Value: string(s), Text: statusMark(c, s).Word})
		}
		v.Selects = append(v.Selects, states)
	}
	return v
}

// gapTables are the requirements that fit the choice, one table an area.
func gapTables(r *page.Request, rd reading, g control.GapView, sees bool) []areaTable {
	c, words := r.C, strings.Fields(strings.ToLower(r.Query("q")))
	var out []areaTable
	for _, a := range g.Areas {
		if want := r.Query("area"); want != "" && want != a.ID {
			continue
		}
		t := areaTable{ID: "area-" + a.ID, Title: c.In(a.Title), Table: gapTable(c, a, sees)}
		if sees {
			t.Note = share(c, a.Tally)
		}
		for _, v := range a.Items {
			if want := r.Query("status"); sees && want != "" && want != string(v.Status) {
				continue
			}
			body := strings.ToLower(named(c, rd.lib, v) + " " + c.In(v.Say))
			if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) }) {
				continue
			}
			t.Table.Rows = append(t.Table.Rows, gapRow(c, rd, g.Framework.ID, v, sees))
		}
		if len(t.Table.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}

func gapTable(c ui.Ctx, a control.AreaView, sees bool) ui.TableView {
	t := ui.TableView{ID: "items-" + a.ID, Caption: c.In(a.Title), Cols: []ui.Col{{Head: c.T("frameworks.requirement")}}}
	if !sees {
		t.Cols = append(t.Cols, ui.Col{Head: c.T("frameworks.wanted")})
		return t
	}
	t.Cols = append(t.Cols, ui.Col{Head: c.T("kind.control.status")}, ui.Col{Head: c.T("frameworks.missing")},
		ui.Col{Head: c.T("frameworks.left"), Right: true, Mono: true}, ui.Col{Head: c.T("kind.control.responsible")})
	return t
}

func gapRow(c ui.Ctx, rd reading, fw string, v control.ItemView, sees bool) ui.Row {
	name := ui.Cell{Text: named(c, rd.lib, v), Href: href(c, fw, v.Clause)}
	if !sees {
		return ui.Row{Cells: []ui.Cell{name, {Text: typeWords(c, v.Item.Evidence)}}}
	}
	mark := statusMark(c, v.Status)
	state := ui.Cell{Mark: &mark, Note: statusNote(c, v)}
	missing := ui.Cell{Text: c.T("frameworks.missing.none")}
	if len(v.Missing) > 0 {
		missing = ui.Cell{Text: typeWords(c, v.Missing), Note: c.T("frameworks.missing.of", "n", len(v.Item.Evidence)-len(v.Missing), "of", len(v.Item.Evidence))}
	}
	left := ui.Cell{Text: c.Decimal(v.DaysLeft, 1)}
	if v.Status == control.NotApplicable {
		missing, left = ui.Cell{Text: "–"}, ui.Cell{Text: "–"}
	}
	return ui.Row{Cells: []ui.Cell{name, state, missing, left, {Text: role(c, v.Record.Responsible)}}}
}

// statusNote says what a status rests on, where that is not plain.
func statusNote(c ui.Ctx, v control.ItemView) string {
	var notes []string
	if v.Differs() {
		notes = append(notes, c.T("frameworks.note.differs"))
	}
	if v.SaidOnly() {
		notes = append(notes, c.T("frameworks.note.said"))
	}
	if v.Undecided && v.Stated {
		notes = append(notes, c.T("frameworks.note.undecided"))
	}
	if n := len(v.Lapsed()); n > 0 {
		notes = append(notes, c.T("frameworks.note.lapsed", "n", n))
	}
	return show.List(c, notes)
}

// untested lists the requirements for which no catalogue has a test step
// (requirement 001-03).
func untested(c ui.Ctx, rd reading, g control.GapView) (missing []ui.LinkView, said string) {
	tested, all := tests(rd.lib), 0
	for _, v := range g.Items() {
		all++
		if len(tested[v.Clause]) == 0 {
			missing = append(missing, ui.LinkView{Text: named(c, rd.lib, v), Href: href(c, g.Framework.ID, v.Clause)})
		}
	}
	return missing, c.T("frameworks.tested", "n", all-len(missing), "of", all)
}
