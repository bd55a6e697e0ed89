package move

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Online copies an organisation from its schema into a new folder while nodes
// work on it; it is meant for backups, not for serving: the source goes on.
//
// Nothing is locked, and no lead is taken unless nobody leads and the journal
// has unpublished entries. What refers to something is copied before it: one
// state of the database; then the journal up to a checkpoint that was signed
// after that state was read, so that it holds every place that the database
// knows; then the vault's blobs, and the keys of their subjects. So everything
// that was acknowledged before Online began is in the folder. The journal's
// entries are checked against the signed checkpoint, and the folder signs no
// other tree. The folder gets journal and seal key, and no master key.
//
// Errors: problem.NotFound when the schema holds no organisation, problem.Denied
// for another master key, problem.Conflict when keys were changed meanwhile or
// the folder exists, problem.Corrupt for what does not verify,
// problem.Unavailable when the database does not answer or the folder cannot be
// written. After an error there is no folder.
func Online(ctx context.Context, o Options) (name string, err error) {
	if err := o.complete(); err != nil {
		return "", err
	}
	if o.From.Database == "" {
		return "", problem.New(problem.BadInput, "Im Betrieb kopiert wird aus einer Datenbank in einen Ordner.", "A copy of what is in use goes from a database into a folder.")
	}
	to, err := o.newFolder()
	if err != nil {
		return "", err
	}
	from, _, err := o.openSchema(ctx)
	if err != nil {
		return "", err
	}
	from.closeWith(from.tree)
	err = o.online(ctx, from, to)
	if err = errors.Join(err, from.close()); err == nil {
		err = to.finish(ctx)
	}
	if err != nil {
		return "", errors.Join(err, to.remove(context.WithoutCancel(ctx)))
	}
	return from.house.Name, nil
}

// online fills a folder from an open source.
func (o *Options) online(ctx context.Context, from *record, to *folderTarget) (err error) {
	root, err := from.tree.Read(ctx, vaultRoot, maxBlob)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return problemOf(err)
	}
	made, err := to.open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.close()) }()
	if err := store.Copy(ctx, from.db, made.db); err != nil {
		return err
	}
	if err := copyPublished(ctx, from, made, to); err != nil {
		return err
	}
	if err := copyLiving(ctx, from.tree, made.tree); err != nil {
		return err
	}
	if err := sameKeys(ctx, from, root); err != nil {
		return err
	}
	system := store.WithActor(ctx, store.Actor{Kind: store.System})
	if err := made.db.Write(system, func(tx *store.Tx) error { return org.ClearHouse(ctx, tx) }); err != nil {
		return err
	}
	return o.fits(made)
}

// copyPublished publishes the journal and copies what the checkpoint covers.
func copyPublished(ctx context.Context, from, made *record, to *folderTarget) error {
	checkpoint, err := from.journal.Publish(ctx)
	if err != nil {
		return err
	}
	want, err := proof.ParseCheckpoint(checkpoint, from.journal.VerifierKey())
	if err != nil {
		return err
	}
	ended := *from
	ended.journal = published{from.journal, want.Size}
	if err := to.fill(ctx, &ended, made, checkpoint); err != nil {
		return err
	}
	msg, err := made.journal.Publish(ctx)
	if err != nil {
		return err
	}
	have, err := proof.ParseCheckpoint(msg, made.journal.VerifierKey())
	if err != nil {
		return err
	}
	if have.Size != want.Size || have.Root != want.Root {
		return problem.Newf(problem.Corrupt, "Die kopierten %d Einträge des Journals ergeben nicht den Baum seines Prüfpunkts über %d.",
			"The %d copied entries of the journal do not yield the tree of its checkpoint over %d.", have.Size, want.Size).
			Wrap(fmt.Errorf("%s and %s", have.Root, want.Root))
	}
	return nil
}

// published is a journal that ends at a checkpoint, while others append to it.
type published struct {
	book
	size uint64
}

func (p published) Size() uint64 { return p.size }

// vaultRoot names the blob that says which master keys are in force.
const vaultRoot = "root"

// copyLiving copies the blobs of a vault in use, payloads before keys. What was
// swept since it was listed is left out.
func copyLiving(ctx context.Context, from, to vault.Tree) error {
	for _, part := range []string{"blobs/", "keys/", vaultRoot} {
		err := from.Walk(ctx, part, 0, func(e vault.Entry) error {
			data, err := readBlob(ctx, from, e)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			return to.Create(ctx, e.Name, data)
		})
		if err != nil {
			return problemOf(err)
		}
	}
	return nil
}

// sameKeys refuses a copy that began under some keys and ended under others.
func sameKeys(ctx context.Context, from *record, root []byte) error {
	now, err := from.tree.Read(ctx, vaultRoot, maxBlob)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return problemOf(err)
	}
	house, _, err := org.ReadHouse(ctx, from.db, from.master)
	changed := string(now) != string(root)
	if err != nil && !changed {
		return err
	}
	if changed || !reflect.DeepEqual(house, from.house) {
		return problem.New(problem.Conflict, "Während der Kopie wurde ein Schlüssel oder der Name gewechselt.", "A key or the name was changed during the copy.").
			WithHint("Bitte noch einmal versuchen.", "Please try again.").Wrap(err)
	}
	return nil
}
