package passkey

import (
	"context"
	"encoding/json"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey/assert"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Given is the answer of a device to a challenge, base64url.
type Given struct {
	Credential        string
	ClientData        string
	AuthenticatorData string
	Signature         string
	RPID              string // for which site the ceremony was begun
	Origin            string
}

// BeginSign keeps the challenge of something that who is signed in wants to
// sign, under its nonce, and returns what the browser needs. Without a passkey
// for this site it is BadInput.
func (r *Room) BeginSign(ctx context.Context, p identity.Principal, s Site, nonce string, challenge []byte) (Begun, error) {
	if err := signedIn(p); err != nil {
		return Begun{}, err
	}
	if err := assert.Site(s.RPID, s.Origin); err != nil {
		return Begun{}, err
	}
	have, err := r.For(ctx, r.o.DB, p.ID, s)
	if err != nil {
		return Begun{}, err
	}
	if len(have) == 0 {
		return Begun{}, problem.New(problem.BadInput, "Für diese Adresse haben Sie keinen Passkey.", "You have no passkey for this address.").
			WithHint("Unter „Mein Zugang“ lässt sich einer einrichten; bis dahin gelten Passwort und Code.",
				"One can be set up under 'My access'; until then password and code serve.")
	}
	allowed := make([]map[string]any, len(have))
	for i, o := range have {
		allowed[i] = map[string]any{"type": "public-key", "id": o.Doc.Credential}
	}
	if err := r.begin(ctx, ceremony{ID: nonce, Use: useSign, Person: p.ID, Session: p.Session, Challenge: encode(challenge), RPID: s.RPID, Origin: s.Origin}); err != nil {
		return Begun{}, err
	}
	return Begun{Ceremony: nonce, Options: map[string]any{
		"challenge": encode(challenge), "rpId": s.RPID, "allowCredentials": allowed, "userVerification": "required", "timeout": Life.Milliseconds(),
	}}, nil
}

// answered is what PublicKeyCredential.toJSON gives for a signature.
type answered struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Response struct {
		ClientData        string `json:"clientDataJSON"`
		AuthenticatorData string `json:"authenticatorData"`
		Signature         string `json:"signature"`
	} `json:"response"`
}

// Read reads the JSON that the browser gave back. Whether it is true, Use says.
func Read(response string, s Site) (Given, error) {
	var got answered
	if json.Unmarshal([]byte(response), &got) != nil || got.Type != "public-key" || got.ID == "" {
		return Given{}, unreadable()
	}
	return Given{Credential: got.ID, ClientData: got.Response.ClientData, AuthenticatorData: got.Response.AuthenticatorData,
		Signature: got.Response.Signature, RPID: s.RPID, Origin: s.Origin}, nil
}

// Reasons beyond those of package assert.
const (
	Foreign = "passkey.foreign" // not this person's key, or revoked
	Copied  = "passkey.copied"  // the device's counter went back
)

// Use checks the answer to a challenge inside the transaction that stores what
// it signs, and uses the ceremony up. Every refusal is Denied or a Conflict with
// its reason; nothing is changed then.
func (r *Room) Use(ctx context.Context, tx *store.Tx, person, session, nonce string, challenge []byte, g Given) error {
	ctx = onBehalf(ctx, person)
	row, err := r.take(ctx, tx, nonce, useSign, person, session)
	if err != nil {
		return err
	}
	if row.Challenge != encode(challenge) {
		return refusal(assert.BadChallenge, "Die Unterschrift gilt einem anderen Inhalt oder einem anderen Vorgang.",
			"The signature is for another content or another ceremony.")
	}
	if g.RPID != row.RPID || g.Origin != row.Origin {
		return refusal(assert.BadOrigin, "Die Unterschrift kommt von einer anderen Seite.", "The signature comes from another site.")
	}
	found, err := Passkeys().List(ctx, tx, store.Query{Filters: []store.Filter{store.Where("credential", "=", g.Credential)}, Limit: 1})
	if err != nil {
		return err
	}
	if len(found.Items) == 0 || found.Items[0].Doc.Person != person || !found.Items[0].Doc.Stands() || found.Items[0].Doc.RPID != row.RPID {
		return refusal(Foreign, "Dieser Passkey gehört nicht zu Ihrem Zugang oder ist widerrufen.", "This passkey does not belong to your access or was revoked.")
	}
	o := found.Items[0]
	seen, err := check(o.Doc, g, challenge)
	if err != nil {
		return err
	}
	if count := int64(seen.SignCount); (count != 0 || o.Doc.SignCount != 0) && count <= o.Doc.SignCount {
		return refusal(Copied, "Der Zähler des Passkeys ging zurück: Es gibt ihn vermutlich zwei Mal. Es wurde nichts unterschrieben.",
			"The passkey's counter went back: there are probably two of it. Nothing was signed.")
	}
	o.Doc.SignCount, o.Doc.BackedUp, o.Doc.LastUsed = int64(seen.SignCount), seen.BackedUp, r.now()
	_, err = Passkeys().Update(ctx, tx, o.ID, o.Revision, o.Doc)
	return err
}

// check verifies an answer by a passkey's public key.
func check(p Passkey, g Given, challenge []byte) (assert.Seen, error) {
	parts := make([][]byte, 4)
	for i, s := range []string{p.PublicKey, g.ClientData, g.AuthenticatorData, g.Signature} {
		var err error
		if parts[i], err = decode(s); err != nil {
			return assert.Seen{}, unreadable()
		}
	}
	return assert.Check(parts[0], assert.Raw{ClientData: parts[1], AuthenticatorData: parts[2], Signature: parts[3]},
		assert.Expect{Challenge: challenge, RPID: g.RPID, Origins: []string{g.Origin}})
}

func refusal(code, de, en string) error {
	return problem.New(problem.Denied, de, en).WithReason(code, de, en)
}
