package risk

import (
	"net/url"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// riskReview asks what looking at a risk again has found (requirement 000-34).
func riskReview(r *page.Request) error {
	if err := must(r, store.Update, "risk"); err != nil {
		return err
	}
	o, err := r.Org.Risk.Risks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return askReview(r, o, url.Values{"review_by": {day(r.C.Now.AddDate(1, 0, -1))}}, nil)
}

func askReview(r *page.Request, o store.Object[register.Risk], vals url.Values, p *problem.Problem) error {
	c := r.C
	f := formOf(r, o, "review", vals, p)
	by := f.Field("review_by")
	by.Min, by.Max = day(c.Now.AddDate(0, 0, 1)), day(c.Now.AddDate(1, 0, 0))
	v := stepView{Form: f, Lead: c.T("risks.review.lead"), Day: &by}
	v.Fields = append(v.Fields, f.Field("review_note").Req())
	return showForm(r, o, "review", p, v)
}

// riskReviewDo stores that a risk was looked at and what stands.
func riskReviewDo(r *page.Request) error {
	if err := must(r, store.Update, "risk"); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	o, err := r.Org.Risk.Risks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	var checks problem.Checks
	by := readDay(vals, "review_by", &checks)
	if err = checks.Err(); err == nil {
		_, err = r.Org.Risk.Review(r.Context(), o.ID, revision(vals), by, vals.Get("review_note"))
	}
	if p, ok := formError(err); ok {
		return askReview(r, o, vals, p)
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+o.ID, "risks.reviewed")
}
