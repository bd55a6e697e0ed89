package profile

import (
	"augenmass/internal/govern/profile"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// overview is what the first page of a profile shows.
type overview struct {
	warnings []string
	needed   ui.TableView
	further  ui.TableView
	expects  []ui.Fact // what staff and management expect
	weighing [2][]string
	sheet    []ui.Fact
	claims   ui.TableView
	estimate string
	kept     []string // practices
	minimal  bool
}

// profileShow lists the steps with their state in words, and what the profile
// says so far.
func profileShow(r *page.Request) error {
	if err := must(r, store.Read); err != nil {
		return err
	}
	v, err := open(r)
	if err != nil {
		return err
	}
	o := overview{minimal: v.subject.Class() == permit.ClassMinimal}
	for _, w := range v.checked.Warnings {
		o.warnings = append(o.warnings, r.C.In(w))
	}
	o.needed, o.further = v.stepTables()
	if p := v.doc.Intent; !p.Hopes.IsZero() || !p.Wants.IsZero() {
		o.expects = []ui.Fact{{Term: r.C.T("profile.f.intent.hopes"), Text: show.Say(r.C, p.Hopes)}, {Term: r.C.T("profile.f.intent.wants"), Text: show.Say(r.C, p.Wants)}}
	}
	o.weighing = [2][]string{v.words(v.doc.Weighing.Chances), v.words(v.doc.Weighing.Dangers)}
	for _, x := range []struct {
		name string
		all  []text.Bi
	}{{"can", v.doc.Sheet.Can}, {"cannot", v.doc.Sheet.Cannot}, {"errors", v.doc.Sheet.Errors}} {
		for i, line := range v.words(x.all) {
			f := ui.Fact{Text: line}
			if i == 0 {
				f.Term = r.C.T("profile.f.sheet." + x.name)
			}
			o.sheet = append(o.sheet, f)
		}
	}
	o.sheet = grouped(o.sheet)
	o.claims = v.claimTable()
	if v.doc.Estimate.Complete() {
		o.estimate = v.estimated()
	}
	for _, x := range v.doc.Practices {
		if c, ok := profile.Find(v.lists.Practices, x.Practice); ok {
			o.kept = append(o.kept, r.C.In(c.Title))
		}
	}
	return r.Show(ui.PageView{Title: r.C.T("profile.title"), Crumbs: v.crumbs()}, overviewBody(v, o))
}

// grouped joins lines under the term before them.
func grouped(all []ui.Fact) []ui.Fact {
	var out []ui.Fact
	for _, f := range all {
		if f.Term == "" && len(out) > 0 {
			out[len(out)-1].Text += "; " + f.Text
			continue
		}
		out = append(out, f)
	}
	return out
}

func (v *view) words(all []text.Bi) []string {
	out := make([]string, len(all))
	for i, b := range all {
		out[i] = show.Say(v.c, b)
	}
	return out
}

// stepTables are the steps that a permit needs, and those that nobody must take.
func (v *view) stepTables() (needed, further ui.TableView) {
	c := v.c
	cols := []ui.Col{{Head: c.T("profile.step")}, {Head: c.T("profile.state")}}
	needed = ui.TableView{ID: "needed", Caption: c.T("profile.needed"), Cols: cols, Empty: ui.EmptyView{Title: c.T("profile.needed.none"), Text: c.T("profile.needed.none.text")}}
	further = ui.TableView{ID: "further", Caption: c.T("profile.further"), Cols: cols}
	for _, s := range steps {
		mark := v.mark(s)
		row := ui.Row{ID: "step-" + s.name, Cells: []ui.Cell{{Text: c.T("profile.step." + s.name), Href: v.url(s.name), Note: c.T("profile.step." + s.name + ".note")}, {Mark: &mark}}}
		if v.demanded(s) {
			needed.Rows = append(needed.Rows, row)
		} else {
			further.Rows = append(further.Rows, row)
		}
	}
	return needed, further
}

// demanded reports whether a permit of this system asks for a step.
func (v *view) demanded(s step) bool {
	for _, d := range v.checked.Demands {
		if d.Code == s.demand {
			return true
		}
	}
	return false
}

// claimTable sets forecasts, marked as such, beside what was measured.
func (v *view) claimTable() ui.TableView {
	c := v.c
	t := ui.TableView{ID: "claims", Caption: c.T("profile.claims"), Cols: []ui.Col{{Head: c.T("profile.claims.what")}, {Head: c.T("profile.claims.forecast"), Right: true}, {Head: c.T("profile.claims.actual"), Right: true}}}
	for _, k := range v.doc.Claims {
		forecast := ui.Cell{Text: text.Float(c.Lang, k.Forecast) + " " + k.Unit, Note: c.T("profile.claims.said", "who", k.Source, "date", c.Date(k.On))}
		actual := ui.Cell{Text: "–", Note: c.T("profile.claims.open")}
		if k.Actual != nil {
			actual = ui.Cell{Text: text.Float(c.Lang, *k.Actual) + " " + k.Unit, Note: c.T("profile.claims.measured", "date", c.Date(k.Measured))}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: show.Say(c, k.What), Note: c.T("profile.claims.mark")}, forecast, actual}})
	}
	return t
}
