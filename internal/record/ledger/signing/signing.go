// Package signing keeps the keys that sign a journal's checkpoints: it makes,
// stores and reads them, and signs. Which key is in force is the journal's to
// know (package ledger).
package signing

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/disk"
	"augenmass/internal/record/ledger/proof"
)

// ValidOrigin: the origin is also the key's name, which holds neither spaces
// nor a plus (C2SP signed-note).
func ValidOrigin(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+'
	})
}

// ErrNoKey is wrapped when the key file is missing.
var ErrNoKey = errors.New("no key file")

// Key is who signs the checkpoints: one key under one name.
type Key struct {
	Signer   note.Signer
	VKey     string
	Verifier note.Verifier
}

// New returns the key of a signer and its vkey.
func New(signer note.Signer, vkey string) (*Key, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, problem.New(problem.BadInput, "Der öffentliche Schlüssel des Journals ist unlesbar.", "The public key of the journal is unreadable.").Wrap(err)
	}
	return &Key{Signer: signer, VKey: vkey, Verifier: v}, nil
}

// Origin is the name under which the key signs.
func (s *Key) Origin() string { return s.Signer.Name() }

// Sign makes the checkpoint of a tree and checks it as a stranger would; also
// may sign beside. Heads come from one tree that only grows and that Open
// compared with the last checkpoint, so no two trees of one size are ever
// signed.
func (s *Key) Sign(size uint64, root tlog.Hash, also note.Signer) (proof.Checkpoint, error) {
	return s.SignText(proof.Text(s.Origin(), size, root), also)
}

// SignText is Sign for a checkpoint with extension lines.
func (s *Key) SignText(text string, also note.Signer) (proof.Checkpoint, error) {
	signers := []note.Signer{s.Signer}
	if also != nil {
		signers = append(signers, also)
	}
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return proof.Checkpoint{}, unavailable("Der Prüfpunkt lässt sich nicht unterschreiben.", "The checkpoint cannot be signed.", err)
	}
	cp, err := proof.OpenCheckpoint(msg, s.Verifier)
	if err != nil {
		return proof.Checkpoint{}, problem.New(problem.BadInput, "Signierschlüssel und öffentlicher Schlüssel des Journals passen nicht zusammen.",
			"Signing key and public key of the journal do not belong together.").Wrap(err)
	}
	return cp, nil
}

// Load reads the key in file. Only a new journal may create it: a journal
// whose key is gone must not go on under another.
func Load(file, origin string, create bool, random io.Reader) (*Key, error) {
	raw, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		return Make(file, origin, random)
	case errors.Is(err, fs.ErrNotExist):
		return nil, problem.Newf(problem.Unavailable, "Der Signierschlüssel des Journals fehlt: %s.", "The signing key of the journal is missing: %s.", file).
			WithHint("Bitte den gesicherten Schlüssel zurücklegen; mit einem neuen wäre das Journal ein anderes.",
				"Please put the backed-up key back; under a new one the journal would be another.").Wrap(ErrNoKey)
	case err != nil:
		return nil, unavailable("Der Signierschlüssel lässt sich nicht lesen.", "The signing key cannot be read.", err)
	}
	signer, vkey, err := parseKey(strings.TrimSpace(string(raw)))
	if err != nil {
		return nil, problem.Newf(problem.Corrupt, "Der Signierschlüssel %s ist unlesbar.", "The signing key %s is unreadable.", file).Wrap(err)
	}
	return New(signer, vkey)
}

// Make makes a key under the name origin and stores it in file.
func Make(file, origin string, random io.Reader) (*Key, error) {
	skey, vkey, err := note.GenerateKey(random, origin)
	if err != nil {
		return nil, unavailable("Der Signierschlüssel lässt sich nicht erzeugen.", "The signing key cannot be made.", err)
	}
	if err := writeKey(file, []byte(skey+"\n")); err != nil {
		return nil, unavailable("Der Signierschlüssel lässt sich nicht speichern.", "The signing key cannot be stored.", err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, unavailable("Der Signierschlüssel lässt sich nicht erzeugen.", "The signing key cannot be made.", err)
	}
	return New(signer, vkey)
}

// parseKey reads "PRIVATE+KEY+name+hash+keydata" and derives the public form,
// which package note does not offer.
func parseKey(skey string) (note.Signer, string, error) {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, "", err
	}
	// The key data may hold a plus itself, so cut at the fourth one.
	parts := strings.SplitN(skey, "+", 5)
	data, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return nil, "", errors.New("not an Ed25519 key")
	}
	pub, ok := ed25519.NewKeyFromSeed(data[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, "", errors.New("not an Ed25519 key")
	}
	vkey, err := note.NewEd25519VerifierKey(signer.Name(), pub)
	return signer, vkey, err
}

// writeKey gives the file its name only when it is whole: a kill in between
// must not leave half a key.
func writeKey(file string, raw []byte) error {
	tmp := file + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(tmp, file)
	}
	if err != nil {
		return errors.Join(err, disk.RemoveIfThere(tmp))
	}
	return disk.SyncDir(filepath.Dir(file))
}

func unavailable(de, en string, err error) *problem.Problem {
	return problem.New(problem.Unavailable, de, en).Wrap(err)
}
