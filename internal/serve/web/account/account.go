// Package account is how people come in and look after their own access: the
// first run, sign-in and sign-out, the language, password, second factor, passkeys and
// sessions.
//
// Every rule is identity's: what counts as a password, how long to wait after
// failed attempts, what ends a session. This package asks, shows the answer,
// and keeps what was typed, except passwords, which it never writes into a page.
package account

import (
	"embed"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"

	"augenmass/internal/operate/identity"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// Texts is the wording of this area, for ui.Texts.
//
//go:embed texts/*.yaml
var Texts embed.FS

// Routes lists the addresses of this area.
func Routes() []page.Route {
	s := newSeal()
	return []page.Route{
		{Method: http.MethodGet, Path: "/signin", Name: "signin_show", Open: true, Handle: signinShow},
		{Method: http.MethodPost, Path: "/signin", Name: "signin_do", Open: true, Handle: s.signinDo},
		{Method: http.MethodPost, Path: "/sign-out", Name: "signout_do", Open: true, Handle: signoutDo},
		{Method: http.MethodPost, Path: "/language", Name: "language_set", Open: true, Handle: languageSet},
		{Method: http.MethodGet, Path: "/setup", Name: "setup_show", Open: true, Handle: setupShow},
		{Method: http.MethodPost, Path: "/setup", Name: "setup_do", Open: true, Handle: setupDo},
		{Method: http.MethodGet, Path: "/setup/officer", Name: "officer_show", Handle: officerShow},
		{Method: http.MethodPost, Path: "/setup/officer", Name: "officer_add", Handle: officerAdd},
		{Method: http.MethodGet, Path: "/setup/done", Name: "setup_done", Handle: setupDone},
		{Method: http.MethodGet, Path: "/settings", Name: "account_show", Handle: func(r *page.Request) error { return r.Go("/account", "") }},
		{Method: http.MethodGet, Path: "/account", Name: "account_show", Handle: accountShow},
		{Method: http.MethodPost, Path: "/account/password", Name: "password_change", Handle: passwordChange},
		{Method: http.MethodGet, Path: "/account/factor", Name: "factor_show", Handle: factorShow},
		{Method: http.MethodPost, Path: "/account/factor", Name: "factor_enrol", Handle: factorEnrol},
		{Method: http.MethodPost, Path: "/account/factor/confirm", Name: "factor_confirm", Handle: factorConfirm},
		{Method: http.MethodPost, Path: "/account/factor/remove", Name: "factor_remove", Handle: factorRemove},
		{Method: http.MethodGet, Path: "/account/passkeys", Name: "passkey_show", Handle: passkeyShow},
		{Method: http.MethodPost, Path: "/account/passkeys", Name: "passkey_add", Handle: passkeyAdd},
		{Method: http.MethodPost, Path: "/account/passkeys/begin", Name: "passkey_begin", Handle: passkeyBegin},
		{Method: http.MethodPost, Path: "/account/passkeys/{id}/revoke", Name: "passkey_revoke", Handle: passkeyRevoke},
		{Method: http.MethodPost, Path: "/account/sessions/revoke", Name: "session_revoke", Handle: sessionRevoke},
		{Method: http.MethodPost, Path: "/account/sessions/others", Name: "session_revoke", Handle: sessionRevokeOthers},
	}
}

// inside returns the address to go on to below the organisation, or the
// overview for anything that could lead elsewhere: another site, another
// organisation, or back to the sign-in page.
func inside(base, next string) string {
	const start = "/overview"
	if strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return start
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return start
	}
	rest, ok := strings.CutPrefix(u.Path, base+"/")
	if !ok || rest == "" || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") {
		return start
	}
	if first, _, _ := strings.Cut(rest, "/"); first == "signin" || first == "sign-out" || first == "setup" {
		return start
	}
	to := url.URL{Path: "/" + rest, RawQuery: u.RawQuery}
	return to.String()
}

// address is where a request comes from, without a port. Behind a proxy it is
// what the proxy says last, because everything before it can be made up.
func address(r *page.Request) string {
	if r.TLS {
		if all := r.R.Header.Values("X-Forwarded-For"); len(all) > 0 {
			parts := strings.Split(all[len(all)-1], ",")
			if ip := net.ParseIP(strings.TrimSpace(parts[len(parts)-1])); ip != nil {
				return ip.String()
			}
		}
	}
	host, _, err := net.SplitHostPort(r.R.RemoteAddr)
	if err != nil {
		return r.R.RemoteAddr
	}
	return host
}

// enter gives the browser its session.
func enter(r *page.Request, s identity.Session) {
	http.SetCookie(r.W, s.Cookie(r.Base, r.Secure()))
}

// form is a form of this area with its values, passwords and codes left out.
func form(r *page.Request, id, action string, values url.Values, p *problem.Problem) ui.Form {
	kept := url.Values{}
	for name, v := range values {
		if !secretField(name) {
			kept[name] = v
		}
	}
	return ui.Form{C: r.C, ID: id, Prefix: "account." + id + ".", Action: r.Base + action, Values: kept, Problem: p,
		Submit: r.C.T("account." + id + ".submit")}
}

func secretField(name string) bool {
	return name == "password" || name == "again" || name == "old" || name == "code"
}

// repeated checks that a new password was typed twice alike; a slip here locks
// its owner out.
func repeated(password, again string) error {
	var c problem.Checks
	c.Field(password == again, "again", "Die beiden Eingaben sind verschieden.", "The two entries differ.")
	return c.Err()
}

// password, code and signInName give a field its type.
func password(v ui.FieldView, complete string) ui.FieldView {
	v.Type, v.Auto, v.MaxLen = "password", complete, 256
	return v
}

func code(v ui.FieldView) ui.FieldView {
	v.Auto, v.MaxLen, v.Focus = "one-time-code", 20, true
	return v
}

// later is a code without the focus: another field of the form comes first.
func later(v ui.FieldView) ui.FieldView {
	v = code(v)
	v.Focus = false
	return v
}

func passkeyName(v ui.FieldView) ui.FieldView {
	v.Auto, v.MaxLen = "off", 80
	return v
}

func focused(v ui.FieldView) ui.FieldView {
	v.Focus = true
	return v
}

func signInName(v ui.FieldView, complete string) ui.FieldView {
	v.Auto, v.MaxLen = complete, 64
	return v
}

// formError reports whether a problem belongs on the form that caused it, so
// that the page is shown again with what was typed.
func formError(err error) (*problem.Problem, bool) {
	switch problem.KindOf(err) {
	case problem.BadInput, problem.Conflict, problem.Denied, problem.Unsigned, problem.TooLarge:
		return problem.From(err), true
	}
	return nil, false
}
