// Package org is one organisation: its database, journal, vault and keys, and
// every room of the house wired over them. It opens them in the right order,
// keeps the loops running that join them, and closes them.
//
// It decides nothing and shows nothing. What is served over it lies in serve,
// what is proven from it in prove; a server opens as many organisations as
// there are folders, and nothing leads from one to another.
//
// # In a folder
//
//	<folder>/org.json    name
//	<folder>/org.db      objects, history, queues, read models
//	<folder>/journal/    write-ahead log, tiles, checkpoint
//	<folder>/vault/      encrypted payloads
//	<folder>/keys/       master, journal and seal key
//
// # On PostgreSQL
//
// With Options.Database all of that lies in one schema, agm_<slug>, except the
// master key: that is each node's own and never enters the database. Any number
// of nodes open the same schema; each decides, serves and appends. One of them
// leads at a time, by an advisory lock: it carries the outbox into the journal,
// publishes, feeds the read models, ends what is overdue, and compiles again
// what another node changed, should that node have died before it did. When the
// leader dies the next one takes over where it stopped.
//
// Every node hears what others commit and tell: systems, models, permits, stops,
// plant signals, people and tokens. A node that has heard nothing for three
// seconds proves nothing any more and denies. What a node's monitor measures it
// measures over its own share of the traffic: windows are not joined, so each
// node judges by what passed through it, and a drift shows on a node as soon as
// that node has seen a window of it.
package org

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
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
	"augenmass/internal/operate/decide"
	"augenmass/internal/operate/gateway"
	"augenmass/internal/operate/identity"
	"augenmass/internal/operate/identity/passkey"
	"augenmass/internal/operate/identity/secret"
	"augenmass/internal/operate/monitor"
	"augenmass/internal/operate/oversee"
	"augenmass/internal/operate/plant"
	"augenmass/internal/operate/trail"
	"augenmass/internal/org/folder"
	"augenmass/internal/org/rooms"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/record/vault"
)

// Options open one organisation. Slug, Library, and Dir or Database are
// required.
type Options struct {
	Dir      string // the organisation's folder; with Database the node's own, for the master key, or empty
	Database string // "postgres://…": everything but the master key lies in the schema agm_<slug>

	Slug    string // in addresses: lower-case letters, digits, dash
	Name    string // as people call it; empty: what the record says
	Library *packs.Library

	MasterKey     []byte // 32 bytes; wins over the environment and the file
	MasterKeyFile string // default <Dir>/keys/master.key; no file without Dir
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

	Inventory *inventory.Room
	Assess    *assess.Room
	Classify  *classify.Room
	Approve   *approve.Room
	Controls  *control.Room
	Duty      *duty.Room
	Documents *document.Room
	Catalogue *catalogue.Room // the organisation's own packs; Library has them in it
	*rooms.Rooms
	Agreements *store.Kind[voice.Agreement]
	UseCases   *store.Kind[value.UseCase]

	Identity *identity.Service
	Passkeys *passkey.Room
	Point    *decide.Point
	Gateway  *gateway.Gateway
	Oversee  *oversee.Queue
	Monitor  *monitor.Monitor
	Plant    *plant.Plant
	Trail    *trail.Trail

	o               Options
	library         atomic.Pointer[packs.Library] // with own packs
	libraryErr      atomic.Pointer[problem.Problem]
	learningLibrary sync.Mutex

	facts    *facts
	measured measured

	byNameOnce sync.Once
	byName     map[string]store.AnyKind // kinds, for docThen

	binding sync.RWMutex // see steady
	stop    context.CancelFunc
	loops   sync.WaitGroup
	closing sync.Once
	closed  error

	unreadMu sync.Mutex
	unread   map[string]bool // systems whose permit is off because it could not be compiled

	nodes   nodes // on PostgreSQL
	endings endings
}

