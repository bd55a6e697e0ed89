package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"io"

	"augenmass/internal/problem"
)

// Where an organisation lies in a database, its journal and seal key lie there
// too, sealed with a key that only this use derives from the master key.
//
//	"AGMS" | version | master id (8) | nonce (12) | sealed
//
// The head and the name are authenticated, so that one sealed secret cannot
// stand in for another.

var sealedMagic = []byte("AGMS")

const sealedHead = 4 + 1 + 8

// SealWithMaster seals a small secret under the master key (32 bytes) and a
// name, with AES-256-GCM and a key derived by HKDF-SHA-256 for this use alone.
// random nil is crypto/rand. A master key of another length is BadInput.
func SealWithMaster(master []byte, name string, clear []byte, random io.Reader) ([]byte, error) {
	m, a, err := keysSeal(master)
	if err != nil {
		return nil, err
	}
	if random == nil {
		random = rand.Reader
	}
	nonce := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, noRandomness(err)
	}
	head := append(bytes.Clone(sealedMagic), formatVersion)
	head = append(head, m.id[:]...)
	return append(head, seal(a, nonce, clear, sealedAAD(head, name))...), nil
}

// OpenWithMaster opens what SealWithMaster sealed under the same master key
// and name. Another master key is Denied, anything that does not verify is
// Corrupt.
func OpenWithMaster(master []byte, name string, sealed []byte) ([]byte, error) {
	m, a, err := keysSeal(master)
	if err != nil {
		return nil, err
	}
	switch {
	case len(sealed) < sealedHead:
		return nil, badSecret(name, errShort)
	case !bytes.Equal(sealed[:4], sealedMagic):
		return nil, badSecret(name, errMagic)
	case sealed[4] != formatVersion:
		return nil, badSecret(name, errVersion)
	case masterID(sealed[5:sealedHead]) != m.id:
		return nil, problem.New(problem.Denied,
			"Der Hauptschlüssel dieses Knotens ist nicht der dieser Organisation: Ihre Schlüssel lassen sich damit nicht öffnen.",
			"This node's master key is not that of this organisation: it does not open its keys.").
			WithHint("Bitte diesem Knoten denselben Hauptschlüssel geben wie den anderen, als Datei oder in der Umgebungsvariable.",
				"Please give this node the same master key as the others, as a file or in the environment variable.")
	}
	clear, err := unseal(a, sealed[sealedHead:], sealedAAD(sealed[:sealedHead], name))
	if err != nil {
		return nil, badSecret(name, err)
	}
	return clear, nil
}

func keysSeal(key []byte) (*master, cipher.AEAD, error) {
	m, err := newMaster(key)
	if err != nil {
		return nil, nil, err
	}
	k, err := hkdf.Expand(sha256.New, key, "augenmass keys v1", 32)
	if err != nil {
		return nil, nil, problem.From(err)
	}
	a, err := gcm(k)
	if err != nil {
		return nil, nil, problem.From(err)
	}
	return m, a, nil
}

func sealedAAD(head []byte, name string) []byte {
	return append(purpose("secret", head), name...)
}

func badSecret(name string, err error) error {
	return problem.Newf(problem.Corrupt,
		"Der gespeicherte Schlüssel „%s“ ist beschädigt oder verändert.",
		"The stored key '%s' is damaged or was changed.", name).
		WithHint("Bitte ihn aus einer Sicherung zurückholen.", "Please restore it from a backup.").Wrap(err)
}
