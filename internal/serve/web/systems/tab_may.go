package systems

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// allowance is the second tab: what the system may do, and who said so.
type allowance struct {
	class      ui.ResultView
	identified ui.ResultView
	others     ui.TableView // further assessments
	agreement  *ui.Mark     // nil: none is needed
	roles      ui.TableView // whose approval is needed, and how it stands
	approvals  ui.TableView // all that were given
	mayWrite   bool         // the guide's pages are the reader's
	mayRead    bool         // the whole dossier, which the page of approval shows
	maySign    bool
}

func (a *area) tabMay(f *file) (templ.Component, error) {
	ctx, db := f.r.Context(), f.r.Org.DB
	all, err := f.r.Org.Assess.Of(ctx, db, f.sys.ID)
	if err != nil {
		return nil, err
	}
	given, err := f.r.Org.Approve.Approvals.List(ctx, db, store.Query{
		Filters: []store.Filter{store.Where("system", "=", f.sys.ID)}, Sort: "-created_at", Limit: 100})
	if err != nil {
		return nil, err
	}
	ids := []string{f.openWho()}
	for _, o := range given.Items {
		ids = append(ids, o.Doc.Person)
	}
	slices.Sort(ids)
	names, err := show.Names(ctx, db, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	v := allowance{class: f.classResult(names), identified: f.identified(all), others: f.otherAssessments(all), agreement: f.agreement(),
		roles: f.neededRoles(given.Items, names), approvals: f.approvalTable(given.Items, names),
		mayWrite: may(f.r, store.Update, "classification"), mayRead: f.mayDossier(), maySign: f.maySign()}
	return mayTab(f, v), nil
}

func (f *file) openWho() string {
	if f.class == nil {
		return ""
	}
	return f.class.OpenWho
}

// mayDossier reports whether the reader may read everything that is signed.
func (f *file) mayDossier() bool {
	for _, kind := range []string{"system", "model", "classification", "assessment", "agreement", "approval", "permit"} {
		if !may(f.r, store.Read, kind) {
			return false
		}
	}
	return true
}

// maySign reports whether the signature of one of the reader's roles is missing.
// Four eyes: not who registered the system.
func (f *file) maySign() bool {
	return f.sys.CreatedBy != f.r.Who.ID && slices.ContainsFunc(f.permit.ApproverRoles, func(role string) bool { return f.holds(role) && f.lapseOf(role) != "" })
}

// classResult says class, role and level, why, and until when (criterion 18).
func (f *file) classResult(names show.People) ui.ResultView {
	c := f.c
	if f.class == nil {
		return ui.ResultView{Mark: show.ClassMark(c, permit.ClassUnclear), Title: c.T("systems.class.none")}
	}
	k := f.class
	v := ui.ResultView{Mark: show.ClassMark(c, k.Class), Title: c.T("systems.class.title", "class", show.Word(c, "class", k.Class), "role", show.Word(c, "operator", k.Role)),
		Note: c.T("systems.class.note", "date", c.Date(k.AsOf), "until", show.Until(c, k.ValidUntil))}
	if k.Version != "" {
		v.Note += " " + c.T("systems.class.rules", "version", k.Version)
	}
	if k.LevelKnown {
		v.Title += " " + c.T("systems.class.level", "n", k.Level)
	}
	if k.Class != k.ByRules && k.ByRules != "" {
		v.Why = append(v.Why, ui.Reason{Text: c.T("systems.class.differs", "rules", show.Word(c, "class", k.ByRules), "reason", k.Reason)})
	}
	for _, s := range k.Trace {
		v.Why = append(v.Why, ui.Reason{Text: show.Say(c, s.Say), Clauses: show.Clauses(c, f.r.Org.Packs, s.Clauses)})
	}
	if k.OpenWho != "" {
		v.Who = c.T("systems.class.open", "who", names.Name(c, k.OpenWho), "date", c.Date(k.OpenDue))
	}
	return v
}

// identified gives both verdicts of the identification: the law's and the one
// of practice.
func (f *file) identified(all []store.Object[assess.Assessment]) ui.ResultView {
	c := f.c
	i := slices.IndexFunc(all, func(o store.Object[assess.Assessment]) bool {
		return o.Doc.Questionnaire == assess.Identification && o.Doc.Concluded()
	})
	if i < 0 {
		return ui.ResultView{Mark: show.VerdictMark(c, ""), Title: c.T("systems.identify.none")}
	}
	d := all[i].Doc
	v := ui.ResultView{Mark: show.VerdictMark(c, d.Verdict), Title: c.T("systems.identify.legal", "verdict", show.Word(c, "verdict", d.Verdict)),
		Note: c.T("systems.identify.note", "date", c.Date(d.AsOf), "until", show.Until(c, d.ValidUntil))}
	if d.Version != "" {
		v.Note += " " + c.T("systems.identify.version", "version", d.Version)
	}
	if band := f.band(d.Practical); band != "" {
		v.Title += " " + c.T("systems.identify.practical", "band", band, "points", d.Points, "most", d.MaxPoints)
	}
	for _, s := range d.Trace {
		v.Why = append(v.Why, ui.Reason{Text: show.Say(c, s.Say), Clauses: show.Clauses(c, f.r.Org.Packs, s.Clauses)})
	}
	return v
}

// band is the word for the practical verdict, from the questionnaire.
func (f *file) band(id string) string {
	q, ok := f.r.Org.Packs.Questionnaire(assess.Identification)
	if !ok {
		return ""
	}
	for _, b := range q.Score.Bands {
		if b.ID == id {
			return f.c.In(b.Label)
		}
	}
	return ""
}

func (f *file) otherAssessments(all []store.Object[assess.Assessment]) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.assessments"), Cols: []ui.Col{{Head: c.T("systems.assessments.kind")}, {Head: c.T("systems.assessments.state")}, {Head: c.T("systems.assessments.until")}}}
	for _, o := range all {
		if o.Doc.Questionnaire == assess.Identification {
			continue
		}
		mark := ui.Mark{Kind: ui.Warn, Word: c.T("systems.assessments.open")}
		switch {
		case o.Doc.RedFlag:
			mark = ui.Mark{Kind: ui.Stop, Word: c.T("systems.assessments.flag")}
		case o.Doc.Done:
			mark = ui.Mark{Kind: ui.OK, Word: c.T("systems.assessments.done")}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: show.Word(c, "assessment", o.Doc.Questionnaire)}, {Mark: &mark}, {Text: show.Until(c, o.Doc.ValidUntil)}}})
	}
	return t
}

