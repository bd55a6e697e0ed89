package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"augenmass/internal/problem"
)

// erasePrefix names, in vault/tmp, the key of a subject that is being erased.
const erasePrefix = "erase-"

// vault writes one of the two parts of the vault, folder by folder.
func (t *take) vault(ctx context.Context, part string) error {
	dir := filepath.Join(t.o.Dir, "vault", part)
	for b := range 256 {
		if err := ctx.Err(); err != nil {
			return err
		}
		sub := hex.EncodeToString([]byte{byte(b)})
		names, err := listing(filepath.Join(dir, sub))
		if err != nil {
			return unreadable("vault/"+part, err)
		}
		if part == "keys" {
			if names, err = t.erasures(names, filepath.Join(dir, sub), sub); err != nil {
				return err
			}
		}
		for _, n := range names {
			if err := t.vaultFile(part, "vault/"+part+"/"+sub+"/"+n, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// erasures sees to keys that are being destroyed while the folder is listed.
// Such a key leaves the folder, lies in tmp, and its tombstone comes before it
// goes from there. So it is in tmp now, or its tombstone is in a second listing;
// the restored vault finishes what is in tmp. The key itself is not copied.
func (t *take) erasures(names []string, dir, sub string) ([]string, error) {
	doomed, err := listing(filepath.Join(t.o.Dir, "vault", "tmp"))
	if err != nil {
		return nil, unreadable("vault/tmp", err)
	}
	for _, n := range doomed {
		if strings.HasPrefix(n, erasePrefix+sub) {
			if err := t.archive.putBytes("vault/tmp/"+n, nil); err != nil {
				return nil, unwritable(err)
			}
		}
	}
	again, err := listing(dir)
	if err != nil {
		return nil, unreadable("vault/keys", err)
	}
	names = append(names, again...)
	slices.Sort(names)
	return slices.Compact(names), nil
}

// vaultFile writes one file unless it went meanwhile: swept, or erased.
func (t *take) vaultFile(part, name, base string) error {
	file := filepath.Join(t.o.Dir, filepath.FromSlash(name))
	if part == "keys" { // small, and replaced as a whole
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return unreadable(name, err)
		}
		if err := t.archive.putBytes(name, raw); err != nil {
			return unwritable(err)
		}
		return nil
	}
	f, err := os.Open(file)
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

// listing are the names in a folder, none if it is not there.
func listing(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
