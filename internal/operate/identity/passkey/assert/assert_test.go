package assert_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"augenmass/internal/operate/identity/passkey/assert"
)

type hexed []byte

func (h *hexed) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	b, err := hex.DecodeString(s)
	*h = b
	return err
}

type vector struct {
	Section      string `json:"section"`
	Title        string `json:"title"`
	CredentialID hexed  `json:"credentialID"`
	PublicKey    hexed  `json:"publicKey"`
	Registration struct {
		Challenge   hexed `json:"challenge"`
		ClientData  hexed `json:"clientDataJSON"`
		Attestation hexed `json:"attestationObject"`
	} `json:"registration"`
	Authentication struct {
		Challenge         hexed `json:"challenge"`
		ClientData        hexed `json:"clientDataJSON"`
		AuthenticatorData hexed `json:"authenticatorData"`
		Signature         hexed `json:"signature"`
	} `json:"authentication"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/w3c.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Vectors []vector `json:"vectors"`
	}
	if err := json.Unmarshal(raw, &all); err != nil || len(all.Vectors) < 8 {
		t.Fatalf("%d vectors, %v", len(all.Vectors), err)
	}
	return all.Vectors
}

func expect(challenge []byte) assert.Expect {
	return assert.Expect{Challenge: challenge, RPID: "example.org", Origins: []string{"https://example.org"}}
}

// The test vectors of the standard itself (W3C Web Authentication Level 3,
// section 16): the sound ones verify; the others are refused for what they lack
// of what is demanded here: verification of the person, no frames of other
// sites, algorithms that are asked for, no attestation that names a maker.
func TestPublishedVectors(t *testing.T) {
	want := map[string]struct{ registered, signed string }{
		"§16.2":  {assert.NotVerified, assert.NotVerified}, // flags without UV
		"§16.3":  {"", assert.NotVerified},
		"§16.4":  {assert.BadFrame, assert.BadFrame},
		"§16.5":  {assert.BadFrame, assert.BadFrame},
		"§16.6":  {assert.NotVerified, ""},
		"§16.8":  {assert.NotVerified, assert.BadKey}, // ES384
		"§16.10": {assert.BadAttestation, assert.NotVerified},
		"§16.11": {assert.NotVerified, assert.NotVerified},
	}
	seen := 0
	for _, v := range vectors(t) {
		w, ok := want[v.Section]
		if !ok {
			continue
		}
		seen++
		a := v.Authentication
		c, err := assert.Register(v.Registration.ClientData, v.Registration.Attestation, expect(v.Registration.Challenge))
		if got := assert.Code(err); got != w.registered {
			t.Errorf("%s %s: registration: %q (%v), want %q", v.Section, v.Title, got, err, w.registered)
		}
		if err == nil && (!bytes.Equal(c.ID, v.CredentialID) || !bytes.Equal(c.Key, v.PublicKey)) {
			t.Errorf("%s: id %x, key %x", v.Section, c.ID, c.Key)
		}
		raw := assert.Raw{ClientData: a.ClientData, AuthenticatorData: a.AuthenticatorData, Signature: a.Signature}
		if _, err := assert.Check(v.PublicKey, raw, expect(a.Challenge)); assert.Code(err) != w.signed {
			t.Errorf("%s %s: assertion: %q (%v), want %q", v.Section, v.Title, assert.Code(err), err, w.signed)
		}
		// Whatever is demanded beside it, the signature itself holds, by each of
		// the three algorithms, and a flipped bit of what it covers breaks it.
		if err := assert.Signature(v.PublicKey, raw); (err == nil) != (w.signed != assert.BadKey) {
			t.Errorf("%s %s: signature: %v", v.Section, v.Title, err)
		}
		for _, part := range []*[]byte{&raw.ClientData, &raw.AuthenticatorData} {
			whole := *part
			*part = slices.Clone(whole)
			(*part)[len(whole)-1] ^= 1
			if assert.Signature(v.PublicKey, raw) == nil {
				t.Errorf("%s: holds over changed bytes", v.Section)
			}
			*part = whole
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d vectors seen", seen, len(want))
	}
}

// device is an authenticator and its browser, written independently of the code
// under test.
type device struct {
	t      testing.TB
	sign   func(msg []byte) []byte
	key    []byte // COSE
	rp     string
	flags  byte
	count  uint32
	typ    string
	origin string
	more   string // behind the origin, in the browser's JSON
}

func es256(t testing.TB) *device {
	t.Helper()
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := priv.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	key := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, pub[1:33], []byte{0x22, 0x58, 32}, pub[33:])
	return &device{t: t, key: key, rp: "example.org", flags: 0x05, count: 7, typ: "webauthn.get", origin: "https://example.org", sign: func(msg []byte) []byte {
		sum := sha256.Sum256(msg)
		sig, err := ecdsa.SignASN1(rand.Reader, priv, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}}
}

func eddsa(t testing.TB) *device {
	t.Helper()
	d := es256(t)
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d.key = slices.Concat([]byte{0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32}, pub)
	d.sign = func(msg []byte) []byte { return ed25519.Sign(priv, msg) }
	return d
}

func rs256(t testing.TB, bits int) *device {
	t.Helper()
	d := es256(t)
	priv, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	n := priv.N.Bytes()
	d.key = slices.Concat([]byte{0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59}, binary.BigEndian.AppendUint16(nil, uint16(len(n))), n, []byte{0x21, 0x43, 1, 0, 1})
	d.sign = func(msg []byte) []byte {
		sum := sha256.Sum256(msg)
		sig, err := rsa.SignPKCS1v15(nil, priv, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	return d
}

func (d *device) data(more ...byte) []byte {
	rp := sha256.Sum256([]byte(d.rp))
	return append(binary.BigEndian.AppendUint32(append(rp[:], d.flags), d.count), more...)
}

func (d *device) answer(challenge []byte, more ...byte) assert.Raw {
	client := fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q%s}`, d.typ, base64.RawURLEncoding.EncodeToString(challenge), d.origin, d.more)
	data := d.data(more...)
	sum := sha256.Sum256(client)
	return assert.Raw{ClientData: client, AuthenticatorData: data, Signature: d.sign(slices.Concat(data, sum[:]))}
}

