package signed_test

import (
	"encoding/hex"
	"testing"
	"time"

	"augenmass/internal/govern/approve/signed"
)

func approval() signed.Approval {
	return signed.Approval{Form: signed.Form, System: "sys_1", Role: "director", Person: "usr_1", ContentHash: "sha256:ab",
		GivenAt: time.Date(2026, 11, 22, 4, 1, 0, 0, time.UTC), ValidUntil: time.Date(2027, 11, 22, 4, 1, 0, 0, time.UTC), Method: signed.Passkey,
		Nonce: "bm9uY2U", BegunAt: time.Date(2026, 11, 22, 5, 0, 0, 5000, time.FixedZone("", 3600)),
		Assertion: signed.Assertion{Credential: "a", ClientData: "b", AuthenticatorData: "c", Signature: "d", RPID: "e", Origin: "f"}}
}

// The texts that are signed stand for good: a change of a byte would break every
// signature that was given (001-02).
func TestTextsStand(t *testing.T) {
	a := approval()
	if got, want := string(a.Statement().Text()), "augenmass.approval.statement.v2\nsys_1\ndirector\nusr_1\nsha256:ab\nbm9uY2U\n2026-11-22T04:00:00.000005Z\n"; got != want {
		t.Errorf("%q", got)
	}
	// printf of the lines above | sha256sum
	if got, want := hex.EncodeToString(a.Statement().Challenge()), "37f557536e7ec42e0950f13a14deab999690fc6d03c690d9b06d49e1278555ba"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	old := approval()
	old.Form = 0
	if got, want := string(old.Text()), "augenmass.approval.v1\nsys_1\ndirector\nusr_1\nsha256:ab\n2026-11-22T04:01:00Z\n"; got != want {
		t.Errorf("an approval of before: %q", got)
	}
}

// Everything of an approval is in what the organisation signs, and the journal's
// entry carries the same text without the remark itself.
func TestEverythingIsSigned(t *testing.T) {
	whole := string(approval().Text())
	for name, change := range map[string]func(*signed.Approval){
		"system": func(a *signed.Approval) { a.System = "sys_2" }, "role": func(a *signed.Approval) { a.Role = "safety" },
		"person": func(a *signed.Approval) { a.Person = "usr_2" }, "content": func(a *signed.Approval) { a.ContentHash = "sha256:cd" },
		"given": func(a *signed.Approval) { a.GivenAt = a.GivenAt.Add(1) }, "until": func(a *signed.Approval) { a.ValidUntil = time.Time{} },
		"method": func(a *signed.Approval) { a.Method = signed.Password }, "remark": func(a *signed.Approval) { a.Remark = "x" },
		"nonce": func(a *signed.Approval) { a.Nonce = "x" }, "begun": func(a *signed.Approval) { a.BegunAt = a.BegunAt.Add(1) },
		"credential": func(a *signed.Approval) { a.Assertion.Credential = "x" }, "client data": func(a *signed.Approval) { a.Assertion.ClientData = "x" },
		"authenticator data": func(a *signed.Approval) { a.Assertion.AuthenticatorData = "x" }, "signature": func(a *signed.Approval) { a.Assertion.Signature = "x" },
		"relying party": func(a *signed.Approval) { a.Assertion.RPID = "x" }, "origin": func(a *signed.Approval) { a.Assertion.Origin = "x" },
		"interests":                       func(a *signed.Approval) { a.Interests = []byte(`[{"code":"owner","object":"sys_1"}]`) },
		"two values run into one another": func(a *signed.Approval) { a.System, a.Role = "sys_1\ndirector", "" },
	} {
		a := approval()
		change(&a)
		if string(a.Text()) == whole {
			t.Errorf("%s is not signed", name)
		}
		_, text := signed.EntryOf("apr_1", "key", a).Signed()
		if string(text) != string(a.Text()) {
			t.Errorf("%s: the entry says another text", name)
		}
		if e := signed.EntryOf("apr_1", "key", a); a.Remark != "" && e.RemarkHash != signed.Hash([]byte(a.Remark)) {
			t.Errorf("remark: %+v", e)
		}
	}
}

// A method that nobody knows is the weakest.
func TestStrength(t *testing.T) {
	for method, want := range map[string]signed.Strength{signed.Passkey: signed.Strong, signed.TOTP: signed.Weaker, signed.Recovery: signed.Weaker,
		signed.Password: signed.Weakest, signed.Session: signed.Weakest, "": signed.Weakest, "made up": signed.Weakest} {
		if got := signed.StrengthOf(method); got != want {
			t.Errorf("%q: %d", method, got)
		}
	}
}
