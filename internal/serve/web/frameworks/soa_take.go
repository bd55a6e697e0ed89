package frameworks

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

// frame is what every report of the organisation says about itself.
func frame(r *page.Request) report.Frame {
	return report.Frame{Organisation: r.Org.Name, Lang: r.C.Lang, At: r.C.Now, Role: func(role string) text.Bi { return roles.Role(role).Info().Title }}
}

// soaTable hands the statement of applicability over as a workbook: every row,
// whatever is shown on the page.
func (a *area) soaTable(r *page.Request) error { return a.soaTake(r, workbook) }

// soaPaper hands it over as a PDF.
func (a *area) soaPaper(r *page.Request) error { return a.soaTake(r, paper) }

func (a *area) soaTake(r *page.Request, f form) error {
	_, rows, err := a.soaRows(r)
	if err != nil {
		return err
	}
	doc, err := report.SoA(frame(r), rows)
	if err != nil {
		return err
	}
	return hand(r, doc, f)
}

// form is a form in which a report leaves the house.
type form struct {
	ending, media string
	write         func(report.Document, io.Writer) error
}

var (
	workbook = form{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", report.Document.XLSX}
	paper    = form{".pdf", "application/pdf", report.Document.PDF}
)

// hand answers with a report. It is made whole before anything is sent, so that
// a failure is said.
func hand(r *page.Request, doc report.Document, f form) error {
	var b bytes.Buffer
	if err := f.write(doc, &b); err != nil {
		return err
	}
	return send(r, doc.Name+f.ending, f.media, b.Bytes())
}

// send answers with a file. From its first byte on there is nobody to tell about
// an error but the log.
func send(r *page.Request, name, media string, raw []byte) error {
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
