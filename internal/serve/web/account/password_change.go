package account

import (
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
)

// passwordChange changes one's own password and ends all other sessions.
func passwordChange(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	if err = repeated(in.Get("password"), in.Get("again")); err == nil {
		err = r.Org.Identity.SetPassword(r.Context(), r.Who, in.Get("old"), in.Get("password"))
	}
	if p, ok := formError(err); ok {
		return showAccount(r, in, wrongPassword(p, "old"))
	}
	if err != nil {
		return err
	}
	to := "/account"
	if in.Get("next") != "" {
		to = inside(r.Base, in.Get("next"))
	}
	return r.Go(to, "account.password")
}

// wrongPassword ties the answer to a wrong password, which is worded for
// sign-in, to the field where it was typed.
func wrongPassword(p *problem.Problem, field string) *problem.Problem {
	if p.Kind != problem.Unsigned || len(p.Fields) > 0 {
		return p
	}
	return problem.New(problem.BadInput, "Das Passwort stimmt nicht.", "The password is wrong.").
		WithField(field, "Bitte das Passwort noch einmal eingeben.", "Please enter the password once more.")
}
