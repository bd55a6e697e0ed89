package documents

import (
	"net/url"

	"augenmass/internal/govern/document"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// importView is the form of a list, and what it would bring.
type importView struct {
	Form   ui.Form
	Faults []string
	Table  *ui.TableView
	Said   string
}

// documentImport takes a list of documents: pasted, looked at, then taken over
// whole or not at all (requirement 000-26).
func documentImport(r *page.Request) error {
	if err := mustAccess(r, store.Create, "document"); err != nil {
		return err
	}
	return showImport(r, url.Values{}, importView{}, 200)
}

func documentImportDo(r *page.Request) error {
	if err := mustAccess(r, store.Create, "document"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	docs, faults := document.Parse(in.Get("list"))
	var v importView
	for _, f := range faults {
		v.Faults = append(v.Faults, r.C.T("documents.line", "n", f.Line, "say", r.C.In(f.Say)))
	}
	if len(faults) == 0 && len(docs) > 0 && in.Get("do") == "import" {
		if _, err := r.Org.Documents.Import(r.Context(), docs); err != nil {
			return err
		}
		return r.Go("/duties/documents", "documents.imported")
	}
	v.Said = r.C.T("documents.preview", "n", len(docs), "faults", len(faults))
	if len(docs) > 0 {
		t := preview(r.C, docs)
		v.Table = &t
	}
	code := 200
	if len(faults) > 0 || len(docs) == 0 {
		code = 422
	}
	return showImport(r, in, v, code)
}

func preview(c ui.Ctx, docs []document.Document) ui.TableView {
	t := ui.TableView{ID: "preview", Caption: c.T("documents.preview.table"), Cols: []ui.Col{{Head: c.T("documents.document")}, {Head: c.T("documents.form.place")}, {Head: c.T("documents.form.sort")}, {Head: c.T("documents.form.relevant")}}}
	for _, d := range docs {
		mark := relevantMark(c, d.Relevant)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: d.Name}, {Text: d.Place}, {Text: c.T("documents.sort." + string(d.Sort))}, {Mark: &mark, Note: d.Reason}}})
	}
	return t
}

func showImport(r *page.Request, in url.Values, v importView, code int) error {
	c := r.C
	v.Form = ui.Form{C: c, ID: "import", Prefix: "documents.form.", Action: c.URL("duties", "documents", "import"), Values: in, Submit: c.T("documents.look"), Cancel: c.URL("duties", "documents")}
	if v.Table != nil && len(v.Faults) == 0 {
		v.Form.More = []ui.Action{{Text: c.T("documents.take", "n", len(v.Table.Rows)), Name: "do", Value: "import"}}
	}
	return r.ShowAs(code, ui.PageView{Title: c.T("documents.import"), Crumbs: crumbs(c)}, importBody(c, v))
}
