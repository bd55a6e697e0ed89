package org

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/operate/plant"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/record/store/sequence"
)

// nodes is what an organisation on PostgreSQL knows of being one of several
// nodes. In a folder it is empty.
type nodes struct {
	journal *sequence.Journal
	leads   atomic.Bool                      // this node has taken the lead and settled
	hears   atomic.Pointer[func() time.Time] // in place of the database's own word; for tests

	// opened hears how taking the lead for the first time went; led, that
	// another node leads.
	opened chan error
	led    chan struct{}

	mu      sync.Mutex
	collect bool           // from before a new leader compiles everything until it leads no more
	remote  []store.Change // of other nodes, that the leader compiles after them
	wake    chan struct{}
}

// Topics of what nodes tell each other.
const (
	topicHello  = "hello"  // a node starts and asks who leads and how the plant stands
	topicLeads  = "leads"  // the answer of the node that leads and has settled
	topicSignal = "signal" // a plant.Signal
)

// askAgain is how often a node that starts asks who leads.
const askAgain = 250 * time.Millisecond

// join makes this process a node: it hears the others, takes the lead or learns
// that another has it, and takes over what is decided. Permits are taken as
// they stand only while a leader is there that compiled them; where nobody
// leads, this node does, before it serves.
func (g *Org) join(ctx, loops context.Context) error {
	ctx = store.WithActor(ctx, approve.House)
	g.nodes.opened, g.nodes.led = make(chan error, 1), make(chan struct{}, 1)
	g.nodes.wake = make(chan struct{}, 1)
	g.DB.OnRemote(g.heard)
	g.DB.OnTold(g.told)
	g.loop(loops, &g.loops, "feed", func() error { return g.DB.Feed(loops) })
	g.loop(loops, &g.loops, "lead", func() error { return g.lead(loops) })
	if err := g.awaitLead(ctx); err != nil {
		return err
	}
	if err := g.Oversee.Load(ctx); err != nil {
		return err
	}
	if err := g.loadFacts(ctx); err != nil {
		return err
	}
	g.loadLibrary(ctx)
	if err := g.loadPermits(ctx); err != nil {
		return err
	}
	g.DB.OnCommit(g.committed)
	if err := g.settleStops(ctx); err != nil {
		return err
	}
	g.loop(loops, &g.loops, "unread permits", func() error { return g.tryUnread(loops) })
	return nil
}

// awaitLead returns when this node leads or another one says that it does.
func (g *Org) awaitLead(ctx context.Context) error {
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for asked := 1; ; asked++ {
		if asked%20 == 0 {
			g.o.Log.Warn("still waiting for the node that leads to answer", "org", g.Slug)
		}
		if err := g.DB.Tell(ctx, topicHello, ""); err != nil {
			return err
		}
		select {
		case err := <-g.nodes.opened:
			return err
		case <-g.nodes.led:
			return nil
		case <-ctx.Done():
			return problem.New(problem.Unavailable, "Kein Knoten hat die Führung übernommen.", "No node took the lead.").Wrap(ctx.Err())
		case <-again.C:
		}
	}
}

// loadPermits takes over every permit as the leader compiled it.
func (g *Org) loadPermits(ctx context.Context) error {
	systems, err := allIDs(ctx, g.DB, g.Inventory.Systems)
	if err != nil {
		return err
	}
	for _, id := range systems {
		if err := g.Approve.Heard(ctx, id); err != nil {
			g.o.Log.Error("a permit cannot be read; it is off", "org", g.Slug, "system", id, "err", err)
		}
	}
	return nil
}

// lead waits for the lead, does what one node does for all, and returns when
// the lead is lost.
func (g *Org) lead(ctx context.Context) error {
	l, err := g.nodes.journal.Lead(ctx)
	if err != nil {
		return err
	}
	leading, lost := context.WithCancel(ctx)
	defer lost()
	go func() {
		defer lost()
		select {
		case <-l.Done():
		case <-leading.Done():
		}
	}()
	g.collectRemote(true)
	defer g.collectRemote(false)
	err = g.settleRecord(leading, l)
	if err == nil {
		g.compileAll(leading)
		g.nodes.leads.Store(true)
	}
	select {
	case g.nodes.opened <- err:
	default: // only who opens waits for it
	}
	if err == nil {
		g.o.Log.Info("this node leads", "org", g.Slug)
		g.whileLeading(leading, l)
		g.nodes.leads.Store(false)
		g.o.Log.Info("this node leads no more", "org", g.Slug)
	}
	l.Release()
	return err
}

// whileLeading runs the loops of which there is one for all nodes, until
// leading ends.
func (g *Org) whileLeading(leading context.Context, l *sequence.Lead) {
	var loops sync.WaitGroup
	g.leaderLoops(leading, &loops, l)
	g.loop(leading, &loops, "permits", func() error { return g.compileRemote(leading) })
	loops.Wait()
}

// collectRemote begins or ends keeping what other nodes change.
func (g *Org) collectRemote(on bool) {
	g.nodes.mu.Lock()
	defer g.nodes.mu.Unlock()
	g.nodes.collect, g.nodes.remote = on, nil
}

