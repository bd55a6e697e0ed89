package profile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"augenmass/internal/govern/classify"
	"augenmass/internal/govern/control"
	"augenmass/internal/govern/duty"
	"augenmass/internal/govern/governtest"
	"augenmass/internal/govern/inventory"
	"augenmass/internal/govern/profile"
	"augenmass/internal/govern/stand"
	"augenmass/internal/permit"
	"augenmass/internal/problem"
	"augenmass/internal/record/packs"
	"augenmass/internal/record/store"
	"augenmass/internal/text"
)

func bi(s string) text.Bi { return text.Bi{DE: s, EN: s} }

var day = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// lists are the shipped lists.
func lists(t testing.TB) profile.Lists { return profile.ListsOf(governtest.Library(t)) }

// house is a house with the room; its source has a say in permits.
func house(t *testing.T) (*governtest.House, *profile.Room) {
	t.Helper()
	lib := governtest.Library(t)
	cls := classify.New(lib, time.Now)
	r := profile.New(func() *packs.Library { return lib }, cls.Judge, func() time.Time { return governtest.Start })
	h := governtest.OpenWith(t, governtest.With{Kinds: append(r.Kinds(), control.EvidenceKind()), Sources: []stand.Source{r}})
	r.Open(h.DB, nil)
	return h, r
}

// subject is a system as a room is asked about it.
func subject(change func(*inventory.System), cls *classify.Classification) stand.Subject {
	s := stand.Subject{Now: governtest.Start}
	s.System.ID, s.System.Doc = "sys_1", inventory.System{Name: "x", RoleOfAI: "service", Oversee: inventory.Oversee{Mode: "in_the_loop"}}
	if change != nil {
		change(&s.System.Doc)
	}
	if cls != nil {
		s.Classification = &store.Object[classify.Classification]{Doc: *cls}
	}
	return s
}

// full is a profile with which nothing is missing.
func full(l profile.Lists) profile.Profile {
	p := profile.Profile{System: "sys_1",
		Intent:    profile.Intent{Aim: profile.Assist, Statement: bi("Es hilft."), By: "usr_1", On: day},
		Autonomy:  profile.Autonomy{Degree: profile.Proposes, Reason: bi("weil"), Limits: []text.Bi{bi("bis 500 Euro")}},
		Decisions: []profile.Decision{{Name: bi("Freigabe"), Mode: "in_the_loop", Reason: bi("weil"), Person: "usr_1"}},
		Persons:   profile.Persons{Decides: "usr_1", Checks: "usr_2", Liable: "usr_3"},
		Automated: profile.Automated{Applies: profile.No},
	}
	s := profile.Stance{Say: bi("so"), By: "usr_1", On: day}
	p.Values = profile.Values{Fair: s, Open: s, Held: s}
	c := profile.Clearance{Cleared: profile.Yes, Say: bi("Vertrag"), By: "usr_1", On: day}
	p.Copyright = profile.Copyright{Input: c, Output: c}
	return p
}

// unmet are the codes that a permit misses.
func unmet(t *testing.T, r *profile.Room, s stand.Subject, p profile.Profile) []string {
	t.Helper()
	o := store.Object[profile.Profile]{Doc: p}
	o.ID = "pro_1"
	c, err := r.Check(s, o)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range c.Demands {
		if !d.Met {
			out = append(out, d.Code)
		}
	}
	slices.Sort(out)
	return out
}

func room(t *testing.T) *profile.Room {
	lib := governtest.Library(t)
	return profile.New(func() *packs.Library { return lib }, classify.New(lib, time.Now).Judge, func() time.Time { return governtest.Start })
}

