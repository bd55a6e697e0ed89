package guide

import (
	"slices"
	"strconv"
	"strings"

	"augenmass/internal/govern/classify"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/serve/web/page"
)

// classifyAnswer keeps one answer and leads to the next question, or back. A
// form without a question keeps the answers that it carries.
func classifyAnswer(r *page.Request) error {
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
	back, values := in.Get("go") == "back", nonEmpty(in["answer"])
	f, asked := s.fact(in.Get("q"))
	if in.Get("q") != "" && !asked {
		return problem.New(problem.NotFound, "Diese Frage gibt es nicht.", "There is no such question.")
	}
	previous := s.before(f.Name)
	switch {
	case asked && len(values) > 0:
		if bad := fits(f, values); bad != nil {
			return s.question(f, values, bad)
		}
		answers := slices.Clone(s.answers)
		if i := s.given(f.Name); i >= 0 {
			answers[i].Values = values
		} else {
			answers = append(answers, classify.Answer{Fact: f.Name, Values: values})
		}
		if err := s.with(answers); err != nil {
			return err
		}
	case asked && !back:
		return s.question(f, values, choose())
	}
	if _, err = r.Org.Classify.Keep(r.Context(), s.sys.ID, revision, s.answers); problem.Is(err, problem.Conflict) {
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

func nonEmpty(all []string) []string {
	var out []string
	for _, v := range all {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// fits checks an answer in words for the reader; the room checks again.
func fits(f packs.Fact, values []string) *problem.Problem {
	alone := func(v string) bool { return v == classify.None || v == packs.Unknown }
	if len(values) > 1 && slices.ContainsFunc(values, alone) {
		return problem.New(problem.BadInput, "Diese Antworten passen nicht zusammen.", "These answers do not go together.").
			WithField("answer", "„Nichts davon“ und „Weiß ich nicht“ stehen allein.", "'None of these' and 'I do not know' stand alone.")
	}
	for _, v := range values {
		ok := v == packs.Unknown && f.Type != packs.FactBool
		switch f.Type {
		case packs.FactBool, packs.FactTri:
			ok = ok || v == "yes" || v == "no"
		case packs.FactInt:
			n, err := strconv.Atoi(v)
			if !ok && (err != nil || n < f.Min || n > f.Max) {
				return problem.New(problem.BadInput, "Diese Zahl passt nicht.", "This number does not fit.").
					WithField("answer", "Bitte eine ganze Zahl von "+strconv.Itoa(f.Min)+" bis "+strconv.Itoa(f.Max)+".",
						"Please enter a whole number from "+strconv.Itoa(f.Min)+" to "+strconv.Itoa(f.Max)+".")
			}
			ok = true
		default:
			ok = ok || v == classify.None && f.Type == packs.FactSet || slices.ContainsFunc(f.Options, func(o packs.Option) bool { return o.ID == v })
		}
		if !ok || len(values) > 1 && f.Type != packs.FactSet {
			return choose()
		}
	}
	return nil
}

// before is the question answered before this one, or empty.
func (s *classifying) before(fact string) string {
	i := s.given(fact)
	if i < 0 {
		i = len(s.answers)
	}
	if i == 0 {
		return ""
	}
	return s.answers[i-1].Fact
}

// classifyDiscard takes back what was changed since the result that stands.
func classifyDiscard(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, err := classifyOf(r)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0
	}
	if _, err := r.Org.Classify.Keep(r.Context(), s.sys.ID, revision, s.have.Doc.Answers); err != nil {
		return err
	}
	return r.Go(s.path(""), "guide.discarded")
}
