package org

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"augenmass/internal/org/folder"
	"augenmass/internal/prove/casefile/verify"
	"augenmass/internal/record/ledger"
	"augenmass/internal/record/store"
)

// every is how often the house looks for deadlines that passed.
const every = time.Second

// start runs the loops that join the rooms. Each takes the context and ends
// with it; one that fails is started again after a pause, because a journal
// that cannot be written now may be writable in a minute, and until then the
// gateway answers that nothing is released.
func (g *Org) start(ctx context.Context) { g.leaderLoops(ctx, &g.loops, g.Journal) }

// leaderLoops are the loops of which an organisation has one each, however many
// nodes it has. sequencer is who may append the outbox.
func (g *Org) leaderLoops(ctx context.Context, in *sync.WaitGroup, sequencer store.Journal) {
	g.loop(ctx, in, "sequencer", func() error { return g.DB.Sequence(ctx, sequencer) })
	for _, p := range g.projections() {
		g.loop(ctx, in, "read model "+p.Name, func() error { return g.DB.Follow(ctx, g.Journal, p) })
	}
	g.loop(ctx, in, "deadlines", func() error { return g.deadlines(ctx) })
	g.loop(ctx, in, "sweep", func() error { return g.sweep(ctx) })
}

func (g *Org) loop(ctx context.Context, in *sync.WaitGroup, name string, run func() error) {
	in.Go(func() {
		for ctx.Err() == nil {
			err := run()
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				g.o.Log.Error("a loop of the organisation stopped and starts again", "org", g.Slug, "loop", name, "err", err)
			}
			pause(ctx, every)
		}
	})
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// deadlines expires review cases and permits, and tries again what could not be
// compiled.
func (g *Org) deadlines(ctx context.Context) error {
	for ctx.Err() == nil {
		_, err := g.Oversee.ExpireDue(ctx)
		if err = errors.Join(err, g.Approve.Sweep(ctx), g.recompileUnread(ctx)); err != nil {
			return err
		}
		pause(ctx, every)
	}
	return ctx.Err()
}

// recompileUnread compiles the permits again that are off only because they
// could not be compiled, such as on a full disk.
func (g *Org) recompileUnread(ctx context.Context) error {
	g.unreadMu.Lock()
	again := slices.Sorted(maps.Keys(g.unread))
	g.unreadMu.Unlock()
	var failures []error
	for _, system := range again {
		_, known := g.facts.get(system)
		if !known { // it left the register, or could not be read
			if err := g.learnSystem(ctx, system); err != nil {
				failures = append(failures, err)
				continue
			}
			_, known = g.facts.get(system)
		}
		if !known {
			g.permitChanged(unregistered(system, g.o.Now().UTC()))
			continue
		}
		failures = append(failures, g.Approve.Recompile(ctx, system))
	}
	return errors.Join(failures...)
}

// settleStops brings register and stop button together where a crash or a full
// disk left them apart. Stopped wins: a stop that only one of the two knows
// holds in both, and a person lifts it. A stop may have reached the register
// alone because the journal took nothing; starting again must not undo it.
func (g *Org) settleStops(ctx context.Context) error {
	all, err := g.Inventory.Systems.All(ctx, g.DB, store.Query{})
	if err != nil {
		return err
	}
	for _, o := range all {
		switch button := g.Oversee.Stopped(o.ID); {
		case button == o.Doc.Stop.Stopped:
		case !button:
			g.Oversee.Hold(o.ID)
		default:
			if err := g.Inventory.SetStop(ctx, o.ID, true, ""); err != nil {
				g.o.Log.Error("the register does not say what the stop button said; the gateway obeys the button", "system", o.ID, "err", err)
			}
		}
	}
	return nil
}

// sweepEvery is how often sessions and payloads past their time are removed.
const sweepEvery = 10 * time.Minute

// sweep removes what has passed its time; what is past it does not count any
// more anyway.
func (g *Org) sweep(ctx context.Context) error {
	for {
		pause(ctx, sweepEvery)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, err := g.Vault.Sweep(ctx, g.o.Now())
		if err = errors.Join(err, g.Identity.Sweep(ctx), g.Passkeys.Sweep(ctx), g.Rooms.Sweep(ctx)); err != nil {
			return err
		}
	}
}

// announceKey writes the seal key into the journal, once, so that an auditor
// who trusts the journal can trust the seal.
func (g *Org) announceKey(ctx context.Context) error {
	p, err := g.Trail.Entries.List(ctx, g.DB, store.Query{
		Filters: []store.Filter{store.Where("type", "=", verify.TypeKey)}, Sort: "-index", Limit: 1})
	if err != nil {
		return err
	}
	if len(p.Items) > 0 {
		raw, err := g.Journal.Entry(ctx, uint64(p.Items[0].Index))
		if err != nil {
			return err
		}
		e, err := ledger.Decode(raw)
		if err != nil {
			return err
		}
		var k verify.KeyEntry
		if err := json.Unmarshal(e.Data, &k); err == nil && k.VKey == g.SealKey {
			return nil
		}
	}
	now := g.o.Now().UTC()
	e, err := ledger.NewEvent(store.NewID("evt", now, g.o.Rand), g.source("org"), verify.TypeKey, g.Seal.Name(), now,
		verify.KeyEntry{V: 1, Use: verify.KeyUse, VKey: g.SealKey})
	if err != nil {
		return err
	}
	_, err = g.Journal.AppendEvent(ctx, e)
	return err
}

// ValidSlug reports whether s can name an organisation in addresses.
func ValidSlug(s string) bool { return folder.ValidSlug(s) }

// writable tries whether files can be made in a folder.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
