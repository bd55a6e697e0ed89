package assert

import (
	"crypto/sha256"
	"slices"
)

// Credential is a new passkey.
type Credential struct {
	ID        []byte
	Key       []byte // COSE_Key
	Algorithm int
	SignCount uint32
	BackedUp  bool
}

// Register checks a registration: what the browser says, where it happened,
// that the person was present and verified, and that the new key is one this
// package can check. Who makes the authenticator is not asked: attestation is
// "none", or the new key's own signature ("packed" without certificates); what
// names a maker is refused, because nobody wanted to know.
func Register(client, attestation []byte, e Expect) (Credential, error) {
	if err := clientData(client, "webauthn.create", e); err != nil {
		return Credential{}, err
	}
	bad := refused(BadAttestation, "Die Bestätigung des neuen Passkeys ist nicht lesbar oder von einer Art, die nicht verlangt war.",
		"The new passkey's attestation cannot be read or is of a kind that was not asked for.")
	v, rest, err := decode(attestation)
	m, ok := v.(map[any]any)
	if err != nil || !ok || len(rest) != 0 || len(m) != 3 {
		return Credential{}, bad
	}
	format, _ := m["fmt"].(string)
	statement, ok := m["attStmt"].(map[any]any)
	raw, isBytes := m["authData"].([]byte)
	if !ok || !isBytes {
		return Credential{}, bad
	}
	d, err := authenticator(raw, e.RPID)
	if err != nil {
		return Credential{}, err
	}
	if d.attested == nil {
		return Credential{}, bad
	}
	key, err := ParseKey(d.attested.key)
	if err != nil {
		return Credential{}, err
	}
	switch {
	case format == "none" && len(statement) == 0:
	case format == "packed" && len(statement) == 2:
		sig, _ := statement["sig"].([]byte)
		sum := sha256.Sum256(client)
		if statement["alg"] != int64(key.Algorithm) || !key.verify(slices.Concat(raw, sum[:]), sig) {
			return Credential{}, bad
		}
	default:
		return Credential{}, bad
	}
	return Credential{ID: d.attested.id, Key: d.attested.key, Algorithm: key.Algorithm, SignCount: d.count, BackedUp: d.flags&flagBackedUp != 0}, nil
}
