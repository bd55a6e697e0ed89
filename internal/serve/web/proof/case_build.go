package proof

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/prove/casefile"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// caseBuild builds the case file and sends it. It is written to a file of the
// organisation's folder first, so that a slow line holds no memory and a failure
// is said before anything was sent; the file goes with the answer. One is built
// at a time.
func (a *area) caseBuild(r *page.Request) (err error) {
	if err := must(r, roles.Export, "casefile"); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	period, err := periodOf(r, in)
	if err != nil {
		p := problem.From(err)
		return askCase(r, ui.Status(p), in, p)
	}
	select {
	case a.building <- struct{}{}:
		defer func() { <-a.building }()
	default:
		return problem.New(problem.Unavailable, "Gerade wird schon eine Prüfakte gebaut.", "A case file is being built already.").
			WithHint("Bitte in einer Minute noch einmal versuchen.", "Please try again in a minute.")
	}
	f, err := os.CreateTemp(r.Org.Dir(), ".case-*")
	if err != nil {
		return problem.New(problem.Unavailable, "Für die Prüfakte ist kein Platz da.", "There is no room for the case file.").Wrap(err)
	}
	defer func() {
		if gone := errors.Join(f.Close(), os.Remove(f.Name())); gone != nil {
			r.Log.Error("a case file that was sent could not be removed", "file", f.Name(), "err", gone)
		}
	}()
	sum, err := r.Org.WriteCase(r.Context(), period, f)
	if err != nil {
		return err
	}
	return send(r, f, fmt.Sprintf("%s-%d.case.zip", r.Org.Slug, sum.Size))
}

// periodOf reads the span that the checks look at; both ends may be open. The day
// of the end is included.
func periodOf(r *page.Request, in url.Values) (p casefile.Period, err error) {
	var c problem.Checks
	read := func(name string) time.Time {
		s := in.Get(name)
		if s == "" {
			return time.Time{}
		}
		t, ok := day(r, s)
		c.Field(ok, name, "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
		return t
	}
	p.From, p.To = read("from"), read("to")
	if !p.To.IsZero() {
		p.To = p.To.AddDate(0, 0, 1)
	}
	c.Field(p.From.IsZero() || p.To.IsZero() || p.From.Before(p.To), "to", "Das Ende liegt vor dem Beginn.", "The end lies before the start.")
	if p.To.IsZero() {
		p.To = r.C.Now.UTC()
	}
	return p, c.Err()
}

// send answers with a file. From its first byte on there is nobody to tell about
// an error but the log.
func send(r *page.Request, f *os.File, name string) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return problem.New(problem.Unavailable, "Die Prüfakte lässt sich nicht lesen.", "The case file cannot be read.").Wrap(err)
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := io.Copy(r.W, f); err != nil {
		r.Log.Info("a download ended early", "file", name, "err", err)
	}
	return nil
}
