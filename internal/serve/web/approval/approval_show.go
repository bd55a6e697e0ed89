package approval

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

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
	Further   []partView // what further rooms say
	Slots     []ui.Row   // the three slots of signatures and how they stand
	Lift      string     // who can lift what stands against it, the heaviest first
	Interests []string   // why the reader is not disinterested
	Approvals []givenView
	Form      *ui.Form // nil: the reader cannot approve now
	Sign      signView
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
	Lines []string // sentences of a further room
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
		Further: s.further(), Slots: s.slots(), Lift: show.Roles(c, s.permit.Lifters()), Hash: s.hash}
	for _, a := range s.d.Approvals {
		v.Approvals = append(v.Approvals, s.given(a))
	}
	if err := s.decide(&v, in, bad); err != nil {
		return err
	}
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return r.ShowAs(status, ui.PageView{Title: c.T("approval.title"), Crumbs: s.crumbs(), Aside: hashNote(c, s.hash),
		Actions: []ui.Action{{Text: c.T("approval.print"), Href: r.Base + s.path("/permit.pdf")}}}, showPage(c, v))
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

// slots are the three slots of signatures (requirement 001-02): every place
// with who signed it when, and for which content.
func (s *reading) slots() []ui.Row {
	c := s.r.C
	var rows []ui.Row
	for i, places := range s.d.Slots() {
		title := c.T("approval.slot." + strconv.Itoa(i+1))
		if len(places) == 0 {
			rows = append(rows, ui.Row{Cells: []ui.Cell{{Text: title}, {Text: "–"}, {Text: c.T("approval.slot.none")}, {Text: "–"}}})
		}
		for _, p := range places {
			state, hash := s.place(p)
			rows = append(rows, ui.Row{Cells: []ui.Cell{{Text: title}, {Text: show.Role(c, p.Code)}, state, hash}})
		}
	}
	return rows
}

// place is how one place stands.
func (s *reading) place(p approve.Place) (state, hash ui.Cell) {
	c := s.r.C
	for _, a := range s.d.Approvals {
		if a.Doc.Role == p.Code && a.Doc.Counts(s.hash, c.Now) {
			return ui.Cell{Mark: &ui.Mark{Kind: ui.OK, Word: c.T("approval.stands")},
				Note: c.T("approval.by", "who", s.names.Name(c, a.Doc.Person), "when", c.DateTime(a.Doc.GivenAt))}, ui.Cell{Text: short(a.Doc.ContentHash)}
		}
	}
	key := "approval.waiting"
	if !p.Needed {
		key = "approval.optional"
	}
	return ui.Cell{Mark: &ui.Mark{Kind: ui.None, Word: c.T(key)}}, ui.Cell{Text: "–"}
}

// further are the paragraphs of further rooms, each with the way to more.
func (s *reading) further() []partView {
	c := s.r.C
	var out []partView
	for i, p := range s.d.Parts() {
		v := partView{ID: "further-" + strconv.Itoa(i+1), Title: show.Say(c, p.Title)}
		if p.Open {
			v.Mark = &ui.Mark{Kind: ui.Warn, Word: c.T("approval.part.open")}
		}
		for _, l := range p.Lines {
			v.Lines = append(v.Lines, show.Say(c, l))
		}
		if strings.HasPrefix(p.Path, "/") {
			v.Link = ui.LinkView{Text: c.T("approval.part.more"), Href: s.r.Base + p.Path}
		}
		out = append(out, v)
	}
	return out
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
	v.Facts = append(v.Facts, s.signedBy(d.Method))
	for _, i := range d.Interests {
		v.Facts = append(v.Facts, ui.Fact{Term: c.T("approval.interest"), Text: c.T("approval.interest." + i.Code)})
	}
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

// decide adds the form, or says why there is none. Whoever can sign first reads
// why they are not disinterested, if so.
func (s *reading) decide(v *showView, in url.Values, bad *problem.Problem) error {
	c := s.r.C
	mine := s.mine()
	f := ui.Form{C: c, ID: "approve", Prefix: "approval.form.", Action: s.r.Base + s.path("/approve"), Values: in, Problem: bad,
		Hidden: map[string]string{"seen": s.hash}}
	for _, role := range mine {
		err := s.r.Org.Approve.MayGive(s.d, s.actor(), role)
		if err == nil {
			key := "approval.also"
			if slices.Contains(s.permit.ApproverRoles, role) {
				key = "approval.as"
			}
			f.More = append(f.More, ui.Action{Text: c.T(key, "role", show.Role(c, role)), Name: "role", Value: role, Kind: mainOnce(f.More)})
			continue
		}
		v.Why = append(v.Why, s.why(problem.From(err)))
	}
	switch {
	case len(f.More) > 0:
		v.Form, v.Remark, v.Why = &f, f.Field("remark"), nil
		v.Remark.MaxLen = 2000
	case s.d.System.CreatedBy == s.r.Who.ID:
		v.Why = []whyView{{Say: c.T("approval.own"), Reasons: []ui.Reason{{Text: c.T("approval.foureyes"),
			Clauses: show.Clauses(c, s.r.Org.Packs, []string{"iso42001.A.6.2.5"})}}}}
	case len(mine) > 0:
	default:
		v.Why = []whyView{{Say: c.T("approval.others", "roles", show.Roles(c, s.d.Needed()))}}
	}
	if v.Form == nil {
		v.Fault = bad
		return nil
	}
	var err error
	if v.Sign, err = s.signing(f); err != nil {
		return err
	}
	interests, err := s.r.Org.Approve.Interests(s.r.Context(), s.r.Org.DB, s.d, s.r.Who.ID)
	for _, i := range interests {
		v.Interests = append(v.Interests, c.In(i.Say()))
	}
	return err
}

// mine are the places that the reader could sign in.
func (s *reading) mine() []string {
	if !roles.MayApprove(s.r.Who.Roles) {
		return nil
	}
	return s.d.Mine(s.actor())
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
