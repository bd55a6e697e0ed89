package vault

import (
	"errors"
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

// write makes a file durable under its final name, which place gives it:
// either all of it is there after a crash, or nothing. The temporary file lies
// in tmp.
func (d disk) write(tmp string, data []byte, path string, place func(from, to string) error) (err error) {
	f, err := d.createTemp(tmp, "new-*") // mode 0600
	if err != nil {
		return err
	}
	name := f.Name()
	defer func() {
		if err != nil {
			if rerr := ignoreMissing(os.Remove(name)); rerr != nil {
				err = errors.Join(err, rerr)
			}
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
	if err = place(name, path); err != nil {
		return err
	}
	// After a failed flush nobody knows what is on disk. The caller hears of a
	// failure; a name that survived all the same is referred to by nobody.
	return d.syncDir(filepath.Dir(path))
}

// unavailable is what a failing disk looks like to a reader. A problem passes
// through; an oversized blob is corruption, not a failing disk.
func unavailable(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, ErrTooLong) {
		return corrupt("", err)
	}
	return problem.New(problem.Unavailable,
		"Der Tresor kann gerade nicht lesen oder schreiben.", "The vault cannot read or write right now.").
		WithHint("Bitte prüfen, ob der Datenträger voll, schreibgeschützt oder defekt ist.",
			"Please check whether the disk is full, read-only or failing.").Wrap(err)
}

// corrupt names the blob that does not verify.
func corrupt(name string, err error) error {
	if name == "" {
		name = "?"
	}
	return problem.Newf(problem.Corrupt,
		"Im Tresor ist eine Datei beschädigt oder verändert: %s.",
		"A file in the vault is damaged or was changed: %s.", name).
		WithHint("Bitte diese Datei aus einer Sicherung zurückholen und den Datenträger prüfen.",
			"Please restore this file from a backup and check the disk.").Wrap(err)
}

// named keeps the name of the blob with an oversized one.
func named(name string, err error) error {
	if errors.Is(err, ErrTooLong) {
		return corrupt(name, err)
	}
	return err
}
