package approval

import (
	"slices"
	"strings"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/permit"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
	"augenmass/internal/text"
)

// fact is a term of the dossier; what is not given is a dash.
func (s *reading) fact(name, value string) ui.Fact {
	if value == "" {
		value = "–"
	}
	return ui.Fact{Term: s.r.C.T("approval.fact." + name), Text: value}
}

// parts are the sections of the dossier, in the order in which people ask: what
// is it, what must it not do, what is it under the law, who agreed, how does it
// run.
func (s *reading) parts() []partView {
	return []partView{s.what(), s.identified(), s.classified(), s.agreed(), s.runs()}
}

func (s *reading) what() partView {
	c, d := s.r.C, s.d.System.Doc
	people := c.T("approval.no")
	if d.People {
		people = c.T("approval.yes")
	}
	registered := s.fact("registered", s.names.Name(c, s.d.System.CreatedBy))
	registered.Note = c.Date(s.d.System.CreatedAt)
	return partView{ID: "what", Title: c.T("approval.part.what"), Link: ui.LinkView{Text: c.T("approval.file"), Href: c.URL("systems", s.d.System.ID)}, Facts: []ui.Fact{
		s.fact("purpose", show.Say(c, d.Purpose)), s.fact("excluded", list(c, d.Excluded)), s.fact("use", show.Say(c, d.Use)),
		s.fact("origin", show.Word(c, "origin", string(d.Origin))), s.fact("technology", d.Technology),
		s.fact("scope", show.List(c, show.Words(c, "scope", d.Scope))), s.fact("role_of_ai", show.Word(c, "roleofai", string(d.RoleOfAI))),
		s.fact("data_sources", strings.Join(d.DataSources, ", ")), s.fact("data_classes", strings.Join(show.Words(c, "data", d.DataClasses), ", ")),
		s.fact("zones", strings.Join(d.Zones, ", ")), s.fact("people", people), s.fact("owner", s.names.Name(c, d.RiskOwner)), registered,
		s.fact("review_by", c.Date(d.ReviewBy)),
	}}
}

func list(c ui.Ctx, all []text.Bi) string {
	var out []string
	for _, b := range all {
		out = append(out, show.Say(c, b))
	}
	return strings.Join(out, "; ")
}

func (s *reading) identified() partView {
	c := s.r.C
	v := partView{ID: "identified", Title: c.T("approval.part.identified"), Link: ui.LinkView{Text: c.T("approval.answers"), Href: c.URL("systems", s.d.System.ID, "identify")}}
	a := s.d.Identification()
	mark := show.VerdictMark(c, "")
	if a == nil {
		v.Mark, v.Say = &mark, c.T("approval.identified.none")
		return v
	}
	mark = show.VerdictMark(c, a.Doc.Verdict)
	v.Mark = &mark
	v.Facts = []ui.Fact{s.fact("points", c.T("approval.points", "n", a.Doc.Points, "max", a.Doc.MaxPoints)), s.fact("as_of", c.Date(a.Doc.AsOf)),
		s.fact("until", show.Until(c, a.Doc.ValidUntil))}
	for _, st := range a.Doc.Trace {
		v.Why = append(v.Why, ui.Reason{Text: show.Say(c, st.Say), Clauses: show.Clauses(c, s.r.Org.Packs, st.Clauses)})
	}
	for _, o := range s.d.Assessments {
		if o.Doc.Questionnaire != assess.Identification {
			v.Facts = append(v.Facts, ui.Fact{Term: show.Word(c, "assessment", o.Doc.Questionnaire), Text: c.T(assessed(o.Doc)), Note: show.Until(c, o.Doc.ValidUntil)})
		}
	}
	return v
}

func assessed(a assess.Assessment) string {
	switch {
	case a.RedFlag:
		return "approval.assessed.flag"
	case a.Done:
		return "approval.assessed.done"
	}
	return "approval.assessed.open"
}

func (s *reading) classified() partView {
	c := s.r.C
	v := partView{ID: "classified", Title: c.T("approval.part.classified"), Link: ui.LinkView{Text: c.T("approval.answers"), Href: c.URL("systems", s.d.System.ID, "classify")}}
	mark := show.ClassMark(c, "")
	if s.d.Classification == nil {
		v.Mark, v.Say = &mark, c.T("approval.classified.none")
		return v
	}
	k := s.d.Classification.Doc
	mark = show.ClassMark(c, k.Class)
	v.Mark = &mark
	if k.Class != k.ByRules {
		v.Say = c.T("approval.overridden", "rules", show.Word(c, "class", k.ByRules), "reason", k.Reason)
	}
	level := c.T("approval.level.unclear")
	if k.LevelKnown {
		level = c.T("show.sl", "n", k.Level)
	}
	v.Facts = []ui.Fact{s.fact("role", show.Word(c, "operator", k.Role)), s.fact("level", level), s.fact("as_of", c.Date(k.AsOf)), s.fact("until", show.Until(c, k.ValidUntil))}
	for _, part := range []string{classify.PartClass, classify.PartRole, classify.PartLevel} {
		for _, st := range k.Trace {
			if st.Part == part || st.Part == "" && part == classify.PartClass {
				v.Why = append(v.Why, ui.Reason{Text: show.Say(c, st.Say), Clauses: show.Clauses(c, s.r.Org.Packs, st.Clauses)})
			}
		}
	}
	return v
}

