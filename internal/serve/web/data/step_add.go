package data

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"augenmass/internal/govern/data"
	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// maxFile is how much of a posted file is read, as the frame of the pages allows.
const maxFile = 8 << 20

// stepView is the form of a step.
type stepView struct {
	Form   ui.Form
	Acts   []ui.Option
	People []ui.Option
	Today  string
}

// stepNew asks for a step of a data set.
func stepNew(r *page.Request) error {
	if err := must(r, store.Update, setKind); err != nil {
		return err
	}
	o, err := r.Org.Data.Datasets.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return askStep(r, o, url.Values{"at": {r.C.Now.UTC().Format(time.DateOnly)}, "by": {r.Who.ID}, "revision": {strconv.FormatInt(o.Revision, 10)}}, nil)
}

func askStep(r *page.Request, o store.Object[data.Dataset], vals url.Values, p *problem.Problem) error {
	c := r.C
	v := stepView{Today: c.Now.UTC().Format(time.DateOnly), Form: ui.Form{C: c, ID: "step", Prefix: "data.step.form.", Action: href(c, "sets", o.ID, "step"), Values: vals, Problem: p,
		Upload: true, Submit: c.T("data.step.save"), Cancel: href(c, "sets", o.ID), Hidden: map[string]string{"revision": vals.Get("revision")}}}
	for _, a := range data.Act("").Values() {
		v.Acts = append(v.Acts, ui.Option{Value: a, Text: act(c, data.Act(a))})
	}
	var err error
	if v.People, err = people(r); err != nil {
		return err
	}
	status := http.StatusOK
	if p != nil {
		status = ui.Status(p)
	}
	head := ui.PageView{Title: c.T("data.step.title", "name", o.Doc.Name), Narrow: true,
		Crumbs: crumbs(c, ui.LinkView{Text: c.T("kinds.dataset"), Href: href(c, "sets")}, ui.LinkView{Text: o.Doc.Name, Href: href(c, "sets", o.ID)})}
	return r.ShowAs(status, head, stepBody(c, v))
}

// stepAdd signs and records a step.
func stepAdd(r *page.Request) error {
	if err := must(r, store.Update, setKind); err != nil {
		return err
	}
	o, err := r.Org.Data.Datasets.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	vals, sum, err := postedStep(r)
	if err != nil {
		return err
	}
	if sum != "" {
		vals.Set("hash", sum)
	}
	var bad problem.Checks
	e := data.Entry{Act: data.Act(vals.Get("act")), By: vals.Get("by"), Note: vals.Get("note"), Hash: vals.Get("hash"), At: readDay(vals, "at", &bad)}
	if err = bad.Err(); err == nil {
		revision, parse := strconv.ParseInt(vals.Get("revision"), 10, 64)
		if parse != nil {
			revision = 0 // nobody can have seen it: a conflict
		}
		_, err = r.Org.Data.AddStep(r.Context(), o.ID, revision, e)
	}
	if p, ok := formError(err); ok {
		return askStep(r, o, vals, p)
	}
	if err != nil {
		return err
	}
	return r.Go(setBase+"/"+o.ID, "data.step")
}

// postedStep reads the form and makes the checksum of a file that came with it;
// the file is not kept.
func postedStep(r *page.Request) (url.Values, string, error) {
	err := r.R.ParseMultipartForm(maxFile)
	if errors.Is(err, http.ErrNotMultipart) {
		vals, err := r.Form()
		return vals, "", err
	}
	if err != nil {
		return nil, "", problem.New(problem.TooLarge, "Die Datei ist größer als 8 MB, oder das Formular ist beschädigt.", "The file is larger than 8 MB, or the form is broken.").
			WithHint("Bitte die Prüfsumme eintragen, statt die Datei zu senden.", "Please enter the checksum instead of sending the file.").Wrap(err)
	}
	vals := url.Values(r.R.MultipartForm.Value)
	from, _, err := r.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return vals, "", nil
	}
	if err != nil {
		return nil, "", lost(err)
	}
	h := sha256.New()
	n, err := io.Copy(h, from)
	if err = errors.Join(err, from.Close()); err != nil {
		return nil, "", lost(err)
	}
	if n == 0 {
		return vals, "", nil
	}
	return vals, hex.EncodeToString(h.Sum(nil)), nil
}

func lost(err error) error {
	return problem.New(problem.BadInput, "Die Datei ist nicht angekommen.", "The file did not arrive.").
		WithHint("Bitte noch einmal auswählen und senden.", "Please choose and send it again.").Wrap(err)
}

// people are everybody active.
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

func readDay(vals url.Values, name string, c *problem.Checks) time.Time {
	s := strings.TrimSpace(vals.Get(name))
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	c.Field(err == nil, name, "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
	return t
}

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.TooLarge:
		return problem.From(err), true
	}
	return nil, false
}

// blank lets a choice stand open.
func blank(c ui.Ctx, f ui.FieldView) ui.FieldView {
	f.Blank = c.T("objects.unset")
	return f
}

// latest keeps a day from lying ahead.
func latest(f ui.FieldView, day string) ui.FieldView {
	f.Max = day
	return f
}

// inline puts choices side by side.
func inline(f ui.FieldView) ui.FieldView {
	f.Inline = true
	return f
}
