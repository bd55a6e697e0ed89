package classes

import (
	"slices"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/classify/record"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// conformityView is what the page of conformity assessments shows.
type conformityView struct {
	Head headView
	Owed ui.TableView
	Done ui.TableView
}

// conformityList shows for each high-risk system by which route its conformity is
// assessed, and that an audit from outside is required only where it is
// (requirement 001-44).
func conformityList(r *page.Request) error {
	if err := must(r, store.Read, conformityKind); err != nil {
		return err
	}
	c := r.C
	done, err := r.Org.Records.Conformities.List(r.Context(), r.Org.DB, store.Query{Sort: "-date", Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	classes, err := r.Org.Classify.Classifications.List(r.Context(), r.Org.DB, store.Query{Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range classes.Items {
		ids = append(ids, o.Doc.System)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	v := conformityView{Head: head(r, "conformity")}
	v.Owed = ui.TableView{ID: "owed", Caption: c.T("classes.conformity.owed"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("kind.conformity.route")}, {Head: c.T("classes.conformity.external")}, {Head: c.T("classes.fines.from")}, {Head: c.T("classes.conformity.why")}},
		Empty: ui.EmptyView{Title: c.T("classes.conformity.none"), Text: c.T("kinds.conformity.none")}}
	for _, o := range high(classes.Items) {
		row, err := owedRow(r, o.Doc, done.Items, systemName(names, o.Doc.System))
		if err != nil {
			return err
		}
		v.Owed.Rows = append(v.Owed.Rows, row)
	}
	slices.SortFunc(v.Owed.Rows, func(a, b ui.Row) int { return strings.Compare(a.Cells[0].Text, b.Cells[0].Text) })
	v.Done = ui.TableView{ID: "done", Caption: c.T("kinds.conformity"), Cols: []ui.Col{{Head: c.T("classes.system")}, {Head: c.T("kind.conformity.route")}, {Head: c.T("kind.conformity.date")}, {Head: c.T("kind.conformity.body")}},
		Empty: ui.EmptyView{Title: c.T("classes.conformity.nothing")}}
	for _, o := range done.Items {
		v.Done.Rows = append(v.Done.Rows, ui.Row{Cells: []ui.Cell{{Text: systemName(names, o.Doc.System), Href: c.URL("duties", "conformity", o.ID)}, {Text: c.T("kind.conformity.route." + string(o.Doc.Route))}, {Text: c.Date(o.Doc.Date)}, {Text: dash(o.Doc.Body)}}})
	}
	pv := ui.PageView{Title: c.T("kinds.conformity"), Over: c.T("classes.over")}
	if may(r, store.Create, conformityKind) {
		pv.Actions = []ui.Action{{Text: c.T("kinds.conformity.new"), Href: c.URL("duties", "conformity", "new"), Kind: "main"}}
	}
	return r.Show(pv, conformityBody(c, v))
}

// owedRow is what is owed for one system.
func owedRow(r *page.Request, d classify.Classification, done []store.Object[record.Conformity], name string) (ui.Row, error) {
	c, standards := r.C, packs.Unknown
	for _, o := range done {
		if o.Doc.System == d.System {
			standards = map[bool]string{true: "yes", false: "no"}[o.Doc.Standards]
		}
	}
	owed, err := r.Org.Records.Route(d, standards, c.Now)
	if err != nil {
		return ui.Row{}, err
	}
	external := ui.Mark{Kind: ui.None, Word: c.T("classes.conformity.external.no")}
	if owed.External {
		external = ui.Mark{Kind: ui.Warn, Word: c.T("classes.conformity.external.yes")}
	}
	var why []string
	for _, s := range owed.Say {
		why = append(why, show.Say(c, s.Say))
	}
	from := "–"
	if !owed.From.IsZero() {
		from = c.Date(owed.From)
	}
	return ui.Row{Cells: []ui.Cell{{Text: name, Href: c.URL("systems", d.System)}, {Text: c.T("classes.route." + string(owed.Route))}, {Mark: &external}, {Text: from}, {Text: strings.Join(why, " ")}}}, nil
}
