package guide

import (
	"augenmass/internal/govern/assess"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// identifySave makes a verdict of the answers.
func identifySave(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, err := identifyOf(r)
	if err != nil {
		return err
	}
	revision, err := s.take(in)
	if err != nil {
		return err
	}
	_, err = r.Org.Assess.Conclude(r.Context(), s.sys.ID, assess.Identification, revision,
		assess.Input{Answers: s.answers, OpenWho: in.Get("open_who"), OpenDue: day(r, in.Get("open_due"))})
	if problem.Is(err, problem.Conflict) {
		return s.conflict(err, in, s.path("/save"))
	}
	if p, ok := again(err); ok {
		return s.result(in, p)
	}
	if err != nil {
		return err
	}
	return r.Go(s.path(""), "guide.identified")
}
