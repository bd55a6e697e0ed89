package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"time"
)

// pendingFor is how long a sign-in may wait for its code.
const pendingFor = 5 * time.Minute

// seal carries the first step of a sign-in to the second one without keeping it
// on the server and without showing the password to the page: name and password
// travel encrypted under a key that only this process has and that ends with it.
type seal struct{ aead cipher.AEAD }

// pending is a sign-in that waits for its code.
type pending struct {
	Base     string    `json:"b"` // of the organisation; a sign-in leads to no other
	Name     string    `json:"n"`
	Password string    `json:"p"`
	Until    time.Time `json:"u"`
}

func newSeal() seal {
	key := make([]byte, 32)
	rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("account: " + err.Error()) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("account: " + err.Error()) // AES has blocks of the right size
	}
	return seal{aead}
}

func (s seal) close(p pending) (string, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, raw, nil)), nil
}

// open returns a sign-in that still waits, and false for anything else.
func (s seal) open(sealed, base string, now time.Time) (pending, bool) {
	var p pending
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return p, false
	}
	if raw, err = s.aead.Open(nil, nil, raw, nil); err != nil || json.Unmarshal(raw, &p) != nil {
		return pending{}, false
	}
	return p, p.Base == base && now.Before(p.Until)
}
