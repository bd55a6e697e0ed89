// Package entry is the form of one journal entry: a CloudEvents 1.0 event in
// JSON format, written canonically (RFC 8785) and at most 65,535 bytes long.
//
// It encodes, decodes and commits; it neither stores nor proves anything
// (package ledger, package proof), and it does not know what an event means:
// the data of each type is declared by the room that emits it. It needs no
// running journal, so that an auditor's verifier can read entries with it.
package entry

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"augenmass/internal/problem"
)

// MaxSize is the longest entry in bytes: entry bundles prefix each entry with
// a 16-bit length (C2SP tlog-tiles, "Log entries"). Longer payloads belong
// into the vault, with their commitment in the entry.
const MaxSize = 65535

// Event is one CloudEvents 1.0 event: specversion "1.0", datacontenttype
// "application/json". ID with Source names it; Subject may be empty; Time is
// kept in UTC to the nanosecond; Data is any JSON value, nil for none.
// Extension attributes are not used.
type Event struct {
	ID      string
	Source  string
	Type    string
	Subject string
	Time    time.Time
	Data    json.RawMessage
}

// NewEvent returns an event whose data is v as JSON in canonical form. It
// fails as problem.BadInput where Encode would.
func NewEvent(id, source, typ, subject string, at time.Time, v any) (Event, error) {
	e := Event{ID: id, Source: source, Type: typ, Subject: subject, Time: at.UTC()}
	if v != nil {
		raw, err := json.Marshal(v)
		if err != nil {
			return Event{}, badEvent().WithField("data", "lässt sich nicht als JSON schreiben.", "cannot be written as JSON.").Wrap(err)
		}
		if e.Data, err = Canonical(raw); err != nil {
			return Event{}, badData(err)
		}
	}
	if err := e.check(); err != nil {
		return Event{}, err
	}
	return e, nil
}

// Encode returns the event as canonical JSON. Errors: problem.BadInput with
// the attributes that are missing or malformed, problem.TooLarge beyond MaxSize.
func (e Event) Encode() ([]byte, error) {
	return e.encode(len(e.Data), e.Data != nil, func(dst []byte) ([]byte, error) { return appendCanonical(dst, e.Data) })
}

// EncodeWith is Encode for data that its writer appends himself, about so many
// bytes and in canonical form, which is not looked at again: for entries of
// which there are thousands a second. Data must be nil. A test of the writer
// holds what he appends against Canonical.
func (e Event) EncodeWith(about int, data func(dst []byte) []byte) ([]byte, error) {
	return e.encode(about, true, func(dst []byte) ([]byte, error) { return data(dst), nil })
}

func (e Event) encode(about int, some bool, data func(dst []byte) ([]byte, error)) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	out := make([]byte, 0, 192+len(e.ID)+len(e.Source)+len(e.Type)+len(e.Subject)+about)
	out = append(out, '{')
	var err error
	if some {
		out = append(out, `"data":`...)
		if out, err = data(out); err != nil {
			return nil, badData(err)
		}
		out = append(out, `,"datacontenttype":"application/json",`...)
	}
	out = append(out, `"id":"`...)
	out = appendEscaped(out, []byte(e.ID))
	out = append(out, `","source":"`...)
	out = appendEscaped(out, []byte(e.Source))
	out = append(out, `","specversion":"1.0"`...)
	if e.Subject != "" {
		out = append(out, `,"subject":"`...)
		out = appendEscaped(out, []byte(e.Subject))
		out = append(out, '"')
	}
	out = append(out, `,"time":"`...)
	out = e.Time.UTC().AppendFormat(out, time.RFC3339Nano)
	out = append(out, `","type":"`...)
	out = appendEscaped(out, []byte(e.Type))
	out = append(out, `"}`...)
	if len(out) > MaxSize {
		return nil, TooLarge(len(out))
	}
	return out, nil
}