// Of a system on which much depends each of six things is demanded, and each
// goes missing by itself (001-56, 002-40, 002-42, 002-61, 003-12, 004-04,
// 004-07, 004-08, 004-22); of another one nothing is.
func TestWhatAPermitNeeds(t *testing.T) {
	r := room(t)
	grave := subject(func(s *inventory.System) { s.People = true }, nil)
	if got := unmet(t, r, grave, full(r.Lists())); len(got) != 0 {
		t.Fatalf("a full profile misses %v", got)
	}
	if got := unmet(t, r, subject(nil, nil), profile.Profile{}); len(got) != 0 {
		t.Errorf("of a small system are demanded %v", got)
	}
	if got := unmet(t, r, grave, profile.Profile{}); len(got) != 6 {
		t.Errorf("without a profile are missing %v", got)
	}
	for name, c := range map[string]struct {
		change func(*profile.Profile)
		want   string
	}{
		"no aim":                   {func(p *profile.Profile) { p.Intent.Aim = "" }, permit.DemandIntent},
		"no statement":             {func(p *profile.Profile) { p.Intent.Statement = text.Bi{} }, permit.DemandIntent},
		"nobody declares it":       {func(p *profile.Profile) { p.Intent.By = "" }, permit.DemandIntent},
		"no reason":                {func(p *profile.Profile) { p.Autonomy.Reason = text.Bi{} }, permit.DemandAutonomy},
		"acts without limits":      {func(p *profile.Profile) { p.Autonomy.Degree, p.Autonomy.Limits = profile.Acts, nil }, permit.DemandAutonomy},
		"nobody decides":           {func(p *profile.Profile) { p.Persons.Decides = "" }, permit.DemandPersons},
		"nobody checks":            {func(p *profile.Profile) { p.Persons.Checks = "" }, permit.DemandPersons},
		"nobody is liable":         {func(p *profile.Profile) { p.Persons.Liable = "" }, permit.DemandPersons},
		"fair without a name":      {func(p *profile.Profile) { p.Values.Fair.By = "" }, permit.DemandValues},
		"values without a day":     {func(p *profile.Profile) { p.Values.Held.On = time.Time{} }, permit.DemandValues},
		"no answer":                {func(p *profile.Profile) { p.Values.Open.Say = text.Bi{} }, permit.DemandValues},
		"no decision":              {func(p *profile.Profile) { p.Decisions = nil }, permit.DemandMode},
		"mode without reason":      {func(p *profile.Profile) { p.Decisions[0].Reason = text.Bi{} }, permit.DemandMode},
		"mode without person":      {func(p *profile.Profile) { p.Decisions[0].Person = "" }, permit.DemandMode},
		"alone not answered":       {func(p *profile.Profile) { p.Automated.Applies = profile.Unknown }, permit.DemandMode},
		"input not cleared":        {func(p *profile.Profile) { p.Copyright.Input.Cleared = profile.Unknown }, permit.DemandCopyright},
		"result not cleared":       {func(p *profile.Profile) { p.Copyright.Output.Cleared = profile.No }, permit.DemandCopyright},
		"a check nobody stands by": {func(p *profile.Profile) { p.Copyright.Output.By = "" }, permit.DemandCopyright},
	} {
		p := full(r.Lists())
		c.change(&p)
		if got := unmet(t, r, grave, p); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: missing %v, want %s", name, got, c.want)
		}
	}
	noRole := subject(func(s *inventory.System) { s.People, s.RoleOfAI = true, "" }, nil)
	if got := unmet(t, r, noRole, full(r.Lists())); !slices.Equal(got, []string{permit.DemandIntent}) {
		t.Errorf("without the role of the AI: %v", got)
	}
}

