package approval

import (
	"net/url"
	"strconv"
	"strings"

	"augenmass/internal/govern/approve"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// withdrawView is one of the two steps of a withdrawal.
type withdrawView struct {
	Given   givenView
	Form    ui.Form
	Why     ui.FieldView
	Confirm string   // the reason, on the second step
	Follows []string // what a withdrawal does, in sentences
}

// withdrawShow asks why.
func withdrawShow(r *page.Request) error {
	s, a, err := withdrawing(r)
	if err != nil {
		return err
	}
	return s.askWhy(a, url.Values{"revision": {strconv.FormatInt(a.Revision, 10)}}, nil)
}

// withdrawing reads the dossier and the approval, and refuses who may not
// withdraw it.
func withdrawing(r *page.Request) (*reading, store.Object[approve.Approval], error) {
	var none store.Object[approve.Approval]
	s, err := read(r)
	if err != nil {
		return nil, none, err
	}
	a, err := s.approval()
	if err != nil {
		return nil, none, err
	}
	return s, a, r.Org.Approve.MayWithdraw(a.Doc, s.actor())
}

func (s *reading) withdrawPath(a store.Object[approve.Approval], more string) string {
	return s.path("/approvals/" + a.ID + "/withdraw" + more)
}

// askWhy is the first step; in and bad are a reason that was refused.
func (s *reading) askWhy(a store.Object[approve.Approval], in url.Values, bad *problem.Problem) error {
	c := s.r.C
	f := ui.Form{C: c, ID: "withdraw", Prefix: "approval.withdraw.", Action: s.r.Base + s.withdrawPath(a, "/check"), Values: in, Problem: bad,
		Hidden: map[string]string{"revision": in.Get("revision")}, Submit: c.T("approval.withdraw.next"), Cancel: s.r.Base + s.path("/approve")}
	v := withdrawView{Given: s.given(a), Form: f, Why: f.Field("why").Req(), Follows: s.follows(a)}
	v.Given.Withdraw = ui.LinkView{}
	v.Why.MaxLen, v.Why.Focus = 2000, bad == nil
	status := 200
	if bad != nil {
		status = ui.Status(bad)
	}
	return s.r.ShowAs(status, s.withdrawPage(), withdrawPage(c, v))
}

func (s *reading) withdrawPage() ui.PageView {
	return ui.PageView{Title: s.r.C.T("approval.withdraw.title"), Narrow: true,
		Crumbs: append(s.crumbs(), ui.LinkView{Text: s.r.C.T("approval.title"), Href: s.r.Base + s.path("/approve")})}
}

// follows says what a withdrawal does.
func (s *reading) follows(a store.Object[approve.Approval]) []string {
	c := s.r.C
	out := []string{c.T("approval.follows.role", "role", show.Role(c, a.Doc.Role))}
	if s.permit.State == "valid" && a.Doc.Counts(s.hash, c.Now) {
		out = []string{c.T("approval.follows.permit", "number", s.permit.Number), c.T("approval.follows.line"), c.T("approval.follows.lift", "role", show.Role(c, a.Doc.Role))}
	}
	return append(out, c.T("approval.follows.journal"))
}

// withdrawCheck is the second step: the reason once more, what follows, and the
// button that does it.
func withdrawCheck(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, a, err := withdrawing(r)
	if err != nil {
		return err
	}
	why := strings.TrimSpace(in.Get("why"))
	if err := approve.CheckWhy(why); err != nil {
		return s.askWhy(a, in, problem.From(err))
	}
	c := r.C
	f := ui.Form{C: c, ID: "withdraw", Action: r.Base + s.withdrawPath(a, ""), Hidden: map[string]string{"revision": in.Get("revision"), "why": why},
		More:   []ui.Action{{Text: c.T("approval.withdraw.do"), Kind: "stop"}},
		Cancel: r.Base + s.path("/approve")}
	v := withdrawView{Given: s.given(a), Form: f, Confirm: why, Follows: s.follows(a)}
	v.Given.Withdraw = ui.LinkView{}
	return r.Show(s.withdrawPage(), withdrawPage(c, v))
}

// withdrawDo ends the approval; the permit has fallen when the next page shows.
func withdrawDo(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	s, a, err := withdrawing(r)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 64)
	if err != nil {
		revision = 0 // the room says that it is not the stored one
	}
	_, err = r.Org.Approve.Withdraw(r.Context(), a.ID, revision, in.Get("why"))
	switch {
	case err == nil:
		return r.Go(s.path("/approve"), "approval.withdrawn")
	case problem.Is(err, problem.BadInput):
		return s.askWhy(a, in, problem.From(err))
	case problem.Is(err, problem.Conflict):
		in.Set("revision", strconv.FormatInt(a.Revision, 10)) // shown as it is now; withdrawing again is the reader's choice
		return s.askWhy(a, in, problem.From(err))
	}
	return err
}
