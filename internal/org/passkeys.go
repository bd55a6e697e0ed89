package org

import (
	"context"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/record/store"
)

// openPasskeys opens the room of passkeys over the database.
func (g *Org) openPasskeys() {
	g.Passkeys = passkey.New(passkey.Options{DB: g.DB, Source: g.source("passkey"), Name: g.Name, Now: g.o.Now, Rand: g.o.Rand})
}

// assertion has a passkey's signature over an approval checked: what governance
// asks and identity knows.
func (g *Org) assertion(ctx context.Context, tx *store.Tx, s signed.Statement, session string, a signed.Assertion) error {
	return g.Passkeys.Use(ctx, tx, s.Person, session, s.Nonce, s.Challenge(), passkey.Given{Credential: a.Credential, ClientData: a.ClientData,
		AuthenticatorData: a.AuthenticatorData, Signature: a.Signature, RPID: a.RPID, Origin: a.Origin})
}
