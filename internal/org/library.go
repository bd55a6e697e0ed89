package org

import (
	"context"
	"slices"

	"augenmass/internal/govern/approve"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Library is the shipped content packs with the organisation's own in them, as
// they are now. It does not change; the next call may answer with another one,
// so a page takes it once.
func (g *Org) Library() *packs.Library {
	if lib := g.library.Load(); lib != nil {
		return lib
	}
	return g.Packs
}

// LibraryTrouble is why the own packs do not count at present, or nil. They may
// stop loading when a new program ships what they contradict.
func (g *Org) LibraryTrouble() error {
	if p := g.libraryErr.Load(); p != nil {
		return p
	}
	return nil
}

// learnLibrary reads the own packs anew. Own packs that cannot be read do not
// keep the organisation from opening: without them the shipped packs count, and
// pages say so. Nothing that permits rest on waits for it, as reading a large
// catalogue takes its time.
func (g *Org) learnLibrary(ctx context.Context) error {
	g.learningLibrary.Lock() // of two that read, the one that reads later has the last word
	defer g.learningLibrary.Unlock()
	lib, err := g.Catalogue.Library(ctx, g.DB)
	if err != nil {
		g.library.Store(g.Packs)
		g.libraryErr.Store(problem.From(err))
		return err
	}
	g.library.Store(lib)
	g.libraryErr.Store(nil)
	return nil
}

// loadLibrary is learnLibrary for whoever can do nothing about a failure.
func (g *Org) loadLibrary(ctx context.Context) {
	if err := g.learnLibrary(ctx); err != nil {
		g.o.Log.Error("the organisation's own packs do not count", "org", g.Slug, "err", err)
	}
}

// hearLibrary takes over what another node imported, beside the feed, so that no
// withdrawal waits behind it. It goes on trying while the database is away.
func (g *Org) hearLibrary(ctx context.Context, changes []store.Change) {
	if !touchesLibrary(changes) {
		return
	}
	g.loops.Go(func() {
		for ctx.Err() == nil {
			err := g.learnLibrary(store.WithActor(ctx, approve.House))
			if err == nil || ctx.Err() != nil {
				return
			}
			g.o.Log.Error("the organisation's own packs do not count", "org", g.Slug, "err", err)
			if !problem.Is(err, problem.Unavailable) {
				return
			}
			pause(ctx, askAgain)
		}
	})
}

// touchesLibrary reports whether own packs are among the changes.
func touchesLibrary(changes []store.Change) bool {
	return slices.ContainsFunc(changes, func(c store.Change) bool { return c.Kind == "own_pack" })
}

// citing names what of the organisation rests on one of the ids: for
// catalogue.Uses.
func (g *Org) citing(ctx context.Context, rd store.Reader, ids []string) ([]string, error) {
	return g.rests().Citing(ctx, rd, g.DB.Kinds(), ids)
}
