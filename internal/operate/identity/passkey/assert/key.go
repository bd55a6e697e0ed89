package assert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
)

// Algorithms of passkeys, by their COSE numbers (RFC 9053), in the order in
// which the server asks for them.
const (
	ES256 = -7
	EdDSA = -8
	RS256 = -257
)

// Algorithms are the ones that are known here.
func Algorithms() []int { return []int{ES256, EdDSA, RS256} }

// Key is the public key of a passkey.
type Key struct {
	Algorithm int
	public    crypto.PublicKey // *ecdsa.PublicKey, ed25519.PublicKey or *rsa.PublicKey
}

// Labels of a COSE_Key (RFC 9052 section 7, RFC 9053 section 7, RFC 8230).
const (
	coseType  = int64(1)
	coseAlg   = int64(3)
	coseCurve = int64(-1) // n of an RSA key
	coseX     = int64(-2) // e of an RSA key
	coseY     = int64(-3)
)

// Bounds of an RSA modulus, in bits.
const (
	rsaLeast = 2048
	rsaMost  = 8192
)

// ParseKey reads a COSE_Key. The algorithm is the key's own; nothing outside
// can choose another.
func ParseKey(raw []byte) (Key, error) {
	bad := refused(BadKey, "Der Schlüssel des Passkeys ist nicht lesbar oder von unbekannter Art.", "The passkey's key cannot be read or is of an unknown kind.")
	v, rest, err := decode(raw)
	m, ok := v.(map[any]any)
	if err != nil || !ok || len(rest) != 0 {
		return Key{}, bad
	}
	kind, _ := m[coseType].(int64)
	alg, _ := m[coseAlg].(int64)
	curve, _ := m[coseCurve].(int64)
	x, _ := m[coseX].([]byte)
	switch {
	case alg == ES256 && kind == 2 && curve == 1:
		y, _ := m[coseY].([]byte)
		if len(x) != 32 || len(y) != 32 {
			return Key{}, bad
		}
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return Key{}, bad.Wrap(err)
		}
		return Key{Algorithm: ES256, public: pub}, nil
	case alg == EdDSA && kind == 1 && curve == 6 && len(x) == ed25519.PublicKeySize:
		return Key{Algorithm: EdDSA, public: ed25519.PublicKey(x)}, nil
	case alg == RS256 && kind == 3:
		n, _ := m[coseCurve].([]byte)
		pub := &rsa.PublicKey{N: new(big.Int).SetBytes(n)}
		if len(x) == 0 || len(x) > 4 || pub.N.BitLen() < rsaLeast || pub.N.BitLen() > rsaMost {
			return Key{}, bad
		}
		pub.E = int(new(big.Int).SetBytes(x).Int64())
		if pub.E < 3 || pub.E%2 == 0 || pub.E > 1<<31-1 {
			return Key{}, bad
		}
		return Key{Algorithm: RS256, public: pub}, nil
	}
	return Key{}, bad
}

// verify reports whether sig is this key's signature over msg.
func (k Key) verify(msg, sig []byte) bool {
	sum := sha256.Sum256(msg)
	switch pub := k.public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, sum[:], sig)
	case ed25519.PublicKey:
		return ed25519.Verify(pub, msg, sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig) == nil
	}
	return false
}

// PEM is the key as other tools read it (SubjectPublicKeyInfo).
func (k Key) PEM() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k.public)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
