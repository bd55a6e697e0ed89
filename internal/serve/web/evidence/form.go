package evidence

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/control"
	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// maxFile is how much of a posted file is read, as the frame of the pages allows.
const maxFile = 8 << 20

// asking is one showing of the form.
type asking struct {
	id, title string // empty: a new object
	vals      url.Values
	problem   *problem.Problem
	file      string // what lies in the vault already
}

// formView is the form with its choices.
type formView struct {
	Form    ui.Form
	Owners  []ui.Option
	Systems []ui.Option
	Types   []ui.Option
	Today   string
	File    string
}

// ask shows the form with what was typed and what is wrong with it.
func ask(r *page.Request, a asking) error {
	c := r.C
	v := formView{Types: types(c), Today: day(c.Now), File: a.file,
		Form: ui.Form{C: c, ID: "evidence", Prefix: "kind.evidence.", Action: href(c, "new"), Values: a.vals, Problem: a.problem, Upload: true,
			Submit: c.T("objects.save"), Cancel: href(c), Hidden: map[string]string{}}}
	head := ui.PageView{Title: c.T("kinds.evidence.new"), Crumbs: crumbs(c), Narrow: true}
	if a.id != "" {
		v.Form.Action, v.Form.Cancel = href(c, a.id, "edit"), href(c, a.id)
		v.Form.Hidden["revision"] = a.vals.Get("revision")
		head.Title, head.Crumbs = c.T("objects.editing", "title", a.title), crumbs(c, ui.LinkView{Text: a.title, Href: href(c, a.id)})
	} else if back := a.vals.Get("back"); back != "" {
		v.Form.Hidden["back"] = back
		v.Form.Cancel = r.Base + local(back)
	}
	var err error
	if v.Owners, err = people(r); err != nil {
		return err
	}
	if v.Systems, err = systems(r); err != nil {
		return err
	}
	status := http.StatusOK
	if a.problem != nil {
		status = ui.Status(a.problem)
	}
	return r.ShowAs(status, head, formBody(c, v))
}

// people are those who can keep evidence current: everybody active.
func people(r *page.Request) ([]ui.Option, error) {
	p, err := identity.Persons().List(r.Context(), r.Org.DB, store.Query{Filters: []store.Filter{store.Where("active", "=", true)}, Sort: "title", Limit: store.MaxLimit, Uncounted: true})
	if problem.Is(err, problem.Denied) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, nil
}

// systems are the systems that evidence may be about.
func systems(r *page.Request) ([]ui.Option, error) {
	p, err := r.Org.Inventory.Systems.List(r.Context(), r.Org.DB, store.Query{Sort: "title", Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(p.Items))
	for i, o := range p.Items {
		out[i] = ui.Option{Value: o.ID, Text: o.Doc.Name}
	}
	return out, nil
}

// upload is a posted file.
type upload struct {
	name string
	data []byte // nil: none was posted
}

// posted reads the form and its file.
func posted(r *page.Request) (url.Values, upload, error) {
	err := r.R.ParseMultipartForm(maxFile)
	if errors.Is(err, http.ErrNotMultipart) {
		vals, err := r.Form()
		return vals, upload{}, err
	}
	if err != nil {
		return nil, upload{}, problem.New(problem.TooLarge, "Die Datei ist größer als 8 MB, oder das Formular ist beschädigt.",
			"The file is larger than 8 MB, or the form is broken.").
			WithHint("Bitte die Datei verkleinern oder statt ihrer den Ort angeben, an dem sie liegt.", "Please make the file smaller, or name the place where it lies instead.").Wrap(err)
	}
	f, head, err := r.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return r.R.PostForm, upload{}, nil
	}
	if err != nil {
		return nil, upload{}, unreadable(err)
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, upload{}, unreadable(err)
	}
	return r.R.PostForm, upload{name: fileName(head), data: data}, nil
}

func unreadable(err error) error {
	return problem.New(problem.BadInput, "Die Datei ist nicht angekommen.", "The file did not arrive.").
		WithHint("Bitte noch einmal auswählen und senden.", "Please choose and send it again.").Wrap(err)
}

// fileName is the last part of the name that the browser sent.
func fileName(h *multipart.FileHeader) string {
	name := h.Filename
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return name
}

// read makes an evidence object of a form, keeping of the stored one what the
// form does not ask.
func read(r *page.Request, vals url.Values, e control.Evidence) (control.Evidence, error) {
	var c problem.Checks
	e.Name, e.Type = strings.TrimSpace(vals.Get("name")), control.EvidenceType(vals.Get("type"))
	e.Date, e.Expires = readDay(vals, "date", &c), readDay(vals, "expires", &c)
	e.Owner, e.Link, e.Note = vals.Get("owner"), strings.TrimSpace(vals.Get("link")), strings.TrimSpace(vals.Get("note"))
	e.Systems = vals["systems"]
	lib := library(r)
	e.Clauses = citations(lib).read(lib, "clauses", vals.Get("clauses"), &c)
	return e, c.Err()
}

func readDay(vals url.Values, name string, c *problem.Checks) time.Time {
	s := strings.TrimSpace(vals.Get(name))
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	c.Field(err == nil, name, "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
	return t
}

// values writes an evidence object as the form shows it.
func values(r *page.Request, o store.Object[control.Evidence]) url.Values {
	e, lib := o.Doc, library(r)
	return url.Values{"name": {e.Name}, "type": {string(e.Type)}, "date": {day(e.Date)}, "expires": {day(e.Expires)}, "owner": {e.Owner},
		"link": {e.Link}, "clauses": {citations(lib).write(r.C, lib, e.Clauses)}, "systems": e.Systems, "note": {e.Note},
		"revision": {strconv.FormatInt(o.Revision, 10)}}
}

// day is a day as a date field holds it; days are days in UTC.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// local keeps an address that came with a form inside the organisation.
func local(path string) string {
	if strings.HasPrefix(path, "/duties/") && !strings.ContainsAny(path, "\\\r\n") && !strings.Contains(path, "//") {
		return path
	}
	return base
}

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.TooLarge:
		return problem.From(err), true
	}
	return nil, false
}
