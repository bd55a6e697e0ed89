package risk

import (
	"net/url"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// riskAssess asks how likely and how grave a risk is without measures.
func riskAssess(r *page.Request) error {
	if err := must(r, store.Update, "risk"); err != nil {
		return err
	}
	o, err := r.Org.Risk.Risks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	vals := url.Values{}
	writeRatings(vals, o.Doc.Before)
	return askAssess(r, o, vals, nil)
}

func askAssess(r *page.Request, o store.Object[register.Risk], vals url.Values, p *problem.Problem) error {
	f := formOf(r, o, "assess", vals, p)
	return showForm(r, o, "assess", p, stepView{Form: f, Lead: r.C.T("risks.assess.lead"), Ratings: ratingFields(r, f, o.Doc, false)})
}

// riskAssessDo stores the ratings without measures.
func riskAssessDo(r *page.Request) error {
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
	ratings, err := readRatings(vals, o.Doc, false)
	if err == nil {
		_, err = r.Org.Risk.Assess(r.Context(), o.ID, revision(vals), ratings)
	}
	if p, ok := formError(err); ok {
		return askAssess(r, o, vals, placed(p, ratings))
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+o.ID, "risks.assessed")
}
