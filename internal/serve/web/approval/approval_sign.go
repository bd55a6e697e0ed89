package approval

import (
	"net/url"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/problem"
	"augenmass/internal/serve/web/ceremony"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// signView is how the reader can sign: with a passkey, where there is one for
// this address, and with password and code.
type signView struct {
	Buttons []ceremony.Button
	Factor  bool // a second factor is in force, so its code is asked for
	Say     string
	SetUp   bool // a passkey could be set up
}

// signing says how the reader can sign the places that a form offers.
func (s *reading) signing(f ui.Form) (signView, error) {
	r, c := s.r, s.r.C
	var v signView
	var err error
	if v.Factor, _, err = r.Org.Identity.HasTOTP(r.Context(), r.Who); err != nil {
		return v, err
	}
	site, err := ceremony.Site(r)
	if err != nil {
		v.Say = c.In(problem.From(err).Say)
		return v, nil
	}
	keys, err := r.Org.Passkeys.For(r.Context(), r.Org.DB, r.Who.ID, site)
	if err != nil {
		return v, err
	}
	if len(keys) == 0 {
		v.Say, v.SetUp = c.T("approval.sign.setup"), true
		return v, nil
	}
	for _, a := range f.More {
		v.Buttons = append(v.Buttons, ceremony.Button{Text: c.T("approval.sign.passkey", "what", a.Text), Name: a.Name, Value: a.Value,
			Begin: "systems/" + s.d.System.ID + "/approve/passkey", Failed: c.T("approval.sign.failed")})
	}
	return v, nil
}

// approvalBegin is the first step of signing with a passkey: what is signed is
// fixed, and the browser gets its challenge, the hash of exactly that.
func approvalBegin(r *page.Request) error {
	b, st, err := begin(r)
	return ceremony.Get(r, b, st.BegunAt, err)
}

func begin(r *page.Request) (b passkey.Begun, st signed.Statement, err error) {
	in, err := r.Form()
	if err != nil {
		return b, st, err
	}
	site, err := ceremony.Site(r)
	if err != nil {
		return b, st, err
	}
	if st, err = r.Org.Approve.Begin(r.Context(), r.Param("id"), in.Get("role"), in.Get("seen")); err != nil {
		return b, st, err
	}
	b, err = r.Org.Passkeys.BeginSign(r.Context(), r.Who, site, st.Nonce, st.Challenge())
	return b, st, err
}

// how reads from the form how the person signs: by the answer of a passkey, or
// by password and code, which are proven here and now. Nobody is asked for a
// password for what they may not sign.
func how(r *page.Request, in url.Values) (approve.Signing, error) {
	a, asked, err := ceremony.Read(in)
	if err != nil {
		return approve.Signing{}, err
	}
	if asked {
		site, err := ceremony.Site(r)
		if err != nil {
			return approve.Signing{}, err
		}
		g, err := passkey.Read(string(a.Credential), site)
		return approve.Signing{Session: r.Who.Session, Nonce: a.Ceremony, BegunAt: a.BegunAt, Assertion: signed.Assertion{Credential: g.Credential,
			ClientData: g.ClientData, AuthenticatorData: g.AuthenticatorData, Signature: g.Signature, RPID: g.RPID, Origin: g.Origin}}, err
	}
	if _, err := r.Org.Approve.Begin(r.Context(), r.Param("id"), in.Get("role"), in.Get("seen")); err != nil {
		return approve.Signing{}, err
	}
	method, err := r.Org.Identity.Reprove(r.Context(), r.Who, in.Get("password"), in.Get("code"))
	return approve.Signing{Method: method}, err
}

// signedBy says how an approval was signed, and what that is worth.
func (s *reading) signedBy(method string) ui.Fact {
	c := s.r.C
	f := ui.Fact{Term: c.T("approval.signedby"), Text: s.method(method)}
	switch signed.StrengthOf(method) {
	case signed.Weaker:
		f.Note = c.T("approval.method.weaker")
	case signed.Weakest:
		f.Note = c.T("approval.method.weakest")
	}
	return f
}

// secretField is a field whose value never comes back into the page.
func secretField(f ui.Form, name, complete string) ui.FieldView {
	v := f.Field(name).Req()
	v.Value, v.Auto, v.MaxLen = "", complete, 256
	if name == "password" {
		v.Type = "password"
	}
	return v
}
