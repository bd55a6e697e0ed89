package folder

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/problem"
)

// SealKey reads the organisation's seal key, or makes one on the first start.
// It signs permits, approvals and case files; the journal signs its own
// checkpoints with another key. On a journal that is in use a missing key is
// not replaced: what was signed with it would no longer verify.
func SealKey(file, name string, first bool) (s note.Signer, vkey string, err error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && first {
		skey, vkey, err := note.GenerateKey(rand.Reader, name)
		if err != nil {
			return nil, "", UnreadableKey(file, err)
		}
		if err := WriteSecret(file, skey+"\n"+vkey+"\n"); err != nil {
			return nil, "", UnreadableKey(file, err)
		}
		raw = []byte(skey + "\n" + vkey + "\n")
	} else if err != nil {
		return nil, "", UnreadableKey(file, err)
	}
	return ParseSealKey(file, string(raw))
}

// ParseSealKey reads the two lines of a seal key.
func ParseSealKey(file, text string) (s note.Signer, vkey string, err error) {
	skey, rest, ok := CutLine(text)
	vkey, _, ok2 := CutLine(rest)
	if !ok || !ok2 {
		return nil, "", UnreadableKey(file, errors.New("two lines expected: signing key, verifier key"))
	}
	if s, err = note.NewSigner(skey); err != nil {
		return nil, "", UnreadableKey(file, err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil || v.Name() != s.Name() || v.KeyHash() != s.KeyHash() {
		return nil, "", UnreadableKey(file, errors.Join(errors.New("the two keys do not belong together"), err))
	}
	return s, vkey, nil
}

// CutLine splits a text after its first line; an empty first line is none.
func CutLine(s string) (line, rest string, ok bool) {
	for i := range len(s) {
		if s[i] == '\n' {
			return s[:i], s[i+1:], i > 0
		}
	}
	return "", "", false
}

// UnreadableKey says that a key file cannot be used, and what to do.
func UnreadableKey(file string, err error) error {
	return problem.Newf(problem.Unavailable, "Der Schlüssel der Organisation (%s) ist nicht lesbar.", "The organisation's key (%s) cannot be read.", filepath.Base(file)).
		WithHint("Bitte Rechte und Sicherung prüfen. Ohne diesen Schlüssel wird nichts unterschrieben.",
			"Please check permissions and backup. Without this key nothing is signed.").Wrap(err)
}

// WriteSecret writes a file that only its owner can read, durably and whole.
func WriteSecret(file, content string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err = f.WriteString(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err = f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