// agreement says how the works agreement stands, as the permit knows it; who
// signed it and for how long stands on the tab of people.
func (f *file) agreement() *ui.Mark {
	if !f.sys.Doc.People {
		return nil
	}
	for _, l := range f.permit.Lapses {
		if l.Code == permit.LapseAgreement || l.Code == permit.LapseAgreementEnd {
			return &ui.Mark{Kind: ui.Stop, Word: show.Reason(f.c, l.Code)}
		}
	}
	return &ui.Mark{Kind: ui.OK, Word: f.c.T("systems.agreement.signed")}
}

// neededRoles says for each role whose approval the permit needs how it stands.
func (f *file) neededRoles(given []store.Object[approve.Approval], names show.People) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.approvals.needed"), Cols: []ui.Col{{Head: c.T("systems.approvals.role")}, {Head: c.T("systems.approvals.state")}, {Head: c.T("systems.approvals.who")}}}
	for _, role := range f.permit.ApproverRoles {
		mark, who := ui.Mark{Kind: ui.OK, Word: c.T("systems.approvals.given")}, ui.Cell{Text: "–"}
		if code := f.lapseOf(role); code != "" {
			mark = ui.Mark{Kind: ui.Warn, Word: show.Reason(c, code)}
			if code == permit.LapseWithdrawn {
				mark.Kind = ui.Stop
			}
		} else if i := slices.IndexFunc(given, func(o store.Object[approve.Approval]) bool { return o.Doc.Role == role && o.Doc.WithdrawnAt.IsZero() }); i >= 0 {
			who = ui.Cell{Text: names.Name(c, given[i].Doc.Person), Note: c.DateTime(given[i].Doc.GivenAt)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: show.Role(c, role)}, {Mark: &mark}, who}})
	}
	return t
}

// lapseOf is why the approval of a role does not count; empty: it does.
func (f *file) lapseOf(role string) string {
	for _, l := range f.permit.Lapses {
		if strings.HasPrefix(l.Code, "approval.") && slices.Contains(l.LiftBy, role) {
			return l.Code
		}
	}
	return ""
}

// approvalTable lists every approval that was given. Remarks, which may be a
// dissent, are shown whatever became of it (criterion 28).
func (f *file) approvalTable(given []store.Object[approve.Approval], names show.People) ui.TableView {
	c := f.c
	t := ui.TableView{Caption: c.T("systems.approvals.all"), Cols: []ui.Col{{Head: c.T("systems.approvals.when")}, {Head: c.T("systems.approvals.role")},
		{Head: c.T("systems.approvals.who")}, {Head: c.T("systems.approvals.until")}, {Head: c.T("systems.approvals.remark")}}}
	for _, o := range given {
		d := o.Doc
		until := ui.Cell{Text: show.Until(c, d.ValidUntil)}
		if !d.WithdrawnAt.IsZero() {
			until = ui.Cell{Mark: &ui.Mark{Kind: ui.Stop, Word: c.T("systems.approvals.withdrawn")}, Note: c.DateTime(d.WithdrawnAt)}
		}
		remark := ui.Cell{Text: d.Remark, Note: d.WithdrawnWhy}
		if d.Remark == "" && d.WithdrawnWhy == "" {
			remark.Text = "–"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.DateTime(d.GivenAt)}, {Text: show.Role(c, d.Role)}, {Text: names.Name(c, d.Person)}, until, remark}})
	}
	return t
}
