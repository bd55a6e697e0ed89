// Package approval is the page on which people approve a system: the whole
// dossier as it will be signed, what will become conditions of the operating
// permit, who approved already and who is waited for, and the withdrawal of an
// approval.
//
// Whoever signs sees everything that the signature covers (approve.Dossier) and
// sends back its hash; if a word of it changed meanwhile, nothing is signed and
// the new dossier is shown. Remarks and dissents stand beside every approval,
// also a withdrawn one, for good (acceptance 28). Withdrawing takes two steps,
// because the permit falls at once.
//
// Who may sign in which role is approve's to say; the page asks it to show the
// button or the reason why there is none.
package approval

import (
	"embed"
	"net/http"

	"augenmass/internal/govern/approve"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/show"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of these pages, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of these pages.
func Routes() []page.Route {
	const area = "systems"
	return []page.Route{
		{Method: http.MethodGet, Path: "/systems/{id}/approve", Name: "approval_show", Area: area, Handle: approvalShow},
		{Method: http.MethodPost, Path: "/systems/{id}/approve", Name: "approval_give", Area: area, Handle: approvalGive},
		{Method: http.MethodPost, Path: "/systems/{id}/approve/passkey", Name: "approval_sign", Area: area, Handle: approvalBegin},
		{Method: http.MethodGet, Path: "/systems/{id}/permit.pdf", Name: "permit_print", Area: area, Handle: permitPrint},
		{Method: http.MethodGet, Path: "/systems/{id}/approvals/{approval}/withdraw", Name: "approval_withdraw", Area: area, Handle: withdrawShow},
		{Method: http.MethodPost, Path: "/systems/{id}/approvals/{approval}/withdraw/check", Name: "approval_withdraw", Area: area, Handle: withdrawCheck},
		{Method: http.MethodPost, Path: "/systems/{id}/approvals/{approval}/withdraw", Name: "approval_withdraw", Area: area, Handle: withdrawDo},
	}
}

// reading is one request to the dossier of a system.
type reading struct {
	r      *page.Request
	d      approve.Dossier
	hash   string
	permit permit.Permit // as it would be compiled now
	names  show.People
}

// read gathers the dossier: one query for each kind of record, however many
// there are, and one for the names.
func read(r *page.Request) (*reading, error) {
	s := &reading{r: r}
	var err error
	if s.d, err = r.Org.Approve.Read(r.Context(), r.Org.DB, r.Param("id")); err != nil {
		return nil, err
	}
	if s.hash, err = s.d.Hash(); err != nil {
		return nil, err
	}
	if s.permit, err = r.Org.Approve.Preview(r.Context(), s.d); err != nil {
		return nil, err
	}
	ids := []string{s.d.System.CreatedBy, s.d.System.Doc.RiskOwner}
	for _, a := range s.d.Approvals {
		ids = append(ids, a.Doc.Person, a.Doc.WithdrawnBy)
	}
	s.names, err = show.Names(r.Context(), r.Org.DB, ids...)
	return s, err
}

func (s *reading) actor() store.Actor { return s.r.Who.Actor() }

func (s *reading) path(more string) string { return "/systems/" + s.d.System.ID + more }

// crumbs lead from the register to the page.
func (s *reading) crumbs() []ui.LinkView {
	c := s.r.C
	return []ui.LinkView{{Text: c.T("area.systems"), Href: c.URL("systems")}, {Text: s.d.System.Doc.Name, Href: c.URL("systems", s.d.System.ID)}}
}

// approval is the approval that the address names, if it is one of this system.
func (s *reading) approval() (store.Object[approve.Approval], error) {
	for _, a := range s.d.Approvals {
		if a.ID == s.r.Param("approval") {
			return a, nil
		}
	}
	return store.Object[approve.Approval]{}, problem.New(problem.NotFound, "Diese Freigabe gibt es bei diesem System nicht.", "This system has no such approval.")
}