// A red line that is switched on is a lapse of its own, also of a small system,
// named with its clauses; every line of the list does it (003-46).
func TestRedLines(t *testing.T) {
	r := room(t)
	if len(r.Lists().Lines) < 5 {
		t.Fatalf("%d red lines", len(r.Lists().Lines))
	}
	for _, id := range []string{"line.network", "line.quitting", "line.scoring", "line.emotion"} {
		if _, ok := profile.Find(r.Lists().Lines, id); !ok {
			t.Errorf("%s is no red line", id)
		}
	}
	for _, line := range r.Lists().Lines {
		for _, state := range []profile.Tri{profile.Yes, profile.No, profile.Unknown} {
			got := unmet(t, r, subject(nil, nil), profile.Profile{Lines: []profile.Line{{Line: line.ID, State: state}}})
			if want := state == profile.Yes; slices.Contains(got, permit.DemandRedLine) != want {
				t.Errorf("%s %s: missing %v", line.ID, state, got)
			}
		}
	}
	c, err := r.Check(subject(nil, nil), store.Object[profile.Profile]{Doc: profile.Profile{Lines: []profile.Line{{Line: "line.quitting", State: profile.Yes, Since: day}}}})
	if err != nil {
		t.Fatal(err)
	}
	d := c.Demands[0]
	if !d.Since.Equal(day) || d.Clauses[0] != "line.quitting" || !slices.Contains(d.Clauses, "betrvg.75.2") || !strings.Contains(d.Detail.DE, "Kündigungen") {
		t.Errorf("%+v", d)
	}
	// What is inferred can be a red line itself; a line that no list knows any more stays one.
	if got := unmet(t, r, subject(nil, nil), profile.Profile{Inferred: []profile.Inference{{Kind: "infers.leaving"}}}); !slices.Equal(got, []string{permit.DemandRedLine}) {
		t.Errorf("inferring who quits: %v", got)
	}
	if got := unmet(t, r, subject(nil, nil), profile.Profile{Lines: []profile.Line{{Line: "own.line.gone", State: profile.Yes}}}); !slices.Equal(got, []string{permit.DemandRedLine}) {
		t.Errorf("a line of a pack that is gone: %v", got)
	}
}

// A decision about people without a human starts the questions of GDPR Art. 22,
// whoever says that it is one; they are settled when all are, or when there is no
// such effect (003-74).
func TestAutomatedDecision(t *testing.T) {
	r := room(t)
	l := r.Lists()
	answers := func(effect profile.Tri, rest profile.Tri) []profile.Item {
		var out []profile.Item
		for _, q := range l.Article22 {
			a := rest
			if q.ID == "art22.effect" {
				a = effect
			}
			out = append(out, profile.Item{Item: q.ID, Answer: a})
		}
		return out
	}
	said := profile.Profile{Automated: profile.Automated{Applies: profile.Yes}}
	byMode := profile.Profile{Decisions: []profile.Decision{{Name: bi("Zuteilung"), People: true, Mode: "none", Reason: bi("weil")}}}
	none := subject(func(s *inventory.System) { s.People, s.Oversee.Mode = true, "none" }, nil)
	for name, c := range map[string]struct {
		s     stand.Subject
		p     profile.Profile
		items []profile.Item
		want  bool
	}{
		"said, unanswered":               {subject(nil, nil), said, nil, true},
		"by the mode of a decision":      {subject(nil, nil), byMode, nil, true},
		"by the mode of the system":      {none, profile.Profile{}, nil, true},
		"all as they must be":            {subject(nil, nil), said, answers(profile.Yes, profile.Yes), false},
		"no such effect":                 {subject(nil, nil), said, answers(profile.No, ""), false},
		"one is not known":               {subject(nil, nil), said, append(answers(profile.Yes, profile.Yes)[1:], profile.Item{Item: "art22.effect", Answer: profile.Unknown}), true},
		"no human can step in":           {subject(nil, nil), said, answers(profile.Yes, profile.No), true},
		"about machines without anybody": {subject(nil, nil), profile.Profile{Decisions: []profile.Decision{{Name: bi("Sortieren"), Mode: "none"}}}, nil, false},
	} {
		c.p.Automated.Items = c.items
		if got := slices.Contains(unmet(t, r, c.s, c.p), permit.DemandAutomated); got != c.want {
			t.Errorf("%s: demanded %v", name, got)
		}
	}
}

