package org

import (
	"context"
	"slices"

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
// pages say so.
func (g *Org) learnLibrary(ctx context.Context) error {
	g.facts.learning.Lock()
	defer g.facts.learning.Unlock()
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

// loadLibrary is learnLibrary at the start.
func (g *Org) loadLibrary(ctx context.Context) {
	if err := g.learnLibrary(ctx); err != nil {
		g.o.Log.Error("the organisation's own packs do not count", "org", g.Slug, "err", err)
	}
}

// citing names what of the organisation rests on one of the ids: for
// catalogue.Uses.
func (g *Org) citing(ctx context.Context, rd store.Reader, ids []string) ([]string, error) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	var names []string
	for _, of := range g.resting().Resting {
		all, err := of(ctx, rd)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if !wanted[x.Item] || x.Object == "" {
				continue
			}
			name := x.Name
			if name == "" {
				name = x.Kind + " " + x.Object
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}
