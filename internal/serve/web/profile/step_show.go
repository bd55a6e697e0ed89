package profile

import (
	"maps"
	"net/url"
	"strconv"

	"augenmass/internal/govern/control"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// stepShow asks one step. Who may only read reads it on the overview.
func stepShow(r *page.Request) error {
	if err := must(r, store.Update); err != nil {
		return err
	}
	s, at, ok := stepOf(r.Param("step"))
	if !ok {
		return noStep()
	}
	v, err := open(r)
	if err != nil {
		return err
	}
	return ask(v, s, at, nil, nil)
}

func noStep() error {
	return problem.New(problem.NotFound, "Diesen Schritt gibt es nicht.", "There is no such step.").
		WithHint("Die Übersicht des Steckbriefs nennt alle Schritte.", "The overview of the profile names all steps.")
}

// ask shows a step with what is stored, or with what was posted and is wrong.
func ask(v *view, s step, at int, posted url.Values, p *problem.Problem) error {
	f := &former{v: v, filled: posted != nil, form: ui.Form{C: v.c, ID: "profile", Prefix: "profile.f.", Action: v.url(s.name), Values: url.Values{}, Problem: p,
		Submit: v.c.T("profile.save"), Cancel: v.url(""), Hidden: map[string]string{"revision": strconv.FormatInt(v.rev, 10)}}}
	if posted != nil {
		f.form.Values = maps.Clone(posted)
	}
	f.form.More = []ui.Action{{Text: v.c.T("profile.save.stay"), Name: "go", Value: "stay"}, {Text: v.c.T("profile.save.list"), Name: "go", Value: "list", Kind: "quiet"}}
	var err error
	if f.people, err = v.people(v.named()...); err != nil {
		return err
	}
	if s.name == "notices" {
		if f.proofs, err = proofs(v); err != nil {
			return err
		}
	}
	s.show(v, f)
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	mark := v.mark(s)
	head := ui.PageView{Title: v.c.T("profile.step." + s.name), Narrow: true, Crumbs: v.crumbs(ui.LinkView{Text: v.c.T("profile.title"), Href: v.url("")}),
		Over: v.c.T("profile.place", "n", at+1, "of", len(steps))}
	return v.r.ShowAs(status, head, stepBody(v, s, f, mark))
}

// named are the people that the profile names already.
func (v *view) named() []string {
	p := v.doc
	out := []string{p.Intent.By, p.Persons.Decides, p.Persons.Checks, p.Persons.Liable, p.Values.Fair.By, p.Values.Open.By, p.Values.Held.By,
		p.Copyright.Input.By, p.Copyright.Output.By}
	for _, d := range p.Decisions {
		out = append(out, d.Person)
	}
	return out
}

// proofs are the evidence objects that can show a notice.
func proofs(v *view) ([]ui.Option, error) {
	all, err := control.EvidenceKind().All(v.r.Context(), v.r.Org.DB, store.Query{Sort: "title"})
	if problem.Is(err, problem.Denied) {
		return nil, nil
	}
	var out []ui.Option
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Text: o.Title})
	}
	return out, err
}
