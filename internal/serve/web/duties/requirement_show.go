package duties

import (
	"slices"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/prove/conform"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// requirementView is what the page of one requirement shows.
type requirementView struct {
	Req        packs.Requirement
	Sees       bool
	Status     ui.Mark
	Basis      string
	Checks     []CheckView
	Always     ui.TableView // clauses
	IfHigh     ui.TableView
	Thresholds ui.TableView
	Look       []ui.LinkView // pages of the product that show the matter
	Said       []ui.LinkView // where the organisation says how far it is met
	Author     string        // references in the words of an imported catalogue
}

// CheckView is one check with what it found.
type CheckView struct {
	Name   string
	Say    string
	Mark   ui.Mark
	Meter  *ui.MeterView
	Facts  []ui.Fact
	Failed []ui.LinkView // entries that did not hold
	Sample []ui.LinkView // entries that did
}

// samplesShown is how many entries of evidence a check shows.
const samplesShown = 8

// requirementShow is one requirement: text, status, evidence, clauses.
func (a *area) requirementShow(r *page.Request) error {
	c := r.C
	lib := library(r)
	q, ok := requirement(lib, r.Param("id"))
	if !ok {
		return problem.New(problem.NotFound, "Diese Anforderung steht in keinem Katalog.", "No catalogue has this requirement.")
	}
	v := requirementView{Req: q, Sees: sees(r), Always: clauseTable(c, lib, q.Refs, "duties.clauses"),
		IfHigh: clauseTable(c, lib, q.RefsIfHigh, "duties.clauses.high"), Look: looks(r, q.ID), Said: records(r, q.ID), Author: q.Said}
	v.Thresholds = ui.TableView{Caption: c.T("duties.thresholds"), Cols: []ui.Col{{Head: c.T("duties.threshold")}, {Head: c.T("duties.threshold.value"), Right: true, Mono: true}, {Head: c.T("duties.threshold.means")}}}
	for _, t := range q.Thresholds {
		v.Thresholds.Rows = append(v.Thresholds.Rows, ui.Row{Cells: []ui.Cell{{Text: c.T("duties.threshold." + t.Name)}, {Text: c.Decimal(t.Default, 2)}, {Text: c.In(t.Say)}}})
	}
	if v.Sees {
		reading, err := a.measured.Of(r)
		if err != nil {
			return err
		}
		v.Status, v.Basis = Status(c, q, reading), basis(c, reading)
		v.Checks = Checks(r, q, reading)
	}
	return r.Show(ui.PageView{Title: q.Ref + " " + c.In(q.Title), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}, requirementBody(c, v))
}

// requirement finds a requirement in any catalogue.
func requirement(lib *packs.Library, id string) (packs.Requirement, bool) {
	cl, ok := lib.Clause(id)
	if !ok {
		return packs.Requirement{}, false
	}
	all := lib.Requirements(cl.Pack)
	at := slices.IndexFunc(all, func(q packs.Requirement) bool { return q.ID == id })
	if at < 0 {
		return packs.Requirement{}, false
	}
	return all[at], true
}

// records are the pages on which the organisation says how far it meets the
// requirement, for who may read that.
func records(r *page.Request, id string) []ui.LinkView {
	if !roles.Allowed(r.Who.Roles, store.Read, "control") {
		return nil
	}
	var out []ui.LinkView
	for _, fw := range library(r).Frameworks() {
		if _, _, ok := fw.Item(id); ok {
			out = append(out, ui.LinkView{Text: r.C.In(fw.Title), Href: r.C.URL("duties", "frameworks", fw.ID, id)})
		}
	}
	return out
}

// Checks shows the checks of a requirement with what a reading found.
func Checks(r *page.Request, q packs.Requirement, reading Reading) []CheckView {
	c := r.C
	got, ok := reading.Of(q.ID)
	if !ok || len(got.Results) != len(q.Checks) {
		return nil
	}
	var out []CheckView
	for i, spec := range q.Checks {
		out = append(out, checkView(c, spec, got.Results[i], roles.Allowed(r.Who.Roles, store.Read, "journal")))
	}
	return out
}

func checkView(c ui.Ctx, spec packs.CheckSpec, res conform.Result, linked bool) CheckView {
	v := CheckView{Name: spec.Name, Say: c.In(spec.Say), Mark: show.StatusMark(c, res.Status)}
	result := ui.Fact{Term: c.T("duties.check.result"), Text: c.T("duties.check.nothing")}
	if res.Seen > 0 {
		result.Text = c.T("duties.check.passed", "passed", res.Passed, "n", res.Seen)
		result.Note = c.Percent(floor(res.Share), 1)
		v.Meter = &ui.MeterView{Value: float64(res.Passed), Max: float64(res.Seen), Label: result.Text, Kind: v.Mark.Kind}
	}
	v.Facts = []ui.Fact{result, {Term: c.T("duties.check.limit"), Text: limits(c, spec)}, {Term: c.T("duties.since"), Text: since(c, []conform.Result{res}), Note: window(c, spec.Window)},
		{Term: c.T("duties.check.through"), Text: c.DateTime(res.Spec.To), Note: c.T("duties.check.entries", "n", res.Through)}}
	v.Failed, v.Sample = entries(c, res.Failed, len(res.Failed), linked), entries(c, res.Sample, samplesShown, linked)
	return v
}

// floor keeps a share that is not whole from being written as 100 %.
func floor(share float64) float64 {
	if share < 1 && share > 0.999 {
		return 0.999
	}
	return share
}

// limits says what a check must yield.
func limits(c ui.Ctx, spec packs.CheckSpec) string {
	least := c.T("duties.limit.least", "share", c.Percent(spec.Min, 0))
	if spec.Min >= 1 {
		least = c.T("duties.limit.all")
	}
	if spec.Max > 0 {
		return c.T("duties.limit.between", "least", least, "most", c.Percent(spec.Max, 0))
	}
	return least
}

func window(c ui.Ctx, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return c.T("duties.window", "n", int(d/(24*time.Hour)))
}

// entries link to journal entries; who may not read the journal sees their
// numbers.
func entries(c ui.Ctx, indexes []uint64, most int, linked bool) []ui.LinkView {
	var out []ui.LinkView
	for _, i := range indexes[:min(most, len(indexes))] {
		l := ui.LinkView{Text: show.Index(c, i)}
		if linked {
			l.Href = show.EntryHref(c, i)
		}
		out = append(out, l)
	}
	return out
}

// clauseTable lists clauses with title and validity.
func clauseTable(c ui.Ctx, lib *packs.Library, ids []string, caption string) ui.TableView {
	t := ui.TableView{Caption: c.T(caption), Cols: []ui.Col{{Head: c.T("duties.clause")}, {Head: c.T("duties.clause.title")}, {Head: c.T("duties.clause.force")}}}
	for i, ref := range show.Clauses(c, lib, ids) {
		cl, ok := lib.Clause(ids[i])
		force := ui.Cell{Text: "–"}
		if ok {
			m := forceMark(c, cl)
			force = ui.Cell{Mark: &m}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: ref.Ref, Href: ref.Href}, {Text: ref.Title}, force}})
	}
	return t
}

// looks names the pages of the product that show the matter of a requirement, as
// far as the reader may open them.
func looks(r *page.Request, id string) []ui.LinkView {
	c := r.C
	var out []ui.LinkView
	add := func(kind, key string, parts ...string) {
		if kind == "" || roles.Allowed(r.Who.Roles, store.Read, kind) {
			out = append(out, ui.LinkView{Text: c.T("duties.look." + key), Href: c.URL(parts...)})
		}
	}
	switch id {
	case "zta.01":
		add("journal", "decisions", "proof", "journal?type=augenmass.inference.decided")
		add("journal", "permits", "proof", "journal?type=augenmass.permit.suspended")
	case "zta.02":
		add("", "roles", "people", "roles")
		add("device", "access", "people", "access")
	case "zta.04":
		add("journal", "journal", "proof", "journal")
		add("casefile", "cases", "proof", "cases")
	case "zta.05":
		add("case", "reviews", "operation", "cases?scope=all")
		add("journal", "verdicts", "proof", "journal?type=augenmass.case.decided")
	case "zta.10":
		add("token", "tokens", "people", "access")
	case "zta.11":
		add("device", "devices", "people", "access")
	}
	return out
}