// compileRemote compiles again what other nodes changed. They did so themselves
// before they answered, unless they died in between; then this writes what they
// could not.
func (g *Org) compileRemote(ctx context.Context) error {
	for {
		g.nodes.mu.Lock()
		changes := g.nodes.remote
		g.nodes.remote = nil
		g.nodes.mu.Unlock()
		if len(changes) > 0 {
			g.Approve.OnCommit(ctx, changes, func(err error) {
				g.o.Log.Error("a permit could not be compiled; it is off", "err", err)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-g.nodes.wake:
		}
	}
}

// heard learns what other nodes committed. While the database cannot be read it
// goes on trying: the feed does not count as heard until it returns, so this
// node proves nothing meanwhile, instead of passing over a withdrawal.
func (g *Org) heard(ctx context.Context, changes []store.Change) {
	g.hearLibrary(ctx, changes)
	for ctx.Err() == nil {
		err := g.hear(store.WithActor(context.WithoutCancel(ctx), approve.House), changes)
		if err == nil {
			break
		}
		g.o.Log.Error("this node did not learn a change of another", "org", g.Slug, "err", err)
		if !problem.Is(err, problem.Unavailable) {
			break
		}
		pause(ctx, askAgain)
	}
	g.nodes.mu.Lock()
	if g.nodes.collect {
		g.nodes.remote = append(g.nodes.remote, changes...)
	}
	g.nodes.mu.Unlock()
	select {
	case g.nodes.wake <- struct{}{}:
	default: // the loop is awake already
	}
}

// hear learns changes of other nodes once. Its error is Unavailable when another
// attempt may succeed.
func (g *Org) hear(ctx context.Context, changes []store.Change) error {
	failures := []error{g.learn(ctx, changes)}
	for _, c := range changes {
		switch c.Kind {
		case "system":
			failures = append(failures, g.hearStop(ctx, c.ID))
		case "permit":
			failures = append(failures, g.hearPermit(ctx, c.ID))
		}
	}
	for _, err := range failures {
		if problem.Is(err, problem.Unavailable) { // the one that says to try again goes first
			return err
		}
	}
	return errors.Join(failures...)
}

// hearStop takes over a stop that was pressed or lifted on another node. A
// register that cannot be read lifts nothing.
func (g *Org) hearStop(ctx context.Context, system string) error {
	return g.Oversee.Heard(system, func() (bool, error) {
		o, err := g.Inventory.Systems.Get(ctx, g.DB, system)
		if problem.Is(err, problem.NotFound) {
			return false, nil
		}
		return o.Doc.Stop.Stopped, err
	})
}

// hearPermit takes over a permit that another node issued. One that this node
// itself could not compile is compiled, so that an older one does not open what
// a newer fact closed.
func (g *Org) hearPermit(ctx context.Context, id string) error {
	o, err := g.Approve.Permits.Get(ctx, g.DB, id)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		// Which system it is of cannot be told: all are read again.
		return errors.Join(err, g.loadPermits(ctx))
	}
	g.unreadMu.Lock()
	failed := g.unread[o.Doc.System]
	g.unreadMu.Unlock()
	if failed {
		return g.Approve.Recompile(ctx, o.Doc.System)
	}
	return g.Approve.Heard(ctx, o.Doc.System)
}

// told hears the notices of other nodes.
func (g *Org) told(ctx context.Context, topic, payload string) {
	switch topic {
	case topicHello:
		// Answering writes, and hearing must not wait for writing.
		g.loops.Go(func() { g.welcome(context.WithoutCancel(ctx)) })
	case topicLeads:
		select {
		case g.nodes.led <- struct{}{}:
		default: // it is known already
		}
	case topicSignal:
		var s plant.Signal
		err := json.Unmarshal([]byte(payload), &s)
		if err == nil {
			err = g.Plant.Heard(s)
		}
		if err != nil && !problem.Is(err, problem.Conflict) { // an older signal than ours
			g.o.Log.Warn("a plant signal of another node does not count here", "org", g.Slug, "err", err)
		}
	}
}

// welcome answers a node that starts.
func (g *Org) welcome(ctx context.Context) {
	var err error
	for _, s := range g.Plant.Signals() {
		err = errors.Join(err, g.tellSignal(ctx, s))
	}
	if g.nodes.leads.Load() {
		err = errors.Join(err, g.DB.Tell(ctx, topicLeads, ""))
	}
	if err != nil {
		g.o.Log.Warn("a node that starts could not be answered; it asks again", "org", g.Slug, "err", err)
	}
}

func (g *Org) tellSignal(ctx context.Context, s plant.Signal) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return g.DB.Tell(ctx, topicSignal, string(raw))
}

// currentCases brings the review queue to the end of the journal, so that a
// decision that another node journaled and could not show is not made again.
func (g *Org) currentCases(ctx context.Context) error {
	if err := g.nodes.journal.Refresh(ctx); err != nil {
		return err
	}
	return g.DB.CatchUp(ctx, g.Journal, g.Oversee.Projection())
}

// flush returns when the journal holds everything that was committed before. On
// several nodes it waits for the one that leads: nobody else appends the outbox.
func (g *Org) flush(ctx context.Context) error {
	if g.o.Database == "" {
		return g.DB.Flush(ctx, g.Journal)
	}
	if err := g.DB.Drained(ctx); err != nil {
		return err
	}
	return g.nodes.journal.Refresh(ctx)
}

// tryUnread compiles the permits again that this node could not.
func (g *Org) tryUnread(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := g.recompileUnread(ctx); err != nil {
			return err
		}
		pause(ctx, every)
	}
	return nil
}

// Leads reports whether this process does what one does for all nodes. In a
// folder there is only one.
func (g *Org) Leads() bool { return g.o.Database == "" || g.nodes.leads.Load() }
