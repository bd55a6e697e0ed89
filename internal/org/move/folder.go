package move

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

func origin(slug string) string { return "augenmass/" + slug }

// openJournal opens the journal of a folder, which locks it.
func (o *Options) openJournal(dir string) (*ledger.Journal, error) {
	return ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: origin(o.Slug),
		KeyFile: filepath.Join(dir, "keys", "journal.key"), Now: o.Now})
}

// openFolder opens journal, vault and database of a folder.
func (o *Options) openFolder(ctx context.Context, dir string, master []byte) (r *record, err error) {
	r = &record{master: master}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	journal, err := o.openJournal(dir)
	if err != nil {
		return r, err
	}
	r.closeWith(journal)
	r.journal = journal
	tree, err := vault.Files(filepath.Join(dir, "vault"))
	if err != nil {
		return r, err
	}
	r.tree = tree
	so, err := org.Stored(org.Options{Dir: dir, Slug: o.Slug, Library: o.Library, Now: o.Now})
	if err != nil {
		return r, err
	}
	if r.db, err = store.Open(ctx, so); err != nil {
		return r, err
	}
	r.closeWith(r.db)
	return r, nil
}

// sourceFolder opens a folder that was in use.
func (o *Options) sourceFolder(ctx context.Context) (r *record, err error) {
	dir := o.From.Dir
	for _, part := range []string{"org.json", "org.db", "journal", "vault/root", "keys/journal.key", "keys/seal.key"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(part))); err != nil {
			return nil, problem.Newf(problem.BadInput, "Im Ordner „%s“ liegt keine Organisation: %s fehlt.", "The folder '%s' holds no organisation: %s is missing.", dir, part).Wrap(err)
		}
	}
	if o.MasterKeyFile == "" {
		file := filepath.Join(dir, "keys", "master.key")
		if _, err := os.Stat(file); err == nil {
			o.MasterKeyFile = file
		}
	}
	master, err := o.masterKey()
	if err != nil {
		return nil, err
	}
	if r, err = o.openFolder(ctx, dir, master); err != nil {
		return nil, err
	}
	if r.house, err = org.ReadFolder(dir); err == nil {
		r.house.Verifier = r.journal.VerifierKey()
		err = o.fits(r)
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// fits proves that the master key opens the vault of a record, and finishes a
// change of it that was interrupted. The vault then closes the tree.
func (o *Options) fits(r *record) error {
	v, err := vault.Open(vault.Options{Tree: r.tree, MasterKey: r.master, Now: o.Now})
	if err == nil {
		r.closeWith(v)
	}
	return err
}

// folderTarget makes a folder beside its final place.
type folderTarget struct {
	o          *Options
	dir, final string
}

func (o *Options) newFolder() (*folderTarget, error) {
	final, err := filepath.Abs(o.To.Dir)
	if err != nil {
		return nil, notWritable(err)
	}
	if _, err := os.Lstat(final); err == nil {
		return nil, problem.Newf(problem.Conflict, "Den Ordner „%s“ gibt es schon.", "The folder '%s' exists already.", final).
			WithHint("Nichts wird überschrieben. Bitte einen Ordner angeben, den es noch nicht gibt.", "Nothing is overwritten. Please give a folder that does not exist yet.")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, notWritable(err)
	}
	return &folderTarget{o: o, final: final}, nil
}

func (t *folderTarget) open(ctx context.Context, from *record) (*record, error) {
	parent := filepath.Dir(t.final)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, notWritable(err)
	}
	dir, err := os.MkdirTemp(parent, ".moving-*") // mode 0700
	if err != nil {
		return nil, notWritable(err)
	}
	t.dir = dir
	if err := org.WriteFolder(dir, from.house); err != nil { // the journal needs its key
		return nil, err
	}
	if err := t.o.newJournal(dir, from.journal); err != nil {
		return nil, err
	}
	return t.o.openFolder(ctx, dir, from.master)
}

// newJournal makes an empty journal whose present key is the last of the
// source's list, and gives it that list. Until the entries follow, the list
// names places that are not there yet; nobody reads it by then.
func (o *Options) newJournal(dir string, from book) error {
	j, err := ledger.Open(ledger.Options{Dir: filepath.Join(dir, "journal"), Origin: from.Origin(),
		KeyFile: filepath.Join(dir, "keys", "journal.key"), Now: o.Now})
	if err != nil {
		return err
	}
	if err := j.Close(); err != nil {
		return err
	}
	file := filepath.Join(dir, "journal", "log", proof.KeysFile)
	if err := os.Remove(file); err != nil {
		return notWritable(err)
	}
	return writeNew(file, string(proof.FormatKeys(from.Keys())))
}

func (t *folderTarget) fill(ctx context.Context, from, to *record, _ []byte) error {
	return appendEntries(ctx, from.journal, to.journal, from.journal.Size())
}

// settle takes the sealed keys out of the database and puts the master key
// where the folder's server looks for it, unless it comes from the environment.
func (t *folderTarget) settle(ctx context.Context, from, to *record, _ Proof) (Proof, error) {
	ctx = store.WithActor(ctx, store.Actor{Kind: store.System})
	if err := to.db.Write(ctx, func(tx *store.Tx) error { return org.ClearHouse(ctx, tx) }); err != nil {
		return Proof{}, err
	}
	if err := t.o.fits(to); err != nil {
		return Proof{}, err
	}
	if os.Getenv(t.o.MasterKeyEnv) == "" {
		if err := writeNew(filepath.Join(t.dir, "keys", "master.key"), base64.StdEncoding.EncodeToString(from.master)+"\n"); err != nil {
			return Proof{}, err
		}
	}
	return prove(ctx, to)
}

func (t *folderTarget) masterFile() string {
	file := filepath.Join(t.final, "keys", "master.key")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

func (t *folderTarget) finish(context.Context) error {
	if _, err := os.Lstat(t.final); err == nil {
		return problem.Newf(problem.Conflict, "Den Ordner „%s“ hat inzwischen jemand angelegt.", "Somebody made the folder '%s' meanwhile.", t.final)
	}
	err := os.Rename(t.dir, t.final)
	if err == nil {
		t.dir = ""
		err = syncDir(filepath.Dir(t.final))
	}
	if err != nil {
		return notWritable(err)
	}
	return nil
}

func (t *folderTarget) remove(context.Context) error {
	if t.dir == "" {
		return nil
	}
	return os.RemoveAll(t.dir)
}

// writeNew writes a new file that only its owner can read, and flushes it.
func writeNew(file, content string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return notWritable(err)
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = syncDir(filepath.Dir(file))
	}
	if err != nil {
		return notWritable(err)
	}
	return nil
}

func notWritable(err error) error {
	return problem.New(problem.Unavailable, "Der Ordner des Ziels lässt sich nicht anlegen oder beschreiben.", "The target's folder cannot be made or written.").
		WithHint("Bitte Rechte und freien Speicherplatz prüfen.", "Please check permissions and free space.").Wrap(err)
}
