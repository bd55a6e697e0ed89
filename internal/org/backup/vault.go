package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
)

// vault writes blobs, then subjects' keys. The root file comes with the rest of
// the folder.
func (t *take) vault(ctx context.Context) error {
	if err := t.fan(ctx, "blobs", t.blob); err != nil {
		return err
	}
	return t.fan(ctx, "keys", t.subjectKey)
}

// keyState is a hash over what says which keys are in force: a copy that began
// under some keys and ended under others fits neither.
func (t *take) keyState() (string, error) {
	h := sha256.New()
	names, err := t.keyNames()
	if err != nil {
		return "", err
	}
	for i, n := range names {
		names[i] = "keys/" + n
	}
	for _, name := range append(names, "vault/root", "journal/log/"+proof.KeysFile) {
		raw, err := os.ReadFile(t.file(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", unreadable(name, err)
		}
		fmt.Fprintf(h, "%s %d %t\n%s", name, len(raw), err == nil, raw)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func keysChanged() error {
	return problem.New(problem.Conflict, "Während der Sicherung wurde ein Schlüssel gewechselt.", "A key was changed during the backup.").
		WithHint("Bitte noch einmal sichern.", "Please take the backup again.")
}

// fan calls copyOne for every file of vault/part/ab/, folder by folder.
func (t *take) fan(ctx context.Context, part string, copyOne func(name, base string) error) error {
	for b := range 256 {
		if err := ctx.Err(); err != nil {
			return err
		}
		sub := "vault/" + part + "/" + hex.EncodeToString([]byte{byte(b)})
		entries, err := os.ReadDir(t.file(sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // folders are made as they fill
			return unreadable(sub, err)
		}
		for _, e := range entries {
			if err := copyOne(sub+"/"+e.Name(), e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// file is where a member lies in the folder.
func (t *take) file(name string) string { return filepath.Join(t.o.Dir, filepath.FromSlash(name)) }

// blob writes one sealed payload unless it was swept meanwhile. Its name is its
// hash.
func (t *take) blob(name, base string) error {
	f, err := os.Open(t.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unreadable(name, err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return unreadable(name, err)
	}
	sum, err := t.archive.put(name, info.Size(), f)
	if err != nil {
		return unwritable(err)
	}
	if sum != base {
		return problem.Newf(problem.Corrupt, "%s: Der Inhalt hat nicht die Prüfsumme seines Namens.", "%s: the content does not have the hash of its name.", name).
			WithHint("Die Datei ist beschädigt. Bitte sie aus einer älteren Sicherung nehmen.", "The file is damaged. Please take it from an older backup.").
			Wrap(fmt.Errorf("sha256 %s", sum))
	}
	return nil
}

// subjectKey writes the key of one subject. A key that is being destroyed is
// overwritten in place with what lies in vault/tmp/bury-<name> from before the
// first byte until after the last: then that is what the backup gets, and no
// half of each.
func (t *take) subjectKey(name, _ string) error {
	inVault := name[len("vault/"):]
	grave := "vault/tmp/bury-" + url.PathEscape(inVault)
	var last []byte
	for range tries {
		raw, err := os.ReadFile(t.file(name))
		if err != nil {
			return unreadable(name, err)
		}
		buried, err := os.ReadFile(t.file(grave))
		switch {
		case err == nil:
			return t.member(name, buried)
		case !errors.Is(err, fs.ErrNotExist):
			return unreadable(grave, err)
		case last != nil && bytes.Equal(raw, last):
			return t.member(name, raw)
		}
		last = raw
	}
	return unreadable(name, errors.New("it changes all the time"))
}

func (t *take) member(name string, raw []byte) error {
	if err := t.archive.putBytes(name, raw); err != nil {
		return unwritable(err)
	}
	return nil
}
