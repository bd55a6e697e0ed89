// Package witness is both sides of the C2SP tlog-witness protocol: a Circle
// asks witnesses to cosign a journal's checkpoints, a Handler is a witness for
// the journals of others. Cosignatures are tlog-cosignature v1 (Ed25519).
//
// A witness keeps the largest checkpoint of a log that it saw and cosigns a
// later one only with a proof that it extends the former. So a cosigned
// checkpoint says more than a signature of the log: that the log did not show
// the witness another past. And a witness that knows more than the log itself
// tells that the log's folder was put back from an old copy.
//
// Witnesses see origin, size and root of a checkpoint, never an entry. The
// journal does not depend on them: it goes on without cosignatures (fail open)
// and shows the state of each witness, because an outside service must not be
// able to stop the runtime.
package witness

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// algorithm is the key type of Ed25519 cosignatures (C2SP tlog-cosignature,
// "Format"); package note knows only the type of logs.
const algorithm = 0x04

// verifier checks cosignatures of one witness.
type verifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// NewVerifier reads the vkey of a witness, "name+hash+keydata" with key type 4.
// Its Verify takes the text of a checkpoint.
func NewVerifier(vkey string) (note.Verifier, error) { return parseKey(vkey) }

func parseKey(vkey string) (*verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hash, data, ok := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(data)
	if !ok || name == "" || strings.ContainsAny(name, " \t\n") || err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algorithm {
		return nil, errors.New("not the key of a witness: expected is name+hash+keydata of type 4 (tlog-cosignature, Ed25519)")
	}
	v := &verifier{name: name, hash: keyHash(name, key), key: key[1:]}
	if hash != fmt.Sprintf("%08x", v.hash) {
		return nil, errors.New("the key of the witness does not fit its hash")
	}
	return v, nil
}

func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

// Name implements note.Verifier.
func (v *verifier) Name() string { return v.name }

// KeyHash implements note.Verifier.
func (v *verifier) KeyHash() uint32 { return v.hash }

// Verify implements note.Verifier.
func (v *verifier) Verify(msg, sig []byte) bool {
	at, ok := timestamp(sig)
	return ok && ed25519.Verify(v.key, cosigned(at, msg), sig[8:])
}

// timestamp is the first part of a cosignature, in seconds since 1970.
func timestamp(sig []byte) (at uint64, ok bool) {
	if len(sig) != 8+ed25519.SignatureSize {
		return 0, false
	}
	at = binary.BigEndian.Uint64(sig)
	return at, at < 1<<63
}

// cosigned is what a cosignature is over.
func cosigned(at uint64, msg []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...)
}

// signer makes cosignatures.
type signer struct {
	verifier
	key ed25519.PrivateKey
	now func() time.Time
}

// GenerateKey makes the key of a witness: a signing key to be kept secret, for
// NewSigner, and its vkey.
func GenerateKey(random io.Reader, name string) (skey, vkey string, err error) {
	pub, key, err := ed25519.GenerateKey(random)
	if err != nil {
		return "", "", err
	}
	public := append([]byte{algorithm}, pub...)
	hash := keyHash(name, public)
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{algorithm}, key.Seed()...)))
	vkey = fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(public))
	if _, err := parseKey(vkey); err != nil {
		return "", "", err
	}
	return skey, vkey, nil
}

// NewSigner reads what GenerateKey returned. Each signature carries the time of
// now, time.Now if nil.
func NewSigner(skey string, now func() time.Time) (note.Signer, error) {
	parts := strings.SplitN(strings.TrimSpace(skey), "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" {
		return nil, errors.New("not the signing key of a witness")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize || seed[0] != algorithm {
		return nil, errors.New("not the signing key of a witness")
	}
	key := ed25519.NewKeyFromSeed(seed[1:])
	public := append([]byte{algorithm}, key[ed25519.SeedSize:]...)
	if want, err := hex.DecodeString(parts[3]); err != nil || len(want) != 4 || binary.BigEndian.Uint32(want) != keyHash(parts[2], public) {
		return nil, errors.New("the signing key of the witness does not fit its hash")
	}
	if now == nil {
		now = time.Now
	}
	return &signer{verifier: verifier{name: parts[2], hash: keyHash(parts[2], public), key: public[1:]}, key: key, now: now}, nil
}

// Sign implements note.Signer over the text of a checkpoint.
func (s *signer) Sign(msg []byte) ([]byte, error) {
	at := uint64(max(0, s.now().Unix()))
	return append(binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(s.key, cosigned(at, msg))...), nil
}
