package duties

import (
	"slices"

	"augenmass/internal/prove/conform"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// listView is what the catalogue page shows.
type listView struct {
	Tabs    []ui.LinkView
	Sees    bool
	Ready   bool
	Figures []ui.FigureView
	Table   ui.TableView
	Basis   ui.LinkView // how far the reading saw
	Said    string
	Choose  *ui.FieldView // where there is more than one catalogue
	Title   string        // of the catalogue
	Tested  string        // how many have test steps
	Missing []ui.LinkView // those without
}

// requirementList is the catalogue with the measured status of each requirement.
func (a *area) requirementList(r *page.Request) error {
	c, info := r.C, chosen(r)
	all := library(r).Requirements(info.ID)
	v := listView{Tabs: Tabs(c, "catalogue"), Sees: sees(r), Title: c.In(info.Title), Choose: choice(r, info.ID)}
	for _, q := range all {
		if len(q.Steps) == 0 {
			v.Missing = append(v.Missing, ui.LinkView{Text: q.Ref + " " + c.In(q.Title), Href: c.URL("duties", q.ID)})
		}
	}
	v.Tested = c.T("duties.tested", "n", len(all)-len(v.Missing), "of", len(all))
	var reading Reading
	if v.Sees {
		var err error
		if reading, err = a.measured.Of(r); err != nil {
			return err
		}
		v.Ready = reading.Ready
		v.Figures = figures(c, reading.among(all), len(all))
		v.Said = basis(c, reading)
	}
	v.Table = requirementTable(c, all, reading, v.Sees)
	title := c.T("duties.catalogue")
	if info.ID != catalogue {
		title = v.Title
	}
	return r.Show(ui.PageView{Title: title, Over: c.T("duties.over")}, listBody(c, v))
}

// catalogues are the packs that hold requirements, the product's own first.
func catalogues(r *page.Request) []packs.Info {
	var out []packs.Info
	for _, p := range library(r).Packs() {
		if len(library(r).Requirements(p.ID)) == 0 {
			continue
		}
		if p.ID == catalogue {
			out = slices.Insert(out, 0, p)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// chosen is the catalogue that the address names, else the product's own.
func chosen(r *page.Request) packs.Info {
	all := catalogues(r)
	for _, p := range all {
		if p.ID == r.Query("catalogue") {
			return p
		}
	}
	if len(all) == 0 {
		return packs.Info{ID: catalogue}
	}
	return all[0]
}

// choice offers the catalogues where there are several.
func choice(r *page.Request, open string) *ui.FieldView {
	all := catalogues(r)
	if len(all) < 2 {
		return nil
	}
	v := &ui.FieldView{Name: "catalogue", Label: r.C.T("duties.tab.catalogue"), Value: open}
	for _, p := range all {
		v.Options = append(v.Options, ui.Option{Value: p.ID, Text: r.C.In(p.Title)})
	}
	return v
}

// basis says from what and until when a reading is.
func basis(c ui.Ctx, reading Reading) string {
	if !reading.Ready {
		return c.T("duties.measuring")
	}
	return c.T("duties.basis", "n", reading.Through(), "at", c.DateTime(reading.At()))
}

func figures(c ui.Ctx, reading Reading, of int) []ui.FigureView {
	if !reading.Ready {
		return nil
	}
	measured, met := reading.counts()
	return []ui.FigureView{
		{Label: c.T("duties.figure.measured"), Value: c.T("duties.of", "n", measured, "of", of), Unit: c.T("duties.requirements"), Note: c.T("duties.figure.measured.note", "n", of-measured),
			Meter: &ui.MeterView{Value: float64(measured), Max: float64(of), Label: c.T("duties.figure.measured.label", "n", measured, "of", of)}},
		{Label: c.T("duties.figure.met"), Value: c.T("duties.of", "n", met, "of", measured), Unit: c.T("duties.figure.met.unit"), Note: basis(c, reading),
			Meter: &ui.MeterView{Value: float64(met), Max: float64(max(measured, 1)), Label: c.T("duties.figure.met.label", "n", met, "of", measured)}},
	}
}

func requirementTable(c ui.Ctx, all []packs.Requirement, reading Reading, sees bool) ui.TableView {
	t := ui.TableView{ID: "catalogue", Caption: c.T("duties.catalogue"), Cols: []ui.Col{{Head: c.T("duties.requirement")}, {Head: c.T("duties.steps"), Right: true, Mono: true}}}
	if sees {
		t.Cols = append(t.Cols, ui.Col{Head: c.T("duties.status")}, ui.Col{Head: c.T("duties.checks")}, ui.Col{Head: c.T("duties.since")}, ui.Col{Head: c.T("duties.seen"), Right: true, Mono: true})
	} else {
		t.Cols = append(t.Cols, ui.Col{Head: c.T("duties.proof")})
	}
	for _, q := range all {
		row := ui.Row{Cells: []ui.Cell{{Text: q.Ref + " " + c.In(q.Title), Href: c.URL("duties", q.ID)}, stepCell(c, q)}}
		if sees {
			row.Cells = append(row.Cells, statusCells(c, q, reading)...)
		} else {
			row.Cells = append(row.Cells, ui.Cell{Text: c.In(q.Proof)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// stepCell leads from a requirement to its test steps (requirement 001-03).
func stepCell(c ui.Ctx, q packs.Requirement) ui.Cell {
	if len(q.Steps) == 0 {
		return ui.Cell{Text: c.T("duties.steps.none")}
	}
	return ui.Cell{Text: c.Int(len(q.Steps)), Href: c.URL("duties", q.ID) + "#steps"}
}

// statusCells are status, checks, since when and how many cases were seen.
func statusCells(c ui.Ctx, q packs.Requirement, reading Reading) []ui.Cell {
	mark := Status(c, q, reading)
	got, ok := reading.Of(q.ID)
	if !ok {
		return []ui.Cell{{Mark: &mark}, {Text: "–"}, {Text: "–"}, {Text: "–"}}
	}
	held, looked, seen := 0, 0, 0
	for _, res := range got.Results {
		seen += res.Seen
		if res.Status != conform.Unmeasured {
			looked++
		}
		if res.Status == conform.Met {
			held++
		}
	}
	checks := c.T("duties.checks.none", "n", len(got.Results))
	if looked > 0 {
		checks = c.T("duties.checks.held", "n", held, "of", looked)
	}
	cell := ui.Cell{Text: checks}
	if rest := len(got.Results) - looked; looked > 0 && rest > 0 {
		cell.Note = c.T("duties.checks.rest", "n", rest)
	}
	return []ui.Cell{{Mark: &mark}, cell, {Text: since(c, got.Results)}, {Text: c.Int(seen)}}
}

// since is the day from which the checks of a requirement look.
func since(c ui.Ctx, results []conform.Result) string {
	for _, res := range results {
		if !res.Spec.From.IsZero() {
			return c.Date(res.Spec.From)
		}
	}
	return c.T("duties.since.start")
}

// Status is the measured status of a requirement as a mark: one that names no
// checks is not measured yet, whatever anybody says.
func Status(c ui.Ctx, q packs.Requirement, reading Reading) ui.Mark {
	if len(q.Checks) == 0 {
		return ui.Mark{Kind: ui.None, Word: c.T("duties.unmeasured")}
	}
	got, ok := reading.Of(q.ID)
	if !ok {
		return ui.Mark{Kind: ui.None, Word: c.T("duties.measuring.short")}
	}
	return show.StatusMark(c, got.Status)
}
