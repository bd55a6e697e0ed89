package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Library is the shipped library with every own pack in it. It is read anew only
// when the own packs are others than at the last call.
//
// Errors: Corrupt when a stored pack is not the one that was kept, BadInput when
// one does not load any more beside what is shipped now, by file and line.
func (r *Room) Library(ctx context.Context, rd store.Reader) (*packs.Library, error) {
	all, err := r.List(ctx, rd)
	if err != nil {
		return nil, err
	}
	return r.over(ctx, all)
}

// over is the shipped library with some own packs in it.
func (r *Room) over(ctx context.Context, all []store.Object[OwnPack]) (*packs.Library, error) {
	if len(all) == 0 {
		return r.shipped, nil
	}
	key := keyOf(all)
	if lib := r.made.of(key); lib != nil {
		return lib, nil
	}
	files, err := r.files(ctx, all)
	if err != nil {
		return nil, err
	}
	lib, err := r.shipped.Extend(files)
	if err == nil {
		r.made.keep(key, lib)
	}
	return lib, err
}

// with is over with a draft on top, checked.
func (r *Room) with(ctx context.Context, others []store.Object[OwnPack], d Draft) (*packs.Library, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	hashes := make([]string, len(d.Packs))
	for i, p := range d.Packs {
		hashes[i] = Hash(p.YAML)
	}
	key := keyOf(others, hashes...) // the one that Library will ask for
	if lib := r.made.of(key); lib != nil {
		return lib, nil
	}
	base, err := r.over(ctx, others)
	if err != nil {
		return nil, err
	}
	lib, err := Check(base, d, nil)
	if err == nil {
		r.made.keep(key, lib)
	}
	return lib, err
}

// made remembers the libraries that were made last, by what is in them: a check,
// the import after it and everybody who reads it then parse the packs once.
type made struct {
	mu   sync.Mutex
	last [3]struct {
		key string
		lib *packs.Library
	}
}

func (m *made) of(key string) *packs.Library {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.last {
		if x.key == key {
			return x.lib
		}
	}
	return nil
}

// keep puts a library in front; the oldest one is forgotten.
func (m *made) keep(key string, lib *packs.Library) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last[0].key == key {
		return
	}
	copy(m.last[1:], m.last[:])
	m.last[0].key, m.last[0].lib = key, lib
}

// keyOf names what own packs hold, whatever object holds it.
func keyOf(all []store.Object[OwnPack], more ...string) string {
	for _, o := range all {
		for _, p := range o.Doc.Parts {
			more = append(more, p.Hash)
		}
	}
	slices.Sort(more)
	return "own " + strings.Join(more, " ")
}

// moved reports whether two lists hold other objects or other revisions of them.
func moved(a, b []store.Object[OwnPack]) bool {
	return !slices.EqualFunc(a, b, func(x, y store.Object[OwnPack]) bool { return x.ID == y.ID && x.Revision == y.Revision })
}

// files reads the packs of own packs from the vault.
func (r *Room) files(ctx context.Context, all []store.Object[OwnPack]) (Files, error) {
	f := Files{}
	for _, o := range all {
		for _, p := range o.Doc.Parts {
			data, err := r.blob(ctx, p.Text, p.Hash)
			if err != nil {
				return nil, fmt.Errorf("own pack %s: %w", p.ID, err)
			}
			f[p.ID+".yaml"] = data
		}
	}
	return f, nil
}

// Text returns the YAML of one part, for pages.
func (r *Room) Text(ctx context.Context, p Part) ([]byte, error) { return r.blob(ctx, p.Text, p.Hash) }

// ids are the ids of the packs of one object and of everything in them, as they
// stand in the library.
func (r *Room) ids(ctx context.Context, o OwnPack) ([]string, error) {
	lib, err := r.Library(ctx, r.db)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range o.Parts {
		out = append(out, IDs(lib, p.ID)...)
	}
	return out, nil
}

// IDs are the id of a pack and of everything in it that can be cited: framework,
// clauses, requirements, templates.
func IDs(lib *packs.Library, pack string) []string {
	out := []string{pack}
	for _, f := range lib.Frameworks() {
		if f.Pack == pack {
			out = append(out, f.ID)
		}
	}
	for _, c := range lib.Clauses(pack) {
		out = append(out, c.ID)
	}
	for _, t := range lib.Templates() {
		if t.Pack == pack {
			out = append(out, t.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unused is a Conflict when something cites one of the ids.
func (r *Room) unused(ctx context.Context, ids []string, de, en string) error {
	if len(ids) == 0 || r.uses == nil {
		return nil
	}
	by, err := r.uses(ctx, r.db, ids)
	if err != nil || len(by) == 0 {
		return err
	}
	const most = 10
	names := strings.Join(by[:min(most, len(by))], ", ")
	p := problem.New(problem.Conflict, de, en)
	if len(by) > most {
		names += fmt.Sprintf(" (+%d)", len(by)-most)
	}
	return p.WithHint("Darauf stützen sich: "+names+".", "These rest on it: "+names+".")
}

// End removes an own pack and destroys its texts, when nothing rests on it:
// neither another own pack nor an object of the organisation.
func (r *Room) End(ctx context.Context, id string, revision int64) error {
	stand, err := r.List(ctx, r.db)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(stand, func(o store.Object[OwnPack]) bool { return o.ID == id })
	if at < 0 {
		if _, err := r.Own.Get(ctx, r.db, id); err != nil {
			return err
		}
		return errMoved
	}
	o := stand[at]
	_, err = r.over(ctx, slices.Delete(slices.Clone(stand), at, at+1))
	if problem.Is(err, problem.BadInput) {
		return problem.Newf(problem.Conflict, "Andere eigene Pakete stützen sich auf „%s“.", "Other own packs rest on '%s'.", o.Title).Wrap(err)
	}
	if err != nil {
		return err
	}
	ids, err := r.ids(ctx, o.Doc)
	if err != nil {
		return err
	}
	if err := r.unused(ctx, ids, "Dieses Paket wird gebraucht.", "This pack is in use."); err != nil {
		return err
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		now, err := r.List(ctx, tx)
		if err != nil {
			return err
		}
		if moved(stand, now) {
			return errMoved
		}
		return r.Own.Delete(ctx, tx, id, revision)
	})
	if err != nil {
		return err
	}
	return r.vault.Erase(context.WithoutCancel(ctx), subject(id))
}

// Of returns the own pack with this URN, or NotFound.
func (r *Room) Of(ctx context.Context, rd store.Reader, urn string) (o store.Object[OwnPack], err error) {
	p, err := r.Own.List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("urn", "=", urn)}, Limit: 1})
	if err != nil {
		return o, err
	}
	if len(p.Items) == 0 {
		return o, problem.Newf(problem.NotFound, "„%s“ ist nicht eingelesen.", "'%s' is not imported.", urn)
	}
	return p.Items[0], nil
}
