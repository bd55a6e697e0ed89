package duty

import (
	"context"
	"fmt"
	"slices"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Clauses that ask to look again when model or vendor change.
var (
	modelClauses  = []string{"iso42001.A.6.2.4", "iso42001.8.2"}
	vendorClauses = []string{"iso42001.A.10.3", "iso42001.8.2"}
)

// relied reports whether people rely on a system: what is changed while an entry is
// still an idea is how the idea grows.
func relied(s inventory.System) bool {
	return s.LifeCycle == inventory.Trial || s.LifeCycle == inventory.Operation
}

// remodelled asks for a review when a system in use got another model: a new one,
// or another version or other bytes of one (requirement 000-49).
func (r *Room) remodelled(ctx context.Context, c store.Change) error {
	m, err := r.inv.Models.Get(ctx, r.db, c.ID)
	if err != nil {
		return err
	}
	s, err := r.inv.Systems.Get(ctx, r.db, m.Doc.System)
	if err != nil || !relied(s.Doc) {
		return err
	}
	say := text.Bi{DE: fmt.Sprintf("„%s“ hat ein weiteres Modell: %s.", s.Doc.Name, m.Doc.Title()), EN: fmt.Sprintf("'%s' has a further model: %s.", s.Doc.Name, m.Doc.Title())}
	if c.Op == store.Created {
		n, err := r.inv.Models.Count(ctx, r.db, store.Where("system", "=", s.ID))
		if err != nil || n < 2 {
			return err // the first one is how it begins
		}
	} else {
		versions, err := r.db.History(ctx, "model", c.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(versions, func(v store.Version) bool { return v.Revision == c.Revision })
		if i < 1 || !slices.ContainsFunc(versions[i].Diffs, ofModel) {
			return nil
		}
		say = text.Bi{DE: fmt.Sprintf("Das Modell von „%s“ hat sich geändert, jetzt %s.", s.Doc.Name, m.Doc.Title()),
			EN: fmt.Sprintf("The model of '%s' changed, now %s.", s.Doc.Name, m.Doc.Title())}
	}
	say.DE += " Bitte Abnahme, Risiken und Einstufung daraufhin ansehen."
	say.EN += " Please look at acceptance, risks and classification with that in mind."
	return r.lookAgain(ctx, "Geändertes Modell: ", "Changed model: ", say, modelClauses, s)
}

// ofModel reports whether a difference makes another model of it.
func ofModel(d store.Diff) bool {
	return d.Path == "name" || d.Path == "version" || d.Path == "hash" || d.Path == "system"
}

// resourced asks for a review when a system in use has another vendor.
func (r *Room) resourced(ctx context.Context, s store.Object[inventory.System], diffs []store.Diff) error {
	if !relied(s.Doc) {
		return nil
	}
	if !slices.ContainsFunc(diffs, func(d store.Diff) bool { return d.Path == "vendor" }) {
		return nil
	}
	return r.lookAgain(ctx, "Anderer Lieferant: ", "Another vendor: ", text.Bi{
		DE: fmt.Sprintf("Der Lieferant von „%s“ hat gewechselt. Bitte Verträge, Datenflüsse, Risiken und Einstufung daraufhin ansehen.", s.Doc.Name),
		EN: fmt.Sprintf("The vendor of '%s' changed. Please look at contracts, data flows, risks and classification with that in mind.", s.Doc.Name)}, vendorClauses, s)
}

// resold asks for a review of every system in use whose vendor became another one:
// a new name or another country.
func (r *Room) resold(ctx context.Context, c store.Change) error {
	versions, err := r.db.History(ctx, "vendor", c.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v store.Version) bool { return v.Revision == c.Revision })
	if i < 1 || !slices.ContainsFunc(versions[i].Diffs, func(d store.Diff) bool { return d.Path == "name" || d.Path == "country" }) {
		return nil
	}
	v, err := r.inv.Vendors.Get(ctx, r.db, c.ID)
	if err != nil {
		return err
	}
	all, err := r.inv.Systems.All(ctx, r.db, store.Query{Filters: []store.Filter{store.Where("vendor", "=", c.ID)}})
	if err != nil {
		return err
	}
	used := slices.DeleteFunc(all, func(s store.Object[inventory.System]) bool { return !relied(s.Doc) })
	if len(used) == 0 {
		return nil
	}
	say := text.Bi{DE: fmt.Sprintf("Beim Lieferanten „%s“ hat sich Name oder Land geändert. Bitte Verträge, Datenflüsse und Risiken seiner Systeme daraufhin ansehen.", v.Doc.Name),
		EN: fmt.Sprintf("Name or country of the vendor '%s' changed. Please look at contracts, data flows and risks of its systems with that in mind.", v.Doc.Name)}
	return r.lookAgain(ctx, "Geänderter Lieferant: ", "Changed vendor: ", say, vendorClauses, used...)
}

// lookAgain makes one task about systems, for the risk owner where it is one system.
func (r *Room) lookAgain(ctx context.Context, de, en string, say text.Bi, about []string, systems ...store.Object[inventory.System]) error {
	called := text.Bi{DE: de + systems[0].Doc.Name, EN: en + systems[0].Doc.Name}
	task := Task{Name: cut(called.DE, 300), Called: called, Say: say, Phase: Check, Cause: ByTechnology, About: about, Due: r.now().UTC().Add(reviewWithin)}
	for _, s := range systems {
		task.Systems = append(task.Systems, s.ID)
	}
	if len(systems) == 1 {
		task.Owner = systems[0].Doc.RiskOwner
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := r.Tasks.Create(ctx, tx, task)
		return err
	})
}
