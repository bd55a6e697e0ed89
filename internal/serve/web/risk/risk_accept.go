package risk

import (
	"net/url"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
)

// riskPropose asks why what is left can be carried, on what terms and until when.
func riskPropose(r *page.Request) error {
	if err := must(r, store.Create, "acceptance"); err != nil {
		return err
	}
	o, err := r.Org.Risk.Risks.Get(r.Context(), r.Org.DB, r.Param("id"))
	if err != nil {
		return err
	}
	return askPropose(r, o, url.Values{"until": {day(r.C.Now.AddDate(0, 6, 0))}}, nil)
}

func askPropose(r *page.Request, o store.Object[register.Risk], vals url.Values, p *problem.Problem) error {
	c := r.C
	f := formOf(r, o, "accept", vals, p)
	reason, condition, until := f.Field("reason").Req(), f.Field("condition"), f.Field("until").Req()
	until.Min, until.Max, condition.Rows = day(c.Now.AddDate(0, 0, 1)), day(c.Now.AddDate(1, 0, 0)), 2
	v := stepView{Form: f, Lead: c.T("risks.accept.lead", "level", levelWord(r, o.Doc.Residual())), Day: &until}
	v.Fields = append(v.Fields, reason, condition)
	v.Form.Submit = c.T("risks.accept.submit")
	return showForm(r, o, "accept", p, v)
}

// riskProposeDo asks for the acceptance of what is left.
func riskProposeDo(r *page.Request) error {
	if err := must(r, store.Create, "acceptance"); err != nil {
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
	until := readDay(vals, "until", &checks)
	if err = checks.Err(); err == nil {
		_, err = r.Org.Risk.Propose(r.Context(), o.ID, register.Proposal{Reason: vals.Get("reason"), Condition: vals.Get("condition"), Until: until})
	}
	if p, ok := formError(err); ok {
		return askPropose(r, o, vals, p)
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+o.ID, "risks.asked")
}

// riskDecide accepts, declines or withdraws: the word of another person.
func riskDecide(r *page.Request) error {
	if err := must(r, store.Update, "acceptance"); err != nil {
		return err
	}
	vals, err := r.Form()
	if err != nil {
		return err
	}
	a, err := r.Org.Risk.Acceptances.Get(r.Context(), r.Org.DB, r.Param("acceptance"))
	if err != nil {
		return err
	}
	if a.Doc.Risk != r.Param("id") {
		return problem.New(problem.NotFound, "Zu diesem Risiko gibt es diese Annahme nicht.", "This risk has no such acceptance.")
	}
	switch note := vals.Get("note"); vals.Get("decision") {
	case "withdraw":
		_, err = r.Org.Risk.Withdraw(r.Context(), a.ID, revision(vals), note)
	case "decline":
		_, err = r.Org.Risk.Decide(r.Context(), a.ID, revision(vals), false, note)
	default:
		_, err = r.Org.Risk.Decide(r.Context(), a.ID, revision(vals), true, note)
	}
	if p, ok := formError(err); ok {
		return showRisk(r, p)
	}
	if err != nil {
		return err
	}
	return r.Go(base+"/"+r.Param("id"), "risks.decided")
}
