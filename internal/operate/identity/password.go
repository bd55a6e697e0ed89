package identity

import (
	"context"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// credential is what a person proves themselves with.
type credential struct {
	Person     string    `json:"person" store:"key"`
	Hash       string    `json:"hash"`
	ChangedAt  time.Time `json:"changed_at"`
	MustChange bool      `json:"must_change"`
	TOTP       string    `json:"totp"`         // sealed secret in force; empty: none
	Pending    string    `json:"totp_pending"` // sealed secret that waits for its first code
	Step       int64     `json:"totp_step"`    // last time step used
	Recovery   []string  `json:"recovery"`     // keyed hashes of unused codes
}

func credentials() *store.Table[credential] {
	return store.NewTable[credential]("identity_credential")
}

// SetPassword changes one's own password and ends all other sessions.
func (s *Service) SetPassword(ctx context.Context, p Principal, old, new string) error {
	name, err := s.prove(ctx, p, old)
	if err != nil {
		return err
	}
	if old == new {
		return problem.New(problem.BadInput, "Das neue Passwort ist das alte.", "The new password is the old one.").
			WithField("password", "Bitte ein anderes wählen.", "Please choose another.")
	}
	if err := secret.Check(new, name); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, new)
	if err != nil {
		return err
	}
	return s.changeCredential(ctx, p.ID, p.ID, "password", p.Session, func(c *credential) error {
		c.Hash, c.ChangedAt, c.MustChange = hash, s.clock.now(), false
		return nil
	})
}

// ResetPassword sets somebody else's password, which has to be changed at the
// next sign-in, and ends all sessions of that person. It needs the action
// manage on persons, and it is journaled with who did it.
func (s *Service) ResetPassword(ctx context.Context, person, new string) error {
	return s.reset(ctx, person, "password_reset", func(p Person) (func(*credential) error, error) {
		if err := secret.Check(new, p.SignIn); err != nil {
			return nil, err
		}
		hash, err := s.hasher.Hash(ctx, new)
		return func(c *credential) error {
			c.Hash, c.ChangedAt, c.MustChange = hash, s.clock.now(), true
			return nil
		}, err
	})
}

// reset changes another person's credential.
func (s *Service) reset(ctx context.Context, person, what string, prepare func(Person) (func(*credential) error, error)) error {
	a, err := may(ctx, roles.Manage, KindPerson)
	if err != nil {
		return err
	}
	if a.ID == person {
		return problem.New(problem.Denied,
			"Den eigenen Zugang setzt jemand anderes zurück.", "Your own access is reset by somebody else.").
			WithReason("person.own_access", "Niemand umgeht die eigene Anmeldung.", "Nobody bypasses their own sign-in.")
	}
	p, err := Persons().Get(onBehalf(ctx), s.db, person)
	if err != nil {
		return err
	}
	change, err := prepare(p.Doc)
	if err != nil {
		return err
	}
	return s.changeCredential(ctx, person, a.ID, what, "", change)
}

// changeCredential changes a credential, journals it, and ends the person's
// sessions but keep.
func (s *Service) changeCredential(ctx context.Context, person, by, what, keep string, change func(*credential) error) error {
	defer s.forgetSessions()
	return s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := credentials().Get(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := change(&c); err != nil {
			return err
		}
		if err := credentials().Put(ctx, tx, c); err != nil {
			return err
		}
		if err := s.emit(tx, TypeCredentialChanged, person, CredentialChanged{V: 1, Person: person, By: by, What: what}); err != nil {
			return err
		}
		if keep != "" && !c.MustChange {
			if err := s.settle(ctx, tx, keep); err != nil {
				return err
			}
		}
		return s.endSessions(ctx, tx, person, keep, by, EndedSecret)
	})
}

// prove checks the password of who is signed in, before something that a
// borrowed screen must not do. It counts as an attempt.
func (s *Service) prove(ctx context.Context, p Principal, password string) (signIn string, err error) {
	if p.Kind != KindPerson || p.Session == "" {
		return "", errUnsigned()
	}
	person, err := Persons().Get(inHouse(ctx), s.db, p.ID)
	if err != nil {
		return "", err
	}
	keys := []string{s.nameKey(person.Doc.SignIn)}
	now := s.clock.now()
	if err := s.gate.Admit(ctx, keys, now); err != nil {
		return "", err
	}
	c, err := credentials().Get(ctx, s.db, p.ID)
	if err != nil {
		return "", err
	}
	ok, _, err := s.hasher.Verify(ctx, c.Hash, password)
	if err != nil {
		s.gate.Release(keys)
		return "", err
	}
	if !ok {
		return "", s.failed(ctx, keys, p.ID, FailedCredentials)
	}
	s.gate.Release(keys)
	return person.Doc.SignIn, nil
}
