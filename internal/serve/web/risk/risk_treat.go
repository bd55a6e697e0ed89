package risk

import (
	"net/url"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// riskTreat asks what is done about a risk, by which measures, and what is left.
func riskTreat(r *page.Request) error {
	if err := must(r, store.Update, "risk"); err != nil {
		return err
	}
	o, err := r.Org.Risk.Risks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	vals := url.Values{"treatment": {string(o.Doc.Treatment)}, "treatment_reason": {o.Doc.TreatmentReason}, "measures": o.Doc.Measures}
	writeRatings(vals, o.Doc.After)
	return askTreat(r, o, vals, nil)
}

func askTreat(r *page.Request, o store.Object[register.Risk], vals url.Values, p *problem.Problem) error {
	c := r.C
	all, err := r.Org.Risk.Measures.All(r.Context(), r.Org.DB, store.Query{Sort: "title"})
	if err != nil {
		return err
	}
	f := formOf(r, o, "treat", vals, p)
	choices, reason, measures := f.Field("treatment").Req(), f.Field("treatment_reason").Req(), f.Field("measures")
	for _, t := range register.Treatment("").Values() {
		choices.Options = append(choices.Options, ui.Option{Value: t, Text: objects.Value(c, "risk", "treatment", t), Note: c.T("risks.treat." + t)})
	}
	for _, m := range all {
		measures.Options = append(measures.Options, ui.Option{Value: m.ID, Text: m.Doc.Name, Note: effectMark(c, m.Doc).Word})
	}
	v := stepView{Form: f, Lead: c.T("risks.treat.lead"), Ratings: ratingFields(r, f, o.Doc, true), Optional: true, Choices: &choices, Reason: &reason,
		New: ui.LinkView{Text: c.T("kinds.measure.new"), Href: c.URL("duties", "measures", "new")}}
	if len(all) > 0 {
		v.Measures = &measures
	}
	return showForm(r, o, "treat", p, v)
}

// riskTreatDo stores the treatment and the residual risk.
func riskTreatDo(r *page.Request) error {
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
	after, err := readRatings(vals, o.Doc, true)
	if err == nil && vals.Get("treatment") == "" {
		var checks problem.Checks
		checks.Field(false, "treatment", "Was wird getan: vermeiden, vermindern, teilen oder annehmen?", "What is done: avoid, reduce, share or accept?")
		err = checks.Err()
	}
	if err == nil {
		_, err = r.Org.Risk.Treat(r.Context(), o.ID, revision(vals), register.Treated{Treatment: register.Treatment(vals.Get("treatment")),
			Reason: vals.Get("treatment_reason"), Measures: vals["measures"], After: after})
	}
	if p, ok := formError(err); ok {
		return askTreat(r, o, vals, placed(p, after))
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+o.ID, "risks.treated")
}