// Who owes a notice proves it with text, place, day and evidence; who owes none
// is asked for none (001-45).
func TestNotices(t *testing.T) {
	r := room(t)
	cls := func(role string, answers ...classify.Answer) *classify.Classification {
		return &classify.Classification{Role: role, Class: permit.ClassLimited, Verdict: "ai_system", AsOf: day,
			Answers: append([]classify.Answer{{Fact: "practices", Values: []string{classify.None}}, {Fact: "areas", Values: []string{classify.None}}, {Fact: "product", Values: []string{"none"}}}, answers...)}
	}
	outputs := func(values ...string) classify.Answer { return classify.Answer{Fact: "outputs", Values: values} }
	no := func(fact string) classify.Answer { return classify.Answer{Fact: fact, Values: []string{"no"}} }
	proven := profile.Notice{Kind: "notice.deepfake", Text: bi("künstlich"), Place: bi("im Bild"), Shown: day, Evidence: "evi_1"}
	part := func(change func(*profile.Notice)) profile.Profile {
		n := proven
		change(&n)
		return profile.Profile{Notices: []profile.Notice{n}}
	}
	for name, c := range map[string]struct {
		cls  *classify.Classification
		p    profile.Profile
		want bool
	}{
		"a deep fake without notice": {cls("deployer", outputs("deepfake")), profile.Profile{}, true},
		"proven":                     {cls("deployer", outputs("deepfake")), profile.Profile{Notices: []profile.Notice{proven}}, false},
		"no place":                   {cls("deployer", outputs("deepfake")), part(func(n *profile.Notice) { n.Place = text.Bi{} }), true},
		"no proof":                   {cls("deployer", outputs("deepfake")), part(func(n *profile.Notice) { n.Evidence = "" }), true},
		"no day":                     {cls("deployer", outputs("deepfake")), part(func(n *profile.Notice) { n.Shown = time.Time{} }), true},
		"another notice":             {cls("deployer", outputs("deepfake")), part(func(n *profile.Notice) { n.Kind = "notice.chat" }), true},
		"a bought chat":              {cls("deployer", outputs("chat"), no("obvious")), profile.Profile{}, false},
		"a chat of our own":          {cls("provider", outputs("chat"), no("obvious")), profile.Profile{}, true},
		"nothing of the kind":        {cls("deployer", outputs(classify.None)), profile.Profile{}, false},
		"not classified":             {nil, profile.Profile{}, false},
	} {
		if got := slices.Contains(unmet(t, r, subject(nil, c.cls), c.p), permit.DemandNotice); got != c.want {
			t.Errorf("%s: demanded %v", name, got)
		}
	}
}

// The generator puts the names into every notice, in both languages (001-45).
func TestEveryNoticeIsWritten(t *testing.T) {
	l := lists(t)
	if len(l.Notices) < 5 {
		t.Fatalf("%d notices", len(l.Notices))
	}
	for _, n := range l.Notices {
		b := profile.Write(n, "Fräslinie", "Werk", text.Bi{DE: "Meister", EN: "Foreman"})
		for _, s := range []string{b.DE, b.EN} {
			if s == "" || strings.Contains(s, "{{") || !strings.Contains(s, "Fräslinie") || !strings.Contains(s, "Werk") {
				t.Errorf("%s: %q", n.ID, s)
			}
		}
	}
}

// One answer decides which questions count; hidden answers are kept and never
// counted, trade secrets stay (002-67).
func TestPersonalDataDecides(t *testing.T) {
	l := lists(t)
	d := profile.Data{Personal: profile.Yes}
	for _, q := range slices.Concat(l.Privacy, l.Secrets) {
		d.Items = append(d.Items, profile.Item{Item: q.ID, Answer: profile.Yes})
	}
	yes, answered, all := l.Count(d)
	if all != len(l.Privacy)+len(l.Secrets) || yes != all || answered != all || len(l.Privacy) == 0 || len(l.Secrets) == 0 {
		t.Fatalf("with personal data: %d yes, %d answered of %d", yes, answered, all)
	}
	d.Personal = profile.No
	if yes, _, all = l.Count(d); all != len(l.Secrets) || yes != all {
		t.Errorf("without: %d of %d", yes, all)
	}
	d.Personal = profile.Unknown
	if _, _, all = l.Count(d); all != len(l.Privacy)+len(l.Secrets) {
		t.Errorf("unknown counts %d questions", all)
	}
	for _, q := range l.Questions(profile.Data{Personal: profile.No}) {
		if q.Group != "secrets" {
			t.Errorf("%s is asked without personal data", q.ID)
		}
	}
}

