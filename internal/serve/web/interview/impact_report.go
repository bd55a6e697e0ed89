package interview

import (
	"slices"

	"augenmass/internal/problem"
	"augenmass/internal/prove/report"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/paper"
	"augenmass/internal/serve/web/show"
)

// impactReport hands over one of the three results as a PDF: only the questions
// that it uses, each with the clauses that its answer serves.
func impactReport(r *page.Request) error {
	t, err := open(r, r.Query("round"))
	if err != nil {
		return err
	}
	res, ok := t.st.Questions.Result(r.Param("result"))
	if !ok || t.wave == nil {
		return problem.New(problem.NotFound, "Dieses Ergebnis gibt es noch nicht.", "This result does not exist yet.")
	}
	doc, err := report.Impact(paper.Frame(r), t.paper(res.ID))
	if err != nil {
		return err
	}
	return paper.Hand(r, doc, paper.PDF)
}

// paper collects what the report of one result says.
func (t *talk) paper(id string) report.ImpactCase {
	c, v, d := t.c, t.st.Questions, t.wave.Doc
	res, _ := v.Result(id)
	out := report.ImpactCase{Result: id, Title: c.In(res.Title), System: t.sys.Doc.Name, Purpose: c.In(t.sys.Doc.Purpose), Round: d.Wave,
		Clauses: t.refs(res.Clauses), Say: d.Say, Conditions: d.Conditions}
	for _, m := range v.Method {
		out.Method = append(out.Method, c.In(m))
	}
	results := t.st.Results
	if !d.Open() {
		results = d.Results
		out.Concluded = c.T("impact.done", "day", c.Date(d.Concluded), "who", t.people.Name(c, d.ConcludedBy), "until", c.Date(d.ValidUntil))
	}
	for _, x := range results {
		if x.Result != id {
			continue
		}
		out.Duty = c.T("impact.duty." + string(x.Duty))
		for _, s := range x.Why {
			out.Why = append(out.Why, c.In(s.Say)+" ("+t.refs(s.Clauses)+")")
		}
		for _, s := range x.Flags {
			out.Flags = append(out.Flags, c.In(s.Say)+" ("+t.refs(s.Clauses)+")")
		}
		out.Level = t.level(x.Level)
		if x.Level > 0 {
			out.Follows = c.In(v.Rights.Outcomes[x.Level-1])
		}
	}
	for _, p := range d.Participants {
		out.People = append(out.People, t.people.Name(c, p.Person)+" ("+t.who(p.Role)+")")
	}
	for _, s := range v.Sections {
		for _, it := range s.Items {
			if !t.st.Counts(it.ID) || !slices.Contains(it.Results, id) {
				continue
			}
			row := report.ImpactAnswer{Section: c.In(s.Title), Question: c.In(it.Text), Serves: t.refs(it.Clauses)}
			for _, a := range t.st.Standing {
				if a.Item == it.ID {
					row.Answer = t.said(it, a)
				}
			}
			for _, e := range t.st.Said.Of(it.ID) {
				if e.Doc.Differs {
					row.Dissents = append(row.Dissents, c.T("impact.by", "who", t.people.Name(c, e.Doc.Person), "day", c.Date(e.Doc.Day))+": "+e.Doc.Text)
				}
			}
			out.Answers = append(out.Answers, row)
		}
	}
	return out
}

// refs writes clauses as people cite them.
func (t *talk) refs(ids []string) string {
	out := ""
	for _, ref := range show.Clauses(t.c, t.r.Org.Library(), ids) {
		if out != "" {
			out += "; "
		}
		out += ref.Ref
	}
	return out
}
