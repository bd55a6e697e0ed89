package operation

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"augenmass/internal/operate/entry"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// desk is one case as a person with gloves sees it. What would give the
// suggestion away is filled only once it was asked for.
type desk struct {
	Case     oversee.Case
	Title    string
	System   string
	Fallback string // what holds until somebody decided
	Decides  string // roles
	Left     string
	Due      string

	Reasons []whyView

	// Sees says that the content is shown; Blank why not.
	Sees     bool
	Blank    string
	Features []featureRow
	Rows     ui.TableView // instead of Features when the request had several rows
	More     int          // rows that are not shown

	Output     output
	Revealed   bool
	Suggestion string
	Figures    []ui.Fact
	Hints      []string
	Influence  bool // Features hold shares

	MayDecide bool
	Waits     string // why the reader cannot decide now, empty if they can
	Late      bool   // the deadline has passed; a decision is recorded and releases nothing
	Form      ui.Form
	Outcome   []ui.Fact // of a case that has ended
	Stopped   bool
	MayStop   bool
	MayLift   bool
	Links     []ui.LinkView
}

// whyView is one reason why a person decides: the figure, the sentence around
// it, and the rule behind it.
type whyView struct {
	Strong    string
	Text      string
	Condition string
	Clauses   []ui.ClauseRef
}

// caseShow is the review desk.
func caseShow(r *page.Request) error {
	if err := mustRead(r, "case"); err != nil {
		return err
	}
	v, err := newDesk(r, r.Param("id"), r.Query("reveal") == "yes")
	if err != nil {
		return err
	}
	return v.answer(r, http.StatusOK)
}

func (v *desk) answer(r *page.Request, status int) error {
	c := r.C
	crumbs := []ui.LinkView{{Text: c.T("area.operation"), Href: c.URL("operation")}, {Text: c.T("operation.cases.title"), Href: c.URL("operation", "cases")},
		{Text: v.System, Href: c.URL("systems", v.Case.System)}}
	return r.ShowAs(status, ui.PageView{Title: v.Title, Crumbs: crumbs, Touch: true, Aside: deadline(c, v)}, deskBody(c, v))
}

// newDesk reads a case and prepares what the reader may see of it.
func newDesk(r *page.Request, id string, reveal bool) (*desk, error) {
	c, ctx := r.C, r.Context()
	k, err := r.Org.Oversee.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	i, err := inferenceAt(ctx, r.Org.Journal, k.Index)
	if err != nil {
		return nil, err
	}
	names, err := show.Names(ctx, r.Org.DB, k.System, k.First, k.DecidedBy)
	if err != nil {
		return nil, err
	}
	v := &desk{Case: k, System: systemName(c, names, k.System), Decides: show.Roles(c, k.Deciders), Due: show.Since(c, k.Due),
		Stopped: r.Org.Oversee.Stopped(k.System), MayStop: can(r, roles.Stop, "system"), MayLift: can(r, roles.Lift, "system")}
	pm, _ := r.Org.Point.Permit(k.System)
	if cond, ok := pm.Condition(permit.CondFallback); ok {
		v.Fallback = show.Say(c, cond.Say)
	}
	labels, err := v.content(r, reveal)
	if err != nil {
		return nil, err
	}
	if v.Title = c.T("operation.desk.title", "system", v.System); v.Output.Question != "" {
		v.Title = c.T(v.Output.Question)
	}
	for _, reason := range k.Reasons {
		v.Reasons = append(v.Reasons, why(c, r, reason, i, pm, labels))
	}
	v.standing(r, names)
	v.Links = append(v.Links, ui.LinkView{Text: c.T("operation.desk.decision"), Href: c.URL("operation", "decisions", k.Decision)},
		ui.LinkView{Text: c.T("operation.entry", "index", show.Index(c, k.Index)), Href: show.EntryHref(c, k.Index)})
	return v, nil
}

