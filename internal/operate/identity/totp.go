package identity

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Enrolment is what an authenticator app needs.
type Enrolment struct {
	Secret string // base32, to be typed where no camera is
	URI    string // otpauth://…, the content of the QR code
}

// EnrolTOTP starts a second factor for who is signed in, after the password was
// given once more. It counts only after ConfirmTOTP; until then sign-in stays
// as it was.
func (s *Service) EnrolTOTP(ctx context.Context, p Principal, password string) (Enrolment, error) {
	name, err := s.prove(ctx, p, password)
	if err != nil {
		return Enrolment{}, err
	}
	raw, err := s.random(secret.TOTPSize)
	if err != nil {
		return Enrolment{}, err
	}
	sealed, err := s.seal(p.ID, raw)
	if err != nil {
		return Enrolment{}, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := credentials().Get(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		c.Pending = sealed
		return credentials().Put(ctx, tx, c)
	})
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: secret.TOTPText(raw), URI: secret.TOTPURI(s.o.Issuer, name, raw)}, nil
}

// ConfirmTOTP puts the enrolled second factor into force with a first code. It
// returns eight recovery codes, shown once, and a new session that replaces all
// sessions of the person, since more was proven than before.
func (s *Service) ConfirmTOTP(ctx context.Context, p Principal, code, userAgent string) (Session, []string, error) {
	if p.Kind != KindPerson || p.Session == "" {
		return Session{}, nil, errUnsigned()
	}
	keys := []string{throttle.Name(s.keyed("attempt confirm", p.ID))}
	now := s.clock.now()
	if err := s.gate.Admit(ctx, keys, now); err != nil {
		return Session{}, nil, err
	}
	plain, hashed, err := s.recoveryCodes(p.ID)
	if err != nil {
		return Session{}, nil, err
	}
	defer s.forgetSessions()
	var made Session
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := credentials().Get(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if c.Pending == "" {
			return problem.New(problem.Conflict, "Es wartet kein zweiter Faktor auf Bestätigung.", "No second factor waits for confirmation.")
		}
		raw, err := s.unseal(p.ID, c.Pending)
		if err != nil {
			return err
		}
		step, ok := secret.CheckTOTP(raw, code, now, 0)
		if !ok {
			return errCode()
		}
		c.TOTP, c.Pending, c.Step, c.Recovery = c.Pending, "", step, hashed
		if err := credentials().Put(ctx, tx, c); err != nil {
			return err
		}
		if err := s.emit(tx, TypeCredentialChanged, p.ID, CredentialChanged{V: 1, Person: p.ID, By: p.ID, What: "totp_on"}); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, p.ID, "", p.ID, EndedSecret); err != nil {
			return err
		}
		person, err := Persons().Get(inHouse(ctx), tx, p.ID)
		if err != nil {
			return err
		}
		made, err = s.startSession(ctx, tx, person, c, true, userAgent)
		return err
	})
	if hasReason(err, reasonCodeWrong) {
		return Session{}, nil, s.failed(ctx, keys, p.ID, FailedCode)
	}
	s.gate.Clear(keys)
	if err != nil {
		return Session{}, nil, err
	}
	return made, plain, nil
}

// RemoveTOTP takes one's own second factor away, with password and code.
func (s *Service) RemoveTOTP(ctx context.Context, p Principal, password, code string) error {
	if _, err := s.prove(ctx, p, password); err != nil {
		return err
	}
	keys := []string{throttle.Name(s.keyed("attempt confirm", p.ID))}
	if err := s.gate.Admit(ctx, keys, s.clock.now()); err != nil {
		return err
	}
	err := s.changeCredential(ctx, p.ID, p.ID, "totp_off", p.Session, func(c *credential) error {
		if _, err := s.useCode(c, code); err != nil {
			return err
		}
		c.TOTP, c.Pending, c.Recovery = "", "", nil
		return nil
	})
	if hasReason(err, reasonCodeWrong) {
		return s.failed(ctx, keys, p.ID, FailedCode)
	}
	s.gate.Clear(keys)
	return err
}

