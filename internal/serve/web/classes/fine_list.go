package classes

import (
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// The rules that lower a tier: for small and medium firms, and for firms that
// just grew out of that (AI Act Art. 99(6), (6a)).
const (
	ruleSME = "aia.fine.99_6"
	ruleSMC = "aia.fine.99_6a"
)

// tiers are the tiers of Art. 99 and 101 with the rules that lower each, as the
// texts of the two rules say: the first for all three tiers of Art. 99, the
// second for paragraphs 4 and 5 only.
var tiers = []struct {
	id       string
	sme, smc bool
}{
	{"aia.fine.99_3", true, false},
	{"aia.fine.99_4", true, true},
	{"aia.fine.99_5", true, true},
	{"aia.fine.101", false, false},
}

// fineView is what the page of the upper limits shows.
type fineView struct {
	Head   headView
	Tiers  ui.TableView
	Rules  []packs.Clause
	Duties []tierView
	AsOf   string
}

// tierView is the clauses of one tier.
type tierView struct {
	ID    string
	Title string
	Table ui.TableView
}

// fineList shows the upper limits per breach with the rule for small firms. It
// says amounts as the law does, counts nothing together and threatens nobody
// (requirement 001-16).
func fineList(r *page.Request) error {
	c, lib := r.C, r.Org.Library()
	v := fineView{Head: head(r, "fines"), Tiers: tierTable(c, lib)}
	for _, id := range []string{ruleSME, ruleSMC} {
		if cl, ok := lib.Clause(id); ok {
			v.Rules = append(v.Rules, cl)
		}
	}
	for _, t := range tiers {
		if d := tierDuties(c, lib, t.id); len(d.Table.Rows) > 0 {
			v.Duties = append(v.Duties, d)
		}
	}
	for _, p := range lib.Packs() {
		if p.ID == classify.Law {
			v.AsOf = c.T("classes.fines.asof", "version", p.Version, "day", text.Date(c.Lang, p.AsOf))
		}
	}
	return r.Show(ui.PageView{Title: c.T("classes.fines"), Over: c.T("classes.fines.over")}, fineBody(c, v))
}

func tierTable(c ui.Ctx, lib *packs.Library) ui.TableView {
	t := ui.TableView{ID: "tiers", Caption: c.T("classes.fines"), Cols: []ui.Col{{Head: c.T("classes.fines.breach")}, {Head: c.T("classes.fines.limit")},
		{Head: c.T("classes.fines.sme")}, {Head: c.T("classes.fines.smc")}, {Head: c.T("classes.fines.place")}}}
	for _, tier := range tiers {
		cl, ok := lib.Clause(tier.id)
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, ui.Row{ID: tier.id, Cells: []ui.Cell{{Text: c.In(cl.Title)}, {Text: c.In(cl.Text)}, lowered(c, tier.sme), lowered(c, tier.smc),
			{Text: cl.Short(c.Lang), Href: c.URL("duties", "clauses", cl.ID)}}})
	}
	return t
}

// lowered says whether the lower of the two amounts counts.
func lowered(c ui.Ctx, yes bool) ui.Cell {
	if yes {
		return ui.Cell{Text: c.T("classes.fines.lower")}
	}
	return ui.Cell{Text: c.T("classes.fines.norule")}
}

// tierDuties are the clauses whose breach falls into a tier, as the packs say.
func tierDuties(c ui.Ctx, lib *packs.Library, tier string) tierView {
	short := strings.TrimPrefix(tier, "aia.fine.")
	v := tierView{ID: "duties-" + short, Title: tier}
	if cl, ok := lib.Clause(tier); ok {
		v.Title = c.In(cl.Title)
	}
	v.Table = ui.TableView{ID: "tier-" + short, Caption: v.Title, Cols: []ui.Col{{Head: c.T("classes.fines.place")}, {Head: c.T("classes.fines.about")},
		{Head: c.T("classes.fines.whom")}, {Head: c.T("classes.fines.from")}}}
	for _, cl := range lib.Clauses(classify.Law) {
		if cl.Fine != tier {
			continue
		}
		from := "–"
		if !cl.From.IsZero() {
			from = text.Date(c.Lang, cl.From)
		}
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: cl.Short(c.Lang), Href: c.URL("duties", "clauses", cl.ID)}, {Text: c.In(cl.Title)},
			{Text: dash(show.List(c, show.Words(c, "operator", cl.Duty)))}, {Text: from}}})
	}
	return v
}
