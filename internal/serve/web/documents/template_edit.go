package documents

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/govern/document"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// templateView is the form of an own template.
type templateView struct {
	Form   ui.Form
	Remove *ui.Form
}

// templateNew brings an own template in: pasted, or as a text file.
func templateNew(r *page.Request) error {
	if err := mustAccess(r, store.Create, "own_template"); err != nil {
		return err
	}
	return askTemplate(r, "", url.Values{}, nil)
}

func templateCreate(r *page.Request) error {
	if err := mustAccess(r, store.Create, "own_template"); err != nil {
		return err
	}
	in, err := posted(r)
	if err != nil {
		return err
	}
	made := store.Object[document.OwnTemplate]{}
	var t document.OwnTemplate
	if err = readTemplate(in, &t); err == nil {
		made, err = r.Org.Documents.PutTemplate(r.Context(), "", 0, t)
	}
	if problem.Is(err, problem.BadInput) {
		return askTemplate(r, "", in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/templates/"+made.ID, "documents.template.created")
}

// templateEdit changes an own template.
func templateEdit(r *page.Request) error {
	if err := mustAccess(r, store.Update, "own_template"); err != nil {
		return err
	}
	o, err := r.Org.Documents.Templates.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	in := url.Values{"name": {o.Doc.Name}, "purpose": {o.Doc.Purpose}, "version": {o.Doc.Version}, "body": {o.Doc.Body}, "clauses": {strings.Join(written(r.C, o.Doc.Clauses), "\n")},
		"revision": {strconv.FormatInt(o.Revision, 10)}}
	return askTemplate(r, o.ID, in, nil)
}

func templateChange(r *page.Request) error {
	if err := mustAccess(r, store.Update, "own_template"); err != nil {
		return err
	}
	in, err := posted(r)
	if err != nil {
		return err
	}
	o, err := r.Org.Documents.Templates.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	rev, err := revision(in)
	if err != nil {
		return err
	}
	t := o.Doc
	if err = readTemplate(in, &t); err == nil {
		_, err = r.Org.Documents.PutTemplate(r.Context(), o.ID, rev, t)
	}
	if problem.Is(err, problem.BadInput) || problem.Is(err, problem.Conflict) {
		return askTemplate(r, o.ID, in, problem.From(err))
	}
	if err != nil {
		return err
	}
	return r.Go("/duties/templates/"+o.ID, "documents.template.changed")
}

// templateDelete removes an own template.
func templateDelete(r *page.Request) error {
	if err := mustAccess(r, store.Delete, "own_template"); err != nil {
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
	if err := r.Org.Documents.RemoveTemplate(r.Context(), r.Param("id"), rev); err != nil {
		return err
	}
	return r.Go("/duties/templates", "documents.template.removed")
}

// maxTemplate is how much of a posted template file is read.
const maxTemplate = 1 << 20

// posted reads the form; a file that came with it is the body.
func posted(r *page.Request) (url.Values, error) {
	err := r.R.ParseMultipartForm(maxTemplate)
	if errors.Is(err, http.ErrNotMultipart) {
		return r.Form()
	}
	if err != nil {
		return nil, problem.New(problem.TooLarge, "Die Datei ist zu groß oder das Formular beschädigt.", "The file is too large or the form is broken.").
			WithHint("Eine Vorlage hat höchstens 200.000 Zeichen.", "A template has at most 200,000 characters.").Wrap(err)
	}
	in := r.R.PostForm
	f, _, err := r.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return in, nil
	}
	if err != nil {
		return nil, problem.New(problem.BadInput, "Die Datei ist nicht lesbar.", "The file cannot be read.").
			WithHint("Bitte noch einmal wählen oder den Text einfügen.", "Please choose it again or paste the text.").Wrap(err)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxTemplate))
	err = errors.Join(err, f.Close())
	if len(raw) > 0 {
		in.Set("body", strings.TrimPrefix(string(raw), "\ufeff"))
	}
	return in, err
}

func readTemplate(in url.Values, t *document.OwnTemplate) error {
	line := func(name string) string { return strings.TrimSpace(in.Get(name)) }
	t.Name, t.Purpose, t.Version, t.Body, t.Clauses = line("name"), line("purpose"), line("version"), in.Get("body"), lines(in.Get("clauses"))
	var c problem.Checks
	c.Field(t.Name != "", "name", "Bitte einen Namen angeben.", "Please give a name.")
	c.Field(strings.TrimSpace(t.Body) != "", "body", "Bitte den Text einfügen oder eine Textdatei wählen.", "Please paste the text or choose a text file.")
	return c.Err()
}

func askTemplate(r *page.Request, id string, in url.Values, p *problem.Problem) error {
	c := r.C
	v := templateView{Form: ui.Form{C: c, ID: "template", Prefix: "documents.template.form.", Action: c.URL("duties", "templates", "new"), Values: in, Problem: p, Upload: true,
		Submit: c.T("documents.save"), Cancel: c.URL("duties", "templates")}}
	head := ui.PageView{Title: c.T("documents.template.new"), Narrow: true, Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("documents.templates"), Href: c.URL("duties", "templates")}}}
	if id != "" {
		v.Form.Action, v.Form.Cancel, v.Form.Hidden = c.URL("duties", "templates", id, "edit"), c.URL("duties", "templates", id), map[string]string{"revision": in.Get("revision")}
		head.Title = c.T("documents.template.edit")
		if may(r, store.Delete, "own_template") {
			v.Remove = &ui.Form{C: c, ID: "remove", Action: c.URL("duties", "templates", id, "delete"), More: []ui.Action{{Text: c.T("documents.template.remove"), Kind: "stop"}}, Hidden: v.Form.Hidden}
		}
	}
	return r.ShowAs(status(p), head, templateFormBody(c, v))
}
