// Package signed is the form of a signed approval: what a person's passkey
// signs, what the organisation's key signs, and the journal entry that carries
// both. It is pure and small, so that whoever checks a case file on another
// machine uses the very words that the server used.
//
// Two signatures lie over each other. The person's passkey signs a challenge,
// and the challenge is the SHA-256 of the Statement: system, role, person,
// content hash of the dossier, a fresh nonce and the moment it began. So an
// assertion fits one approval and no other. The organisation's key signs the
// approval with the assertion in it (Approval.Text), so that nothing of it can
// be exchanged afterwards. Approvals without a passkey carry the second
// signature alone and say by which method the person was known.
//
// How an assertion is checked is operate/identity/passkey/assert's; who may
// approve what is govern/approve's.
package signed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"augenmass/internal/record/ledger/entry"
)

// TypeGiven is the journal entry of an approval; its data is an Entry and its
// subject the system.
const TypeGiven = "augenmass.approval.given"

// Form is how a new approval is written; the first one signed less
// (Approval.Text).
const Form = 2

// Methods by which the person who approves was known, strongest first.
const (
	Passkey  = "passkey"       // the person's key signed this very statement
	TOTP     = "password+totp" // password and a code, given for this signature
	Recovery = "password+recovery"
	Password = "password" // the password alone
	Session  = "session"  // of a session that was open already; programs and approvals of before
)

// Strength of a method: the lower, the stronger.
type Strength int

// What a method is worth. A method that nobody knows is the weakest.
const (
	Strong  Strength = iota // a signature of the person's own key
	Weaker                  // the organisation vouches for two factors
	Weakest                 // the organisation vouches for one
)

// StrengthOf says what a method is worth.
func StrengthOf(method string) Strength {
	switch method {
	case Passkey:
		return Strong
	case TOTP, Recovery:
		return Weaker
	}
	return Weakest
}

// Statement is what a person signs with a passkey.
type Statement struct {
	System      string    `json:"system"`
	Role        string    `json:"role"`
	Person      string    `json:"person"`
	ContentHash string    `json:"content_hash"` // "sha256:…" of the dossier that was seen
	Nonce       string    `json:"nonce"`        // 256 random bits, base64url
	BegunAt     time.Time `json:"begun_at"`     // UTC
}

// Text is the statement as it is hashed: seven lines, each ended by a line feed.
func (s Statement) Text() []byte {
	return lines("augenmass.approval.statement.v2", s.System, s.Role, s.Person, s.ContentHash, s.Nonce, moment(s.BegunAt))
}

// Challenge is the SHA-256 of the statement, which the passkey signs.
func (s Statement) Challenge() []byte {
	sum := sha256.Sum256(s.Text())
	return sum[:]
}

// Assertion is what the browser gave back for a statement, base64url without
// padding, and for which site.
type Assertion struct {
	Credential        string `json:"credential"` // id of the passkey's key
	ClientData        string `json:"client_data"`
	AuthenticatorData string `json:"authenticator_data"`
	Signature         string `json:"signature"`
	RPID              string `json:"rp_id"`  // relying party: the name of the host
	Origin            string `json:"origin"` // scheme, host and port of the page
}

// IsZero reports whether there is no assertion.
func (a Assertion) IsZero() bool { return a == Assertion{} }

// Bytes decodes what was signed.
func (a Assertion) Bytes() (clientData, authenticatorData, signature []byte, err error) {
	out := make([][]byte, 3)
	for i, s := range []string{a.ClientData, a.AuthenticatorData, a.Signature} {
		if out[i], err = base64.RawURLEncoding.Strict().DecodeString(s); err != nil {
			return nil, nil, nil, fmt.Errorf("assertion: %w", err)
		}
	}
	return out[0], out[1], out[2], nil
}

// hash is over everything in the assertion, "-" without one.
func (a Assertion) hash() string {
	if a.IsZero() {
		return "-"
	}
	return Hash(lines("augenmass.assertion.v1", a.Credential, a.ClientData, a.AuthenticatorData, a.Signature, a.RPID, a.Origin))
}

