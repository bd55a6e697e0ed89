package identity

import (
	"context"
	"testing"
	"time"

	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/problem"
)

// Whoever signs proves once more who they are (001-02): the password, and where
// a second factor is in force a fresh code of it, each counted as an attempt; a
// code works once.
func TestReprove(t *testing.T) {
	h := newHouse(t, "werk")
	h.person("miriam", roles.Safety)
	ctx := context.Background()
	_, p := h.signIn("miriam")
	field := func(err error) string {
		if q := problem.From(err); problem.Is(err, problem.BadInput) && len(q.Fields) == 1 {
			return q.Fields[0].Path
		}
		return ""
	}
	if _, err := h.Reprove(ctx, p, "", ""); field(err) != "password" {
		t.Errorf("without a password: %v", err)
	}
	if _, err := h.Reprove(ctx, p, "falsches Passwort", ""); field(err) != "password" {
		t.Errorf("a wrong password: %v", err)
	}
	if method, err := h.Reprove(ctx, p, password, ""); err != nil || method != MethodPassword {
		t.Errorf("%q %v", method, err)
	}
	if _, err := h.Reprove(ctx, Principal{Kind: KindPerson, ID: p.ID, Token: "tok_1"}, password, ""); !problem.Is(err, problem.Unsigned) {
		t.Errorf("a token: %v", err)
	}
	raw, made, recovery := h.enrol("miriam")
	p = h.accepted(made.Token)
	if _, err := h.Reprove(ctx, p, password, ""); field(err) != "code" {
		t.Errorf("without a code: %v", err)
	}
	if _, err := h.Reprove(ctx, p, password, h.code(raw)); field(err) != "code" {
		t.Errorf("a code that was used: %v", err)
	}
	h.clock.add(time.Minute)
	if method, err := h.Reprove(ctx, p, password, h.code(raw)); err != nil || method != MethodTOTP {
		t.Errorf("%q %v", method, err)
	}
	if method, err := h.Reprove(ctx, p, password, recovery[0]); err != nil || method != MethodRecovery {
		t.Errorf("%q %v", method, err)
	}
	// Guessing slows down.
	var last error
	for range 20 {
		_, last = h.Reprove(ctx, p, password, "000000")
	}
	if wait, ok := RetryAfter(last); !ok || wait <= 0 {
		t.Errorf("after twenty wrong codes: %v", last)
	}
}
