package exchange

import (
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// importAdopt reads the file of a preview again and keeps it whole, with the
// choices that were made. What keeps it from being kept is shown on the preview.
func importAdopt(r *page.Request) error {
	if err := must(r, store.Create); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return refuse(r, err)
	}
	vals := r.R.PostForm
	f, err := carried(vals)
	if err != nil {
		return refuse(r, err)
	}
	t, err := take(r, f, choices(vals))
	if err != nil {
		return refuse(r, err)
	}
	if len(t.Result.Errors) > 0 {
		return preview(r, f, t, vals, nil)
	}
	o, err := r.Org.Catalogue.Add(r.Context(), t.Draft)
	if err != nil {
		p := problem.From(err)
		if p.Kind != problem.Conflict && p.Kind != problem.BadInput {
			return err
		}
		return preview(r, f, t, vals, p)
	}
	return r.Go(base+"/"+o.ID, "exchange.kept")
}
