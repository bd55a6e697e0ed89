package account

import (
	"net/url"

	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// factorShow explains the second factor and asks for the password, so that a
// borrowed screen cannot set one up or take it away.
func factorShow(r *page.Request) error {
	on, _, err := r.Org.Identity.HasTOTP(r.Context(), r.Who)
	if err != nil {
		return err
	}
	if on {
		return r.Show(factorView(r), removeBody(r.C, form(r, "remove", "/account/factor/remove", url.Values{}, nil)))
	}
	return r.Show(factorView(r), enrolBody(r.C, form(r, "enrol", "/account/factor", url.Values{}, nil)))
}

// factorEnrol shows the secret, once: as a code for the camera and as letters.
func factorEnrol(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	e, err := r.Org.Identity.EnrolTOTP(r.Context(), r.Who, in.Get("password"))
	if p, ok := formError(err); ok {
		p = wrongPassword(p, "password")
		return r.ShowAs(ui.Status(p), factorView(r), enrolBody(r.C, form(r, "enrol", "/account/factor", in, p)))
	}
	if err != nil {
		return err
	}
	return r.Show(factorView(r), confirmBody(r.C, e, form(r, "confirm", "/account/factor/confirm", url.Values{}, nil)))
}

// factorConfirm puts the second factor into force and shows the recovery codes,
// once.
func factorConfirm(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	made, codes, err := r.Org.Identity.ConfirmTOTP(r.Context(), r.Who, in.Get("code"), r.R.UserAgent())
	if p, ok := formError(err); ok {
		p = wrongCode(p)
		f := form(r, "confirm", "/account/factor/confirm", in, p)
		f.Cancel = r.C.URL("account", "factor")
		return r.ShowAs(ui.Status(p), factorView(r), confirmBody(r.C, identity.Enrolment{}, f))
	}
	if err != nil {
		return err
	}
	enter(r, made)
	return r.Show(ui.PageView{Title: r.C.T("account.recovery.title"), Over: r.C.Person, Narrow: true}, recoveryBody(r.C, codes))
}

func factorRemove(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Org.Identity.RemoveTOTP(r.Context(), r.Who, in.Get("password"), in.Get("code"))
	if p, ok := formError(err); ok {
		field := "password"
		if identity.NeedsCode(err) {
			field = "code"
		}
		if field == "code" {
			p = wrongCode(p)
		}
		p = wrongPassword(p, field)
		return r.ShowAs(ui.Status(p), factorView(r), removeBody(r.C, form(r, "remove", "/account/factor/remove", in, p)))
	}
	if err != nil {
		return err
	}
	return r.Go("/account", "account.factoroff")
}

// wrongCode ties the answer to a wrong code to its field; the page keeps its
// session, so it is no question of signing in.
func wrongCode(p *problem.Problem) *problem.Problem {
	if p.Kind != problem.Unsigned {
		return p
	}
	return problem.New(problem.BadInput, p.Say.DE, p.Say.EN).WithField("code", p.Hint.DE, p.Hint.EN)
}

func factorView(r *page.Request) ui.PageView {
	return ui.PageView{Title: r.C.T("account.factor.title"), Narrow: true,
		Crumbs: []ui.LinkView{{Text: r.C.T("account.title"), Href: r.C.URL("account")}}}
}
