package profile

import (
	"context"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// handOverWithin is the time that a hand-over may take; our own convention.
const handOverWithin = 14 * 24 * time.Hour

// house acts where no person does.
var house = store.Actor{ID: "house", Kind: store.System}

// Left makes a task to hand over every system that a person who leaves owns or
// is named for (requirement 001-51). A system that has such a task already gets
// no second one; a retired one gets none. The name of the person is not in the
// text: the task refers to it.
func (r *Room) Left(ctx context.Context, person string) error {
	ctx = store.WithActor(ctx, house)
	named, err := r.namedFor(ctx, person)
	if err != nil || len(named) == 0 {
		return err
	}
	ids := make([]string, 0, len(named))
	for id := range named {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	systems, err := r.systems.GetMany(ctx, r.db, ids)
	if err != nil {
		return err
	}
	open, err := r.tasks.All(ctx, r.db, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByLeaving))}})
	if err != nil {
		return err
	}
	var fresh []duty.Task
	for _, id := range ids {
		s, ok := systems[id]
		if !ok || s.Doc.LifeCycle == inventory.Retired || slices.ContainsFunc(open, func(t store.Object[duty.Task]) bool {
			return t.Doc.Open() && t.Doc.From == person && slices.Contains(t.Doc.Systems, id)
		}) {
			continue
		}
		fresh = append(fresh, r.handOver(id, s.Doc.Name, person, named[id]))
	}
	if len(fresh) == 0 {
		return nil
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := r.tasks.CreateMany(ctx, tx, fresh)
		return err
	})
}

// namedFor are the systems that a person owns or is named for, each with the
// fields that name the person.
func (r *Room) namedFor(ctx context.Context, person string) (map[string][]string, error) {
	links, err := r.db.LinksTo(ctx, person)
	if err != nil {
		return nil, err
	}
	named := map[string][]string{}
	profiles := map[string][]string{}
	for _, l := range links {
		switch {
		case l.FromKind == r.systems.Name() && l.Field == "risk_owner":
			named[l.FromID] = append(named[l.FromID], l.Field)
		case l.FromKind == r.Profiles.Name() && (strings.HasPrefix(l.Field, "persons.") || l.Field == "decisions.person"):
			profiles[l.FromID] = append(profiles[l.FromID], l.Field)
		}
	}
	if len(profiles) == 0 {
		return named, nil
	}
	ids := make([]string, 0, len(profiles))
	for id := range profiles {
		ids = append(ids, id)
	}
	found, err := r.Profiles.GetMany(ctx, r.db, ids)
	if err != nil {
		return nil, err
	}
	for id, o := range found {
		named[o.Doc.System] = append(named[o.Doc.System], profiles[id]...)
	}
	return named, nil
}

var roleWords = map[string]text.Bi{
	"risk_owner":       {DE: "verantwortet das Risiko", EN: "owns the risk"},
	"persons.decides":  {DE: "entscheidet über den Einsatz", EN: "decides about the use"},
	"persons.checks":   {DE: "prüft die Wirkung", EN: "checks the effects"},
	"persons.liable":   {DE: "steht für Fehlentscheidungen ein", EN: "answers for wrong decisions"},
	"decisions.person": {DE: "beaufsichtigt eine Entscheidung", EN: "oversees a decision"},
}

func (r *Room) handOver(system, name, person string, fields []string) duty.Task {
	var de, en []string
	for _, f := range []string{"risk_owner", "persons.decides", "persons.checks", "persons.liable", "decisions.person"} {
		if slices.Contains(fields, f) {
			de, en = append(de, roleWords[f].DE), append(en, roleWords[f].EN)
		}
	}
	called := text.Bi{DE: "Verantwortung übergeben: " + name, EN: "Hand over responsibility: " + name}
	return duty.Task{Name: shortened(called.DE), Called: called, Phase: duty.Act, Cause: duty.ByLeaving, From: person,
		Due: r.now().UTC().Add(handOverWithin), Systems: []string{system}, About: []string{"iso42001.A.3.2"}, Say: text.Bi{
			DE: "Wer ausscheidet, ist für dieses System noch eingetragen: " + strings.Join(de, ", ") + ". Bitte jemanden benennen und einarbeiten.",
			EN: "Somebody who leaves is still entered for this system: " + strings.Join(en, ", ") + ". Please name somebody and brief that person."}}
}

// shortened keeps a name within what a task may be called.
func shortened(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300])
	}
	return s
}
