package risk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// ratingView is the fields of one kind of impact in a form.
type ratingView struct {
	Name                            string
	Likelihood, LikelihoodWhy       ui.FieldView
	Severity, SeverityWhy           ui.FieldView
	Before                          string // how it was rated, for the form of what is left
	LikelihoodOptions, SeverityNote string
}

// names of the four fields of a rating, before the kind of impact.
const (
	fieldLikelihood    = "likelihood"
	fieldLikelihoodWhy = "likelihood_reason"
	fieldSeverity      = "severity"
	fieldSeverityWhy   = "severity_reason"
)

// ratingFields makes the fields of all kinds of impact of a risk. The words of the
// scales stand with every choice; what the library proposes is said, never chosen.
func ratingFields(r *page.Request, f ui.Form, doc register.Risk, optional bool) []ratingView {
	c, scale := r.C, library(r).RiskScale()
	var out []ratingView
	for _, i := range doc.Impacts {
		kind := string(i)
		v := ratingView{Name: impactWord(c, kind), Likelihood: f.Field(fieldLikelihood + "." + kind), LikelihoodWhy: f.Field(fieldLikelihoodWhy + "." + kind),
			Severity: f.Field(fieldSeverity + "." + kind), SeverityWhy: f.Field(fieldSeverityWhy + "." + kind)}
		for _, s := range scale.Likelihood {
			v.Likelihood.Options = append(v.Likelihood.Options, ui.Option{Value: strconv.Itoa(s.Level), Text: strconv.Itoa(s.Level) + " " + c.In(s.Word), Note: c.In(s.Means)})
		}
		for _, s := range scale.Severity {
			v.Severity.Options = append(v.Severity.Options, ui.Option{Value: strconv.Itoa(s.Level), Text: strconv.Itoa(s.Level) + " " + c.In(s.Word), Note: c.In(s.Of[kind])})
		}
		v.LikelihoodWhy.Help, v.SeverityWhy.Help = c.T("risks.f.reason.help"), c.T("risks.f.reason.help")
		v.LikelihoodWhy.Rows, v.SeverityWhy.Rows = 2, 2
		if optional {
			v.Likelihood.Blank, v.Severity.Blank = c.T("risks.f.unchanged"), c.T("risks.f.unchanged")
			for _, x := range doc.Before {
				if x.Impact == i {
					v.Before = c.T("risks.f.before", "likelihood", likelihoodWord(r, x.Likelihood), "severity", severityWord(r, x.Severity), "level", levelWord(r, x.Level()))
				}
			}
		} else {
			v.Likelihood, v.Severity = v.Likelihood.Req(), v.Severity.Req()
			if h, ok := library(r).Hazard(doc.Hazard); ok {
				v.Before = c.T("risks.f.proposal", "likelihood", likelihoodWord(r, h.Likelihood), "why", c.In(h.LikelihoodWhy), "severity", severityWord(r, h.Severity), "harm", c.In(h.SeverityWhy))
			}
		}
		out = append(out, v)
	}
	return out
}

// writeRatings puts ratings into the values of a form.
func writeRatings(vals url.Values, all []register.Rating) {
	for _, x := range all {
		kind := "." + string(x.Impact)
		vals.Set(fieldLikelihood+kind, strconv.Itoa(x.Likelihood))
		vals.Set(fieldLikelihoodWhy+kind, x.LikelihoodReason)
		vals.Set(fieldSeverity+kind, strconv.Itoa(x.Severity))
		vals.Set(fieldSeverityWhy+kind, x.SeverityReason)
	}
}

// readRatings reads the ratings of a form. Where optional, a kind of impact with
// neither likelihood nor severity is left out.
func readRatings(vals url.Values, doc register.Risk, optional bool) ([]register.Rating, error) {
	var c problem.Checks
	var out []register.Rating
	for _, i := range doc.Impacts {
		kind := "." + string(i)
		l, s := vals.Get(fieldLikelihood+kind), vals.Get(fieldSeverity+kind)
		if optional && l == "" && s == "" {
			continue
		}
		x := register.Rating{Impact: i, LikelihoodReason: vals.Get(fieldLikelihoodWhy + kind), SeverityReason: vals.Get(fieldSeverityWhy + kind)}
		x.Likelihood, x.Severity = step(&c, fieldLikelihood+kind, l), step(&c, fieldSeverity+kind, s)
		out = append(out, x)
	}
	return out, c.Err()
}

func step(c *problem.Checks, name, v string) int {
	n, err := strconv.Atoi(v)
	c.Field(err == nil && n >= 1 && n <= register.Steps, name, "Bitte eine der fünf Stufen wählen.", "Please choose one of the five levels.")
	return n
}

// placed names the fields of a problem as the form does: "before.1.severity"
// belongs to the kind of impact that stands second in the ratings.
func placed(p *problem.Problem, ratings []register.Rating) *problem.Problem {
	out := *p
	out.Fields = slices.Clone(p.Fields)
	for i, f := range out.Fields {
		parts := strings.Split(f.Path, ".")
		if len(parts) != 3 || parts[0] != "before" && parts[0] != "after" {
			continue
		}
		if n, err := strconv.Atoi(parts[1]); err == nil && n >= 0 && n < len(ratings) {
			name := parts[2]
			if name == "impact" {
				name = fieldLikelihood
			}
			out.Fields[i].Path = name + "." + string(ratings[n].Impact)
		}
	}
	return &out
}

// formOf begins a form of one step.
func formOf(r *page.Request, o store.Object[register.Risk], step string, vals url.Values, p *problem.Problem) ui.Form {
	c := r.C
	return ui.Form{C: c, ID: step, Prefix: "risks.f.", Action: href(c, o.ID, step), Values: vals, Problem: p, Submit: c.T("objects.save"), Cancel: href(c, o.ID),
		Hidden: map[string]string{"revision": strconv.FormatInt(o.Revision, 10)}}
}

// revision is the revision that a form was made from; nonsense is a conflict.
func revision(vals url.Values) int64 {
	n, err := strconv.ParseInt(vals.Get("revision"), 10, 64)
	if err != nil {
		return 0 // nobody can have seen it
	}
	return n
}

// formError reports whether a problem belongs on the form that caused it.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict:
		return problem.From(err), true
	}
	return nil, false
}

func readDay(vals url.Values, name string, c *problem.Checks) time.Time {
	s := strings.TrimSpace(vals.Get(name))
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	c.Field(err == nil, name, "Das ist kein Tag der Form 2026-01-31.", "This is not a day of the form 2026-01-31.")
	return t
}

// show answers with the form of a step.
func showForm(r *page.Request, o store.Object[register.Risk], step string, p *problem.Problem, body stepView) error {
	pv := ui.PageView{Title: r.C.T("risks.step." + step), Crumbs: crumbs(r.C, ui.LinkView{Text: o.Doc.Name, Href: href(r.C, o.ID)}), Narrow: true}
	if p != nil {
		return r.ShowAs(ui.Status(p), pv, stepBody(r.C, body))
	}
	return r.Show(pv, stepBody(r.C, body))
}

// stepView is the form of one step.
type stepView struct {
	Form     ui.Form
	Lead     string
	Ratings  []ratingView
	Optional bool
	Choices  *ui.FieldView // treatment
	Reason   *ui.FieldView
	Measures *ui.FieldView
	Fields   []ui.FieldView // text areas
	Day      *ui.FieldView
	New      ui.LinkView // to a new measure
}
