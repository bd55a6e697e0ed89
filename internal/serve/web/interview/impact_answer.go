package interview

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/interview"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	ask "augenmass/internal/record/packs/interview"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// impactAnswer keeps the reader's answers to one section. What was left empty is
// no answer.
func impactAnswer(r *page.Request) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Create, "interview_entry", nil); err != nil {
		return err
	}
	in, err := r.Form()
	if err != nil {
		return err
	}
	t, err := open(r, "")
	if err != nil {
		return err
	}
	s, ok := t.st.Questions.Section(r.Param("section"))
	if !ok || t.wave == nil {
		return problem.New(problem.NotFound, "Diesen Abschnitt gibt es nicht.", "There is no such section.")
	}
	var given []interview.Given
	for _, it := range s.Items {
		if g, ok := posted(in, it); ok {
			given = append(given, g)
		}
	}
	err = r.Org.Impact.Answer(r.Context(), t.wave.ID, given)
	if problem.Is(err, problem.BadInput) {
		p := problem.From(err)
		return t.section(ui.Status(p), in, p)
	}
	if err != nil {
		return err
	}
	return r.Go(t.path("/section/"+s.ID), "impact.kept")
}

// posted reads the answer to one question; ok is false when it was left empty.
func posted(in url.Values, it ask.Item) (g interview.Given, ok bool) {
	g.Item, g.Text = it.ID, strings.TrimSpace(in.Get(path(it.ID, "text")))
	g.Differs = in.Get(path(it.ID, "differs")) == ask.Yes
	values := slices.DeleteFunc(slices.Clone(in[path(it.ID, "")]), func(v string) bool { return strings.TrimSpace(v) == "" })
	if it.Type == ask.Right {
		if len(values) > 0 {
			g.Right.Touched = values[0]
		}
		if g.Right.Touched == ask.Yes {
			for name, to := range map[string]*int{"gravity": &g.Right.Gravity, "scope": &g.Right.Scope, "reversibility": &g.Right.Reversibility, "likelihood": &g.Right.Likelihood, "remains": &g.Right.Remains} {
				if n, err := strconv.Atoi(in.Get(path(it.ID, name))); err == nil { // otherwise missing, which the room names
					*to = n
				}
			}
		}
		return g, g.Right.Touched != ""
	}
	g.Values = values
	return g, len(values) > 0 || g.Text != ""
}