// TooLarge is the problem of an entry of n bytes, more than MaxSize.
func TooLarge(n int) *problem.Problem {
	return problem.Newf(problem.TooLarge,
		"Der Eintrag ist mit %d Byte zu lang für das Journal; erlaubt sind %d Byte.",
		"The entry is %d bytes, too long for the journal; %d bytes are allowed.", n, MaxSize).
		WithHint("Große Inhalte gehören in den Tresor; das Journal hält nur ihren Prüfwert.",
			"Large payloads belong into the vault; the journal keeps only their commitment.")
}

// Decode reads one entry. It accepts exactly the bytes that Encode writes:
// anything else (other order, white space, extension attributes, another
// spelling of a number or a time) is problem.BadInput, because the hash in the
// tree is that of the bytes.
func Decode(b []byte) (Event, error) {
	if len(b) > MaxSize {
		return Event{}, TooLarge(len(b))
	}
	var w struct {
		ID      string          `json:"id"`
		Source  string          `json:"source"`
		Type    string          `json:"type"`
		Subject string          `json:"subject"`
		Time    time.Time       `json:"time"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return Event{}, notCanonical(err)
	}
	e := Event{ID: w.ID, Source: w.Source, Type: w.Type, Subject: w.Subject, Time: w.Time.UTC(), Data: w.Data}
	again, err := e.Encode()
	if err != nil {
		return Event{}, notCanonical(err)
	}
	if !bytes.Equal(again, b) {
		return Event{}, notCanonical(fmt.Errorf("canonical form differs at byte %d", firstDifference(again, b)))
	}
	return e, nil
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// Commitment binds to payload without showing it: HMAC-SHA256 of the payload
// under the salt, written "hmac-sha256:<hex>". The salt must be random, at
// least 16 bytes and kept with the payload (in the vault); without it the
// content of a short payload could be guessed from the commitment.
func Commitment(salt, payload []byte) string {
	m := hmac.New(sha256.New, salt)
	m.Write(payload)
	return "hmac-sha256:" + hex.EncodeToString(m.Sum(nil))
}

// check tests the attributes by CloudEvents 1.0 §3.1 and its type system
// (strings hold no control characters).
func (e Event) check() error {
	var bad *problem.Problem
	field := func(ok bool, path, de, en string) {
		if ok {
			return
		}
		if bad == nil {
			bad = badEvent()
		}
		bad.WithField(path, de, en)
	}
	field(e.ID != "" && plain(e.ID), "id", "fehlt oder enthält Steuerzeichen.", "is missing or holds control characters.")
	field(e.Source != "" && plain(e.Source), "source", "fehlt oder enthält Steuerzeichen.", "is missing or holds control characters.")
	field(e.Type != "" && plain(e.Type), "type", "fehlt oder enthält Steuerzeichen.", "is missing or holds control characters.")
	field(plain(e.Subject), "subject", "enthält Steuerzeichen.", "holds control characters.")
	year := e.Time.UTC().Year()
	field(!e.Time.IsZero() && year >= 1 && year <= 9999, "time", "fehlt oder liegt außerhalb der Jahre 1 bis 9999.", "is missing or outside the years 1 to 9999.")
	if bad == nil {
		return nil
	}
	return bad
}

func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		switch b := s[i]; {
		case b < ' ' || b == 0x7F:
			return false
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	if ascii {
		return true
	}
	for _, r := range s {
		if r >= 0x80 && r <= 0x9F {
			return false
		}
	}
	return utf8.ValidString(s)
}

func badEvent() *problem.Problem {
	return problem.New(problem.BadInput, "Der Journaleintrag ist unvollständig.", "The journal entry is incomplete.")
}

func badData(err error) error {
	return badEvent().WithField("data", "ist kein gültiges JSON oder enthält eine Zahl, die sich nicht genau speichern lässt.",
		"is not valid JSON or holds a number that cannot be stored exactly.").Wrap(err)
}

func notCanonical(err error) error {
	return problem.New(problem.BadInput,
		"Der Journaleintrag hat nicht die verlangte Form (CloudEvents 1.0, kanonisches JSON nach RFC 8785).",
		"The journal entry is not in the required form (CloudEvents 1.0, canonical JSON after RFC 8785).").Wrap(err)
}
