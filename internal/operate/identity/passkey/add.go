package passkey

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey/assert"
	"augenmass/internal/operate/identity/passkey/event"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Begun is a ceremony for the browser. Options are those of
// navigator.credentials, as JSON
// (PublicKeyCredential.parseCreationOptionsFromJSON, …RequestOptionsFromJSON).
type Begun struct {
	Ceremony string         `json:"ceremony"`
	Options  map[string]any `json:"options"`
}

// most is how many passkeys a person may have.
const most = 20

// BeginAdd starts adding a passkey for who is signed in. The device is asked
// for a key that it can find again by itself, that verifies the person, and
// that is none of the person's others; nothing is asked about its maker.
func (r *Room) BeginAdd(ctx context.Context, p identity.Principal, s Site) (Begun, error) {
	if err := signedIn(p); err != nil {
		return Begun{}, err
	}
	if err := assert.Site(s.RPID, s.Origin); err != nil {
		return Begun{}, err
	}
	have, err := r.Of(ctx, r.o.DB, p.ID)
	if err != nil {
		return Begun{}, err
	}
	if len(have) >= most {
		return Begun{}, problem.New(problem.BadInput, "Mehr als 20 Passkeys hat niemand. Bitte zuerst einen widerrufen.",
			"Nobody has more than 20 passkeys. Please revoke one first.")
	}
	known := []map[string]any{}
	for _, o := range have {
		known = append(known, map[string]any{"type": "public-key", "id": o.Doc.Credential})
	}
	nonce, err := r.Nonce()
	if err != nil {
		return Begun{}, err
	}
	// Nothing but randomness stands behind a registration: the nonce is the challenge.
	if err := r.begin(ctx, ceremony{ID: nonce, Use: useAdd, Person: p.ID, Session: p.Session, Challenge: nonce, RPID: s.RPID, Origin: s.Origin}); err != nil {
		return Begun{}, err
	}
	params := []map[string]any{}
	for _, alg := range assert.Algorithms() {
		params = append(params, map[string]any{"type": "public-key", "alg": alg})
	}
	return Begun{Ceremony: nonce, Options: map[string]any{
		"rp":                     map[string]any{"id": s.RPID, "name": r.o.Name},
		"user":                   map[string]any{"id": encode([]byte(p.ID)), "name": p.Name, "displayName": p.Name},
		"challenge":              nonce,
		"pubKeyCredParams":       params,
		"timeout":                Life.Milliseconds(),
		"excludeCredentials":     known,
		"authenticatorSelection": map[string]any{"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
		"attestation":            "none",
	}}, nil
}

func (r *Room) begin(ctx context.Context, c ceremony) error {
	c.Until = r.now().Add(Life)
	return r.o.DB.Write(inHouse(ctx), func(tx *store.Tx) error { return ceremonies().Put(inHouse(ctx), tx, c) })
}

// created is what PublicKeyCredential.toJSON gives for a new passkey.
type created struct {
	ID       string `json:"id"`
	RawID    string `json:"rawId"`
	Type     string `json:"type"`
	Response struct {
		ClientData  string `json:"clientDataJSON"`
		Attestation string `json:"attestationObject"`
	} `json:"response"`
}

// Add finishes what BeginAdd began: response is the JSON that the browser gave
// back, name what the person calls the passkey.
func (r *Room) Add(ctx context.Context, p identity.Principal, id, name, response string) (store.Object[Passkey], error) {
	var made store.Object[Passkey]
	if err := signedIn(p); err != nil {
		return made, err
	}
	name = strings.TrimSpace(name)
	var c problem.Checks
	c.Field(name != "" && len([]rune(name)) <= 80, "name", "Bitte einen Namen geben, höchstens 80 Zeichen, zum Beispiel „Telefon“.",
		"Please give a name of at most 80 characters, for example 'phone'.")
	if err := c.Err(); err != nil {
		return made, err
	}
	var got created
	if json.Unmarshal([]byte(response), &got) != nil {
		return made, unreadable()
	}
	client, err := decode(got.Response.ClientData)
	attestation, err2 := decode(got.Response.Attestation)
	if err != nil || err2 != nil || got.Type != "public-key" {
		return made, unreadable()
	}
	ctx = onBehalf(ctx, p.ID)
	err = r.o.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := r.take(ctx, tx, id, useAdd, p.ID, p.Session)
		if err != nil {
			return err
		}
		challenge, err := decode(row.Challenge)
		if err != nil {
			return err
		}
		key, err := assert.Register(client, attestation, assert.Expect{Challenge: challenge, RPID: row.RPID, Origins: []string{row.Origin}})
		if err != nil {
			return err
		}
		if encode(key.ID) != got.ID {
			return unreadable()
		}
		doc := Passkey{Person: p.ID, Name: name, Credential: encode(key.ID), PublicKey: encode(key.Key), Algorithm: int64(key.Algorithm),
			RPID: row.RPID, FirstCount: int64(key.SignCount), SignCount: int64(key.SignCount), BackedUp: key.BackedUp}
		if err := r.fresh(ctx, tx, doc.Credential); err != nil {
			return err
		}
		if made, err = Passkeys().Create(ctx, tx, doc); err != nil {
			return err
		}
		return r.emit(tx, event.TypeAdded, p.ID, doc.Added(made.ID))
	})
	return made, err
}

