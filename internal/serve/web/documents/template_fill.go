package documents

import (
	"io"
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/govern/document"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// fillView is a template with its places, and the document that came out.
type fillView struct {
	Purpose string
	Clauses []ui.ClauseRef
	Form    ui.Form
	Fields  []ui.FieldView
	Doc     string // empty: nothing was filled in yet
	Missing []string
	Link    ui.LinkView // enters the document that was made
	Remove  *ui.Form
}

// templateShow is a template with its places to fill in.
func templateShow(r *page.Request) error {
	if err := mustAccess(r, store.Read, "own_template"); err != nil {
		return err
	}
	s, err := r.Org.Documents.Sheet(r.Context(), r.Org.DB, r.C.Lang, r.Param("id"))
	if err != nil {
		return err
	}
	return showSheet(r, s, url.Values{}, false)
}

// templateFill fills a template in: shown on the page with what is missing, or
// taken away as a file. Nothing is kept here.
func templateFill(r *page.Request) error {
	if err := mustAccess(r, store.Read, "own_template"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, err := r.Org.Documents.Sheet(r.Context(), r.Org.DB, r.C.Lang, r.Param("id"))
	if err != nil {
		return err
	}
	if in.Get("as") != "file" {
		return showSheet(r, s, in, true)
	}
	doc, _ := s.Fill(filled(s, in))
	r.W.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	r.W.Header().Set("Content-Disposition", `attachment; filename="`+fileName(s.Title)+`.md"`)
	_, err = io.WriteString(r.W, doc)
	return err
}

// fieldOf is the name of a place in the form: places of own templates may be
// called anything.
func fieldOf(i int) string { return "place." + strconv.Itoa(i) }

func filled(s document.Sheet, in url.Values) map[string]string {
	out := map[string]string{}
	for i, p := range s.Places {
		out[p.Name] = strings.ReplaceAll(in.Get(fieldOf(i)), "\r\n", "\n")
	}
	return out
}

// fileName is a title as a file name that every system takes.
func fileName(title string) string {
	out := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		}
		return '-'
	}, strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss").Replace(title))
	return strings.Trim(out, "-")
}

func showSheet(r *page.Request, s document.Sheet, in url.Values, made bool) error {
	c := r.C
	v := fillView{Purpose: s.Purpose, Clauses: show.Clauses(c, r.Org.Library(), s.Clauses)}
	v.Form = ui.Form{C: c, ID: "fill", Action: c.URL("duties", "templates", s.ID), Values: in, Submit: c.T("documents.fill"), Cancel: c.URL("duties", "templates"),
		More: []ui.Action{{Text: c.T("documents.fill.file"), Name: "as", Value: "file"}}}
	for i, p := range s.Places {
		name := fieldOf(i)
		v.Fields = append(v.Fields, ui.FieldView{ID: "fill-" + strconv.Itoa(i), Name: name, Label: p.Say, Value: in.Get(name), Rows: 2})
	}
	if made {
		doc, missing := s.Fill(filled(s, in))
		v.Doc = doc
		for _, name := range missing {
			for _, p := range s.Places {
				if p.Name == name {
					v.Missing = append(v.Missing, p.Say)
				}
			}
		}
		if may(r, store.Create, "document") {
			q := url.Values{"name": {s.Title}, "template": {s.ID}}
			v.Link = ui.LinkView{Text: c.T("documents.fill.enter"), Href: c.URL("duties", "documents", "new?"+q.Encode())}
		}
	}
	head := ui.PageView{Title: s.Title, Crumbs: []ui.LinkView{{Text: c.T("area.duties"), Href: c.URL("duties")}, {Text: c.T("documents.templates"), Href: c.URL("duties", "templates")}}}
	if s.Own && may(r, store.Update, "own_template") {
		head.Actions = []ui.Action{{Text: c.T("documents.template.edit"), Href: c.URL("duties", "templates", s.ID, "edit")}}
	}
	return r.Show(head, fillBody(c, v))
}
