package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// house acts where no person does.
var house = store.Actor{ID: "house", Kind: store.System}

// Triggers says what changed since a classification, in the order of
// classify.Trigger: the system itself, and the law.
func (r *Room) Triggers(s inventory.System, models []store.Object[inventory.Model], c classify.Classification, at time.Time) ([]classify.Trigger, error) {
	if !c.Concluded() {
		return nil, nil
	}
	found := c.Basis.Differs(classify.BasisOf(s, models))
	moved, err := r.cls.Moved(c, at)
	if err != nil {
		return nil, err
	}
	if moved != "" {
		found = append(found, moved)
	}
	return found, nil
}

// weighty leaves out what changed without changing the reading: a new version of
// the rules that says the same. It is a reason to look, not one to stop.
func weighty(found []classify.Trigger) []classify.Trigger {
	return slices.DeleteFunc(slices.Clone(found), func(t classify.Trigger) bool { return t == classify.ByVersion })
}

// words of the triggers, for sentences.
var told = map[classify.Trigger]text.Bi{
	classify.ByPurpose: {DE: "Zweck oder Einsatz", EN: "purpose or use"},
	classify.ByPeople:  {DE: "ob es um Menschen geht", EN: "whether people are concerned"},
	classify.ByData:    {DE: "Datenquellen oder Datenarten", EN: "data sources or kinds of data"},
	classify.ByModel:   {DE: "das Modell", EN: "the model"},
	classify.ByPlace:   {DE: "Markt oder Branche", EN: "market or sector"},
	classify.ByLaw:     {DE: "das Recht, mit anderem Ergebnis", EN: "the law, with another result"},
	classify.ByVersion: {DE: "die Fassung der Regeln, mit gleichem Ergebnis", EN: "the version of the rules, with the same result"},
}

// Word names one trigger.
func Word(t classify.Trigger) text.Bi { return told[t] }

// Tell says in a sentence what changed.
func Tell(found []classify.Trigger) text.Bi {
	var de, en []string
	for _, t := range found {
		de, en = append(de, told[t].DE), append(en, told[t].EN)
	}
	return text.Bi{DE: "Seit der Einstufung geändert: " + strings.Join(de, ", ") + ".", EN: "Changed since the classification: " + strings.Join(en, ", ") + "."}
}

// OnCommit looks at the systems that a change may have moved away from their
// classification, makes the review a task, and ends the task when the system was
// classified again. failed hears what went wrong; the change itself stands.
func (r *Room) OnCommit(ctx context.Context, changes []store.Change, failed func(error)) {
	ctx = store.WithActor(context.WithoutCancel(ctx), house)
	seen := map[string]bool{}
	for _, c := range changes {
		var system string
		var err error
		switch c.Kind {
		case "system":
			system = c.ID
		case "model":
			var o store.Object[inventory.Model]
			o, err = inventory.Models().Get(ctx, r.db, c.ID)
			system = o.Doc.System
		case "classification":
			var o store.Object[classify.Classification]
			o, err = r.cls.Classifications.Get(ctx, r.db, c.ID)
			system = o.Doc.System
		}
		if problem.Is(err, problem.NotFound) || err == nil && (system == "" || seen[system]) {
			continue
		}
		if err == nil {
			seen[system] = true
			err = r.look(ctx, system)
		}
		if err != nil {
			failed(fmt.Errorf("watch the classification of %s: %w", c.ID, err))
		}
	}
}

// Sweep looks at every system: law moves without a commit.
func (r *Room) Sweep(ctx context.Context) error {
	ctx = store.WithActor(context.WithoutCancel(ctx), house)
	stale, err := r.Stale(ctx, r.db)
	if err != nil {
		return err
	}
	var failures []error
	for _, s := range stale {
		failures = append(failures, r.look(ctx, s.System.ID))
	}
	return errors.Join(failures...)
}

// Stale is a system on whose classification something moved.
type Stale struct {
	System   store.Object[inventory.System]
	Class    classify.Classification
	Triggers []classify.Trigger
}

// Stale lists the systems, without retired ones, whose classification has to be
// looked at again, by name: three queries.
func (r *Room) Stale(ctx context.Context, rd store.Reader) ([]Stale, error) {
	systems, err := inventory.Systems().All(ctx, rd, store.Query{})
	if err != nil {
		return nil, err
	}
	return r.StaleOf(ctx, rd, systems)
}