func (s *reading) agreed() partView {
	c := s.r.C
	v := partView{ID: "agreed", Title: c.T("approval.part.agreed")}
	if len(s.d.Agreements) == 0 {
		v.Say = c.T("approval.agreed.unneeded")
		if s.d.System.Doc.People {
			v.Say = c.T("approval.agreed.missing")
			v.Mark = &ui.Mark{Kind: ui.Warn, Word: c.T("approval.missing")}
		}
	}
	for _, a := range s.d.Agreements {
		f := ui.Fact{Term: a.Doc.Name, Text: c.T("approval.agreed.unsigned"), Note: list(c, a.Doc.Excluded)}
		if !a.Doc.SignedAt.IsZero() {
			f.Text = c.T("approval.agreed.signed", "when", c.Date(a.Doc.SignedAt), "until", show.Until(c, a.Doc.ValidUntil))
		}
		v.Facts = append(v.Facts, f)
	}
	return v
}

// runs are limits, oversight and the safe state; a limit that nobody set is the
// house's, and says so.
func (s *reading) runs() partView {
	c, d := s.r.C, s.d.System.Doc
	o := d.Oversee
	limit := func(name string, v, fallback float64) ui.Fact {
		f := s.fact(name, c.Decimal(v, 2))
		if v == 0 {
			f = s.fact(name, c.Decimal(fallback, 2))
			f.Note = c.T("approval.default")
			if fallback == 0 {
				f = s.fact(name, "")
			}
		}
		return f
	}
	span := func(name, unit string, v, fallback int64) ui.Fact {
		f := s.fact(name, c.T(unit, "n", int(max(v, 0))))
		if v == 0 {
			f = s.fact(name, c.T(unit, "n", int(fallback)))
			f.Note = c.T("approval.default")
		}
		return f
	}
	keep := s.fact("retain", show.Word(c, "retain", string(d.Retain)))
	if d.RetainDays > 0 && (d.Retain == "all" || d.Retain == "sample") {
		keep.Note = c.T("approval.days", "n", d.RetainDays)
	}
	return partView{ID: "runs", Title: c.T("approval.part.runs"), Facts: []ui.Fact{
		s.fact("oversight", show.Word(c, "oversight", string(o.Mode))), s.fact("decider", show.Say(c, o.Decider)),
		limit("confidence", o.Limits.Confidence, permit.DefaultConfidence), limit("drift", o.Limits.Drift, permit.DefaultDrift), limit("bias", o.Limits.Bias, 0),
		span("timeout", "approval.ms", o.Limits.TimeoutMS, permit.DefaultTimeoutMS), span("review", "approval.min", o.Limits.ReviewMin, permit.DefaultReviewMin),
		s.fact("on_hold", show.Word(c, "onhold", string(o.OnHold))), s.fact("fallback", show.Say(c, o.Fallback)),
		s.fact("plant", strings.Join(show.Words(c, "plant", d.PlantStates), ", ")), keep,
	}}
}

// models are the models with their cards and the hash that the permit covers.
func (s *reading) models() []modelView {
	c := s.r.C
	var out []modelView
	for _, m := range s.d.Models {
		v := modelView{Title: m.Doc.Name + " " + m.Doc.Version, Mark: ui.Mark{Kind: ui.OK, Word: c.T("approval.card.complete")}}
		if !m.Doc.Card.Complete() {
			v.Mark = ui.Mark{Kind: ui.Warn, Word: c.T("approval.card.incomplete")}
		}
		hash := s.fact("hash", short(m.Doc.Hash))
		hash.Mono = true
		v.Facts = []ui.Fact{hash, s.fact("card.purpose", show.Say(c, m.Doc.Card.Purpose)), s.fact("card.data", show.Say(c, m.Doc.Card.Data)),
			s.fact("card.limits", show.Say(c, m.Doc.Card.Limits)), s.fact("card.confidence", show.Say(c, m.Doc.Card.Confidence))}
		v.Metrics = ui.TableView{Caption: c.T("approval.metrics", "model", v.Title), Cols: []ui.Col{{Head: c.T("approval.metric")}, {Head: c.T("approval.metric.value"), Right: true, Mono: true}, {Head: c.T("approval.metric.on")}}}
		for _, x := range m.Doc.Card.Metrics {
			v.Metrics.Rows = append(v.Metrics.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Name}, {Text: text.Float(c.Lang, x.Value)}, {Text: x.On}}})
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b modelView) int { return strings.Compare(a.Title, b.Title) })
	return out
}

// short keeps the first and last digits of a hash.
func short(hash string) string {
	algorithm, digits, ok := strings.Cut(hash, ":")
	if !ok || len(digits) < 12 {
		return hash
	}
	return algorithm + " " + digits[:4] + "…" + digits[len(digits)-4:]
}
