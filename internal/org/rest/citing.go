package rest

import (
	"context"
	"slices"

	"augenmass/internal/record/store"
)

// cites are the fields by which objects cite packs. A kind whose declaration has
// one of them, indexed, is asked by Citing; no kind has to be named here.
var cites = []string{"clause", "clauses", "framework"}

// most is how many values one filter takes.
const most = 500

// Citing names what rests on one of the ids of a pack: objects of all kinds that
// cite one, and permits by their conditions. It takes some queries a kind, and is
// for the rare question whether a pack may go.
func (r Rooms) Citing(ctx context.Context, rd store.Reader, kinds []store.AnyKind, ids []string) ([]string, error) {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, k := range kinds {
		for _, field := range cites {
			if !slices.Contains(k.Indexes(), field) {
				continue
			}
			for some := range slices.Chunk(ids, most) {
				values := make([]any, len(some))
				for i, id := range some {
					values[i] = id
				}
				p, err := k.ListJSON(ctx, rd, store.Query{Filters: []store.Filter{store.Where(field, "in", values...)}, Limit: store.MaxLimit, Uncounted: true})
				if err != nil {
					return nil, err
				}
				for _, o := range p.Items {
					add(r.called(o))
				}
			}
		}
	}
	permits, err := r.Conditions(ctx, rd)
	for _, x := range permits {
		if slices.Contains(ids, x.Item) {
			add(x.Name)
		}
	}
	return names, err
}

// called is an object as people know it: by its title, which may be the id of a
// clause.
func (r Rooms) called(o store.Record) string {
	if o.Title == "" {
		return o.ID
	}
	return Cited(r.Library(), o.Title)
}