// StaleOf is Stale for systems that were read already: two queries.
func (r *Room) StaleOf(ctx context.Context, rd store.Reader, systems []store.Object[inventory.System]) ([]Stale, error) {
	models, err := inventory.Models().All(ctx, rd, store.Query{})
	if err != nil {
		return nil, err
	}
	classes, err := r.cls.Classifications.All(ctx, rd, store.Query{})
	if err != nil {
		return nil, err
	}
	of := map[string][]store.Object[inventory.Model]{}
	for _, m := range models {
		of[m.Doc.System] = append(of[m.Doc.System], m)
	}
	by := map[string]classify.Classification{}
	for _, c := range classes {
		by[c.Doc.System] = c.Doc
	}
	var out []Stale
	for _, s := range systems {
		c, ok := by[s.ID]
		if !ok || s.Doc.LifeCycle == inventory.Retired {
			continue
		}
		found, err := r.Triggers(s.Doc, of[s.ID], c, r.now())
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out = append(out, Stale{s, c, found})
		}
	}
	slices.SortFunc(out, func(a, b Stale) int { return strings.Compare(a.System.Doc.Name, b.System.Doc.Name) })
	return out, nil
}

// look brings the review task of one system in line with what changed: made once
// when something did, ended when nothing does any more. A first look without a
// transaction keeps most changes, such as pressing stop, from writing.
func (r *Room) look(ctx context.Context, system string) error {
	open, found, _, err := r.review(ctx, r.db, system)
	if err != nil || (len(found) > 0) == open {
		return err
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		open, found, at, err := r.review(ctx, tx, system)
		switch {
		case err != nil || (len(found) > 0) == open:
			return err
		case open:
			return r.done(ctx, tx, duty.ByReview, system, text.Bi{DE: "Die Einstufung ist wieder aktuell.", EN: "The classification is current again."})
		}
		return r.ask(ctx, tx, at, found)
	})
}

// review is where the review of a system stands. A system that is gone, retired
// or not classified needs none.
func (r *Room) review(ctx context.Context, rd store.Reader, system string) (open bool, found []classify.Trigger, at reviewed, err error) {
	at.system, err = inventory.Systems().Get(ctx, rd, system)
	if problem.Is(err, problem.NotFound) {
		return false, nil, at, nil
	}
	if err != nil {
		return false, nil, at, err
	}
	tasks, err := duty.Tasks().List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByReview)), store.Where("systems", "=", system)}, Sort: "-created_at", Limit: 50, Uncounted: true})
	if err != nil {
		return false, nil, at, err
	}
	for _, t := range tasks.Items {
		open = open || t.Doc.Open()
	}
	if at.system.Doc.LifeCycle == inventory.Retired {
		return open, nil, at, nil
	}
	c, err := r.cls.Of(ctx, rd, system)
	if problem.Is(err, problem.NotFound) {
		return open, nil, at, nil
	}
	if err != nil {
		return open, nil, at, err
	}
	at.class = c.Doc
	models, err := inventory.Models().List(ctx, rd, store.Query{Filters: []store.Filter{store.Where("system", "=", system)}, Limit: store.MaxLimit, Uncounted: true})
	if err != nil {
		return open, nil, at, err
	}
	found, err = r.Triggers(at.system.Doc, models.Items, c.Doc, r.now())
	return open, found, at, err
}

// reviewed is a system with its classification.
type reviewed struct {
	system store.Object[inventory.System]
	class  classify.Classification
}

// ask makes the review a task, due by the priority of the system's class.
func (r *Room) ask(ctx context.Context, tx *store.Tx, at reviewed, found []classify.Trigger) error {
	rows, err := r.cls.Rows.All(ctx, tx, store.Query{})
	if err != nil {
		return err
	}
	priority := classify.PriorityOf(docs(rows), at.class.Class, at.class.Level, at.class.LevelKnown)
	name := at.system.Doc.Name
	called := text.Bi{DE: "Einstufung neu prüfen: " + name, EN: "Look at the classification again: " + name}
	say := Tell(found)
	_, err = duty.Tasks().Create(ctx, tx, duty.Task{Name: called.DE, Called: called, Phase: duty.Check, Cause: duty.ByReview, Due: priority.Due(r.now().UTC()),
		Owner: at.system.Doc.RiskOwner, Systems: []string{at.system.ID}, About: r.about(found), Say: text.Bi{
			DE: say.DE + " Bitte die Fragen noch einmal durchgehen und das Ergebnis speichern.",
			EN: say.EN + " Please go through the questions again and save the result."}})
	return err
}

// about names the clauses that a review rests on, as far as the packs know them.
func (r *Room) about(found []classify.Trigger) []string {
	ids := []string{"iso42001.8.2"}
	if slices.Contains(found, classify.ByLaw) || slices.Contains(found, classify.ByVersion) {
		ids = append(ids, "aia.art6.2")
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !known(r.lib(), id) })
}

func known(lib *packs.Library, id string) bool { _, ok := lib.Clause(id); return ok }

func docs(rows []store.Object[classify.ClassRow]) []classify.ClassRow {
	out := make([]classify.ClassRow, len(rows))
	for i, o := range rows {
		out[i] = o.Doc
	}
	return out
}
