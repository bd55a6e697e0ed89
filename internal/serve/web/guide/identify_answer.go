package guide

import (
	"slices"
	"strconv"

	"augenmass/internal/govern/assess"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
)

// identifyAnswer keeps one answer and leads to the next question, or back. A
// form without a question keeps the answers that it carries.
func identifyAnswer(r *page.Request) error {
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
	back, value := in.Get("go") == "back", in.Get("answer")
	item, asked := s.q.Item(in.Get("q"))
	if in.Get("q") != "" && !asked {
		return problem.New(problem.NotFound, "Diese Frage gibt es im Fragebogen nicht.", "The questionnaire has no such question.")
	}
	previous := s.before(item.ID)
	if asked && value != "" {
		if !slices.ContainsFunc(s.q.Options, func(o packs.Option) bool { return o.ID == value }) {
			return s.question(item, choose())
		}
		if err := s.with(put(s.answers, assess.Answer{Item: item.ID, Value: value})); err != nil {
			return err
		}
	} else if asked && !back {
		return s.question(item, choose())
	}
	if _, err = r.Org.Assess.Keep(r.Context(), s.sys.ID, assess.Identification, revision, s.answers); problem.Is(err, problem.Conflict) {
		return s.conflict(err, in, s.path(""))
	}
	if err != nil {
		return err
	}
	if back && previous != "" {
		return r.Go(s.at(previous), "")
	}
	return r.Go(s.path(""), "")
}

// choose is what is wrong with a question without an answer.
func choose() *problem.Problem {
	return problem.New(problem.BadInput, "Hier fehlt noch eine Antwort.", "An answer is missing here.").
		WithField("answer", "Bitte eine Antwort wählen. „Weiß ich nicht“ ist erlaubt.", "Please choose an answer. 'I do not know' is allowed.")
}

// before is the question answered before this one, or empty.
func (s *identifying) before(item string) string {
	i := slices.IndexFunc(s.answers, func(a assess.Answer) bool { return a.Item == item })
	if i < 0 {
		i = len(s.answers)
	}
	if i == 0 {
		return ""
	}
	return s.answers[i-1].Item
}

// put replaces the answer to a question in its place, or adds it.
func put(answers []assess.Answer, a assess.Answer) []assess.Answer {
	out := slices.Clone(answers)
	if i := slices.IndexFunc(out, func(b assess.Answer) bool { return b.Item == a.Item }); i >= 0 {
		out[i] = a
		return out
	}
	return append(out, a)
}

// identifyDiscard takes back what was changed since the verdict that stands.
func identifyDiscard(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, err := identifyOf(r)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0
	}
	if _, err := r.Org.Assess.Keep(r.Context(), s.sys.ID, assess.Identification, revision, s.have.Doc.Answers); err != nil {
		return err
	}
	return r.Go(s.path(""), "guide.discarded")
}
