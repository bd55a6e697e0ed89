package account

import (
	"net/url"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// view is what the account page shows.
type view struct {
	password ui.Form
	factor   bool // a second factor is in force
	should   bool // a role of the person should have one
	codes    int  // recovery codes left
	passkeys int
	sessions []identity.SessionInfo
	current  string
}

// accountShow is what a person can do for their own access.
func accountShow(r *page.Request) error {
	return showAccount(r, url.Values{"next": {r.Query("next")}}, nil)
}

func showAccount(r *page.Request, in url.Values, p *problem.Problem) error {
	v, err := load(r)
	if err != nil {
		return err
	}
	v.password = form(r, "password", "/account/password", in, p)
	v.password.Hidden = map[string]string{"next": in.Get("next")}
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	return r.ShowAs(status, ui.PageView{Title: r.C.T("account.title"), Over: r.C.Person, Narrow: true}, accountBody(r.C, v, r.Who.MustChange))
}

func load(r *page.Request) (v view, err error) {
	if v.factor, v.codes, err = r.Org.Identity.HasTOTP(r.Context(), r.Who); err != nil {
		return v, err
	}
	for _, role := range r.Who.Roles {
		v.should = v.should || roles.Role(role).Info().MFA
	}
	keys, err := r.Org.Passkeys.Of(r.Context(), r.Org.DB, r.Who.ID)
	if err != nil {
		return v, err
	}
	v.passkeys, v.current = len(keys), r.Who.Session
	v.sessions, err = r.Org.Identity.Sessions(r.Context(), r.Who.ID)
	return v, err
}

// sessionsTable lists the person's own sessions, each with a way to end it.
func sessionsTable(c ui.Ctx, v view) ui.TableView {
	t := ui.TableView{Caption: c.T("account.sessions.title"),
		Cols: []ui.Col{{Head: c.T("account.sessions.agent")}, {Head: c.T("account.sessions.since")}, {Head: c.T("account.sessions.seen")},
			{Head: c.T("account.sessions.method")}, {Head: c.T("account.sessions.end")}}}
	for _, s := range v.sessions {
		first := ui.Cell{Text: s.Agent}
		end := ui.Cell{Body: ui.Button(ui.Action{Text: c.T("account.sessions.revoke"), Href: c.URL("account", "sessions", "revoke"),
			Post: true, Hidden: map[string]string{"session": s.ID}})}
		if s.ID == v.current {
			first.Note, end = c.T("account.sessions.this"), ui.Cell{Text: "–"}
		}
		method := c.T("account.method.password")
		if s.MFA {
			method = c.T("account.method.factor")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{first, {Text: c.DateTime(s.CreatedAt)}, {Text: c.Relative(s.SeenAt)}, {Text: method}, end}})
	}
	return t
}
