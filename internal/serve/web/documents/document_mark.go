package documents

import (
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/govern/document"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// oneView is what the page of one document shows.
type oneView struct {
	Facts   []ui.Fact
	Clauses []ui.ClauseRef
	Mark    *ui.Form
	Remove  *ui.Form
}

func showDocument(r *page.Request, o store.Object[document.Document], in url.Values, p *problem.Problem) error {
	c, d := r.C, o.Doc
	names, err := show.Names(r.Context(), r.Org.DB, append([]string{d.Owner}, d.Systems...)...)
	if err != nil {
		return err
	}
	mark := relevantMark(c, d.Relevant)
	at := place(d)
	v := oneView{Clauses: show.Clauses(c, r.Org.Library(), d.Clauses), Facts: []ui.Fact{
		{Term: c.T("documents.form.relevant"), Mark: &mark, Note: d.Reason}, {Term: c.T("documents.form.sort"), Text: c.T("documents.sort." + string(d.Sort))},
		{Term: c.T("documents.form.place"), Text: at.Text, Href: at.Href}, {Term: c.T("documents.form.schemes"), Text: schemes(c, d.Schemes)},
		{Term: c.T("documents.form.version"), Text: or(d.Version)}, {Term: c.T("documents.form.review_by"), Text: dayText(c, d)}}}
	if d.Owner != "" {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("documents.form.owner"), Text: names.Name(c, d.Owner)})
	}
	for _, id := range d.Systems {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("documents.form.systems"), Text: names.Name(c, id), Href: c.URL("systems", id)})
	}
	head := ui.PageView{Title: d.Name, Narrow: true, Crumbs: crumbs(c)}
	hidden := map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}
	if may(r, store.Update, "document") {
		head.Actions = []ui.Action{{Text: c.T("documents.edit"), Href: c.URL("duties", "documents", o.ID, "edit")}}
		if in == nil {
			in = url.Values{"relevant": {string(d.Relevant)}, "reason": {d.Reason}}
		}
		v.Mark = &ui.Form{C: c, ID: "mark", Prefix: "documents.form.", Action: c.URL("duties", "documents", o.ID), Values: in, Problem: p, Submit: c.T("documents.mark"), Hidden: hidden}
	}
	if may(r, store.Delete, "document") {
		v.Remove = &ui.Form{C: c, ID: "remove", Action: c.URL("duties", "documents", o.ID, "delete"), More: []ui.Action{{Text: c.T("documents.remove"), Kind: "stop"}}, Hidden: hidden}
	}
	return r.ShowAs(status(p), head, oneBody(c, v))
}

func crumbs(c ui.Ctx, more ...ui.LinkView) []ui.LinkView {
	return append([]ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("documents.title"), Href: c.URL("duties", "documents")}}, more...)
}

func or(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// documentMark says whether a document matters for AI, and why.
func documentMark(r *page.Request) error {
	if err := mustAccess(r, store.Update, "document"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Documents.Documents.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	rev, err := revision(in)
	if err != nil {
		return err
	}
	_, err = r.Org.Documents.Mark(r.Context(), o.ID, rev, document.Relevance(in.Get("relevant")), strings.TrimSpace(in.Get("reason")))
	if problem.Is(err, problem.BadInput) {
		return showDocument(r, o, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/documents/"+o.ID, "documents.marked")
}

// documentDelete forgets a document; the document itself stays where it lies.
func documentDelete(r *page.Request) error {
	if err := mustAccess(r, store.Delete, "document"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	rev, err := revision(in)
	if err != nil {
		return err
	}
	if err := r.Org.Documents.Remove(r.Context(), r.Param("id"), rev); err != nil {
		return err
	}
	return r.Go("/duties/documents", "documents.removed")
}
