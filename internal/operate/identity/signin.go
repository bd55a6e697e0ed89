package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Attempt is one try to sign in. Address and UserAgent are used and not stored.
type Attempt struct {
	Name      string
	Password  string
	Code      string // of the authenticator app, or a recovery code; empty at the first try
	Address   string // of the client, without a port
	UserAgent string
	Previous  string // session token that the browser still holds; it ends
}

// Codes of reasons that a sign-in page tells apart.
const (
	reasonCodeNeeded = "signin.code_needed"
	reasonCodeWrong  = "signin.code_wrong"
)

// NeedsCode reports whether a sign-in failed only because a code is still
// missing or was wrong: the page then asks for it.
func NeedsCode(err error) bool {
	return hasReason(err, reasonCodeNeeded) || hasReason(err, reasonCodeWrong)
}

func hasReason(err error, code string) bool {
	var p *problem.Problem
	if !errors.As(err, &p) {
		return false
	}
	for _, r := range p.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

func errCredentials() error {
	return problem.New(problem.Unsigned, "Name oder Passwort stimmt nicht.", "Name or password is wrong.").
		WithHint("Bitte beides prüfen; die Verwaltung kann ein neues Passwort setzen.",
			"Please check both; an administrator can set a new password.")
}

func errCodeNeeded() error {
	return problem.New(problem.Unsigned, "Es fehlt noch der Code des zweiten Faktors.", "The code of the second factor is still missing.").
		WithHint("Die App zeigt sechs Ziffern; ohne Telefon hilft ein Wiederherstellungscode.",
			"The app shows six digits; without the phone a recovery code helps.").
		WithReason(reasonCodeNeeded, "Dieser Zugang hat einen zweiten Faktor.", "This account has a second factor.")
}

// SignIn checks name, password and, where one is enrolled, the second factor,
// and starts a new session. What it answers, and the work it does, is the same
// for names that do not exist, wrong passwords and inactive persons: Unsigned.
// When only the code is missing or wrong, NeedsCode is true of the error. Too
// many failures are Denied for a while (RetryAfter).
func (s *Service) SignIn(ctx context.Context, a Attempt) (Session, Principal, error) {
	ctx = inHouse(ctx)
	name := foldName(a.Name)
	if len(name) > 256 {
		name = name[:256] // nobody is called that; it only has to fail like the others
	}
	keys := []string{s.nameKey(name), throttle.Address(s.keyed("attempt address", a.Address))}
	if err := s.gate.Admit(ctx, keys, s.clock.now()); err != nil {
		return Session{}, Principal{}, err
	}
	person, known, err := s.byName(ctx, s.db, name)
	if err != nil {
		s.gate.Release(keys)
		return Session{}, Principal{}, err
	}
	c, err := credentials().Get(ctx, s.db, person.ID)
	if err != nil && !problem.Is(err, problem.NotFound) {
		s.gate.Release(keys)
		return Session{}, Principal{}, err
	}
	if c.Hash == "" {
		known, c.Hash = false, s.hasher.Dummy()
	}
	ok, outdated, err := s.hasher.Verify(ctx, c.Hash, a.Password)
	if err != nil {
		s.gate.Release(keys)
		return Session{}, Principal{}, err
	}
	if !ok || !known || !person.Doc.Active {
		return Session{}, Principal{}, s.failed(ctx, keys, person.ID, FailedCredentials)
	}
	if c.TOTP != "" && strings.TrimSpace(a.Code) == "" {
		s.gate.Release(keys)
		return Session{}, Principal{}, errCodeNeeded()
	}
	renewed := ""
	if outdated {
		if renewed, err = s.hasher.Hash(ctx, a.Password); err != nil {
			s.gate.Release(keys)
			return Session{}, Principal{}, err
		}
	}
	made, p, err := s.signedIn(ctx, a, keys, c.Hash, renewed, person.ID)
	switch {
	case hasReason(err, reasonCodeWrong):
		return Session{}, Principal{}, s.failed(ctx, keys, person.ID, FailedCode)
	case err != nil:
		s.gate.Release(keys)
		return Session{}, Principal{}, err
	}
	s.gate.Clear(keys)
	return made, p, nil
}

// signedIn writes what a successful sign-in changes, in one transaction. It
// reads credential and person again: they may have changed since the password
// was checked, and a code must not work twice for two callers at once.
func (s *Service) signedIn(ctx context.Context, a Attempt, keys []string, checked, renewed, id string) (Session, Principal, error) {
	var made Session
	var p Principal
	defer s.forgetSessions()
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		person, err := Persons().Get(ctx, tx, id)
		if err != nil {
			return err
		}
		c, err := credentials().Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Hash != checked || !person.Doc.Active {
			return errCredentials()
		}
		method := MethodPassword
		if c.TOTP != "" {
			if method, err = s.useCode(&c, a.Code); err != nil {
				return err
			}
		}
		if renewed != "" {
			c.Hash = renewed
		}
		if c.TOTP != "" || renewed != "" {
			if err := credentials().Put(ctx, tx, c); err != nil {
				return err
			}
		}
		if a.Previous != "" {
			if err := s.endToken(ctx, tx, a.Previous, EndedReplaced); err != nil {
				return err
			}
		}
		if err := throttle.Table().Delete(ctx, tx, keys[0]); err != nil {
			return err
		}
		if made, err = s.startSession(ctx, tx, person, c, method != MethodPassword, a.UserAgent); err != nil {
			return err
		}
		p = principalOf(person, sessionRow{ID: made.ID, MFA: made.MFA, MustChange: made.MustChange})
		return s.emit(tx, TypeSignedIn, id, SignedIn{V: 1, Person: id, Session: made.ID, Method: method})
	})
	return made, p, err
}

// failed stores and journals a failed attempt and returns what to answer.
func (s *Service) failed(ctx context.Context, keys []string, person, reason string) error {
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		if err := throttle.Table().Put(ctx, tx, s.gate.Rows(keys)...); err != nil {
			return err
		}
		return s.emit(tx, TypeSignInFailed, person, SignInFailed{V: 1, Person: person, Reason: reason})
	})
	switch {
	case err != nil:
		return err
	case reason == FailedCode:
		return errCode()
	}
	return errCredentials()
}

func (s *Service) nameKey(name string) string { return throttle.Name(s.keyed("attempt name", name)) }

// RetryAfter returns how long to wait, if err is the refusal of an attempt that
// came too early (for the header Retry-After).
func RetryAfter(err error) (time.Duration, bool) { return throttle.RetryAfter(err) }
