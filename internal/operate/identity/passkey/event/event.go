// Package event is the form of the journal entries about passkeys. The public
// key stands in the journal with the id of its person, so that a signature can
// be checked from the journal alone; the name that the person gave it does not.
// It imports nothing, so that verifiers need no store.
package event

// Types of the entries; the subject is the person.
const (
	TypeAdded   = "augenmass.passkey.added"
	TypeRevoked = "augenmass.passkey.revoked"
)

// Added is the data of passkey.added.
type Added struct {
	V          int    `json:"v"`
	Passkey    string `json:"passkey"` // pky_…
	Person     string `json:"person"`  // usr_…
	Credential string `json:"credential"`
	PublicKey  string `json:"public_key"` // COSE_Key, base64url
	Algorithm  int    `json:"algorithm"`  // COSE
	RPID       string `json:"rp_id"`
	SignCount  int64  `json:"sign_count"`
}

// Revoked is the data of passkey.revoked.
type Revoked struct {
	V          int    `json:"v"`
	Passkey    string `json:"passkey"`
	Person     string `json:"person"`
	Credential string `json:"credential"`
	By         string `json:"by"`
}
