package systemfile

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"augenmass/internal/govern/data"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/operate/identity"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
)

// House is the organisation that a file is applied to or checked against.
type House struct {
	DB        *store.DB
	Inventory *inventory.Room
	Data      *data.Room
	Permit    Permit
	Now       func() time.Time
	Rand      io.Reader // for the code of a new system's public card
}

// Permit reads the operating permit of a system, or NotFound.
type Permit func(ctx context.Context, rd store.Reader, system string) (permit.Permit, error)

// Plan is what applying a file changes, or changed.
type Plan struct {
	Key     string      `json:"key"`
	System  string      `json:"system"` // object id; empty for a new one that is not stored yet
	Name    string      `json:"name"`
	New     bool        `json:"new"`
	Changes []Change    `json:"changes"` // never null
	Models  []ModelPlan `json:"models"`  // never null
}

// ModelPlan is what happens to one model.
type ModelPlan struct {
	Name    string   `json:"name"`
	New     bool     `json:"new"`
	Changes []Change `json:"changes"` // never null
}

// Unchanged reports whether the register says already what the file says.
func (p Plan) Unchanged() bool {
	if p.New || len(p.Changes) > 0 {
		return false
	}
	for _, m := range p.Models {
		if m.New || len(m.Changes) > 0 {
			return false
		}
	}
	return true
}

// draft is a plan with what would be stored.
type draft struct {
	Plan
	system store.Object[inventory.System] // with the file over it; without id when new
	models []store.Object[inventory.Model]
}

// Compare says what applying the file would change. Nothing is stored.
func Compare(ctx context.Context, h House, f File) (Plan, error) {
	d, err := plan(ctx, h, h.DB, f)
	return d.Plan, err
}

// Apply stores what the file says: all of it or, with an error, nothing. A second
// time it changes nothing.
func Apply(ctx context.Context, h House, f File) (Plan, error) {
	var done Plan
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := plan(ctx, h, tx, f)
		if err != nil {
			return err
		}
		done = d.Plan
		if d.Unchanged() {
			return nil
		}
		done.System, err = d.store(ctx, tx, h)
		if err != nil {
			return err
		}
		return h.Data.PutFile(ctx, tx, data.File{Key: f.Key, System: done.System, Hash: f.Hash, At: h.Now().UTC()})
	})
	if problem.Is(err, problem.BadInput) && len(problem.From(err).Fields) > 0 && !strings.Contains(problem.From(err).Fields[0].Path, f.Name+":") {
		err = f.located(err)
	}
	return done, err
}

// store writes system and models and returns the system's id.
func (d draft) store(ctx context.Context, tx *store.Tx, h House) (string, error) {
	var err error
	s := d.system
	switch {
	case d.New:
		if s.Doc.Code, err = inventory.CardCode(h.Rand); err == nil {
			s, err = h.Inventory.Systems.Create(ctx, tx, s.Doc)
		}
	case len(d.Changes) > 0:
		s, err = h.Inventory.Systems.Update(ctx, tx, s.ID, s.Revision, s.Doc)
	}
	if err != nil {
		return "", err
	}
	for i, m := range d.models {
		m.Doc.System = s.ID
		switch {
		case d.Models[i].New:
			_, err = h.Inventory.Models.Create(ctx, tx, m.Doc)
		case len(d.Models[i].Changes) > 0:
			_, err = h.Inventory.Models.Update(ctx, tx, m.ID, m.Revision, m.Doc)
		}
		if err != nil {
			return "", err
		}
	}
	return s.ID, nil
}

// plan reads the register and puts the file over it.
func plan(ctx context.Context, h House, rd store.Reader, f File) (draft, error) {
	d := draft{Plan: Plan{Key: f.Key, Name: f.doc.Name.S, New: true, Changes: []Change{}, Models: []ModelPlan{}}}
	before, err := registered(ctx, h, rd, f.Key)
	switch {
	case err == nil:
		d.New, d.System = false, before.ID
	case !problem.Is(err, problem.NotFound):
		return draft{}, err
	}
	if before.Doc.LifeCycle == inventory.Retired {
		return draft{}, f.refuse("key", "Das System „%s“ ist stillgelegt und bleibt, wie es ist.", "The system '%s' is retired and stays as it is.", before.Doc.Name)
	}
	d.system = before
	if d.New {
		d.system.Doc.Default()
	}
	d.system.Doc = f.onto(d.system.Doc)
	owner := ""
	if f.doc.Owner.S != "" {
		if d.system.Doc.RiskOwner, err = f.owner(ctx, rd); err != nil {
			return draft{}, err
		}
		owner = f.doc.Owner.S
	}
	was := owner
	if before.Doc.RiskOwner != d.system.Doc.RiskOwner {
		was = before.Doc.RiskOwner
	}
	d.Changes = append(d.Changes, changes(pairs(before.Doc, was), pairs(d.system.Doc, owner))...)
	for i := range f.doc.Models {
		if err := d.model(ctx, h, rd, f, i); err != nil {
			return draft{}, err
		}
	}
	return d, nil
}

// model plans one model.
func (d *draft) model(ctx context.Context, h House, rd store.Reader, f File, i int) error {
	name := f.doc.Models[i].Name.S
	have, err := h.Inventory.ModelByName(ctx, rd, name)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	fresh := err != nil
	if !fresh && have.Doc.System != d.System {
		return f.refuse(fmt.Sprintf("models.%d.name", i), "Das Modell „%s“ gehört zu einem anderen System.", "The model '%s' belongs to another system.", name)
	}
	after := have
	after.Doc = f.model(i, have.Doc)
	d.models = append(d.models, after)
	d.Models = append(d.Models, ModelPlan{Name: name, New: fresh, Changes: append([]Change{}, changes(modelPairs(have.Doc), modelPairs(after.Doc))...)})
	return nil
}

// registered is the system that was applied under a key, or NotFound. One that
// was deleted since is not found.
func registered(ctx context.Context, h House, rd store.Reader, key string) (store.Object[inventory.System], error) {
	rec, err := h.Data.FileByKey(ctx, rd, key)
	if err != nil {
		return store.Object[inventory.System]{}, err
	}
	return h.Inventory.Systems.Get(ctx, rd, rec.Doc.System)
}

// owner finds the person by sign-in name.
func (f *File) owner(ctx context.Context, rd store.Reader) (string, error) {
	name := strings.ToLower(f.doc.Owner.S)
	p, err := identity.Persons().List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("sign_in", "=", name)}, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(p.Items) == 0 || !p.Items[0].Doc.Active {
		return "", f.refuse("owner", "Niemand meldet sich unter „%s“ an.", "Nobody signs in as '%s'.", f.doc.Owner.S)
	}
	return p.Items[0].ID, nil
}
