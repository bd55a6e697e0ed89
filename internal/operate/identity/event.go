package identity

import "time"

// Types of the journal entries that this room writes. Persons, sessions and
// tokens appear by id only.
const (
	TypeSignedIn          = "augenmass.signin.succeeded"
	TypeSignInFailed      = "augenmass.signin.failed"
	TypeSessionRevoked    = "augenmass.session.revoked"
	TypeTokenCreated      = "augenmass.token.created"
	TypeTokenRevoked      = "augenmass.token.revoked"
	TypeCredentialChanged = "augenmass.credential.changed"
)

// Ways to sign in, as the journal and approvals name them.
const (
	MethodPassword = "password"
	MethodTOTP     = "password+totp"
	MethodRecovery = "password+recovery"
)

// SignedIn is the data of signin.succeeded; the subject is the person.
type SignedIn struct {
	V       int    `json:"v"`
	Person  string `json:"person"`
	Session string `json:"session"`
	Method  string `json:"method"`
}

// SignInFailed is the data of signin.failed. Person is empty when nobody has
// that name: what was typed is kept nowhere, for it may be a password.
type SignInFailed struct {
	V      int    `json:"v"`
	Person string `json:"person"`
	Reason string `json:"reason"` // credentials or code
}

// Reasons of a failed sign-in.
const (
	FailedCredentials = "credentials"
	FailedCode        = "code"
)

// SessionRevoked is the data of session.revoked; the subject is the session.
type SessionRevoked struct {
	V       int    `json:"v"`
	Session string `json:"session"`
	Person  string `json:"person"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
}

// Reasons why a session ended before its time.
const (
	EndedSignOut  = "signed_out"
	EndedReplaced = "replaced" // the same browser signed in anew
	EndedRevoked  = "revoked"  // from the list of sessions
	EndedPerson   = "person_changed"
	EndedSecret   = "credential_changed"
	EndedClock    = "clock" // its last use lies in the future
)

// TokenCreated is the data of token.created; the subject is the token.
type TokenCreated struct {
	V         int       `json:"v"`
	Token     string    `json:"token"`
	Holder    string    `json:"holder"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at"`
	By        string    `json:"by"`
}

// TokenRevoked is the data of token.revoked; the subject is the token.
type TokenRevoked struct {
	V      int    `json:"v"`
	Token  string `json:"token"`
	Holder string `json:"holder"`
	By     string `json:"by"`
}

// CredentialChanged is the data of credential.changed; the subject is the
// person. It shows when somebody else set a password or took away a second
// factor, which is how an account could be borrowed.
type CredentialChanged struct {
	V      int    `json:"v"`
	Person string `json:"person"`
	By     string `json:"by"`
	What   string `json:"what"` // password, password_reset, totp_on, totp_off, totp_reset
}
