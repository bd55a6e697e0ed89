package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"

	"augenmass/internal/problem"
)

// Sizes in bytes.
const (
	nonceSize   = 12
	tagOverhead = 16 // GCM tag
	dataKeySize = 32
	saltSize    = 32
	wrappedSize = nonceSize + dataKeySize + tagOverhead
	headerSize  = 4 + 1 + 4 + 8 + 32 // magic, version, generation, until, subject tag
	maxBlob     = headerSize + wrappedSize + nonceSize + saltSize + MaxPayload + tagOverhead
	keyFileSize = 4 + 1 + 1 + 4 + 8 + wrappedSize // magic, version, kind, generation, master id, sealed
)

// The version of all three formats. A reader refuses any other, and the
// version is part of what every seal authenticates.
const formatVersion = 1

const idPrefix = "sha256:"

var (
	errHash       = errors.New("the content does not have the hash of its name")
	errShort      = errors.New("the file has the wrong length")
	errMagic      = errors.New("the file is not of this format")
	errVersion    = errors.New("the format version is unknown")
	errSeal       = errors.New("the seal does not verify")
	errMissing    = errors.New("the file is missing")
	errGeneration = errors.New("the key file is older than the blob")
	errForeign    = errors.New("the file does not belong here")
)

// Commitment is the salted commitment of the journal to a payload:
// "hmac-sha256:" and the hex HMAC-SHA-256 (RFC 2104) of the payload with the
// salt as key. It is the form that record/ledger defines.
func Commitment(salt, payload []byte) string {
	m := hmac.New(sha256.New, salt)
	m.Write(payload)
	return "hmac-sha256:" + hex.EncodeToString(m.Sum(nil))
}

// parseID reads "sha256:<64 lower-case hex digits>".
func parseID(id string) (sum [32]byte, err error) {
	digits, ok := strings.CutPrefix(id, idPrefix)
	if ok && len(digits) == 64 && strings.ToLower(digits) == digits {
		if raw, err := hex.DecodeString(digits); err == nil {
			return [32]byte(raw), nil
		}
	}
	return sum, problem.New(problem.BadInput,
		"Das ist keine Kennung eines Inhalts im Tresor.", "This is not the id of a content in the vault.").
		WithHint("Eine Kennung beginnt mit sha256: und hat 64 Hexadezimalziffern.",
			"An id begins with sha256: and has 64 hexadecimal digits.")
}

// tag is the name under which a subject is known on disk.
type tag [32]byte

func (t tag) String() string { return hex.EncodeToString(t[:]) }

// tag hides the subject's name: ids may be guessable, the naming key is not.
func (v *Vault) tag(subject string) tag {
	m := hmac.New(sha256.New, v.naming)
	m.Write([]byte(subject))
	return tag(m.Sum(nil))
}

func gcm(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// seal returns nonce and sealed text.
func seal(a cipher.AEAD, nonce, clear, aad []byte) []byte {
	out := make([]byte, len(nonce), len(nonce)+len(clear)+a.Overhead())
	copy(out, nonce)
	return a.Seal(out, nonce, clear, aad)
}

// unseal opens what seal made.
func unseal(a cipher.AEAD, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < nonceSize+tagOverhead {
		return nil, errShort
	}
	clear, err := a.Open(nil, sealed[:nonceSize], sealed[nonceSize:], aad)
	if err != nil {
		return nil, errSeal
	}
	return clear, nil
}

// blobHeader is the clear head of a blob. All of it is authenticated: by the
// wrapped data key and by the sealed payload.
type blobHeader struct {
	generation uint32 // of the subject's key
	until      int64  // Unix seconds; 0: no end
	tag        tag
}

type blob struct {
	blobHeader
	head    []byte // the header as stored
	wrapped []byte // data key under the subject's key
	sealed  []byte // salt and payload under the data key
}

var blobMagic = []byte("AGMB")

func (h blobHeader) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, blobMagic...)
	b = append(b, formatVersion)
	b = binary.BigEndian.AppendUint32(b, h.generation)
	b = binary.BigEndian.AppendUint64(b, uint64(h.until))
	return append(b, h.tag[:]...)
}

func parseHeader(raw []byte) (h blobHeader, err error) {
	if len(raw) < headerSize {
		return h, errShort
	}
	if !bytes.Equal(raw[:4], blobMagic) {
		return h, errMagic
	}
	if raw[4] != formatVersion {
		return h, errVersion
	}
	h.generation = binary.BigEndian.Uint32(raw[5:])
	h.until = int64(binary.BigEndian.Uint64(raw[9:]))
	h.tag = tag(raw[17:headerSize])
	return h, nil
}

func sealBlob(h blobHeader, subject cipher.AEAD, dataKey, salt, wrapNonce, sealNonce, data []byte) ([]byte, error) {
	a, err := gcm(dataKey)
	if err != nil {
		return nil, err
	}
	head := h.encode()
	out := make([]byte, 0, headerSize+wrappedSize+nonceSize+saltSize+len(data)+tagOverhead)
	out = append(out, head...)
	out = append(out, seal(subject, wrapNonce, dataKey, purpose("wrap", head))...)
	out = append(out, sealNonce...)
	// The payload is sealed in place: one copy of up to 16 MiB is enough.
	n := len(out)
	out = append(append(out, salt...), data...)
	return a.Seal(out[:n], sealNonce, out[n:], purpose("blob", head)), nil
}

