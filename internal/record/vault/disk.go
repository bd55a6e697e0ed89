package vault

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"augenmass/internal/problem"
)

// disk is the part of the file system whose failures matter; tests replace
// single functions.
type disk struct {
	createTemp func(dir, pattern string) (*os.File, error)
	syncFile   func(*os.File) error
	syncDir    func(dir string) error
	rename     func(from, to string) error
}

func osDisk() disk {
	return disk{createTemp: os.CreateTemp, syncFile: (*os.File).Sync, syncDir: syncDir, rename: os.Rename}
}

// write makes a file durable under its final name: either all of it is there
// after a crash, or nothing. The temporary file lies in tmp.
func (d disk) write(tmp string, data []byte, path string) (err error) {
	f, err := d.createTemp(tmp, "new-*") // mode 0600
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(name)))
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = d.syncFile(f)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err = d.rename(name, path); err != nil {
		return err
	}
	// After a failed flush nobody knows what is on disk. The caller hears of a
	// failure; a name that survived all the same is referred to by nobody.
	return d.syncDir(filepath.Dir(path))
}

func (v *Vault) writeFile(data []byte, path string) error {
	if err := v.disk.write(filepath.Join(v.dir, "tmp"), data, path); err != nil {
		return unavailable(err)
	}
	return nil
}

// anyFile reports whether a fan-out directory holds any file.
func (v *Vault) anyFile(sub string) (bool, error) {
	found := errors.New("found")
	err := v.walk(sub, func(string, os.DirEntry) error { return found })
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// walk calls f for every entry of a fan-out directory, in the order of names.
// The path is relative to the vault.
func (v *Vault) walk(sub string, f func(rel string, e os.DirEntry) error) error {
	tops, err := os.ReadDir(filepath.Join(v.dir, sub))
	if err != nil {
		return err
	}
	for _, top := range tops {
		rel := filepath.Join(sub, top.Name())
		if !top.IsDir() {
			if err := f(rel, top); err != nil {
				return err
			}
			continue
		}
		entries, err := os.ReadDir(filepath.Join(v.dir, rel))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f(filepath.Join(rel, e.Name()), e); err != nil {
				return err
			}
		}
	}
	return nil
}

// readLimited reads a whole file of at most limit bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	size := int64(512)
	if st, err := f.Stat(); err == nil {
		size = st.Size() + 1
	}
	if size > limit+1 {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), errShort)
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := f.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), errShort)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// unavailable is what a failing disk looks like to a reader. A problem passes
// through; an oversized file is corruption, not a failing disk.
func unavailable(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, errShort) {
		return corrupt("", err)
	}
	return problem.New(problem.Unavailable,
		"Der Tresor kann gerade nicht lesen oder schreiben.", "The vault cannot read or write right now.").
		WithHint("Bitte prüfen, ob der Datenträger voll, schreibgeschützt oder defekt ist.",
			"Please check whether the disk is full, read-only or failing.").Wrap(err)
}

// corrupt names the file that does not verify.
func corrupt(name string, err error) error {
	if name == "" {
		name = "?"
	}
	name = filepath.ToSlash(name)
	return problem.Newf(problem.Corrupt,
		"Im Tresor ist eine Datei beschädigt oder verändert: %s.",
		"A file in the vault is damaged or was changed: %s.", name).
		WithHint("Bitte diese Datei aus einer Sicherung zurückholen und den Datenträger prüfen.",
			"Please restore this file from a backup and check the disk.").Wrap(err)
}

// named keeps the name of the file with an oversized one.
func named(rel string, err error) error {
	if errors.Is(err, errShort) {
		return corrupt(rel, err)
	}
	return err
}
