// Package paper hands reports over: the same frame around each, one way to answer
// with a file. What stands in a report is prove/report's, when it may leave is the
// page's to ask.
package paper

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/prove/report"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/text"
)

// Frame is what every report of the organisation says about itself.
func Frame(r *page.Request) report.Frame {
	return report.Frame{Organisation: r.Org.Name, Lang: r.C.Lang, At: r.C.Now, Role: func(role string) text.Bi { return roles.Role(role).Info().Title }}
}

// Form is a form in which a report leaves the house.
type Form struct {
	ending, media string
	write         func(report.Document, io.Writer) error
}

// The forms of a report.
var (
	Workbook = Form{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", report.Document.XLSX}
	PDF      = Form{".pdf", "application/pdf", report.Document.PDF}
)

// Hand answers with a report. It is made whole before anything is sent, so that
// a failure is said.
func Hand(r *page.Request, doc report.Document, f Form) error {
	var b bytes.Buffer
	if err := f.write(doc, &b); err != nil {
		return err
	}
	return Send(r, doc.Name+f.ending, f.media, b.Bytes())
}

// Send answers with a file; the organisation's short name stands before its name. From its first byte on there is nobody to tell about
// an error but the log.
func Send(r *page.Request, name, media string, raw []byte) error {
	h := r.W.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+r.Org.Slug+"-"+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(raw); err != nil {
		r.Log.Info("a download ended early", "file", name, "err", err)
	}
	return nil
}
