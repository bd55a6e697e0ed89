package mlbom

import (
	"context"
	"slices"
	"strings"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// House is the organisation that takes a bill in.
type House struct {
	DB        *store.DB
	Inventory *inventory.Room
	Data      *data.Room
}

// Does is what happens to one model or data set.
type Does string

// A new one, one that the register has and that changes, one that stays.
const (
	Adds    Does = "new"
	Changes Does = "changed"
	Stays   Does = "unchanged"
)

// Line is one model or data set with what happens to it.
type Line struct {
	Path    string `json:"path"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Does    Does   `json:"does"`
}

// Plan is what applying a bill changes, or changed.
type Plan struct {
	System string `json:"system"` // object id
	Name   string `json:"name"`   // of the system
	Models []Line `json:"models"` // never null
	Sets   []Line `json:"datasets"`
}

// draft is a plan with what would be stored.
type draft struct {
	Plan
	models []store.Object[inventory.Model]
	sets   []store.Object[data.Dataset]
}

// Compare says what taking the bill over for a system would change. Errors are
// BadInput with paths of the file, for example when a model belongs to another
// system.
func Compare(ctx context.Context, h House, b Bill, system string) (Plan, error) {
	d, err := plan(ctx, h, h.DB, b, system)
	return d.Plan, err
}

// Apply takes the bill over for a system: all of it or, with an error, nothing.
func Apply(ctx context.Context, h House, b Bill, system string) (Plan, error) {
	var done Plan
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := plan(ctx, h, tx, b, system)
		if err != nil {
			return err
		}
		done = d.Plan
		for i, o := range d.models {
			if err := put(ctx, tx, h.Inventory.Models, o, d.Models[i].Does); err != nil {
				return err
			}
		}
		for i, o := range d.sets {
			if err := put(ctx, tx, h.Data.Datasets, o, d.Sets[i].Does); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

func put[T any](ctx context.Context, tx *store.Tx, k *store.Kind[T], o store.Object[T], does Does) (err error) {
	switch does {
	case Adds:
		_, err = k.Create(ctx, tx, o.Doc)
	case Changes:
		_, err = k.Update(ctx, tx, o.ID, o.Revision, o.Doc)
	}
	return err
}

func plan(ctx context.Context, h House, rd store.Reader, b Bill, system string) (draft, error) {
	d := draft{Plan: Plan{System: system, Models: []Line{}, Sets: []Line{}}}
	s, err := h.Inventory.Systems.Get(ctx, rd, system)
	if err != nil {
		return draft{}, err
	}
	d.Name = s.Doc.Name
	var bad problem.Checks
	for _, m := range b.Models {
		o, does, err := model(ctx, h, rd, m, system)
		if err != nil {
			return draft{}, err
		}
		bad.Field(o.Doc.System == system, m.Path+".name", "Das Modell „"+m.Doc.Name+"“ gehört im Register zu einem anderen System.", "The model '"+m.Doc.Name+"' belongs to another system in the register.")
		if err := o.Doc.Validate(); err != nil {
			for _, f := range problem.From(err).Fields {
				bad.Field(false, m.Path+"."+f.Path, f.Say.DE, f.Say.EN)
			}
		}
		d.models = append(d.models, o)
		d.Models = append(d.Models, Line{m.Path, m.Doc.Name, m.Doc.Version, does})
	}
	have, err := h.Data.Of(ctx, rd, system)
	if err != nil {
		return draft{}, err
	}
	for _, x := range b.Sets {
		o, does := set(have, x, system)
		// One entry of the register stands for one of the file.
		have = slices.DeleteFunc(slices.Clone(have), func(h store.Object[data.Dataset]) bool { return h.ID == o.ID })
		d.sets = append(d.sets, o)
		d.Sets = append(d.Sets, Line{Path: x.Path, Name: x.Doc.Name, Does: does})
	}
	if err := bad.Err(); err != nil {
		return draft{}, said(b.Name, err)
	}
	return d, nil
}

// model puts what the bill says about a model over what the register says. What
// the bill leaves out stays.
func model(ctx context.Context, h House, rd store.Reader, m Model, system string) (store.Object[inventory.Model], Does, error) {
	have, err := h.Inventory.ModelByName(ctx, rd, m.Doc.Name)
	if problem.Is(err, problem.NotFound) {
		out := store.Object[inventory.Model]{Doc: m.Doc}
		out.Doc.System = system
		return out, Adds, nil
	}
	if err != nil {
		return have, Stays, err
	}
	out := have
	out.Doc.Version = m.Doc.Version
	changed := have.Doc.Version != m.Doc.Version
	if m.Doc.Hash != "" && m.Doc.Hash != have.Doc.Hash {
		out.Doc.Hash, changed = m.Doc.Hash, true
	}
	for _, f := range []struct{ to, from *string }{
		{&out.Doc.Card.Purpose.DE, &m.Doc.Card.Purpose.DE}, {&out.Doc.Card.Purpose.EN, &m.Doc.Card.Purpose.EN},
		{&out.Doc.Card.Data.DE, &m.Doc.Card.Data.DE}, {&out.Doc.Card.Data.EN, &m.Doc.Card.Data.EN},
		{&out.Doc.Card.Limits.DE, &m.Doc.Card.Limits.DE}, {&out.Doc.Card.Limits.EN, &m.Doc.Card.Limits.EN}} {
		// What people wrote into the register is not replaced.
		if *f.to == "" && *f.from != "" {
			*f.to, changed = *f.from, true
		}
	}
	if len(out.Doc.Card.Metrics) == 0 && len(m.Doc.Card.Metrics) > 0 {
		out.Doc.Card.Metrics, changed = m.Doc.Card.Metrics, true
	}
	if !changed {
		return out, Stays, nil
	}
	return out, Changes, nil
}

// set puts what the bill says about a data set over the one that came from the
// same place, or has the same name. Its steps stay.
func set(have []store.Object[data.Dataset], x Set, system string) (store.Object[data.Dataset], Does) {
	for _, o := range have {
		if o.Doc.Origin != x.Doc.Origin && !strings.EqualFold(o.Doc.Name, x.Doc.Name) {
			continue
		}
		changed := false
		for _, f := range []struct{ to, from *string }{{&o.Doc.Source, &x.Doc.Source}, {&o.Doc.Licence, &x.Doc.Licence}, {&o.Doc.Class, &x.Doc.Class},
			{&o.Doc.Origin, &x.Doc.Origin}, {&o.Doc.Sheet.Contents, &x.Doc.Sheet.Contents}, {&o.Doc.Sheet.Quality, &x.Doc.Sheet.Quality}} {
			if *f.to == "" && *f.from != "" {
				*f.to, changed = *f.from, true
			}
		}
		if o.Doc.Personal == data.Unknown && x.Doc.Personal == data.Yes {
			o.Doc.Personal, changed = data.Yes, true
		}
		if changed {
			return o, Changes
		}
		return o, Stays
	}
	out := store.Object[data.Dataset]{Doc: x.Doc}
	out.Doc.Systems = []string{system}
	return out, Adds
}