// ResetTOTP takes away somebody else's second factor, for who lost phone and
// codes. It needs the action manage on persons and is journaled.
func (s *Service) ResetTOTP(ctx context.Context, person string) error {
	return s.reset(ctx, person, "totp_reset", func(Person) (func(*credential) error, error) {
		return func(c *credential) error {
			c.TOTP, c.Pending, c.Recovery = "", "", nil
			return nil
		}, nil
	})
}

// HasTOTP reports whether a second factor is in force, and how many recovery
// codes are left.
func (s *Service) HasTOTP(ctx context.Context, p Principal) (on bool, codesLeft int, err error) {
	c, err := credentials().Get(ctx, s.db, p.ID)
	return c.TOTP != "", len(c.Recovery), err
}

// useCode checks a time-based or a recovery code and marks it as used in c,
// which the caller stores in the same transaction.
func (s *Service) useCode(c *credential, code string) (method string, err error) {
	if c.TOTP == "" {
		return "", errCode()
	}
	raw, err := s.unseal(c.Person, c.TOTP)
	if err != nil {
		return "", err
	}
	if step, ok := secret.CheckTOTP(raw, code, s.clock.now(), c.Step); ok {
		c.Step = step
		return MethodTOTP, nil
	}
	want := s.recoveryHash(c.Person, code)
	if i := slices.IndexFunc(c.Recovery, func(h string) bool { return hmac.Equal([]byte(h), []byte(want)) }); i >= 0 {
		c.Recovery = slices.Delete(slices.Clone(c.Recovery), i, i+1)
		return MethodRecovery, nil
	}
	return "", errCode()
}

// recoveryCount is how many recovery codes there are; each holds 50 random bits.
const recoveryCount = 8

var recoveryAlphabet = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)

func (s *Service) recoveryCodes(person string) (plain, hashed []string, err error) {
	for range recoveryCount {
		raw, err := s.random(7)
		if err != nil {
			return nil, nil, err
		}
		t := recoveryAlphabet.EncodeToString(raw)[:10]
		plain = append(plain, t[:5]+"-"+t[5:])
		hashed = append(hashed, s.recoveryHash(person, t))
	}
	return plain, hashed, nil
}

func (s *Service) recoveryHash(person, code string) string {
	code = strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
	return s.keyed("recovery "+person, code)
}

// seal encrypts a second factor for the table; it opens for this person only.
func (s *Service) seal(person string, clear []byte) (string, error) {
	nonce, err := s.random(s.aead.NonceSize())
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, clear, []byte("totp "+person))), nil
}

func (s *Service) unseal(person, sealed string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	n := s.aead.NonceSize()
	if err == nil && len(raw) < n {
		err = fmt.Errorf("sealed second factor of %d bytes", len(raw))
	}
	var clear []byte
	if err == nil {
		clear, err = s.aead.Open(nil, raw[:n], raw[n:], []byte("totp "+person))
	}
	if err != nil {
		return nil, problem.New(problem.Corrupt,
			"Der zweite Faktor lässt sich nicht öffnen.", "The second factor cannot be opened.").
			WithHint("Passt der Hauptschlüssel zu diesem Ordner? Sonst setzt die Verwaltung den zweiten Faktor zurück.",
				"Does the master key fit this folder? Otherwise an administrator resets the second factor.").Wrap(err)
	}
	return clear, nil
}

func errCode() error {
	return problem.New(problem.Unsigned, "Der Code stimmt nicht oder wurde schon benutzt.", "The code is wrong or was used before.").
		WithHint("Bitte den nächsten Code der App abwarten, oder einen Wiederherstellungscode nehmen.",
			"Please wait for the app's next code, or use a recovery code.").
		WithReason(reasonCodeWrong, "Der zweite Faktor passt nicht.", "The second factor does not fit.")
}
