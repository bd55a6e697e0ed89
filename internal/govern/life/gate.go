package life

import (
	"context"
	"fmt"
	"slices"
	"time"

	"augenmass/internal/govern/assess"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// Item is one thing that a gate asks for.
type Item struct {
	Code    string // "purpose", "identified", "classified", "prohibited", "complete", "class", "step", "plan.data", or a code of a demand
	Say     text.Bi
	Met     bool
	Clauses []string
	Path    string // of the page where it is settled, below the organisation
}

// Asked is what the gate of a stage asks for.
type Asked struct {
	To    inventory.LifeCycle
	Items []Item
}

// Open are the items that are missing.
func (a Asked) Open() []Item {
	return slices.DeleteFunc(slices.Clone(a.Items), func(i Item) bool { return i.Met })
}

// Next is the stage after one; empty after the last.
func Next(at inventory.LifeCycle) inventory.LifeCycle {
	all := inventory.LifeCycle("").Values()
	if i := slices.Index(all, string(at)); i >= 0 && i+1 < len(all) {
		return inventory.LifeCycle(all[i+1])
	}
	return ""
}

// Gate is the inventory's: it refuses a stage with everything that is missing.
func (r *Room) Gate(ctx context.Context, tx *store.Tx, id string, _ *inventory.System, after inventory.System) error {
	ctx = store.WithActor(ctx, store.Actor{ID: "house", Kind: store.System}) // what is asked does not depend on who asks
	o, err := r.n.Inventory.Systems.Get(ctx, tx, id)
	if err != nil {
		return err
	}
	o.Doc = after
	asked, err := r.Ask(ctx, tx, o, after.LifeCycle)
	if err != nil {
		return err
	}
	return asked.Err(after.Name)
}

// Err is nil when nothing is missing, and else a conflict that names all of it.
func (a Asked) Err(name string) error {
	open := a.Open()
	if len(open) == 0 {
		return nil
	}
	word := stageWords[a.To]
	p := problem.Newf(problem.Conflict, "„%s“ kann noch nicht in die Stufe „"+word.DE+"“. Es fehlt noch etwas.", "'%s' cannot begin the stage '"+word.EN+"' yet. Something is missing.", name).
		WithHint("Bitte das Fehlende nachholen; die Seite „Lebensweg“ des Systems führt hin.", "Please complete what is missing; the page 'Life' of the system leads there.")
	for _, i := range open {
		p = p.WithReason("life."+i.Code, i.Say.DE, i.Say.EN, i.Clauses...)
	}
	return p
}

var stageWords = map[inventory.LifeCycle]text.Bi{
	inventory.Idea:      {DE: "Idee", EN: "idea"},
	inventory.Trial:     {DE: "Erprobung", EN: "trial"},
	inventory.Operation: {DE: "Betrieb", EN: "operation"},
	inventory.Retired:   {DE: "stillgelegt", EN: "retired"},
}

// Ask says what the gate of a stage asks for, and what of it is met.
func (r *Room) Ask(ctx context.Context, rd store.Reader, o store.Object[inventory.System], to inventory.LifeCycle) (Asked, error) {
	asked := Asked{To: to}
	if to == inventory.Idea || to == "" {
		return asked, nil
	}
	if to == inventory.Retired {
		plan, err := r.planned(ctx, rd, o.ID)
		if err != nil {
			return asked, err
		}
		asked.Items = plan
	} else {
		s, err := r.subject(ctx, rd, o)
		if err != nil {
			return asked, err
		}
		asked.Items = begun(s)
		if to == inventory.Operation {
			more, err := r.running(ctx, rd, s)
			if err != nil {
				return asked, err
			}
			asked.Items = append(asked.Items, more...)
		}
	}
	own, err := r.own(ctx, rd, o.ID, to)
	asked.Items = append(asked.Items, own...)
	return asked, err
}

// subject gathers what rooms are asked with.
func (r *Room) subject(ctx context.Context, rd store.Reader, o store.Object[inventory.System]) (stand.Subject, error) {
	s := stand.Subject{System: o, Now: r.n.Now().UTC()}
	models, err := of(ctx, rd, r.n.Inventory.Models, o.ID)
	if err != nil {
		return s, err
	}
	s.Models = models
	c, err := r.n.Classify.Of(ctx, rd, o.ID)
	switch {
	case err == nil && c.Doc.Concluded():
		s.Classification = &c
	case err != nil && !problem.Is(err, problem.NotFound):
		return s, err
	}
	a, err := r.n.Assess.One(ctx, rd, o.ID, assess.Identification)
	switch {
	case err == nil && a.Doc.Concluded():
		s.Identification = &a
	case err != nil && !problem.Is(err, problem.NotFound):
		return s, err
	}
	return s, nil
}

// begun is what a trial needs. An unclear class is allowed: a trial may settle it.
func begun(s stand.Subject) []Item {
	doc, at := s.System.Doc, "/systems/"+s.System.ID
	return []Item{
		{Code: "purpose", Met: !doc.Purpose.IsZero(), Path: at + "/edit", Clauses: []string{"iso42001.A.9.4"},
			Say: text.Bi{DE: "Der Zweck ist beschrieben.", EN: "The purpose is described."}},
		{Code: "owner", Met: doc.RiskOwner != "", Path: at + "/edit", Clauses: []string{"iso42001.A.3.2"},
			Say: text.Bi{DE: "Eine Person verantwortet das Risiko.", EN: "A person owns the risk."}},
		{Code: "identified", Met: s.Identification != nil, Path: at + "/identify", Clauses: []string{"aia.def.1"},
			Say: text.Bi{DE: "Es ist geklärt, ob es KI ist.", EN: "It is settled whether it is AI."}},
		{Code: "classified", Met: s.Classification != nil, Path: at + "/classify", Clauses: []string{"iso42001.6.1.2"},
			Say: text.Bi{DE: "Eine Einstufung ist gespeichert.", EN: "A classification is saved."}},
		{Code: "prohibited", Met: s.Class() != permit.ClassProhibited, Path: at + "/classify", Clauses: []string{"aia.art5.1.a"},
			Say: text.Bi{DE: "Die Anwendung ist nicht verboten.", EN: "The use is not prohibited."}},
	}
}

// fields are the words for what a complete entry holds.
var fields = map[string]text.Bi{
	"purpose": {DE: "Zweck", EN: "purpose"}, "use": {DE: "Einsatz", EN: "use"}, "data_sources": {DE: "Datenquellen", EN: "data sources"},
	"technology": {DE: "Technik", EN: "technology"}, "origin": {DE: "Herkunft", EN: "origin"}, "scope": {DE: "Einsatzfeld", EN: "field of use"},
	"role_of_ai": {DE: "Rolle der KI", EN: "role of the AI"}, "risk_owner": {DE: "Risikoverantwortung", EN: "risk owner"},
	"oversee.decider": {DE: "wer entscheidet", EN: "who decides"}, "review_by": {DE: "nächste Überprüfung", EN: "next review"},
}

// running is what operation needs beyond a trial.
func (r *Room) running(ctx context.Context, rd store.Reader, s stand.Subject) ([]Item, error) {
	at := "/systems/" + s.System.ID
	var out []Item
	missing := s.System.Doc.Missing()
	complete := Item{Code: "complete", Met: len(missing) == 0, Path: at + "/edit", Clauses: []string{"iso42001.A.6.2.5"},
		Say: text.Bi{DE: "Der Eintrag im Register ist vollständig.", EN: "The entry in the register is complete."}}
	if len(missing) > 0 {
		var de, en string
		for i, m := range missing {
			if i > 0 {
				de, en = de+", ", en+", "
			}
			w, ok := fields[m]
			if !ok {
				w = text.Same(m)
			}
			de, en = de+w.DE, en+w.EN
		}
		complete.Say = text.Bi{DE: complete.Say.DE + " Es fehlt: " + de + ".", EN: complete.Say.EN + " Missing: " + en + "."}
	}
	out = append(out, complete, Item{Code: "class", Met: s.Class() != packs.Unclear, Path: at + "/classify", Clauses: []string{"iso42001.6.1.2"},
		Say: text.Bi{DE: "Die Risikoklasse ist nicht mehr ungeklärt.", EN: "The risk class is no longer unclear."}})
	for _, src := range r.n.Sources() {
		said, err := src.Says(ctx, rd, s)
		if err != nil {
			return nil, fmt.Errorf("ask %s: %w", src.Name(), err)
		}
		for _, d := range said.Demands {
			out = append(out, demanded(d, s.Now, at))
		}
	}
	return out, nil
}

// demanded is a demand of a permit as an item.
func demanded(d permit.Demand, now time.Time, path string) Item {
	say, clauses := permit.Demanded(d.Code)
	i := Item{Code: d.Code, Met: d.Met && (d.Until.IsZero() || now.Before(d.Until)), Clauses: append(slices.Clone(d.Clauses), clauses...), Say: say, Path: pageOf(d.Code, path)}
	switch good, ok := settled[d.Code]; {
	case i.Met && ok:
		i.Say = good
	case i.Met:
		i.Say = text.Bi{DE: "Erfüllt, sonst gälte: " + say.DE, EN: "Met; otherwise: " + say.EN}
	case !d.Detail.IsZero():
		i.Say = text.Bi{DE: say.DE + " " + d.Detail.DE, EN: say.EN + " " + d.Detail.EN}
	}
	return i
}
