// Package exhibit reads what of an organisation's objects goes into a case file:
// kinds that everybody may read who may export one, none with personal fields,
// and the public keys of passkeys. Whoever exports, the case is the same.
package exhibit

import (
	"context"
	"encoding/json"

	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/store"
)

// Passkeys are the public keys of all passkeys, also of revoked ones: what they
// signed before stays signed. What people call them stays in the house.
func Passkeys(ctx context.Context, db *store.DB) ([]verify.Passkey, error) {
	all, err := passkey.Passkeys().All(ctx, db, store.Query{})
	if err != nil {
		return nil, err
	}
	var out []verify.Passkey
	for _, o := range all {
		p, err := verify.NewPasskey(o.Doc.Added(o.ID))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Shown reports whether every role that may export case files may read a kind.
func Shown(kind string) bool {
	for _, r := range roles.All() {
		have := []string{string(r.Role)}
		if roles.Allowed(have, roles.Export, "casefile") && !roles.Allowed(have, store.Read, kind) {
			return false
		}
	}
	return true
}

// Objects reads the objects of a kind that go into a case file: none of a kind
// with personal fields.
func Objects(ctx context.Context, db *store.DB, k store.AnyKind) ([]verify.Object, error) {
	for _, f := range k.Fields() {
		if f.Personal {
			return nil, nil
		}
	}
	var out []verify.Object
	q := store.Query{Limit: store.MaxLimit}
	for {
		p, err := k.ListJSON(ctx, db, q)
		if err != nil {
			return nil, err
		}
		for _, o := range p.Items {
			out = append(out, verify.Object{Kind: k.Name(), ID: o.ID, Revision: o.Revision, Doc: json.RawMessage(o.Doc)})
		}
		if p.Next == "" {
			return out, nil
		}
		q.Cursor = p.Next
	}
}
