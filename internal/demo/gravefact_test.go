package demo

import (
	"context"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/approve"
	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/data"
	"augenmass/internal/govern/interview"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/govern/risk"
	"augenmass/internal/govern/voice"
	"augenmass/internal/permit"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

// graveFact changes one fact that only a system on the long way rests on.
type graveFact struct {
	name   string
	code   string // of the lapse that must stand first among those of this code
	change change
}

// ofProfile changes what people decided about the system.
func ofProfile(f func(*profile.Profile)) change {
	return func(w *world) func() {
		ctx := store.WithActor(context.Background(), approve.House)
		o, err := w.c.Org.Profile.Of(ctx, w.c.Org.DB, w.system)
		if err != nil {
			w.Fatal(err)
		}
		return swap(w, w.c.Org.Profile.Profiles, o.ID, f)
	}
}

// ofOnly changes the one object of a kind that belongs to the system.
func ofOnly[T any](kind func(w *world) *store.Kind[T], mine func(w *world, doc T) bool, f func(*T)) change {
	return func(w *world) func() {
		ctx := store.WithActor(context.Background(), approve.House)
		all, err := kind(w).All(ctx, w.c.Org.DB, store.Query{})
		if err != nil {
			w.Fatal(err)
		}
		for _, o := range all {
			if mine(w, o.Doc) {
				return swap(w, kind(w), o.ID, f)
			}
		}
		w.Fatal("the system has no such record")
		return nil
	}
}

func ofInterview(f func(*interview.Interview)) change {
	return ofOnly(func(w *world) *store.Kind[interview.Interview] { return w.c.Org.Impact.Interviews },
		func(w *world, d interview.Interview) bool { return d.System == w.system && !d.Open() }, f)
}

func ofAgreement(f func(*voice.Agreement)) change {
	return ofOnly(func(w *world) *store.Kind[voice.Agreement] { return w.c.Org.Agreements },
		func(w *world, d voice.Agreement) bool { return len(d.Systems) == 1 && d.Systems[0] == w.system }, f)
}

// graveFacts are the facts that TestAnySingleFact cannot try on systems that
// touch nobody.
var graveFacts = []graveFact{
	{"the agreement is not signed", permit.LapseAgreement, ofAgreement(func(a *voice.Agreement) { a.SignedAt = time.Time{} })},
	{"the agreement has ended", permit.LapseAgreementEnd, ofAgreement(func(a *voice.Agreement) {
		a.SignedAt, a.ValidUntil = time.Now().UTC().AddDate(0, -2, 0), time.Now().UTC().Add(-time.Minute)
	})},
	{"nobody is liable", permit.DemandPersons, ofProfile(func(p *profile.Profile) { p.Persons.Liable = "" })},
	{"nobody said what is fair", permit.DemandValues, ofProfile(func(p *profile.Profile) { p.Values.Fair = profile.Stance{} })},
	{"no intent", permit.DemandIntent, ofProfile(func(p *profile.Profile) { p.Intent = profile.Intent{} })},
	{"no degree of autonomy", permit.DemandAutonomy, ofProfile(func(p *profile.Profile) { p.Autonomy = profile.Autonomy{} })},
	{"no reason for the oversight of a decision", permit.DemandMode, ofProfile(func(p *profile.Profile) { p.Decisions[0].Reason = text.Bi{} })},
	{"rights in the results not checked", permit.DemandCopyright, ofProfile(func(p *profile.Profile) { p.Copyright.Output = profile.Clearance{} })},
	{"a red line is crossed", permit.DemandRedLine, ofProfile(func(p *profile.Profile) {
		for i := range p.Lines {
			p.Lines[i].State = profile.Yes
		}
		if len(p.Lines) == 0 {
			p.Lines = []profile.Line{{Line: "line.network", State: profile.Yes}}
		}
	})},
	{"the impact assessment has ended", permit.LapseAssessmentEnd, ofInterview(func(i *interview.Interview) {
		i.Began, i.Concluded, i.ValidUntil = time.Now().UTC().AddDate(-1, 0, -1), time.Now().UTC().AddDate(-1, 0, 0), time.Now().UTC().Add(-time.Minute)
	})},
	{"the impact assessment is not done", permit.LapseAssessment, ofInterview(func(i *interview.Interview) {
		for k := range i.Results {
			i.Results[k].Done = false
		}
	})},
	{"a red flag in the impact assessment", permit.LapseRedFlag, ofInterview(func(i *interview.Interview) {
		for k := range i.Results {
			i.Results[k].Done, i.Results[k].Flags = true, []interview.Step{{Say: text.Same("Rote Flagge")}}
		}
	})},
	{"the check for bias is too old", permit.DemandBias, ofOnly(func(w *world) *store.Kind[risk.Check] { return w.c.Org.Watch.Checks },
		func(w *world, d risk.Check) bool { return d.System == w.system && d.Subject == risk.Bias },
		func(c *risk.Check) {
			c.Date, c.Next = time.Now().UTC().AddDate(-2, 0, 0), time.Now().UTC().AddDate(-1, 0, 0)
		})},
	{"the model failed its acceptance", permit.DemandModelCheck, ofOnly(func(w *world) *store.Kind[data.ModelCheck] { return w.c.Org.Data.Checks },
		func(w *world, d data.ModelCheck) bool { return d.System == w.system },
		func(c *data.ModelCheck) {
			for i := range c.Items {
				c.Items[i].Measured = nil
			}
		})},
	{"the purpose is another than the class rests on", permit.DemandReclassify, ofSystem(func(s *inventory.System) { s.Purpose = text.Same("Leistung vergleichen") })},
	{"the class is unclear", permit.LapseClassUnclear, ofClass(func(c *classify.Classification) { c.Class = permit.ClassUnclear })},
}

// tryGrave changes each fact of a valid system on the long way by itself: before
// the change is acknowledged the runtime holds a suspended permit whose lapse
// names the clause; taking it back restores it.
func tryGrave(t *testing.T, c *Company, system string) {
	t.Helper()
	w := &world{T: t, c: c, system: system, b: &builder{ctx: store.WithActor(context.Background(), approve.House), c: c, o: Options{Now: time.Now}}}
	state := func() permit.Permit {
		p, _ := c.Org.Point.Permit(system)
		return p.At(time.Now())
	}
	if p := state(); p.State != permit.Valid {
		t.Fatalf("the permit is %s: %+v", p.State, p.Lapses)
	}
	for _, f := range graveFacts {
		undo := f.change(w)
		p := state()
		var codes []string
		named := false
		for _, l := range p.Lapses {
			codes = append(codes, l.Code)
			named = named || l.Code == f.code && len(l.Clauses) > 0 && len(l.LiftBy) > 0
		}
		if p.State == permit.Valid || !named {
			t.Errorf("%s: the permit is %s with %s, not %s", f.name, p.State, strings.Join(codes, ", "), f.code)
		}
		undo()
		if p := state(); p.State != permit.Valid {
			t.Fatalf("%s is as before, and the permit is %s: %+v", f.name, p.State, p.Lapses)
		}
	}
	t.Logf("%d facts of the long way", len(graveFacts))
}
