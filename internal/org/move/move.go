// Package move copies an organisation from a folder into a schema of PostgreSQL
// or back, and proves that nothing got lost or changed.
//
// It takes everything that an organisation is: objects with their history,
// links, queues and read models; the journal, entry by entry, under the same
// name and keys; the vault's blobs as they are, sealed; name and keys. Only the
// master key is nobody's but the nodes': a folder gets a copy of the key file
// that opened the source, a database never does.
//
// The source must be at rest: a folder that is open, or a schema that has a
// leading node, is refused, and the copy holds folder lock or lead until it
// ends. The target must not exist. It is made under another name, beside a
// folder or in the same database, and gets its own only when journal, database
// and vault were read again from it and have the source's hashes. Whatever goes
// wrong before that removes it.
//
// The source stays as it is. Serving both would make two journals of one name
// and key, so the copy that is not used any more must be put away.
//
// Online is the exception for backups: a copy of a schema into a folder while
// nodes go on working, of one state and without a lock.
//
// A journal whose key was changed, or that goes on under another name after a
// restore, takes the list of its keys along: on both sides every handover is
// checked against the entries (proof.Chain). Who witnesses a folder's journal
// (journal/witnesses) does not move: each node reads that file in its own folder.
package move

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Place is where an organisation lies: a folder or a database.
type Place struct {
	Dir      string // the organisation's own folder
	Database string // "postgres://…"; the schema follows from the slug
}

// Options say what goes where. Slug, Library, From and To are required; one of
// From and To is a folder, the other a database.
type Options struct {
	Slug     string
	From, To Place
	Library  *packs.Library

	MasterKeyFile string // default: keys/master.key of the folder when it is the source
	MasterKeyEnv  string // default AUGENMASS_MASTER_KEY; wins over the file

	Patience time.Duration    // how long to wait for the lead of a schema; default 5 s
	Now      func() time.Time // default time.Now
}

// Proof is what source and target have in common, computed from each.
type Proof struct {
	Entries uint64 `json:"entries"`      // of the journal
	Root    string `json:"root"`         // of its tree, Base64 as in checkpoints
	Objects string `json:"objects"`      // hash over the database without the house, see store.Digest
	Blobs   int    `json:"blobs"`        // in the vault, keys included
	Vault   string `json:"vault"`        // hash over their names and contents
	Origin  string `json:"origin"`       // name of the journal
	Key     string `json:"verifier_key"` // of the journal, the present one
	Keys    string `json:"keys"`         // all its keys, as in log/keys, proven from the entries
}

// Done is a finished move.
type Done struct {
	Name string `json:"name"` // of the organisation
	Slug string `json:"slug"`
	Proof
	MasterKey string `json:"master_key,omitempty"` // file of the target's folder, if one was written
}

// record is an organisation's record without its rooms: open, at rest, and
// locked as far as its place allows.
type record struct {
	house   org.House
	master  []byte
	db      *store.DB
	journal book
	tree    vault.Tree
	closers []io.Closer // in the order of opening
}

// book is a journal that knows the keys it had.
type book interface {
	ledger.Book
	Keys() []proof.Key
}

func (r *record) closeWith(c io.Closer) { r.closers = append(r.closers, c) }

// close closes in the opposite order of opening. It may be called again.
func (r *record) close() (err error) {
	for i := len(r.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, r.closers[i].Close())
	}
	r.closers = nil
	return err
}

// target is a place in the making.
type target interface {
	// open makes an empty record for the house and the master key of the source.
	open(ctx context.Context, from *record) (*record, error)
	// fill copies the journal.
	fill(ctx context.Context, from, to *record, checkpoint []byte) error
	// settle writes name and keys where they belong and returns what was proven
	// of the record without them.
	settle(ctx context.Context, from, to *record, same Proof) (Proof, error)
	// finish gives the place its name; the record is closed.
	finish(ctx context.Context) error
	// remove takes everything away again.
	remove(ctx context.Context) error
	// masterFile is the file of the finished target that holds the master key.
	masterFile() string
}

// Move copies an organisation. On an error there is no target; if even that
// cannot be had the problem says so.
func Move(ctx context.Context, o Options) (done Done, err error) {
	if err := o.complete(); err != nil {
		return done, err
	}
	to, err := o.target(ctx)
	if err != nil {
		return done, err
	}
	from, err := o.source(ctx)
	if err != nil {
		return done, err
	}
	return o.run(ctx, from, to)
}

// run fills a target from an open source, which it closes.
func (o *Options) run(ctx context.Context, from *record, to target) (done Done, err error) {
	defer func() { err = errors.Join(err, from.close()) }()
	done = Done{Name: from.house.Name, Slug: o.Slug}
	if done.Proof, err = o.copy(ctx, from, to); err == nil {
		err = to.finish(ctx)
	}
	if err != nil {
		// Interrupted or not: what was made has to go.
		return Done{}, removed(err, to.remove(context.WithoutCancel(ctx)))
	}
	done.MasterKey = to.masterFile()
	return done, nil
}

