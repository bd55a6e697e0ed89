package assert

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"slices"
)

// clientData checks what the browser says it was asked for. Unknown members are
// allowed, as the standard demands; a member that stands twice is not, because
// two readers could then read two things.
func clientData(raw []byte, typ string, e Expect) error {
	broken := refused(BadClientData, "Die Angaben des Browsers sind nicht lesbar.", "The browser's data cannot be read.")
	m, ok := members(raw)
	if !ok {
		return broken
	}
	var gotType, challenge, origin string
	for name, to := range map[string]*string{"type": &gotType, "challenge": &challenge, "origin": &origin} {
		if json.Unmarshal(m[name], to) != nil {
			return broken
		}
	}
	if gotType != typ {
		return refused(BadType, "Der Passkey hat etwas anderes unterschrieben: Das ist keine Unterschrift dieser Art.",
			"The passkey signed something else: this is no signature of this kind.")
	}
	got, err := base64.RawURLEncoding.Strict().DecodeString(challenge)
	if err != nil || len(e.Challenge) == 0 || subtle.ConstantTimeCompare(got, e.Challenge) != 1 {
		return refused(BadChallenge, "Die Unterschrift gilt einem anderen Inhalt oder einem anderen Vorgang.",
			"The signature is for another content or another ceremony.")
	}
	if !slices.Contains(e.Origins, origin) {
		return refused(BadOrigin, "Die Unterschrift kommt von einer anderen Seite.", "The signature comes from another site.")
	}
	if m["topOrigin"] != nil || !within(m["crossOrigin"]) {
		return refused(BadFrame, "Die Unterschrift wurde aus einer fremden Seite heraus verlangt.", "The signature was asked for from inside another site.")
	}
	return nil
}

// within reports whether crossOrigin is absent or false.
func within(raw json.RawMessage) bool {
	return raw == nil || bytes.Equal(bytes.TrimSpace(raw), []byte("false"))
}

// members reads the members of one JSON object by their exact names; ok is
// false for anything else and for a name that stands twice.
func members(raw []byte) (map[string]json.RawMessage, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	m := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, false
		}
		if _, twice := m[name]; twice {
			return nil, false
		}
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return nil, false
		}
		m[name] = v
	}
	if _, err := d.Token(); err != nil || d.InputOffset() != int64(len(bytes.TrimRight(raw, " \t\r\n"))) {
		return nil, false
	}
	return m, true
}
