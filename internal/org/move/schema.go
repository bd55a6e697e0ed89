package move

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/org"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger/proof"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/blobs"
	"augenmass/internal/record/store/relocate"
	"augenmass/internal/record/store/sequence"
)

func (o *Options) source(ctx context.Context) (*record, error) {
	if o.From.Dir != "" {
		return o.sourceFolder(ctx)
	}
	return o.sourceSchema(ctx)
}

func (o *Options) target(ctx context.Context) (target, error) {
	if o.To.Dir != "" {
		return o.newFolder()
	}
	s, err := relocate.Begin(ctx, o.To.Database, org.Schema(o.Slug))
	if err != nil {
		return nil, err
	}
	return &schemaTarget{o: o, made: s}, nil
}

// openStore opens the database of a record.
func (o *Options) openStore(ctx context.Context, r *record, database, schema string) error {
	so, err := org.Stored(org.Options{Database: database, Slug: o.Slug, Library: o.Library, Now: o.Now})
	if err != nil {
		return err
	}
	so.Schema = schema
	if r.db, err = store.Open(ctx, so); err != nil {
		return err
	}
	r.closeWith(r.db)
	return nil
}

// openSequence opens journal and vault of a record whose house is known. keys
// are those of a journal that is taken over; nil: the schema knows them.
func (o *Options) openSequence(ctx context.Context, r *record, database, schema string, keys []proof.Key) (*sequence.Journal, error) {
	signer, err := note.NewSigner(strings.TrimSpace(r.house.JournalKey))
	if err != nil {
		return nil, problem.New(problem.Corrupt, "Der Signierschlüssel des Journals ist unlesbar.", "The journal's signing key is unreadable.").Wrap(err)
	}
	j, err := sequence.Open(ctx, sequence.Options{Database: database, Schema: schema, Origin: origin(o.Slug),
		Signer: signer, VerifierKey: r.house.Verifier, Keys: keys, PublishEvery: -1, Now: o.Now})
	if err != nil {
		return nil, err
	}
	r.journal = j
	r.closeWith(j)
	tree, err := blobs.Open(ctx, blobs.Options{Database: database, Schema: schema})
	if err != nil {
		return nil, err
	}
	r.tree = tree
	return j, nil
}

// openSchema opens a schema that was in use, with its house and its journal.
func (o *Options) openSchema(ctx context.Context) (_ *record, _ *sequence.Journal, err error) {
	schema := org.Schema(o.Slug)
	there, err := relocate.Exists(ctx, o.From.Database, schema)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		return nil, nil, noOrganisation(schema, nil)
	}
	r := &record{}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.master, err = o.masterKey(); err != nil {
		return nil, nil, err
	}
	if err := o.openStore(ctx, r, o.From.Database, schema); err != nil {
		return nil, nil, err
	}
	house, ok, err := org.ReadHouse(ctx, r.db, r.master)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, noOrganisation(schema, errors.New("no house"))
	}
	r.house = house
	j, err := o.openSequence(ctx, r, o.From.Database, schema, nil)
	return r, j, err
}

// sourceSchema opens a schema that was in use and takes its lead.
func (o *Options) sourceSchema(ctx context.Context) (_ *record, err error) {
	r, j, err := o.openSchema(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if err := o.fits(r); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, o.Patience)
	defer cancel()
	lead, err := j.Lead(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil, problem.New(problem.Conflict, "Die Organisation ist in Gebrauch: Ein Knoten führt sie.", "The organisation is in use: a node leads it.").
			WithHint("Bitte alle Knoten anhalten, die sie bedienen.", "Please stop all nodes that serve it.").Wrap(err)
	}
	if err != nil {
		return nil, err
	}
	r.closeWith(releaser{lead})
	return r, nil
}

type releaser struct{ lead *sequence.Lead }

func (r releaser) Close() error { r.lead.Release(); return nil }

func noOrganisation(schema string, err error) error {
	return problem.Newf(problem.NotFound, "Im Schema „%s“ der Datenbank liegt keine Organisation.", "The schema '%s' of the database holds no organisation.", schema).
		WithHint("Bitte Adresse und Kurznamen (--org) prüfen.", "Please check address and short name (--org).").Wrap(err)
}

// schemaTarget makes a schema under another name.
type schemaTarget struct {
	o    *Options
	made *relocate.Schema
	into *sequence.Journal
}

func (t *schemaTarget) open(ctx context.Context, from *record) (r *record, err error) {
	r = &record{house: from.house, master: from.master}
	database, schema := t.o.To.Database, t.made.Name()
	if err = t.o.openStore(ctx, r, database, schema); err == nil {
		t.into, err = t.o.openSequence(ctx, r, database, schema, from.journal.Keys())
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.closeWith(r.tree)
	return r, nil
}

func (t *schemaTarget) fill(ctx context.Context, from, _ *record, checkpoint []byte) error {
	return sequence.Import(ctx, t.into, from.journal.Entries(ctx, 0, from.journal.Size()), checkpoint)
}

// settle writes name and sealed keys into the database.
func (t *schemaTarget) settle(ctx context.Context, from, to *record, same Proof) (Proof, error) {
	ctx = store.WithActor(ctx, store.Actor{Kind: store.System})
	err := to.db.Write(ctx, func(tx *store.Tx) error { return org.WriteHouse(ctx, tx, from.house, from.master) })
	return same, err
}

func (t *schemaTarget) finish(ctx context.Context) error { return t.made.Finish(ctx) }
func (t *schemaTarget) masterFile() string               { return "" }
func (t *schemaTarget) remove(ctx context.Context) error { return t.made.Drop(ctx) }