// Health, union and orientation are specially protected, an unknown kind counts
// as such (003-09).
func TestSensitiveInference(t *testing.T) {
	l := lists(t)
	for kind, want := range map[string]bool{"infers.health": true, "infers.union": true, "infers.orientation": true, "infers.performance": false, "own.gone": true} {
		if l.Sensitive(kind) != want {
			t.Errorf("%s is sensitive: %v", kind, !want)
		}
	}
	r := room(t)
	c, err := r.Check(subject(nil, nil), store.Object[profile.Profile]{Doc: profile.Profile{Inferred: []profile.Inference{{Kind: "infers.health"}, {Kind: "infers.performance"}}}})
	if err != nil || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].DE, "Gesundheit") {
		t.Errorf("%v %v", c.Warnings, err)
	}
}

// Voluntary practice is never demanded, whatever the class (001-46); an estimate
// never either (000-27).
func TestVoluntaryStaysVoluntary(t *testing.T) {
	r := room(t)
	minimal := subject(nil, &classify.Classification{Class: permit.ClassMinimal, AsOf: day})
	for _, p := range []profile.Profile{{}, {Estimate: profile.Estimate{Bias: profile.High, Privacy: profile.High, Security: profile.High}}} {
		if got := unmet(t, r, minimal, p); len(got) != 0 {
			t.Errorf("%v is demanded", got)
		}
	}
	if len(r.Lists().Practices) < 5 {
		t.Errorf("%d practices", len(r.Lists().Practices))
	}
}

// Three questions give a result: where to look first (000-27).
func TestQuickEstimate(t *testing.T) {
	for _, c := range []struct {
		e     profile.Estimate
		worst profile.Level
		first string
	}{
		{profile.Estimate{}, "", ""},
		{profile.Estimate{Bias: profile.Low, Privacy: profile.Low}, "", ""},
		{profile.Estimate{Bias: profile.Low, Privacy: profile.Low, Security: profile.Low}, profile.Low, ""},
		{profile.Estimate{Bias: profile.Some, Privacy: profile.Low, Security: profile.High}, profile.High, "security bias"},
		{profile.Estimate{Bias: profile.Low, Privacy: profile.Open, Security: profile.Some}, profile.High, "privacy security"},
		{profile.Estimate{Bias: profile.Some, Privacy: profile.Some, Security: profile.Low}, profile.Some, "bias privacy"},
	} {
		if c.e.Worst() != c.worst || strings.Join(c.e.First(), " ") != c.first {
			t.Errorf("%+v: %q, %v", c.e, c.e.Worst(), c.e.First())
		}
	}
}