func (o *Options) complete() error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Patience <= 0 {
		// Longer than a node needs to give the lead up, shorter than people wait.
		o.Patience = 5 * time.Second
	}
	if o.MasterKeyEnv == "" {
		o.MasterKeyEnv = "AUGENMASS_MASTER_KEY"
	}
	if !org.ValidSlug(o.Slug) {
		return problem.Newf(problem.BadInput, "„%s“ kann keine Organisation benennen.", "'%s' cannot name an organisation.", o.Slug)
	}
	folders := 0
	for _, p := range []Place{o.From, o.To} {
		if (p.Dir == "") == (p.Database == "") {
			return problem.New(problem.BadInput, "Quelle und Ziel sind je ein Ordner oder eine Datenbank.", "Source and target are each a folder or a database.")
		}
		if p.Dir != "" {
			folders++
		}
	}
	if folders != 1 {
		return problem.New(problem.BadInput, "Umgezogen wird zwischen einem Ordner und einer Datenbank.", "A move goes between a folder and a database.").
			WithHint("Ein Ordner zieht um, indem man ihn verschiebt; eine Datenbank mit den Mitteln von PostgreSQL.",
				"A folder is moved like any folder; a database with the means of PostgreSQL.")
	}
	return nil
}

// masterKey reads the master key of the source; it never makes one.
func (o *Options) masterKey() ([]byte, error) {
	if o.MasterKeyFile == "" && os.Getenv(o.MasterKeyEnv) == "" {
		return nil, problem.New(problem.BadInput, "Ohne den Hauptschlüssel der Organisation lässt sie sich nicht kopieren.",
			"Without the organisation's master key it cannot be copied.").
			WithHint("Bitte mit --master-key oder in AUGENMASS_MASTER_KEY angeben.", "Please give it with --master-key or in AUGENMASS_MASTER_KEY.")
	}
	return vault.LoadMasterKey(o.MasterKeyFile, o.MasterKeyEnv, true)
}

// copy fills the target and proves from both sides that they are the same.
func (o *Options) copy(ctx context.Context, from *record, to target) (p Proof, err error) {
	checkpoint, err := from.journal.Publish(ctx)
	if err != nil {
		return p, err
	}
	made, err := to.open(ctx, from)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, made.close()) }()
	if err := to.fill(ctx, from, made, checkpoint); err != nil {
		return p, err
	}
	if err := store.Copy(ctx, from.db, made.db); err != nil {
		return p, err
	}
	if err := copyBlobs(ctx, from.tree, made.tree); err != nil {
		return p, err
	}
	same, err := compare(ctx, from, made)
	if err != nil {
		return p, err
	}
	return to.settle(ctx, from, made, same)
}

// compare reads both sides and names the first part that differs.
func compare(ctx context.Context, from, made *record) (Proof, error) {
	a, err := prove(ctx, from)
	if err != nil {
		return a, err
	}
	b, err := prove(ctx, made)
	if err != nil {
		return a, err
	}
	switch {
	case a.Origin != b.Origin || a.Key != b.Key || a.Keys != b.Keys || a.Entries != b.Entries || a.Root != b.Root:
		return a, differs("Journal", "journal", a.Root, b.Root)
	case a.Objects != b.Objects:
		return a, differs("Datenbank", "database", a.Objects, b.Objects)
	case a.Vault != b.Vault || a.Blobs != b.Blobs:
		return a, differs("Tresor", "vault", a.Vault, b.Vault)
	}
	return a, nil
}

func differs(de, en, a, b string) error {
	return problem.New(problem.Corrupt, "Quelle und Ziel sind nicht gleich: "+de+".", "Source and target are not the same: "+en+".").
		WithHint("Hat während des Umzugs noch jemand geschrieben? Bitte alle Knoten anhalten und es wiederholen.",
			"Did somebody write during the move? Please stop all nodes and repeat it.").Wrap(errors.New(a + " and " + b))
}

// removed adds to an error what became of the target.
func removed(err, removing error) error {
	p := problem.From(err)
	q := *p
	if removing != nil {
		q.Say.DE += " Das angefangene Ziel ließ sich nicht entfernen; es trägt noch nicht den Namen der Organisation."
		q.Say.EN += " The unfinished target could not be removed; it does not yet bear the organisation's name."
		return q.Wrap(errors.Join(p.Err, removing))
	}
	if p.Kind != problem.Internal {
		q.Say.DE += " Das Ziel wurde wieder entfernt, die Quelle ist unverändert."
		q.Say.EN += " The target was removed again, the source is unchanged."
	}
	return &q
}
