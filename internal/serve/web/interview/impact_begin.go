package interview

import (
	"augenmass/internal/govern/interview"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// impactBegin begins the next round.
func impactBegin(r *page.Request) error {
	if err := roles.Access(r.Context(), r.Who.Actor(), store.Create, "interview", nil); err != nil {
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
	var people []interview.Participant
	for _, w := range t.st.Questions.Who {
		if id := in.Get("who." + w.ID); id != "" {
			people = append(people, interview.Participant{Person: id, Role: w.ID})
		}
	}
	_, err = r.Org.Impact.Begin(r.Context(), t.sys.ID, interview.Depth(in.Get("depth")), people)
	if problem.Is(err, problem.BadInput) {
		p := problem.From(err)
		return t.overview(ui.Status(p), in, "begin", p)
	}
	if err != nil {
		return err
	}
	return r.Go(t.path("/section/"+t.st.Questions.Sections[0].ID), "impact.begun")
}
