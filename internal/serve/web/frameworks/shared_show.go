package frameworks

import (
	"slices"
	"strings"

	"augenmass/internal/govern/control"
	"augenmass/internal/govern/document"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// sharedView is the integrated view of the management standards.
type sharedView struct {
	Figures []ui.FigureView
	Rows    []sharedRow
	Serving ui.TableView // documents that serve several standards
}

// sharedRow is one shared clause.
type sharedRow struct {
	Clause ui.LinkView
	Where  string // its number in each standard
	State  *ui.Mark
	Parts  string // where 42001 assesses the parts of the clause: n of m met
	To     string // the requirement of ISO/IEC 42001
	Papers []ui.LinkView
	Proofs int
}

// harmonised is the group of the packs that holds the structure which ISO 9001,
// ISO 14001, ISO/IEC 27001 and ISO/IEC 42001 share.
const harmonised = "harmonised_structure"

// sharedClauses are the clauses of the shared structure.
func sharedClauses(lib *packs.Library) []packs.Clause {
	var out []packs.Clause
	for _, p := range lib.Packs() {
		for _, cl := range lib.Clauses(p.ID) {
			if cl.Group == harmonised {
				out = append(out, cl)
			}
		}
	}
	return out
}

// sharedShow is the integrated view by shared clause: what the standards ask in
// common, and which existing documents serve several of them (requirement
// 000-04).
func (a *area) sharedShow(r *page.Request) error {
	rd, err := a.read(r, mainFramework)
	if err != nil {
		return err
	}
	var papers []store.Object[document.Document]
	if may(r, store.Read, "document") {
		if papers, err = r.Org.Documents.All(r.Context(), r.Org.DB); err != nil {
			return err
		}
	}
	c := r.C
	v := sharedView{Serving: servingTable(c, papers)}
	g, have := control.GapView{}, false
	if fw, ok := rd.lib.Framework(mainFramework); ok {
		g, have = rd.gap(r, fw), sees(r)
	}
	pages, covered := homesOf(c, rd.lib), 0
	for _, cl := range sharedClauses(rd.lib) {
		row := sharedRow{Clause: ui.LinkView{Text: c.In(cl.Title), Href: c.URL("duties", "clauses", cl.ID)}, Where: c.In(cl.Note)}
		ids := append([]string{cl.ID}, cl.Related...)
		for _, id := range cl.Related {
			item, whole := g.Item(id)
			parts, firstPart := partsOf(g, id)
			if row.To != "" || !whole && parts.Total == 0 {
				continue
			}
			row.Clause.Text = short(c, rd.lib, id) + " " + c.In(cl.Title)
			row.To = pages.link(c, rd.lib, id).Href
			if !whole {
				row.To = pages.link(c, rd.lib, firstPart).Href
			}
			switch {
			case have && whole:
				mark := statusMark(c, item.Status)
				row.State = &mark
			case have:
				row.Parts = c.T("frameworks.shared.parts", "n", parts.Met, "of", parts.Applicable())
			}
		}
		if row.To != "" {
			row.Clause.Href = row.To
		}
		row.Papers, row.Proofs = papersFor(c, papers, ids), proofsFor(rd.said.Covered, ids)
		if len(row.Papers) > 0 {
			covered++
		}
		v.Rows = append(v.Rows, row)
	}
	v.Figures = []ui.FigureView{{Label: c.T("frameworks.shared.with"), Value: c.T("frameworks.of", "n", covered, "of", len(v.Rows)), Unit: c.T("frameworks.shared.clauses"),
		Note: c.T("frameworks.shared.with.note"), Meter: &ui.MeterView{Value: float64(covered), Max: float64(max(len(v.Rows), 1)), Label: c.T("frameworks.shared.with")}}}
	if len(papers) > 0 {
		v.Figures = append(v.Figures, ui.FigureView{Label: c.T("frameworks.shared.several"), Value: c.T("frameworks.of", "n", len(v.Serving.Rows), "of", len(papers)), Unit: c.T("frameworks.shared.documents"), Note: c.T("frameworks.shared.several.note")})
	}
	head := ui.PageView{Title: c.T("frameworks.shared"), Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}}}
	if may(r, store.Create, "document") {
		head.Actions = []ui.Action{{Text: c.T("frameworks.shared.add"), Href: c.URL("duties", "documents", "new"), Kind: "main"}}
	}
	return r.Show(head, sharedBody(c, v))
}

// partsOf counts the requirements below a clause, and names the first of them.
func partsOf(g control.GapView, clause string) (t control.Tally, first string) {
	for _, v := range g.Items() {
		if !strings.HasPrefix(v.Clause, clause+".") {
			continue
		}
		if first == "" {
			first = v.Clause
		}
		t.Total++
		switch v.Status {
		case control.Met:
			t.Met++
		case control.NotApplicable:
			t.NotApplicable++
		}
	}
	return t, first
}

// papersFor are the existing documents that serve one of some clauses.
func papersFor(c ui.Ctx, papers []store.Object[document.Document], ids []string) []ui.LinkView {
	var out []ui.LinkView
	for _, p := range papers {
		if slices.ContainsFunc(p.Doc.Clauses, func(id string) bool { return slices.Contains(ids, id) }) {
			out = append(out, ui.LinkView{Text: p.Doc.Name, Href: c.URL("duties", "documents", p.ID)})
		}
	}
	return out
}

// proofsFor counts the evidence objects that count at one of some clauses.
func proofsFor(covered control.Covered, ids []string) int {
	seen := map[string]bool{}
	for _, id := range ids {
		for _, by := range covered.Of(id).Closings {
			if by.Counts() {
				seen[by.Evidence] = true
			}
		}
	}
	return len(seen)
}

// servingTable lists the documents that belong to more than one management
// system.
func servingTable(c ui.Ctx, papers []store.Object[document.Document]) ui.TableView {
	t := ui.TableView{ID: "serving", Caption: c.T("frameworks.shared.several"), Cols: []ui.Col{{Head: c.T("frameworks.shared.document")}, {Head: c.T("frameworks.shared.schemes")}, {Head: c.T("frameworks.shared.places"), Right: true, Mono: true}},
		Empty: ui.EmptyView{Title: c.T("frameworks.shared.none"), Text: c.T("frameworks.shared.none.text")}}
	for _, p := range papers {
		if len(p.Doc.Schemes) < 2 {
			continue
		}
		words := make([]string, len(p.Doc.Schemes))
		for i, s := range p.Doc.Schemes {
			words[i] = objects.Value(c, "document", "schemes", string(s))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: p.Doc.Name, Href: c.URL("duties", "documents", p.ID), Note: p.Doc.Place}, {Text: show.List(c, words)}, {Text: c.Int(len(p.Doc.Clauses))}}})
	}
	return t
}