// Open opens an organisation and starts its loops. Its folder or schema is made
// when it does not exist. A second process on the same folder gets a Conflict;
// on the same schema it becomes a node, and Open returns when it has taken over
// what the others know.
func Open(ctx context.Context, o Options) (_ *Org, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	g := &Org{Slug: o.Slug, Packs: o.Library, o: o, facts: newFacts(), unread: map[string]bool{}, endings: endings{wake: make(chan struct{}, 1)}}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if err = g.openRecord(ctx); err != nil {
		return nil, err
	}
	if err = g.openRooms(ctx); err != nil {
		return nil, err
	}
	loops, stop := context.WithCancel(store.WithActor(context.Background(), approve.House))
	g.stop = stop
	g.Identity.OnEnded(g.sessionsEnded)
	g.loop(loops, &g.loops, "live accesses", func() error { return g.watchGrants(loops) })
	if o.Database != "" {
		return g, g.join(ctx, loops)
	}
	if err = g.settle(ctx); err != nil {
		return nil, err
	}
	g.start(loops)
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
	if o.MasterKeyFile == "" && o.Dir != "" {
		o.MasterKeyFile = filepath.Join(o.Dir, "keys", "master.key")
	}
	if o.MasterKeyEnv == "" {
		o.MasterKeyEnv = "AUGENMASS_MASTER_KEY"
	}
	if !folder.Named(o.Slug) {
		return folder.BadSlug(o.Slug)
	}
	if o.Library == nil {
		return fmt.Errorf("org: no library of content packs")
	}
	return nil
}

// openRooms wires the rooms over the open record.
func (g *Org) openRooms(ctx context.Context) (err error) {
	g.Inventory.Open(g.DB)
	g.Assess.Open(g.DB)
	g.Classify.Open(g.DB)
	g.Controls.Open(g.DB)
	g.Duty.Open(g.DB)
	g.Documents.Open(g.DB)
	g.Catalogue.Open(g.DB, g.Vault, g.citing)
	g.Rooms.Open(g.DB, g.Vault)
	g.Approve.Open(g.DB)
	g.Trail.Open(g.DB)
	g.Monitor = monitor.New(monitor.Options{Window: g.o.Window, Now: g.o.Now})
	signals := plant.Options{MaxAge: g.o.PlantAge, Now: g.o.Now, Changed: g.plantChanged}
	cases := oversee.Options{Source: g.source("oversee"), DB: g.DB, Journal: g.Journal, Vault: g.Vault,
		MayStop: mayStop, OnStop: g.onStop, Now: g.o.Now, Log: g.o.Log}
	if g.o.Database != "" {
		signals.Tell, cases.Lock, cases.Current = g.tellSignal, g.DB.Lock, g.currentCases
	}
	g.Plant = plant.New(signals)
	if g.Point, err = g.decisionPoint(); err != nil {
		return err
	}
	if g.Oversee, err = oversee.New(cases); err != nil {
		return err
	}
	g.Gateway, err = gateway.New(gateway.Options{Steady: g.steady, Source: g.source("gateway"), Recorder: g.Journal, Decider: proven{g.Point, g}, Sealer: g.Vault,
		Cases: g.Oversee, Monitor: g.Monitor, Plant: g.Plant, Authenticate: g.caller, SaltKey: g.facts.salt, Now: g.o.Now, Log: g.o.Log})
	return err
}

// settle brings memory to the state of the record before anything is served.
func (g *Org) settle(ctx context.Context) error {
	ctx = store.WithActor(ctx, approve.House)
	if err := g.settleRecord(ctx, g.Journal); err != nil {
		return err
	}
	if err := g.Oversee.Load(ctx); err != nil {
		return err
	}
	if err := g.loadFacts(ctx); err != nil {
		return err
	}
	g.loadLibrary(ctx)
	g.compileAll(ctx)
	g.DB.OnCommit(g.committed)
	return g.settleStops(ctx)
}

// settleRecord brings the outbox into the journal and the read models to its
// end: what a process left that died. sequencer is who may append the outbox.
func (g *Org) settleRecord(ctx context.Context, sequencer store.Journal) error {
	if err := g.DB.Flush(ctx, sequencer); err != nil {
		return err
	}
	for _, p := range g.projections() {
		if err := g.DB.CatchUp(ctx, g.Journal, p); err != nil {
			return err
		}
	}
	return g.announceKey(ctx)
}

func (g *Org) compileAll(ctx context.Context) {
	if err := g.Approve.RecompileAll(ctx); err != nil {
		// Those permits are off, and the deadlines try them again: one system
		// that cannot be read does not keep the others from running.
		g.o.Log.Error("permits could not be compiled; they are off", "org", g.Slug, "err", err)
	}
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
