package operation

import (
	"strings"
	"time"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// decision is everything that the journal says about one inference, in words.
type decision struct {
	Outcome  ui.Mark
	Means    string
	Reasons  []whyView
	Review   []ui.Fact
	Case     ui.LinkView
	Measures []measure
	What     []ui.Fact // model, caller, permit
	Sealed   []ui.Fact // commitments and where the payload lies
	Entry    ui.LinkView
}

// measure is one figure beside its limit.
type measure struct {
	Name  string
	Value string
	Limit string
	Mark  *ui.Mark
	Meter *ui.MeterView
	Note  string
}

// decisionShow tells one decision from its journal entry.
func decisionShow(r *page.Request) error {
	if err := mustRead(r, "journal"); err != nil {
		return err
	}
	c, ctx := r.C, r.Context()
	row, err := r.Org.Trail.ByID(ctx, r.Param("id"))
	if err != nil {
		return err
	}
	index := uint64(row.Index)
	i, err := inferenceAt(ctx, r.Org.Journal, index)
	if err != nil {
		return err
	}
	names, err := show.Names(ctx, r.Org.DB, i.System, i.Caller.ID)
	if err != nil {
		return err
	}
	labels := map[string]string{}
	if i.DriftFeature != "" {
		if labels, err = labelsOf(r, i.Model.Name); err != nil {
			return err
		}
	}
	v := decision{Outcome: show.OutcomeMark(c, string(i.Outcome)), Means: c.T("operation.means." + string(i.Outcome)),
		Measures: measures(c, i, labels), What: circumstances(c, i, row.At, names), Sealed: sealed(c, i),
		Entry: ui.LinkView{Text: c.T("operation.entry", "index", show.Index(c, index)), Href: show.EntryHref(c, index)}}
	pm, _ := r.Org.Point.Permit(i.System)
	for _, reason := range i.Reasons {
		v.Reasons = append(v.Reasons, why(c, r, reason, i, pm, labels))
	}
	if i.Case != nil && can(r, store.Read, "case") {
		if v.Review, err = reviewed(r, i); err != nil {
			return err
		}
		v.Case = ui.LinkView{Text: c.T("operation.case.open"), Href: caseHref(c, i.Case.ID)}
	}
	crumbs := []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}, {Text: c.T("operation.decisions.title"), Href: c.URL("operation", "decisions")}}
	return r.Show(ui.PageView{Title: c.T("operation.decision.title", "system", systemName(c, names, i.System)), Crumbs: crumbs}, decisionBody(c, v))
}

// reviewed is what became of the review case.
func reviewed(r *page.Request, i entry.Inference) ([]ui.Fact, error) {
	c := r.C
	k, err := r.Org.Oversee.Case(r.Context(), i.Case.ID)
	if problem.Is(err, problem.NotFound) { // the queue's read model is behind the journal
		k, err = oversee.Case{ID: i.Case.ID, State: oversee.Open, Deciders: i.Case.Deciders, Due: i.Case.Due}, nil
	}
	if err != nil {
		return nil, err
	}
	state := show.CaseMark(c, k.State)
	facts := []ui.Fact{{Term: c.T("operation.col.state"), Mark: &state},
		{Term: c.T("operation.col.deciders"), Text: show.Roles(c, k.Deciders)},
		{Term: c.T("operation.col.due"), Text: c.DateTime(k.Due)},
		{Term: c.T("operation.onhold"), Text: show.Word(c, "onhold", i.Case.OnHold)}}
	if !k.DecidedAt.IsZero() {
		facts = append(facts, ui.Fact{Term: c.T("operation.decided"), Text: c.DateTime(k.DecidedAt)})
	}
	return facts, nil
}

// measures are the figures that the result gate held against the limits then
// in force. What was not measured says so: null never means zero.
func measures(c ui.Ctx, i entry.Inference, labels map[string]string) []measure {
	confidence := measure{Name: c.T("operation.confidence")}
	if i.Confidence == nil {
		confidence.Value = c.T("operation.unmeasured")
	} else {
		confidence.Value = c.Decimal(*i.Confidence, 3)
		confidence.against(c, *i.Confidence, i.Limits.Confidence, *i.Confidence < i.Limits.Confidence, "operation.least")
	}
	drift := measure{Name: c.T("operation.driftname")}
	if i.Drift == nil {
		drift.Value = c.T("operation.unmeasured")
	} else {
		drift.Value = c.Decimal(*i.Drift, 3)
		over := *i.Drift > i.Limits.Drift && (i.DriftFloor == nil || *i.Drift > *i.DriftFloor)
		drift.against(c, *i.Drift, i.Limits.Drift, over, "operation.most")
		drift.Note = c.T("operation.drift.feature", "feature", label(labels, i.DriftFeature))
		if i.DriftFloor != nil {
			drift.Note += " " + c.T("operation.drift.floor", "floor", c.Decimal(*i.DriftFloor, 3))
		}
	}
	out := []measure{confidence, drift}
	if i.Bias != nil {
		bias := measure{Name: c.T("operation.biasname"), Value: c.Decimal(*i.Bias, 3)}
		bias.against(c, *i.Bias, i.Limits.Bias, i.Limits.Bias > 0 && *i.Bias > i.Limits.Bias, "operation.most")
		if i.BiasMargin != nil {
			bias.Note = c.T("operation.bias.margin", "margin", c.Decimal(*i.BiasMargin, 3))
		}
		out = append(out, bias)
	}
	return out
}

