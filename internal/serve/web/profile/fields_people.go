package profile

import (
	"slices"
	"strconv"
	"time"

	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/serve/web/show"
)

// showIntent asks for the declaration of intent (requirements 002-40, 004-07).
func showIntent(v *view, f *former) {
	p := v.doc.Intent
	f.radio("intent.aim", "aim", string(p.Aim), profile.Aim("").Values())
	f.say("intent.statement", p.Statement)
	f.say("intent.follows", p.Follows)
	f.say("intent.hopes", p.Hopes)
	f.say("intent.wants", p.Wants)
	f.person("intent.by", p.By)
	f.date("intent.on", p.On)
}

func readIntent(in *reader, p *profile.Profile) {
	p.Intent.Aim = profile.Aim(in.one("intent.aim", profile.Aim("").Values()))
	in.say("intent.statement", &p.Intent.Statement)
	in.say("intent.follows", &p.Intent.Follows)
	in.say("intent.hopes", &p.Intent.Hopes)
	in.say("intent.wants", &p.Intent.Wants)
	p.Intent.By, p.Intent.On = in.line("intent.by"), in.date("intent.on")
}

// showAutonomy asks for the degree of automation, its reason and its limits
// (requirements 003-12, 004-08).
func showAutonomy(v *view, f *former) {
	f.radio("autonomy.degree", "degree", string(v.doc.Autonomy.Degree), profile.Degree("").Values())
	f.say("autonomy.reason", v.doc.Autonomy.Reason)
	f.list("autonomy.limits", v.doc.Autonomy.Limits)
}

func readAutonomy(in *reader, p *profile.Profile) {
	p.Autonomy.Degree = profile.Degree(in.one("autonomy.degree", profile.Degree("").Values()))
	in.say("autonomy.reason", &p.Autonomy.Reason)
	p.Autonomy.Limits = in.list("autonomy.limits", p.Autonomy.Limits)
}

// showDecisions asks for the oversight of each decision (requirement 001-56).
func showDecisions(v *view, f *former) {
	all := v.doc.Decisions
	for i := range f.rows("decisions", len(all), 20) {
		var d profile.Decision
		if i < len(all) {
			d = all[i]
		}
		at := "decisions." + strconv.Itoa(i) + "."
		f.heading(v.c.T("profile.decision", "n", i+1))
		f.line(at+"name", show.Say(v.c, d.Name))
		f.check(at+"people", d.People, v.c.T("profile.decision.people"))
		f.radio(at+"mode", "mode", string(d.Mode), inventory.Oversight("").Values())
		f.say(at+"reason", d.Reason)
		f.person(at+"person", d.Person)
	}
}

func readDecisions(in *reader, p *profile.Profile) {
	was := p.Decisions
	p.Decisions = nil
	in.rows("decisions", []string{"name", "mode", "reason", "person"}, func(at string) {
		var d profile.Decision
		if i := len(p.Decisions); i < len(was) {
			d = was[i] // with its translation, where the row stayed
		}
		in.say(at+"name", &d.Name)
		in.say(at+"reason", &d.Reason)
		d.People = in.line(at+"people") == "yes"
		d.Mode = inventory.Oversight(in.one(at+"mode", inventory.Oversight("").Values()))
		d.Person = in.line(at + "person")
		p.Decisions = append(p.Decisions, d)
	})
}

// showAutomated asks whether the system decides about people alone, and then the
// questions of GDPR Art. 22 (requirement 003-74).
func showAutomated(v *view, f *former) {
	f.tri("automated.applies", v.doc.Automated.Applies)
	if !v.checked.Alone {
		f.note(v.c.T("profile.automated.later"))
		return
	}
	settled, good, all := v.lists.Article22Check(v.doc)
	if settled {
		f.note(v.c.T("profile.automated.settled"))
	} else {
		f.warn(v.c.T("profile.automated.open", "good", good, "all", all), "gdpr.22")
	}
	for _, q := range v.lists.Article22 {
		f.question("automated", q, v.doc.Automated.Items, profile.Tri("").Values())
	}
}

func readAutomated(in *reader, p *profile.Profile) {
	p.Automated.Applies = in.tri("automated.applies")
	var asked = in.lists.Article22
	asked = slices.DeleteFunc(slices.Clone(asked), func(q clause) bool { return !in.in.Has("automated/" + q.ID + "/say") })
	p.Automated.Items = in.items("automated", asked, p.Automated.Items)
}

