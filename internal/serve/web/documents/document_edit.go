package documents

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/document"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// formView is the form of a document with its choices.
type formView struct {
	Form     ui.Form
	Keepers  []ui.Option
	Systems  []ui.Option
	Conflict bool
}

// documentNew asks for a document that lies elsewhere. A template that was just
// filled in gives its name and clauses along.
func documentNew(r *page.Request) error {
	if err := mustAccess(r, store.Create, "document"); err != nil {
		return err
	}
	in := url.Values{"name": {r.Query("name")}, "template": {r.Query("template")}, "sort": {string(document.Policy)}, "relevant": {string(document.Undecided)}}
	if in.Get("template") != "" {
		in.Set("relevant", string(document.Yes))
	}
	return ask(r, "", in, nil)
}

func documentCreate(r *page.Request) error {
	if err := mustAccess(r, store.Create, "document"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	var d document.Document
	made := store.Object[document.Document]{}
	if err = read(in, &d); err == nil {
		made, err = r.Org.Documents.Put(r.Context(), "", 0, d)
	}
	if problem.Is(err, problem.BadInput) {
		return ask(r, "", in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/documents/"+made.ID, "documents.created")
}

// documentEdit changes the entry of a document.
func documentEdit(r *page.Request) error {
	if err := mustAccess(r, store.Update, "document"); err != nil {
		return err
	}
	o, err := r.Org.Documents.Documents.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return ask(r, o.ID, values(r.C, o), nil)
}

func documentChange(r *page.Request) error {
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
	d := o.Doc
	if err = read(in, &d); err == nil {
		_, err = r.Org.Documents.Put(r.Context(), o.ID, rev, d)
	}
	if problem.Is(err, problem.BadInput) || problem.Is(err, problem.Conflict) {
		return ask(r, o.ID, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/documents/"+o.ID, "documents.changed")
}

func values(c ui.Ctx, o store.Object[document.Document]) url.Values {
	d := o.Doc
	v := url.Values{"name": {d.Name}, "sort": {string(d.Sort)}, "place": {d.Place}, "relevant": {string(d.Relevant)}, "reason": {d.Reason}, "version": {d.Version},
		"owner": {d.Owner}, "systems": d.Systems, "clauses": {strings.Join(written(c, d.Clauses), "\n")}, "template": {d.Template}, "revision": {strconv.FormatInt(o.Revision, 10)}}
	for _, s := range d.Schemes {
		v.Add("schemes", string(s))
	}
	if !d.ReviewBy.IsZero() {
		v.Set("review_by", d.ReviewBy.Format(time.DateOnly))
	}
	return v
}

// written are clauses as people cite them.
func written(c ui.Ctx, ids []string) []string {
	refs := c.ClauseRefs(ids)
	out := make([]string, len(refs))
	for i, ref := range refs {
		out[i] = ref.Ref
	}
	return out
}

func ask(r *page.Request, id string, in url.Values, p *problem.Problem) error {
	c := r.C
	v := formView{Conflict: p != nil && p.Kind == problem.Conflict}
	v.Form = ui.Form{C: c, ID: "document", Prefix: "documents.form.", Action: c.URL("duties", "documents", "new"), Values: in, Problem: p, Submit: c.T("documents.save"),
		Cancel: c.URL("duties", "documents"), Hidden: map[string]string{"template": in.Get("template")}}
	head := ui.PageView{Title: c.T("documents.new"), Narrow: true, Crumbs: crumbs(c)}
	if id != "" {
		v.Form.Action, v.Form.Cancel = c.URL("duties", "documents", id, "edit"), c.URL("duties", "documents", id)
		v.Form.Hidden["revision"] = in.Get("revision")
		head.Title = c.T("documents.edit")
	}
	var err error
	if v.Keepers, err = keepers(r); err != nil {
		return err
	}
	if v.Systems, err = systems(r); err != nil {
		return err
	}
	return r.ShowAs(status(p), head, documentFormBody(c, v))
}