// against sets a figure beside its limit; a limit of zero is none.
func (m *measure) against(c ui.Ctx, value, limit float64, broken bool, key string) {
	mark := ui.Mark{Kind: ui.OK, Word: c.T("operation.kept")}
	if broken {
		mark = ui.Mark{Kind: ui.Warn, Word: c.T("operation.broken")}
	}
	m.Meter = &ui.MeterView{Value: value, Max: 1, Label: m.Name + ": " + m.Value, Kind: mark.Kind}
	if limit > 0 {
		m.Mark, m.Limit = &mark, c.T(key, "limit", c.Decimal(limit, 2))
	}
}

func circumstances(c ui.Ctx, i entry.Inference, at time.Time, names show.People) []ui.Fact {
	dash := func(s string) string {
		if s == "" {
			return "–"
		}
		return s
	}
	f := []ui.Fact{
		{Term: c.T("operation.col.time"), Text: c.Date(at) + ", " + c.Millis(at)},
		{Term: c.T("operation.col.system"), Text: systemName(c, names, i.System)},
		{Term: c.T("operation.model"), Text: dash(strings.TrimSpace(i.Model.Name + " " + i.Model.Version))},
		{Term: c.T("operation.duration"), Text: duration(c, i.DurationUS)},
		{Term: c.T("operation.rows"), Text: c.Int(i.Rows), Note: defects(c, i.Defects)},
		{Term: c.T("operation.caller"), Text: caller(c, i.Caller, names)},
		{Term: c.T("operation.zone"), Text: dash(i.Caller.Zone)},
		{Term: c.T("operation.permit"), Text: dash(i.Permit.Number), Mono: true},
	}
	if i.System != "" {
		f[1].Href = c.URL("systems", i.System)
	}
	if i.Permit.Version > 0 {
		f[7].Note = c.T("ui.version", "v", i.Permit.Version)
	}
	if i.Limits.TimeoutMS > 0 {
		f = append(f, ui.Fact{Term: c.T("operation.timeout"), Text: c.T("operation.ms", "n", c.Int(int(i.Limits.TimeoutMS)))})
	}
	if i.Plant != nil {
		mark := plantMark(c, i.Plant.State, i.Plant.State != entry.PlantUnknown)
		f = append(f, ui.Fact{Term: c.T("operation.plant.state", "zone", i.Plant.Zone), Mark: &mark})
	}
	return f
}

func duration(c ui.Ctx, us int64) string {
	if us == 0 {
		return c.T("operation.notasked")
	}
	return c.T("operation.ms", "n", c.Decimal(float64(us)/1000, 1))
}

func defects(c ui.Ctx, n int) string {
	if n == 0 {
		return ""
	}
	return c.T("operation.defects", "n", n)
}

// caller is who asked: a program or device by its name, never a person's.
func caller(c ui.Ctx, who entry.Caller, names show.People) string {
	if name := names[who.ID]; name != "" {
		return name
	}
	return c.T("operation.caller.unnamed")
}

// sealed lists the values that bind the entry to what it does not hold.
func sealed(c ui.Ctx, i entry.Inference) []ui.Fact {
	var f []ui.Fact
	add := func(key, value, where string) {
		if value == "" {
			value, where = "–", ""
		}
		f = append(f, ui.Fact{Term: c.T(key), Text: value, Mono: true, Note: where})
	}
	content := func(key string, s entry.Sealed) {
		where := c.T("operation.sealed.gone")
		if s.Ref != "" {
			where = c.T("operation.sealed.kept")
		}
		add(key, s.Commitment, where)
	}
	content("operation.sealed.input", i.Input)
	content("operation.sealed.output", i.Output)
	if i.Case != nil {
		content("operation.sealed.case", i.Case.Content)
	}
	add("operation.sealed.model", i.Model.Hash, "")
	add("operation.sealed.policy", i.Policy, "")
	add("operation.sealed.facts", i.Permit.FactsHash, "")
	add("operation.sealed.decision", i.Decision, "")
	return f
}
