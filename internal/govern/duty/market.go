package duty

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// house acts where no person does.
var house = store.Actor{ID: "house", Kind: store.System}

// OnCommit draws up the list of duties anew for every system whose markets or
// sectors changed, and makes a task of it (requirement 000-20); and asks for a
// review where the model or the vendor of a system in use changed
// (000-49). Whatever goes wrong is told to failed; the change itself stands.
func (r *Room) OnCommit(ctx context.Context, changes []store.Change, failed func(error)) {
	ctx = store.WithActor(ctx, house)
	for _, c := range changes {
		var err error
		switch {
		case c.Kind == "system" && c.Op == store.Updated:
			err = r.moved(ctx, c)
		case c.Kind == "model" && c.Op != store.Deleted:
			err = r.remodelled(ctx, c)
		case c.Kind == "vendor" && c.Op == store.Updated:
			err = r.resold(ctx, c)
		}
		if err != nil {
			failed(fmt.Errorf("tasks after a change of %s: %w", c.ID, err))
		}
	}
}

// moved compares the revision of a change with the one before.
func (r *Room) moved(ctx context.Context, c store.Change) error {
	now, err := r.inv.Systems.Get(ctx, r.db, c.ID)
	if err != nil || r.seen(now, c.Revision) {
		return err
	}
	versions, err := r.db.History(ctx, "system", c.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v store.Version) bool { return v.Revision == c.Revision })
	if i < 1 {
		return nil
	}
	if err := r.resourced(ctx, now, versions[i].Diffs); err != nil {
		return err
	}
	if !slices.ContainsFunc(versions[i].Diffs, ofPlace) {
		return nil
	}
	before := now
	for _, d := range versions[i].Diffs {
		switch d.Path {
		case "markets":
			before.Doc.Markets = wordsOf(d.Old)
		case "sectors":
			before.Doc.Sectors = wordsOf(d.Old)
		}
	}
	task, err := r.newList(ctx, before, now)
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := r.Tasks.Create(ctx, tx, task)
		return err
	})
}

// stood is where a system stood at one revision, and from whom it came.
type stood struct {
	revision int64
	place    string
}

// seen reports whether the revision of a change stands where the one before
// stood, as far as this process saw both, so that most changes, such as pressing
// stop, cost no reading of the history.
func (r *Room) seen(o store.Object[inventory.System], revision int64) bool {
	now := stood{o.Revision, strings.Join(o.Doc.Markets, ",") + ";" + strings.Join(o.Doc.Sectors, ",") + ";" + o.Doc.Vendor}
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.places[o.ID]
	if now.revision > last.revision {
		r.places[o.ID] = now
	}
	return o.Revision == revision && last.revision == revision-1 && last.place == now.place
}

// ofPlace reports whether a difference is about markets or sectors.
func ofPlace(d store.Diff) bool { return d.Path == "markets" || d.Path == "sectors" }

// wordsOf reads a list of words as a difference writes it.
func wordsOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ", ")
}

// newList is the task that a system's new markets or sectors bring.
func (r *Room) newList(ctx context.Context, before, now store.Object[inventory.System]) (Task, error) {
	var saved *classify.Classification
	cls, err := r.cls.Of(ctx, r.db, now.ID)
	switch {
	case err == nil && cls.Doc.Concluded():
		saved = &cls.Doc
	case err != nil && !problem.Is(err, problem.NotFound):
		return Task{}, err
	}
	at := r.now()
	was, err := r.stand(before, saved, at)
	if err != nil {
		return Task{}, err
	}
	is, err := r.stand(now, saved, at)
	if err != nil {
		return Task{}, err
	}
	old, fresh := listed(On(r.lib(), was.Subject, at)), listed(On(r.lib(), is.Subject, at))
	var about []string
	added, ended := 0, 0
	for _, id := range fresh {
		if !slices.Contains(old, id) {
			about, added = append(about, id), added+1
		}
	}
	for _, id := range old {
		if !slices.Contains(fresh, id) {
			about, ended = append(about, id), ended+1
		}
	}
	called := text.Bi{DE: "Neue Liste der Pflichten: " + now.Doc.Name, EN: "New list of duties: " + now.Doc.Name}
	return Task{Name: cut(called.DE, 300), Called: called, Phase: Plan, Cause: ByMarket, Due: at.UTC().Add(reviewWithin),
		About: about, Systems: []string{now.ID}, Say: r.listSay(now.Doc, len(fresh), added, ended)}, nil
}

// listed are the clauses of a list that are not over.
func listed(all []Duty) []string {
	var out []string
	for _, d := range all {
		if d.State != Over {
			out = append(out, d.Clause.ID)
		}
	}
	return out
}

// listSay tells what the new list holds, and which markets and sectors no pack
// says anything about: silence of the packs is not freedom from duties.
func (r *Room) listSay(s inventory.System, n, added, ended int) text.Bi {
	say := text.Bi{
		DE: fmt.Sprintf("Märkte oder Branchen von „%s“ haben sich geändert. Die Liste hat jetzt %d Pflichten; neu: %d, entfallen: %d.", s.Name, n, added, ended),
		EN: fmt.Sprintf("Markets or sectors of '%s' changed. The list now has %d duties; new: %d, gone: %d.", s.Name, n, added, ended),
	}
	if quiet := r.Unheard(s.Markets, s.Sectors); len(quiet) > 0 {
		words := strings.Join(quiet, ", ")
		say.DE += " Kein Wissenspaket nennt Pflichten eigens für: " + words + ". Bitte dort fachlichen Rat einholen."
		say.EN += " No content pack names duties of its own for: " + words + ". Please ask for advice there."
	}
	return say
}

// Unheard are those markets and sectors that no clause of the packs names. The
// shipped packs hold European and German law, which counts without naming a
// market; "eu" and "de" are therefore heard.
func (r *Room) Unheard(markets, sectors []string) []string {
	lib := r.lib()
	known := map[string]bool{"eu": true, "de": true}
	for _, p := range lib.Packs() {
		for _, c := range lib.Clauses(p.ID) {
			for _, w := range append(slices.Clone(c.Markets), c.Sectors...) {
				known[w] = true
			}
		}
	}
	var out []string
	for _, w := range append(slices.Clone(markets), sectors...) {
		if !known[w] && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// Finish ends a task with what came out. Revision as stored, else Conflict.
func (r *Room) Finish(ctx context.Context, id string, revision int64, result string) (store.Object[Task], error) {
	return r.change(ctx, id, revision, func(t *Task, who string, at time.Time) {
		t.Done, t.DoneBy, t.Result = at, who, strings.TrimSpace(result)
	})
}

func (r *Room) change(ctx context.Context, id string, revision int64, do func(t *Task, who string, at time.Time)) (store.Object[Task], error) {
	var saved store.Object[Task]
	who, ok := store.ActorFrom(ctx)
	if !ok {
		return saved, problem.New(problem.Unsigned, "Bitte anmelden.", "Please sign in.")
	}
	err := r.db.Write(ctx, func(tx *store.Tx) error {
		o, err := r.Tasks.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		do(&o.Doc, who.ID, r.now().UTC())
		saved, err = r.Tasks.Update(ctx, tx, id, revision, o.Doc)
		return err
	})
	return saved, err
}