// showPersons asks for the three named persons (requirement 004-22).
func showPersons(v *view, f *former) {
	f.person("persons.decides", v.doc.Persons.Decides)
	f.person("persons.checks", v.doc.Persons.Checks)
	f.person("persons.liable", v.doc.Persons.Liable)
	if v.doc.Persons.SelfChecking() {
		f.warn(v.c.T("profile.persons.same"), "iso42001.A.3.2")
	}
}

func readPersons(in *reader, p *profile.Profile) {
	p.Persons = profile.Persons{Decides: in.line("persons.decides"), Checks: in.line("persons.checks"), Liable: in.line("persons.liable")}
}

// showValues asks for the three answers before approval (requirement 004-04).
func showValues(v *view, f *former) {
	for _, x := range []struct {
		name string
		s    profile.Stance
	}{{"values.fair", v.doc.Values.Fair}, {"values.open", v.doc.Values.Open}, {"values.held", v.doc.Values.Held}} {
		f.heading(v.c.T("profile." + x.name))
		f.say(x.name+".say", x.s.Say)
		f.person(x.name+".by", x.s.By)
		f.date(x.name+".on", x.s.On)
	}
}

func readValues(in *reader, p *profile.Profile) {
	for name, s := range map[string]*profile.Stance{"values.fair": &p.Values.Fair, "values.open": &p.Values.Open, "values.held": &p.Values.Held} {
		in.say(name+".say", &s.Say)
		s.By, s.On = in.line(name+".by"), in.date(name+".on")
	}
}

// showWeighing sets chances against dangers (requirement 003-05).
func showWeighing(v *view, f *former) {
	w := v.doc.Weighing
	f.list("weighing.chances", w.Chances)
	f.list("weighing.dangers", w.Dangers)
	f.note(v.c.T("profile.weighing.count", "chances", len(w.Chances), "dangers", len(w.Dangers)))
	f.check("weighing.complete", w.Complete, v.c.T("profile.weighing.complete"))
}

func readWeighing(in *reader, p *profile.Profile) {
	p.Weighing.Chances = in.list("weighing.chances", p.Weighing.Chances)
	p.Weighing.Dangers = in.list("weighing.dangers", p.Weighing.Dangers)
	p.Weighing.Complete = in.line("weighing.complete") == "yes"
}

// showSheet asks for possibilities and limits (requirement 002-08).
func showSheet(v *view, f *former) {
	f.list("sheet.can", v.doc.Sheet.Can)
	f.list("sheet.cannot", v.doc.Sheet.Cannot)
	f.list("sheet.errors", v.doc.Sheet.Errors)
}

func readSheet(in *reader, p *profile.Profile) {
	p.Sheet = profile.Sheet{Can: in.list("sheet.can", p.Sheet.Can), Cannot: in.list("sheet.cannot", p.Sheet.Cannot), Errors: in.list("sheet.errors", p.Sheet.Errors)}
}

// showEstimate asks the three questions of the first estimate (000-27).
func showEstimate(v *view, f *former) {
	e := v.doc.Estimate
	f.radio("estimate.bias", "level", string(e.Bias), profile.Level("").Values())
	f.radio("estimate.privacy", "level", string(e.Privacy), profile.Level("").Values())
	f.radio("estimate.security", "level", string(e.Security), profile.Level("").Values())
	if e.Complete() {
		f.note(v.estimated())
	}
}

// estimated is the result of the quick estimate in words.
func (v *view) estimated() string {
	e := v.doc.Estimate
	if first := e.First(); len(first) > 0 {
		words := make([]string, len(first))
		for i, name := range first {
			words[i] = v.c.T("profile.estimated." + name)
		}
		return v.c.T("profile.estimated."+string(e.Worst()), "list", show.List(v.c, words))
	}
	return v.c.T("profile.estimated.low")
}

func readEstimate(in *reader, p *profile.Profile) {
	level := func(name string) profile.Level {
		return profile.Level(in.one(name, profile.Level("").Values()))
	}
	was := p.Estimate
	p.Estimate = profile.Estimate{Bias: level("estimate.bias"), Privacy: level("estimate.privacy"), Security: level("estimate.security"), On: was.On}
	if was.Bias != p.Estimate.Bias || was.Privacy != p.Estimate.Privacy || was.Security != p.Estimate.Security || was.On.IsZero() {
		p.Estimate.On = today(in.now)
	}
}

// today is a day as date fields hold it.
func today(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }
