package risk

import (
	"strconv"
	"strings"

	register "augenmass/internal/govern/risk"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/objects"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// showView is one risk in its steps.
type showView struct {
	Head     headView
	State    []ui.Mark
	Facts    []ui.Fact
	Lapses   []ui.LapseView
	Ratings  ui.TableView
	Treated  []ui.Fact
	Measures ui.TableView
	Accepted ui.TableView
	Decide   *decideView // the reader may decide what was asked for
	Withdraw *ui.Form
	Review   []ui.Fact
	Assess   ui.LinkView
	Treat    ui.LinkView
	Propose  ui.LinkView
	Look     ui.LinkView
	Whole    ui.LinkView
	Library  *libraryView
}

// decideView asks for a decision on an acceptance.
type decideView struct {
	Form  ui.Form
	Facts []ui.Fact
}

// loaded is one risk with what its page needs: three queries.
type loaded struct {
	store.Object[register.Risk]
	given    []store.Object[register.Acceptance]
	measures map[string]store.Object[register.Measure]
}

func load(r *page.Request) (loaded, error) {
	ctx, db := r.Context(), r.Org.DB
	o, err := r.Org.Risk.Risks.Get(ctx, db, r.Param("id"))
	if err != nil {
		return loaded{}, err
	}
	l := loaded{Object: o}
	if l.given, err = r.Org.Risk.Acceptances.All(ctx, db, store.Query{Filters: []store.Filter{store.Where("risk", "=", o.ID)}}); err != nil {
		return l, err
	}
	l.given = register.Register{Acceptances: l.given}.Of(o.ID)
	l.measures, err = r.Org.Risk.Measures.GetMany(ctx, db, o.Doc.Measures)
	return l, err
}

// riskShow shows one risk step by step, with what is to be done next.
func riskShow(r *page.Request) error { return showRisk(r, nil) }

func showRisk(r *page.Request, bad *problem.Problem) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	c, doc := r.C, l.Doc
	ids := []string{doc.Owner, doc.System}
	for _, a := range l.given {
		ids = append(ids, a.Doc.Signer, a.CreatedBy)
	}
	for _, m := range l.measures {
		ids = append(ids, m.Doc.Owner)
	}
	names, err := show.Names(r.Context(), r.Org.DB, ids...)
	if err != nil {
		return err
	}
	lapses := lapsed(r, doc.System)[l.ID]
	v := showView{Head: head(r, "risks"), Facts: riskFacts(r, l, names), Ratings: ratingTable(r, doc), Measures: measuresOf(r, l, names),
		Accepted: acceptedTable(r, l, names), Whole: ui.LinkView{Text: c.T("risks.whole_record"), Href: href(c, l.ID, "record")}}
	for _, lapse := range lapses {
		v.Lapses = append(v.Lapses, show.Lapse(c, library(r), lapse))
	}
	for _, word := range todo(c, l.Object, l.given, lapses) {
		v.State = append(v.State, ui.Mark{Kind: ui.Warn, Word: word})
	}
	if len(v.State) == 0 {
		v.State = []ui.Mark{{Kind: ui.OK, Word: c.T("risks.todo.nothing")}}
	}
	if doc.Treatment != "" {
		v.Treated = []ui.Fact{{Term: c.T("kind.risk.treatment"), Text: objects.Value(c, "risk", "treatment", string(doc.Treatment))}, {Term: c.T("kind.risk.treatment_reason"), Text: doc.TreatmentReason}}
	}
	v.Review = []ui.Fact{{Term: c.T("kind.risk.review_by"), Text: c.Date(register.Due(l.Object))}}
	if !doc.ReviewedAt.IsZero() {
		v.Review = append(v.Review, ui.Fact{Term: c.T("kind.risk.reviewed_at"), Text: c.Date(doc.ReviewedAt), Note: doc.ReviewNote})
	}
	steps(r, l, &v, bad)
	if h, ok := library(r).Hazard(doc.Hazard); ok {
		lv := hazardView(r, h)
		v.Library = &lv
	}
	pv := ui.PageView{Title: doc.Name, Crumbs: crumbs(c)}
	if may(r, store.Update, "risk") {
		pv.Actions = []ui.Action{nextStep(r, l)}
	}
	if bad != nil {
		return r.ShowAs(ui.Status(bad), pv, showBody(c, v))
	}
	return r.Show(pv, showBody(c, v))
}

// nextStep is the one expected step: rate, treat, ask for acceptance, review.
func nextStep(r *page.Request, l loaded) ui.Action {
	c := r.C
	step := "review"
	switch {
	case !l.Doc.Rated():
		step = "assess"
	case l.Doc.Treatment == "":
		step = "treat"
	case l.Doc.Residual().Grave() && !held(l, c) && pending(l) == nil && may(r, store.Create, "acceptance"):
		step = "accept"
	}
	return ui.Action{Text: c.T("risks.step." + step), Href: href(c, l.ID, step), Kind: "main"}
}

func held(l loaded, c ui.Ctx) bool {
	_, ok := register.Holding(l.given, l.Object, c.Now)
	return ok
}

// pending is what was asked for last and not decided yet.
func pending(l loaded) *store.Object[register.Acceptance] {
	for i, a := range l.given {
		if a.Doc.Decision == register.Proposed {
			return &l.given[i]
		}
	}
	return nil
}

// steps adds the ways on that the reader may go.
func steps(r *page.Request, l loaded, v *showView, bad *problem.Problem) {
	c := r.C
	if may(r, store.Update, "risk") {
		v.Assess = ui.LinkView{Text: c.T("risks.step.assess"), Href: href(c, l.ID, "assess")}
		v.Look = ui.LinkView{Text: c.T("risks.step.review"), Href: href(c, l.ID, "review")}
		if l.Doc.Rated() {
			v.Treat = ui.LinkView{Text: c.T("risks.step.treat"), Href: href(c, l.ID, "treat")}
		}
	}
	if may(r, store.Create, "acceptance") && l.Doc.Treatment != "" {
		v.Propose = ui.LinkView{Text: c.T("risks.step.accept"), Href: href(c, l.ID, "accept")}
	}
	if !may(r, store.Update, "acceptance") {
		return
	}
	form := func(a store.Object[register.Acceptance], submit string) ui.Form {
		return ui.Form{C: c, ID: "decide", Prefix: "risks.decide.", Action: href(c, l.ID, "accept", a.ID), Submit: c.T(submit), Problem: bad,
			Hidden: map[string]string{"revision": strconv.FormatInt(a.Revision, 10)}}
	}
	if a := pending(l); a != nil && a.CreatedBy != r.Who.ID && l.Doc.Owner != r.Who.ID {
		f := form(*a, "risks.decide.accept")
		f.More = []ui.Action{{Text: c.T("risks.decide.decline"), Name: "decision", Value: "decline"}}
		v.Decide = &decideView{Form: f, Facts: []ui.Fact{{Term: c.T("kind.acceptance.level"), Text: levelWord(r, a.Doc.Level)}, {Term: c.T("kind.acceptance.reason"), Text: a.Doc.Reason},
			{Term: c.T("kind.acceptance.condition"), Text: orDash(a.Doc.Condition)}, {Term: c.T("kind.acceptance.until"), Text: c.Date(a.Doc.Until)}}}
		return
	}
	if a, ok := register.Holding(l.given, l.Object, c.Now); ok {
		f := form(a, "risks.decide.withdraw")
		f.Hidden["decision"] = "withdraw"
		v.Withdraw = &f
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func riskFacts(r *page.Request, l loaded, names show.People) []ui.Fact {
	c, doc := r.C, l.Doc
	system := ui.Fact{Term: c.T("kind.risk.system"), Text: c.T("risks.whole")}
	if doc.System != "" {
		system.Text, system.Href = names.Name(c, doc.System), c.URL("systems", doc.System, "risks")
	}
	out := []ui.Fact{system, {Term: c.T("kind.risk.impacts"), Text: impactWords(c, doc.Impacts)}, {Term: c.T("kind.risk.cause"), Text: orDash(doc.Cause)},
		{Term: c.T("kind.risk.effect"), Text: orDash(doc.Effect)}, {Term: c.T("kind.risk.owner"), Text: names.Name(c, doc.Owner)}}
	return out
}

// ratingTable says for each kind of impact how likely and how grave it is, before
// and after treatment, with the reason for each cell (requirement 001-61).
func ratingTable(r *page.Request, doc register.Risk) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "ratings", Caption: c.T("risks.ratings"), Cols: []ui.Col{{Head: c.T("kind.risk.impacts")}, {Head: c.T("risks.when")}, {Head: c.T("risks.likelihood")}, {Head: c.T("risks.severity")}, {Head: c.T("risks.level")}}}
	row := func(i register.Impact, when string, x register.Rating) ui.Row {
		mark := levelMark(r, x.Level())
		return ui.Row{Cells: []ui.Cell{{Text: impactWord(c, string(i))}, {Text: when}, {Text: likelihoodWord(r, x.Likelihood), Note: x.LikelihoodReason},
			{Text: severityWord(r, x.Severity), Note: x.SeverityReason}, {Mark: &mark}}}
	}
	for _, i := range doc.Impacts {
		found := false
		for _, x := range doc.Before {
			if x.Impact == i {
				t.Rows, found = append(t.Rows, row(i, c.T("risks.before"), x)), true
			}
		}
		for _, x := range doc.After {
			if x.Impact == i {
				t.Rows = append(t.Rows, row(i, c.T("risks.after"), x))
			}
		}
		if !found {
			mark := levelMark(r, register.Unrated)
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: impactWord(c, string(i))}, {Text: c.T("risks.before")}, {Text: "–"}, {Text: "–"}, {Mark: &mark}}})
		}
	}
	return t
}

