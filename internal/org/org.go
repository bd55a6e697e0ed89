// Package org is one organisation: one folder with its database, journal,
// vault and keys, and every room of the house wired over it. It opens them in
// the right order, keeps the loops running that join them, and closes them.
//
// It decides nothing and shows nothing. What is served over it lies in serve,
// what is proven from it in prove; a server opens as many organisations as
// there are folders, and nothing leads from one to another.
//
//	<folder>/org.json    name
//	<folder>/org.db      objects, history, queues, read models
//	<folder>/journal/    write-ahead log, tiles, checkpoint
//	<folder>/vault/      encrypted payloads
//	<folder>/keys/       master, journal and seal key
package org

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/value"
	"augenmass/internal/govern/voice"
	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/gateway"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/plant"
	"augenmass/internal/operate/trail"
	"augenmass/internal/permit"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Options open one organisation. Dir, Slug and Library are required.
type Options struct {
	Dir     string // the organisation's folder
	Slug    string // in addresses: lower-case letters, digits, dash
	Name    string // as people call it; empty: what org.json says
	Library *packs.Library

	MasterKeyFile string // default <Dir>/keys/master.key
	MasterKeyEnv  string // default AUGENMASS_MASTER_KEY; wins over the file

	Now      func() time.Time
	Rand     io.Reader
	Log      *slog.Logger
	Window   int           // rows of a drift window; 0: the monitor's default
	PlantAge time.Duration // how long a plant signal counts; 0: the plant's default
	Publish  time.Duration // between two checkpoints; 0: the journal's default
	Hash     secret.Params // zero: identity's default
}

// Org is an open organisation. Its rooms are safe for many callers.
type Org struct {
	Slug, Name string
	Packs      *packs.Library
	Journal    ledger.Book
	DB         *store.DB
	Vault      *vault.Vault
	Seal       note.Signer
	SealKey    string

	Inventory  *inventory.Room
	Assess     *assess.Room
	Classify   *classify.Room
	Approve    *approve.Room
	Agreements *store.Kind[voice.Agreement]
	UseCases   *store.Kind[value.UseCase]

	Identity *identity.Service
	Point    *decide.Point
	Gateway  *gateway.Gateway
	Oversee  *oversee.Queue
	Monitor  *monitor.Monitor
	Plant    *plant.Plant
	Trail    *trail.Trail

	o        Options
	facts    *facts
	measured measured
	binding  sync.RWMutex // see steady
	stop     context.CancelFunc
	loops    sync.WaitGroup
	closing  sync.Once
	closed   error

	unreadMu sync.Mutex
	unread   map[string]bool // systems whose permit is off because it could not be compiled
}

