package org

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/catalogue"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/document"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/operate/identity/roles"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/trail"
	"augenmass/internal/org/folder"
	"augenmass/internal/org/rooms"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// source names the origin of journal entries of one room.
func (g *Org) source(room string) string { return "/" + g.Slug + "/" + room }

// openRecord opens keys, journal, vault and database, and the rooms that lie
// directly over them.
func (g *Org) openRecord(ctx context.Context) error {
	g.declare()
	open := g.openFolder
	if g.o.Database != "" {
		open = g.openSchema
	}
	master, err := open(ctx, "augenmass/"+g.Slug)
	if err != nil {
		return err
	}
	g.Approve = approve.New(g.Inventory, g.Classify, g.Assess, g.Agreements, approve.Options{Organisation: g.Name,
		Source: g.source("approve"), Now: g.o.Now, Rand: g.o.Rand, Signer: g.Seal, Changed: g.permitChanged,
		Sources: g.Rooms.Sources(), Holding: holding{}, UseCases: g.UseCases, Assertion: g.assertion})
	return g.openIdentity(master)
}

// declare makes the rooms whose kinds and tables the database has; it opens
// nothing.
func (g *Org) declare() {
	g.Inventory = inventory.New(g.o.Now)
	g.Assess = assess.New(g.o.Library, g.o.Now)
	g.Classify = classify.New(g.o.Library, g.o.Now)
	g.Controls = control.New(g.Library, roles.Role("").Values(), g.o.Now)
	g.Documents = document.New(g.Library)
	g.Catalogue = catalogue.New(g.o.Library, g.o.Now, g.o.Rand)
	g.Agreements, g.UseCases = voice.Agreements(), value.UseCases()
	g.Rooms = rooms.New(rooms.Needs{Library: g.Library, Inventory: g.Inventory, Classify: g.Classify, Assess: g.Assess, Now: g.o.Now, Rand: g.o.Rand,
		Seal: func() (note.Signer, string) { return g.Seal, g.SealKey }})
	g.Duty = duty.New(g.Library, g.Inventory, g.Classify, g.o.Now, g.rests().Sources())
	g.Trail = trail.New(g.docThen)
}

// openFolder opens what lies in the organisation's folder. The journal comes
// first: its lock keeps a second process away from all of it.
func (g *Org) openFolder(ctx context.Context, origin string) (master []byte, err error) {
	if g.Name, err = folder.Name(g.o.Dir, g.o.Name); err != nil {
		return nil, err
	}
	keys := filepath.Join(g.o.Dir, "keys")
	if err := errors.Join(os.MkdirAll(keys, 0o700), writable(g.o.Dir)); err != nil {
		return nil, folder.Unusable(err)
	}
	journal, err := ledger.Open(ledger.Options{Dir: filepath.Join(g.o.Dir, "journal"), Origin: origin,
		KeyFile: filepath.Join(keys, "journal.key"), Now: g.o.Now, PublishEvery: g.o.Publish})
	if err != nil {
		return nil, err
	}
	g.Journal = journal
	tree, err := vault.Files(filepath.Join(g.o.Dir, "vault"))
	if err != nil {
		return nil, err
	}
	used, err := vault.Used(ctx, tree)
	if err != nil {
		return nil, err
	}
	if master, err = g.masterKey(!used); err != nil {
		return nil, err
	}
	if g.Vault, err = vault.Open(vault.Options{Tree: tree, MasterKey: master, Now: g.o.Now}); err != nil {
		return nil, err
	}
	if g.Seal, g.SealKey, err = folder.SealKey(filepath.Join(keys, "seal.key"), origin+"/seal", journal.Size() == 0); err != nil {
		return nil, err
	}
	g.DB, err = store.Open(ctx, g.storeOptions())
	return master, err
}

// storeOptions say which kinds and tables the organisation has, and where.
func (g *Org) storeOptions() store.Options {
	o := store.Options{Kinds: g.kinds(), Tables: g.tables(), Access: identity.Access, Source: g.source("store"), Now: g.o.Now, Rand: g.o.Rand}
	if g.o.Database != "" {
		o.Database, o.Schema = g.o.Database, Schema(g.Slug)
	} else {
		o.Path = filepath.Join(g.o.Dir, "org.db")
	}
	return o
}

func (g *Org) kinds() []store.AnyKind {
	all := append(identity.Kinds(), passkey.Kinds()...)
	all = append(all, g.Inventory.Kinds()...)
	all = append(all, g.Assess.Kinds()...)
	all = append(all, g.Classify.Kinds()...)
	all = append(all, g.Controls.Kinds()...)
	all = append(append(all, g.Duty.Kinds()...), g.Documents.Kinds()...)
	all = append(all, g.Catalogue.Kinds()...)
	all = append(all, g.Rooms.Kinds()...)
	return append(all, approve.Approvals(), approve.Permits(), g.Agreements, g.UseCases)
}

// docThen is a record as it was at an instant, for the files of systems.
func (g *Org) docThen(ctx context.Context, rd store.Reader, kind, id string, at time.Time) (string, json.RawMessage, error) {
	g.byNameOnce.Do(func() {
		g.byName = map[string]store.AnyKind{}
		for _, k := range g.kinds() {
			g.byName[k.Name()] = k
		}
	})
	k, ok := g.byName[kind]
	if !ok {
		return "", nil, problem.Newf(problem.NotFound, "Die Art „%s“ gibt es nicht.", "There is no kind %s.", kind)
	}
	o, err := k.AsOfJSON(ctx, rd, id, at)
	return o.Title, o.Doc, err
}

func (g *Org) tables() []store.AnyTable {
	all := append(append(identity.Tables(), passkey.Tables()...), oversee.Tables()...)
	all = append(all, g.Rooms.Tables()...)
	return append(append(all, g.Trail.Tables()...), houseTable())
}

func (g *Org) openIdentity(master []byte) (err error) {
	key, err := hkdf.Expand(sha256.New, master, "augenmass org v1 identity", 32)
	if err != nil {
		return err
	}
	g.Identity, err = identity.New(identity.Options{DB: g.DB, Key: key, Source: g.source("identity"), Issuer: "Augenmass " + g.Name,
		Now: g.o.Now, Log: g.o.Log, Hash: g.o.Hash})
	if err != nil {
		return err
	}
	g.openPasskeys()
	salt, err := hkdf.Expand(sha256.New, master, "augenmass org v1 gateway salt", 32)
	if err != nil {
		return err
	}
	g.facts.salt = salt
	return nil
}
