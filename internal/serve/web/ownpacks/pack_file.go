package ownpacks

import (
	"mime"
	"net/http"
	"strconv"

	"augenmass/internal/serve/web/page"
)

// packFile sends the file of an own pack as it was given.
func packFile(r *page.Request) error {
	o, err := r.Org.Catalogue.Own.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	data, err := r.Org.Catalogue.File(r.Context(), o.Doc)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": o.Doc.Source}))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	if _, err := r.W.Write(data); err != nil {
		r.Log.Info("a download ended early", "own_pack", o.ID, "err", err)
	}
	return nil
}