// Open opens the organisation of a folder and starts its loops. The folder is
// made when it does not exist. A second process on the same folder gets a
// Conflict.
func Open(ctx context.Context, o Options) (_ *Org, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	g := &Org{Slug: o.Slug, Packs: o.Library, o: o, facts: newFacts(), unread: map[string]bool{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if g.Name, err = organisationName(o.Dir, o.Name); err != nil {
		return nil, err
	}
	if err = g.openRecord(ctx); err != nil {
		return nil, err
	}
	if err = g.openRooms(ctx); err != nil {
		return nil, err
	}
	if err = g.settle(ctx); err != nil {
		return nil, err
	}
	g.start()
	return g, nil
}

func (o *Options) complete() error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MasterKeyFile == "" {
		o.MasterKeyFile = filepath.Join(o.Dir, "keys", "master.key")
	}
	if o.MasterKeyEnv == "" {
		o.MasterKeyEnv = "AUGENMASS_MASTER_KEY"
	}
	if !slug.MatchString(o.Slug) {
		return badSlug(o.Slug)
	}
	if o.Library == nil {
		return fmt.Errorf("org: no library of content packs")
	}
	return nil
}

// source names the origin of journal entries of one room.
func (g *Org) source(room string) string { return "/" + g.Slug + "/" + room }

// openRecord opens journal, vault and database. The journal comes first: its
// lock keeps a second process away from the whole folder.
func (g *Org) openRecord(ctx context.Context) (err error) {
	keys := filepath.Join(g.o.Dir, "keys")
	origin := "augenmass/" + g.Slug
	if err := errors.Join(os.MkdirAll(keys, 0o700), writable(g.o.Dir)); err != nil {
		return noFolder(err)
	}
	if g.Journal, err = ledger.Open(ledger.Options{Dir: filepath.Join(g.o.Dir, "journal"), Origin: origin,
		KeyFile: filepath.Join(keys, "journal.key"), Now: g.o.Now, PublishEvery: g.o.Publish}); err != nil {
		return err
	}
	tree, err := vault.Files(filepath.Join(g.o.Dir, "vault"))
	if err != nil {
		return err
	}
	used, err := vault.Used(ctx, tree)
	if err != nil {
		return err
	}
	master, err := vault.LoadMasterKey(g.o.MasterKeyFile, g.o.MasterKeyEnv, used)
	if err != nil {
		return err
	}
	if g.Vault, err = vault.Open(vault.Options{Tree: tree, MasterKey: master, Now: g.o.Now}); err != nil {
		return err
	}
	if g.Seal, g.SealKey, err = sealKey(filepath.Join(keys, "seal.key"), origin+"/seal", g.Journal.Size() == 0); err != nil {
		return err
	}
	g.Inventory = inventory.New(g.o.Now)
	g.Assess = assess.New(g.o.Library, g.o.Now)
	g.Classify = classify.New(g.o.Library, g.o.Now)
	g.Agreements, g.UseCases = voice.Agreements(), value.UseCases()
	g.Approve = approve.New(g.Inventory, g.Classify, g.Assess, g.Agreements, approve.Options{Organisation: g.Name,
		Source: g.source("approve"), Now: g.o.Now, Rand: g.o.Rand, Signer: g.Seal, Changed: g.permitChanged})
	g.Trail = trail.New()
	if g.DB, err = store.Open(ctx, store.Options{Path: filepath.Join(g.o.Dir, "org.db"), Kinds: g.kinds(), Tables: g.tables(),
		Access: identity.Access, Source: g.source("store"), Now: g.o.Now, Rand: g.o.Rand}); err != nil {
		return err
	}
	return g.openIdentity(master)
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
	salt, err := hkdf.Expand(sha256.New, master, "augenmass org v1 gateway salt", 32)
	if err != nil {
		return err
	}
	g.facts.salt = salt
	return nil
}

func (g *Org) kinds() []store.AnyKind {
	all := identity.Kinds()
	all = append(all, g.Inventory.Kinds()...)
	all = append(all, g.Assess.Kinds()...)
	all = append(all, g.Classify.Kinds()...)
	all = append(all, g.Approve.Kinds()...)
	return append(all, g.Agreements, g.UseCases)
}

func (g *Org) tables() []store.AnyTable {
	all := append(identity.Tables(), oversee.Tables()...)
	return append(all, g.Trail.Tables()...)
}

// openRooms wires the rooms over the open record.
func (g *Org) openRooms(ctx context.Context) (err error) {
	g.Inventory.Open(g.DB)
	g.Assess.Open(g.DB)
	g.Classify.Open(g.DB)
	g.Approve.Open(g.DB)
	g.Trail.Open(g.DB)
	g.Monitor = monitor.New(monitor.Options{Window: g.o.Window, Now: g.o.Now})
	g.Plant = plant.New(plant.Options{MaxAge: g.o.PlantAge, Now: g.o.Now})
	if g.Point, err = g.decisionPoint(); err != nil {
		return err
	}
	if g.Oversee, err = oversee.New(oversee.Options{Source: g.source("oversee"), DB: g.DB, Journal: g.Journal, Vault: g.Vault,
		MayStop: mayStop, OnStop: g.onStop, Now: g.o.Now, Log: g.o.Log}); err != nil {
		return err
	}
	g.Gateway, err = gateway.New(gateway.Options{Steady: g.steady, Source: g.source("gateway"), Recorder: g.Journal, Decider: g.Point, Sealer: g.Vault,
		Cases: g.Oversee, Monitor: g.Monitor, Plant: g.Plant, Authenticate: g.caller, SaltKey: g.facts.salt, Now: g.o.Now, Log: g.o.Log})
	return err
}

// settle brings memory to the state of the record before anything is served.
func (g *Org) settle(ctx context.Context) error {
	ctx = store.WithActor(ctx, approve.House)
	if err := g.DB.Flush(ctx, g.Journal); err != nil {
		return err
	}
	for _, p := range g.projections() {
		if err := g.DB.CatchUp(ctx, g.Journal, p); err != nil {
			return err
		}
	}
	if err := g.announceKey(ctx); err != nil {
		return err
	}
	if err := g.Oversee.Load(ctx); err != nil {
		return err
	}
	if err := g.loadFacts(ctx); err != nil {
		return err
	}
	if err := g.Approve.RecompileAll(ctx); err != nil {
		// Those permits are off, and the deadlines try them again: one system
		// that cannot be read does not keep the others from running.
		g.o.Log.Error("permits could not be compiled; they are off", "org", g.Slug, "err", err)
	}
	g.DB.OnCommit(g.committed)
	return g.settleStops(ctx)
}

func (g *Org) projections() []store.Projection {
	return []store.Projection{g.Trail.Projection(), g.Oversee.Projection()}
}

// steady keeps permits as they are until release is called: from the gateway's
// last look at one to the durable entry of a result.
func (g *Org) steady() (release func()) {
	g.binding.RLock()
	return g.binding.RUnlock
}

// permitChanged puts a permit into the runtime's snapshot, after the results
// that are being written under the old one.
func (g *Org) permitChanged(p permit.Permit) {
	g.binding.Lock()
	defer g.binding.Unlock()
	g.Point.SetPermit(p)
	g.unreadMu.Lock()
	defer g.unreadMu.Unlock()
	if len(p.Lapses) > 0 && p.Lapses[0].Code == unreadable {
		g.unread[p.System] = true
	} else {
		delete(g.unread, p.System)
	}
}

// unreadable is the lapse of a permit that is off because it could not be
// compiled (govern/approve).
const unreadable = "permit.unreadable"

// Close ends the loops, then closes database, journal and vault. It may be
// called more than once and on an organisation that opened halfway. Whoever
// still holds a room gets an error from it, not a crash.
func (g *Org) Close() error {
	g.closing.Do(func() {
		if g.stop != nil {
			g.stop()
			g.loops.Wait()
		}
		if g.DB != nil {
			g.closed = errors.Join(g.closed, g.DB.Close())
		}
		if g.Journal != nil {
			g.closed = errors.Join(g.closed, g.Journal.Close())
		}
		if g.Vault != nil {
			g.closed = errors.Join(g.closed, g.Vault.Close())
		}
	})
	return g.closed
}