func parseBlob(raw []byte) (b blob, err error) {
	b.blobHeader, err = parseHeader(raw)
	if err != nil {
		return b, err
	}
	if n := len(raw); n < headerSize+wrappedSize+nonceSize+saltSize+tagOverhead || n > maxBlob {
		return b, errShort
	}
	b.head = raw[:headerSize]
	b.wrapped = raw[headerSize : headerSize+wrappedSize]
	b.sealed = raw[headerSize+wrappedSize:]
	return b, nil
}

// open unseals a blob with its subject's key.
func (b blob) open(subject cipher.AEAD) (salt, data []byte, err error) {
	dataKey, err := unseal(subject, b.wrapped, purpose("wrap", b.head))
	if err != nil {
		return nil, nil, err
	}
	a, err := gcm(dataKey)
	if err != nil {
		return nil, nil, err
	}
	clear, err := unseal(a, b.sealed, purpose("blob", b.head))
	if err != nil {
		return nil, nil, err
	}
	return clear[:saltSize:saltSize], clear[saltSize:], nil
}

// purpose keeps one kind of seal from passing for another.
func purpose(what string, head []byte) []byte {
	return append([]byte("augenmass vault "+what+"\x00"), head...)
}

// Kinds of key files.
const (
	kindKey       = 1
	kindTombstone = 2
)

// keyFile is a subject's key, or what remains after its destruction: the
// generation up to which blobs are unreadable, so that a lost key file (a
// defect) and an erased one (a right) can be told apart.
type keyFile struct {
	kind       byte
	generation uint32
	master     masterID
	sealed     []byte // the key, or 32 zero bytes in a tombstone, under the master key
	head       []byte
}

var keyMagic = []byte("AGMK")

func keyHead(kind byte, generation uint32, m masterID) []byte {
	b := append(make([]byte, 0, 18), keyMagic...)
	b = append(b, formatVersion, kind)
	b = binary.BigEndian.AppendUint32(b, generation)
	return append(b, m[:]...)
}

func sealKey(m *master, kind byte, generation uint32, t tag, nonce, key []byte) []byte {
	head := keyHead(kind, generation, m.id)
	return append(head, seal(m.wrap, nonce, key, keyAAD(head, t))...)
}

func keyAAD(head []byte, t tag) []byte { return append(purpose("key", head), t[:]...) }

func parseKey(raw []byte) (k keyFile, err error) {
	if len(raw) != keyFileSize {
		return k, errShort
	}
	if !bytes.Equal(raw[:4], keyMagic) {
		return k, errMagic
	}
	if raw[4] != formatVersion {
		return k, errVersion
	}
	k.kind = raw[5]
	if k.kind != kindKey && k.kind != kindTombstone {
		return k, errMagic
	}
	k.generation = binary.BigEndian.Uint32(raw[6:])
	k.master = masterID(raw[10:18])
	k.head = raw[:18]
	k.sealed = raw[18:]
	return k, nil
}

func (k keyFile) open(m *master, t tag) ([]byte, error) {
	return unseal(m.wrap, k.sealed, keyAAD(k.head, t))
}

// root is the key check value of the vault: the naming key under the master
// key; during a change of the master key also the previous one under the new.
type root struct {
	master      masterID
	naming      []byte // sealed
	hasPrevious bool
	previous    masterID
	sealedOld   []byte
}

var rootMagic = []byte("AGMR")

func (v *Vault) sealRoot(current, previous *master) ([]byte, error) {
	nonces, err := v.random(2 * nonceSize)
	if err != nil {
		return nil, err
	}
	b := append([]byte{}, rootMagic...)
	b = append(b, formatVersion)
	b = append(b, current.id[:]...)
	b = append(b, seal(current.wrap, nonces[:nonceSize], v.naming, purpose("root", current.id[:]))...)
	if previous == nil {
		return append(b, 0), nil
	}
	b = append(b, 1)
	b = append(b, previous.id[:]...)
	return append(b, seal(current.wrap, nonces[nonceSize:], previous.key, purpose("previous", previous.id[:]))...), nil
}

func parseRoot(raw []byte) (r root, err error) {
	const short = 4 + 1 + 8 + wrappedSize + 1
	if len(raw) < short {
		return r, errShort
	}
	if !bytes.Equal(raw[:4], rootMagic) {
		return r, errMagic
	}
	if raw[4] != formatVersion {
		return r, errVersion
	}
	r.master = masterID(raw[5:13])
	r.naming = raw[13 : 13+wrappedSize]
	switch rest := raw[short:]; {
	case raw[short-1] == 0 && len(rest) == 0:
	case raw[short-1] == 1 && len(rest) == 8+wrappedSize:
		r.hasPrevious = true
		r.previous = masterID(rest[:8])
		r.sealedOld = rest[8:]
	default:
		return r, errShort
	}
	return r, nil
}

func (r root) openNaming(m *master) ([]byte, error) {
	return unseal(m.wrap, r.naming, purpose("root", r.master[:]))
}

func (r root) openPrevious(m *master) ([]byte, error) {
	return unseal(m.wrap, r.sealedOld, purpose("previous", r.previous[:]))
}
