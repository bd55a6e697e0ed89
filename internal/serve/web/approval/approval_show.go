package approval

import (
	"net/url"
	"slices"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// showView is the approver's page.
type showView struct {
	Permit    ui.PermitView
	State     ui.NoticeView
	Parts     []partView
	Models    []modelView
	Roles     []ui.Row // the needed roles and how they stand
	Approvals []givenView
	Form      *ui.Form // nil: the reader cannot approve now
	Remark    ui.FieldView
	Why       []whyView // why not
	Fault     *problem.Problem
	Hash      string
}

// partView is one section of the dossier.
type partView struct {
	ID    string
	Title string
	Mark  *ui.Mark
	Say   string
	Facts []ui.Fact
	Why   []ui.Reason
	Link  ui.LinkView
}

// modelView is a model with its card.
type modelView struct {
	Title   string
	Mark    ui.Mark
	Facts   []ui.Fact
	Metrics ui.TableView
}

// givenView is one approval as everybody sees it, for good.
type givenView struct {
	Role     string
	Mark     ui.Mark
	Facts    []ui.Fact
	Remark   string
	Withdraw ui.LinkView
}

// whyView explains why there is no button.
type whyView struct {
	Say     string
	Reasons []ui.Reason
}

func approvalShow(r *page.Request) error {
	s, err := read(r)
	if err != nil {
		return err
	}
	return s.show(nil, nil)
}

// show is the approver's page; in and bad are an approval that was refused.
func (s *reading) show(in url.Values, bad *problem.Problem) error {
	r, c := s.r, s.r.C
	o := show.PermitOptions{LifeCycle: string(s.d.System.Doc.LifeCycle)}
	if s.d.Classification != nil {
		o.ClassAsOf = s.d.Classification.Doc.AsOf
	}
	v := showView{Permit: show.Permit(c, r.Org.Packs, s.permit, o), State: s.state(), Parts: s.parts(), Models: s.models(),
		Roles: s.needed(), Hash: s.hash}
	for _, a := range s.d.Approvals {
		v.Approvals = append(v.Approvals, s.given(a))
	}
	s.decide(&v, in, bad)
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("approval.title"), Crumbs: s.crumbs(), Aside: hashNote(c, s.hash)}, showPage(c, v))
}

// state says in one sentence how things stand.
func (s *reading) state() ui.NoticeView {
	c := s.r.C
	switch s.permit.State {
	case permit.Valid:
		return ui.NoticeView{Kind: ui.OK, Text: c.T("approval.state.valid")}
	case permit.Suspended:
		return ui.NoticeView{Kind: ui.Stop, Text: c.T("approval.state.suspended")}
	}
	return ui.NoticeView{Kind: ui.None, Text: c.T("approval.state.none")}
}

// needed are the roles whose approval the system needs, with who approved.
func (s *reading) needed() []ui.Row {
	c := s.r.C
	var rows []ui.Row
	for _, role := range s.d.Needed() {
		mark := ui.Mark{Kind: ui.None, Word: c.T("approval.waiting")}
		cell := ui.Cell{Text: "", Mark: &mark}
		for _, a := range s.d.Approvals {
			if a.Doc.Role == role && a.Doc.Counts(s.hash, c.Now) {
				mark = ui.Mark{Kind: ui.OK, Word: c.T("approval.stands")}
				cell.Note = c.T("approval.by", "who", s.names.Name(c, a.Doc.Person), "when", c.Date(a.Doc.GivenAt))
				break
			}
		}
		rows = append(rows, ui.Row{Cells: []ui.Cell{{Text: show.Role(c, role)}, cell}})
	}
	return rows
}

// given is one approval with its remark and, if it was withdrawn, why.
func (s *reading) given(a store.Object[approve.Approval]) givenView {
	c, d := s.r.C, a.Doc
	v := givenView{Role: show.Role(c, d.Role), Remark: d.Remark, Mark: ui.Mark{Kind: ui.OK, Word: c.T("approval.stands")}}
	switch {
	case !d.WithdrawnAt.IsZero():
		v.Mark = ui.Mark{Kind: ui.Stop, Word: c.T("approval.withdrawn")}
	case d.ContentHash != s.hash:
		v.Mark = ui.Mark{Kind: ui.Warn, Word: c.T("approval.stale")}
	case !d.Counts(s.hash, c.Now):
		v.Mark = ui.Mark{Kind: ui.Warn, Word: c.T("approval.over")}
	}
	v.Facts = []ui.Fact{{Term: c.T("approval.given"), Text: s.names.Name(c, d.Person), Note: c.DateTime(d.GivenAt)}}
	if d.WithdrawnAt.IsZero() {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("approval.until"), Text: show.Until(c, d.ValidUntil)})
	} else {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("approval.withdrawnby"), Text: s.names.Name(c, d.WithdrawnBy), Note: c.DateTime(d.WithdrawnAt)},
			ui.Fact{Term: c.T("approval.withdrawnwhy"), Text: d.WithdrawnWhy})
	}
	if s.mayWithdraw(a) {
		v.Withdraw = ui.LinkView{Text: c.T("approval.withdraw"), Href: s.r.Base + s.path("/approvals/"+a.ID+"/withdraw")}
	}
	return v
}

func (s *reading) mayWithdraw(a store.Object[approve.Approval]) bool {
	return roles.Allowed(s.r.Who.Roles, store.Update, "approval") && s.r.Org.Approve.MayWithdraw(a.Doc, s.actor()) == nil
}

// decide adds the form, or says why there is none.
func (s *reading) decide(v *showView, in url.Values, bad *problem.Problem) {
	c := s.r.C
	mine := slices.DeleteFunc(s.d.Needed(), func(role string) bool { return !s.r.Has(role) })
	f := ui.Form{C: c, ID: "approve", Prefix: "approval.form.", Action: s.r.Base + s.path("/approve"), Values: in, Problem: bad,
		Hidden: map[string]string{"seen": s.hash}}
	for _, role := range mine {
		err := s.r.Org.Approve.MayGive(s.d, s.actor(), role)
		if err == nil {
			f.More = append(f.More, ui.Action{Text: c.T("approval.as", "role", show.Role(c, role)), Name: "role", Value: role, Kind: mainOnce(f.More)})
			continue
		}
		v.Why = append(v.Why, s.why(problem.From(err)))
	}
	switch {
	case len(f.More) > 0:
		v.Form, v.Remark, v.Why = &f, f.Field("remark"), nil
		v.Remark.MaxLen = 2000
	case len(mine) > 0:
	case s.d.System.CreatedBy == s.r.Who.ID:
		v.Why = []whyView{{Say: c.T("approval.own"), Reasons: []ui.Reason{{Text: c.T("approval.foureyes"),
			Clauses: show.Clauses(c, s.r.Org.Packs, []string{"iso42001.A.6.2.5"})}}}}
	default:
		v.Why = []whyView{{Say: c.T("approval.others", "roles", show.Roles(c, s.d.Needed()))}}
	}
	if v.Form == nil {
		v.Fault = bad
	}
}

// mainOnce makes the first of several buttons the main one.
func mainOnce(before []ui.Action) string {
	if len(before) == 0 {
		return "main"
	}
	return ""
}

func (s *reading) why(p *problem.Problem) whyView {
	c := s.r.C
	v := whyView{Say: c.In(p.Say)}
	for _, reason := range p.Reasons {
		v.Reasons = append(v.Reasons, ui.Reason{Text: c.In(reason.Say), Clauses: show.Clauses(c, s.r.Org.Packs, reason.Clauses)})
	}
	return v
}
