package account

import (
	"net/url"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// setupShow is the first run: nobody exists yet.
func setupShow(r *page.Request) error {
	first, err := r.Org.Identity.NeedsFirst(r.Context())
	if err != nil {
		return err
	}
	if !first {
		return r.Go("/signin", "")
	}
	return ui.Render(r.W, r.R, 200, setupPage(r.C, form(r, "setup", "/setup", url.Values{}, nil)))
}

// setupDo makes the first person, an administrator, and signs it in.
func setupDo(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	err = repeated(in.Get("password"), in.Get("again"))
	if err == nil {
		_, err = r.Org.Identity.CreateFirst(r.Context(), in.Get("sign_in"), in.Get("name"), in.Get("password"))
	}
	if p, ok := formError(err); ok {
		return ui.Render(r.W, r.R, ui.Status(p), setupPage(r.C, form(r, "setup", "/setup", in, p)))
	}
	if err != nil {
		return err
	}
	made, _, err := r.Org.Identity.SignIn(r.Context(), identity.Attempt{Name: in.Get("sign_in"), Password: in.Get("password"),
		Address: address(r), UserAgent: r.R.UserAgent()})
	if err != nil {
		return err
	}
	enter(r, made)
	return r.Go("/setup/officer", "")
}

// officerShow asks for the person who keeps the register. Administrators manage
// accounts and decide nothing, so somebody else has to.
func officerShow(r *page.Request) error {
	if err := mayManage(r); err != nil {
		return err
	}
	return r.Show(officerView(r), officerBody(r.C, officerForm(r, url.Values{}, nil)))
}

func officerAdd(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	_, err = r.Org.Identity.AddPerson(r.Context(), identity.Person{SignIn: in.Get("sign_in"), Name: in.Get("name"),
		Roles: []roles.Role{roles.AIOfficer}, Language: identity.Language(r.C.Lang), Active: true}, in.Get("password"), true)
	if p, ok := formError(err); ok && p.Kind != problem.Denied {
		return r.ShowAs(ui.Status(p), officerView(r), officerBody(r.C, officerForm(r, in, p)))
	}
	if err != nil {
		return err
	}
	return r.Go("/setup/done", "account.officer")
}

// setupDone ends the first run with three next steps.
func setupDone(r *page.Request) error {
	if err := mayManage(r); err != nil {
		return err
	}
	return r.Show(ui.PageView{Title: r.C.T("account.done.title"), Narrow: true}, doneBody(r.C))
}

func mayManage(r *page.Request) error {
	if roles.Allowed(r.Who.Roles, roles.Manage, identity.KindPerson) {
		return nil
	}
	return problem.New(problem.Denied, "Personen legt die Verwaltung an.", "People are added by an administrator.").
		WithReason("role.manage", "Ihre Rolle sieht das nicht vor.", "Your role does not provide for this.")
}

func officerView(r *page.Request) ui.PageView {
	return ui.PageView{Title: r.C.T("account.officer.title"), Over: r.C.OrgName, Narrow: true}
}

func officerForm(r *page.Request, in url.Values, p *problem.Problem) ui.Form {
	f := form(r, "officer", "/setup/officer", in, p)
	f.Cancel = r.C.URL("setup", "done")
	return f
}