// What contradicts itself is refused with its field; an empty profile is none.
// 003-05: what is called complete has as many dangers as chances. 003-20: a
// measured value has its day, a forecast its source.
func TestWhatAProfileMaySay(t *testing.T) {
	two, one := []text.Bi{bi("a"), bi("b")}, []text.Bi{bi("a")}
	seventy := 70.0
	for name, c := range map[string]struct {
		p    profile.Profile
		want string
	}{
		"nothing yet":                {profile.Profile{}, ""},
		"full":                       {full(profile.Lists{}), ""},
		"unequal, in the making":     {profile.Profile{Weighing: profile.Weighing{Chances: two, Dangers: one}}, ""},
		"unequal and complete":       {profile.Profile{Weighing: profile.Weighing{Chances: two, Dangers: one, Complete: true}}, "weighing.complete"},
		"empty and complete":         {profile.Profile{Weighing: profile.Weighing{Complete: true}}, "weighing.complete"},
		"equal and complete":         {profile.Profile{Weighing: profile.Weighing{Chances: two, Dangers: two, Complete: true}}, ""},
		"replaces and says no more":  {profile.Profile{Intent: profile.Intent{Aim: profile.Replace}}, "intent.follows"},
		"a degree without reason":    {profile.Profile{Autonomy: profile.Autonomy{Degree: profile.Informs}}, "autonomy.reason"},
		"acts without limits":        {profile.Profile{Autonomy: profile.Autonomy{Degree: profile.Alone, Reason: bi("weil")}}, "autonomy.limits"},
		"a forecast of nobody":       {profile.Profile{Claims: []profile.Claim{{What: bi("Zeit"), Forecast: 70}}}, "claims.0.source"},
		"measured without a day":     {profile.Profile{Claims: []profile.Claim{{What: bi("Zeit"), Source: "Anbieter", Forecast: 70, Actual: &seventy}}}, "claims.0.measured"},
		"a day without measurement":  {profile.Profile{Claims: []profile.Claim{{What: bi("Zeit"), Source: "Anbieter", Forecast: 70, Measured: day}}}, "claims.0.measured"},
		"forecast and measured":      {profile.Profile{Claims: []profile.Claim{{What: bi("Zeit"), Source: "Anbieter", Forecast: 70, Actual: &seventy, Measured: day}}}, ""},
		"a notice shown nowhere":     {profile.Profile{Notices: []profile.Notice{{Kind: "notice.chat", Shown: day}}}, "notices.0.place"},
		"a line twice":               {profile.Profile{Lines: []profile.Line{{Line: "line.network"}, {Line: "line.network"}}}, "lines.1.line"},
		"a decision without a name":  {profile.Profile{Decisions: []profile.Decision{{Mode: "none"}}}, "decisions.0.name"},
		"inferred without saying it": {profile.Profile{Inferred: []profile.Inference{{From: bi("Logins")}}}, "inferred.0.kind"},
	} {
		err := c.p.Validate()
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var p *problem.Problem
		if c.want != "" && (!errors.As(err, &p) || !slices.ContainsFunc(p.Fields, func(f problem.Field) bool { return f.Path == c.want })) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A system that decides about people has no role to be given, by any way in
// (002-42).
func TestDeciderIsNoRole(t *testing.T) {
	h, _ := house(t)
	if slices.Contains(inventory.RoleOfAI("").Values(), "decider") || len(inventory.RoleOfAI("").Values()) != 6 {
		t.Errorf("roles of AI: %v", inventory.RoleOfAI("").Values())
	}
	ctx := h.As("ai_officer")
	err := h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := h.Inventory.Systems.Create(ctx, tx, inventory.System{Name: "x", RoleOfAI: "decider"})
		return err
	})
	if !problem.Is(err, problem.BadInput) {
		t.Errorf("%v", err)
	}
}

// A person who leaves leaves one open task for each system that names them, not
// for retired ones, and not twice (001-51).
func TestWhoLeavesHandsOver(t *testing.T) {
	h, r := house(t)
	left, stays := h.People["shift_lead"].ID, h.People["director"].ID
	system := func(name, owner string, stage inventory.LifeCycle) string {
		ctx := inventory.TakeOver(h.As("ai_officer"))
		var id string
		h.Must(h.DB.Write(ctx, func(tx *store.Tx) error {
			o, err := h.Inventory.Systems.Create(ctx, tx, inventory.System{Name: name, RiskOwner: owner, LifeCycle: stage})
			id = o.ID
			return err
		}))
		return id
	}
	owned := system("Fräse", left, inventory.Idea)
	named := system("Kamera", stays, inventory.Idea)
	system("Alt", left, inventory.Retired)
	system("Fremd", stays, inventory.Idea)
	_, err := r.Save(h.As("ai_officer"), named, 0, func(p *profile.Profile) { p.Persons.Checks = left })
	h.Must(err)
	for range 2 {
		h.Must(r.Left(h.As(""), left))
	}
	tasks, err := duty.Tasks().All(h.As(""), h.DB, store.Query{Filters: []store.Filter{store.Where("cause", "=", string(duty.ByLeaving))}})
	h.Must(err)
	got := map[string]string{}
	for _, o := range tasks {
		if o.Doc.From != left || !o.Doc.Open() || !o.Doc.Called.Complete() || o.Doc.Due.IsZero() {
			t.Errorf("%+v", o.Doc)
		}
		got[o.Doc.Systems[0]] = o.Doc.Say.DE
	}
	if len(tasks) != 2 || !strings.Contains(got[owned], "verantwortet das Risiko") || !strings.Contains(got[named], "prüft die Wirkung") {
		t.Errorf("%d tasks: %v", len(tasks), got)
	}
}