// Approval is everything of an approval that is signed.
type Approval struct {
	Form        int       `json:"form"` // 0 and 1: as before passkeys
	System      string    `json:"system"`
	Role        string    `json:"role"`
	Person      string    `json:"person"`
	ContentHash string    `json:"content_hash"`
	GivenAt     time.Time `json:"given_at"`
	ValidUntil  time.Time `json:"valid_until"`
	Method      string    `json:"method"`
	Remark      string    `json:"remark"` // in the record; an Entry has its hash
	Nonce       string    `json:"nonce"`
	BegunAt     time.Time `json:"begun_at"`
	Assertion   Assertion `json:"assertion"`
	// Interests are the conflicts of interest that the person was shown before
	// signing; what an Interest is, govern/approve says. Signed is their hash.
	Interests json.RawMessage `json:"interests"`
	Signature string          `json:"signature"` // base64, of the organisation's key over Text
}

// Statement is what the person signed, if the approval carries an assertion.
func (a Approval) Statement() Statement {
	return Statement{System: a.System, Role: a.Role, Person: a.Person, ContentHash: a.ContentHash, Nonce: a.Nonce, BegunAt: a.BegunAt}
}

// Text is what the organisation's key signs.
func (a Approval) Text() []byte { return a.text(RemarkHash(a.Remark)) }

func (a Approval) text(remark string) []byte {
	if a.Form < Form {
		return lines("augenmass.approval.v1", a.System, a.Role, a.Person, a.ContentHash, moment(a.GivenAt))
	}
	statement := "-"
	if !a.Assertion.IsZero() {
		statement = Hash(a.Statement().Text())
	}
	return lines("augenmass.approval.v2", a.System, a.Role, a.Person, a.ContentHash, moment(a.GivenAt), moment(a.ValidUntil), a.Method,
		dash(remark), interests(a.Interests), statement, a.Assertion.hash())
}

// Entry is the data of a TypeGiven entry. Entries of form 1 have no times in
// their data; their approval lies among the objects of a case.
type Entry struct {
	V           int       `json:"v"`
	Approval    string    `json:"approval"`
	System      string    `json:"system"`
	Role        string    `json:"role"`
	Person      string    `json:"person"`
	ContentHash string    `json:"content_hash"`
	Method      string    `json:"method"`
	Signature   string    `json:"signature"`
	Key         string    `json:"key"` // name of the key that signed
	GivenAt     time.Time `json:"given_at,omitzero"`
	ValidUntil  time.Time `json:"valid_until,omitzero"`
	RemarkHash  string    `json:"remark_hash,omitempty"` // the remark itself stays in the record
	Nonce       string    `json:"nonce,omitempty"`
	BegunAt     time.Time `json:"begun_at,omitzero"`
	Assertion   Assertion `json:"assertion,omitzero"`
	// Interests are the conflicts that were shown before signing.
	Interests json.RawMessage `json:"interests,omitempty"`
}

// EntryOf is the journal entry of an approval with an id.
func EntryOf(id, key string, a Approval) Entry {
	return Entry{V: Form, Approval: id, System: a.System, Role: a.Role, Person: a.Person, ContentHash: a.ContentHash, Method: a.Method,
		Signature: a.Signature, Key: key, GivenAt: a.GivenAt.UTC(), ValidUntil: a.ValidUntil.UTC(), RemarkHash: RemarkHash(a.Remark),
		Nonce: a.Nonce, BegunAt: a.BegunAt, Assertion: a.Assertion, Interests: a.Interests}
}

// Signed is the approval that an entry of the present form carries, and the text
// that the organisation's key signed for it.
func (e Entry) Signed() (a Approval, text []byte) {
	a = Approval{Form: e.V, System: e.System, Role: e.Role, Person: e.Person, ContentHash: e.ContentHash, GivenAt: e.GivenAt,
		ValidUntil: e.ValidUntil, Method: e.Method, Nonce: e.Nonce, BegunAt: e.BegunAt, Assertion: e.Assertion, Interests: e.Interests,
		Signature: e.Signature}
	return a, a.text(e.RemarkHash)
}

// Hash is "sha256:" and the hexadecimal SHA-256 of a text.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// RemarkHash is the hash of a remark, empty without one. A remark is free text
// and may name people, so the journal holds no more of it.
func RemarkHash(remark string) string {
	if remark == "" {
		return ""
	}
	return Hash([]byte(remark))
}

// interests is the hash of the interests in canonical form (RFC 8785), "-"
// without any.
func interests(raw json.RawMessage) string {
	switch string(raw) {
	case "", "null", "[]":
		return "-"
	}
	canonical, err := entry.Canonical(raw)
	if err != nil {
		return "unreadable" // no signature fits that
	}
	return Hash(canonical)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// lines joins values that hold no line feed; one that does is written on one
// line, so that two statements never share a text.
func lines(all ...string) []byte {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`))
		b.WriteByte('\n')
	}
	return []byte(b.String())
}
