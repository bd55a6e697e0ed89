package classes

import (
	"slices"
	"strings"

	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// referenceView is what the register of references shows.
type referenceView struct {
	Head   headView
	Warn   *ui.NoticeView
	Task   *ui.Action // puts the review on the list of tasks
	Filter ui.FilterView
	Table  ui.TableView
}

// referenceList is the register of references with the day on which somebody
// last looked; what is gone, replaced or not looked at for more than a year
// stands first (requirement 001-74). Days of the packs are days, wherever the
// reader is.
func referenceList(r *page.Request) error {
	c, lib := r.C, r.Org.Library()
	all := lib.References()
	var due []string
	for _, ref := range all {
		if ref.Review(c.Now) != "" {
			due = append(due, c.In(ref.Title))
		}
	}
	v := referenceView{Head: head(r, "references"), Filter: referenceFilter(r, all)}
	if len(due) > 0 {
		v.Warn = &ui.NoticeView{Kind: ui.Warn, Text: c.T("classes.references.due", "n", len(due), "of", len(all)),
			Link: ui.LinkView{Text: c.T("classes.references.show"), Href: c.URL("duties", "references") + "?state=due"}}
		if may(r, store.Create, "task") {
			v.Task = &ui.Action{Text: c.T("classes.references.task"), Href: c.URL("duties", "law", "tasks"), Post: true,
				Hidden: map[string]string{"name": c.T("classes.references.task.name"), "phase": "check", "say": strings.Join(due, "; ")}}
		}
	}
	shown := chosen(r, all)
	slices.SortStableFunc(shown, func(a, b packs.Reference) int { return rank(b.Review(c.Now)) - rank(a.Review(c.Now)) })
	v.Table = referenceTable(c, lib, shown)
	return r.Show(ui.PageView{Title: c.T("classes.references"), Over: c.T("classes.references.over")}, referenceBody(c, v))
}

// rank puts what has to be looked at before the rest.
func rank(review string) int {
	if review == "" {
		return 0
	}
	return 1
}

func referenceFilter(r *page.Request, all []packs.Reference) ui.FilterView {
	c := r.C
	var kinds []ui.Option
	for _, ref := range all {
		if !slices.ContainsFunc(kinds, func(o ui.Option) bool { return o.Value == ref.Kind }) {
			kinds = append(kinds, ui.Option{Value: ref.Kind, Text: c.T("classes.kind." + ref.Kind)})
		}
	}
	return ui.FilterView{Label: c.T("classes.references.search"), Action: c.URL("duties", "references"), Query: r.Query("q"), Selects: []ui.FieldView{
		{Name: "kind", Label: c.T("classes.references.kind"), Value: r.Query("kind"), Options: kinds},
		{Name: "state", Label: c.T("classes.references.state"), Value: r.Query("state"), Options: []ui.Option{{Value: "due", Text: c.T("classes.references.look")}}}}}
}

// chosen are the references that fit the search and the choice.
func chosen(r *page.Request, all []packs.Reference) []packs.Reference {
	c := r.C
	var out []packs.Reference
	for _, ref := range all {
		if k := r.Query("kind"); k != "" && ref.Kind != k || r.Query("state") == "due" && ref.Review(c.Now) == "" {
			continue
		}
		if fits(r.Query("q"), c.In(ref.Title), ref.Publisher, ref.URL) {
			out = append(out, ref)
		}
	}
	return out
}

// fits reports whether every word of a search occurs in one of the texts.
func fits(q string, texts ...string) bool {
	body := strings.ToLower(strings.Join(texts, " "))
	for _, w := range strings.Fields(strings.ToLower(q)) {
		if !strings.Contains(body, w) {
			return false
		}
	}
	return true
}

func referenceTable(c ui.Ctx, lib *packs.Library, all []packs.Reference) ui.TableView {
	t := ui.TableView{ID: "references", Caption: c.T("classes.references"), Cols: []ui.Col{{Head: c.T("classes.references.title")}, {Head: c.T("classes.references.kind")},
		{Head: c.T("classes.references.checked")}, {Head: c.T("classes.references.state")}, {Head: c.T("classes.references.clauses")}},
		Empty: ui.EmptyView{Title: c.T("classes.references.none")}}
	for _, ref := range all {
		mark := referenceMark(c, ref)
		clause := ui.Cell{Text: "–"}
		if len(ref.Clauses) > 0 {
			if cl, ok := lib.Clause(ref.Clauses[0]); ok {
				clause = ui.Cell{Text: cl.Short(c.Lang), Href: c.URL("duties", "clauses", cl.ID)}
			}
			if n := len(ref.Clauses) - 1; n > 0 {
				clause.Note = c.T("classes.references.more", "n", n)
			}
		}
		t.Rows = append(t.Rows, ui.Row{ID: ref.ID, Cells: []ui.Cell{{Text: c.In(ref.Title), Href: ref.URL, Note: ref.Publisher}, {Text: c.T("classes.kind." + ref.Kind)},
			{Text: text.Date(c.Lang, ref.Checked)}, {Mark: &mark}, clause}})
	}
	return t
}

// referenceMark says whether a reference has to be looked at again and why, or
// what is uncertain about it.
func referenceMark(c ui.Ctx, ref packs.Reference) ui.Mark {
	if why := ref.Review(c.Now); why != "" {
		return ui.Mark{Kind: ui.Warn, Word: c.T("classes.review." + why)}
	}
	if key := "classes.doubt." + ref.Status; ref.Status != "" && c.Has(key) {
		return ui.Mark{Kind: ui.None, Word: c.T(key)}
	}
	return ui.Mark{Kind: ui.OK, Word: c.T("classes.review.no")}
}
