package guide

import (
	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// classifySave makes a result of the answers, as the rules say or, with a
// reason and after a look at what it costs or leaves out, otherwise.
func classifySave(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, err := classifyOf(r)
	if err != nil {
		return err
	}
	revision, err := s.take(in)
	if err != nil {
		return err
	}
	if w := s.warned(in); w != nil {
		return s.resultAs(in, nil, w)
	}
	_, err = r.Org.Classify.Put(r.Context(), s.sys.ID, revision, classify.Input{Verdict: s.verdict, Answers: s.answers,
		Class: in.Get("class"), Reason: in.Get("reason"), OpenWho: in.Get("open_who"), OpenDue: day(r, in.Get("open_due")),
		OpenTo: classify.Addressee(in.Get("open_to"))})
	if problem.Is(err, problem.Conflict) {
		return s.conflict(err, in, s.path("/save"))
	}
	if p, ok := again(err); ok {
		return s.result(in, p)
	}
	if err != nil {
		return err
	}
	return r.Go(s.path(""), "guide.classified")
}