var challenge = []byte("0123456789abcdef0123456789abcdef")

// What an assertion can lack is refused for exactly that (001-02).
func TestWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*device)
		more   []byte
		code   string
	}{
		"sound":                          {func(*device) {}, nil, ""},
		"counter without end":            {func(d *device) { d.count = 1<<32 - 1 }, nil, ""},
		"extensions":                     {func(d *device) { d.flags |= 0x80 }, []byte{0xa1, 0x61, 'a', 0xf5}, ""},
		"an unknown member":              {func(d *device) { d.more = `,"crossOrigin":false,"extra":{"a":[1]}` }, nil, ""},
		"a registration":                 {func(d *device) { d.typ = "webauthn.create" }, nil, assert.BadType},
		"another page":                   {func(d *device) { d.origin = "https://example.org.evil.example" }, nil, assert.BadOrigin},
		"another port":                   {func(d *device) { d.origin = "https://example.org:8443" }, nil, assert.BadOrigin},
		"another site":                   {func(d *device) { d.rp = "evil.example" }, nil, assert.BadRelyingParty},
		"a frame":                        {func(d *device) { d.more = `,"crossOrigin":true` }, nil, assert.BadFrame},
		"a frame by its top":             {func(d *device) { d.more = `,"topOrigin":"https://evil.example"` }, nil, assert.BadFrame},
		"nobody present":                 {func(d *device) { d.flags = 0x04 }, nil, assert.NotPresent},
		"nobody verified":                {func(d *device) { d.flags = 0x01 }, nil, assert.NotVerified},
		"backed up but not able to":      {func(d *device) { d.flags |= 0x10 }, nil, assert.BadAuthenticator},
		"bytes behind":                   {func(*device) {}, []byte{0}, assert.BadAuthenticator},
		"extensions that are none":       {func(d *device) { d.flags |= 0x80 }, []byte{0x01}, assert.BadAuthenticator},
		"a key where none belongs":       {func(d *device) { d.flags |= 0x40 }, slices.Concat(make([]byte, 16), []byte{0, 1, 9}, es256(t).key), assert.BadAuthenticator},
		"a member twice":                 {func(d *device) { d.more = `,"origin":"https://example.org"` }, nil, assert.BadClientData},
		"a member by another spelling":   {func(d *device) { d.more = `,"CrossOrigin":true` }, nil, ""},
		"a signature by another key":     {func(d *device) { d.sign = es256(t).sign }, nil, assert.BadSignature},
		"two objects behind one another": {func(d *device) { d.more = `} {"a":1` }, nil, assert.BadClientData},
	} {
		for kind, d := range map[string]*device{"es256": es256(t), "eddsa": eddsa(t)} {
			c.change(d)
			seen, err := assert.Check(d.key, d.answer(challenge, c.more...), expect(challenge))
			if assert.Code(err) != c.code || (err == nil) != (c.code == "") {
				t.Errorf("%s by %s: %q (%v), want %q", name, kind, assert.Code(err), err, c.code)
			}
			if err == nil && seen.SignCount != d.count {
				t.Errorf("%s: counter %d", name, seen.SignCount)
			}
		}
	}
}

