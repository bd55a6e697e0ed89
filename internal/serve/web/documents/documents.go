// Package documents is the pages of what an organisation has already: policies,
// processes and instructions, linked where they lie and each marked whether it
// matters for AI; and of templates, shipped and own, that are filled in here
// (requirements 000-26, 000-42, 000-44).
//
// Nothing is copied: a document stays with its owner, and what comes out of a
// template is taken away. The rules are govern/document's.
package documents

import (
	"embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/document"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []page.Route{
		{Method: get, Path: "/duties/documents", Name: "document_list", Handle: documentList},
		{Method: get, Path: "/duties/documents/new", Name: "document_new", Handle: documentNew},
		{Method: post, Path: "/duties/documents/new", Name: "document_new", Handle: documentCreate},
		{Method: get, Path: "/duties/documents/import", Name: "document_import", Handle: documentImport},
		{Method: post, Path: "/duties/documents/import", Name: "document_import", Handle: documentImportDo},
		{Method: get, Path: "/duties/documents/{id}", Name: "document_show", Handle: documentShow},
		{Method: post, Path: "/duties/documents/{id}", Name: "document_mark", Handle: documentMark},
		{Method: get, Path: "/duties/documents/{id}/edit", Name: "document_edit", Handle: documentEdit},
		{Method: post, Path: "/duties/documents/{id}/edit", Name: "document_edit", Handle: documentChange},
		{Method: post, Path: "/duties/documents/{id}/delete", Name: "document_delete", Handle: documentDelete},
		{Method: get, Path: "/duties/templates", Name: "template_list", Handle: templateList},
		{Method: get, Path: "/duties/templates/new", Name: "template_new", Handle: templateNew},
		{Method: post, Path: "/duties/templates/new", Name: "template_new", Handle: templateCreate},
		{Method: get, Path: "/duties/templates/{id}", Name: "template_fill", Handle: templateShow},
		{Method: post, Path: "/duties/templates/{id}", Name: "template_fill", Handle: templateFill},
		{Method: get, Path: "/duties/templates/{id}/edit", Name: "template_edit", Handle: templateEdit},
		{Method: post, Path: "/duties/templates/{id}/edit", Name: "template_edit", Handle: templateChange},
		{Method: post, Path: "/duties/templates/{id}/delete", Name: "template_delete", Handle: templateDelete},
	}
	for i := range routes {
		routes[i].Area = "duties"
	}
	return routes
}

func mustAccess(r *page.Request, action, kind string) error {
	return roles.Access(r.Context(), r.Who.Actor(), action, kind, nil)
}

func may(r *page.Request, action, kind string) bool {
	return roles.Allowed(r.Who.Roles, action, kind)
}

// revision reads which state of an object a form was made from.
func revision(in url.Values) (int64, error) {
	n, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		return 0, problem.New(problem.BadInput, "Das Formular ist unvollständig.", "The form is incomplete.").
			WithHint("Bitte die Seite neu öffnen.", "Please open the page again.").Wrap(err)
	}
	return n, nil
}

// lines are the lines of a text area, without empty ones.
func lines(s string) []string {
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r", ""), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func status(p *problem.Problem) int {
	if p == nil {
		return http.StatusOK
	}
	return ui.Status(p)
}

// tabs are documents and templates.
func tabs(c ui.Ctx, open string) []ui.LinkView {
	return []ui.LinkView{
		{Text: c.T("documents.tab.documents"), Href: c.URL("duties", "documents"), Current: open == "documents"},
		{Text: c.T("documents.tab.templates"), Href: c.URL("duties", "templates"), Current: open == "templates"},
	}
}

// choices are the choices of an enumerated field.
func choices(c ui.Ctx, field string, values []string) []ui.Option {
	out := make([]ui.Option, len(values))
	for i, v := range values {
		out[i] = ui.Option{Value: v, Text: c.T("documents." + field + "." + v)}
	}
	return out
}

// keepers are the people who can keep a document: everybody active. Who may not
// read the list of people chooses nobody.
func keepers(r *page.Request) ([]ui.Option, error) {
	p, err := identity.Persons().List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("active", "=", true)}, Sort: "title", Limit: store.MaxLimit, Uncounted: true})
	if problem.Is(err, problem.Denied) {
		return nil, nil
	}
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, err
}

// systems are the systems that a document may be about.
func systems(r *page.Request) ([]ui.Option, error) {
	p, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit, Uncounted: true})
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, err
}

// read reads the form into a document; what it does not ask stays.
func read(in url.Values, d *document.Document) error {
	line := func(name string) string { return strings.TrimSpace(in.Get(name)) }
	d.Name, d.Place, d.Version, d.Owner, d.Reason, d.Template = line("name"), line("place"), line("version"), line("owner"), line("reason"), line("template")
	d.Sort, d.Relevant = document.Sort(line("sort")), document.Relevance(line("relevant"))
	d.Schemes = nil
	for _, s := range in["schemes"] {
		d.Schemes = append(d.Schemes, document.Scheme(s))
	}
	d.Systems, d.Clauses = in["systems"], lines(in.Get("clauses"))
	var checks problem.Checks
	checks.Field(d.Name != "", "name", "Bitte einen Namen angeben.", "Please give a name.")
	checks.Field(d.Place != "", "place", "Bitte angeben, wo das Dokument liegt.", "Please say where the document lies.")
	d.ReviewBy = time.Time{}
	if v := line("review_by"); v != "" {
		var err error
		d.ReviewBy, err = time.Parse(time.DateOnly, v)
		checks.Field(err == nil, "review_by", "Bitte einen Tag angeben, etwa 2027-06-30.", "Please give a day, such as 2027-06-30.")
	}
	return checks.Err()
}

// inline puts choices side by side; few and tall are heights of text areas;
// blank lets a choice stay open.
func inline(v ui.FieldView) ui.FieldView { v.Inline = true; return v }
func few(v ui.FieldView) ui.FieldView    { v.Rows = 3; return v }
func tall(v ui.FieldView) ui.FieldView   { v.Rows = 14; return v }

func blank(c ui.Ctx, v ui.FieldView) ui.FieldView {
	v.Blank = c.T("documents.nobody")
	return v
}
