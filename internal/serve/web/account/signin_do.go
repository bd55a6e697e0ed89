package account

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// signinDo takes name and password and, where one is enrolled, the code.
func (s seal) signinDo(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	name, secret := in.Get("name"), in.Get("password")
	waiting := in.Get("pending")
	if waiting != "" {
		p, ok := s.open(waiting, r.Base, r.C.Now)
		if !ok {
			return s.again(r, in, problem.New(problem.Unsigned, "Die Anmeldung hat zu lange gewartet.", "The sign-in has waited too long.").
				WithHint("Bitte Name und Passwort noch einmal eingeben.", "Please enter name and password once more."))
		}
		name, secret = p.Name, p.Password
	}
	previous, _ := identity.CookieToken(r.R, r.Base, r.Secure())
	made, who, err := r.Org.Identity.SignIn(r.Context(), identity.Attempt{Name: name, Password: secret, Code: in.Get("code"),
		Address: address(r), UserAgent: r.R.UserAgent(), Previous: previous})
	if identity.NeedsCode(err) {
		return s.askCode(r, in, pending{Base: r.Base, Name: name, Password: secret, Until: r.C.Now.Add(pendingFor)}, in.Get("code") != "", err)
	}
	if p, ok := formError(err); ok {
		in.Set("name", name)
		return s.again(r, in, p)
	}
	if err != nil {
		return err
	}
	enter(r, made)
	if who.MustChange {
		return r.Go("/account?next="+url.QueryEscape(in.Get("next")), "account.mustchange")
	}
	return r.Go(inside(r.Base, in.Get("next")), "")
}

// again shows the sign-in page with what went wrong; the answer is the same for
// names that do not exist.
func (s seal) again(r *page.Request, in url.Values, p *problem.Problem) error {
	status := ui.Status(p)
	if wait, ok := identity.RetryAfter(p); ok {
		status = http.StatusTooManyRequests
		r.W.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	}
	in.Del("pending")
	f := form(r, "signin", "/signin", in, p)
	f.Hidden = map[string]string{"next": in.Get("next")}
	return ui.Render(r.W, r.R, status, signinPage(r.C, f))
}

// askCode shows the second step. wrong says that a code was given; otherwise
// asking for it is no fault.
func (s seal) askCode(r *page.Request, in url.Values, p pending, wrong bool, cause error) error {
	sealed, err := s.close(p)
	if err != nil {
		return err
	}
	var fault *problem.Problem
	status := http.StatusOK
	if wrong {
		fault = problem.New(problem.Unsigned, problem.From(cause).Say.DE, problem.From(cause).Say.EN).
			WithField("code", problem.From(cause).Hint.DE, problem.From(cause).Hint.EN)
		status = http.StatusUnauthorized
	}
	f := form(r, "code", "/signin", url.Values{}, fault)
	f.Hidden = map[string]string{"next": in.Get("next"), "pending": sealed}
	return ui.Render(r.W, r.R, status, codePage(r.C, f))
}