// standing says whether the reader decides, waits, or reads what was decided.
func (v *desk) standing(r *page.Request, names show.People) {
	c, k := r.C, v.Case
	v.Late = k.State == oversee.Expired || k.State.Waiting() && c.Now.After(k.Due)
	if k.State.Waiting() && !v.Late {
		v.Left = left(c, k)
	}
	decider := decides(r, k)
	switch {
	case !decider:
		v.Waits = c.T("operation.desk.others", "roles", v.Decides)
	case k.State == oversee.SecondNeeded && k.First == r.Who.ID && !v.Late:
		v.Waits = c.T("operation.desk.handed")
	case k.State.Waiting() || k.State == oversee.Expired && k.Late == 0:
		v.MayDecide = true
	}
	v.Form = ui.Form{C: c, ID: "own", Prefix: "operation.form.", Action: caseHref(c, k.ID)}
	if k.State.Waiting() {
		if k.First != "" {
			v.Outcome = append(v.Outcome, ui.Fact{Term: c.T("operation.desk.first"), Text: names.Name(c, k.First)})
		}
		return
	}
	mark := show.CaseMark(c, k.State)
	v.Outcome = append(v.Outcome, ui.Fact{Term: c.T("operation.col.state"), Mark: &mark})
	if k.DecidedBy != "" {
		seen := "operation.desk.unseen"
		if k.Revealed {
			seen = "operation.desk.seen"
		}
		v.Outcome = append(v.Outcome, ui.Fact{Term: c.T("operation.desk.by"), Text: names.Name(c, k.DecidedBy), Note: show.Since(c, k.DecidedAt)},
			ui.Fact{Term: c.T("operation.desk.suggestion"), Text: c.T(seen)})
	}
	if k.First != "" {
		v.Outcome = append(v.Outcome, ui.Fact{Term: c.T("operation.desk.first"), Text: names.Name(c, k.First)})
	}
	if k.Late > 0 {
		v.Outcome = append(v.Outcome, ui.Fact{Term: c.T("operation.desk.late"), Text: c.T("operation.desk.late.count", "n", k.Late)})
	}
}

// decides reports whether the permit named one of the reader's roles when the
// case was opened. It chooses what to show; oversee decides.
func decides(r *page.Request, k oversee.Case) bool { return r.Has(k.Deciders...) }

// inferenceAt reads the entry that a case or a row rests on.
func inferenceAt(ctx context.Context, j ledger.Book, index uint64) (entry.Inference, error) {
	raw, err := j.Entry(ctx, index)
	if err != nil {
		return entry.Inference{}, err
	}
	e, err := ledger.Decode(raw)
	if err != nil {
		return entry.Inference{}, err
	}
	return entry.ParseInference(e.Data)
}

// why is one reason with its number, limit, condition of the permit and
// clauses.
func why(c ui.Ctx, r *page.Request, reason entry.Reason, i entry.Inference, pm permit.Permit, labels map[string]string) whyView {
	v := whyView{Clauses: show.Clauses(c, r.Org.Packs, reason.Clauses)}
	kind := ""
	switch code := reason.Code; {
	case code == entry.ConfidenceLow && i.Confidence != nil:
		kind = permit.CondConfidence
		v.Strong = c.T("show.confidence", "value", c.Decimal(*i.Confidence, 2))
		v.Text = c.T("operation.why.below", "limit", c.Decimal(i.Limits.Confidence, 2))
	case code == entry.DriftHigh && i.Drift != nil:
		kind = permit.CondDrift
		v.Strong = c.T("operation.drift", "value", c.Decimal(*i.Drift, 2))
		v.Text = c.T("operation.why.above.feature", "limit", c.Decimal(i.Limits.Drift, 2), "feature", label(labels, i.DriftFeature))
	case code == entry.BiasHigh && i.Bias != nil:
		kind = permit.CondBias
		v.Strong = c.T("operation.bias", "value", c.Decimal(*i.Bias, 2))
		v.Text = c.T("operation.why.above", "limit", c.Decimal(i.Limits.Bias, 2))
	default:
		v.Strong = show.Reason(c, code)
		if say, ok := entry.Say(code); ok {
			v.Text = c.In(say)
		}
		if code == entry.PlantNotAllowed || code == entry.PlantUnknownState {
			kind = permit.CondPlant
		}
		if code == entry.ModelLate {
			kind = permit.CondTimeout
		}
	}
	// The numbers of conditions are those of the version that was in force.
	if kind != "" && pm.Version == i.Permit.Version {
		for n, cond := range pm.Conditions {
			if cond.Kind == kind {
				v.Condition = c.T("operation.condition", "n", strconv.Itoa(n+1))
			}
		}
	}
	return v
}

// label is how people call a feature, or its name.
func label(labels map[string]string, name string) string {
	if l := labels[name]; l != "" {
		return l
	}
	return name
}

// labelsOf are the names of a model's features as its register entry has them.
func labelsOf(r *page.Request, model string) (map[string]string, error) {
	out := map[string]string{}
	if model == "" || !can(r, "read", "model") {
		return out, nil
	}
	m, err := r.Org.Inventory.ModelByName(r.Context(), r.Org.DB, model)
	if problem.Is(err, problem.NotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range m.Doc.Reading.Features {
		out[f.Name] = show.Say(r.C, f.Label)
	}
	for _, f := range m.Doc.Reading.Explained {
		if out[f.Name] == "" {
			out[f.Name] = show.Say(r.C, f.Label)
		}
	}
	return out, nil
}

// problemOf is an error as a problem that a person can mend on the form.
func problemOf(err error) (*problem.Problem, bool) {
	var p *problem.Problem
	return p, errors.As(err, &p)
}
