package approve

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"augenmass/internal/govern/approve/signed"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Signing is how a person signs: by a method that the caller made sure of, or
// with a passkey, whose assertion is checked here.
type Signing struct {
	Method    string           // see package signed; ignored with an assertion
	Session   string           // with an assertion: of the person, as it was begun in
	Nonce     string           // of the statement, as Begin gave it
	BegunAt   time.Time        // of the statement
	Assertion signed.Assertion // zero: no passkey
}

// AssertionCheck verifies an assertion over a statement inside the transaction
// that stores the approval, and uses it up: a second one with it is refused. It
// stands in operate/identity/passkey; org joins the two.
type AssertionCheck func(ctx context.Context, tx *store.Tx, s signed.Statement, session string, a signed.Assertion) error

// Begin makes the statement that a person's passkey is asked to sign: for the
// dossier as it is now, which must be the one that was seen. Its challenge is
// the hash of the statement, so what comes back fits this approval only.
func (r *Room) Begin(ctx context.Context, system, role, seen string) (signed.Statement, error) {
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return signed.Statement{}, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	d, err := r.Read(ctx, r.db, system)
	if err != nil {
		return signed.Statement{}, err
	}
	hash, err := d.Hash()
	if err != nil {
		return signed.Statement{}, err
	}
	if err := r.mayGive(d, a, role, hash, seen); err != nil {
		return signed.Statement{}, err
	}
	nonce := make([]byte, 32)
	if _, err := io.ReadFull(r.randomness(), nonce); err != nil {
		return signed.Statement{}, problem.New(problem.Unavailable, "Es steht kein Zufall für eine Unterschrift bereit.",
			"There is no randomness for a signature.").Wrap(err)
	}
	return signed.Statement{System: system, Role: role, Person: a.ID, ContentHash: hash,
		Nonce: base64.RawURLEncoding.EncodeToString(nonce), BegunAt: r.instant()}, nil
}

func (r *Room) randomness() io.Reader {
	if r.o.Rand == nil {
		return rand.Reader
	}
	return r.o.Rand
}

// instant is now, as exact as it is kept.
func (r *Room) instant() time.Time { return r.o.Now().UTC().Truncate(time.Microsecond) }

// Give is Sign by a method that the caller made sure of.
func (r *Room) Give(ctx context.Context, system, role, seen, remark, method string) (store.Object[Approval], error) {
	return r.Sign(ctx, system, role, seen, remark, Signing{Method: method})
}

// Sign records a person's approval of the dossier as it is now. seen is the
// content hash that the person saw; if the dossier changed meanwhile, nothing
// is signed (Conflict). A remark, for example a dissent, stays for good. An
// assertion that does not verify, is for another statement or was used before is
// refused, and nothing is signed.
func (r *Room) Sign(ctx context.Context, system, role, seen, remark string, s Signing) (store.Object[Approval], error) {
	var saved store.Object[Approval]
	a, ok := store.ActorFrom(ctx)
	if !ok {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	remark = strings.TrimSpace(remark)
	var c problem.Checks
	c.Field(len([]rune(remark)) <= maxRemark, "remark", "Höchstens 2.000 Zeichen.", "At most 2,000 characters.")
	if err := c.Err(); err != nil {
		return saved, err
	}
	if s.Method == signed.Passkey && s.Assertion.IsZero() {
		return saved, problem.New(problem.BadInput, "Die Unterschrift des Passkeys fehlt.", "The passkey's signature is missing.")
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		d, err := r.Read(ctx, tx, system)
		if err != nil {
			return err
		}
		hash, err := d.Hash()
		if err != nil {
			return err
		}
		if err := r.mayGive(d, a, role, hash, seen); err != nil {
			return err
		}
		now := r.instant()
		doc := Approval{System: system, Role: role, Person: a.ID, ContentHash: hash, GivenAt: now,
			ValidUntil: now.AddDate(1, 0, 0), Remark: remark, Method: s.Method, Form: signed.Form}
		if !s.Assertion.IsZero() {
			doc.Method, doc.Nonce, doc.BegunAt, doc.Assertion = signed.Passkey, s.Nonce, s.BegunAt.UTC(), s.Assertion
			if err := r.checkAssertion(ctx, tx, doc, s.Session); err != nil {
				return err
			}
		}
		if doc.Interests, err = r.Interests(ctx, tx, d, a.ID); err != nil {
			return err
		}
		form, err := doc.Signed()
		if err != nil {
			return err
		}
		if doc.Signature, err = r.sign(form.Text()); err != nil {
			return err
		}
		if saved, err = r.Approvals.Create(ctx, tx, doc); err != nil {
			return err
		}
		form.Signature = doc.Signature
		return r.emit(tx, signed.TypeGiven, system, signed.EntryOf(saved.ID, r.o.Signer.Name(), form))
	})
	return saved, err
}

// checkAssertion has the assertion of an approval checked and used up. That no
// earlier approval carries its nonce is looked at here as well.
func (r *Room) checkAssertion(ctx context.Context, tx *store.Tx, doc Approval, session string) error {
	if r.o.Assertion == nil {
		return problem.New(problem.Denied, "Mit Passkeys wird hier nicht unterschrieben.", "Nothing is signed with passkeys here.").
			WithHint("Bitte mit Passwort und Code unterschreiben.", "Please sign with password and code.")
	}
	n, err := r.Approvals.Count(ctx, tx, store.Where("nonce", "=", doc.Nonce))
	if err != nil {
		return err
	}
	if n > 0 || doc.Nonce == "" {
		return problem.New(problem.Conflict, "Mit dieser Unterschrift des Passkeys wurde schon freigegeben.", "This signature of the passkey was used for an approval already.").
			WithReason("approval.replayed", "Eine Unterschrift gilt ein Mal.", "A signature counts once.")
	}
	form, err := doc.Signed()
	if err != nil {
		return err
	}
	return r.o.Assertion(ctx, tx, form.Statement(), session, doc.Assertion)
}

// Signed is the approval in the form in which it is signed and checked.
func (a Approval) Signed() (signed.Approval, error) {
	interests, err := json.Marshal(a.Interests)
	if err != nil {
		return signed.Approval{}, fmt.Errorf("approve: encode interests: %w", err)
	}
	return signed.Approval{Form: int(a.Form), System: a.System, Role: a.Role, Person: a.Person, ContentHash: a.ContentHash, GivenAt: a.GivenAt,
		ValidUntil: a.ValidUntil, Method: a.Method, Remark: a.Remark, Nonce: a.Nonce, BegunAt: a.BegunAt, Assertion: a.Assertion,
		Interests: interests, Signature: a.Signature}, nil
}