// An assertion is for one challenge, one site and one page.
func TestAnAssertionFitsOneChallenge(t *testing.T) {
	d := rs256(t, 2048)
	raw := d.answer(challenge)
	if _, err := assert.Check(d.key, raw, expect(challenge)); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]assert.Expect{
		"another content": expect([]byte("another")), "none": expect(nil),
		"a part": expect(challenge[:31]), "more": expect(append(slices.Clone(challenge), 0)),
	} {
		if _, err := assert.Check(d.key, raw, e); assert.Code(err) != assert.BadChallenge {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := assert.Check(d.key, raw, assert.Expect{Challenge: challenge, Origins: []string{"https://example.org"}}); assert.Code(err) != assert.BadRelyingParty {
		t.Errorf("without a site: %v", err)
	}
	// Flipping any byte of what is signed, or of the signature, is refused.
	for _, part := range []*[]byte{&raw.ClientData, &raw.AuthenticatorData, &raw.Signature} {
		whole := *part
		for i := range whole {
			*part = slices.Clone(whole)
			(*part)[i] ^= 0x20
			if _, err := assert.Check(d.key, raw, expect(challenge)); err == nil {
				t.Errorf("byte %d of %d was flipped and nobody saw", i, len(whole))
			}
		}
		*part = whole
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	good := es256(t).key
	off := slices.Clone(good)
	off[len(off)-1] ^= 1 // not on the curve
	ed := eddsa(t).key
	for name, key := range map[string][]byte{
		"none": nil, "cut off": good[:len(good)-1], "bytes behind": append(slices.Clone(good), 0), "not on the curve": off,
		"no map": {0x01}, "another algorithm": bytes.Replace(good, []byte{3, 0x26}, []byte{3, 0x27}, 1),
		"another curve": bytes.Replace(ed, []byte{0x20, 6}, []byte{0x20, 7}, 1), "a label twice": bytes.Replace(ed, []byte{0x20, 6}, []byte{1, 6}, 1),
		"a long way to write a number": append([]byte{0xa4, 0x18}, ed[1:]...), "no end": {0xbf, 1, 2, 0xff}, "tags": {0xc0, 0x01}, "a fraction": {0xf9, 0, 0},
		"deeper than anybody writes": {0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x01}, "more than there is": {0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a map larger than the bytes": {0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "a weak key": rs256(t, 1024).key,
	} {
		if _, err := assert.ParseKey(key); assert.Code(err) != assert.BadKey {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSites(t *testing.T) {
	for _, c := range []struct{ rp, origin, code string }{
		{"example.org", "https://example.org", ""}, {"example.org", "https://example.org:8443", ""}, {"example.org", "https://ki.example.org", ""},
		{"localhost", "http://localhost:8080", ""}, {"localhost", "https://localhost", ""},
		{"example.org", "http://example.org", assert.BadOrigin}, {"example.org", "https://badexample.org", assert.BadOrigin},
		{"example.org", "https://example.org/", assert.BadOrigin}, {"example.org", "https://example.org.evil.example", assert.BadOrigin},
		{"example.org", "", assert.BadOrigin}, {"", "https://example.org", assert.BadRelyingParty}, {"127.0.0.1", "http://127.0.0.1:8080", assert.BadRelyingParty},
		{"::1", "http://[::1]:8080", assert.BadRelyingParty}, {"[::1]", "http://[::1]:8080", assert.BadRelyingParty}, {"Example.org", "https://Example.org", assert.BadRelyingParty},
	} {
		if err := assert.Site(c.rp, c.origin); assert.Code(err) != c.code {
			t.Errorf("%s at %s: %v, want %q", c.rp, c.origin, err, c.code)
		}
	}
}

// Whatever stands there, reading ends and panics never.
func FuzzRegister(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Registration.ClientData), []byte(v.Registration.Attestation))
	}
	f.Fuzz(func(t *testing.T, client, attestation []byte) {
		if c, err := assert.Register(client, attestation, expect(challenge)); err == nil {
			t.Errorf("a registration for no known challenge passed: %+v", c)
		}
		if k, err := assert.ParseKey(attestation); err == nil {
			if _, err := k.PEM(); err != nil {
				t.Errorf("a key that is read is not written: %v", err)
			}
		}
	})
}
