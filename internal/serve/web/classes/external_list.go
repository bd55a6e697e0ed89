package classes

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// externalView is what the list of external results shows.
type externalView struct {
	Head   headView
	Table  ui.TableView
	Differ *ui.NoticeView
	Export ui.LinkView
}

// externalList holds every external result against the own classification of its
// system, newest first (requirement 001-17).
func externalList(r *page.Request) error {
	if err := must(r, store.Read, externalKind); err != nil {
		return err
	}
	ctx, c := r.Context(), r.C
	got, err := r.Org.Classify.Externals.List(ctx, r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	ids := make([]string, len(got.Items))
	for i, o := range got.Items {
		ids[i] = o.Doc.System
	}
	own, err := classified(r, ids)
	if err != nil {
		return err
	}
	names, err := show.Names(ctx, r.Org.DB, ids...)
	if err != nil {
		return err
	}
	slices.SortStableFunc(got.Items, func(a, b store.Object[classify.ExternalResult]) int { return b.Doc.Date.Compare(a.Doc.Date) })
	v := externalView{Head: head(r, "external")}
	v.Table, v.Differ = externalTable(c, got.Items, own, names)
	pv := ui.PageView{Title: c.T("kinds.external_result"), Over: c.T("classes.over")}
	if may(r, store.Create, externalKind) {
		add := ui.Action{Text: c.T("kinds.external_result.new"), Href: c.URL("duties", "external", "new")}
		v.Table.Empty.Action = &add
		if len(got.Items) > 0 {
			add.Kind = "main"
			pv.Actions = []ui.Action{add}
		}
	}
	if len(got.Items) > 0 {
		v.Export = ui.LinkView{Text: c.T("objects.export"), Href: c.URL("duties", "external.csv")}
	}
	return r.Show(pv, externalBody(c, v))
}

// classified is the own classification by system, in one query.
func classified(r *page.Request, systems []string) (map[string]classify.Classification, error) {
	out := map[string]classify.Classification{}
	slices.Sort(systems)
	systems = slices.Compact(systems)
	if len(systems) == 0 {
		return out, nil
	}
	values := make([]any, len(systems))
	for i, id := range systems {
		values[i] = id
	}
	got, err := r.Org.Classify.Classifications.List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("system", "in", values...)}, Limit: store.MaxLimit, Uncounted: true})
	if problem.Is(err, problem.Denied) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, o := range got.Items {
		out[o.Doc.System] = o.Doc
	}
	return out, nil
}

func externalTable(c ui.Ctx, all []store.Object[classify.ExternalResult], own map[string]classify.Classification, names show.People) (ui.TableView, *ui.NoticeView) {
	t := ui.TableView{ID: "external", Caption: c.T("kinds.external_result"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("kind.external_result.source")},
		{Head: c.T("kind.external_result.date")}, {Head: c.T("classes.theirs")}, {Head: c.T("classes.ours")}, {Head: c.T("classes.comparison")}},
		Empty: ui.EmptyView{Title: c.T("classes.external.none"), Text: c.T("classes.external.none.text")}}
	differ := 0
	for _, o := range all {
		d, cmp := o.Doc, classify.Compare(own[o.Doc.System], o.Doc)
		if cmp.Comparison == classify.Stricter || cmp.Comparison == classify.Milder {
			differ++
		}
		mark := comparisonMark(c, cmp)
		last := ui.Cell{Mark: &mark}
		if cmp.Older {
			last.Note = c.T("classes.older")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: systemName(names, d.System), Href: c.URL("duties", "external", o.ID), Note: d.Name},
			{Text: objects.Value(c, externalKind, "source", string(d.Source))}, {Text: c.Date(d.Date)}, classCell(c, string(d.Class)), classCell(c, cmp.Own), last}})
	}
	if differ == 0 {
		return t, nil
	}
	return t, &ui.NoticeView{Kind: ui.Warn, Text: c.T("classes.differ", "n", differ, "of", len(all))}
}

// comparisonMark says how two results stand to each other.
func comparisonMark(c ui.Ctx, cmp classify.Compared) ui.Mark {
	kind := ui.None
	switch cmp.Comparison {
	case classify.Agrees:
		kind = ui.OK
	case classify.Stricter, classify.Milder:
		kind = ui.Warn
	}
	return ui.Mark{Kind: kind, Word: c.T("classes.is." + string(cmp.Comparison))}
}

// compareView is what the page of one external result shows beside its fields.
type compareView struct {
	Mark     ui.Mark
	Say      string
	Facts    []ui.Fact
	Classify ui.LinkView
	File     ui.LinkView
	Hash     string
	Upload   *ui.Form
}

// externalShow compares one external result with the own classification and
// keeps its file.
func externalShow(r *page.Request, rec store.Record) (templ.Component, error) {
	var d classify.ExternalResult
	if err := json.Unmarshal(rec.Doc, &d); err != nil {
		return nil, fmt.Errorf("read external result %s: %w", rec.ID, err)
	}
	own, err := classified(r, []string{d.System})
	if err != nil {
		return nil, err
	}
	c, cmp := r.C, classify.Compare(own[d.System], d)
	ours, theirs := show.ClassMark(c, cmp.Own), show.ClassMark(c, cmp.External)
	v := compareView{Mark: comparisonMark(c, cmp), Say: c.T("classes.say." + string(cmp.Comparison)), Hash: d.Hash,
		Facts: []ui.Fact{{Term: c.T("classes.theirs"), Mark: &theirs, Note: c.Date(d.Date)}, {Term: c.T("classes.ours"), Mark: &ours}}}
	if !cmp.OwnSince.IsZero() {
		v.Facts[1].Note = c.Date(cmp.OwnSince)
	}
	if cmp.Older {
		v.Say += " " + c.T("classes.older.say")
	}
	if may(r, store.Update, "classification") {
		v.Classify = ui.LinkView{Text: c.T("classes.classify"), Href: c.URL("systems", d.System, "classify")}
	}
	if d.Blob != "" {
		v.File = ui.LinkView{Text: d.File, Href: c.URL("duties", "external", rec.ID, "file")}
	}
	if may(r, store.Update, externalKind) {
		v.Upload = uploadForm(c, rec.ID, rec.Revision, nil)
	}
	return compareBody(c, v), nil
}
