package ownpacks

import (
	"strconv"

	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// packDelete ends an own pack on which nothing rests; else the answer names what
// does.
func packDelete(r *page.Request) error {
	if err := must(r, store.Delete); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(vals.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // nobody can have seen it: a conflict
	}
	if err := r.Org.Catalogue.End(r.Context(), r.Param("id"), revision); err != nil {
		return err
	}
	return r.Go(base, "ownpacks.ended")
}