// A permit falls with a red line and comes back without it; what is saved keeps
// the day on which it was switched on (003-46). The approval itself stays as long
// as what was approved does.
func TestAPermitFallsWithARedLine(t *testing.T) {
	h, r := house(t)
	s := h.Permitted("Fräse")
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Fatalf("%s %v", p.State, p.Lapses)
	}
	o, err := r.Save(h.As("ai_officer"), s.ID, 0, func(p *profile.Profile) { p.Lines = []profile.Line{{Line: "line.scoring", State: profile.Yes}} })
	h.Must(err)
	if !o.Doc.Lines[0].Since.Equal(governtest.Start) {
		t.Errorf("since %v", o.Doc.Lines[0].Since)
	}
	p := h.Told(s.ID)
	if p.State != permit.Suspended || p.Lapses[0].Code != permit.DemandRedLine || !slices.Contains(p.Lapses[0].Clauses, "aia.art5.1.c") {
		t.Errorf("%s %+v", p.State, p.Lapses)
	}
	d, _ := h.Dossier(s.ID)
	d.Approvals = nil // nobody approved yet
	var refused *problem.Problem
	if err := h.Approve.MayGive(d, h.People["director"], "director"); !errors.As(err, &refused) || refused.Kind != problem.Denied || refused.Reasons[0].Code != permit.DemandRedLine {
		t.Errorf("it can be approved: %v", err)
	}
	_, err = r.Save(h.As("ai_officer"), s.ID, o.Revision, func(p *profile.Profile) { p.Lines[0].State = profile.No })
	h.Must(err)
	d, _ = h.Dossier(s.ID)
	d.Approvals = nil
	h.Must(h.Approve.MayGive(d, h.People["director"], "director"))
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("switched off: %s %v", p.State, p.Lapses)
	}
	if _, err := r.Save(h.As("ai_officer"), s.ID, 0, func(*profile.Profile) {}); !problem.Is(err, problem.Conflict) {
		t.Errorf("made twice: %v", err)
	}
}

// What is voluntary, measured later or a proof costs no approval; what is decided
// does, where much depends on it.
func TestWhatIsSeen(t *testing.T) {
	h, r := house(t)
	s := h.Permitted("Fräse")
	o, err := r.Save(h.As("ai_officer"), s.ID, 0, func(p *profile.Profile) {
		*p = full(r.Lists())
		p.System = s.ID
		p.Intent.By, p.Decisions[0].Person, p.Persons = "", "", profile.Persons{}
		p.Values, p.Copyright = profile.Values{}, profile.Copyright{}
		p.Estimate = profile.Estimate{Bias: profile.High}
		p.Practices = []profile.Practice{{Practice: "practice.notice", Since: day}}
	})
	h.Must(err)
	if p := h.Told(s.ID); p.State != permit.Valid {
		t.Errorf("a small system lost its permit: %v", p.Lapses)
	}
	subj := subject(func(x *inventory.System) { x.People = true }, nil)
	subj.System.ID = s.ID
	first, err := r.Says(h.As(""), h.DB, subj)
	h.Must(err)
	if first.Seen == nil || len(first.Conditions) != 0 {
		t.Errorf("%+v", first)
	}
	_, err = r.Save(h.As("ai_officer"), s.ID, o.Revision, func(p *profile.Profile) { p.Decisions[0].Person = h.People["director"].ID })
	h.Must(err)
	then, err := r.Says(h.As(""), h.DB, subj)
	h.Must(err)
	if len(then.Conditions) != 1 || then.Conditions[0].Kind != permit.CondDecision || !slices.Contains(then.Conditions[0].Allowed, h.People["director"].ID) {
		t.Errorf("conditions %+v", then.Conditions)
	}
}
