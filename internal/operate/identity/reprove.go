package identity

import (
	"context"
	"strings"

	"augenmass/internal/operate/identity/throttle"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// Reprove has who is signed in prove once more who they are, before they sign
// something or add a key to their access: the password, and where a second
// factor is in force a code of it, used up as at sign-in. It returns the method,
// MethodPassword where there is no second factor. Wrong entries are BadInput
// with the field ("password", "code") and count as attempts.
func (s *Service) Reprove(ctx context.Context, p Principal, password, code string) (method string, err error) {
	signedIn := p.Kind == KindPerson && p.Session != ""
	if signedIn && password == "" {
		return "", problem.New(problem.BadInput, "Zum Unterschreiben fehlt das Passwort.", "To sign, the password is missing.").
			WithField("password", "Bitte das eigene Passwort eingeben.", "Please enter your own password.")
	}
	_, err = s.prove(ctx, p, password)
	if signedIn && problem.Is(err, problem.Unsigned) {
		return "", problem.New(problem.BadInput, "Das Passwort stimmt nicht.", "The password is wrong.").
			WithField("password", "Das ist nicht Ihr Passwort.", "This is not your password.").Wrap(err)
	}
	if err != nil {
		return "", err
	}
	on, _, err := s.HasTOTP(ctx, p)
	if err != nil || !on {
		return MethodPassword, err
	}
	if strings.TrimSpace(code) == "" {
		return "", problem.New(problem.BadInput, "Es fehlt noch der Code des zweiten Faktors.", "The code of the second factor is still missing.").
			WithField("code", "Sechs Ziffern aus der App, oder ein Wiederherstellungscode.", "Six digits of the app, or a recovery code.")
	}
	keys := []string{throttle.Name(s.keyed("attempt confirm", p.ID))}
	if err := s.gate.Admit(ctx, keys, s.clock.now()); err != nil {
		return "", err
	}
	err = s.db.Write(inHouse(ctx), func(tx *store.Tx) error {
		c, err := credentials().Get(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		// Read again: a second factor that was taken away meanwhile does not make
		// the password alone enough.
		if method, err = s.useCode(&c, code); err != nil {
			return err
		}
		return credentials().Put(ctx, tx, c)
	})
	if hasReason(err, reasonCodeWrong) {
		err = s.failed(ctx, keys, p.ID, FailedCode)
		if hasReason(err, reasonCodeWrong) {
			said := problem.From(err)
			return "", problem.New(problem.BadInput, said.Say.DE, said.Say.EN).WithField("code", said.Hint.DE, said.Hint.EN).Wrap(err)
		}
		return "", err
	}
	s.gate.Clear(keys)
	return method, err
}
