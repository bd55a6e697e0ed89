package account

import (
	"net/url"

	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/serve/web/ceremony"
	"augenmass/internal/serve/web/page"
	"augenmass/internal/serve/web/ui"
)

// passkeysView is what the page of passkeys shows.
type passkeysView struct {
	all    []store.Object[passkey.Passkey]
	form   ui.Form
	factor bool             // a second factor is in force, so its code is asked for
	not    *problem.Problem // why passkeys do not work at this address
}

// passkeyShow lists a person's own passkeys and adds one.
func passkeyShow(r *page.Request) error { return showPasskeys(r, url.Values{}, nil) }

func showPasskeys(r *page.Request, in url.Values, p *problem.Problem) error {
	v := passkeysView{form: form(r, "passkey", "/account/passkeys", in, p)}
	v.form.Submit = ""
	var err error
	if v.all, err = r.Org.Passkeys.Of(r.Context(), r.Org.DB, r.Who.ID); err != nil {
		return err
	}
	if v.factor, _, err = r.Org.Identity.HasTOTP(r.Context(), r.Who); err != nil {
		return err
	}
	if _, err := ceremony.Site(r); err != nil {
		v.not = problem.From(err)
		if p != nil { // there is no form to say it at
			v.not = p
		}
	}
	status := 200
	if p != nil {
		status = ui.Status(p)
	}
	return r.ShowAs(status, ui.PageView{Title: r.C.T("account.passkeys.title"), Narrow: true,
		Crumbs: []ui.LinkView{{Text: r.C.T("account.title"), Href: r.C.URL("account")}}}, passkeysBody(r.C, v))
}

// passkeyBegin is the first step of adding one: the person proves the password,
// and where there is a second factor a code, so that a borrowed screen adds
// none.
func passkeyBegin(r *page.Request) error {
	b, err := beginPasskey(r)
	return ceremony.Create(r, b, err)
}

func beginPasskey(r *page.Request) (b passkey.Begun, err error) {
	in, err := r.Form()
	if err != nil {
		return b, err
	}
	if r.Who.MustChange {
		return b, problem.New(problem.Denied, "Bitte zuerst das Passwort ändern.", "Please change the password first.")
	}
	site, err := ceremony.Site(r)
	if err != nil {
		return b, err
	}
	if _, err := r.Org.Identity.Reprove(r.Context(), r.Who, in.Get("password"), in.Get("code")); err != nil {
		return b, err
	}
	return r.Org.Passkeys.BeginAdd(r.Context(), r.Who, site)
}

// passkeyAdd is the second step: what the device answered.
func passkeyAdd(r *page.Request) error {
	in, err := r.Form()
	if err != nil {
		return err
	}
	a, ok, err := ceremony.Read(in)
	if err == nil && !ok {
		err = problem.New(problem.BadInput, "Zum Einrichten eines Passkeys muss der Browser Skripte ausführen.", "To set up a passkey the browser has to run scripts.").
			WithHint("Ohne Skripte gelten Passwort und Code.", "Without scripts, password and code serve.")
	}
	if err == nil {
		_, err = r.Org.Passkeys.Add(r.Context(), r.Who, a.Ceremony, in.Get("name"), string(a.Credential))
	}
	in.Del(ceremony.Field)
	if p, ok := formError(err); ok {
		return showPasskeys(r, in, p)
	}
	if err != nil {
		return err
	}
	return r.Go("/account/passkeys", "account.passkey")
}

// passkeyRevoke ends one at once; what it signed stays signed.
func passkeyRevoke(r *page.Request) error {
	if err := r.Org.Passkeys.Revoke(r.Context(), r.Param("id")); err != nil {
		return err
	}
	return r.Go("/account/passkeys", "account.passkeyrevoked")
}

// passkeysTable lists the person's passkeys, each with a way to revoke it.
func passkeysTable(c ui.Ctx, all []store.Object[passkey.Passkey]) ui.TableView {
	t := ui.TableView{Caption: c.T("account.passkeys.title"), Cols: []ui.Col{{Head: c.T("account.passkeys.name")}, {Head: c.T("account.passkeys.for")},
		{Head: c.T("account.passkeys.since")}, {Head: c.T("account.passkeys.used")}, {Head: c.T("account.passkeys.end")}}}
	for _, o := range all {
		name := ui.Cell{Text: o.Doc.Name}
		if o.Doc.BackedUp {
			name.Note = c.T("account.passkeys.copies")
		}
		used := "–"
		if !o.Doc.LastUsed.IsZero() {
			used = c.Relative(o.Doc.LastUsed)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, {Text: o.Doc.RPID}, {Text: c.Date(o.CreatedAt)}, {Text: used},
			{Body: ui.Button(ui.Action{Text: c.T("account.passkeys.revoke"), Href: c.URL("account", "passkeys", o.ID, "revoke"), Post: true})}}})
	}
	return t
}
