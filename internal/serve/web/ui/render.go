package ui

import (
	"bytes"
	"io/fs"
	"net/http"

	"github.com/a-h/templ"

	"embed"

	"augenmass/internal/text"
)

//go:embed texts/*.yaml
var ownTexts embed.FS

// Texts loads the wording of the components together with that of pages; each
// page package passes its embedded folder. Two definitions of one key are an
// error.
func Texts(pages ...fs.FS) (*text.Catalogue, error) {
	return text.Load(append([]fs.FS{ownTexts}, pages...)...)
}

// Partial reports whether htmx asked for a part of a page, not for the whole.
// Such an answer must be the fragment alone.
func Partial(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Request-Type") == "partial"
}

// Render writes a component as an answer. It renders into memory first, so an
// error in a template never leaves half a page behind; the error is returned
// for the caller's log after a plain 500 was sent.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		http.Error(w, "500", http.StatusInternalServerError)
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request, HX-Request-Type")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}
