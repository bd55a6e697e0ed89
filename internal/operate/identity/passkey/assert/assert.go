// Package assert checks what a passkey signed: an assertion of W3C Web
// Authentication Level 3 (section 7.2), and a new passkey that is registered
// (section 7.1). It is the one place where that is checked: the server asks it
// when a person signs, the verifier of case files asks it on another machine.
//
// It is pure: bytes in, a verdict out; no clock, no store, no network. It knows
// ES256, EdDSA (Ed25519) and RS256, demands presence and verification of the
// person, refuses frames of other sites, and reads the little CBOR it needs with
// a strict reader of its own, so that a verifier needs no library.
//
// It leaves to its callers whose key it is, whether the key was revoked,
// whether the challenge was used before and whether the counter went back.
// Nothing biometric is here or anywhere: the authenticator compares finger or
// face itself and says no more than that it did.
package assert

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"net"
	"net/url"
	"slices"
	"strings"

	"augenmass/internal/problem"
)

// Expect is what an assertion or a registration must be for.
type Expect struct {
	Challenge []byte
	RPID      string   // relying party: a host name, "localhost" or "ki.metallwerk.example"
	Origins   []string // of the pages it may come from, exactly: "https://ki.metallwerk.example:8443"
}

// Raw is an assertion as browser and authenticator made it.
type Raw struct {
	ClientData        []byte // JSON
	AuthenticatorData []byte
	Signature         []byte
}

// Seen is what a sound assertion says besides.
type Seen struct {
	SignCount uint32 // of the authenticator; 0 where it keeps none
	BackedUp  bool   // the passkey is kept in more than one place
}

// Codes of reasons for which an assertion or a registration is refused.
const (
	BadClientData    = "passkey.client_data"
	BadType          = "passkey.type"
	BadChallenge     = "passkey.challenge"
	BadOrigin        = "passkey.origin"
	BadFrame         = "passkey.cross_origin"
	BadRelyingParty  = "passkey.relying_party"
	BadAuthenticator = "passkey.authenticator_data"
	NotPresent       = "passkey.presence"
	NotVerified      = "passkey.verification"
	BadKey           = "passkey.key"
	BadSignature     = "passkey.signature"
	BadAttestation   = "passkey.attestation"
)

// refused is a problem with exactly one reason.
func refused(code, de, en string) *problem.Problem {
	return problem.New(problem.Denied, de, en).WithReason(code, de, en)
}

// Code is the reason for which Check or Register refused, empty for another
// error.
func Code(err error) string {
	if p := problem.From(err); p != nil && len(p.Reasons) == 1 {
		return p.Reasons[0].Code
	}
	return ""
}

// Check verifies an assertion by a passkey's public key (COSE_Key). Every
// refusal is Denied with one of the codes above.
func Check(key []byte, r Raw, e Expect) (Seen, error) {
	if err := clientData(r.ClientData, "webauthn.get", e); err != nil {
		return Seen{}, err
	}
	d, err := authenticator(r.AuthenticatorData, e.RPID)
	if err != nil {
		return Seen{}, err
	}
	if d.attested != nil {
		return Seen{}, refused(BadAuthenticator, "Die Angaben des Passkeys enthalten einen neuen Schlüssel, wo keiner hingehört.",
			"The passkey's data hold a new key where none belongs.")
	}
	if err := signature(key, r); err != nil {
		return Seen{}, err
	}
	return Seen{SignCount: d.count, BackedUp: d.flags&flagBackedUp != 0}, nil
}

// signature verifies the signature alone: over the authenticator's data and the
// hash of the browser's.
func signature(key []byte, r Raw) error {
	k, err := ParseKey(key)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(r.ClientData)
	if !k.verify(slices.Concat(r.AuthenticatorData, sum[:]), r.Signature) {
		return refused(BadSignature, "Die Signatur des Passkeys hält nicht.", "The passkey's signature does not hold.")
	}
	return nil
}

// Flags of the authenticator's data (section 6.1).
const (
	flagPresent    = 0x01
	flagVerified   = 0x04
	flagBackup     = 0x08 // may be kept in more than one place
	flagBackedUp   = 0x10 // is
	flagAttested   = 0x40 // a new key follows
	flagExtensions = 0x80
)

// authData is the authenticator's data taken apart.
type authData struct {
	flags    byte
	count    uint32
	attested *attested
}

// attested is a new key in the authenticator's data.
type attested struct {
	id  []byte
	key []byte // COSE_Key, as it stands there
}

// authenticator reads the authenticator's data, all of it, and checks relying
// party, presence and verification of the person.
func authenticator(raw []byte, rpID string) (d authData, err error) {
	broken := refused(BadAuthenticator, "Die Angaben des Passkeys sind nicht lesbar.", "The passkey's data cannot be read.")
	if len(raw) < 37 {
		return d, broken
	}
	want := sha256.Sum256([]byte(rpID))
	if rpID == "" || subtle.ConstantTimeCompare(raw[:32], want[:]) != 1 {
		return d, refused(BadRelyingParty, "Der Passkey hat für eine andere Adresse unterschrieben.", "The passkey signed for another site.")
	}
	d.flags, d.count = raw[32], binary.BigEndian.Uint32(raw[33:37])
	rest := raw[37:]
	if d.flags&flagAttested != 0 {
		if len(rest) < 18 {
			return d, broken
		}
		n := int(binary.BigEndian.Uint16(rest[16:18]))
		rest = rest[18:]
		if n == 0 || n > 1023 || len(rest) < n {
			return d, broken
		}
		d.attested = &attested{id: bytes.Clone(rest[:n])}
		rest = rest[n:]
		_, after, err := decode(rest)
		if err != nil {
			return d, broken
		}
		d.attested.key = bytes.Clone(rest[:len(rest)-len(after)])
		rest = after
	}
	if d.flags&flagExtensions != 0 {
		v, after, err := decode(rest)
		if _, ok := v.(map[any]any); err != nil || !ok {
			return d, broken
		}
		rest = after
	}
	if len(rest) != 0 || d.flags&flagBackedUp != 0 && d.flags&flagBackup == 0 {
		return d, broken
	}
	switch {
	case d.flags&flagPresent == 0:
		return d, refused(NotPresent, "Der Passkey hat ohne Anwesenheit der Person unterschrieben.", "The passkey signed without the person being present.")
	case d.flags&flagVerified == 0:
		return d, refused(NotVerified, "Der Passkey hat die Person nicht geprüft: PIN, Finger oder Gesicht fehlten.",
			"The passkey did not verify the person: PIN, finger or face were missing.")
	}
	return d, nil
}

// Site checks that a relying party id can be one and that an origin belongs to
// it: https, or http on this very machine, and the host is the id or lies below
// it. Addresses made of numbers cannot have passkeys.
func Site(rpID, origin string) error {
	if rpID == "" || rpID != strings.ToLower(rpID) || strings.ContainsAny(rpID, ":/[]@ ") || net.ParseIP(rpID) != nil {
		return refused(BadRelyingParty, "Passkeys brauchen einen Namen als Adresse, keine Nummer.", "Passkeys need a name as address, not a number.")
	}
	bad := refused(BadOrigin, "Die Seite gehört nicht zur Adresse des Passkeys.", "The page does not belong to the passkey's site.")
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host {
		return bad
	}
	host := u.Hostname()
	if host != rpID && !strings.HasSuffix(host, "."+rpID) {
		return bad
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return refused(BadOrigin, "Passkeys brauchen eine verschlüsselte Verbindung (https).", "Passkeys need an encrypted connection (https).")
	}
	return nil
}
