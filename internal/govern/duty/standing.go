package duty

import (
	"context"
	"slices"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
)

// Standing is one system under the law of a day: what it brings about, and how
// that compares with what was saved.
type Standing struct {
	Subject
	Scope     []inventory.Scope
	LifeCycle inventory.LifeCycle

	Known   bool      // it was classified at some time
	Saved   string    // the class that was saved
	SavedBy string    // what the rules alone said then
	Version string    // of the rule sets that it was saved under
	AsOf    time.Time // the day it was saved under
	Until   time.Time // until when the saved result counts
	Rules   string    // what the rules alone say on the day asked for
	Trace   []classify.Step
	// Kept: the saved result stands unread, because the rules do not reach back to
	// the day asked for, or because it was saved without answers.
	Kept bool
}

// Differs reports whether the law of the day asked for leads to another class
// than the law did under which the class was saved.
func (s Standing) Differs() bool { return s.Known && s.Rules != s.SavedBy }

// Register is the systems and classifications of an organisation as they were
// read once; it can be looked at under the law of any day.
type Register struct {
	room    *Room
	systems []store.Object[inventory.System]
	saved   map[string]*classify.Classification
	read    map[string]Standing // by system and the rules valid on the day
}

// Register reads the systems that are not retired, by name, and their
// classifications: one query each for five hundred.
func (r *Room) Register(ctx context.Context, rd store.Reader) (Register, error) {
	g := Register{room: r, saved: map[string]*classify.Classification{}, read: map[string]Standing{}}
	systems, err := r.inv.Systems.All(ctx, rd, store.Query{Sort: "name"})
	if err != nil {
		return g, err
	}
	g.systems = slices.DeleteFunc(systems, func(o store.Object[inventory.System]) bool { return o.Doc.LifeCycle == inventory.Retired })
	classes, err := r.cls.Classifications.All(ctx, rd, store.Query{})
	if err != nil {
		return g, err
	}
	for i, c := range classes {
		if c.Doc.Concluded() {
			g.saved[c.Doc.System] = &classes[i].Doc
		}
	}
	return g, nil
}

// Systems are the systems that were read.
func (g Register) Systems() []store.Object[inventory.System] { return slices.Clone(g.systems) }

// At is how the systems stand under the law of a day: the saved answers of every
// classification are read again with the rules that are valid then. A class that
// a person set against the rules goes on standing as long as the rules say what
// they said; nothing is saved. only narrows it to some systems; none: all.
func (g Register) At(at time.Time, only ...string) ([]Standing, error) {
	var out []Standing
	for _, o := range g.systems {
		if len(only) > 0 && !slices.Contains(only, o.ID) {
			continue
		}
		key := o.ID + g.room.era(at)
		st, ok := g.read[key]
		if !ok {
			var err error
			if st, err = g.room.stand(o, g.saved[o.ID], at); err != nil {
				return nil, err
			}
			g.read[key] = st
		}
		out = append(out, st)
	}
	return out, nil
}

// era names the rules that are valid on a day: on two days of one era the same
// answers lead to the same result.
func (r *Room) era(at time.Time) string {
	out := ""
	for _, id := range []string{classify.ClassRules, classify.RoleRules, classify.LevelRules} {
		if rs, ok := r.lib().Rules(id); ok {
			out += " " + rs.Since(at).Format(time.DateOnly)
		}
	}
	return out
}

// Standing is Register and At in one step.
func (r *Room) Standing(ctx context.Context, rd store.Reader, at time.Time) ([]Standing, error) {
	g, err := r.Register(ctx, rd)
	if err != nil {
		return nil, err
	}
	return g.At(at)
}

// stand reads one system under the law of a day.
func (r *Room) stand(o store.Object[inventory.System], saved *classify.Classification, at time.Time) (Standing, error) {
	s := o.Doc
	st := Standing{Subject: Subject{System: o.ID, Name: s.Name, Role: packs.Unclear, Class: packs.Unclear, People: s.People,
		Special: slices.Contains(s.DataClasses, "special"), Markets: s.Markets, Sectors: s.Sectors, InServiceSince: s.InService},
		Scope: s.Scope, LifeCycle: s.LifeCycle}
	st.Personal = st.Special || slices.Contains(s.DataClasses, "personal")
	if saved == nil {
		return st, nil
	}
	st.Known, st.Saved, st.SavedBy, st.Version, st.AsOf = true, saved.Class, saved.ByRules, saved.Version, saved.AsOf
	st.Until = saved.ValidUntil
	st.Role, st.Class, st.Rules = saved.Role, saved.Class, saved.ByRules
	rs, ok := r.lib().Rules(classify.ClassRules)
	if ok && at.Before(rs.From) || len(saved.Answers) == 0 && saved.Verdict == "" {
		st.Kept = true
		return st, nil
	}
	res, err := r.cls.Judge(at, saved.Verdict, saved.Answers)
	if err != nil {
		return st, err
	}
	st.Role, st.Rules, st.Trace = res.Role, res.Class, res.Trace
	if res.Class != saved.ByRules {
		st.Class = res.Class
	}
	st.AnnexI, st.Transparency, st.AlsoDeployer = res.Values["basis"] == "annex_1", res.Values["transparency"], res.Values["also_deployer"] == "yes"
	if day, err := time.Parse(time.DateOnly, res.Values["duties_from"]); err == nil && res.Class == "high" {
		st.DutiesFrom = day
	}
	st.Elsewhere = r.elsewhere(res.Values["regime"])
	if st.Class == "prohibited" {
		st.Ban = r.banned(res.Trace)
	}
	return st, nil
}

// elsewhere are the clauses that say that the duties of a regime stand outside
// the AI Act. The rule set says it of its own output.
func (r *Room) elsewhere(regime string) []string {
	rs, ok := r.lib().Rules(classify.ClassRules)
	if !ok {
		return nil
	}
	for _, o := range rs.Outputs {
		for _, v := range o.Values {
			if o.Name == "regime" && v.ID == regime {
				return v.Clauses
			}
		}
	}
	return nil
}

// banned are the clauses on which a prohibited class rests: of those that the
// rules cite, the ones that a fine stands behind; the others are dates.
func (r *Room) banned(trace []classify.Step) []string {
	var out []string
	for _, step := range trace {
		if step.Part != classify.PartClass {
			continue
		}
		for _, id := range step.Clauses {
			if c, ok := r.lib().Clause(id); ok && c.Fine != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