// fresh refuses a key that is known, whoever has it.
func (r *Room) fresh(ctx context.Context, tx *store.Tx, credential string) error {
	n, err := Passkeys().Count(ctx, tx, store.Where("credential", "=", credential))
	if err == nil && n > 0 {
		return problem.New(problem.Conflict, "Dieser Passkey ist schon eingetragen.", "This passkey is already registered.")
	}
	return err
}

// Revoke ends a passkey at once: a person's own, or, with the action manage on
// persons, anybody's. What it signed stays signed.
func (r *Room) Revoke(ctx context.Context, id string) error {
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	none := problem.New(problem.NotFound, "Diesen Passkey gibt es nicht.", "There is no such passkey.")
	ctx = onBehalf(ctx, a.ID)
	return r.o.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := Passkeys().Get(ctx, tx, id)
		if err != nil {
			return err
		}
		own := a.Kind == identity.KindPerson && o.Doc.Person == a.ID && !readOnly(a.Roles)
		if !own && a.Kind != store.System && !roles.Allowed(a.Roles, roles.Manage, identity.KindPerson) {
			return none // that it exists is nobody else's business
		}
		if !o.Doc.Stands() {
			return nil
		}
		o.Doc.RevokedAt, o.Doc.RevokedBy = r.now(), a.ID
		if _, err := Passkeys().Update(ctx, tx, id, o.Revision, o.Doc); err != nil {
			return err
		}
		return r.emit(tx, event.TypeRevoked, o.Doc.Person, event.Revoked{V: 1, Passkey: id, Person: o.Doc.Person, Credential: o.Doc.Credential, By: a.ID})
	})
}

func readOnly(names []string) bool {
	for _, n := range names {
		if n == roles.ReadOnly {
			return true
		}
	}
	return false
}

// take finds a ceremony that may be finished now, and uses it up.
func (r *Room) take(ctx context.Context, tx *store.Tx, id, use, person, session string) (ceremony, error) {
	over := problem.New(problem.Conflict, "Dieser Vorgang ist abgelaufen oder schon benutzt.", "This ceremony is over or was used already.").
		WithHint("Bitte noch einmal beginnen; er gilt fünf Minuten und ein Mal.", "Please start again; it holds five minutes and once.").
		WithReason(Over, "Ein Vorgang gilt fünf Minuten, ein Mal, für eine Sitzung.", "A ceremony holds five minutes, once, for one session.")
	if len(id) > 100 {
		return ceremony{}, over
	}
	row, err := ceremonies().Get(ctx, tx, id)
	if problem.Is(err, problem.NotFound) {
		return row, over
	}
	if err != nil {
		return row, err
	}
	now := r.now()
	begun := row.Until.Add(-Life)
	if row.Used || row.Use != use || row.Person != person || row.Session != session || !now.Before(row.Until) || begun.After(now.Add(time.Minute)) {
		return row, over
	}
	row.Used = true
	return row, ceremonies().Put(ctx, tx, row)
}

// Over is the reason for which a ceremony is refused that was used, is over or
// belongs to somebody else.
const Over = "passkey.ceremony"

func unreadable() error {
	return problem.New(problem.BadInput, "Die Antwort des Browsers ist nicht lesbar.", "The browser's answer cannot be read.").
		WithHint("Bitte noch einmal versuchen.", "Please try again.")
}
