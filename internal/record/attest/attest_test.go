package attest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/record/attest"
)

// The published vector of the DSSE protocol (protocol.md, "Test Vectors"): what
// is signed, and a signature of another implementation over it.
func TestPublishedVector(t *testing.T) {
	pae := dsse.PAE("http://example.com/HelloWorld", []byte("hello world"))
	if string(pae) != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Fatalf("%s", pae)
	}
	number := func(s string) *big.Int { n, _ := new(big.Int).SetString(s, 10); return n }
	key := ecdsa.PublicKey{Curve: elliptic.P256(), X: number("46950820868899156662930047687818585632848591499744589407958293238635476079160"),
		Y: number("5640078356564379163099075877009565129882514886557779369047442380624545832820")}
	sig, err := base64.StdEncoding.DecodeString("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==")
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(pae)
	if !ecdsa.Verify(&key, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the published signature does not fit")
	}
}

// keys makes a key of the signed-note format.
func keys(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

var state = strings.Repeat("0a", 32)

func signed(t *testing.T, s note.Signer) attest.Signed {
	t.Helper()
	st, err := attest.New("urn:test:step", map[string]string{"act": "clean"}, attest.Of("dts_1", state))
	if err != nil {
		t.Fatal(err)
	}
	out, err := attest.Sign(t.Context(), s, st)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is signed comes back, in the form that other tools of in-toto read.
func TestSignAndOpen(t *testing.T) {
	s, v := keys(t, "augenmass/werk/seal")
	made := signed(t, s)
	got, err := attest.Open(t.Context(), v, made.Envelope)
	if err != nil || string(got.Payload) != string(made.Payload) || got.Statement.Subject[0].SHA256() != state || string(got.Statement.Predicate) != `{"act":"clean"}` {
		t.Fatalf("%+v %v", got, err)
	}
	var env map[string]any
	if err := json.Unmarshal([]byte(made.Envelope), &env); err != nil || env["payloadType"] != "application/vnd.in-toto+json" {
		t.Errorf("%v %v", env, err)
	}
	var st map[string]any
	if err := json.Unmarshal(made.Payload, &st); err != nil || st["_type"] != "https://in-toto.io/Statement/v1" || st["predicateType"] != "urn:test:step" {
		t.Errorf("%v %v", st, err)
	}
}

// A changed payload, another type of payload, another key and another signature
// fail, each with its own error.
func TestWhatDoesNotVerify(t *testing.T) {
	s, v := keys(t, "augenmass/werk/seal")
	_, other := keys(t, "augenmass/werk/seal")
	made := signed(t, s)
	change := func(f func(*dsse.Envelope)) string {
		var env dsse.Envelope
		if err := json.Unmarshal([]byte(made.Envelope), &env); err != nil {
			t.Fatal(err)
		}
		f(&env)
		raw, err := json.Marshal(env)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for name, c := range map[string]struct {
		v        note.Verifier
		envelope string
		want     error
	}{
		"changed payload": {v, change(func(e *dsse.Envelope) {
			e.Payload = base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(made.Payload), "clean", "cleam", 1)))
		}), attest.ErrSignature},
		"another type":      {v, change(func(e *dsse.Envelope) { e.PayloadType = "application/json" }), attest.ErrType},
		"another key":       {other, made.Envelope, attest.ErrSignature},
		"another signature": {v, change(func(e *dsse.Envelope) { e.Signatures[0].Sig = base64.StdEncoding.EncodeToString(make([]byte, 64)) }), attest.ErrSignature},
		"another key's id":  {v, change(func(e *dsse.Envelope) { e.Signatures[0].KeyID = "x+00000000" }), attest.ErrSignature},
		"no signature":      {v, change(func(e *dsse.Envelope) { e.Signatures = nil }), attest.ErrSignature},
		"no base64":         {v, change(func(e *dsse.Envelope) { e.Payload = "!" }), attest.ErrSignature},
		"no JSON":           {v, "{", attest.ErrEnvelope},
		"empty":             {v, "", attest.ErrEnvelope},
		"too long":          {v, strings.Repeat(" ", attest.MaxEnvelope+1), attest.ErrEnvelope},
	} {
		if got, err := attest.Open(t.Context(), c.v, c.envelope); !errors.Is(err, c.want) || got.Payload != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A signed payload that is no statement is none, whoever signed it.
func TestSignedButNoStatement(t *testing.T) {
	s, v := keys(t, "k")
	for name, payload := range map[string]string{
		"another type of statement": `{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"x","digest":{"sha256":"` + state + `"}}],"predicateType":"p","predicate":{}}`,
		"no subject":                `{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p","predicate":{}}`,
		"no digest":                 `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x"}],"predicateType":"p","predicate":{}}`,
		"no predicate type":         `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"` + state + `"}}],"predicate":{}}`,
		"no JSON":                   `hello`,
	} {
		sig, err := s.Sign(dsse.PAE(attest.PayloadType, []byte(payload)))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(dsse.Envelope{PayloadType: attest.PayloadType, Payload: base64.StdEncoding.EncodeToString([]byte(payload)),
			Signatures: []dsse.Signature{{Sig: base64.StdEncoding.EncodeToString(sig)}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := attest.Open(t.Context(), v, string(raw)); !errors.Is(err, attest.ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := attest.New("p", 1, attest.Subject{Name: "x"}); !errors.Is(err, attest.ErrStatement) {
		t.Errorf("a statement about nothing: %v", err)
	}
}

// Whatever comes in is an error or verifies; nothing panics.
func FuzzOpen(f *testing.F) {
	f.Add(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"","sig":"AA=="}]}`)
	f.Add(`{"payload":1}`)
	v, err := note.NewVerifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, envelope string) {
		if _, err := attest.Open(t.Context(), v, envelope); err == nil {
			t.Error("opened without the key")
		}
	})
}
