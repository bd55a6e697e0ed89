// Package passkeytest is an authenticator with its browser, for tests: it
// answers ceremonies as a device does, and wrongly where a test asks for it. It
// is written from the standard, without the code that it tests. Nothing of it is
// linked into the program.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
)

// Device holds one key. Its fields may be changed before it answers.
type Device struct {
	T      testing.TB
	ID     []byte
	RPID   string
	Origin string
	Flags  byte   // 0x05: person present and verified
	Count  uint32 // rises by one with every answer
	Cross  bool   // says that it was asked from inside another site
	key    *ecdsa.PrivateKey
}

// New makes a device whose browser is on a page of an origin.
func New(t testing.TB, rpID, origin string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	return &Device{T: t, ID: id, RPID: rpID, Origin: origin, Flags: 0x05, key: key}
}

// Credential is the id of the key, base64url.
func (d *Device) Credential() string { return b64(d.ID) }

// PublicKey is the public key (COSE_Key), base64url.
func (d *Device) PublicKey() string { return b64(d.cose()) }

func (d *Device) cose() []byte {
	d.T.Helper()
	pub, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.T.Fatal(err)
	}
	return slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, pub[1:33], []byte{0x22, 0x58, 32}, pub[33:])
}

// Create answers a registration with the JSON of PublicKeyCredential.toJSON.
func (d *Device) Create(options map[string]any) string {
	d.T.Helper()
	cose := d.cose()
	data := slices.Concat(d.data(0x40), make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(d.ID))), d.ID, cose)
	object := slices.Concat([]byte{0xa3, 0x63}, []byte("fmt"), []byte{0x64}, []byte("none"), []byte{0x67}, []byte("attStmt"), []byte{0xa0, 0x68}, []byte("authData"),
		[]byte{0x58, byte(len(data))}, data) // 164 bytes: shorter than 256
	return d.json(map[string]any{"clientDataJSON": b64(d.client("webauthn.create", options)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// Get answers a challenge with the JSON of PublicKeyCredential.toJSON.
func (d *Device) Get(options map[string]any) string {
	d.T.Helper()
	client, data, sig := d.Sign(options)
	return d.json(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig)})
}

// Sign is Get in bytes.
func (d *Device) Sign(options map[string]any) (client, data, sig []byte) {
	d.T.Helper()
	d.Count++
	client, data = d.client("webauthn.get", options), d.data(0)
	sum := sha256.Sum256(client)
	sum = sha256.Sum256(slices.Concat(data, sum[:]))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.T.Fatal(err)
	}
	return client, data, sig
}

func (d *Device) data(more byte) []byte {
	rp := sha256.Sum256([]byte(d.RPID))
	return binary.BigEndian.AppendUint32(append(rp[:], d.Flags|more), d.Count)
}

func (d *Device) client(typ string, options map[string]any) []byte {
	d.T.Helper()
	raw, err := json.Marshal(map[string]any{"type": typ, "challenge": options["challenge"], "origin": d.Origin, "crossOrigin": d.Cross})
	if err != nil {
		d.T.Fatal(err)
	}
	return raw
}

func (d *Device) json(response map[string]any) string {
	d.T.Helper()
	raw, err := json.Marshal(map[string]any{"id": d.Credential(), "rawId": d.Credential(), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform"})
	if err != nil {
		d.T.Fatal(err)
	}
	return string(raw)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
