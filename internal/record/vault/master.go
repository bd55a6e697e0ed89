package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"

	"augenmass/internal/problem"
)

// masterID tells master keys apart without revealing them.
type masterID [8]byte

// master is a master key made ready: its id and its wrapping key are derived
// from it by HKDF-SHA-256 (RFC 5869), so that one key has one use.
type master struct {
	key  []byte
	id   masterID
	wrap cipher.AEAD
}

// masters are the key in force and, during a change, the one before it, as the
// root says that was read last.
type masters struct {
	current, previous *master
	root              []byte // as stored
}

func (m *masters) by(id masterID) *master {
	switch {
	case m.current != nil && m.current.id == id:
		return m.current
	case m.previous != nil && m.previous.id == id:
		return m.previous
	}
	return nil
}

func newMaster(key []byte) (*master, error) {
	if len(key) != 32 {
		return nil, problem.Newf(problem.BadInput,
			"Der Hauptschlüssel hat %d Byte; nötig sind genau 32.",
			"The master key has %d bytes; exactly 32 are needed.", len(key)).
			WithHint("Erwartet werden 32 zufällige Byte in Base64, zum Beispiel aus: openssl rand -base64 32",
				"Expected are 32 random bytes in Base64, for example from: openssl rand -base64 32")
	}
	derive := func(info string, n int) ([]byte, error) {
		return hkdf.Expand(sha256.New, key, "augenmass vault v1 "+info, n)
	}
	id, err := derive("id", 8)
	if err != nil {
		return nil, problem.From(err)
	}
	wrap, err := derive("wrap", 32)
	if err != nil {
		return nil, problem.From(err)
	}
	a, err := gcm(wrap)
	if err != nil {
		return nil, problem.From(err)
	}
	return &master{key: bytes.Clone(key), id: masterID(id), wrap: a}, nil
}

// LoadMasterKey returns the master key from the environment variable named env
// if that is set, else from file; both hold 32 bytes in Base64 (standard or
// URL alphabet, with or without padding). If neither exists and the vault was
// never used (see Used), a new random key is written to file with mode 0600
// before it is returned; for a used vault that is Unavailable and nothing is
// written: a new key would open nothing and stand in the place of the right one.
//
// Keep the file out of the backup that holds the vault: together they undo
// every erasure and all encryption.
func LoadMasterKey(file, env string, used bool) ([]byte, error) {
	if env != "" {
		if s := os.Getenv(env); s != "" {
			return decodeMasterKey(s, "$"+env)
		}
	}
	raw, err := readLimited(file, 4096)
	if err == nil {
		return decodeMasterKey(string(raw), file)
	}
	if !os.IsNotExist(err) {
		return nil, unavailable(err)
	}
	if used {
		return nil, problem.Newf(problem.Unavailable,
			"Der Hauptschlüssel fehlt (%s), und der Tresor enthält schon Inhalte.",
			"The master key is missing (%s), and the vault is in use already.", file).
			WithHint("Bitte den gesicherten Schlüssel zurücklegen oder in der Umgebungsvariable angeben; ohne ihn sind die Inhalte nicht lesbar.",
				"Please put the backed-up key back or give it in the environment variable; without it the contents cannot be read.").Wrap(err)
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails, see crypto/rand
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unavailable(err)
	}
	d := osDisk()
	if err := d.write(dir, []byte(base64.StdEncoding.EncodeToString(key)+"\n"), file, d.rename); err != nil {
		return nil, unavailable(err)
	}
	return key, nil
}

func decodeMasterKey(s, from string) ([]byte, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "=")
	s = strings.NewReplacer("-", "+", "_", "/").Replace(s)
	key, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(key) != 32 {
		return nil, problem.Newf(problem.BadInput,
			"Der Hauptschlüssel in %s ist nicht lesbar: Nötig sind genau 32 Byte in Base64.",
			"The master key in %s cannot be read: exactly 32 bytes in Base64 are needed.", from).
			WithHint("Ein neuer Schlüssel entsteht mit: openssl rand -base64 32. Ein vorhandener Tresor braucht seinen bisherigen.",
				"A new key comes from: openssl rand -base64 32. An existing vault needs the one it had.")
	}
	return key, nil
}
