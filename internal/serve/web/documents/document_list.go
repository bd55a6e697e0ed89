package documents

import (
	"slices"
	"strings"

	"augenmass/internal/govern/document"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/duties"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// listView is what the list of documents shows.
type listView struct {
	Area, Tabs []ui.LinkView
	Filter     ui.FilterView
	Said       string
	Table      ui.TableView
}

// documentList is what the organisation has already, and whether it matters for
// AI (requirement 000-26).
func documentList(r *page.Request) error {
	if err := mustAccess(r, store.Read, "document"); err != nil {
		return err
	}
	c := r.C
	all, err := r.Org.Documents.All(r.Context(), r.Org.DB)
	if err != nil {
		return err
	}
	v := listView{Area: duties.Tabs(c, "documents"), Tabs: tabs(c, "documents"), Filter: filter(r)}
	looked, yes := 0, 0
	for _, o := range all {
		if o.Doc.Relevant != document.Undecided {
			looked++
		}
		if o.Doc.Relevant == document.Yes {
			yes++
		}
	}
	v.Said = c.T("documents.said", "n", looked, "of", len(all), "yes", yes)
	v.Table = table(c, sift(r, all))
	write := may(r, store.Create, "document")
	head := ui.PageView{Title: c.T("documents.title"), Over: c.T("documents.over")}
	if write {
		head.Actions = []ui.Action{{Text: c.T("documents.new"), Href: c.URL("duties", "documents", "new"), Kind: "main"}, {Text: c.T("documents.import"), Href: c.URL("duties", "documents", "import")}}
	}
	if len(all) == 0 {
		v.Table.Empty = ui.EmptyView{Title: c.T("documents.none"), Text: c.T("documents.none.text")}
		if write {
			v.Table.Empty.Action = &ui.Action{Text: c.T("documents.import"), Href: c.URL("duties", "documents", "import")}
		}
	}
	return r.Show(head, listBody(c, v))
}

func filter(r *page.Request) ui.FilterView {
	c := r.C
	return ui.FilterView{Label: c.T("documents.search"), Action: c.URL("duties", "documents"), Query: r.Query("q"), Selects: []ui.FieldView{
		{Name: "relevant", Label: c.T("documents.form.relevant"), Value: r.Query("relevant"), Options: choices(c, "relevant", document.Relevance("").Values())},
		{Name: "scheme", Label: c.T("documents.form.schemes"), Value: r.Query("scheme"), Options: choices(c, "scheme", document.Scheme("").Values())},
	}}
}

// sift keeps what the address lets through.
func sift(r *page.Request, all []store.Object[document.Document]) []store.Object[document.Document] {
	words := strings.Fields(strings.ToLower(r.Query("q")))
	relevant, scheme := r.Query("relevant"), r.Query("scheme")
	return slices.DeleteFunc(all, func(o store.Object[document.Document]) bool {
		d := o.Doc
		if relevant != "" && string(d.Relevant) != relevant || scheme != "" && !slices.Contains(d.Schemes, document.Scheme(scheme)) {
			return true
		}
		body := strings.ToLower(strings.Join([]string{d.Name, d.Place, d.Reason}, " "))
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(body, w) })
	})
}

func table(c ui.Ctx, all []store.Object[document.Document]) ui.TableView {
	t := ui.TableView{ID: "documents", Caption: c.T("documents.title"), Cols: []ui.Col{{Head: c.T("documents.document")}, {Head: c.T("documents.form.sort")}, {Head: c.T("documents.form.relevant")}, {Head: c.T("documents.form.schemes")}, {Head: c.T("documents.form.place")}},
		Empty: ui.EmptyView{Title: c.T("documents.nofit")}}
	for _, o := range all {
		d, mark := o.Doc, relevantMark(c, o.Doc.Relevant)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: d.Name, Href: c.URL("duties", "documents", o.ID), Note: d.Version}, {Text: c.T("documents.sort." + string(d.Sort))},
			{Mark: &mark, Note: d.Reason}, {Text: schemes(c, d.Schemes)}, place(d)}})
	}
	return t
}

func relevantMark(c ui.Ctx, v document.Relevance) ui.Mark {
	kind := map[document.Relevance]ui.Kind{document.Yes: ui.OK, document.No: ui.None, document.Undecided: ui.Warn}[v]
	return ui.Mark{Kind: kind, Word: c.T("documents.relevant." + string(v))}
}

func schemes(c ui.Ctx, all []document.Scheme) string {
	if len(all) == 0 {
		return "–"
	}
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = c.T("documents.scheme." + string(s))
	}
	return strings.Join(words, ", ")
}

// place is where a document lies; only a web address is a link.
func place(d document.Document) ui.Cell {
	if d.Web() {
		return ui.Cell{Text: d.Place, Href: d.Place}
	}
	return ui.Cell{Text: d.Place}
}

// documentShow is one document with what it serves, and the form that marks it.
func documentShow(r *page.Request) error {
	if err := mustAccess(r, store.Read, "document"); err != nil {
		return err
	}
	o, err := r.Org.Documents.Documents.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return showDocument(r, o, nil, nil)
}

func dayText(c ui.Ctx, d document.Document) string {
	if d.ReviewBy.IsZero() {
		return "–"
	}
	return text.Date(c.Lang, d.ReviewBy)
}
