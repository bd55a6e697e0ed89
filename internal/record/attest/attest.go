// Package attest signs and verifies statements about files: in-toto statements
// (https://in-toto.io/Statement/v1) in DSSE envelopes, so that other tools can
// read them too. A statement says of subjects, named by their SHA-256, what is in
// its predicate; the envelope is signed with the organisation's seal key, an
// Ed25519 key of the signed-note format.
//
// It knows neither predicates nor records: what is said of a data set is for
// govern/data. It reads no clock and stores nothing.
//
// Sources: DSSE v1.0.2 (protocol and envelope), in-toto Attestation Framework v1.
package attest

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"golang.org/x/mod/sumdb/note"
)

// Types that every statement of ours has.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PayloadType   = "application/vnd.in-toto+json"
)

// MaxEnvelope is the longest envelope that is opened, in bytes.
const MaxEnvelope = 256 << 10

// Subject is a file or record that a statement is about.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // "sha256" → hexadecimal digits
}

// Of is the subject with this name and SHA-256 (64 hexadecimal digits).
func Of(name, sha256 string) Subject {
	return Subject{Name: name, Digest: map[string]string{"sha256": sha256}}
}

// SHA256 is the subject's SHA-256 in hexadecimal digits, empty if it names none.
func (s Subject) SHA256() string { return s.Digest["sha256"] }

// Statement is an in-toto statement.
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// New makes a statement of a predicate, which must be a JSON object.
func New(predicateType string, predicate any, subjects ...Subject) (Statement, error) {
	raw, err := json.Marshal(predicate)
	if err != nil {
		return Statement{}, fmt.Errorf("attest: write the predicate: %w", err)
	}
	s := Statement{Type: StatementType, Subject: subjects, PredicateType: predicateType, Predicate: raw}
	return s, s.check()
}

// Errors of Open, for errors.Is.
var (
	ErrEnvelope  = errors.New("no readable envelope")
	ErrType      = errors.New("the payload is no in-toto statement")
	ErrSignature = errors.New("the signature does not fit")
	ErrStatement = errors.New("the statement is incomplete")
)

// check refuses what in-toto does not allow: another type, no subject, a subject
// without a digest, no type of predicate.
func (s Statement) check() error {
	switch {
	case s.Type != StatementType:
		return fmt.Errorf("%w: type %q", ErrStatement, s.Type)
	case len(s.Subject) == 0:
		return fmt.Errorf("%w: no subject", ErrStatement)
	case s.PredicateType == "":
		return fmt.Errorf("%w: no type of predicate", ErrStatement)
	case slices.ContainsFunc(s.Subject, func(x Subject) bool { return !isSHA256(x.SHA256()) }):
		return fmt.Errorf("%w: a subject without SHA-256", ErrStatement)
	}
	return nil
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') }) < 0
}

// Signed is a statement in its envelope.
type Signed struct {
	Statement Statement
	Payload   []byte // the statement as it was signed
	Envelope  string // JSON
}

// Sign puts a statement into an envelope with one signature.
func Sign(ctx context.Context, s note.Signer, st Statement) (Signed, error) {
	if err := st.check(); err != nil {
		return Signed{}, err
	}
	payload, err := json.Marshal(st)
	if err != nil {
		return Signed{}, fmt.Errorf("attest: write the statement: %w", err)
	}
	by, err := dsse.NewEnvelopeSigner(signer{s})
	if err != nil {
		return Signed{}, fmt.Errorf("attest: %w", err)
	}
	env, err := by.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return Signed{}, fmt.Errorf("attest: sign: %w", err)
	}
	raw, err := json.Marshal(env)
	if err != nil {
		return Signed{}, fmt.Errorf("attest: write the envelope: %w", err)
	}
	return Signed{Statement: st, Payload: payload, Envelope: string(raw)}, nil
}

// Open verifies an envelope and reads the statement in it. Its errors wrap
// ErrEnvelope, ErrType, ErrSignature or ErrStatement; nothing of an envelope
// that does not verify is returned.
func Open(ctx context.Context, v note.Verifier, envelope string) (Signed, error) {
	if len(envelope) > MaxEnvelope {
		return Signed{}, fmt.Errorf("%w: %d bytes", ErrEnvelope, len(envelope))
	}
	var env dsse.Envelope
	if err := json.Unmarshal([]byte(envelope), &env); err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if env.PayloadType != PayloadType {
		return Signed{}, fmt.Errorf("%w: %q", ErrType, env.PayloadType)
	}
	by, err := dsse.NewEnvelopeVerifier(verifier{v})
	if err != nil {
		return Signed{}, fmt.Errorf("attest: %w", err)
	}
	_, payload, err := by.VerifyAndDecode(ctx, &env)
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	var st Statement
	if err := json.Unmarshal(payload, &st); err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := st.check(); err != nil {
		return Signed{}, err
	}
	return Signed{Statement: st, Payload: payload, Envelope: envelope}, nil
}

// KeyID names a key of the signed-note format in an envelope: "name+hash", as
// its verifier key begins.
func KeyID(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// signer signs envelopes with a key of the signed-note format. What it signs
// begins with "DSSEv1 " (PAE), which no note and no permit does.
type signer struct{ note.Signer }

func (s signer) Sign(_ context.Context, data []byte) ([]byte, error) { return s.Signer.Sign(data) }
func (s signer) KeyID() (string, error)                              { return KeyID(s.Name(), s.KeyHash()), nil }

type verifier struct{ note.Verifier }

func (v verifier) Verify(_ context.Context, data, sig []byte) error {
	if !v.Verifier.Verify(data, sig) {
		return ErrSignature
	}
	return nil
}
func (v verifier) KeyID() (string, error) { return KeyID(v.Name(), v.KeyHash()), nil }

// Public: a note verifier keeps its key to itself, and the key id is enough.
func (v verifier) Public() crypto.PublicKey { return nil }
