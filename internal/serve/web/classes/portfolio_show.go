package classes

import (
	"strconv"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// quarters is how many quarters the chart shows at most.
const quarters = 8

// portfolioView is what the page of the own distribution shows.
type portfolioView struct {
	Head     headView
	Chart    chartView
	Table    ui.TableView
	Upgrades ui.TableView
	Stale    ui.TableView
	Study    *studyView
}

// studyView is a figure from outside with its source and the day it was checked.
type studyView struct{ Title, Text, Source, Checked string }

// chartView is columns of a chart, one a quarter.
type chartView struct {
	Label   string
	Columns []columnView
}

type columnView struct {
	X     string
	Name  string
	Parts []partView
}

// partView is one class of a column: a box, and how many it holds.
type partView struct{ Y, Height, Middle, Opacity, Count string }

// portfolioShow is the own distribution of risk classes over time, the upgrades
// that only a person's word explains, and the classifications that have to be
// looked at again (requirements 001-14, 001-15).
func portfolioShow(r *page.Request) error {
	if err := must(r, store.Read, "classification"); err != nil {
		return err
	}
	c := r.C
	p, err := r.Org.Records.Portfolio(r.Context(), r.Org.DB, c.Now, quarters)
	if err != nil {
		return err
	}
	systems, err := r.Org.Inventory.Systems.All(r.Context(), r.Org.DB, store.Query{})
	if err != nil {
		return err
	}
	stale, err := r.Org.Records.StaleOf(r.Context(), r.Org.DB, systems)
	if err != nil {
		return err
	}
	var people []string
	for _, u := range p.Upgrades {
		people = append(people, u.By)
	}
	names, err := show.Names(r.Context(), r.Org.DB, people...)
	if err != nil {
		return err
	}
	for _, s := range systems {
		names[s.ID] = s.Doc.Name
	}
	v := portfolioView{Head: head(r, "portfolio"), Chart: chart(c, p.Quarters), Table: quarterTable(c, p.Quarters),
		Upgrades: upgradeTable(c, p.Upgrades, names), Stale: staleTable(c, stale), Study: study(r)}
	return r.Show(ui.PageView{Title: c.T("classes.portfolio"), Over: c.T("classes.over")}, portfolioBody(c, v))
}

// drawn are the classes in the order of the chart, from the bottom.
var drawn = []struct{ class, opacity string }{{"minimal", "0.2"}, {"limited", "0.4"}, {"unclear", "0.6"}, {"high", "0.8"}, {"prohibited", "1"}}

// chart draws each quarter as a column; one system is as high everywhere.
func chart(c ui.Ctx, all []record.Quarter) chartView {
	const width, height, gap, floor = 60, 160, 12, 180
	v := chartView{Label: c.T("classes.portfolio.label")}
	most := 1
	for _, q := range all {
		most = max(most, q.Of)
	}
	for i, q := range all {
		col := columnView{X: strconv.Itoa(10 + i*(width+gap)), Name: q.Name()}
		y := float64(floor)
		for _, d := range drawn {
			n := q.Counts[d.class]
			if n == 0 {
				continue
			}
			h := float64(height) * float64(n) / float64(most)
			y -= h
			col.Parts = append(col.Parts, partView{Y: point(y), Height: point(h - 2), Middle: point(y + h/2 + 4), Opacity: d.opacity, Count: c.Int(n)})
		}
		v.Columns = append(v.Columns, col)
	}
	return v
}

func point(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func quarterTable(c ui.Ctx, all []record.Quarter) ui.TableView {
	t := ui.TableView{ID: "quarters", Caption: c.T("classes.portfolio"), Cols: []ui.Col{{Head: c.T("classes.quarter")}}, Empty: ui.EmptyView{Title: c.T("classes.systems.none")}}
	for _, d := range drawn {
		t.Cols = append(t.Cols, ui.Col{Head: show.Word(c, "class", d.class), Right: true})
	}
	t.Cols = append(t.Cols, ui.Col{Head: c.T("classes.all"), Right: true})
	for _, q := range all {
		row := ui.Row{Cells: []ui.Cell{{Text: q.Name()}}}
		for _, d := range drawn {
			row.Cells = append(row.Cells, ui.Cell{Text: c.Int(q.Counts[d.class])})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(row.Cells, ui.Cell{Text: c.Int(q.Of)})})
	}
	return t
}

// upgradeTable lists the upgrades that the rules do not explain.
func upgradeTable(c ui.Ctx, all []record.Upgrade, names show.People) ui.TableView {
	t := ui.TableView{ID: "upgrades", Caption: c.T("classes.upgrades"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("classes.upgrade")}, {Head: c.T("classes.upgrade.when")}, {Head: c.T("classes.upgrade.why")}},
		Empty: ui.EmptyView{Title: c.T("classes.upgrades.none")}}
	for _, u := range all {
		if u.Explained {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: systemName(names, u.System), Href: c.URL("systems", u.System)},
			{Text: c.T("classes.upgrade.from", "from", show.Word(c, "class", u.From), "to", show.Word(c, "class", u.To)), Note: c.T("classes.upgrade.rules", "rules", show.Word(c, "class", u.ByRules))},
			{Text: c.Date(u.At), Note: names.Name(c, u.By)}, {Text: dash(u.Reason)}}})
	}
	return t
}

// staleTable lists the classifications on which something moved.
func staleTable(c ui.Ctx, all []record.Stale) ui.TableView {
	t := ui.TableView{ID: "stale", Caption: c.T("classes.stale"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("kind.class_row.class")}, {Head: c.T("classes.since")}, {Head: c.T("classes.stale.what")}},
		Empty: ui.EmptyView{Title: c.T("classes.stale.none")}}
	for _, s := range all {
		var what []string
		for _, tr := range s.Triggers {
			what = append(what, c.In(record.Word(tr)))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: s.System.Doc.Name, Href: c.URL("systems", s.System.ID, "classify")}, classCell(c, s.Class.Class), {Text: c.Date(s.Class.AsOf)}, {Text: strings.Join(what, ", ")}}})
	}
	return t
}

// studyID is the clause that holds what the study on unclear classes found.
const studyID = "study.appliedai_2023"

// study is the figure that is often read wrongly, as the packs hold it: with its
// source and the day on which somebody checked it (requirement 001-15).
func study(r *page.Request) *studyView {
	c, lib := r.C, r.Org.Library()
	cl, ok := lib.Clause(studyID)
	if !ok {
		return nil
	}
	v := &studyView{Title: c.In(cl.Title), Text: c.In(cl.Text), Source: cl.Short(c.Lang)}
	for _, ref := range lib.References() {
		for _, id := range ref.Clauses {
			if id == studyID {
				v.Source, v.Checked = ref.Publisher+", "+c.In(ref.Title), c.Date(ref.Checked)
			}
		}
	}
	return v
}

// mayDeclare reports whether the reader signs declarations.
func mayDeclare(r *page.Request) bool {
	return roles.Allowed(r.Who.Roles, store.Create, declarationKind)
}

// high are the systems that are high-risk as they are classified.
func high(all []store.Object[classify.Classification]) []store.Object[classify.Classification] {
	var out []store.Object[classify.Classification]
	for _, o := range all {
		if o.Doc.Concluded() && o.Doc.Class == "high" {
			out = append(out, o)
		}
	}
	return out
}