func measuresOf(r *page.Request, l loaded, names show.People) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "measures", Caption: c.T("kinds.measure"), Cols: measureCols(c), Empty: ui.EmptyView{Title: c.T("risks.measures.none"), Text: c.T("kinds.measure.none")}}
	for _, id := range l.Doc.Measures {
		if m, ok := l.measures[id]; ok {
			t.Rows = append(t.Rows, measureRow(r, m, names))
		}
	}
	return t
}

// acceptedTable lists what was asked for and decided; one that does not hold any
// more says why.
func acceptedTable(r *page.Request, l loaded, names show.People) ui.TableView {
	c := r.C
	t := ui.TableView{ID: "acceptances", Caption: c.T("kinds.acceptance"), Cols: []ui.Col{{Head: c.T("kind.acceptance.level")}, {Head: c.T("kind.acceptance.decision")}, {Head: c.T("risks.asked_by")},
		{Head: c.T("kind.acceptance.signer")}, {Head: c.T("kind.acceptance.until")}, {Head: c.T("kind.acceptance.reason")}},
		Empty: ui.EmptyView{Title: c.T("risks.acceptances.none"), Text: c.T("risks.acceptances.none.text")}}
	for _, a := range l.given {
		mark := ui.Mark{Kind: ui.None, Word: objects.Value(c, "acceptance", "decision", string(a.Doc.Decision))}
		if a.Doc.Decision == register.Accepted {
			mark.Kind = ui.OK
			if !register.Holds(a, l.Object, c.Now) {
				mark = ui.Mark{Kind: ui.Warn, Word: c.T("risks.acceptance.over")}
			}
		}
		signer := ui.Cell{Text: "–"}
		if a.Doc.Signer != "" {
			signer = ui.Cell{Text: names.Name(c, a.Doc.Signer), Note: strings.TrimSpace(c.Date(a.Doc.DecidedAt) + " " + a.Doc.Note)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: levelWord(r, a.Doc.Level)}, {Mark: &mark}, {Text: names.Name(c, a.CreatedBy), Note: c.Date(a.CreatedAt)}, signer,
			{Text: c.Date(a.Doc.Until)}, {Text: a.Doc.Reason, Note: a.Doc.Condition}}})
	}
	return t
}
